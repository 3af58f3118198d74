"""Every permission, role, membership, organisation and state of a case, against the rulings."""

from itertools import combinations, product

from tests.readers import GRANTED, SHOWS, TODAY, Reader, Standing, Told, entitled, readers
from transition.rules.access import CaseAccess, CaseFacts, Permission, access_to, may
from transition.rules.handovers import HandoverState
from transition.rules.people import Role, actor_of

ORGANISATIONS = ("naomi", "rowans", "oakhaven")
"""Whose case it is, to whom it went, and who has no part."""

ALONE = [(role,) for role in Role]
TOGETHER = list(combinations(Role, 2))

ONE_HANDOVER = [(), *(((("rowans", how),)) for how in HandoverState)]
TWO_HANDOVERS = list(product(product(("rowans", "oakhaven"), HandoverState), repeat=2))


def seen(reader: Reader, case: Told) -> tuple[frozenset[Permission], CaseAccess]:
    """Return what the rules let a reader do, and see of a case."""
    actor = actor_of(b"1", "Lena", reader.memberships(TODAY), TODAY)
    if actor is None:
        return frozenset(), CaseAccess.NOTHING
    facts = CaseFacts(case.organisation, case.handovers, anew=case.anew, denied=reader.denied)
    done = frozenset(one for one in Permission if may(actor.roles, one))
    return done, access_to(actor, facts, named=reader.named)


def test_every_permission_and_every_state_of_a_handover_has_its_words() -> None:
    assert {*GRANTED} == {*Permission}
    assert {*SHOWS} == {*HandoverState}


def test_each_reader_may_do_and_see_of_each_case_what_the_rulings_say() -> None:
    cases = [Told(handovers=had, anew=anew) for had in ONE_HANDOVER for anew in (False, True)]
    everybody = list(readers(ALONE, ORGANISATIONS, list(Standing)))
    outcomes = {CaseAccess.NOTHING: 0, CaseAccess.FULL: 0}
    for reader in everybody:
        done = frozenset(one for one in Permission if reader.may(one))
        for case in cases:
            expected = done, entitled(reader, case)
            assert seen(reader, case) == expected, (reader, case)
            outcomes[expected[1]] = outcomes.get(expected[1], 0) + 1
    assert {*outcomes} == {*CaseAccess}
    assert all(outcomes.values())


def test_of_two_handovers_each_reader_sees_what_the_rulings_say() -> None:
    cases = [Told(handovers=had, anew=anew) for had in TWO_HANDOVERS for anew in (False, True)]
    for reader in readers(ALONE, ORGANISATIONS, [Standing.ACTIVE]):
        for case in cases:
            assert seen_of(reader, case) is entitled(reader, case), (reader, case)


def seen_of(reader: Reader, case: Told) -> CaseAccess:
    """Return what the rules let somebody who is active see of a case."""
    actor = actor_of(b"1", "Lena", reader.memberships(TODAY), TODAY)
    assert actor is not None
    facts = CaseFacts(case.organisation, case.handovers, anew=case.anew, denied=reader.denied)
    return access_to(actor, facts, named=reader.named)


def test_who_holds_two_roles_may_do_what_either_may_and_stands_on_one_side_or_none() -> None:
    cases = [Told(handovers=had) for had in ONE_HANDOVER]
    for reader in readers(TOGETHER, ORGANISATIONS, [Standing.ACTIVE]):
        done = frozenset(one for one in Permission if reader.may(one))
        for case in cases:
            assert seen(reader, case) == (done, entitled(reader, case)), (reader, case)


def test_a_role_that_no_longer_counts_takes_nothing_from_one_elsewhere_that_does() -> None:
    for standing in Standing:
        lapsed = Reader("naomi", (Role.CHILDRENS_LEAD,), standing)
        lasting = Reader("rowans", (Role.ADULT_LEAD,))
        held = [*lapsed.memberships(TODAY), *lasting.memberships(TODAY)]
        actor = actor_of(b"1", "Lena", held, TODAY)
        assert actor is not None
        counts = lapsed if standing is Standing.ACTIVE else lasting
        assert (actor.organisation, actor.roles) == (counts.organisation, frozenset(counts.roles))

"""Killed with -9 at any statement: what was kept is there whole, the rest not at all."""

from typing import Final

import pytest
from sqlalchemy import select, update

from tests.builders import ASKED, SWITCHED_AT, on_both, ready_case, staff_of
from tests.databases import FIXED
from tests.integration.bad_luck.killed import KEPT
from tests.integration.bad_luck.places import KEY, Place
from tests.people import GRACE, HELEN, PRIYA, RUTH
from transition.records.cases import Case
from transition.records.ledger import ledger_of
from transition.records.staff import StaffMembership
from transition.rules.handovers import Function
from transition.rules.ledger import breaches, leads_on
from transition.rules.pathway import Stage
from transition.rules.people import MembershipState

LEAST: Final = 50
"""How many kills at least must land between the first and the last statement of a write."""

Write = tuple[str, str, str, str, dict[str, int]]
ASKED_AND_WITHDRAWN: Final[tuple[Write, ...]] = (
    ("propose", PRIYA, KEY, "handover:proposed", {"handover_proposed": 2}),
    ("ask", GRACE, KEY, "handover:asked", {"handover_question": 2}),
    ("withdraw", RUTH, KEY, "handover:withdrawn", {"case_changed": 2}),
)
ACCEPTED_AND_ENDED: Final[tuple[Write, ...]] = (
    ("accept with conditions", HELEN, KEY, "handover:accepted", {"handover_answered": 2}),
    ("milestone", RUTH, "ID-04", "milestone:recorded", {}),
    ("die", PRIYA, KEY, "case:ended", {"case_changed": 4}),
)
"""What is written, by whom, about what; what the trail then says, and which letters wait."""


def kill_everywhere(place: Place, do: str, **words: str) -> int:
    """Kill a piece of work at each statement after its first that writes, and then once it is kept.

    Nothing of it may be found after any kill but the last. Returns how many landed before that.
    """
    before, landed = place.rows(), 0
    while True:
        (told,) = place.order(do, until=landed + 1, **words)
        if told["killed"] == KEPT:
            assert place.log_is_left
            return landed
        assert place.rows() == before, (do, told)
        landed += 1


@on_both
@pytest.mark.parametrize("writes", [ASKED_AND_WITHDRAWN, ACCEPTED_AND_ENDED])
def test_what_is_killed_leaves_nothing_and_what_was_kept_is_whole(
    place: Place, writes: tuple[Write, ...]
) -> None:
    if writes is ACCEPTED_AND_ENDED:
        place.propose()
    kills = 0
    for do, who, about, said, letters in writes:
        trail, known = place.told()

        kills += kill_everywhere(place, do, who=who, about=about)
        now_trail, now_known = place.told()
        assert (now_trail - trail)[said] == 1, do
        assert now_known - known == letters, do
        assert (now_trail - trail)["letter:queued"] == sum(letters.values()), do
    tell(kills)
    assert kills >= LEAST


@on_both
def test_a_transfer_that_is_killed_has_switched_whole_or_not_at_all(place: Place) -> None:
    place.reference, _ = ready_case(place.working)
    kills = sum(kill_everywhere(place, "sign", who=who) for who in (RUTH, HELEN))
    kills += kill_everywhere(place, "switch", at=SWITCHED_AT.isoformat())
    tell(kills)
    place.session.rollback()
    query = select(Case).where(Case.reference == place.reference)
    case = place.session.scalars(query).one()
    spans = [row.span for row in ledger_of(place.session, case.uid)]
    assert case.stage is Stage.SETTLING
    assert breaches(spans, Function, FIXED.date()) == ()
    leading = leads_on(spans, SWITCHED_AT.date())
    assert {one for one, service in leading.items() if service == "rowans"} == set(ASKED)


def tell(landed: int) -> None:
    print(f"{landed} kills landed between the first and the last statement of a write.")  # noqa: T201 - for who reads the run


@on_both
def test_digests_that_are_killed_are_issued_once_all_the_same(place: Place) -> None:
    with place.working(RUTH) as work:
        few = [staff_of(work.session, email).uid for email in (RUTH, PRIYA, HELEN)]
        others = update(StaffMembership).where(StaffMembership.staff_uid.not_in(few))
        work.session.execute(others.values(state=MembershipState.LEFT))

    tell(kill_everywhere(place, "digests"))
    after = place.rows()
    assert len(after["digest"]) == 3
    assert place.told()[1] == {"weekly_digest": 3}
    assert [one["done"] for one in place.order("digests")] == [0]
    assert place.rows() == after

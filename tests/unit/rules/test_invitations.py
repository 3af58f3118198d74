"""Which roles fit where, who gives them, whose agreement they need, and which addresses will do."""

from datetime import timedelta

import pytest

from tests.databases import FIXED
from transition.rules.errors import RuleBroken
from transition.rules.invitations import (
    ABILITIES,
    FITTING,
    grantable,
    needs_agreement,
    opens_until,
    parse_work_address,
    waiting_words,
)
from transition.rules.organisations import OrganisationKind
from transition.rules.people import CLINICAL_ROLES, THE_COMMAND_LINE, Actor, Role, named_all

HERE = "rowans"


def acting(role: Role, organisation: str = HERE) -> Actor:
    return Actor(bytes(16), "Somebody", organisation, frozenset({role}))


@pytest.mark.parametrize("role", Role)
def test_every_role_says_what_it_lets_somebody_do_and_fits_somewhere(role: Role) -> None:
    assert ABILITIES[role][0].isupper()
    assert any(role in fit for fit in FITTING.values())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("kind", [*OrganisationKind, None])
def test_a_lead_gives_clinical_roles_of_their_own_and_an_administrator_any_that_fits(
    role: Role, kind: OrganisationKind | None
) -> None:
    own, other = grantable(acting(role), HERE, kind), grantable(acting(role), "oakhaven", kind)
    if role is Role.ADMIN:
        assert own == other == FITTING[kind]
        return
    leads = role in {Role.CHILDRENS_LEAD, Role.ADULT_LEAD}
    assert other == ()
    assert set(own) == (set(FITTING[kind]) & CLINICAL_ROLES if leads else set())


@pytest.mark.parametrize("role", Role)
def test_no_clinical_role_is_given_by_an_administrator_alone(
    role: Role,
) -> None:
    watches = role in {Role.ADMIN, Role.AUDITOR}
    assert needs_agreement(acting(Role.ADMIN), {role}) is (role in CLINICAL_ROLES or watches)
    assert needs_agreement(acting(Role.ADULT_LEAD), {role}) is watches
    assert not needs_agreement(THE_COMMAND_LINE, {role})
    assert (
        grantable(THE_COMMAND_LINE, HERE, OrganisationKind.ADULT) == FITTING[OrganisationKind.ADULT]
    )


def test_an_address_is_kept_in_small_letters() -> None:
    domains = ("rowans.example", "rowans-hospice.example")
    assert parse_work_address("  No.Or+1@ROWANS.example ", domains) == "no.or+1@rowans.example"
    assert parse_work_address("o'neil@rowans-hospice.example", domains).endswith(domains[1])


@pytest.mark.parametrize(
    "words",
    [
        *("", "noor", "noor@", "@rowans.example", "noor@rowans.example.", "noor@@rowans.example"),
        *("noor@evil.example", "noor@evilrowans.example", "noor@rowans.example@evil.example"),
        *("noor\uff20rowans.example", "no or@rowans.example", "n\u00f6r@rowans.example"),
        *("noor\r\nBcc: x@rowans.example", "<noor@rowans.example>"),
        "a" * 65 + "@rowans.example",
    ],
)
def test_whatever_is_no_address_of_theirs_is_refused(words: str) -> None:
    with pytest.raises(RuleBroken, match=r"ends in @rowans\.example\.$"):
        parse_work_address(words, ("rowans.example",))


def test_without_a_domain_nobody_can_be_invited() -> None:
    with pytest.raises(RuleBroken, match="No mail domain is set"):
        parse_work_address("noor@rowans.example", ())


def test_a_link_opens_for_72_hours() -> None:
    assert opens_until(FIXED) - FIXED == timedelta(hours=72)


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0, "since today"), (23, "since today"), (24, "waiting 1 day"), (80, "waiting 3 days")],
)
def test_waiting_is_said_in_whole_days(hours: int, words: str) -> None:
    assert waiting_words(FIXED, FIXED + timedelta(hours=hours)) == words


def test_several_roles_are_said_in_one_breath() -> None:
    both = {Role.AUDITOR, Role.TRANSITION_NURSE}
    assert named_all(both) == "a transition nurse and an auditor"

"""Providers outside: who records what they say, and who never does."""

from datetime import date

import pytest

from transition.rules.access import CaseAccess, may_work
from transition.rules.errors import RuleBroken
from transition.rules.outside import Told, ToldHow, refuse_confirming, speaking_for
from transition.rules.pathway import Owner, Stage
from transition.rules.people import CHILDRENS_ROLES, Actor, Role, Side


def acting(role: Role) -> Actor:
    """Return somebody who holds one role."""
    return Actor(b"somebody", "Somebody", "naomi", frozenset({role}))


@pytest.mark.parametrize("role", Role)
def test_only_the_childrens_side_speaks_for_a_provider_outside(role: Role) -> None:
    if role not in CHILDRENS_ROLES:
        with pytest.raises(RuleBroken, match="Only the children's hospice records"):
            speaking_for(acting(role), "external")
        return
    speaker = speaking_for(acting(role), "external")
    assert (speaker.uid, speaker.organisation, speaker.side) == (
        b"somebody",
        "external",
        Side.ADULT,
    )


@pytest.mark.parametrize("role", set(Role) - {Role.CHILDRENS_LEAD})
def test_only_a_childrens_lead_records_a_confirmation(role: Role) -> None:
    refuse_confirming(acting(Role.CHILDRENS_LEAD))
    with pytest.raises(RuleBroken, match="A children's lead records this"):
        refuse_confirming(acting(role))


@pytest.mark.parametrize("outside", [True, False])
@pytest.mark.parametrize("stage", Stage)
def test_what_a_provider_outside_does_the_childrens_side_records_once_it_was_asked(
    stage: Stage, *, outside: bool
) -> None:
    nurse = acting(Role.TRANSITION_NURSE)
    asked = stage in {Stage.HANDOVER, Stage.MOVING, Stage.SETTLING, Stage.COMPLETED}
    may = may_work(nurse, Owner.ADULT, CaseAccess.FULL, stage, outside=outside)
    assert may is (asked and outside)
    assert may_work(nurse, Owner.SHARED, CaseAccess.FULL, stage, outside=outside)


def test_what_was_told_is_read_as_it_was_kept() -> None:
    told = Told(by="Jo", role="matron", on=date(2026, 11, 23), how=ToldHow.EMAIL)
    assert Told.read(told.kept()) == told
    assert told.words == "Jo, matron, by e-mail"

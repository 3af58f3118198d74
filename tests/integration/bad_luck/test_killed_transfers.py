"""Killed with -9 at any statement: two hospices sign, end or return whole, or not at all."""

import pytest

from tests.builders import ASKED, SWITCHED_AT, on_both, ready_case
from tests.databases import FIXED
from tests.integration.bad_luck.places import LEAST, Place, kill_everywhere, tell
from tests.integration.settling.steps import LATER, reviewed_case
from tests.people import HELEN, PRIYA, RUTH
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import breaches, leads_on
from transition.rules.pathway import Stage


@on_both
def test_a_transfer_that_is_killed_has_switched_whole_or_not_at_all(place: Place) -> None:
    place.reference, _ = ready_case(place.working)
    kills = sum(kill_everywhere(place, "sign", who=who) for who in (RUTH, HELEN))
    kills += kill_everywhere(place, "switch", at=SWITCHED_AT.isoformat())
    tell(kills)
    spans = place.spans()
    assert place.stands() == (Stage.SETTLING, HandoverState.TRANSFERRED)
    assert breaches(spans, Function, FIXED.date()) == ()
    leading = leads_on(spans, SWITCHED_AT.date())
    assert {one for one, service in leading.items() if service == "rowans"} == set(ASKED)


@on_both
@pytest.mark.parametrize(
    ("do", "people", "end"),
    [
        ("complete", (RUTH, HELEN), (Stage.COMPLETED, HandoverState.CLOSED)),
        ("return", (HELEN, PRIYA), (Stage.PLANNING, HandoverState.WITHDRAWN)),
    ],
)
def test_an_end_or_a_return_that_is_killed_has_come_whole_or_not_at_all(
    place: Place, do: str, people: tuple[str, str], end: tuple[Stage, HandoverState]
) -> None:
    place.reference = reviewed_case(place.working)
    was = place.stands()
    first, second = people
    kills = kill_everywhere(place, do, who=first, at=LATER.isoformat())
    assert place.stands()[0] is was[0], "one signature alone has no effect"
    kills += kill_everywhere(place, do, who=second, at=LATER.isoformat())
    tell(kills)
    assert kills >= LEAST
    assert place.stands() == end
    spans = place.spans()
    assert breaches(spans, Function, LATER.date()) == ()
    theirs = [one for one, service in leads_on(spans, LATER.date()).items() if service == "rowans"]
    assert theirs == ([*ASKED] if do == "complete" else [])

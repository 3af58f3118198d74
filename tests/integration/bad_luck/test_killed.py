"""Killed with -9 at any statement: what was kept is there whole, the rest not at all."""

from typing import Final

import pytest
from sqlalchemy import update

from tests.builders import on_both, staff_of
from tests.databases import FIXED
from tests.integration.bad_luck.places import KEY, LEAST, Place, kill_everywhere, tell
from tests.people import GRACE, HELEN, PRIYA, RUTH
from transition.records.staff import StaffMembership
from transition.rules.handovers import Function
from transition.rules.ledger import breaches
from transition.rules.people import MembershipState

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
DECLINED: Final[tuple[Write, ...]] = (
    ("decline", HELEN, KEY, "handover:declined", {"handover_answered": 2}),
)
"""What is written, by whom, about what; what the trail then says, and which letters wait."""


@on_both
@pytest.mark.parametrize("writes", [ASKED_AND_WITHDRAWN, ACCEPTED_AND_ENDED, DECLINED])
def test_what_is_killed_leaves_nothing_and_what_was_kept_is_whole(
    place: Place, writes: tuple[Write, ...]
) -> None:
    if writes is not ASKED_AND_WITHDRAWN:
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
    assert kills >= LEAST * len(writes)
    assert breaches(place.spans(), Function, FIXED.date()) == ()


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

"""Killed with -9 while the trail takes in what was opened in an emergency: it stands there once."""

from sqlalchemy import select

from tests.builders import on_both
from tests.databases import FIXED
from tests.integration.bad_luck.places import Place, kill_everywhere, tell
from tests.people import HELEN, RUTH
from transition.records.audit import GOOD, AuditEntry, verify
from transition.records.emergency import SecondTrail, attach_second_trail, write_second


@on_both
def test_what_was_opened_in_an_emergency_is_taken_in_once_wherever_it_is_killed(
    place: Place,
) -> None:
    second = SecondTrail(place.settings.home / "emergency.trail")
    with place.working(RUTH) as work:
        attach_second_trail(work.session.get_bind().engine, second)
        for number in range(3):
            said = work.occasion.__class__(work.actor, FIXED, "web", f"request {number}")
            write_second(work.session, said, place.reference)
    tell(kill_everywhere(place, "take in"))
    place.order("take in")
    query = select(AuditEntry.request).where(AuditEntry.via == "emergency")
    assert list(place.session.scalars(query)) == ["request 0", "request 1", "request 2"]
    assert verify(place.session).code == GOOD
    place.session.rollback()
    with place.working(HELEN) as work:
        work.note("case:touched")
    assert len(place.session.scalars(query).all()) == 3

"""04.a: nobody confirms that a handover has arrived, and word of it climbs the ladder."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import Bag
from tests.people import JO, TOM
from transition.app import Tracker
from transition.clock import LONDON
from transition.jobs.runner import run_due
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.young_people import YoungPerson

JUDITH = "lead@mountbatten-h.example"  # on leave, with no cover set
AMIR = "deputy@mountbatten-h.example"
CELIA = "escalation@mountbatten-h.example"

PROPOSED_ON = date(2026, 11, 13)
"""Six working days before the fixed day, a Friday."""
THIRD, FIFTH, SEVENTH = date(2026, 11, 18), date(2026, 11, 20), date(2026, 11, 24)
"""Working days after it."""


def reference_of(session: Session, name: str) -> str:
    for case in session.scalars(select(Case)):
        if session.get_one(YoungPerson, case.young_person_uid).full_name == name:
            (handover,) = session.scalars(select(Handover).where(Handover.case_uid == case.uid))
            assert handover.proposed_at is not None
            assert handover.proposed_at.date() == PROPOSED_ON
            return case.reference
    raise LookupError(name)


@pytest.mark.usefixtures("demonstration")
def test_04_a_a_reminder_at_3_days_both_sides_at_5_and_the_coordinator_at_7_by_reference(
    app: Tracker, session: Session
) -> None:
    reference = reference_of(session, "Freya Demo-Dogwood")
    session.rollback()
    bag, told = Bag(), []
    app.config["POST"] = replace(app.config["POST"], postman=bag)
    for days in range(12):
        day = PROPOSED_ON + timedelta(days=days)
        app.config["CLOCK"].instant = datetime.combine(day, time(9), LONDON).astimezone(UTC)
        run_due(app)
        nudges = [one for one in bag.letters if "digest" not in one["Subject"]]
        told += [(day, one["To"], one) for one in nudges if reference in text_of(one)]
        bag.letters.clear()
    assert [(day, to) for day, to, _ in sorted(told, key=lambda one: one[:2])] == [
        *((THIRD, email) for email in (AMIR, JUDITH)),
        *((FIFTH, email) for email in (CELIA, TOM)),
        (SEVENTH, JO),
    ]
    words = {to: text_of(letter) for _, to, letter in told}
    path = f"/cases/{reference}/handovers/mountbatten_h-1"
    assert all(path in words[to] for to in (AMIR, JUDITH, CELIA, TOM))
    assert "a confirmation that it arrived" in words[JO]
    assert f"/cases/{reference}" not in words[JO], "the reference only: nothing to open"
    assert not [word for word in ("Freya", "Mountbatten") if word in words[JO]]

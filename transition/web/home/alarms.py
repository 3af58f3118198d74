"""What a lead's Today says first: who might be lost; and what was handed on to its reader."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flask import url_for

from transition.actions.invariants import losses_among
from transition.clock import day_and_time
from transition.records.case_lists import cases_with_a_worker
from transition.records.change_numbers import while_unchanged
from transition.records.heartbeats import beats_of
from transition.records.histories import handed_to
from transition.records.names import names_of
from transition.records.watched import teams_of, watched_cases
from transition.rules.heartbeats import JobName
from transition.rules.lost import Loss
from transition.web.work import asking, me, reading, today

SHOWN_FOR: Final = timedelta(days=7)
"""How long a hand-on note stands on Today."""


@dataclass(frozen=True)
class Alarm:
    """One case that might be lost, why, and where that is mended."""

    name: str
    reference: str
    loss: Loss
    path: str


@dataclass(frozen=True)
class Proof:
    """Whether nobody is lost: how many open cases were looked at, and what some of them lack."""

    many: int
    alarms: tuple[Alarm, ...]
    checked: str


@dataclass(frozen=True)
class Handed:
    """Somebody who was handed on to the reader, and the note that came along."""

    name: str
    reference: str
    path: str
    note: str
    on: date


def proof() -> Proof:
    """Return whether any case of the reader's hospice might be lost, as things stand now."""
    organisation = me().organisation
    cases = while_unchanged(
        reading(),
        organisation,
        ("watched", asking()),
        lambda: watched_cases(reading(), asking(), organisation),
    )
    teams = teams_of(reading(), today=today())
    lacking = [(case, loss) for case in cases for loss in losses_among(case, teams)]
    names = names_of(reading(), me(), {case.case_uid for case, _ in lacking})
    ran_at = beats_of(reading())[JobName.LOST].ran_at
    return Proof(
        many=len(cases),
        alarms=tuple(
            Alarm(
                names[case.case_uid].shown,
                case.reference,
                loss,
                _mended_at(loss, case.reference),
            )
            for case, loss in lacking
        ),
        checked=f"last checked at night {day_and_time(ran_at)}" if ran_at else "",
    )


def _mended_at(loss: Loss, reference: str) -> str:
    """Return where a lead mends what a case lacks."""
    endpoints = {Loss.NO_WORKER: "workers.reassign", Loss.NO_STEP: "cases.milestones"}
    return url_for(endpoints.get(loss, "cases.show"), reference=reference)


def handed_on() -> tuple[Handed, ...]:
    """Return who was handed on to the reader in the last days, with the notes."""
    uid, since = me().uid, today() - SHOWN_FOR
    if uid is None:
        return ()
    notes = while_unchanged(
        reading(),
        me().organisation,
        ("handed", me(), since),
        lambda: {
            span.case_uid: (span.hand_on_note or "", span.from_on)
            for span in handed_to(reading(), uid, since=since)
        },
    )
    if not notes:
        return ()
    names = names_of(reading(), me(), notes)
    return tuple(
        Handed(names[one.case_uid].shown, one.reference, one.path, *notes[one.case_uid])
        for one in cases_with_a_worker(reading(), asking())
        if one.case_uid in notes
    )

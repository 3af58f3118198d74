"""Absences: who is away and who covers, and letters that reach the cover too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from transition.actions.work import NotFound, Work
from transition.records.absences import Absence, absences_of, covers_of
from transition.records.cases import Case
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff, find_staff, held_still
from transition.rules.absences import refuse_days, stands_in
from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS, Actor

NO_SUCH_ABSENCE = "There is no such absence any more."


@dataclass(frozen=True, kw_only=True)
class Away:
    """Who is away from a day to a day, and who covers; both by their work addresses."""

    email: str
    cover: str
    from_on: date
    until_on: date


def record_absence(work: Work, email: str, *, cover: str, from_on: date, until_on: date) -> Absence:
    """Record that a colleague is away from a day to a day, and who covers; return the row.

    Anybody may say so of themselves, and a lead of a colleague in the same organisation.

    Raises:
        RuleBroken: there is no such colleague, the cover is not of the same organisation and side
            or is away then too, or the days lie behind, the wrong way round, or over others.
    """
    away = Away(email=email, cover=cover, from_on=from_on, until_on=until_on)
    staff, covering = _allowed(work, away)
    work.note("absence:recorded", about=staff.uid.hex())
    return work.keep(
        Absence(staff_uid=staff.uid, cover_uid=covering.uid, from_on=from_on, until_on=until_on)
    )


def change_absence(
    work: Work, absence_uid: bytes, *, cover: str, from_on: date, until_on: date
) -> Absence:
    """Change when a colleague is away, or who covers, and return the row.

    Raises:
        RuleBroken: it is not the actor's to say, or not possible, as for a new one.
        NotFound: this actor has no such absence.
    """
    row = absence_to_change(work, absence_uid)
    away = Away(email=row.staff.email, cover=cover, from_on=from_on, until_on=until_on)
    _, covering = _allowed(work, away, besides=row)
    row.cover_uid, row.from_on, row.until_on = covering.uid, from_on, until_on
    work.note("absence:changed", about=row.staff_uid.hex())
    return row


def end_absence(work: Work, absence_uid: bytes) -> Away:
    """Say that a colleague is here again from today, or will not be away at all.

    Return what was planned. Of an absence that had begun, the days before today stay.

    Raises:
        RuleBroken: it is not the actor's to say.
        NotFound: this actor has no such absence.
    """
    row = absence_to_change(work, absence_uid)
    was = Away(
        email=row.staff.email, cover=row.cover.email, from_on=row.from_on, until_on=row.until_on
    )
    if row.from_on < work.today:
        row.until_on = work.today - timedelta(days=1)
    else:
        work.session.delete(row)
    work.note("absence:ended", about=row.staff_uid.hex())
    return was


def absence_to_change(work: Work, absence_uid: bytes) -> Absence:
    """Return a present or coming absence that the actor may change.

    Raises:
        RuleBroken: they may not.
        NotFound: there is none in their organisation.
    """
    row = work.session.get(Absence, absence_uid)
    if row is None or row.until_on < work.today:
        raise NotFound(NO_SUCH_ABSENCE)
    actor = row.staff.actor(work.today)
    if actor is None or actor.organisation != work.actor.organisation:
        raise NotFound(NO_SUCH_ABSENCE)
    _refuse_others(work, row.staff)
    return row


def _allowed(work: Work, away: Away, *, besides: Absence | None = None) -> tuple[Staff, Staff]:
    """Return who is away and who covers, if that can be."""
    staff, covering = _colleague(work, away.email), _colleague(work, away.cover)
    _refuse_others(work, staff[0])
    if not stands_in(staff[1], covering[1]):
        raise RuleBroken("Choose somebody else on the same side to cover.")
    refuse_days(away.from_on, away.until_on, work.today)
    for who, sentence in (
        (staff[0], "{} is away in that time already. Change that absence."),
        (covering[0], "{} is away in that time too. Choose somebody who is here."),
    ):
        for other in absences_of(work.session, [who.uid], since=away.from_on):
            if other is not besides and other.from_on <= away.until_on:
                raise RuleBroken(sentence.format(who.name))
    return staff[0], covering[0]


def _refuse_others(work: Work, staff: Staff) -> None:
    if staff.uid != work.actor.uid and not work.actor.roles & LEADS:
        raise RuleBroken("Only a lead may enter when a colleague is away.")


def _colleague(work: Work, email: str) -> tuple[Staff, Actor]:
    """Return somebody of the actor's own organisation, and who they are today."""
    staff = find_staff(work.session, email)
    if staff is not None:
        held_still(work.session, staff.uid)
    actor = staff.actor(work.today) if staff is not None else None
    if staff is None or actor is None or actor.organisation != work.actor.organisation:
        raise RuleBroken("Nobody with this address works in your organisation.")
    return staff, actor


def tell(
    work: Work, kind: str, *, to: Iterable[Staff], about: str, on: Case | None = None
) -> list[QueuedLetter]:
    """Queue a letter to colleagues and return what was queued: one each, whatever they are here.

    Whoever covers today for one who is away gets a copy. An absence takes nobody off the list.
    """
    return [work.post(kind, to=staff, about=about, on=on) for staff in with_covers(work, to)]


def with_covers(work: Work, people: Iterable[Staff]) -> list[Staff]:
    """Return these colleagues and whoever covers for one of them today, each once."""
    found = {staff.uid: staff for staff in people}
    covers = covers_of(work.session, list(found), on=work.today)
    return list({**found, **{staff.uid: staff for staff in covers}}.values())

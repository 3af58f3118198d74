"""Absences: who is away and who covers, and letters that reach the cover too."""

from collections.abc import Iterable
from datetime import date

from transition.actions.work import Work
from transition.records.absences import Absence, covers_of
from transition.records.cases import Case
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff, find_staff
from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS, Actor


def record_absence(work: Work, email: str, *, cover: str, from_on: date, until_on: date) -> Absence:
    """Record that a colleague is away from a day to a day, and who covers; return the row.

    Anybody may say so of themselves, and a lead of a colleague in the same organisation.

    Raises:
        RuleBroken: there is no such colleague, the cover is not of the same organisation and side,
            or the days lie behind or the wrong way round.
    """
    away, covering = _colleague(work, email), _colleague(work, cover)
    if away[0].uid != work.actor.uid and not work.actor.roles & LEADS:
        raise RuleBroken("Only a lead may enter when a colleague is away.")
    if away[0].uid == covering[0].uid or away[1].side is not covering[1].side:
        raise RuleBroken("Choose somebody else on the same side to cover.")
    if until_on < from_on or until_on < work.today:
        raise RuleBroken("The last day away must be today or later, and not before the first.")
    work.note("absence:recorded", about=away[0].uid.hex())
    return work.keep(
        Absence(
            staff_uid=away[0].uid, cover_uid=covering[0].uid, from_on=from_on, until_on=until_on
        )
    )


def _colleague(work: Work, email: str) -> tuple[Staff, Actor]:
    """Return somebody of the actor's own organisation, and who they are today."""
    staff = find_staff(work.session, email)
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

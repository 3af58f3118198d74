"""Issuing the weekly digest: one for each colleague and ISO week, however often it is asked for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from transition.actions.nudges import waiting_long
from transition.actions.work import Work
from transition.clock import LONDON, day_and_time
from transition.records.absences import covered_by
from transition.records.digests import Digest, DigestState, readers_behind, weeks_missed
from transition.records.dues import Asking, CaseDues, concerns, dues_for, items_of, reviews_for
from transition.records.early_notices import number_announced_to
from transition.records.heartbeats import beats_of
from transition.records.outbox import outstanding_letters
from transition.records.staff import Staff, holders
from transition.rules.access import Permission, may
from transition.rules.digests import (
    DigestContent,
    DigestLine,
    Owed,
    compose_digest,
    is_once,
    newest_week,
    newly_due,
    weeks_owed,
)
from transition.rules.heartbeats import JobName
from transition.rules.people import LEADS, Actor, MembershipState, Role

WEEKLY_DIGEST: Final = "weekly_digest"
A_WEEK: Final = timedelta(weeks=1)
TOO_LONG: Final = timedelta(hours=1)
"""How long a letter may wait before an administrator reads of it."""


def issue_digests(work: Work) -> int:
    """Issue the digests that are owed now to everybody who lacks one; return how many letters go.

    Safe to run at any time and again. A week that is 48 hours late is folded into the next: it
    keeps its row, and no letter is sent.
    """
    holidays = work.catalogue.holidays
    newest = newest_week(work.now, holidays)
    letters = 0
    for staff, last in readers_behind(work.session, week=newest, today=work.today):
        for owing in weeks_owed(last, joined_at(staff), work.now, holidays):
            letters += _issue(work, staff, owing)
    return letters


def _issue(work: Work, staff: Staff, owing: Owed) -> bool:
    letter = None if owing.folded else work.post(WEEKLY_DIGEST, to=staff, about=owing.week)
    work.keep(
        Digest(
            staff_uid=staff.uid,
            week=owing.week,
            state=DigestState.ISSUED if letter else DigestState.FOLDED,
            letter_uid=letter.uid if letter else None,
            issued_at=work.now,
        )
    )
    return letter is not None


def cases_of(work: Work, actor: Actor) -> list[CaseDues]:
    """Return the cases that *actor* looks after, with what is due in each.

    Those of a colleague who is away, and for whom *actor* covers, are among them.
    """
    return _of_concern(work, actor, dues_for(work.session, _asking(work, actor)))


def reviews_of(work: Work, actor: Actor) -> list[CaseDues]:
    """Return the cases that *actor* looks after in which something is to be looked at again."""
    return _of_concern(work, actor, reviews_for(work.session, _asking(work, actor)))


def _asking(work: Work, actor: Actor) -> Asking:
    return Asking(actor, work.today, work.catalogue)


def _of_concern(work: Work, actor: Actor, cases: Iterable[CaseDues]) -> list[CaseDues]:
    whose = [actor, *(known for one in _away(work, actor) if (known := one.actor(work.today)))]
    return [dues for dues in cases if any(concerns(dues, one) for one in whose)]


def _away(work: Work, actor: Actor) -> Sequence[Staff]:
    """Return the colleagues for whom *actor* covers today."""
    # The timetable, which has no number, covers for nobody.
    return [one.staff for one in covered_by(work.session, actor.uid or b"", on=work.today)]


def digest_of(work: Work, actor: Actor, *, week: str | None = None) -> DigestContent:
    """Return what the digest of *actor* would say now: the letter and the screen both show this.

    *week* is the week of the letter; the screen looks ahead to the next one.
    """
    cases = cases_of(work, actor)
    leads = bool(actor.roles & LEADS)
    items = items_of([*cases, *reviews_of(work, actor)], work.today, leads=leads)
    content = compose_digest(
        [one for one in items if not (week and is_once(one)) or newly_due(one, week)],
        today=work.today,
        side=actor.side,
        moves=[dues.target_on for dues in cases if not dues.supports],
    )
    return replace(
        content,
        escalated=_escalated(work) if Role.COORDINATOR in actor.roles else (),
        unled=(*_unworked(work, actor, cases), *_unled(work, cases)) if leads else (),
        faults=_faults(work) if Role.ADMIN in actor.roles else (),
        runs=_runs(work) if Role.ADMIN in actor.roles else (),
        missed=weeks_missed(work.session, actor.uid, before=week) if actor.uid else 0,
        announced=_announced(work, actor),
        covering=tuple(first_name(one.name) for one in _away(work, actor)),
    )


def _announced(work: Work, actor: Actor) -> int:
    """Return how many were announced to the hospice of *actor*, if that is theirs to know."""
    if not may(actor.roles, Permission.DECIDE_HANDOVER):
        return 0
    return number_announced_to(work.session, actor)


def _escalated(work: Work) -> tuple[DigestLine, ...]:
    """Return what waits too long, by reference: a coordinator can open none of it."""
    return tuple(
        DigestLine(reference, f"waits for {wanted}", "", "")
        for reference, wanted in waiting_long(work)
    )


def _unworked(work: Work, actor: Actor, cases: Iterable[CaseDues]) -> Iterator[DigestLine]:
    """Yield the cases of the lead's own hospice whose named worker does not work there now."""
    own = {one.staff_uid for one in holders(work.session, actor.organisation, today=work.today)}
    for dues in cases:
        if dues.organisation == actor.organisation and dues.named_worker_uid not in own:
            path = f"/cases/{dues.reference}"
            yield DigestLine(dues.reference, "has no active worker", "", path)


def _unled(work: Work, cases: Iterable[CaseDues]) -> tuple[DigestLine, ...]:
    """Return the cases that last night's check found without exactly one lead."""
    found = (beats_of(work.session)[JobName.LEDGER].fault or "").split()
    return tuple(
        DigestLine(
            dues.reference, "who leads is not clear on some days", "", f"/cases/{dues.reference}"
        )
        for dues in cases
        if dues.reference in found
    )


def _faults(work: Work) -> tuple[str, ...]:
    """Return what an administrator should look at, in counts and codes."""
    letters = outstanding_letters(
        work.session, failed_since=work.now - A_WEEK, waiting_since=work.now - TOO_LONG
    )
    counts = {
        "could not be delivered": letters.failed,
        "waiting for more than an hour": letters.waiting,
    }
    said = [f"Letters {what}: {number}" for what, number in counts.items() if number]
    beats = beats_of(work.session)
    return (*said, *(f"{job.label}: {beat.fault}" for job, beat in beats.items() if beat.fault))


def _runs(work: Work) -> tuple[str, ...]:
    """Return when each job last ran."""
    return tuple(
        f"{job.label}: {day_and_time(beat.ran_at) if beat.ran_at else 'never'}"
        for job, beat in beats_of(work.session).items()
    )


def first_name(name: str) -> str:
    """Return how a letter addresses somebody."""
    return name.split(" ", maxsplit=1)[0]


def joined_at(staff: Staff) -> datetime:
    """Return from when somebody could be sent a digest."""
    first = min(held.from_on for held in staff.memberships if held.state is MembershipState.ACTIVE)
    return max(staff.created_at, datetime.combine(first, time(), LONDON))

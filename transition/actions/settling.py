"""After the transfer: recording contacts and check-ins, what follows, and taking them back.

Of whoever supports beside the lead, by the `key` of its handover: how the support goes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from transition.actions.beside import NOT_YOURS, other_side
from transition.actions.case_changes import ENDED, NOT_YOURS_YET, renew_next_due
from transition.actions.handovers import found_handover
from transition.actions.milestones import Recorded, keep_outcome, reopen_outcome, rule_of
from transition.actions.work import NotFound, Work
from transition.clock import local_day
from transition.records.beside import next_number
from transition.records.cases import SeenCase
from transition.records.handovers import Handover, open_lead_handover
from transition.records.milestones import outcomes_of
from transition.records.settling import AnyEntry, CheckIn, FirstContact, entries_of
from transition.rules.access import CaseAccess, may_work
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.people import LEADS, Side
from transition.rules.settling import (
    FIRST_CONTACT,
    NOT_BEFORE_SUPPORT,
    ONLY_ADULT,
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
    Feedback,
    Following,
    missed_in_a_row,
    refuse_check_in,
    refuse_day,
    refuse_following,
    refuse_not_settling,
)

NO_SUCH_ENTRY: Final = "There is no such entry on this case."
NOT_YOUR_CHECK_IN: Final = "The children's hospice holds this check-in. They record it."
TOO_LATE: Final = "This can be taken back on the day it was recorded, by the hospice that did so."
NOT_SUPPORTING: Final = "Nobody supports here now, so there is nothing to record."
NOTHING_TO_TALK: Final = "Nobody has said that this is not working, so there is nothing to record."
ALREADY_TALKED: Final = "This conversation was recorded already. Nothing changed."
LEADS_TALK: Final = "The leads of both hospices talk about this. Ask yours to record it."


@dataclass(frozen=True, kw_only=True)
class NewContact:
    """How and when the adult hospice made contact, and what became of it."""

    kind: ContactKind
    result: ContactResult
    happened_on: date
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewCheckIn:
    """When a check-in was held, and what was said."""

    kind: CheckInKind
    outcome: CheckInOutcome
    happened_on: date
    their_words: str | None = None
    note: str | None = None
    feedback: Feedback | None = None
    feedback_words: str | None = None
    confirmed: Confirmed | None = None


@dataclass(frozen=True)
class Talk:
    """What the leads of both hospices agreed, and when."""

    on: date
    words: str


def record_contact(work: Work, reference: str, new: NewContact) -> FirstContact:
    """Record a contact after the transfer and return it; one that took place is the first contact.

    Raises:
        RuleBroken: the case is at another stage, the day cannot be, or it is not theirs to record.
        NotFound: this actor has no such case.
    """
    seen, handover = _settling(work, reference)
    if work.actor.side is not Side.ADULT and not handover.outside:
        raise RuleBroken(ONLY_ADULT)
    refuse_day(new.happened_on, seen.case.transferred_on, work.today)
    contact = _keep(work, seen, FirstContact, handover_uid=handover.uid, **asdict(new))
    changed = {"kind": (None, new.kind.value), "result": (None, new.result.value)}
    work.note("contact:recorded", on=seen.case, about=_about(contact), changed=changed)
    if new.result is ContactResult.ATTENDED:
        _complete(work, seen, FIRST_CONTACT, new.happened_on, None)
    renew_next_due(work, seen.case)
    return contact


def take_back_contact(work: Work, reference: str, number: int) -> None:
    """Take back a contact that was recorded by mistake, with what it completed.

    Raises:
        RuleBroken: it was recorded by the other hospice, or on another day.
        NotFound: this actor has no such contact.
    """
    seen, handover = _settling(work, reference)
    contact = _found(entries_of(work.session, FirstContact, [handover.uid]), number)
    if contact.result is ContactResult.ATTENDED:
        _complete_no_more(work, seen, FIRST_CONTACT, contact.happened_on)
    _take_back(work, seen, contact, "contact:taken_back")


def follow_up_contact(work: Work, reference: str, number: int, said: Following) -> FirstContact:
    """Record what both hospices did after a missed contact, and return it.

    Raises:
        RuleBroken: it took place, nothing is said, a day cannot be, or it is not theirs to say.
        NotFound: this actor has no such contact.
    """
    seen, handover = _settling(work, reference)
    contacts = entries_of(work.session, FirstContact, [handover.uid])
    contact = _found(contacts, number)
    so_far = [one.attempt for one in contacts[: contacts.index(contact) + 1]]
    missed, leads = missed_in_a_row(so_far), bool(work.actor.roles & LEADS)
    refuse_following(contact.attempt, said, missed=missed, leads=leads)
    days = {name: value for name, value in asdict(said).items() if name != "plan"}
    for day in days.values():
        if day is not None:
            refuse_day(day, contact.happened_on, work.today)
    changed = {name: (getattr(contact, name), day) for name, day in days.items() if day}
    if said.plan:
        changed["planned_on"] = (contact.planned_on, work.today)
        contact.plan = said.plan
    for name, (_, now) in changed.items():
        setattr(contact, name, now)
    work.note("contact:followed", on=seen.case, about=_about(contact), changed=changed)
    return contact


def record_check_in(
    work: Work, reference: str, new: NewCheckIn, *, key: str | None = None
) -> CheckIn:
    """Record a check-in and return it; the one at six weeks and the review complete their steps.

    Raises:
        RuleBroken: it was held before, the day cannot be, or it is not theirs to record.
        NotFound: this actor has no such case.
    """
    seen, handover = _about_whom(work, reference, key)
    if key is None and not may_work(work.actor, new.kind.owner, seen.access, seen.case.stage):
        raise RuleBroken(NOT_YOUR_CHECK_IN)
    held = entries_of(work.session, CheckIn, [handover.uid]) if key is None else ()
    refuse_check_in(new.kind, new.feedback, held=any(one.kind is new.kind for one in held))
    if handover.leads:
        refuse_day(new.happened_on, seen.case.transferred_on, work.today)
    else:
        refuse_day(new.happened_on, handover.supports_from, work.today, early=NOT_BEFORE_SUPPORT)
    values = {name: value for name, value in asdict(new).items() if name != "confirmed"}
    row = _keep(work, seen, CheckIn, handover_uid=handover.uid, **values)
    changed = {"kind": (None, new.kind.value), "how_it_goes": (None, new.outcome.value)}
    action = _told(handover, "settling:checked_in", "support:checked_in")
    work.note(action, on=seen.case, about=_about(row), changed=changed)
    if new.kind.completes is not None:
        _complete(work, seen, new.kind.completes, new.happened_on, new.confirmed)
    renew_next_due(work, seen.case)
    return row


def take_back_check_in(work: Work, reference: str, number: int, *, key: str | None = None) -> None:
    """Take back a check-in that was recorded by mistake, with what it completed.

    Raises:
        RuleBroken: it was recorded by the other hospice, or on another day.
        NotFound: this actor has no such check-in.
    """
    seen, handover = _about_whom(work, reference, key)
    row = _found(entries_of(work.session, CheckIn, [handover.uid]), number)
    if row.kind.completes is not None:
        _complete_no_more(work, seen, row.kind.completes, row.happened_on)
    _take_back(work, seen, row, _told(handover, "settling:taken_back", "support:taken_back"))


def record_talk(
    work: Work, reference: str, number: int, talk: Talk, *, key: str | None = None
) -> CheckIn:
    """Record what the leads agreed after a check-in said that it is not working, and return it.

    Raises:
        RuleBroken: nobody said so, it was recorded before, or it is not theirs to record.
        NotFound: this actor has no such check-in.
    """
    seen, handover = _about_whom(work, reference, key)
    row = _found(entries_of(work.session, CheckIn, [handover.uid]), number)
    if row.outcome is not CheckInOutcome.NOT_WORKING:
        raise RuleBroken(NOTHING_TO_TALK)
    if row.talked_on is not None:
        raise RuleBroken(ALREADY_TALKED)
    if not work.actor.roles & LEADS:
        raise RuleBroken(LEADS_TALK)
    refuse_day(talk.on, row.happened_on, work.today)
    row.talked_on, row.talked_by_uid, row.talked = talk.on, work.actor_uid, talk.words
    changed = {"talked_on": (None, talk.on)}
    action = _told(handover, "settling:talked", "support:talked")
    work.note(action, on=seen.case, about=_about(row), changed=changed)
    return row


def _about_whom(work: Work, reference: str, key: str | None) -> tuple[SeenCase, Handover]:
    """Return a case, held until the work is done, and its transferred handover or that of a key."""
    if key is None:
        return _settling(work, reference)
    _, handover = found_handover(work, reference, key)
    if handover.state is not HandoverState.SUPPORTING:
        raise RuleBroken(NOT_SUPPORTING)
    return work.case(reference), handover


def _told(handover: Handover, settling: str, support: str) -> str:
    """Return what the trail calls it; whoever leads is not told how another supports."""
    return settling if handover.leads else support


def _settling(work: Work, reference: str) -> tuple[SeenCase, Handover]:
    """Return a case that is settling, held until the work is done, and its handover."""
    seen = work.case(reference)
    if seen.access < CaseAccess.SHARED:
        raise RuleBroken(NOT_YOURS_YET)
    if seen.case.ending is not None:
        raise RuleBroken(ENDED)
    refuse_not_settling(seen.case.stage)
    handover = open_lead_handover(work.session, seen.case.uid)
    if handover is None or work.actor.organisation not in {
        seen.case.organisation,
        handover.receiver,
    }:
        raise NotFound(NO_SUCH_ENTRY)
    return seen, handover


def _keep(
    work: Work,
    seen: SeenCase,
    row: type[AnyEntry],
    **values: Any,  # noqa: ANN401 - each column's own type
) -> AnyEntry:
    return work.keep(
        row(
            case_uid=seen.case.uid,
            number=next_number(work.session, row, seen.case.uid),
            organisation=work.actor.organisation,
            shared_with=other_side(seen.case, seen.access),
            written_at=work.now,
            written_by_uid=work.actor_uid,
            **values,
        )
    )


def _found(rows: Sequence[AnyEntry], number: int) -> AnyEntry:
    row = next((one for one in rows if one.number == number), None)
    if row is None:
        raise NotFound(NO_SUCH_ENTRY)
    return row


def _about(row: FirstContact | CheckIn) -> str:
    return f"{'contact' if isinstance(row, FirstContact) else 'check-in'}-{row.number}"


def _take_back(work: Work, seen: SeenCase, row: FirstContact | CheckIn, action: str) -> None:
    if row.organisation != work.actor.organisation:
        raise RuleBroken(NOT_YOURS)
    if local_day(row.written_at) != work.today:
        raise RuleBroken(TOO_LATE)
    row.taken_back_at = work.now
    work.note(action, on=seen.case, about=_about(row))
    renew_next_due(work, seen.case)


def _complete(work: Work, seen: SeenCase, code: str, on: date, confirmed: Confirmed | None) -> None:
    """Record a milestone as done on a day, unless somebody has recorded it before."""
    if code not in outcomes_of(work.session, seen.case.uid):
        done = Recorded(kind=OutcomeKind.DONE, done_on=on, confirmed=confirmed)
        keep_outcome(work, seen.case, rule_of(work, seen.case, code), done)


def _complete_no_more(work: Work, seen: SeenCase, code: str, on: date) -> None:
    row = outcomes_of(work.session, seen.case.uid).get(code)
    if row is not None and row.kind is OutcomeKind.DONE and row.done_on == on:
        reopen_outcome(work, seen.case, row)

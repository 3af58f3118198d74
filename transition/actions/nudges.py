"""Nudges: letters that the clocks of handovers ask for, each queued once, to the right people."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import time
from functools import cache
from typing import Final, NamedTuple

from transition.actions.absences import with_covers
from transition.actions.work import Work
from transition.clock import LONDON
from transition.records.cases import Case
from transition.records.clock_facts import running_clocks
from transition.records.dues import dues_of_case
from transition.records.handovers import Handover
from transition.records.keys import vault_of
from transition.records.outbox import prompts_known
from transition.records.settling_facts import Settling, settling_cases
from transition.records.staff import Staff, StaffMembership, coordinators, holders
from transition.rules.nudges import Addressee, Nudge, Rung, addressees, nudges_due, nudges_of
from transition.rules.people import CHILDRENS_ROLES, LEADS, Duty
from transition.rules.settling_clocks import (
    SettlingFacts,
    SettlingNudge,
    settling_addressees,
    settling_nudges_due,
    settling_nudges_of,
)
from transition.security.chain import digest_of

SENT_FROM: Final = time(9)
"""Local time from which nudges go out on a working day. Source: domain 7.5."""

KEY_LENGTH: Final = 16
"""Bytes of a prompt's keyed digest."""

REMINDER, ESCALATION = "handover_reminder", "handover_escalated"
KINDS: Final = dict.fromkeys((Rung.TOLD, Rung.REMINDER, Rung.STOP_USED_UP), REMINDER)
"""The kind of letter of each rung; the higher ones are escalations."""


class Owed(NamedTuple):
    """A nudge whose day has come, about which case and handover, and whom it goes to."""

    case: Case
    handover: Handover
    nudge: Nudge | SettlingNudge
    to: tuple[Addressee, ...]


class Prompt(NamedTuple):
    """One nudge to one colleague, and the digest that makes it unique."""

    owed: Owed
    reader: Staff
    key: bytes

    @property
    def line(self) -> tuple[bytes, str, int | None, bytes]:
        """What a reader hears of once a day: one clock of one handover."""
        nudge = self.owed.nudge
        return self.owed.handover.uid, nudge.clock.value, nudge.about, self.reader.uid


def send_nudges(work: Work) -> int:
    """Queue every nudge whose moment has come and that its reader has not had; return how many.

    Safe to run at any time and again. Of what fell due on one clock while the worker was off, a
    reader is sent the highest rung alone, and nothing below one that they have had; what was
    overtaken stays in the ledger of prompts as cancelled, so that it never follows.
    """
    if work.now.astimezone(LONDON).time() < SENT_FROM:
        return 0
    due = _prompts(work)
    newest = {prompt.line: prompt.key for prompt in due}
    owed = _unknown(work, due)
    for prompt in owed:
        _queue(work, prompt, overtaken=newest[prompt.line] != prompt.key)
    return sum(newest[prompt.line] == prompt.key for prompt in owed)


def waiting_long(work: Work) -> list[tuple[str, str]]:
    """Return what a coordinator has been told of and that still waits: reference and for what."""
    found = [
        (running.case.reference, nudge.clock.label)
        for running in running_clocks(work.session)
        for nudge in nudges_of(running.facts, work.catalogue.holidays)
        if nudge.rung is Rung.COORDINATOR and nudge.due_on <= work.today
        if not running.facts.ended_at(nudge.clock)
    ]
    found += [
        (settling.case.reference, nudge.clock.label)
        for settling in settling_cases(work.session)
        for nudge in settling_nudges_of(_dated(work, settling), work.catalogue.holidays)
        if nudge.rung is Rung.COORDINATOR and nudge.due_on <= work.today
    ]
    return list(dict.fromkeys(found))


def _owed(work: Work) -> Iterator[Owed]:
    """Yield the nudges whose day has come, before a decision and after a transfer."""
    holidays = work.catalogue.holidays
    for running in running_clocks(work.session):
        for nudge in nudges_due(running.facts, work.today, holidays):
            yield Owed(running.case, running.handover, nudge, addressees(nudge))
    for settling in settling_cases(work.session):
        for after in settling_nudges_due(_dated(work, settling), work.today, holidays):
            yield Owed(settling.case, settling.handover, after, settling_addressees(after))


def _dated(work: Work, settling: Settling) -> SettlingFacts:
    """Return what the clocks after a transfer follow from, with the days of milestones."""
    if settling.facts.checked_on is not None:
        return settling.facts  # whoever supports works on no milestone
    dues = dues_of_case(work.session, settling.case.uid, work.asking)
    standings = dues.open_standings if dues is not None else ()
    return replace(
        settling.facts, due={one.rule.code: one.due_on for one in standings if one.due_on}
    )


def _prompts(work: Work) -> list[Prompt]:
    """Return what everybody ought to have had by now, in order of time.

    Who is who is asked once for each hospice: it is the same for all its handovers.
    """
    found = []
    root = vault_of(work.session).root(work.session, "trail")
    held_in = cache(lambda key: holders(work.session, key, today=work.today))
    told = cache(lambda people: with_covers(work, people))
    above = coordinators(work.session, today=work.today)
    for owed in _owed(work):
        directory = directory_of(owed.case, owed.handover, held_in)
        directory[Addressee.COORDINATOR] = list(above)
        for reader in told(tuple(one for to in owed.to for one in directory[to])):
            key = digest_of(root, _words(owed, reader), "prompt")[:KEY_LENGTH]
            found.append(Prompt(owed, reader, key))
    return found


def _words(owed: Owed, reader: Staff) -> bytes:
    """Return what makes a prompt unique: its kind, its case and its reader.

    Each clock comes to each rung once. The day is left out because a pause that begins in the
    afternoon moves it, and what was told in the morning would be told again after the pause.
    """
    nudge = owed.nudge
    kind = f"{nudge.clock}/{nudge.rung}/{nudge.about or 0}"
    about = f"{owed.case.uid.hex()}/{owed.handover.key}"
    return f"{kind} {about} {reader.uid.hex()}".encode()


def _unknown(work: Work, prompts: Iterable[Prompt]) -> list[Prompt]:
    by_key = {prompt.key: prompt for prompt in prompts}
    known = prompts_known(work.session, list(by_key))
    return [prompt for key, prompt in by_key.items() if key not in known]


def _queue(work: Work, prompt: Prompt, *, overtaken: bool) -> None:
    case, handover, nudge, _ = prompt.owed
    parts = [case.reference, handover.key, nudge.clock.value, nudge.rung.value]
    about = "/".join(parts + ([str(nudge.about)] if nudge.about else []))
    letter = work.post(KINDS.get(nudge.rung, ESCALATION), to=prompt.reader, about=about, on=case)
    letter.prompt_key = prompt.key
    if overtaken:
        letter.cancelled_at = work.now
        work.note("letter:cancelled", on=case, about=letter.kind)


def directory_of(
    case: Case, handover: Handover, held_in: Callable[[str], Sequence[StaffMembership]]
) -> dict[Addressee, list[Staff]]:
    """Return who is who about a handover today; an empty place is filled by that side's leads."""
    ours, theirs = held_in(case.organisation), held_in(handover.receiver)
    worker = [
        held.staff
        for held in ours
        if held.staff_uid == case.named_worker_uid and held.role in CHILDRENS_ROLES
    ]
    adult = [held.staff for held in theirs if held.staff_uid == handover.adult_worker_uid]
    if handover.outside:
        # Nobody outside is written to: our own people are, and ring them.
        return _all_ours(ours, worker or _leads(ours))
    return {
        Addressee.ADULT_WORKER: adult or _with_duty(theirs, Duty.LEAD),
        Addressee.NAMED_WORKER: worker or _leads(ours),
        Addressee.CHILDRENS_LEADS: _leads(ours),
        Addressee.CHILDRENS_ESCALATION: _with_duty(ours, Duty.ESCALATION),
        Addressee.RECEIVER_LEAD: _with_duty(theirs, Duty.LEAD),
        Addressee.RECEIVER_DEPUTY: _with_duty(theirs, Duty.DEPUTY),
        Addressee.RECEIVER_ESCALATION: _with_duty(theirs, Duty.ESCALATION),
    }


def _all_ours(ours: Iterable[StaffMembership], worker: list[Staff]) -> dict[Addressee, list[Staff]]:
    """Return who stands in for each place about a provider outside."""
    leads = _leads(ours)
    theirs = dict.fromkeys(Addressee, worker)
    seniors = {Addressee.CHILDRENS_LEADS: leads, Addressee.RECEIVER_ESCALATION: leads}
    return theirs | seniors | {Addressee.CHILDRENS_ESCALATION: _with_duty(ours, Duty.ESCALATION)}


def _with_duty(held: Iterable[StaffMembership], duty: Duty) -> list[Staff]:
    return [one.staff for one in held if one.duty is duty] or _leads(held)


def _leads(held: Iterable[StaffMembership]) -> list[Staff]:
    return [one.staff for one in held if one.role in LEADS]

"""The weekly digest: which is owed at an instant, and what stands in it.

Nothing that is handed to these functions holds a personal word: a letter cannot tell what it
was never told.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from transition.rules.calendar import LONDON, add_months, add_working_days
from transition.rules.closings import LOOKED_AT_YEARLY
from transition.rules.milestones import Status
from transition.rules.pathway import Owner, Stage
from transition.rules.people import Side

SENT_AT: Final = time(7, 30)
"""Local time on Monday, or on the next working day after a bank holiday."""
TOO_LATE: Final = timedelta(hours=48)
"""From this delay on, a digest is folded into the next."""


def week_of(day: date) -> str:
    """Return the ISO week of a local day, such as `2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def monday_of(week: str) -> date:
    """Return the Monday of an ISO week."""
    return date.fromisoformat(f"{week}-1")


def due_at(week: str, holidays: frozenset[date]) -> datetime:
    """Return the instant from which a week's digest is owed, in UTC."""
    # Counted from the Sunday before, the first working day is Monday unless that is a holiday.
    day = add_working_days(monday_of(week) - timedelta(days=1), 1, holidays)
    return datetime.combine(day, SENT_AT, LONDON).astimezone(UTC)


def next_due_at(now: datetime, holidays: frozenset[date]) -> datetime:
    """Return the next instant after *now* from which a digest is owed, in UTC."""
    week = newest_week(now, holidays)
    return due_at(week_of(monday_of(week) + timedelta(weeks=1)), holidays)


def folded_at(week: str, holidays: frozenset[date]) -> datetime:
    """Return the instant from which a week's digest is folded into the next, in UTC."""
    return due_at(week, holidays) + TOO_LATE


@dataclass(frozen=True, slots=True)
class Owed:
    """A week for which somebody is owed a row.

    `folded`: it is 48 hours late or more. Its row is kept, marked folded, and no letter is sent;
    the next digest says so in a line.
    """

    week: str
    folded: bool


def newest_week(now: datetime, holidays: frozenset[date]) -> str:
    """Return the last week whose digest has come due at an instant."""
    week = week_of(now.astimezone(LONDON).date())
    if now < due_at(week, holidays):
        week = week_of(monday_of(week) - timedelta(days=1))
    return week


def weeks_owed(
    last: str | None, joined: datetime, now: datetime, holidays: frozenset[date]
) -> tuple[Owed, ...]:
    """Return the weeks for which somebody lacks a row, oldest first.

    `last` is the week of their newest row. There is none for a week that was over for a digest
    when they joined, and none again for a clock that was set back.
    """
    newest = newest_week(now, holidays)
    known = last or week_of(joined.astimezone(LONDON).date() - timedelta(days=7))
    if newest <= known:
        return ()
    return tuple(
        Owed(week, folded=now >= folded_at(week, holidays))
        for week in (*weeks_between(known, newest), newest)
        if joined < folded_at(week, holidays)
    )


def weeks_between(last: str, following: str) -> tuple[str, ...]:
    """Return the weeks after one and before another: those that were missed altogether."""
    days = (monday_of(following) - monday_of(last)).days
    return tuple(week_of(monday_of(last) + timedelta(n)) for n in range(7, days, 7))


class DueKind(StrEnum):
    """What is due."""

    MILESTONE = "milestone"
    HANDOVER = "handover"
    QUESTION = "question"
    CONDITION = "condition"
    AFTER_NO = "after_no"
    """A receiver could not take it: what follows is to be said."""
    FAMILY = "family"
    """A receiver could not take it: somebody tells the young person and family."""
    DISPUTE = "dispute"
    """The children's hospice does not agree with a No: both leads talk."""
    SETTLING = "settling"
    """After the transfer: a missed contact to follow up, a conversation, the signatures."""
    SUPPORT = "support"
    """How the support beside the lead goes: to be asked by either hospice."""
    SUPPORT_TALK = "support_talk"
    """Support does not go well: both leads talk."""
    TRANSFER = "transfer"
    """A transfer that waits for signatures, from 28 days before its date."""
    REVIEW = "review"
    """A pause to look at again: all that is said of a case that rests."""
    HOLD = "hold"
    """A family's bereavement, for which prompts are held, to look at again."""
    CLOSING = "closing"
    """An ended case to look at again: all that is said of one."""
    CONFIRM = "confirm"
    """An ending that waits for the word of a second person."""


OF_A_NO: Final = frozenset({DueKind.AFTER_NO, DueKind.FAMILY, DueKind.DISPUTE})
"""What the children's hospice alone does after a No."""
OF_SUPPORT: Final = frozenset({DueKind.SUPPORT, DueKind.SUPPORT_TALK})
"""What both hospices do while one supports beside the lead."""
OF_HANDOVERS: Final = OF_A_NO | OF_SUPPORT | {DueKind.HANDOVER, DueKind.QUESTION}
"""What is done on the page of a handover."""
MOVES: Final = OF_HANDOVERS | {DueKind.TRANSFER, DueKind.SETTLING}
"""What says whose move it is, wherever a case is shown."""
OF_ENDINGS: Final = frozenset({DueKind.CLOSING, DueKind.CONFIRM})
"""What is done on the page of an ending."""
AT_ONCE: Final = MOVES | {DueKind.CONFIRM}
"""What waits for somebody from its first day."""
CLOCKED: Final = frozenset({DueKind.HANDOVER, DueKind.QUESTION})
"""What a clock runs for; a letter may tell the day of it, and of nothing else."""


@dataclass(frozen=True, slots=True)
class DueItem:
    """One thing that is due in one case: codes, a reference and days, no personal word."""

    reference: str
    kind: DueKind
    code: str
    """The milestone's code, the handover's key, the condition's number, what is waited for after
    a transfer, or how a case ended."""
    letter_words: str
    stage: Stage
    due_on: date | None
    status: Status
    owner: Owner
    counted_only: bool = False
    """Age- or school-anchored: its date beside a reference would tell a birthday."""
    blocks: bool = False
    """Whether it holds up a step, being a gate."""

    @property
    def path(self) -> str:
        """Where to read on, after signing in."""
        if self.kind in OF_ENDINGS:
            return f"/cases/{self.reference}/closing"
        if self.kind is DueKind.SETTLING:
            return f"/cases/{self.reference}/settling"
        if self.kind is DueKind.TRANSFER:
            return f"/cases/{self.reference}/confirm-transfer"
        handover = f"/handovers/{self.code}" if self.kind in OF_HANDOVERS else ""
        return f"/cases/{self.reference}{handover}"


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A line about one thing in one case."""

    reference: str
    words: str
    due_words: str
    path: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A line about one case: how many milestones fall due, and how many of them hold up a step."""

    reference: str
    stage: str
    milestones: int
    blocking: int
    path: str


@dataclass(frozen=True, slots=True)
class Moves:
    """How many moves lie ahead; one whose date has passed unsigned counts among the nearest."""

    next_3_months: int = 0
    in_3_to_6_months: int = 0
    in_6_to_12_months: int = 0
    later: int = 0
    no_date: int = 0


@dataclass(frozen=True, slots=True)
class DigestContent:
    """What one person's digest says."""

    needs_you: tuple[DigestLine, ...]
    coming: tuple[CaseLine, ...]
    waiting: tuple[DigestLine, ...]
    moves: Moves
    now: int
    """How many things need them now, those that stand in no line included."""
    soon: int
    """How many milestones fall due in the next four weeks, those in no line included."""
    late: int
    """How many of what needs them now are late."""
    escalated: tuple[DigestLine, ...] = ()
    """What a coordinator is told by reference: handovers that nobody answers."""
    unled: tuple[DigestLine, ...] = ()
    """Cases without an active worker, or in which it is not clear, on some day, who leads."""
    faults: tuple[str, ...] = ()
    """What an administrator should look at."""
    runs: tuple[str, ...] = ()
    """When each job of the timetable last ran, for an administrator."""
    missed: int = 0
    """How many weeks' digests before this one were folded into it."""
    announced: int = 0
    """How many were announced early to the reader's hospice, and not by name."""
    covering: tuple[str, ...] = ()
    """First names of the colleagues whose cases stand here because the reader covers for them."""

    @property
    def all_clear(self) -> bool:
        """Whether there is nothing to do or to wait for; the letter is sent all the same."""
        told = self.escalated or self.unled or self.faults
        return not (self.now or self.soon or self.waiting or told)


def is_once(item: DueItem) -> bool:
    """Return whether something is told in one digest only: a yearly look, which is not chased."""
    return item.kind is DueKind.CLOSING and item.code in LOOKED_AT_YEARLY


def is_gentle(item: DueItem) -> bool:
    """Return whether something is never late, however long it waits."""
    return item.kind in {DueKind.HOLD, DueKind.CONFIRM} or is_once(item)


def newly_due(item: DueItem, week: str) -> bool:
    """Return whether something fell due in the seven days up to the Monday of a week's digest."""
    monday = monday_of(week)
    return item.due_on is not None and monday - timedelta(days=7) < item.due_on <= monday


LATE: Final = frozenset({Status.OVERDUE, Status.LONG_OVERDUE})
NOW: Final = LATE | {Status.DUE}


def compose_digest(
    items: Iterable[DueItem], *, today: date, side: Side | None, moves: Sequence[date | None] = ()
) -> DigestContent:
    """Return what the digest of somebody on a side says about what is due.

    `moves` are the target dates of the moves they are concerned with. Somebody on neither side
    is told of no case.
    """
    ordered = sorted(items, key=lambda item: (item.due_on or date.max, item.reference, item.code))
    mine = [item for item in ordered if _is_for(item, side)]
    now = [item for item in mine if _is_now(item)]
    soon = [item for item in mine if item.status is Status.DUE_SOON and not _is_now(item)]
    others = [item for item in ordered if side and not _is_for(item, side) and _is_now(item)]
    return DigestContent(
        needs_you=_lines_of(now),
        coming=_case_lines_of(soon),
        waiting=_lines_of(others),
        moves=count_moves(moves, today),
        now=len(now),
        soon=len(soon),
        late=sum(item.status in LATE for item in now),
    )


def _is_for(item: DueItem, side: Side | None) -> bool:
    """Return whether it is a side's move; what is shared is everybody's."""
    return side is not None and item.owner.value in {Owner.SHARED.value, side.value}


def _is_now(item: DueItem) -> bool:
    """Return whether somebody must act now: a handover waits from its first day."""
    return item.kind in AT_ONCE or item.status in NOW


def _lines_of(items: Iterable[DueItem]) -> tuple[DigestLine, ...]:
    return tuple(
        DigestLine(item.reference, item.letter_words, _due_words(item), item.path)
        for item in items
        if not item.counted_only
    )


def _due_words(item: DueItem) -> str:
    """Return when it is due, with a date only for the clocks of a handover.

    A milestone's date would tell the day of the move, of which a letter may tell the month.
    Source: domain 7.2.
    """
    if item.kind in CLOCKED and item.due_on:
        day = f"{item.due_on:%A} {item.due_on.day} {item.due_on:%B}"
        return f"was due by {day}" if item.status in LATE else f"due by {day}"
    if item.kind is DueKind.TRANSFER and item.due_on and item.status not in LATE:
        return f"planned in {item.due_on:%B}"
    return "late" if item.status in LATE else "due today"


def _case_lines_of(items: Iterable[DueItem]) -> tuple[CaseLine, ...]:
    """Return a line for each case, in the order of what falls due first."""
    by_case: defaultdict[str, list[DueItem]] = defaultdict(list)
    for item in items:
        if not item.counted_only:
            by_case[item.reference].append(item)
    return tuple(
        CaseLine(
            reference, due[0].stage.label, len(due), sum(item.blocks for item in due), due[0].path
        )
        for reference, due in by_case.items()
    )


def count_moves(targets: Iterable[date | None], today: date) -> Moves:
    """Return how many moves lie how far ahead, given their target dates."""
    counts = [0, 0, 0, 0, 0]
    limits = [add_months(today, months) for months in (3, 6, 12)]
    for target in targets:
        ahead = 4 if target is None else sum(target > limit for limit in limits)
        counts[ahead] += 1
    return Moves(*counts)

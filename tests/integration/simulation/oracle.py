"""Who ought to be nudged, and when: reckoned from the words of the protocol, a day at a time.

Nothing here asks the rules. A finger goes over the calendar from the day of the proposal, skips
the days that count for nothing, and reads at each step what the protocol says of that day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from tests.integration.simulation.wall_calendar import LONDON, counts
from tests.people import GRACE, HELEN, IDRIS, JO, LOLA, PETER, PRIYA, TOM

HUGH: Final = "escalation@oakhaven.example"
AT: Final = {
    "rowans": {"lead": HELEN, "deputy": IDRIS, "escalation": GRACE},
    "oakhaven": {"lead": PETER, "deputy": LOLA, "escalation": HUGH},
}
"""Who receives in each adult hospice."""

THE_STOP: Final = 15
"""Working days for which questions stop the decision, in all."""

TO_BE_RECEIVED: Final = {"routine": 2, "soon": 1}
TO_BE_DECIDED: Final = {"routine": 10, "soon": 5, "expedited": 1}
TO_BE_ANSWERED: Final = {"routine": 5, "soon": 5}
"""Working days; where one is missing it is four working hours."""


@dataclass
class Tale:
    """What happened to one handover, as those who did it would tell it."""

    reference: str
    key: str
    urgency: str
    nurse: str
    proposed_at: datetime
    received_at: datetime | None = None
    over_at: datetime | None = None
    """When it was decided or taken back, or the case ended."""
    asked_at: list[datetime] = field(default_factory=list)
    answered_at: dict[int, datetime] = field(default_factory=dict)
    """By the number of the question."""
    rested_from: list[date] = field(default_factory=list)
    rested_until: list[date] = field(default_factory=list)

    @property
    def name(self) -> str:
        """How letters about it are addressed."""
        return f"{self.reference}/{self.key}"

    @property
    def receiver(self) -> str:
        """Which hospice it went to."""
        return self.key.rpartition("-")[0]

    def rested_on(self, day: date) -> bool:
        """Return whether its case was paused on a day; the first and the last day are such."""
        until = [*self.rested_until, date.max]
        return any(
            first <= day <= last for first, last in zip(self.rested_from, until, strict=False)
        )

    def asks_on(self, day: date) -> bool:
        """Return whether a question was open on a day after that of asking."""
        return any(
            day_of(asked) < day <= day_of(self.answered_at.get(number))
            for number, asked in enumerate(self.asked_at, start=1)
        )

    def ended_at(self, nudge: str) -> datetime | None:
        """Return when what a nudge asks for came, or nobody waited for it any more."""
        clock, _, *number = nudge.split("/")
        came = {
            "acknowledge": [self.received_at, *self.asked_at],
            "decide": [],
            "answer": [self.answered_at.get(int(one)) for one in number],
        }
        return min((one for one in [*came[clock], self.over_at] if one), default=None)


def day_of(instant: datetime | None) -> date:
    """Return the day of an instant in London; what has not happened lies in no day."""
    return instant.astimezone(LONDON).date() if instant else date.max


def ladder(tale: Tale, today: date) -> Iterator[str]:
    """Yield the rungs that a handover has come to by a day, in order: clock, rung, question."""
    waited: Counter[str] = Counter()
    day = day_of(tale.proposed_at)
    while day < today:
        day += timedelta(days=1)
        if not counts(day) or tale.rested_on(day):
            continue
        waited["acknowledge"] += 1
        yield from _after(waited["acknowledge"], _received_in(tale), "acknowledge")
        asks = tale.asks_on(day)
        waited["stop"] += asks
        if asks and waited["stop"] == THE_STOP + 1:
            yield "decide/stop_used_up"
        if not asks or waited["stop"] > THE_STOP:
            waited["decide"] += 1
            yield from _decision(waited["decide"], TO_BE_DECIDED[tale.urgency])
        yield from _answers(tale, day, waited)


def _answers(tale: Tale, day: date, waited: Counter[str]) -> Iterator[str]:
    for number, asked in enumerate(tale.asked_at, start=1):
        if day > day_of(asked):
            waited[f"{number}"] += 1
            yield from _answer(waited[f"{number}"], _answered_in(tale, asked), number)


def _received_in(tale: Tale) -> int:
    return TO_BE_RECEIVED.get(tale.urgency, _four_hours(tale.proposed_at))


def _answered_in(tale: Tale, asked: datetime) -> int:
    return TO_BE_ANSWERED.get(tale.urgency, _four_hours(asked))


def _four_hours(since: datetime) -> int:
    """Return how many days lie before the end of four working hours; they end at 17:00."""
    return 0 if since.astimezone(LONDON).time() <= time(13) else 1


def _after(waited: int, limit: int, clock: str) -> list[str]:
    """A day late a reminder, three days late the escalation persons, five the coordinator."""
    rungs = {1: "reminder", 3: "escalation", 5: "coordinator"}
    late = waited - limit
    return [f"{clock}/{rungs[late]}"] if late in rungs else []


def _decision(waited: int, limit: int) -> list[str]:
    """Two days ahead a reminder; the next day after the limit, five and ten days after it."""
    rungs = {-2: "reminder", 1: "escalation", 5: "coordinator", 10: "agenda"}
    late = waited - limit
    return [f"decide/{rungs[late]}"] if late in rungs else []


def _answer(waited: int, limit: int, number: int) -> list[str]:
    """Two days ahead a reminder, and the next day after the limit the children's leads."""
    rungs = {-2: "reminder", 1: "escalation"}
    late = waited - limit
    return [f"answer/{rungs[late]}/{number}"] if late in rungs else []


def told_of(tale: Tale, nudge: str) -> set[str]:
    """Return who is told, by the words of ruling 51."""
    there = AT[tale.receiver]
    clock, rung = nudge.split("/")[:2]
    if clock == "answer":
        return {tale.nurse} if rung == "reminder" else {PRIYA, TOM}
    return {
        "reminder": {there["lead"], there["deputy"]},
        "stop_used_up": {tale.nurse, there["lead"], there["deputy"]},
        "escalation": {there["escalation"], TOM},
        "coordinator": {JO},
        "agenda": {PRIYA, TOM, there["lead"], there["escalation"]},
    }[rung]


@dataclass(frozen=True)
class Leave:
    """Somebody is away, and somebody else stands in."""

    who: str
    cover: str
    first: date
    last: date


Told = tuple[datetime, str, str]
"""When, which nudge of which handover, and to whom."""


class Oracle:
    """Looks at the clock whenever the worker does, and says what must be queued now."""

    def __init__(self, leaves: tuple[Leave, ...]) -> None:
        self.tales: dict[str, Tale] = {}
        self.said: list[Told] = []
        self._leaves = leaves
        self._had: set[tuple[str, str]] = set()

    def look(self, now: datetime) -> None:
        """Say who is nudged now: of one clock each hears the highest rung, and that once."""
        day = day_of(now)
        if now.astimezone(LONDON).time() < time(9) or not counts(day):
            return
        for tale in self.tales.values():
            if not (tale.over_at or tale.rested_on(day)):
                for (_, reader), nudge in self._owed(tale, day).items():
                    self.said.append((now, f"{tale.name}/{nudge}", reader))

    def _owed(self, tale: Tale, day: date) -> Mapping[tuple[str, str], str]:
        last = {}
        heard = set(self._had)
        for nudge in ladder(tale, day):
            if tale.ended_at(nudge):
                continue
            clock, _, *number = nudge.split("/")
            for reader in self._readers(tale, nudge, day):
                last["/".join([clock, *number]), reader] = nudge
                self._had.add((f"{tale.name}/{nudge}", reader))
        return {
            (line, reader): nudge
            for (line, reader), nudge in last.items()
            if (f"{tale.name}/{nudge}", reader) not in heard
        }

    def _readers(self, tale: Tale, nudge: str, day: date) -> set[str]:
        told = told_of(tale, nudge)
        return told | {
            one.cover for one in self._leaves if one.who in told and one.first <= day <= one.last
        }

    def called_back(self, nudges: set[tuple[str, str]]) -> None:
        """Hear which nudges never left: should they be owed again later, they are."""
        self._had -= nudges

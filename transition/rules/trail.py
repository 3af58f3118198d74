"""How the trail is read: what each entry is a case of, and which are out of the ordinary."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from transition.rules.access import UrgentGrant
from transition.rules.calendar import LONDON, is_working_day
from transition.rules.record_sections import SECTIONS
from transition.rules.tellings import LOOKED
from transition.rules.urgent_access import is_often
from transition.rules.words import Worded


class Deed(Worded):
    """What the trail can be narrowed to."""

    VIEWED = "viewed", "Viewed"
    CHANGED = "changed", "Changed"
    EXPORTED = "exported", "Exported"
    PRINTED = "printed", "Printed"
    SIGNED_IN = "signed_in", "Signed in or out"
    REFUSED = "refused", "Refused"


class Oddity(Worded):
    """Why an entry is worth a second look. None of them says that anything was wrong."""

    OUT_OF_HOURS = "out_of_hours", "Outside 8am to 6pm, or not on a working day"
    MANY = "many", "More than 30 cases within an hour"
    TAKEN_ALONG = "taken_along", "Exported or printed"
    URGENT = "urgent", "Opened in an emergency"
    OFTEN = "often", "Opened in an emergency more than twice within 30 days"
    AFTER_DEATH = "after_death", "Opened after a death"
    AFTER_NO = "after_no", "Opened by a hospice that had said No or was taken out"
    REFUSED = "refused", "Refused"
    SET_BACK = "set_back", "Written after the clock had gone back"


class ExportReason(Worded):
    """Why a copy of the trail is taken along."""

    WORRY = "worry", "Somebody is worried about who has looked"
    FAMILY = "family", "The young person or family asked who has looked"
    CHECK = "check", "A regular check"
    INCIDENT = "incident", "Something went wrong and is looked into"
    DUTY = "duty", "A court, a coroner or the regulator asked"


SIGN_INS: Final = "sign-in:"
"""How the name of every entry about a sign-in begins."""
URGENT: Final = "urgent:opened"
"""The name of the entry that a record was opened in an emergency."""
GRANTED: Final = " urgent/"
"""What stands between what was looked at and the row by which it was open in an emergency."""
PRINTS: Final = "print/"
"""How what was looked at begins, where it was made for paper."""
PRINTED: Final = frozenset({"pack:printed"})
EXPORTED: Final = frozenset({"trail:exported"})
REFUSED: Final = "refused"
"""How an entry ends that tells of something which was not let happen."""

LISTS: Final = frozenset(
    {"cases:listed", "handovers:listed", "needs:listed", "upcoming:listed", "today:viewed"}
)
"""What shows several young people at once."""
VIEWED: Final = (
    (LOOKED - PRINTED - EXPORTED)
    | LISTS
    | {"cases:compared", "cases:searched", "digest:previewed", "draft:viewed"}
)
"""What only shows something."""
OPENED: Final = VIEWED & LOOKED - {"case:refused", "form:altered", "trail:read", "urgent:ended"}
"""What shows something of one young person."""

FIRST_HOUR, LAST_HOUR = 8, 18
"""The hours within which nobody is surprised at an entry."""
HOUR: Final = timedelta(hours=1)
SLACK: Final = timedelta(minutes=5)
"""How far an entry's time may lie before the last one's: it is when began what it tells of."""
TOLD_LATER: Final = frozenset({"emergency", "demo"})
"""The ways in of what comes into the trail after its time, and says so."""
MANY: Final = 30
"""How many cases somebody opens within an hour before it is worth a second look."""


class Line(NamedTuple):
    """What decides about one entry: its number, when, who of which organisation did what."""

    seq: int
    at: datetime
    actor: str
    organisation: str
    action: str
    object: str
    case_ref: str | None
    outcome: str
    via: str


class Known(NamedTuple):
    """What else decides: since when somebody is dead, and since when a hospice is out of a case."""

    died: Mapping[str, datetime]
    turned_away: Mapping[tuple[str, str], datetime]
    """By the case and the organisation."""


def oddities_of(
    lines: Iterable[Line], known: Known, holidays: frozenset[date]
) -> dict[int, frozenset[Oddity]]:
    """Return what is out of the ordinary about which entries; the lines are in their order.

    Nobody is surprised at what the tracker does by itself, but at the time that it says.
    """
    found: dict[int, frozenset[Oddity]] = {}
    recent: dict[str, deque[tuple[datetime, str]]] = defaultdict(deque)
    urgent: dict[str, list[datetime]] = defaultdict(list)
    newest: datetime | None = None
    for line in lines:
        odd = frozenset({Oddity.SET_BACK} if is_set_back(newest, line.at, line.via) else ())
        newest = last_told(newest, line.at, line.via)
        if line.organisation or line.action.startswith(SIGN_INS):
            odd |= frozenset(_odd(line, known, holidays)) | _many(line, recent)
            odd |= _often(line, urgent)
        if odd:
            found[line.seq] = odd
    return found


def is_set_back(newest: datetime | None, at: datetime, via: str) -> bool:
    """Return whether the clock had gone back before an entry that follows one of *newest*."""
    return newest is not None and via not in TOLD_LATER and at < newest - SLACK


def last_told(newest: datetime | None, at: datetime, via: str) -> datetime | None:
    """Return the time with which the next entry is compared, after one of *at*."""
    return newest if via in TOLD_LATER else at


def _odd(line: Line, known: Known, holidays: frozenset[date]) -> Iterator[Oddity]:
    if is_out_of_hours(line.at, holidays):
        yield Oddity.OUT_OF_HOURS
    if line.action == URGENT:
        yield Oddity.URGENT
    if line.outcome == REFUSED:
        yield Oddity.REFUSED
    if line.action in PRINTED | EXPORTED or line.object.startswith(PRINTS):
        yield Oddity.TAKEN_ALONG
    if line.case_ref is not None and line.action in OPENED:
        since = {
            Oddity.AFTER_DEATH: known.died.get(line.case_ref),
            Oddity.AFTER_NO: known.turned_away.get((line.case_ref, line.organisation)),
        }
        yield from (one for one, at in since.items() if at is not None and line.at > at)


def _many(line: Line, recent: dict[str, deque[tuple[datetime, str]]]) -> frozenset[Oddity]:
    """Return whether whoever wrote this line has opened too many cases in the hour before it."""
    if line.case_ref is None or line.action not in OPENED:
        return frozenset()
    opened = recent[line.actor]
    opened.append((line.at, line.case_ref))
    while line.at - opened[0][0] >= HOUR:
        opened.popleft()
    cases = {reference for _, reference in opened}
    return frozenset({Oddity.MANY}) if len(cases) > MANY else frozenset()


def _often(line: Line, urgent: dict[str, list[datetime]]) -> frozenset[Oddity]:
    """Return whether whoever wrote this line opens records in an emergency too often."""
    if line.action != URGENT:
        return frozenset()
    urgent[line.actor].append(line.at)
    often = is_often(urgent[line.actor], line.at)
    return frozenset({Oddity.OFTEN}) if often else frozenset()


def is_out_of_hours(at: datetime, holidays: frozenset[date]) -> bool:
    """Return whether something happened outside the hours of a working day, in London."""
    local = at.astimezone(LONDON)
    within = FIRST_HOUR <= local.hour < LAST_HOUR
    return not within or not is_working_day(local.date(), holidays)


def about_urgently(about: str, grant: UrgentGrant) -> str:
    """Return how an entry says what was looked at, and by which row it was open in an emergency."""
    return f"{about}{GRANTED}{grant.uid.hex()}"


def part_in_words(about: str) -> str:
    """Return which part of a case an entry is about, as people call it."""
    about, urgent, row = about.partition(GRANTED)
    if urgent:
        return f"{part_in_words(about)}, opened in an emergency (number {row[:8]})"
    kind, _, part = about.partition("/")
    key = part.removesuffix("/form")
    if kind == "record" and key in SECTIONS:
        return SECTIONS[key].title
    return f"the print for the {part.replace('-', ' ')}" if kind == "print" else about

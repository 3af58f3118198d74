"""The handover pack: its twelve sections in order, what changed in one, and how old its parts are.

Source: domain 6.4. A pack is kept as plain lists and words, so that it can be sealed and proved.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Self

from transition.rules.questions import QuestionCategory
from transition.rules.services import Needed, ServiceFacts, ServiceKey, still_unknown, unsettled
from transition.rules.words import Worded


class PackSection(Worded):
    """The sections of a pack, in the order in which they are read."""

    FRONT = "front", "At a glance"
    ABOUT = "about", "About me"
    PEOPLE = "people", "Who is who"
    HEALTH = "health", "Health"
    DECISIONS = "decisions", "Decisions"
    SERVICES = "services", "Services now and as an adult"
    EQUIPMENT = "equipment", "Equipment and supplies"
    FUNDING = "funding", "Funding"
    ASKED = "asked", "What we ask you to do"
    FAMILY = "family", "Support for the family"
    MILESTONES = "milestones", "Milestones"
    PROVENANCE = "provenance", "Who wrote this, and when it was checked"

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return list(PackSection).index(self) + 1


class PrintReason(Worded):
    """Why a pack is put on paper."""

    HOME_VISIT = "home_visit", "For a visit where there is no signal"
    MEETING = "meeting", "For a meeting"
    OWN_RECORD = "own_record", "For our own record of care"
    NO_SIGN_IN = "no_sign_in", "For a service that does not sign in here"
    ASKED_FOR = "asked_for", "The young person or the family asked for it"
    OTHER = "other", "Another reason"


_P = PackSection

RECORD_IN: Final[Mapping[PackSection, tuple[str, ...]]] = {
    _P.ABOUT: ("what-matters", "communication", "identity"),
    _P.PEOPLE: ("contacts", "legal-roles", "home", "gp"),
    _P.HEALTH: ("health", "needs", "equipment"),
    _P.DECISIONS: ("capacity", "best-interests", "care-plan", "protection"),
}
"""Which sections of the record stand in which section of the pack."""

_S = ServiceKey

SERVICES_IN: Final[Mapping[PackSection, frozenset[ServiceKey]]] = {
    _P.EQUIPMENT: frozenset({_S.EQUIPMENT_CONSUMABLES, _S.WHEELCHAIR, _S.CONTINENCE}),
    _P.FUNDING: frozenset(
        {
            _S.CONTINUING_CARE_FUNDING,
            _S.PERSONAL_ASSISTANTS_PHB,
            _S.EDUCATION_EHCP,
            _S.SOCIAL_CARE,
            _S.BENEFITS,
        }
    ),
    _P.FAMILY: frozenset({_S.FAMILY_BEREAVEMENT_SUPPORT}),
}
"""The services that are told of in a section of their own; all others stand in the map."""

ASKED_ABOUT: Final[Mapping[PackSection, QuestionCategory]] = {
    _P.PEOPLE: QuestionCategory.FAMILY,
    _P.HEALTH: QuestionCategory.CLINICAL,
    _P.DECISIONS: QuestionCategory.CONSENT_CAPACITY,
    _P.SERVICES: QuestionCategory.CLINICAL,
    _P.EQUIPMENT: QuestionCategory.EQUIPMENT_TRAINING,
    _P.FUNDING: QuestionCategory.FUNDING,
    _P.FAMILY: QuestionCategory.FAMILY,
}
"""What a question about a section is most likely about; about any other: something else."""

CHECKED_WITHIN: Final = 90
"""Days after which a part of a pack says that it must be checked."""

VALID_FOR: Final = timedelta(days=30)
"""How long a printed pack is good."""

MEDICINES_WITHIN: Final = 14
"""Days that the list of medicines may be old. Source: domain 5.3."""

AT_A_GLANCE: Final = 280
"""Characters that stand in about three lines."""


class PackBlock(NamedTuple):
    """A heading, and what stands below it: questions with answers, or a table with its heads."""

    title: str
    rows: Sequence[Sequence[str]]
    heads: Sequence[str] = ()


class PackSource(NamedTuple):
    """Who wrote a part of a section, and on which day it was last said to be right."""

    title: str
    by: str
    on: date | None

    def old(self, today: date) -> bool:
        """Return whether it must be checked before anybody trusts it."""
        return self.on is None or (today - self.on).days > CHECKED_WITHIN


class PackPart(NamedTuple):
    """One section of one pack."""

    section: PackSection
    blocks: Sequence[PackBlock] = ()
    sources: Sequence[PackSource] = ()

    def old(self, today: date) -> bool:
        """Return whether any of it must be checked before anybody trusts it."""
        return any(source.old(today) for source in self.sources)

    def kept(self) -> dict[str, Any]:
        """Return it as it is sealed."""
        return {
            "section": self.section.value,
            "blocks": [
                [one.title, list(one.heads), list(map(list, one.rows))] for one in self.blocks
            ],
            "sources": [
                [one.title, one.by, one.on.isoformat() if one.on else None] for one in self.sources
            ],
        }

    @classmethod
    def opened(cls, kept: Mapping[str, Any], *, without: Collection[str]) -> Self:
        """Return the section that was *kept*, but for the answers to the questions *without*."""
        blocks = [
            PackBlock(title, [row for row in rows if heads or row[0] not in without], heads)
            for title, heads, rows in kept["blocks"]
        ]
        return cls(
            PackSection(kept["section"]),
            [one for one in blocks if one.rows],
            [
                PackSource(title, by, date.fromisoformat(on) if on else None)
                for title, by, on in kept["sources"]
            ],
        )


class PackChange(NamedTuple):
    """What stood in one row of a section, and what stands there now; empty where nothing."""

    label: str
    was: str
    now: str


def parts_of(pack: Mapping[str, Any], *, without: Collection[str] = ()) -> list[PackPart]:
    """Return the sections of a pack, but for the answers to the questions *without*.

    A pack that was sent before packs had sections has none.
    """
    return [PackPart.opened(kept, without=without) for kept in pack.get("sections", ())]


def changed_in(pack: Mapping[str, Any], section: PackSection) -> int:
    """Return the version in which a section of a pack was changed last."""
    return int(pack.get("changed_in", {}).get(section.value, 1))


def changes_between(
    was: Iterable[PackPart], now: Iterable[PackPart]
) -> dict[PackSection, list[PackChange]]:
    """Return what differs between two versions, a section at a time; equal ones are left out."""
    before = {part.section: _rows_of(part) for part in was}
    found: dict[PackSection, list[PackChange]] = {}
    for part in now:
        rows, stood = _rows_of(part), before.get(part.section, {})
        changes = [
            PackChange(row.label, stood.get(row, ""), rows.get(row, ""))
            for row in {**stood, **rows}
            if stood.get(row) != rows.get(row)
        ]
        if changes:
            found[part.section] = changes
    return found


class _Row(NamedTuple):
    """What tells one row of a section from another, and what a change of it is called."""

    block: str
    first: str
    label: str


def _rows_of(part: PackPart) -> dict[_Row, str]:
    """Return what stands in the rows of a section; rows that begin alike are told as one."""
    found: dict[_Row, str] = {}
    for block in part.blocks:
        for first, *more in block.rows:
            row = _Row(block.title, first, _label(block.title, first) if more else block.title)
            said = "; ".join(filter(None, more)) or first
            found[row] = f"{found[row]}; {said}" if row in found else said
    return found


def _label(title: str, first: str) -> str:
    return f"{title}: {first}" if title else first


def in_three_lines(words: str) -> str:
    """Return words as they stand at a glance: cut after a word where they are longer."""
    if len(words) <= AT_A_GLANCE:
        return words
    return f"{words[:AT_A_GLANCE].rsplit(maxsplit=1)[0]} …"


def valid_until(frozen_on: date) -> date:
    """Return the last day on which a printed pack is good."""
    return frozen_on + VALID_FOR


@dataclass(frozen=True, kw_only=True)
class PackGaps:
    """What decides whether something is missing in a pack beyond what a proposal asks for."""

    services: Collection[ServiceFacts] = ()
    emergency_plan_location: str | None = None
    medicines_on: date | None = None
    decided_about: Collection[str] = ()
    """The decisions for which there is a capacity record."""
    may_decide: bool = False
    """Whether the young person is 16, so that capacity is asked about."""
    without_line: Collection[str] = ()
    """The hospices whose 24-hour number nobody has entered."""


def missing_in(gaps: PackGaps, today: date) -> tuple[str, ...]:
    """Return a sentence for each thing that a pack lacks and both sides should know of."""
    unknown, open_ends = still_unknown(gaps.services), unsettled(gaps.services)
    medicines = gaps.medicines_on
    said = [
        (
            not gaps.emergency_plan_location,
            "Advance care plan: where the emergency plan is, is not written yet.",
        ),
        (
            medicines is None or (today - medicines).days > MEDICINES_WITHIN,
            f"Health in short: the list of medicines is not dated within {MEDICINES_WITHIN} days.",
        ),
        (
            gaps.may_decide and "move" not in gaps.decided_about,
            "Capacity: nothing is recorded for the decision to move.",
        ),
        (unknown > 0, f"Services: nobody has said of {unknown} whether they are needed."),
        (
            open_ends > 0,
            f"Services: {open_ends} needed with neither an adult service nor a word on the gap.",
        ),
        *((True, f"24-hour number of {name}: not entered yet.") for name in gaps.without_line),
    ]
    return tuple(sentence for missing, sentence in said if missing)


def services_in(section: PackSection, recorded: Iterable[ServiceFacts]) -> list[ServiceFacts]:
    """Return the services that a section tells of: all but those that nobody needs."""
    apart = {key for keys in SERVICES_IN.values() for key in keys}
    return [
        one
        for one in recorded
        if one.needed is not Needed.NO
        and (
            one.key in SERVICES_IN.get(section, ())
            if section in SERVICES_IN
            else one.key not in apart
        )
    ]

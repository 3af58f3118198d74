"""What stands in each section of a handover pack, made of plain facts. Source: domain 6.4."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from transition.rules.handovers import Function, SharingBasis, Urgency
from transition.rules.milestones import OutcomeKind, Standing
from transition.rules.packs import (
    RECORD_IN,
    PackBlock,
    PackPart,
    PackSection,
    PackSource,
    services_in,
)
from transition.rules.record import Block, Shown, Value, words_of
from transition.rules.record_sections import CONTACTS, SECTIONS, SHARING, TECHNICAL_CARE
from transition.rules.services import ServiceFacts

PEOPLE_HEADS: Final = ("Who", "How to reach them", "What they may be told", "More")
OF_ONE_KIND: Final = ("needs", "equipment")
"""The sections of the record whose questions all have the same few answers."""
SEVERAL: Final = 3
LAST: Final = 99
ADDRESS: Final = CONTACTS.field("address").label
NO_NUMBER: Final = "Number not entered yet"
NOT_WRITTEN: Final = "Not written yet"
FOR_THE_FAMILY: Final = (
    Function.SIBLING_FAMILY_SUPPORT,
    Function.EMOTIONAL_SUPPORT,
    Function.BEREAVEMENT_SUPPORT,
)
SERVICE_HEADS: Final = ("Service", "Now", "As an adult", "How far it has come")
NOT_USED: Final = (None, "", "not_used")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a receiver, and on what basis its pack may be shared."""

    receiver: str | None
    functions: Sequence[Function]
    target_on: date | None
    urgency: Urgency
    sharing_basis: SharingBasis
    sharing_limits: str | None
    why: str | None = None
    provider: str | None = None
    """What the receiver is called, where it is a provider outside."""
    leads: bool = True
    """Whether they are asked to lead it, or to support beside whoever leads."""


@dataclass(frozen=True, slots=True)
class ServiceTold:
    """One service of the map, with who gives it now, and how to reach both."""

    facts: ServiceFacts
    now: str = ""
    now_contact: str = ""
    then_contact: str = ""


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """Whom to ring at any hour, and the number, where somebody has entered it."""

    name: str
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class PackFacts:
    """What a pack is made of; only what another organisation may read."""

    called: str
    sender: str
    receiver: str = ""
    who: Sequence[tuple[str, str]] = ()
    """Whom it is about: name, birth, NHS number, language."""
    record: Mapping[str, Sequence[Block]] = field(default_factory=dict)
    """What the receiver may read of each section of the record, by its key."""
    sources: Mapping[str, PackSource] = field(default_factory=dict)
    """Who wrote each section of the record and when it was last said to be right."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """What stands in the questions of the record, by their names."""
    people: Sequence[Mapping[str, Value]] = ()
    services: Sequence[ServiceTold] = ()
    services_source: PackSource | None = None
    leaders: Sequence[tuple[Function, str]] = ()
    """Each function, and the name of who leads it today."""
    supporters: Sequence[tuple[Function, str]] = ()
    """Each function that somebody supports today beside its lead, and their name."""
    line_now: AdviceLine
    line_then: AdviceLine | None = None
    because: str = ""
    """Why the target date is what it is."""
    standings: Sequence[Standing] = ()
    waived: Mapping[str, str] = field(default_factory=dict)
    """Why the leads go on without a milestone, by its code."""
    written: PackSource
    """Who puts the pack together, and when."""


def contents_of(facts: PackFacts, asked: Asked) -> list[PackPart]:
    """Return the sections of a pack, in order."""
    blocks = {
        PackSection.FRONT: _front(facts, asked),
        PackSection.ASKED: _asked(facts, asked),
        PackSection.FAMILY: _family(facts),
        PackSection.MILESTONES: _milestones(facts),
        **{section: _from_the_record(facts, section) for section in RECORD_IN},
        PackSection.PEOPLE: [*_people(facts), *_from_the_record(facts, PackSection.PEOPLE)],
        **{section: _services(facts, section) for section in MAPPED},
    }
    return [
        PackPart(
            section,
            [one for one in blocks.get(section, ()) if one.rows],
            list(_sources(facts, section)),
        )
        for section in PackSection
    ]


MAPPED: Final = (PackSection.SERVICES, PackSection.EQUIPMENT, PackSection.FUNDING)
"""The sections that the map of services fills."""


def _front(facts: PackFacts, asked: Asked) -> list[PackBlock]:
    values = facts.values
    lines = [("Now", facts.line_now)]
    if facts.line_then is not None:
        lines.append((f"From {_day(asked.target_on)}, if agreed", facts.line_then))
    technical = [
        label
        for name, label in TECHNICAL_CARE.items()
        if values.get(f"uses_{name}") not in NOT_USED
    ]
    involve = words_of(SHARING.field("involve_parents"), values.get("involve_parents"))
    return [
        PackBlock("Who this is about", facts.who),
        _answered(
            f"How to talk with {facts.called}",
            ("How I communicate", values.get("how_i_communicate")),
            ("How I say yes and no", values.get("how_i_say_yes_no")),
        ),
        _answered(
            "Act fast",
            ("Allergies", values.get("allergies") or NOT_WRITTEN),
            ("Technical care", ", ".join(technical)),
            ("Emergency plan", values.get("emergency_plan_location") or NOT_WRITTEN),
        ),
        PackBlock(
            "24-hour advice",
            [(when, f"{line.name}: {line.number or NO_NUMBER}") for when, line in lines],
        ),
        PackBlock(
            "Who leads what today", led_by((leader, one.label) for one, leader in facts.leaders)
        ),
        PackBlock(
            "Who supports beside them", led_by((name, one.label) for one, name in facts.supporters)
        ),
        _answered(
            "Sharing",
            ("On what basis", asked.sharing_basis.label),
            ("What must not be told, and to whom", asked.sharing_limits),
            ("How much parents are involved", involve),
        ),
    ]


def led_by(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each first with all the seconds that come with it, the earliest first."""
    found: dict[str, list[str]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
    return [(first, ", ".join(seconds)) for first, seconds in found.items()]


def _people(facts: PackFacts) -> list[PackBlock]:
    """Return who is who in one table; where they live stands apart, because that may be hidden."""
    listed = sorted(facts.people, key=lambda one: one.get("emergency_order") or LAST)
    homes = [(f"Where {one['name']} lives", one.get("address")) for one in listed]
    return [
        PackBlock("", [_person(one) for one in listed], PEOPLE_HEADS),
        *(_answered(title, (ADDRESS, address)) for title, address in homes),
    ]


def _person(one: Mapping[str, Value]) -> tuple[str, ...]:
    def said(*names: str) -> list[str]:
        return [words_of(CONTACTS.field(name), one.get(name)) for name in names]

    def yes(name: str, words: str) -> str:
        return words if one.get(name) == "yes" else ""

    order = said("emergency_order")[0] if one.get("emergency_order") else ""
    not_to = said("do_not")[0]
    return (
        _and(*said("name", "relationship")),
        _sentences(
            *said("phone", "other_phone", "email"),
            *said("preferred_contact", "best_time"),
            f"Do not: {not_to[0].lower()}{not_to[1:]}" if not_to else "",
        ),
        _sentences(
            *said("may_be_told"),
            yes("has_pr", "Holds parental responsibility"),
            yes("is_main_carer", "Main carer"),
        ),
        _sentences(order, *said("organisation"), *said("interpreter")),
    )


def _together(rows: Sequence[Shown]) -> list[Shown]:
    """Return answers, those that were given to several questions told once for all of them."""
    answers = Counter(words for _, words in rows)
    found: dict[str, str] = {}
    for label, words in rows:
        many = answers[words] >= SEVERAL
        key = words if many else label
        found[key] = f"{found[key]}, {label}" if key in found else (label if many else words)
    return list(found.items())


def _from_the_record(facts: PackFacts, section: PackSection) -> list[PackBlock]:
    return [
        PackBlock(title, _together(shown) if key in OF_ONE_KIND else shown)
        for key in RECORD_IN[section]
        if key != CONTACTS.key
        for title, shown in facts.record.get(key, ())
    ]


def _services(facts: PackFacts, section: PackSection) -> list[PackBlock]:
    told = {one.facts.key: one for one in facts.services}
    rows = [
        _service(told[one.key])
        for one in services_in(section, [each.facts for each in told.values()])
    ]
    blocks = [PackBlock("", rows, SERVICE_HEADS)]
    if section is PackSection.EQUIPMENT:
        used = [
            (
                label,
                words_of(SECTIONS["equipment"].field(f"uses_{name}"), facts.values[f"uses_{name}"]),
            )
            for name, label in TECHNICAL_CARE.items()
            if facts.values.get(f"uses_{name}") not in NOT_USED
        ]
        overseen = [row for row in facts.leaders if row[0] is Function.EQUIPMENT_OVERSIGHT]
        blocks = [
            PackBlock("What is used, and who is trained", used),
            *blocks,
            PackBlock(
                "Who keeps an eye on it today", [(one.label, leader) for one, leader in overseen]
            ),
        ]
    return blocks


def _service(told: ServiceTold) -> tuple[str, ...]:
    one = told.facts
    progress = _sentences(
        one.status.label,
        f"Asked for on {_day(one.referred_on)}" if one.referred_on else "",
        f"Expected on {_day(one.expected_start)}" if one.expected_start else "",
        f"The leads take it further on {_day(one.escalate_on)}" if one.escalate_on else "",
        one.gap_note,
    )
    return (
        one.key.label,
        _and(told.now, told.now_contact) or "Not known yet",
        _and(one.adult_counterpart, told.then_contact) or "Nobody yet",
        progress,
    )


def _asked(facts: PackFacts, asked: Asked) -> list[PackBlock]:
    kept = [one.label for one, _ in facts.leaders if one not in asked.functions or not asked.leads]
    what = "take on" if asked.leads else "support"
    wanted = ", ".join(one.label for one in asked.functions)
    return [
        _answered(
            "",
            (f"We ask {facts.receiver} to {what}", wanted or "Chosen when it is proposed"),
            ("What stays as it is", ", ".join(kept)),
            ("From", _day(asked.target_on) if asked.target_on else "No date yet"),
            ("Why that date", facts.because),
            ("How soon an answer is needed", asked.urgency.label),
            ("Why this hospice", asked.why or NOT_WRITTEN),
        )
    ]


def _family(facts: PackFacts) -> list[PackBlock]:
    leaders = dict(facts.leaders)
    carers, bereaved = (
        ", ".join(str(one["name"]) for one in facts.people if one.get(name) == "yes")
        for name in ("is_young_carer", "bereaved")
    )
    return [
        PackBlock(
            "Who supports the family today",
            [(one.label, leaders[one]) for one in FOR_THE_FAMILY if one in leaders],
        ),
        *_services(facts, PackSection.FAMILY),
        _answered("In the family", ("Young carers", carers), ("Have been bereaved", bereaved)),
    ]


def _milestones(facts: PackFacts) -> list[PackBlock]:
    """Return the milestones by what became of them.

    How late one is stays at home, and so do those that the case added.
    """
    listed = [one for one in facts.standings if not one.rule.own]
    kinds = {one.rule.code: one.outcome.kind if one.outcome else None for one in listed}
    titles = {one.rule.code: one.rule.title for one in listed}

    def of(*wanted: OutcomeKind | None) -> list[str]:
        return [code for code, kind in kinds.items() if kind in wanted]

    def plain(title: str, codes: Iterable[str]) -> PackBlock:
        return PackBlock(title, [(titles[code],) for code in codes])

    return [
        plain("Still to do", of(None)),
        PackBlock(
            "Gone on without",
            [
                (titles[code], facts.waived.get(code) or "Waived by a lead")
                for code in of(OutcomeKind.WAIVED)
            ],
        ),
        plain("Done", of(OutcomeKind.DONE)),
        plain("Not needed", of(OutcomeKind.NOT_APPLICABLE, OutcomeKind.DECLINED_BY_PERSON)),
    ]


def _sources(facts: PackFacts, section: PackSection) -> Iterator[PackSource]:
    """Yield who wrote what stands in a section; what nobody has confirmed says so."""
    for key in RECORD_IN.get(section, ("sharing",) if section is PackSection.FRONT else ()):
        if key in facts.sources:
            yield facts.sources[key]
        elif facts.record.get(key):
            yield PackSource(SECTIONS[key].title, "", None)
    if section is PackSection.SERVICES and facts.services_source is not None:
        yield facts.services_source
    if section is PackSection.ASKED:
        yield facts.written


def _answered(title: str, *rows: tuple[str, str | None]) -> PackBlock:
    return PackBlock(title, [(label, words) for label, words in rows if words])


def _sentences(*words: str | None) -> str:
    return ". ".join(one.rstrip(".") for one in words if one)


def _and(*words: str | None) -> str:
    return ", ".join(filter(None, words))


def _day(on: date | None) -> str:
    return f"{on.day} {on:%B %Y}" if on else "the target date"

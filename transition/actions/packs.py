"""The pack: what a receiving hospice is shown of a case, frozen as it stood when it was sent."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from transition.actions.record import missing_before_proposal
from transition.actions.work import Work
from transition.clock import local_day
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.dues import dues_of_case
from transition.records.histories import target_changes_of
from transition.records.keys import vault_of
from transition.records.ledger import ledger_of
from transition.records.milestones import outcomes_of
from transition.records.record_sections import Record, blocks_of, record_of, sections_of
from transition.records.services import MappedService, services_of
from transition.records.staff import staff_names
from transition.records.young_people import YoungPerson, young_person_of
from transition.rules.calendar import birthday
from transition.rules.handovers import Function
from transition.rules.ledger import Position, supported_on
from transition.rules.nhs_numbers import show_nhs_number
from transition.rules.pack_contents import AdviceLine, Asked, PackFacts, ServiceTold, contents_of
from transition.rules.packs import (
    PackGaps,
    PackSource,
    changes_between,
    in_three_lines,
    missing_in,
    parts_of,
)
from transition.rules.record import Block, kept_from_receivers
from transition.rules.record_sections import CAPACITY, CONTACTS, SECTIONS
from transition.rules.targets import TargetReason
from transition.security.chain import digest_of

CAPACITY_FROM = 16
"""Years of age from which capacity is asked about."""


def frozen_pack(
    work: Work,
    case: Case,
    asked: Asked,
    *,
    replaces: dict[str, Any] | None = None,
    record: Record | None = None,
) -> tuple[dict[str, Any], bytes]:
    """Return the pack of a case as it stands now, and the keyed digest that proves it later.

    It says in which version each section was changed last.
    """
    person = young_person_of(work.session, case.young_person_uid)
    record = record or record_of(work.session, case)
    facts = pack_facts(work, case, asked, record)
    pack = pack_of(work, person, anchors_of(work.session, case.uid).date_of_birth, facts, asked)
    pack["missing"] = list(missing_in_pack(work, case, facts, record))
    if replaces is not None:
        pack["version"] = replaces["version"] + 1
        changed = changes_between(parts_of(replaces), parts_of(pack))
        pack["changed_in"] = replaces.get("changed_in", {}) | {
            section.value: pack["version"] for section in changed
        }
    return pack, proof_of(work, pack)


def pack_of(
    work: Work, person: YoungPerson, born: date, facts: PackFacts, asked: Asked
) -> dict[str, Any]:
    """Return the first version of a pack: whom it is about, and its sections in order."""
    return {
        "version": 1,
        "frozen_on": work.today.isoformat(),
        "frozen_at": work.now.isoformat(),
        "sent_by": facts.written.by,
        "sent_by_uid": work.actor.uid.hex() if work.actor.uid else None,
        "called": person.called,
        "shown_name": person.shown_name,
        "full_name": person.full_name,
        "pronouns": person.pronouns,
        "date_of_birth": born.isoformat(),
        "nhs_number": person.nhs_number,
        "about_me": in_three_lines(facts.values.get("about_me") or ""),
        "allergies": facts.values.get("allergies"),
        "sharing_basis": asked.sharing_basis.value,
        "sharing_limits": asked.sharing_limits,
        "target_on": asked.target_on.isoformat() if asked.target_on else None,
        "functions": [function.value for function in asked.functions],
        "missing": [],
        "sections": [part.kept() for part in contents_of(facts, asked)],
    }


def proof_of(work: Work, pack: dict[str, Any]) -> bytes:
    """Return the keyed digest of a pack."""
    canonical = json.dumps(pack, sort_keys=True, ensure_ascii=False).encode()
    return digest_of(vault_of(work.session).root(work.session, "trail"), canonical)


def pack_facts(work: Work, case: Case, asked: Asked, record: Record) -> PackFacts:
    """Return what the pack of a case is made of now."""
    session, collaborative = work.session, work.catalogue.collaborative
    dues = dues_of_case(session, case.uid, work.asking)
    names = staff_names(session)
    mapped = list(services_of(session, case.uid).values())
    leading, supporting = leading_today(work, case), supporting_today(work, case)
    line_now, line_then = advice_lines(work, case.organisation, dict(leading), asked)
    receiver = collaborative.organisation(asked.receiver).name if asked.receiver else ""
    receiver = asked.provider or receiver
    person = young_person_of(session, case.young_person_uid)
    return PackFacts(
        called=person.called,
        sender=collaborative.organisation(case.organisation).name,
        receiver=receiver or "the hospice",
        who=who_it_is(person, anchors_of(session, case.uid).date_of_birth),
        record=record_for_receivers(person, record),
        sources={
            key: PackSource(
                SECTIONS[key].title, names[row.changed_by_uid], local_day(row.confirmed_at)
            )
            for key, row in sections_of(session, case.uid).items()
        },
        values=record.values,
        people=record.listed(CONTACTS),
        services=[_told(row) for row in mapped],
        services_source=_source_of(mapped, names),
        leaders=[(function, collaborative.service(code).name) for function, code in leading],
        supporters=[(function, collaborative.service(code).name) for function, code in supporting],
        line_now=line_now,
        line_then=line_then,
        because=_because(session, case),
        standings=dues.standings if dues is not None else (),
        waived={code: row.reason or "" for code, row in outcomes_of(session, case.uid).items()},
        written=PackSource("This handover", names.get(work.actor_uid, ""), work.today),
    )


def leading_today(work: Work, case: Case) -> list[tuple[Function, str]]:
    """Return each function of a case, and the code of whoever leads it today."""
    return [
        (row.function, row.service)
        for row in ledger_of(work.session, case.uid)
        if row.position is Position.LEAD
        and row.from_on <= work.today
        and (row.to_on is None or row.to_on > work.today)
    ]


def supporting_today(work: Work, case: Case) -> tuple[tuple[Function, str], ...]:
    """Return each function of a case that somebody supports today, and the code of who it is."""
    return supported_on([row.span for row in ledger_of(work.session, case.uid)], work.today)


def who_it_is(person: YoungPerson, born: date) -> list[tuple[str, str]]:
    """Return whom a pack is about: what must be right before anything else is."""
    number = show_nhs_number(person.nhs_number) if person.nhs_number else "number not known"
    language = person.first_language or "First language not known"
    needs = {"yes": "An interpreter is needed", "no": "No interpreter is needed"}
    interpreter = needs.get(person.interpreter_needed or "", "Ask whether an interpreter is needed")
    return [
        ("Full name", person.full_name),
        ("Born, and NHS number", f"{born.day} {born:%B %Y}, {number}"),
        ("Language", f"{language}. {interpreter}."),
    ]


def _told(row: MappedService) -> ServiceTold:
    return ServiceTold(
        row.facts,
        row.childrens_provider or "",
        row.childrens_contact or "",
        row.adult_contact or "",
    )


def _source_of(mapped: Sequence[MappedService], names: dict[bytes, str]) -> PackSource | None:
    """Return who wrote on the map of services last, and when its oldest row was written."""
    if not mapped:
        return None
    last = max(mapped, key=lambda row: row.set_at)
    oldest = min(row.set_at for row in mapped)
    return PackSource("Services", names[last.set_by_uid], local_day(oldest))


def advice_lines(
    work: Work, organisation: str, leading: dict[Function, str], asked: Asked
) -> tuple[AdviceLine, AdviceLine | None]:
    """Return whom to ring at any hour today, and from the target date on where that changes."""
    collaborative = work.catalogue.collaborative
    leads = leading.get(Function.ADVICE_24_7, organisation)
    now = AdviceLine(collaborative.service(leads).name, collaborative.advice_line(leads))
    if asked.receiver is None or Function.ADVICE_24_7 not in asked.functions:
        return now, None
    receiver = collaborative.organisation(asked.receiver)
    return now, AdviceLine(asked.provider or receiver.name, receiver.newest.advice_line)


def _because(session: Session, case: Case) -> str:
    changes = target_changes_of(session, case.uid)
    return TargetReason(changes[-1].reason_code).label if changes else ""


def record_for_receivers(person: YoungPerson, record: Record) -> dict[str, list[Block]]:
    """Return what another organisation may read of each section of a case's record, in words."""
    confidential = person.address_is_kept
    return {
        one.key: blocks_of(
            record,
            [one],
            lambda section, _: kept_from_receivers(section, confidential=confidential),
        )
        for one in SECTIONS.values()
        if one.receiver
    }


def missing_in_pack(work: Work, case: Case, facts: PackFacts, record: Record) -> tuple[str, ...]:
    """Return a sentence for each thing that a pack would lack if it were sent now."""
    session = work.session
    lines = [facts.line_now, *filter(None, [facts.line_then])]
    gaps = PackGaps(
        services=[one.facts for one in facts.services],
        emergency_plan_location=facts.values.get("emergency_plan_location"),
        medicines_on=facts.values.get("medicines_on"),
        decided_about=[one["decision"] for one in record.listed(CAPACITY)],
        may_decide=birthday(anchors_of(session, case.uid).date_of_birth, CAPACITY_FROM)
        <= work.today,
        without_line=[line.name for line in lines if not line.number],
    )
    unwritten = tuple(f"{one.words}." for one in missing_before_proposal(work, case, record))
    return unwritten + missing_in(gaps, work.today)

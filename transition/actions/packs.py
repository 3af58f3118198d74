"""The pack: what a receiving hospice is shown of a case, frozen as it stood when it was sent."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import Session

from transition.actions.work import Work
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.dues import dues_of_case
from transition.records.keys import vault_of
from transition.records.ledger import ledger_of
from transition.records.record_sections import blocks_of
from transition.records.summaries import Summary, summary_of
from transition.records.young_people import YoungPerson, young_person_of
from transition.rules.handovers import Function
from transition.rules.milestones import OutcomeKind, Standing
from transition.rules.record import Block, kept_from_receivers
from transition.rules.record_sections import SECTIONS
from transition.security.chain import digest_of

if TYPE_CHECKING:
    from transition.actions.handovers import Proposal


TOLD_ELSEWHERE: Final = frozenset(
    {"about_me", "how_i_communicate", "allergies", "primary_condition", "condition_group"}
    | {"given_name", "family_name", "known_as", "pronouns", "first_language", "interpreter_needed"}
    | {"sharing_basis", "sharing_limits"}
)
"""What stands at the head of the pack and needs not be said again."""


@dataclass(frozen=True)
class PackFacts:
    """What a pack is made of."""

    person: YoungPerson
    summary: Summary
    born: date
    who_leads: Sequence[tuple[Function, str]]
    """Each function, and the service that leads it."""
    standings: Sequence[Standing]
    record: Sequence[Block] = ()
    """What the receiver may read of the record."""


def frozen_pack(work: Work, facts: PackFacts, proposal: "Proposal") -> tuple[dict[str, Any], bytes]:
    """Return the pack as it stands now, and the keyed digest that proves it later."""
    pack = _pack(work, facts, proposal)
    canonical = json.dumps(pack, sort_keys=True, ensure_ascii=False).encode()
    return pack, digest_of(vault_of(work.session).root(work.session, "trail"), canonical)


def pack_facts(work: Work, case: Case) -> PackFacts:
    """Return what the pack of a case is made of now."""
    dues = dues_of_case(work.session, case.uid, work.asking)
    ledger = ledger_of(work.session, case.uid)
    return PackFacts(
        person=young_person_of(work.session, case.young_person_uid),
        summary=summary_of(work.session, case.uid),
        born=anchors_of(work.session, case.uid).date_of_birth,
        who_leads=[(row.function, row.service) for row in ledger if row.to_on is None],
        standings=dues.standings if dues is not None else (),
        record=record_for_receivers(work.session, case),
    )


def record_for_receivers(session: Session, case: Case) -> list[Block]:
    """Return what another organisation may read of a case's record, in words."""
    person = young_person_of(session, case.young_person_uid)
    confidential = person.address_is_kept
    return blocks_of(
        session,
        case,
        [one for one in SECTIONS.values() if one.receiver],
        lambda section, _: kept_from_receivers(section, confidential=confidential) | TOLD_ELSEWHERE,
    )


def _pack(work: Work, facts: PackFacts, proposal: "Proposal") -> dict[str, Any]:
    """Return the pack in the order in which it is read."""
    person, summary = facts.person, facts.summary
    return {
        "version": 1,
        "frozen_on": work.today.isoformat(),
        "called": person.called,
        "shown_name": person.shown_name,
        "full_name": person.full_name,
        "pronouns": person.pronouns,
        "date_of_birth": facts.born.isoformat(),
        "nhs_number": person.nhs_number,
        "first_language": person.first_language,
        "interpreter_needed": person.interpreter_needed,
        "about_me": summary.about_me,
        "how_i_communicate": summary.how_i_communicate,
        "allergies": summary.allergies,
        "primary_condition": summary.primary_condition,
        "condition_group": summary.condition_group,
        "sharing_basis": proposal.sharing_basis.value,
        "sharing_limits": proposal.sharing_limits,
        "why": proposal.why,
        "target_on": proposal.target_on.isoformat(),
        "functions": [function.value for function in proposal.functions],
        "who_leads": [[function.value, service] for function, service in facts.who_leads],
        "milestones": _milestones_in_pack(facts.standings),
        "record": facts.record,
    }


def _milestones_in_pack(standings: Iterable[Standing]) -> dict[str, list[str]]:
    """Return the titles of the milestones by what became of them.

    How late one is stays at home, and so do those that the case added.
    """
    grouped: dict[str, list[str]] = {"done": [], "not_needed": [], "to_do": []}
    for one in (each for each in standings if not each.rule.own):
        done = one.outcome is not None and one.outcome.kind is OutcomeKind.DONE
        became = "done" if done else ("to_do" if one.outcome is None else "not_needed")
        grouped[became].append(one.rule.title)
    return grouped

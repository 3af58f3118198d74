"""The pack: what a receiving hospice is shown of a case, frozen as it stood when it was sent."""

from typing import TYPE_CHECKING, Any

from transition.actions.work import Work
from transition.records.anchors import anchors_of
from transition.records.cases import Case
from transition.records.dues import CaseDues, dues_of_case
from transition.records.ledger import ledger_of
from transition.records.summaries import summary_of
from transition.records.young_people import young_person_of
from transition.rules.milestones import OutcomeKind

if TYPE_CHECKING:
    from transition.actions.handovers import Proposal


def pack_of(work: Work, case: Case, proposal: "Proposal") -> dict[str, Any]:
    """Return the pack as it stands now, in the order in which it is read."""
    person = young_person_of(work.session, case.young_person_uid)
    summary = summary_of(work.session, case.uid)
    dues = dues_of_case(work.session, case.uid, work.asking)
    ledger = ledger_of(work.session, case.uid)
    return {
        "version": 1,
        "frozen_on": work.today.isoformat(),
        "called": person.called,
        "shown_name": person.shown_name,
        "full_name": person.full_name,
        "pronouns": person.pronouns,
        "date_of_birth": anchors_of(work.session, case.uid).date_of_birth.isoformat(),
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
        "who_leads": [[row.function.value, row.service] for row in ledger if row.to_on is None],
        "milestones": _milestones_in_pack(dues),
    }


def _milestones_in_pack(dues: CaseDues | None) -> dict[str, list[str]]:
    """Return the titles of the milestones by what became of them; how late one is stays at home."""
    grouped: dict[str, list[str]] = {"done": [], "not_needed": [], "to_do": []}
    for one in dues.standings if dues is not None else ():
        done = one.outcome is not None and one.outcome.kind is OutcomeKind.DONE
        became = "done" if done else ("to_do" if one.outcome is None else "not_needed")
        grouped[became].append(one.rule.title)
    return grouped

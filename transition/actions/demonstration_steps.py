"""What happened to an invented case, a step at a time: when, by whom, and what they did."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from transition.actions.cases import move_on, open_case, set_target
from transition.actions.closings import close_case, confirm_closing
from transition.actions.deaths import record_death
from transition.actions.demonstration_answers import (
    ASKED_TOO,
    Step,
    answers_of,
    came_to_nothing,
    lead_of,
)
from transition.actions.demonstration_cases import LEAD, Told, days_of, new_case
from transition.actions.demonstration_milestones import OURS, THEIRS, catch_up, satisfy
from transition.actions.demonstration_record import write_record
from transition.actions.demonstration_transfers import steps_after_accepting
from transition.actions.expediting import expedite_case
from transition.actions.handovers import Proposal, propose_handover
from transition.actions.houses import move_house
from transition.actions.linked_cases import link_cases
from transition.actions.services import SaidOfService, record_service
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.columns import new_uid
from transition.records.keys import vault_of
from transition.rules.calendar import add_months, birthday
from transition.rules.closings import (
    OFFER_AGAIN,
    Answers,
    Appeal,
    Decider,
    Found,
    NoLongerReason,
    ThreeWay,
    responsible_words,
)
from transition.rules.endings import ENDINGS
from transition.rules.expediting import ExpediteReason
from transition.rules.handovers import Function, SharingBasis, Urgency
from transition.rules.pathway import Gate, Stage
from transition.rules.services import Needed, ServiceKey, ServiceStatus
from transition.rules.stages import Ending

ASKED: Final = (Function.ADVICE_24_7, Function.SYMPTOM_MANAGEMENT, Function.END_OF_LIFE_CARE)
"""What a receiver is asked to take on."""

SERVICES: Final[Mapping[str, Mapping[ServiceKey, SaidOfService]]] = {
    "demo-12": {
        ServiceKey.CONTINUING_CARE_FUNDING: SaidOfService(
            needed=Needed.YES,
            status=ServiceStatus.DISPUTED,
            childrens_provider="The board where the foster home is",
            gap_note="Two boards are unsure which of them pays.",
        ),
    },
}
"""What is known of services beyond the questions of opening; a dispute goes on in two weeks."""


def steps_of(told: Told, holidays: frozenset[date]) -> Iterator[Step]:
    """Yield what happened to a case, in order."""
    days, nurse = days_of(told, holidays), told.nurse
    yield told.at(told.opened_on), nurse, lambda work: _open(work, told)
    # What is written before a handover is proposed stands in its pack.
    written = days["first_proposed"] - timedelta(days=1) if told.proposed else days["caught_up"]
    yield told.at(written, 10), nurse, lambda work: write_record(work, told)
    if told.words["site"] == "jacks" and told.under_16:
        yield told.at(birthday(told.born, 16)), nurse, lambda work: _move_house(work, told)
    yield from _stages_reached(told, days)
    yield from answers_of(told, days, holidays)
    yield from steps_after_accepting(told, days)
    if told.accepted:
        lead = lead_of(told)
        yield told.at(days["caught_up"], 15), lead, lambda work: catch_up(work, told, THEIRS)
    yield told.at(days["caught_up"], 16), nurse, lambda work: catch_up(work, told, OURS)
    for key, said in SERVICES.get(told.words["k"], {}).items():
        yield told.at(days["caught_up"], 16, 30), nurse, partial(_map, told, key, said)
    ending = told.ending
    if ending is not None:
        who = LEAD if ending is Ending.NO_LONGER_NEEDED else nurse
        yield told.at(days["ended"], 17), who, lambda work: _end(work, told, ending)
        if ENDINGS[ending].confirmed_by:
            second = told.at(days["ended"], 17, 30)
            yield second, LEAD, lambda work: _confirm(work, told)


def _stages_reached(told: Told, days: dict[str, date]) -> Iterator[Step]:
    """Yield the steps of the children's side, as far as the case has come."""
    if told.came_to(Stage.PREPARING):
        yield told.at(days["preparing"]), told.nurse, lambda work: _prepare(work, told)
    if told.came_to(Stage.PLANNING):
        yield told.at(days["planning"]), told.nurse, lambda work: _plan(work, told)
    if told.asked_before is not None:
        asked = partial(_propose, told=told, receiver=told.asked_before)
        yield told.at(days["first_proposed"], 8, 10), told.nurse, asked
        yield from came_to_nothing(told, told.asked_before, days["first_proposed"])
    if told.proposed:
        asked = partial(_propose, told=told, receiver=told.words["receiver"])
        yield told.at(days["proposed"], 8, 10), told.nurse, asked


def _open(work: Work, told: Told) -> None:
    case_uid = new_uid()
    vault_of(work.session).new_case_key(work.session, case_uid, now=work.now)
    case = open_case(work, new_case(told), case_uid=case_uid, opened_on=told.opened_on)
    told.reference = case.reference


def _case(work: Work, told: Told) -> Case:
    return work.case(told.reference).case


def _move_house(work: Work, told: Told) -> None:
    """Move a case from the children's house to the young adults', which closes nothing."""
    move_house(work, told.reference, "jacksplace")


def _map(told: Told, key: ServiceKey, said: SaidOfService, work: Work) -> None:
    further = told.today + timedelta(days=14)
    record_service(work, told.reference, key, replace(said, escalate_on=further))


def _prepare(work: Work, told: Told) -> None:
    satisfy(work, told, ("ID-01", "ID-02", "ID-03", "ID-05"), done_on=work.today)
    move_on(work, told.reference)


def _plan(work: Work, told: Told) -> None:
    satisfy(work, told, ("PR-02", "PR-03", "PR-10"), done_on=work.today)
    move_on(work, told.reference, why_early="")
    if told.target_on is not None:
        set_target(work, _case(work, told), told.target_on, reason_code="agreed")


def _propose(work: Work, told: Told, receiver: str) -> None:
    case = _case(work, told)
    pathway = work.catalogue.pathways[case.pathway_version]
    urgent = told.words.get("overlay") == "expedited"
    if urgent:
        expedite_case(work, told.reference, ExpediteReason.HEALTH_CHANGING)
    gates = [rule.code for rule in pathway.gated(Gate.PROPOSE)]
    satisfy(work, told, gates, done_on=work.today, again=("PR-02",))
    propose_handover(
        work,
        told.reference,
        Proposal(
            receiver=receiver,
            functions=_asked_of(told),
            target_on=told.target_on or work.today,
            urgency=Urgency.EXPEDITED if urgent else Urgency.ROUTINE,
            sharing_basis=SharingBasis.AGREED,
            sharing_limits=None,
            why="It is the nearest to home.",
            call="Their lead, this morning at eight." if urgent else None,
        ),
    )


def _asked_of(told: Told) -> tuple[Function, ...]:
    """Return what a receiver is asked to take on: of those who have moved, all there is."""
    if told.came_to(Stage.SETTLING):
        return tuple(Function)
    return (*ASKED, *ASKED_TOO.get(told.words["k"], {}))


def _end(work: Work, told: Told, ending: Ending) -> None:
    """End a case as the file tells."""
    if ending is Ending.DIED:
        record_death(work, told.reference, died_on=work.today)
    else:
        close_case(work, told.reference, ending, _answers(work, ending))


def _confirm(work: Work, told: Told) -> None:
    confirm_closing(work, told.reference)


def _answers(work: Work, ending: Ending) -> Answers:
    """Return what was answered when one of the invented cases ended."""
    if ending is Ending.MOVED_AWAY:
        return {
            "new_area": "Devon",
            "service_found": Found.YES,
            "receiving_service": "A children's hospice in Devon",
            "gp_changed": ThreeWay.NOT_RECORDED,
            "pack_sent_on": work.today,
        }
    if ending is Ending.DECLINED_BY_PERSON:
        return {
            "reason": Decider.YOUNG_PERSON,
            "decided_on": work.today,
            "capacity_basis": "Asked by their consultant, who knows them well.",
            "information_given": "What each hospice offers, with pictures, on two days.",
            "who_remains_responsible": responsible_words(dict.fromkeys(Function, "Jacksplace")),
            "offer_again_on": add_months(work.today, OFFER_AGAIN),
        }
    return {
        "reason": NoLongerReason.CRITERIA,
        "decided_on": work.today,
        "family_called_on": work.today,
        "appeal": Appeal.OPEN,
        "signposting": "The community children's nursing team.",
    }


def link_family(work: Work, told: Told, sibling: Told) -> None:
    """Say that two of the invented people are brother and sister."""
    link_cases(work, told.reference, sibling.reference)

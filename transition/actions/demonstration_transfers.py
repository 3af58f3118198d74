"""What followed when an invented case was transferred: when, by whom, and what they did."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final

from transition.actions.agreements import complete
from transition.actions.demonstration_answers import Step, lead_of, worker_of
from transition.actions.demonstration_cases import Told
from transition.actions.demonstration_milestones import OURS, THEIRS, catch_up, satisfy_gate
from transition.actions.services import SaidOfService, record_needed, record_service
from transition.actions.settling import NewCheckIn, NewContact, record_check_in, record_contact
from transition.actions.transfers import sign_transfer, switch_transfer
from transition.actions.work import Work
from transition.rules.calendar import add_months
from transition.rules.milestones import Confirmed
from transition.rules.pathway import Gate, Stage
from transition.rules.people import THE_TIMETABLE
from transition.rules.services import Needed, ServiceKey, ServiceStatus
from transition.rules.settling import (
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
    Feedback,
)

GOING_ON: Final = {
    ServiceKey.GP: "The same practice, told of the transfer",
    ServiceKey.RESPIRATORY_VENTILATION: "The ventilation clinic for adults",
    ServiceKey.PHYSIOTHERAPY: "The community therapists for adults",
    ServiceKey.WHEELCHAIR: "The wheelchair service, as before",
    ServiceKey.SOCIAL_CARE: "The social worker for adults",
}
"""The services that those who have been transferred need, and who gives them now."""

MISSED: Final = {"demo-19": "There was no transport that takes a wheelchair."}
"""Whose first contact was missed, and what was said of it."""


def steps_after_accepting(told: Told, days: dict[str, date]) -> Iterator[Step]:
    """Yield the way of a case through its transfer, and what has come of it since."""
    if not told.came_to(Stage.SETTLING) or told.target_on is None:
        return
    signed, lead = days["signed"], lead_of(told)
    yield told.at(signed, 9), told.nurse, partial(_get_ready, told)
    yield told.at(signed, 9, 30), lead, lambda work: satisfy_gate(work, told, Gate.TRANSFER, THEIRS)
    yield told.at(signed, 10), told.nurse, lambda work: _sign(work, told)
    yield told.at(signed, 11), lead, lambda work: _sign(work, told)
    yield told.at(told.target_on, 0), THE_TIMETABLE, lambda work: _switch(work, told)
    yield from _contacts(told, told.target_on)
    if told.came_to(Stage.COMPLETED):
        yield from _completing(told, told.target_on)


def _get_ready(told: Told, work: Work) -> None:
    """Do what the transfer waits for on the children's side."""
    catch_up(work, told, OURS)
    for key, adult in GOING_ON.items():
        said = SaidOfService(
            needed=Needed.YES, status=ServiceStatus.ACCEPTED, adult_counterpart=adult
        )
        record_service(work, told.reference, key, said)
    others = dict.fromkeys([key for key in ServiceKey if key not in GOING_ON], Needed.NO)
    record_needed(work, told.reference, others)
    satisfy_gate(work, told, Gate.TRANSFER, OURS)


def _sign(work: Work, told: Told) -> None:
    sign_transfer(work, told.reference)


def _switch(work: Work, told: Told) -> None:
    switch_transfer(work, told.reference)


def _contacts(told: Told, moved: date) -> Iterator[Step]:
    """Yield how the adult hospice came to know them: the file tells of one that was missed."""
    worker, why = worker_of(told), MISSED.get(told.words["k"])
    if why is not None:
        clinic = NewContact(
            kind=ContactKind.CLINIC,
            result=ContactResult.NOT_BROUGHT,
            happened_on=moved + timedelta(days=12),
            note=why,
        )
        yield told.at(clinic.happened_on, 12), worker, partial(_contact, told, clinic)
    came = NewContact(
        kind=ContactKind.HOME_VISIT if why is None else ContactKind.VIDEO,
        result=ContactResult.ATTENDED,
        happened_on=moved + timedelta(days=9 if why is None else 17),
    )
    yield told.at(came.happened_on, 15), worker, partial(_contact, told, came)


def _contact(told: Told, new: NewContact, work: Work) -> None:
    record_contact(work, told.reference, new)


def _completing(told: Told, moved: date) -> Iterator[Step]:
    """Yield both check-ins, and that both hospices signed a week after the second."""
    weeks, half_a_year = moved + timedelta(weeks=6), add_months(moved, 6)
    at_six_weeks = NewCheckIn(
        kind=CheckInKind.SIX_WEEKS, outcome=CheckInOutcome.SETTLED, happened_on=weeks
    )
    review = NewCheckIn(
        kind=CheckInKind.SIX_MONTHS,
        outcome=CheckInOutcome.SETTLED,
        happened_on=half_a_year,
        feedback=Feedback.ANSWERED,
        confirmed=Confirmed.YES,
    )
    yield told.at(weeks, 14), told.nurse, partial(_check_in, told, at_six_weeks)
    yield told.at(half_a_year, 14), told.nurse, partial(_check_in, told, review)
    last = half_a_year + timedelta(days=7)
    lead = lead_of(told)
    yield told.at(last, 9), told.nurse, lambda work: catch_up(work, told, OURS)
    yield told.at(last, 9, 30), lead, lambda work: catch_up(work, told, THEIRS)
    yield told.at(last, 10), told.nurse, partial(_complete, told)
    yield told.at(last, 11), lead, partial(_complete, told)


def _check_in(told: Told, new: NewCheckIn, work: Work) -> None:
    record_check_in(work, told.reference, new)


def _complete(told: Told, work: Work) -> None:
    complete(work, told.reference)

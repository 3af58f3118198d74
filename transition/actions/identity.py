"""Putting right who a case is about: the date of birth, and the NHS number."""

from datetime import date

from transition.actions.case_changes import renew_next_due
from transition.actions.cases import refuse_taken_number
from transition.actions.record import own_record
from transition.actions.work import Work
from transition.records.anchors import anchors_of
from transition.records.cases import NHS_NUMBERS, Case
from transition.records.keys import vault_of
from transition.records.young_people import young_person_of
from transition.rules.errors import RuleBroken
from transition.rules.nhs_numbers import MissingReason
from transition.rules.young_people import refuse_birth


def change_birth(work: Work, reference: str, born: date) -> Case:
    """Put a date of birth right, and with it every due date that follows from it; return the case.

    Raises:
        RuleBroken: the age is impossible, or it is not the actor's to change.
        NotFound: this actor has no such case.
    """
    case = own_record(work, reference)
    refuse_birth(born, work.today)
    anchors = anchors_of(work.session, case.uid)
    if anchors.date_of_birth == born:
        raise RuleBroken("This is the date of birth already. Nothing was changed.")
    changed = {"date_of_birth": (anchors.date_of_birth, born)}
    anchors.date_of_birth = born
    work.note("birth:changed", on=case, changed=changed)
    renew_next_due(work, case)
    return case


def change_number(
    work: Work, reference: str, number: str | None, reason: MissingReason | None
) -> Case:
    """Record the NHS number of a case, or why there is none, and return the case.

    Raises:
        RuleBroken: neither is given, another open case has it, or it is not the actor's to change.
        NotFound: this actor has no such case.
    """
    case = own_record(work, reference)
    person = young_person_of(work.session, case.young_person_uid)
    if number is None and reason is None:
        raise RuleBroken("Enter the NHS number, or say why there is none.")
    if number is not None and number != person.nhs_number:
        refuse_taken_number(work, number)
    why = reason.value if number is None and reason is not None else None
    changed = {
        "nhs_number": (person.nhs_number, number),
        "nhs_number_missing_reason": (case.nhs_number_missing_reason, why),
    }
    index = vault_of(work.session).index(work.session, NHS_NUMBERS)
    person.nhs_number, case.nhs_number_missing_reason = number, why
    case.nhs_number_index = index.of(number) if number is not None else None
    work.note("number:recorded", on=case, changed=changed)
    return case

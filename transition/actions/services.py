"""Recording the services map of a case, a service at a time or all answers at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from transition.actions.case_changes import own_open_case
from transition.actions.unmet_needs import NewNeed, end_needs, keep_need
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.services import MappedService, services_of
from transition.rules.services import (
    TAKEN_ON,
    Needed,
    ServiceFacts,
    ServiceKey,
    ServiceStatus,
    refuse_service,
    status_for,
)
from transition.rules.unmet_needs import ClosedHow, NeedReason


@dataclass(frozen=True, kw_only=True)
class SaidOfService:
    """What is recorded of one service."""

    needed: Needed
    status: ServiceStatus | None = None
    childrens_provider: str | None = None
    childrens_contact: str | None = None
    adult_counterpart: str | None = None
    adult_contact: str | None = None
    referred_on: date | None = None
    expected_start: date | None = None
    escalate_on: date | None = None
    gap_note: str | None = None


def record_service(
    work: Work, reference: str, key: ServiceKey, said: SaidOfService
) -> MappedService:
    """Record what is known of one service and return its row.

    Where there is no adult service, that is an unmet need from now on.

    Raises:
        RuleBroken: something that goes with its status is missing, or the case has ended.
        NotFound: this actor has no such case.
    """
    case = own_open_case(work, reference)
    row = services_of(work.session, case.uid).get(key)
    return _record(work, case, key, row, asdict(said))


def record_needed(work: Work, reference: str, answers: Mapping[ServiceKey, Needed]) -> int:
    """Record which services are needed; return how many answers are new.

    Raises:
        RuleBroken: the case has ended.
        NotFound: this actor has no such case.
    """
    case = own_open_case(work, reference)
    rows = services_of(work.session, case.uid)
    new = 0
    for key, needed in answers.items():
        row = rows.get(key)
        if needed is not (row.needed if row is not None else Needed.UNKNOWN):
            status = row.status if row is not None else None
            _record(work, case, key, row, {"needed": needed, "status": status})
            new += 1
    return new


def _record(
    work: Work, case: Case, key: ServiceKey, row: MappedService | None, words: dict[str, Any]
) -> MappedService:
    """Write *words* into the row of a service, which begins with the first of them."""
    words["status"] = status_for(words["needed"], words["status"])
    begun = row or MappedService(
        case_uid=case.uid,
        service_key=key,
        needed=Needed.UNKNOWN,
        status=ServiceStatus.NOT_STARTED,
        set_at=work.now,
        set_by_uid=work.actor_uid,
    )
    was = {name: getattr(begun, name) for name in words}
    refuse_service(_facts(key, begun, words), work.today)
    for name, said in words.items():
        setattr(begun, name, said)
    begun.set_at, begun.set_by_uid = work.now, work.actor_uid
    work.keep(begun)
    changed = {name: (was[name], said) for name, said in words.items() if was[name] != said}
    work.note("service:recorded", on=case, about=key.value, changed=changed)
    _follow(work, case, begun)
    return begun


def _facts(key: ServiceKey, row: MappedService, words: Mapping[str, Any]) -> ServiceFacts:
    """Return what would stand of a service once *words* are written into its row."""
    said = {
        one.name: words[one.name] if one.name in words else getattr(row, one.name)
        for one in fields(ServiceFacts)
        if one.name != "key"
    }
    return ServiceFacts(key=key, **said)


def _follow(work: Work, case: Case, row: MappedService) -> None:
    """Let the register of unmet needs follow what was recorded of a service."""
    if row.status is ServiceStatus.NO_EQUIVALENT:
        missing = NewNeed(
            what=row.service_key,
            reason_code=NeedReason.NO_EQUIVALENT.value,
            opened_on=work.today,
            note=row.gap_note,
        )
        keep_need(work, case, missing)
    elif row.status in TAKEN_ON:
        end_needs(work, case, row.service_key, ClosedHow.FOUND)
    elif row.status is ServiceStatus.NOT_NEEDED:
        end_needs(work, case, row.service_key, ClosedHow.NOT_NEEDED)

"""The register of unmet needs: opened by hand or by what was recorded, and closed with how."""

from dataclasses import dataclass
from datetime import date

from transition.actions.case_changes import own_open_case
from transition.actions.work import NotFound, Work
from transition.records.cases import Case
from transition.records.unmet_needs import UnmetNeed, next_number, unmet_needs_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.services import ServiceKey
from transition.rules.unmet_needs import ClosedHow, refuse_need

NO_SUCH_NEED = "There is no such unmet need."


@dataclass(frozen=True, kw_only=True)
class NewNeed:
    """What is missing, why, and since when."""

    what: Function | ServiceKey
    reason_code: str
    opened_on: date
    note: str | None = None
    handover_uid: bytes | None = None


def record_need(work: Work, reference: str, new: NewNeed) -> UnmetNeed:
    """Record by hand that something is missing, and return the row.

    Raises:
        RuleBroken: it is not told what, stands there already, or the case has ended.
        NotFound: this actor has no such case.
    """
    case = own_open_case(work, reference)
    refuse_need(new.note or "", new.opened_on, work.today)
    need = keep_need(work, case, new)
    if need is None:
        raise RuleBroken("This stands in the register already. Nothing changed.")
    return need


def keep_need(work: Work, case: Case, new: NewNeed) -> UnmetNeed | None:
    """Keep an unmet need and return it, or None where the same stands open already."""
    if _open(work, case, new.what):
        return None
    service = isinstance(new.what, ServiceKey)
    need = work.keep(
        UnmetNeed(
            case_uid=case.uid,
            number=next_number(work.session, case.uid),
            handover_uid=new.handover_uid,
            function=None if service else new.what,
            service_key=new.what if service else None,
            area=case.catchment_key,
            reason_code=new.reason_code,
            opened_on=new.opened_on,
            note=new.note,
        )
    )
    work.note("need:opened", on=case, about=new.what.value)
    return need


def end_needs(work: Work, case: Case, what: Function | ServiceKey, how: ClosedHow) -> None:
    """Close what stands open of this kind, because something else that was recorded ends it."""
    for need in _open(work, case, what):
        _close(work, case, need, how)


def close_need(
    work: Work, reference: str, number: int, how: ClosedHow, *, note: str | None = None
) -> UnmetNeed:
    """Close an unmet need with how it ended, and return it.

    Raises:
        RuleBroken: it was closed already, or the case has ended.
        NotFound: this actor has no such case, or it has no such need.
    """
    case, need = _found(work, reference, number)
    if need.closed_on is not None:
        raise RuleBroken("This was closed already. Nothing changed.")
    need.closing_note = note
    _close(work, case, need, how)
    return need


def reopen_need(work: Work, reference: str, number: int) -> UnmetNeed:
    """Put an unmet need back into the register, and return it.

    Raises:
        RuleBroken: it stands open, the same was opened again meanwhile, or the case has ended.
        NotFound: this actor has no such case, or it has no such need.
    """
    case, need = _found(work, reference, number)
    what = need.service_key or need.function
    if need.closed_on is None or (what is not None and _open(work, case, what)):
        raise RuleBroken("This stands in the register already. Nothing changed.")
    was, need.closed_on, need.closed_how = need.closed_how, None, None
    work.note("need:reopened", on=case, about=f"need {number}", changed={"closed_how": (was, None)})
    return need


def _close(work: Work, case: Case, need: UnmetNeed, how: ClosedHow) -> None:
    need.closed_on, need.closed_how = work.today, how.value
    changed = {"closed_how": (None, how.value)}
    work.note("need:closed", on=case, about=f"need {need.number}", changed=changed)


def _open(work: Work, case: Case, what: Function | ServiceKey) -> list[UnmetNeed]:
    needs = unmet_needs_of(work.session, case.uid)
    return [one for one in needs if one.closed_on is None and _is_about(one, what)]


def _is_about(need: UnmetNeed, what: Function | ServiceKey) -> bool:
    """Return whether a need is about this: a service and a function may share a word."""
    return (need.service_key if isinstance(what, ServiceKey) else need.function) is what


def _found(work: Work, reference: str, number: int) -> tuple[Case, UnmetNeed]:
    case = own_open_case(work, reference)
    needs = unmet_needs_of(work.session, case.uid)
    found = next((one for one in needs if one.number == number), None)
    if found is None:
        raise NotFound(NO_SUCH_NEED)
    return case, found

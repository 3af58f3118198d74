"""Telling an adult hospice early that somebody is coming, and that it has seen this."""

from dataclasses import dataclass
from datetime import date

from transition.actions.case_changes import own_open_case
from transition.actions.milestones import Recorded, keep_outcome, rule_of
from transition.actions.work import NotFound, Work
from transition.records.cases import Case
from transition.records.early_notices import EarlyNotice, notices_of, notices_to
from transition.records.milestones import outcomes_of
from transition.rules.early_notices import MILESTONE, refuse_notice
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.milestones import OutcomeKind
from transition.rules.organisations import OrganisationKind

NO_SUCH_NOTICE = "There is no such early notice."


@dataclass(frozen=True, kw_only=True)
class NewNotice:
    """What a hospice is told of somebody who is not named."""

    receiver: str
    quarter: date
    functions: tuple[Function, ...]
    complex_care: bool


def send_notice(work: Work, reference: str, new: NewNotice) -> EarlyNotice:
    """Tell a hospice that somebody is coming, and return the row; its milestone is done with it.

    Raises:
        RuleBroken: it cannot be sent, or this hospice was told already.
        NotFound: this actor has no such case.
    """
    case = own_open_case(work, reference)
    refuse_notice(case.stage, new.quarter, new.functions, work.today)
    organisation = work.catalogue.collaborative.organisation(new.receiver)
    if organisation.kind is not OrganisationKind.ADULT:
        raise RuleBroken(f"{organisation.name} does not sign in here. Write or ring them.")
    if any(one.receiver == new.receiver for one in notices_of(work.session, case.uid)):
        raise RuleBroken(f"{organisation.name} was told already. Take that notice back first.")
    notice = work.keep(
        EarlyNotice(
            case_uid=case.uid,
            receiver=new.receiver,
            quarter_on=new.quarter,
            sent_at=work.now,
            sent_by_uid=work.actor_uid,
            functions=[one.value for one in new.functions],
            complex_care=new.complex_care,
        )
    )
    work.note("notice:sent", on=case, about=new.receiver)
    if MILESTONE not in outcomes_of(work.session, case.uid):
        done = Recorded(kind=OutcomeKind.DONE, done_on=work.today)
        keep_outcome(work, case, rule_of(work, case, MILESTONE), done)
    return notice


def take_notice_back(work: Work, reference: str, receiver: str) -> EarlyNotice:
    """Take a notice back, so that nobody is expected there, and return its row.

    Raises:
        RuleBroken: the case has ended.
        NotFound: this actor has no such case, or no such notice stands.
    """
    case = own_open_case(work, reference)
    found = next(
        (one for one in notices_of(work.session, case.uid) if one.receiver == receiver), None
    )
    if found is None:
        raise NotFound(NO_SUCH_NOTICE)
    found.taken_back_at = work.now
    work.note("notice:taken_back", on=case, about=receiver)
    return found


def see_notices(work: Work) -> int:
    """Note that the actor's hospice has seen what it was told, and return how many were new."""
    new = [one for one in notices_to(work.session, work.actor) if one.seen_at is None]
    for notice in new:
        notice.seen_at, notice.seen_by_uid = work.now, work.actor_uid
        work.note("notice:seen", on=work.session.get_one(Case, notice.case_uid))
    return len(new)

"""What a suspended colleague had begun to write: a lead of theirs may take it over, with a reason.

It is shown to nobody before. Source: safety 10, abuse case 9.
"""

from transition.actions.people import colleague_of
from transition.actions.work import NO_SUCH_CASE, NotFound, Work
from transition.records.cases import find_case
from transition.records.drafts import Draft, draft_of, drafts_about_cases
from transition.records.invitations import Colleague
from transition.rules.access import CaseAccess
from transition.rules.errors import RuleBroken
from transition.rules.people import MembershipState

NO_REASON = "Say why you take it over."
YOURS_TOO = (
    "You have begun to write in the same form yourself. Finish that, or throw it away, and then"
    " take this over."
)


def left_behind(work: Work, colleague: Colleague) -> list[tuple[Draft, str]]:
    """Return what a suspended colleague had begun in cases that the actor may open.

    Each with the reference of its case. Of those who look after accounts only leads open cases.
    """
    if not colleague.in_state(MembershipState.SUSPENDED):
        return []
    begun = drafts_about_cases(work.session, colleague.staff.uid)
    return [(draft, reference) for draft, reference in begun if _may_open(work, reference)]


def take_over(work: Work, staff_uid: bytes, draft_uid: bytes, *, why: str) -> Draft:
    """Make something that a suspended colleague had begun the actor's own, once, and return it.

    Raises:
        RuleBroken: no reason is given, or the actor has begun the same form.
        NotFound: there is no such thing for this actor.
    """
    if not why.strip():
        raise RuleBroken(NO_REASON)
    offered = left_behind(work, colleague_of(work, staff_uid))
    wanted = (pair for pair in offered if pair[0].uid == draft_uid)
    draft, reference = next(wanted, (None, ""))
    if draft is None:
        raise NotFound(NO_SUCH_CASE)
    if draft_of(work.session, work.actor_uid, draft.kind) is not None:
        raise RuleBroken(YOURS_TOO)
    draft.staff_uid = work.actor_uid
    case = work.case(reference).case
    changed = {"why": (None, why.strip())}
    work.note("draft:taken_over", on=case, about=staff_uid.hex(), changed=changed)
    return draft


def _may_open(work: Work, reference: str) -> bool:
    seen = find_case(work.session, reference, reader=work.actor)
    return seen is not None and seen.access >= CaseAccess.PACK

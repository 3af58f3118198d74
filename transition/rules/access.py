"""Who may do what, on one page; and how much of a case a reader may see."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from transition.rules.handovers import HandoverState
from transition.rules.pathway import Owner, Stage
from transition.rules.people import Actor, Role, Side


class Permission(StrEnum):
    """Something that a screen or a command lets a person do, as thing:verb."""

    SEE_TODAY = "today:see"
    PLAN_ABSENCE = "absence:plan"
    LIST_CASES = "cases:list"
    SEE_CASE = "case:see"
    WRITE_CASE = "case:write"
    LINK_CASES = "cases:link"
    OPEN_CASE = "case:open"
    PAUSE_CASE = "case:pause"
    CLOSE_CASE = "case:close"
    WORK_MILESTONE = "milestone:work"
    MOVE_STAGE = "stage:move"
    WAIVE_GATE = "gate:waive"
    MAP_SERVICES = "services:map"
    RECORD_NEED = "need:record"
    REASSIGN_WORKER = "worker:reassign"
    LIST_HANDOVERS = "handover:list"
    READ_HANDOVER = "handover:read"
    PROPOSE_HANDOVER = "handover:propose"
    ANSWER_QUESTION = "handover:answer"
    RECORD_TOLD = "handover:told"
    ASK_QUESTION = "handover:question"
    DECIDE_HANDOVER = "handover:decide"
    WITHDRAW_HANDOVER = "handover:withdraw"
    MOVE_DATE = "transfer:move"
    SIGN_TRANSFER = "transfer:sign"
    RECORD_DEATH = "death:record"
    WRITE_RECORD = "record:write"
    READ_TRAIL = "trail:read"
    EXPORT_TRAIL = "trail:export"
    SEE_CAPACITY = "capacity:see"
    PLAN_CAPACITY = "capacity:plan"
    MANAGE_ACCOUNTS = "accounts:manage"
    PREVIEW_DIGEST = "digest:preview"
    KEEP_DRAFT = "draft:keep"
    OWN_SECOND_STEP = "second-step:own"
    OWN_ACCOUNT = "account:own"
    OPEN_URGENTLY = "urgent:open"
    REVIEW_URGENT = "urgent:review"


EVERYONE: Final = frozenset(
    {
        Permission.PREVIEW_DIGEST,
        Permission.KEEP_DRAFT,
        Permission.OWN_SECOND_STEP,
        Permission.OWN_ACCOUNT,
    }
)
CARING: Final = EVERYONE | {
    Permission.SEE_TODAY,
    Permission.PLAN_ABSENCE,
    Permission.LIST_CASES,
    Permission.SEE_CASE,
    Permission.WRITE_CASE,
    Permission.WORK_MILESTONE,
    Permission.LIST_HANDOVERS,
    Permission.READ_HANDOVER,
    Permission.RECORD_DEATH,
    Permission.OPEN_URGENTLY,
}
NURSING: Final = CARING | {
    Permission.OPEN_CASE,
    Permission.CLOSE_CASE,
    Permission.LINK_CASES,
    Permission.PAUSE_CASE,
    Permission.MOVE_STAGE,
    Permission.MAP_SERVICES,
    Permission.RECORD_NEED,
    Permission.WRITE_RECORD,
    Permission.PROPOSE_HANDOVER,
    Permission.ANSWER_QUESTION,
    Permission.RECORD_TOLD,
    Permission.WITHDRAW_HANDOVER,
    Permission.MOVE_DATE,
    Permission.SIGN_TRANSFER,
}
RECEIVING: Final = CARING | {
    Permission.PAUSE_CASE,
    Permission.ASK_QUESTION,
    Permission.DECIDE_HANDOVER,
    Permission.PLAN_CAPACITY,
    Permission.WITHDRAW_HANDOVER,
    Permission.MOVE_DATE,
    Permission.SIGN_TRANSFER,
    Permission.READ_TRAIL,
    Permission.REVIEW_URGENT,
}

GRANTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.TRANSITION_NURSE: NURSING,
    Role.CHILDRENS_LEAD: NURSING
    | {
        Permission.WAIVE_GATE,
        Permission.REASSIGN_WORKER,
        Permission.READ_TRAIL,
        Permission.REVIEW_URGENT,
        Permission.MANAGE_ACCOUNTS,
    },
    Role.ADULT_LEAD: RECEIVING | {Permission.MANAGE_ACCOUNTS},
    Role.ADULT_WORKER: CARING,
    Role.COORDINATOR: EVERYONE | {Permission.SEE_CAPACITY},
    Role.ADMIN: EVERYONE | {Permission.MANAGE_ACCOUNTS},
    Role.AUDITOR: EVERYONE
    | {Permission.READ_TRAIL, Permission.EXPORT_TRAIL, Permission.REVIEW_URGENT},
}
"""What each role may do at all; `access_to` says with which cases."""


def may(roles: Iterable[Role], permission: Permission) -> bool:
    """Return whether any of these roles is granted a permission."""
    return any(permission in GRANTS[role] for role in roles)


class CaseAccess(IntEnum):
    """How much of one case a reader may see; each level holds all below it."""

    NOTHING = 0
    STUB = 1
    """Its own words and decision on a handover that came to nothing; no identity."""
    PACK = 2
    """What is needed to decide about a handover, identity included."""
    SHARED = 3
    """The shared record, and its milestones to work on."""
    FULL = 4
    """Everything: the organisation whose case it is."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What decides who may see a case; its handovers oldest first, each with its receiver."""

    organisation: str
    handovers: tuple[tuple[str, HandoverState], ...] = ()
    anew: bool = False
    """Whether it runs again after it had ended: what ended with it is an earlier handover then."""
    denied: bool = False
    """Whether this reader has been denied this case by name: a denial wins over every grant."""


SHOWS: Final[Mapping[HandoverState, CaseAccess]] = {
    HandoverState.DRAFT: CaseAccess.NOTHING,
    HandoverState.PROPOSED: CaseAccess.PACK,
    HandoverState.ACKNOWLEDGED: CaseAccess.PACK,
    HandoverState.QUERIED: CaseAccess.PACK,
    HandoverState.ACCEPTED: CaseAccess.SHARED,
    HandoverState.ACCEPTED_WITH_CONDITIONS: CaseAccess.SHARED,
    HandoverState.JOINT_WORKING: CaseAccess.SHARED,
    # Who supports works on nothing of the case: the pack says what they need, and comes anew.
    HandoverState.SUPPORTING: CaseAccess.PACK,
    HandoverState.TRANSFERRED: CaseAccess.SHARED,
    HandoverState.FOLLOWED_UP: CaseAccess.SHARED,
    HandoverState.CLOSED: CaseAccess.SHARED,
    HandoverState.DECLINED: CaseAccess.STUB,
    HandoverState.WITHDRAWN: CaseAccess.STUB,
    HandoverState.SUPERSEDED: CaseAccess.STUB,
    # "Sign in before you contact the family": whoever was told must be able to see what changed.
    HandoverState.CLOSED_DIED: CaseAccess.PACK,
    HandoverState.CLOSED_EXIT: CaseAccess.PACK,
}
"""What a handover shows of its case to the lead it went to."""

SHOWS_ANEW: Final[Mapping[HandoverState, CaseAccess]] = {
    **SHOWS,
    HandoverState.CLOSED_DIED: CaseAccess.STUB,
    HandoverState.CLOSED_EXIT: CaseAccess.STUB,
}
"""The same, of a case that runs: whoever had a part before it ended learns nothing of what is new.
"""

WORKERS_SEE: Final = frozenset(
    {state for state, access in SHOWS.items() if access is CaseAccess.SHARED}
    | {HandoverState.SUPPORTING, HandoverState.CLOSED_DIED, HandoverState.CLOSED_EXIT}
)
"""The states of a handover in which the worker who is named on it sees the case."""


def access_to(actor: Actor, facts: CaseFacts, *, named: bool = False) -> CaseAccess:
    """Return how much of a case an actor may see.

    `named` says that they are named on the case as its adult worker: such a worker sees it from
    acceptance on, and after it has ended. No other adult worker sees it at all.
    """
    if facts.denied:
        return CaseAccess.NOTHING
    if actor.side is Side.CHILDRENS:
        own = actor.organisation == facts.organisation
        return CaseAccess.FULL if own else CaseAccess.NOTHING
    if actor.side is not Side.ADULT:
        return CaseAccess.NOTHING
    counting = _counting_for(actor.organisation, facts.handovers)
    shown = shown_to(actor.organisation, facts.handovers, anew=facts.anew)
    if Role.ADULT_LEAD in actor.roles:
        return shown
    works = named and shown > CaseAccess.STUB and not WORKERS_SEE.isdisjoint(counting)
    return shown if works else CaseAccess.NOTHING


@dataclass(frozen=True, slots=True)
class UrgentGrant:
    """That somebody opened a case in an emergency: which row says so, for whom, and how long."""

    uid: bytes
    organisation: str
    """Where they worked when they did."""
    opened_at: datetime
    until: datetime


def reads_urgently(actor: Actor, facts: CaseFacts, grant: UrgentGrant, *, now: datetime) -> bool:
    """Return whether an actor reads at this instant a case that they opened in an emergency.

    It is no level of access: it shows the few pages that are made for it, lets nobody change
    anything, and widens nothing that the reader may see besides. A denial wins here too.
    """
    here = actor.clinical and actor.organisation == grant.organisation
    return here and not facts.denied and grant.opened_at <= now < grant.until


def shown_to(
    receiver: str, handovers: Iterable[tuple[str, HandoverState]], *, anew: bool
) -> CaseAccess:
    """Return what its handovers of a case, oldest first, show the leads of a receiver."""
    shows, counting = SHOWS_ANEW if anew else SHOWS, _counting_for(receiver, handovers)
    return max((shows[state] for state in counting), default=CaseAccess.NOTHING)


def _counting_for(
    receiver: str, handovers: Iterable[tuple[str, HandoverState]]
) -> list[HandoverState]:
    """Return the states of a receiver's open handovers, or without any that of its last one."""
    own = [state for key, state in handovers if key == receiver]
    known: list[HandoverState] = [state for state in own if state is not HandoverState.DRAFT]
    return [state for state in known if state.open] or known[-1:]


ADULT_STAGES: Final[Collection[Stage]] = frozenset(
    {Stage.HANDOVER, Stage.MOVING, Stage.SETTLING, Stage.COMPLETED}
)
"""The stages in which the adult side acts."""


def may_work(
    actor: Actor, owner: Owner, access: CaseAccess, stage: Stage, *, outside: bool = False
) -> bool:
    """Return whether an actor may record the outcome of a milestone of this owner.

    HO-02, which is checked before anything is shared, is no exception: it is ticked in the reply.
    Where the receiver is a provider *outside*, the children's hospice records what it does.
    """
    if actor.side is Side.CHILDRENS:
        theirs = owner is not Owner.ADULT or (outside and stage in ADULT_STAGES)
        return theirs and access is CaseAccess.FULL
    if actor.side is not Side.ADULT or owner is Owner.CHILDRENS:
        return False
    return access is CaseAccess.SHARED and stage in ADULT_STAGES

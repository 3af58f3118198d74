"""Who reads, and what the rulings entitle them to; no line of it asks the rules that it tests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import product
from typing import Final

from transition.rules.access import CaseAccess, Permission
from transition.rules.handovers import HandoverState
from transition.rules.people import Membership, MembershipState, Role

CARING: Final = "transition_nurse childrens_lead adult_lead adult_worker"
NURSING: Final = "transition_nurse childrens_lead"
LEADING: Final = "childrens_lead adult_lead"
DECIDING: Final = "transition_nurse childrens_lead adult_lead"
EVERYBODY: Final = f"{CARING} coordinator admin auditor"

GRANTED: Final[Mapping[Permission, str]] = {
    Permission.SEE_TODAY: CARING,
    Permission.PLAN_ABSENCE: CARING,
    Permission.LIST_CASES: CARING,
    Permission.SEE_CASE: CARING,
    Permission.WRITE_CASE: CARING,
    Permission.LINK_CASES: NURSING,
    Permission.OPEN_CASE: NURSING,
    Permission.PAUSE_CASE: DECIDING,
    Permission.CLOSE_CASE: NURSING,
    Permission.WORK_MILESTONE: CARING,
    Permission.MOVE_STAGE: NURSING,
    Permission.WAIVE_GATE: "childrens_lead",
    Permission.MAP_SERVICES: NURSING,
    Permission.RECORD_NEED: NURSING,
    Permission.REASSIGN_WORKER: "childrens_lead",
    Permission.LIST_HANDOVERS: CARING,
    Permission.READ_HANDOVER: CARING,
    Permission.PROPOSE_HANDOVER: NURSING,
    Permission.ANSWER_QUESTION: NURSING,
    Permission.RECORD_TOLD: NURSING,
    Permission.ASK_QUESTION: "adult_lead",
    Permission.DECIDE_HANDOVER: "adult_lead",
    Permission.WITHDRAW_HANDOVER: DECIDING,
    Permission.MOVE_DATE: DECIDING,
    Permission.SIGN_TRANSFER: DECIDING,
    Permission.WRITE_RECORD: NURSING,
    Permission.RECORD_DEATH: CARING,
    Permission.READ_TRAIL: f"{LEADING} auditor",
    Permission.EXPORT_TRAIL: "auditor",
    Permission.MANAGE_ACCOUNTS: f"{LEADING} admin",
    Permission.SEE_CAPACITY: "coordinator",
    Permission.PLAN_CAPACITY: "adult_lead",
    Permission.PREVIEW_DIGEST: EVERYBODY,
    Permission.KEEP_DRAFT: EVERYBODY,
    Permission.OWN_SECOND_STEP: EVERYBODY,
    Permission.OWN_ACCOUNT: EVERYBODY,
    Permission.OPEN_URGENTLY: CARING,
    Permission.REVIEW_URGENT: f"{LEADING} auditor",
}
"""Which roles may do what at all. Source: ruling 54 (a lead does all that a nurse may), the matrix
of who may do what, and that those who care for nobody have no page of anybody."""

SEEN: Final[Mapping[CaseAccess, str]] = {
    CaseAccess.NOTHING: "draft",
    CaseAccess.STUB: "declined withdrawn superseded",
    CaseAccess.PACK: "proposed acknowledged queried supporting closed_died closed_exit",
    CaseAccess.SHARED: (
        "accepted accepted_with_conditions joint_working transferred followed_up closed"
    ),
}
"""What a handover shows the lead that it went to. Source: ruling 24: nothing before it is
proposed, the pack from then on, the shared record from acceptance, a stub after a No or when it is
taken back. Whoever had it when the case ended must see what changed (ruling 7)."""

SHOWS: Final = {HandoverState(word): level for level in SEEN for word in SEEN[level].split()}
ENDED_WITH_IT: Final = ("closed_died", "closed_exit")
OVER: Final = ("declined", "withdrawn", "superseded", "closed", *ENDED_WITH_IT)

SWEPT: Final = "asked in the sweep"
"""Under this name a test tells how often it has asked for a page."""

TODAY: Final = date(2026, 11, 23)


class Standing(StrEnum):
    """How a membership stands today: its state, and whether the day is within its limits."""

    ACTIVE = "active"
    INVITED = "invited"
    SUSPENDED = "suspended"
    LEFT = "left"
    NOT_BEGUN = "active from tomorrow"
    RUN_OUT = "active until yesterday"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody as an organisation knows them, and as one case knows them."""

    organisation: str
    roles: tuple[Role, ...]
    standing: Standing = Standing.ACTIVE
    denied: bool = False
    named: bool = False
    """Whether they are named on the case as its adult worker."""

    def memberships(self, today: date) -> list[Membership]:
        """Return the roles that they hold, as the rules speak of them."""
        limited = self.standing in {Standing.NOT_BEGUN, Standing.RUN_OUT}
        state = MembershipState.ACTIVE if limited else MembershipState(self.standing)
        begin = today + timedelta(days=1 if self.standing is Standing.NOT_BEGUN else -9)
        end = today - timedelta(days=1) if self.standing is Standing.RUN_OUT else None
        return [Membership(self.organisation, role, state, begin, end) for role in self.roles]

    def may(self, permission: Permission) -> bool:
        """Return whether the rulings grant them this at all (2, 54)."""
        granted = GRANTED[permission].split()
        return self.standing is Standing.ACTIVE and any(role in granted for role in self.roles)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a case: whose it is, to whom it went and how that stands, oldest first."""

    organisation: str = "naomi"
    handovers: tuple[tuple[str, HandoverState], ...] = ()
    anew: bool = False
    """Whether it runs again after it had ended, and was never transferred."""


def entitled(reader: Reader, case: Told) -> CaseAccess:
    """Return how much of a case the rulings show a reader."""
    if reader.standing is not Standing.ACTIVE or reader.denied:  # 2: and a denial wins
        return CaseAccess.NOTHING
    ours = any(role in NURSING.split() for role in reader.roles)
    theirs = any(role in ("adult_lead", "adult_worker") for role in reader.roles)
    if ours is theirs:  # of neither side, or of both, for which nobody can act
        return CaseAccess.NOTHING
    if ours:
        own = reader.organisation == case.organisation
        return CaseAccess.FULL if own else CaseAccess.NOTHING
    sent = [how for whom, how in case.handovers if whom == reader.organisation and how != "draft"]
    counting = [how for how in sent if how not in OVER] or sent[-1:]
    shown = [_shown(how, anew=case.anew) for how in counting]
    most = max(shown, default=CaseAccess.NOTHING)
    if Role.ADULT_LEAD in reader.roles:
        return most
    # A worker has it once it was accepted, where named, and until there is no more than a stub.
    accepted = any(
        SHOWS[how] is CaseAccess.SHARED or how in ("supporting", *ENDED_WITH_IT) for how in counting
    )
    works = reader.named and accepted and most > CaseAccess.STUB
    return most if works else CaseAccess.NOTHING


def _shown(how: HandoverState, *, anew: bool) -> CaseAccess:
    return CaseAccess.STUB if anew and how in ENDED_WITH_IT else SHOWS[how]


def readers(
    roles: Sequence[tuple[Role, ...]], organisations: Sequence[str], standings: Sequence[Standing]
) -> Iterator[Reader]:
    """Yield everybody there can be: in each role, organisation and standing, denied and named."""
    yes_and_no = (False, True)
    for each in product(organisations, roles, standings, yes_and_no, yes_and_no):
        yield Reader(*each)

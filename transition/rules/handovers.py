"""Handovers: their states, the steps between them, and the answers they are given."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from transition.rules.calendar import add_working_days
from transition.rules.errors import RuleBroken
from transition.rules.people import CHILDRENS_ROLES, LEADS, Actor, Role, named
from transition.rules.words import Worded


class HandoverState(Worded):
    """Where a handover stands.

    An answered question has no state of its own: when the last open question is answered the
    handover is acknowledged again, because what is waited for is the decision. Signatures are
    rows too: `transferred` is reached when both stand and their date has come. Who is asked to
    support beside the lead and says yes is `supporting`: there is nothing to sign.
    """

    DRAFT = "draft", "Not yet proposed"
    PROPOSED = "proposed", "Proposed"
    ACKNOWLEDGED = "acknowledged", "Received"
    QUERIED = "queried", "Question asked"
    ACCEPTED = "accepted", "Accepted"
    ACCEPTED_WITH_CONDITIONS = "accepted_with_conditions", "Accepted with conditions"
    DECLINED = "declined", "Could not be taken"
    JOINT_WORKING = "joint_working", "Working together"
    SUPPORTING = "supporting", "Supporting"
    TRANSFERRED = "transferred", "Transferred"
    FOLLOWED_UP = "followed_up", "Followed up"
    CLOSED = "closed", "Completed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    SUPERSEDED = "superseded", "No longer asked for"
    CLOSED_DIED = "closed_died", "Ended"
    CLOSED_EXIT = "closed_exit", "Ended"

    @property
    def open(self) -> bool:
        """Whether anything can still happen to it."""
        return self not in FINAL

    @property
    def identity_shared(self) -> bool:
        """Whether the receiver may know who it is about, for as long as this state lasts."""
        return self not in ANONYMOUS


_S = HandoverState

FINAL: Final = frozenset(
    {_S.DECLINED, _S.CLOSED, _S.WITHDRAWN, _S.SUPERSEDED, _S.CLOSED_DIED, _S.CLOSED_EXIT}
)
ANONYMOUS: Final = frozenset({_S.DRAFT, _S.DECLINED, _S.WITHDRAWN, _S.SUPERSEDED})
UNDECIDED: Final = (_S.PROPOSED, _S.ACKNOWLEDGED, _S.QUERIED)
AGREED: Final = (_S.ACCEPTED, _S.ACCEPTED_WITH_CONDITIONS, _S.JOINT_WORKING)
SETTLED: Final = (_S.TRANSFERRED, _S.FOLLOWED_UP)
SENT: Final = (*UNDECIDED, *AGREED, *SETTLED, _S.SUPPORTING)


class HandoverStep(Worded):
    """What can happen to a handover; the label completes "to ..."."""

    PROPOSE = "propose", "propose this handover"
    ACKNOWLEDGE = "acknowledge", "say that it has arrived"
    ASK = "ask", "ask a question"
    ANSWER = "answer", "answer a question"
    ACCEPT = "accept", "accept this handover"
    ACCEPT_WITH_CONDITIONS = "accept_with_conditions", "accept this handover with conditions"
    DECLINE = "decline", "say that it cannot be taken"
    WITHDRAW = "withdraw", "withdraw this handover"
    SUPPORT = "support", "support beside the lead"
    SUPPORT_WITH_CONDITIONS = "support_with_conditions", "support with conditions"
    WORK_JOINTLY = "work_jointly", "work together"
    TRANSFER = "transfer", "complete the transfer"
    FOLLOW_UP = "follow_up", "complete the follow-up"
    CLOSE = "close", "close this handover"
    SUPERSEDE = "supersede", "ask another hospice"
    CLOSE_ON_DEATH = "close_on_death", "end this handover"
    CLOSE_ON_EXIT = "close_on_exit", "end this handover"


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes a step, and the state it leads to.

    Nobody takes a step without roles: it follows from something else that was recorded (a first
    joint visit, two signatures and their date, the end of the case).
    """

    roles: frozenset[Role]
    to: HandoverState


_NURSES: Final = CHILDRENS_ROLES
_ADULT_LEADS: Final = frozenset({Role.ADULT_LEAD})
_NOBODY: Final[frozenset[Role]] = frozenset()
_H = HandoverStep

STEPS: Final[Mapping[tuple[HandoverState, HandoverStep], Step]] = {
    (_S.DRAFT, _H.PROPOSE): Step(_NURSES, _S.PROPOSED),
    (_S.PROPOSED, _H.ACKNOWLEDGE): Step(_ADULT_LEADS, _S.ACKNOWLEDGED),
    (_S.QUERIED, _H.ANSWER): Step(_NURSES, _S.ACKNOWLEDGED),
    # Asking or deciding says that it has arrived; questions may overlap.
    **{(each, _H.ASK): Step(_ADULT_LEADS, _S.QUERIED) for each in UNDECIDED},
    # An open question may become a condition or a reason to decline, but not be passed over.
    (_S.PROPOSED, _H.ACCEPT): Step(_ADULT_LEADS, _S.ACCEPTED),
    (_S.ACKNOWLEDGED, _H.ACCEPT): Step(_ADULT_LEADS, _S.ACCEPTED),
    **{
        (each, _H.ACCEPT_WITH_CONDITIONS): Step(_ADULT_LEADS, _S.ACCEPTED_WITH_CONDITIONS)
        for each in UNDECIDED
    },
    (_S.PROPOSED, _H.SUPPORT): Step(_ADULT_LEADS, _S.SUPPORTING),
    (_S.ACKNOWLEDGED, _H.SUPPORT): Step(_ADULT_LEADS, _S.SUPPORTING),
    **{(each, _H.SUPPORT_WITH_CONDITIONS): Step(_ADULT_LEADS, _S.SUPPORTING) for each in UNDECIDED},
    **{(each, _H.DECLINE): Step(_ADULT_LEADS, _S.DECLINED) for each in UNDECIDED},
    **{(each, _H.WITHDRAW): Step(_NURSES, _S.WITHDRAWN) for each in UNDECIDED},
    # Once accepted, people have met: only leads withdraw, from either side.
    **{(each, _H.WITHDRAW): Step(LEADS, _S.WITHDRAWN) for each in (*AGREED, _S.SUPPORTING)},
    (_S.ACCEPTED, _H.WORK_JOINTLY): Step(_NOBODY, _S.JOINT_WORKING),
    (_S.ACCEPTED_WITH_CONDITIONS, _H.WORK_JOINTLY): Step(_NOBODY, _S.JOINT_WORKING),
    **{(each, _H.TRANSFER): Step(_NOBODY, _S.TRANSFERRED) for each in AGREED},
    (_S.TRANSFERRED, _H.FOLLOW_UP): Step(_NOBODY, _S.FOLLOWED_UP),
    (_S.FOLLOWED_UP, _H.CLOSE): Step(_NOBODY, _S.CLOSED),
    # The young person comes back: the case returns to planning by a decision of both leads.
    **{(each, _H.WITHDRAW): Step(_NOBODY, _S.WITHDRAWN) for each in SETTLED},
    **{(each, _H.SUPERSEDE): Step(_NOBODY, _S.SUPERSEDED) for each in (*UNDECIDED, *AGREED)},
    **{(each, _H.CLOSE_ON_DEATH): Step(_NOBODY, _S.CLOSED_DIED) for each in SENT},
    **{(each, _H.CLOSE_ON_EXIT): Step(_NOBODY, _S.CLOSED_EXIT) for each in SENT},
    # A draft stays one: every ended state would tell its receiver of somebody they never knew.
    (_S.DRAFT, _H.CLOSE_ON_DEATH): Step(_NOBODY, _S.DRAFT),
    (_S.DRAFT, _H.CLOSE_ON_EXIT): Step(_NOBODY, _S.DRAFT),
}
"""Every step there is. Source: domain 6.1."""


def take_step(state: HandoverState, step: HandoverStep, *, by: Actor) -> HandoverState:
    """Return the state that a step leads to.

    A step that follows from something else takes anybody as `by`: who may record that something
    is asked where it is recorded.

    Raises:
        RuleBroken: the step does not follow from this state, or is not for this actor to take.
    """
    taken = STEPS.get((state, step))
    if taken is None:
        raise RuleBroken(f"It is not possible to {step.label} now: it stands as “{state.label}”.")
    if taken.roles and not taken.roles & by.roles:
        raise RuleBroken(f"Only {named(taken.roles)} may {step.label}.")
    return taken.to


def steps_open(state: HandoverState, *, by: Actor) -> tuple[HandoverStep, ...]:
    """Return the steps that this actor may take by hand from a state."""
    return tuple(
        step for (start, step), taken in STEPS.items() if start is state and taken.roles & by.roles
    )


class Function(Worded):
    """The functions of care that the responsibility ledger tells apart. Source: domain 5.9."""

    ADVICE_24_7 = "advice_24_7", "24-hour advice"
    SYMPTOM_MANAGEMENT = "symptom_management", "Symptom management"
    ADVANCE_CARE_PLANNING = "advance_care_planning", "Advance care planning"
    SHORT_BREAKS = "short_breaks", "Short breaks"
    DAY_AND_SOCIAL = "day_and_social", "Day and social activities"
    END_OF_LIFE_CARE = "end_of_life_care", "End of life care"
    EMOTIONAL_SUPPORT = "emotional_support", "Emotional support"
    SIBLING_FAMILY_SUPPORT = "sibling_family_support", "Support for brothers, sisters and family"
    CARE_COORDINATION = "care_coordination", "Care coordination"
    PRESCRIBING_OVERSIGHT = "prescribing_oversight", "Oversight of prescribing"
    EQUIPMENT_OVERSIGHT = "equipment_oversight", "Oversight of equipment"
    BEREAVEMENT_SUPPORT = "bereavement_support", "Bereavement support"


class Answer(Worded):
    """What a receiver says about one function."""

    ACCEPT = "accept", "Yes"
    ACCEPT_WITH_CONDITIONS = "accept_with_conditions", "Yes, with conditions"
    DECLINE = "decline", "We cannot take this"


def outcome_of(answers: Collection[Answer], *, leads: bool = True) -> HandoverStep:
    """Return the step that the answers to all functions amount to.

    *leads* says whether the receiver was asked to lead, or to support beside whoever leads.

    Raises:
        RuleBroken: there are no answers.
    """
    if not answers:
        raise RuleBroken("Answer each function that you are asked to take on.")
    if set(answers) == {Answer.DECLINE}:
        return HandoverStep.DECLINE
    conditional = Answer.ACCEPT_WITH_CONDITIONS in answers
    if leads:
        return HandoverStep.ACCEPT_WITH_CONDITIONS if conditional else HandoverStep.ACCEPT
    return HandoverStep.SUPPORT_WITH_CONDITIONS if conditional else HandoverStep.SUPPORT


class AfterNo(Worded):
    """What the children's hospice does after a receiver could not take it. Source: domain 6.3."""

    ASK_AGAIN = "ask_again", "Ask the same hospice again later"
    ASK_ANOTHER = "ask_another", "Ask another hospice"
    SHARE_CARE = "share_care", "Share the care: ask for part of it"
    PAUSE = "pause", "Pause this transition"


class Urgency(Worded):
    """How soon a decision is needed."""

    ROUTINE = "routine", "Routine"
    SOON = "soon", "Soon"
    EXPEDITED = "expedited", "Expedited: health is changing quickly"


REPLY_DAYS: Final[Mapping[Urgency, int]] = {
    Urgency.ROUTINE: 10,
    Urgency.SOON: 5,
    Urgency.EXPEDITED: 1,
}
"""Working days from the proposal to the decision. Source: domain 6.2 step 6."""


CALL_FIRST: Final = (
    "An expedited handover needs a telephone call. Ring them, and say whom you rang and when."
)


def refuse_uncalled(urgency: Urgency, call: str | None) -> None:
    """Do nothing unless somebody whose answer is wanted tomorrow was not rung.

    Raises:
        RuleBroken: nobody was. Source: domain 3.4 and 6.2 step 2.
    """
    if urgency is Urgency.EXPEDITED and not (call or "").strip():
        raise RuleBroken(CALL_FIRST)


def reply_due(proposed_on: date, urgency: Urgency, holidays: frozenset[date]) -> date:
    """Return the day by which a decision is due, unless questions stop the clock."""
    return add_working_days(proposed_on, REPLY_DAYS[urgency], holidays)


class SharingBasis(Worded):
    """Whether and why a young person's record may be shared. Source: domain 5.6."""

    AGREED = "agreed", "Agreed"
    AGREED_LIMITED = "agreed_limited", "Agreed, with limits"
    BEST_INTERESTS = "best_interests", "Decided in their best interests"
    PARENTAL_AGREEMENT_UNDER16 = "parental_agreement_under16", "Agreed by a parent, under 16"
    OBJECTED = "objected", "Objected"
    NOT_YET_ASKED = "not_yet_asked", "Not yet asked"

    @property
    def allows_sharing(self) -> bool:
        """Whether anything that identifies the young person may leave the children's hospice."""
        return self not in {SharingBasis.OBJECTED, SharingBasis.NOT_YET_ASKED}


_KEY: Final = re.compile(r"([a-z][a-z0-9_]{0,39})-([1-9][0-9]{0,3})")


def handover_key(receiver: str, number: int) -> str:
    """Return a handover's name in addresses, such as `rowans-1`."""
    return f"{receiver}-{number}"


def parse_handover_key(text: str) -> tuple[str, int] | None:
    """Return the receiver and the number in a handover's key; None if it is no key."""
    match = _KEY.fullmatch(text)
    return (match[1], int(match[2])) if match else None

"""After the transfer: first contacts and what follows a missed one, check-ins, the six months.

Source: domain 6.2 steps 11 to 13, 6.5, and ruling 53.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

from transition.rules.calendar import add_months
from transition.rules.errors import RuleBroken
from transition.rules.handover_clocks import Pauses, unpaused_days
from transition.rules.milestones import OutcomeKind
from transition.rules.pathway import Owner, Stage
from transition.rules.people import Actor, Role
from transition.rules.stages import TRANSITIONS, StageEvent, refuse_wrong_role
from transition.rules.words import Worded

FIRST_CONTACT: Final = "SE-01"
AT_SIX_WEEKS: Final = "SE-03"
AT_SIX_MONTHS: Final = "SE-04"
STILL_THERE: Final = "SE-05"
"""The milestones that what is recorded here completes."""

CALL_TOGETHER, PLAN_ANEW = 2, 3
"""After so many missed contacts both hospices call together; after so many the plan is reviewed."""


class ContactKind(Worded):
    """How the adult hospice made contact, or tried to."""

    HOME_VISIT = "home_visit", "A visit at home"
    CLINIC = "clinic", "A clinic or a visit to the hospice"
    CALL = "call", "A telephone call"
    VIDEO = "video", "A video call"


class ContactResult(Worded):
    """What became of a contact."""

    ATTENDED = "attended", "It took place"
    NOT_BROUGHT = "not_brought", "Was not brought"
    DECLINED = "declined", "The young person declined"
    NOT_REACHED = "not_reached", "Could not be reached"


class CheckInKind(Worded):
    """When a check-in is held, and whose it is; of support there is one kind, for both sides."""

    SIX_WEEKS = "six_weeks", "Six weeks after the transfer"
    THREE_MONTHS = "three_months", "Three months after, if it helps"
    SIX_MONTHS = "six_months", "The joint review at six months"
    SUPPORT = "support", "How the support goes"

    @property
    def owner(self) -> Owner:
        """Which side holds it."""
        return Owner.CHILDRENS if self is CheckInKind.SIX_WEEKS else Owner.SHARED

    @property
    def completes(self) -> str | None:
        """The milestone that it completes, if any."""
        return COMPLETES.get(self)


AFTER_TRANSFER: Final = tuple(one for one in CheckInKind if one is not CheckInKind.SUPPORT)
"""The check-ins with whoever was transferred; who supports holds another, again and again."""

COMPLETES: Final = {
    CheckInKind.SIX_WEEKS: AT_SIX_WEEKS,
    CheckInKind.SIX_MONTHS: AT_SIX_MONTHS,
}


class CheckInOutcome(Worded):
    """How it is going."""

    SETTLED = "settled", "Settled"
    SOME_WORRIES = "some_worries", "Some worries"
    NOT_WORKING = "not_working", "Not working"


class Feedback(Worded):
    """Whether the young person and family said what they think of the move."""

    ANSWERED = "answered", "Asked, and answered"
    NOT_ANSWERED = "not_answered", "Asked, and not answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One contact after the transfer, and what both hospices did where it was missed."""

    number: int
    tried_on: date
    result: ContactResult
    joint_call_on: date | None = None
    home_visit_offered_on: date | None = None
    gp_told_on: date | None = None
    planned_on: date | None = None

    @property
    def missed(self) -> bool:
        """Whether it did not take place."""
        return self.result is not ContactResult.ATTENDED


@dataclass(frozen=True, slots=True)
class Following:
    """What both hospices say that they did after a missed contact."""

    joint_call_on: date | None = None
    home_visit_offered_on: date | None = None
    gp_told_on: date | None = None
    plan: str | None = None


def missed_in_a_row(attempts: Sequence[Attempt]) -> int:
    """Return how many contacts were missed since the last that took place; oldest first."""
    count = 0
    for one in attempts:
        count = count + 1 if one.missed else 0
    return count


def six_months_passed(transferred_on: date, today: date) -> bool:
    """Return whether the six months after a transfer are over; their last day belongs to them."""
    return today > add_months(transferred_on, 6)


NOT_SETTLING: Final = "This is for the time after the transfer. This case is at another stage."
NOT_BEFORE_TRANSFER: Final = "The date must be on or after the day of the transfer."
NOT_BEFORE_SUPPORT: Final = "The date must be on or after the day from which they support."
NOT_AFTER_TODAY: Final = "The date must be today or in the past."
ONLY_ADULT: Final = "The adult hospice records this. Ring them if you know of a contact."
NEVER_GIVEN_UP: Final = (
    "Nobody is closed as not engaging within six months of the transfer. Record each contact that"
    " was missed, and how you will try again."
)


def refuse_not_settling(stage: Stage) -> None:
    """Do nothing if a case is in the time after its transfer.

    Raises:
        RuleBroken: it is not.
    """
    if stage is not Stage.SETTLING:
        raise RuleBroken(NOT_SETTLING)


def refuse_day(
    day: date, begun_on: date | None, today: date, *, early: str = NOT_BEFORE_TRANSFER
) -> None:
    """Do nothing if something after a transfer can have been on a day.

    Raises:
        RuleBroken: the day has not come, or lies before all began, in which case *early* is said.
    """
    if day > today:
        raise RuleBroken(NOT_AFTER_TODAY)
    if begun_on is not None and day < begun_on:
        raise RuleBroken(early)


def refuse_giving_up(
    code: str, kind: OutcomeKind, transferred_on: date | None, today: date
) -> None:
    """Do nothing unless a first contact would be set aside within six months of the transfer.

    Raises:
        RuleBroken: it would. Source: domain 6.5.
    """
    if code != FIRST_CONTACT or kind is OutcomeKind.DONE:
        return
    if transferred_on is None or not six_months_passed(transferred_on, today):
        raise RuleBroken(NEVER_GIVEN_UP)


NOT_MISSED: Final = "This contact took place, so nothing follows from it."
NOTHING_SAID: Final = "Say what was done: the call, the home visit, the GP, or the plan."
TOO_EARLY_TO_PLAN: Final = "The plan is reviewed after a third missed contact."
LEAD_PLANS: Final = "The leads of both hospices review the plan. Ask yours to record it."


def refuse_following(attempt: Attempt, said: Following, *, missed: int, leads: bool) -> None:
    """Do nothing if what is said can follow from a contact; `missed` is how many were by then.

    Raises:
        RuleBroken: it took place, nothing is said, or the plan is not theirs to review yet.
    """
    if not attempt.missed:
        raise RuleBroken(NOT_MISSED)
    if not any((said.joint_call_on, said.home_visit_offered_on, said.gp_told_on, said.plan)):
        raise RuleBroken(NOTHING_SAID)
    if said.plan and missed < PLAN_ANEW:
        raise RuleBroken(TOO_EARLY_TO_PLAN)
    if said.plan and not leads:
        raise RuleBroken(LEAD_PLANS)


NO_FEEDBACK: Final = "Say whether the young person and family answered when asked what they think."
HELD_ALREADY: Final = "This check-in was held already. Nothing changed."


def refuse_check_in(kind: CheckInKind, feedback: Feedback | None, *, held: bool) -> None:
    """Do nothing if a check-in can be recorded; `held` says that its kind was held before.

    Raises:
        RuleBroken: it was held, or feedback was not asked for at the review.
    """
    if held:
        raise RuleBroken(HELD_ALREADY)
    if kind is CheckInKind.SIX_MONTHS and feedback is None:
        raise RuleBroken(NO_FEEDBACK)


class Agreed(Worded):
    """What both hospices agree on; the label completes "... agrees that ...".."""

    COMPLETED = "completed", "this transition is completed"
    RETURNS = "returns", "they come back"

    @property
    def event(self) -> StageEvent:
        """What happens to the case once both have agreed."""
        return StageEvent.COMPLETE if self is Agreed.COMPLETED else StageEvent.COME_BACK


SIGNERS: Final = TRANSITIONS[Stage.SETTLING, StageEvent.COMPLETE].who
"""Who signs, each for their own hospice, that a transition is completed."""


def role_of(what: Agreed, by: Actor) -> Role:
    """Return as what somebody agrees.

    Raises:
        RuleBroken: it is not theirs to agree.
    """
    who = TRANSITIONS[Stage.SETTLING, what.event].who
    refuse_wrong_role(who, what.event, (by,))
    return next(role for role in Role if role in by.roles & who)


def missing_for_completing(
    transferred_on: date | None, titles: Sequence[str], today: date
) -> tuple[str, ...]:
    """Return a sentence for each thing that completing waits for; `titles` are the open gates."""
    missing = [f"“{title}” is still open." for title in titles]
    if transferred_on is None or not six_months_passed(transferred_on, today):
        missing.append("The six months after the transfer are not over yet.")
    return tuple(missing)


ALONE_AFTER: Final = 20
"""Working days from the children's signature, after which a lead completes alone."""


def alone_from(signed_on: date, pauses: Pauses, holidays: frozenset[date]) -> date | None:
    """Return the last day on which the other side is in time; None while a pause keeps it off."""
    return next(islice(unpaused_days(pauses, signed_on, holidays), ALONE_AFTER - 1, None), None)


def refuse_completing_alone(
    signed_on: date | None, pauses: Pauses, today: date, holidays: frozenset[date]
) -> None:
    """Do nothing if a lead may complete without the other side; its limit day belongs to it.

    Raises:
        RuleBroken: the children's hospice has not signed, or the other side has time yet.
    """
    if signed_on is None:
        raise RuleBroken("Your hospice signs first. Then the other has 20 working days.")
    limit = alone_from(signed_on, pauses, holidays)
    if limit is None or today <= limit:
        raise RuleBroken("The other hospice has 20 working days from your signature. Ring them.")


AGAIN_AFTER_RETURN: Final = frozenset({"PL-01", "HO-01"})
STAGES_AFTER_RETURN: Final = frozenset({Stage.HANDOVER, Stage.MOVING, Stage.SETTLING})
"""What is open again when somebody comes back: the next move has its own date, pack and visits."""

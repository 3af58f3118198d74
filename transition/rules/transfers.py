"""The transfer: two signatures, the day from which they hold, and who is asked for them when.

Silence never moves responsibility: without both signatures nothing switches, whatever the date.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from transition.rules.calendar import ONE_DAY, add_months, add_working_days
from transition.rules.errors import RuleBroken
from transition.rules.nudges import Addressee
from transition.rules.pathway import Stage
from transition.rules.people import Actor, Role, Side
from transition.rules.stages import (
    TRANSITIONS,
    CaseState,
    StageEvent,
    not_now,
    refuse_ended,
    refuse_wrong_role,
)
from transition.rules.words import Worded

SIGNED_AHEAD: Final = 14
"""Days from the later signature to the transfer, at most. Source: ruling 53."""
READY: Final = 28
"""Days before the transfer from which both sides are asked to get ready. Source: ruling 52."""
FINISH: Final = 14
"""Days before the transfer from which both leads finish what is open, or move the date."""
MET: Final = 5
"""Months before the transfer by which a joint visit is planned. Source: domain 6.2 step 8."""
AGAIN: Final = timedelta(days=7)
"""How often both sides are told that the date has passed unsigned."""


SIGNERS: Final = TRANSITIONS[Stage.MOVING, StageEvent.SIGN_TRANSFER].who
"""Who signs, each for their own side."""


class Voided(Worded):
    """Why a signature counts no more; the label completes "It counts no more: ..."."""

    TAKEN_BACK = "taken_back", "it was taken back"
    MOVED = "moved", "the transfer date moved"
    PAUSED = "paused", "the transition was paused"
    OPEN_AGAIN = "open_again", "something that the transfer waits for was open on its date"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that counts: who, as what they signed, and the transfer date that they signed."""

    by: Actor
    transfer_on: date

    @property
    def side(self) -> Side | None:
        """The side for which it was given."""
        return self.by.side


def signing_role(by: Actor) -> Role:
    """Return as what somebody signs who may sign."""
    return next(role for role in Role if role in by.roles & SIGNERS)


def refuse_signature(
    state: CaseState, standing: Collection[Signed], new: Signed, today: date
) -> None:
    """Do nothing if a signature may be added to those that count.

    `new` is as somebody would sign now. The day may lie at most 14 days after the later of the
    two signatures, and never before either.

    Raises:
        RuleBroken: the case is at another stage or rests, the person may not sign for that side,
            or the day is too near or too far.
    """
    _refuse_state(state)
    if new.side is None:
        raise RuleBroken("Nobody signs for both hospices. A second person signs.")
    refuse_wrong_role(SIGNERS, StageEvent.SIGN_TRANSFER, (new.by,))
    if any(one.by.uid == new.by.uid for one in standing):
        raise RuleBroken("You have signed already. A second person signs for the other hospice.")
    if new.transfer_on < today:
        raise RuleBroken("The transfer date has passed. Move it before you sign.")
    others = [one for one in standing if one.side is not new.side]
    if others and new.transfer_on > today + timedelta(SIGNED_AHEAD):
        opens = new.transfer_on - timedelta(SIGNED_AHEAD)
        raise RuleBroken(
            "The second signature is given in the last 14 days before the transfer:"
            f" from {opens.day} {opens:%B %Y}."
        )


def may_confirm(standing: Collection[Signed], by: Actor) -> bool:
    """Return whether somebody may record now that a provider outside confirms a transfer.

    A children's lead does, when a colleague has signed for their own hospice.
    """
    ours = {one.by.uid for one in standing if one.side is Side.CHILDRENS}
    return bool(ours - {by.uid}) and Role.CHILDRENS_LEAD in by.roles


def _refuse_state(state: CaseState) -> None:
    refuse_ended(state)
    if state.paused:
        raise RuleBroken("This case is paused. Resume it before you sign.")
    if state.stage is not Stage.MOVING:
        raise RuleBroken(not_now(state, StageEvent.SIGN_TRANSFER))


def both_signed(standing: Collection[Signed]) -> bool:
    """Return whether both sides have signed."""
    return {one.side for one in standing} >= set(Side)


class Rung(StrEnum):
    """What both sides are asked on the way to the transfer."""

    MEETING = "meeting"
    READY = "ready"
    FINISH = "finish"
    PASSED = "passed"
    WORKER = "worker"


_SIDES: Final = (Addressee.NAMED_WORKER, Addressee.RECEIVER_LEAD)
_LEADS: Final = (*_SIDES, Addressee.CHILDRENS_LEADS, Addressee.RECEIVER_DEPUTY)
_SENIORS: Final = (Addressee.CHILDRENS_ESCALATION, Addressee.RECEIVER_ESCALATION)

ADDRESSEES: Final[Mapping[Rung, tuple[Addressee, ...]]] = {
    Rung.MEETING: _SIDES,
    Rung.READY: _SIDES,
    Rung.FINISH: _LEADS,
    Rung.PASSED: _LEADS,
    Rung.WORKER: (Addressee.RECEIVER_LEAD, Addressee.RECEIVER_DEPUTY),
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One letter on the way to the transfer, the day from which it is due, and which in its row."""

    rung: Rung
    due_on: date
    number: int = 0

    @property
    def to(self) -> tuple[Addressee, ...]:
        """Whom it goes to; a date that has passed for a week is told to somebody more senior."""
        return ADDRESSEES[self.rung] + (_SENIORS if self.number else ())


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far two hospices are on the way to a transfer that has not both signatures."""

    transfer_on: date
    met: bool
    """Whether a joint visit is planned or was held."""
    gates_open: bool
    """Whether anything still stands in the way of signing."""
    worker_by: date | None = None
    """By when the receiver was to name its worker, while it has named nobody."""


def is_near(transfer_on: date, today: date) -> bool:
    """Return whether a transfer is so near that both leads finish what is open, or move it."""
    return today >= transfer_on - timedelta(FINISH)


def prompt_due(ahead: Ahead, today: date, holidays: frozenset[date]) -> Prompt | None:
    """Return the last prompt whose day has come, or None before the first.

    The days are counted from the transfer date; letters go on the next working day.
    """
    due = [one for one in _prompts(ahead, today, holidays) if one.due_on <= today]
    return max(due, key=lambda one: one.due_on, default=None)


def _prompts(ahead: Ahead, today: date, holidays: frozenset[date]) -> Iterator[Prompt]:
    on = ahead.transfer_on
    if not ahead.met:
        yield Prompt(Rung.MEETING, _working(add_months(on, -MET), holidays))
    yield Prompt(Rung.READY, _working(on - timedelta(READY), holidays))
    if ahead.gates_open:
        yield Prompt(Rung.FINISH, _working(on - timedelta(FINISH), holidays))
    yield from _missed(Rung.PASSED, on, today, holidays)
    if ahead.worker_by is not None:
        yield from _missed(Rung.WORKER, ahead.worker_by, today, holidays)


def _missed(rung: Rung, limit_on: date, today: date, holidays: frozenset[date]) -> Iterator[Prompt]:
    """Yield a prompt for the working day after a day was missed, and for each week after that."""
    told_on, number = add_working_days(limit_on, 1, holidays), 0
    while told_on <= today:
        yield Prompt(rung, _working(told_on, holidays), number)
        told_on, number = told_on + AGAIN, number + 1


def _working(day: date, holidays: frozenset[date]) -> date:
    """Return a day, or the first working day after it."""
    return add_working_days(day - ONE_DAY, 1, holidays)

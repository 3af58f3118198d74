"""How a case ends, is opened again, and how the record of a death is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.people import CHILDRENS_ROLES, CLINICAL_ROLES, LEADS, Actor, Role, named
from transition.rules.stages import (
    CHILDRENS_LEAD,
    CaseState,
    Ending,
    StageEvent,
    not_now,
    refuse_ended,
    refuse_wrong_role,
)


@dataclass(frozen=True, slots=True)
class EndingRule:
    """Who may record an ending, and who confirms it as the second person, if anybody."""

    who: frozenset[Role]
    confirmed_by: frozenset[Role] = frozenset()


ENDINGS: Final[Mapping[Ending, EndingRule]] = {
    Ending.DECLINED_BY_PERSON: EndingRule(CHILDRENS_ROLES, confirmed_by=CHILDRENS_LEAD),
    Ending.MOVED_AWAY: EndingRule(CHILDRENS_ROLES),
    Ending.NO_LONGER_NEEDED: EndingRule(CHILDRENS_LEAD),
    Ending.OTHER_PROVIDER: EndingRule(CHILDRENS_ROLES),
    Ending.DIED: EndingRule(CLINICAL_ROLES),
    Ending.ENTERED_IN_ERROR: EndingRule(CHILDRENS_LEAD, confirmed_by=CHILDRENS_ROLES),
}
"""Every ending. Source: domain 3.2."""


def end_case(
    state: CaseState, ending: Ending, *, by: Actor, confirmed_by: Actor | None = None
) -> CaseState:
    """Return how a case stands after it has ended.

    A death is possible in every state but one: it needs no second person, and it replaces any
    other ending. The rest end an open case only.

    Raises:
        RuleBroken: the case cannot end so now, or it is not theirs to say.
    """
    refuse_ending(state, ending, by=by)
    rule = ENDINGS[ending]
    if rule.confirmed_by:
        _refuse_unconfirmed(rule.confirmed_by, by, confirmed_by)
    return replace(state, ending=ending)


def refuse_ending(state: CaseState, ending: Ending, *, by: Actor) -> None:
    """Do nothing if an actor may record an ending, whoever must still confirm it.

    Raises:
        RuleBroken: the case cannot end so now, or it is not theirs to say.
    """
    _refuse_second_ending(state, ending)
    refuse_wrong_role(ENDINGS[ending].who, StageEvent.END, (by,))


def _refuse_second_ending(state: CaseState, ending: Ending) -> None:
    if ending is not Ending.DIED:
        refuse_ended(state)
        if state.stage is Stage.COMPLETED:
            raise RuleBroken(not_now(state, StageEvent.END))
    elif state.ending is Ending.DIED:
        raise RuleBroken("This has already been recorded.")
    elif state.ending is Ending.ENTERED_IN_ERROR:
        raise RuleBroken("This case was entered in error. Record it on the right case.")


def _refuse_unconfirmed(roles: frozenset[Role], by: Actor, second: Actor | None) -> None:
    if second is None or second.uid == by.uid or not second.roles & roles:
        raise RuleBroken(f"A second person confirms this: {named(roles)}.")


AGAIN: Final = (Stage.IDENTIFIED, Stage.PREPARING, Stage.PLANNING)
"""The stages in which a case can be opened again: later ones need a handover of their own."""


def reopen(state: CaseState, to: Stage, *, by: Actor) -> CaseState:
    """Return how an ended or completed case stands when it is opened again.

    Raises:
        RuleBroken: it is not over, was entered in error, or ended with a death; the stage lies
            ahead of where it stood; or it is not theirs to do.
    """
    over = state.ending or state.stage is Stage.COMPLETED
    if not over or state.ending in {Ending.DIED, Ending.ENTERED_IN_ERROR}:
        raise RuleBroken("This case cannot be opened again.")
    if to not in AGAIN or to.number > state.stage.number:
        raise RuleBroken("Choose the stage where the case stood, or one before it.")
    refuse_wrong_role(CHILDRENS_LEAD, StageEvent.REOPEN, (by,))
    return CaseState(to)


def may_reopen(state: CaseState, by: Actor) -> bool:
    """Return whether an actor can open a case again, at the first of its stages if at no other."""
    try:
        reopen(state, AGAIN[0], by=by)
    except RuleBroken:
        return False
    return True


HELD_FOR: Final = timedelta(minutes=15)
"""How long the notice of a death is held, so that its recorder can take it back alone."""
ONE_LEAD_FOR: Final = timedelta(hours=72)
"""How long one lead alone may undo the record of a death; afterwards two."""


def refuse_undoing_a_death(recorder: bytes, elapsed: timedelta, *by: Actor) -> None:
    """Do nothing if these people may undo the record of a death, so long after it was made.

    Raises:
        RuleBroken: the recorder alone is too late, or there are not enough leads.
    """
    if elapsed < HELD_FOR and recorder in {actor.uid for actor in by}:
        return
    leads = {actor.uid for actor in by if actor.roles & LEADS}
    needed = 1 if elapsed <= ONE_LEAD_FOR else 2
    if len(leads) < needed:
        words = "a lead" if needed == 1 else "two leads"
        raise RuleBroken(f"This can now be undone by {words} only.")


def refuse_died_on(died_on: date, born: date, today: date) -> None:
    """Do nothing if somebody born on a day can have died on another.

    Raises:
        RuleBroken: it has not come yet, or it lies before they were born.
    """
    if died_on > today:
        raise RuleBroken("The date must be today or in the past.")
    if died_on < born:
        raise RuleBroken("The date must not be before the date of birth.")


class Undoing(StrEnum):
    """What somebody's word that a death was recorded by mistake comes to."""

    DONE = "done"
    ASKED = "asked"
    """It is kept, and has no effect before a second lead says the same."""


def undoing_of_a_death(
    recorder: bytes, elapsed: timedelta, by: Actor, asked_by: Actor | None = None
) -> Undoing:
    """Return what it comes to when somebody says that a death was recorded by mistake.

    `asked_by` is the lead who said so before, if there is one who is a lead still.

    Raises:
        RuleBroken: it is not theirs to say, or not a second time.
    """
    if elapsed <= ONE_LEAD_FOR or not by.roles & LEADS:
        refuse_undoing_a_death(recorder, elapsed, by)
        return Undoing.DONE
    if asked_by is None or not asked_by.roles & LEADS:
        return Undoing.ASKED
    if asked_by.uid == by.uid:
        raise RuleBroken("You have asked for this already. It is done when a second lead does.")
    refuse_undoing_a_death(recorder, elapsed, by, asked_by)
    return Undoing.DONE

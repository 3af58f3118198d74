"""Stages, overlays and endings: what may happen to a case, by whom, and what it leads to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from transition.rules.errors import RuleBroken
from transition.rules.pathway import Stage
from transition.rules.people import CHILDRENS_ROLES, LEADS, Actor, Role, Side, named
from transition.rules.words import Worded


class Overlay(Worded):
    """What lies over a stage without replacing it."""

    PAUSED = "paused", "Paused"
    EXPEDITED = "expedited", "Health changing quickly"
    ENDED = "ended", "Ended"


class Ending(Worded):
    """How a case ended. Source: domain 3.2."""

    DECLINED_BY_PERSON = "declined_by_person", "Young person declined"
    MOVED_AWAY = "moved_away", "Moved away"
    NO_LONGER_NEEDED = "no_longer_needed", "No longer needed"
    OTHER_PROVIDER = "other_provider", "Cared for by another service"
    DIED = "died", "Died"
    ENTERED_IN_ERROR = "entered_in_error", "Entered in error"


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where a case stands: its stage, and what lies over it."""

    stage: Stage
    paused: bool = False
    expedited: bool = False
    ending: Ending | None = None

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """What lies over the stage; an ending hides everything else."""
        if self.ending:
            return (Overlay.ENDED,)
        lying = {Overlay.PAUSED: self.paused, Overlay.EXPEDITED: self.expedited}
        return tuple(overlay for overlay, there in lying.items() if there)


class StageEvent(Worded):
    """What can happen to a case; the label completes "It is not possible to ..."."""

    OPEN = "open", "open a case"
    PREPARE = "prepare", "start preparing for adulthood"
    PLAN = "plan", "start planning the move"
    PROPOSE = "propose", "propose a handover"
    ACCEPT = "accept", "accept the handover"
    DECLINE = "decline", "decline the handover"
    WITHDRAW = "withdraw", "withdraw the handover"
    LAPSE = "lapse", "let the handover lapse"
    SIGN_TRANSFER = "sign_transfer", "sign the transfer"
    COMPLETE = "complete", "complete the case"
    COMPLETE_ALONE = "complete_alone", "complete the case without the other side"
    COME_BACK = "come_back", "return to planning"
    COME_BACK_URGENTLY = "come_back_urgently", "return to planning at once"
    PAUSE = "pause", "pause the case"
    RESUME = "resume", "resume the case"
    EXPEDITE = "expedite", "shorten the path"
    STEADY = "steady", "return to the ordinary path"
    END = "end", "end the case"
    REOPEN = "reopen", "open the case again"
    UNDO = "undo", "undo the last move"


@dataclass(frozen=True, slots=True)
class Transition:
    """Who may let an event happen, and the stage it leads to.

    `both` needs one person of these roles on each side; the first alone has no effect.
    """

    who: frozenset[Role]
    to: Stage
    both: bool = False


CHILDRENS_LEAD: Final = frozenset({Role.CHILDRENS_LEAD})
_ADULT_LEAD: Final = frozenset({Role.ADULT_LEAD})
_EITHER: Final = CHILDRENS_ROLES | LEADS
_E = StageEvent

TRANSITIONS: Final[Mapping[tuple[Stage | None, StageEvent], Transition]] = {
    (None, _E.OPEN): Transition(CHILDRENS_ROLES, Stage.IDENTIFIED),
    (Stage.IDENTIFIED, _E.PREPARE): Transition(CHILDRENS_ROLES, Stage.PREPARING),
    (Stage.PREPARING, _E.PLAN): Transition(CHILDRENS_ROLES, Stage.PLANNING),
    (Stage.PLANNING, _E.PROPOSE): Transition(CHILDRENS_ROLES, Stage.HANDOVER),
    (Stage.HANDOVER, _E.ACCEPT): Transition(_ADULT_LEAD, Stage.MOVING),
    (Stage.HANDOVER, _E.DECLINE): Transition(_ADULT_LEAD, Stage.PLANNING),
    (Stage.HANDOVER, _E.WITHDRAW): Transition(CHILDRENS_ROLES, Stage.PLANNING),
    (Stage.HANDOVER, _E.LAPSE): Transition(LEADS, Stage.PLANNING, both=True),
    (Stage.MOVING, _E.SIGN_TRANSFER): Transition(_EITHER, Stage.SETTLING, both=True),
    (Stage.MOVING, _E.WITHDRAW): Transition(LEADS, Stage.PLANNING),
    (Stage.SETTLING, _E.COMPLETE): Transition(_EITHER, Stage.COMPLETED, both=True),
    (Stage.SETTLING, _E.COMPLETE_ALONE): Transition(CHILDRENS_LEAD, Stage.COMPLETED),
    (Stage.SETTLING, _E.COME_BACK): Transition(LEADS, Stage.PLANNING, both=True),
    (Stage.SETTLING, _E.COME_BACK_URGENTLY): Transition(CHILDRENS_LEAD, Stage.PLANNING),
}
"""Every way from a stage to another. Source: domain 3.1."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an event that leaves the stage alone does: lay an overlay over it, or lift it."""

    overlay: Overlay
    lays: bool


CHANGES: Final[Mapping[StageEvent, Change]] = {
    _E.PAUSE: Change(Overlay.PAUSED, lays=True),
    _E.RESUME: Change(Overlay.PAUSED, lays=False),
    _E.EXPEDITE: Change(Overlay.EXPEDITED, lays=True),
    _E.STEADY: Change(Overlay.EXPEDITED, lays=False),
}
"""Every event that leaves the stage alone."""

ADULTS_FROM: Final = Stage.HANDOVER
"""The stage from which the adult side acts, up to the last."""


def take_event(state: CaseState | None, event: StageEvent, *by: Actor) -> CaseState:
    """Return how a case stands after an event; before it is opened its state is None.

    `by` are all who stand behind the event: two people where both sides are needed.

    Raises:
        RuleBroken: the event is not possible now, or not theirs to cause.
    """
    if state is not None and event in CHANGES:
        return _change(state, event, by)
    refuse_resting(state)
    transition = TRANSITIONS.get((state.stage if state else None, event))
    if transition is None:
        raise RuleBroken(not_now(state, event))
    refuse_wrong_role(transition.who, event, by)
    if transition.both:
        _refuse_one_sided(by)
    return replace(state, stage=transition.to) if state else CaseState(transition.to)


def _change(state: CaseState, event: StageEvent, by: Collection[Actor]) -> CaseState:
    """Return how a case stands after an overlay was laid or lifted."""
    change = CHANGES[event]
    refuse_ended(state)
    if state.stage is Stage.COMPLETED:
        raise RuleBroken(not_now(state, event))
    if (change.overlay in state.overlays) is change.lays:
        raise RuleBroken("Nothing has changed: this was so already.")
    adults_act = state.stage.number >= ADULTS_FROM.number
    refuse_wrong_role(_EITHER if adults_act else CHILDRENS_ROLES, event, by)
    if change.overlay is Overlay.PAUSED:
        return replace(state, paused=change.lays)
    return replace(state, expedited=change.lays)


def _refuse_one_sided(by: Collection[Actor]) -> None:
    sides = {actor.side for actor in by}
    people = {actor.uid for actor in by}
    organisations = {actor.organisation for actor in by}
    if sides != set(Side) or min(len(people), len(organisations)) < len(sides):
        raise RuleBroken("This takes effect when two people, one from each hospice, have said so.")


def not_now(state: CaseState | None, event: StageEvent) -> str:
    """Return the sentence for an event that does not follow from where a case stands."""
    if state is None:
        return f"It is not possible to {event.label} before there is a case."
    return f"It is not possible to {event.label} while the case is at “{state.stage.label}”."


def refuse_ended(state: CaseState) -> None:
    """Do nothing if a case has not ended.

    Raises:
        RuleBroken: it has.
    """
    if state.ending:
        raise RuleBroken("This case has ended. Open it again before you change it.")


ASKS_SUPPORT: Final = (Stage.HANDOVER, Stage.MOVING, Stage.SETTLING)
"""Where somebody may be asked to support: beside whoever was asked to lead. Source: domain 6.1."""


def refuse_asking_support(state: CaseState) -> None:
    """Do nothing if somebody may be asked to support beside whoever was asked to lead.

    Raises:
        RuleBroken: nobody was asked to lead yet, or the case is over, rests or has ended.
    """
    refuse_resting(state)
    if state.stage not in ASKS_SUPPORT:
        raise RuleBroken(
            "A hospice is asked to support beside the one that was asked to lead."
            f" This case is at “{state.stage.label}”."
        )


def refuse_resting(state: CaseState | None) -> None:
    """Do nothing if a case runs, or is not opened yet.

    Raises:
        RuleBroken: it has ended or is paused.
    """
    if state is None:
        return
    refuse_ended(state)
    if state.paused:
        raise RuleBroken("This case is paused. Resume it before you move it on.")


def refuse_wrong_role(who: frozenset[Role], event: StageEvent, by: Collection[Actor]) -> None:
    """Do nothing if everyone behind an event holds one of its roles.

    Raises:
        RuleBroken: somebody does not; the sentence says who may.
    """
    if not by or not all(actor.roles & who for actor in by):
        raise RuleBroken(f"It is not yours to {event.label}. Ask {named(who)}.")


def next_step(stage: Stage) -> StageEvent | None:
    """Return the event that takes a case forward from a stage; None at the end."""
    return NEXT.get(stage)


NEXT: Final[Mapping[Stage, StageEvent]] = {
    Stage.IDENTIFIED: _E.PREPARE,
    Stage.PREPARING: _E.PLAN,
    Stage.PLANNING: _E.PROPOSE,
    Stage.HANDOVER: _E.ACCEPT,
    Stage.MOVING: _E.SIGN_TRANSFER,
    Stage.SETTLING: _E.COMPLETE,
}

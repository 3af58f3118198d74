"""When a milestone is due on one case, and one sentence that says why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from transition.rules.calendar import add_working_days
from transition.rules.pathway import Circumstance, MilestoneRule

FRESH_START: Final = 20
"""Working days that a row gets at least when something new began: nothing starts late."""

EVENT_ONLY: Final = frozenset({"event"})

FRESH: Final = f"{FRESH_START} working days after"
OPENED: Final = f"{FRESH} the case was opened"
ENTERED: Final = f"{FRESH} the case was entered"
REOPENED: Final = f"{FRESH} the case was opened again"
UNEXPEDITED: Final = f"{FRESH} the shortened path ended"
TARGET_SET: Final = f"{FRESH} the target date was set"
TRANSFER_DAY: Final = "The transfer date itself"
RESUMED: Final = f"{FRESH} the case was resumed, because the date had fallen within a pause."
PAUSED: Final = "No date while the case is paused: it is worked out again when the case is resumed."


class OutcomeKind(StrEnum):
    """What became of a milestone; each of them satisfies a gate."""

    DONE = "done"
    NOT_APPLICABLE = "not_applicable"
    DECLINED_BY_PERSON = "declined_by_person"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a milestone, on which day, and the code of the reason if one is needed."""

    kind: OutcomeKind
    done_on: date | None = None
    reason_code: str = ""
    recorded: bool = True
    """Whether somebody said so; else it only stands for an answer that is asked for no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """The days and facts of one case from which due dates follow."""

    born: date
    opened_on: date
    entered_on: date
    school_year_offset: int = 0
    """The year group taught in, against the cohort's: -1 is one year below."""
    circumstances: frozenset[Circumstance] = frozenset()
    target_on: date | None = None
    target_set_on: date | None = None
    """When the target was set or last moved; None is so early that it moves nothing."""
    earlier_targets: tuple[tuple[date, date | None], ...] = ()
    """Targets before the present one, oldest first: the day each was set, and the target."""
    transferred_on: date | None = None
    """The actual date, once both sides have signed."""
    completed: bool = False
    """Whether the transition is completed: nothing is asked any more but how it is a year on."""
    events: Mapping[str, date] = field(default_factory=dict)
    pauses: tuple[tuple[date, date | None], ...] = ()
    """First and last day of each pause, in order; None is not resumed yet."""
    unexpedited_on: date | None = None
    reopened_on: date | None = None

    @property
    def transfer_on(self) -> date | None:
        """The actual transfer date once signed, until then the target, if there is one."""
        return self.transferred_on or self.target_on


@dataclass(frozen=True, slots=True)
class Due:
    """A due date, or None while there is none, and a sentence that names no person."""

    on: date | None
    sentence: str


def due_on(
    rule: MilestoneRule, anchors: Anchors, outcome: Outcome | None, holidays: frozenset[date]
) -> date | None:
    """Return when a milestone is due on a case, or None while there is no date."""
    return _reckon(rule, anchors, outcome, holidays)[0]


def due_of(
    rule: MilestoneRule, anchors: Anchors, outcome: Outcome | None, holidays: frozenset[date]
) -> Due:
    """Return when a milestone is due on a case, with the sentence that explains it."""
    day, decided_by = _reckon(rule, anchors, outcome, holidays)
    if decided_by in {PAUSED, RESUMED}:
        return Due(day, decided_by)
    then, last_done = _as_it_was(rule, anchors, outcome), _last_done(rule, outcome)
    words = rule.due.words(then, holidays, last_done)
    if day is None:
        return Due(None, f"No date yet: {words}.")
    if decided_by:
        return Due(day, f"{decided_by}, because the rule's own date ({words}) comes sooner.")
    return Due(day, f"{words[0].upper()}{words[1:]}.")


def settles(rule: MilestoneRule, outcome: Outcome | None) -> bool:
    """Return whether an outcome ends a milestone; a repeating one that was done comes again."""
    return outcome is not None and not _last_done(rule, outcome)


def _last_done(rule: MilestoneRule, outcome: Outcome | None) -> date | None:
    repeats = rule.due.every and outcome and outcome.recorded and outcome.kind is OutcomeKind.DONE
    return outcome.done_on if repeats and outcome else None


def _reckon(
    rule: MilestoneRule, anchors: Anchors, outcome: Outcome | None, holidays: frozenset[date]
) -> tuple[date | None, str]:
    """Return the day, and what decided it if it was not the rule itself."""
    then = _as_it_was(rule, anchors, outcome)
    day = rule.due.on(then, holidays, _last_done(rule, outcome))
    if day is None:
        return None, ""
    decided_by = ""
    for floor, words in _floors(rule, then, holidays):
        if floor > day:
            day, decided_by = floor, words
    return _after_pauses(day, decided_by, then.pauses, holidays)


def _floors(
    rule: MilestoneRule, anchors: Anchors, holidays: frozenset[date]
) -> Iterator[tuple[date, str]]:
    """Yield the days before which the rule is not due, but for those that follow events alone.

    A day that a team chose for a milestone of its own follows nothing.
    """
    used = rule.due.anchors_used
    if used <= EVENT_ONLY:
        return
    if anchors.entered_on > anchors.opened_on:
        yield _fresh_start(anchors.entered_on, holidays), ENTERED
    else:
        yield _fresh_start(anchors.opened_on, holidays), OPENED
    for began_anew, words in (
        (anchors.unexpedited_on, UNEXPEDITED),
        (anchors.reopened_on, REOPENED),
    ):
        if began_anew:
            yield _fresh_start(began_anew, holidays), words
    if "transfer" in used and anchors.target_set_on and anchors.transfer_on:
        fresh = _fresh_start(anchors.target_set_on, holidays), TARGET_SET
        yield min(fresh, (anchors.transfer_on, TRANSFER_DAY))


def _after_pauses(
    day: date,
    decided_by: str,
    pauses: tuple[tuple[date, date | None], ...],
    holidays: frozenset[date],
) -> tuple[date | None, str]:
    """Return the day moved out of the pauses it falls in; both days of a pause are in it."""
    for first, last in pauses:
        if last is None and day >= first:
            return None, PAUSED
        if last and first <= day <= last:
            day, decided_by = _fresh_start(last, holidays), RESUMED
    return day, decided_by


def _as_it_was(rule: MilestoneRule, anchors: Anchors, outcome: Outcome | None) -> Anchors:
    """Return the anchors that held when a row was satisfied: it keeps the date it had."""
    if outcome is None or outcome.done_on is None or not settles(rule, outcome):
        return anchors
    day = outcome.done_on
    target_set_on, target_on = _target_on(day, anchors)
    return replace(
        anchors,
        target_on=target_on,
        target_set_on=target_set_on,
        transferred_on=_unless_after(day, anchors.transferred_on),
        unexpedited_on=_unless_after(day, anchors.unexpedited_on),
        events={name: on for name, on in anchors.events.items() if on <= day},
        reopened_on=_unless_after(day, anchors.reopened_on),
        pauses=tuple(pause for pause in anchors.pauses if pause[1] and pause[1] <= day),
    )


def _target_on(day: date, anchors: Anchors) -> tuple[date | None, date | None]:
    """Return when the target that stood on a day was set, and the target."""
    if anchors.target_set_on is None or anchors.target_set_on <= day:
        return anchors.target_set_on, anchors.target_on
    stood = [target for target in anchors.earlier_targets if target[0] <= day]
    return stood[-1] if stood else (None, None)


def _unless_after(day: date, when: date | None) -> date | None:
    return when if when and when <= day else None


@lru_cache(maxsize=4096)
def _fresh_start(day: date, holidays: frozenset[date]) -> date:
    """Return 20 working days later; only days that tell nothing of a birthday are remembered."""
    return add_working_days(day, FRESH_START, holidays)

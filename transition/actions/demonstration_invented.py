"""Inventing cases: who somebody is and how far they have come, the same for the same seed."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Final

from transition.rules.calendar import add_months
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState
from transition.rules.milestones import Anchors, Outcome, OutcomeKind, Standing, standings_of
from transition.rules.nhs_numbers import TEST_RANGE, parse_nhs_number
from transition.rules.pathway import Circumstance, Gate, Pathway, Stage
from transition.rules.references import new_reference
from transition.rules.stages import Ending

LEFT_OPEN: Final = 0.03
"""How much of what fell due nobody has done, so that there are late things."""

RECENT: Final = timedelta(days=200)
"""How long ago a yearly step was last done, at most."""


@dataclass(frozen=True, slots=True)
class Lot:
    """How many stand at a stage, between which ages in months, and opened how many days ago."""

    stage: Stage
    share: int
    ages: tuple[int, int]
    opened: tuple[int, int]


LOTS: Final = (
    Lot(Stage.IDENTIFIED, 14, (156, 180), (5, 200)),
    Lot(Stage.PREPARING, 26, (174, 198), (200, 700)),
    Lot(Stage.PLANNING, 26, (192, 216), (500, 1100)),
    Lot(Stage.HANDOVER, 10, (204, 228), (700, 1300)),
    Lot(Stage.MOVING, 24, (210, 240), (800, 1500)),
)
"""The stages that have steps yet. The shares add up to a hundred."""

NEEDED: Final[Mapping[Stage, frozenset[str]]] = {
    Stage.PREPARING: frozenset({"ID-02", "ID-03", "ID-05"}),
    Stage.PLANNING: frozenset({"PR-02", "PR-03", "PR-10"}),
}
"""What a stage could not be reached without, besides what stands at a gate."""

CIRCUMSTANCES: Final = frozenset(
    one for one in Circumstance if one.asked and one is not Circumstance.CHILDRENS_HOUSE
)

GATES: Final = {Stage.HANDOVER: Gate.PROPOSE, Stage.MOVING: Gate.ACCEPT}


@dataclass(frozen=True)
class Names:
    """What invented people are made by."""

    given: Sequence[str]
    family: Sequence[str]
    conditions: Sequence[tuple[str, int]]

    @classmethod
    def read(cls, folder: Path) -> "Names":
        """Return the names that stand in the file in *folder*."""
        told = tomllib.loads((folder / "invented.toml").read_text("utf-8"))
        conditions = [(one["name"], one["group"]) for one in told["condition"]]
        return cls(told["given"], told["family"], conditions)


@dataclass(frozen=True)
class Worker:
    """Somebody who can be named on an invented case."""

    organisation: str
    uid: bytes


@dataclass(frozen=True)
class Invented:
    """One invented case, and all that happened to it."""

    given_name: str
    family_name: str
    known_as: str | None
    nhs_number: str
    reference: str
    condition: tuple[str, int]
    born: date
    opened_on: date
    stage: Stage
    worker: Worker
    receiver: Worker
    today: date
    target_on: date | None
    proposed_on: date | None
    answered_on: date | None
    paused_on: date | None
    ending: Ending | None

    @property
    def handover_state(self) -> HandoverState:
        """How its handover stands, once it was proposed."""
        if self.ending is not None:
            return HandoverState.CLOSED_EXIT
        return HandoverState.ACCEPTED if self.answered_on else HandoverState.PROPOSED

    @property
    def reached(self) -> Iterator[tuple[Stage, date]]:
        """Yield the stages it came to, each with the day: evenly, up to what has a day."""
        days = {Stage.HANDOVER: self.proposed_on, Stage.MOVING: self.answered_on}
        last = self.proposed_on or self.today
        for place in range(self.stage.number):
            stage = list(Stage)[place]
            even = self.opened_on + (last - self.opened_on) * place // (self.stage.number + 1)
            yield stage, days.get(stage) or even

    @cached_property
    def anchors(self) -> Anchors:
        """What its due dates follow from."""
        happened = {"proposed": self.proposed_on, "accepted": self.answered_on}
        return Anchors(
            born=self.born,
            opened_on=self.opened_on,
            entered_on=self.opened_on,
            circumstances=CIRCUMSTANCES,
            target_on=self.target_on,
            events={} if self.ending else {name: on for name, on in happened.items() if on},
            pauses=((self.paused_on, None),) if self.paused_on else (),
        )


class Inventor:
    """Draws one case after another; which comes is settled by the seed and the day alone."""

    def __init__(self, names: Names, prefix: str, *, seed: int, today: date) -> None:
        self._draw = Random(seed)  # noqa: S311 - no key or secret is drawn by it
        self._names = names
        self._prefix = prefix
        self._today = today

    def nhs_number(self) -> str:
        """Return a number from the range that is nobody's."""
        while True:
            digits = f"{TEST_RANGE}{self._draw.randrange(10**7):07}"
            try:
                return parse_nhs_number(digits)
            except RuleBroken:
                continue

    def reference(self) -> str:
        """Return a reference; whether it is taken is for the database to say."""
        return new_reference(self._prefix, self._draw.randrange)

    def case(
        self,
        workers: Sequence[Worker],
        receivers: Sequence[Worker],
        **drawn: Any,  # noqa: ANN401 - whatever was drawn
    ) -> Invented:
        """Return the next case; its number and reference were *drawn* before."""
        draw = self._draw
        (lot,) = draw.choices(LOTS, [lot.share for lot in LOTS])
        given = draw.choice(self._names.given)
        rests = draw.random() < 0.04 and lot.stage is not Stage.HANDOVER  # noqa: PLR2004 - one in 25
        ended = not rests and draw.random() < 0.04  # noqa: PLR2004 - one in 25
        return Invented(
            given_name=given,
            family_name=f"Demo-{draw.choice(self._names.family)}",
            known_as=given[:3].capitalize() if draw.random() < 0.1 else None,  # noqa: PLR2004 - one in ten
            condition=draw.choice(self._names.conditions),
            born=add_months(self._ago(0, 30), -draw.randint(*lot.ages)),
            opened_on=self._ago(*lot.opened),
            stage=lot.stage,
            worker=draw.choice(workers),
            receiver=draw.choice(receivers),
            today=self._today,
            paused_on=self._ago(1, 20) if rests else None,
            ending=draw.choice((Ending.MOVED_AWAY, Ending.NO_LONGER_NEEDED)) if ended else None,
            **self._plans(lot.stage),
            **drawn,
        )

    def outcomes(
        self, case: Invented, pathway: Pathway, holidays: frozenset[date]
    ) -> dict[str, Outcome]:
        """Return what became of its milestones: what fell due is done, but for a few."""
        standings = standings_of(pathway, case.anchors, {}, case.today, holidays)
        needed = needed_for(case.stage, pathway)
        return {
            one.rule.code: Outcome(kind=OutcomeKind.DONE, done_on=self._done_on(case, one))
            for one in standings
            if one.rule.code in needed or self._was_done(case, one)
        }

    def _was_done(self, case: Invented, one: Standing) -> bool:
        due = one.due_on is not None and one.due_on < case.today
        return due and self._draw.random() > LEFT_OPEN

    def _done_on(self, case: Invented, one: Standing) -> date:
        due_on = min(one.due_on or case.today, case.today)
        done_on = due_on - timedelta(days=self._draw.randint(1, 30))
        if one.rule.due.every:
            done_on = max(done_on, case.today - RECENT)
        return max(done_on, case.opened_on)

    def _plans(self, stage: Stage) -> dict[str, Any]:
        """Return the days that hang on the stage: the target, the proposal and its answer."""
        planned = stage.number >= Stage.PLANNING.number
        proposed_on = answered_on = None
        if stage is Stage.HANDOVER:
            proposed_on = self._ago(0, 6)
        if stage is Stage.MOVING:
            proposed_on = self._ago(40, 200)
            answered_on = proposed_on + timedelta(days=8)
        return {
            "target_on": self._ago(-500, -60) if planned else None,
            "proposed_on": proposed_on,
            "answered_on": answered_on,
        }

    def _ago(self, least: int, most: int) -> date:
        return self._today - timedelta(days=self._draw.randint(least, most))


def needed_for(stage: Stage, pathway: Pathway) -> frozenset[str]:
    """Return the milestones without which no case comes to a stage."""
    behind = list(Stage)[: stage.number]
    gates = {GATES[one] for one in behind if one in GATES}
    at_gates = {rule.code for gate in gates for rule in pathway.gated(gate)}
    return frozenset(at_gates.union(*(NEEDED.get(one, ()) for one in behind)))

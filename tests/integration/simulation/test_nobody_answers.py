"""Everybody stays silent, wherever a handover stands: whom the worker tells, day by day."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from tests.builders import WorkAs, engine_of, planned_case, proposed_handover, working
from tests.databases import FIXED, ReadyMade
from tests.integration.handovers.situations import CLOCK, REVIEWED, SITUATIONS, TRANSFERRED, Way
from tests.integration.handovers.steps import BETWEEN, STEPS, Take
from tests.integration.settling.steps import check_in, contact
from tests.integration.simulation.wall_calendar import at, counts
from tests.integration.simulation.world import hurry
from tests.people import GRACE, HELEN, IDRIS, JO, MINA, PRIYA, RUTH, TOM
from transition.actions.digests import digest_of
from transition.actions.pauses import pause_case
from transition.actions.settling import record_check_in, record_contact
from transition.app import Tracker, create_app
from transition.clock import local_day
from transition.jobs import runner
from transition.jobs.timetable import TIMETABLE
from transition.records.outbox import QueuedLetter
from transition.rules.handovers import HandoverState
from transition.rules.heartbeats import JobName
from transition.rules.pauses import PauseReason
from transition.rules.people import THE_TIMETABLE
from transition.rules.settling import CheckInOutcome

LAST: Final = date(2027, 7, 23)
A_DAY: Final = timedelta(days=1)
DULL: Final = {date(2027, 2, 1) + count * A_DAY for count in range(14 * 7)}
"""Fourteen weeks in which no clock runs out: the worker looks on their Mondays."""
TAKES: Final[Mapping[str, Take]] = {
    **STEPS,
    **BETWEEN,
    "miss": lambda work, case, _: record_contact(work, case, contact(work)),
    "worry": lambda work, case, _: record_check_in(
        work, case, check_in(work, outcome=CheckInOutcome.NOT_WORKING)
    ),
}

IN_JANUARY: Final = datetime(2027, 1, 11, 10, tzinfo=UTC)
IN_JULY: Final = datetime(2027, 7, 5, 10, tzinfo=UTC)
MISSED: Final = ("miss", MINA)
WAYS: Final[Mapping[str, Way]] = {
    **{
        name: way
        for name, (state, way) in SITUATIONS.items()
        if state is not None and state.open and state is not HandoverState.DRAFT
    },
    "missed once": (*TRANSFERRED, MISSED),
    "missed twice": (*TRANSFERRED, MISSED, MISSED),
    "missed again": (*TRANSFERRED, MISSED, MISSED, MISSED),
    "not working": (*TRANSFERRED, ("worry", RUTH)),
    "return asked anew": (
        *(*TRANSFERRED, ("return", HELEN), IN_JANUARY),
        *(("stay", HELEN), ("return", HELEN)),
    ),
    "complete anew": (
        *(*REVIEWED, ("complete", RUTH), IN_JULY),
        *(("not complete", RUTH), ("complete", RUTH)),
    ),
}
"""Every open way that a handover can stand, and how it comes to it."""

ROWANS: Final = {HELEN, IDRIS}
ABOVE: Final = {TOM, GRACE}
LEADS: Final = {PRIYA, TOM, *ROWANS}
BEFORE: Final = ROWANS, {*ABOVE, JO, PRIYA}
AGREED: Final = {RUTH, HELEN}, {*LEADS, GRACE}
AFTER: Final = {MINA, RUTH, HELEN}, {PRIYA, *ABOVE, JO}
TOLD: Final[Mapping[str, tuple[set[str], set[str]]]] = {
    "proposed": BEFORE,
    "received": BEFORE,
    "asked": ({RUTH, *ROWANS}, BEFORE[1]),
    **dict.fromkeys(("accepted", "accepted with conditions", "conditions met", "ready"), AGREED),
    **dict.fromkeys(("signed here", "signed there"), AGREED),
    **dict.fromkeys(("signed by both", "its day has come", "transferred"), AFTER),
    **dict.fromkeys(("missed once", "missed twice"), AFTER),
    **dict.fromkeys(("missed again", "not working"), ({*AFTER[0], *LEADS}, {GRACE, JO})),
    **dict.fromkeys(
        ("return asked here", "return asked there", "return asked anew"),
        ({*AFTER[0], *LEADS}, {GRACE, JO}),
    ),
    "reviewed": ({RUTH, HELEN}, {MINA, PRIYA, *ABOVE, JO}),
    **dict.fromkeys(
        ("complete here", "complete there"),
        ({RUTH, *ROWANS}, {MINA, PRIYA, *ABOVE, JO}),
    ),
    "silent since": ({RUTH, HELEN}, {MINA, PRIYA, *ABOVE, JO}),
    "complete anew": ({RUTH, *ROWANS}, set()),
}
"""Whose move it is while nobody makes one, and whom else the worker tells in the end."""


class Play:
    """The worker over cases that people bring each to where it stands, and then leave."""

    def __init__(self, app: Tracker) -> None:
        self.app = app
        self.references: dict[str, str] = {}
        self.silent_from: dict[str, datetime] = {}
        self._to_come: list[tuple[datetime, str, tuple[str, str]]] = []
        for name, way in WAYS.items():
            self._plan(name, way)
        self._to_come.sort(key=lambda one: one[0])

    def _plan(self, name: str, way: Way) -> None:
        with working(self.app, RUTH) as work:
            self.references[name] = planned_case(work).reference
        when = FIXED
        for move in way:
            if isinstance(move, datetime):
                when = move
            else:
                self._to_come.append((when, name, move))
        self.silent_from[name] = when

    def run(self) -> None:
        """Let the days pass until the last, and the worker do at their end whatever it owes."""
        day = FIXED.date()
        while day <= LAST:
            if counts(day) and not (day in DULL and day.weekday()):
                self._work_on(day)
            day += A_DAY

    def _work_on(self, day: date) -> None:
        while self._to_come and local_day(self._to_come[0][0]) <= day:
            when, name, (step, who) = self._to_come.pop(0)
            with working(self.app, THE_TIMETABLE if who == CLOCK else who, when) as work:
                TAKES[step](work, self.references[name], "rowans-1")
        self.app.config["CLOCK"].instant = at(day, 17).astimezone(UTC)
        runner.run_due(self.app)
        with working(self.app, THE_TIMETABLE) as work:
            gone = update(QueuedLetter).where(QueuedLetter.cancelled_at.is_(None))
            work.session.execute(gone.values(sent_at=work.now))

    def told(self, name: str) -> set[str]:
        """Return whom the worker has told of a case since everybody fell silent."""
        with Session(engine_of(self.app)) as session:
            query = select(QueuedLetter).where(
                QueuedLetter.about.startswith(self.references[name]),
                QueuedLetter.prompt_key.is_not(None),
                QueuedLetter.sent_at.is_not(None),
                QueuedLetter.queued_at >= self.silent_from[name],
            )
            return {one.recipient.email for one in session.scalars(query)}


JOBS: Final = {JobName.TRANSFERS, JobName.NUDGES, JobName.TRANSFER_PROMPTS}
"""What the worker does about handovers; digests, checks and the post are looked at elsewhere."""


@pytest.fixture(scope="module")
def play(ready_made: ReadyMade, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Let eight months pass in which nobody answers."""
    home = tmp_path_factory.mktemp("silence") / "home"
    with ready_made.copy("installed", home, server=None) as settings:
        app = create_app(settings)
        event.listen(engine_of(app), "connect", hurry)
        engine_of(app).dispose()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(runner, "TIMETABLE", [one for one in TIMETABLE if one.name in JOBS])
            play = Play(app)
            play.run()
        yield play
        engine_of(app).dispose()


def test_every_open_way_to_stand_is_played() -> None:
    assert TOLD.keys() == WAYS.keys()


@pytest.mark.parametrize("name", WAYS)
def test_whoever_is_silent_somebody_else_is_told(play: Play, name: str) -> None:
    to_act, besides = TOLD[name]
    told = play.told(name)
    assert told == to_act | besides
    for who in to_act:
        assert told - {who}, who


@pytest.mark.parametrize("who", [RUTH, PRIYA, TOM])
def test_what_rests_is_looked_at_again_by_its_nurse_and_by_those_above(
    work_as: WorkAs, who: str
) -> None:
    review_on = date(2026, 12, 16)
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
        pause_case(work, reference, PauseReason.OTHER, review_on=review_on)
    for day, told in ((review_on - A_DAY, []), (review_on, [reference]), (LAST, [reference])):
        with work_as(who, at(day, 9)) as work:
            assert [one.reference for one in digest_of(work, work.actor).needs_you] == told

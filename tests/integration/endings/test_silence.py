"""After a recorded death nothing about that person leaves, but the one notice after its hold."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    Bag,
    WorkAs,
    accepted_case,
    issue,
    on_both,
    opened_case,
    post_with,
    proposed_handover,
    working,
)
from tests.people import HELEN, IDRIS, PRIYA, RUTH
from transition.actions.deaths import record_death, undo_death
from transition.actions.letters import Begin, post_letters
from transition.actions.nudges import send_nudges
from transition.actions.pauses import pause_case
from transition.actions.work import Work
from transition.app import Tracker
from transition.jobs.runner import run_due
from transition.mail.postman import NotCarried
from transition.records.cases import Case
from transition.records.outbox import QueuedLetter
from transition.rules.endings import HELD_FOR
from transition.rules.pauses import PauseReason
from transition.rules.people import THE_TIMETABLE

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOTICE = "A case shared with you has changed"


class Hands:
    """A clock whose hands are moved by the test."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """Return where the hands stand."""
        return self.at


def words_of(letter: EmailMessage) -> str:
    parts = [str(part.get_content()) for part in letter.walk() if not part.is_multipart()]
    return " ".join([str(letter["Subject"]), *parts])


def about(letters: list[EmailMessage], reference: str) -> list[EmailMessage]:
    return [letter for letter in letters if reference in words_of(letter)]


def record(work_as: WorkAs, reference: str, who: str = RUTH, at: datetime = NOW) -> None:
    with work_as(who, at) as work:
        record_death(work, reference, died_on=None)


@pytest.fixture
def waiting(work_as: WorkAs) -> str:
    """A case with a handover that nobody ever answers."""
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def test_in_sixty_days_only_the_notice_leaves_and_others_go_on_as_ever(
    app: Tracker, work_as: WorkAs, waiting: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        young = opened_case(work).reference
        resting = opened_case(work).reference
        pause_case(work, resting, PauseReason.OTHER, review_on=work.today + timedelta(days=5))
        alive = proposed_handover(work)[0].reference
    shared, _ = accepted_case(work_as)
    gone = {waiting: {HELEN, IDRIS}, shared: {HELEN, IDRIS}, young: set(), resting: set()}
    hands, bag = Hands(), Bag()
    app.config["CLOCK"], app.config["POST"] = hands, replace(app.config["POST"], postman=bag)
    run_due(app)
    bag.letters.clear()
    for reference in gone:
        record(work_as, reference)
    for day in range(60):
        hands.at = NOW + timedelta(days=day, minutes=15)
        run_due(app)
    assert len(about(bag.letters, alive)) > 10, "whoever lives is still asked about"
    for reference, readers in gone.items():
        letters = about(bag.letters, reference)
        assert {letter["Subject"] for letter in letters} <= {NOTICE}, reference
        assert sorted(letter["To"] for letter in letters) == sorted(readers), reference
    session.rollback()
    ended = select(Case.uid).where(Case.reference.in_(gone))
    late = select(QueuedLetter).where(
        QueuedLetter.case_uid.in_(ended), QueuedLetter.queued_at > NOW
    )
    assert session.scalars(late).all() == []


def test_the_notice_leaves_when_its_hold_is_over_and_not_before(
    app: Tracker, work_as: WorkAs, waiting: str
) -> None:
    record(work_as, waiting)
    bag = Bag()
    post_with(app, bag, at=NOW + HELD_FOR - timedelta(microseconds=1))
    assert about(bag.letters, waiting) == []
    post_with(app, bag, at=NOW + HELD_FOR)
    assert sorted(bag.readers) == sorted([HELEN, IDRIS])
    assert {letter["Subject"] for letter in bag.letters} == {NOTICE}


def test_the_notice_says_the_same_whether_somebody_died_or_a_case_rests(
    app: Tracker, work_as: WorkAs, waiting: str
) -> None:
    resting, _ = accepted_case(work_as)
    record(work_as, waiting)
    with work_as(RUTH) as work:
        pause_case(work, resting, PauseReason.OTHER, review_on=work.today + timedelta(days=5))
    bag = Bag()
    post_with(app, bag, at=NOW + HELD_FOR)
    said = {
        words_of(letter).replace(waiting, "REF").replace(resting, "REF")
        for letter in bag.letters
        if letter["To"] == HELEN and letter["Subject"] == NOTICE
    }
    assert len(said) == 1
    assert len([letter for letter in bag.letters if letter["Subject"] == NOTICE]) == 4


@on_both
def test_what_was_written_but_could_not_be_carried_never_leaves(
    app: Tracker, work_as: WorkAs, waiting: str
) -> None:
    post_with(app, Bag(NotCarried("451", for_good=False)))
    record(work_as, waiting, HELEN)
    bag = Bag()
    post_with(app, bag, at=NOW + timedelta(hours=2))
    assert [(letter["To"], letter["Subject"]) for letter in bag.letters] == [(RUTH, NOTICE)]


class Slow(Bag):
    """A postman during whose first letter something else happens."""

    def __init__(self, app: Tracker, reference: str) -> None:
        super().__init__()
        self.app, self.reference = app, reference

    def carry(self, message: EmailMessage) -> None:
        """Carry one letter; after the first, the others have lost their point."""
        if not self.letters:
            with working(self.app, PRIYA) as work:
                record_death(work, self.reference, died_on=None)
        super().carry(message)


@on_both
def test_what_a_worker_has_claimed_but_not_yet_carried_never_leaves(
    app: Tracker, waiting: str
) -> None:
    slow = Slow(app, waiting)
    post_with(app, slow)
    assert len(slow.letters) == 1, "the one that was on its way cannot be called back"
    bag = Bag()
    post_with(app, bag, at=NOW + timedelta(hours=1))
    assert {letter["Subject"] for letter in bag.letters} == {NOTICE}


def test_a_notice_that_was_claimed_when_it_was_undone_never_leaves(
    app: Tracker, work_as: WorkAs, waiting: str
) -> None:
    record(work_as, waiting)
    bag, at = Bag(), NOW + HELD_FOR
    begun = _claiming(app, at, lambda work: undo_death(work, waiting))
    assert post_letters(begun, replace(app.config["POST"], postman=bag)) == 0
    assert bag.letters == []


def _claiming(app: Tracker, at: datetime, then: Callable[[Work], object]) -> Begin:
    """Return the timetable's pieces of work: in the first it claims letters, then comes *then*."""
    begun = iter(range(100))

    def begin() -> AbstractContextManager[Work]:
        if next(begun) == 1:
            with working(app, PRIYA, at) as work:
                then(work)
        return working(app, THE_TIMETABLE, at)

    return begin


def test_a_digest_that_is_queued_already_says_nothing_of_them(
    app: Tracker, work_as: WorkAs, waiting: str
) -> None:
    issue(app, at=NOW)
    record(work_as, waiting)
    bag = Bag()
    post_with(app, bag)
    assert len(bag.letters) > 20
    assert about(bag.letters, waiting) == []


@on_both
def test_what_the_clocks_still_owe_is_owed_again_once_it_is_undone(
    app: Tracker, work_as: WorkAs, waiting: str
) -> None:
    at = datetime(2026, 11, 27, 9, tzinfo=UTC)
    with working(app, THE_TIMETABLE, at) as work:
        owed = send_nudges(work)
    assert owed > 0
    record(work_as, waiting, PRIYA, at)
    with working(app, THE_TIMETABLE, at) as work:
        assert send_nudges(work) == 0
    with work_as(PRIYA, at) as work:
        undo_death(work, waiting)
    with working(app, THE_TIMETABLE, at) as work:
        assert send_nudges(work) == owed
    bag = Bag()
    post_with(app, bag, at=at)
    assert len(about(bag.letters, waiting)) == owed, "each once; the proposal is not told again"

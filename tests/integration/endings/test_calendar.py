"""A death among letters on their way: nothing about the person leaves but the one notice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import Bag, WorkAs, on_both, planned_case, post_with, proposal, working
from tests.integration.endings.test_closings import close
from tests.people import HELEN, IDRIS, PRIYA, RUTH, TOM
from transition.actions.deaths import record_death, undo_death
from transition.actions.handovers import propose_handover
from transition.actions.letters import letter_now
from transition.actions.nudges import send_nudges
from transition.app import Tracker
from transition.jobs.runner import run_due
from transition.mail.postman import NoServer
from transition.records.cases import Case
from transition.records.clock_facts import facts_of
from transition.records.dues import dues_of_case, items_of
from transition.records.handovers import handovers_of
from transition.records.outbox import QueuedLetter
from transition.rules.endings import Undoing
from transition.rules.handover_clocks import Clock, limit_of
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE
from transition.rules.stages import Ending

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
NOTICE = "A case shared with you has changed"


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that is ready to be proposed."""
    with work_as(RUTH) as work:
        return planned_case(work).reference


class Post:
    """The days that pass, and what leaves on them."""

    def __init__(self, app: Tracker, reference: str) -> None:
        self.app, self.reference, self.at = app, reference, NOW
        self.left: list[tuple[str, str]] = []

    def pass_until(self, at: datetime, *, broken: bool = False) -> None:
        """Let the timetable run every few hours until an instant, with a mail server or without."""
        while self.at < at:
            self.at = min(self.at + 5 * HOUR, at)
            self.app.config["CLOCK"].instant = self.at
            bag = Bag(NoServer("ConnectionRefusedError") if broken else None)
            with working(self.app, THE_TIMETABLE, self.at) as work:
                send_nudges(work)
            post_with(self.app, bag, at=self.at)
            for letter in bag.letters:
                body = letter.get_body(("plain",))
                if body is not None and self.reference in str(body.get_content()):
                    self.left.append((letter["Subject"], letter["To"]))


def propose(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        propose_handover(work, reference, proposal())


def die(work_as: WorkAs, reference: str, at: datetime) -> None:
    with work_as(RUTH, at) as work:
        record_death(work, reference, died_on=date(2026, 11, 22))


def notices(*to: str) -> list[tuple[str, str]]:
    return sorted((NOTICE, one) for one in to)


def test_between_planning_and_queueing_nothing_leaves(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    post = Post(app, reference)
    die(work_as, reference, NOW)
    post.pass_until(NOW + 20 * A_DAY)
    assert post.left == []


@on_both
def test_between_queueing_and_sending_only_the_notice_leaves(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    post = Post(app, reference)
    propose(work_as, reference)
    die(work_as, reference, NOW)
    post.pass_until(NOW + 20 * A_DAY)
    assert sorted(post.left) == notices(HELEN, IDRIS)


def test_after_a_letter_was_rendered_it_still_does_not_leave(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    propose(work_as, reference)
    with work_as(RUTH) as work:
        letter = work.session.scalars(select(QueuedLetter)).first()
        assert letter is not None
        letter.claimed_until, uid = NOW + HOUR, letter.uid
    with working(app, THE_TIMETABLE, NOW) as work:
        queued = work.session.get_one(QueuedLetter, uid)
        assert letter_now(work, app.config["POST"], queued) is not None
    post = Post(app, reference)
    die(work_as, reference, NOW)
    post.pass_until(NOW + A_DAY)
    assert sorted(post.left) == notices(HELEN, IDRIS)


def test_during_an_outage_of_the_mail_server_the_same_holds(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    post = Post(app, reference)
    propose(work_as, reference)
    post.pass_until(NOW + 5 * HOUR, broken=True)
    die(work_as, reference, post.at)
    post.pass_until(NOW + 30 * HOUR, broken=True)
    assert post.left == []
    post.pass_until(NOW + 20 * A_DAY)
    assert sorted(post.left) == notices(HELEN, IDRIS)


def test_after_completion_and_after_another_ending_the_same_holds(
    app: Tracker, work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        work.case(reference).case.stage = Stage.COMPLETED
    post = Post(app, reference)
    die(work_as, reference, NOW)
    post.pass_until(NOW + A_DAY)
    with work_as(RUTH, NOW + 2 * A_DAY) as work:
        other = planned_case(work).reference
    assert post.left == []
    propose(work_as, other)
    close(work_as, other, Ending.MOVED_AWAY, at=NOW + 2 * A_DAY)
    post = Post(app, other)
    post.at = NOW + 2 * A_DAY
    die(work_as, other, post.at)
    post.pass_until(NOW + 40 * A_DAY)
    assert sorted(post.left) == notices(HELEN, IDRIS), "one, though it ended twice"
    ended = session.scalars(select(Case.ending)).all()
    assert ended == [Ending.DIED, Ending.DIED]


@on_both
@pytest.mark.parametrize(
    ("after", "leads"),
    [(A_DAY, (PRIYA,)), (4 * A_DAY, (PRIYA, TOM))],
)
def test_undone_later_the_clocks_return_with_their_dates_reckoned_anew(
    app: Tracker,
    work_as: WorkAs,
    reference: str,
    after: timedelta,
    leads: tuple[str, ...],
) -> None:
    propose(work_as, reference)
    before = facts_now(work_as, reference, NOW)
    post = Post(app, reference)
    die(work_as, reference, NOW)
    post.pass_until(NOW + after)
    assert sorted(post.left) == notices(HELEN, IDRIS)
    words = []
    for lead in leads:
        with work_as(lead, post.at) as work:
            words.append(undo_death(work, reference))
    assert words[-1] is Undoing.DONE
    assert facts_now(work_as, reference, post.at) == before
    post.left.clear()
    post.pass_until(NOW + 12 * A_DAY)
    told = [subject for subject, _ in post.left]
    assert told.count(NOTICE) == 2, "who was told is told again"
    assert len(told) > 2, "and the clocks ask again"


def facts_now(work_as: WorkAs, reference: str, at: datetime) -> object:
    """Return when the handover must be decided, and what is due in the case, as things stand."""
    with work_as(RUTH, at) as work:
        case = work.case(reference).case
        (handover,) = handovers_of(work.session, case.uid)
        limit = limit_of(Clock.DECIDE, facts_of(work.session, handover), work.catalogue.holidays)
        dues = dues_of_case(work.session, case.uid, work.asking)
        assert dues is not None
        days = [(one.code, one.due_on) for one in items_of([dues], at.date())]
        return limit, days, case.next_due


def test_a_run_of_the_whole_timetable_says_nothing_of_it_either(
    app: Tracker, work_as: WorkAs, reference: str, session: Session
) -> None:
    propose(work_as, reference)
    die(work_as, reference, NOW)
    later = NOW + 30 * A_DAY
    app.config["CLOCK"].instant = later
    run_due(app)
    session.rollback()
    about = select(QueuedLetter).where(QueuedLetter.about.contains(reference))
    kinds = {one.kind for one in session.scalars(about) if one.cancelled_at is None}
    assert kinds == {"case_changed"}

"""What the clock does: one line a job. The clock wakes it; the database says what is owed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from transition.actions.closings import let_numbers_go
from transition.actions.digests import issue_digests
from transition.actions.invariants import broken_trail, lost_cases, unled_cases
from transition.actions.letters import Begin, Post, post_letters
from transition.actions.nudges import send_nudges
from transition.actions.passwords import queue_resets
from transition.actions.transfer_prompts import send_transfer_prompts
from transition.actions.transfers import due_transfers, switch_transfer
from transition.actions.urgent_access import ask_for_reviews
from transition.actions.work import Work
from transition.rules.heartbeats import JobName


class Found(Exception):
    """A check ran to its end and found something: codes and references, no more."""


@dataclass(frozen=True)
class Job:
    """Something done when the clock ticks, which does nothing when nothing is owed."""

    name: JobName
    do: Callable[[Begin, Post], int]


def queueing(queue: Callable[[Work], int]) -> Callable[[Begin, Post], int]:
    """Return a job that queues letters, all in one piece of work."""

    def do(begin: Begin, _post: Post) -> int:
        with begin() as work:
            return queue(work)

    return do


def switch_transfers(begin: Begin, _post: Post) -> int:
    """Let each signed transfer whose date has come take effect, and return how many did."""
    with begin() as work:
        due = due_transfers(work)
    switched = 0
    for reference in due:
        with begin() as work:
            switched += switch_transfer(work, reference)
    return switched


def checking(check: Callable[[Work], Iterable[str]]) -> Callable[[Begin, Post], int]:
    """Return a job that only reads, and says what it found."""

    def do(begin: Begin, _post: Post) -> int:
        with begin() as work:
            work.session.rollback()  # it writes nothing, so nobody need wait for it
            found = " ".join(check(work))
        if found:
            raise Found(found)
        return 0

    return do


def write_and_post(begin: Begin, post: Post) -> int:
    """Carry the letters that wait, those of people who cannot sign in among them."""
    with begin() as work:
        queue_resets(work)
    return post_letters(begin, post)


TIMETABLE = (
    Job(JobName.TRANSFERS, switch_transfers),
    Job(JobName.DIGESTS, queueing(issue_digests)),
    Job(JobName.NUDGES, queueing(send_nudges)),
    Job(JobName.TRANSFER_PROMPTS, queueing(send_transfer_prompts)),
    Job(JobName.URGENT, queueing(ask_for_reviews)),
    Job(JobName.LEDGER, checking(unled_cases)),
    Job(JobName.LOST, checking(lost_cases)),
    Job(JobName.NUMBERS, queueing(let_numbers_go)),
    Job(JobName.TRAIL, checking(broken_trail)),
    Job(JobName.LETTERS, write_and_post),
)

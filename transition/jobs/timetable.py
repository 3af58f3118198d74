"""What the clock does: one line a job. The clock wakes it; the database says what is owed."""

from collections.abc import Callable
from dataclasses import dataclass

from transition.actions.digests import issue_digests
from transition.actions.letters import Begin, Post, post_letters


@dataclass(frozen=True)
class Job:
    """Something done whenever the clock ticks, which does nothing when nothing is owed."""

    name: str
    do: Callable[[Begin, Post], int]


def _issue(begin: Begin, _post: Post) -> int:
    with begin() as work:
        return issue_digests(work)


TIMETABLE = (
    Job("issue the digests that are owed", _issue),
    Job("carry the letters that wait", post_letters),
)

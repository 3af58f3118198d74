"""A line of the benchmark's table: how often something took what it is compared to."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time
from timeit import Timer
from typing import Final, TypeVar

from flask.testing import FlaskClient

T = TypeVar("T")

Timed = Callable[[], float]
"""Do something often and return the seconds of processor time that it took once."""

AT_MOST, AT_LEAST = "at most", "at least"
NO_GOAL: Final = ("", 0.0)


@dataclass(frozen=True)
class Row:
    """How often its floor something took: the median of all rounds, the least and the most."""

    what: str
    beside: str
    ratios: tuple[float, ...]
    goal: tuple[str, float] = NO_GOAL

    @property
    def missed(self) -> bool:
        """Whether there is a goal and the median misses it."""
        word, bound = self.goal
        middle = median(self.ratios)
        return (word == AT_MOST and middle > bound) or (word == AT_LEAST and middle < bound)

    def __str__(self) -> str:
        """Return the line of the table."""
        word, bound = self.goal
        goal = f"{word} {bound:g}{' (missed)' if self.missed else ''}" if word else ""
        spread = f"{min(self.ratios):.2f} to {max(self.ratios):.2f}"
        ratio = f"{median(self.ratios):9.2f}"
        return f"{self.what:<42}{self.beside:<26}{ratio}   {spread:<20}{goal}".rstrip()


@dataclass(frozen=True)
class Pair:
    """Something and what it is compared to; *goal* is the ratio that it ought to stay below."""

    what: str
    beside: str
    work: Timed
    floor: Timed
    goal: int | None = None


def often(call: Callable[[], object], times: int) -> Timed:
    """Return what times something that is done so often."""
    timer = Timer(call, gc.enable, process_time)  # collecting garbage is part of the work
    return lambda: timer.timeit(times) / times


def apart(ready: Callable[[], T], call: Callable[[T], object], times: int) -> Timed:
    """Return what times something alone; what it needs is made ready before each."""

    def timed() -> float:
        spent = 0.0
        for _ in range(times):
            thing = ready()
            began = process_time()
            call(thing)
            spent += process_time() - began
        return spent / times

    return timed


def got(client: FlaskClient, page: str) -> str:
    """Ask for a page, and return what it says."""
    answer = client.get(page)
    assert answer.status_code == 200, page
    return answer.text

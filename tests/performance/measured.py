"""A line of the benchmark's table: how often something took what it is compared to."""

from dataclasses import dataclass
from statistics import median
from typing import Final

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

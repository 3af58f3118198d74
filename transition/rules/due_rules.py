"""The little language in which the pathway file says when a milestone is due.

    age(16y)   age(14y6m)   age(16y,-3m)      school(9,start)   school(9,end)
    open(+20wd)   transfer(-6m)   event(accepted,+10wd)
    later(rule,rule)   earlier(rule,rule)     rule; every(12m)

A rule is parsed once, when the file is read, and evaluated for every case.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from transition.rules.calendar import MONTHS
from transition.rules.due_pieces import (
    EVENTS,
    Age,
    AnchorDays,
    Chosen,
    Earlier,
    Event,
    Later,
    Node,
    Opening,
    School,
    Span,
    Transfer,
)

SPAN: Final = re.compile(r"([+-]?)((?:\d+(?:wd|[ymwd]))+)")
SPAN_PIECE: Final = re.compile(r"(\d+)(wd|[ymwd])")
CALL: Final = re.compile(r"(\w+)\((.*)\)")
AGE: Final = re.compile(r"(\d+)y(?:(\d+)m)?")
SCHOOL: Final = re.compile(r"(\d+),(start|end)")


class DueRuleError(ValueError):
    """A due rule that cannot be read; the sentence names the bad piece."""


@dataclass(frozen=True, slots=True)
class DueRule:
    """A parsed rule: the first day it names, and how long after each time it comes again."""

    text: str
    first: Node
    every: Span | None
    anchors_used: frozenset[str]
    """Which of age, school, open, transfer, event and every it mentions."""

    def on(
        self, anchors: AnchorDays, holidays: frozenset[date], last_done: date | None = None
    ) -> date | None:
        """Return the day for one case, or None while what it counts from has not happened.

        A repeating rule that has been done comes again its span after `last_done`.
        """
        if self.every and last_done:
            return self.every.after(last_done, holidays)
        return self.first.on(anchors, holidays)

    def words(
        self, anchors: AnchorDays, holidays: frozenset[date], last_done: date | None = None
    ) -> str:
        """Return how the day came about for one case, or what is missing: no full sentence."""
        if self.every and last_done:
            return f"{self.every.words} after it was last done"
        return _words(self.first, anchors, holidays)


def _words(node: Node, anchors: AnchorDays, holidays: frozenset[date]) -> str:
    """Return the words of the piece that decides the day, and what it was compared with."""
    if isinstance(node, Later | Earlier):
        return _words_of_two(node, anchors, holidays)
    if isinstance(node, Transfer | Event | Chosen) and node.on(anchors, holidays) is None:
        return node.missing
    return node.words


def _words_of_two(node: Later | Earlier, anchors: AnchorDays, holidays: frozenset[date]) -> str:
    day = node.on(anchors, holidays)
    first_decides = node.one.on(anchors, holidays) == day
    winner, loser = (node.one, node.other) if first_decides else (node.other, node.one)
    words = _words(winner, anchors, holidays)
    other_day = loser.on(anchors, holidays)
    if day is None or other_day is None or other_day == day:
        return words
    order = "later" if isinstance(node, Later) else "earlier"
    return f"{words}, which is {order} than {_words(loser, anchors, holidays)}"


def on_chosen_day(day: date | None) -> DueRule:
    """Return the rule of a milestone that a team added, and gave this day or none."""
    return DueRule("", Chosen(day), None, frozenset())


def parse(text: str) -> DueRule:
    """Return the rule that a text spells.

    Raises:
        DueRuleError: a piece of it is not in the language; the sentence names the piece.
    """
    squeezed = "".join(text.split())
    first, semicolon, again = squeezed.partition(";")
    mentioned = re.findall(r"\b(age|school|open|transfer|event|every)\(", squeezed)
    every = _parse_every(again) if semicolon else None
    return DueRule(text, _parse_node(first), every, frozenset(mentioned))


def _parse_every(piece: str) -> Span:
    if not (call := CALL.fullmatch(piece)) or call[1] != "every":
        raise DueRuleError(f"“{piece}” is not a repetition: after a semicolon write every(12m).")
    span = _parse_span(call[2])
    if max(span.months, span.days, span.working_days) <= 0:
        raise DueRuleError(f"“{piece}” does not lead forward.")
    return span


def _parse_node(piece: str) -> Node:
    call = CALL.fullmatch(piece)
    if not call or call[1] not in READERS:
        raise DueRuleError(f"“{piece}” is not a rule: use {', '.join(sorted(READERS))}.")
    return READERS[call[1]](call[2])


def _parse_span(piece: str) -> Span:
    if not (found := SPAN.fullmatch(piece)):
        raise DueRuleError(f"“{piece}” is not a length of time: units are y, m, w, d and wd.")
    sign = -1 if found[1] == "-" else 1
    total = dict.fromkeys(("y", "m", "w", "d", "wd"), 0)
    for number, unit in SPAN_PIECE.findall(found[2]):
        total[unit] += sign * int(number)
    return Span(total["y"] * MONTHS + total["m"], total["w"] * 7 + total["d"], total["wd"])


def _parse_age(inside: str) -> Age:
    age, comma, span_text = inside.partition(",")
    if not (found := AGE.fullmatch(age)):
        raise DueRuleError(f"“{age}” is not an age: write 16y or 14y6m.")
    span = _parse_span(span_text) if comma else Span()
    months = int(found[2] or 0) + span.months
    if min(months, span.days, span.working_days) < 0 < max(months, span.days, span.working_days):
        raise DueRuleError(f"“{inside}” leads both forward and back.")
    return Age(int(found[1]), Span(months, span.days, span.working_days))


def _parse_school(inside: str) -> School:
    if not (found := SCHOOL.fullmatch(inside)):
        raise DueRuleError(f"“{inside}” is not a school year: write 9,start or 9,end.")
    return School(int(found[1]), end=found[2] == "end")


def _parse_event(inside: str) -> Event:
    name, comma, span_text = inside.partition(",")
    if name not in EVENTS:
        raise DueRuleError(f"“{name}” is not an event: use {', '.join(sorted(EVENTS))}.")
    return Event(name, _parse_span(span_text) if comma else Span())


def _parse_two(inside: str) -> tuple[Node, Node]:
    pieces = list(_split(inside))
    if len(pieces) != 2:  # noqa: PLR2004 (two days are compared)
        raise DueRuleError(f"“{inside}” does not name two rules to compare.")
    return _parse_node(pieces[0]), _parse_node(pieces[1])


def _split(inside: str) -> Iterator[str]:
    """Yield the pieces between the commas that stand outside brackets."""
    depth = start = 0
    for at, character in enumerate(inside):
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            yield inside[start:at]
            start = at + 1
    yield inside[start:]


READERS: Final[dict[str, Callable[[str], Node]]] = {
    "age": _parse_age,
    "school": _parse_school,
    "open": lambda inside: Opening(_parse_span(inside)),
    "transfer": lambda inside: Transfer(_parse_span(inside)),
    "event": _parse_event,
    "later": lambda inside: Later(*_parse_two(inside)),
    "earlier": lambda inside: Earlier(*_parse_two(inside)),
}

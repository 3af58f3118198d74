"""The case record: what a question is, what is wrong with an answer, and who may see it."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from transition.rules.calendar import add_months, birthday, day_in_words

Value = Any
"""What stands in a field: words, a code, codes, a number, a day, or None where nothing does."""


class Kind(StrEnum):
    """The kinds of answer."""

    LINE = "line"
    LINES = "lines"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of the record."""

    name: str
    label: str
    kind: Kind = Kind.LINE
    noun: str = ""
    """The kind of row it lies in, where that is not its section's."""
    choices: Mapping[str, str] = field(default_factory=dict)
    most: int = 80
    hint: str = ""
    needed: str = ""
    """What is said where it is left out; empty where it may be."""
    with_answer: tuple[str, str] = ("", "")
    """Where that question has that answer, this one must not be left out."""
    then: str = ""
    """What is said where it is left out all the same."""
    pattern: str = ""
    refusal: str = ""
    """What is said where it does not match the pattern."""
    past: bool = False
    """Whether its day must have come."""
    proposal: bool = False
    """Whether it must be there before a handover is proposed."""
    receiver: bool = True
    """Whether a hospice that shares the case may read it."""
    family: bool = True
    """Whether it stands on the family's print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Some questions that are asked, confirmed and shown together."""

    key: str
    title: str
    noun: str
    fields: tuple[Field, ...]
    one: str = ""
    """What one entry is called, in a section that holds a list of them."""
    months: int = 0
    """After so many months it is asked whether it is still right; 0: never."""
    lead: str = ""
    receiver: bool = True
    family: bool = True

    def __post_init__(self) -> None:
        """Let each question know the kind of row that it lies in."""
        whole = tuple(replace(one, noun=one.noun or self.noun) for one in self.fields)
        object.__setattr__(self, "fields", whole)

    @property
    def many(self) -> bool:
        """Whether it holds a list of entries."""
        return bool(self.one)

    def field(self, name: str) -> Field:
        """Return the question called *name*."""
        return next(one for one in self.fields if one.name == name)


WHERE_THEY_LIVE: Final = frozenset({"address", "postcode"})
"""What is hidden, of the young person and of everybody they live with, where it is confidential."""


def problem_of(one: Field, value: Value, today: date) -> str | None:
    """Return a sentence about what is wrong with an answer, or None."""
    if value in (None, "", []):
        return one.needed or None
    checks: Mapping[Kind, Callable[[Field, Any, date], str | None]] = {
        Kind.LINE: _problem_of_words,
        Kind.LINES: _problem_of_words,
        Kind.CHOICE: _problem_of_choice,
        Kind.CHOICES: _problem_of_choice,
        Kind.NUMBER: _problem_of_number,
        Kind.DAY: _problem_of_day,
    }
    return checks[one.kind](one, value, today)


def _problem_of_words(one: Field, value: str, _today: date) -> str | None:
    if len(value) > one.most:
        return f"{one.label} must be {one.most} characters or fewer"
    if one.pattern and not re.fullmatch(one.pattern, value):
        return one.refusal
    return None


def _problem_of_choice(one: Field, value: str | list[str], _today: date) -> str | None:
    chosen = [value] if isinstance(value, str) else value
    return None if set(chosen) <= set(one.choices) else f"{one.label}: choose one of the answers"


def _problem_of_number(one: Field, value: int, _today: date) -> str | None:
    if one.choices:
        return _problem_of_choice(one, str(value), _today)
    return None if 0 <= value <= 999 else f"{one.label} must be a number from 0 to 999"  # noqa: PLR2004 - as said


def _problem_of_day(one: Field, value: date, today: date) -> str | None:
    return (
        f"{one.label}: the date must be today or in the past"
        if one.past and value > today
        else None
    )


def problems_of(section: Section, values: Mapping[str, Value], today: date) -> dict[str, str]:
    """Return a sentence for each answer that is wrong or left out, by the question's name."""
    found = {one.name: problem_of(one, values.get(one.name), today) for one in section.fields}
    for one in section.fields:
        other, answer = one.with_answer
        if one.then and values.get(other) == answer and not values.get(one.name):
            found[one.name] = one.then
    return {name: sentence for name, sentence in found.items() if sentence}


def words_of(one: Field, value: Value) -> str:
    """Return an answer as people read it; empty where nothing stands."""
    if value in (None, "", []):
        return ""
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, list):
        return ", ".join(one.choices.get(each, each) for each in value)
    return one.choices.get(str(value), str(value))


def review_from(section: Section, confirmed_on: date | None) -> date | None:
    """Return the day from which a section is asked about again, or None where it never is."""
    if not section.months or confirmed_on is None:
        return None
    return add_months(confirmed_on, section.months) + timedelta(days=1)


def is_old(section: Section, confirmed_on: date | None, today: date) -> bool:
    """Return whether a section was last confirmed longer ago than its review time."""
    again = review_from(section, confirmed_on)
    return again is not None and today >= again


def review_who_may_be_told(born: date, confirmed_on: date | None, today: date) -> bool:
    """Return whether it must be asked who may be told what, because somebody has turned 18.

    It is reckoned, never stored, and ends when the people are confirmed after the birthday.
    """
    adult = birthday(born, 18)
    return adult <= today and (confirmed_on is None or confirmed_on < adult)


AUTHORITIES: Final = frozenset(
    {"deputy_welfare", "deputy_property", "lpa_welfare", "lpa_property", "appointee"}
)
"""The legal roles with which somebody else decides for an adult."""

ASKED_FOR: Final = frozenset({"discussed", "applied"})
"""How a role stands that is not there yet."""

LEGAL_AUTHORITY: Final = "PL-05"
"""The milestone beside which it is said: it may be done long before a court has answered."""

BEFORE_EIGHTEEN: Final = 12
"""Months before the 18th birthday from which it is said that a legal role is lacking."""


def lacks_authority(roles: Iterable[tuple[str, str]], born: date, today: date) -> bool:
    """Return whether a legal role that is asked for will not be, or is not, in force at 18.

    Each role comes with how it stands. Before the last year nobody needs to hear of it.
    """
    asked = {role for role, stands in roles if role in AUTHORITIES and stands in ASKED_FOR}
    return bool(asked) and add_months(birthday(born, 18), -BEFORE_EIGHTEEN) <= today


Shown = tuple[str, str]
"""A question and its answer, in words."""

Block = tuple[str, list[Shown]]
"""A heading, and what stands below it."""


def answers_shown(
    section: Section, values: Mapping[str, Value], *, without: Collection[str] = ()
) -> list[Shown]:
    """Return what stands in a section, in words, but for the questions *without*."""
    said = ((one, words_of(one, values.get(one.name))) for one in section.fields)
    return [(one.label, words) for one, words in said if words and one.name not in without]


def kept_from_receivers(section: Section, *, confidential: bool) -> frozenset[str]:
    """Return the questions whose answers no other organisation reads."""
    hidden = {one.name for one in section.fields if not one.receiver}
    return frozenset(hidden | (WHERE_THEY_LIVE if confidential else frozenset()))


NOT_TO_BE_TOLD: Final = "nothing"
"""What somebody may be told who is told nothing."""


def kept_from_family(section: Section, values: Mapping[str, Value]) -> frozenset[str]:
    """Return the questions whose answers are not on the family's print. Source: ruling 41.

    Of whoever may be told nothing that is all of them: the others do not read how to reach them.
    """
    if values.get("may_be_told") == NOT_TO_BE_TOLD:
        return frozenset(one.name for one in section.fields)
    hidden = {one.name for one in section.fields if not one.family}
    return frozenset(hidden | set(values.get("not_to_tell") or ()))


def first_to_call(people: Iterable[Mapping[str, Value]]) -> list[Mapping[str, Value]]:
    """Return the people to call in an emergency, in order."""
    listed = [one for one in people if one.get("emergency_order")]
    return sorted(listed, key=lambda one: (one["emergency_order"], one.get("name") or ""))

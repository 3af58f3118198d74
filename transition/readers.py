"""Readers of what stands in a file that people write.

Each returns the value, or refuses with `ValueError` and the reason; whoever asked knows the key.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

Choice = TypeVar("Choice", bound=StrEnum)
Reader = Callable[[Any], Any]
"""Takes what stands in the file and returns the value, or raises `ValueError` with the reason."""


def text(value: object) -> str:
    """Return words, of which there are some."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be words in quotation marks")
    return value


def spelt(pattern: re.Pattern[str], like: str) -> Callable[[object], str]:
    """Return a reader of words that are spelt by *pattern*."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"“{value}” is not spelt like {like}")
        return value

    return read


def several(each: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    """Return a reader of a list, of which *each* reads one."""

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError("must be one or more in square brackets")
        return tuple(map(each, value))

    return read


def choice(choices: type[Choice]) -> Callable[[object], Choice]:
    """Return a reader of one of the codes of *choices*."""

    def read(value: object) -> Choice:
        for each in choices:
            if each.value == value:
                return each
        raise ValueError(f"“{value}” is none of {', '.join(choices)}")

    return read


def flag(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 (a reader refuses with ValueError)
    return value


def number(value: object) -> int:
    """Return a whole number."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("must be a whole number, nought or more")
    return value


def day(value: object) -> date:
    """Return a day."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("must be a day like 2026-11-23, without quotation marks")  # noqa: TRY004 - its reader shows a sentence, whatever the type
    return value


def texts(value: object) -> list[str]:
    """Return a list of words, of which there are some."""
    if not isinstance(value, list) or not value:
        raise ValueError("must be a list of words in square brackets")
    return [text(each) for each in value]


def one_table(value: object) -> dict[str, Any]:
    """Return one table."""
    if not isinstance(value, dict):
        raise ValueError("must be a table in square brackets")  # noqa: TRY004 (a reader refuses with ValueError)
    return value


def tables(value: object) -> list[dict[str, Any]]:
    """Return one or more tables."""
    if not isinstance(value, list) or not value or not all(isinstance(t, dict) for t in value):
        raise ValueError("must be one or more tables in double square brackets")
    return value

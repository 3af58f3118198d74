"""NHS numbers: checked as typed, shown as people read them."""

import re
from typing import Final

from transition.rules.errors import RuleBroken
from transition.rules.words import Worded

LENGTH: Final = 10
ELEVEN: Final = 11
TEST_RANGE: Final = "999"
SEPARATORS: Final = re.compile("[ \u00a0\u2010\u2011-]")
"""Space, no-break space, and the three hyphens that are typed or pasted."""


class MissingReason(Worded):
    """Why a case has no NHS number yet."""

    NOT_KNOWN = "not_known", "Not known"
    OVERSEAS = "overseas", "Came from overseas and has none yet"
    AWAITING_TRACE = "awaiting_trace", "Being traced"


def parse_nhs_number(text: str) -> str:
    """Return the ten digits of a typed NHS number.

    A right check digit does not prove whose number it is.

    Raises:
        RuleBroken: it is no NHS number; the sentence says what is wrong.

    Source: NHS data dictionary, NHS NUMBER (modulus 11).
    """
    number = SEPARATORS.sub("", text)
    if not number:
        raise RuleBroken("Enter the NHS number, or say why it is missing")
    if not re.fullmatch("[0-9]+", number):
        raise RuleBroken("An NHS number has only digits. Take out the other characters")
    if len(number) != LENGTH:
        raise RuleBroken(f"An NHS number has 10 digits. This has {len(number)}")
    _refuse_wrong_digits(number)
    return number


def _refuse_wrong_digits(number: str) -> None:
    # Ten equal digits pass the arithmetic, and are what people type to get past a form.
    if len(set(number)) == 1:
        raise RuleBroken("An NHS number is not the same digit ten times")
    # With weight 1 for the check digit itself, a right number adds up to a multiple of 11.
    weights = range(LENGTH, 0, -1)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
    if total % ELEVEN:
        raise RuleBroken("Check the NHS number: a digit is mistyped, or two are swapped")


def show_nhs_number(number: str) -> str:
    """Return an NHS number as it is read out: 999 100 0003."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def is_test_number(number: str) -> bool:
    """Return whether a number lies in the range that is nobody's."""
    return number.startswith(TEST_RANGE)


def refuse_wrong_range(number: str, *, demo: bool) -> None:
    """Do nothing if a number fits the database it is typed into.

    Raises:
        RuleBroken: a real number in a demonstration, or a test number among real people.
    """
    if demo and not is_test_number(number):
        raise RuleBroken("This is a demonstration. Use a test number, which starts with 999")
    if not demo and is_test_number(number):
        raise RuleBroken("Numbers that start with 999 are for tests. Enter the real NHS number")

"""Counts of people for those who may know of nobody: small ones are not told apart.

Source: domain 2.2 and 8.2.
"""

from typing import Final

SMALL: Final = 8
"""The smallest number that is shown; fewer would point at somebody."""
ROUNDED: Final = 5
NOTE: Final = (
    f"To protect people, numbers from 1 to {SMALL - 1} are not told apart, and larger ones are"
    f" rounded to the nearest {ROUNDED}."
)


def published(number: int) -> str:
    """Return a count in words that point at nobody: none, a few, or about how many."""
    if number < SMALL:
        return f"fewer than {SMALL}" if number else "0"
    return f"about {ROUNDED * round(number / ROUNDED)}"

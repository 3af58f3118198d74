"""Long lists, a page at a time."""

import re
from math import ceil
from typing import Final

PAGE: Final = 50
"""How many lines stand on a page."""

NUMBER: Final = re.compile("[1-9][0-9]{0,3}")


def pages(count: int) -> int:
    """Return how many pages so many lines fill; an empty list fills one."""
    return max(1, ceil(count / PAGE))


def page_asked(text: str) -> int:
    """Return the page that an address asks for: the first, unless it is a number of one."""
    return int(text) if NUMBER.fullmatch(text) else 1

"""The base of enums whose members are stored as one word and shown as others."""

from enum import StrEnum
from typing import Self


class Worded(StrEnum):
    """A stored word (the value) with the words a screen says for it (the label)."""

    label: str

    def __new__(cls, stored: str, label: str = "") -> Self:
        """Return the member for a stored word, carrying its label."""
        member = str.__new__(cls, stored)
        member._value_ = stored
        member.label = label
        return member

"""What a refusal must be: words for the person who asked, and none of ours."""

import re
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from transition.rules.errors import RuleBroken

P = ParamSpec("P")
T = TypeVar("T")

SENTENCES: Final = re.compile(r"[A-Z“][^_<>{}=\[\]]*[.]")
"""From a capital to a full stop, without what only code is written with."""

CODE_WORDS: Final = re.compile(r"\b(None|True|False|uid|[A-Z]{2,}[0-9_]|[a-z]+[A-Z])")
"""Words that nobody says."""


def is_said_in_words(refusal: Exception) -> bool:
    """Return whether a refusal is whole sentences that can be shown to anybody."""
    words = str(refusal)
    return bool(SENTENCES.fullmatch(words)) and not CODE_WORDS.search(words)


def tried(take: Callable[P, T], *told: P.args, **words: P.kwargs) -> T | None:
    """Return what comes of it, or None where it is refused, which is said in words."""
    try:
        return take(*told, **words)
    except RuleBroken as refusal:
        if not is_said_in_words(refusal):
            raise
        return None


AVOIDED: Final = re.compile(
    r"\b(passed away|lost|deceased|terminated|discharged to|graduated|failed|non-compliant"
    r"|refused)\b",
    re.IGNORECASE,
)
"""Words that nobody is to read about a young person. Source: domain 1.1."""

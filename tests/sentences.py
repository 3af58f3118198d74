"""What a refusal must be: words for the person who asked, and none of ours."""

import re
from typing import Final

SENTENCES: Final = re.compile(r"[A-Z“][^_<>{}=\[\]]*[.]")
"""From a capital to a full stop, without what only code is written with."""

CODE_WORDS: Final = re.compile(r"\b(None|True|False|uid|[A-Z]{2,}[0-9_]|[a-z]+[A-Z])")
"""Words that nobody says."""


def is_said_in_words(refusal: Exception) -> bool:
    """Return whether a refusal is whole sentences that can be shown to anybody."""
    words = str(refusal)
    return bool(SENTENCES.fullmatch(words)) and not CODE_WORDS.search(words)

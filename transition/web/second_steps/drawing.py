"""The picture that an authenticator app reads, as a path: its page draws it without any style."""

from itertools import groupby
from typing import NamedTuple

import segno

QUIET = 4
"""Empty modules around it; readers need them."""


class Drawn(NamedTuple):
    """A picture in modules: how wide it is, and where it is dark."""

    size: int
    path: str


def drawn(words: str) -> Drawn:
    """Return the picture that says *words*."""
    rows = list(segno.make(words, error="m", micro=False).matrix_iter(border=QUIET))
    path = []
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                path.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return Drawn(len(rows), "".join(path))

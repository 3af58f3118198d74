"""What a process keeps of what it has reckoned, for as long as it is used and still true."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final

UNUSED_SECONDS: Final = 300
"""How long something is kept after it was last asked for."""

MOST: Final = 256
"""How many things are kept at most; the one asked for longest ago makes room."""


class Kept:
    """Keeps what was made of an organisation's cases beside the number that it holds for.

    What is kept is shared by all requests and threads of one process, so nothing in it is ever
    replaced; names are added to theirs as they are opened.
    """

    def __init__(self, *, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._things: dict[Hashable, tuple[float, int, Any]] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many things are kept, used or not."""
        return len(self._things)

    def find(self, key: Hashable, number: int) -> Any:  # noqa: ANN401 - whatever was kept
        """Return what is kept under *key*, or None where it was made for another number."""
        now = self._ticks()
        with self._lock:
            self._drop_unused(now)
            found = self._things.pop(key, None)
            if found is None or found[1] != number:
                return None
            self._things[key] = (now, number, found[2])  # last in line, and used just now
            return found[2]

    def keep(self, key: Hashable, number: int, thing: object) -> None:
        """Keep *thing* under *key* for as long as *number* stands still."""
        now = self._ticks()
        with self._lock:
            self._drop_unused(now)
            self._things.pop(key, None)
            self._things[key] = (now, number, thing)
            while len(self._things) > MOST:
                del self._things[next(iter(self._things))]

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._things.clear()

    def _drop_unused(self, now: float) -> None:
        # They stand in the order in which they were last used.
        while self._things:
            key = next(iter(self._things))
            if self._things[key][0] + UNUSED_SECONDS > now:
                return
            del self._things[key]

"""A server of its own that tells what its requests cost it, in processor time and memory.

    python -m tests.performance.serve KIND HOME PORT

KIND is `tracker` (over the database in HOME), `plain` (an ordinary page over as many people) or
`empty`. All are served alike, by one process with four threads; each loads what it needs alone.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

from flask import Flask
from gunicorn.app.base import BaseApplication

SPENT: Final = "/-spent"
"""Asked for, a server tells the processor time it has spent, and the most memory it has used."""

NOW: Final = "2026-11-23T09:00:00+00:00"
"""When a tracker believes it starts: the instant at which its database was made."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]


def telling(app: Wsgi) -> Wsgi:
    """Return *app* with the address at which it tells what it has spent."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:  # noqa: ANN401 - an answer
        if environ["PATH_INFO"] != SPENT:
            return app(environ, start)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start("200 OK", [("Content-Type", "text/plain")])
        return [f"{time.process_time()} {used}".encode()]

    return answer


def tracker(home: Path) -> Flask:
    """Return the tracker over the database in *home*."""
    from transition.app import create_app
    from transition.settings import read_settings

    environ = {"TRANSITION_HOME": str(home), "TRANSITION_NOW": NOW}
    return create_app(read_settings(environ, layer="test"))


def ordinary(home: Path) -> Flask:
    """Return the ordinary page over the database in *home*."""
    from tests.performance.plain import app_over

    return app_over(home)


def empty(_: Path) -> Flask:
    """Return an application whose one page is empty."""
    app = Flask("empty")
    app.add_url_rule("/", view_func=lambda: "")
    return app


KINDS: Final = {"tracker": tracker, "plain": ordinary, "empty": empty}


class _Server(BaseApplication):
    def __init__(self, kind: str, home: Path, port: int) -> None:
        self.kind, self.home, self.port = kind, home, port
        super().__init__()

    def load_config(self) -> None:
        chosen = {
            "bind": f"127.0.0.1:{self.port}",
            "workers": 1,
            "threads": 4,
            "keepalive": 3600,
            "accesslog": None,
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Wsgi:
        return telling(cast("Wsgi", KINDS[self.kind](self.home)))


if __name__ == "__main__":
    _Server(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])).run()

"""A server that tells what its requests cost it, and a browser that asks them."""

import http.client
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from tests.browser.running import PATIENCE, free_port
from tests.builders import token_of
from tests.people import PASSWORD
from tests.performance.serve import SPENT
from transition.home import ROOT


class Served:
    """One server, and a browser in which somebody may be signed in."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("localhost", port, timeout=PATIENCE * 10)
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> str:
        """Return a page."""
        return self._asked("GET", path, None)

    def post(self, path: str, **words: str) -> str:
        """Send a form."""
        return self._asked("POST", path, urlencode(words))

    def hang_up(self) -> None:
        """End the connection; the next question begins another."""
        self._connection.close()

    def sign_in(self, email: str) -> str:
        """Sign somebody in; return the token that their forms carry."""
        token = token_of(self.get("/sign-in"))
        self.post("/sign-in", csrf_token=token, email=email, password=PASSWORD)
        return token_of(self.get("/cases"))

    def spent(self) -> float:
        """Return the processor time that the server has spent so far."""
        return float(self.get(SPENT).split()[0])

    def memory(self) -> int:
        """Return the most memory that the server has used so far, in MiB."""
        unit = 1 if sys.platform == "darwin" else 1024
        return int(self.get(SPENT).split()[1]) * unit // 2**20

    def cost(self, ask: Callable[[], object], times: int) -> float:
        """Return the processor time that the server spends when it is asked so."""
        nothing = self._between(lambda: None, times)
        return max(self._between(ask, times) - nothing, 1e-9) / times

    def _between(self, ask: Callable[[], object], times: int) -> float:
        before = self.spent()
        for _ in range(times):
            ask()
        return self.spent() - before

    def _asked(self, method: str, path: str, words: str | None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={one}" for name, one in self._cookies.items())}
        if words is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, words, headers)
        answer = self._connection.getresponse()
        body = answer.read().decode()
        assert answer.status in {200, 302}, f"{path}: {answer.status}"
        for header in answer.headers.get_all("Set-Cookie") or []:
            self._cookies |= {name: one.value for name, one in SimpleCookie(header).items()}
        return body


@contextmanager
def serving(kind: str, home: Path) -> Iterator[Served]:
    """Serve one *kind* of application as long as it is needed."""
    port = free_port()
    command = [sys.executable, "-m", "tests.performance.serve", kind, str(home), str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    served = Served(port)
    try:
        yield _reached(served)
    finally:
        served.hang_up()
        process.terminate()
        process.wait(PATIENCE)


def _reached(served: Served) -> Served:
    until = time.monotonic() + PATIENCE * 3
    while True:
        try:
            served.spent()
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < until, "The server does not answer."
            served.hang_up()
            time.sleep(0.05)
        else:
            return served

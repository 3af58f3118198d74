"""Serving: the tracker and its worker as two processes that live and end together."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from gunicorn.app.base import BaseApplication

from transition.settings import Settings, SettingsError

PARTS: Final = ("serve", "worker")
PATIENCE: Final = 15
"""Seconds that a part has for ending what it is doing."""
SIGN_INS: Final = (
    ("nurse@naomi.example", "transition nurse, Naomi House & Jacksplace"),
    ("lead@naomi.example", "children's lead, Naomi House & Jacksplace"),
    ("lead@rowans.example", "adult lead, Rowans"),
    ("worker@rowans.example", "adult worker, Rowans"),
    ("coordinator@collaborative.example", "coordinator"),
)


def refuse_taken_port(settings: Settings) -> None:
    """Refuse to start where something else listens already.

    Raises:
        SettingsError: the port is taken, or this machine has no such address.
    """
    try:
        socket.create_server((settings.host, settings.port)).close()
    except (OSError, UnicodeError) as trouble:
        raise SettingsError(
            f"Cannot listen on {settings.host}, port {settings.port}: stop what uses it, or set "
            "TRANSITION_PORT (or TRANSITION_HOST) to something else."
        ) from trouble


def keep_running(settings: Settings) -> int:
    """Run both parts as processes of their own; one that dies takes the other with it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for part in PARTS:
            running[part] = _start(part, settings)
        return _watch(running, settings)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(running)


def _start(part: str, settings: Settings) -> subprocess.Popen[bytes]:
    """Its standard input is a pipe that closes with this process, however that may end."""
    environ = dict(os.environ)
    if settings.now is not None:
        environ["TRANSITION_NOW"] = settings.clock.now().isoformat()  # all parts, one clock
    command = [sys.executable, "-m", "transition", part, "--tied"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environ)


def _watch(running: Mapping[str, subprocess.Popen[bytes]], settings: Settings) -> int:
    announced = False
    while not (dead := [part for part, process in running.items() if process.poll() is not None]):
        if not announced and _is_listening(settings):
            _announce(settings)
            announced = True
        time.sleep(0.2)
    print(f"The tracker stops: its part “{dead[0]}” ended by itself.", file=sys.stderr)
    return 1


def _end(running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # one request to stop is enough
    for process in running.values():
        process.terminate()
    for process in running.values():
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.wait()


def _is_listening(settings: Settings) -> bool:
    with suppress(OSError), socket.create_connection((settings.host, settings.port), timeout=1):
        return True
    return False


def _announce(settings: Settings) -> None:
    print(f"The tracker is at {settings.address} (Ctrl-C stops it).")
    if settings.mode != "production":
        print("All people in it are invented. Sign in with the password “demonstration only” as:")
        for address, role in SIGN_INS:
            print(f"  {address:34} {role}")
    sys.stdout.flush()


def end_with_parent() -> None:
    """End this process when its standard input closes, which is when its parent has gone.

    A Ctrl-C reaches the parent too, and it is the parent's to say what follows.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        # Not sys.stdin.read(): a thread waiting there holds a lock that a forked process misses.
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


class Server(BaseApplication):
    """Gunicorn, told by the settings alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take what the settings say."""
        chosen = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": 2,
            "threads": 4,
            "graceful_timeout": PATIENCE - 5,
            "accesslog": None,  # addresses of pages hold references of cases
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        """Return the application; each process makes its own."""
        from transition.app import create_app

        return create_app(self.settings)

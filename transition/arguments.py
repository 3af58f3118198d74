"""How the words after a command are read: a day, an instant, an anchor; refused in a sentence."""

import argparse
from datetime import date, datetime
from typing import NoReturn, Protocol

from transition.clock import instant_from
from transition.rules.people import Role


class Parser(argparse.ArgumentParser):
    """Refuses in one sentence instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.exit(2, f"{self.prog}: {message.rstrip('.')}. Try --help.\n")


class Commands(Protocol):
    """What `add_subparsers` returns, of which argparse has no public name."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:  # noqa: A002 - argparse's word
        """Return the parser of a new command."""
        ...


def instant(text: str) -> datetime:
    """Return the instant that *text* names, or refuse it."""
    try:
        return instant_from(text)
    except ValueError as mistake:
        raise argparse.ArgumentTypeError(str(mistake)) from mistake


def day(text: str) -> date:
    """Return the day that *text* names, or refuse it."""
    try:
        return date.fromisoformat(text)
    except ValueError as mistake:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day like 2026-11-23") from mistake


def count(text: str) -> int:
    """Return the number of things that *text* names, at least one, or refuse it."""
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number like 500")
    return int(text)


def role(text: str) -> Role:
    """Return the role that *text* names, or refuse it."""
    try:
        return Role(text)
    except ValueError as mistake:
        known = ", ".join(Role)
        raise argparse.ArgumentTypeError(f"“{text}” is no role: choose {known}") from mistake


def anchor(text: str) -> tuple[int, bytes]:
    """Return the number and the beginning of the signature that *text* names, or refuse it."""
    number, _, start = text.partition(":")
    try:
        return int(number), bytes.fromhex(start)
    except ValueError as mistake:
        raise argparse.ArgumentTypeError(
            f"“{text}” is not an anchor like 48213:7F3A91C2"
        ) from mistake

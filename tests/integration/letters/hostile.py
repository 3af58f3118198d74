"""A mail server that behaves as badly as it is told to, on a port of this machine."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.browser.running import free_port
from transition.mail.postman import TIMEOUT, SmtpPostman

PATIENCE: Final = 1.0
"""Seconds that the postman waits for an answer where one will never come."""

HANG, DROP = "hang", "drop"
"""What can be said in place of an answer."""


@dataclass
class Manners:
    """What the server answers in each phase; to one reader, or to everybody under ``*``.

    The phases are CONNECT, MAIL, RCPT, TEXT (once the letter is there) and QUIT.
    """

    answers: dict[str, Mapping[str, str]] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    connections: int = 0

    def answer(self, phase: str, reader: str = "") -> str | None:
        """Return what to say in a phase, or None for what is usual."""
        said = self.answers.get(phase, {})
        return said.get(reader) or said.get("*")

    @property
    def readers(self) -> list[str]:
        """Return to whom the letters went that were taken, in order."""
        return [letter["To"] for letter in self.taken]

    async def handle_MAIL(  # noqa: N802 - the library's names
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: Any,  # noqa: ANN401
    ) -> str:
        """Meet a sender."""
        envelope.mail_from = address
        return await self._say(server, "MAIL") or "250 go on"

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: Any,  # noqa: ANN401
    ) -> str:
        """Meet a reader."""
        said = await self._say(server, "RCPT", address)
        if not said:
            envelope.rcpt_tos.append(address)
        return said or "250 go on"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a letter, or not."""
        said = await self._say(server, "TEXT", envelope.rcpt_tos[0])
        if said:
            return said
        words = cast("bytes", envelope.original_content)
        self.taken.append(message_from_bytes(words, policy=policy.default))
        return "250 taken"

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        """Say goodbye."""
        return await self._say(server, "QUIT") or "221 goodbye"

    async def _say(self, server: SMTP, phase: str, reader: str = "") -> str | None:
        said = self.answer(phase, reader)
        if said == HANG:
            await asyncio.sleep(60)
        if said == DROP:
            cast("asyncio.Transport", server.transport).abort()
        return said


class _Server(SMTP):
    """Counts who comes, and may refuse the very first word."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let somebody in."""
        manners = cast("Manners", self.event_handler)
        manners.connections += 1
        said = manners.answer("CONNECT")
        if said is None:
            super().connection_made(transport)
        elif said == DROP:
            cast("asyncio.Transport", transport).abort()
        elif said != HANG:
            cast("asyncio.Transport", transport).write(f"{said}\r\n".encode())

    def eof_received(self) -> bool | None:
        """Notice that somebody leaves, if they were let in."""
        return super().eof_received() if self.transport is not None else None

    def connection_lost(self, error: Exception | None) -> None:
        """Notice that somebody has left, if they were let in."""
        if self.transport is not None:
            super().connection_lost(error)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler)


@contextmanager
def hostile(
    manners: Manners | None = None, /, **answers: Mapping[str, str] | str
) -> Iterator[tuple[Manners, SmtpPostman]]:
    """Run a server with these manners, and give a postman who knows the way to it.

    Each phase is named with what it answers to everybody, or to one reader; *manners* of one's
    own may answer otherwise.
    """
    said = {name: one if not isinstance(one, str) else {"*": one} for name, one in answers.items()}
    manners = manners or Manners()
    server = _Controller(manners, hostname="127.0.0.1", port=free_port())
    server.start()
    manners.answers, manners.connections = said, 0  # starting it, it was called once
    try:
        hangs = any(HANG in one.values() for one in said.values())
        wait = PATIENCE if hangs else TIMEOUT
        yield manners, SmtpPostman("127.0.0.1", server.port, tls="none", timeout=wait)
    finally:
        server.stop()

"""Postmen: one that speaks SMTP, one that puts letters into a folder for a demonstration."""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from pathlib import Path
from typing import Final, Literal, Protocol

TIMEOUT: Final = 20.0
"""Seconds that a mail server may take for one answer."""

PERMANENT: Final = "5"
"""How an answer begins that the server means for good. Source: RFC 5321 section 4.2.1."""

OF_THE_SESSION: Final = frozenset({"421", "454", "530", "535", "538"})
"""Answers that speak of the server or of who we are to it, and of no letter.

Source: RFC 5321 section 3.8, RFC 3207, RFC 4954 section 6.
"""


class NotCarried(Exception):
    """A letter could not be carried. ``for_good`` says that trying again would not help."""

    def __init__(self, code: str, *, for_good: bool) -> None:
        self.code = code
        self.for_good = for_good
        super().__init__(f"The letter could not be carried ({code}).")


class NoServer(NotCarried):
    """The mail server itself cannot be used now: whatever letter came next would meet the same."""

    def __init__(self, code: str) -> None:
        super().__init__(code, for_good=False)


class Postman(Protocol):
    """Whoever carries letters."""

    def carry(self, message: EmailMessage) -> None:
        """Carry one letter.

        Raises:
            NotCarried: it could not be carried.
        """


@dataclass(frozen=True)
class FolderPostman:
    """Puts each letter into a folder, under its Message-ID."""

    folder: Path

    def carry(self, message: EmailMessage) -> None:
        """Write one letter; the same letter carried twice is one file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^0-9a-z]", "", message["Message-ID"].split("@")[0])
        draft = self.folder / f".{name}"
        draft.write_bytes(message.as_bytes(policy=CRLF))
        draft.rename(self.folder / f"{name}.eml")


@dataclass(frozen=True)
class SmtpPostman:
    """Speaks SMTP, encrypted and with a password where they are set."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    timeout: float = TIMEOUT

    def carry(self, message: EmailMessage) -> None:
        """Hand one letter to the mail server.

        Raises:
            NotCarried: the server refused this letter, or broke off in the middle of it.
            NoServer: it could not be reached, hangs, or is not who it says it is.
        """
        server = self._server()
        try:
            server.send_message(message, to_addrs=[message["To"]])
            with suppress(OSError):
                server.quit()  # the letter is theirs by now, whatever they answer to this
        except OSError as failure:
            raise _reason(failure) from failure
        finally:
            server.close()

    def _server(self) -> smtplib.SMTP:
        """Return a connection on which a letter can be handed over."""
        server = None
        try:
            server = self._connected()
            if self.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
        except OSError as failure:  # all that the library raises is one of these
            if server is not None:
                server.close()
            raise NoServer(_code_of(failure) or type(failure).__name__) from failure
        return server

    def _connected(self) -> smtplib.SMTP:
        # Without a context of our own the library would take any certificate.
        if self.tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)


def _code_of(failure: OSError) -> str:
    """Return the number with which the server refused, or nothing where it gave none."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return next(str(code) for code, _ in failure.recipients.values())  # there is one reader
    return str(failure.smtp_code) if isinstance(failure, smtplib.SMTPResponseException) else ""


def _reason(failure: OSError) -> NotCarried:
    """Return what a failure means after the server had let us in."""
    code, name = _code_of(failure), type(failure).__name__
    if isinstance(failure, smtplib.SMTPNotSupportedError):
        return NotCarried("address", for_good=True)  # this server cannot write such an address
    if isinstance(failure, smtplib.SMTPSenderRefused) or code in OF_THE_SESSION:
        return NoServer(code)
    if isinstance(failure.__context__, TimeoutError):
        return NoServer(name)
    of_the_letter = isinstance(failure, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    return NotCarried(code or name, for_good=of_the_letter and code.startswith(PERMANENT))

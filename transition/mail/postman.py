"""Postmen: one that speaks SMTP, one that puts letters into a folder for a demonstration."""

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from pathlib import Path
from typing import Final, Literal, Protocol

TIMEOUT: Final = 20
"""Seconds that a mail server may take for one answer."""

PERMANENT: Final = 500
"""From this answer on the server means it for good."""


class NotCarried(Exception):
    """A letter could not be carried. ``for_good`` says that trying again would not help."""

    def __init__(self, code: str, *, for_good: bool) -> None:
        self.code = code
        self.for_good = for_good
        super().__init__(f"The letter could not be carried ({code}).")


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

    def carry(self, message: EmailMessage) -> None:
        """Hand one letter to the mail server.

        Raises:
            NotCarried: the server refused it, could not be reached, or is not who it says it is.
        """
        try:
            with self._server() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refusal:
            code = min(code for code, _ in refusal.recipients.values())
            raise NotCarried(str(code), for_good=code >= PERMANENT) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise NotCarried(str(refusal.smtp_code), for_good=False) from refusal
        except (OSError, smtplib.SMTPException) as failure:
            raise NotCarried(type(failure).__name__, for_good=False) from failure

    def _server(self) -> smtplib.SMTP:
        # Without a context of our own the library would take any certificate.
        if self.tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        if self.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server

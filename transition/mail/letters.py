"""Letters: composed from three templates each, subject, text and HTML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from transition.mail.postman import NotCarried

SENDER: Final = "Transition tracker <no-reply@transition.invalid>"

_PART: Final = r"[^\s\x00-\x20\x7f@<>()\[\],;:\"\\]+"
ADDRESS: Final = re.compile(f"{_PART}@{_PART}")
"""An address as it stands in a letter: nothing that could end the line or name a second reader."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, ready to be carried to one person."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str

    def as_message(self, *, sender: str, at: datetime) -> EmailMessage:
        """Return the letter as it travels.

        Raises:
            NotCarried: its reader's address is none.
        """
        if not ADDRESS.fullmatch(self.to):
            raise NotCarried("address", for_good=True)
        message = EmailMessage()
        message["From"] = sender
        message["To"] = self.to
        message["Subject"] = self.subject
        message["Message-ID"] = self.message_id
        message["Date"] = format_datetime(at)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        return message


def compose_letter(
    templates: Path, kind: str, words: Mapping[str, Any], *, to: str, message_id: str
) -> Letter:
    """Return the letter of *kind* that says *words*.

    Text and subject are written without HTML's escapes, which would show in them.
    """
    plain, marked = _environments(templates)
    return Letter(
        to=to,
        subject=plain.get_template(f"{kind}/subject.txt").render(words).strip(),
        text=plain.get_template(f"{kind}/body.txt").render(words).strip() + "\n",
        html=marked.get_template(f"{kind}/body.html").render(words),
        message_id=message_id,
    )


@cache
def _environments(templates: Path) -> tuple[Environment, Environment]:
    loader = FileSystemLoader(templates / "mail")
    common: dict[str, Any] = {
        "loader": loader,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    plain = Environment(autoescape=False, **common)  # noqa: S701 - text, never HTML
    return plain, Environment(autoescape=True, **common)

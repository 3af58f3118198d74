"""The letters of a demonstration. There is no such page where real letters go out."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from transition.web.guard import open_to_all

mailbox = Blueprint("mailbox", __name__, url_prefix="/demo/mailbox")


@mailbox.route("")
@open_to_all
def index() -> ResponseReturnValue:
    """Show the letters that were sent, newest first."""
    letters = [(path.stem, _read(path)) for path in _letters()]
    return render_template("mailbox/index.html", letters=letters)


@mailbox.route("/<name>")
@open_to_all
def show(name: str) -> ResponseReturnValue:
    """Show one letter as its reader would see it, in text."""
    path = next((path for path in _letters() if path.stem == name), None)
    if path is None:
        abort(404)
    letter = _read(path)
    body = letter.get_body(("plain",))
    return render_template(
        "mailbox/show.html", letter=letter, text=body.get_content() if body else ""
    )


def _letters() -> list[Path]:
    if not current_app.config["DEMO"]:
        abort(404)
    folder: Path = current_app.config["MAILBOX"]
    return sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)


def _read(path: Path) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(path.read_bytes())

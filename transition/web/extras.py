"""Noticing that a form was made to carry more than any form of ours asks for.

None of it is taken: a view reads the fields that it knows. That somebody tried is told, by the view
and in no word of theirs.
"""

from typing import Final, cast

from flask import Flask, Request, Response, request
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict
from wtforms.fields.core import UnboundField

from transition.rules.references import is_reference
from transition.web.forms import Form, forms_below, names_of_field
from transition.web.work import note_seen

READ: Final = frozenset({200, 302, 409, 422})
"""The answers of a view that has read what was sent."""


class Fields(ImmutableMultiDict[str, str]):
    """What a form carried, and which names were asked for."""

    def __init__(self, *told: object) -> None:
        super().__init__(*told)  # type: ignore[arg-type] # whatever the library gives it
        self.asked: set[object] = set()

    def __contains__(self, name: object) -> bool:
        """Return whether it was carried."""
        self.asked.add(name)
        return super().__contains__(name)

    def getlist(self, name: str, *kind: object) -> list[str]:  # type: ignore[override] # one of its ways
        """Return what was carried under a name."""
        self.asked.add(name)
        return super().getlist(name, *kind)


class Asking(Request):
    """A request that knows which of the fields it carries were asked for."""

    parameter_storage_class = Fields


def notice_extras(app: Flask) -> None:
    """Leave an entry where somebody who is signed in sends a field that no form of ours has."""
    app.request_class = Asking
    ours = {
        name
        for form in forms_below(Form)
        for field in dir(form)
        if isinstance(getattr(form, field), UnboundField)
        for name in names_of_field(field)
    }

    @app.after_request
    def _tell(response: Response) -> Response:
        if request.method == "POST" and response.status_code in READ and _extras(ours):
            reference = (request.view_args or {}).get("reference", "")
            note_seen(
                "form:altered",
                case_ref=reference if is_reference(reference) else None,
                about=request.endpoint or "",
                outcome="refused",
            )
        return response


def _extras(ours: set[str]) -> set[str]:
    """Return the fields that nobody asked for; what strangers send to the sign-in is their own."""
    sent = cast("Fields", request.form)
    return (sent.keys() - sent.asked - ours) if current_user.is_authenticated else set()

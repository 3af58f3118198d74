"""Forms and the fields that they share."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeVar

from flask import current_app, g, request, url_for
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
    ValidationError,
)

from transition.actions.work import ChangedMeanwhile
from transition.records.drafts import draft_of
from transition.rules.errors import RuleBroken
from transition.rules.nhs_numbers import parse_nhs_number
from transition.rules.words import Worded
from transition.web.filters import at_time
from transition.web.work import kind_of, me, note_seen, reading, today

PARTS: Final = ("day", "month", "year")

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Between these lies every day that a form can mean."""

SWAPPED: Final = "Are day and month the wrong way round?"

NOT_OFFERED: Final = "Choose one of the answers"

TURNING: Final = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""The kinds of characters that turn what stands after them round, on the whole page."""

Code = TypeVar("Code", bound=StrEnum)
Check = Callable[[Any, Field], None]
"""Looks at a field of a form, and refuses what stands there with a sentence."""


class Form(FlaskForm):
    """A form. Its token is checked for every POST before the view is reached.

    A form that people write in names the view that it is sent to, and stands in its page within
    the macro ``sheet``. Nothing typed into it is lost: what is half written or refused is kept as a
    sealed draft, which comes back when the form is opened again and ends when the form is taken.
    """

    sent_to: ClassVar[str] = ""
    """The view that takes it; a form without one is never kept."""

    stands_on: ClassVar[str] = ""
    """The view that shows it, where that is another one."""

    began: str = ""
    """When its reader began what stands in it now, as people say it."""

    class Meta:
        """The token is not asked for a second time."""

        csrf = False

        def wrap_formdata(self, form: "Form", _formdata: object) -> Any:  # noqa: ANN401 - the library's own
            """Take what was typed from a form's fields alone, and from no other kind of body.

            A form that is opened again takes what its reader has begun to write.
            """
            return request.form if request.method == "POST" else form.what_was_begun()

    def __init__(self, **words: Any) -> None:  # noqa: ANN401 - any field's own
        super().__init__(**words)
        if request.method == "POST" and self.sent_to == request.endpoint:
            g.setdefault("form", self)

    def what_was_begun(self) -> MultiDict[str, str] | None:
        """Return what the reader has begun to write in this form, or None."""
        if not self.sent_to:
            return None
        kind = kind_of(self.sent_to, args_of(self.sent_to, request.view_args))
        draft = draft_of(reading(), me().uid, kind)
        if draft is None:
            return None
        note_seen("draft:viewed", about=kind)
        self.began = at_time(datetime.fromisoformat(draft.body["began"]), today())
        return MultiDict(map(tuple, draft.body["typed"]))

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "type[Form]":  # noqa: ARG003 - for forms made of a table
        """Return the form at an address with these *args*: for most, this very one."""
        return cls

    @property
    def path(self) -> str:
        """The address that it is sent to, from a page about the same thing."""
        return address_of(self.sent_to, request.view_args) if self.sent_to else ""

    @property
    def carried(self) -> list[Field]:
        """The fields that this request carried."""
        return [field for field in self if names_of_field(field.name) & request.form.keys()]

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What this request carried for its fields: names, and the words beside them."""
        return [
            (name, words)
            for field in self.carried
            for name in sorted(names_of_field(field.name))
            for words in request.form.getlist(name)
        ]

    @property
    def says_something(self) -> bool:
        """Whether this request carried anything that somebody filled in."""
        unseen = {field.name for field in self if isinstance(field, HiddenField)}
        return any(words.strip() for name, words in self.typed if name not in unseen)

    def refuse(self, refusal: RuleBroken | str) -> None:
        """Show a refusal above the form.

        Raises:
            ChangedMeanwhile: that is the refusal, and it has a page of its own.
        """
        if isinstance(refusal, ChangedMeanwhile):
            raise refusal
        self.form_errors.append(str(refusal))


def forms_below(form: type[Form]) -> set[type[Form]]:
    """Return a kind of form and all that are made from it."""
    return {form, *(one for below in form.__subclasses__() for one in forms_below(below))}


class VersionedForm(Form):
    """A form that edits something: it carries the version of it that its page showed."""

    version = HiddenField()


def address_of(endpoint: str, args: Mapping[str, str] | None) -> str:
    """Return the address of *endpoint*, for what it has in common with a page with these *args*."""
    return url_for(endpoint, **args_of(endpoint, args))


def args_of(endpoint: str, args: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what of *args* belongs into the address of *endpoint*."""
    expects = current_app.url_map.is_endpoint_expecting
    return {name: words for name, words in (args or {}).items() if expects(endpoint, name)}


def names_of_field(name: str) -> set[str]:
    """Return the names under which a page may send a field: its own, and those of a day's boxes."""
    return {name, *(f"{name}-{part}" for part in PARTS)}


def shown(text: str | None) -> str | None:
    """Return typed text without space around it."""
    return text.strip() if text else text


def called(field: Field, otherwise: str = "The answer") -> str:
    """Return what a refusal calls *field*: its label, unless that is a question."""
    label = str(field.label.text)
    return otherwise if label.endswith("?") else label


def printable(_form: Form, field: Field) -> None:
    """Refuse characters that no screen can show, and those that turn the words after them round."""
    for character in field.data or "":
        unseen = unicodedata.category(character) in {"Cc", "Cs"} and character not in "\r\n\t"
        if unseen or unicodedata.bidirectional(character) in TURNING:
            raise ValidationError(f"{called(field)}: take out the characters that cannot be shown")


def one_line(_form: Form, field: Field) -> None:
    """Refuse a second line."""
    if len((field.data or "").splitlines()) > 1:
        raise ValidationError(f"{called(field)} must be one line")


def within(most: int) -> Check:
    """Return a validator that refuses more than *most* characters."""

    def check(_form: Form, field: Field) -> None:
        if len(field.data or "") > most:
            raise ValidationError(f"{called(field)} must be {most} characters or fewer")

    return check


def needed(words: str) -> Check:
    """Return a validator that refuses an empty field with *words*."""

    def check(_form: Form, field: Field) -> None:
        unseen = isinstance(field.data, str) and not any(map(str.isprintable, field.data))
        if unseen or field.data in (None, []):
            raise ValidationError(words)

    return check


class Line(StringField):
    """One line of text."""

    def __init__(
        self, label: str, *checks: Check, most: int = 80, hint: str = "", **more: object
    ) -> None:
        validators = [*checks, printable, one_line, within(most)]
        super().__init__(label, validators, filters=[shown], description=hint, **more)


class Lines(TextAreaField):
    """Several lines of text."""

    def __init__(
        self, label: str, *checks: Check, most: int = 500, hint: str = "", **more: object
    ) -> None:
        validators = [*checks, printable, within(most)]
        super().__init__(label, validators, filters=[shown], description=hint, **more)


class OneOf(RadioField):
    """One answer of several. An empty one is left to the checks, which say what is asked."""

    data: Any
    """The code of the answer, or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the answer; one that was left out is none, whatever stood there before."""
        self.data = None
        super().process_formdata(valuelist)

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002 - the library's own signature
        """Refuse an answer that is none of those offered."""
        offered = {choice.value for choice in self.iter_choices()}
        if self.data not in (None, "", "None") and self.data not in offered:
            raise ValidationError(NOT_OFFERED)
        if self.data == "None":
            self.data = None

    def post_validate(self, form: Form, validation_stopped: bool) -> None:  # noqa: ARG002, FBT001 - the library's own signature
        """Refuse a page that was not sent whole: one that shows an answer chosen sends one."""
        if not self.raw_data and not self.errors and self.object_data not in (None, ""):
            raise ValidationError(NOT_OFFERED)


class DateParts(Field):
    """A day in three boxes. What was typed is kept, and only the wrong boxes are marked."""

    data: Any
    """The day, or None until the boxes say one."""

    def __init__(self, label: str, *checks: Check, hint: str = "", **more: object) -> None:
        super().__init__(label, list(checks), description=hint, **more)
        self.day = self.month = self.year = ""
        self.wrong: set[str] = set()

    def process(
        self,
        formdata: Mapping[str, str] | None,
        data: object = None,
        extra_filters: object = None,  # noqa: ARG002 - the library's own form
    ) -> None:
        """Take the three boxes from *formdata*, or the day given when the form was made."""
        self.process_errors: list[str] = []
        self.data = data if isinstance(data, date) else None
        typed = (
            [str(part) for part in (self.data.day, self.data.month, self.data.year)]
            if self.data
            else ["", "", ""]
        )
        if formdata is not None and any(f"{self.name}-{part}" in formdata for part in PARTS):
            typed = [formdata.get(f"{self.name}-{part}", "").strip() for part in PARTS]
            self.data = None
        self.day, self.month, self.year = typed
        if formdata is not None and any(typed):
            self._read(typed)

    def _read(self, typed: list[str]) -> None:
        empty = [part for part, words in zip(PARTS, typed, strict=True) if not words]
        if empty:
            self.wrong = set(empty)
            raise_as = f"{called(self, 'The date')} must include a {' and a '.join(empty)}"
            self.process_errors.append(raise_as)
            return
        try:
            day, month, year = (
                int(words) if words.isascii() and words.isdigit() else -1 for words in typed
            )
            self.data = date(year, month, day)
        except (ValueError, OverflowError):
            self.wrong = set(PARTS)
            words = f"{called(self, 'The date')} must be a real date, like 27 3 2009"
            other_way = _swapped(typed)
            self.process_errors.append(words + (f". {SWAPPED}" if other_way else ""))
            return
        if not FIRST_YEAR <= self.data.year <= LAST_YEAR:
            self.data, self.wrong = None, {"year"}
            words = f"{called(self, 'The date')}: enter the year in full, like 2009"
            self.process_errors.append(words)


def _swapped(typed: list[str]) -> bool:
    """Return whether the boxes say a day once their first two are swapped."""
    try:
        date.fromisoformat("{2:0>4}-{0:0>2}-{1:0>2}".format(*typed))
    except ValueError:
        return False
    return True


class NhsNumber(StringField):
    """An NHS number as people type it; empty is for the view to judge."""

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002 - the library's own form
        """Turn what was typed into ten digits, or refuse it with the reason."""
        if self.data and self.data.strip():
            try:
                self.number: str | None = parse_nhs_number(self.data)
            except RuleBroken as refusal:
                raise ValidationError(str(refusal)) from refusal
        else:
            self.number = None


NOT_RECORDED: Final = {"": "Not recorded"}
"""The answer that takes one back: a button that was chosen cannot be let go otherwise."""


def choices(pairs: Mapping[str, str] | type[Worded] | Iterable[Worded]) -> list[SelectChoice]:
    """Return the choices of a field, from codes and what a screen says for them."""
    if isinstance(pairs, Mapping):
        return [SelectChoice(code, label) for code, label in pairs.items()]
    return [SelectChoice(one.value, one.label) for one in pairs]


def code_of(kind: type[Code], words: str | None) -> Code | None:
    """Return the code that *words* stand for, or None."""
    return kind(words) if words else None

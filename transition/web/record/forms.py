"""The forms of the case record, made of its declared table."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from wtforms import Field as FormField
from wtforms import SelectMultipleField, ValidationError

from transition.rules.record import Field, Kind, Section, Value, problem_of, problems_of
from transition.rules.record_sections import SECTIONS
from transition.web.forms import (
    NOT_OFFERED,
    NOT_RECORDED,
    DateParts,
    Form,
    Line,
    Lines,
    OneOf,
    VersionedForm,
    choices,
)
from transition.web.work import today


class RecordForm(Form):
    """A form with the questions of one section."""

    section: Section

    @classmethod
    def of(cls, args: Mapping[str, str]) -> type[Form]:
        """Return the form of the section that an address names."""
        section = SECTIONS.get(args.get("section", ""))
        return form_of(cls, section.key) if section is not None else cls

    @property
    def answers(self) -> dict[str, Value]:
        """What was answered, by the names of the questions."""
        return {one.name: value_in(one, self[one.name]) for one in self.section.fields}

    @property
    def drawn(self) -> list[FormField]:
        """The fields to draw, in order."""
        return [self[one.name] for one in self.section.fields]

    def check(self) -> bool:
        """Return whether the answers can be taken; the reasons stand beside the fields."""
        whole: bool = self.validate()
        for name, sentence in problems_of(self.section, self.answers, today()).items():
            if not self[name].errors:
                self[name].errors, whole = [sentence], False
        return whole


class SectionForm(RecordForm, VersionedForm):
    """What stands in a section."""

    sent_to = "record.edit"


class NewEntryForm(RecordForm):
    """A new entry of a list."""

    sent_to = "record.add"


class EntryForm(RecordForm, VersionedForm):
    """What stands in an entry of a list."""

    sent_to = "record.change"


class SeenForm(VersionedForm):
    """One button below what somebody has read: it says which version that was."""


FORMS: Final[dict[tuple[str, str], type[RecordForm]]] = {}
"""The forms that were made, by what they are made from and their section."""


def form_of(base: type[RecordForm], key: str) -> type[RecordForm]:
    """Return the form of the section *key*, as *base* sends it."""
    made = FORMS.get((base.__name__, key))
    if made is None:
        made = FORMS[base.__name__, key] = _form(base, SECTIONS[key])
    return made


def _form(base: type[RecordForm], section: Section) -> type[RecordForm]:
    fields: dict[str, Any] = {one.name: _field(one) for one in section.fields}
    return type(base.__name__, (base,), fields | {"section": section, "__doc__": base.__doc__})


def typed_from(section: Section, values: Mapping[str, Value]) -> dict[str, Any]:
    """Return what stands in a section as its form takes it."""
    numbers = {one.name for one in section.fields if one.kind is Kind.NUMBER}
    return {
        name: str(value) if name in numbers and value is not None else value
        for name, value in values.items()
    }


def value_in(one: Field, field: FormField) -> Value:
    """Return what was answered to a question."""
    if one.kind is Kind.NUMBER:
        words = (field.data or "").strip()
        # Whatever is no number is one that no question takes, so that its own sentence says so.
        return int(words) if words.isascii() and words.isdigit() else (-1 if words else None)
    return field.data or None


def _right(one: Field) -> Callable[[Form, FormField], None]:
    def check(_form: Form, field: FormField) -> None:
        sentence = problem_of(one, value_in(one, field), today())
        if sentence and not field.errors:
            raise ValidationError(sentence)

    return check


def _field(one: Field) -> Any:  # noqa: ANN401 - the library makes the field later
    if one.kind is Kind.DAY:
        return DateParts(one.label, _right(one), hint=one.hint)
    if one.kind is Kind.CHOICES:
        return SelectMultipleField(
            one.label,
            [_right(one)],
            choices=choices(one.choices),
            description=one.hint,
            invalid_choice_message=NOT_OFFERED,
        )
    if one.choices:
        offered = choices({**one.choices, **({} if one.needed else NOT_RECORDED)})
        return OneOf(one.label, [_right(one)], choices=offered, description=one.hint)
    drawn = Lines if one.kind is Kind.LINES else Line
    return drawn(one.label, _right(one), most=one.most, hint=one.hint)

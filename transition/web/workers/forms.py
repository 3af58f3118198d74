"""The forms with which young people are handed on to another named worker."""

from wtforms import SelectMultipleField

from transition.web.forms import NOT_OFFERED, Form, Lines, OneOf, VersionedForm, needed

NOTE_LABEL = "What must the next named worker know first?"
NOTE_HINT = "They read it on Today, and it stays with the case"


class ReassignForm(VersionedForm):
    """Who is to be the named worker of one young person."""

    sent_to = "workers.reassign"

    to = OneOf("Who is the named worker from now on?", [needed("Choose a colleague")])
    note = Lines(NOTE_LABEL, needed("Write what they must know first"), hint=NOTE_HINT, most=1500)


class MoveForm(Form):
    """Who is to be the named worker of everybody whom a colleague looks after."""

    sent_to = "workers.move"

    to = OneOf("Who is the named worker from now on?", [needed("Choose a colleague")])
    people = SelectMultipleField(
        "Whom do they take on?",
        [needed("Choose at least one young person")],
        description="Take a tick away, and hand that person on to somebody else afterwards",
        invalid_choice_message=NOT_OFFERED,
    )
    note = Lines(NOTE_LABEL, needed("Write what they must know first"), hint=NOTE_HINT, most=1500)

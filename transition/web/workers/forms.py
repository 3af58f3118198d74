"""The forms with which young people are handed on to another named worker."""

from wtforms import SelectMultipleField

from transition.web.forms import NOT_OFFERED, Lines, OneOf, VersionedForm, needed

NOTE_LABEL = "What must the next named worker know first?"
NOTE_HINT = "They read it on Today, and it stays with the case"
NOTE_MISSING = "Write what they must know first"


class ReassignForm(VersionedForm):
    """Who is to be the named worker of one young person."""

    sent_to = "workers.reassign"

    to = OneOf("Who is the named worker from now on?", [needed("Choose a colleague")])
    note = Lines(NOTE_LABEL, needed(NOTE_MISSING), hint=NOTE_HINT, most=1500)


class MoveForm(VersionedForm):
    """Who takes on everything that a colleague holds: one for all of it, or one for each thing."""

    sent_to = "workers.move"

    to = OneOf("Who takes this on?")
    owners = SelectMultipleField("Who takes on each thing", invalid_choice_message=NOT_OFFERED)
    """The key of each thing and its new owner, `case/NHJ-7K2M-4>…`; nothing after it stays."""
    note = Lines(NOTE_LABEL, hint=NOTE_HINT, most=1500)

    @property
    def chosen(self) -> dict[str, str]:
        """The new owner that was chosen for each thing, by its key; empty where it stays."""
        pairs = (words.rpartition(">") for words in self.owners.data or () if words)
        return {key: to for key, _, to in pairs}

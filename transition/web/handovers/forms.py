"""The forms with which a handover is proposed and answered."""

from datetime import date

from wtforms import BooleanField, HiddenField, SelectMultipleField

from transition.rules.handovers import Function, SharingBasis, Urgency
from transition.web.forms import NOT_OFFERED, DateParts, Form, Lines, OneOf, choices, needed

LATER = "later"
"""Stands for "we will name somebody" in the list of possible workers."""


class ProposeForm(Form):
    """What is asked of whom, from when, and on what basis."""

    receiver = OneOf("Which hospice do you ask?", [needed("Choose the hospice")])
    functions = SelectMultipleField(
        "What do you ask them to take on?",
        [needed("Choose what you ask them to take on")],
        choices=choices(Function),
        invalid_choice_message=NOT_OFFERED,
    )
    target_transfer_on = DateParts(
        "Target transfer date",
        needed("Enter the target transfer date"),
        hint="It can be moved later by either side",
    )
    urgency = OneOf(
        "How soon is an answer needed?",
        [needed("Choose how soon an answer is needed")],
        choices=choices(Urgency),
        default=Urgency.ROUTINE.value,
    )
    sharing_basis = OneOf(
        "On what basis may this be shared?",
        [needed("Say on what basis this may be shared")],
        choices=choices(SharingBasis),
    )
    sharing_limits = Lines(
        "Limits: what must not be told, and to whom",
        hint="The receiving hospice sees this; the family’s copy does not",  # noqa: RUF001 - as people write
    )
    why = Lines("Why this hospice?", hint="A sentence or two")

    def __init__(self, receivers: dict[str, str], **more: object) -> None:
        super().__init__(**more)
        self.receiver.choices = choices(receivers)

    def check(self, today: date) -> bool:
        """Return whether the answers are whole; the reasons stand beside the fields."""
        whole: bool = self.validate()
        if self.target_transfer_on.data and self.target_transfer_on.data < today:
            self.target_transfer_on.errors = ["The target transfer date must be today or later"]
            whole = False
        return whole & self._basis_is_right()

    def _basis_is_right(self) -> bool:
        if self.sharing_basis.errors or not self.sharing_basis.data:
            return False
        basis = SharingBasis(self.sharing_basis.data)
        if not basis.allows_sharing:
            self.sharing_basis.errors = [
                "Nothing can be sent before there is a basis for sharing it"
            ]
        elif basis is SharingBasis.AGREED_LIMITED and not self.sharing_limits.data:
            self.sharing_limits.errors = ["Write what must not be told, and to whom"]
        return not (self.sharing_basis.errors or self.sharing_limits.errors)


class ReplyForm(Form):
    """One answer for all functions, who will be there, and what was checked."""

    version = HiddenField()
    has_read = BooleanField("I have read this pack")
    eligible = BooleanField("I have checked this against our own criteria")
    adult_worker = OneOf(
        "Who will be the adult named worker?",
        [needed("Choose the adult named worker, or say by when you will name one")],
    )
    adult_worker_by = DateParts("By when will you name one?", hint="Only if you cannot say yet")
    first_contact_on = DateParts(
        "Date of the first contact", needed("Enter the date of the first contact")
    )

    def __init__(self, workers: dict[str, str], **more: object) -> None:
        super().__init__(**more)
        self.adult_worker.choices = choices(workers | {LATER: "We will name somebody"})

    def check(self, today: date) -> bool:
        """Return whether the answers are whole; the reasons stand beside the fields."""
        whole: bool = self.validate()
        if not self.has_read.data:
            self.has_read.errors = ["Say that you have read the pack"]
        if not self.eligible.data:
            self.eligible.errors = ["Check this against your own criteria first"]
        later = self.adult_worker.data == LATER
        if later and self.adult_worker_by.data is None and not self.adult_worker_by.errors:
            self.adult_worker_by.errors = ["Enter the day by which you will name somebody"]
        for field in (self.first_contact_on, self.adult_worker_by):
            if field.data and field.data < today:
                field.errors = ["The date must be today or later"]
        return whole and not self.errors

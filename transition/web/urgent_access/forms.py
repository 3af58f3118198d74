"""The forms with which a record is opened in an emergency, and with which that is reviewed."""

from transition.rules.errors import RuleBroken
from transition.rules.urgent_access import LEAST_WORDS, Purpose, UrgentOutcome, refuse_why
from transition.web.forms import (
    DateParts,
    Form,
    Lines,
    NhsNumber,
    OneOf,
    VersionedForm,
    choices,
    needed,
)


class UrgentForm(Form):
    """Who is meant, exactly, and why. It is never kept half written: it names whom nobody knows."""

    nhs_number = NhsNumber("NHS number", description="All 10 digits")
    born = DateParts("Date of birth", needed("Enter the date of birth"), hint="As 31 3 2008")
    purpose = OneOf(
        "What do you need it for?",
        [needed("Choose what you need it for")],
        choices=choices(Purpose),
    )
    why = Lines(
        "What has happened?",
        hint=f"At least {LEAST_WORDS} characters. Whoever reviews this reads it",
        most=1000,
    )

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse what was left out, and too few words."""
        right: bool = super().validate(extra_validators)
        if not self.nhs_number.errors and self.nhs_number.number is None:
            self.nhs_number.errors = ["Enter the NHS number"]
        try:
            refuse_why(self.why.data or "")
        except RuleBroken as refusal:
            self.why.errors = [*self.why.errors, str(refusal)]
        return right and not (self.nhs_number.errors or self.why.errors)


class ReviewForm(VersionedForm):
    """What a lead or an auditor found."""

    sent_to = "urgent_access.review"

    outcome = OneOf(
        "What did you find?", [needed("Choose what you found")], choices=choices(UrgentOutcome)
    )
    findings = Lines("Note", hint="If it helps. Only who reviews here reads it", most=1000)

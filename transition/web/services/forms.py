"""The forms of the services map: one service, or all answers at once."""

from typing import Any

from wtforms import Field

from transition.rules.services import OFFERED, Needed, ServiceKey
from transition.web.forms import DateParts, Line, Lines, OneOf, VersionedForm, choices, needed

NEEDED_QUESTION = "Is it needed?"


class ServiceForm(VersionedForm):
    """What is recorded of one service."""

    sent_to = "services.edit"

    needed = OneOf(NEEDED_QUESTION, [needed("Say whether it is needed")], choices=choices(Needed))
    childrens_provider = Line("Who gives it now", most=120)
    childrens_contact = Line("How to reach them", most=200)
    adult_counterpart = Line(
        "Who will give it in adult life", most=120, hint="Leave it empty until you know"
    )
    adult_contact = Line("How to reach the adult service", most=200)
    status = OneOf("How far has it come?", choices=choices(OFFERED))
    referred_on = DateParts("Referred on")
    expected_start = DateParts("Expected to start on")
    escalate_on = DateParts(
        "If payers disagree: take it further on", hint="The leads take it up on this day"
    )
    gap_note = Lines(
        "If there is none: what will they have instead?", hint="Or what is still missing"
    )


def _answered(form: VersionedForm, field: Field) -> None:
    """Refuse an answer that was left out: it is not a No."""
    needed(f"Say whether {ServiceKey(field.name).label} is needed")(form, field)


class _AllServices(VersionedForm):
    sent_to = ""


def _one_each() -> dict[str, Any]:
    """Return a question for each service that there is."""
    return {key.value: OneOf(key.label, [_answered], choices=choices(Needed)) for key in ServiceKey}


AllServicesForm = type(
    "AllServicesForm", (_AllServices,), {**_one_each(), "sent_to": "services.ask"}
)
"""Which services are needed, all on one page."""

"""The forms about the time after a transfer."""

from collections.abc import Iterable

from wtforms import SelectChoice
from wtforms.validators import Optional

from transition.rules.milestones import Confirmed
from transition.rules.settling import (
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
    Feedback,
)
from transition.web.forms import DateParts, Lines, OneOf, VersionedForm, choices, needed
from transition.web.told import ToldForm


class ContactForm(VersionedForm):
    """How and when contact was made, and what became of it."""

    sent_to = "settling.new_contact"

    kind = OneOf(
        "How was contact made?",
        [needed("Say how contact was made")],
        choices=choices(ContactKind),
    )
    happened_on = DateParts("When was it?", needed("Enter the date of the contact"))
    result = OneOf(
        "What became of it?",
        [needed("Say what became of the contact")],
        choices=choices(ContactResult),
    )
    note = Lines(
        "What happened", hint="If it was missed: what stood in the way, like transport", most=1000
    )


class FollowingForm(VersionedForm):
    """What both hospices did after a missed contact."""

    sent_to = "settling.follow_up"

    joint_call_on = DateParts("When did both hospices call together?")
    home_visit_offered_on = DateParts("When was a home visit offered?")
    gp_told_on = DateParts("When was the GP told?")
    plan = Lines(
        "The plan that both leads made",
        hint="How to help them use the service, or which other service",
        most=1000,
    )

    def __init__(self, *, plans: bool, **words: object) -> None:
        super().__init__(**words)
        if not plans:
            del self.plan


class CheckInForm(VersionedForm):
    """When a check-in was held, and how it is going."""

    sent_to = "settling.new_check_in"

    kind = OneOf("Which check-in is this?", [needed("Say which check-in this is")])
    happened_on = DateParts("When was it?", needed("Enter the date of the check-in"))
    outcome = OneOf(
        "How is it going?", [needed("Say how it is going")], choices=choices(CheckInOutcome)
    )
    their_words = Lines("What the young person says, in their words", most=1000)
    note = Lines("What was agreed", most=1000)
    confirmed = OneOf(
        "At the review: does the young person or family confirm it?",
        [Optional()],
        choices=choices(Confirmed),
    )
    feedback = OneOf(
        "At the review: were they asked what they think of the move?",
        [Optional()],
        choices=choices(Feedback),
    )
    feedback_words = Lines("What they think of the move, in their words", most=1000)

    def __init__(self, offered: Iterable[CheckInKind], **words: object) -> None:
        super().__init__(**words)
        self.kind.choices = choices(offered)


class TalkForm(VersionedForm):
    """What the leads of both hospices agreed."""

    sent_to = "settling.talk"

    happened_on = DateParts("When did you talk?", needed("Enter the date of the conversation"))
    words = Lines("What did you agree?", needed("Say what you agreed"), most=1000)


class ConfirmedForm(ToldForm):
    """That a provider outside agrees that a transition is completed: it stands for their word."""

    sent_to = "settling.confirmed"


class ReturnForm(VersionedForm):
    """Why somebody comes back, and whether it cannot wait for the other hospice."""

    sent_to = "settling.come_back"

    reason = Lines("Why do they come back?", needed("Say why they come back"), most=1000)
    how = OneOf(
        "Who decides this?",
        [needed("Say who decides this")],
        choices=[
            SelectChoice("both", "Both leads: it takes effect when the other agrees"),
            SelectChoice("urgent", "I alone, because it cannot wait: it takes effect at once"),
        ],
    )

    def __init__(self, *, alone: bool, **words: object) -> None:
        super().__init__(**words)
        if not alone:
            del self.how

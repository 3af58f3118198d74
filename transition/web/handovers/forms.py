"""The forms with which a handover is proposed, asked about, answered and taken back."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, ClassVar, Final

from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import Optional

from transition.rules.declines import DeclineReason, refuse_incomplete_decline
from transition.rules.errors import RuleBroken
from transition.rules.handovers import (
    AfterNo,
    Answer,
    Function,
    SharingBasis,
    Urgency,
    refuse_uncalled,
)
from transition.rules.packs import PackSection, PrintReason
from transition.rules.people import Side
from transition.rules.questions import QuestionCategory
from transition.rules.settling import CheckInOutcome
from transition.web.forms import (
    NOT_OFFERED,
    DateParts,
    Form,
    Line,
    Lines,
    OneOf,
    VersionedForm,
    choices,
    needed,
)
from transition.web.told import ToldForm

PAST_WHEN_TOLD: Final = "The date must be the day on which they told you, or later"
LATER: Final = "later"
"""Stands for "we will name somebody" in the list of possible workers."""

WHO_SUPPORTS: Final = "Choose who at the hospice supports"
UNNAMED: Final = "Choose the adult named worker, or say by when"
DAYS_OF_A_LEAD: Final = ("adult_worker_by", "first_contact_on")
"""What is answered by who is asked to lead, and not by who supports."""

MUST_BEFORE_SUPPORT: Final = {
    "must": "It must be met before support begins",
    "should": "It should be met",
}
MUST: Final = {"must": "It must be met before the transfer", "should": "It should be met"}
REASONS: Final = {"": "Choose a reason"} | {
    reason.value: f"{reason.label}. {reason.must_give}" for reason in DeclineReason
}


SECTIONS_OF_A_PACK: Final = {one.value: f"{one.number}. {one.label}" for one in PackSection}


class CheckedForm(VersionedForm):
    """A form of what leaves the organisation: its sender sees first what will go, and to whom."""

    checked = HiddenField()
    past: ClassVar = "The date must be today or later"

    @property
    def to_check(self) -> bool:
        """Whether its sender has not seen yet what will be sent."""
        return bool(self.checked.data != "yes")

    @property
    def to_change(self) -> bool:
        """Whether its sender has seen it and wants to change something."""
        return bool(self.checked.data == "no")

    def refuse_past(self, said_on: date, *names: str) -> bool:
        """Return whether these days lay ahead when this was said; why not stands beside them."""
        right = True
        for field in (self[name] for name in names):
            if field.data and field.data < said_on:
                field.errors = [self.past]
                right = False
        return right


class ProposeForm(CheckedForm):
    """What is asked of whom, from when, and on what basis."""

    sent_to = "handovers.propose"
    leads = True
    past = "The target transfer date must be today or later"

    receiver = OneOf("Which hospice do you ask?", [needed("Choose the hospice")])
    provider = Line("Which provider?", hint="Only if you ask another provider: they do not sign in")
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
    call = Lines("Whom did you ring, and when?", hint="An expedited handover needs a call first")

    def __init__(
        self, receivers: Mapping[str, str], outside: Collection[str], **more: object
    ) -> None:
        super().__init__(**more)
        self.receiver.choices = choices(receivers)
        self.outside = outside

    def check(self, today: date) -> bool:
        """Return whether the answers are whole; the reasons stand beside the fields."""
        whole: bool = self.validate()
        if self.target_transfer_on.data and self.target_transfer_on.data < today:
            self.target_transfer_on.errors = [self.past]
            whole = False
        if self.receiver.data in self.outside and not self.provider.data:
            self.provider.errors = ["Write which provider you ask"]
            whole = False
        return whole & self._basis_is_right() & self._was_called()

    def _was_called(self) -> bool:
        if self.urgency.errors:
            return False
        try:
            refuse_uncalled(Urgency(self.urgency.data), self.call.data)
        except RuleBroken as refusal:
            self.call.errors = [str(refusal)]
            return False
        return True

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


class SupportForm(ProposeForm):
    """What somebody is asked to support beside whoever leads, from when, and on what basis."""

    sent_to = "handovers.support"
    leads = False
    past = "The day must be today or later"

    receiver = OneOf("Which hospice do you ask to support?", [needed("Choose the hospice")])
    functions = SelectMultipleField(
        "What do you ask them to support?",
        [needed("Choose what you ask them to support")],
        choices=choices(Function),
        invalid_choice_message=NOT_OFFERED,
    )
    target_transfer_on = DateParts(
        "From which day?",
        needed("Enter from which day"),
        hint="Who leads stays as it is. Support ends when it is withdrawn",
    )


class ReceivedForm(CheckedForm):
    """That a handover has arrived, and perhaps by when it will be answered."""

    answer_by = DateParts("We will answer by", hint="If you can say. It moves no deadline")


class QuestionForm(CheckedForm):
    """One question about a handover."""

    sent_to = "handovers.ask"

    category = OneOf(
        "What is it about?",
        [needed("Choose what your question is about")],
        choices=choices(QuestionCategory),
    )
    section = SelectField(
        "Which section of the pack?",
        [Optional()],
        choices=choices({"": "The whole pack"} | SECTIONS_OF_A_PACK),
        invalid_choice_message=NOT_OFFERED,
    )
    question = Lines("Your question", needed("Write your question"), most=2000)
    needed_by = DateParts("When do you need the answer?", hint="If it matters for your decision")


class ToldReceivedForm(ToldForm):
    """That a provider outside has the pack."""

    sent_to = "handovers.told_received"


class SaidForm(ToldForm):
    """What a hospice that signs in said otherwise."""

    sent_to = "handovers.said"

    words = Lines("What did they say?", needed("Write what they said"))


class ToldQuestionForm(QuestionForm, ToldForm):
    """One question that a provider outside asks."""

    sent_to = "handovers.told_question"
    past = PAST_WHEN_TOLD


class AnswerForm(CheckedForm):
    """The answer to one question."""

    sent_to = "handovers.answer"

    see_pack = BooleanField()
    answer = Lines("Your answer", most=4000)

    def __init__(self, pack_version: int, **more: object) -> None:
        super().__init__(**more)
        self.see_pack.label.text = f"See version {pack_version} of the pack"

    def check(self) -> bool:
        """Return whether there is an answer; if not, the reason stands beside it."""
        whole: bool = self.validate()
        if whole and not (self.answer.data or self.see_pack.data):
            self.answer.errors = ["Write your answer, or say that the pack holds it"]
            return False
        return whole


class ReplyForm(CheckedForm):
    """A Yes to all that is asked: who will be there, and when."""

    sent_to = "handovers.reply"
    stands_on = "handovers.show"

    has_read = BooleanField("I have read this pack and checked it against our own criteria")
    adult_worker = SelectField(
        "Who will be the adult named worker?",
        [needed("Choose the adult named worker, or say by when you will name one")],
        invalid_choice_message=NOT_OFFERED,
    )
    adult_worker_by = DateParts("By when will you name one?", hint="Only if you cannot say yet")
    first_contact_on = DateParts("Date of the first contact")

    def __init__(self, workers: Mapping[str, str], *, leads: bool = True, **more: object) -> None:
        super().__init__(**more)
        self.leads = leads
        later = {LATER: "We will name somebody"} if leads else {}
        self.adult_worker.choices = choices({"": "Choose somebody", **workers, **later})
        if not leads:
            self.adult_worker.label.text = WHO_SUPPORTS
            del self.adult_worker_by, self.first_contact_on

    def check(self, today: date) -> bool:
        """Return whether the answers are whole; the reasons stand beside the fields."""
        whole = self.read_and_right(today)
        return whole & self._who_and_when_are_right()

    def read_and_right(self, today: date) -> bool:
        """Return whether what every reply needs is there."""
        whole: bool = self.validate()
        if not self.has_read.data:
            self.has_read.errors = ["Say that you have read the pack and checked it"]
        past = not self.refuse_past(today, *DAYS_OF_A_LEAD) if self.leads else False
        return whole and bool(self.has_read.data) and not past

    def _who_and_when_are_right(self) -> bool:
        if not self.leads:
            return True
        later = self.adult_worker.data == LATER
        if later and self.adult_worker_by.data is None and not self.adult_worker_by.errors:
            self.adult_worker_by.errors = ["Enter the day by which you will name somebody"]
        if self.first_contact_on.data is None and not self.first_contact_on.errors:
            self.first_contact_on.errors = ["Enter the date of the first contact"]
        return not (self.adult_worker_by.errors or self.first_contact_on.errors)


class ReplyEachForm(ReplyForm):
    """An answer of its own for each function that is asked for."""

    sent_to = "handovers.reply_each"
    stands_on = ""

    adult_worker = SelectField(
        "Who will be the adult named worker?", [Optional()], invalid_choice_message=NOT_OFFERED
    )

    def __init__(
        self,
        asked: Collection[Function],
        workers: Mapping[str, str],
        *,
        leads: bool = True,
        **more: object,
    ) -> None:
        super().__init__(workers, leads=leads, **more)
        self.asked = tuple(asked)
        self.has_asked = False
        for function in set(Function) - set(asked):
            for part in PARTS_OF_ANSWER:
                del self[part_of(function, part)]
        for function in () if leads else self.asked:
            self[part_of(function, "must")].choices = choices(MUST_BEFORE_SUPPORT)

    def check(self, today: date) -> bool:
        """Return whether the answers are whole; the reasons stand beside the fields."""
        whole = self.read_and_right(today)
        for function in self.asked:
            whole &= self._answer_is_right(function, today)
        if self.answers != {Answer.DECLINE}:
            if not self.says_who:
                self.adult_worker.errors = [UNNAMED if self.leads else WHO_SUPPORTS]
                whole = False
            whole &= self._who_and_when_are_right()
        return whole

    @property
    def says_who(self) -> bool:
        """Whether it says who the adult named worker will be, or that it will."""
        return bool(self.adult_worker.data)

    @property
    def answers(self) -> set[Answer]:
        """The answers that were chosen."""
        chosen = (self[part_of(function, "answer")].data for function in self.asked)
        return {Answer(one) for one in chosen if one in set(Answer)}

    def _answer_is_right(self, function: Function, today: date) -> bool:
        chosen = self[part_of(function, "answer")].data
        if chosen == Answer.DECLINE.value:
            return self._no_is_right(function)
        if chosen == Answer.ACCEPT_WITH_CONDITIONS.value:
            return self._condition_is_right(function, today)
        return bool(chosen)

    def _no_is_right(self, function: Function) -> bool:
        reason, given = (self[part_of(function, part)] for part in ("reason", "given"))
        if not reason.data:
            reason.errors = [f"{function.label}: choose why you cannot take this"]
            return False
        try:
            refuse_incomplete_decline(
                DeclineReason[reason.data], given.data or "", has_asked=self.has_asked
            )
        except RuleBroken as refusal:
            given.errors = [f"{function.label}: {refusal}"]
            return False
        return True

    def _condition_is_right(self, function: Function, today: date) -> bool:
        missing = {
            "condition": "write the condition",
            "owner": "choose who sees to it",
            "needed_by": "enter by when it is needed",
            "must": "say whether it must be met before the transfer",
        }
        right = self.refuse_past(today, part_of(function, "needed_by"))
        for part, words in missing.items():
            field = self[part_of(function, part)]
            if not field.data and not field.errors:
                field.errors = [f"{function.label}: {words}"]
                right = False
        return right


PARTS_OF_ANSWER: Final = ("answer", "reason", "given", "condition", "owner", "needed_by", "must")


def part_of(function: Function, part: str) -> str:
    """Return the name of a field about one function."""
    return f"{function.value}_{part}"


for _function in Function:
    _fields = (
        OneOf(
            _function.label,
            [needed(f"{_function.label}: choose an answer")],
            choices=choices(Answer),
        ),
        SelectField(
            "Why can you not take it?",
            [Optional()],
            choices=choices(REASONS),
            invalid_choice_message=NOT_OFFERED,
        ),
        Lines("What goes with that reason", hint="The reason above asks for it"),
        Lines("The condition", hint="What must be so before this can move"),
        OneOf("Who sees to it?", [Optional()], choices=choices(Side)),
        DateParts("By when is it needed?"),
        OneOf("How firm is it?", [Optional()], choices=choices(MUST)),
    )
    for _part, _field in zip(PARTS_OF_ANSWER, _fields, strict=True):
        setattr(ReplyEachForm, part_of(_function, _part), _field)


class ToldReplyForm(ReplyEachForm, ToldForm):
    """What a provider outside answers to each function that is asked for."""

    sent_to = "handovers.told_reply"
    past = PAST_WHEN_TOLD

    has_read = BooleanField("They have read the pack and checked it against their own criteria")
    adult_worker = Line("Who will be the adult named worker there?", hint="Their name, if you know")

    def __init__(self, asked: Collection[Function], **more: Any) -> None:  # noqa: ANN401 - of a form
        super().__init__(asked, {}, **more)

    @property
    def says_who(self) -> bool:
        """Whether it says who the adult named worker will be, or by when they will."""
        return bool(self.adult_worker.data or (self.leads and self.adult_worker_by.data))


class WorkerForm(VersionedForm):
    """Who will be the adult named worker."""

    sent_to = "handovers.name_worker"

    adult_worker = SelectField(
        "Who will be the adult named worker?",
        [needed("Choose the adult named worker")],
        invalid_choice_message=NOT_OFFERED,
    )

    def __init__(self, workers: Mapping[str, str], **more: object) -> None:
        super().__init__(**more)
        self.adult_worker.choices = choices({"": "Choose somebody", **workers})


class ToldWorkerForm(ToldForm):
    """Who a provider outside says its named worker is."""

    sent_to = "handovers.told_worker"

    adult_worker = Line(
        "Who is the adult named worker there?", needed("Write who their named worker is")
    )


class WithdrawForm(CheckedForm):
    """Why a handover is taken back, for one's own record."""

    sent_to = "handovers.withdraw"

    why = Lines("Why do you withdraw it?", hint="For your own record. It is not sent")


class AfterNoForm(VersionedForm):
    """What follows after a hospice could not take it."""

    after_no = OneOf(
        "What will you do?", [needed("Choose what you will do")], choices=choices(AfterNo)
    )


class FamilyToldForm(VersionedForm):
    """Who told the young person and family of a No."""

    sent_to = "handovers.family_told"

    happened_on = DateParts("When were they told?", needed("Enter when they were told"))
    told_by = Line("Who told them?", needed("Write who told them"))


class LeadsTalkedForm(VersionedForm):
    """What both leads agreed about a No."""

    sent_to = "handovers.leads_talked"

    happened_on = DateParts("When did you talk?", needed("Enter the date of the conversation"))
    words = Lines("What did you agree?", needed("Say what you agreed"), most=1000)


class SupportCheckForm(VersionedForm):
    """When it was asked how the support goes, and what was said."""

    sent_to = "handovers.check_support"

    happened_on = DateParts("When was it?", needed("Enter the date on which you asked"))
    outcome = OneOf(
        "How does the support go?",
        [needed("Say how the support goes")],
        choices=choices(CheckInOutcome),
    )
    their_words = Lines("What the young person says, in their words", most=1000)
    note = Lines("What was agreed", most=1000)


class SupportTalkForm(LeadsTalkedForm):
    """What both leads agreed about support that does not go well."""

    sent_to = "handovers.talk_of_support"


class SendPackForm(VersionedForm):
    """That the pack is sent anew, as its page showed it."""


class ReadForm(Form):
    """That a section was read, in the version that the page showed, or not after all."""

    read = HiddenField()
    pack_version = IntegerField(validators=[Optional()])


class PrintForm(Form):
    """Why a pack is put on paper, and how."""

    reason = OneOf(
        "Why do you print it?", [needed("Say why you print it")], choices=choices(PrintReason)
    )
    way = OneOf("How?", [Optional()], choices=choices({"page": "Page", "pdf": "PDF"}))

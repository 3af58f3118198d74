"""What is asked when a case ends otherwise than with a death, and what follows from the answers.

One table of questions makes the form, the page and what is kept.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from transition.rules.calendar import add_months, birthday
from transition.rules.endings import ENDINGS
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.people import CHILDRENS_ROLES, Actor, named
from transition.rules.references import is_reference
from transition.rules.stages import CHILDRENS_LEAD, Ending
from transition.rules.words import Worded

Answers = Mapping[str, Any]
"""What was answered, by the name of the question: words, a day, or None."""


class Decider(Worded):
    """Why a young person's transition ends by a decision of theirs or for them."""

    YOUNG_PERSON = "young_person", "The young person, who has capacity"
    BEST_INTERESTS = "best_interests", "A best-interests decision not to transfer"
    FAMILY = "family", "The family, because they are under 16"


class NoLongerReason(Worded):
    """Why hospice care is no longer needed."""

    IMPROVED = "improved", "Their condition has improved"
    CRITERIA = "criteria", "They no longer meet the criteria"


class ProviderReason(Worded):
    """Who cares for them instead."""

    OTHER_SERVICE = "other_service", "Another service cares for them"
    STAYING = "staying", "They stay where they are for the long term"


class ErrorReason(Worded):
    """Why a case ought not to have been opened."""

    DUPLICATE = "duplicate", "There is another case for the same person"
    TEST = "test", "It was opened to try something out"
    WRONG_PERSON = "wrong_person", "It was opened for the wrong person"


class Found(Worded):
    """Whether there is a service where they have moved to."""

    YES = "found", "Yes"
    NOT_YET = "not_found_yet", "Not found yet"


class ThreeWay(Worded):
    """An answer that is never guessed."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_RECORDED = "not_recorded", "Not known yet"


class Appeal(Worded):
    """Whether the family appeals against a decision."""

    NONE = "none", "No appeal"
    OPEN = "open", "An appeal is open"
    UPHELD = "upheld", "The appeal was upheld"
    REJECTED = "rejected", "The appeal was rejected"


class AnswerKind(StrEnum):
    """How a question is answered."""

    LINE = "line"
    LINES = "lines"
    DAY = "day"
    ONE_OF = "one_of"


@dataclass(frozen=True, slots=True)
class ClosingQuestion:
    """One thing that is asked about an ending; `needed` is what is said where it is left out."""

    name: str
    label: str
    kind: AnswerKind = AnswerKind.LINES
    needed: str = ""
    options: type[Worded] | None = None
    hint: str = ""
    ahead: bool = False
    """Whether its day lies ahead; the others have come."""


_Q, _K = ClosingQuestion, AnswerKind
_NOTE: Final = _Q("note", "Note", hint="If it helps")

QUESTIONS: Final[Mapping[Ending, tuple[ClosingQuestion, ...]]] = {
    Ending.DECLINED_BY_PERSON: (
        _Q("reason", "Who decided?", _K.ONE_OF, "Say who decided", Decider),
        _Q("decided_on", "When was it decided?", _K.DAY, "Enter the day of the decision"),
        _Q(
            "capacity_basis",
            "On what basis could they decide, or could they not?",
            needed="Write on what basis this was decided",
            hint="Who looked at their capacity for this decision, and when",
        ),
        _Q(
            "information_given",
            "What were they told, and how?",
            needed="Write what they were told",
        ),
        _Q(
            "who_remains_responsible",
            "Who remains responsible?",
            needed="Write who remains responsible for each function of care",
            hint="One line for each function of care. Nobody is left without one",
        ),
        _Q(
            "offer_again_on",
            "Offer it again on",
            _K.DAY,
            "Enter the day on which to offer it again",
            hint="Usually 6 months from now, then once a year. It is asked once, not chased",
            ahead=True,
        ),
        _NOTE,
    ),
    Ending.MOVED_AWAY: (
        _Q("new_area", "Where have they moved to?", _K.LINE, "Write where they have moved to"),
        _Q(
            "service_found",
            "Is there a service for them there?",
            _K.ONE_OF,
            "Say whether there is a service for them there",
            Found,
        ),
        _Q("receiving_service", "Which service?", _K.LINE, hint="If it has been found"),
        _Q(
            "gp_changed",
            "Has the GP changed?",
            _K.ONE_OF,
            "Say whether the GP has changed",
            ThreeWay,
        ),
        _Q("pack_sent_on", "When was the pack sent?", _K.DAY, hint="Leave empty if not yet"),
        _Q(
            "receipt_confirmed_on",
            "When did they say that it arrived?",
            _K.DAY,
            hint="Leave empty if they have not",
        ),
        _NOTE,
    ),
    Ending.NO_LONGER_NEEDED: (
        _Q("reason", "Why is it no longer needed?", _K.ONE_OF, "Say why", NoLongerReason),
        _Q("decided_on", "When was the decision meeting?", _K.DAY, "Enter the day of the meeting"),
        _Q(
            "family_called_on",
            "When was the family called?",
            _K.DAY,
            "Enter the day on which the family was called",
        ),
        _Q("appeal", "Is there an appeal?", _K.ONE_OF, "Say whether there is an appeal", Appeal),
        _Q(
            "signposting",
            "Where have they been pointed to?",
            needed="Write where they have been pointed to",
        ),
        _NOTE,
    ),
    Ending.OTHER_PROVIDER: (
        _Q("reason", "Who cares for them?", _K.ONE_OF, "Say who cares for them", ProviderReason),
        _Q("provider", "Name of the service", _K.LINE, "Write the name of the service"),
        _Q(
            "provider_contact",
            "Who can be reached there, and how?",
            _K.LINE,
            "Write who can be reached there",
        ),
        _Q(
            "provider_responsibilities",
            "What are they responsible for?",
            needed="Write what they are responsible for",
        ),
        _NOTE,
    ),
    Ending.ENTERED_IN_ERROR: (
        _Q("reason", "What was wrong?", _K.ONE_OF, "Say what was wrong", ErrorReason),
        _Q(
            "instead_reference",
            "Reference of the right case",
            _K.LINE,
            hint="For a case that was opened twice",
        ),
        _NOTE,
    ),
}
"""What is asked about each ending but a death. Source: domain 3.2."""

SAFE_ARRIVAL: Final = timedelta(days=14)
"""After which somebody asks whether a young person who moved away has arrived safely."""
OFFER_AGAIN: Final = 6
"""Months until a transition is offered again, the first time."""
NOTICE: Final = 6
"""Months of access after a decision that care is no longer needed."""
YEARLY: Final = 12
"""Months until the next look at an ending that is looked at every year."""
RECONSIDERED: Final = 6
"""Months in which an ended case is opened again as it was; later it is a new attempt."""

LONGEST_LINE, LONGEST_LINES = 120, 1500
"""Characters of an answer."""

ADULT_CHOICE: Final = 16
"""Years of age from which a family does not decide for a young person."""


def questions_of(ending: Ending, *, again: bool = False) -> tuple[ClosingQuestion, ...]:
    """Return what is asked about an ending; *again* is for changing what was answered.

    The day on which something is offered again is moved by offering it, not by writing another.
    """
    return tuple(one for one in QUESTIONS[ending] if not (again and one.ahead))


def refuse_answers(
    ending: Ending, answers: Answers, *, born: date, today: date, again: bool = False
) -> None:
    """Do nothing if the answers about an ending are whole and can be so.

    Raises:
        RuleBroken: something needed is left out, or a day cannot be right.
    """
    for question in questions_of(ending, again=again):
        _refuse_answer(question, answers.get(question.name), today)
    check = CHECKS.get(ending)
    if check is not None:
        check(answers, born, today)


THE_MOVE: Final = "move"
"""The decision that a young person takes, or others for them, when a transition is declined."""

CAPACITY_FOR: Final[Mapping[Decider, frozenset[str]]] = {
    Decider.YOUNG_PERSON: frozenset({"has", "fluctuates"}),
    Decider.BEST_INTERESTS: frozenset({"lacks", "fluctuates"}),
}
"""What must have been found about capacity, by who decided."""


def refuse_without_capacity_record(reason: str, found: Iterable[str]) -> None:
    """Do nothing if what was found about capacity for the move bears out who decided about it.

    Source: Mental Capacity Act 2005, sections 1 to 4: capacity is asked of each decision.

    Raises:
        RuleBroken: there is no such finding.
    """
    needed = CAPACITY_FOR.get(Decider(reason))
    if needed is not None and needed.isdisjoint(found):
        words = "has" if "has" in needed else "lacks"
        raise RuleBroken(
            f"First record under Capacity that the young person {words} capacity for the decision "
            "about the move, and who found so."
        )


def _refuse_answer(question: ClosingQuestion, answer: Any, today: date) -> None:  # noqa: ANN401 - words or a day
    if answer is None:
        if question.needed:
            raise RuleBroken(f"{question.needed}.")
    elif question.kind is AnswerKind.DAY and (answer > today) is not question.ahead:
        when = "after today" if question.ahead else "today or in the past"
        raise RuleBroken(f"{question.label} The day must be {when}.")


def _check_declined(answers: Answers, born: date, today: date) -> None:
    of_age = birthday(born, ADULT_CHOICE) <= answers["decided_on"]
    if answers["reason"] == Decider.FAMILY and of_age:
        raise RuleBroken("From 16 the family does not decide. Say who did.")
    if answers["offer_again_on"] > add_months(today, YEARLY):
        raise RuleBroken("Offer it again within a year.")
    lines = (answers["who_remains_responsible"] or "").splitlines()
    said = {
        label.strip() for label, _, words in (one.partition(":") for one in lines) if words.strip()
    }
    missing = [one.label for one in Function if one.label not in said]
    if missing:
        raise RuleBroken(f"Say who remains responsible for: {', '.join(missing)}.")


def _check_moved_away(answers: Answers, born: date, today: date) -> None:  # noqa: ARG001 - as the others
    if answers["service_found"] == Found.YES and not answers.get("receiving_service"):
        raise RuleBroken("Write which service it is, or say that none is found yet.")
    sent, arrived = answers.get("pack_sent_on"), answers.get("receipt_confirmed_on")
    if arrived and (not sent or arrived < sent):
        raise RuleBroken("It cannot have arrived before it was sent.")


def _check_error(answers: Answers, born: date, today: date) -> None:  # noqa: ARG001 - as the others
    words = answers.get("instead_reference")
    if words is not None and not is_reference(words):
        raise RuleBroken("That is no case reference. One looks like NHJ-7K2M-4.")
    if answers["reason"] == ErrorReason.DUPLICATE and words is None:
        raise RuleBroken("Give the reference of the case that stays.")


CHECKS: Final[Mapping[Ending, Callable[[Answers, date, date], None]]] = {
    Ending.DECLINED_BY_PERSON: _check_declined,
    Ending.MOVED_AWAY: _check_moved_away,
    Ending.ENTERED_IN_ERROR: _check_error,
}
"""What must agree among the answers."""


def responsible_words(leads: Mapping[Function, str]) -> str:
    """Return the lines with which the question of who remains responsible begins."""
    return "\n".join(f"{one.label}: {leads.get(one, '')}" for one in Function)


def look_again_on(ending: Ending, answers: Answers, today: date) -> date | None:
    """Return when somebody looks at an ending again, first; None where nobody does."""
    if ending is Ending.DECLINED_BY_PERSON:
        offered: date = answers["offer_again_on"]
        return offered
    if ending is Ending.MOVED_AWAY:
        return today + SAFE_ARRIVAL
    if ending is Ending.NO_LONGER_NEEDED:
        return notice_ends_on(answers["decided_on"])
    return add_months(today, YEARLY) if ending is Ending.OTHER_PROVIDER else None


def notice_ends_on(decided_on: date) -> date:
    """Return the last day of access after a decision that care is no longer needed."""
    return add_months(decided_on, NOTICE)


LOOKED_AT_YEARLY: Final = frozenset({Ending.DECLINED_BY_PERSON, Ending.OTHER_PROVIDER})
"""Endings that are looked at once a year, for as long as they stand."""
FINISHED: Final = frozenset({Ending.MOVED_AWAY, Ending.NO_LONGER_NEEDED})
"""Endings that are finished only when something more has come about."""

TASKS: Final[Mapping[Ending, str]] = {
    Ending.DECLINED_BY_PERSON: "Offer the transition again, once",
    Ending.MOVED_AWAY: "Check that they arrived safely",
    Ending.NO_LONGER_NEEDED: "The notice ends: finish it, or look at the appeal",
    Ending.OTHER_PROVIDER: "Check once a year that the other service still cares for them",
}
"""What is to be done when an ending is looked at again."""


def refuse_finishing(
    ending: Ending, answers: Answers, *, today: date, by: Actor, why: str = ""
) -> None:
    """Do nothing if an ending can be finished now.

    Raises:
        RuleBroken: it is not known that they arrived, and it is no lead who says why; or an appeal
            is open or upheld, or the notice still runs; or there is nothing to finish.
    """
    if ending is Ending.MOVED_AWAY:
        if not answers.get("receipt_confirmed_on") and not (why and by.roles & CHILDRENS_LEAD):
            raise RuleBroken(
                "This cannot finish before the other service has confirmed that the pack arrived. "
                f"{named(CHILDRENS_LEAD).capitalize()} may finish it and say why."
            )
    elif ending is Ending.NO_LONGER_NEEDED:
        _refuse_notice(answers, today)
    else:
        raise RuleBroken("There is nothing to finish.")


def _refuse_notice(answers: Answers, today: date) -> None:
    appeal, ends_on = answers.get("appeal"), notice_ends_on(answers["decided_on"])
    if appeal == Appeal.OPEN:
        raise RuleBroken("An appeal is open, so this cannot finish. Access continues until then.")
    if appeal == Appeal.UPHELD:
        raise RuleBroken("The appeal was upheld. Ask a children's lead to open this case again.")
    if today < ends_on:
        raise RuleBroken(f"Access continues until {ends_on.day} {ends_on:%B %Y}.")


def is_pending(ending: Ending, *, confirmed: bool) -> bool:
    """Return whether an ending waits for the word of a second person."""
    return bool(ENDINGS[ending].confirmed_by) and not confirmed


def may_confirm(ending: Ending, recorded_by: bytes, actor: Actor) -> bool:
    """Return whether an actor can be the second person for an ending."""
    return actor.uid != recorded_by and bool(actor.roles & ENDINGS[ending].confirmed_by)


def refuse_undoing(recorder: bytes, recorded_on: date, *, by: Actor, today: date) -> None:
    """Do nothing if an actor may take back an ending that was recorded on a day.

    Raises:
        RuleBroken: it was not today, or it is neither theirs nor a lead's.
    """
    if today != recorded_on:
        raise RuleBroken("This was not recorded today. A children's lead can open the case again.")
    if by.uid != recorder and not by.roles & CHILDRENS_LEAD:
        raise RuleBroken("Only who recorded this, or a children's lead, can undo it.")


def refuse_taking_back(recorder: bytes, *, by: Actor) -> None:
    """Do nothing if an actor may take back what waits for a second person.

    Raises:
        RuleBroken: it is neither theirs nor for one of the children's side who looks at it.
    """
    if by.uid != recorder and not by.roles & CHILDRENS_ROLES:
        raise RuleBroken("Only the children's hospice can take this back.")


def is_new_attempt(over_since: date, today: date) -> bool:
    """Return whether opening a case again is a new attempt: more than six months have passed."""
    return today > add_months(over_since, RECONSIDERED)

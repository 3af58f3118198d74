"""What changed, as people say it: what a field is called, and what stood and stands there."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from transition.rules.beside import DocumentKind, NoteKind, Sharing, VisitPlace, VisitState
from transition.rules.calendar import day_in_words
from transition.rules.closings import QUESTIONS, ThreeWay
from transition.rules.deaths import FollowUp, Place
from transition.rules.handovers import AfterNo, HandoverState, SharingBasis
from transition.rules.milestones import Status
from transition.rules.nhs_numbers import MissingReason, show_nhs_number
from transition.rules.pathway import Owner, Stage
from transition.rules.record import Field, Kind, words_of
from transition.rules.record_sections import LABELS, SECTIONS
from transition.rules.services import Needed, ServiceStatus
from transition.rules.settling import (
    Agreed,
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
)
from transition.rules.stages import Ending
from transition.rules.unmet_needs import ClosedHow
from transition.rules.words import Worded

AS_KEPT: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""How a day is kept."""

NOTHING: Final = "nothing"
"""What stands in a field that is empty."""

SAID_BY_THE_TITLE: Final = frozenset({"present", "paused", "expedited"})
"""Fields that say only what the title of their entry says."""

FIELDS: Final[Mapping[str, str]] = {
    **{one.name: one.label for asked in QUESTIONS.values() for one in asked},
    "reason": "Reason",
    "target_transfer_on": "Target date",
    "window_to": "Last day of the window",
    "review_on": "Look again on",
    "look_again_on": "Look again on",
    "until_on": "Put off until",
    "visit_on": "Date of the visit",
    "joint_call_on": "Both hospices called together",
    "home_visit_offered_on": "A home visit was offered",
    "gp_told_on": "The GP was told",
    "planned_on": "The plan was reviewed",
    "talked_on": "Both leads talked",
    "how_it_goes": "How it is going",
    "happened_on": "When it was",
    "dated": "Date on it",
    "due_on": "Due",
    "owner": "Who does this",
    "linked_cases": "Linked with",
    "told": "As told by",
    "after_no": "Next step",
    "told_on": "The family was told",
    "disputed_on": "Not agreed with since",
    "closed_how": "How it ended",
    "nhs_number": "NHS number",
    "nhs_number_missing_reason": "Why there is no NHS number",
    "referred_on": "Referred on",
    "escalate_on": "Taken further on",
    "leder_considered": "LeDeR considered",
    "sharing_basis": LABELS["sharing_basis"],
    "sharing_limits": LABELS["sharing_limits"],
}
"""What a field that is none of the record's is called, where its name does not say it."""

CODES: Final[Mapping[str, tuple[type[Worded], ...]]] = {
    "stage": (Stage,),
    "ending": (Ending,),
    "state": (HandoverState, VisitState),
    "outcome": (Status,),
    "owner": (Owner,),
    "sharing_basis": (SharingBasis,),
    "sharing": (Sharing,),
    "place": (VisitPlace, Place),
    "kind": (NoteKind, DocumentKind, ContactKind, CheckInKind),
    "result": (ContactResult,),
    "what": (Agreed,),
    "how_it_goes": (CheckInOutcome,),
    "needed": (Needed,),
    "status": (ServiceStatus,),
    "after_no": (AfterNo,),
    "closed_how": (ClosedHow,),
    "nhs_number_missing_reason": (MissingReason,),
    "child_death_review": (ThreeWay,),
    "leder_considered": (ThreeWay,),
    "checklist": (FollowUp,),
    **{
        name: tuple(
            one.options
            for asked in QUESTIONS.values()
            for one in asked
            if one.name == name and one.options is not None
        )
        for name in ("reason", "service_found", "gp_changed", "appeal")
    },
}
"""The fields whose values are codes, and where their words are."""


class Moved(NamedTuple):
    """A field that changed, with what stood there and what stands there now."""

    field: str
    was: str
    now: str


def moved_in(section: str, body: Mapping[str, Any]) -> Iterator[Moved]:
    """Yield what changed, in words: *body* is what was and is now in each field, as it is kept.

    *section* is that of the record in which it lies, or no section's key.
    """
    asked = {one.name: one for one in SECTIONS[section].fields} if section in SECTIONS else {}
    for name, (was, now) in _apart(body).items():
        if name in asked:
            one = asked[name]
            yield Moved(one.label, _answer(one, was), _answer(one, now))
        elif name not in SAID_BY_THE_TITLE and was != now:
            label = FIELDS.get(name) or name.replace("_", " ").capitalize()
            yield Moved(label, _words(name, was), _words(name, now))


def _apart(body: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return each field by itself: what is kept of a death is kept as one."""
    found: dict[str, tuple[Any, Any]] = {}
    for name, (was, now) in body.items():
        if isinstance(now, dict):
            found |= {each: (was[each], now[each]) for each in now}
        else:
            found[name] = (was, now)
    return found


def _answer(one: Field, value: Any) -> str:  # noqa: ANN401 - as it is kept
    day = one.kind is Kind.DAY and value is not None
    return words_of(one, date.fromisoformat(value) if day else value) or NOTHING


def _words(name: str, value: Any) -> str:  # noqa: ANN401 - as it is kept
    """Return a kept value as people say it."""
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, list):
        return ", ".join(_words(name, one) for one in value)
    if name == "nhs_number":
        return show_nhs_number(value)
    words = str(value)
    labels = {one.value: one.label for kind in CODES.get(name, ()) for one in kind}
    return labels.get(words) or _as_day(words) or words


def _as_day(words: str) -> str:
    try:
        return day_in_words(date.fromisoformat(words)) if AS_KEPT.fullmatch(words) else ""
    except ValueError:
        return ""

"""Whose move it is, and since when: the one line that stands wherever a case is shown."""

from collections.abc import Mapping
from typing import Final

from transition.records.dues import CaseDues
from transition.records.waiting import Waiting
from transition.rules.closings import TASKS
from transition.rules.digests import MOVES, DueItem, DueKind
from transition.rules.pathway import Owner
from transition.rules.settling_clocks import SettlingClock
from transition.rules.stages import Ending
from transition.rules.transfers import is_near
from transition.web.filters import day, receiver_of
from transition.web.work import catalogue, today

REVIEWS: Final[Mapping[DueKind, str]] = {
    DueKind.REVIEW: "Look at this pause again",
    DueKind.HOLD: "Ask how the family is, and whether prompts can go on",
}
"""What is to be done about a case that rests."""


def task_of(organisation: str, waiting: Waiting) -> str:
    """Return who does what next in a case of an organisation: ``Rowans Hospice to reply``."""
    sender = catalogue().collaborative.organisation(organisation).name
    receiver = receiver_of(waiting)
    whose = receiver if waiting.owner is Owner.ADULT else sender
    no = "cannot take it" if waiting.leads else "cannot support"
    if waiting.kind is DueKind.SETTLING:
        who = "Both hospices" if waiting.owner is Owner.SHARED else whose
        return f"{who}: {SettlingClock(waiting.code).label}"
    if waiting.kind is DueKind.TRANSFER:
        return _transfer_task(waiting, whose, sender)
    return {
        DueKind.HANDOVER: f"{receiver} to reply" + ("" if waiting.leads else " about supporting"),
        DueKind.QUESTION: f"{sender} to answer {receiver}",
        DueKind.AFTER_NO: f"{receiver} {no}: {sender} to choose what follows",
        DueKind.FAMILY: f"{receiver} {no}: {sender} to tell the family",
        DueKind.SUPPORT: f"{sender} and {receiver}: ask how the support goes",
        DueKind.SUPPORT_TALK: f"{sender} and {receiver}: both leads to talk about the support",
        DueKind.DISPUTE: f"{sender} and {receiver}: both leads to talk about the No",
        DueKind.CONDITION: f"Condition {waiting.code}: {whose} to meet it",
    }[waiting.kind]


def _transfer_task(waiting: Waiting, whose: str, sender: str) -> str:
    """Return what is to be done about a transfer that is near, or whose date has passed."""
    on = waiting.due_on
    if on is not None and on < today():
        return f"The transfer date has passed and {sender} still leads: sign with a new date"
    who = "Both hospices" if waiting.owner is Owner.SHARED else whose
    if on is not None and is_near(on, today()):
        return f"{who} to sign the transfer, or to move its date"
    return f"{who} to get ready for the transfer"


def turn_words(organisation: str, waiting: Waiting) -> str:
    """Return whose move something is, until when, and since when."""
    until = f" by {day(waiting.due_on)}" if waiting.due_on else ""
    return f"{task_of(organisation, waiting)}{until} (since {day(waiting.since)})"


def turn_of(dues: CaseDues, receiver: str | None = None) -> str:
    """Return the line for what waits on the way of a case; empty where nothing does.

    *receiver* asks for what waits with one receiver alone: one may lead and another support.
    """
    lines = (one for one in dues.waiting if one.kind in MOVES)
    line = next((one for one in lines if receiver in {None, one.receiver}), None)
    return turn_words(dues.organisation, line) if line is not None else ""


def task_in(dues: CaseDues, item: DueItem) -> str:
    """Return what is to be done about an item that is no milestone."""
    if item.kind in REVIEWS:
        return REVIEWS[item.kind]
    if item.kind is DueKind.CLOSING:
        return TASKS[Ending(item.code)]
    if item.kind is DueKind.CONFIRM:
        return f"Confirm that this ends: {Ending(item.code).label.lower()}"
    asked = (item.kind, item.code)
    waiting = next((one for one in dues.waiting if (one.kind, one.code) == asked), None)
    return task_of(dues.organisation, waiting) if waiting else ""

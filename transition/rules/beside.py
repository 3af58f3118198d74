"""What colleagues write beside the record of a case: notes, visits, documents and alerts.

Each belongs to the organisation whose colleague wrote it, and may be shared with one other.
"""

from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from transition.rules.calendar import add_months
from transition.rules.errors import RuleBroken
from transition.rules.words import Worded

EDITED_FOR: Final = timedelta(days=1)
"""For so long a note may still be edited; afterwards it is corrected by another."""
MOST_ALERTS: Final = 3
"""How many alerts stand on a page; with more, none of them is read."""
ALERT_MONTHS: Final = 12
"""Within so many months somebody looks at an alert again."""

NOT_AFTER_TODAY: Final = "The date must be today or in the past."
BROKEN_LINK: Final = "Enter a link that begins with https://, or say where the document is held."


class Sharing(Worded):
    """Who may read something besides the team that wrote it."""

    TEAM = "team", "Our team only"
    BOTH = "both", "Both hospices"
    FAMILY = "family", "Both hospices, and the family's print"


class NoteKind(Worded):
    """What a note was written after."""

    VISIT = "visit", "Visit"
    TELEPHONE = "telephone", "Telephone call"
    MEETING = "meeting", "Meeting"
    THEIR_WORDS = "their_words", "What the young person said"
    OTHER = "other", "Something else"


class VisitPlace(Worded):
    """Where a joint visit is: the kind of place, and no address."""

    HOME = "home", "At home"
    CHILDRENS_HOSPICE = "childrens_hospice", "At the children's hospice"
    ADULT_HOSPICE = "adult_hospice", "At the adult hospice"
    HOSPITAL = "hospital", "In hospital"
    SCHOOL = "school", "At school or college"
    VIDEO = "video", "By video"
    OTHER = "other", "Somewhere else"


class VisitState(Worded):
    """What became of a joint visit."""

    PLANNED = "planned", "Planned"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Did not happen"


class VisitOutcome(Worded):
    """What somebody says became of a planned visit."""

    HELD = "held", "It was held"
    MOVED = "moved", "It moves to another day"
    CANCELLED = "cancelled", "It did not happen, or will not"


class DocumentKind(Worded):
    """What a document is."""

    CARE_PLAN = "care_plan", "Care plan"
    ADVANCE_CARE_PLAN = "advance_care_plan", "Advance care plan or treatment plan"
    EMERGENCY_PLAN = "emergency_plan", "Emergency plan"
    ASSESSMENT = "assessment", "Assessment or report"
    EDUCATION_PLAN = "education_plan", "Education, health and care plan"
    ABOUT_ME = "about_me", "About me, or hospital passport"
    LETTER = "letter", "Letter"
    OTHER = "other", "Something else"


def may_edit_note(
    written_by_uid: bytes, written_at: datetime, actor_uid: bytes | None, now: datetime
) -> bool:
    """Return whether an actor may still change the words of a note: its writer, for a day."""
    return written_by_uid == actor_uid and now - written_at < EDITED_FOR


def refuse_after_today(on: date, today: date) -> None:
    """Do nothing if a day has come.

    Raises:
        RuleBroken: it lies in the future.
    """
    if on > today:
        raise RuleBroken(NOT_AFTER_TODAY)


def refuse_visit_on(on: date, today: date) -> None:
    """Do nothing if a visit may be planned for a day.

    Raises:
        RuleBroken: it is past, or more than two years ahead.
    """
    if not today <= on <= add_months(today, 24):
        raise RuleBroken("A visit is planned for today or later, within two years.")


def refuse_alert(review_on: date, today: date, *, standing: int) -> None:
    """Do nothing if one more alert may stand beside *standing* others until it is reviewed.

    Raises:
        RuleBroken: there are enough, or its review is not within a year.
    """
    if standing >= MOST_ALERTS:
        raise RuleBroken(f"{MOST_ALERTS} alerts stand already. End one of them first.")
    refuse_alert_review(review_on, today)


def refuse_alert_review(review_on: date, today: date) -> None:
    """Do nothing if an alert may be looked at again on a day.

    Raises:
        RuleBroken: it is not within a year from now.
    """
    if not today < review_on <= add_months(today, ALERT_MONTHS):
        raise RuleBroken("Look at an alert again after today and within 12 months.")


def refuse_link(link: str) -> None:
    """Do nothing if *link* leads to a page by a secure address, without a name or password in it.

    Raises:
        RuleBroken: it does not.
    """
    if not _is_secure(link):
        raise RuleBroken(BROKEN_LINK)


def _is_secure(link: str) -> bool:
    try:
        parts = urlsplit(link)
        plain = parts.port in {None, 443} and "@" not in parts.netloc
    except ValueError:
        return False
    spaces = any(map(str.isspace, link))
    return parts.scheme == "https" and bool(parts.hostname) and plain and not spaces


def refuse_whereabouts(link: str | None, place: str | None) -> None:
    """Do nothing if a document is said to be in one place: a link, or words.

    Raises:
        RuleBroken: neither is said, or the link is none.
    """
    if not (link or place):
        raise RuleBroken("Enter a link, or say where the document is held.")
    if link:
        refuse_link(link)

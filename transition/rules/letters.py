"""Letters: what their reader sees of each kind, what may wait, and until when.

What somebody has to act on at once waits for nothing: withdrawals, the notice that a case changed,
what is expedited, reminders and escalations. Nor does what concerns the reader's own sign-in.

Source: domain 7.1, rulings 27 and 31.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final

from transition.rules.calendar import LONDON, ONE_DAY, add_working_days, is_working_day
from transition.rules.people import Side
from transition.rules.words import Worded

NAMES: Final[Mapping[str, str]] = {
    "case_changed": "A case shared with you has changed",
    "case_reassigned": "Work was handed on to you",
    "handover_answered": "A handover was answered",
    "handover_escalated": "A handover has waited too long",
    "handover_proposed": "A handover needs a reply",
    "handover_question": "A question about a handover",
    "handover_question_answered": "An answer to a question about a handover",
    "handover_received": "A handover was received",
    "handover_reminder": "A reminder about a handover",
    "invitation": "An invitation",
    "new_device": "Somebody signed in as you on a new device",
    "password_changed": "Your password was changed",
    "password_reset": "A link to choose another password",
    "role_asked": "A role needs your agreement",
    "sign_in_changed": "How you sign in has changed",
    "transfer_prompt": "A transfer asks for something",
    "transfer_signed": "A transfer was signed",
    "urgent_opened": "A record was opened in an emergency",
    "urgent_tries": "Somebody keeps trying to open a record",
    "urgent_unreviewed": "A record that was opened in an emergency waits for its review",
    "weekly_digest": "Your weekly digest",
}
"""What each kind of letter is called before its reader, whatever it is about."""

MAY_WAIT: Final = frozenset(
    {
        "case_reassigned",
        "handover_answered",
        "handover_proposed",
        "handover_question",
        "handover_question_answered",
        "handover_received",
        "transfer_signed",
    }
)
"""The kinds that can wait for the morning, unless they are about what is expedited."""


class LetterChoice(Worded):
    """What somebody may choose of their letters; all but the hours name a kind of letter."""

    HOURS = "hours", "Letters that can wait, only between 8am and 6pm on working days"
    RECEIVED = "handover_received", "That a hospice has received a handover"
    QUESTION = "handover_question", "That a hospice has asked a question"
    ANSWER = "handover_question_answered", "That a question of ours was answered"


# That a hospice could not say yes is not offered: what it asks for begins to count the same day.
LEFT_TO_MONDAY: Final[Mapping[Side, tuple[LetterChoice, ...]]] = {
    Side.CHILDRENS: (LetterChoice.RECEIVED, LetterChoice.QUESTION),
    Side.ADULT: (LetterChoice.ANSWER,),
}
"""What each side may leave to the digest, which tells of it in any case."""

FROM: Final = time(8)
UNTIL: Final = time(18)


def goes_at(now: datetime, holidays: frozenset[date]) -> datetime:
    """Return the first instant in working hours, from *now* on, at which a letter may go."""
    local = now.astimezone(LONDON)
    day = local.date()
    if is_working_day(day, holidays) and FROM <= local.time() < UNTIL:
        return now
    before = day - ONE_DAY if local.time() < FROM else day
    return datetime.combine(add_working_days(before, 1, holidays), FROM, LONDON)

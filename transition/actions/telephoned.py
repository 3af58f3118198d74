"""What a hospice that signs in said on the telephone, kept for both until it says it here.

It decides nothing: the clock of the decision runs on, and both sides read who said it and to whom.
Source: domain 11, question 5.
"""

from typing import Final

from transition.actions.handovers import own_handover, refuse_answered
from transition.actions.work import Work
from transition.clock import local_day
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.rules.errors import RuleBroken
from transition.rules.outside import Told, refuse_told

NO_WORDS: Final = "Write what they said."
COUNTS: Final = "They do not sign in here. Record their answer itself."
CLOSED: Final = "This handover is over, so nobody's answer is waited for."
NOTHING_SAID: Final = "Nothing is written here that they said. Nothing was changed."


def record_said(work: Work, reference: str, key: str, told: Told, words: str) -> Handover:
    """Keep what somebody at the receiver said about a handover, and return it.

    It stands in place of what was kept before.

    Raises:
        RuleBroken: nobody is named, nothing was said, the day cannot be, or no answer is waited
            for.
        NotFound: this actor has no such handover.
    """
    case, handover = _waiting(work, reference, key)
    if handover.outside:
        raise RuleBroken(COUNTS)
    if not words.strip():
        raise RuleBroken(NO_WORDS)
    sent_on = local_day(handover.proposed_at) if handover.proposed_at else work.today
    refuse_told(told, sent_on=sent_on, today=work.today)
    handover.by_telephone = {"told": told.kept(), "words": words.strip()}
    work.note("handover:said", on=case, about=key, changed={"told": (None, told.words)})
    return handover


def take_back_said(work: Work, reference: str, key: str) -> Handover:
    """Strike what was kept of a call, and return the handover.

    Raises:
        RuleBroken: nothing is kept, or no answer is waited for.
        NotFound: this actor has no such handover.
    """
    case, handover = _waiting(work, reference, key)
    said = handover.said
    if said is None:
        raise RuleBroken(NOTHING_SAID)
    handover.by_telephone = None
    work.note("handover:unsaid", on=case, about=key, changed={"told": (said[0].words, None)})
    return handover


def _waiting(work: Work, reference: str, key: str) -> tuple[Case, Handover]:
    case, handover = own_handover(work, reference, key)
    refuse_answered(work, handover)
    if not handover.state.open:
        raise RuleBroken(CLOSED)
    return case, handover

"""What somebody chooses of their letters, what of it holds for one letter, and a digest to try."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from transition.actions.digests import WEEKLY_DIGEST
from transition.actions.work import Work
from transition.records.letters import ChosenOfLetters, choices_of, is_expedited, letters_to
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff
from transition.rules.errors import RuleBroken
from transition.rules.letters import LEFT_TO_MONDAY, MAY_WAIT, LetterChoice

AGAIN_AFTER: Final = timedelta(minutes=10)
"""How long somebody waits before they can have another digest to try."""


def offered_to(work: Work) -> tuple[LetterChoice, ...]:
    """Return what the actor may choose; whoever is sent nothing that can wait, nothing."""
    side = work.actor.side
    return (LetterChoice.HOURS, *LEFT_TO_MONDAY[side]) if side else ()


def choose_letters(work: Work, chosen: Collection[LetterChoice]) -> None:
    """Keep what the actor chose of their letters, and forget what they chose before.

    Raises:
        RuleBroken: that is none of what they may choose.
    """
    if not set(chosen) <= set(offered_to(work)):
        raise RuleBroken("Choose from what is offered.")
    was = choices_of(work.session, work.actor_uid)
    for one in was - set(chosen):
        work.session.delete(work.session.get_one(ChosenOfLetters, (work.actor_uid, one)))
    for one in set(chosen) - was:
        work.keep(ChosenOfLetters(staff_uid=work.actor_uid, choice=one))
    work.note("letters:chosen", about=" ".join(sorted(chosen)))


def chosen_for(work: Work, queued: QueuedLetter) -> frozenset[LetterChoice]:
    """Return what its reader's choice means for one letter: nothing where it cannot wait."""
    if queued.kind not in MAY_WAIT:
        return frozenset()
    if queued.case_uid is not None and is_expedited(work.session, queued.case_uid):
        return frozenset()
    chosen = choices_of(work.session, queued.recipient_uid)
    return chosen & {LetterChoice.HOURS, queued.kind}


def try_digest(work: Work) -> None:
    """Send the actor the digest as it reads now; the next one comes on its day all the same.

    Raises:
        RuleBroken: they were sent one a moment ago.
    """
    lately = letters_to(work.session, work.actor_uid, since=work.now - AGAIN_AFTER)
    if any(one.kind == WEEKLY_DIGEST and not one.about for one in lately):
        raise RuleBroken("It was sent to you a moment ago. Look for it in ten minutes.")
    work.post(WEEKLY_DIGEST, to=work.session.get_one(Staff, work.actor_uid), about="")

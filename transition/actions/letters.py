"""Carrying letters: claim some, write each as things stand now, hand it over, mark it as sent.

A letter goes at least once, under one Message-ID. It goes twice only if the process dies between
the server's answer and our mark. What one letter meets harms no other: only a mail server that
cannot be used at all ends the batch, and what was claimed is let go again.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from transition.actions.digests import WEEKLY_DIGEST, first_name
from transition.actions.invitations import INVITATION
from transition.actions.letter_choices import chosen_for
from transition.actions.letter_words import WORDS, digest_words
from transition.actions.work import Work
from transition.catalogue import Catalogue
from transition.clock import local_day
from transition.mail.letters import Letter, compose_letter
from transition.mail.postman import NoServer, NotCarried, Postman
from transition.records.audit import Note, Occasion
from transition.records.outbox import QueuedLetter, letter_of, letters_to_send
from transition.records.staff import find_staff
from transition.rules.errors import RuleBroken
from transition.rules.letters import LetterChoice, goes_at
from transition.rules.people import Actor

CLAIM: Final = timedelta(minutes=5)
"""How long letters stay claimed by a worker that may have died; more than one letter can take."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
"""How long the worker waits before it tries a letter again: doubled each time, up to an hour."""

DOUBLED_AT_MOST: Final = 6
"""How often the pause can be doubled before it is the longest."""

Begin = Callable[[], AbstractContextManager[Work]]
"""Begins a piece of work of the timetable."""


@dataclass(frozen=True)
class Post:
    """What carrying letters needs: who carries, which templates, and where people sign in."""

    postman: Postman
    templates: Path
    base_url: str
    sender: str


def post_letters(begin: Begin, post: Post) -> int:
    """Carry the letters that wait and return how many went.

    They are claimed in a transaction of their own; each is carried outside of any, and then marked.
    """
    with begin() as work:
        waiting = letters_to_send(work.session, now=work.now)
        for letter in waiting:
            letter.claimed_until = work.now + CLAIM
            letter.tries += 1
        claimed = [letter.uid for letter in waiting]
    sent = 0
    for done, uid in enumerate(claimed, start=1):
        try:
            sent += _carry(begin, post, uid)
        except NoServer:
            _let_go(begin, claimed[done:])
            break
    return sent


def _carry(begin: Begin, post: Post, uid: bytes) -> bool:
    """Carry one letter and return whether it went.

    Raises:
        NoServer: no letter can go now.
    """
    try:
        message = _message(begin, post, uid)
        if message is None:
            return False
        post.postman.carry(message)
    except NotCarried as failure:
        with begin() as work:
            _mark_not_carried(work, letter_of(work.session, uid), failure)
        if isinstance(failure, NoServer):
            raise
        return False
    with begin() as work:
        _mark_carried(work, letter_of(work.session, uid))
    return True


def _message(begin: Begin, post: Post, uid: bytes) -> EmailMessage | None:
    """Return a claimed letter as it travels, or None where it must not go, or not from here."""
    with begin() as work:
        queued = letter_of(work.session, uid)
        if not queued.is_claimed(work.now):
            return None
        try:
            chosen = chosen_for(work, queued)
            if _waits(work, queued, chosen):
                return None
            # What is left to Monday stands in the digest, and is told no sooner.
            left = queued.kind in chosen
            letter = letter_now(work, post, queued) if not left else None
        except Exception as fault:
            # Whatever is wrong with one letter keeps none of the others.
            raise NotCarried(type(fault).__name__, for_good=False) from fault
        if letter is None:
            queued.cancelled_at, queued.claimed_until = work.now, None
            work.notes.append(Note("letter:cancelled", queued.kind))
            return None
        return letter.as_message(sender=post.sender, at=work.now)


def _waits(work: Work, queued: QueuedLetter, chosen: frozenset[LetterChoice]) -> bool:
    """Return whether a letter waits for its reader's working hours; it is let go of until then."""
    opens_at = goes_at(work.now, work.catalogue.holidays)
    if LetterChoice.HOURS not in chosen or opens_at <= work.now:
        return False
    queued.not_before, queued.claimed_until = opens_at, None
    queued.tries -= 1
    return True


def _mark_carried(work: Work, queued: QueuedLetter) -> None:
    """Say that a letter went, even if it was cancelled while it did: it is out of our hands."""
    queued.sent_at, queued.cancelled_at, queued.claimed_until = work.now, None, None
    work.notes.append(Note("letter:sent", queued.kind))


def _mark_not_carried(work: Work, queued: QueuedLetter, failure: NotCarried) -> None:
    queued.claimed_until = None
    if failure.for_good:
        queued.failed_code = failure.code
    else:
        pause = FIRST_PAUSE * 2 ** min(queued.tries - 1, DOUBLED_AT_MOST)
        queued.not_before = work.now + min(pause, LONGEST_PAUSE)
    work.notes.append(Note("letter:failed", f"{queued.kind} {failure.code}", outcome="failed"))


def _let_go(begin: Begin, claimed: Sequence[bytes]) -> None:
    """Let go of letters that were not tried, because there is no server to try them with."""
    with begin() as work:
        for uid in claimed:
            queued = letter_of(work.session, uid)
            queued.claimed_until, queued.not_before = None, work.now + FIRST_PAUSE
            queued.tries -= 1


def letter_now(work: Work, post: Post, queued: QueuedLetter) -> Letter | None:
    """Return the letter as it must read now, or None where it must not go any more."""
    actor = queued.recipient.actor(work.today)
    if actor is None and queued.kind == INVITATION:
        actor = Actor(queued.recipient.uid, queued.recipient.name, "", frozenset())
    words = WORDS[queued.kind](work, queued, actor) if actor is not None else None
    if words is None:
        return None
    frame = {"name": first_name(queued.recipient.name), "base_url": post.base_url}
    return compose_letter(
        post.templates,
        queued.kind,
        frame | dict(words),
        to=queued.recipient.email,
        message_id=queued.message_id,
    )


def preview_digest(
    session: Session, catalogue: Catalogue, post: Post, email: str, *, at: datetime
) -> Letter:
    """Return the digest that the colleague with the address *email* would get at an instant.

    Nothing is sent or stored.

    Raises:
        RuleBroken: nobody has this address, or they hold no role on that day.
    """
    staff = find_staff(session, email)
    actor = staff.actor(local_day(at)) if staff is not None else None
    if staff is None or actor is None:
        raise RuleBroken("Nobody with this address holds a role on that day.")
    work = Work(session, Occasion(actor, at, "cli"), catalogue)
    return digest_letter(work, post, actor, to=staff.email)


def digest_letter(work: Work, post: Post, actor: Actor, *, to: str) -> Letter:
    """Return the digest of *actor* as it reads now."""
    frame = {"name": first_name(actor.name), "base_url": post.base_url}
    words = frame | digest_words(work, actor)
    return compose_letter(post.templates, WEEKLY_DIGEST, words, to=to, message_id="<preview>")

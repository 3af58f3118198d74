"""Carrying letters: claim one, write its words as things stand now, hand it over, mark it as sent.

A letter goes at least once, under one Message-ID. It goes twice only if the process dies between
the server's answer and our mark.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from transition.actions.digests import WEEKLY_DIGEST, digest_of
from transition.actions.work import Work
from transition.catalogue import Catalogue
from transition.clock import local_day
from transition.mail.letters import Letter, compose_letter
from transition.mail.postman import NotCarried, Postman
from transition.records.audit import Note, Occasion, head_of
from transition.records.cases import find_case
from transition.records.handovers import find_handover
from transition.records.outbox import QueuedLetter, letter_of, letters_to_send
from transition.records.staff import find_staff
from transition.rules.access import CaseAccess
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverState, parse_handover_key
from transition.rules.people import Actor
from transition.security.chain import short_form

CLAIM: Final = timedelta(minutes=1)
"""How long a letter stays claimed by a worker that may have died."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
"""How long the worker waits before it tries a letter again: doubled each time, up to an hour."""

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

    Each is claimed in a transaction of its own, carried outside of any, and then marked.
    """
    with begin() as work:
        waiting = letters_to_send(work.session, now=work.now)
        for letter in waiting:
            letter.claimed_until = work.now + CLAIM
            letter.tries += 1
        claimed = [letter.uid for letter in waiting]
    return sum(_carry(begin, post, uid) for uid in claimed)


def _carry(begin: Begin, post: Post, uid: bytes) -> bool:
    with begin() as work:
        queued = letter_of(work.session, uid)
        letter = _letter(work, post, queued)
        at = work.now
        if letter is None:
            queued.cancelled_at = at
            work.notes.append(Note("letter:cancelled", queued.kind))
    if letter is None:
        return False
    try:
        post.postman.carry(letter.as_message(sender=post.sender, at=at))
    except NotCarried as failure:
        with begin() as work:
            _mark_not_carried(work, letter_of(work.session, uid), failure)
        return False
    with begin() as work:
        _mark_carried(work, letter_of(work.session, uid), at=at)
    return True


def _mark_carried(work: Work, queued: QueuedLetter, *, at: datetime) -> None:
    queued.sent_at = at
    queued.claimed_until = None
    work.notes.append(Note("letter:sent", queued.kind))


def _mark_not_carried(work: Work, queued: QueuedLetter, failure: NotCarried) -> None:
    queued.claimed_until = None
    if failure.for_good:
        queued.failed_code = failure.code
    else:
        pause = min(FIRST_PAUSE * 2 ** (queued.tries - 1), LONGEST_PAUSE)
        queued.not_before = work.now + pause
    work.notes.append(Note("letter:failed", f"{queued.kind} {failure.code}", outcome="failed"))


def _letter(work: Work, post: Post, queued: QueuedLetter) -> Letter | None:
    """Return the letter as it must read now, or None where it must not go any more."""
    actor = queued.recipient.actor(work.today)
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


def digest_words(work: Work, actor: Actor) -> dict[str, Any]:
    """Return the words of *actor*'s digest; the preview and the letter are made of the same."""
    number, mac = head_of(work.session)
    return {
        "digest": digest_of(work, actor),
        "week_of": f"{work.today.day} {work.today:%B %Y}",
        "anchor": f"{number}:{short_form(mac)}",
        "side": actor.side.value if actor.side else None,
    }


def _digest_words(work: Work, _queued: QueuedLetter, actor: Actor) -> dict[str, Any]:
    return digest_words(work, actor)


def _handover_words(work: Work, queued: QueuedLetter, actor: Actor) -> dict[str, Any] | None:
    """Return the words about a handover, or None where the reader may not see it any more."""
    reference, key = queued.about.split("/")
    seen = find_case(work.session, reference, reader=actor)
    parsed = parse_handover_key(key)
    if seen is None or seen.case.ending is not None or seen.access < CaseAccess.PACK or not parsed:
        return None
    handover = find_handover(work.session, seen.case.uid, receiver=parsed[0], number=parsed[1])
    if handover is None or handover.state not in EXPECTED[queued.kind]:
        return None
    organisations = work.catalogue.collaborative
    return {
        "reference": reference,
        "path": f"/cases/{reference}/handovers/{key}",
        "receiver": organisations.organisation(handover.receiver).name,
        "sender": organisations.organisation(seen.case.organisation).name,
        "reply_by": handover.reply_by,
        "said": SAID.get(handover.state, ""),
    }


EXPECTED: Final[Mapping[str, frozenset[HandoverState]]] = {
    "handover_proposed": frozenset(
        {HandoverState.PROPOSED, HandoverState.ACKNOWLEDGED, HandoverState.QUERIED}
    ),
    "handover_answered": frozenset(
        {HandoverState.ACCEPTED, HandoverState.ACCEPTED_WITH_CONDITIONS}
    ),
}
"""In which states a letter about a handover still says something true."""

SAID: Final[Mapping[HandoverState, str]] = {
    HandoverState.ACCEPTED: "has accepted",
    HandoverState.ACCEPTED_WITH_CONDITIONS: "has accepted, with conditions for you to read",
}

WORDS: Final[Mapping[str, Callable[[Work, QueuedLetter, Actor], dict[str, Any] | None]]] = {
    "weekly_digest": _digest_words,
    "handover_proposed": _handover_words,
    "handover_answered": _handover_words,
}
"""What each kind of letter says."""


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


def first_name(name: str) -> str:
    """Return how a letter addresses somebody."""
    return name.split(" ", maxsplit=1)[0]

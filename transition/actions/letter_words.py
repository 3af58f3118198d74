"""What each kind of letter says, to this reader, as things stand when it goes; or that it must not.

Whether its reader may still know is asked here again, and whether it still says something true.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from transition.actions.digests import digest_of
from transition.actions.invitations import INVITATION, offered, opened_by, path_of
from transition.actions.passwords import RESET
from transition.actions.people import ROLE_ASKED
from transition.actions.second_steps import TAKEN_AWAY
from transition.actions.signing_in import NEW_DEVICE, PASSWORD_CHANGED
from transition.actions.transfer_prompts import prompt_of
from transition.actions.urgent_access import URGENT_OPENED, URGENT_TRIES, URGENT_UNREVIEWED
from transition.actions.work import Work
from transition.clock import day_and_time, local_day, weekday_and_time
from transition.records.audit import head_of
from transition.records.cases import Case, find_case, running_case
from transition.records.clock_facts import facts_of
from transition.records.digests import fold_digest
from transition.records.dues import dues_for
from transition.records.handovers import Handover, find_handover
from transition.records.histories import handed_to
from transition.records.invitations import Invitation, open_requests, token_of
from transition.records.outbox import QueuedLetter
from transition.records.resets import WORKS_FOR, PasswordReset, token_of_reset
from transition.records.settling_facts import BLOCKING, settling_facts
from transition.records.staff import Staff, is_denied
from transition.records.transfers import Moving, moving_cases
from transition.records.urgent_access import UrgentAccess
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.devices import DeviceKind
from transition.rules.digests import folded_at
from transition.rules.handover_clocks import Clock, answer_by, limit_of
from transition.rules.handovers import UNDECIDED, HandoverState, parse_handover_key
from transition.rules.invitations import may_agree, opens_until, who_agrees
from transition.rules.nudges import Rung
from transition.rules.pathway import Stage
from transition.rules.people import Actor, Role, named_all
from transition.rules.settling_clocks import SettlingClock, tells_the_transfer, waits_of
from transition.rules.urgent_access import review_by
from transition.security.chain import short_form

Words = dict[str, Any]


def _sign_in_words(_work: Work, queued: QueuedLetter, _actor: Actor) -> Words:
    """Return when somebody signed in as the reader, or took another password, and with what."""
    device = DeviceKind(queued.about).label if queued.about else ""
    return {"at": weekday_and_time(queued.queued_at), "device": device[:1].lower() + device[1:]}


def _reset_words(work: Work, queued: QueuedLetter, _actor: Actor) -> Words | None:
    """Return the link with which another password is chosen, while it works."""
    reset = work.session.get(PasswordReset, bytes.fromhex(queued.about))
    if reset is None or not reset.works(work.now):
        return None
    until = reset.asked_at + WORKS_FOR
    return {
        "path": f"/reset/{token_of_reset(work.session, reset.uid)}",
        "until": weekday_and_time(until),
    }


def _digest_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return the words of a digest; one that comes 48 hours late is folded into the next.

    One that somebody wanted to try is of no week.
    """
    if queued.about and work.now >= folded_at(queued.about, work.catalogue.holidays):
        fold_digest(work.session, queued.uid)
        return None
    return digest_words(work, actor, week=queued.about or None)


def digest_words(work: Work, actor: Actor, *, week: str | None = None) -> Words:
    """Return the words of *actor*'s digest; the preview and the letter are made of the same."""
    number, mac = head_of(work.session)
    return {
        "digest": digest_of(work, actor, week=week),
        "week_of": f"{work.today.day} {work.today:%B %Y}",
        "anchor": f"{number}:{short_form(mac)}",
        "side": actor.side.value if actor.side else None,
    }


def _case_changed_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return the words that are the same whatever changed; whoever sees but a stub reads them too.

    Source: ruling 7.
    """
    seen = find_case(work.session, queued.about, reader=actor)
    return {"reference": queued.about, "path": f"/cases/{queued.about}"} if seen else None


def _reassigned_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return how many young people were handed on to the reader, of those who are theirs still."""
    uid, day = queued.recipient.uid, local_day(queued.queued_at)
    uids = {span.case_uid for span in handed_to(work.session, uid, since=day)}
    dues = dues_for(work.session, replace(work.asking, reader=actor))
    handed = [one.reference for one in dues if one.case_uid in uids]
    if not handed:
        return None
    path = "/today" if len(handed) > 1 else f"/cases/{handed[0]}"
    return {"references": handed, "path": path}


def _handover_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    reference, key = queued.about.split("/")
    found = _handover_seen(work, reference, key, actor)
    if found is None or found[1].state not in EXPECTED[queued.kind]:
        return None
    case, handover = found
    return _names(work, case, handover) | {
        "reference": reference,
        "path": f"/cases/{reference}/handovers/{key}",
        "said": SAID.get(handover.state, ""),
        "reply_by": _day(handover.reply_by),
        "reply_day": f"{handover.reply_by.day} {handover.reply_by:%B}"
        if handover.reply_by
        else None,
        "promised": _day(handover.reply_promised_on),
        "answer_by": _day(answer_by(facts_of(work.session, handover), work.catalogue.holidays)),
    }


def _nudge_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return the words of a nudge while its clock runs; a coordinator is told a reference only."""
    reference, key, *nudge = queued.about.split("/")
    if nudge[0] in set(SettlingClock):
        return _settling_words(work, queued, actor)
    clock, rung, about = Clock(nudge[0]), Rung(nudge[1]), int(nudge[2]) if nudge[2:] else None
    found = _handover_seen(work, reference, key, actor)
    facts = facts_of(work.session, found[1]) if found else None
    if facts is None or facts.ended_at(clock, about):
        return None
    limit = limit_of(clock, facts, work.catalogue.holidays, about=about)
    opens = Role.COORDINATOR not in actor.roles
    return {
        "reference": reference,
        "path": f"/cases/{reference}/handovers/{key}" if opens else None,
        "wanted": clock.label,
        "limit": _day(limit.on if limit else None),
        "passed": limit is not None and limit.on < work.today,
        "rung": rung.value,
    }


def _settling_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return the words of a nudge after a transfer, or about support, while it waits.

    A day that follows from the transfer would tell it, so those of milestones are left out.
    """
    reference, key, clock, rung, *about = queued.about.split("/")
    found = _handover_seen(work, reference, key, actor)
    facts = settling_facts(work.session, [found[1]]) if found else {}
    if found is None or found[1].uid not in facts:
        return None
    case, handover = found
    supports = handover.state is _S.SUPPORTING
    if not supports and not (handover.leads and case.stage in AFTER_TRANSFER):
        return None
    page = f"handovers/{key}" if supports else "settling"
    wanted = SettlingClock(clock)
    waited = waits_of(replace(facts[handover.uid], due=EVERY_DAY), work.catalogue.holidays)
    numbered = {(one.clock, str(one.about or "")): one.limit_on for one in waited}
    if (wanted, "".join(about)) not in numbered:
        return None
    limit = None if tells_the_transfer(wanted) else numbered[wanted, "".join(about)]
    return {
        "reference": reference,
        "path": f"/cases/{reference}/{page}" if Role.COORDINATOR not in actor.roles else None,
        "wanted": wanted.label,
        "limit": _day(limit),
        "passed": limit is not None and limit < work.today,
        "rung": rung,
    }


def _signed_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return the words of a signature while it counts, to the side that did not give it."""
    moving = _moving_seen(work, queued, actor)
    if moving is None or all(one.side is actor.side for one in moving.signed):
        return None
    return _transfer_words(work, moving) | {"both": not moving.waits}


def _prompt_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return the words of what a transfer asks for, while it asks for that."""
    moving, rung = _moving_seen(work, queued, actor), queued.about.split("/")[2]
    prompt = prompt_of(work, moving) if moving is not None else None
    if moving is None or prompt is None or prompt.rung != rung:
        return None
    return _transfer_words(work, moving) | {"rung": rung}


def _moving_seen(work: Work, queued: QueuedLetter, actor: Actor) -> Moving | None:
    reference, key = queued.about.split("/")[:2]
    if _handover_seen(work, reference, key, actor) is None:
        return None
    found = (one for one in moving_cases(work.session) if one.case.reference == reference)
    return next((one for one in found if one.handover.key == key), None)


def _transfer_words(work: Work, moving: Moving) -> Words:
    """Return what a letter may say of a transfer: its month, and never its day."""
    on = moving.case.target_transfer_on
    return _names(work, moving.case, moving.handover) | {
        "reference": moving.case.reference,
        "path": f"/cases/{moving.case.reference}/confirm-transfer",
        "month": f"{on:%B %Y}" if on else None,
    }


def _handover_seen(
    work: Work, reference: str, key: str, actor: Actor
) -> tuple[Case, Handover] | None:
    """Return a handover of a case that runs, if its reader may read the pack.

    A coordinator reads no pack; their letter says no more than the reference.
    """
    parsed, case = parse_handover_key(key), running_case(work.session, reference)
    if parsed is None or case is None:
        return None
    receiver, number = parsed
    if Role.COORDINATOR not in actor.roles:
        seen = find_case(work.session, reference, reader=actor)
        own = seen is not None and receiver == actor.organisation
        if seen is None or seen.access < (CaseAccess.PACK if own else CaseAccess.FULL):
            return None
    handover = find_handover(work.session, case.uid, receiver=receiver, number=number)
    return (case, handover) if handover is not None else None


def _names(work: Work, case: Case, handover: Handover) -> Words:
    organisations = work.catalogue.collaborative
    return {
        "receiver": organisations.organisation(handover.receiver).name,
        "sender": organisations.organisation(case.organisation).name,
    }


def _invitation_words(work: Work, queued: QueuedLetter, _actor: Actor) -> Words | None:
    """Return the words of an invitation while the link that it was queued with opens something."""
    uid, _, number = queued.about.partition("/")
    found = work.session.get(Invitation, bytes.fromhex(uid))
    token = token_of(work.session, found) if found is not None else ""
    if found is None or str(found.number) != number or opened_by(work, token) is None:
        return None
    return {
        "by": found.invited_by.name if found.invited_by else "Somebody",
        "organisation": work.catalogue.collaborative.employers[found.organisation],
        "roles": named_all(one.role for one in offered(work.session, found)),
        "path": path_of(work.session, found),
        "until": day_and_time(opens_until(found.sent_at or work.now)),
    }


def _role_asked_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return the words of what somebody is asked to agree to, while nobody has."""
    asked = open_requests(work.session, [bytes.fromhex(queued.about)])
    found = [one for one in asked if may_agree(actor, one.membership.role)]
    if not found:
        return None
    return {
        "by": found[0].asked_by.name,
        "whom": found[0].membership.staff.name,
        "roles": named_all(one.membership.role for one in found),
        "who": who_agrees({one.membership.role for one in found}),
        "path": f"/settings/users/{queued.about}",
    }


def _urgent_words(work: Work, queued: QueuedLetter, actor: Actor) -> Words | None:
    """Return when a record was opened in an emergency, and of which case as far as they may know.

    That nobody has reviewed it is told only while nobody has.
    """
    row = work.session.get_one(UrgentAccess, bytes.fromhex(queued.about))
    case = work.session.get_one(Case, row.case_uid)
    settled = row.reviewed_at is not None and queued.kind == URGENT_UNREVIEWED
    if settled or is_denied(work.session, queued.recipient.uid, case.uid):
        return None
    own = actor.organisation == case.organisation
    sees = find_case(work.session, case.reference, reader=actor) is not None
    organisations = work.catalogue.collaborative.employers
    path = "/urgent/reviews" if may(actor.roles, Permission.REVIEW_URGENT) else None
    known = own or sees or Role.COORDINATOR in actor.roles
    return {
        "organisation": organisations[row.organisation],
        "owner": organisations[case.organisation],
        "at": weekday_and_time(row.opened_at),
        "until": weekday_and_time(row.until),
        "review_by": _day(review_by(row.opened_at, work.catalogue.holidays)),
        "reference": case.reference if known else None,
        "path": path or (f"/cases/{case.reference}" if sees else None),
    }


def _urgent_tries_words(work: Work, queued: QueuedLetter, _actor: Actor) -> Words:
    """Return who of the reader's own hospice tried to open records in an emergency, in vain."""
    uid = bytes.fromhex(queued.about)
    return {
        "whom": work.session.get_one(Staff, uid).name,
        "at": weekday_and_time(queued.queued_at),
        "path": f"/audit?who={queued.about}",
    }


def _day(day: date | None) -> str | None:
    return f"{day:%A} {day.day} {day:%B %Y}" if day else None


AFTER_TRANSFER: Final = {Stage.SETTLING, Stage.COMPLETED}
EVERY_DAY: Final = dict.fromkeys(BLOCKING, date.max)
"""Stands for the days of milestones where only that they are open is asked."""

_S = HandoverState
_RECEIVED: Final = frozenset({_S.ACKNOWLEDGED, _S.QUERIED})

EXPECTED: Final[Mapping[str, frozenset[HandoverState]]] = {
    "handover_proposed": frozenset(UNDECIDED),
    "handover_received": _RECEIVED,
    "handover_question": frozenset({_S.QUERIED}),
    "handover_question_answered": _RECEIVED,
    "handover_answered": frozenset(
        {_S.ACCEPTED, _S.ACCEPTED_WITH_CONDITIONS, _S.SUPPORTING, _S.DECLINED}
    ),
}
"""In which states a letter about a handover still says something true."""

SAID: Final[Mapping[HandoverState, str]] = {
    _S.ACCEPTED: "has accepted",
    _S.ACCEPTED_WITH_CONDITIONS: "has accepted, with conditions for you to read",
    _S.SUPPORTING: "has said yes to supporting",
    _S.DECLINED: "could not take this handover",
}


def _second_step_words(_work: Work, queued: QueuedLetter, _actor: Actor) -> Words:
    """Return where somebody sees how they sign in; what changed is told nobody else."""
    return {"path": "/me/second-step", "was_lost": queued.about == TAKEN_AWAY}


WORDS: Final[Mapping[str, Callable[[Work, QueuedLetter, Actor], Words | None]]] = {
    "weekly_digest": _digest_words,
    "case_changed": _case_changed_words,
    "case_reassigned": _reassigned_words,
    "sign_in_changed": _second_step_words,
    "handover_reminder": _nudge_words,
    "handover_escalated": _nudge_words,
    "transfer_signed": _signed_words,
    "transfer_prompt": _prompt_words,
    NEW_DEVICE: _sign_in_words,
    PASSWORD_CHANGED: _sign_in_words,
    INVITATION: _invitation_words,
    ROLE_ASKED: _role_asked_words,
    RESET: _reset_words,
    URGENT_OPENED: _urgent_words,
    URGENT_UNREVIEWED: _urgent_words,
    URGENT_TRIES: _urgent_tries_words,
    **dict.fromkeys(EXPECTED, _handover_words),
}
"""What each kind of letter says."""

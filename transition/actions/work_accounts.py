"""Signing in with a work account: sent to its provider, and back with what that says.

The provider is asked between two transactions, so that nobody who saves something waits for it.
What is refused leaves its entry in the trail, and so returns nothing instead of raising.
"""

from datetime import timedelta
from hmac import compare_digest
from typing import Final

from transition.actions.invitations import ONLY_ALLOWED, accept
from transition.actions.second_steps import CHANGED, its_row, refuse, take
from transition.actions.signing_in import Begun, Visit, begin_sign_in, takes_password
from transition.actions.work import NotFound, Work
from transition.records.audit import Note
from transition.records.sign_in_tries import SignInTry, held_try
from transition.records.sign_ins import digest_of_token, new_token
from transition.records.staff import Staff
from transition.records.work_accounts import (
    Ask,
    WorkAccount,
    WorkAccountAsk,
    asked_with,
    digest_of_subject,
    forget_old_asks,
    held_ask,
    work_account_of,
    work_account_shown,
)
from transition.rules.errors import RuleBroken
from transition.rules.second_steps import Way
from transition.rules.throttling import TryKind, wait_in_words
from transition.rules.work_accounts import (
    ASK_LASTS,
    Purpose,
    shows_second_factor,
    signs_in_with,
    was_shown_since,
)
from transition.security.issuers import Asked, Shown

NONE_LINKED: Final = "You have linked no work account."
ONLY_WAY: Final = (
    "You have no password here, so your work account is your only way in. Choose a password first: "
    "sign out, and use “I cannot sign in”."
)


def ask(
    work: Work, organisation: str, purpose: Purpose, *, visit: Visit, back: str = ""
) -> tuple[str, Asked]:
    """Note that a browser is sent to a provider; return the token it keeps, and what it asks.

    Raises:
        RuleBroken: too many came from the same source, and nobody signed in.
    """
    whose = work.actor.uid if purpose in {Purpose.AGAIN, Purpose.LINK} else None
    if whose is None:
        _count(work, visit)
    forget_old_asks(work.session, now=work.now)
    token = new_token()
    work.keep(
        WorkAccountAsk(
            token_digest=digest_of_token(token),
            organisation=organisation,
            purpose=purpose,
            staff_uid=whose,
            asked_at=work.now,
            back=back,
        )
    )
    return token, asked_with(work.session, token)


def come_back(work: Work, organisation: str, *, token: str, state: str) -> Ask | None:
    """Return for what a browser was sent away that comes back now; once, and in time.

    None where it was not sent, or not so, or where somebody else is signed in by now.
    """
    row = held_ask(work.session, token)
    asked = asked_with(work.session, token)
    if row is None or not _is_answer(work, row, organisation, asked, state):
        refuse_work_account(work)
        return None
    work.session.delete(row)
    if row.staff_uid not in {None, work.actor.uid}:
        refuse_work_account(work)
        return None
    return Ask(asked, row.purpose, row.staff_uid, row.asked_at, row.back)


def _is_answer(
    work: Work, row: WorkAccountAsk, organisation: str, asked: Asked, state: str
) -> bool:
    fits = compare_digest(asked.state.encode(), state.encode())
    return fits and row.organisation == organisation and work.now < row.asked_at + ASK_LASTS


def refuse_work_account(work: Work, about: str = "unknown") -> None:
    """Tell the trail that a work account let nobody in."""
    work.notes.append(Note("work-account:refused", about, outcome="refused"))


def sign_in_with(
    work: Work, organisation: str, shown: Shown, *, visit: Visit, notice: bool = False
) -> Begun | None:
    """Begin a sign-in of whose work account was shown; None for everybody else.

    Without a second factor it is half of one, as after a password.
    """
    account = work_account_shown(work.session, shown)
    if account is None or not _speaks_for(work, organisation, account.staff):
        refuse_work_account(work, account.staff_uid.hex() if account else "unknown")
        return None
    account.last_used_at = work.now
    twice = _is_twice(work, organisation, shown, visit)
    return begin_sign_in(work, account.staff, visit=visit, notice=notice, twice=twice)


def take_invitation(
    work: Work, organisation: str, shown: Shown, token: str, *, visit: Visit
) -> Begun | None:
    """Take an invitation with a work account in place of a password, and begin a sign-in.

    None where the link opens nothing any more, or the work account is another colleague's.
    """
    known = work_account_shown(work.session, shown)
    staff = accept(work, token, None) if known is None else None
    if staff is None:
        refuse_work_account(work)
        return None
    _keep(work, staff, shown)
    twice = _is_twice(work, organisation, shown, visit)
    return begin_sign_in(work, staff, visit=visit, twice=twice)


def show_again(work: Work, organisation: str, shown: Shown, token: str, asked: Ask) -> str | None:
    """Take the actor's work account as who they are, again; return the new token of their sign-in.

    It is to be their own, shown with a second factor, and since they were asked.
    """
    row = its_row(work, token)
    account = work_account_shown(work.session, shown)
    own = account is not None and account.staff_uid == work.actor_uid
    twice = shows_second_factor(shown.ways, work.catalogue.collaborative.providers[organisation])
    if not own or not twice or not was_shown_since(asked.asked_at, shown.at):
        return refuse(work, row, Way.WORK_ACCOUNT)
    return take(work, row, Way.WORK_ACCOUNT)


def link(work: Work, organisation: str, shown: Shown) -> bool:
    """Let the actor sign in with this work account from now on; return whether they may."""
    staff = work.session.get_one(Staff, work.actor_uid)
    known = work_account_shown(work.session, shown) or work_account_of(work.session, staff.uid)
    if known is not None or not _speaks_for(work, organisation, staff):
        refuse_work_account(work, staff.uid.hex())
        return False
    _keep(work, staff, shown)
    return True


def unlink(work: Work) -> None:
    """Forget the actor's work account.

    Raises:
        NotFound: they have linked none.
        RuleBroken: nothing else lets them in.
    """
    account = work_account_of(work.session, work.actor_uid)
    if account is None:
        raise NotFound(NONE_LINKED)
    if account.staff.password_hash is None:
        raise RuleBroken(ONLY_WAY)
    if not takes_password(work, account.staff):
        raise RuleBroken(ONLY_ALLOWED)
    work.session.delete(account)
    work.note("work-account:unlinked", about=work.actor_uid.hex())
    work.post(CHANGED, to=account.staff, about="")


def _count(work: Work, visit: Visit) -> None:
    """Count a try, like a password: as a wrong one of its source until somebody has signed in."""
    tries = _tries_from(work, visit)
    wait = tries.opens_at(work.now) - work.now
    if wait > timedelta():
        raise RuleBroken(f"Too many have tried to sign in. Try again in {wait_in_words(wait)}.")
    tries.add(work.now)


def _tries_from(work: Work, visit: Visit) -> SignInTry:
    return held_try(work.session, TryKind.SOURCE, visit.source, now=work.now)


def _speaks_for(work: Work, organisation: str, staff: Staff) -> bool:
    return signs_in_with(organisation, [one.value for one in staff.memberships], work.today)


def _keep(work: Work, staff: Staff, shown: Shown) -> None:
    digest = digest_of_subject(work.session, shown)
    work.keep(WorkAccount(staff_uid=staff.uid, subject_digest=digest, linked_at=work.now))
    work.note("work-account:linked", about=staff.uid.hex())
    work.post(CHANGED, to=staff, about="")


def _is_twice(work: Work, organisation: str, shown: Shown, visit: Visit) -> bool:
    """Return whether a second factor was shown too. Its source tried nothing wrong."""
    tries = _tries_from(work, visit)
    tries.count = max(tries.count - 1, 0)
    twice = shows_second_factor(shown.ways, work.catalogue.collaborative.providers[organisation])
    work.note("work-account:shown", about=f"{organisation} {'mfa' if twice else 'single'}")
    return twice

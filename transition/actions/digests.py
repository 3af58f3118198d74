"""Issuing the weekly digest: one for each colleague and ISO week, however often it is asked for."""

from transition.actions.work import Work
from transition.records.digests import Digest, DigestState, readers_without_digest
from transition.records.dues import Asking, CaseDues, concerns, dues_for, items_of
from transition.rules.digests import DigestContent, compose_digest, owed
from transition.rules.people import Actor

WEEKLY_DIGEST = "weekly_digest"


def issue_digests(work: Work) -> int:
    """Issue the digest that is owed now to everybody who lacks it; return how many letters that is.

    Safe to run at any time and again. A week that is 48 hours late is folded into the next: it
    keeps its row, and no letter is sent.
    """
    owing = owed(work.now, work.catalogue.holidays)
    letters = 0
    for staff in readers_without_digest(work.session, week=owing.week, today=work.today):
        letter = None
        if not owing.folded:
            letter = work.post(WEEKLY_DIGEST, to=staff, about=owing.week)
            letters += 1
        work.keep(
            Digest(
                staff_uid=staff.uid,
                week=owing.week,
                state=DigestState.FOLDED if owing.folded else DigestState.ISSUED,
                letter_uid=letter.uid if letter else None,
                issued_at=work.now,
            )
        )
    return letters


def cases_of(work: Work, actor: Actor) -> list[CaseDues]:
    """Return the cases that *actor* looks after, with what is due in each."""
    asking = Asking(actor, work.today, work.catalogue)
    return [dues for dues in dues_for(work.session, asking) if concerns(dues, actor)]


def digest_of(work: Work, actor: Actor) -> DigestContent:
    """Return what the digest of *actor* would say now: the letter and the screen both show this."""
    cases = cases_of(work, actor)
    return compose_digest(
        items_of(cases, work.today),
        today=work.today,
        side=actor.side,
        moves=[dues.target_on for dues in cases],
    )

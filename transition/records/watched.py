"""What keeps each open case from being lost, for the nightly proof and for the leads' Today."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from transition.records.cases import DENIED, OPEN, Case, asked_by, open_spans
from transition.records.dues import Asking, CaseDues, dues_for, stands_in_reply
from transition.records.histories import Pause
from transition.records.outbox import QueuedLetter
from transition.records.staff import StaffMembership
from transition.rules.ledger import breaches
from transition.rules.lost import Team, Watched
from transition.rules.people import CHILDRENS_ROLES, LEADS, Role

LOOKED_AT: Final = (
    select(func.min(Pause.review_on))
    .where(Pause.case_uid == Case.uid, Pause.until_on.is_(None))
    .correlate(Case)
    .scalar_subquery()
    .label("review_on")
)
"""When somebody looks again at a case that rests, or at one whose family is left in peace."""


def watched_cases(
    session: Session, asking: Asking, organisation: str | None = None
) -> tuple[Watched, ...]:
    """Return every open case, paused ones too; of one organisation if it is named.

    A case that is denied to who asks is none of them.
    """
    query = (
        select(
            Case.uid,
            Case.reference,
            Case.organisation,
            Case.named_worker_uid,
            Case.paused,
            LOOKED_AT,
        )
        .where(OPEN, ~DENIED)
        .order_by(Case.reference)
    )
    if organisation is not None:
        query = query.where(Case.organisation == organisation)
    dues = {one.case_uid: one for one in dues_for(session, asking)}
    # Needed is whatever has ever stood in the ledger of the case. Source: domain 5.9.
    led = {
        reference
        for reference, spans in open_spans(session, organisation)
        if not breaches(spans, {span.function for span in spans}, asking.today)
    }
    return tuple(
        _watched(row, dues.get(row.uid), led=row.reference in led)
        for row in session.execute(query, asked_by(asking.reader))
        if row.paused or row.uid in dues
    )


def _watched(
    row: Row[bytes, str, str, bytes, bool, date | None],
    dues: CaseDues | None,
    *,
    led: bool,
) -> Watched:
    """Return what is known of a case; the day on which it is looked at again is a step, too."""
    days = [row.review_on] if row.paused or row.review_on is not None else []
    asked = None
    if dues is not None:
        days += [one.due_on for one in dues.open_standings if not stands_in_reply(one)]
        days += [one.due_on for one in dues.waiting]
        waits_here = dues.handover is not None and not dues.outside
        asked = dues.receiver if waits_here else None
    return Watched(
        case_uid=row.uid,
        reference=row.reference,
        organisation=row.organisation,
        named_worker_uid=row.named_worker_uid,
        unled=not led,
        steps=len(days),
        next_on=min((day for day in days if day), default=None),
        asked=asked,
    )


def teams_of(session: Session, *, today: date) -> dict[str, Team]:
    """Return who works and leads in each organisation today, and whom letters do not reach."""
    held = session.scalars(select(StaffMembership)).all()
    granted = [one for one in held if one.value.grants_on(today)]
    unreached = frozenset(_unreached(session))
    return {
        organisation: Team(
            working=_having(granted, organisation, CHILDRENS_ROLES),
            leading=_having(granted, organisation, LEADS),
            unreached=unreached,
        )
        for organisation in {one.organisation for one in held}
    }


def _having(
    held: Iterable[StaffMembership], organisation: str, roles: frozenset[Role]
) -> frozenset[bytes]:
    return frozenset(
        one.staff_uid for one in held if one.organisation == organisation and one.role in roles
    )


def _unreached(session: Session) -> Iterable[bytes]:
    """Return the colleagues whose last letter was refused for good by their mail server."""
    letters = QueuedLetter.__table__.c
    ended = letters.sent_at.is_not(None) | letters.failed_code.is_not(None)
    last = (
        select(letters.recipient_uid, func.max(letters.queued_at).label("at"))
        .where(ended)
        .group_by(letters.recipient_uid)
        .subquery()
    )
    same = and_(letters.recipient_uid == last.c.recipient_uid, letters.queued_at == last.c.at)
    query = (
        select(letters.recipient_uid)
        .join(last, same)
        .group_by(letters.recipient_uid)
        .having(func.count(letters.sent_at) == 0)
    )
    return session.scalars(query)

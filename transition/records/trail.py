"""The trail as it is read: which entries an organisation may read, and which of them are asked for.

Codes, references and the work names of staff: nothing here can tell anything of a young person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from transition.clock import LONDON
from transition.records.audit import AuditEntry
from transition.records.cases import Case
from transition.records.handovers import STUBS, Handover
from transition.records.staff import Staff, StaffMembership
from transition.rules.handovers import HandoverState
from transition.rules.stages import Ending
from transition.rules.trail import (
    EXPORTED,
    PRINTED,
    PRINTS,
    REFUSED,
    SIGN_INS,
    VIEWED,
    Deed,
    Known,
    Line,
    Oddity,
    oddities_of,
)

ODD_DAYS: Final = 31
"""How many days are searched at once for what is out of the ordinary."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who reads the trail, and what is asked of it. Whatever is left out narrows nothing."""

    organisation: str
    of_cases: bool
    """Whether to read what others did with the organisation's cases too, as its auditor does."""
    who: str = ""
    case: str = ""
    deed: Deed | None = None
    first: date | None = None
    last: date | None = None


def staff_of(session: Session, organisation: str) -> Sequence[Staff]:
    """Return everybody who has or had a role in an organisation, by name."""
    query = select(Staff).join(Staff.memberships)
    held = query.where(StaffMembership.organisation == organisation).order_by(Staff.name)
    return session.scalars(held.distinct()).all()


def is_of(session: Session, reference: str, organisation: str) -> bool:
    """Return whether a case is an organisation's own."""
    query = select(Case.uid).where(Case.reference == reference, Case.organisation == organisation)
    return session.scalar(query) is not None


def entries_wanted(
    session: Session, wanted: Wanted, *, before: int | None = None, most: int | None = None
) -> Sequence[AuditEntry]:
    """Return the entries that are asked for, newest first, as many as *most*."""
    query = _narrowed(session, select(AuditEntry), wanted)
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    return session.scalars(query.order_by(AuditEntry.seq.desc()).limit(most)).all()


def odd_entries(
    session: Session, wanted: Wanted, holidays: frozenset[date], *, today: date
) -> dict[int, frozenset[Oddity]]:
    """Return which of the entries asked for are out of the ordinary, newest first, and why.

    It is looked for within a month: what decides about many cases an hour is all that somebody did.
    """
    last = wanted.last or today
    first = max(wanted.first or date.min, last - timedelta(days=ODD_DAYS))
    of_all = replace(wanted, case="", deed=None, first=first, last=last)
    rows = session.execute(_narrowed(session, LINES, of_all).order_by(AuditEntry.seq))
    found = oddities_of((Line(*row) for row in rows), known_to(session, wanted), holidays)
    narrower = replace(wanted, first=first, last=last)
    asked = _narrowed(session, select(AuditEntry.seq), narrower).order_by(AuditEntry.seq.desc())
    return {seq: found[seq] for seq in session.scalars(asked) if seq in found}


def entries_numbered(session: Session, numbers: Sequence[int]) -> Sequence[AuditEntry]:
    """Return the entries with these numbers, newest first."""
    query = select(AuditEntry).where(AuditEntry.seq.in_(numbers))
    return session.scalars(query.order_by(AuditEntry.seq.desc())).all()


def known_to(session: Session, wanted: Wanted) -> Known:
    """Return who has died and which hospice is out of which case, as far as the reader knows it.

    Of a case that is another's, its organisation knows of a death only where it was told of it.
    """
    own, its = Case.organisation == wanted.organisation, Handover.receiver == wanted.organisation
    told = select(Handover.case_uid).where(its, Handover.state == HandoverState.CLOSED_DIED)
    died = select(Case.reference, Case.ended_at).where(
        Case.ending == Ending.DIED, or_(own, Case.uid.in_(told))
    )
    newest = select(func.max(OTHER.c.number)).where(
        OTHER.c.case_uid == Handover.case_uid, OTHER.c.receiver == Handover.receiver
    )
    away = (
        select(
            Case.reference,
            Handover.receiver,
            func.coalesce(Handover.decided_at, Handover.closed_at, Handover.proposed_at),
        )
        .join(Case, Case.uid == Handover.case_uid)
        .where(
            Handover.state.in_(STUBS),
            Handover.number == newest.scalar_subquery(),
            or_(own, its),
        )
    )
    return Known(
        died={reference: at for reference, at in session.execute(died) if at is not None},
        turned_away={(reference, key): at for reference, key, at in session.execute(away)},
    )


OTHER: Final = Handover.__table__.alias("another_of_it")
LINES: Final = select(
    *(AuditEntry.seq, AuditEntry.at, AuditEntry.actor, AuditEntry.organisation),
    *(AuditEntry.action, AuditEntry.object, AuditEntry.case_ref, AuditEntry.outcome),
    AuditEntry.via,
)


def _narrowed(
    session: Session, query: Select[*tuple[Any, ...]], wanted: Wanted
) -> Select[*tuple[Any, ...]]:
    query = query.where(_readable(session, wanted), _from_to(wanted.first, wanted.last))
    if wanted.who:
        signing = and_(_SIGNING_IN, AuditEntry.object == wanted.who)
        query = query.where(or_(AuditEntry.actor == wanted.who, signing))
    if wanted.case:
        listed = AuditEntry.object.contains(wanted.case, autoescape=True)
        query = query.where(or_(AuditEntry.case_ref == wanted.case, listed))
    return query.where(OF[wanted.deed]) if wanted.deed is not None else query


def _readable(session: Session, wanted: Wanted) -> ColumnElement[bool]:
    """Return which entries an organisation reads: its people's, and for its auditor its cases' too.

    Whoever signs in is nobody yet: those entries name the person as what they are about.
    """
    people = [one.uid.hex() for one in staff_of(session, wanted.organisation)]
    theirs = or_(
        AuditEntry.organisation == wanted.organisation,
        and_(_SIGNING_IN, AuditEntry.object.in_(people)),
    )
    if not wanted.of_cases:
        return theirs
    cases = select(Case.reference).where(Case.organisation == wanted.organisation)
    return or_(theirs, AuditEntry.case_ref.in_(cases))


def _from_to(first: date | None, last: date | None) -> ColumnElement[bool]:
    """Return whether an entry was written on these days, in London; both count."""
    begins = AuditEntry.at >= _midnight(first) if first else true()
    ends = AuditEntry.at < _midnight(last + timedelta(days=1)) if last else true()
    return and_(begins, ends)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


_SIGNING_IN: Final = AuditEntry.action.startswith(SIGN_INS, autoescape=True)
_REFUSED: Final = AuditEntry.outcome == REFUSED
_PRINTED: Final = or_(
    AuditEntry.action.in_(PRINTED), AuditEntry.object.startswith(PRINTS, autoescape=True)
)
_VIEWED: Final = AuditEntry.action.in_(VIEWED)
_EXPORTED: Final = AuditEntry.action.in_(EXPORTED)
OF: Final = {
    Deed.VIEWED: and_(_VIEWED, ~_PRINTED, ~_REFUSED),
    Deed.CHANGED: and_(~_VIEWED, ~_PRINTED, ~_EXPORTED, ~_SIGNING_IN, ~_REFUSED),
    Deed.EXPORTED: and_(_EXPORTED, ~_REFUSED),
    Deed.PRINTED: and_(_PRINTED, ~_REFUSED),
    Deed.SIGNED_IN: and_(_SIGNING_IN, ~_REFUSED),
    Deed.REFUSED: _REFUSED,
}
"""What each deed is in the trail; an entry is exactly one of them."""

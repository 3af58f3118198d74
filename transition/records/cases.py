"""Cases, their episodes, and the history that measures are reckoned from.

Fetching is authorising: every question about cases takes a reader. What a reader may not see is
not found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Coded, Uid, UtcDateTime
from transition.records.handovers import STUBS, Handover
from transition.records.ledger import LedgerRow
from transition.records.sealing import Sealed, SealedRow
from transition.records.staff import Denial
from transition.rules.access import CaseAccess, CaseFacts, UrgentGrant, access_to
from transition.rules.handovers import ANONYMOUS, HandoverState, SharingBasis
from transition.rules.ledger import LedgerSpan
from transition.rules.pathway import Stage
from transition.rules.people import Actor
from transition.rules.stages import CaseState, Ending

OPEN: Final = text("ending IS NULL AND stage <> 'completed'")
"""Active or paused, and not completed: what "open" means where a number must be unique."""

NHS_NUMBERS: Final = "case.nhs_number"
"""The label of the blind index; it stays, whatever its column is called."""


class Case(Versioned, SealedRow):
    """One case: the record of one young person's transition.

    Its reference may be spoken of; whom it is about may not. Stage, overlays (paused, expedited)
    and ending are three things, so that nothing is lost when one of them changes. Its number is
    also the one it is sealed under.
    """

    __tablename__ = "young_person_case"
    __table_args__ = (
        Index(
            "one_open_case",
            "young_person_uid",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "nhs_number_once",
            "nhs_number_index",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        CheckConstraint("uid = case_uid", name="sealed_under_itself"),
        CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ending_has_its_day"),
        CheckConstraint("NOT paused OR ending IS NULL", name="ended_is_not_paused"),
    )

    reference: Mapped[str] = mapped_column(unique=True)
    young_person_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person.uid"))
    organisation: Mapped[str] = mapped_column(index=True)
    service: Mapped[str]
    catchment_key: Mapped[str]
    pathway_version: Mapped[str]
    stage: Mapped[Stage] = mapped_column(Coded(Stage))
    paused: Mapped[bool] = mapped_column(default=False)
    expedited: Mapped[bool] = mapped_column(default=False)
    unexpedited_on: Mapped[date | None]
    reopened_on: Mapped[date | None]
    ending: Mapped[Ending | None] = mapped_column(Coded(Ending))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_on: Mapped[date]
    entered_on: Mapped[date]
    target_transfer_on: Mapped[date | None]
    target_set_on: Mapped[date | None]
    window_to: Mapped[date | None]
    transferred_on: Mapped[date | None]
    receiver: Mapped[str | None]
    named_worker_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    sharing_basis: Mapped[SharingBasis] = mapped_column(Coded(SharingBasis))
    nhs_number_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    nhs_number_missing_reason: Mapped[str | None]

    next_due: Sealed[Any] = Sealed.json("case.next_due")

    @property
    def state(self) -> CaseState:
        """Where the case stands, as the rules speak of it."""
        return CaseState(
            stage=self.stage, paused=self.paused, expedited=self.expedited, ending=self.ending
        )


ANY_HANDOVER: Final = Handover.__table__.alias("any_handover")
"""Any of a case's handovers, under a name of its own so that a query may join the open one."""


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case and how much of it its reader may see."""

    case: Case
    access: CaseAccess
    urgent: UrgentGrant | None = None
    """That it is read because its reader opened it in an emergency; it lets nobody write."""


# What a question about cases is made of is built once: building it anew for each page would be
# dearer than to ask it. Who asks is told when it is asked, by ``asked_by``.
READER: Final = bindparam("reader", type_=Uid())
ORGANISATION: Final = bindparam("organisation", type_=String())


def asked_by(reader: Actor) -> dict[str, Any]:
    """Return what a question about cases is told of its reader."""
    return {"reader": reader.uid, "organisation": reader.organisation}


def _handover_states() -> Any:  # noqa: ANN401 - a column expression
    columns = ANY_HANDOVER.c
    parts = (columns.receiver, cast(columns.number, String), type_coerce(columns.state, String))
    return (
        select(func.aggregate_strings(parts[0] + "/" + parts[1] + "/" + parts[2], " "))
        .where(columns.case_uid == Case.uid, columns.proposed_at.is_not(None))
        .correlate(Case)
        .scalar_subquery()
        .label("handover_states")
    )


HANDOVER_STATES: Final = _handover_states()
"""Receiver, number and state of each of a case's handovers, as one column of words."""

DENIED: Final = exists(
    select(Denial.uid).where(Denial.case_uid == Case.uid, Denial.staff_uid == READER)
).label("denied")
"""Whether a case is denied to the reader, as a column."""

NAMED: Final = exists(
    select(ANY_HANDOVER.c.uid).where(
        ANY_HANDOVER.c.case_uid == Case.uid,
        ANY_HANDOVER.c.adult_worker_uid == READER,
        ANY_HANDOVER.c.state.not_in(ANONYMOUS),
    )
).label("named")
"""Whether the reader is named as the adult worker of a case, as a column."""

CONCERNING: Final = or_(
    Case.organisation == ORGANISATION,
    exists(
        select(ANY_HANDOVER.c.uid).where(
            ANY_HANDOVER.c.case_uid == Case.uid,
            ANY_HANDOVER.c.receiver == ORGANISATION,
            ANY_HANDOVER.c.proposed_at.is_not(None),
        )
    ),
)
"""Whether the reader's organisation has a part in a case."""


def access_of(reader: Actor, row: Row[Any]) -> CaseAccess:
    """Return how much *reader* may see of a case that a query found with the columns above."""
    return access_to(reader, facts_in(row), named=bool(row.named))


def facts_in(row: Row[Any]) -> CaseFacts:
    """Return what decides who may see a case that a query found with the columns above."""
    states = tuple((receiver, state) for receiver, _, state in handovers_in(row.handover_states))
    return CaseFacts(
        row.organisation,
        states,
        anew=runs_anew(row.ending, row.transferred_on),
        denied=bool(row.denied),
    )


def only_supports(row: Row[Any], organisation: str) -> bool:
    """Return whether an organisation with a part in a case neither has it nor takes it on.

    What it may see at all is asked elsewhere; then it supports beside the lead, or is asked to.
    """
    return organisation not in {row.organisation, row.receiver}


def runs_anew(ending: Ending | None, transferred_on: date | None) -> bool:
    """Return whether a handover that ended with a case is none of what the case is about now.

    After a transfer it stays so: its receiver leads what it took on.
    """
    return ending is None and transferred_on is None


def handovers_in(words: str | None) -> list[tuple[str, int, HandoverState]]:
    """Return what ``HANDOVER_STATES`` gathered: receiver, number and state, oldest first."""
    parts = (word.split("/") for word in (words or "").split())
    handovers = sorted((int(number), receiver, state) for receiver, number, state in parts)
    return [(receiver, number, HandoverState(state)) for number, receiver, state in handovers]


def find_case(
    session: Session, reference: str, *, reader: Actor, writing: bool = False
) -> SeenCase | None:
    """Return the case called *reference* as *reader* may see it, or None where it is not found.

    One and the same query answers whether the case is absent or not for this reader. *writing*
    holds the row until the work is done.
    """
    asked = asked_by(reader) | {"reference": reference}
    row = session.execute(HOLD if writing else FIND, asked).one_or_none()
    if row is None:
        return None
    access = access_of(reader, row)
    if row.Case.ending is Ending.ENTERED_IN_ERROR and access is not CaseAccess.FULL:
        access = min(access, CaseAccess.STUB)
    return None if access is CaseAccess.NOTHING else SeenCase(row.Case, access)


FOUND: Final = (
    *(Case, Case.organisation, Case.ending, Case.transferred_on, HANDOVER_STATES, DENIED, NAMED),
)
"""The columns with which a case is found, for whoever reads it."""
FIND: Final = select(*FOUND).where(
    CONCERNING, Case.reference == bindparam("reference", type_=String())
)
HOLD: Final = FIND.with_for_update(of=Case)
"""The same, and nobody else may write until the work is done."""


def earlier_handovers(session: Session, reader: Actor) -> list[tuple[str, Handover]]:
    """Return the handovers of which *reader* keeps a stub, newest first, each with its reference.

    Of them their hospice keeps what it said itself, and no name.
    """
    rows = session.execute(EARLIER, asked_by(reader))
    return [
        (row.reference, row.Handover)
        for row in rows
        if access_of(reader, row) is not CaseAccess.NOTHING
    ]


EARLIER: Final = (
    select(
        *(Handover, Case.reference, Case.organisation, Case.ending, Case.transferred_on),
        *(HANDOVER_STATES, DENIED, NAMED),
    )
    .join(Case, Case.uid == Handover.case_uid)
    .where(Handover.receiver == ORGANISATION, Handover.state.in_(STUBS))
    .order_by(Handover.closed_at.desc(), Handover.uid)
)


def open_case_with_number(session: Session, nhs_number_index: bytes) -> Case | None:
    """Return the open case that has this NHS number, whoever may see it."""
    query = select(Case).where(Case.nhs_number_index == nhs_number_index, OPEN)
    return session.scalar(query)


def cases_with_number(session: Session) -> Sequence[Case]:
    """Return the cases that have ended and are still found by their NHS number."""
    query = select(Case).where(Case.ending.is_not(None), Case.nhs_number_index.is_not(None))
    return session.scalars(query.order_by(Case.reference)).all()


def running_case(session: Session, reference: str) -> Case | None:
    """Return the case called *reference* if it has not ended and does not rest, or None.

    Whoever may read of it is asked elsewhere: this is for letters, which tell its reference only.
    """
    query = select(Case).where(Case.reference == reference, Case.ending.is_(None), ~Case.paused)
    return session.scalar(query)


def hold_case(session: Session, reference: str) -> Case:
    """Return the case called *reference*, held until the work is done; for the timetable alone."""
    return session.scalars(select(Case).where(Case.reference == reference).with_for_update()).one()


def open_spans(
    session: Session, organisation: str | None = None
) -> Iterator[tuple[str, list[LedgerSpan]]]:
    """Yield the responsibility ledger of each open case, of one organisation if it is named.

    A case at a time, by reference: those of a region are many.
    """
    columns = LedgerRow.__table__.c
    parts = (columns.function, columns.service, columns.position, columns.from_on, columns.to_on)
    query = select(Case.reference, *parts).join(LedgerRow, LedgerRow.case_uid == Case.uid)
    if organisation is not None:
        query = query.where(Case.organisation == organisation)
    rows = session.execute(query.where(OPEN).order_by(Case.reference))
    for reference, spans in groupby(rows, key=itemgetter(0)):
        yield reference, [LedgerSpan(*span) for _, *span in spans]

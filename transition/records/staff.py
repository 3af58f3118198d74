"""Staff, the roles they hold in an organisation, and the cases that are denied to one of them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, contains_eager, mapped_column, relationship

from transition.records.base import Base, Versioned
from transition.records.columns import Coded, Uid, UtcDateTime, new_uid
from transition.rules.people import (
    CHILDRENS_ROLES,
    LEADS,
    Actor,
    Duty,
    Membership,
    MembershipState,
    Role,
    actor_of,
)


class Staff(Versioned, Base):
    """One colleague, by work name and work e-mail address."""

    __tablename__ = "staff"

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    """Where they sign in and are written to; nowhere once they have left, so that it is free."""
    former_email: Mapped[str | None]
    """The address of somebody who has left, for the day on which they come back."""
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    memberships: Mapped[list["StaffMembership"]] = relationship(
        back_populates="staff", order_by="StaffMembership.organisation, StaffMembership.role"
    )

    def actor(self, today: date) -> Actor | None:
        """Return who this colleague is today, or None where no role is granted."""
        return actor_of(self.uid, self.name, [held.value for held in self.memberships], today)


class StaffMembership(Versioned, Base):
    """A role that somebody holds in an organisation. Only an active one grants anything."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("staff_uid", "organisation", "role", name="one_role_once"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="ends_after_it_begins"),
        # Each organisation names one lead, one deputy and one escalation person.
        Index("one_person_a_duty", "organisation", "duty", unique=True),
    )

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    organisation: Mapped[str]
    role: Mapped[Role] = mapped_column(Coded(Role))
    state: Mapped[MembershipState] = mapped_column(Coded(MembershipState))
    duty: Mapped[Duty | None] = mapped_column(Coded(Duty))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    staff: Mapped[Staff] = relationship(back_populates="memberships")

    @property
    def value(self) -> Membership:
        """The plain value that the rules speak of."""
        return Membership(
            organisation=self.organisation,
            role=self.role,
            state=self.state,
            from_on=self.from_on,
            until_on=self.until_on,
            duty=self.duty,
        )


class Denial(Base):
    """One colleague must not see one case; it wins over whatever is granted."""

    __tablename__ = "denial"
    __table_args__ = (UniqueConstraint("staff_uid", "case_uid", name="denied_once"),)

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    case_uid: Mapped[bytes] = mapped_column(ForeignKey("young_person_case.uid"), index=True)
    denied_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    denied_at: Mapped[datetime] = mapped_column(UtcDateTime)


def is_denied(session: Session, staff_uid: bytes, case_uid: bytes) -> bool:
    """Return whether a colleague must not see a case."""
    query = select(Denial.uid).where(Denial.staff_uid == staff_uid, Denial.case_uid == case_uid)
    return session.scalar(query) is not None


def find_staff(session: Session, email: str) -> Staff | None:
    """Return the colleague with the address *email*, whatever its capitals."""
    return session.scalar(select(Staff).where(Staff.email == email.strip().lower()))


def organisation_of(session: Session, staff_uid: bytes) -> str | None:
    """Return where somebody works or is to work; failing that, where they worked."""
    query = select(StaffMembership).where(StaffMembership.staff_uid == staff_uid)
    held = session.scalars(query.order_by(StaffMembership.organisation)).all()
    here = [one for one in held if one.state is not MembershipState.LEFT] or held
    return here[0].organisation if here else None


def hold_memberships(session: Session, organisations: Collection[str]) -> None:
    """Let nobody else change a role of these organisations before the work is done."""
    query = select(StaffMembership.uid).where(StaffMembership.organisation.in_(organisations))
    session.execute(query.order_by(StaffMembership.uid).with_for_update())


def email_of(session: Session, uid: bytes) -> str:
    """Return the work address of a colleague."""
    return session.scalars(select(Staff.email).where(Staff.uid == uid)).one()


def everybody(session: Session) -> Sequence[Staff]:
    """Return all staff, each with the roles they hold, by address."""
    query = select(Staff).join(Staff.memberships).order_by(Staff.email)
    return session.scalars(query.distinct()).all()


def holders(session: Session, organisation: str, *, today: date) -> Sequence[StaffMembership]:
    """Return the roles that are granted in *organisation* today, with who holds them."""
    query = (
        select(StaffMembership)
        .join(StaffMembership.staff)
        .options(contains_eager(StaffMembership.staff))
        .where(StaffMembership.organisation == organisation)
        .order_by(Staff.email)
    )
    return [held for held in session.scalars(query) if held.value.grants_on(today)]


def roles_held(session: Session, organisation: str | None) -> Sequence[StaffMembership]:
    """Return every role of an organisation, or of all of them, ended ones too, by address."""
    query = (
        select(StaffMembership)
        .join(StaffMembership.staff)
        .options(contains_eager(StaffMembership.staff))
        .order_by(StaffMembership.organisation, Staff.email)
    )
    if organisation is not None:
        query = query.where(StaffMembership.organisation == organisation)
    return session.scalars(query).all()


def held_still(session: Session, staff_uid: bytes) -> None:
    """Let nobody end what a colleague is until the work is done, and know it as it stands now.

    Whoever is given something is held still first, so that they cannot leave at the same moment.
    """
    _lock(session, StaffMembership.staff_uid == staff_uid, shared=True)


def held_in_place(session: Session, organisation: str) -> Sequence[StaffMembership]:
    """Return every role held in *organisation*, ended ones too; nobody else changes one till done.

    They are known as they stand now, whatever was read of them before.
    """
    return _lock(session, StaffMembership.organisation == organisation, shared=False)


def _lock(
    session: Session, which: ColumnElement[bool], *, shared: bool
) -> Sequence[StaffMembership]:
    # In one order, so that two who hold several never wait for each other.
    query = select(StaffMembership).where(which).order_by(StaffMembership.uid)
    locking = query.with_for_update(read=shared).execution_options(populate_existing=True)
    return session.scalars(locking).all()


def duty_holders(session: Session, organisation: str, *, today: date) -> dict[Duty, Staff]:
    """Return who is lead, deputy and escalation person of *organisation* today."""
    held = holders(session, organisation, today=today)
    return {one.duty: one.staff for one in held if one.duty is not None}


def staff_names(session: Session) -> dict[bytes, str]:
    """Return the work name of everybody on staff."""
    return {row.uid: row.name for row in session.connection().execute(NAMES)}


NAMES: Final = select(Staff.__table__.c.uid, Staff.__table__.c.name)
"""Built once: every list asks it."""


def or_leads(
    found: Iterable[StaffMembership], held: Iterable[StaffMembership]
) -> tuple[Staff, ...]:
    """Return who of a hospice was found, each once, or where that is nobody its leads."""
    people = [*found] or [one for one in held if one.role in LEADS]
    return tuple({one.staff_uid: one.staff for one in people}.values())


def named_workers_in(session: Session, organisation: str, *, today: date) -> tuple[Staff, ...]:
    """Return who may be the named worker of a young person in *organisation*, by address."""
    held = holders(session, organisation, today=today)
    return tuple({one.staff.uid: one.staff for one in held if one.role in CHILDRENS_ROLES}.values())


def workers_of(session: Session, organisation: str, *, today: date) -> tuple[Staff, ...]:
    """Return who may be named as the adult worker in *organisation*, each once, by address."""
    held = holders(session, organisation, today=today)
    fit = {Role.ADULT_WORKER, Role.ADULT_LEAD}
    return tuple({one.staff.uid: one.staff for one in held if one.role in fit}.values())


def coordinators(session: Session, *, today: date) -> tuple[Staff, ...]:
    """Return the coordinators of the collaborative today, by address."""
    return _who_are(session, Role.COORDINATOR, today=today)


def administrators(session: Session, *, today: date) -> tuple[Staff, ...]:
    """Return the administrators of today, by address."""
    return _who_are(session, Role.ADMIN, today=today)


def _who_are(session: Session, role: Role, *, today: date) -> tuple[Staff, ...]:
    query = (
        select(StaffMembership)
        .join(StaffMembership.staff)
        .options(contains_eager(StaffMembership.staff))
        .where(StaffMembership.role == role)
        .order_by(Staff.email)
    )
    return tuple(held.staff for held in session.scalars(query) if held.value.grants_on(today))

"""Invitations, and roles that a lead must agree to before they are given."""

from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from transition.records.base import Base, Versioned
from transition.records.columns import Uid, UtcDateTime, new_uid
from transition.records.keys import vault_of
from transition.records.sign_ins import SignIn, digest_of_token
from transition.records.staff import Staff, StaffMembership
from transition.rules.invitations import opens_until
from transition.rules.people import MembershipState
from transition.security.keyring import derive

STANDS = "accepted_at IS NULL AND cancelled_at IS NULL"


class Invitation(Versioned, Base):
    """That somebody was invited. Of the link only a digest is kept; a newer one ends the older."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("accepted_at IS NULL OR cancelled_at IS NULL", name="taken_or_cancelled"),
        CheckConstraint("(sent_at IS NULL) = (token_digest IS NULL)", name="link_is_whole"),
        Index(
            "one_open_invitation",
            "staff_uid",
            unique=True,
            sqlite_where=text(STANDS),
            postgresql_where=text(STANDS),
        ),
    )

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    staff_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"), index=True)
    organisation: Mapped[str]
    invited_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when its newest link counts; none went out before a lead agreed."""
    number: Mapped[int] = mapped_column(default=0)
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    staff: Mapped[Staff] = relationship(foreign_keys=staff_uid)
    invited_by: Mapped[Staff | None] = relationship(foreign_keys=invited_by_uid)

    @property
    def opens_until(self) -> datetime | None:
        """Until when its newest link opens anything; None before there is one."""
        return opens_until(self.sent_at) if self.sent_at is not None else None

    @property
    def about(self) -> str:
        """What a letter names: this invitation, and which of its links."""
        return f"{self.uid.hex()}/{self.number}"


class RoleRequest(Versioned, Base):
    """That an administrator asks a lead to agree to a clinical role, and what came of it."""

    __tablename__ = "role_request"
    __table_args__ = (
        CheckConstraint(
            "(settled_at IS NULL) = (settled_by_uid IS NULL)", name="settling_is_whole"
        ),
        Index(
            "one_open_request",
            "membership_uid",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True, default=new_uid)
    membership_uid: Mapped[bytes] = mapped_column(ForeignKey("membership.uid"), index=True)
    asked_by_uid: Mapped[bytes] = mapped_column(ForeignKey("staff.uid"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by_uid: Mapped[bytes | None] = mapped_column(ForeignKey("staff.uid"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    membership: Mapped[StaffMembership] = relationship()
    asked_by: Mapped[Staff] = relationship(foreign_keys=asked_by_uid)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody as those see them who look after accounts."""

    staff: Staff
    held: tuple[StaffMembership, ...]
    """What they hold, asked for or held once in this organisation."""
    invitation: Invitation | None
    requests: tuple[RoleRequest, ...]
    last_signed_in_at: datetime | None

    def in_state(self, state: MembershipState) -> list[StaffMembership]:
        """Return the roles that stand so."""
        return [one for one in self.held if one.state is state]

    @property
    def waiting(self) -> frozenset[bytes]:
        """The roles to which a lead has not agreed yet."""
        return frozenset(one.membership_uid for one in self.requests)


def token_of(session: Session, invitation: Invitation) -> str:
    """Return the newest link's token: 256 bits that follow from a root key, and are kept nowhere.

    So a letter that goes a second time carries the same link.
    """
    root = vault_of(session).root(session, "system")
    token = derive(root, f"TF1/invitation/{invitation.about}")
    return urlsafe_b64encode(token).decode().rstrip("=")


def invitation_by_token(session: Session, token: str) -> Invitation | None:
    """Return the invitation whose newest link has this token, whatever became of it."""
    query = (
        select(Invitation)
        .where(Invitation.token_digest == digest_of_token(token))
        .options(joinedload(Invitation.staff), joinedload(Invitation.invited_by))
    )
    return session.scalar(query)


def open_requests(session: Session, staff_uids: Collection[bytes]) -> list[RoleRequest]:
    """Return the roles of these people to which a lead has not agreed yet."""
    query = (
        select(RoleRequest)
        .join(RoleRequest.membership)
        .options(joinedload(RoleRequest.membership), joinedload(RoleRequest.asked_by))
        .where(RoleRequest.settled_at.is_(None), StaffMembership.staff_uid.in_(staff_uids))
        .order_by(StaffMembership.role)
    )
    return list(session.scalars(query))


def colleagues_in(
    session: Session, organisation: str, staff_uid: bytes | None = None
) -> list[Colleague]:
    """Return everybody who holds, held or is to hold a role in an organisation, by name.

    With *staff_uid*, return that one alone, if they are among them.
    """
    query = select(StaffMembership).join(StaffMembership.staff)
    query = query.options(joinedload(StaffMembership.staff))
    query = query.where(StaffMembership.organisation == organisation)
    if staff_uid is not None:
        query = query.where(StaffMembership.staff_uid == staff_uid)
    held: dict[bytes, list[StaffMembership]] = {}
    for one in session.scalars(query.order_by(Staff.name, Staff.email, StaffMembership.role)):
        held.setdefault(one.staff_uid, []).append(one)
    invited = select(Invitation).where(Invitation.staff_uid.in_(held), text(STANDS))
    invitations = {one.staff_uid: one for one in session.scalars(invited)}
    requests = open_requests(session, list(held))
    seen = _last_sign_ins(session, list(held))
    return [
        Colleague(
            staff=roles[0].staff,
            held=tuple(roles),
            invitation=invitations.get(uid),
            requests=tuple(one for one in requests if one.membership.staff_uid == uid),
            last_signed_in_at=seen.get(uid),
        )
        for uid, roles in held.items()
    ]


def _last_sign_ins(session: Session, staff_uids: Collection[bytes]) -> dict[bytes, datetime]:
    query = (
        select(SignIn.staff_uid, func.max(SignIn.began_at).label("last"))
        .where(SignIn.staff_uid.in_(staff_uids))
        .group_by(SignIn.staff_uid)
    )
    return {row.staff_uid: row.last for row in session.execute(query)}

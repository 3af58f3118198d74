"""Who acts: roles, memberships, and the actor that they make of a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from transition.rules.words import Worded


class Side(Worded):
    """The two sides of a handover."""

    CHILDRENS = "childrens", "children's hospice"
    ADULT = "adult", "adult hospice"

    @property
    def other(self) -> "Side":
        """The side across."""
        return Side.ADULT if self is Side.CHILDRENS else Side.CHILDRENS


class Role(Worded):
    """What a person may be in one organisation."""

    TRANSITION_NURSE = "transition_nurse", "transition nurse"
    CHILDRENS_LEAD = "childrens_lead", "children's lead"
    ADULT_LEAD = "adult_lead", "adult lead"
    ADULT_WORKER = "adult_worker", "adult worker"
    COORDINATOR = "coordinator", "coordinator"
    ADMIN = "admin", "administrator"
    AUDITOR = "auditor", "auditor"

    @property
    def side(self) -> Side | None:
        """The side it stands on; None for roles that care for nobody."""
        return SIDES.get(self)


SIDES: Final[Mapping[Role, Side]] = {
    Role.TRANSITION_NURSE: Side.CHILDRENS,
    Role.CHILDRENS_LEAD: Side.CHILDRENS,
    Role.ADULT_LEAD: Side.ADULT,
    Role.ADULT_WORKER: Side.ADULT,
}

CHILDRENS_ROLES: Final = frozenset({Role.TRANSITION_NURSE, Role.CHILDRENS_LEAD})
LEADS: Final = frozenset({Role.CHILDRENS_LEAD, Role.ADULT_LEAD})
CLINICAL_ROLES: Final = frozenset(SIDES)
OVER_OTHERS: Final = frozenset({Role.ADMIN, Role.AUDITOR})
"""Who may come in, and who watches those who do: nobody gives it alone, and it takes a passkey."""


def named(roles: frozenset[Role]) -> str:
    """Return roles in words, in the order of their table: "a transition nurse or an adult lead"."""
    labels = [role.label for role in Role if role in roles]
    return " or ".join(f"{'an' if label[0] == 'a' else 'a'} {label}" for label in labels)


def named_all(roles: Iterable[Role]) -> str:
    """Return roles in words, each with its article: "a transition nurse and an auditor"."""
    held = frozenset(roles)
    labels = [role.label for role in Role if role in held]
    return " and ".join(f"{'an' if label[0] == 'a' else 'a'} {label}" for label in labels)


class MembershipState(StrEnum):
    """How a membership stands; only an active one grants anything."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


class Duty(Worded):
    """What a lead is to a handover, besides being a lead."""

    LEAD = "lead", "lead"
    DEPUTY = "deputy", "deputy"
    ESCALATION = "escalation", "escalation person"


@dataclass(frozen=True, slots=True)
class Membership:
    """One role that a person holds in one organisation; both days of its limits count."""

    organisation: str
    role: Role
    state: MembershipState
    from_on: date
    until_on: date | None = None
    duty: Duty | None = None

    def grants_on(self, today: date) -> bool:
        """Return whether it grants anything on a day."""
        if self.state is not MembershipState.ACTIVE or today < self.from_on:
            return False
        return self.until_on is None or today <= self.until_on


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts now, for one organisation; the timetable and commands have no `uid`."""

    uid: bytes | None
    name: str
    organisation: str
    roles: frozenset[Role]

    @property
    def side(self) -> Side | None:
        """The side they act for; None for nobody's, and for both (which is nobody's to decide)."""
        sides = {role.side for role in self.roles} - {None}
        return sides.pop() if len(sides) == 1 else None

    @property
    def clinical(self) -> bool:
        """Whether they act for one of the two sides."""
        return self.side is not None


THE_TIMETABLE: Final = Actor(None, "the timetable", "", frozenset())
THE_COMMAND_LINE: Final = Actor(None, "the command line", "", frozenset())


def actor_of(uid: bytes, name: str, memberships: Iterable[Membership], today: date) -> Actor | None:
    """Return who a person acts as today, in the first organisation that grants anything."""
    granting = [each for each in memberships if each.grants_on(today)]
    if not granting:
        return None
    organisation = granting[0].organisation
    roles = frozenset(each.role for each in granting if each.organisation == organisation)
    return Actor(uid, name, organisation, roles)

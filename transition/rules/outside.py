"""Receivers outside the collaborative: nobody there signs in, so what they say is recorded here.

Who was told it records it, with who said it, as what, when and how. Source: ruling 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from transition.rules.errors import RuleBroken
from transition.rules.people import CHILDRENS_ROLES, Actor, Role
from transition.rules.words import Worded


class ToldHow(Worded):
    """How somebody who does not sign in said something."""

    TELEPHONE = "telephone", "By telephone"
    IN_PERSON = "in_person", "In person"
    LETTER = "letter", "By letter"
    EMAIL = "email", "By e-mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who at a provider said something, as what, on which day and how."""

    by: str
    role: str
    on: date
    how: ToldHow

    def kept(self) -> dict[str, str]:
        """Return it as it is kept."""
        return {
            "by": self.by,
            "role": self.role,
            "on": self.on.isoformat(),
            "how": self.how.value,
        }

    @classmethod
    def read(cls, kept: Mapping[str, str]) -> Self:
        """Return what was kept."""
        on, how = date.fromisoformat(kept["on"]), ToldHow(kept["how"])
        return cls(by=kept["by"], role=kept["role"], on=on, how=how)

    @property
    def words(self) -> str:
        """Who said it, as what, and how."""
        return f"{self.by}, {self.role}, {self.how.label.lower()}"


NOT_TOLD: Final = "Write who there told you, and as what."
NOT_YET: Final = "The day on which they told you must be today or in the past."
TOO_SOON: Final = "They cannot have told you before this was sent."
SIGNS_IN: Final = "This hospice signs in here, and says so itself."


def speaking_for(actor: Actor, receiver: str) -> Actor:
    """Return who takes the part of a provider outside: somebody of the children's side.

    Raises:
        RuleBroken: they are not of that side.
    """
    if not actor.roles & CHILDRENS_ROLES:
        raise RuleBroken("Only the children's hospice records what a provider outside says.")
    return Actor(actor.uid, actor.name, receiver, frozenset({Role.ADULT_LEAD}))


def refuse_told(told: Told, *, sent_on: date, today: date) -> None:
    """Do nothing if something can have been said as it is told.

    Raises:
        RuleBroken: nobody is named, or the day cannot be.
    """
    if not (told.by.strip() and told.role.strip()):
        raise RuleBroken(NOT_TOLD)
    if told.on > today:
        raise RuleBroken(NOT_YET)
    if told.on < sent_on:
        raise RuleBroken(TOO_SOON)


def refuse_confirming(by: Actor) -> None:
    """Do nothing if somebody may record that a provider outside confirms a transfer.

    Raises:
        RuleBroken: they are no children's lead.
    """
    if Role.CHILDRENS_LEAD not in by.roles:
        raise RuleBroken("A children's lead records this, who was not the first to sign.")

"""Who leaves a hospice: what they hold must have a new owner first, and who may say it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from transition.rules.errors import RuleBroken
from transition.rules.people import LEADS, Actor, Duty, Role
from transition.rules.words import Worded


class HeldKind(Worded):
    """What somebody may hold that must not be left with nobody."""

    CASE = "case", "Named worker"
    ADULT_WORKER = "worker", "Adult named worker"
    DUTY = "duty", "Duty"
    COVER = "cover", "Covers for a colleague"


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that somebody holds; `about` is a reference, a duty, or an absence's number."""

    kind: HeldKind
    about: str
    handover: str = ""
    """The key of the handover on which an adult worker is named."""

    @property
    def key(self) -> str:
        """What it is called on a form."""
        return "/".join(filter(None, (self.kind.value, self.about, self.handover)))


PLAIN: Final[Mapping[HeldKind, tuple[str, str]]] = {
    HeldKind.CASE: ("1 young person", "{} young people"),
    HeldKind.ADULT_WORKER: ("1 young person as adult named worker", "{} as adult named worker"),
    HeldKind.COVER: ("cover for 1 colleague", "cover for {} colleagues"),
}
"""What is held, in words: of one, and of several."""


def held_words(held: Collection[Held]) -> str:
    """Return what is held, counted: "3 young people, the duty of deputy"."""
    said = []
    for kind, (one, many) in PLAIN.items():
        number = sum(each.kind is kind for each in held)
        if number:
            said.append(one if number == 1 else many.format(number))
    duties = [Duty(each.about) for each in held if each.kind is HeldKind.DUTY]
    return ", ".join([*said, *(f"the duty of {duty.label}" for duty in duties)])


def refuse_ending(by: Actor, who: bytes, organisation: str, name: str) -> None:
    """Do nothing if an actor may end the access of a colleague, or give it back.

    Raises:
        RuleBroken: they are no lead of the same hospice and no administrator, or mean themselves.
    """
    if by.uid == who:
        raise RuleBroken("Nobody does this for themselves. Ask another lead or the administrator.")
    lead = bool(by.roles & LEADS) and by.organisation == organisation
    if not lead and Role.ADMIN not in by.roles:
        raise RuleBroken(f"Only a lead of the same hospice, or an administrator, does this: {name}")


def refuse_held(name: str, held: Collection[Held]) -> None:
    """Do nothing if somebody holds nothing.

    Raises:
        RuleBroken: they do; the sentence says what, and what to do.
    """
    if held:
        raise RuleBroken(f"{name} still has {held_words(held)}. Choose who takes this on first.")


LAST: Final[Mapping[Role, str]] = {
    Role.CHILDRENS_LEAD: "another children's lead of this hospice",
    Role.ADULT_LEAD: "another lead of this hospice",
    Role.ADMIN: "another administrator of the collaborative",
}
"""The roles that somebody must always hold, and whom to invite before the last one leaves."""


def refuse_last(name: str, leaving: Collection[Role], remaining: Collection[Role]) -> None:
    """Do nothing if each role that must not be empty is still held by somebody who remains.

    Raises:
        RuleBroken: one would be empty; the sentence says who must be there first.
    """
    for role, instead in LAST.items():
        if role in leaving and role not in remaining:
            raise RuleBroken(f"{name} is the last {role.label}. Invite {instead} first.")


def even_split(keys: Sequence[str], loads: Mapping[str, int]) -> dict[str, str]:
    """Return who might take on what, so that all have as evenly much as can be.

    `loads` are how much each has now. Who has least takes the next; of two alike, the first.
    """
    carried = dict(loads)
    split = {}
    for key in keys if carried else ():
        split[key] = min(carried, key=lambda one: carried[one])
        carried[split[key]] += 1
    return split

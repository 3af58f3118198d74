"""Handing a young person on from one named worker to another."""

from typing import Final

from transition.rules.errors import RuleBroken
from transition.rules.people import Actor, Role, Side

LEAST: Final = 10
"""Characters of a hand-on note: somebody else has to understand it. Source: domain 9, F3."""


def refuse_hand_on(by: Actor, to: Actor | None, note: str) -> None:
    """Do nothing if a colleague may be given a case, with this note.

    Raises:
        RuleBroken: it is not a lead who says so, the colleague does not work here with young
            people, or the note says too little.
    """
    if Role.CHILDRENS_LEAD not in by.roles:
        raise RuleBroken("Only a children's lead may change the named worker.")
    if to is None or to.organisation != by.organisation or to.side is not Side.CHILDRENS:
        raise RuleBroken("Choose a nurse or lead who works here now.")
    if len(note.strip()) < LEAST:
        raise RuleBroken("Write what the next named worker must know first.")

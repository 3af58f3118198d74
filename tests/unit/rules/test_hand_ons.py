"""Who may be given a case, by whom, and with what note."""

import pytest

from transition.rules.errors import RuleBroken
from transition.rules.hand_ons import refuse_hand_on
from transition.rules.people import Actor, Role

NOTE = "Ring her mother after four."


def somebody(role: Role, organisation: str = "naomi") -> Actor:
    return Actor(b"1", "Lena", organisation, frozenset({role}))


LEAD = somebody(Role.CHILDRENS_LEAD)


@pytest.mark.parametrize("role", [Role.TRANSITION_NURSE, Role.CHILDRENS_LEAD])
def test_a_lead_hands_on_to_a_nurse_or_a_lead(role: Role) -> None:
    refuse_hand_on(LEAD, somebody(role), NOTE)


@pytest.mark.parametrize(
    ("by", "to", "note", "sentence"),
    [
        (somebody(Role.TRANSITION_NURSE), LEAD, NOTE, "Only a children's lead"),
        (LEAD, None, NOTE, "who works here now"),
        (LEAD, somebody(Role.AUDITOR), NOTE, "who works here now"),
        (LEAD, somebody(Role.TRANSITION_NURSE, "other"), NOTE, "who works here now"),
        (LEAD, LEAD, "  Nothing  ", "must know first"),
    ],
)
def test_everything_else_is_refused(by: Actor, to: Actor | None, note: str, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        refuse_hand_on(by, to, note)

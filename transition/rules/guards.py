"""What a case still lacks before it may move on from the first two stages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from transition.rules.calendar import add_months, birthday
from transition.rules.people import Actor, Role
from transition.rules.stages import StageEvent


@dataclass(frozen=True, slots=True)
class EarlyStart:
    """A decision to plan before the usual age, and why."""

    by: Actor
    reason: str

    @property
    def holds(self) -> bool:
        """Whether it was a children's lead who decided, and a reason was given."""
        return Role.CHILDRENS_LEAD in self.by.roles and bool(self.reason.strip())


MISSING: Final[Mapping[StageEvent, Mapping[str, str]]] = {
    StageEvent.PREPARE: {
        "ID-02": "The young person and family have not yet been told what transition means.",
        "ID-03": "A named worker has not yet been agreed with the young person.",
        "ID-05": "Agreement to share, or an objection, has not yet been recorded.",
    },
    StageEvent.PLAN: {
        "PR-03": "The transition plan has not yet been written.",
        "PR-02": "There has been no review meeting in the last 12 months.",
        "PR-10": "The local adult hospice has not yet been identified and given early notice.",
    },
}
"""What is still missing for an event when these milestones are not satisfied."""

TOO_YOUNG: Final = (
    "The young person is not yet 15 years and 6 months old."
    " A children's lead may decide to plan early, and says why."
)


def planning_from(born: date) -> date:
    """Return the day from which planning the move usually starts: 15 years and 6 months."""
    return add_months(birthday(born, 15), 6)


def guard_of(
    event: StageEvent,
    *,
    outstanding: Collection[str],
    born: date,
    today: date,
    early: EarlyStart | None = None,
) -> tuple[str, ...]:
    """Return a sentence for each thing still missing before an event; empty when it may happen.

    `outstanding` are the codes of milestones that are not satisfied today: any of the four
    outcomes satisfies, and a review meeting only for 12 months. Events that a gate guards
    (propose, sign, close) are asked of the pathway.
    """
    sentences = MISSING.get(event, {})
    missing = [sentence for code, sentence in sentences.items() if code in outstanding]
    if event is StageEvent.PLAN and today < planning_from(born) and not (early and early.holds):
        missing.append(TOO_YOUNG)
    return tuple(missing)


def missing_for_transfer(services_unknown: int) -> tuple[str, ...]:
    """Return what the services map still lacks before a transfer can be signed.

    Source: domain 5.9, no service may be unknown then.
    """
    if not services_unknown:
        return ()
    services = "1 service is" if services_unknown == 1 else f"{services_unknown} services are"
    return (f"{services} still unknown. Say of each whether it is needed.",)

"""Nobody is lost: what every open case must have, and what to do where it has not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from transition.rules.words import Worded


class Loss(Worded):
    """Why somebody might fall between two hospices."""

    NO_WORKER = "no_worker", "has no named worker who works here now"
    NO_LEAD = "no_lead", "has a function of care that nobody leads"
    NO_STEP = "no_step", "has no next step"
    NO_DATE = "no_date", "has a next step without a date"
    NO_RECIPIENT = "no_recipient", "would not reach anybody by letter"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self]


REMEDIES = {
    Loss.NO_WORKER: "Change the named worker",
    Loss.NO_LEAD: "See who leads what",
    Loss.NO_STEP: "Say what comes next",
    Loss.NO_DATE: "Give the next step a date",
    Loss.NO_RECIPIENT: "Ask the administrator to check the addresses of those who are told",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What keeps one open case from being lost; `asked` is a hospice whose answer it waits for."""

    case_uid: bytes
    reference: str
    organisation: str
    named_worker_uid: bytes
    unled: bool
    steps: int
    next_on: date | None
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """Who of an organisation works there now, who leads, and whom letters do not reach."""

    working: frozenset[bytes] = frozenset()
    leading: frozenset[bytes] = frozenset()
    unreached: frozenset[bytes] = frozenset()

    def told(self, worker: bytes) -> frozenset[bytes]:
        """Return who is told about a case of this worker: they, or the leads once they left."""
        return frozenset({worker}) if worker in self.working else self.leading

    def reaches(self, people: Collection[bytes]) -> bool:
        """Return whether a letter reaches any of these people."""
        return not self.unreached.issuperset(people)


NOBODY = Team()


def losses_of(case: Watched, own: Team, asked: Team | None = None) -> tuple[Loss, ...]:
    """Return everything that an open case lacks; `asked` are the leads whose answer it waits for.

    Source: domain 9, F1, F2 and F16.
    """
    found = {
        Loss.NO_WORKER: case.named_worker_uid not in own.working,
        Loss.NO_LEAD: case.unled,
        Loss.NO_STEP: not case.steps,
        Loss.NO_DATE: bool(case.steps) and case.next_on is None,
        Loss.NO_RECIPIENT: not own.reaches(own.told(case.named_worker_uid))
        or (asked is not None and not asked.reaches(asked.leading)),
    }
    return tuple(loss for loss, is_so in found.items() if is_so)

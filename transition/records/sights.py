"""What an organisation's people may see of its cases, without asking anew for each of them.

A list is made once for an organisation, and each of its people is shown what of it is theirs. What
decides is the same rule as for a single case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from transition.records.cases import ANY_HANDOVER, CONCERNING, Case, handovers_in, runs_anew
from transition.records.staff import Denial
from transition.rules.access import CaseAccess, CaseFacts, access_to
from transition.rules.handovers import ANONYMOUS, HandoverState
from transition.rules.people import Actor

Line = TypeVar("Line")
"""A line of a list: a dataclass that says how much of its case the reader may see, `access`."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides who of an organisation may see one case."""

    organisation: str
    handovers: tuple[tuple[str, HandoverState], ...]
    anew: bool
    denied: frozenset[bytes]
    named: frozenset[bytes]

    def of(self, reader: Actor) -> CaseAccess:
        """Return how much *reader*, who is one of that organisation's people, may see."""
        denied = reader.uid in self.denied
        facts = CaseFacts(self.organisation, self.handovers, anew=self.anew, denied=denied)
        return access_to(reader, facts, named=reader.uid in self.named)


def sights_of(session: Session, organisation: str, rows: Sequence[Row[Any]]) -> dict[bytes, Sight]:
    """Return what decides about each of *rows*, cases in which *organisation* has a part."""
    denied = _gathered(session, DENIED_THERE, organisation)
    named = _gathered(session, NAMED_THERE, organisation)
    return {
        row.uid: Sight(
            row.organisation,
            tuple((receiver, state) for receiver, _, state in handovers_in(row.handover_states)),
            runs_anew(row.ending, row.transferred_on),
            frozenset(denied.get(row.uid, ())),
            frozenset(named.get(row.uid, ())),
        )
        for row in rows
    }


def shown_to(reader: Actor, lines: Iterable[tuple[Sight, Line]]) -> tuple[Line, ...]:
    """Return what of an organisation's list *reader* may see, at least as a pack."""
    return tuple(
        cast("Line", replace(cast("Any", line), access=access))
        for sight, line in lines
        if (access := sight.of(reader)) >= CaseAccess.PACK
    )


THERE: Final = select(Case.uid).where(CONCERNING).scalar_subquery()
DENIED_THERE: Final = select(Denial.case_uid, Denial.staff_uid).where(Denial.case_uid.in_(THERE))
NAMED_THERE: Final = select(ANY_HANDOVER.c.case_uid, ANY_HANDOVER.c.adult_worker_uid).where(
    ANY_HANDOVER.c.case_uid.in_(THERE),
    ANY_HANDOVER.c.adult_worker_uid.is_not(None),
    ANY_HANDOVER.c.state.not_in(ANONYMOUS),
)


def _gathered(
    session: Session, query: Select[*tuple[Any, ...]], organisation: str
) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for case_uid, staff_uid in session.execute(query, {"organisation": organisation}):
        found.setdefault(case_uid, []).append(staff_uid)
    return found

"""The list of young people, a line each; what is due next comes from the case's sealed copy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from transition.records.anchors import CaseAnchors
from transition.records.cases import NHS_NUMBERS, Case, handovers_in, only_supports
from transition.records.change_numbers import while_unchanged
from transition.records.closings import looked_after
from transition.records.due_rows import CASES_OF
from transition.records.dues import Asking
from transition.records.keys import vault_of
from transition.records.sights import Sight, shown_to, sights_of
from transition.records.waiting import Waiting, waiting_in
from transition.rules.access import CaseAccess
from transition.rules.digests import MOVES
from transition.rules.handovers import handover_key
from transition.rules.pathway import Stage
from transition.rules.stages import Ending
from transition.security.fields import CaseCipher


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One line of the list of young people."""

    case_uid: bytes
    reference: str
    stage: Stage
    paused: bool
    expedited: bool
    ending: Ending | None
    receiver: str | None
    target_on: date | None
    named_worker_uid: bytes
    access: CaseAccess
    born: date
    pathway_version: str
    next_due_on: date | None
    next_code: str | None
    organisation: str
    waiting: Waiting | None
    """What waits in its handover, of what the reader's organisation may know."""
    supports: bool
    """Whether the reader's organisation supports beside the lead: of the move it is told nothing.
    """
    handover_key: str | None
    """The newest handover to the reader's organisation, which alone they may open as a pack."""

    @property
    def first_due_on(self) -> date | None:
        """What is due first: the next milestone, or what waits in the handover."""
        waits_until = self.waiting.due_on if self.waiting else None
        return min((on for on in (self.next_due_on, waits_until) if on), default=None)

    @property
    def path(self) -> str:
        """Where its name leads to: its page, or its pack where that is all there is to see."""
        if self.access >= CaseAccess.SHARED:
            return f"/cases/{self.reference}"
        return f"/cases/{self.reference}/handovers/{self.handover_key}"


def list_of_cases(session: Session, asking: Asking) -> list[ListedCase]:
    """Return the cases that the reader may see, but for ended ones, by what is due next."""
    return [one for one in everybody_seen(session, asking) if one.ending is None]


def cases_with_a_worker(session: Session, asking: Asking) -> list[ListedCase]:
    """Return the cases of the reader's own organisation that somebody must look after.

    Those are the open ones, and the ended ones that are to be looked at again.
    """
    ended = looked_after(session)
    return [
        one
        for one in everybody_seen(session, asking)
        if one.access is CaseAccess.FULL and (one.ending is None or one.case_uid in ended)
    ]


def everybody_seen(session: Session, asking: Asking) -> Sequence[ListedCase]:
    """Return every case that the reader may see, ended ones too: for whoever asks for a person.

    One that was entered in error is nobody's. No milestone is opened.
    """
    reader = asking.reader
    return while_unchanged(
        session,
        reader.organisation,
        ("cases seen", reader),
        lambda: shown_to(reader, _all_of(session, asking)),
    )


def seen_by_reference(session: Session, asking: Asking, reference: str) -> ListedCase | None:
    """Return the case called *reference* if the reader may see it."""
    everybody = everybody_seen(session, asking)
    return next((one for one in everybody if one.reference == reference), None)


def seen_by_number(session: Session, asking: Asking, nhs_number: str) -> ListedCase | None:
    """Return the case with this NHS number if the reader may see it, one that runs before others.

    The same is asked of the database whether there is none or it is not for this reader.
    """
    index = vault_of(session).index(session, NHS_NUMBERS).of(nhs_number)
    uids = set(session.scalars(select(Case.uid).where(Case.nhs_number_index == index)))
    found = [one for one in everybody_seen(session, asking) if one.case_uid in uids]
    return min(found, key=lambda one: one.ending is not None, default=None)


def _all_of(session: Session, asking: Asking) -> tuple[tuple[Sight, ListedCase], ...]:
    key = ("cases", asking.reader.organisation, asking.today)
    return while_unchanged(
        session, asking.reader.organisation, key, lambda: _listed_of(session, asking)
    )


def _listed_of(session: Session, asking: Asking) -> tuple[tuple[Sight, ListedCase], ...]:
    organisation, holidays = asking.reader.organisation, asking.catalogue.holidays
    rows = session.execute(CASES_OF, {"organisation": organisation}).all()
    ciphers = vault_of(session).ciphers(session, [row.uid for row in rows])
    sights = sights_of(session, organisation, rows)
    waiting = waiting_in(session, list(ciphers), asking.today, holidays)
    lines = [
        (
            sights[row.uid],
            replace(
                _listed(row, organisation, ciphers[row.uid]),
                waiting=_first(waiting.get(row.uid, ()), row, organisation),
            ),
        )
        for row in rows
        if row.uid in ciphers and row.ending is not Ending.ENTERED_IN_ERROR
    ]
    return tuple(sorted(lines, key=lambda line: (line[1].first_due_on or date.max, line[1].born)))


def _first(waiting: Sequence[Waiting], row: Row[Any], organisation: str) -> Waiting | None:
    """Return what waits in a handover of a case that runs, if this organisation may know of it."""
    own = row.organisation == organisation
    seen = [one for one in waiting if one.concerns(organisation, own=own)]
    at_rest = row.paused or row.ending is not None
    return next((one for one in seen if one.kind in MOVES and not at_rest), None)


def _listed(row: Row[Any], organisation: str, cipher: CaseCipher) -> ListedCase:
    due, supports = {}, only_supports(row, organisation)
    if row.next_due is not None and not supports:
        due = Case.next_due.open_token(cipher, row.next_due, case_uid=row.uid, row_uid=row.uid)
    born = CaseAnchors.date_of_birth.open_token(
        cipher, row.date_of_birth, case_uid=row.uid, row_uid=row.uid
    )
    own = [number for to, number, _ in handovers_in(row.handover_states) if to == organisation]
    return ListedCase(
        case_uid=row.uid,
        reference=row.reference,
        stage=row.stage,
        paused=row.paused,
        expedited=row.expedited,
        ending=row.ending,
        receiver=None if supports else row.receiver,
        target_on=None if supports else row.target_transfer_on,
        named_worker_uid=row.named_worker_uid,
        access=CaseAccess.NOTHING,
        born=born,
        pathway_version=row.pathway_version,
        next_due_on=date.fromisoformat(due["on"]) if due else None,
        next_code=due["code"] if due else None,
        organisation=row.organisation,
        waiting=None,
        supports=supports,
        handover_key=handover_key(organisation, max(own)) if own else None,
    )

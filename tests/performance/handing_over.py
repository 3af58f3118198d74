"""What a handover costs: proposing it, accepting it, its pack as a page and as a PDF."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from flask.testing import FlaskClient

from tests.builders import (
    planned_case,
    proposal,
    signed_in,
    staff_of,
    token_of,
    whole_record,
    working,
)
from tests.people import HELEN, MINA, RUTH
from tests.performance.measured import Pair, Timed, apart, got, often
from transition.actions.handovers import propose_handover, withdraw_handover
from transition.app import Tracker
from transition.records.handovers import open_lead_handover

PROPOSING, ACCEPTING = "proposing a handover", "accepting a handover"
PACK, PDF = "page: a pack", "a pack as a PDF"
ROWS: Final = (PROPOSING, ACCEPTING, PACK, PDF)

HIDDEN: Final = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">')
DAY: Final = {"day": "1", "month": "3", "year": "2027"}

Form = tuple[str, Mapping[str, str]]
"""An address, and what is sent there."""


def pairs(app: Tracker, times: int, empty: Timed) -> Iterator[Pair]:
    """Yield a pair for each; what must be there before is made ready without being timed."""
    with working(app, RUTH) as work:
        case = planned_case(work)
        whole_record(work, case)
        reference, mina = case.reference, staff_of(work.session, MINA).uid.hex()
    ruth, helen = signed_in(app, RUTH), signed_in(app, HELEN)

    def to_propose() -> Form:
        _withdraw(app, reference)
        return _checked(ruth, f"/cases/{reference}/handover/propose", _asked())

    def to_accept() -> Form:
        pack = _proposed_anew(app, reference)
        words = {"has_read": "y", "eligible": "y", "adult_worker": mina}
        return _checked(helen, pack, words | _dated("first_contact_on"), to=f"{pack}/reply")

    yield Pair(PROPOSING, "E", apart(to_propose, partial(_send, ruth), times), empty, goal=10)
    yield Pair(ACCEPTING, "E", apart(to_accept, partial(_send, helen), times), empty, goal=10)
    pack = _proposed_anew(app, reference)
    yield Pair(PACK, "E", often(partial(got, helen, pack), times), empty, goal=15)
    reason = {"reason": "meeting", "way": "pdf", "csrf_token": token_of(got(helen, pack))}
    printed = partial(_send, helen, (f"{pack}/print", reason), code=200)
    yield Pair(PDF, "E", often(printed, 1), empty)


def _withdraw(app: Tracker, reference: str) -> None:
    with working(app, RUTH) as work:
        handover = open_lead_handover(work.session, work.case(reference).case.uid)
        if handover is None:
            return
        decided = handover.decided_at is not None
        key = handover.key
    with working(app, HELEN if decided else RUTH) as work:
        withdraw_handover(work, reference, key)


def _proposed_anew(app: Tracker, reference: str) -> str:
    _withdraw(app, reference)
    with working(app, RUTH) as work:
        handover = propose_handover(work, reference, proposal())
        return f"/cases/{reference}/handovers/{handover.key}"


def _asked() -> dict[str, str]:
    return _dated("target_transfer_on") | {
        "receiver": "rowans",
        "functions": "advice_24_7",
        "urgency": "routine",
        "sharing_basis": "agreed",
        "why": "It is the nearest to home.",
    }


def _dated(name: str) -> dict[str, str]:
    return {f"{name}-{part}": number for part, number in DAY.items()}


def _checked(client: FlaskClient, page: str, words: Mapping[str, str], *, to: str = "") -> Form:
    """Return what the page sends on which its sender checks what leaves."""
    opened: dict[str, str] = dict(HIDDEN.findall(got(client, page)))
    check = client.post(to or page, data={**opened, **words})
    assert check.status_code == 200, "It cannot be sent."
    shown: dict[str, str] = dict(HIDDEN.findall(check.text))
    return to or page, {**shown, **words, "checked": "yes"}


def _send(client: FlaskClient, form: Form, *, code: int = 302) -> None:
    page, words = form
    assert client.post(page, data=words).status_code == code, page

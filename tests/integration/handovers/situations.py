"""Every way that a handover can stand, and the steps that lead there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from tests.builders import SWITCHED_AT
from tests.people import GRACE, HELEN, MINA, PRIYA, RUTH
from transition.rules.handovers import HandoverState

_S = HandoverState

CLOCK: Final = "the timetable"
SIX_MONTHS_ON: Final = datetime(2027, 6, 2, 9, tzinfo=UTC)
"""The first day after the six months."""
SILENT_SINCE: Final = datetime(2027, 7, 1, 9, tzinfo=UTC)
"""The day after the 20 working days of who did not sign on that day."""

Way = tuple[tuple[str, str] | datetime, ...]
"""Who takes which step, one after the other, and when that is not at once."""

PROPOSED: Final[Way] = (("propose", PRIYA),)
ASKED: Final[Way] = (*PROPOSED, ("ask", GRACE))
ANSWERED: Final[Way] = (*ASKED, ("answer", RUTH))
ACCEPTED: Final[Way] = (*ANSWERED, ("accept", HELEN))
CONDITIONAL: Final[Way] = (
    *ASKED,
    ("accept with conditions", HELEN),
    ("get ready", RUTH),
)
READY: Final[Way] = (*ACCEPTED, ("meet", MINA), ("get ready", RUTH))
SIGNED: Final[Way] = (*READY, ("sign", RUTH), ("sign", HELEN), SWITCHED_AT)
TRANSFERRED: Final[Way] = (*SIGNED, ("switch", CLOCK))
REVIEWED: Final[Way] = (*TRANSFERRED, SIX_MONTHS_ON, ("see", MINA), ("review", RUTH))
COMPLETED: Final[Way] = (*REVIEWED, ("complete", RUTH), ("complete", HELEN))

SITUATIONS: Final[Mapping[str, tuple[HandoverState | None, Way]]] = {
    "nothing": (None, ()),
    "draft": (_S.DRAFT, PROPOSED),
    "proposed": (_S.PROPOSED, PROPOSED),
    "received": (_S.ACKNOWLEDGED, ANSWERED),
    "asked": (_S.QUERIED, ASKED),
    "accepted": (_S.ACCEPTED, ACCEPTED),
    "accepted with conditions": (_S.ACCEPTED_WITH_CONDITIONS, CONDITIONAL),
    "conditions met": (_S.ACCEPTED_WITH_CONDITIONS, (*CONDITIONAL, ("meet conditions", RUTH))),
    "ready": (_S.JOINT_WORKING, READY),
    "signed here": (_S.JOINT_WORKING, (*READY, ("sign", RUTH))),
    "signed there": (_S.JOINT_WORKING, (*READY, ("sign", HELEN))),
    "signed by both": (_S.JOINT_WORKING, SIGNED[:-1]),
    "its day has come": (_S.JOINT_WORKING, SIGNED),
    "transferred": (_S.TRANSFERRED, TRANSFERRED),
    "return asked here": (_S.TRANSFERRED, (*TRANSFERRED, ("return", PRIYA))),
    "return asked there": (_S.TRANSFERRED, (*TRANSFERRED, ("return", HELEN))),
    "reviewed": (_S.TRANSFERRED, REVIEWED),
    "complete here": (_S.FOLLOWED_UP, (*REVIEWED, ("complete", RUTH))),
    "complete there": (_S.FOLLOWED_UP, (*REVIEWED, ("complete", HELEN))),
    "silent since": (_S.FOLLOWED_UP, (*REVIEWED, ("complete", RUTH), SILENT_SINCE)),
    "closed": (_S.CLOSED, COMPLETED),
    "closed alone": (
        _S.CLOSED,
        (*REVIEWED, ("complete", RUTH), SILENT_SINCE, ("complete alone", PRIYA)),
    ),
    "declined": (_S.DECLINED, (*ASKED, ("decline", HELEN))),
    "withdrawn": (_S.WITHDRAWN, (*ASKED, ("withdraw", RUTH))),
    "returned": (_S.WITHDRAWN, (*TRANSFERRED, ("return", HELEN), ("return", PRIYA))),
    "superseded": (_S.SUPERSEDED, ANSWERED),
    "died": (_S.CLOSED_DIED, (*ACCEPTED, ("die", PRIYA))),
    "ended": (_S.CLOSED_EXIT, (*ACCEPTED, ("end", RUTH))),
}
"""How a handover stands, and how it gets there; nothing leads to a draft or another hospice."""

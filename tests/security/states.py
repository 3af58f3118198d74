"""A case in every state of its handover, with words planted in it, each database made once."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.builders import ASKED, engine_of, planned_case, reply, working
from tests.databases import FIXED, settings_in
from tests.integration.handovers.situations import CLOCK, SITUATIONS, Way
from tests.integration.handovers.steps import BETWEEN, OF_SUPPORT, STEPS, Take
from tests.people import PETER, PRIYA, RUTH
from transition.actions.beside import NewNote, write_note
from transition.actions.closings import reopen_case
from transition.actions.handovers import found_handover
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.record import save_section
from transition.actions.replies import Decline, reply_to_handover
from transition.actions.targets import move_target
from transition.actions.work import Work
from transition.app import Tracker, create_app
from transition.rules.beside import NoteKind, Sharing
from transition.rules.declines import DeclineReason
from transition.rules.handovers import Answer, HandoverState
from transition.rules.pathway import Stage
from transition.rules.people import THE_TIMETABLE
from transition.rules.questions import QuestionCategory
from transition.rules.record_sections import GP
from transition.rules.targets import Target, TargetReason

PERSON: Final[dict[str, Any]] = {
    "given_name": "Quillon",
    "family_name": "Zarabeth",
    "known_as": "Quilly",
    "primary_condition": "Vexillary atrophy",
    "allergies": "Marrowfat peas",
    "about_me": "I collect brass kettles.",
}
"""Who it is, in words that stand nowhere else."""

ASKED_BY: Final = {"rowans": "Who holds the spare ocarina?", "oakhaven": "Is the theremin insured?"}
"""What each hospice asked."""
DECLINED: Final = "There is no room for a dulcimer."
"""Why Oakhaven could not take it."""
OURS: Final = "Zither strings were bought."
"""A note for the children's team alone."""
BOTH: Final = "The sackbut was rehearsed."
"""A note for both hospices, written once the case is shared."""
SINCE: Final = "Cornet Practice"
"""What the record says since the last pack was sent, and since a handover ended."""
NEW_DAY: Final = date(2027, 9, 30)
"""The day that is aimed at since a handover ended."""

PLANTED: Final = {
    "person": tuple(PERSON.values()),
    "asked": (ASKED_BY["rowans"],),
    "asked by oakhaven": (ASKED_BY["oakhaven"],),
    "declined by oakhaven": (DECLINED,),
    "ours": (OURS,),
    "both": (BOTH,),
    "since": (SINCE, "30 September 2027"),
}
"""The planted words, by what they are."""

RESTS: Final = {"declined", "withdrawn", "returned", "opened again", "superseded"}
"""The states after which the children's hospice plans anew."""

ASKED_ANEW: Final = {"superseded", "supported"}
"""The states in which Oakhaven, which could not take it, has a part again."""

SUPPORTED: Final[Way] = (
    *SITUATIONS["accepted"][1],
    ("ask for support", PRIYA),
    ("support", PETER),
)
"""Rowans takes it on, and Oakhaven supports beside it."""

STATES: Final[dict[str, Way]] = {
    name: SITUATIONS[name][1]
    for name in (
        *("proposed", "asked", "accepted", "ready", "signed by both", "transferred"),
        *("complete here", "closed", "declined", "withdrawn", "returned", "died", "ended"),
    )
} | {
    "superseded": (*SITUATIONS["asked"][1], ("withdraw", RUTH), ("ask oakhaven again", PRIYA)),
    "opened again": (*SITUATIONS["ended"][1], ("open again", PRIYA)),
    "supported": SUPPORTED,
    "supported no more": (*SUPPORTED, ("support no more", PETER)),
}
"""Every state of a handover in which its receiver knows something, and how it gets there."""


def _ask(work: Work, reference: str, key: str) -> object:
    words = ASKED_BY[key.partition("-")[0]]
    asked = NewQuestion(category=QuestionCategory.CLINICAL, words=words)
    return ask_question(work, reference, key, asked)


def _decline(work: Work, reference: str, key: str) -> object:
    given = DECLINED if key == "oakhaven-1" else "A change of phase."
    _, handover = found_handover(work, reference, key)
    no = dict.fromkeys(ASKED, Answer.DECLINE)
    why = dict.fromkeys(ASKED, Decline(reason=DeclineReason.D03, given=given))
    return reply_to_handover(work, reference, key, reply(handover, answers=no, declines=why))


def _ask_oakhaven_again(work: Work, reference: str, key: str) -> None:
    """Ask another hospice in place of the one that was asked; no step does both yet."""
    found_handover(work, reference, key)[1].state = HandoverState.SUPERSEDED
    STEPS["ask another"](work, reference, key)


TAKES: Final[Mapping[str, Take]] = {
    **OF_SUPPORT,
    **BETWEEN,
    "ask": _ask,
    "decline": _decline,
    "ask oakhaven again": _ask_oakhaven_again,
    "support": lambda work, case, _: OF_SUPPORT["support"](work, case, "oakhaven-2"),
    "support no more": lambda work, case, _: STEPS["withdraw"](work, case, "oakhaven-2"),
    "open again": lambda work, case, _: reopen_case(work, case, Stage.PLANNING, why="Back home."),
}


def bring_to(state: str, home: Path) -> tuple[str, datetime]:
    """Bring a case to a state in an installed database; return its reference, and when that is."""
    app, at = create_app(settings_in(home)), FIXED
    with working(app, RUTH) as work:
        reference = planned_case(work, **PERSON).reference
        _note(work, reference, OURS, Sharing.TEAM)
    for step, who in (("ask another", PRIYA), ("ask", PETER), ("decline", PETER)):
        with working(app, who) as work:
            TAKES[step](work, reference, "oakhaven-1")
    for one in STATES[state]:
        if isinstance(one, datetime):
            at = one
            continue
        at += timedelta(minutes=1)
        step, who = one
        with working(app, THE_TIMETABLE if who == CLOCK else who, at) as work:
            TAKES[step](work, reference, "rowans-1")
        if step == "accept":
            with working(app, RUTH, at) as work:
                _note(work, reference, BOTH, Sharing.BOTH)
    at += timedelta(hours=80)  # so late that nobody undoes a death on the way
    with working(app, RUTH, at) as work:
        _go_on(work, reference)
    engine_of(app).dispose()
    return reference, at


def _note(work: Work, reference: str, words: str, sharing: Sharing) -> None:
    told = NewNote(kind=NoteKind.VISIT, sharing=sharing, happened_on=work.today, words=words)
    write_note(work, reference, told)


def _go_on(work: Work, reference: str) -> None:
    """Write on, where that goes: in the record, and where all is planned anew, a day for it."""
    case = work.case(reference).case
    if case.ending is None:
        save_section(work, reference, GP, {"gp_practice_name": SINCE, "gp_ods": "J82155"})
    if case.stage is Stage.PLANNING:
        move_target(work, reference, Target(on=NEW_DAY), TargetReason.OTHER)


THIRD: Final = "lead@stmichaels.example"

FILLED: Final = {
    "code": ("PL-01", "dental"),
    "key": ("rowans-1", "oakhaven-1", "oakhaven-2"),
    "name": ("letter",),
    "section": ("what-matters", "gp"),
    "entry": ("no-such",),
    "whose": ("family", "young-person"),
    "part": ("health",),
    "token": ("no-such",),
    "form": ("some-form",),
    "number": ("1",),
}

OAKHAVENS_WORDS: Final = frozenset({"asked by oakhaven", "declined by oakhaven"})


class Place(NamedTuple):
    """The tracker with a case in some state."""

    app: Tracker
    empty: Tracker
    """The same at the same time, without any case."""
    reference: str
    state: str


def planted_in(words: str) -> frozenset[str]:
    """Return what of the planted words somebody reads."""
    return frozenset(kind for kind, all_ in PLANTED.items() if any(one in words for one in all_))

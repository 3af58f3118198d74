"""A case in every state of its handover, with words planted in it, each database made once."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.builders import (
    ASKED,
    engine_of,
    opened_case,
    planned_case,
    record_done,
    reply,
    working,
)
from tests.databases import FIXED, settings_in
from tests.integration.endings.test_closings import ANSWERS
from tests.integration.handovers.situations import CLOCK, SITUATIONS, Way
from tests.integration.handovers.steps import BETWEEN, OF_SUPPORT, STEPS, Take
from tests.people import PETER, PRIYA, RUTH
from transition.actions.beside import (
    NewDocument,
    NewNote,
    NewVisit,
    keep_document,
    plan_visit,
    set_alert,
    write_note,
)
from transition.actions.cases import move_on
from transition.actions.closings import close_case, confirm_closing, reopen_case
from transition.actions.early_notices import NewNotice, send_notice
from transition.actions.expediting import expedite_case
from transition.actions.handovers import found_handover
from transition.actions.own_milestones import NewMilestone, add_milestone
from transition.actions.pauses import pause_case
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.record import save_section
from transition.actions.replies import Decline, reply_to_handover
from transition.actions.targets import move_target
from transition.actions.unmet_needs import NewNeed, record_need
from transition.actions.work import Work
from transition.app import Tracker, create_app
from transition.rules.beside import DocumentKind, NoteKind, Sharing, VisitPlace
from transition.rules.declines import DeclineReason
from transition.rules.expediting import ExpediteReason
from transition.rules.handovers import Answer, HandoverState
from transition.rules.pathway import Owner, Stage
from transition.rules.pauses import PauseReason
from transition.rules.people import THE_TIMETABLE
from transition.rules.questions import QuestionCategory
from transition.rules.record_sections import GP
from transition.rules.services import ServiceKey
from transition.rules.stages import Ending
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
FAR_DAY: Final = date(2027, 5, 3)
"""The day of a visit that is planned still."""
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

BEFORE: Final = {"opened": 0, "preparing": 1, "planning": 2}
"""The states before anything is planned, and how many stages on they are."""

NOTICED: Final = "noticed"
"""Rowans was told early that somebody is coming, and not who; nobody was asked yet."""

STATES: Final[dict[str, Way]] = (
    {
        **dict.fromkeys((*BEFORE, NOTICED), ()),
        "entered in error": (("enter in error", PRIYA), ("confirm the error", RUTH)),
        "expedited": (*SITUATIONS["proposed"][1], ("expedite", RUTH)),
        "paused": (*SITUATIONS["accepted"][1], ("pause", RUTH)),
    }
    | {
        name: SITUATIONS[name][1]
        for name in (
            *("proposed", "asked", "accepted", "conditions met", "ready", "signed by both"),
            *(
                "transferred",
                "complete here",
                "closed",
                "declined",
                "withdrawn",
                "returned",
                "died",
                "ended",
            ),
        )
    }
    | {
        "superseded": (*SITUATIONS["asked"][1], ("withdraw", RUTH), ("ask oakhaven again", PRIYA)),
        "opened again": (*SITUATIONS["ended"][1], ("open again", PRIYA)),
        "supported": SUPPORTED,
        "supported no more": (*SUPPORTED, ("support no more", PETER)),
    }
)
"""Every state of a case that changes who knows what of it, and how it gets there."""


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
    "enter in error": lambda work, case, _: close_case(
        work, case, Ending.ENTERED_IN_ERROR, ANSWERS[Ending.ENTERED_IN_ERROR]
    ),
    "confirm the error": lambda work, case, _: confirm_closing(work, case),
    "expedite": lambda work, case, _: expedite_case(work, case, ExpediteReason.HEALTH_CHANGING),
    "pause": lambda work, case, _: pause_case(
        work, case, PauseReason.OTHER, review_on=work.today + timedelta(days=60)
    ),
    "open again": lambda work, case, _: reopen_case(work, case, Stage.PLANNING, why="Back home."),
}


def bring_to(state: str, home: Path) -> tuple[str, datetime]:
    """Bring a case to a state in an installed database; return its reference, and when that is."""
    app, at = create_app(settings_in(home)), FIXED
    with working(app, RUTH) as work:
        reference = _opened(work, state)
        _note(work, reference, OURS, Sharing.TEAM)
        _write_beside(work, reference)
    if state not in (*BEFORE, NOTICED):
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
        if step in {"accept", "accept with conditions"}:
            with working(app, RUTH, at) as work:
                _note(work, reference, BOTH, Sharing.BOTH)
                plan_visit(work, reference, NewVisit(place=VisitPlace.HOME, visit_on=FAR_DAY))
    at += timedelta(hours=80)  # so late that nobody undoes a death on the way
    with working(app, RUTH, at) as work:
        _go_on(work, reference)
    engine_of(app).dispose()
    return reference, at


def _opened(work: Work, state: str) -> str:
    """Open the case, and plan what its state waits for; return its reference."""
    if state not in BEFORE:
        reference = planned_case(work, **PERSON).reference
        if state == NOTICED:
            new = NewNotice(
                receiver="rowans", quarter=date(2027, 4, 1), functions=ASKED, complex_care=True
            )
            send_notice(work, reference, new)
        return reference
    case = opened_case(work, **PERSON)
    record_done(work, case, {"ID-02", "ID-03", "ID-05", "PR-02", "PR-03", "PR-10"})
    for _ in range(BEFORE[state]):
        move_on(work, case.reference)
    return case.reference


def _write_beside(work: Work, reference: str) -> None:
    """Write one of each thing that an address names by its number."""
    document = NewDocument(
        kind=DocumentKind.CARE_PLAN, sharing=Sharing.TEAM, title="Plan", place="Office"
    )
    keep_document(work, reference, document)
    set_alert(work, reference, "Ring first.", review_on=work.today + timedelta(days=90))
    need = NewNeed(
        what=ServiceKey.DENTAL, reason_code="too_far", opened_on=work.today, note="No dentist."
    )
    record_need(work, reference, need)
    own = NewMilestone(title="Visit the garden", stage=Stage.PLANNING, owner=Owner.SHARED)
    add_milestone(work, reference, own)


def _note(work: Work, reference: str, words: str, sharing: Sharing) -> None:
    told = NewNote(kind=NoteKind.VISIT, sharing=sharing, happened_on=work.today, words=words)
    write_note(work, reference, told)


def _go_on(work: Work, reference: str) -> None:
    """Write on, where that goes: in the record, and where all is planned anew, a day for it."""
    case = work.case(reference).case
    if case.ending is not None:
        return
    save_section(work, reference, GP, {"gp_practice_name": SINCE, "gp_ods": "J82155"})
    if case.stage is Stage.PLANNING:
        move_target(work, reference, Target(on=NEW_DAY), TargetReason.OTHER)


THIRD: Final = "lead@stmichaels.example"

OAKHAVENS_WORDS: Final = frozenset({"asked by oakhaven", "declined by oakhaven"})


class Place(NamedTuple):
    """The tracker with a case in some state."""

    app: Tracker
    empty: Tracker
    """The same at the same time, without any case."""
    home: Path
    """Where the first lies."""
    reference: str
    state: str


def planted_in(words: str) -> frozenset[str]:
    """Return what of the planted words somebody reads."""
    return frozenset(kind for kind, all_ in PLANTED.items() if any(one in words for one in all_))

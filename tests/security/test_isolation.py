"""A case exists for those who may see it, at every step, on every page, and for nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.builders import (
    ASKED,
    TARGET,
    opened_case,
    proposal,
    record_done,
    reply,
    staff_of,
    whole_record,
)
from tests.people import HELEN, JO, MINA, PETER, RUTH, SAM, WILMA
from tests.security.states import ASKED_BY, PERSON
from tests.security.sweep import Browser, ClientAs, WorkAs, asks, statements, told
from transition.actions.cases import move_on, set_target
from transition.actions.deaths import record_death
from transition.actions.handovers import found_handover, propose_handover
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.replies import NewCondition, reply_to_handover
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.deaths import death_of
from transition.records.handovers import Handover
from transition.rules.handovers import Answer, HandoverState
from transition.rules.pathway import Gate
from transition.rules.people import Side
from transition.rules.questions import QuestionCategory
from transition.rules.stages import Ending

CANARIES: dict[str, Any] = PERSON | {"how_i_communicate": "With a tin whistle."}
"""Words that stand nowhere but in this case."""

OF_THE_SECOND_STEP = (
    *("index", "app", "new_passkey", "codes"),
    *("code", "passkey", "password", "recovery"),
)
"""The pages of their own second step, which everybody has."""

QUESTION = ASKED_BY["rowans"]
CONDITION = "Two bagpipers are trained."
"""Words that stand nowhere but in what was asked and what was set as a condition."""

STEPS = ("opened", "preparing", "planning", "proposed", "asked", "accepted", "ended", "died")

CODES = ("ID-04", "PR-11", "PL-01", "HO-02", "SE-01")
"""Milestones of each side and of both: of one click, confirmed, and quiet."""
EACH_SIDE, JOINT = CODES[::2], CODES[2:3]


def bring_to(step: str, work_as: WorkAs) -> str:
    """Open the case with the planted words, bring it to *step*, and return its reference."""
    with work_as(RUTH) as work:
        reference = opened_case(work, **CANARIES).reference
    for name in STEPS[1 : STEPS.index(step) + 1]:
        with work_as(HELEN if name in {"asked", "accepted"} else RUTH) as work:
            TAKES[name](work, reference)
    return reference


def prepare(work: Work, reference: str) -> None:
    record_done(work, work.case(reference).case, {"ID-02", "ID-03", "ID-05"})
    move_on(work, reference)


def plan(work: Work, reference: str) -> None:
    case = work.case(reference).case
    record_done(work, case, {"PR-02", "PR-03", "PR-10"})
    move_on(work, reference)
    set_target(work, case, TARGET, reason_code="agreed")


def propose(work: Work, reference: str) -> None:
    case = work.case(reference).case
    gates = work.catalogue.pathways[case.pathway_version].gated(Gate.PROPOSE)
    record_done(work, case, {rule.code for rule in gates})
    whole_record(work, case)
    propose_handover(work, reference, proposal())


def ask_first(work: Work, reference: str) -> None:
    asked = NewQuestion(category=QuestionCategory.CLINICAL, words=QUESTION)
    ask_question(work, reference, "rowans-1", asked)


def accept(work: Work, reference: str) -> None:
    """Accept while the question is open: it becomes a condition."""
    answers = {ASKED[0]: Answer.ACCEPT_WITH_CONDITIONS, ASKED[1]: Answer.ACCEPT}
    trained = NewCondition(words=CONDITION, owner=Side.ADULT, needed_by=TARGET, must=True)
    answer = reply(handover_of(work, reference), answers=answers, conditions={ASKED[0]: trained})
    reply_to_handover(work, reference, "rowans-1", answer)


def end(work: Work, reference: str) -> None:
    case, handover = work.case(reference).case, handover_of(work, reference)
    case.ending, case.ended_at = Ending.MOVED_AWAY, work.now
    handover.state, handover.closed_at = HandoverState.CLOSED_EXIT, work.now


def die(work: Work, reference: str) -> None:
    case = record_death(work, reference, died_on=None)
    death = death_of(work.session, case.uid)
    assert death is not None
    # So long ago that nobody who asks for every page undoes it on the way.
    death.recorded_at -= timedelta(hours=80)


def handover_of(work: Work, reference: str) -> Handover:
    return found_handover(work, reference, "rowans-1")[1]


TAKES = {
    "preparing": prepare,
    "planning": plan,
    "proposed": propose,
    "asked": ask_first,
    "accepted": accept,
    "ended": end,
    "died": die,
}


def planted_in(answer: TestResponse) -> list[str]:
    """Return the planted words that an answer tells."""
    words = told(answer)
    return [word for word in (*CANARIES.values(), QUESTION, CONDITION) if word in words]


def objects_of(reference: str, codes: tuple[str, ...] = CODES) -> dict[str, tuple[str, ...]]:
    """Return what every parameter of every address is filled with."""
    forms = (f"cases/{reference}/stage", f"cases/{reference}/handovers/rowans-1/reply")
    named = {"reference": (reference,), "code": codes, "key": ("rowans-1",), "name": ("letter",)}
    record = {"section": ("what-matters", "health"), "entry": ("no-such",), "whose": ("family",)}
    record |= {"part": ("health",), "token": ("no-such",)}
    return named | record | {"form": forms, "number": ("1",)}


@pytest.mark.parametrize("email", [JO, SAM, WILMA])
def test_who_cares_for_nobody_has_no_page_of_anybody(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, email: str
) -> None:
    reference = bring_to("accepted", work_as)
    browser = Browser(client_as(email))

    answered = {
        ask.endpoint
        for ask in asks(app, objects_of(reference, JOINT))
        if browser.send(ask).status_code != 404
    }

    open_to_all = {"accounts.sign_in", "accounts.forgotten", "health.show", "mailbox.index"}
    mine = {"accounts.me", "accounts.sign_ins", "accounts.end_others", "accounts.password"}
    mine |= {"letters.index", "letters.try_one"}
    own = {
        JO: {"upcoming.capacity"},  # how many come where, and nobody's name
        SAM: {
            "people.settings",
            "people.index",
            "people.invite",
            "workers.leaving",
        },  # colleagues, and nobody else
        WILMA: {
            "trail.index",
            "trail.export",
            "trail.verifier",
            "urgent_access.reviews",
        },  # in codes alone
    }.get(email, set())
    open_to_all |= {"people.accept"}  # says that somebody is signed in already
    own |= {f"second_steps.{name}" for name in OF_THE_SECOND_STEP}
    assert answered == open_to_all | {"home.index", "digests.preview"} | mine | own


def forms(words: str) -> set[str]:
    """Return the forms that *words* list, a line each; several milestones by a space."""
    found = set()
    for line in words.strip().splitlines():
        form, _, codes = line.strip().partition(" of ")
        found |= {form.replace("CODE", code) for code in codes.split() or [""]}
    return found


BESIDE = forms("""
    notes/new
    visits/new
    documents/new
    alerts/new
""")
"""What either side writes beside the record."""

ENDING = forms("died")
CLOSE = forms("close/CODE of moved_away declined_by_person other_provider")
NURSE_SEES = (
    BESIDE
    | ENDING
    | CLOSE
    | forms("""
    links/new
    stage
    handover/propose
    handover/support
    pause
    plan/target-date
    early-notice
    short-path
    house
    pathway
    milestones/new
    milestones/CODE/later of ID-04 PR-11 PL-01
    milestones/CODE/done of PR-11 PL-01
    milestones/CODE/skip of ID-04 PR-11 PL-01
    record/CODE of birth number
    record/CODE/edit of what-matters health
    services/all
    needs/new
""")
)
PRINT = forms("handovers/rowans-1/print")
SENT_AGAIN = forms("handovers/rowans-1/pack")
REPLY = forms("""
    handovers/rowans-1/reply
    handovers/rowans-1/check-ins/new
""")
TOO_LATE = ASK_AND_ANSWER = forms("""
    handovers/rowans-1/questions/new
    handovers/rowans-1/reply/each
""")
ANSWERS = forms("handovers/rowans-1/questions/1")
AFTER_NO = forms("""
    handovers/rowans-1/after-no
    handovers/rowans-1/check-ins/new
""")
TAKEN_BACK = forms("handovers/rowans-1/withdraw")
RECEIVED = forms("handovers/rowans-1/received")
ONE_CLICK = forms("milestones/ID-04/done")
SHARED = BESIDE | forms("""
    pause
    short-path
    plan/target-date
    confirm-transfer/sign
    handovers/rowans-1/worker
    milestones/new
    milestones/CODE/later of PL-01 HO-02 SE-01
    milestones/CODE/done of PL-01 HO-02 SE-01
    milestones/CODE/skip of PL-01 HO-02 SE-01
""")
SAID = forms("handovers/rowans-1/told/said")
SAID_LATE = SAID | forms("handovers/rowans-1/told/unsaid")
SIGN = forms("confirm-transfer/sign")

SHOWN = {
    (RUTH, "opened"): NURSE_SEES,
    (RUTH, "preparing"): NURSE_SEES,
    (RUTH, "planning"): NURSE_SEES,
    (RUTH, "proposed"): NURSE_SEES | PRINT | SENT_AGAIN | AFTER_NO | SAID,
    (RUTH, "asked"): NURSE_SEES | PRINT | SENT_AGAIN | AFTER_NO | SAID | ANSWERS,
    (RUTH, "accepted"): NURSE_SEES | PRINT | AFTER_NO | SAID_LATE | ANSWERS | TAKEN_BACK | SIGN,
    (RUTH, "ended"): (
        ((NURSE_SEES - CLOSE) | PRINT | AFTER_NO | SAID_LATE | ANSWERS | TAKEN_BACK)
        | SENT_AGAIN
        | ONE_CLICK
    ),
    (HELEN, "proposed"): ENDING | REPLY | ASK_AND_ANSWER,
    (HELEN, "asked"): ENDING | REPLY | ASK_AND_ANSWER,
    (HELEN, "accepted"): ENDING | REPLY | SHARED | TOO_LATE | RECEIVED | PRINT,
    (HELEN, "ended"): ENDING | REPLY | TOO_LATE,
    (RUTH, "died"): (NURSE_SEES - ENDING - CLOSE) | ONE_CLICK | AFTER_NO | ANSWERS,
    (HELEN, "died"): REPLY | TOO_LATE,
}
"""The forms that show whom it is about when they are sent empty: they are refused, or ask first.
Where it stands on which page is told in reached.py."""


@pytest.mark.parametrize(("email", "step"), SHOWN)
def test_who_may_see_the_case_finds_it_on_just_these_forms_sent_empty(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, email: str, step: str
) -> None:
    reference = bring_to(step, work_as)
    browser = Browser(client_as(email))

    shown = {
        ask.path.removeprefix(f"/cases/{reference}/")
        for ask in asks(app, objects_of(reference))
        if ask.method == "POST" and planted_in(browser.send(ask))
    }

    assert shown == SHOWN[email, step]


@pytest.mark.parametrize(("email", "step"), [(RUTH, "accepted"), (HELEN, "accepted")])
def test_the_overview_holds_every_planted_word(
    client_as: ClientAs, work_as: WorkAs, email: str, step: str
) -> None:
    reference = bring_to(step, work_as)

    answer = client_as(email).get(f"/cases/{reference}")

    missing = {name for name, word in CANARIES.items() if word not in told(answer)}
    assert missing <= {"given_name"}, "she is shown as she likes to be called"


def test_another_hospices_handover_of_a_shared_case_is_as_absent_as_none(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    reference = bring_to("accepted", work_as)
    with work_as(RUTH) as work:
        work.keep(declined_by_oakhaven(work, reference))
    helen = client_as(HELEN)

    with statements(app) as first:
        forbidden = helen.get(f"/cases/{reference}/handovers/oakhaven-1")
    with statements(app) as second:
        nothing = helen.get(f"/cases/{reference}/handovers/oakhaven-2")

    assert (forbidden.status_code, forbidden.data) == (404, nothing.data)
    assert len(first) == len(second)
    assert "oakhaven" not in told(helen.get(f"/cases/{reference}")).lower()
    assert "oakhaven-1" in client_as(RUTH).get(f"/cases/{reference}").text


def declined_by_oakhaven(work: Work, reference: str) -> Handover:
    """Return a handover as Oakhaven would have declined it earlier."""
    asked = handover_of(work, reference)
    return Handover(
        case_uid=asked.case_uid,
        receiver="oakhaven",
        number=1,
        state=HandoverState.DECLINED,
        urgency=asked.urgency,
        target_on=asked.target_on,
        reply_by=asked.reply_by,
        proposed_at=asked.proposed_at,
        proposed_by_uid=asked.proposed_by_uid,
        decided_at=work.now,
        decided_by_uid=staff_of(work.session, PETER).uid,
        closed_at=work.now,
        pack=asked.pack,
    )


@pytest.mark.parametrize("email", [PETER, RUTH])
def test_no_page_answers_in_a_way_it_does_not_know(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, email: str
) -> None:
    """Abuse case 15: in the other ways of asking, too."""
    reference = bring_to("accepted", work_as)
    browser = Browser(client_as(email))

    for ask in asks(app, objects_of(reference, JOINT), known=False):
        answer = browser.send(ask)
        # The address of the finder reads like that of a case, of which there is none.
        reads_as_case = ask.endpoint == "cases.find" and ask.method in {"GET", "HEAD"}
        assert answer.status_code == (404 if reads_as_case else 405), ask
        assert not planted_in(answer), ask


def test_a_worker_sees_the_case_once_named_on_it(client_as: ClientAs, work_as: WorkAs) -> None:
    reference = bring_to("accepted", work_as)
    mina = client_as(MINA)
    assert mina.get(f"/cases/{reference}").status_code == 404

    with work_as(RUTH) as work:
        handover_of(work, reference).adult_worker_uid = staff_of(work.session, MINA).uid

    assert "Zarabeth" in told(mina.get(f"/cases/{reference}"))

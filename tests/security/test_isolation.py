"""A case exists for those who may see it, at every step, on every page, and for nobody else."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
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
from tests.people import ANNA, HELEN, JO, MINA, PETER, PRIYA, ROSA, RUTH, SAM, TOM, WILMA
from tests.security.states import ASKED_BY, PERSON
from tests.security.sweep import Browser, ClientAs, WorkAs, asks, statements, told
from transition.actions.cases import move_on, set_target
from transition.actions.deaths import record_death
from transition.actions.handovers import found_handover, propose_handover
from transition.actions.questions import NewQuestion, ask_question
from transition.actions.replies import NewCondition, reply_to_handover
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.audit import AuditEntry
from transition.records.deaths import death_of
from transition.records.handovers import Handover
from transition.records.staff import Denial, StaffMembership
from transition.rules.handovers import Answer, HandoverState
from transition.rules.pathway import Gate
from transition.rules.people import MembershipState, Side
from transition.rules.questions import QuestionCategory
from transition.rules.references import new_reference
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


TRAIL = {"trail.index", "trail.export"}
"""Where a lead reads which references their people asked for in vain, and an auditor all of theirs.
"""
OUTSIDERS = (PETER, ROSA, MINA, JO, SAM, WILMA, ANNA)
"""Another hospice's lead and worker, a worker who is not named, the three roles that care for
nobody, and a nurse of the same hospice to whom the case is denied."""


def deny(work: Work, reference: str, email: str) -> None:
    """Deny the case to one colleague."""
    work.keep(
        Denial(
            staff_uid=staff_of(work.session, email).uid,
            case_uid=work.case(reference).case.uid,
            denied_by_uid=work.actor_uid,
            denied_at=work.now,
        )
    )


def hidden_from(emails: tuple[str, ...], step: str) -> tuple[str, ...]:
    """Return these colleagues, and before a proposal the lead to whom one will go."""
    early = step in {"opened", "preparing", "planning"}
    return (*emails, HELEN) if early else emails


@pytest.mark.parametrize("step", STEPS)
def test_for_everybody_else_the_case_does_not_exist_on_any_page(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session, step: str
) -> None:
    """Abuse case 17: nor for the lead whom it is meant for, as long as nothing is proposed."""
    reference = bring_to(step, work_as)
    with work_as(RUTH) as work:
        deny(work, reference, ANNA)
        before = work.case(reference).case.version, work.case(reference).case.stage

    for email in hidden_from(OUTSIDERS, step):
        browser = Browser(client_as(email))
        for ask in asks(app, objects_of(reference, EACH_SIDE)):
            answer = browser.send(ask)
            assert not planted_in(answer), ask
            assert reference not in told(answer) or ask.endpoint in TRAIL, ask
            assert not ask.of_case or answer.status_code == 404, ask

    with work_as(RUTH) as work:
        assert before == (work.case(reference).case.version, work.case(reference).case.stage)
    actors = {staff_of(session, email).uid.hex() for email in OUTSIDERS}
    trail = select(AuditEntry.action).where(
        AuditEntry.case_ref == reference,
        AuditEntry.actor.in_(actors),
        AuditEntry.outcome != "refused",
    )
    assert session.scalars(trail).all() == []


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
        WILMA: {"trail.index", "trail.export", "trail.verifier"},  # in codes alone
    }.get(email, set())
    open_to_all |= {"people.accept"}  # says that somebody is signed in already
    own |= {f"second_steps.{name}" for name in OF_THE_SECOND_STEP}
    assert answered == open_to_all | {"home.index", "digests.preview"} | mine | own


def addresses(words: str) -> set[str]:
    """Return the ways to ask that *words* list, a line each; several milestones by a space."""
    found = set()
    for line in words.strip().splitlines():
        way, _, codes = line.strip().partition(" of ")
        found |= {way.replace("CODE", code).replace("KIND", code) for code in codes.split() or [""]}
    return found


BESIDE = addresses("""
    GET /cases/REF/notes
    GET /cases/REF/notes/new
    POST /cases/REF/notes/new
    GET /cases/REF/visits
    GET /cases/REF/visits/new
    POST /cases/REF/visits/new
    GET /cases/REF/documents
    GET /cases/REF/documents/new
    POST /cases/REF/documents/new
    GET /cases/REF/alerts
    GET /cases/REF/alerts/new
    POST /cases/REF/alerts/new
    GET /cases/REF/history
""")
"""What either side writes beside the record."""

NURSE_SEES = BESIDE | addresses("""
    GET /cases/REF/emergency
    GET /cases/REF/links
    GET /cases/REF/links/new
    POST /cases/REF/links/new
    GET /cases/REF
    POST /cases/REF/stage
    GET /cases/REF/milestones
    GET /cases/REF/handover
    GET /cases/REF/handover/propose
    POST /cases/REF/handover/propose
    GET /cases/REF/handover/support
    POST /cases/REF/handover/support
    GET /cases/REF/died
    POST /cases/REF/died
    GET /cases/REF/pause
    POST /cases/REF/pause
    GET /cases/REF/close
    GET /cases/REF/close/KIND of moved_away declined_by_person other_provider
    POST /cases/REF/close/KIND of moved_away declined_by_person other_provider
    GET /cases/REF/plan/target-date
    POST /cases/REF/plan/target-date
    GET /cases/REF/early-notice
    POST /cases/REF/early-notice
    GET /cases/REF/short-path
    POST /cases/REF/short-path
    GET /cases/REF/house
    POST /cases/REF/house
    GET /cases/REF/pathway
    POST /cases/REF/pathway
    GET /cases/REF/milestones/new
    POST /cases/REF/milestones/new
    GET /cases/REF/milestones/CODE/later of ID-04 PR-11 PL-01
    POST /cases/REF/milestones/CODE/later of ID-04 PR-11 PL-01
    GET /cases/REF/milestones/CODE/done of ID-04 PR-11 PL-01
    POST /cases/REF/milestones/CODE/done of PR-11 PL-01
    GET /cases/REF/milestones/CODE/skip of ID-04 PR-11 PL-01
    POST /cases/REF/milestones/CODE/skip of ID-04 PR-11 PL-01
    GET /cases/REF/record/summary
    GET /cases/REF/record/CODE of what-matters health
    GET /cases/REF/record/CODE/edit of what-matters health
    GET /cases/REF/print/family
    GET /cases/REF/record/CODE of birth number
    POST /cases/REF/record/CODE of birth number
    POST /cases/REF/record/what-matters/edit
""")
"""A POST shows somebody where it is refused, or asks first."""

LISTS = {"GET /cases", "GET /today", "GET /upcoming"}
INBOX = {"GET /handovers"}
PACK = {"GET /cases/REF/handovers/rowans-1"}
PRINT = addresses("""
    GET /cases/REF/handovers/rowans-1/print
    POST /cases/REF/handovers/rowans-1/print
""")
SEND_AGAIN = {"GET /cases/REF/handovers/rowans-1/pack"}
SENT_AGAIN = {"POST /cases/REF/handovers/rowans-1/pack"}
REPLY = {"POST /cases/REF/handovers/rowans-1/reply"}
TOO_LATE = addresses("""
    POST /cases/REF/handovers/rowans-1/questions/new
    POST /cases/REF/handovers/rowans-1/reply/each
""")
ASK_AND_ANSWER = addresses("""
    GET /cases/REF/handovers/rowans-1/questions/new
    POST /cases/REF/handovers/rowans-1/questions/new
    GET /cases/REF/handovers/rowans-1/reply/each
    POST /cases/REF/handovers/rowans-1/reply/each
""")
ANSWERS_LATE = "POST /cases/REF/handovers/rowans-1/questions/1"
AFTER_NO = {"POST /cases/REF/handovers/rowans-1/after-no"}
QUESTION_PAGE = addresses("""
    GET /cases/REF/handovers/rowans-1/questions/1
    POST /cases/REF/handovers/rowans-1/questions/1
""")
MAPS = addresses("""
    GET /cases/REF/services
    GET /cases/REF/services/all
    POST /cases/REF/services/all
    GET /cases/REF/needs
    GET /cases/REF/needs/new
    POST /cases/REF/needs/new
""")
ONE_CLICK = {"POST /cases/REF/milestones/ID-04/done"}
ENDING = addresses("""
    GET /cases/REF/died
    POST /cases/REF/died
""")
SHARED = BESIDE | addresses("""
    GET /cases/REF/emergency
    GET /cases/REF
    GET /cases/REF/services
    GET /cases/REF/pause
    POST /cases/REF/pause
    GET /cases/REF/milestones
    GET /cases/REF/short-path
    POST /cases/REF/short-path
    GET /cases/REF/milestones/new
    POST /cases/REF/milestones/new
    GET /cases/REF/milestones/CODE/later of PL-01 HO-02 SE-01
    POST /cases/REF/milestones/CODE/later of PL-01 HO-02 SE-01
    GET /cases/REF/milestones/CODE/done of PL-01 HO-02 SE-01
    POST /cases/REF/milestones/CODE/done of PL-01 HO-02 SE-01
    GET /cases/REF/milestones/CODE/skip of PL-01 HO-02 SE-01
    POST /cases/REF/milestones/CODE/skip of PL-01 HO-02 SE-01
    GET /cases/REF/record/summary
    GET /cases/REF/record/CODE of what-matters health
""")
TRANSFER = addresses("""
    GET /cases/REF/confirm-transfer
    GET /cases/REF/confirm-transfer/sign
    POST /cases/REF/confirm-transfer/sign
""")
THE_DATE = addresses("""
    GET /cases/REF/plan/target-date
    POST /cases/REF/plan/target-date
""")
RECORD = {"GET /cases/REF/record"}
KNOWN = {"GET /cases/REF/died/known"}
NURSE_SEES |= MAPS
UNCHANGED = {"POST /cases/REF/record/health/edit"}
"""A form that comes back empty says what it said already: only where that is refused is it seen."""
TAKE_BACK = {"GET /cases/REF/handovers/rowans-1/withdraw"}
TAKEN_BACK = {"POST /cases/REF/handovers/rowans-1/withdraw"}
SAID = addresses("""
    GET /cases/REF/handovers/rowans-1/told/said
    POST /cases/REF/handovers/rowans-1/told/said
""")
SAID_LATE = addresses("""
    POST /cases/REF/handovers/rowans-1/told/said
    POST /cases/REF/handovers/rowans-1/told/unsaid
""")
NAMES = addresses("""
    GET /cases/REF/handovers/rowans-1/worker
    POST /cases/REF/handovers/rowans-1/worker
""")
RECEIVED = {"POST /cases/REF/handovers/rowans-1/received"}
CLOSE = {way for way in NURSE_SEES if "/cases/REF/close" in way}
REFUSED = {way for way in NURSE_SEES if way.startswith("POST")} - ENDING - CLOSE

SHOWN = {
    (RUTH, "opened"): NURSE_SEES | LISTS,
    (RUTH, "preparing"): NURSE_SEES | LISTS,
    (RUTH, "planning"): NURSE_SEES | LISTS,
    (RUTH, "proposed"): NURSE_SEES
    | LISTS
    | INBOX
    | PACK
    | PRINT
    | SEND_AGAIN
    | SENT_AGAIN
    | AFTER_NO
    | SAID
    | TAKE_BACK,
    (RUTH, "asked"): (
        (NURSE_SEES | LISTS | INBOX | PACK | PRINT | SEND_AGAIN | AFTER_NO | QUESTION_PAGE)
        | SENT_AGAIN
        | SAID
        | TAKE_BACK
    ),
    (RUTH, "accepted"): (
        (NURSE_SEES | LISTS | INBOX | PACK | AFTER_NO | {ANSWERS_LATE} | TAKEN_BACK)
        | PRINT
        | SAID_LATE
        | SEND_AGAIN
        | TRANSFER
    ),
    (RUTH, "ended"): (
        ((NURSE_SEES - CLOSE) | PACK | ONE_CLICK | AFTER_NO | {ANSWERS_LATE} | TAKEN_BACK)
        | PRINT
        | SAID_LATE
        | SENT_AGAIN
    ),
    (HELEN, "proposed"): LISTS | INBOX | PACK | ENDING | REPLY | ASK_AND_ANSWER,
    (HELEN, "asked"): LISTS | INBOX | PACK | ENDING | REPLY | ASK_AND_ANSWER,
    (HELEN, "accepted"): (
        (LISTS | INBOX | PACK | ENDING | REPLY | SHARED | TOO_LATE | TAKE_BACK | RECEIVED)
        | PRINT
        | NAMES
        | TRANSFER
        | THE_DATE
    ),
    (HELEN, "ended"): PACK | ENDING | REPLY | TOO_LATE,
    (RUTH, "died"): (
        {"GET /cases/REF/history"}
        | RECORD
        | KNOWN
        | PACK
        | ONE_CLICK
        | REFUSED
        | AFTER_NO
        | {ANSWERS_LATE}
        | UNCHANGED
    ),
    (HELEN, "died"): RECORD | PACK | REPLY | TOO_LATE,
}
"""Where the planted words stand for whom, at each step."""


@pytest.mark.parametrize(("email", "step"), SHOWN)
def test_who_may_see_the_case_finds_it_on_just_these_pages(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, email: str, step: str
) -> None:
    reference = bring_to(step, work_as)
    browser = Browser(client_as(email))

    shown = {
        f"{ask.method} {ask.path.replace(reference, 'REF')}"
        for ask in asks(app, objects_of(reference))
        if planted_in(browser.send(ask))
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


@pytest.mark.parametrize("step", STEPS)
def test_hidden_and_absent_are_one_page_and_one_amount_of_work(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, step: str
) -> None:
    """Abuse case 15: the case of another hospice by its reference, asked for in every way."""
    reference = bring_to(step, work_as)
    absent = new_reference("NHJ", secrets.randbelow)
    with work_as(RUTH) as work:
        deny(work, reference, ANNA)

    for email in hidden_from((PETER, MINA, ANNA), step):
        browser = Browser(client_as(email))
        pairs = zip(
            asks(app, objects_of(reference, JOINT)),
            asks(app, objects_of(absent, JOINT)),
            strict=True,
        )
        for hidden, other in ((one, two) for one, two in pairs if one.of_case):
            with statements(app) as first:
                forbidden = browser.send(hidden)
            with statements(app) as second:
                nothing = browser.send(other)
            assert forbidden.data == nothing.data, hidden
            assert dict(forbidden.headers) == dict(nothing.headers), hidden
            assert len(first) == len(second), hidden


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


def suspend(held: StaffMembership, _work: Work) -> None:
    held.state = MembershipState.SUSPENDED


def leave(held: StaffMembership, _work: Work) -> None:
    held.state = MembershipState.LEFT


def expire(held: StaffMembership, work: Work) -> None:
    held.until_on = work.today - timedelta(days=1)


@pytest.mark.parametrize(("email", "change"), [(PRIYA, suspend), (TOM, expire), (HELEN, leave)])
def test_who_may_no_longer_come_in_is_asked_to_sign_in_on_every_page(
    app: Tracker,
    client_as: ClientAs,
    work_as: WorkAs,
    email: str,
    change: Callable[[StaffMembership, Work], None],
) -> None:
    reference = bring_to("accepted", work_as)
    browser = Browser(client_as(email))
    assert "Zarabeth" in told(browser.client.get(f"/cases/{reference}"))

    with work_as(RUTH) as work:
        for held in staff_of(work.session, email).memberships:
            change(held, work)

    for ask in asks(app, objects_of(reference, JOINT)):
        answer = browser.send(ask)
        assert not planted_in(answer), ask
        assert not ask.of_case or answer.location.startswith("/sign-in"), ask


def test_a_worker_sees_the_case_once_named_on_it(client_as: ClientAs, work_as: WorkAs) -> None:
    reference = bring_to("accepted", work_as)
    mina = client_as(MINA)
    assert mina.get(f"/cases/{reference}").status_code == 404

    with work_as(RUTH) as work:
        handover_of(work, reference).adult_worker_uid = staff_of(work.session, MINA).uid

    assert "Zarabeth" in told(mina.get(f"/cases/{reference}"))

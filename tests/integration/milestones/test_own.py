"""Milestones that one case adds, those put off, and every outcome, on the screen and below it."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    on_both,
    opened_case,
    planned_case,
    post,
    record_done,
)
from tests.people import HELEN, PRIYA, RUTH
from transition.actions.digests import digest_of
from transition.actions.milestones import Recorded, put_back, record_outcome
from transition.actions.own_milestones import (
    NewMilestone,
    add_milestone,
    change_milestone,
    snooze_milestone,
    wake_milestone,
)
from transition.actions.targets import move_target
from transition.actions.work import NotFound
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.dues import dues_for, dues_of_case, items_of
from transition.records.milestones import OwnMilestone, Snooze, outcomes_of, snoozes_of
from transition.rules.errors import RuleBroken
from transition.rules.milestones import OutcomeKind
from transition.rules.pathway import Gate, Owner, Stage
from transition.rules.targets import Target, TargetReason

TODAY = date(2026, 11, 23)
LATER = date(2026, 12, 14)
BOOK = NewMilestone(
    title="Book the minibus",
    stage=Stage.IDENTIFIED,
    owner=Owner.CHILDRENS,
    due_on=date(2026, 11, 25),
)
TYPED = {
    "title": "Book the minibus",
    "stage": "identified",
    "owner": "childrens",
    "due_on-day": "25",
    "due_on-month": "11",
    "due_on-year": "2026",
}


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of Ruth's that was opened a year ago."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


@pytest.fixture
def ruth(client_as: ClientAs) -> FlaskClient:
    """Ruth's browser."""
    return client_as(RUTH)


def asked_about(work_as: WorkAs) -> set[str]:
    """Return the codes of the milestones that lists and letters are made of."""
    with work_as(RUTH) as work:
        cases = dues_for(work.session, work.asking)
        return {item.code for item in items_of(cases, work.today)}


@on_both
def test_an_own_milestone_stands_among_the_others_and_is_done_like_them(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        assert add_milestone(work, reference, BOOK).code == "X-01"
    assert "X-01" in asked_about(work_as)
    with work_as(RUTH) as work:
        dues = dues_of_case(work.session, work.case(reference).case.uid, work.asking)
        assert dues is not None
        (own,) = [one for one in dues.standings if one.rule.own]
        assert (own.due_on, own.rule.gate) == (date(2026, 11, 25), Gate.NONE)
        record_outcome(work, reference, "X-01", Recorded(kind=OutcomeKind.DONE, done_on=TODAY))
    assert "X-01" not in asked_about(work_as)
    with work_as(RUTH) as work:
        put_back(work, reference, "X-01")
    assert "X-01" in asked_about(work_as)
    row = session.scalars(select(OwnMilestone)).one()
    assert (row.title, row.due_on) == ("Book the minibus", date(2026, 11, 25))


@on_both
def test_what_is_put_off_is_asked_about_nowhere_and_due_when_it_was(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    def due_on() -> date | None:
        with work_as(RUTH) as work:
            dues = dues_of_case(work.session, work.case(reference).case.uid, work.asking)
            assert dues is not None
            return next(one.due_on for one in dues.standings if one.rule.code == "ID-02")

    before = due_on()
    with work_as(RUTH) as work:
        snooze_milestone(work, reference, "ID-02", LATER, reason="The family is away.")
    assert "ID-02" not in asked_about(work_as)
    assert due_on() == before
    app.config["CLOCK"].instant += LATER - TODAY
    assert "ID-02" in asked_about(work_as)
    app.config["CLOCK"].instant -= timedelta(days=1)
    assert "ID-02" not in asked_about(work_as)
    with work_as(RUTH) as work:
        wake_milestone(work, reference, "ID-02")
    assert "ID-02" in asked_about(work_as)


def test_leads_go_on_to_see_what_is_put_off_once_it_is_more_than_four_weeks_late(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    def late_for(email: str) -> tuple[int, bool]:
        with work_as(email) as work:
            late = digest_of(work, work.actor).late
        return late, "Book the minibus" in client_as(email).get("/today").text

    app.config["CLOCK"].instant += timedelta(days=30)  # due on 25 November: 28 days late
    with work_as(RUTH) as work:
        add_milestone(work, reference, BOOK)
    before, told = late_for(PRIYA)
    assert (late_for(RUTH), told) == ((before, True), True)
    with work_as(RUTH) as work:
        until = work.today + timedelta(weeks=4)
        snooze_milestone(work, reference, "X-01", until, reason="The driver is away.")
    assert late_for(RUTH) == late_for(PRIYA) == (before - 1, False)
    app.config["CLOCK"].instant += timedelta(days=1)
    after, told = late_for(PRIYA)
    assert told
    assert late_for(RUTH) == (after - 1, False)


def test_what_the_transfer_waits_for_is_not_put_off_shortly_before_it(
    work_as: WorkAs,
) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(RUTH) as work:
        target = Target(on=TODAY + timedelta(days=40))
        move_target(work, reference, target, TargetReason.STAFFING)
    with work_as(RUTH) as work:
        snooze_milestone(work, reference, "MV-04", TODAY + timedelta(days=12), reason="Away.")
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="The transfer waits for this"):
        snooze_milestone(work, reference, "MV-04", TODAY + timedelta(days=13), reason="Away.")


def test_it_is_put_off_again_and_both_are_kept(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    for day in (14, 15):
        with work_as(RUTH) as work:
            until = date(2026, 12, day)
            snooze_milestone(work, reference, "ID-02", until, reason="Away.")
    case = session.scalars(select(Case)).one()
    assert snoozes_of(session, case.uid)["ID-02"].until_on == date(2026, 12, 15)
    assert len(session.scalars(select(Snooze)).all()) == 2


def test_what_is_not_put_off_is_not_woken_and_a_reason_is_needed(
    work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="on the list already"):
        wake_milestone(work, reference, "ID-02")
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Say why"):
        snooze_milestone(work, reference, "ID-02", LATER, reason=" ")


def test_there_is_no_other_milestone_to_change(work_as: WorkAs, reference: str) -> None:
    for code in ("ID-02", "X-01"):
        with work_as(RUTH) as work, pytest.raises(NotFound):
            change_milestone(work, reference, code, BOOK)
    with work_as(RUTH) as work, pytest.raises(NotFound):
        snooze_milestone(work, reference, "X-01", LATER, reason="Away.")


def test_nobody_adds_one_for_the_other_hospice(work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="belongs to the other hospice"):
        add_milestone(work, reference, BOOK)


def test_the_other_hospice_learns_no_title_of_ours(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    shared = NewMilestone(title="Visit the garden", stage=Stage.MOVING, owner=Owner.SHARED)
    with work_as(RUTH) as work:
        add_milestone(work, reference, BOOK)
        add_milestone(work, reference, shared)
    page = client_as(HELEN).get(f"/cases/{reference}/milestones").text
    assert "Visit the garden" in page
    assert "minibus" not in page
    assert "minibus" in client_as(RUTH).get(f"/cases/{reference}/milestones").text


def test_one_is_added_and_changed_from_the_page(ruth: FlaskClient, reference: str) -> None:
    path = f"/cases/{reference}/milestones"
    assert f'href="{path}/new"' in ruth.get(path).text
    answer = post(ruth, f"{path}/new", **TYPED, version="0")
    page = ruth.get(answer.location).text
    assert "Added: X-01" in page
    assert "Book the minibus" in ruth.get("/today").text
    assert "Book the minibus" in ruth.get(f"/cases/{reference}").text
    again = post(ruth, f"{path}/new", **TYPED, version="0")
    assert again.status_code == 409, "the same page sent twice adds one only"
    version = re.findall(r'name="version" value="(\d+)"', ruth.get(f"{path}/X-01/change").text)[0]
    words = TYPED | {"title": "Book two minibuses", "version": version}
    answer = post(ruth, f"{path}/X-01/change", **words)
    assert "Changed: X-01" in ruth.get(answer.location).text
    assert post(ruth, f"{path}/X-01/change", **words).status_code == 409


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"title": ""}, "Write what is to be done"),
        ({"owner": ""}, "Choose who does this"),
        ({"owner": "adult"}, "Choose one of the answers"),
        ({"due_on-day": "31"}, "must be a real date"),
    ],
)
def test_what_is_missing_of_it_is_said(
    ruth: FlaskClient, reference: str, words: dict[str, str], sentence: str
) -> None:
    answer = post(ruth, f"/cases/{reference}/milestones/new", **TYPED | words)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_one_is_put_off_and_woken_from_the_page(ruth: FlaskClient, reference: str) -> None:
    path = f"/cases/{reference}/milestones"
    words = {"until_on-day": "14", "until_on-month": "12", "until_on-year": "2026"}
    form = ruth.get(f"{path}/ID-02/later?back=milestones").text
    assert re.findall(r'name="until_on-day" type="text" value="(\d+)"', form) == ["7"]
    told = words | {"reason": "The family is away.", "back": "milestones", "version": "none"}
    assert "Say why" in post(ruth, f"{path}/ID-02/later", **told | {"reason": ""}).text
    past = post(ruth, f"{path}/ID-02/later", **told | {"until_on-year": "2025"})
    assert "must be after today" in past.text
    answer = post(ruth, f"{path}/ID-02/later", **told)
    page = ruth.get(answer.location).text
    assert "comes back on 14 December 2026" in page
    assert "look again on 14 December 2026" in page
    stale = post(ruth, f"{path}/ID-02/later", **told)
    assert stale.status_code == 409
    answer = post(ruth, path, f"{path}/ID-02/wake", back="milestones")
    page = ruth.get(answer.location).text
    assert "On the list again" in page
    assert "look again on" not in page
    answer = post(ruth, path, f"{path}/ID-02/wake")
    assert "on the list already" in ruth.get(answer.location).text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("not_applicable", "Marked as not needed."),
        ("declined_by_person", "Recorded as not wanted."),
        ("waived", "We go on without it."),
    ],
)
def test_every_outcome_is_recorded_with_its_reason_and_answers_the_gate(
    client_as: ClientAs, work_as: WorkAs, kind: str, words: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
        put_back(work, reference, "PR-10")
    priya = client_as(PRIYA)
    page = priya.get(f"/cases/{reference}/handover/propose").text
    assert "1 thing before you can propose" in page
    assert "PR-10/skip?back=propose&amp;kind=waived" in page
    assert "kind=waived" not in client_as(RUTH).get(f"/cases/{reference}/handover/propose").text
    path = f"/cases/{reference}/milestones/PR-10/skip"
    answer = post(priya, path, kind=kind, reason="Known already.", back="propose")
    page = priya.get(answer.location).text
    assert words in page
    assert "before you can propose" not in page
    case = session.scalars(select(Case)).one()
    assert outcomes_of(session, case.uid)["PR-10"].kind == kind
    shown = priya.get(f"/cases/{reference}/milestones").text
    assert "Known already." in shown


def test_a_nurse_is_not_offered_to_go_on_without_it(ruth: FlaskClient, reference: str) -> None:
    path = f"/cases/{reference}/milestones/PR-10/skip"
    assert "We go on without it" not in ruth.get(path).text
    assert post(ruth, path, kind="waived", reason="Known.").status_code == 422


def test_each_row_says_why_that_day_and_why_at_all(ruth: FlaskClient, reference: str) -> None:
    page = ruth.get(f"/cases/{reference}/milestones").text
    assert page.count("Why this date?") == page.count("Why this milestone?") > 30
    assert "NICE QS140-2 (2023)" in page


def test_what_was_noted_beside_a_milestone_is_read_there(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(RUTH) as work:
        done = Recorded(kind=OutcomeKind.DONE, done_on=TODAY, evidence_note="In the blue folder.")
        record_outcome(work, reference, "ID-04", done)
        record_done(work, work.case(reference).case, {"MV-02"})
    assert "In the blue folder." in client_as(RUTH).get(f"/cases/{reference}/milestones").text
    assert "In the blue folder." not in client_as(HELEN).get(f"/cases/{reference}/milestones").text


def test_no_cookie_carries_what_a_team_calls_a_milestone(ruth: FlaskClient, reference: str) -> None:
    pages = f"/cases/{reference}/milestones"
    day = {"until_on-day": "14", "until_on-month": "12", "until_on-year": "2026"}
    ruth.get(pages)
    for path, words in (
        ("new", TYPED),
        ("X-01/change", TYPED | {"title": "Book two minibuses"}),
        ("X-01/later", day | {"reason": "The driver is away."}),
        ("X-01/wake", {}),
        ("X-01/done", {}),
        ("X-01/reopen", {}),
    ):
        answer = post(ruth, pages + "/new", f"{pages}/{path}", **words)
        assert answer.status_code == 302, path
        with ruth.session_transaction() as carried:
            assert "inibus" not in str(dict(carried)), path
            assert reference in str(carried["_flashes"]), path


def test_a_page_that_is_too_old_tells_the_other_hospice_no_title(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(RUTH) as work:
        add_milestone(work, reference, BOOK)
    mine = {"title": "Meet Sky", "stage": "moving", "owner": "adult", "version": "0"}
    answer = post(client_as(HELEN), f"/cases/{reference}/milestones/new", **mine)
    assert answer.status_code == 409
    assert "Book the minibus" not in answer.text
    assert "Meet Sky" in answer.text

"""One answer to what is due: Today and the digest ask the same place, and cannot disagree."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.builders import (
    Bag,
    ClientAs,
    WorkAs,
    accepted_case,
    issue,
    on_both,
    opened_case,
    post_with,
    proposed_handover,
    with_rule,
    without_rules,
)
from tests.people import ANNA, HELEN, JO, PETER, RUTH
from transition.actions.work import Work
from transition.app import Tracker
from transition.records.case_lists import list_of_cases
from transition.records.cases import Case
from transition.records.dues import Asking, dues_for, dues_of_case, items_of
from transition.records.histories import Pause
from transition.rules.digests import DueKind
from transition.rules.due_rules import parse
from transition.rules.milestones import Standing
from transition.rules.people import THE_TIMETABLE
from transition.rules.stages import Ending

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()
Told = Callable[[str], tuple[str, str, str]]
TITLE = "Cover for the named worker recorded"


def digest_to(app: Tracker, email: str) -> str:
    """Return the text of the digest that goes to somebody now."""
    bag = Bag()
    issue(app, at=NOW)
    post_with(app, bag)
    (letter,) = [one for one in bag.letters if one["To"] == email and "digest" in one["Subject"]]
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def told(app: Tracker, work_as: WorkAs, client_as: ClientAs) -> Told:
    """Ask Today and the digest about a case of 365 days, of which ID-04 alone is asked."""

    def ask(due: str) -> tuple[str, str, str]:
        with work_as(RUTH) as work:
            reference = opened_case(work, opened_on=TODAY - timedelta(days=365)).reference
        others = set(app.config["CATALOGUE"].pathway.by_code) - {"ID-04"}
        alone = without_rules(app.config["CATALOGUE"], others)
        app.config["CATALOGUE"] = with_rule(alone, "ID-04", due=parse(due))
        return reference, client_as(RUTH).get("/today").text, digest_to(app, RUTH)

    return ask


@pytest.mark.parametrize(
    ("due", "panel", "line"),
    [
        ("open(+364d)", "1 day late", "a planning step, late"),
        ("open(+365d)", "Today", "a planning step, due today"),
        ("open(+366d)", "Tomorrow", ""),
        ("open(+500d)", "Sky Demo-Test", ""),
    ],
)
def test_a_due_rule_that_changes_changes_today_and_the_digest_alike(
    told: Told, due: str, panel: str, line: str
) -> None:
    reference, page, digest = told(due)
    assert panel in page[page.index(TITLE) :]
    assert (f"{reference}  a planning step" in digest) is bool(line)
    assert line in digest


@on_both
def test_each_sees_what_is_due_in_the_cases_that_are_theirs(
    work_as: WorkAs, session: Session, app: Tracker
) -> None:
    with work_as(RUTH) as work:
        own = opened_case(work).reference
        sent = proposed_handover(work)[0].reference
    seen = {}
    for email in (RUTH, ANNA, HELEN, PETER, JO):
        with work_as(email) as work:
            seen[email] = {dues.reference for dues in dues_for(work.session, work.asking)}
    assert seen == {RUTH: {own, sent}, ANNA: {own, sent}, HELEN: {sent}, PETER: set(), JO: set()}
    asking = Asking(THE_TIMETABLE, TODAY, app.config["CATALOGUE"])
    assert {dues.reference for dues in dues_for(session, asking)} == {own, sent}


@on_both
@pytest.mark.parametrize("ended", [True, False])
def test_a_case_that_ended_or_rests_is_due_nothing(
    work_as: WorkAs, app: Tracker, client_as: ClientAs, *, ended: bool
) -> None:
    with work_as(RUTH) as work:
        case, _ = proposed_handover(work)
        if ended:
            case.ending, case.ended_at = Ending.DIED, work.now
        else:
            case.paused = True
        reference, uid = case.reference, case.uid
    for email in (RUTH, HELEN):
        with work_as(email) as work:
            assert dues_for(work.session, work.asking) == []
            listed = {row.reference for row in list_of_cases(work.session, work.asking)}
            assert listed == (set() if ended else {reference})
            assert dues_of_case(work.session, uid, work.asking) is not None
        assert reference not in client_as(email).get("/today").text
    if ended:
        assert reference not in client_as(RUTH).get("/cases").text
        assert reference not in client_as(HELEN).get("/handovers").text
    assert reference not in digest_to(app, RUTH)


@on_both
def test_a_pause_moves_what_is_due_by_its_days(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        case = opened_case(work, opened_on=date(2026, 11, 2))
        before = {one.rule.code: one.due_on for one in dues_in(work, case)}
        for first, last in ((date(2026, 11, 5), date(2026, 11, 9)), (TODAY, None)):
            work.keep(
                Pause(
                    case_uid=case.uid,
                    from_on=first,
                    until_on=last,
                    review_on=date(2027, 1, 1),
                    reason_code="unwell",
                )
            )
        after = {one.rule.code: one.due_on for one in dues_in(work, case)}
    assert before.keys() == after.keys()
    assert before != after


def dues_in(work: Work, case: Case) -> tuple[Standing, ...]:
    dues = dues_of_case(work.session, case.uid, work.asking)
    assert dues is not None
    return dues.standings


def test_a_case_without_anything_left_to_do_keeps_no_next_day(
    work_as: WorkAs, app: Tracker, client_as: ClientAs
) -> None:
    catalogue = app.config["CATALOGUE"]
    codes = {rule.code for rule in catalogue.pathway.milestones} - {"MV-02"}
    app.config["CATALOGUE"] = without_rules(catalogue, codes)
    with work_as(RUTH) as work:
        case = opened_case(work)
        assert case.next_due is None
        (row,) = list_of_cases(work.session, work.asking)
        assert (row.next_due_on, row.next_code) == (None, None)
        reference = case.reference
    assert reference in client_as(RUTH).get("/cases").text


def test_a_handover_that_waits_is_an_item_of_its_own(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    with work_as(HELEN) as work:
        (dues,) = dues_for(work.session, work.asking)
        assert dues.handover is not None
        assert (dues.handover.key, dues.handover.proposed_on) == ("rowans-1", TODAY)
        (item,) = [one for one in items_of([dues], TODAY) if one.kind is DueKind.HANDOVER]
    assert item.path == f"/cases/{reference}/handovers/rowans-1"
    assert item.due_on == date(2026, 12, 7)
    assert item.blocks


def test_once_it_is_answered_it_waits_no_more(work_as: WorkAs) -> None:
    accepted_case(work_as)
    with work_as(HELEN) as work:
        (dues,) = dues_for(work.session, work.asking)
        kinds = {one.kind for one in items_of([dues], TODAY)}
    assert kinds == {DueKind.MILESTONE}
    assert dues.anchors.events == {"proposed": TODAY, "accepted": TODAY}

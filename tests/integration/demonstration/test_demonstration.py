"""The twenty invented cases: what they stand for, on the fixed day and in a leap cycle."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.builders import Bag, ClientAs, WorkAs, issue, post_with
from tests.databases import FIXED, catalogue, opened, settings_in
from tests.people import ANNA, HELEN, PRIYA, RUTH
from transition.actions.demonstration import load_demonstration
from transition.actions.installing import install
from transition.app import Tracker
from transition.clock import LONDON, local_day
from transition.home import CONFIG
from transition.records.anchors import anchors_of
from transition.records.audit import GOOD, head_of, verify
from transition.records.case_lists import list_of_cases
from transition.records.cases import Case
from transition.records.dues import dues_for
from transition.records.handovers import handovers_of
from transition.records.ledger import ledger_of
from transition.records.migrations import upgrade
from transition.records.milestones import MilestoneOutcome
from transition.records.services import services_of
from transition.records.staff import Staff
from transition.records.young_people import YoungPerson, young_person_of
from transition.rules.handovers import Function
from transition.rules.ledger import gaps, overlaps
from transition.rules.services import ServiceKey, ServiceStatus
from transition.rules.young_people import age_on

FOLDER = CONFIG / "demonstration"
TOLD: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_text("utf-8"))["cases"]
TODAY = FIXED.date()

SENT = {"handover", "moving", "settling", "completed"}
"""The stages to which nobody comes before a handover was proposed."""


def by_name(session: Session) -> dict[str, Case]:
    people = {person.uid: person.full_name for person in session.scalars(select(YoungPerson))}
    return {people[case.young_person_uid]: case for case in session.scalars(select(Case))}


def how_many(session: Session, kind: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


@pytest.mark.usefixtures("demonstration", "both_databases")
def test_there_are_twenty_cases_each_at_its_stage_with_its_named_worker(session: Session) -> None:
    cases = by_name(session)
    assert len(cases) == len(TOLD) == 20
    assert {told["name"]: cases[told["name"]].stage.value for told in TOLD} == {
        told["name"]: told["stage"] for told in TOLD
    }
    workers = {
        told["name"]: session.get_one(Staff, cases[told["name"]].named_worker_uid).email
        for told in TOLD
    }
    assert workers == {told["name"]: RUTH if told["k"] <= "demo-12" else ANNA for told in TOLD}


@pytest.mark.usefixtures("demonstration")
def test_each_has_the_age_the_number_and_the_target_that_are_told(session: Session) -> None:
    cases = by_name(session)
    for told in TOLD:
        case = cases[told["name"]]
        born = anchors_of(session, case.uid).date_of_birth
        if "born" in told:
            assert born.isoformat() == told["born"]
        else:
            assert age_on(born, TODAY) == tuple(told["age"]), told["k"]
        assert young_person_of(session, case.young_person_uid).nhs_number == told["nhs"]
        assert case.opened_on == TODAY - timedelta(days=told["opened_days_ago"])
        if told["transfer"] is not None and told["stage"] not in {"identified", "preparing"}:
            assert case.target_transfer_on == TODAY + timedelta(days=told["transfer"])


@pytest.mark.usefixtures("demonstration")
def test_those_that_were_sent_have_a_handover_and_no_others(session: Session) -> None:
    cases = by_name(session)
    for told in TOLD:
        receivers = [one.receiver for one in handovers_of(session, cases[told["name"]].uid)]
        came_so_far = told["stage"] in SENT or told["handover"] == "declined"
        sent = came_so_far and told["receiver"] != "external"
        before = ["rowans"] if told["k"] == "demo-16" else []
        assert receivers == ([*before, told["receiver"]] if sent else []), told["k"]


@pytest.mark.usefixtures("demonstration")
def test_every_function_of_every_case_has_one_lead(session: Session) -> None:
    for case in session.scalars(select(Case)):
        spans = [row.span for row in ledger_of(session, case.uid)]
        assert gaps(spans, Function, TODAY) == overlaps(spans, TODAY) == ()


@pytest.mark.usefixtures("demonstration")
def test_the_trail_of_a_demonstration_holds(session: Session) -> None:
    assert verify(session).code == GOOD


@pytest.mark.usefixtures("demonstration", "both_databases")
def test_who_has_ended_stands_in_no_list_no_letter_and_no_count(
    app: Tracker, session: Session, work_as: WorkAs, client_as: ClientAs
) -> None:
    ended = {case.reference for case in session.scalars(select(Case)) if case.ending}
    assert len(ended) == sum("exit:" in told.get("overlay", "") for told in TOLD) > 0
    session.rollback()
    with work_as(PRIYA) as work:
        dues = {one.reference for one in dues_for(work.session, work.asking)}
        listed = {one.reference for one in list_of_cases(work.session, work.asking)}
    assert len(listed) == 20 - len(ended)
    assert ended.isdisjoint(dues | listed)
    for email in (PRIYA, RUTH, HELEN):
        client = client_as(email)
        for page in ("/today", "/cases", "/handovers", "/me/notifications/preview"):
            text = client.get(page).text
            assert not [one for one in ended if one in text], (email, page)
    bag = Bag()
    issue(app, at=FIXED)
    post_with(app, bag)
    assert len(bag.letters) >= 27
    letters = "".join(letter.as_string() for letter in bag.letters)
    assert not [one for one in ended if one in letters]
    assert not [told["name"] for told in TOLD if told["name"].split()[1] in letters]


@pytest.mark.usefixtures("demonstration", "both_databases")
def test_loading_it_again_changes_nothing(app: Tracker, session: Session) -> None:
    before = head_of(session)
    session.rollback()
    with session:
        assert load_demonstration(session, app.config["CATALOGUE"], FOLDER, now=FIXED) == 0
    assert head_of(session) == before
    assert how_many(session, Case) == 20


@pytest.mark.usefixtures("installed")
def test_an_installation_with_people_is_never_filled(app: Tracker, session: Session) -> None:
    assert load_demonstration(session, app.config["CATALOGUE"], FOLDER, now=FIXED) == 0
    assert how_many(session, Case) == 0


def test_a_demonstration_whose_people_are_not_told_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    upgrade(settings.database_url)
    told = few(tmp_path / "told", DAYS[3])
    people = (told / "people.toml").read_text("utf-8")
    (told / "people.toml").write_text(people.replace("nurse2@", "nurse3@"), "utf-8")
    with opened(settings) as session:
        install(session, mode="demo", now=FIXED)
        with pytest.raises(LookupError, match="no nurse2@naomi"):
            load_demonstration(session, catalogue(), told, now=FIXED)


DAYS = (
    date(2027, 1, 1),
    date(2027, 3, 29),
    date(2027, 10, 31),
    date(2027, 12, 31),
    date(2028, 2, 28),
    date(2028, 2, 29),
    date(2028, 3, 1),
    date(2028, 5, 31),
    date(2028, 8, 30),
    date(2029, 2, 28),
    date(2030, 4, 19),
    date(2030, 9, 1),
)
"""Days of one leap cycle: ends of months and years, the leap day and its neighbours, holidays."""


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_it_loads_on_any_day(day: date, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    now = datetime.combine(day, time(9), LONDON).astimezone(UTC)
    upgrade(settings.database_url)
    with opened(settings) as session:
        install(session, mode="demo", now=now)
        told = few(tmp_path / "told", day)
        assert load_demonstration(session, catalogue(), told, now=now) == 4
        assert how_many(session, Case) == 4
        assert verify(session).code == GOOD
        late = [row.done_on for row in session.scalars(select(MilestoneOutcome)) if row.done_on]
        assert max(late) <= local_day(now)


def few(folder: Path, day: date) -> Path:
    """Tell four of the twenty, others each day, so that every one is loaded on some days."""
    folder.mkdir()
    (folder / "people.toml").write_bytes((FOLDER / "people.toml").read_bytes())
    start = DAYS.index(day) * 4
    cases = [TOLD[(start + number) % len(TOLD)] for number in range(4)]
    (folder / "cases.json").write_text(json.dumps({"cases": cases}), "utf-8")
    return folder


@pytest.mark.usefixtures("demonstration")
def test_each_handover_stands_where_the_file_says(session: Session) -> None:
    cases = by_name(session)
    for told in TOLD:
        handovers = handovers_of(session, cases[told["name"]].uid)
        if handovers and cases[told["name"]].ending is None:
            said = told["handover"]
            assert handovers[-1].state.value == said, told["k"]


@pytest.mark.usefixtures("demonstration")
def test_05_b_the_answer_is_due_tomorrow_in_the_nurses_digest_without_the_questions_words(
    app: Tracker, session: Session
) -> None:
    reference = by_name(session)["Callum Demo-Elder"].reference
    session.rollback()
    bag = Bag()
    issue(app, at=FIXED)
    post_with(app, bag, at=FIXED)
    letter = next(one for one in bag.letters if one["To"] == RUTH)
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    lines = [line for line in text.splitlines() if reference in line]
    assert any("answer to a question" in line for line in lines), text
    assert any("due by Tuesday 24 November" in line for line in lines), text
    assert not any(word in str(letter) for word in ("tracheostomy", "spare tubes"))


@pytest.mark.usefixtures("demonstration")
def test_12_c_the_funding_row_is_disputed_with_the_day_on_which_it_goes_further(
    client_as: ClientAs, session: Session
) -> None:
    case = by_name(session)["Nia Demo-Larch"]
    row = services_of(session, case.uid)[ServiceKey.CONTINUING_CARE_FUNDING]
    assert row.status is ServiceStatus.DISPUTED
    assert row.escalate_on == date(2026, 12, 7)
    page = client_as(RUTH).get(f"/cases/{case.reference}/services").text
    assert "Disputed" in page
    assert "The leads take it further on 7 December 2026" in page

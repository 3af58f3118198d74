"""Many invented cases at once: whole, lawful, and the same for the same number."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.builders import ClientAs, on_both
from tests.databases import FIXED, catalogue, make, opened, settings_in
from tests.people import ANNA, HELEN, PRIYA, RUTH
from transition import commands
from transition.actions.demonstration_bulk import BATCH, Wanted, add_cases
from transition.actions.demonstration_invented import LOTS
from transition.actions.installing import install
from transition.home import CONFIG
from transition.records.anchors import CaseAnchors
from transition.records.audit import GOOD, AuditEntry, trail_of, verify
from transition.records.cases import Case
from transition.records.dues import Asking, dues_of_case, next_due_of
from transition.records.handovers import Handover
from transition.records.histories import Pause, stage_changes_of
from transition.records.ledger import ledger_of
from transition.records.migrations import upgrade
from transition.records.milestones import MilestoneOutcome
from transition.records.staff import Staff
from transition.records.stamp import DatabaseStamp
from transition.records.young_people import YoungPerson
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import gaps, overlaps
from transition.rules.nhs_numbers import is_test_number, parse_nhs_number
from transition.rules.pathway import Gate, Stage
from transition.rules.people import THE_COMMAND_LINE
from transition.rules.references import is_reference
from transition.settings import Settings

FOLDER = CONFIG / "demonstration"
TODAY = FIXED.date()
MANY = BATCH + 20


def add(session: Session, count: int, *, seed: int = 1) -> list[int]:
    """Add so many cases; return what was told of the progress."""
    told: list[int] = []
    add_cases(session, catalogue(), Wanted(count, seed, FOLDER), now=FIXED, told=told.append)
    return told


def cases_in(session: Session) -> list[Case]:
    session.rollback()
    return list(session.scalars(select(Case).order_by(Case.reference)))


def plain(session: Session) -> list[tuple[Any, ...]]:
    """Return what is told of everybody, without the numbers of rows and keys."""
    people = {one.case_uid: one for one in session.scalars(select(YoungPerson))}
    born = {one.case_uid: one.date_of_birth for one in session.scalars(select(CaseAnchors))}
    names = {one.uid: one.email for one in session.scalars(select(Staff))}
    done: dict[bytes, list[tuple[Any, ...]]] = {}
    for row in session.scalars(select(MilestoneOutcome)):
        done.setdefault(row.case_uid, []).append((row.code, row.done_on))
    return [
        (
            case.reference,
            people[case.uid].full_name,
            people[case.uid].nhs_number,
            born[case.uid],
            case.stage,
            case.receiver,
            case.target_transfer_on,
            case.ending,
            case.paused,
            names[case.named_worker_uid],
            tuple(sorted(done.get(case.uid, []))),
        )
        for case in cases_in(session)
    ]


@on_both
def test_as_many_are_added_as_were_asked_for_and_the_progress_is_told(session: Session) -> None:
    assert add(session, MANY) == [BATCH, MANY]
    cases = cases_in(session)
    assert len(cases) == len({case.reference for case in cases}) == MANY
    assert all(is_reference(case.reference) for case in cases)
    assert {case.stage for case in cases} == {lot.stage for lot in LOTS}
    numbers = [one.nhs_number or "" for one in session.scalars(select(YoungPerson))]
    assert len(set(numbers)) == MANY
    assert all(is_test_number(parse_nhs_number(number)) for number in numbers)
    assert sum(lot.share for lot in LOTS) == 100
    born = [anchors.date_of_birth for anchors in session.scalars(select(CaseAnchors))]
    assert {TODAY.year - day.year for day in born} <= set(range(12, 22))


@on_both
def test_the_trail_tells_of_each_case_and_of_the_run_and_holds(session: Session) -> None:
    add(session, 30, seed=8)
    assert verify(session).code == GOOD
    for case in cases_in(session):
        assert [one.action for one in trail_of(session, case.reference)] == ["case:opened"]
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert (last.action, last.object) == ("demonstration:cases", "30 cases, seed 8")


def test_the_same_seed_gives_the_same_people_and_another_seed_others(tmp_path: Path) -> None:
    told = []
    for name, seed in (("one", 4), ("two", 4), ("three", 5)):
        home = make(tmp_path / name, cases=False)
        with opened(settings_in(home)) as session:
            add(session, 12, seed=seed)
            told.append(plain(session))
    assert told[0] == told[1]
    assert {row[1:] for row in told[0]}.isdisjoint(row[1:] for row in told[2])


def test_the_same_seed_again_adds_as_many_with_other_references_and_numbers(
    session: Session,
) -> None:
    for _ in range(3):
        add(session, 15)
    assert len({case.reference for case in cases_in(session)}) == 45
    numbers = session.scalars(select(Case.nhs_number_index)).all()
    assert len(set(numbers)) == 45


@pytest.fixture
def crowd(session: Session) -> list[Case]:
    """A hundred and fifty invented cases."""
    add(session, 150, seed=2)
    return cases_in(session)


def test_what_is_due_next_is_what_would_have_been_reckoned(
    session: Session, crowd: list[Case]
) -> None:
    asking = Asking(THE_COMMAND_LINE, TODAY, catalogue())
    for case in crowd:
        dues = dues_of_case(session, case.uid, asking)
        assert dues is not None
        assert case.next_due == (None if case.ending else next_due_of(dues))


def test_no_case_has_come_further_than_its_milestones_allow(
    session: Session, crowd: list[Case]
) -> None:
    asking = Asking(THE_COMMAND_LINE, TODAY, catalogue())
    for case in crowd:
        dues = dues_of_case(session, case.uid, asking)
        assert dues is not None
        if case.stage.number >= Stage.HANDOVER.number:
            assert not dues.waits_for(Gate.PROPOSE, TODAY)
        if case.stage is Stage.MOVING:
            assert not dues.waits_for(Gate.ACCEPT, TODAY)
        done = [one.done_on for one in dues.outcomes.values()]
        assert all(on and case.opened_on <= on <= TODAY for on in done)
        reached = [change.now for change in stage_changes_of(session, case.uid)]
        assert list(dict.fromkeys(reached)) == list(Stage)[: case.stage.number]


def test_every_function_has_one_lead_and_every_handover_its_state(
    session: Session, crowd: list[Case]
) -> None:
    states = {one.case_uid: one for one in session.scalars(select(Handover))}
    for case in crowd:
        spans = [row.span for row in ledger_of(session, case.uid)]
        assert gaps(spans, Function, TODAY) == overlaps(spans, TODAY) == ()
        handover = states.get(case.uid)
        sent = case.stage in {Stage.HANDOVER, Stage.MOVING}
        assert (handover is not None) is sent
        if handover is not None:
            assert handover.state is _expected(case)
            assert handover.pack["full_name"]
            assert handover.receiver == case.receiver
    assert {one.state for one in states.values()} == {
        HandoverState.PROPOSED,
        HandoverState.ACCEPTED,
        HandoverState.CLOSED_EXIT,
    }
    paused = {case.uid for case in crowd if case.paused}
    assert paused == set(session.scalars(select(Pause.case_uid)))
    assert paused
    assert any(case.ending for case in crowd)


def _expected(case: Case) -> HandoverState:
    if case.ending is not None:
        return HandoverState.CLOSED_EXIT
    return HandoverState.PROPOSED if case.stage is Stage.HANDOVER else HandoverState.ACCEPTED


@pytest.mark.usefixtures("crowd")
def test_each_of_their_pages_opens(client_as: ClientAs) -> None:
    priya = client_as(PRIYA)
    for path in sorted(set(re.findall(r"/cases/NHJ-\w{4}-\w", priya.get("/cases").text)))[:6]:
        assert priya.get(path).status_code == 200
    for email in (RUTH, ANNA, HELEN):
        for page in ("/today", "/cases", "/handovers", "/me/notifications/preview"):
            assert client_as(email).get(page).status_code == 200, (email, page)
    helen = client_as(HELEN)
    packs = sorted(
        set(re.findall(r"/cases/NHJ-\w{4}-\w/handovers/rowans-1", helen.get("/cases").text))
    )
    assert packs
    assert all(helen.get(path).status_code == 200 for path in packs)


def test_a_database_for_real_people_gets_none(session: Session) -> None:
    session.execute(update(DatabaseStamp).values(mode="production"))
    session.commit()
    with pytest.raises(RuleBroken, match="real people"):
        add(session, 1)
    assert cases_in(session) == []


def test_without_anybody_to_name_nothing_is_added(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    upgrade(settings.database_url)
    with opened(settings) as session:
        install(session, mode="demo", now=FIXED)
        with pytest.raises(RuleBroken, match="Load the demonstration first"):
            add(session, 1)


@pytest.mark.usefixtures("app")
def test_the_command_adds_cases_draws_a_bar_and_alone_is_harmless(
    installed: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    session: Session,
) -> None:
    monkeypatch.setenv("TRANSITION_HOME", str(installed.home))
    monkeypatch.setenv("TRANSITION_NOW", FIXED.isoformat())
    assert commands.main(["demo"]) == 0
    assert len(cases_in(session)) == 0
    session.rollback()
    assert commands.main(["demo", "--cases", "3", "--seed", "7"]) == 0
    assert len(cases_in(session)) == 3
    shown = capsys.readouterr()
    assert shown.err.endswith(f"\r[{'#' * 40}] 3 of 3\n")
    assert shown.out == ""


@pytest.mark.parametrize("words", ["0", "-3", "many", "1.5"])
def test_a_number_that_is_none_is_bad_usage(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        commands.main(["demo", f"--cases={words}"])
    assert end.value.code == 2
    assert "is not a number like 500" in capsys.readouterr().err

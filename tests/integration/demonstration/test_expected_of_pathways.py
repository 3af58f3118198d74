"""What the invented cases are there to show of stages, milestones and dates, each by its id."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs
from tests.databases import FIXED
from tests.people import ANNA, PETER, RUTH
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.dues import Asking, CaseDues, dues_of_case
from transition.records.milestones import outcomes_of
from transition.records.young_people import YoungPerson
from transition.rules.expediting import MINIMUM_SAFE
from transition.rules.milestones import OutcomeKind, Status, catching_up, lines_of
from transition.rules.pathway import Gate
from transition.rules.people import THE_TIMETABLE
from transition.web.filters import age

pytestmark = pytest.mark.usefixtures("demonstration")

TODAY = FIXED.date()
GATES = (Gate.PROPOSE, Gate.ACCEPT, Gate.TRANSFER, Gate.CLOSE, Gate.NONE)


def case_of(session: Session, called: str) -> Case:
    session.rollback()
    people = {one.known_as: one.uid for one in session.scalars(select(YoungPerson))}
    return session.scalars(select(Case).where(Case.young_person_uid == people[called])).one()


def asking_of(app: Tracker, today: date = TODAY) -> Asking:
    return Asking(THE_TIMETABLE, today, app.config["CATALOGUE"])


def dues_in(app: Tracker, session: Session, called: str, today: date = TODAY) -> CaseDues:
    dues = dues_of_case(session, case_of(session, called).uid, asking_of(app, today))
    assert dues is not None
    return dues


def test_02_a_transfer_anchored_milestones_are_unscheduled_not_overdue(
    app: Tracker, session: Session
) -> None:
    dues = dues_in(app, session, "Tilly")
    anchored = [
        one for one in dues.standings if one.rule.due.anchors_used == frozenset({"transfer"})
    ]
    assert len(anchored) >= 9
    assert {one.status for one in anchored} == {Status.UNSCHEDULED}
    assert not any(one.status.late for one in dues.standings)


def test_02_b_no_adult_hospice_sees_her(client_as: ClientAs, session: Session) -> None:
    reference = case_of(session, "Tilly").reference
    peter = client_as(PETER)
    assert peter.get(f"/cases/{reference}").status_code == 404
    for page in ("/cases", "/today", "/handovers"):
        assert reference not in peter.get(page).text
    assert reference in client_as(RUTH).get("/cases").text


def test_03_a_nothing_is_overdue_and_what_a_gate_waits_for_is_caught_up_on_first(
    app: Tracker, session: Session, client_as: ClientAs
) -> None:
    case = case_of(session, "Mateo")
    for today in (case.opened_on, TODAY):
        on_that_day = dues_in(app, session, "Mateo", today).standings
        assert [one.rule.code for one in on_that_day if one.status.late] == []
    dues = dues_in(app, session, "Mateo")
    asking = asking_of(app)
    lines = lines_of(dues.pathway, dues.anchors, dues.outcomes, TODAY, asking.catalogue.holidays)
    late = catching_up(lines)
    order = [GATES.index(line.rule.gate) for line in late]
    assert order == sorted(order)
    assert {Gate.PROPOSE, Gate.NONE} <= {line.rule.gate for line in late}
    page = client_as(RUTH).get(f"/cases/{case.reference}/milestones").text
    assert f"{len(late)} to catch up on since the case was opened" in page


def test_11_d_legal_authority_was_discussed_and_is_not_in_force_at_18(
    session: Session, client_as: ClientAs
) -> None:
    kofi = case_of(session, "Kofi")
    assert outcomes_of(session, kofi.uid)["PL-05"].kind is OutcomeKind.DONE
    page = client_as(RUTH).get(f"/cases/{kofi.reference}/milestones").text
    words = "Asked for, not in force: the 18th birthday is on"
    row = next(one for one in page.split("<li>") if "Legal authority after 18" in one)
    assert f'<span class="app-tone-soon">{words}' in row
    assert page.count(words) == 1
    other = case_of(session, "Arlo")
    assert words not in client_as(ANNA).get(f"/cases/{other.reference}/milestones").text


def test_15_c_her_brothers_page_says_that_they_are_two(
    session: Session, client_as: ClientAs
) -> None:
    arlo, esme = case_of(session, "Arlo"), case_of(session, "Esme")
    page = client_as(ANNA).get(f"/cases/{arlo.reference}").text
    warning = page.partition('aria-label="Not the same person"')[2].partition("</ul>")[0]
    assert "Brother or sister, with a similar name" in warning
    assert esme.reference in warning


def test_13_a_p_gates_are_reduced_to_the_minimum_safe_set(app: Tracker, session: Session) -> None:
    case = case_of(session, "Luca")
    assert case.expedited
    rows = outcomes_of(session, case.uid)
    for code in MINIMUM_SAFE:
        assert rows[code].kind is OutcomeKind.DONE
    assert dues_in(app, session, "Luca").waits_for(Gate.PROPOSE, TODAY) == ()


def test_13_c_waived_rows_are_marked_expedited(session: Session) -> None:
    rows = outcomes_of(session, case_of(session, "Luca").uid)
    waived = {code for code, row in rows.items() if row.kind is OutcomeKind.WAIVED}
    assert waived >= {"PR-04", "PL-01"}
    assert not waived & MINIMUM_SAFE
    assert {rows[code].reason_code for code in waived} == {"expedited"}


def test_20_a_a_leap_day_birthday_is_handled(app: Tracker, session: Session) -> None:
    for today, years in ((date(2027, 2, 28), 34), (date(2027, 3, 1), 35), (date(2028, 2, 29), 36)):
        dues = dues_in(app, session, "Trixie", today)
        assert dues.anchors.born == date(1992, 2, 29)
        assert age(dues.anchors.born, today) == years
        lines = {line.rule.code: line for line in dues.lines(asking_of(app, today))}
        sentence = lines["PR-11"].due.sentence
        assert "3 months before the 16th birthday" in sentence

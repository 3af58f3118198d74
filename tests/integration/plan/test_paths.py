"""The path itself: shortened and taken up again, another house, a newer pathway, a move undone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    ClientAs,
    WorkAs,
    accepted_case,
    letters_of,
    on_both,
    opened_case,
    post,
    proposal,
    proposed_handover,
    record_done,
)
from tests.people import ANNA, HELEN, PRIYA, RUTH
from transition.actions.cases import NOT_TO_UNDO, move_on, undo_move_on
from transition.actions.expediting import expedite_case, steady_case
from transition.actions.handovers import propose_handover
from transition.actions.houses import move_house
from transition.actions.milestones import put_back
from transition.actions.pathways import bring_up_to_date
from transition.actions.pauses import pause_case
from transition.app import Tracker
from transition.catalogue import read_pathway
from transition.records.cases import Case
from transition.records.dues import CaseDues, dues_of_case
from transition.records.handovers import Handover
from transition.records.histories import stage_changes_of
from transition.records.ledger import ledger_of
from transition.records.milestones import outcomes_of
from transition.rules.calendar import add_working_days
from transition.rules.errors import RuleBroken
from transition.rules.expediting import MINIMUM_SAFE, ExpediteReason
from transition.rules.handovers import Function, Urgency
from transition.rules.ledger import breaches
from transition.rules.milestones import OutcomeKind
from transition.rules.pathway import Circumstance, Gate, Stage
from transition.rules.pauses import PauseReason

QUICKLY = ExpediteReason.HEALTH_CHANGING
TODAY = date(2026, 11, 23)
PATHWAYS = Path("config/pathways")
ADDED = """
[[milestone]]
code = "PR-16"
stage = "preparing"
title = "Passport photograph taken"
owner = "childrens"
due = "open(+4m)"
source = "Local proposal"
letter_words = "a planning step"
"""


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case of Ruth's that was opened a year ago."""
    with work_as(RUTH) as work:
        return opened_case(work).reference


def the_case(session: Session) -> Case:
    session.rollback()
    return session.scalars(select(Case)).one()


def dues_in(work_as: WorkAs, reference: str) -> CaseDues:
    with work_as(RUTH) as work:
        dues = dues_of_case(work.session, work.case(reference).case.uid, work.asking)
        assert dues is not None
        return dues


@on_both
def test_on_the_short_path_a_proposal_waits_for_the_minimum_safe_set_only(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"PR-03"})
        expedite_case(work, reference, QUICKLY, note="Two falls in a week.")
    waits = dues_in(work_as, reference).waits_for(Gate.PROPOSE, TODAY)
    assert {rule.code for rule in waits} == MINIMUM_SAFE
    case = the_case(session)
    rows = outcomes_of(session, case.uid)
    assert rows["PR-03"].kind is OutcomeKind.DONE
    waived = {code for code, row in rows.items() if row.reason_code == "expedited"}
    gates = dues_in(work_as, reference).pathway.gated(Gate.PROPOSE)
    assert waived == {rule.code for rule in gates} - MINIMUM_SAFE - {"PR-03"}
    change = stage_changes_of(session, case.uid)[-1]
    assert (change.event, change.reason_code) == ("expedite", "health_changing_quickly")
    assert change.note == "Two falls in a week."


def test_it_comes_to_a_proposal_within_the_hour_whatever_the_age(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, date_of_birth=date(2012, 6, 15)).reference
        expedite_case(work, reference, QUICKLY)
        record_done(work, work.case(reference).case, MINIMUM_SAFE)
    for stage in (Stage.PREPARING, Stage.PLANNING):
        with work_as(RUTH) as work:
            assert move_on(work, reference).stage is stage
    with work_as(RUTH) as work:
        urgent = proposal(urgency=Urgency.EXPEDITED)
        assert propose_handover(work, reference, urgent).urgency is Urgency.EXPEDITED


@on_both
def test_back_on_the_ordinary_path_what_was_skipped_is_due_in_20_working_days(
    app: Tracker, work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"PR-03"})
    before = {one.rule.code: one.outcome for one in dues_in(work_as, reference).standings}
    with work_as(RUTH) as work:
        expedite_case(work, reference, QUICKLY)
    with work_as(RUTH) as work:
        steady_case(work, reference)
    dues = dues_in(work_as, reference)
    assert {one.rule.code: one.outcome for one in dues.standings} == before
    fresh = add_working_days(TODAY, 20, app.config["CATALOGUE"].holidays)
    due = {one.rule.code: one.due_on for one in dues.standings}
    assert due["PR-04"] == fresh
    assert due["PL-02"] == fresh
    assert not the_case(session).expedited
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="this was so already"):
        steady_case(work, reference)


def test_a_yearly_one_that_was_done_long_ago_stands_again_afterwards(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"PR-02"}, on=date(2025, 11, 1))
        expedite_case(work, reference, QUICKLY)
    assert outcomes_of(session, the_case(session).uid)["PR-02"].reason_code == "expedited"
    with work_as(RUTH) as work:
        steady_case(work, reference)
    row = outcomes_of(session, the_case(session).uid)["PR-02"]
    assert (row.kind, row.done_on) == (OutcomeKind.DONE, date(2025, 11, 1))


def test_a_handover_that_waits_becomes_urgent_and_everybody_gets_the_one_notice(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    with work_as(ANNA) as work:
        expedite_case(work, reference, ExpediteReason.END_OF_LIFE)
    handover = session.scalars(select(Handover)).one()
    assert (handover.urgency, handover.reply_by) == (Urgency.EXPEDITED, date(2026, 11, 24))
    assert {HELEN, RUTH} <= set(letters_of(session, "case_changed"))


def test_whoever_was_only_asked_does_not_shorten_it(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="share this case"):
        expedite_case(work, reference, QUICKLY)


def test_an_adult_lead_shortens_what_is_shared(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    helen = client_as(HELEN)
    answer = post(helen, f"/cases/{reference}/short-path", reason_code=QUICKLY.value)
    page = helen.get(answer.location).text
    assert "Health is changing quickly: this path is short. Telephone first" in page
    assert "Changing quickly" in helen.get("/cases").text


def test_the_screens_say_telephone_first_and_lead_back(client_as: ClientAs, reference: str) -> None:
    ruth = client_as(RUTH)
    assert f"/cases/{reference}/short-path" in ruth.get(f"/cases/{reference}").text
    form = ruth.get(f"/cases/{reference}/short-path").text
    assert "Telephone first." in form
    assert "fast-track" in form
    missing = post(ruth, f"/cases/{reference}/short-path", note="Typed.")
    assert missing.status_code == 422
    assert "Say what has changed" in missing.text
    assert "Typed." in missing.text
    post(ruth, f"/cases/{reference}/short-path", reason_code=QUICKLY.value)
    again = post(ruth, f"/cases/{reference}/short-path", reason_code=QUICKLY.value)
    assert "this was so already" in again.text
    overview = f"/cases/{reference}"
    answer = post(ruth, overview, f"/cases/{reference}/short-path/end")
    assert "on the ordinary path again" in ruth.get(answer.location).text
    answer = post(ruth, overview, f"/cases/{reference}/short-path/end")
    assert "this was so already" in ruth.get(answer.location).text


@on_both
def test_moving_house_passes_on_what_the_house_led_and_closes_nothing(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        house = frozenset({Circumstance.CHILDRENS_HOUSE})
        reference = opened_case(work, service="naomi_house", circumstances=house).reference
    with work_as(RUTH) as work:
        move_house(work, reference, "jacksplace")
    case = the_case(session)
    assert (case.service, case.stage, case.ending) == ("jacksplace", Stage.IDENTIFIED, None)
    spans = [row.span for row in ledger_of(session, case.uid)]
    assert breaches(spans, Function, TODAY) == ()
    assert {span.service for span in spans if span.to_on is None} == {"jacksplace"}
    assert {span.to_on for span in spans if span.service == "naomi_house"} == {TODAY}
    assert outcomes_of(session, case.uid)["PR-12"].kind is OutcomeKind.DONE


def test_moving_back_leaves_the_earlier_days_as_they_were(
    app: Tracker, work_as: WorkAs, reference: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        move_house(work, reference, "naomi_house")
    app.config["CLOCK"].instant += timedelta(days=3)
    with work_as(RUTH) as work:
        move_house(work, reference, "jacksplace")
    rows = ledger_of(session, the_case(session).uid)
    spans = sorted({(row.from_on, row.service, row.to_on) for row in rows})
    assert [(service, to_on) for _, service, to_on in spans] == [
        ("jacksplace", TODAY),
        ("naomi_house", TODAY + timedelta(days=3)),
        ("jacksplace", None),
    ]


def test_only_to_another_service_of_ones_own(work_as: WorkAs, reference: str) -> None:
    for service in ("jacksplace", "rowans", "nowhere"):
        with work_as(RUTH) as work, pytest.raises(RuleBroken, match="another service of your own"):
            move_house(work, reference, service)


def test_the_house_is_changed_on_its_page(
    client_as: ClientAs, reference: str, session: Session, work_as: WorkAs
) -> None:
    ruth = client_as(RUTH)
    path = f"/cases/{reference}/house"
    assert path in ruth.get(f"/cases/{reference}").text
    assert "Choose the service" in post(ruth, path).text
    answer = post(ruth, path, service="naomi_house")
    assert f"{reference} is now with" in ruth.get(answer.location).text
    assert the_case(session).service == "naomi_house"
    with work_as(RUTH) as work:
        case = work.case(reference).case
        case.transferred_on = None


@pytest.fixture
def newer(app: Tracker, tmp_path: Path) -> Callable[[], None]:
    """Publish a second version: one milestone is new, one is left out, one is worded anew."""

    def publish() -> None:
        catalogue = app.config["CATALOGUE"]
        text = (PATHWAYS / "2026-1.toml").read_text("utf-8")
        before, _, rest = text.partition('[[milestone]]\ncode = "ID-04"')
        _, _, after = rest.partition("[[milestone]]")
        words = before + "[[milestone]]" + after + ADDED
        words = words.replace('version = "2026-1"', 'version = "2027-1"')
        words = words.replace("GP practice confirmed", "GP surgery confirmed")
        path = tmp_path / "2027-1.toml"
        path.write_text(words, "utf-8")
        versions = {**catalogue.pathways, "2027-1": read_pathway(path)}
        app.config["CATALOGUE"] = replace(catalogue, pathways=versions)

    return publish


def codes_of(dues: CaseDues) -> set[str]:
    return {one.rule.code for one in dues.standings}


@on_both
def test_a_running_case_keeps_its_version_and_a_new_one_follows_the_newest(
    work_as: WorkAs, reference: str, newer: Callable[[], None]
) -> None:
    before = dues_in(work_as, reference)
    newer()
    assert dues_in(work_as, reference).standings == before.standings
    with work_as(RUTH) as work:
        other = opened_case(work, nhs_number="9991000003").reference
    assert codes_of(dues_in(work_as, other)) == codes_of(before) - {"ID-04"} | {"PR-16"}


@on_both
def test_brought_up_to_date_a_case_gains_rows_and_loses_nothing_that_was_done(
    work_as: WorkAs, reference: str, newer: Callable[[], None]
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"ID-04", "ID-07"})
    newer()
    before = dues_in(work_as, reference)
    with work_as(PRIYA) as work:
        added = before.on_newest(work.asking)
        bring_up_to_date(work, reference)
    after = dues_in(work_as, reference)
    assert [line.rule.code for line in added] == ["PR-16"]
    assert codes_of(after) == codes_of(before) | {"PR-16"}
    assert after.outcomes == before.outcomes
    new = next(one for one in after.standings if one.rule.code == "PR-16")
    assert new.due_on == added[0].due.on
    with work_as(PRIYA) as work, pytest.raises(RuleBroken, match="newest pathway already"):
        bring_up_to_date(work, reference)


def test_what_an_older_version_left_can_be_put_back_and_is_gone_then(
    work_as: WorkAs, reference: str, newer: Callable[[], None]
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"ID-04"})
    newer()
    with work_as(PRIYA) as work:
        bring_up_to_date(work, reference)
    with work_as(RUTH) as work:
        put_back(work, reference, "ID-04")
    assert "ID-04" not in codes_of(dues_in(work_as, reference))


def test_what_nobody_touched_goes_with_the_version_that_had_it(
    work_as: WorkAs, reference: str, newer: Callable[[], None]
) -> None:
    newer()
    with work_as(PRIYA) as work:
        bring_up_to_date(work, reference)
    assert "ID-04" not in codes_of(dues_in(work_as, reference))


def test_only_a_lead_brings_a_case_up_to_date(
    client_as: ClientAs, work_as: WorkAs, reference: str, newer: Callable[[], None]
) -> None:
    path = f"/cases/{reference}/pathway"
    page = client_as(PRIYA).get(path).text
    assert "follows the newest pathway, 2026-1, already" in page
    assert "Bring up to date" not in page
    newer()
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="children's lead"):
        bring_up_to_date(work, reference)
    ruth = client_as(RUTH)
    assert path in ruth.get(f"/cases/{reference}").text
    assert "Bring up to date" not in ruth.get(path).text
    assert "Only a children" in post(ruth, path).text
    priya = client_as(PRIYA)
    assert path in priya.get(f"/cases/{reference}").text
    assert "Passport photograph taken: " in priya.get(path).text
    answer = post(priya, path)
    page = priya.get(answer.location).text
    assert "follows the newest pathway now" in page
    assert "Passport photograph taken" in page


def moved_on(work_as: WorkAs, reference: str) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"ID-02", "ID-03", "ID-05"})
        move_on(work, reference)


@on_both
def test_a_move_to_the_next_stage_is_undone_on_its_day(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    moved_on(work_as, reference)
    with work_as(RUTH) as work:
        undo_move_on(work, reference)
    case = the_case(session)
    assert case.stage is Stage.IDENTIFIED
    events = [row.event for row in stage_changes_of(session, case.uid)]
    assert events == ["open", "prepare", "undo"]
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=NOT_TO_UNDO):
        undo_move_on(work, reference)


def test_not_by_another_not_tomorrow_and_not_after_something_else(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    moved_on(work_as, reference)
    tomorrow = app.config["CLOCK"].now() + timedelta(days=1)
    with work_as(ANNA) as work, pytest.raises(RuleBroken, match=NOT_TO_UNDO):
        undo_move_on(work, reference)
    with work_as(RUTH, at=tomorrow) as work, pytest.raises(RuleBroken, match=NOT_TO_UNDO):
        undo_move_on(work, reference)
    with work_as(RUTH) as work:
        pause_case(work, reference, PauseReason.OTHER, review_on=date(2026, 12, 21))
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=NOT_TO_UNDO):
        undo_move_on(work, reference)


def test_undo_stands_beside_the_words_that_it_has_moved_on(
    client_as: ClientAs, work_as: WorkAs, reference: str
) -> None:
    with work_as(RUTH) as work:
        record_done(work, work.case(reference).case, {"ID-02", "ID-03", "ID-05"})
    ruth = client_as(RUTH)
    overview = f"/cases/{reference}"
    answer = post(ruth, overview, f"{overview}/stage", version="identified")
    page = ruth.get(answer.location).text
    assert f'action="{overview}/stage/undo"' in page
    answer = post(ruth, overview, f"{overview}/stage/undo")
    assert "is at “Identified” again" in ruth.get(answer.location).text
    answer = post(ruth, overview, f"{overview}/stage/undo")
    assert "Whoever moved a case on" in ruth.get(answer.location).text


def test_resuming_says_how_many_due_dates_slipped(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, opened_on=date(2026, 11, 20)).reference
        pause_case(work, reference, PauseReason.OTHER, review_on=date(2026, 12, 31))
    app.config["CLOCK"].instant += timedelta(days=37)
    ruth = client_as(RUTH)
    answer = post(ruth, f"/cases/{reference}", f"/cases/{reference}/resume")
    assert "due dates moved." in ruth.get(answer.location).text

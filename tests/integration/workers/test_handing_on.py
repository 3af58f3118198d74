"""Handing young people on: one or many, with a note, a letter and a line on Today."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    Bag,
    ClientAs,
    WorkAs,
    letters_of,
    on_both,
    opened_case,
    post,
    post_with,
    staff_of,
    uid_of,
)
from tests.people import ANNA, HELEN, PRIYA, RUTH, TOM
from transition.actions.closings import close_case, finish_closing
from transition.actions.deaths import record_death
from transition.actions.named_workers import hand_on
from transition.actions.pauses import pause_case
from transition.app import Tracker
from transition.records.cases import Case
from transition.records.histories import NamedWorkerSpan
from transition.records.staff import Denial, StaffMembership
from transition.rules.errors import RuleBroken
from transition.rules.pauses import PauseReason
from transition.rules.people import MembershipState
from transition.rules.stages import Ending

NOTE = "Ring her mother after four, never at home."


@pytest.fixture
def references(work_as: WorkAs) -> list[str]:
    """Three cases of Ruth's."""
    with work_as(RUTH) as work:
        return [opened_case(work).reference for _ in range(3)]


def spans(session: Session) -> list[tuple[str, bool, str | None]]:
    session.rollback()
    rows = session.scalars(select(NamedWorkerSpan).order_by(NamedWorkerSpan.from_on))
    names = {staff_of(session, email).uid: email for email in (RUTH, ANNA, PRIYA)}
    return [(names[row.staff_uid], row.until_on is None, row.hand_on_note) for row in rows]


@on_both
def test_one_case_goes_from_hand_to_hand_with_a_note(
    app: Tracker, work_as: WorkAs, references: list[str], session: Session
) -> None:
    anna = uid_of(session, ANNA)
    with work_as(PRIYA) as work:
        hand_on(work, references[:1], to_uid=anna, note=NOTE)
    found = spans(session)
    assert (RUTH, False, None) in found
    assert (ANNA, True, NOTE) in found
    assert letters_of(session, "case_reassigned") == [ANNA]
    bag = Bag()
    post_with(app, bag)
    (letter,) = bag.letters
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert references[0] in text
    assert "mother" not in text


@on_both
def test_many_go_at_once_with_one_letter_that_counts_them(
    app: Tracker, work_as: WorkAs, references: list[str], session: Session
) -> None:
    anna = uid_of(session, ANNA)
    with work_as(PRIYA) as work:
        assert len(hand_on(work, references, to_uid=anna, note=NOTE)) == 3
    with work_as(ANNA) as work:
        pause_case(work, references[0], PauseReason.OTHER, review_on=date(2026, 12, 21))
    bag = Bag()
    post_with(app, bag)
    texts = [
        letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        for letter in bag.letters
    ]
    (text,) = [one for one in texts if "named worker" in one]
    assert "2 more young people" in text, "what rests is in no letter"


@on_both
def test_a_case_that_was_handed_back_is_in_no_letter(
    app: Tracker, work_as: WorkAs, references: list[str], session: Session
) -> None:
    anna, ruth = uid_of(session, ANNA), uid_of(session, RUTH)
    with work_as(PRIYA) as work:
        hand_on(work, references[:1], to_uid=anna, note=NOTE)
    with work_as(PRIYA) as work:
        hand_on(work, references[:1], to_uid=ruth, note=NOTE)
    bag = Bag()
    post_with(app, bag)
    assert bag.readers == [RUTH]


def test_all_are_handed_on_or_none(
    work_as: WorkAs, references: list[str], session: Session
) -> None:
    anna = uid_of(session, ANNA)
    with work_as(PRIYA) as work:
        denied = work.case(references[2]).case
        by = {"denied_by_uid": work.actor_uid, "denied_at": work.now}
        work.keep(Denial(staff_uid=anna, case_uid=denied.uid, **by))
    with pytest.raises(RuleBroken, match="must not see"), work_as(PRIYA) as work:
        hand_on(work, references, to_uid=anna, note=NOTE)
    session.rollback()
    ruth = staff_of(session, RUTH).uid
    assert {case.named_worker_uid for case in session.scalars(select(Case))} == {ruth}


def test_what_is_theirs_already_is_not_handed_on(
    work_as: WorkAs, references: list[str], session: Session
) -> None:
    ruth = uid_of(session, RUTH)
    with pytest.raises(RuleBroken, match="Choose at least one"), work_as(PRIYA) as work:
        hand_on(work, references, to_uid=ruth, note=NOTE)


def test_whoever_takes_it_herself_gets_no_letter(
    work_as: WorkAs, references: list[str], session: Session
) -> None:
    priya = uid_of(session, PRIYA)
    with work_as(PRIYA) as work:
        hand_on(work, references, to_uid=priya, note=NOTE)
    assert letters_of(session, "case_reassigned") == []


def test_a_lead_hands_one_on_from_its_page_and_its_new_worker_reads_the_note_on_today(
    client_as: ClientAs, references: list[str], session: Session
) -> None:
    priya, path = client_as(PRIYA), f"/cases/{references[0]}/reassign"
    assert path in priya.get(f"/cases/{references[0]}").text
    form = priya.get(path).text
    assert "0 open, 0 due this week" in form
    anna = uid_of(session, ANNA).hex()
    missing = post(priya, path, to=anna)
    assert missing.status_code == 422
    assert "Write what they must know first" in missing.text
    answer = post(priya, path, to=anna, note=NOTE)
    assert f"of {references[0]} from now on" in priya.get(answer.location).text
    assert NOTE in client_as(ANNA).get("/today").text
    assert NOTE not in client_as(RUTH).get("/today").text
    assert NOTE in priya.get(path).text


def test_whoever_comes_second_is_told(
    client_as: ClientAs, references: list[str], session: Session
) -> None:
    priya, path = client_as(PRIYA), f"/cases/{references[0]}/reassign"
    anna, ruth = uid_of(session, ANNA).hex(), uid_of(session, RUTH).hex()
    tom = uid_of(session, TOM).hex()
    assert post(priya, path, to=anna, note=NOTE, version=ruth).status_code == 302
    assert post(priya, path, to=tom, note=NOTE, version=ruth).status_code == 409


def test_everybody_of_a_leaver_moves_after_a_check(
    client_as: ClientAs, references: list[str], session: Session
) -> None:
    priya = client_as(PRIYA)
    anna, ruth = uid_of(session, ANNA).hex(), uid_of(session, RUTH).hex()
    assert "/settings/leaving" in priya.get("/cases").text
    assert f"/settings/leaving/{ruth}" in priya.get("/settings/leaving").text
    path = f"/settings/leaving/{ruth}"
    assert priya.get(path).text.count('name="owners"') == 3
    stays = [f"case/{references[2]}>"]
    check = post(priya, path, to=anna, note=NOTE, owners=stays)
    assert check.status_code == 200
    words = re.sub(r"\s+", " ", check.text)
    assert "3 young people now, and 1 afterwards" in words
    assert "Move 2 young people" in words
    answer = post(priya, path, to=anna, note=NOTE, owners=stays, checked="yes")
    assert "2 young people handed on to" in priya.get(answer.location).text
    assert len([one for one in spans(session) if one == (ANNA, True, NOTE)]) == 2


MOVED = {"new_area": "Devon", "service_found": "not_found_yet", "gp_changed": "not_recorded"}


@pytest.fixture
def moved_away(work_as: WorkAs, references: list[str]) -> str:
    """One of the three, who has moved away: in 14 days somebody asks whether they arrived."""
    with work_as(RUTH) as work:
        close_case(work, references[0], Ending.MOVED_AWAY, MOVED)
    return references[0]


@on_both
def test_whoever_has_ended_and_is_to_be_looked_at_again_is_handed_on_without_a_letter(
    app: Tracker, work_as: WorkAs, moved_away: str, session: Session
) -> None:
    anna = uid_of(session, ANNA)
    with work_as(PRIYA) as work:
        hand_on(work, [moved_away], to_uid=anna, note=NOTE)
    assert (ANNA, True, NOTE) in spans(session)
    bag = Bag()
    post_with(app, bag)
    assert bag.letters == []


@on_both
@pytest.mark.parametrize("over", ["finished", "died"])
def test_whoever_needs_nothing_more_is_handed_on_to_nobody(
    work_as: WorkAs, moved_away: str, session: Session, over: str
) -> None:
    anna = uid_of(session, ANNA)
    with work_as(PRIYA) as work:
        if over == "died":
            record_death(work, moved_away, died_on=None)
        else:
            finish_closing(work, moved_away, why="They rang us.")
    with pytest.raises(RuleBroken, match="has ended"), work_as(PRIYA) as work:
        hand_on(work, [moved_away], to_uid=anna, note=NOTE)


def test_a_leaver_s_ended_cases_are_counted_and_moved_with_the_others(
    client_as: ClientAs, moved_away: str, session: Session
) -> None:
    priya, anna, ruth = client_as(PRIYA), uid_of(session, ANNA).hex(), uid_of(session, RUTH).hex()
    path = f"/settings/leaving/{ruth}"
    shown = priya.get("/settings/leaving").text
    row = shown.partition(path)[2].partition("</tr>")[0]
    numbers = re.findall(r"\d+", re.sub(r"<[^>]+>", " ", row))
    assert numbers == ["2", "2", "1"]
    assert f"{moved_away}: Moved away, to be looked at again" in priya.get(path).text
    check = post(priya, path, to=anna, note=NOTE)
    assert "3 young people now, and 0 afterwards" in re.sub(r"\s+", " ", check.text)
    answer = post(priya, path, to=anna, note=NOTE, checked="yes")
    assert "3 young people handed on" in priya.get(answer.location).text
    assert moved_away in client_as(ANNA).get("/today").text
    row = priya.get("/settings/leaving").text.partition(path)[2].partition("</tr>")[0]
    assert re.findall(r"\d+", re.sub(r"<[^>]+>", " ", row)) == ["0", "0", "0"]
    assert "End access" in priya.get(path).text


def test_a_leaver_who_has_ended_cases_alone_is_still_listed(
    client_as: ClientAs, references: list[str], moved_away: str, work_as: WorkAs, session: Session
) -> None:
    with work_as(PRIYA) as work:
        hand_on(work, references[1:], to_uid=uid_of(session, ANNA), note=NOTE)
    ruth = uid_of(session, RUTH)
    session.rollback()
    for one in session.scalars(select(StaffMembership).where(StaffMembership.staff_uid == ruth)):
        one.state = MembershipState.LEFT
    session.commit()
    page = client_as(PRIYA).get("/settings/leaving").text
    assert f"/settings/leaving/{ruth.hex()}" in page
    assert moved_away in client_as(PRIYA).get(f"/settings/leaving/{ruth.hex()}").text


def test_a_move_that_cannot_be_is_refused_and_keeps_what_was_typed(
    client_as: ClientAs, references: list[str], session: Session
) -> None:
    priya = client_as(PRIYA)
    anna, ruth = uid_of(session, ANNA).hex(), uid_of(session, RUTH).hex()
    path = f"/settings/leaving/{ruth}"
    words: dict[str, Any] = {"to": anna, "note": "Short", "checked": "yes"}
    answer = post(priya, path, **words)
    assert answer.status_code == 422
    assert "must know first" in answer.text
    assert "Write what they must know first" in post(priya, path, to=anna).text
    stay = [f"case/{reference}>" for reference in references]
    nobody = post(priya, path, to=anna, note=NOTE, owners=stay)
    assert nobody.status_code == 422
    assert "Choose a colleague, above or beside at least one thing" in nobody.text
    strange = post(priya, path, note=NOTE, owners=["case/NHJ-0000-0>" + anna])
    assert strange.status_code == 422


def test_only_leads_of_the_hospice_hand_on(
    client_as: ClientAs, references: list[str], session: Session
) -> None:
    ruth = uid_of(session, RUTH).hex()
    paths = (f"/cases/{references[0]}/reassign", f"/settings/leaving/{ruth}", "/settings/leaving")
    assert [client_as(RUTH).get(path).status_code for path in paths] == [404, 404, 404]
    helen = client_as(HELEN)
    assert [helen.get(path).status_code for path in paths] == [404, 404, 200]
    assert ruth not in helen.get("/settings/leaving").text, "she parts with her own people alone"
    assert client_as(PRIYA).get("/settings/leaving/nobody").status_code == 404

"""Ending a case otherwise than with a death: what is asked, who confirms it, and what follows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    SWITCHED_AT,
    ClientAs,
    WorkAs,
    accepted_case,
    capacity_found,
    letters_of,
    on_both,
    opened_case,
    planned_case,
    post,
    proposed_handover,
    staff_of,
    transferred_case,
)
from tests.people import ANNA, HELEN, IDRIS, MINA, PRIYA, RUTH, TOM
from transition.actions.closings import (
    change_closing,
    close_case,
    confirm_closing,
    finish_closing,
    let_numbers_go,
    look_at_closing,
    reopen_case,
    take_back_closing,
)
from transition.actions.deaths import record_death
from transition.actions.pauses import pause_case
from transition.actions.targets import move_target
from transition.actions.work import NotFound
from transition.records.audit import Change, trail_of
from transition.records.cases import Case
from transition.records.closings import Closing, closing_of
from transition.records.dues import dues_of_case
from transition.records.handovers import handovers_of
from transition.records.histories import episodes_of, stage_changes_of
from transition.records.ledger import ledger_of
from transition.records.milestones import MilestoneOutcome, outcomes_of
from transition.records.outbox import QueuedLetter
from transition.records.staff import StaffMembership
from transition.records.young_people import YoungPerson
from transition.rules.calendar import add_months, add_working_days
from transition.rules.closings import responsible_words
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, HandoverState
from transition.rules.ledger import breaches, leads_on
from transition.rules.pathway import Stage
from transition.rules.pauses import PauseReason
from transition.rules.people import MembershipState
from transition.rules.stages import Ending, StageEvent
from transition.rules.targets import Target, TargetReason

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
A_DAY = timedelta(days=1)

RESPONSIBLE = responsible_words(dict.fromkeys(Function, "Jacksplace"))
ANSWERS: dict[Ending, dict[str, Any]] = {
    Ending.DECLINED_BY_PERSON: {
        "reason": "young_person",
        "decided_on": date(2026, 11, 20),
        "capacity_basis": "Dr Lund saw them on 18 November.",
        "information_given": "What each hospice offers, twice.",
        "who_remains_responsible": RESPONSIBLE,
        "offer_again_on": date(2027, 5, 23),
    },
    Ending.MOVED_AWAY: {
        "new_area": "Devon",
        "service_found": "not_found_yet",
        "gp_changed": "not_recorded",
    },
    Ending.NO_LONGER_NEEDED: {
        "reason": "criteria",
        "decided_on": date(2026, 10, 24),
        "family_called_on": date(2026, 10, 24),
        "appeal": "open",
        "signposting": "The community team.",
    },
    Ending.OTHER_PROVIDER: {
        "reason": "other_service",
        "provider": "Solent palliative team",
        "provider_contact": "Nurse Ode, 023 9200 0000",
        "provider_responsibilities": "Everything.",
    },
    Ending.ENTERED_IN_ERROR: {"reason": "test"},
}
RECORDED_BY = {
    Ending.DECLINED_BY_PERSON: RUTH,
    Ending.MOVED_AWAY: RUTH,
    Ending.NO_LONGER_NEEDED: PRIYA,
    Ending.OTHER_PROVIDER: RUTH,
    Ending.ENTERED_IN_ERROR: PRIYA,
}
CONFIRMED_BY = {Ending.DECLINED_BY_PERSON: PRIYA, Ending.ENTERED_IN_ERROR: RUTH}
ORDINARY = tuple(ANSWERS)


def close(
    work_as: WorkAs,
    reference: str,
    ending: Ending,
    who: str = "",
    at: datetime | None = None,
    **words: Any,  # noqa: ANN401 - any answer
) -> None:
    """Record an ending with the usual answers, and confirm it where that is needed."""
    with work_as(who or RECORDED_BY[ending], at) as work:
        close_case(work, reference, ending, ANSWERS[ending] | words)
    if ending in CONFIRMED_BY:
        with work_as(CONFIRMED_BY[ending], at) as work:
            confirm_closing(work, reference)


@pytest.fixture
def opened(work_as: WorkAs) -> str:
    """A case of Ruth's that was opened a year ago."""
    with work_as(RUTH) as work:
        reference = opened_case(work, nhs_number="9991000003").reference
        capacity_found(work, reference)
        return reference


@pytest.fixture
def proposed(work_as: WorkAs) -> str:
    """A case of Ruth's that waits for an answer of Rowans."""
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
        capacity_found(work, reference)
        return reference


def case_of(session: Session, reference: str) -> Case:
    session.rollback()
    return session.scalars(select(Case).where(Case.reference == reference)).one()


def standing(session: Session, reference: str) -> Closing:
    closing = closing_of(session, case_of(session, reference).uid)
    assert closing is not None
    return closing


def refusal(
    work_as: WorkAs,
    reference: str,
    ending: Ending,
    who: str = "",
    **words: Any,  # noqa: ANN401 - any answer
) -> str:
    with (
        pytest.raises(RuleBroken) as refused,
        work_as(who or RECORDED_BY[ending]) as work,
    ):
        close_case(work, reference, ending, ANSWERS[ending] | words)
    return str(refused.value)


# --- recording --------------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize("ending", ORDINARY)
def test_an_ending_stops_everything_and_keeps_what_was_answered(
    work_as: WorkAs, proposed: str, session: Session, ending: Ending
) -> None:
    close(work_as, proposed, ending)
    case = case_of(session, proposed)
    assert (case.ending, case.ended_at, case.stage) == (ending, NOW, Stage.HANDOVER)
    assert case.next_due is None
    (handover,) = handovers_of(session, case.uid)
    assert (handover.state, handover.closed_at) == (HandoverState.CLOSED_EXIT, NOW)
    assert episodes_of(session, case.uid)[-1].ended_on == TODAY
    given = {name: words for name, words in standing(session, proposed).answers.items() if words}
    assert given == ANSWERS[ending]
    waits = [
        (one.kind, one.recipient.email)
        for one in session.scalars(select(QueuedLetter).where(QueuedLetter.case_uid == case.uid))
        if one.cancelled_at is None
    ]
    told = {HELEN, IDRIS} | (
        {RUTH} if CONFIRMED_BY.get(ending, RECORDED_BY[ending]) != RUTH else set()
    )
    assert sorted(waits) == sorted(("case_changed", one) for one in told)


@pytest.mark.parametrize("ending", CONFIRMED_BY)
def test_nothing_changes_before_a_second_person_has_confirmed_it(
    work_as: WorkAs, proposed: str, session: Session, ending: Ending
) -> None:
    with work_as(RECORDED_BY[ending]) as work:
        close_case(work, proposed, ending, ANSWERS[ending])
    case = case_of(session, proposed)
    assert (case.ending, case.next_due is not None) == (None, True)
    assert letters_of(session, "case_changed") == []
    with (
        pytest.raises(RuleBroken, match="A second person confirms this"),
        work_as(RECORDED_BY[ending]) as work,
    ):
        confirm_closing(work, proposed)
    assert refusal(work_as, proposed, Ending.MOVED_AWAY, who=RUTH).startswith("An ending of this")


def test_a_nurse_does_not_confirm_that_a_young_person_declined(
    work_as: WorkAs, opened: str
) -> None:
    with work_as(RUTH) as work:
        close_case(work, opened, Ending.DECLINED_BY_PERSON, ANSWERS[Ending.DECLINED_BY_PERSON])
    with pytest.raises(RuleBroken, match="children's lead"), work_as(ANNA) as work:
        confirm_closing(work, opened)


def test_what_somebody_recorded_who_has_left_is_recorded_anew(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        close_case(work, opened, Ending.DECLINED_BY_PERSON, ANSWERS[Ending.DECLINED_BY_PERSON])
    with work_as(PRIYA) as work:
        ruth = staff_of(work.session, RUTH).uid
        held = select(StaffMembership).where(StaffMembership.staff_uid == ruth)
        work.session.scalars(held).one().state = MembershipState.LEFT
    with pytest.raises(RuleBroken, match="has left"), work_as(TOM) as work:
        confirm_closing(work, opened)
    with work_as(TOM) as work:
        take_back_closing(work, opened)
    assert closing_of(session, case_of(session, opened).uid) is None


@pytest.mark.parametrize(
    ("ending", "name"),
    [(ending, name) for ending in ORDINARY for name in ANSWERS[ending]],
)
def test_what_must_be_recorded_is_asked_for(
    work_as: WorkAs, opened: str, ending: Ending, name: str
) -> None:
    left_out: dict[str, Any] = {name: None}
    words = refusal(work_as, opened, ending, **left_out)
    assert words.split()[0] in {"Enter", "Say", "Write"}


@pytest.mark.parametrize(
    ("ending", "words", "says"),
    [
        (Ending.DECLINED_BY_PERSON, {"reason": "family"}, "From 16 the family does not decide"),
        (
            Ending.DECLINED_BY_PERSON,
            {"who_remains_responsible": RESPONSIBLE.replace("Short breaks: Jacksplace\n", "")},
            "for: Short breaks.",
        ),
        (
            Ending.DECLINED_BY_PERSON,
            {"who_remains_responsible": responsible_words({})},
            "24-hour advice, Symptom management",
        ),
        (Ending.DECLINED_BY_PERSON, {"offer_again_on": TODAY}, "must be after today"),
        (Ending.DECLINED_BY_PERSON, {"offer_again_on": date(2027, 11, 24)}, "within a year"),
        (Ending.DECLINED_BY_PERSON, {"decided_on": TODAY + A_DAY}, "today or in the past"),
        (Ending.MOVED_AWAY, {"service_found": "found"}, "which service it is"),
        (Ending.MOVED_AWAY, {"receipt_confirmed_on": TODAY}, "cannot have arrived before"),
        (
            Ending.MOVED_AWAY,
            {"pack_sent_on": TODAY, "receipt_confirmed_on": TODAY - A_DAY},
            "cannot have arrived before",
        ),
        (Ending.ENTERED_IN_ERROR, {"reason": "duplicate"}, "the case that stays"),
        (Ending.ENTERED_IN_ERROR, {"instead_reference": "Sky"}, "no case reference"),
        (Ending.ENTERED_IN_ERROR, {"instead_reference": "NHJ-0000-0"}, "no case"),
    ],
)
def test_what_cannot_be_so_is_refused(
    work_as: WorkAs, opened: str, ending: Ending, words: dict[str, Any], says: str
) -> None:
    assert says in refusal(work_as, opened, ending, **words)


def test_a_family_decides_for_somebody_under_16(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, date_of_birth=date(2012, 6, 15)).reference
    close(work_as, reference, Ending.DECLINED_BY_PERSON, reason="family")
    assert case_of(session, reference).ending is Ending.DECLINED_BY_PERSON


def test_the_right_case_is_another_one_that_the_reader_has(
    work_as: WorkAs, opened: str, proposed: str, session: Session
) -> None:
    duplicate: dict[str, Any] = {"reason": "duplicate"}
    same = refusal(work_as, opened, Ending.ENTERED_IN_ERROR, instead_reference=opened, **duplicate)
    assert same.startswith("That is this case.")
    none = refusal(
        work_as, opened, Ending.ENTERED_IN_ERROR, instead_reference="NHJ-7K2M-4", **duplicate
    )
    assert "no case" in none
    close(work_as, opened, Ending.ENTERED_IN_ERROR, instead_reference=proposed, **duplicate)
    assert standing(session, opened).instead_reference == proposed


@pytest.mark.parametrize(
    ("ending", "who", "says"),
    [
        (Ending.NO_LONGER_NEEDED, RUTH, "Ask a children's lead"),
        (Ending.ENTERED_IN_ERROR, RUTH, "Ask a children's lead"),
        (Ending.MOVED_AWAY, HELEN, "Only the children's hospice"),
    ],
)
def test_it_is_for_those_who_may_say_so(
    work_as: WorkAs, proposed: str, ending: Ending, who: str, says: str
) -> None:
    assert says in refusal(work_as, proposed, ending, who=who)


def test_for_a_worker_elsewhere_there_is_no_such_case(work_as: WorkAs, proposed: str) -> None:
    with pytest.raises(NotFound), work_as(MINA) as work:
        close_case(work, proposed, Ending.MOVED_AWAY, ANSWERS[Ending.MOVED_AWAY])


def test_a_case_ends_once(work_as: WorkAs, opened: str) -> None:
    close(work_as, opened, Ending.OTHER_PROVIDER)
    assert "has ended" in refusal(work_as, opened, Ending.MOVED_AWAY)


def test_the_trail_tells_the_ending_and_no_personal_word(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    close(work_as, opened, Ending.DECLINED_BY_PERSON)
    entries = trail_of(session, opened)
    assert [one.action for one in entries if "end" in one.action] == [
        "ending:recorded",
        "ending:confirmed",
        "case:ended",
    ]
    assert not [one for one in entries if "Lund" in f"{one.object} {one.fields}"]


# --- taking it back ---------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize("ending", ORDINARY)
def test_an_ending_is_taken_back_on_its_day_as_if_it_had_never_been(
    work_as: WorkAs, session: Session, ending: Ending
) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(RUTH) as work:
        capacity_found(work, reference)
        pause_case(work, reference, PauseReason.OTHER, review_on=TODAY + A_DAY)
    before = case_of(session, reference).next_due
    close(work_as, reference, ending)
    with work_as(PRIYA, NOW + timedelta(hours=8)) as work:
        take_back_closing(work, reference)
    case = case_of(session, reference)
    assert (case.ending, case.ended_at, case.paused, case.next_due) == (None, None, True, before)
    assert handovers_of(session, case.uid)[0].state is HandoverState.ACCEPTED
    assert episodes_of(session, case.uid)[-1].ended_on is None
    assert closing_of(session, case.uid) is None


def test_who_has_had_the_notice_gets_another_and_the_others_none(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    close(work_as, proposed, Ending.MOVED_AWAY)
    with work_as(RUTH) as work:
        first = next(
            one
            for one in work.session.scalars(select(QueuedLetter))
            if one.kind == "case_changed" and one.recipient.email == HELEN
        )
        first.sent_at = NOW
        take_back_closing(work, proposed)
    waits = [
        one.recipient.email
        for one in session.scalars(select(QueuedLetter))
        if one.kind == "case_changed" and not (one.sent_at or one.cancelled_at)
    ]
    assert waits == [HELEN]


@pytest.mark.parametrize(
    ("who", "after", "says"),
    [
        (RUTH, A_DAY, "not recorded today"),
        (PRIYA, A_DAY, "not recorded today"),
        (ANNA, timedelta(hours=1), "Only who recorded this"),
    ],
)
def test_it_is_not_taken_back_later_or_by_somebody_else(
    work_as: WorkAs, opened: str, who: str, after: timedelta, says: str
) -> None:
    close(work_as, opened, Ending.MOVED_AWAY)
    with pytest.raises(RuleBroken, match=says), work_as(who, NOW + after) as work:
        take_back_closing(work, opened)


def test_what_waits_for_a_second_person_is_taken_back_at_any_time(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        close_case(work, opened, Ending.DECLINED_BY_PERSON, ANSWERS[Ending.DECLINED_BY_PERSON])
    with work_as(PRIYA, NOW + 9 * A_DAY) as work:
        take_back_closing(work, opened)
    assert case_of(session, opened).ending is None
    with pytest.raises(RuleBroken, match="no such ending"), work_as(PRIYA) as work:
        confirm_closing(work, opened)


def test_there_is_nothing_to_confirm_where_no_second_person_is_needed(
    work_as: WorkAs, opened: str
) -> None:
    close(work_as, opened, Ending.MOVED_AWAY)
    with pytest.raises(RuleBroken, match="no such ending"), work_as(PRIYA) as work:
        confirm_closing(work, opened)


# --- what follows -----------------------------------------------------------------------------


def test_moving_away_is_finished_when_the_pack_has_arrived(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    close(work_as, opened, Ending.MOVED_AWAY)
    assert standing(session, opened).look_again_on == TODAY + timedelta(days=14)
    for who, why in ((RUTH, ""), (RUTH, "I rang."), (PRIYA, "")):
        with pytest.raises(RuleBroken, match="cannot finish before"), work_as(who) as work:
            finish_closing(work, opened, why=why)
    arrived = {"pack_sent_on": TODAY - A_DAY, "receipt_confirmed_on": TODAY}
    with work_as(RUTH) as work:
        change_closing(work, opened, arrived)
        finish_closing(work, opened)
    assert standing(session, opened).finished_at == NOW
    with pytest.raises(RuleBroken, match="is finished"), work_as(RUTH) as work:
        change_closing(work, opened, {"new_area": "Cornwall"})
    with pytest.raises(RuleBroken, match="is finished"), work_as(RUTH) as work:
        take_back_closing(work, opened)


def test_a_lead_finishes_it_without_and_says_why(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    close(work_as, opened, Ending.MOVED_AWAY)
    with work_as(PRIYA) as work:
        finish_closing(work, opened, why="They answer the telephone only.")
    assert standing(session, opened).finished_because == "They answer the telephone only."


@pytest.mark.parametrize(
    ("appeal", "on_and_says"),
    [
        ("open", (date(2027, 4, 24), "An appeal is open")),
        ("upheld", (date(2027, 4, 24), "was upheld")),
        ("rejected", (date(2027, 4, 23), "Access continues until 24 April 2027")),
        ("rejected", (date(2027, 4, 24), None)),
        ("none", (date(2027, 4, 24), None)),
    ],
)
def test_care_that_is_no_longer_needed_ends_when_notice_and_appeal_are_over(
    work_as: WorkAs,
    opened: str,
    session: Session,
    appeal: str,
    on_and_says: tuple[date, str | None],
) -> None:
    on, says = on_and_says
    close(work_as, opened, Ending.NO_LONGER_NEEDED, appeal=appeal)
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    if says is None:
        with work_as(RUTH, at) as work:
            finish_closing(work, opened)
        assert standing(session, opened).finished_at == at
        return
    with pytest.raises(RuleBroken, match=says), work_as(PRIYA, at) as work:
        finish_closing(work, opened)


def test_the_notice_follows_the_day_of_the_decision(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    close(work_as, opened, Ending.NO_LONGER_NEEDED)
    assert standing(session, opened).look_again_on == date(2027, 4, 24)
    with work_as(RUTH) as work:
        change_closing(work, opened, {"decided_on": date(2026, 10, 31), "appeal": "rejected"})
    found = standing(session, opened)
    assert (found.look_again_on, found.appeal) == (date(2027, 4, 30), "rejected")
    last = trail_of(session, opened)[-1]
    assert (last.action, last.fields) == ("ending:changed", "decided_on appeal")
    assert session.get_one(Change, bytes.fromhex(last.change_uid or "")).body == {
        "appeal": ["open", "rejected"],
        "decided_on": ["2026-10-24", "2026-10-31"],
    }


@pytest.mark.parametrize("ending", [Ending.DECLINED_BY_PERSON, Ending.OTHER_PROVIDER])
def test_what_stands_is_looked_at_again_in_a_year(
    work_as: WorkAs, opened: str, session: Session, ending: Ending
) -> None:
    close(work_as, opened, ending)
    at = NOW + timedelta(days=200)
    with work_as(RUTH, at) as work:
        look_at_closing(work, opened)
    assert standing(session, opened).look_again_on == add_months(at.date(), 12)
    with pytest.raises(RuleBroken, match="nothing to finish"), work_as(PRIYA) as work:
        finish_closing(work, opened)


def test_only_a_yearly_look_is_a_look(work_as: WorkAs, opened: str) -> None:
    with work_as(RUTH) as work:
        close_case(work, opened, Ending.DECLINED_BY_PERSON, ANSWERS[Ending.DECLINED_BY_PERSON])
    with pytest.raises(RuleBroken, match="no such ending"), work_as(RUTH) as work:
        look_at_closing(work, opened)


def test_a_death_replaces_another_ending_whose_questions_end(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    close(work_as, opened, Ending.MOVED_AWAY)
    with work_as(RUTH) as work:
        record_death(work, opened, died_on=None)
    for do in (finish_closing, look_at_closing, take_back_closing):
        with pytest.raises(RuleBroken, match="no such ending"), work_as(PRIYA) as work:
            do(work, opened)
    assert case_of(session, opened).ending is Ending.DIED


# --- opening again ----------------------------------------------------------------------------


@on_both
def test_18_c_within_six_months_a_case_goes_on_with_its_history_and_fresh_due_dates(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = planned_case(work, nhs_number="9991000003").reference
    close(work_as, reference, Ending.NO_LONGER_NEEDED)
    recorded = len(session.scalars(select(MilestoneOutcome)).all())
    at = datetime(2027, 5, 21, 9, tzinfo=UTC)
    with work_as(PRIYA, at) as work:
        reopen_case(work, reference, Stage.PREPARING, why="The appeal was upheld.")
        dues = dues_of_case(work.session, work.case(reference).case.uid, work.asking)
        assert dues is not None
        floor = add_working_days(at.date(), 20, work.catalogue.holidays)
        days = [one.due_on for one in dues.open_standings if one.due_on]
        assert min(days) == floor
    case = case_of(session, reference)
    assert (case.ending, case.ended_at, case.stage) == (None, None, Stage.PREPARING)
    assert [(one.number, one.ended_on) for one in episodes_of(session, case.uid)] == [(1, None)]
    assert len(session.scalars(select(MilestoneOutcome)).all()) == recorded
    last = stage_changes_of(session, case.uid)[-1]
    assert (last.event, last.was, last.now) == (StageEvent.REOPEN, Stage.PLANNING, Stage.PREPARING)
    assert closing_of(session, case.uid) is None


def test_later_it_is_a_new_episode_of_the_same_case(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    close(work_as, opened, Ending.DECLINED_BY_PERSON)
    with work_as(PRIYA) as work:
        work.case(opened).case.nhs_number_index = None  # let go after six months
    with work_as(PRIYA, datetime(2027, 5, 24, 9, tzinfo=UTC)) as work:
        reopen_case(work, opened, Stage.IDENTIFIED, why="They asked for it.")
    case = case_of(session, opened)
    assert [(one.number, one.began_on, one.ended_on) for one in episodes_of(session, case.uid)] == [
        (1, TODAY - timedelta(days=365), TODAY),
        (2, date(2027, 5, 24), None),
    ]
    assert case.nhs_number_index is not None


@on_both
def test_who_ended_after_a_transfer_and_is_opened_again_comes_back(
    work_as: WorkAs, session: Session
) -> None:
    """Nobody at the adult hospice knows them any more, so it leads nothing of theirs."""
    reference, _ = transferred_case(work_as)
    at = SWITCHED_AT + timedelta(days=1)
    close(work_as, reference, Ending.MOVED_AWAY, at=at)
    with work_as(PRIYA, at + timedelta(days=1)) as work:
        reopen_case(work, reference, Stage.PLANNING, why="They came back.")
    case = case_of(session, reference)
    assert (case.stage, case.transferred_on, case.receiver) == (Stage.PLANNING, None, None)
    assert case.target_transfer_on is None
    today = (at + timedelta(days=1)).date()
    spans = [row.span for row in ledger_of(session, case.uid)]
    assert leads_on(spans, today) == dict.fromkeys(Function, case.service)
    assert breaches(spans, Function, today) == ()
    assert not {"HO-01", "MV-01"} & outcomes_of(session, case.uid).keys()
    with work_as(PRIYA, at + timedelta(days=1)) as work:
        moved = Target(on=date(2027, 9, 1))
        move_target(work, reference, moved, TargetReason.OTHER)
    assert case_of(session, reference).target_transfer_on == date(2027, 9, 1)


@pytest.mark.usefixtures("demonstration")
def test_a_completed_case_is_opened_again_by_a_lead(client_as: ClientAs, session: Session) -> None:
    """Who was completed within six months goes on as the same attempt."""
    people = {one.known_as: one.uid for one in session.scalars(select(YoungPerson))}
    case = session.scalars(select(Case).where(Case.young_person_uid == people["Trixie"])).one()
    page = f"/cases/{case.reference}/reopen"
    anna, priya = client_as(ANNA), client_as(PRIYA)
    settling = f"/cases/{case.reference}/settling"
    assert page not in anna.get(settling).text
    assert page in priya.get(settling).text
    assert "Ask a children's lead" in anna.get(page, follow_redirects=True).text.replace(
        "&#39;", "'"
    )
    assert "It goes on where it stood" in priya.get(page).text
    assert post(priya, page, stage="planning", why="It did not work.").status_code == 302
    case = case_of(session, case.reference)
    assert (case.stage, case.transferred_on) == (Stage.PLANNING, None)
    assert [(one.number, one.ended_on) for one in episodes_of(session, case.uid)] == [(1, None)]
    assert case.reference in anna.get("/cases").text
    assert priya.get(page).status_code == 404


@pytest.mark.parametrize(
    ("who", "asked", "says"),
    [
        (RUTH, (Ending.MOVED_AWAY, Stage.IDENTIFIED), "Ask a children's lead"),
        (PRIYA, (Ending.MOVED_AWAY, Stage.PLANNING), "where the case stood"),
        (PRIYA, (Ending.ENTERED_IN_ERROR, Stage.IDENTIFIED), "cannot be opened again"),
    ],
)
def test_it_is_opened_again_by_a_lead_and_not_further_than_it_was(
    work_as: WorkAs, opened: str, who: str, asked: tuple[Ending, Stage], says: str
) -> None:
    ending, stage = asked
    close(work_as, opened, ending)
    with pytest.raises(RuleBroken, match=says), work_as(who) as work:
        reopen_case(work, opened, stage, why="They came back.")


def test_a_case_whose_number_is_taken_meanwhile_is_not_opened_again(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    close(work_as, opened, Ending.MOVED_AWAY)
    with work_as(ANNA) as work:
        opened_case(work, nhs_number="9991000003")
    with pytest.raises(RuleBroken, match="already here"), work_as(PRIYA) as work:
        reopen_case(work, opened, Stage.IDENTIFIED, why="They came back.")
    assert case_of(session, opened).ending is Ending.MOVED_AWAY


# --- the NHS number ---------------------------------------------------------------------------


@on_both
def test_a_number_is_let_go_when_six_months_have_passed(
    work_as: WorkAs, opened: str, session: Session
) -> None:
    close(work_as, opened, Ending.MOVED_AWAY)
    with work_as(RUTH) as work:
        running = opened_case(work, nhs_number="9991000011").reference
    for at, let_go in (
        (datetime(2027, 5, 23, 9, tzinfo=UTC), 0),
        (datetime(2027, 5, 24, 9, tzinfo=UTC), 1),
    ):
        with work_as(RUTH, at) as work:
            assert let_numbers_go(work) == let_go
    assert case_of(session, opened).nhs_number_index is None
    assert case_of(session, running).nhs_number_index is not None

"""Recording that somebody has died, from wherever their case stands, and taking it back exactly."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, accepted_case, on_both, opened_case, proposed_handover, staff_of
from tests.people import (
    ANNA,
    GRACE,
    HELEN,
    IDRIS,
    JO,
    LOLA,
    MINA,
    PETER,
    PRIYA,
    ROSA,
    RUTH,
    SAM,
    TOM,
    WILMA,
)
from transition.actions.case_changes import renew_next_due
from transition.actions.deaths import record_death, undo_death
from transition.actions.handovers import withdraw_handover
from transition.actions.milestones import Recorded, record_outcome
from transition.actions.pauses import pause_case
from transition.actions.work import NotFound, Work
from transition.records.audit import Change, trail_of
from transition.records.base import Base
from transition.records.cases import Case
from transition.records.deaths import Death, death_of
from transition.records.handovers import Handover, handovers_of
from transition.records.histories import Pause
from transition.records.outbox import QueuedLetter
from transition.records.staff import Denial, StaffMembership
from transition.rules.endings import Undoing
from transition.rules.errors import RuleBroken
from transition.rules.handovers import SENT, HandoverState
from transition.rules.milestones import OutcomeKind
from transition.rules.pathway import Stage
from transition.rules.pauses import PauseReason
from transition.rules.people import MembershipState
from transition.rules.stages import Ending

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DIED_ON = date(2026, 11, 12)
MOMENT = timedelta(microseconds=1)

HISTORY = {"audit_entry", "change", "death", "queued_letter", "stage_change"}
"""Tables that tell what happened, the undoing included; all others must stand as they did."""


@pytest.fixture
def proposed(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return proposed_handover(work)[0].reference


def record(
    work_as: WorkAs,
    reference: str,
    who: str = RUTH,
    at: datetime | None = None,
    **words: Any,  # noqa: ANN401 - any of its words
) -> None:
    with work_as(who, at) as work:
        record_death(work, reference, **{"died_on": DIED_ON} | words)


def undo(work_as: WorkAs, reference: str, who: str, after: timedelta) -> Undoing:
    with work_as(who, NOW + after) as work:
        return undo_death(work, reference)


def case_of(session: Session, reference: str) -> Case:
    session.rollback()
    return session.scalars(select(Case).where(Case.reference == reference)).one()


def rows_of(session: Session, case: Case) -> dict[str, Any]:
    """Return every row of a case as it is kept, but for versions and what tells of the past."""
    found: dict[str, Any] = {"next_due": case.next_due}
    for table in Base.metadata.sorted_tables:
        if table.name in HISTORY or "case_uid" not in table.c:
            continue
        query = select(table).where(table.c.case_uid == case.uid).order_by(*table.primary_key)
        found[table.name] = [
            {name: kept for name, kept in row.items() if name not in {"version", "next_due"}}
            for row in session.execute(query).mappings()
        ]
    return found


def letters_about(session: Session, reference: str) -> list[QueuedLetter]:
    case = case_of(session, reference)
    query = select(QueuedLetter).where(QueuedLetter.case_uid == case.uid)
    return list(session.scalars(query.order_by(QueuedLetter.queued_at, QueuedLetter.uid)))


def waiting(session: Session, reference: str) -> dict[str, datetime]:
    """Return who will get a letter about a case, and from when on."""
    return {
        one.recipient.email: one.not_before
        for one in letters_about(session, reference)
        if one.sent_at is None and one.cancelled_at is None
    }


# --- what it does -----------------------------------------------------------------------------


@on_both
def test_one_save_ends_everything_and_keeps_what_was_said(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    record(work_as, proposed, told=["rowans", "gp"], note="His mother rang.")
    case = case_of(session, proposed)
    assert (case.ending, case.ended_at, case.stage) == (Ending.DIED, NOW, Stage.HANDOVER)
    assert case.next_due is None
    (handover,) = handovers_of(session, case.uid)
    assert (handover.state, handover.closed_at) == (HandoverState.CLOSED_DIED, NOW)
    death = death_of(session, case.uid)
    assert death is not None
    assert (death.died_on, death.told, death.note) == (
        DIED_ON,
        ["gp", "rowans"],
        "His mother rang.",
    )
    assert death.recorded_by_uid == staff_of(session, RUTH).uid


@on_both
def test_what_waits_to_be_sent_is_cancelled_even_when_a_worker_has_claimed_it(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    with work_as(RUTH) as work:
        first, second = work.session.scalars(select(QueuedLetter))
        first.claimed_until, first.prompt_key = NOW + timedelta(minutes=1), bytes(16)
        second.sent_at = NOW
    record(work_as, proposed)
    before = [one for one in letters_about(session, proposed) if one.kind == "handover_proposed"]
    assert sorted((one.cancelled_at, one.sent_at) for one in before if one.cancelled_at) == [
        (NOW, None)
    ]
    assert [one.cancelled_at for one in before if one.sent_at] == [None], "it is gone"
    assert not [one for one in before if one.prompt_key], "what is still owed may be sent later"


@on_both
def test_a_pause_ends_with_it_and_the_number_stays_taken(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        case = opened_case(work, nhs_number="9991000003")
        pause_case(work, case.reference, PauseReason.OTHER, review_on=date(2026, 12, 21))
        reference = case.reference
    index = case_of(session, reference).nhs_number_index
    record(work_as, reference, died_on=None)
    case = case_of(session, reference)
    assert (case.paused, case.nhs_number_index) == (False, index)
    assert [one.until_on for one in session.scalars(select(Pause))] == [TODAY]


def test_the_trail_and_the_outbox_never_name_it(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    record(work_as, proposed)
    undo(work_as, proposed, RUTH, timedelta(0))
    entries = trail_of(session, proposed)
    named = [one.action for one in entries if one.action.startswith("case:end")]
    assert named == ["case:ended", "case:ending_undone"]
    ended = next(one for one in entries if one.action == "case:ended")
    assert session.get_one(Change, bytes.fromhex(ended.change_uid or "")).body == {
        "ending": [None, "died"]
    }
    said = [f"{one.action} {one.object} {one.fields}" for one in entries]
    said += [f"{one.kind} {one.about}" for one in letters_about(session, proposed)]
    assert not [words for words in said if "die" in words or "dea" in words]


# --- by whom, and who is told -----------------------------------------------------------------


def name_mina(work: Work, reference: str) -> None:
    handovers = handovers_of(work.session, work.case(reference).case.uid)
    handovers[-1].adult_worker_uid = staff_of(work.session, MINA).uid


@pytest.mark.parametrize(
    ("who", "told"),
    [
        (RUTH, {HELEN, IDRIS}),
        (ANNA, {RUTH, HELEN, IDRIS}),
        (PRIYA, {RUTH, HELEN, IDRIS}),
        (HELEN, {RUTH}),
        (GRACE, {RUTH}),
    ],
)
def test_whoever_can_open_the_case_records_it_and_the_others_are_told_after_a_hold(
    work_as: WorkAs, proposed: str, session: Session, who: str, told: set[str]
) -> None:
    record(work_as, proposed, who)
    assert waiting(session, proposed) == dict.fromkeys(told, NOW + timedelta(minutes=15))
    kinds = {
        (one.kind, one.about) for one in letters_about(session, proposed) if not one.cancelled_at
    }
    assert kinds == {("case_changed", proposed)}


@pytest.mark.parametrize(
    ("who", "told"),
    [(MINA, {RUTH}), (HELEN, {RUTH, MINA}), (RUTH, {HELEN, IDRIS, MINA})],
)
def test_the_adult_named_worker_may_record_it_and_is_told(
    work_as: WorkAs, session: Session, who: str, told: set[str]
) -> None:
    reference, _ = accepted_case(work_as)
    with work_as(HELEN) as work:
        name_mina(work, reference)
    record(work_as, reference, who)
    assert set(waiting(session, reference)) == told


def test_where_the_named_worker_has_left_the_leads_are_told(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    with work_as(PRIYA) as work:
        ruth = staff_of(work.session, RUTH).uid
        held = select(StaffMembership).where(StaffMembership.staff_uid == ruth)
        work.session.scalars(held).one().state = MembershipState.LEFT
    record(work_as, proposed, HELEN)
    assert set(waiting(session, proposed)) == {PRIYA, TOM}


@pytest.mark.parametrize("who", [PETER, ROSA, LOLA, MINA, JO, SAM, WILMA])
def test_for_everybody_else_there_is_no_such_case(work_as: WorkAs, proposed: str, who: str) -> None:
    with pytest.raises(NotFound):
        record(work_as, proposed, who)


def test_a_denial_holds_here_too(work_as: WorkAs, proposed: str) -> None:
    with work_as(RUTH) as work:
        work.keep(
            Denial(
                staff_uid=staff_of(work.session, ANNA).uid,
                case_uid=work.case(proposed).case.uid,
                denied_by_uid=work.actor_uid,
                denied_at=work.now,
            )
        )
    with pytest.raises(NotFound):
        record(work_as, proposed, ANNA)


def test_a_former_receiver_telephones(work_as: WorkAs, proposed: str, session: Session) -> None:
    with work_as(RUTH) as work:
        withdraw_handover(work, proposed, "rowans-1")
    for attempt in (record_death_as, undo_death_as):
        with pytest.raises(RuleBroken, match=r"not shared with you any more\. Ring"):
            attempt(work_as, HELEN, proposed)
    record(work_as, proposed)
    late = [one for one in letters_about(session, proposed) if one.not_before > NOW]
    assert late == [], "nor is it told any more"


def record_death_as(work_as: WorkAs, who: str, reference: str) -> None:
    record(work_as, reference, who)


def undo_death_as(work_as: WorkAs, who: str, reference: str) -> None:
    undo(work_as, reference, who, timedelta(0))


def test_a_worker_of_a_withdrawn_handover_sees_nothing_of_the_next(work_as: WorkAs) -> None:
    reference, key = accepted_case(work_as)
    with work_as(HELEN) as work:
        name_mina(work, reference)
        withdraw_handover(work, reference, key)
    with work_as(RUTH) as work:
        case = work.case(reference).case
        (earlier,) = handovers_of(work.session, case.uid)
        work.keep(
            Handover(
                case_uid=case.uid,
                receiver="rowans",
                number=2,
                state=HandoverState.PROPOSED,
                urgency=earlier.urgency,
                proposed_at=work.now + MOMENT,
                proposed_by_uid=work.actor_uid,
            )
        )
    record(work_as, reference)
    with pytest.raises(NotFound), work_as(MINA) as work:
        work.case(reference)
    with work_as(HELEN) as work:
        assert work.case(reference).case.ending is Ending.DIED


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"died_on": date(2026, 11, 24)}, "The date must be today or in the past."),
        ({"died_on": date(2009, 6, 14)}, "The date must not be before the date of birth."),
        ({"told": ["oakhaven"]}, "Choose who has been told from those listed."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_has_changed(
    work_as: WorkAs, proposed: str, session: Session, words: dict[str, Any], sentence: str
) -> None:
    before = rows_of(session, case_of(session, proposed))
    with pytest.raises(RuleBroken) as refused:
        record(work_as, proposed, **words)
    assert str(refused.value) == sentence
    assert rows_of(session, case_of(session, proposed)) == before
    assert set(waiting(session, proposed)) == {HELEN, IDRIS}


@on_both
def test_it_is_recorded_once(work_as: WorkAs, proposed: str, session: Session) -> None:
    record(work_as, proposed)
    with pytest.raises(RuleBroken, match=r"^This has already been recorded\.$"):
        record(work_as, proposed, HELEN)
    assert len(session.scalars(select(Death)).all()) == 1


def test_a_case_entered_in_error_is_the_wrong_case(work_as: WorkAs, proposed: str) -> None:
    with work_as(RUTH) as work:
        case = work.case(proposed).case
        case.ending, case.ended_at = Ending.ENTERED_IN_ERROR, work.now
    with pytest.raises(RuleBroken, match="Record it on the right case"):
        record(work_as, proposed)


def test_afterwards_the_record_is_only_read(work_as: WorkAs, proposed: str) -> None:
    record(work_as, proposed)
    skipped = Recorded(kind=OutcomeKind.NOT_APPLICABLE, reason="-")
    with pytest.raises(RuleBroken, match=r"^This case has ended\."), work_as(RUTH) as work:
        record_outcome(work, proposed, "ID-04", skipped)
    with pytest.raises(RuleBroken, match=r"^This case has ended\."), work_as(RUTH) as work:
        pause_case(work, proposed, PauseReason.OTHER, review_on=date(2026, 12, 21))


# --- taking it back ---------------------------------------------------------------------------


def states() -> Iterator[tuple[Stage, bool, bool, Ending | None]]:
    """Yield every stage, overlay and ending in which somebody can be recorded as having died."""
    endings = (None, *(set(Ending) - {Ending.DIED, Ending.ENTERED_IN_ERROR}))
    for stage, paused, expedited, ending in product(Stage, (False, True), (False, True), endings):
        if not (paused and (ending or stage is Stage.COMPLETED)):
            yield stage, paused, expedited, ending


HOW_IT_STANDS = {
    Stage.HANDOVER: HandoverState.QUERIED,
    Stage.MOVING: HandoverState.JOINT_WORKING,
    Stage.SETTLING: HandoverState.TRANSFERRED,
    Stage.COMPLETED: HandoverState.CLOSED,
}


def stand(work: Work, reference: str, state: tuple[Stage, bool, bool, Ending | None]) -> None:
    """Let a case stand so, with the handover that goes with it."""
    case = work.case(reference).case
    case.stage, case.paused, case.expedited, case.ending = state
    case.ended_at = work.now if case.ending else None
    (handover,) = handovers_of(work.session, case.uid)
    handover.state = HOW_IT_STANDS.get(case.stage, HandoverState.WITHDRAWN)
    if case.ending and handover.state.open:
        handover.state = HandoverState.CLOSED_EXIT
    handover.closed_at = None if handover.state.open else work.now
    if case.paused:
        rest = {"from_on": work.today, "review_on": date(2026, 12, 21), "reason_code": "other"}
        work.keep(Pause(case_uid=case.uid, **rest))
    renew_next_due(work, case)


@on_both
def test_from_every_state_it_is_recorded_and_undone_without_a_trace(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    tried = 0
    for state in states():
        with work_as(RUTH) as work:
            stand(work, proposed, state)
        before = rows_of(session, case_of(session, proposed))
        session.rollback()
        record(work_as, proposed)
        case = case_of(session, proposed)
        assert (case.stage, case.ending, case.paused) == (state[0], Ending.DIED, False), state
        (handover,) = handovers_of(session, case.uid)
        assert not handover.state.open, state
        session.rollback()
        assert undo(work_as, proposed, RUTH, timedelta(0)) is Undoing.DONE
        assert rows_of(session, case_of(session, proposed)) == before, state
        session.rollback()
        with work_as(RUTH) as work:
            for pause in work.session.scalars(select(Pause)):
                pause.until_on = work.today
        tried += 1
    assert tried == 7 * 2 * 5 + 6 * 2
    assert waiting(session, proposed) == {}


def test_every_open_handover_ends_and_opens_again_as_it_stood(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    for state in SENT:
        with work_as(RUTH) as work:
            (handover,) = handovers_of(work.session, work.case(proposed).case.uid)
            handover.state, handover.closed_at = state, None
        record(work_as, proposed)
        undo(work_as, proposed, RUTH, timedelta(0))
        (handover,) = handovers_of(session, case_of(session, proposed).uid)
        assert (handover.state, handover.closed_at) == (state, None)
        session.rollback()


@on_both
def test_its_recorder_takes_it_back_while_the_notice_is_held_and_nobody_ever_knows(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    record(work_as, proposed, HELEN)
    assert undo(work_as, proposed, HELEN, timedelta(minutes=15) - MOMENT) is Undoing.DONE
    assert waiting(session, proposed) == {}
    assert not [one for one in letters_about(session, proposed) if one.sent_at]
    assert case_of(session, proposed).ending is None


def test_after_the_hold_its_recorder_needs_a_lead(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    record(work_as, proposed, RUTH)
    for who in (RUTH, ANNA):
        with pytest.raises(RuleBroken, match=r"^This can now be undone by a lead only\.$"):
            undo(work_as, proposed, who, timedelta(minutes=15))
    assert case_of(session, proposed).ending is Ending.DIED


@pytest.mark.parametrize("who", [PRIYA, HELEN])
@on_both
def test_a_lead_of_either_side_takes_it_back_within_72_hours_and_the_told_are_told_again(
    work_as: WorkAs, proposed: str, session: Session, who: str
) -> None:
    record(work_as, proposed, RUTH)
    with work_as(RUTH) as work:
        notices = select(QueuedLetter).where(QueuedLetter.cancelled_at.is_(None))
        sent, held = work.session.scalars(notices)
        sent.sent_at = NOW + timedelta(minutes=15)
        told, untold = sent.recipient.email, held.recipient.email
    session.rollback()
    assert undo(work_as, proposed, who, timedelta(hours=72)) is Undoing.DONE
    assert waiting(session, proposed) == {told: NOW + timedelta(hours=72)}
    assert untold not in waiting(session, proposed)


@on_both
def test_after_72_hours_two_leads_take_it_back_and_the_first_alone_has_no_effect(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    before = rows_of(session, case_of(session, proposed))
    late = timedelta(hours=72) + MOMENT
    record(work_as, proposed)
    with pytest.raises(RuleBroken, match=r"^This can now be undone by two leads only\.$"):
        undo(work_as, proposed, RUTH, late)
    assert undo(work_as, proposed, PRIYA, late) is Undoing.ASKED
    assert case_of(session, proposed).ending is Ending.DIED
    session.rollback()
    with pytest.raises(RuleBroken, match=r"^You have asked for this already\."):
        undo(work_as, proposed, PRIYA, late * 2)
    assert undo(work_as, proposed, HELEN, late * 2) is Undoing.DONE
    case = case_of(session, proposed)
    after = rows_of(session, case)
    assert after == before
    death = session.scalars(select(Death)).one()
    assert death.undo_asked_by_uid == staff_of(session, PRIYA).uid
    assert death.undone_by_uid == staff_of(session, HELEN).uid
    actions = [one.action for one in trail_of(session, proposed)]
    assert actions.count("case:undoing_asked") == 1


def test_a_lead_who_asked_and_has_left_counts_no_more(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    late = timedelta(days=10)
    record(work_as, proposed)
    undo(work_as, proposed, TOM, late)
    with work_as(PRIYA) as work:
        tom = staff_of(work.session, TOM).uid
        held = select(StaffMembership).where(StaffMembership.staff_uid == tom)
        work.session.scalars(held).one().state = MembershipState.LEFT
    assert undo(work_as, proposed, PRIYA, late) is Undoing.ASKED
    assert undo(work_as, proposed, HELEN, late) is Undoing.DONE
    assert case_of(session, proposed).ending is None


@pytest.mark.parametrize("undone", [False, True])
def test_what_is_undone_cannot_be_undone_again(
    work_as: WorkAs, proposed: str, *, undone: bool
) -> None:
    if undone:
        record(work_as, proposed)
        undo(work_as, proposed, PRIYA, timedelta(0))
    with pytest.raises(RuleBroken, match="undone already"):
        undo(work_as, proposed, PRIYA, timedelta(0))


def test_it_can_be_recorded_again_after_it_was_undone(
    work_as: WorkAs, proposed: str, session: Session
) -> None:
    for _ in range(2):
        record(work_as, proposed)
        undo(work_as, proposed, RUTH, timedelta(0))
    record(work_as, proposed, died_on=None)
    assert len(session.scalars(select(Death)).all()) == 3
    death = death_of(session, case_of(session, proposed).uid)
    assert death is not None
    assert death.died_on is None


@on_both
def test_a_number_that_was_given_to_another_case_meanwhile_is_not_given_twice(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, nhs_number="9991000003").reference
    record(work_as, reference)
    with work_as(RUTH) as work:
        opened_case(work, nhs_number="9991000003")
    with pytest.raises(RuleBroken, match=r"^Someone with this NHS number is already here\.$"):
        undo(work_as, reference, RUTH, timedelta(0))
    assert case_of(session, reference).ending is Ending.DIED

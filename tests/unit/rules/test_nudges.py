"""Which letters the clocks of a handover ask for, on which day, and who gets them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition.rules.calendar import LONDON, add_working_days, is_working_day
from transition.rules.handover_clocks import Asked, Clock, HandoverFacts, limit_of, stop_used_up_on
from transition.rules.handovers import Urgency
from transition.rules.nudges import (
    ADDRESSEES,
    AFTER,
    Addressee,
    Nudge,
    Rung,
    addressees,
    nudges_due,
    nudges_of,
)

HOLIDAYS = frozenset(
    map(
        date.fromisoformat,
        ["2026-12-25", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03"],
    )
)
ROUTINE, SOON, EXPEDITED = Urgency


def on(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def asked(number: int, when: str, answered: str | None = None) -> Asked:
    return Asked(number=number, asked_at=at(when), answered_at=at(answered) if answered else None)


PROPOSED = HandoverFacts(proposed_at=at("2026-11-02 10:00"), urgency=ROUTINE)
"""Proposed on Monday 2 November 2026; nothing has happened since."""
RECEIVED = replace(PROPOSED, acknowledged_at=at("2026-11-03 10:00"))
EXPECTED = replace(PROPOSED, urgency=EXPEDITED)


def said(nudges: tuple[Nudge, ...]) -> list[str]:
    """Return nudges in short: day, clock, rung and number."""
    return [
        f"{nudge.due_on:%m-%d} {nudge.clock} {nudge.rung}{nudge.about or ''}" for nudge in nudges
    ]


def ladder(facts: HandoverFacts) -> list[str]:
    return said(nudges_of(facts, HOLIDAYS))


def test_nobody_acknowledges_and_nobody_decides() -> None:
    assert ladder(PROPOSED) == [
        "11-05 acknowledge reminder",
        "11-09 acknowledge escalation",
        "11-11 acknowledge coordinator",
        "11-12 decide reminder",
        "11-17 decide escalation",
        "11-23 decide coordinator",
        "11-30 decide agenda",
    ]


def test_04_a_six_working_days_unacknowledged() -> None:
    facts = replace(PROPOSED, proposed_at=at("2026-11-13 10:00"))
    today = on("2026-11-23")
    assert add_working_days(on("2026-11-13"), 6, HOLIDAYS) == today
    reminder, escalation = nudges_due(facts, today, HOLIDAYS)
    assert (reminder.rung, reminder.due_on) == (Rung.REMINDER, on("2026-11-18"))
    assert addressees(reminder) == (Addressee.RECEIVER_LEAD, Addressee.RECEIVER_DEPUTY)
    assert (escalation.rung, escalation.due_on) == (Rung.ESCALATION, on("2026-11-20"))
    assert set(addressees(escalation)) == {
        Addressee.RECEIVER_ESCALATION,
        Addressee.CHILDRENS_ESCALATION,
    }
    coming = nudges_of(facts, HOLIDAYS)[2]
    assert (coming.rung, coming.due_on) == (Rung.COORDINATOR, on("2026-11-24"))
    assert addressees(coming) == (Addressee.COORDINATOR,)


@pytest.mark.parametrize(
    ("urgency", "nudges"),
    [
        (
            SOON,
            ["11-05 reminder", "11-10 escalation", "11-16 coordinator", "11-23 agenda"],
        ),
        (EXPEDITED, ["11-04 escalation", "11-10 coordinator", "11-17 agenda"]),
    ],
)
def test_the_ladder_of_a_decision_moves_with_its_limit(urgency: Urgency, nudges: list[str]) -> None:
    facts = replace(RECEIVED, acknowledged_at=at("2026-11-02 11:00"), urgency=urgency)
    assert ladder(facts) == [each.replace(" ", " decide ") for each in nudges]


def test_an_expedited_acknowledgement_is_chased_from_the_next_working_day() -> None:
    assert [line for line in ladder(EXPECTED) if "acknowledge" in line] == [
        "11-03 acknowledge reminder",
        "11-05 acknowledge escalation",
        "11-09 acknowledge coordinator",
    ]


def test_the_ladder_passes_over_christmas() -> None:
    facts = replace(PROPOSED, proposed_at=at("2026-12-19 10:00"))
    assert ladder(facts) == [
        "12-23 acknowledge reminder",
        "12-29 acknowledge escalation",
        "12-31 acknowledge coordinator",
        "01-04 decide reminder",
        "01-07 decide escalation",
        "01-13 decide coordinator",
        "01-20 decide agenda",
    ]


def test_the_ladder_passes_over_easter_and_the_change_to_summer_time() -> None:
    facts = replace(PROPOSED, proposed_at=at("2027-03-24 23:30"), urgency=SOON)
    assert ladder(facts) == [
        "03-30 acknowledge reminder",
        "03-31 decide reminder",
        "04-01 acknowledge escalation",
        "04-05 acknowledge coordinator",
        "04-05 decide escalation",
        "04-09 decide coordinator",
        "04-16 decide agenda",
    ]


def test_an_unanswered_question_goes_to_the_leads_and_gives_the_clock_back() -> None:
    facts = replace(PROPOSED, questions=(asked(1, "2026-11-03 10:00"),))
    assert ladder(facts) == [
        "11-06 answer reminder1",
        "11-11 answer escalation1",
        "11-25 decide stop_used_up",
        "12-03 decide reminder",
        "12-08 decide escalation",
        "12-14 decide coordinator",
        "12-21 decide agenda",
    ]


def test_each_question_has_its_own_ladder_until_it_is_answered() -> None:
    facts = replace(
        PROPOSED,
        questions=(asked(1, "2026-11-03 10:00", "2026-11-06 09:00"), asked(2, "2026-11-05 10:00")),
    )
    assert [line for line in ladder(facts) if "answer" in line] == [
        "11-06 answer reminder1",
        "11-10 answer reminder2",
        "11-13 answer escalation2",
    ]


def test_an_expedited_question_has_no_reminder_and_escalates_the_next_working_day() -> None:
    facts = replace(EXPECTED, questions=(asked(1, "2026-11-02 10:30"),))
    assert [line for line in ladder(facts) if "answer" in line] == ["11-03 answer escalation1"]


def test_a_question_asked_after_the_limit_holds_up_the_rungs_that_are_left() -> None:
    facts = replace(RECEIVED, questions=(asked(1, "2026-11-18 10:00", "2026-11-20 10:00"),))
    assert [line for line in ladder(facts) if "decide" in line] == [
        "11-12 decide reminder",
        "11-17 decide escalation",
        "11-25 decide coordinator",
        "12-02 decide agenda",
    ]


def test_a_pause_in_the_middle_moves_what_is_left() -> None:
    facts = replace(RECEIVED, pauses=((on("2026-11-13"), on("2026-12-18")),))
    assert ladder(facts) == [
        "11-12 decide reminder",
        "12-23 decide escalation",
        "12-31 decide coordinator",
        "01-08 decide agenda",
    ]


def test_a_pause_without_end_leaves_what_came_before_it() -> None:
    facts = replace(RECEIVED, pauses=((on("2026-11-19"), None),))
    assert ladder(facts) == ["11-12 decide reminder", "11-17 decide escalation"]
    early = replace(RECEIVED, pauses=((on("2026-11-12"), None),))
    assert ladder(early) == []


@pytest.mark.parametrize(
    ("raised", "nudges"),
    [
        # In time for a reminder on the working day after the change, and a day too late for it.
        ("2026-11-04 10:00", ["11-05 reminder", "11-10 escalation"]),
        ("2026-11-05 10:00", ["11-10 escalation"]),
        # Nothing before one working day from the change, and no lateness before the day after.
        ("2026-11-12 10:00", ["11-16 escalation"]),
        ("2026-11-13 10:00", ["11-17 escalation"]),
    ],
)
def test_raised_urgency_brings_nothing_before_one_working_day_from_it(
    raised: str, nudges: list[str]
) -> None:
    facts = replace(RECEIVED, urgency=SOON, raised_at=at(raised))
    expected = [each.replace(" ", " decide ") for each in nudges]
    assert [line for line in ladder(facts) if "coordinator" not in line][:-1] == expected


def test_urgency_raised_in_the_shadow_of_a_pause_without_end_brings_nothing() -> None:
    facts = replace(
        PROPOSED,
        urgency=SOON,
        raised_at=at("2026-11-11 10:00"),
        pauses=((on("2026-11-12"), None),),
    )
    assert ladder(facts) == []


def test_what_came_up_to_the_day_of_the_answer_stays_and_the_rest_does_not_come() -> None:
    facts = replace(PROPOSED, acknowledged_at=at("2026-11-09 15:00"))
    assert [line for line in ladder(facts) if "acknowledge" in line] == [
        "11-05 acknowledge reminder",
        "11-09 acknowledge escalation",
    ]
    assert ladder(replace(facts, decided_at=at("2026-11-16 16:59")))[2:] == [
        "11-12 decide reminder"
    ]


@pytest.mark.parametrize(
    ("today", "due"),
    [
        ("2026-11-04", []),
        ("2026-11-05", ["11-05 acknowledge reminder"]),
        ("2026-11-06", ["11-05 acknowledge reminder"]),
        ("2026-11-09", ["11-05 acknowledge reminder", "11-09 acknowledge escalation"]),
    ],
)
def test_a_nudge_is_due_from_its_day_on(today: str, due: list[str]) -> None:
    assert said(nudges_due(PROPOSED, on(today), HOLIDAYS)) == due


def test_a_nudge_whose_day_was_missed_waits_for_the_next_working_day() -> None:
    friday = replace(PROPOSED, proposed_at=at("2026-12-21 10:00"))
    assert said(nudges_due(friday, on("2026-12-24"), HOLIDAYS)) == ["12-24 acknowledge reminder"]
    for holiday in ("2026-12-25", "2026-12-26", "2026-12-27", "2026-12-28"):
        assert nudges_due(friday, on(holiday), HOLIDAYS) == ()
    assert said(nudges_due(friday, on("2026-12-29"), HOLIDAYS)) == ["12-24 acknowledge reminder"]


def test_nothing_is_due_within_a_pause_and_what_was_missed_comes_after_it() -> None:
    facts = replace(PROPOSED, pauses=((on("2026-11-06"), on("2026-11-10")),))
    for day in ("2026-11-06", "2026-11-10"):
        assert nudges_due(facts, on(day), HOLIDAYS) == ()
    assert said(nudges_due(facts, on("2026-11-11"), HOLIDAYS)) == ["11-05 acknowledge reminder"]


def test_nothing_is_due_any_more_once_a_clock_has_ended() -> None:
    facts = replace(
        RECEIVED,
        questions=(asked(1, "2026-11-03 10:00", "2026-11-06 10:00"), asked(2, "2026-11-03 11:00")),
    )
    assert said(nudges_due(facts, on("2026-11-06"), HOLIDAYS)) == ["11-06 answer reminder2"]
    instant = at("2026-11-06 10:00")
    for over in (replace(facts, decided_at=instant), replace(facts, closed_at=instant)):
        assert nudges_due(over, on("2026-12-31"), HOLIDAYS) == ()


@pytest.mark.parametrize(
    ("clock", "rung", "told"),
    [
        (Clock.ACKNOWLEDGE, Rung.REMINDER, "receiver_lead receiver_deputy"),
        (Clock.DECIDE, Rung.REMINDER, "receiver_lead receiver_deputy"),
        (Clock.DECIDE, Rung.ESCALATION, "receiver_escalation childrens_escalation"),
        (Clock.DECIDE, Rung.COORDINATOR, "coordinator"),
        (Clock.DECIDE, Rung.AGENDA, "childrens_leads receiver_lead receiver_escalation"),
        (Clock.DECIDE, Rung.STOP_USED_UP, "named_worker receiver_lead receiver_deputy"),
        (Clock.ANSWER, Rung.REMINDER, "named_worker"),
        (Clock.ANSWER, Rung.ESCALATION, "childrens_leads"),
    ],
)
def test_each_rung_tells_exactly_these(clock: Clock, rung: Rung, told: str) -> None:
    assert addressees(Nudge(clock, rung, on("2026-11-05"))) == tuple(told.split())


def test_every_rung_of_every_ladder_tells_somebody() -> None:
    rungs = {(clock, rung) for clock, after in AFTER.items() for rung in after}
    reminders = {(clock, Rung.REMINDER) for clock in Clock}
    assert set(ADDRESSEES) == rungs | reminders | {(Clock.DECIDE, Rung.STOP_USED_UP)}


MOMENTS = st.datetimes(
    datetime(2026, 9, 1),  # noqa: DTZ001
    datetime(2027, 5, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
LATER = st.timedeltas(timedelta(minutes=1), timedelta(days=50))


@st.composite
def some_facts(draw: st.DrawFn) -> HandoverFacts:
    """Facts of a handover that may have been received, but that nobody has decided."""
    proposed_at = draw(MOMENTS)

    def some_time_after(instant: datetime) -> datetime:
        return instant + draw(LATER)

    asked_at = [some_time_after(proposed_at) for _ in range(draw(st.integers(0, 3)))]
    first = proposed_at.date() + timedelta(draw(st.integers(1, 40)))
    pause = (first, first + timedelta(draw(st.integers(0, 40))))
    return HandoverFacts(
        proposed_at=proposed_at,
        urgency=draw(st.sampled_from(Urgency)),
        raised_at=some_time_after(proposed_at) if draw(st.booleans()) else None,
        acknowledged_at=some_time_after(proposed_at) if draw(st.booleans()) else None,
        questions=tuple(
            Asked(
                number=number,
                asked_at=instant,
                answered_at=some_time_after(instant) if draw(st.booleans()) else None,
            )
            for number, instant in enumerate(asked_at, 1)
        ),
        pauses=(pause,) if draw(st.booleans()) else (),
    )


@settings(deadline=None)
@given(some_facts())
def test_nudges_come_in_order_once_each_on_working_days_out_of_pauses(facts: HandoverFacts) -> None:
    nudges = nudges_of(facts, HOLIDAYS)
    assert [nudge.due_on for nudge in nudges] == sorted(nudge.due_on for nudge in nudges)
    assert len({(nudge.clock, nudge.rung, nudge.about) for nudge in nudges}) == len(nudges)
    for nudge in nudges:
        assert is_working_day(nudge.due_on, HOLIDAYS)
        assert not facts.paused_on(nudge.due_on)
        if facts.raised_at and nudge.rung is not Rung.STOP_USED_UP:
            assert nudge.due_on > facts.raised_at.astimezone(LONDON).date()


@settings(deadline=None)
@given(some_facts())
def test_nobody_is_late_on_the_day_of_the_limit(facts: HandoverFacts) -> None:
    for nudge in nudges_of(facts, HOLIDAYS):
        limit = limit_of(nudge.clock, facts, HOLIDAYS, about=nudge.about)
        assert limit
        if nudge.rung is Rung.STOP_USED_UP:
            assert nudge.due_on == stop_used_up_on(facts, HOLIDAYS)
        elif nudge.rung is Rung.REMINDER and nudge.clock is not Clock.ACKNOWLEDGE:
            assert nudge.due_on < limit.on
        else:
            assert nudge.due_on > limit.on


@settings(deadline=None)
@given(some_facts())
def test_whoever_is_silent_somebody_more_senior_hears_of_it(facts: HandoverFacts) -> None:
    nudges = [nudge for nudge in nudges_of(facts, HOLIDAYS) if nudge.clock is Clock.DECIDE]
    rungs = [nudge.rung for nudge in nudges if nudge.rung is not Rung.STOP_USED_UP]
    assert rungs[-3:] == [Rung.ESCALATION, Rung.COORDINATOR, Rung.AGENDA]
    # Ten to decide, ten more to the agenda, fifteen of questions, a change and a pause: not longer.
    assert nudges[-1].due_on <= facts.proposed_at.date() + timedelta(days=50 + 41 + 70 + 10)


@settings(deadline=None)
@given(some_facts(), LATER)
def test_no_clock_nudges_after_it_has_ended(facts: HandoverFacts, later: timedelta) -> None:
    ends = facts.proposed_at + later
    for over in (
        replace(facts, acknowledged_at=ends),
        replace(facts, decided_at=ends),
        replace(facts, closed_at=ends),
    ):
        for nudge in nudges_of(over, HOLIDAYS):
            ended_at = over.ended_at(nudge.clock, nudge.about)
            if ended_at:
                ended_on = ended_at.astimezone(LONDON).date()
                assert nudge.due_on <= ended_on
                for days in (0, 1, 3, 60):
                    due = nudges_due(over, ended_on + timedelta(days), HOLIDAYS)
                    assert nudge not in due


@settings(deadline=None)
@given(some_facts(), st.integers(0, 90))
def test_a_day_off_loses_no_nudge_and_brings_none_early(facts: HandoverFacts, days: int) -> None:
    today = facts.proposed_at.date() + timedelta(days)
    due = nudges_due(facts, today, HOLIDAYS)
    works = is_working_day(today, HOLIDAYS) and not facts.paused_on(today)
    running = [
        nudge
        for nudge in nudges_of(facts, HOLIDAYS)
        if facts.ended_at(nudge.clock, nudge.about) is None
    ]
    assert list(due) == [nudge for nudge in running if works and nudge.due_on <= today]


@settings(deadline=None)
@given(some_facts())
def test_what_has_come_stays_as_it_was_when_a_question_is_asked_later(facts: HandoverFacts) -> None:
    nudges = [nudge for nudge in nudges_of(facts, HOLIDAYS) if nudge.clock is Clock.DECIDE]
    for past in range(len(nudges)):
        evening = datetime.combine(nudges[past].due_on, time(23, 59), LONDON)
        more = Asked(number=9, asked_at=evening)
        asking = replace(facts, questions=(*facts.questions, more))
        decide = [nudge for nudge in nudges_of(asking, HOLIDAYS) if nudge.clock is Clock.DECIDE]
        assert decide[: past + 1] == nudges[: past + 1]

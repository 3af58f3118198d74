"""Rulings 50 to 53 by worked dates: each counted by hand on a calendar, and written out.

The bank holidays of England in these months are Friday 25 and Monday 28 December 2026 (for Boxing
Day, a Saturday), Friday 1 January, Friday 26 and Monday 29 March and Monday 3 May 2027. The clocks
change on Sunday 25 October 2026, on Easter Sunday, 28 March, and on Sunday 31 October 2027.
"""

from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import pytest

from tests.unit.rules.test_handover_clocks import (
    ACKNOWLEDGE,
    ANSWER,
    DECIDE,
    EXPEDITED,
    HOLIDAYS,
    ROUTINE,
    SOON,
    at,
    on,
)
from transition.catalogue import read_catalogue
from transition.home import CONFIG
from transition.rules.calendar import LONDON
from transition.rules.errors import RuleBroken
from transition.rules.handover_clocks import (
    Asked,
    Clock,
    HandoverFacts,
    Limit,
    limit_of,
    stop_used_up_on,
)
from transition.rules.handovers import Urgency
from transition.rules.nudges import Addressee, Nudge, Rung, addressees, nudges_of
from transition.rules.pathway import Stage
from transition.rules.people import Actor, Role
from transition.rules.settling import refuse_completing_alone, six_months_passed
from transition.rules.stages import CaseState
from transition.rules.transfers import Ahead, Prompt, Signed, prompt_due, refuse_signature
from transition.rules.transfers import Rung as OnTheWay


def proposed(
    when: str, urgency: Urgency = ROUTINE, *asked: tuple[str, str | None], raised: str | None = None
) -> HandoverFacts:
    """Return a proposal with the questions that were asked, and answered."""
    questions = tuple(
        Asked(number=number, asked_at=at(one), answered_at=at(other) if other else None)
        for number, (one, other) in enumerate(asked, start=1)
    )
    raised_at = at(raised) if raised else None
    return HandoverFacts(
        proposed_at=at(when), urgency=urgency, questions=questions, raised_at=raised_at
    )


def limit(clock: Clock, facts: HandoverFacts) -> Limit | None:
    return limit_of(clock, facts, HOLIDAYS)


def told(facts: HandoverFacts, clock: Clock) -> dict[str, date]:
    """Return the day of each rung of one clock."""
    return {one.rung.value: one.due_on for one in nudges_of(facts, HOLIDAYS) if one.clock is clock}


def test_the_calendar_on_the_wall_is_the_one_that_the_product_reads() -> None:
    known = read_catalogue(CONFIG, "hampshire_iow").holidays
    assert {day for day in known if on("2026-10-01") <= day < on("2027-05-31")} == HOLIDAYS


# Ruling 50: day nought, working hours, and what a question stops


@pytest.mark.parametrize(
    ("when", "received", "decided"),
    [
        # Friday: Monday is day one; Christmas and Boxing Day lie between.
        ("2026-12-11 16:00", "2026-12-15", "2026-12-29"),
        ("2026-12-24 23:59", "2026-12-30", "2027-01-12"),
        ("2026-12-31 08:00", "2027-01-05", "2027-01-15"),
        # Wednesday before Easter; and the night in which summer time begins.
        ("2027-03-24 09:00", "2027-03-30", "2027-04-09"),
        ("2027-03-27 23:30", "2027-03-31", "2027-04-12"),
        # The night in which it ends, before and after the hour that comes twice.
        ("2026-10-24 12:00", "2026-10-27", "2026-11-06"),
        ("2026-10-25 23:30", "2026-10-27", "2026-11-06"),
        # Half past midnight in London is the evening before in UTC.
        ("2027-04-01 00:30", "2027-04-05", "2027-04-15"),
        ("2027-03-31 23:30", "2027-04-02", "2027-04-14"),
    ],
)
def test_ruling_50_the_next_working_day_is_day_one_whatever_the_hour(
    when: str, received: str, decided: str
) -> None:
    assert limit(ACKNOWLEDGE, proposed(when)) == Limit(on(received))
    assert limit(DECIDE, proposed(when)) == Limit(on(decided))


@pytest.mark.parametrize(
    ("when", "until"),
    [
        ("2026-12-23 06:00", "2026-12-23 13:00"),
        ("2026-12-23 13:00", "2026-12-23 17:00"),
        ("2026-12-24 14:00", "2026-12-29 10:00"),
        ("2026-12-27 11:00", "2026-12-29 13:00"),
        ("2026-12-31 17:00", "2027-01-04 13:00"),
        ("2027-03-25 15:00", "2027-03-30 11:00"),
        ("2026-10-23 16:30", "2026-10-26 12:30"),
        ("2027-10-29 16:00", "2027-11-01 12:00"),
    ],
)
def test_ruling_50_working_hours_are_nine_to_five(when: str, until: str) -> None:
    expected = Limit(at(until).astimezone(LONDON).date(), at(until))
    assert limit(ACKNOWLEDGE, proposed(when, EXPEDITED)) == expected


@pytest.mark.parametrize(
    ("questions", "decided"),
    [
        ((), "2026-12-14"),
        # The 3rd and the 4th stand.
        ((("2026-12-02 10:00", "2026-12-04 10:00"),), "2026-12-16"),
        ((("2026-12-03 09:00", "2026-12-03 16:00"),), "2026-12-14"),
        # Overlapping: the 3rd, the 4th and the 7th, each once.
        (
            (("2026-12-02 10:00", "2026-12-04 10:00"), ("2026-12-03 10:00", "2026-12-07 10:00")),
            "2026-12-17",
        ),
        # Nine had run; the 14th to the 18th, the 21st to the 24th and the 29th stand.
        ((("2026-12-11 10:00", "2026-12-29 10:00"),), "2026-12-30"),
        # Fifteen in all, from the 2nd to the 22nd; one had run, and the 23rd is the second.
        ((("2026-12-01 10:00", None),), "2027-01-07"),
        ((("2026-12-01 10:00", "2026-12-22 10:00"),), "2027-01-07"),
        (
            (("2026-12-01 10:00", "2026-12-15 10:00"), ("2026-12-16 10:00", None)),
            "2027-01-07",
        ),
    ],
)
def test_ruling_50_a_question_stops_the_days_after_it_up_to_its_answer_fifteen_in_all(
    questions: tuple[tuple[str, str | None], ...], decided: str
) -> None:
    facts = proposed("2026-11-30 10:00", ROUTINE, *questions)
    assert limit(DECIDE, facts) == Limit(on(decided))


@pytest.mark.parametrize(
    ("questions", "day"),
    [
        ((("2026-12-01 10:00", None),), "2026-12-23"),
        ((("2026-12-01 10:00", "2026-12-22 10:00"),), None),
        ((("2026-12-01 10:00", "2026-12-15 10:00"), ("2026-12-16 10:00", None)), "2026-12-24"),
    ],
)
def test_ruling_50_then_the_clock_runs_on_and_both_sides_are_told(
    questions: tuple[tuple[str, str | None], ...], day: str | None
) -> None:
    facts = proposed("2026-11-30 10:00", ROUTINE, *questions)
    expected = on(day) if day else None
    assert stop_used_up_on(facts, HOLIDAYS) == expected
    assert told(facts, DECIDE).get("stop_used_up") == expected


# Ruling 51: the ladder


@pytest.mark.parametrize(
    ("facts", "last", "rungs"),
    [
        (
            proposed("2026-12-11 10:00"),
            "2026-12-29",
            ("2026-12-23", "2026-12-30", "2027-01-06", "2027-01-13"),
        ),
        (
            proposed("2027-03-25 10:00", SOON),
            "2027-04-05",
            ("2027-04-01", "2027-04-06", "2027-04-12", "2027-04-19"),
        ),
        # Two working days before it is before day one: no reminder.
        (
            proposed("2026-12-21 10:00", EXPEDITED),
            "2026-12-22",
            (None, "2026-12-23", "2026-12-31", "2027-01-08"),
        ),
        # On the stopped clock.
        (
            proposed("2026-11-30 10:00", ROUTINE, ("2026-12-02 10:00", "2026-12-04 10:00")),
            "2026-12-16",
            ("2026-12-14", "2026-12-17", "2026-12-23", "2027-01-04"),
        ),
    ],
)
def test_ruling_51_the_ladder_of_a_decision_moves_with_its_limit(
    facts: HandoverFacts, last: str, rungs: tuple[str | None, ...]
) -> None:
    names = ("reminder", "escalation", "coordinator", "agenda")
    expected = {name: on(day) for name, day in zip(names, rungs, strict=True) if day}
    assert limit(DECIDE, facts) == Limit(on(last))
    assert told(facts, DECIDE) == expected


@pytest.mark.parametrize(
    ("when", "last", "rungs"),
    [
        ("2026-12-11 10:00", "2026-12-15", ("2026-12-16", "2026-12-18", "2026-12-22")),
        ("2026-12-24 10:00", "2026-12-30", ("2026-12-31", "2027-01-05", "2027-01-07")),
        ("2027-03-23 10:00", "2027-03-25", ("2027-03-30", "2027-04-01", "2027-04-05")),
    ],
)
def test_ruling_51_the_day_of_a_limit_belongs_to_whoever_must_act(
    when: str, last: str, rungs: tuple[str, ...]
) -> None:
    names = ("reminder", "escalation", "coordinator")
    assert limit(ACKNOWLEDGE, proposed(when)) == Limit(on(last))
    assert told(proposed(when), ACKNOWLEDGE) == dict(zip(names, map(on, rungs), strict=True))


@pytest.mark.parametrize(
    ("when", "last", "reminder", "escalation"),
    [
        ("2026-12-23 10:00", "2027-01-04", "2026-12-30", "2027-01-05"),
        ("2027-03-24 10:00", "2027-04-02", "2027-03-31", "2027-04-05"),
        ("2026-12-04 10:00", "2026-12-11", "2026-12-09", "2026-12-14"),
    ],
)
def test_ruling_51_an_answer_is_asked_of_the_nurse_and_then_of_the_childrens_leads(
    when: str, last: str, reminder: str, escalation: str
) -> None:
    facts = proposed("2026-11-30 10:00", ROUTINE, (when, None))
    assert limit_of(ANSWER, facts, HOLIDAYS, about=1) == Limit(on(last))
    nudges = [one for one in nudges_of(facts, HOLIDAYS) if one.clock is ANSWER]
    assert [one.due_on for one in nudges] == [on(reminder), on(escalation)]
    whom = [addressees(one) for one in nudges]
    assert whom == [(Addressee.NAMED_WORKER,), (Addressee.CHILDRENS_LEADS,)]


@pytest.mark.parametrize("clock", [ACKNOWLEDGE, DECIDE])
def test_ruling_51_a_reply_is_asked_of_lead_and_deputy_then_above_them_then_by_reference(
    clock: Clock,
) -> None:
    whom = {
        rung: addressees(Nudge(clock, rung, on("2026-12-01")))
        for rung in (Rung.REMINDER, Rung.ESCALATION, Rung.COORDINATOR)
    }
    assert whom == {
        Rung.REMINDER: (Addressee.RECEIVER_LEAD, Addressee.RECEIVER_DEPUTY),
        Rung.ESCALATION: (Addressee.RECEIVER_ESCALATION, Addressee.CHILDRENS_ESCALATION),
        Rung.COORDINATOR: (Addressee.COORDINATOR,),
    }


# Ruling 52: what says that it has arrived, raised urgency, and the way to the date


@pytest.mark.parametrize("day", ["2026-12-01 10:00", "2026-12-02 16:00"])
def test_ruling_52_asking_records_that_it_has_arrived(day: str) -> None:
    asking = proposed("2026-11-30 10:00", ROUTINE, (day, None))
    assert told(asking, ACKNOWLEDGE) == {}
    assert asking.ended_at(ACKNOWLEDGE) == at(day)


@pytest.mark.parametrize(
    ("when", "raised", "urgency", "decided"),
    [
        # Five working days from the proposal leave time enough ...
        ("2026-12-01 10:00", "2026-12-03 10:00", SOON, "2026-12-08"),
        ("2026-12-01 10:00", "2026-12-07 10:00", SOON, "2026-12-08"),
        # ... and where they do not, it is the next working day after the change.
        ("2026-12-01 10:00", "2026-12-08 09:00", SOON, "2026-12-09"),
        ("2026-12-01 10:00", "2026-12-24 10:00", SOON, "2026-12-29"),
        ("2027-03-22 10:00", "2027-03-25 16:00", EXPEDITED, "2027-03-30"),
        ("2027-03-22 10:00", "2027-03-28 12:00", EXPEDITED, "2027-03-30"),
    ],
)
def test_ruling_52_raised_urgency_counts_from_the_proposal_and_leaves_one_working_day(
    when: str, raised: str, urgency: Urgency, decided: str
) -> None:
    due = limit(DECIDE, proposed(when, urgency, raised=raised))
    assert due is not None
    assert due.on == on(decided)


@pytest.mark.parametrize(
    ("transfer_on", "ready", "finish", "passed"),
    [
        # 14 days before is Christmas Day.
        (
            "2027-01-08",
            "2026-12-11",
            "2026-12-29",
            ("2027-01-11", "2027-01-18", "2027-01-25"),
        ),
        # A week after the first working day is the holiday for Boxing Day.
        (
            "2026-12-18",
            "2026-11-20",
            "2026-12-04",
            ("2026-12-21", "2026-12-29", "2027-01-04", "2027-01-11"),
        ),
        # 28 days before is Easter Monday; the date itself is a Monday in summer time.
        ("2027-04-26", "2027-03-30", "2027-04-12", ("2027-04-27", "2027-05-04", "2027-05-11")),
        # 14 days before is Good Friday, and the date lies across the change of the clocks.
        ("2027-04-09", "2027-03-12", "2027-03-30", ("2027-04-12", "2027-04-19", "2027-04-26")),
        # It passes on the Friday before Easter week; on the Monday after a week nobody works.
        ("2027-03-19", "2027-02-19", "2027-03-05", ("2027-03-22", "2027-03-30", "2027-04-05")),
    ],
)
def test_ruling_52_both_are_asked_28_and_14_days_before_and_each_week_after_it_passed(
    transfer_on: str, ready: str, finish: str, passed: tuple[str, ...]
) -> None:
    ahead = Ahead(on(transfer_on), met=True, gates_open=True)
    last = on(passed[-1])
    days = [last - timedelta(count) for count in range((last - on(ready)).days + 2)][::-1]
    asked = [prompt_due(ahead, day, HOLIDAYS) for day in days]
    came = [now for before, now in pairwise(asked) if now != before]
    assert asked[0] is None
    assert came == [
        Prompt(OnTheWay.READY, on(ready)),
        Prompt(OnTheWay.FINISH, on(finish)),
        *(Prompt(OnTheWay.PASSED, on(day), number) for number, day in enumerate(passed)),
    ]


# Ruling 53: the two signatures, the one-sided close, the six months

MOVING: Final = CaseState(Stage.MOVING)
NURSE: Final = Actor(b"1", "Ruth", "naomi", frozenset({Role.TRANSITION_NURSE}))
LEAD: Final = Actor(b"2", "Helen", "rowans", frozenset({Role.ADULT_LEAD}))


@pytest.mark.parametrize(
    ("signed_on", "transfer_on", "allowed"),
    [
        ("2026-12-17", "2026-12-31", True),
        ("2026-12-17", "2027-01-01", False),
        ("2026-12-31", "2026-12-31", True),
        ("2027-01-01", "2026-12-31", False),
        ("2027-03-20", "2027-04-03", True),
        ("2027-03-19", "2027-04-03", False),
    ],
)
def test_ruling_53_the_date_lies_at_most_14_days_after_the_later_signature_and_never_before(
    signed_on: str, transfer_on: str, *, allowed: bool
) -> None:
    first = Signed(NURSE, on(transfer_on))
    if allowed:
        refuse_signature(MOVING, [first], Signed(LEAD, on(transfer_on)), on(signed_on))
        return
    with pytest.raises(RuleBroken, match=r"has passed|last 14 days"):
        refuse_signature(MOVING, [first], Signed(LEAD, on(transfer_on)), on(signed_on))


@pytest.mark.parametrize(
    ("signed_on", "last"),
    [
        # Over Christmas: five and five and four working days, three and three more.
        ("2026-12-04", "2027-01-06"),
        # Over Easter: five and five and four, four, and two more.
        ("2027-03-05", "2027-04-06"),
        # Over the end of summer time, where no holiday lies.
        ("2027-10-15", "2027-11-12"),
    ],
)
def test_ruling_53_the_other_side_has_20_working_days_from_the_childrens_signature(
    signed_on: str, last: str
) -> None:
    with pytest.raises(RuleBroken, match="20 working days"):
        refuse_completing_alone(on(signed_on), (), on(last), HOLIDAYS)
    refuse_completing_alone(on(signed_on), (), on(last) + timedelta(days=1), HOLIDAYS)


@pytest.mark.parametrize(
    ("transferred_on", "last"),
    [
        ("2026-08-31", "2027-02-28"),
        ("2026-09-28", "2027-03-28"),
        ("2026-10-25", "2027-04-25"),
        ("2026-06-25", "2026-12-25"),
        ("2027-08-30", "2028-02-29"),
    ],
)
def test_ruling_53_the_six_months_are_counted_from_the_date_and_their_last_day_is_theirs(
    transferred_on: str, last: str
) -> None:
    assert not six_months_passed(on(transferred_on), on(last))
    assert six_months_passed(on(transferred_on), on(last) + timedelta(days=1))

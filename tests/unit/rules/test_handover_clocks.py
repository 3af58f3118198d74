"""When each clock of a handover runs out, and whose turn it is meanwhile."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition.rules.calendar import LONDON, is_working_day, working_days_between
from transition.rules.handover_clocks import (
    Asked,
    Clock,
    HandoverFacts,
    Limit,
    Turn,
    answer_by,
    earliest_of,
    limit_of,
    running_days,
    stop_used_up_on,
    turn_of,
)
from transition.rules.handovers import REPLY_DAYS, Urgency
from transition.rules.people import Side

HOLIDAYS = frozenset(
    map(
        date.fromisoformat,
        ["2026-12-25", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03"],
    )
)
ROUTINE, SOON, EXPEDITED = Urgency
ACKNOWLEDGE, DECIDE, ANSWER = Clock


def on(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """Return an instant by the clock on the wall in London."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def proposed(when: str = "2026-11-02 10:00", urgency: Urgency = ROUTINE) -> HandoverFacts:
    return HandoverFacts(proposed_at=at(when), urgency=urgency)


def asked(number: int, when: str, answered: str | None = None) -> Asked:
    return Asked(number=number, asked_at=at(when), answered_at=at(answered) if answered else None)


def asking(*questions: Asked, urgency: Urgency = ROUTINE) -> HandoverFacts:
    """A handover proposed on Monday 2 November 2026, with questions."""
    return HandoverFacts(proposed_at=at("2026-11-02 10:00"), urgency=urgency, questions=questions)


def paused(*pauses: tuple[str, str | None], urgency: Urgency = ROUTINE) -> HandoverFacts:
    """A handover proposed on Monday 2 November 2026, whose case was paused."""
    days = tuple((on(first), on(last) if last else None) for first, last in pauses)
    return HandoverFacts(proposed_at=at("2026-11-02 10:00"), urgency=urgency, pauses=days)


def raised(when: str, urgency: Urgency = SOON) -> HandoverFacts:
    """A handover proposed on Monday 2 November 2026, whose urgency was raised since."""
    return HandoverFacts(proposed_at=at("2026-11-02 10:00"), urgency=urgency, raised_at=at(when))


def limit(clock: Clock, facts: HandoverFacts, about: int | None = None) -> Limit | None:
    return limit_of(clock, facts, HOLIDAYS, about=about)


@pytest.mark.parametrize(
    ("when", "urgency", "acknowledge", "decide"),
    [
        ("2026-11-02 10:00", ROUTINE, "2026-11-04", "2026-11-16"),
        ("2026-11-02 10:00", SOON, "2026-11-03", "2026-11-09"),
        # Whatever the hour: a minute to midnight and a minute past it are two days.
        ("2026-11-02 23:59", SOON, "2026-11-03", "2026-11-09"),
        ("2026-11-03 00:01", SOON, "2026-11-04", "2026-11-10"),
        # A Friday, a Saturday and a Sunday have the same Monday for day one.
        ("2026-11-06 16:59", ROUTINE, "2026-11-10", "2026-11-20"),
        ("2026-11-07 10:00", ROUTINE, "2026-11-10", "2026-11-20"),
        ("2026-11-08 10:00", ROUTINE, "2026-11-10", "2026-11-20"),
        # Christmas and New Year of 2026; Easter of 2027.
        ("2026-12-18 10:00", ROUTINE, "2026-12-22", "2027-01-06"),
        ("2026-12-24 10:00", ROUTINE, "2026-12-30", "2027-01-12"),
        ("2026-12-25 10:00", SOON, "2026-12-29", "2027-01-05"),
        ("2027-03-25 10:00", ROUTINE, "2027-03-31", "2027-04-12"),
        ("2027-03-25 10:00", SOON, "2027-03-30", "2027-04-05"),
        # Both changes of the clocks, in the hour that comes twice and the one that never comes.
        ("2026-10-25 01:30", ROUTINE, "2026-10-27", "2026-11-06"),
        ("2027-03-28 01:30", ROUTINE, "2027-03-31", "2027-04-12"),
    ],
)
def test_a_limit_is_counted_in_working_days_from_the_day_after_the_proposal(
    when: str, urgency: Urgency, acknowledge: str, decide: str
) -> None:
    facts = proposed(when, urgency)
    assert limit(ACKNOWLEDGE, facts) == Limit(on(acknowledge))
    assert limit(DECIDE, facts) == Limit(on(decide))


def test_in_summer_the_day_of_a_proposal_is_londons() -> None:
    facts = HandoverFacts(proposed_at=datetime(2026, 7, 6, 23, 30, tzinfo=UTC), urgency=SOON)
    assert limit(ACKNOWLEDGE, facts) == Limit(on("2026-07-08"))


@pytest.mark.parametrize(
    ("when", "until"),
    [
        ("2026-11-23 08:10", "2026-11-23 13:00"),
        ("2026-11-23 09:00", "2026-11-23 13:00"),
        ("2026-11-23 10:20", "2026-11-23 14:20"),
        ("2026-11-23 13:00", "2026-11-23 17:00"),
        ("2026-11-23 13:01", "2026-11-24 09:01"),
        ("2026-11-23 17:00", "2026-11-24 13:00"),
        ("2026-11-23 22:00", "2026-11-24 13:00"),
        ("2026-11-27 16:00", "2026-11-30 12:00"),
        ("2026-11-28 12:00", "2026-11-30 13:00"),
        ("2026-12-24 15:30", "2026-12-29 11:30"),
        # Over Easter and the change to summer time at once, and back in autumn.
        ("2027-03-25 16:00", "2027-03-30 12:00"),
        ("2026-10-23 15:00", "2026-10-26 11:00"),
    ],
)
def test_expedited_allows_four_working_hours_to_acknowledge_and_to_answer(
    when: str, until: str
) -> None:
    expected = Limit(at(until).date(), at(until))
    assert limit(ACKNOWLEDGE, proposed(when, EXPEDITED)) == expected
    facts = HandoverFacts(
        proposed_at=at("2026-10-01 10:00"), urgency=EXPEDITED, questions=(asked(1, when),)
    )
    assert limit(ANSWER, facts, 1) == expected


def test_working_hours_do_not_run_in_a_pause() -> None:
    facts = paused(("2026-11-02", "2026-11-04"), urgency=EXPEDITED)
    assert limit(ACKNOWLEDGE, facts) == Limit(on("2026-11-05"), at("2026-11-05 13:00"))
    assert limit(ACKNOWLEDGE, paused(("2026-11-01", None), urgency=EXPEDITED)) is None


def test_13_b_an_expedited_proposal_of_this_morning_is_decided_tomorrow() -> None:
    assert limit(DECIDE, proposed("2026-11-23 08:10", EXPEDITED)) == Limit(on("2026-11-24"))


def test_05_b_an_answer_asked_for_four_working_days_ago_is_due_tomorrow() -> None:
    facts = HandoverFacts(
        proposed_at=at("2026-11-09 10:00"),
        urgency=ROUTINE,
        questions=(asked(1, "2026-11-17 15:00"),),
    )
    today = on("2026-11-23")
    assert working_days_between(on("2026-11-17"), today, HOLIDAYS) == 4
    assert limit(ANSWER, facts, 1) == Limit(today + timedelta(days=1))
    assert turn_of(facts) == Turn(Side.CHILDRENS, on("2026-11-17"))
    assert next(running_days(DECIDE, facts, on("2026-11-17"), HOLIDAYS)) > today


@pytest.mark.parametrize("urgency", [ROUTINE, SOON])
def test_an_answer_has_five_working_days(urgency: Urgency) -> None:
    facts = asking(asked(1, "2026-11-03 10:00"), asked(2, "2026-11-06 10:00"), urgency=urgency)
    assert limit(ANSWER, facts, 1) == Limit(on("2026-11-10"))
    assert limit(ANSWER, facts, 2) == Limit(on("2026-11-13"))


@pytest.mark.parametrize("about", [None, 2])
def test_an_answer_to_no_question_has_no_limit(about: int | None) -> None:
    with pytest.raises(KeyError):
        limit(ANSWER, asking(asked(1, "2026-11-03 10:00")), about)


@pytest.mark.parametrize(
    ("questions", "decide"),
    [
        ([], "2026-11-16"),
        # The day of asking runs and the day of answering stands: Wednesday and Thursday do.
        ([asked(1, "2026-11-03 10:00", "2026-11-05 10:00")], "2026-11-18"),
        ([asked(1, "2026-11-03 09:00", "2026-11-03 16:00")], "2026-11-16"),
        ([asked(1, "2026-11-03 23:59", "2026-11-04 00:01")], "2026-11-17"),
        # Asked on a Friday and answered on a Sunday, it stops no day that would have counted.
        ([asked(1, "2026-11-06 10:00", "2026-11-08 10:00")], "2026-11-16"),
        # Asked before anything else on the day of the proposal.
        ([asked(1, "2026-11-02 10:01", "2026-11-03 10:00")], "2026-11-17"),
        # Apart, they stop what each stops; overlapping, a day once.
        (
            [
                asked(1, "2026-11-03 10:00", "2026-11-05 10:00"),
                asked(2, "2026-11-09 10:00", "2026-11-10 10:00"),
            ],
            "2026-11-19",
        ),
        (
            [
                asked(1, "2026-11-03 10:00", "2026-11-05 10:00"),
                asked(2, "2026-11-04 10:00", "2026-11-06 10:00"),
            ],
            "2026-11-19",
        ),
        (
            [
                asked(1, "2026-11-03 10:00", "2026-11-10 10:00"),
                asked(2, "2026-11-04 10:00", "2026-11-06 10:00"),
            ],
            "2026-11-23",
        ),
        # Fifteen in all: asked on Tuesday 3, the days from 4 to 24 November.
        ([asked(1, "2026-11-03 10:00", "2026-11-24 10:00")], "2026-12-07"),
        ([asked(1, "2026-11-03 10:00", "2026-11-25 10:00")], "2026-12-07"),
        ([asked(1, "2026-11-03 10:00")], "2026-12-07"),
        (
            [
                asked(1, "2026-11-03 10:00", "2026-11-20 10:00"),
                asked(2, "2026-11-23 10:00", "2026-12-02 10:00"),
            ],
            "2026-12-07",
        ),
    ],
)
def test_questions_stop_the_decision_and_nothing_else(questions: list[Asked], decide: str) -> None:
    facts = asking(*questions)
    assert limit(DECIDE, facts) == Limit(on(decide))
    assert limit(ACKNOWLEDGE, facts) == Limit(on("2026-11-04"))


@pytest.mark.parametrize(
    ("questions", "day"),
    [
        ([], None),
        ([asked(1, "2026-11-03 10:00")], "2026-11-25"),
        ([asked(1, "2026-11-03 10:00", "2026-11-24 10:00")], None),
        ([asked(1, "2026-11-03 10:00", "2026-11-25 10:00")], "2026-11-25"),
        (
            [
                asked(1, "2026-11-03 10:00", "2026-11-24 10:00"),
                asked(2, "2026-12-03 10:00"),
            ],
            "2026-12-04",
        ),
    ],
)
def test_the_stop_is_used_up_on_the_first_day_that_a_question_no_longer_stops(
    questions: list[Asked], day: str | None
) -> None:
    facts = asking(*questions)
    assert stop_used_up_on(facts, HOLIDAYS) == (on(day) if day else None)


@pytest.mark.parametrize(
    ("pauses", "acknowledge", "decide"),
    [
        # Both days of a pause stand.
        ([("2026-11-03", "2026-11-04")], "2026-11-06", "2026-11-18"),
        ([("2026-11-05", "2026-11-05")], "2026-11-04", "2026-11-17"),
        ([("2026-11-07", "2026-11-08")], "2026-11-04", "2026-11-16"),
        ([("2026-11-02", "2026-11-02")], "2026-11-04", "2026-11-16"),
        ([("2026-11-05", "2026-11-06"), ("2026-11-09", "2026-12-04")], "2026-11-04", "2026-12-16"),
        ([("2026-11-05", None)], "2026-11-04", None),
        ([("2026-11-03", "2026-11-03"), ("2026-11-05", None)], None, None),
    ],
)
def test_a_pause_stops_every_clock(
    pauses: list[tuple[str, str | None]], acknowledge: str, decide: str | None
) -> None:
    facts = paused(*pauses)
    assert limit(ACKNOWLEDGE, facts) == (Limit(on(acknowledge)) if acknowledge else None)
    assert limit(DECIDE, facts) == (Limit(on(decide)) if decide else None)


def test_a_pause_moves_an_answer_and_takes_nothing_from_what_questions_may_stop() -> None:
    facts = HandoverFacts(
        proposed_at=at("2026-11-02 10:00"),
        urgency=ROUTINE,
        questions=(asked(1, "2026-11-03 10:00"),),
        pauses=((on("2026-11-05"), on("2026-11-06")),),
    )
    assert limit(ANSWER, facts, 1) == Limit(on("2026-11-12"))
    assert stop_used_up_on(facts, HOLIDAYS) == on("2026-11-27")
    assert limit(DECIDE, facts) == Limit(on("2026-12-09"))


@pytest.mark.parametrize(
    ("facts", "acknowledge", "decide"),
    [
        # Reckoned from the proposal where that leaves a working day ...
        (raised("2026-11-04 10:00"), "2026-11-05", "2026-11-09"),
        (raised("2026-11-06 10:00"), "2026-11-09", "2026-11-09"),
        # ... and otherwise the working day after the change.
        (raised("2026-11-09 10:00"), "2026-11-10", "2026-11-10"),
        (raised("2026-11-13 23:59"), "2026-11-16", "2026-11-16"),
        (raised("2026-11-14 12:00"), "2026-11-16", "2026-11-16"),
        (raised("2026-11-12 10:00", EXPEDITED), "2026-11-13", "2026-11-13"),
        (raised("2026-11-02 11:00", EXPEDITED), "2026-11-03", "2026-11-03"),
    ],
)
def test_raised_urgency_is_reckoned_from_the_proposal_but_leaves_one_working_day(
    facts: HandoverFacts, acknowledge: str, decide: str
) -> None:
    in_hours = at(f"{acknowledge} 17:00") if facts.urgency is EXPEDITED else None
    assert limit(ACKNOWLEDGE, facts) == Limit(on(acknowledge), in_hours)
    assert limit(DECIDE, facts) == Limit(on(decide))


def test_a_question_asked_after_the_urgency_was_raised_has_its_hours() -> None:
    facts = HandoverFacts(
        proposed_at=at("2026-11-02 10:00"),
        urgency=EXPEDITED,
        raised_at=at("2026-11-04 10:00"),
        questions=(asked(1, "2026-11-05 10:00"), asked(2, "2026-11-04 09:00")),
    )
    assert limit(ANSWER, facts, 1) == Limit(on("2026-11-05"), at("2026-11-05 14:00"))
    assert limit(ANSWER, facts, 2) == Limit(on("2026-11-05"), at("2026-11-05 17:00"))


def test_the_working_day_after_a_change_is_one_on_which_the_clock_runs() -> None:
    facts = HandoverFacts(
        proposed_at=at("2026-11-02 10:00"),
        urgency=SOON,
        raised_at=at("2026-11-11 10:00"),
        questions=(asked(1, "2026-11-10 10:00", "2026-11-16 10:00"),),
    )
    assert limit(DECIDE, facts) == Limit(on("2026-11-17"))


def test_urgency_raised_just_before_a_pause_without_end_makes_nothing_due() -> None:
    facts = HandoverFacts(
        proposed_at=at("2026-11-02 10:00"),
        urgency=SOON,
        raised_at=at("2026-11-11 10:00"),
        pauses=((on("2026-11-12"), None),),
    )
    assert earliest_of(DECIDE, facts, HOLIDAYS) is None
    assert limit(DECIDE, facts) is None
    assert limit(ACKNOWLEDGE, facts) is None


def test_asking_or_deciding_says_that_it_has_arrived() -> None:
    decided = HandoverFacts(
        proposed_at=at("2026-11-02 10:00"), urgency=ROUTINE, decided_at=at("2026-11-04 10:00")
    )
    assert proposed().ended_at(ACKNOWLEDGE) is None
    assert decided.ended_at(ACKNOWLEDGE) == at("2026-11-04 10:00")
    facts = asking(asked(1, "2026-11-05 10:00"), asked(2, "2026-11-03 10:00"))
    assert facts.ended_at(ACKNOWLEDGE) == at("2026-11-03 10:00")
    assert facts.ended_at(DECIDE) is None


def test_a_withdrawn_handover_waits_for_nothing() -> None:
    facts = HandoverFacts(
        proposed_at=at("2026-11-02 10:00"),
        urgency=ROUTINE,
        acknowledged_at=at("2026-11-03 10:00"),
        closed_at=at("2026-11-06 10:00"),
        questions=(asked(1, "2026-11-04 10:00", "2026-11-05 10:00"), asked(2, "2026-11-04 11:00")),
    )
    assert facts.ended_at(ACKNOWLEDGE) == at("2026-11-03 10:00")
    assert facts.ended_at(ANSWER, 1) == at("2026-11-05 10:00")
    assert facts.ended_at(ANSWER, 2) == facts.ended_at(DECIDE) == at("2026-11-06 10:00")
    assert turn_of(facts) is None


@pytest.mark.parametrize(
    ("questions", "side", "since"),
    [
        ([], Side.ADULT, "2026-11-02"),
        ([asked(1, "2026-11-03 10:00")], Side.CHILDRENS, "2026-11-03"),
        ([asked(1, "2026-11-03 10:00", "2026-11-05 10:00")], Side.ADULT, "2026-11-05"),
        (
            [asked(1, "2026-11-03 10:00", "2026-11-05 10:00"), asked(2, "2026-11-06 10:00")],
            Side.CHILDRENS,
            "2026-11-06",
        ),
        # The first was open when the second was asked: the move has not been back since.
        (
            [asked(1, "2026-11-03 10:00", "2026-11-05 10:00"), asked(2, "2026-11-04 10:00")],
            Side.CHILDRENS,
            "2026-11-03",
        ),
        (
            [
                asked(1, "2026-11-03 10:00", "2026-11-05 10:00"),
                asked(2, "2026-11-04 10:00", "2026-11-09 10:00"),
                asked(3, "2026-11-06 10:00"),
                asked(4, "2026-11-10 10:00"),
            ],
            Side.CHILDRENS,
            "2026-11-03",
        ),
        (
            [
                asked(1, "2026-11-03 10:00", "2026-11-09 10:00"),
                asked(2, "2026-11-04 10:00", "2026-11-05 10:00"),
            ],
            Side.ADULT,
            "2026-11-09",
        ),
    ],
)
def test_it_is_the_receivers_turn_but_while_a_question_is_open(
    questions: list[Asked], side: Side, since: str
) -> None:
    assert turn_of(asking(*questions)) == Turn(side, on(since))


MOMENTS = st.datetimes(
    datetime(2026, 9, 1),  # noqa: DTZ001
    datetime(2027, 5, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
LATER = st.timedeltas(timedelta(minutes=1), timedelta(days=40))


@st.composite
def some_facts(draw: st.DrawFn) -> HandoverFacts:
    """Facts of a handover that nobody has decided, in an order that can happen."""
    when = draw(MOMENTS)
    questions = []
    for number in range(1, draw(st.integers(0, 4)) + 1):
        asked_at = when + draw(LATER)
        answered_at = draw(st.none() | LATER.map(lambda later, at=asked_at: at + later))  # type: ignore[misc]
        questions.append(Asked(number=number, asked_at=asked_at, answered_at=answered_at))
    pauses = []
    day = when.date()
    for _ in range(draw(st.integers(0, 2))):
        first = day + timedelta(draw(st.integers(1, 30)))
        day = first + timedelta(draw(st.integers(0, 30)))
        pauses.append((first, day))
    return HandoverFacts(
        proposed_at=when,
        urgency=draw(st.sampled_from(Urgency)),
        raised_at=draw(st.none() | LATER.map(lambda later: when + later)),
        acknowledged_at=draw(st.none() | LATER.map(lambda later: when + later)),
        questions=tuple(questions),
        pauses=tuple(pauses),
    )


def stops_by_looking_at_each_day(facts: HandoverFacts, until: date) -> dict[date, str]:
    """What becomes of each day after the proposal: it runs, or stands, or a question stops it."""
    days, left = {}, 15
    day = facts.proposed_at.astimezone(LONDON).date()
    while day < until:
        day += timedelta(days=1)
        open_now = [
            each
            for each in facts.questions
            if each.asked_at.astimezone(LONDON).date() < day
            and not (each.answered_at and each.answered_at.astimezone(LONDON).date() < day)
        ]
        counts = day.weekday() < 5 and day not in HOLIDAYS
        if not counts or any(first <= day <= last for first, last in facts.pauses if last):
            days[day] = "stands"
        elif open_now and left:
            days[day] = "asked"
            left -= 1
        else:
            days[day] = "runs on" if open_now else "runs"
    return days


@settings(deadline=None, max_examples=200)
@given(some_facts())
def test_the_decision_is_due_when_each_day_is_looked_at(facts: HandoverFacts) -> None:
    due = limit(DECIDE, facts)
    assert due is not None
    days = stops_by_looking_at_each_day(facts, due.on)
    ran = [day for day, what in days.items() if what.startswith("runs")]
    allowed = REPLY_DAYS[facts.urgency]
    if facts.raised_at and len(ran) > allowed:
        changed_on = facts.raised_at.astimezone(LONDON).date()
        assert sum(day > changed_on for day in ran) == 1
    else:
        assert len(ran) == allowed
    assert days[due.on].startswith("runs")
    ran_on = [day for day, what in days.items() if what == "runs on"]
    used_up_on = stop_used_up_on(facts, HOLIDAYS)
    assert ran_on[:1] == ([used_up_on] if used_up_on and used_up_on <= due.on else [])


@settings(deadline=None)
@given(some_facts(), LATER)
def test_one_more_question_moves_a_decision_by_no_more_than_what_is_left_to_stop(
    facts: HandoverFacts, later: timedelta
) -> None:
    facts = replace(facts, raised_at=None)
    another = Asked(number=9, asked_at=facts.proposed_at + later)
    before = limit(DECIDE, facts)
    after = limit(DECIDE, replace(facts, questions=(*facts.questions, another)))
    assert before
    assert after
    off = [day for first, last in facts.pauses if last for day in _days(first, last)]
    moved = working_days_between(before.on, after.on, HOLIDAYS | frozenset(off))
    assert 0 <= moved <= 15


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


@settings(deadline=None)
@given(some_facts(), st.sampled_from([ACKNOWLEDGE, DECIDE]))
def test_every_limit_is_a_working_day_out_of_every_pause_and_leaves_a_day_after_a_change(
    facts: HandoverFacts, clock: Clock
) -> None:
    due = limit(clock, facts)
    assert due
    assert is_working_day(due.on, HOLIDAYS)
    assert not facts.paused_on(due.on)
    assert due.at is None or due.at.astimezone(LONDON).date() == due.on
    if facts.raised_at:
        assert due.on > facts.raised_at.astimezone(LONDON).date()


@settings(deadline=None)
@given(MOMENTS)
def test_the_more_urgent_the_sooner(when: datetime) -> None:
    for clock in (ACKNOWLEDGE, DECIDE):
        dues = [
            limit(clock, HandoverFacts(proposed_at=when, urgency=urgency)) for urgency in Urgency
        ]
        days = [due.on for due in dues if due]
        assert len(days) == 3
        assert all(sooner <= later for later, sooner in pairwise(days))


def test_the_first_open_question_says_by_when_an_answer_is_due() -> None:
    first = asked(1, "2026-11-03 10:00", answered="2026-11-04 10:00")
    second, third = asked(2, "2026-11-05 10:00"), asked(3, "2026-11-09 10:00")
    assert answer_by(asking(first, second, third), HOLIDAYS) == on("2026-11-12")
    assert answer_by(asking(first), HOLIDAYS) is None

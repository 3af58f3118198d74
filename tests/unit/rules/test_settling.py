"""What may be recorded after a transfer, and the clocks that follow, by worked dates."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.rules.calendar import add_working_days, is_working_day
from transition.rules.errors import RuleBroken
from transition.rules.milestones import OutcomeKind
from transition.rules.nudges import Addressee, Rung
from transition.rules.pathway import Owner, Stage
from transition.rules.settling import (
    AT_SIX_MONTHS,
    AT_SIX_WEEKS,
    FIRST_CONTACT,
    Attempt,
    CheckInKind,
    ContactResult,
    missed_in_a_row,
    refuse_giving_up,
    refuse_not_settling,
    six_months_passed,
)
from transition.rules.settling_clocks import (
    AFTER,
    SettlingClock,
    SettlingFacts,
    SettlingNudge,
    settling_addressees,
    settling_nudges_due,
    settling_nudges_of,
    tells_the_transfer,
    waits_of,
)

HOLIDAYS = frozenset(map(date.fromisoformat, ["2026-12-25", "2026-12-28", "2027-01-01"]))
TRANSFER = date(2026, 11, 30)
"""A Monday."""
BLOCKING = frozenset({FIRST_CONTACT, AT_SIX_WEEKS, AT_SIX_MONTHS})
DUE = {
    FIRST_CONTACT: date(2026, 12, 14),
    AT_SIX_WEEKS: date(2027, 1, 11),
    AT_SIX_MONTHS: date(2027, 5, 30),
}
NEW = SettlingFacts(transferred_on=TRANSFER, open_codes=BLOCKING, due=DUE)
"""Transferred, and nothing recorded since."""


def on(text: str) -> date:
    return date.fromisoformat(text)


def tried(number: int, when: str, result: str = "not_brought", **more: str) -> Attempt:
    days = {name: on(day) for name, day in more.items()}
    return Attempt(number=number, tried_on=on(when), result=ContactResult(result), **days)


MISSED = tuple(tried(number, f"2026-12-0{number}") for number in (1, 2, 3))
"""Three contacts that were missed, on Tuesday, Wednesday and Thursday."""
TOGETHER = replace(
    MISSED[1],
    joint_call_on=on("2026-12-03"),
    home_visit_offered_on=on("2026-12-04"),
    gp_told_on=on("2026-12-03"),
)


def said(nudges: tuple[SettlingNudge, ...], *clocks: SettlingClock) -> list[str]:
    """Return nudges in short: day, clock, rung and number."""
    return [
        f"{one.due_on:%m-%d} {one.clock} {one.rung}{one.about or ''}"
        for one in nudges
        if one.clock in (clocks or SettlingClock)
    ]


def waited(facts: SettlingFacts) -> list[str]:
    """Return what is waited for in short: clock, whose, and until when."""
    return [
        f"{one.clock} {one.owner.value} {one.limit_on}"
        for one in waits_of(replace(facts, due={}), HOLIDAYS)
    ]


def test_silence_after_a_transfer_is_told_to_both_sides_then_above_then_by_reference() -> None:
    assert said(settling_nudges_of(NEW, HOLIDAYS)) == [
        "12-10 first_contact reminder",
        "12-15 first_contact both_told",
        "12-21 first_contact escalation",
        "12-30 first_contact coordinator",
        "01-07 check_in reminder",
        "01-12 check_in both_told",
        "01-18 check_in escalation",
        "01-25 check_in coordinator",
        "05-27 review reminder",
        "05-31 review both_told",
        "06-04 review escalation",
        "06-11 review coordinator",
    ]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ((), []),
        (MISSED[:1], ["another_way adult 2026-12-08"]),
        (MISSED[:2], ["together shared 2026-12-09"]),
        ((MISSED[0], TOGETHER), ["again adult 2026-12-11"]),
        ((MISSED[0], replace(TOGETHER, gp_told_on=None)), ["together shared 2026-12-09"]),
        (MISSED, ["plan shared 2026-12-10"]),
        (
            (*MISSED[:2], replace(MISSED[2], planned_on=on("2026-12-07"))),
            ["again adult 2026-12-14"],
        ),
        ((*MISSED, tried(4, "2026-12-08")), ["plan shared 2026-12-15"]),
    ],
    ids=["none", "one", "two", "followed", "half followed", "three", "planned", "four"],
)
def test_each_missed_contact_asks_for_more(
    attempts: tuple[Attempt, ...], expected: list[str]
) -> None:
    assert waited(replace(NEW, attempts=attempts)) == expected


def test_a_contact_that_took_place_ends_the_row_and_with_its_step_the_clocks() -> None:
    held = (*MISSED, tried(4, "2026-12-09", "attended"))
    assert missed_in_a_row(held) == 0
    assert missed_in_a_row((*held, tried(5, "2026-12-10"))) == 1
    met = replace(NEW, attempts=held, open_codes=BLOCKING - {FIRST_CONTACT})
    assert waited(met) == []
    assert waited(replace(met, attempts=MISSED)) == []


def test_the_first_contact_is_waited_for_again_where_its_step_was_put_back() -> None:
    again = replace(NEW, attempts=(tried(1, "2026-12-01", "attended"),))
    assert "12-15 first_contact both_told" in said(settling_nudges_of(again, HOLIDAYS))


def test_a_missed_contact_is_told_the_same_day_and_the_ladder_moves_with_it() -> None:
    missed = replace(NEW, attempts=MISSED[:1])
    nudges = settling_nudges_of(missed, HOLIDAYS)
    assert said(nudges, SettlingClock.FIRST_CONTACT, SettlingClock.ANOTHER_WAY) == [
        "12-01 another_way told1",
        "12-04 another_way reminder1",
        "12-09 another_way both_told1",
        "12-15 another_way escalation1",
        "12-22 another_way coordinator1",
    ]


def test_a_pause_stops_the_clocks_on_both_its_days() -> None:
    paused = replace(NEW, attempts=MISSED[:1], pauses=((on("2026-12-03"), on("2026-12-04")),))
    assert waited(paused) == ["another_way adult 2026-12-10"]
    assert settling_nudges_due(paused, on("2026-12-03"), HOLIDAYS) == ()
    resting = replace(paused, pauses=((on("2026-12-03"), None),))
    assert waited(resting) == ["another_way adult None"]
    assert said(settling_nudges_of(resting, HOLIDAYS), SettlingClock.ANOTHER_WAY) == [
        "12-01 another_way told1"
    ]


def test_a_rung_that_a_pause_without_end_keeps_off_does_not_come() -> None:
    resting = replace(NEW, attempts=MISSED[:1], pauses=((on("2026-12-11"), None),))
    nudges = settling_nudges_of(resting, HOLIDAYS)
    assert said(nudges, SettlingClock.ANOTHER_WAY)[-1] == "12-09 another_way both_told1"


def test_nudges_come_on_working_days_alone() -> None:
    assert settling_nudges_due(NEW, on("2026-12-12"), HOLIDAYS) == ()
    assert said(settling_nudges_due(NEW, on("2026-12-14"), HOLIDAYS)) == [
        "12-10 first_contact reminder"
    ]


def test_not_working_asks_the_leads_to_talk_in_five_working_days() -> None:
    worse = replace(NEW, unsettled=((2, on("2027-01-08")),))
    assert waited(worse) == ["talk shared 2027-01-15"]
    assert said(settling_nudges_of(worse, HOLIDAYS), SettlingClock.TALK)[0] == "01-08 talk told2"


def test_when_nothing_is_open_both_sign_in_the_seventh_month() -> None:
    done = replace(NEW, open_codes=frozenset())
    (wait,) = waits_of(done, HOLIDAYS)
    assert (wait.clock, wait.owner) == (SettlingClock.SIGN, Owner.SHARED)
    assert (wait.since, wait.limit_on) == (on("2027-05-31"), on("2027-06-30"))


def test_whom_each_rung_tells() -> None:
    missed = SettlingNudge(SettlingClock.ANOTHER_WAY, Rung.TOLD, TRANSFER)
    assert settling_addressees(missed) == (Addressee.NAMED_WORKER,)
    assert settling_addressees(replace(missed, rung=Rung.REMINDER)) == (Addressee.ADULT_WORKER,)
    assert settling_addressees(replace(missed, rung=Rung.COORDINATOR)) == (Addressee.COORDINATOR,)
    for clock in SettlingClock:
        for rung in (Rung.REMINDER, *AFTER):
            assert settling_addressees(SettlingNudge(clock, rung, TRANSFER))
        both = settling_addressees(SettlingNudge(clock, Rung.BOTH_TOLD, TRANSFER))
        assert {Addressee.NAMED_WORKER, Addressee.RECEIVER_LEAD} <= set(both)


def test_a_letter_tells_no_day_that_would_tell_the_transfer() -> None:
    telling = {clock for clock in SettlingClock if tells_the_transfer(clock)}
    own = {"first_contact", "check_in", "review", "sign", "a_year_on", "support"}
    assert {clock.value for clock in telling} == own


@given(
    results=st.lists(st.sampled_from(ContactResult), max_size=6),
    followed=st.booleans(),
    planned=st.booleans(),
    codes=st.frozensets(st.sampled_from(sorted(BLOCKING))),
)
def test_somebody_else_is_told_in_the_end_whatever_was_recorded(
    *, results: list[ContactResult], followed: bool, planned: bool, codes: frozenset[str]
) -> None:
    day = on("2026-12-10")
    attempts = tuple(
        Attempt(
            number=number,
            tried_on=TRANSFER + timedelta(number),
            result=result,
            joint_call_on=day if followed else None,
            home_visit_offered_on=day if followed else None,
            gp_told_on=day if followed else None,
            planned_on=day if planned else None,
        )
        for number, result in enumerate(results, start=1)
    )
    facts = replace(NEW, attempts=attempts, open_codes=codes)
    waits = waits_of(facts, HOLIDAYS)
    nudges = settling_nudges_of(facts, HOLIDAYS)
    assert waits
    for wait in waits:
        assert wait.limit_on is not None
        rungs = {one.rung: one.due_on for one in nudges if one.clock is wait.clock}
        for rung, days in AFTER.items():
            assert rungs[rung] == add_working_days(wait.limit_on, days, HOLIDAYS)
    told = [one for one in nudges if one.rung is not Rung.TOLD]
    assert all(is_working_day(one.due_on, HOLIDAYS) for one in told)


@pytest.mark.parametrize(
    ("transferred", "last"),
    [
        ("2026-11-30", "2027-05-30"),
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2028-02-29", "2028-08-29"),
    ],
)
def test_the_last_of_the_six_months_belongs_to_them(transferred: str, last: str) -> None:
    assert not six_months_passed(on(transferred), on(last))
    assert six_months_passed(on(transferred), on(last) + timedelta(days=1))


@pytest.mark.parametrize("kind", set(OutcomeKind) - {OutcomeKind.DONE})
def test_a_first_contact_is_not_set_aside_within_six_months(kind: OutcomeKind) -> None:
    last = on("2027-05-30")
    for transferred, today in ((None, last), (TRANSFER, last)):
        with pytest.raises(RuleBroken, match="within six months"):
            refuse_giving_up(FIRST_CONTACT, kind, transferred, today)
    refuse_giving_up(FIRST_CONTACT, kind, TRANSFER, last + timedelta(days=1))
    refuse_giving_up(FIRST_CONTACT, OutcomeKind.DONE, TRANSFER, last)
    refuse_giving_up(AT_SIX_WEEKS, kind, TRANSFER, last)


@pytest.mark.parametrize("stage", set(Stage) - {Stage.SETTLING})
def test_only_in_the_time_after_the_transfer_is_it_recorded(stage: Stage) -> None:
    refuse_not_settling(Stage.SETTLING)
    with pytest.raises(RuleBroken, match="after the transfer"):
        refuse_not_settling(stage)


def test_whose_each_check_in_is_and_what_it_completes() -> None:
    assert [(one.owner, one.completes) for one in CheckInKind] == [
        (Owner.CHILDRENS, "SE-03"),
        (Owner.SHARED, None),
        (Owner.SHARED, "SE-04"),
        (Owner.SHARED, None),
    ]


SUPPORT = SettlingFacts(transferred_on=TRANSFER, checked_on=())
"""Support that begins on the last Monday of November, and of which nobody has said anything."""


def test_silence_about_support_is_told_as_silence_after_a_transfer_is() -> None:
    assert said(settling_nudges_of(SUPPORT, HOLIDAYS)) == [
        "12-10 support reminder1",
        "12-15 support both_told1",
        "12-21 support escalation1",
        "12-30 support coordinator1",
    ]
    reminder = settling_nudges_of(SUPPORT, HOLIDAYS)[0]
    assert settling_addressees(reminder) == (Addressee.NAMED_WORKER, Addressee.ADULT_WORKER)
    assert tells_the_transfer(SettlingClock.SUPPORT)


@pytest.mark.parametrize(
    ("checked", "since", "limit"),
    [
        ((), "2026-11-30", "2026-12-14"),
        (("2026-12-01",), "2027-05-04", "2027-06-01"),
        (("2026-12-31", "2026-12-01"), "2027-06-02", "2027-06-30"),
        (("2027-08-31",), "2028-02-01", "2028-02-29"),
    ],
)
def test_how_support_goes_is_asked_after_two_weeks_and_then_every_six_months(
    checked: tuple[str, ...], since: str, limit: str
) -> None:
    (wait,) = waits_of(replace(SUPPORT, checked_on=tuple(map(on, checked))), HOLIDAYS)
    assert (wait.clock, wait.since, wait.limit_on) == (SettlingClock.SUPPORT, on(since), on(limit))
    assert (wait.owner, wait.about) == (Owner.SHARED, len(checked) + 1)


@pytest.mark.parametrize(
    ("pauses", "limit"),
    [
        ((("2026-12-01", "2026-12-13"),), "2026-12-14"),
        ((("2026-12-01", "2026-12-14"),), "2027-01-14"),
        ((("2027-01-10", "2027-01-20"), ("2026-12-14", "2026-12-14")), "2027-02-17"),
        ((("2026-12-14", None),), None),
        ((("2026-12-15", None),), "2026-12-14"),
    ],
    ids=["over before", "on its last day", "twice", "still", "begun after"],
)
def test_what_falls_due_within_a_pause_is_asked_20_working_days_after_it(
    pauses: tuple[tuple[str, str | None], ...], limit: str | None
) -> None:
    days = tuple((on(first), on(last) if last else None) for first, last in pauses)
    (wait,) = waits_of(replace(SUPPORT, pauses=days), HOLIDAYS)
    assert wait.limit_on == (on(limit) if limit else None)


def test_support_that_does_not_work_is_talked_about_while_it_is_asked_again() -> None:
    worse = replace(SUPPORT, checked_on=(TRANSFER,), unsettled=((1, TRANSFER),))
    assert [(one.clock, one.limit_on) for one in waits_of(worse, HOLIDAYS)] == [
        (SettlingClock.SUPPORT, on("2027-05-30")),
        (SettlingClock.TALK, on("2026-12-07")),
    ]

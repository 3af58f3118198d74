from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from transition.rules.handovers import Function
from transition.rules.ledger import (
    LedgerSpan,
    Position,
    Stretch,
    breaches,
    gaps,
    opening_rows,
    overlaps,
    support,
    supported_on,
    switch,
)

TODAY = date(2026, 11, 23)
END = date(2027, 11, 24)
ADVICE, BREAKS = Function.ADVICE_24_7, Function.SHORT_BREAKS
SWITCH = date(2027, 3, 1)


def _lead(
    from_on: date,
    to_on: date | None = None,
    service: str = "jacksplace",
    function: Function = ADVICE,
) -> LedgerSpan:
    return LedgerSpan(function, service, Position.LEAD, from_on, to_on)


def test_a_case_opens_with_one_lead_for_all_that_is_needed() -> None:
    rows = opening_rows("naomi_house", TODAY)
    assert {row.function for row in rows} == set(Function)
    assert {(row.service, row.position, row.from_on, row.to_on) for row in rows} == {
        ("naomi_house", Position.LEAD, TODAY, None)
    }
    assert gaps(rows, Function, TODAY) == overlaps(rows, TODAY) == ()


def test_a_case_may_need_fewer_functions() -> None:
    assert [row.function for row in opening_rows("naomi_house", TODAY, [BREAKS])] == [BREAKS]


def test_what_nobody_leads_is_a_gap_from_today_to_the_same_day_next_year() -> None:
    assert gaps([], [ADVICE, BREAKS], TODAY) == (
        Stretch(ADVICE, TODAY, END),
        Stretch(BREAKS, TODAY, END),
    )


def test_what_is_not_needed_is_no_gap() -> None:
    assert gaps(opening_rows("naomi_house", TODAY, [ADVICE]), [ADVICE], TODAY) == ()


def test_a_lead_that_passes_on_the_same_day_leaves_neither_gap_nor_overlap() -> None:
    spans = [_lead(TODAY, SWITCH), _lead(SWITCH, service="rowans")]
    assert gaps(spans, [ADVICE], TODAY) == overlaps(spans, TODAY) == ()


def test_one_day_without_a_lead_is_a_gap() -> None:
    spans = [_lead(SWITCH + timedelta(days=1), service="rowans"), _lead(TODAY, SWITCH)]
    assert gaps(spans, [ADVICE], TODAY) == (Stretch(ADVICE, SWITCH, SWITCH + timedelta(days=1)),)


def test_one_day_with_two_leads_is_an_overlap() -> None:
    spans = [_lead(TODAY, SWITCH + timedelta(days=1)), _lead(SWITCH, service="rowans")]
    assert overlaps(spans, TODAY) == (Stretch(ADVICE, SWITCH, SWITCH + timedelta(days=1)),)


def test_a_short_lead_within_a_long_one_is_an_overlap() -> None:
    week = SWITCH + timedelta(days=7)
    assert overlaps([_lead(TODAY), _lead(SWITCH, week)], TODAY) == (Stretch(ADVICE, SWITCH, week),)


def test_a_supporting_service_neither_fills_a_gap_nor_overlaps() -> None:
    support = LedgerSpan(ADVICE, "rowans", Position.SUPPORTING, TODAY)
    assert gaps([support], [ADVICE], TODAY) == (Stretch(ADVICE, TODAY, END),)
    assert overlaps([support, _lead(TODAY)], TODAY) == ()


def test_two_functions_led_at_once_do_not_overlap() -> None:
    assert overlaps([_lead(TODAY), _lead(TODAY, function=BREAKS)], TODAY) == ()


def test_what_lies_outside_the_next_twelve_months_is_not_looked_at() -> None:
    spans = [
        _lead(date(2020, 1, 1), date(2025, 1, 1)),
        _lead(date(2021, 1, 1), TODAY),
        _lead(date(2025, 1, 1), END),
        _lead(END),
        _lead(END),
    ]
    assert overlaps(spans, TODAY) == gaps(spans, [ADVICE], TODAY) == ()
    assert gaps([_lead(TODAY, END - timedelta(days=1))], [ADVICE], TODAY) == (
        Stretch(ADVICE, END - timedelta(days=1), END),
    )


def test_gaps_and_overlaps_are_breaches_both() -> None:
    spans = [_lead(TODAY), _lead(SWITCH, service="rowans")]
    assert breaches(spans, [ADVICE, BREAKS], TODAY) == (
        Stretch(BREAKS, TODAY, END),
        Stretch(ADVICE, SWITCH, END),
    )
    assert breaches(opening_rows("naomi_house", TODAY), Function, TODAY) == ()


def test_on_the_day_of_the_switch_one_lead_ends_and_another_begins() -> None:
    advice, breaks = opening_rows("jacksplace", TODAY, [ADVICE, BREAKS])
    close, add = switch([advice, breaks], [ADVICE], "rowans", SWITCH)
    assert (close, add) == ((advice,), (_lead(SWITCH, service="rowans"),))


def test_a_lead_that_begins_and_is_replaced_on_one_day_ends_on_it() -> None:
    begins = _lead(SWITCH)
    assert switch([begins], [ADVICE], "rowans", SWITCH)[0] == (begins,)


def test_leads_that_are_over_or_yet_to_come_are_left_alone() -> None:
    past, later = _lead(TODAY, SWITCH), _lead(SWITCH + timedelta(days=7), service="oakhaven")
    close, add = switch([past, later], [ADVICE], "rowans", SWITCH)
    assert (close, add) == ((), (_lead(SWITCH, later.from_on, service="rowans"),))


def test_a_lead_that_ended_on_the_day_it_was_to_begin_holds_nobody_up() -> None:
    lead, never = _lead(TODAY), _lead(SWITCH + timedelta(days=7), SWITCH + timedelta(days=7))
    assert switch([lead, never], [ADVICE], "rowans", SWITCH) == (
        (lead,),
        (_lead(SWITCH, service="rowans"),),
    )


def test_who_leads_supports_no_longer_and_others_go_on_supporting() -> None:
    rowans, oakhaven = (
        LedgerSpan(ADVICE, service, Position.SUPPORTING, TODAY)
        for service in ("rowans", "oakhaven")
    )
    lead = _lead(TODAY)
    close, add = switch([lead, rowans, oakhaven], [ADVICE], "rowans", SWITCH)
    assert (close, add) == ((lead, rowans), (_lead(SWITCH, service="rowans"),))


def test_what_a_service_leads_already_needs_no_switch() -> None:
    spans = [
        _lead(TODAY, service="rowans"),
        LedgerSpan(ADVICE, "rowans", Position.SUPPORTING, TODAY),
    ]
    assert switch(spans, [ADVICE], "rowans", SWITCH) == ((), ())


def _support(
    service: str = "rowans", from_on: date = TODAY, function: Function = ADVICE
) -> LedgerSpan:
    return LedgerSpan(function, service, Position.SUPPORTING, from_on)


def test_support_begins_beside_whoever_leads_and_touches_no_lead() -> None:
    close, add = support([_lead(TODAY)], [ADVICE], "rowans", SWITCH, TODAY)
    assert (close, add) == ((), (_support(from_on=SWITCH),))


def test_what_is_supported_already_goes_on_and_what_is_not_asked_for_ends() -> None:
    spans = [_lead(TODAY), _support(), _support(function=BREAKS), _support("oakhaven")]
    assert support(spans, [ADVICE], "rowans", SWITCH, TODAY) == ((spans[2],), ())


def test_support_that_has_ended_begins_again() -> None:
    before = replace(_support(from_on=TODAY - timedelta(9)), to_on=TODAY)
    assert support([before], [ADVICE], "rowans", TODAY, TODAY) == ((), (_support(),))


def test_nobody_supports_what_they_lead() -> None:
    assert support([_lead(TODAY, service="rowans")], [ADVICE], "rowans", TODAY, TODAY) == ((), ())


def test_who_supports_on_a_day_comes_in_the_order_of_the_functions() -> None:
    ended = replace(_support("naomi_house"), to_on=TODAY)
    later = _support("stmichaels", SWITCH)
    spans = [_support(function=BREAKS), _lead(TODAY), ended, later, _support("oakhaven")]
    assert supported_on(spans, TODAY) == ((ADVICE, "oakhaven"), (BREAKS, "rowans"))


DAYS = st.integers(-30, 400).map(lambda days: TODAY + timedelta(days))
SPANS = st.lists(st.builds(_lead, DAYS, st.none() | DAYS), max_size=5)


@given(SPANS)
def test_stretches_agree_with_looking_at_every_day(spans: list[LedgerSpan]) -> None:
    days = [TODAY + timedelta(n) for n in range((END - TODAY).days)]
    leads = {
        day: sum(span.from_on <= day and (span.to_on is None or day < span.to_on) for span in spans)
        for day in days
    }
    in_gaps = {
        day
        for day in days
        for gap in gaps(spans, [ADVICE], TODAY)
        if gap.from_on <= day < gap.to_on
    }
    in_overlaps = {
        day for day in days for lap in overlaps(spans, TODAY) if lap.from_on <= day < lap.to_on
    }
    assert in_gaps == {day for day in days if leads[day] == 0}
    assert in_overlaps == {day for day in days if leads[day] > 1}


@settings(deadline=None)
@given(SPANS, st.integers(0, 364).map(lambda days: TODAY + timedelta(days)))
def test_a_switch_fills_and_doubles_nothing_that_comes_after_another_lead(
    spans: list[LedgerSpan], on: date
) -> None:
    close, add = switch(spans, [ADVICE], "rowans", on)
    after = [span for span in spans if span not in close]
    after += [_lead(span.from_on, on, span.service) for span in close]
    after += add
    laps = {lap.from_on for lap in overlaps(after, TODAY)}
    assert laps <= {lap.from_on for lap in overlaps(spans, TODAY)}
    assert not any(gap.from_on <= on < gap.to_on for gap in gaps(after, [ADVICE], TODAY))
    if not breaches(spans, [ADVICE], TODAY):
        assert not breaches(after, [ADVICE], TODAY)


SERVICES = ("naomi_house", "jacksplace", "rowans", "oakhaven", "a provider nobody signs in for")
PASSINGS = st.lists(
    st.tuples(st.sets(st.sampled_from(Function)), st.sampled_from(SERVICES), DAYS), max_size=8
)
SUPPORTS = st.lists(
    st.builds(
        LedgerSpan,
        st.sampled_from(Function),
        st.sampled_from(SERVICES),
        st.just(Position.SUPPORTING),
        DAYS,
    ),
    max_size=4,
)


@given(PASSINGS, PASSINGS)
def test_whoever_supports_no_lead_changes_on_any_day(
    passings: list[tuple[set[Function], str, date]],
    supporting: list[tuple[set[Function], str, date]],
) -> None:
    spans = [*opening_rows("naomi_house", TODAY - timedelta(31))]
    for functions, service, on in passings:
        close, add = switch(spans, functions, service, on)
        spans = [one for one in spans if one not in close]
        spans += [*(replace(one, to_on=on) for one in close), *add]
    leads = [one for one in spans if one.position is Position.LEAD]
    for functions, service, on in supporting:
        close, add = support(spans, functions, service, max(on, TODAY), TODAY)
        assert {one.position for one in (*close, *add)} <= {Position.SUPPORTING}
        spans = [one for one in spans if one not in close]
        spans += [*(replace(one, to_on=max(TODAY, one.from_on)) for one in close), *add]
        assert support(spans, functions, service, max(on, TODAY), TODAY) == ((), ())
        held = {one.function for one in spans if one.service == service and one.to_on is None}
        assert functions <= held | {one.function for one in leads if one.service == service}
    assert [one for one in spans if one.position is Position.LEAD] == leads
    assert breaches(spans, Function, TODAY) == ()


def _leading(spans: Collection[LedgerSpan], function: Function, day: date) -> list[str]:
    """Return who leads a function on a day."""
    return [
        span.service
        for span in spans
        if (span.function, span.position) == (function, Position.LEAD)
        and span.from_on <= day
        and (span.to_on is None or day < span.to_on)
    ]


@settings(max_examples=300)
@given(PASSINGS, SUPPORTS)
def test_whatever_is_passed_on_each_function_has_one_lead_on_every_day(
    passings: list[tuple[set[Function], str, date]], supports: list[LedgerSpan]
) -> None:
    opened_on = TODAY - timedelta(31)
    spans = [*opening_rows("naomi_house", opened_on), *supports]
    turns = {opened_on, *(on + timedelta(n) for _, _, on in passings for n in (-1, 0, 1))}
    days = [day for day in turns if day >= opened_on]
    for functions, service, on in passings:
        before = {(one, day): _leading(spans, one, day) for one in Function for day in days}
        close, add = switch(spans, functions, service, on)
        spans = [span for span in spans if span not in close]
        spans += [*(replace(span, to_on=on) for span in close), *add]
        after = {(one, day): _leading(spans, one, day) for one in Function for day in days}
        assert all(len(leading) == 1 for leading in after.values())
        assert all(after[one, on] == [service] for one in functions)
        assert all(
            after[one, day] == leading
            for (one, day), leading in before.items()
            if day < on or one not in functions
        )
        assert breaches(spans, Function, TODAY) == ()

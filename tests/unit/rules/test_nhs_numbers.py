import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.rules.errors import RuleBroken
from transition.rules.nhs_numbers import (
    MissingReason,
    is_test_number,
    parse_nhs_number,
    refuse_wrong_range,
    show_nhs_number,
)

CHECK = "Check the NHS number: a digit is mistyped, or two are swapped"
DIGITS = "An NHS number has only digits. Take out the other characters"


def _valid(number: str) -> bool:
    try:
        return parse_nhs_number(number) == number
    except RuleBroken:
        return False


def _with_check_digit(first_nine: int) -> str:
    digits = f"{first_nine:09}"
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return f"{digits}{0 if check == 11 else check}"


NUMBERS = (
    st.integers(0, 10**9 - 1)
    .map(_with_check_digit)
    .filter(lambda number: len(number) == 10 and len(set(number)) > 1)
)


@pytest.mark.parametrize("number", ["9434765919", "4010232137", "9991000003", "9991000070"])
def test_numbers_with_the_right_check_digit_are_taken(number: str) -> None:
    assert parse_nhs_number(number) == number


@pytest.mark.parametrize(
    "typed",
    [
        "943 476 5919",
        "943-476-5919",
        " 9434765919 ",
        "943\u00a0476\u00a05919",
        "943\u2010476\u20115919",
    ],
)
def test_spaces_and_hyphens_may_stand_between(typed: str) -> None:
    assert parse_nhs_number(typed) == "9434765919"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the NHS number, or say why it is missing"),
        (" - ", "Enter the NHS number, or say why it is missing"),
        ("943 476 591", "An NHS number has 10 digits. This has 9"),
        ("943 476 59190", "An NHS number has 10 digits. This has 11"),
        ("9434765918", CHECK),
        ("9991000004", CHECK),
        ("0000000000", "An NHS number is not the same digit ten times"),
        ("1111111111", "An NHS number is not the same digit ten times"),
        ("943476591X", DIGITS),
        ("943.476.5919", DIGITS),
        ("943\u2013476\u20135919", DIGITS),
        ("943\t476\t5919", DIGITS),
        ("9434765919\n", DIGITS),
        ("943476591\u0669", DIGITS),
        ("\uff19434765919", DIGITS),
        ("943476591\u00b9", DIGITS),
    ],
)
def test_each_mistake_has_its_own_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        parse_nhs_number(typed)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("last", range(10))
def test_some_first_nine_digits_have_no_tenth(last: int) -> None:
    with pytest.raises(RuleBroken, match="mistyped"):
        parse_nhs_number(f"999100002{last}")


@given(NUMBERS)
def test_every_number_with_its_check_digit_is_taken(number: str) -> None:
    assert _valid(number)


@given(NUMBERS)
def test_one_mistyped_digit_is_noticed(number: str) -> None:
    for place, digit in enumerate(number):
        for other in set("0123456789") - {digit}:
            assert not _valid(number[:place] + other + number[place + 1 :])


@given(NUMBERS)
def test_two_neighbours_swapped_are_noticed(number: str) -> None:
    for place in range(9):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert _valid(swapped) is (swapped == number)


@given(NUMBERS)
def test_a_shown_number_is_read_again(number: str) -> None:
    assert parse_nhs_number(show_nhs_number(number)) == number


def test_a_number_is_shown_in_three_groups() -> None:
    assert show_nhs_number("9991000003") == "999 100 0003"


def test_test_numbers_start_with_999() -> None:
    assert [is_test_number(number) for number in ("9991000003", "9434765919")] == [True, False]


def test_a_demonstration_takes_test_numbers_only() -> None:
    refuse_wrong_range("9991000003", demo=True)
    with pytest.raises(RuleBroken, match=r"^This is a demonstration\."):
        refuse_wrong_range("9434765919", demo=True)


def test_among_real_people_a_test_number_is_refused() -> None:
    refuse_wrong_range("9434765919", demo=False)
    with pytest.raises(RuleBroken, match=r"^Numbers that start with 999 are for tests\."):
        refuse_wrong_range("9991000003", demo=False)


def test_there_are_three_reasons_for_a_missing_number() -> None:
    assert [str(reason) for reason in MissingReason] == ["not_known", "overseas", "awaiting_trace"]

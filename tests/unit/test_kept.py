"""What a process keeps: as long as its number stands, it is used, and nobody says forget."""

import pytest

from transition.records.kept import MOST, UNUSED_SECONDS, Kept


class Watch:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def kept(watch: Watch) -> Kept:
    kept = Kept(ticks=watch)
    kept.keep("list", 7, "what was made")
    return kept


def test_it_is_found_while_its_number_stands(kept: Kept) -> None:
    assert [kept.find("list", 7), kept.find("list", 7)] == ["what was made"] * 2


@pytest.mark.parametrize("number", [6, 8])
def test_it_is_gone_once_the_number_is_another(kept: Kept, number: int) -> None:
    assert kept.find("list", number) is None
    assert kept.find("list", 7) is None


def test_something_else_is_not_found(kept: Kept) -> None:
    assert kept.find("another list", 7) is None


def test_it_lasts_for_five_minutes_after_its_last_use(kept: Kept, watch: Watch) -> None:
    for _ in range(3):
        watch.seconds += UNUSED_SECONDS - 1
        assert kept.find("list", 7) == "what was made"
    watch.seconds += UNUSED_SECONDS
    assert kept.find("list", 7) is None


def test_what_is_unused_goes_though_nobody_asks_for_it(kept: Kept, watch: Watch) -> None:
    watch.seconds += UNUSED_SECONDS - 1
    kept.keep("another list", 1, "something else")
    watch.seconds += 1
    assert kept.find("another list", 1) == "something else"
    assert len(kept) == 1


def test_forgetting_leaves_nothing(kept: Kept) -> None:
    kept.forget()
    assert kept.find("list", 7) is None
    assert len(kept) == 0


def test_what_was_used_longest_ago_makes_room(kept: Kept) -> None:
    for number in range(MOST):
        assert kept.find("list", 7) == "what was made"
        kept.keep(number, 1, number)
    assert len(kept) == MOST
    assert kept.find(0, 1) is None
    assert kept.find("list", 7) == "what was made"

from pathlib import Path

from tests.browser.pages_of_the_move import look_at_a_move, look_at_a_pack


def test_axe_finds_nothing_on_any_page_of_a_pack(tmp_path: Path) -> None:
    look_at_a_pack(tmp_path, 390)


def test_axe_finds_nothing_on_any_page_of_a_move(tmp_path: Path) -> None:
    look_at_a_move(tmp_path, 390)

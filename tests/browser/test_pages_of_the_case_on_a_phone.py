from pathlib import Path

from tests.browser.pages_of_the_case import look_at_a_case, look_at_its_beginning_and_end


def test_axe_finds_nothing_on_any_page_about_a_young_person(tmp_path: Path) -> None:
    look_at_a_case(tmp_path, 390)


def test_axe_finds_nothing_where_a_case_begins_or_ends(tmp_path: Path) -> None:
    look_at_its_beginning_and_end(tmp_path, 390)

from pathlib import Path

from tests.browser.pages_of_the_tasks import look_at_the_pages


def test_axe_finds_nothing_on_any_page_that_a_task_meets(tmp_path: Path) -> None:
    look_at_the_pages(tmp_path, 390)

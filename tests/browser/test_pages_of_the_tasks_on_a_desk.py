from pathlib import Path

from tests.browser.pages_of_the_tasks import look_as_a_lead, look_as_a_nurse


def test_axe_finds_nothing_on_any_page_that_a_task_of_a_nurse_meets(tmp_path: Path) -> None:
    look_as_a_nurse(tmp_path, 1280)


def test_axe_finds_nothing_on_any_page_that_a_task_of_a_lead_meets(tmp_path: Path) -> None:
    look_as_a_lead(tmp_path, 1280)

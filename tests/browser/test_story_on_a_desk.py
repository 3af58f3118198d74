from pathlib import Path

from tests.browser.whole_story import tell_the_whole_story


def test_a_case_is_opened_proposed_accepted_and_told_in_mondays_digest(tmp_path: Path) -> None:
    tell_the_whole_story(tmp_path, 1280)

"""What a hospice reads of itself: facts of the file, who does what, and what can be changed."""

import pytest

from tests.builders import ClientAs
from tests.people import HELEN, JO, MINA, PRIYA, RUTH, SAM, WILMA

HOSPICE = "/settings/hospice"


def test_a_hospice_reads_what_the_file_says_of_it(client_as: ClientAs) -> None:
    page = client_as(RUTH).get(HOSPICE).text
    for words in (
        "Naomi House &amp; Jacksplace",
        "the Isle of Wight",
        "Ages 16 to 35",
        "hampshire_iow.toml",
        "Not known yet. Every pack says so",
    ):
        assert words in page
    assert "Priya" in page
    assert "/upcoming/usual-number" not in page
    assert "/settings/leaving" not in page


def test_an_adult_lead_is_led_to_what_can_be_changed(client_as: ClientAs) -> None:
    page = client_as(HELEN).get(HOSPICE).text
    assert "From 18" in page
    for path in ("/upcoming/usual-number", "/settings/leaving", "/settings/cover"):
        assert f'href="{path}"' in page
    assert "/upcoming/usual-number" not in client_as(MINA).get(HOSPICE).text
    assert HOSPICE in client_as(PRIYA).get("/today").text


@pytest.mark.parametrize("email", [JO, SAM, WILMA])
def test_who_cares_for_nobody_has_no_such_page(client_as: ClientAs, email: str) -> None:
    assert client_as(email).get(HOSPICE).status_code == 404

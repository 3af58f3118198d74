"""What the tests in a browser may ask for."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.reading import chromium
from tests.browser.running import Installation
from tests.browser.tasks import first_working_day


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a file."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all tests of a file, on the demonstration's Monday."""
    with first_working_day(tmp_path_factory.mktemp("place")) as place:
        yield place

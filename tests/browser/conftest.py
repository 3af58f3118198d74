"""What the tests in a browser may ask for."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.reading import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a file."""
    with chromium() as running:
        yield running

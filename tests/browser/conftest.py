"""What the tests in a browser may ask for."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.browser.reading import chromium
from tests.browser.running import Installation
from tests.browser.tasks import first_working_day
from transition.app import Tracker


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


@pytest.fixture
def address(app: Tracker) -> Iterator[str]:
    """Where the application answers, while a test runs."""
    server = make_server("localhost", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    serving.join()
    server.server_close()

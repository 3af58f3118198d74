import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.builders import planned_case
from tests.databases import opened
from tests.integration.bad_luck.places import Place
from tests.people import RUTH
from transition.home import ROOT
from transition.settings import Settings


@pytest.fixture(scope="session")
def helper() -> Iterator[subprocess.Popen[str]]:
    """The process that parts into those that die; it ends when nothing more can be ordered."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.bad_luck.killed"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        assert running.stdin is not None
        running.stdin.close()
        assert running.wait() == 0


@pytest.fixture
def place(installed: Settings, helper: subprocess.Popen[str]) -> Iterator[Place]:
    """A database with a case that waits to be handed over."""
    with opened(installed) as session:
        place = Place(session, installed, helper)
        with place.working(RUTH) as work:
            place.reference = planned_case(work).reference
        yield place

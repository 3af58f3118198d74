import shutil
from collections.abc import Iterator

import pytest

from tests.builders import engine_of
from tests.databases import ReadyMade, settings_in
from tests.security.states import STATES, Place, bring_to
from transition.app import create_app


@pytest.fixture(scope="session", params=STATES)
def place(
    request: pytest.FixtureRequest, ready_made: ReadyMade, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A database with the case in each state in turn; who only asks changes nothing of it."""
    folder = tmp_path_factory.mktemp("place")
    with ready_made.copy("installed", folder / "empty", server=None) as empty:
        shutil.copytree(empty.home, folder / "home")
    reference, at = bring_to(request.param, folder / "home")
    there, nobody = (create_app(settings_in(folder / name, now=at)) for name in ("home", "empty"))
    yield Place(there, nobody, folder / "home", reference, request.param)
    for app in (there, nobody):
        engine_of(app).dispose()

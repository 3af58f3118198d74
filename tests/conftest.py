"""What every test may ask for. Each gets its own copy of a database that was made once."""

from collections.abc import Generator, Iterator
from typing import Final, cast

import hypothesis
import pytest
from coverage import Coverage
from sqlalchemy.orm import Session

from tests import builders, compiled, databases
from tests.builders import ClientAs, WorkAs
from tests.readers import SWEPT
from transition.app import Tracker, create_app
from transition.settings import Settings

hypothesis.settings.register_profile("tracker", deadline=None)  # a busy machine is not a fault
hypothesis.settings.load_profile("tracker")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how often the sweep over all readers asked for a page."""
    reports = (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed"))
    asked = [count for one in reports for name, count in one.user_properties if name == SWEPT]
    if asked:
        states = f"{len(asked)} states of a case"
        terminalreporter.write_line(f"The sweep asked {sum(asked):,} times, in {states}.")


SEEN_ELSEWHERE: Final = (
    "tests/browser/",
    "tests/house/test_every_page_of_",
    "tests/house/test_every_view.py",
    "tests/integration/simulation/",
    "tests/performance/",
    "tests/security/test_isolation",
)
"""Long walks over what has tests of its own; that every line has one must be so without them."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Function) -> Generator[None, object, object]:
    """Measure what is covered neither in a long walk nor in a second round on PostgreSQL.

    Measuring doubles what a test costs, that of the libraries included, which nobody asks for.
    """
    again = hasattr(item, "callspec") and item.callspec.params.get("both_databases") == "postgresql"
    measuring = Coverage.current()
    if measuring is None or not (again or item.nodeid.startswith(SEEN_ELSEWHERE)):
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        builders.stay_on_this_machine(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Tracker.jinja_options, "bytecode_cache", compiled.Templates())
        compiled.share_statements(patch)
        compiled.share_addresses(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_power_cut() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        databases.wait_for_no_disk(patch)
        yield


@pytest.fixture(scope="session")
def ready_made(tmp_path_factory: pytest.TempPathFactory) -> databases.ReadyMade:
    """What is made once, for all processes of a run, and copied for each test."""
    return databases.ReadyMade(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def server() -> Iterator[databases.Server]:
    """A PostgreSQL server of this run's own."""
    running = databases.Server()
    yield running
    running.stop()


@pytest.fixture
def postgres_url(server: databases.Server) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def both_databases(request: pytest.FixtureRequest) -> str:
    """Run a test twice: with a file, and with a server. `installed` and the rest follow."""
    return cast("str", request.param)


def _copy(request: pytest.FixtureRequest, name: str) -> Iterator[Settings]:
    ask = request.getfixturevalue
    asked = "both_databases" in request.fixturenames
    server = ask("server") if asked and ask("both_databases") == "postgresql" else None
    with ask("ready_made").copy(name, ask("tmp_path") / "home", server=server) as settings:
        yield settings


@pytest.fixture
def installed(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A database with the invented staff and no case; its clock stands still at a Monday."""
    yield from _copy(request, "installed")


@pytest.fixture
def demonstration(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A database with the twenty cases, loaded at that same instant."""
    yield from _copy(request, "demonstration")


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Iterator[Tracker]:
    """The application: over the demonstration where a test asks for it, else over no cases."""
    name = "demonstration" if "demonstration" in request.fixturenames else "installed"
    tracker = create_app(request.getfixturevalue(name))
    yield tracker
    builders.engine_of(tracker).dispose()


@pytest.fixture
def session(app: Tracker) -> Iterator[Session]:
    """A session to look with; after `rollback` it sees what was kept since."""
    with Session(builders.engine_of(app)) as looking:
        yield looking


@pytest.fixture
def client_as(app: Tracker) -> ClientAs:
    """Return a browser in which this person has signed in."""
    return lambda email: builders.signed_in(app, email)


@pytest.fixture
def work_as(app: Tracker) -> WorkAs:
    """Let somebody do a piece of work in a `with` statement: now, or `at` another instant."""
    return lambda email, at=None: builders.working(app, email, at)

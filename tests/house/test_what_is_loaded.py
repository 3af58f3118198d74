"""What a process loads when it starts: each part what it needs and no more, by name."""

import subprocess
import sys

import pytest

from tests.databases import FIXED
from transition.home import ROOT
from transition.settings import Settings

LOAD = """
import sys
from pathlib import Path
from transition import app
from transition.settings import read_settings
environ = {{"TRANSITION_HOME": sys.argv[1], "TRANSITION_NOW": sys.argv[2]}}
{work}
print(*sys.modules)
"""

WORKER = """
from transition.jobs.runner import run_due
run_due(app.open_app(read_settings(environ, layer="test")))
"""

SERVER = """
served = app.create_app(read_settings(environ, layer="test")).test_client()
assert served.get("/sign-in").status_code == 200
"""

NOT_NOW = {
    "alembic",  # migrates
    "authlib",  # speaks to the provider of a work account
    "joserfc",  # proves what it says
    "mako",  # writes migrations
    "requests",  # asks a web service for bank holidays, which the package has in a file
    "psycopg",  # speaks to a server
    "transition.actions.demonstration",
    "transition.actions.demonstration_bulk",
    "transition.records.rendering",
}

SCREENS = {"wtforms", "flask_wtf", "flask_login", "nhsuk_frontend_jinja", "transition.web"}


@pytest.mark.parametrize(
    ("work", "not_loaded"),
    [(WORKER, NOT_NOW | SCREENS), (SERVER, NOT_NOW | {"apscheduler"})],
    ids=["worker", "server"],
)
def test_a_part_loads_nothing_that_it_does_not_need(
    installed: Settings, work: str, not_loaded: set[str]
) -> None:
    command = [sys.executable, "-c", LOAD.format(work=work), str(installed.home)]
    said = subprocess.run(
        [*command, FIXED.isoformat()], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    loaded = set(said.stdout.split())
    assert "transition.records.cases" in loaded
    assert sorted(loaded & not_loaded) == []

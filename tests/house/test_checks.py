import subprocess
import sys
from pathlib import Path

import pytest

from transition.home import ROOT

CHECKS = {
    "layout": ["ruff", "format", "--check", "."],
    "rules of style": ["ruff", "check", "."],
    "types": ["mypy"],
    "rooms": ["lint-imports"],
    "layout of templates": ["djlint", "templates", "--check", "--quiet"],
    "rules of templates": ["djlint", "templates", "--lint"],
}


@pytest.mark.parametrize("command", CHECKS.values(), ids=CHECKS.keys())
def test_the_check_of(command: list[str]) -> None:
    tool = str(Path(sys.executable).parent / command[0])
    done = subprocess.run(
        [tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr

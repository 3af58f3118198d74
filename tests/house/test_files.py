import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from transition.home import ROOT

CARD = {"README.md", "pyproject.toml", "config", "transition", "templates", "migrations", "tests"}
BESIDES = {"LICENSE"}
MADE_HERE = {"instance", "build", "dist", "__pycache__"}
LOCKS = sorted((ROOT / "config").glob("requirements*.txt"))
# Written apart, or this file would be found.
REGISTRIES = re.compile(
    "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "deb" + r"\.debian"])
)


def _texts() -> Iterator[tuple[Path, str]]:
    folders = [ROOT / name for name in (*CARD, *BESIDES, ".ci", ".gitignore", ".editorconfig")]
    made = ROOT / "transition" / "web" / "static" / "nhsuk"
    for folder in folders:
        for file in [folder, *folder.rglob("*")]:
            if file.is_file() and made not in file.parents:
                yield file, file.read_bytes().decode("utf-8", "replace")


def test_the_top_level_is_the_one_on_the_design_card() -> None:
    visible = {entry.name for entry in ROOT.iterdir() if not entry.name.startswith(".")}

    assert visible - MADE_HERE == CARD | BESIDES


def test_no_file_names_a_registry() -> None:
    found = [str(file) for file, text in _texts() if REGISTRIES.search(text)]

    assert found == []


def test_the_search_for_registries_finds_one() -> None:
    assert REGISTRIES.search("from https://files.python" + "hosted.org/")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_and_hashes_every_package_and_holds_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    lines = re.sub(r"\\\n", " ", text).splitlines()
    pins = [line for line in lines if line and not line.lstrip().startswith("#")]

    assert pins
    assert [
        pin for pin in pins if not re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin)
    ] == []
    assert "://" not in text


def test_there_are_three_locks() -> None:
    assert [lock.name for lock in LOCKS] == [
        "requirements-assets.txt",
        "requirements-dev.txt",
        "requirements.txt",
    ]


def test_what_runs_is_what_is_tested() -> None:
    running, testing = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / "config" / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )

    assert running < testing

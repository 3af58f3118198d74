import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import transition.__main__ as bootstrap
from transition import assets
from transition.__main__ import SetUpFailed, refuse_old_python, set_up
from transition.home import ROOT, base_of_relative_paths, files_beside

# Stands for both the Python that was started and the one in `.venv`: makes an environment that
# holds itself, "installs" a package with the design system's files, and writes down what it did.
STAND_IN = """#!/bin/sh
echo "$*" >> "$DONE"
echo "words of $2"
case "$FAIL" in "$2") echo "$SAYS"; exit 1;; esac
case "$*" in
  *"-m venv"*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  *--target*)
    while [ "$1" != --target ]; do shift; done
    mkdir -p "$2" && cp "$LOOK"/* "$2" ;;
esac
"""
CSS = (
    '@charset "UTF-8";:root{--nhsuk-frontend-version:"10.4.2"}'
    "@font-face{src:url(https://assets.example/a)}p{color:red}"
    "@font-face{src:url(https://assets.example/b)}/*# sourceMappingURL=a.css.map */"
)
SCRIPT = 'const version="10.4.2";export{version};\n//# sourceMappingURL=a.js.map\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh checkout, a stand-in for Python, and a package with the look."""
    root = tmp_path / "check out"
    for folder in (root / "config", root / "transition", tmp_path / "look"):
        folder.mkdir(parents=True)
    for lock in ("requirements.txt", "requirements-dev.txt", "requirements-assets.txt"):
        (root / "config" / lock).write_text(f"pins of {lock}\n", "utf-8")
    (root / "transition" / "assets.py").write_text("", "utf-8")
    (tmp_path / "look" / "nhsuk-frontend-10.4.2.min.css").write_text(CSS, "utf-8")
    (tmp_path / "look" / "nhsuk-frontend-10.4.2.min.js").write_text(SCRIPT, "utf-8")
    python = tmp_path / "python"
    python.write_text(STAND_IN, "utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("DONE", str(tmp_path / "done"))
    monkeypatch.setenv("LOOK", str(tmp_path / "look"))
    monkeypatch.setenv("FAIL", "")
    return root


def _done(root: Path) -> list[str]:
    """What was done since this was last asked, in short."""
    file = root.parent / "done"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return ["venv" if "-m venv" in line else line.rsplit("/", 1)[-1] for line in lines]


@pytest.mark.parametrize("module", ["__init__", "__main__", "home"])
def test_an_old_python_can_read_as_far_as_the_sentence(module: str) -> None:
    source = (ROOT / "transition" / f"{module}.py").read_text("utf-8")

    ast.parse(source, feature_version=(3, 7))


def test_the_set_up_needs_nothing_that_is_not_in_the_standard_library() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import transition.__main__, transition.assets"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ""},
        check=False,
    )

    assert done.returncode == 0


@pytest.mark.parametrize("version", [(3, 10), (3, 7), (2, 7)])
def test_an_old_python_is_refused(version: tuple[int, int]) -> None:
    with pytest.raises(SetUpFailed, match=r"needs Python 3\.11 or newer"):
        refuse_old_python(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 14), (4, 0)])
def test_a_newer_python_is_not_refused(version: tuple[int, int]) -> None:
    refuse_old_python(version)


def test_a_first_start_makes_the_environment_and_the_look(checkout: Path) -> None:
    assert set_up(checkout, testing=False)

    assert _done(checkout) == ["venv", "requirements.txt", "requirements-assets.txt"]
    look = checkout / "transition" / "web" / "static" / "nhsuk"
    assert sorted(file.name for file in look.iterdir()) == ["nhsuk.css", "nhsuk.js"]


def test_only_what_is_pinned_by_hash_is_installed(checkout: Path) -> None:
    set_up(checkout, testing=True)
    installs = (checkout.parent / "done").read_text("utf-8").splitlines()[1:]

    assert all("--require-hashes --only-binary=:all:" in line for line in installs)


def test_a_second_start_does_nothing(checkout: Path) -> None:
    set_up(checkout, testing=False)
    _done(checkout)

    assert not set_up(checkout, testing=False)
    assert _done(checkout) == []


def test_testing_adds_its_own_packages_and_running_then_needs_none(checkout: Path) -> None:
    set_up(checkout, testing=False)
    _done(checkout)

    assert set_up(checkout, testing=True)
    assert _done(checkout) == ["requirements-dev.txt", "requirements-assets.txt"]
    assert not set_up(checkout, testing=False)


def test_a_changed_lock_is_installed_into_the_environment_there_is(checkout: Path) -> None:
    set_up(checkout, testing=False)
    _done(checkout)
    (checkout / "config" / "requirements.txt").write_text("other pins\n", "utf-8")

    assert set_up(checkout, testing=False)
    assert _done(checkout) == ["requirements.txt", "requirements-assets.txt"]


def test_a_lost_look_is_made_again(checkout: Path) -> None:
    set_up(checkout, testing=False)
    (checkout / "transition" / "web" / "static" / "nhsuk" / "nhsuk.css").unlink()

    assert set_up(checkout, testing=False)


def test_a_moved_folder_gets_a_new_environment(checkout: Path) -> None:
    set_up(checkout, testing=False)
    _done(checkout)
    moved = checkout.rename(checkout.parent / "moved")

    assert set_up(moved, testing=False)
    assert _done(moved)[0] == "venv"


def test_an_interrupted_set_up_is_taken_up_again(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(checkout, testing=False)
    (checkout / "config" / "requirements.txt").write_text("other pins\n", "utf-8")
    monkeypatch.setenv("FAIL", "pip")
    with pytest.raises(SetUpFailed):
        set_up(checkout, testing=False)
    (checkout / "config" / "requirements.txt").write_text("pins of requirements.txt\n", "utf-8")
    monkeypatch.setenv("FAIL", "")

    assert set_up(checkout, testing=False)


@pytest.mark.parametrize(
    ("step", "says", "sentence"),
    [
        ("venv", "ensurepip is not available", r"apt install python3-venv\), then run the same"),
        ("pip", "Name or service not known", "check the connection to the package index"),
        ("pip", "OSError: [Errno 28] No space left on device", "The disk is full"),
    ],
)
def test_a_step_that_fails_ends_with_what_to_do_and_where_to_look(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, step: str, says: str, sentence: str
) -> None:
    monkeypatch.setenv("FAIL", step)
    monkeypatch.setenv("SAYS", says)

    with pytest.raises(SetUpFailed, match=sentence) as refusal:
        set_up(checkout, testing=False)

    log = checkout / ".venv" / "setup.log"
    assert str(log) in str(refusal.value)
    assert f"words of {step}\n{says}" in log.read_text("utf-8")


def test_a_place_that_cannot_be_written_ends_with_what_to_do(checkout: Path) -> None:
    (checkout / ".venv").write_text("in the way", "utf-8")

    with pytest.raises(SetUpFailed, match=r"\.venv cannot be written \(File exists\): give"):
        set_up(checkout, testing=False)


def test_a_design_system_that_has_changed_is_refused(checkout: Path) -> None:
    css = checkout.parent / "look" / "nhsuk-frontend-10.4.2.min.css"
    css.write_text(CSS.replace("10.4.2", "10.5.0"), "utf-8")

    with pytest.raises(SetUpFailed, match=r"style sheet is not 10\.4\.2"):
        set_up(checkout, testing=False)


def test_the_command_beside_python_starts_the_tracker_from_anywhere(checkout: Path) -> None:
    set_up(checkout, testing=False)
    _done(checkout)

    subprocess.run([checkout / ".venv" / "bin" / "transition", "serve"], cwd="/", check=True)

    assert _done(checkout) == ["-m transition serve"]


def test_a_failed_set_up_says_so_on_standard_error_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: object) -> None:
        raise SetUpFailed("Install a newer Python.")

    monkeypatch.setattr(bootstrap, "refuse_old_python", refuse)

    with pytest.raises(SystemExit) as ending:
        bootstrap.main([])

    assert (
        ending.value.code == "Install a newer Python."
    )  # Python prints it there, and exits with 1


def test_the_process_becomes_the_python_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Replaced(Exception):
        """The process would be another now."""

    def become(path: str, words: list[str]) -> None:
        raise Replaced(path, words)

    monkeypatch.setattr(bootstrap, "set_up", lambda _, testing: testing)
    monkeypatch.setattr(os, "execv", become)
    python = str(ROOT / ".venv" / "bin" / "python")

    with pytest.raises(Replaced) as replaced:
        bootstrap.main(["test", "-k", "clock"])

    assert replaced.value.args == (python, [python, "-m", "transition", "test", "-k", "clock"])


def test_the_style_sheet_gives_way_and_loads_nothing_from_elsewhere() -> None:
    written = assets.style_sheet(CSS)

    assert written == (
        "/*! nhsuk-frontend 10.4.2, Copyright (c) NHS England, MIT licence */\n"
        '@layer nhsuk {\n:root{--nhsuk-frontend-version:"10.4.2"}p{color:red}\n}\n'
    )


@pytest.mark.parametrize(
    ("css", "sentence"),
    [
        (CSS.replace("10.4.2", "10.4.3"), "style sheet is not 10.4.2"),
        (CSS + "@font-face{src:url(c)}", "3 web fonts"),
        (CSS + "p{background:url(https://elsewhere.example)}", "loads something from elsewhere"),
    ],
)
def test_a_style_sheet_nobody_has_looked_at_is_refused(css: str, sentence: str) -> None:
    with pytest.raises(assets.AssetsChanged, match=sentence):
        assets.style_sheet(css)


def test_the_script_loses_its_source_map_and_must_be_the_known_version() -> None:
    assert "sourceMapping" not in assets.module(SCRIPT)
    with pytest.raises(assets.AssetsChanged, match=r"script is not 10\.4\.2"):
        assets.module(SCRIPT.replace("10.4.2", "11.0.0"))


def test_a_missing_file_of_the_design_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsChanged, match="holds 0 files"):
        assets.write_assets(tmp_path, tmp_path / "nhsuk")


def test_a_checkout_has_its_files_beside_it_and_a_wheel_within(tmp_path: Path) -> None:
    package = tmp_path / "transition"
    package.mkdir()
    assert files_beside(package) == tmp_path
    assert base_of_relative_paths(package) == tmp_path

    (package / "_home").mkdir()
    assert files_beside(package) == package / "_home"
    assert base_of_relative_paths(package) == Path.cwd()

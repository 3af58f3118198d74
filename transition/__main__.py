"""Starts the tracker: sets up what it lacks, then does one command in its own environment.

Only the standard library is imported here, and only in words that an older Python can read, so
that one which is too old is refused with a sentence.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NoReturn, Sequence  # noqa: UP035 - an older Python must get past this line

from transition.home import PACKAGE, files_beside

LEAST = (3, 11)
RUNNING = "requirements.txt"
TESTING = "requirements-dev.txt"
"""Holds all of `RUNNING` and more."""
LOOK = "requirements-assets.txt"
AGAIN = "then run the same command again"


class SetUpFailed(Exception):
    """The set-up cannot go on; its text is a sentence that says what to do."""


def main(argv: Sequence[str]) -> NoReturn:
    """Do the command *argv* inside `.venv`, which is made or brought up to date first."""
    try:
        refuse_old_python(sys.version_info[:2])
        if files_beside(PACKAGE) == PACKAGE.parent:
            _enter(PACKAGE.parent, argv)
    except SetUpFailed as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command again to go on.")
    from transition.commands import main as command

    sys.exit(command(argv))


def refuse_old_python(version: Sequence[int]) -> None:
    """Refuse a *version* of Python that the tracker cannot run on.

    Raises:
        SetUpFailed: it is older than 3.11.
    """
    if tuple(version) < LEAST:
        have, need = (".".join(map(str, each)) for each in (version, LEAST))
        raise SetUpFailed(
            f"The tracker needs Python {need} or newer, and this is {have}: "
            f"install a newer Python and start the tracker with it."
        )


def set_up(root: Path, *, testing: bool) -> bool:
    """Bring `.venv` below *root* up to the locks; return whether anything had to be done.

    Raises:
        SetUpFailed: something stands in the way.
    """
    if _is_ready(root, testing=testing):
        return False
    import fcntl

    try:
        # Two commands may start at once; the second waits here, and then finds all done.
        with (root / "config" / RUNNING).open() as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            if not _is_ready(root, testing=testing):
                _install(root, testing=testing)
    except OSError as trouble:
        raise SetUpFailed(
            f"{trouble.filename or root / '.venv'} cannot be written ({trouble.strerror}): "
            f"give yourself the right to write there and free some disk space, {AGAIN}."
        ) from trouble
    return True


def _enter(root: Path, argv: Sequence[str]) -> None:
    changed = set_up(root, testing=list(argv[:1]) == ["test"])
    if changed or Path(sys.prefix).resolve() != (root / ".venv").resolve():
        python = str(root / ".venv" / "bin" / "python")
        os.execv(python, [python, "-m", "transition", *argv])


def _is_ready(root: Path, *, testing: bool) -> bool:
    made = all(_look(root).joinpath(name).is_file() for name in ("nhsuk.css", "nhsuk.js"))
    return made and set(_stamps(root, testing=testing)) <= set(_installed(root))


def _stamps(root: Path, *, testing: bool) -> list[str]:
    """What `.venv/installed` says when all is there, a line each."""
    look = [f"{LOOK} {_digest(root / 'config' / LOOK, root / 'transition' / 'assets.py')}"]
    locks = [RUNNING, TESTING] if testing else [RUNNING]
    return [
        _python_of(root),
        *(f"{each} {_digest(root / 'config' / each)}" for each in locks),
        *look,
    ]


def _python_of(root: Path) -> str:
    """Changes when the folder is moved, or the Python beneath it is upgraded or gone."""
    python = root / ".venv" / "bin" / "python"
    return f"{python} {python.resolve()}" if python.exists() else "no python"


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()


def _installed(root: Path) -> list[str]:
    stamps = root / ".venv" / "installed"
    return stamps.read_text("utf-8").splitlines() if stamps.is_file() else []


def _look(root: Path) -> Path:
    return root / "transition" / "web" / "static" / "nhsuk"


def _install(root: Path, *, testing: bool) -> None:
    venv = root / ".venv"
    print("Setting up the tracker in .venv; this takes a minute or two, once.", file=sys.stderr)
    if _python_of(root) not in _installed(root):
        _make_environment(root)
    # Until all is done the file names the Python alone: an interrupted set-up begins again.
    (venv / "installed").write_text(_python_of(root), "utf-8")
    _pip(root, TESTING if testing else RUNNING)
    _make_look(root)
    _make_command(root)
    (venv / "installed").write_text("\n".join(_stamps(root, testing=testing)), "utf-8")


def _make_environment(root: Path) -> None:
    venv = root / ".venv"
    venv.mkdir(exist_ok=True)
    _run(
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        venv / "setup.log",
        "Python cannot make a virtual environment: install its venv module "
        "(on Debian and Ubuntu: apt install python3-venv)",
    )


def _pip(root: Path, lock: str, *options: str) -> None:
    venv = root / ".venv"
    _run(
        [
            *(str(venv / "bin" / "python"), "-m", "pip", "install", "--no-input"),
            *("--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"),
            *(*options, "-r", str(root / "config" / lock)),
        ],
        venv / "setup.log",
        "The packages could not be installed: check the connection to the package index",
    )


def _run(command: Sequence[str], log: Path, otherwise: str) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    with log.open("a", encoding="utf-8") as file:
        file.write(done.stdout)
    if done.returncode:
        full = "No space left" in done.stdout
        reason = "The disk is full: free about a gigabyte" if full else otherwise
        raise SetUpFailed(f"{reason}, {AGAIN}. What went wrong is told in {log}.")


def _make_look(root: Path) -> None:
    from transition.assets import AssetsChanged, write_assets

    package = root / ".venv" / "assets"
    _pip(root, LOOK, "--no-deps", "--upgrade", "--target", str(package))
    try:
        write_assets(package, _look(root))
    except AssetsChanged as change:
        raise SetUpFailed(f"{change} Go back to the {LOOK} that came with the tracker.") from change


def _make_command(root: Path) -> None:
    """`.venv/bin/transition`; the tracker itself is never installed, it runs from its folder."""
    script = root / ".venv" / "bin" / "transition"
    python = shlex.quote(str(root / ".venv" / "bin" / "python"))
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(root))} exec {python} -m transition "$@"\n',
        "utf-8",
    )
    script.chmod(0o755)


if __name__ == "__main__":
    main(sys.argv[1:])

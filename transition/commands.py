"""The commands: `python3 -m transition COMMAND`. Each is a function; its docstring is its help."""

import argparse
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from datetime import time as time_of_day
from typing import TYPE_CHECKING, Final

from transition.arguments import Commands, Parser, anchor, count, day, instant, role
from transition.clock import LONDON, Clock
from transition.home import CONFIG, ROOT
from transition.rules.errors import RuleBroken
from transition.rules.people import Role
from transition.serving import Server, end_with_parent, keep_running, refuse_taken_port
from transition.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from transition.app import Tracker

MORNING: Final = time_of_day(7, 30)
"""When a digest is previewed for another day."""

WHOLE: Final = ("-n", "2", "--dist", "loadfile", "--cov")
"""How pytest is called for the whole run, the only one that can tell what is covered."""
NEW_KEYS: Final = (
    "The keys of this database were made in {}. Keep a copy of that file, apart from the database "
    "and its backups: without it nobody can ever read what is sealed."
)
Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Do the command *argv*, the process's own by default; return its exit code.

    0 is success, 1 refused or failed (with a sentence on standard error), 2 bad usage.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    if words[:1] == ["test"] and words[1:] not in (["-h"], ["--help"]):
        return run_tests(words[1:])  # argparse would try to understand pytest's options
    arguments = _parser().parse_args(words)
    command: Command = arguments.command
    try:
        return command(arguments)
    except (SettingsError, RuleBroken) as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="transition",
        description="Without a command: serve the tracker and its worker, set up if need be.",
    )
    parser.set_defaults(command=serve_and_work)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for part in (_add(commands, serve), _add(commands, worker)):
        part.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    _add(commands, migrate)
    _add_demo(commands)
    _add(commands, run_due).add_argument(
        "--now",
        type=instant,
        metavar="INSTANT",
        help="as if it were then, like 2026-11-23T07:30+00:00",
    )
    _add_invite(commands)
    _add_digest(commands)
    _add_audit(commands)
    _add(commands, test).add_argument("arguments", nargs="*", metavar="PYTEST_ARGUMENT")
    return parser


def _add_demo(commands: Commands) -> None:
    more = _add(commands, demo)
    more.add_argument(
        "--cases", type=count, metavar="N", help="add N more invented cases to whatever is there"
    )
    more.add_argument(
        "--seed", type=int, default=1, metavar="S", help="the same cases for the same number"
    )


def _add_invite(commands: Commands) -> None:
    asks = _add(commands, invite)
    asks.add_argument("--email", required=True, help="their work email address")
    asks.add_argument("--name", required=True, help="their name, as colleagues know them")
    asks.add_argument("--organisation", required=True, metavar="KEY", help="where they work")
    asks.add_argument(
        "--role",
        required=True,
        type=role,
        metavar="ROLE",
        help=f"what they may do: {', '.join(Role)}",
    )


def _add_digest(commands: Commands) -> None:
    about = "What a weekly digest says."
    parts = commands.add_parser("digest", help=about, description=about).add_subparsers(
        required=True, metavar="PART"
    )
    preview = _add(parts, digest_preview, name="preview")
    preview.add_argument("--email", required=True, help="whose digest")
    preview.add_argument(
        "--on", type=day, metavar="DATE", help="as if it were that day, like 2026-11-23"
    )


def _add_audit(commands: Commands) -> None:
    about = "The trail: who saw or did what."
    parts = commands.add_parser("audit", help=about, description=about).add_subparsers(
        required=True, metavar="PART"
    )
    verify = _add(parts, audit_verify, name="verify")
    verify.add_argument(
        "--anchor", type=anchor, metavar="N:HEX", help="a record number from a digest"
    )
    verify.add_argument("--json", action="store_true", help="print the result as JSON")
    export = _add(parts, audit_export, name="export")
    export.add_argument("--case", required=True, metavar="REF", help="whose trail, like NHJ-7K2M-4")


def _add(commands: Commands, command: Command, *, name: str = "") -> argparse.ArgumentParser:
    about = (command.__doc__ or "").split("\n", maxsplit=1)[0]
    spelt = name or command.__name__.replace("_", "-")
    parser = commands.add_parser(spelt, help=about, description=about)
    parser.set_defaults(command=command)
    return parser


def serve_and_work(_: argparse.Namespace) -> int:
    """Serve the tracker and its worker, until stopped."""
    settings = read_settings(os.environ)
    refuse_taken_port(settings)
    demonstration = _prepare(settings).config["DEMO"]
    return keep_running(replace(settings, mode="demo" if demonstration else "production"))


def serve(arguments: argparse.Namespace) -> int:
    """Serve the tracker's pages alone."""
    settings = read_settings(os.environ)
    refuse_taken_port(settings)
    if arguments.tied:
        end_with_parent()
    else:
        _prepare(settings)
    Server(settings).run()
    return 0


def worker(arguments: argparse.Namespace) -> int:
    """Do what the timetable owes, and post letters, until stopped."""
    from transition.app import open_app
    from transition.jobs.runner import run_worker

    settings = read_settings(os.environ)
    if arguments.tied:
        end_with_parent()
    else:
        _prepare(settings)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    run_worker(open_app(settings))
    return 0


def migrate(_: argparse.Namespace) -> int:
    """Bring the database to the current schema."""
    _prepare(read_settings(os.environ), demonstration=False)
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """Load the invented staff and the twenty invented cases, unless they are here already."""
    app = _prepare(read_settings(os.environ))
    if not app.config["DEMO"]:
        raise RuleBroken("This database is for real people. Nothing was added.")
    if arguments.cases is not None:
        _add_cases(app, arguments.cases, arguments.seed)
    return 0


def _add_cases(app: "Tracker", how_many: int, seed: int) -> None:
    from transition.actions.demonstration_bulk import Wanted, add_cases
    from transition.records.base import db

    wanted = Wanted(how_many, seed, CONFIG / "demonstration")
    with app.app_context():
        add_cases(
            db.session(),
            app.config["CATALOGUE"],
            wanted,
            now=app.config["CLOCK"].now(),
            told=lambda done: _show_progress(done, how_many),
        )
        db.session.remove()


def _show_progress(done: int, of: int) -> None:
    """Draw the bar anew on one line; the last one stays."""
    width = 40
    bar = "#" * (done * width // of)
    print(f"\r[{bar:<{width}}] {done} of {of}", end="\n" if done == of else "", file=sys.stderr)


def run_due(arguments: argparse.Namespace) -> int:
    """Do everything that is owed now, once, and end."""
    from transition.jobs import runner

    settings = read_settings(os.environ)
    if arguments.now is not None:
        clock = Clock.reading(arguments.now)
        settings = replace(settings, now=arguments.now, clock=clock)
    runner.run_due(_prepare(settings))
    return 0


def invite(arguments: argparse.Namespace) -> int:
    """Invite a member of staff; print the link where no mail server is set."""
    from transition.actions.invitations import Newcomer, link_of_newcomer
    from transition.records.base import db

    settings = read_settings(os.environ)
    app = _prepare(settings)
    newcomer = Newcomer(
        email=arguments.email,
        name=arguments.name,
        organisation=arguments.organisation,
        roles=frozenset({arguments.role}),
    )
    with app.app_context():
        catalogue, now = app.config["CATALOGUE"], app.config["CLOCK"].now()
        path = link_of_newcomer(db.session(), catalogue, newcomer, now=now)
        db.session.remove()
    if settings.smtp_host:
        print("The letter leaves as soon as the worker runs; its link works for 72 hours.")
    else:
        print(f"{settings.address}{path}")
    return 0


def digest_preview(arguments: argparse.Namespace) -> int:
    """Print the digest that somebody would get; nothing is sent or stored."""
    from transition.actions.letters import preview_digest
    from transition.records.base import db

    app = _prepare(read_settings(os.environ))
    on = arguments.on
    at = app.config["CLOCK"].now() if on is None else datetime.combine(on, MORNING, LONDON)
    with app.app_context():
        letter = preview_digest(
            db.session(), app.config["CATALOGUE"], app.config["POST"], arguments.email, at=at
        )
        db.session.remove()
    print(letter.subject, "", letter.text, sep="\n", end="")
    return 0


def audit_verify(arguments: argparse.Namespace) -> int:
    """Prove that no entry of the trail was changed, added or taken away."""
    from transition.records.audit import GOOD, is_guarded, verify
    from transition.records.base import db
    from transition.security.chain import short_form

    with _prepare(read_settings(os.environ)).app_context():
        verdict = verify(db.session(), anchor=arguments.anchor)
        guarded = is_guarded(db.session())
        db.session.remove()
    if not guarded:
        print("The database no longer refuses to change the trail.", file=sys.stderr)
    if arguments.json:
        words = {"code": verdict.code, "entries": verdict.entries, "bad": verdict.bad}
        print(json.dumps(words | {"set_back": verdict.set_back, "guarded": guarded}))
    elif verdict.code == GOOD:
        print(
            f"good: {verdict.entries} entries, anchor {verdict.entries}:{short_form(verdict.head)}"
        )
        for number in verdict.set_back:
            print(f"The clock had gone back before entry {number}.", file=sys.stderr)
    elif verdict.bad is not None:
        print(verdict.bad)
        print(f"The trail is broken at entry {verdict.bad}.", file=sys.stderr)
    else:
        print(verdict.entries)
        print(f"The trail was cut off after entry {verdict.entries}.", file=sys.stderr)
    return verdict.code


def audit_export(arguments: argparse.Namespace) -> int:
    """Print the whole trail of a case, a line an entry; its key goes to standard error."""
    from transition.actions.trail import copy_of_case, key_of_copy
    from transition.actions.work import work_of
    from transition.records.audit import Occasion
    from transition.records.base import db
    from transition.rules.people import THE_COMMAND_LINE

    app = _prepare(read_settings(os.environ))
    with app.app_context():
        occasion = Occasion(THE_COMMAND_LINE, app.config["CLOCK"].now(), "cli")
        with work_of(db.session(), occasion, app.config["CATALOGUE"]) as work:
            lines = copy_of_case(work, arguments.case, "cli")
        key = key_of_copy(db.session(), arguments.case).hex()
        db.session.remove()
    print(*lines, sep="\n")
    print(f"Key, to be kept apart from the copy: {key}", file=sys.stderr)
    print("Prove it: python3 transition/security/verify_export.py FILE KEY", file=sys.stderr)
    return 0


def _prepare(settings: Settings, *, demonstration: bool = True) -> "Tracker":
    """Return the application, made ready; what stands in the way becomes a sentence."""
    from sqlalchemy.exc import OperationalError

    from transition.app import prepare
    from transition.catalogue import CatalogueError
    from transition.security.keyring import SealingError

    had_keys = settings.keyring.exists()
    try:
        app = prepare(settings, demonstration=demonstration)
    except (CatalogueError, SealingError) as trouble:
        raise SettingsError(str(trouble)) from trouble
    except OperationalError as trouble:
        raise SettingsError(
            "The database cannot be opened. Check TRANSITION_DATABASE_URL and that its server "
            "runs, or that the folder of its file can be written."
        ) from trouble
    if not had_keys and not app.config["DEMO"]:
        print(NEW_KEYS.format(settings.keyring), file=sys.stderr)
    return app


def test(arguments: argparse.Namespace) -> int:
    """Run the tests and every check; with pytest's own arguments, only what they name."""
    return run_tests(arguments.arguments)


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest with *arguments*, or the whole run without any; return the exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *(arguments or WHOLE)], cwd=ROOT, check=False
    )
    usage_error = 4
    return 2 if done.returncode == usage_error else min(done.returncode, 1)

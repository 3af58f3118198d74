"""Copies of the trail: whoever holds one and its key finds every line that was touched."""

import json
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.builders import (
    Bag,
    ClientAs,
    WorkAs,
    accepted_case,
    engine_of,
    issue,
    on_both,
    opened_case,
    post,
    post_with,
    record_done,
)
from tests.databases import FIXED
from tests.integration.trail.test_trail import unguarded
from tests.people import HELEN, PRIYA, RUTH, WILMA
from transition import commands
from transition.actions.trail import copy_of_case, copy_wanted, key_of_copy
from transition.actions.work import NotFound
from transition.app import Tracker
from transition.records.audit import (
    BROKEN,
    GOOD,
    TRUNCATED,
    AuditEntry,
    first_broken,
    head_of,
    trail_of,
)
from transition.records.trail import Wanted
from transition.rules.trail import ExportReason
from transition.security import verify_export
from transition.security.verify_export import CUT_OFF, verify

CHECK = ExportReason.CHECK


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        case = opened_case(work)
        record_done(work, case, {"ID-02", "ID-03", "ID-05"})
        opened_case(work, given_name="Other")
        return case.reference


@pytest.fixture
def copy(work_as: WorkAs, reference: str) -> list[str]:
    with work_as(WILMA) as work:
        return copy_of_case(work, reference, "check")


@pytest.fixture
def key(session: Session, reference: str) -> bytes:
    return key_of_copy(session, reference)


@on_both
def test_a_copy_holds_the_whole_trail_of_its_case_and_proves_good(
    session: Session, reference: str, copy: list[str], key: bytes
) -> None:
    assert verify(copy, key) == (verify_export.GOOD, 5)
    head, *entries = map(json.loads, copy)
    assert (head["case"], head["entries"], head["broken_at"]) == (reference, 4, None)
    kept = trail_of(session, reference)[:4]
    assert [one["mac"] for one in entries] == [one.mac.hex() for one in kept]
    assert [one["action"] for one in entries] == ["case:opened", *["milestone:recorded"] * 3]
    assert "Sky" not in "".join(copy)


@on_both
def test_that_it_was_taken_along_is_in_the_trail_and_stands_in_the_next_copy(
    work_as: WorkAs, session: Session, reference: str, copy: list[str], key: bytes
) -> None:
    last = trail_of(session, reference)[-1]
    assert (last.action, last.object, last.role) == ("trail:exported", "check", "auditor")
    session.rollback()
    with work_as(WILMA) as work:
        later = copy_of_case(work, reference, "check")
    assert verify(later, key) == (verify_export.GOOD, 6)
    assert [json.loads(one)["mac"] for one in later[1:5]] == [
        json.loads(one)["mac"] for one in copy[1:]
    ]


Tamper = Callable[[list[str]], list[str]]


def edited(copy: list[str], number: int, **words: object) -> list[str]:
    line = json.dumps(json.loads(copy[number - 1]) | words)
    return [*copy[: number - 1], line, *copy[number:]]


TAMPERED: dict[str, tuple[Tamper, tuple[int, int]]] = {
    "edited": (lambda copy: edited(copy, 3, actor="0" * 32), (verify_export.BROKEN, 3)),
    "head edited": (lambda copy: edited(copy, 1, entries=9), (verify_export.BROKEN, 1)),
    "removed": (lambda copy: [*copy[:2], *copy[3:]], (verify_export.BROKEN, 3)),
    "head removed": (lambda copy: copy[1:], (verify_export.BROKEN, 1)),
    "swapped": (
        lambda copy: [*copy[:2], copy[3], copy[2], copy[4]],
        (verify_export.BROKEN, 3),
    ),
    "added": (lambda copy: [*copy[:3], copy[2], *copy[3:]], (verify_export.BROKEN, 4)),
    "added at the end": (lambda copy: [*copy, copy[-1]], (verify_export.BROKEN, 6)),
    "cut off": (lambda copy: copy[:-1], (CUT_OFF, 4)),
    "empty": (lambda _: [], (CUT_OFF, 0)),
    "no seal": (lambda copy: [*copy[:2], "{}", *copy[3:]], (verify_export.BROKEN, 3)),
    "no line of ours": (lambda copy: ["[]", *copy[1:]], (verify_export.BROKEN, 1)),
    "not readable": (lambda copy: [copy[0], "Quillon", *copy[2:]], (verify_export.BROKEN, 2)),
    "seal of another kind": (lambda copy: edited(copy, 2, seal=7), (verify_export.BROKEN, 2)),
}


@on_both
@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_was_done_to_a_copy_is_found_at_its_line(
    copy: list[str], key: bytes, how: str
) -> None:
    tamper, found = TAMPERED[how]
    assert verify(tamper(copy), key) == found


def test_every_column_of_every_line_is_sealed(copy: list[str], key: bytes) -> None:
    for number, line in enumerate(copy, start=1):
        for name in json.loads(line).keys() - {"seal"}:
            changed = edited(copy, number, **{name: "other"})
            assert verify(changed, key) == (verify_export.BROKEN, number), name


def resealed(copy: list[str], key: bytes) -> list[str]:
    """Seal lines anew, as somebody can who holds the key of the copy."""
    before, lines = "", []
    for line in copy:
        said = json.loads(line)
        said.pop("seal")
        before = verify_export.seal_of(key, before, said)
        lines.append(json.dumps(said | {"seal": before}))
    return lines


def test_the_chain_of_the_case_is_proved_beside_the_seals(copy: list[str], key: bytes) -> None:
    assert verify(resealed(copy, key), key)[0] == verify_export.GOOD
    for name, words in (("case_seq", 7), ("case_prev", "0" * 64), ("case_ref", "NHJ-2222-2")):
        changed = resealed(edited(copy, 3, **{name: words}), key)
        assert verify(changed, key) == (verify_export.BROKEN, 3), name
    longer = resealed([*copy, copy[-1]], key)
    assert verify(longer, key) == (verify_export.BROKEN, 6)


def test_the_key_of_one_case_proves_no_other(session: Session, copy: list[str], key: bytes) -> None:
    other = session.scalars(select(AuditEntry.case_ref).distinct()).all()
    keys = {key_of_copy(session, str(one)) for one in other}
    assert len(keys) == len(other)
    assert [verify(copy, one)[0] for one in keys - {key}] == [verify_export.BROKEN] * (
        len(other) - 1
    )


@on_both
def test_a_copy_says_at_which_entry_the_trail_itself_was_already_broken(
    app: Tracker, work_as: WorkAs, session: Session, reference: str, key: bytes
) -> None:
    assert first_broken(session, reference) is None
    session.rollback()
    with engine_of(app).connect() as connection:
        for words in unguarded(connection):
            connection.execute(text(words))
        changed = "UPDATE audit_entry SET outcome = 'other' WHERE case_ref = :ref AND case_seq = 2"
        connection.execute(text(changed), {"ref": reference})
        connection.commit()
    assert first_broken(session, reference) == 2
    session.rollback()
    with work_as(WILMA) as work:
        copy = copy_of_case(work, reference, "check")
    assert verify(copy, key)[0] == verify_export.GOOD, "it is what the database said"
    assert json.loads(copy[0])["broken_at"] == 2


@pytest.mark.parametrize("wanted", [{"case": "NHJ-2222-2"}, {"who": "0" * 32}])
def test_a_copy_of_nothing_is_refused(work_as: WorkAs, wanted: dict[str, Any]) -> None:
    question = Wanted(organisation="naomi", of_cases=True, **wanted)
    with pytest.raises(NotFound), work_as(WILMA) as work:
        copy_wanted(work, question, CHECK)
    with pytest.raises(NotFound), work_as(WILMA) as work:
        copy_of_case(work, "NHJ-2222-2", "check")


# --- the program alone --------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(verify_export.__file__), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_it_is_a_program_of_its_own(
    tmp_path: Path, copy: list[str], key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "copy.jsonl"
    file.write_text("\n".join(copy), "utf-8")
    monkeypatch.setattr(sys, "argv", ["verify_export.py", str(file), key.hex()])
    with pytest.raises(SystemExit, match=r"^0$"):
        runpy.run_path(str(verify_export.__file__), run_name="__main__")


def test_the_program_stands_alone_and_is_short(
    tmp_path: Path, copy: list[str], key: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "copy.jsonl"
    file.write_text("\n".join([*copy, ""]), "utf-8")
    assert run(str(file), key.hex()) == (0, "good: 5 lines\n")
    file.write_text("\n".join(copy[:-1]), "utf-8")
    assert verify_export.main([str(file), key.hex()]) == CUT_OFF
    file.write_text("\n".join(copy[1:]), "utf-8")
    assert verify_export.main([str(file), key.hex()]) == verify_export.BROKEN
    for wrong in ([], [str(file)], [str(file), "no key"], [str(tmp_path / "none"), key.hex()]):
        assert verify_export.main(wrong) == verify_export.UNREADABLE
    said = capsys.readouterr()
    assert said.out == "cut off after line 4\nbroken at line 1\n"
    assert said.err.count("Usage: python3 verify_export.py FILE KEY.") == 4
    source = Path(verify_export.__file__).read_text("utf-8")
    assert len(source.splitlines()) < 80
    assert set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE)) == {
        *("hmac", "json", "pathlib", "sys", "typing")
    }


# --- commands and letters -----------------------------------------------------------------------


@pytest.fixture
def command(
    app: Tracker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command on the database of this test; return its code and what it said."""
    monkeypatch.setattr(commands, "_prepare", lambda _: app)

    def do(*words: str) -> tuple[int, str, str]:
        code = commands.main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return do


Command = Callable[..., tuple[int, str, str]]


@on_both
def test_the_command_prints_a_copy_and_keeps_its_key_apart(
    command: Command, session: Session, reference: str, key: bytes
) -> None:
    session.rollback()
    code, out, err = command("audit", "export", "--case", reference)
    assert code == 0
    assert verify(out.splitlines(), key) == (verify_export.GOOD, 5)
    assert key.hex() in err
    assert key.hex() not in out
    last = trail_of(session, reference)[-1]
    assert (last.action, last.object, last.via) == ("trail:exported", "cli", "cli")
    session.rollback()
    code, out, err = command("audit", "export", "--case", "NHJ-2222-2")
    assert (code, out, err) == (1, "", "The trail holds nothing of this case.\n")


def line_of_a_digest(app: Tracker) -> tuple[str, int]:
    """Issue the digests; return what the foot of one says of the trail, and the number in it."""
    bag = Bag()
    assert issue(app, at=FIXED) > 0
    post_with(app, bag, at=FIXED)
    words = bag.letters[0].get_body(("plain",))
    assert words is not None
    found = re.search(r"^Record no\. (\d+:[0-9A-F ]+)$", words.get_content(), re.MULTILINE)
    assert found is not None
    return found[1], int(found[1].partition(":")[0])


@on_both
@pytest.mark.usefixtures("reference")
def test_a_trail_put_back_as_it_once_was_is_found_by_the_line_of_a_digest(
    app: Tracker, command: Command, work_as: WorkAs
) -> None:
    """Everything at once, the count too: an older copy of the whole table is whole in itself."""
    with engine_of(app).begin() as connection:
        connection.execute(text("CREATE TABLE older AS SELECT * FROM audit_entry"))
    anchor, number = line_of_a_digest(app)
    with engine_of(app).begin() as connection:
        for statement in (
            *unguarded(connection),
            "DELETE FROM audit_entry",
            "INSERT INTO audit_entry SELECT * FROM older",
            "UPDATE audit_head SET seq = (SELECT max(seq) FROM older)",
            "DROP TABLE older",
        ):
            connection.execute(text(statement))
    assert command("audit", "verify")[0] == GOOD, "nothing here can tell"
    assert command("audit", "verify", "--anchor", anchor)[0] == TRUNCATED
    for _ in range(number):
        with work_as(RUTH) as work:
            work.note("case:touched")
    code, out, _ = command("audit", "verify", "--anchor", anchor)
    assert (code, out) == (BROKEN, f"{number}\n"), "and so it is once more was written over it"


@on_both
@pytest.mark.usefixtures("reference")
def test_a_trail_cut_off_behind_its_own_count_is_found_by_the_line_of_a_digest(
    app: Tracker, command: Command, session: Session, work_as: WorkAs
) -> None:
    anchor, number = line_of_a_digest(app)
    assert command("audit", "verify", "--anchor", anchor)[0] == GOOD
    with engine_of(app).connect() as connection:
        for statement in (
            *unguarded(connection),
            f"DELETE FROM audit_entry WHERE seq >= {number}",  # noqa: S608 - our own number
            f"UPDATE audit_head SET seq = {number - 1}",  # noqa: S608 - our own number
        ):
            connection.execute(text(statement))
        connection.commit()
    assert command("audit", "verify")[0] == GOOD, "nothing here can tell any more"
    code, out, _ = command("audit", "verify", "--anchor", anchor)
    assert (code, out) == (TRUNCATED, f"{number - 1}\n")
    for _ in range(3):
        with work_as(RUTH) as work:
            work.note("case:touched")
    code, out, _ = command("audit", "verify", "--anchor", anchor, "--json")
    assert (code, json.loads(out)["bad"]) == (BROKEN, number), "written anew over the cut"
    assert head_of(session)[0] > number


def test_the_command_says_before_which_entry_the_clock_had_gone_back(
    command: Command, session: Session, work_as: WorkAs
) -> None:
    for hours in (2, 0):
        with work_as(RUTH, FIXED + timedelta(hours=hours)) as work:
            work.note("case:touched")
    number, _ = head_of(session)
    session.rollback()
    code, out, err = command("audit", "verify")
    assert (code, out.startswith("good: ")) == (GOOD, True)
    assert err == f"The clock had gone back before entry {number}.\n"
    assert json.loads(command("audit", "verify", "--json")[1])["set_back"] == [number]


def test_the_command_says_that_the_guard_of_the_trail_was_taken_away(
    app: Tracker, command: Command
) -> None:
    assert json.loads(command("audit", "verify", "--json")[1])["guarded"]
    with engine_of(app).connect() as connection:
        connection.execute(text(unguarded(connection)[0]))
        connection.commit()
    code, out, err = command("audit", "verify")
    assert (code, out.startswith("good: ")) == (GOOD, True), "nothing was changed yet"
    assert err == "The database no longer refuses to change the trail.\n"
    assert not json.loads(command("audit", "verify", "--json")[1])["guarded"]


# --- the page -----------------------------------------------------------------------------------


def test_an_auditor_says_why_and_gets_the_file_the_key_and_the_program(
    client_as: ClientAs, reference: str, key: bytes
) -> None:
    wilma, path = client_as(WILMA), f"/audit/export?case={reference}"
    listed = wilma.get(f"/audit?case={reference}").text
    assert path in listed
    page = wilma.get(path).text
    assert key.hex() in page
    assert f"The whole trail of {reference}" in page
    none = post(wilma, path, path, reason="")
    assert none.status_code == 422
    assert "Choose why" in none.text
    given = post(wilma, path, path, reason="family")
    assert given.headers["Content-Disposition"] == f"attachment; filename=trail-{reference}.jsonl"
    assert key.hex() not in given.text
    assert verify(given.text.splitlines(), key)[0] == verify_export.GOOD
    program = wilma.get("/audit/verifier")
    assert program.text == Path(verify_export.__file__).read_text("utf-8")
    told = wilma.get("/audit?what=exported").text
    assert "Took a copy of the trail of the case along: family" in told


def test_what_the_filter_shows_can_be_taken_along_too(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    accepted_case(work_as)
    wilma, path = client_as(WILMA), "/audit/export?what=changed"
    given = post(wilma, path, path, reason="check").text.splitlines()
    assert verify(given, key_of_copy(session, "naomi"))[0] == verify_export.GOOD
    entries = [json.loads(one) for one in given[1:]]
    assert json.loads(given[0])["case"] is None
    assert {one["organisation"] for one in entries} >= {"naomi", "rowans"}
    session.rollback()
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last is not None
    assert (last.action, last.object, last.case_ref) == (
        "trail:exported",
        f"check {len(entries)}",
        None,
    )


@pytest.mark.parametrize("email", [PRIYA, HELEN, RUTH])
@pytest.mark.parametrize("path", ["/audit/export", "/audit/verifier"])
def test_only_an_auditor_takes_it_along(client_as: ClientAs, email: str, path: str) -> None:
    assert client_as(email).get(path).status_code == 404

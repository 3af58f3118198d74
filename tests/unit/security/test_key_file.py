import base64
import os
import stat
from datetime import date
from pathlib import Path

import pytest

from transition.security.keyring import (
    KeyFileError,
    KeyRing,
    create_key_file,
    kek_id_of,
    load_key_file,
)

TODAY = date(2026, 11, 21)
FIRST = bytes(range(32))
SECOND = bytes(range(32, 64))


def line(kek: bytes, state: str = "active", *, name: str | None = None) -> str:
    return f"{name or kek_id_of(kek).hex()} = {base64.b64encode(kek).decode()}, 2026-11-21, {state}"


def key_file(folder: Path, *lines: str) -> Path:
    path = folder / "keyring"
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    return path


def test_a_new_key_file_is_closed_to_others_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keyring"
    made = create_key_file(path, TODAY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    wrapped = made.wrap(SECOND, purpose="system", owner_uid=bytes(16), version=1)
    again = load_key_file(path)
    assert again.unwrap(wrapped, purpose="system", owner_uid=bytes(16)) == SECOND
    assert ", 2026-11-21, active" in path.read_text()


def test_two_new_key_files_hold_different_keys(tmp_path: Path) -> None:
    first = create_key_file(tmp_path / "first", TODAY)
    assert create_key_file(tmp_path / "second", TODAY).active_id != first.active_id


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    path = key_file(tmp_path, line(FIRST))
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match=r"File exists.*Nothing was changed\."):
        create_key_file(path, TODAY)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match=r"cannot be made .* choose a folder"):
        create_key_file(tmp_path / "file" / "keyring", TODAY)


def test_a_full_disk_leaves_no_half_key_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyFileError, match="No space left"):
        create_key_file(tmp_path / "keyring", TODAY)
    assert list(tmp_path.iterdir()) == []


def test_active_and_old_keys_are_told_apart(tmp_path: Path) -> None:
    path = key_file(tmp_path, "# the ring of the hospice", line(SECOND, "old"), "", line(FIRST))
    ring = load_key_file(path)
    assert ring.active_id == kek_id_of(FIRST)
    assert ring.ids == {kek_id_of(FIRST), kek_id_of(SECOND)}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = key_file(tmp_path, line(FIRST))
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=r"closed to all others\. Use chown and chmod 600"):
        load_key_file(path)


def test_a_file_of_another_account_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = key_file(tmp_path, line(FIRST))
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    with pytest.raises(KeyFileError, match="must belong to the account"):
        load_key_file(path)


def test_a_missing_file_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"keyring cannot be read .* Put back the key file"):
        load_key_file(tmp_path / "keyring")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damaged",
    [
        "nonsense",
        line(FIRST)[:40],
        line(FIRST).replace("2026-11-21", "2026-13-21"),
        line(FIRST).replace("= A", "= B"),
        line(FIRST).replace("= A", "= *A"),
        line(FIRST, name="9ebc0e10aebd48fe"),
        line(FIRST[:16]),
        line(FIRST, "retired"),
        line(FIRST) + ", more",
        line(FIRST, "áctive"),
    ],
)
def test_a_damaged_line_is_named_by_its_number(tmp_path: Path, damaged: str) -> None:
    path = key_file(tmp_path, line(SECOND), damaged)
    with pytest.raises(KeyFileError, match="Line 2 of the key file") as refusal:
        load_key_file(path)
    assert base64.b64encode(FIRST).decode()[:10] not in str(refusal.value)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (line(FIRST, "old"),),
        (line(FIRST), line(SECOND)),
        (line(FIRST), line(FIRST, "old")),
        (line(FIRST), line(SECOND, "old"), line(SECOND, "old")),
    ],
)
def test_a_file_without_exactly_one_active_key_is_refused(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    with pytest.raises(KeyFileError, match="each key once and exactly one active key"):
        load_key_file(key_file(tmp_path, *lines))


def test_a_key_of_the_file_opens_what_the_same_key_wrapped(tmp_path: Path) -> None:
    wrapped = KeyRing(FIRST).wrap(SECOND, purpose="trail", owner_uid=bytes(16), version=1)
    ring = load_key_file(key_file(tmp_path, line(FIRST)))
    assert ring.unwrap(wrapped, purpose="trail", owner_uid=bytes(16)) == SECOND

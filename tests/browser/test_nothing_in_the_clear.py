import base64
import quopri
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from tests.browser.reading import chromium
from tests.browser.running import MONDAY, installation
from tests.browser.searching import found_in
from tests.browser.story import (
    ABOUT,
    BORN,
    LIMITS,
    NHS_NUMBER,
    NOT_NEEDED,
    NOTE,
    PERSON,
    WHY,
    WORDS,
    Story,
)
from tests.builders import WorkAs, planned_case, proposal
from tests.people import RUTH
from transition.actions.handovers import propose_handover
from transition.actions.milestones import Recorded, record_outcome
from transition.rules.milestones import OutcomeKind
from transition.security.fields import CaseCipher, SealedField
from transition.settings import Settings

DATABASE: Final = "tracker.sqlite3"
KINDS: Final = {
    "handover_proposed": b"needs your reply",
    "handover_answered": b"has been answered",
    "weekly_digest": b"Transition digest",
}
"""The kinds of letter that carry a reference, and what tells one from the other."""
CARRIERS: Final = ("database", "wal", "log", "outbox")
"""Where a reference must be found, besides letters."""


@dataclass(frozen=True)
class Left:
    """What a story left behind: its reference, raw bytes by where they lie, and the letters."""

    reference: str
    places: dict[str, bytes]
    letters: list[bytes]


def _tell_and_gather(folder: Path) -> Left:
    with installation(folder) as place:
        database = place.home / DATABASE
        with chromium() as browser, place.running():
            reference = Story(place, browser).tell()
            place.do("run-due", "--now", MONDAY)
            # Read while they run: the last to leave writes this file into the other and removes it.
            places = {"wal": database.with_name(f"{DATABASE}-wal").read_bytes()}
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            rows = connection.execute("SELECT * FROM queued_letter").fetchall()
        places |= {"database": database.read_bytes(), "outbox": repr(rows).encode()}
        files = [file for file in place.home.rglob("*") if file.is_file()]
        places |= {f"the file {file.name}": file.read_bytes() for file in files}
        return Left(reference, places | {"log": place.log}, place.letters.raw)


ABOUT_OTHERS = (
    *(b"A reminder about a handover", b"A handover waits too long"),
    *(b"A handover has arrived", b"A question about a handover", b"A transfer needs you"),
)
"""What letters about the other cases of that day say; in this story nobody has earned one."""


def test_a_story_leaves_nothing_that_was_typed_in_the_clear(tmp_path: Path) -> None:
    left = _tell_and_gather(tmp_path)
    letters = {kind: [one for one in left.letters if mark in one] for kind, mark in KINDS.items()}
    raw = left.places | {kind: b"\r\n".join(letters[kind]) for kind in KINDS}

    assert {where: words for where in raw if (words := found_in(raw[where], WORDS))} == {}
    # The same search finds what may be there, so it would have found what may not.
    carriers = (*CARRIERS, *KINDS)
    assert [where for where in carriers if not found_in(raw[where], [left.reference])] == []
    nudges = [one for one in left.letters if any(mark in one for mark in ABOUT_OTHERS)]
    assert found_in(b"\r\n".join(nudges), WORDS) == []
    assert sum(len(letters[kind]) for kind in KINDS) + len(nudges) == len(left.letters)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("before", range(3))
def test_the_search_finds_a_word_in_every_writing(word: str, before: int) -> None:
    text = "·" * before + word + " and so on" * 12
    shifted = bytes(before) + word.encode() + b" and so on"
    written = [
        *(text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")),
        *(
            base64.b64encode(bytes(before) + word.encode(encoding) + b"xy")
            for encoding in ("utf-8", "utf-16-le", "utf-16-be")
        ),
        base64.urlsafe_b64encode(shifted),
        base64.encodebytes(b"x" * (50 + before) + shifted),
        quopri.encodestring(b"\xc3\xa9" * (20 + before) + word.encode() + b" and so on" * 9),
    ]

    assert [found_in(raw, [word]) for raw in written] == [[word]] * len(written)


def test_the_search_finds_nothing_where_nothing_is() -> None:
    assert found_in(b"The transition is open. " * 99, WORDS) == []


@pytest.fixture
def in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the sealing of fields by something that only looks like it."""
    seal, unseal = CaseCipher.seal, CaseCipher.open
    mark = b"\xe1\x01\x00\x01in the clear"

    def write(self: CaseCipher, value: object, field: SealedField, *place: bytes) -> bytes:
        seal(self, value, field, *place)
        return mark + field.pad(value) + bytes(16)

    def read(self: CaseCipher, token: bytes, field: SealedField, *place: bytes) -> object:
        if token.startswith(mark):
            return field.unpad(token[len(mark) : -16])
        return unseal(self, token, field, *place)

    monkeypatch.setattr(CaseCipher, "seal", write)
    monkeypatch.setattr(CaseCipher, "open", read)


@pytest.mark.usefixtures("in_the_clear")
def test_the_same_search_finds_every_word_where_nothing_is_sealed(
    work_as: WorkAs, installed: Settings
) -> None:
    with work_as(RUTH) as work:
        case = planned_case(
            work,
            given_name=PERSON["First name"],
            family_name=PERSON["Last name"],
            known_as=PERSON["What they like to be called"],
            pronouns=PERSON["Pronouns"],
            nhs_number=NHS_NUMBER.replace(" ", ""),
            date_of_birth=date(*(int(BORN[part]) for part in ("Year", "Month", "Day"))),
            about_me=ABOUT["What matters to them"],
            how_i_communicate=ABOUT["How they communicate"],
            allergies=ABOUT["Allergies"],
            primary_condition=ABOUT["Condition"],
            first_language=ABOUT["First language"],
        )
        done = Recorded(kind=OutcomeKind.DONE, done_on=work.today, evidence_note=NOTE)
        record_outcome(work, case.reference, "PL-02", done)
        not_needed = Recorded(kind=OutcomeKind.NOT_APPLICABLE, reason=NOT_NEEDED)
        record_outcome(work, case.reference, "PL-05", not_needed)
        propose_handover(work, case.reference, proposal(sharing_limits=LIMITS, why=WHY))
    raw = b"".join(file.read_bytes() for file in installed.home.glob(f"{DATABASE}*"))

    # As it is kept and as a pack tells it: 9997314069 and 999 731 4069.
    assert found_in(raw, WORDS) == list(WORDS)

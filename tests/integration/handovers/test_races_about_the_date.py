"""Two pages are open and both are sent at once, one of them to move the date: one is too late."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.builders import ASKED, TARGET, ClientAs, on_both, token_of
from tests.integration.handovers.racing import ACCEPTED, PROPOSED, Move, Track, at_once
from tests.people import HELEN, IDRIS, PRIYA, RUTH
from transition.records.audit import GOOD, verify
from transition.records.cases import Case

Send = Callable[[], TestResponse]

WHEN_PROPOSED: Final[tuple[tuple[Move, Move], ...]] = (
    ((HELEN, "accept"), (RUTH, "move to 2")),
    ((IDRIS, "accept"), (PRIYA, "move to 3")),
    ((HELEN, "decline"), (RUTH, "move to 4")),
    ((PRIYA, "withdraw"), (RUTH, "move to 5")),
    ((PRIYA, "move to 6"), (RUTH, "move to 7")),
)
WHEN_ACCEPTED: Final[tuple[tuple[Move, Move], ...]] = (
    ((HELEN, "move to 2"), (RUTH, "move to 3")),
    ((HELEN, "move to 4"), (IDRIS, "move to 4")),
    ((PRIYA, "withdraw"), (HELEN, "move to 5")),
    ((HELEN, "withdraw"), (RUTH, "move to 6")),
    ((IDRIS, "withdraw"), (PRIYA, "move to 7")),
)
"""Two pages, of which the one that is sent first is the last word about what both show."""

ROUNDS: Final = 10
"""How often each pair races: beside the pairs that race elsewhere, two hundred on a database."""

COMES_OF: Final = {
    "accept": ("handover:accepted", "handover_answered"),
    "decline": ("handover:declined", "handover_answered"),
    "withdraw": ("handover:withdrawn", "case_changed"),
    "move": ("target:set", "case_changed"),
}
"""What the trail says of each, and the letter that tells of it."""

TOO_LATE: Final = ("Nothing of yours was sent", "it may no longer be shared with you")
"""What the other reads: how it stands now, or where that is theirs no more, that it is not."""


def hidden(page: str, name: str) -> str:
    """Return what a page carries in a field that nobody sees."""
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', page)
    assert found, name
    return found[1]


def opened(client: FlaskClient, track: Track, step: str) -> Send:
    """Let somebody open the page of a step, and return what sends its form."""
    case, way = f"/cases/{track.reference}", step.split(maxsplit=1)[0]
    pack = f"{case}/handovers/{track.key}"
    path = {"move": f"{case}/plan/target-date", "withdraw": f"{pack}/withdraw"}
    path |= dict.fromkeys(("accept", "decline"), f"{pack}/reply/each")
    page = client.get(path[way]).text
    words = {"csrf_token": token_of(page), "version": hidden(page, "version")}
    words |= SAID[way] if way in SAID else the_day(int(step.rsplit(maxsplit=1)[-1]))
    if way == "move":
        words["seen_moves"] = hidden(client.post(path[way], data=words).text, "seen_moves")
        words["reason_code"] = "staffing"
    return partial(client.post, path[way], data=words)


def date_in(name: str, day: int, month: int) -> dict[str, str]:
    parts = {"day": day, "month": month, "year": 2027}
    return {f"{name}-{part}": str(number) for part, number in parts.items()}


def the_day(day: int) -> dict[str, str]:
    return date_in("target_transfer_on", day, TARGET.month)


def each(**said: str) -> dict[str, str]:
    return {f"{one.value}_{part}": word for one in ASKED for part, word in said.items()}


SAID: Final[dict[str, dict[str, str]]] = {
    "accept": {"has_read": "y", "adult_worker": "later", "checked": "yes"}
    | date_in("adult_worker_by", 1, 1)
    | date_in("first_contact_on", 11, 1)
    | each(answer="accept"),
    "decline": {"has_read": "y", "checked": "yes"}
    | each(answer="decline", reason="D03", given="A change of phase"),
    "withdraw": {"why": "Another plan"},
}


def run(track: Track, browsers: dict[str, FlaskClient], *moves: Move) -> str:
    """Let two send at once what both have open, and return which step was taken."""
    sends = [opened(browsers[who], track, step) for who, step in moves]
    was = track.kept()
    answers = at_once(*sends)
    now = track.kept()
    won = [step for (_, step), one in zip(moves, answers, strict=True) if one.status_code == 302]
    (lost,) = (one for one in answers if one.status_code != 302)
    assert len(won) == 1, moves
    assert lost.status_code in {404, 409}, lost.status
    assert any(words in lost.text for words in TOO_LATE), lost.text
    word, letter = COMES_OF[won[0].split()[0]]
    told = {said for said, _ in COMES_OF.values()}
    assert {one: n for one, n in (now.trail - was.trail).items() if one in told} == {word: 1}
    sent = now.letters - was.letters
    assert {kind for kind, _ in sent} == {letter}, sent
    assert set(sent.values()) == {1}, sent
    return won[0]


@on_both
@pytest.mark.parametrize(
    ("before", "pairs"), [(PROPOSED, WHEN_PROPOSED), (ACCEPTED, WHEN_ACCEPTED)]
)
def test_of_two_pages_that_are_sent_at_once_one_is_taken_and_the_other_says_why_not(
    track: Track,
    client_as: ClientAs,
    session: Session,
    before: tuple[Move, ...],
    pairs: tuple[tuple[Move, Move], ...],
) -> None:
    browsers = {who: client_as(who) for who in (HELEN, IDRIS, PRIYA, RUTH)}
    for _ in range(ROUNDS):
        for moves in pairs:
            track.make_ready(before)
            won = run(track, browsers, *moves)
            session.rollback()
            aims_at = session.scalars(select(Case)).one().target_transfer_on
            moved = TARGET.replace(day=int(won.split()[-1])) if won.startswith("move") else TARGET
            assert aims_at == moved, moves
    assert verify(session).code == GOOD

"""Whatever the trail of a case holds has its sentence in the history of that case."""

import ast
import re
from collections.abc import Iterator

from transition.home import ROOT
from transition.rules.access import Permission
from transition.rules.beside import VisitState
from transition.rules.tellings import OF_NO_CASE, TELLINGS, words_of_entry

CODE = re.compile("[a-z-]+:[a-z_]+")

COMPOSED = {
    "visit:": {f"visit:{one.value}" for one in VisitState},
    "handover:": {"handover:accepted", "handover:declined"},
    "second-step:": {
        *("second-step:app_added", "second-step:app_removed"),
        *("second-step:passkey_added", "second-step:passkey_removed"),
        *("second-step:codes_made", "second-step:code_used", "second-step:reset"),
    },
}
"""What is put together of two parts, by its first."""

OF_NO_TRAIL = {"tel:", "function:", "cover:"}
"""What begins like a code, and is the beginning of a link, an address or a field's name."""


def _words() -> Iterator[str]:
    """Yield every string that the code holds, and of one that it composes the parts."""
    for room in ("actions", "jobs", "mail", "records", "web"):
        for path in (ROOT / "transition" / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant):
                    yield str(node.value)


def _written() -> set[str]:
    words = set(_words())
    found = {one for one in words if CODE.fullmatch(one)}
    for first, whole in COMPOSED.items():
        found |= whole if first in words else set()
    return found - OF_NO_CASE.keys() - (set(Permission) - TELLINGS.keys())


def test_every_action_on_a_case_is_told_in_a_sentence_of_its_own() -> None:
    written = _written()
    assert len(written) > 60
    assert written - TELLINGS.keys() == set()


def test_every_sentence_is_of_an_action_that_there_is() -> None:
    assert TELLINGS.keys() - _written() == set()


def test_nothing_else_is_composed() -> None:
    first = {one for one in _words() if re.fullmatch("[a-z-]+:", one)}
    assert first - OF_NO_TRAIL == COMPOSED.keys()


def test_every_sentence_reads_as_one() -> None:
    for code in (*TELLINGS, *OF_NO_CASE):
        words = words_of_entry(code)
        assert words[0].isupper(), code
        assert "_" not in words, code

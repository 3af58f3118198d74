"""Every line that a demonstration case expects of a part that is built has its test, by its id."""

import ast
import json
import re
from collections import Counter
from pathlib import Path
from typing import Final

from transition.home import CONFIG

TESTS: Final = Path(__file__).parents[1]
BUILT: Final = {"pathway", "record", "handover"}
"""The parts whose lines must have a test; the others are owed by what is built later."""

CARRIES: Final = re.compile(r"test_(\d\d)_([a-z])_")


def lines() -> dict[str, tuple[str, str]]:
    """Return the part and the words of each line, by its id."""
    told = json.loads((CONFIG / "demonstration" / "cases.json").read_text("utf-8"))
    return {
        one["id"]: (one["part"], one["says"]) for case in told["cases"] for one in case["expect"]
    }


def carried() -> Counter[str]:
    """Return how many tests carry each id."""
    trees = [ast.parse(path.read_text("utf-8")) for path in TESTS.rglob("test_*.py")]
    names = [
        node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
    ]
    found = [match for name in names if (match := CARRIES.match(name))]
    return Counter(f"{match[1]}.{match[2]}" for match in found)


def test_each_line_of_what_is_built_has_one_test() -> None:
    tests = carried()
    wanted = {number: says for number, (part, says) in lines().items() if part in BUILT}
    assert len(wanted) == 51
    assert {number: says for number, says in wanted.items() if not tests[number]} == {}
    assert [number for number in wanted if tests[number] > 1] == []


def test_no_test_carries_an_id_that_no_case_has() -> None:
    owed = {number: part for number, (part, _) in lines().items() if part not in BUILT}
    print(f"Owed by what is built later: {owed}")  # noqa: T201 - for who reads the run
    assert carried().keys() <= lines().keys()

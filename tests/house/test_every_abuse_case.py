"""Each way in which people may misuse the tracker has its test, which carries its number.

A test carries a number in its name, ``test_abuse_case_7_...``, or in its words: "Abuse case 7", or
"Abuse cases 7, 8 and 9" where one test holds several.
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
OWED: Final = {*range(1, 26), 40}
"""What is to be held: 26 to 39 are odd words, files and numbers, which other tests are named after.
"""

IN_NAME: Final = re.compile(r"test_abuse_case_(\d+)(?:_|$)")
IN_WORDS: Final = re.compile(r"Abuse cases? (\d+(?:(?:, | and )\d+)*)")


def numbers_of(test: ast.FunctionDef) -> set[int]:
    """Return the numbers that a test carries."""
    named = IN_NAME.match(test.name)
    told = IN_WORDS.findall(ast.get_docstring(test) or "")
    found = re.findall(r"\d+", " ".join([*told, named[1] if named else ""]))
    return {int(number) for number in found}


@cache
def carried() -> dict[int, list[str]]:
    """Return the tests that carry each number."""
    found = defaultdict(list)
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in numbers_of(node):
                    found[number].append(f"{path.name}::{node.name}")
    return found


def test_each_abuse_case_has_a_test_that_carries_its_number() -> None:
    assert sorted(OWED - carried().keys()) == []


def test_no_test_carries_a_number_that_there_is_not() -> None:
    assert [number for number in carried() if number not in range(1, 41)] == []


def test_numbers_are_read_from_names_and_from_words() -> None:
    words = '''def test_abuse_case_7_x():
    """Abuse cases 12, 13 and 40, and no abuse of 9."""'''
    (test,) = ast.parse(words).body
    assert isinstance(test, ast.FunctionDef)
    assert numbers_of(test) == {7, 12, 13, 40}

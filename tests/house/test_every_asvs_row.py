"""Each row of the verification standard names tests that there are."""

import ast
import re
import tomllib
from functools import cache
from typing import Any

import pytest

from transition.home import ROOT

TABLE: dict[str, Any] = tomllib.loads(
    (ROOT / "tests" / "security" / "asvs.toml").read_text("utf-8")
)
ROWS: list[dict[str, Any]] = TABLE["row"]


@cache
def held_by(file: str) -> frozenset[str]:
    """Return the names of the tests that a file holds; none where there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
def test_every_row_names_tests_that_there_are(row: dict[str, Any]) -> None:
    assert row["tests"]
    assert row["asks"].endswith(".")
    for node in row["tests"]:
        file, _, name = node.partition("::")
        assert name.startswith("test_")
        assert name in held_by(file), node


def test_no_requirement_has_two_rows_or_is_owed_and_held() -> None:
    numbers = [row["id"] for row in ROWS] + TABLE["owed"]

    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", number) for number in numbers)


def test_a_test_that_is_gone_would_be_found() -> None:
    row = {"asks": "Something.", "tests": ["tests/security/test_headers.py::test_nothing_of_this"]}

    with pytest.raises(AssertionError):
        test_every_row_names_tests_that_there_are(row)

"""The list of what reviewbot survives says of each row which tests keep it; here list and tests are held equal."""

import ast
import functools
import re
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).resolve().parents[1]
LIST = TESTS / "faults" / "README.md"
_ROW = re.compile(r"\| ([A-Z]\d\d) \| `(\w+)` \| (.*?) \| (.*?) ?\|")


class Row(NamedTuple):
    """One promise: its id, the name that its tests carry, where they are, and what holds."""

    id: str
    name: str
    where: str
    holds: str

    @property
    def files(self) -> set[str]:
        """Paths of its tests, from `tests/`; empty for a row that has none."""
        return set(re.findall(r"`([\w/]+\.py)`", self.where))

    def is_kept_by(self, test: str) -> bool:
        """Whether a function of that name is a test of this row."""
        return re.fullmatch(rf"test_{self.name}(__\w+)?", test) is not None


ROWS = [Row(*found) for found in _ROW.findall(LIST.read_text())]


@functools.cache
def _tests() -> dict[str, set[str]]:
    return {str(path.relative_to(TESTS)): _named(path) for path in TESTS.rglob("test_*.py")}


def _named(path: Path) -> set[str]:
    functions = (each for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.FunctionDef))
    tests = [each for each in functions if each.name.startswith("test_")]
    return {each.name for each in tests} | {f"test_{name}" for each in tests for name in _kept(each)}


def _kept(test: ast.FunctionDef) -> list[str]:
    """What `@pytest.mark.keeps` names."""
    marks = (each for each in test.decorator_list if isinstance(each, ast.Call))
    names = (name for mark in marks if ast.unparse(mark.func) == "pytest.mark.keeps" for name in mark.args)
    return [str(ast.literal_eval(name)) for name in names]


def test_every_row_is_read() -> None:
    lines = [line for line in LIST.read_text().splitlines() if re.match(r"\| [A-Z]\d\d \|", line)]
    assert len(ROWS) == len(lines)
    assert len(ROWS) >= 100
    assert len({row.id for row in ROWS}) == len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_names_just_the_files_that_have_its_tests(row: Row) -> None:
    have = {file for file, names in _tests().items() if any(row.is_kept_by(name) for name in names)}
    assert have == row.files
    assert row.files or row.where == "open" or row.where.startswith("none: ")
    assert row.holds or row.where == "open"

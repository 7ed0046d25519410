"""The list of which wall holds which attack by itself, held equal to the tests that try each wall alone."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
WALLS = ("filter", "rights", "admission", "pod_security", "quota")
_ROW = re.compile(r"^\| `(\w+)` \| ([\w, ]+) \|$", re.MULTILINE)
_TEST = re.compile(rf"test_(\w+?)__({'|'.join(WALLS)})(?:_\w+)?")


def test_each_wall_is_tried_alone_where_the_list_says_so() -> None:
    rows = _ROW.findall((TESTS / "faults" / "README.md").read_text())
    listed = {name: set(walls.split(", ")) for name, walls in rows}
    tried: dict[str, set[str]] = {}
    for path in (each for each in TESTS.rglob("test_*.py") if each != Path(__file__)):
        for each in ast.walk(ast.parse(path.read_text())):
            found = _TEST.fullmatch(each.name) if isinstance(each, ast.FunctionDef) else None
            if found:
                tried.setdefault(found[1], set()).add(found[2])
    assert listed == {name: tried[name] for name in listed}
    assert len(listed) == 8

"""What shapes a binary of the local cluster, and what a build that fails says."""

from pathlib import Path

import pytest

from dev.cluster import tools
from dev.cluster.errors import SetupError
from dev.cluster.paths import TOOL_MODULES


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in {tool.module for tool in tools.TOOLS}:
        (tmp_path / module).mkdir()
        for name in ("go.mod", "go.sum"):
            (tmp_path / module / name).write_text(name)
    monkeypatch.setattr(tools, "TOOL_MODULES", tmp_path)
    return tmp_path


def keys() -> dict[str, str]:
    return {tool.name: tools.tool_key(tool) for tool in tools.TOOLS}


@pytest.mark.parametrize(("module", "name"), [("coredns", "go.sum"), ("coredns", "main.go"), ("traefik", "go.mod")])
def test_a_module_shapes_its_own_binaries_alone(modules: Path, module: str, name: str) -> None:
    before, whole = keys(), tools.key()
    assert keys() == before
    (modules / module / name).write_text("other")
    assert [tool for tool, key in keys().items() if key != before[tool]] == [module]
    assert tools.key() != whole


def test_the_flags_shape_every_binary(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys()
    monkeypatch.setattr(tools, "LINKER_FLAGS", "-s")
    assert not set(keys().values()) & set(before.values())


def test_every_module_is_built_from() -> None:
    assert {folder.name for folder in TOOL_MODULES.iterdir()} == {tool.module for tool in (*tools.TOOLS, tools.KWOK)}


def test_what_the_bench_needs_is_not_built_for_the_tests() -> None:
    assert tools.KWOK not in tools.TOOLS


def test_runc_is_built_with_seccomp() -> None:
    [runc] = [tool for tool in tools.TOOLS if tool.name == "runc"]
    assert "-tags seccomp" in " ".join(tools.build_command(runc, Path("/out")))


def test_a_failing_build_says_why(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"building x failed:\nno such package"):
        tools.run_build(["sh", "-c", "echo no such package; exit 1"], tmp_path, "building x")

"""From files to objects: what is read, what is refused and where."""

import codecs
import json

import pytest

from reviewbot.manifests import read
from reviewbot.manifests.objects import plain
from reviewbot.manifests.read import MAX_KB, MAX_OBJECTS
from reviewbot.model import Folder
from reviewbot.spec import SpecError
from tests.manifest_objects import Object, config_map, folder_of, service

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


def folder(**files: bytes | str) -> Folder:
    data = {name.replace("__", "."): text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    return Folder("deploy/preview", data)


def one(text: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  {text}\n"


def refused(where: Folder) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read(where)
    return [str(problem).removeprefix("deploy/preview/") for problem in caught.value.problems]


def names(where: Folder) -> list[str]:
    return [f"{each.file}:{each.node.place.line} {each.kind} {each.name}" for each in read(where)]


def test_every_document_of_every_file_in_the_order_of_paths() -> None:
    both = json.dumps(config_map("a")) + "\n---\n# nothing\n---\n" + json.dumps(service("b")) + "\n---\n"
    where = folder(b__yaml=both, a__json=json.dumps(config_map("c"), indent="\t"), more__yml="", readme__md="\xff")
    assert names(where) == [
        "deploy/preview/a.json:1 ConfigMap c",
        "deploy/preview/b.yaml:1 ConfigMap a",
        "deploy/preview/b.yaml:5 Service b",
    ]


def test_values_are_kubectl_s() -> None:
    text = codecs.BOM_UTF8 + one("mode: 0644\n  yes: 1.0\n".replace("yes", "'yes'")).encode().replace(b"\n", b"\r\n")
    [found] = read(folder(a__yaml=text))
    assert plain(found.node)["data"] == {"mode": 420, "yes": 1}


@pytest.mark.parametrize("kind", ["List", "ConfigMapList", "WhateverList"])
def test_lists_are_taken_apart_however_deep(kind: str) -> None:
    inner: Object = {"apiVersion": "v1", "kind": kind, "items": [config_map("a"), service("b")]}
    outer = {"apiVersion": "v1", "kind": "List", "items": [inner, {"kind": "List", "items": []}, config_map("c")]}
    assert [each.name for each in read(folder_of(outer))] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "1:5: expected the node content, but found '<stream end>'"),
        ("- a", "1:1: must be an object"),
        ("text", "1:1: must be an object"),
        ("{}", "1:1: an object needs apiVersion and kind and metadata.name"),
        (
            "kind: 1\napiVersion: v1\nmetadata: {name: a}",
            "1:7: kind: must be a string, but this is read as 1; put it in quotes",
        ),
        ("apiVersion: v1\nkind: Service", "1:1: an object needs metadata.name"),
        ("apiVersion: v1\nkind: Service\nmetadata: [a]", "3:11: metadata: must be an object"),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: on}", "3:18: metadata.name: must be a string, but"),
        ("apiVersion: v1\nkind: List\nitems: {}", "3:8: items: must be a list"),
        ("apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}", "2:7: Deployment is only allowed as"),
        (one("on: 'a'"), "5:3: the key on is not read as text; put it in quotes"),
        (one("1: 'a'"), "5:3: the key 1 is not read as text; put it in quotes"),
        (one("a: b\n  a: c"), "6:3: data.a: duplicate key, first on line 5"),
        (one("a: &x b"), "5:6: anchors and aliases are not allowed"),
        (one("a: *x"), "5:6: anchors and aliases are not allowed"),
        (one("<<: {a: b}"), "5:3: merge keys are not allowed"),
        (one("a: !!binary aGk="), "5:6: tags are not allowed"),
        (one("a: !x b"), "5:6: tags are not allowed"),
        (one("\ta: b"), "5:3: "),
        (one("a: .inf"), "5:6: data.a: the number is out of range; put it in quotes if it is text"),
        (one("a: 9223372036854775808"), "5:6: data.a: the number is out of range; put it in quotes if it is text"),
        (one("a: b\ufeff"), "5:7: a byte order mark is only allowed at the very start"),
        (one("a: " + "[" * 40 + "]" * 40), "5:36: nested deeper than 32 levels"),
        (one("a: [" + "1," * 10_000 + "]"), "5:19981: more than 10000 values"),
        ("---\n" * 101, "101:1: more than 100 documents"),
        (LFS.decode(), "1:1: this is a Git LFS pointer, not the file; commit the file itself"),
    ],
)
def test_parser_bombs__manifests(text: str, problem: str) -> None:
    assert [each for each in refused(folder(a__yaml=text)) if each.startswith(f"a.yaml:{problem}")]


def test_bytes_that_are_no_text() -> None:
    assert refused(folder(a__yaml=b"a: \xff")) == ["a.yaml:1:4: the file is not UTF-8 text"]
    assert refused(folder(a__json=b"{")) == ["a.json:1:2: expected a key in double quotes"]


def test_all_problems_of_all_files() -> None:
    where = folder(a__yaml="kind: Secret\napiVersion: v1\nmetadata: {name: a}\n---\n{}", b__json="{}", c__yaml="- a")
    assert [problem.partition(": ")[0] for problem in refused(where)] == [
        "a.yaml:1:7",
        "a.yaml:5:1",
        "b.json:1:1",
        "c.yaml:1:1",
    ]


def test_a_folder_without_manifests() -> None:
    assert refused(folder(readme__md="hello")) == [
        "deploy/preview:1:1: there is no file here that ends with .yaml, .yml, .json"
    ]
    assert read(folder(a__yaml="# later")) == ()


def test_parser_bombs__manifests_that_are_no_files() -> None:
    where = Folder("deploy/preview", {"a.yaml": b""}, {"b.yaml": "symbolic link", "lib": "submodule"})
    assert refused(where) == [
        "b.yaml:1:1: this is a symbolic link; only ordinary files can be read",
        "lib:1:1: this is a submodule; only ordinary files can be read",
    ]


def test_parser_bombs__manifests_too_large_to_be_opened() -> None:
    half = b"#" * (MAX_KB * 512)
    assert read(folder(a__yaml=half, b__yaml=half)) == ()
    assert refused(folder(a__yaml=half, b__yaml=half, c__yaml=b"#")) == [
        f"deploy/preview:1:1: the manifests are larger than {MAX_KB} KB together"
    ]


def test_parser_bombs__values_of_all_manifests_count() -> None:
    text = one("a: [" + "1," * 4_000 + "]")
    assert "more than" in refused(folder(a__yaml=text, b__yaml=text, c__yaml=text))[0]
    large = json.dumps({**config_map(), "more": [1] * 4_000})
    assert refused(folder(a__yaml=text, b__yaml=text, c__json=large)) == [
        "c.json:1:1: more than 10000 values in all files"
    ]


def test_too_many_objects() -> None:
    where = folder_of(*(config_map(f"a{number}") for number in range(MAX_OBJECTS + 1)))
    assert refused(where) == [
        f"deploy/preview:1:1: {MAX_OBJECTS + 1} objects are more than the {MAX_OBJECTS} that a preview may have"
    ]

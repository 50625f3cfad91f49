"""What is refused is what protoc refuses, but for a list of exceptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compat.errors import InvalidSchema
from compat.protobuf import parser
from compat.protobuf.semantics import validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Protoc

VECTORS = Path(__file__).parent / "vectors"
IMPORTS: Mapping[str, str] = json.loads((VECTORS / "imports.json").read_text())
FILES = {path: parser.parse(text) for path, text in IMPORTS.items()}


def vectors(name: str) -> list[object]:
    rows = json.loads((VECTORS / f"{name}.json").read_text())
    return [pytest.param(row, id=row["name"]) for row in rows]


def check(text: str) -> None:
    validate(parser.parse(text), FILES)


@pytest.mark.parametrize("vector", vectors("invalid"))
def test_both_refuse(vector: Mapping[str, str], protoc_compiler: Protoc) -> None:
    assert protoc_compiler(vector["text"], IMPORTS) is None
    with pytest.raises(InvalidSchema) as caught:
        check(vector["text"])
    assert vector.get("message", caught.value.message) == caught.value.message


@pytest.mark.parametrize("vector", vectors("accepted"))
def test_both_accept(vector: Mapping[str, str], protoc_compiler: Protoc) -> None:
    assert protoc_compiler(vector["text"], IMPORTS) is not None, protoc_compiler.message
    check(vector["text"])


@pytest.mark.parametrize("vector", vectors("tolerated"))
def test_protoc_alone_refuses(vector: Mapping[str, str], protoc_compiler: Protoc) -> None:
    assert protoc_compiler(vector["text"], IMPORTS) is None
    check(vector["text"])


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('syntax = "proto3";\nmessage M {\n  Missing a = 1;\n}\n', 3, 3),
        ('syntax = "proto3";\nmessage M {\n  reserved 5;\n  string a = 5;\n}\n', 4, 10),
        ('syntax = "proto3";\nenum E {\n  A = 1;\n}\n', 2, 1),
        ('syntax = "proto3";\nmessage M {}\nmessage M {}\n', 3, 1),
        ('syntax = "proto3";\nmessage M {\n  string a = 1 [deprecated = 5];\n}\n', 3, 17),
    ],
)
def test_a_refusal_gives_the_place(text: str, line: int, column: int) -> None:
    with pytest.raises(InvalidSchema) as caught:
        check(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_files_that_import_each_other_are_refused() -> None:
    files = {
        "a.proto": parser.parse('syntax = "proto3"; import "b.proto";'),
        "b.proto": parser.parse('syntax = "proto3"; import "a.proto";'),
    }
    with pytest.raises(InvalidSchema, match="imports itself"):
        validate(parser.parse('syntax = "proto3"; import "a.proto";'), files)


def test_a_fault_in_an_import_is_refused() -> None:
    files = {"a.proto": parser.parse('syntax = "proto3"; message M { Missing a = 1; }')}
    with pytest.raises(InvalidSchema, match="Could not resolve type: Missing"):
        validate(parser.parse('syntax = "proto3"; import "a.proto";'), files)


def test_the_default_pool_stays_untouched() -> None:
    text = 'syntax = "proto3"; package untouched; message M { string a = 1; }'
    check(text)
    check(text.replace("string a", "int32 b"))

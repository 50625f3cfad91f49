"""The committed OpenAPI document is the one that the service gives."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "openapi" / "accord.json"
METHODS = {"get", "put", "post", "delete", "patch"}


def operations() -> list[tuple[str, dict[str, object]]]:
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_the_document_is_the_one_served() -> None:
    spec = importlib.util.spec_from_file_location("openapi_generate", ROOT / "openapi/generate.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert FILE.read_text(encoding="utf-8") == generator.text(), "run `make openapi`"


def test_every_operation_has_a_summary_and_a_name_of_its_own() -> None:
    assert [name for name, operation in operations() if not operation.get("summary")] == []
    names = [operation["operationId"] for _, operation in operations()]
    assert len(set(names)) == len(names)


def test_every_operation_says_what_it_answers() -> None:
    silent = [
        name
        for name, operation in operations()
        if not any(status.startswith("2") for status in operation["responses"])  # type: ignore[attr-defined]  # JSON
    ]
    assert silent == []

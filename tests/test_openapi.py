"""The committed OpenAPI document: the one that the service gives, complete and consistent."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from registry.api.examples import error_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.errors import RegistryError

Part = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "openapi" / "accord.json"
DOCUMENT: Part = json.loads(FILE.read_text(encoding="utf-8"))
OPERATIONS: dict[str, Part] = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
NATIVE_JSON = "application/vnd.accord.v1+json"
JSON_TYPES = {
    "application/json",
    "application/vnd.schemaregistry+json",
    "application/vnd.schemaregistry.v1+json",
}
REF = re.compile(r'"\$ref": "#/([^"]+)"')
# What a request meets that no operation takes, and therefore stands with none.
OUTSIDE = {"components/responses/Status404", "components/responses/Status405"}

every_operation = pytest.mark.parametrize("name", OPERATIONS)


def resolved(part: Part) -> Part:
    """Return what a part of the document refers to, or the part itself."""
    if "$ref" not in part:
        return part
    found: Any = DOCUMENT
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def contents(part: Part) -> Iterator[tuple[str, Part]]:
    """Yield media type and content of a response or a request body."""
    yield from resolved(part).get("content", {}).items()


def shown(content: Part) -> list[Any]:
    """Return every example of a content."""
    several = [resolved(example)["value"] for example in content.get("examples", {}).values()]
    return [*several, content["example"]] if "example" in content else several


def responses(name: str) -> Iterator[tuple[str, Part]]:
    yield from OPERATIONS[name]["responses"].items()


def complaints(value: Any, schema: Part) -> list[str]:
    """Return what is wrong with a value of a schema that may refer to components."""
    whole = {**schema, "components": DOCUMENT["components"]}
    validator = jsonschema.Draft202012Validator(whole)
    return [error.message for error in validator.iter_errors(value)]


def is_of_contract(name: str) -> bool:
    return not name.split()[1].startswith(("/health/", "/metrics"))


def test_the_document_is_the_one_served() -> None:
    spec = importlib.util.spec_from_file_location("openapi_generate", ROOT / "openapi/generate.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert FILE.read_text(encoding="utf-8") == generator.text(), "run `make openapi`"


def test_the_document_follows_the_specification() -> None:
    validator = jsonschema.Draft202012Validator(OPENAPI_31)
    assert [error.message for error in validator.iter_errors(DOCUMENT)] == []


def test_every_reference_leads_somewhere_and_every_component_is_referred_to() -> None:
    used = set(REF.findall(json.dumps(DOCUMENT)))
    there = {
        f"components/{kind}/{name}"
        for kind, components in DOCUMENT["components"].items()
        for name in components
    }
    assert used - there == set()
    assert there - used == OUTSIDE


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert [name for name in names if not re.fullmatch("[a-z]+(_[a-z]+)*", name)] == []
    assert len(set(names)) == len(names)


def test_only_methods_that_are_asked_for_are_listed() -> None:
    assert {name.split()[0] for name in OPERATIONS} == {"GET", "POST", "PUT", "DELETE"}


@every_operation
def test_an_operation_says_what_it_does_and_answers(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert any(status.startswith("2") for status in operation["responses"])


@every_operation
def test_every_answer_has_an_example_that_is_one(name: str) -> None:
    for status, response in responses(name):
        assert resolved(response)["description"]
        for media_type, content in contents(response):
            if media_type in JSON_TYPES:
                assert shown(content), status
                for example in shown(content):
                    assert complaints(example, content["schema"]) == [], status


@every_operation
def test_every_answer_is_there_in_every_type_that_is_written(name: str) -> None:
    for status, response in responses(name):
        types = {media_type for media_type, _ in contents(response)}
        if is_of_contract(name) and status != "204":
            assert types - {NATIVE_JSON} == JSON_TYPES, status


@every_operation
def test_every_body_has_an_example_that_is_one(name: str) -> None:
    body = OPERATIONS[name].get("requestBody")
    assert (body is not None) == name.startswith(("POST", "PUT"))
    for _, content in contents(body or {}):
        (example,) = shown(content)
        assert complaints(example, content["schema"]) == []


@every_operation
def test_a_refusal_is_shown_under_its_status(name: str) -> None:
    for status, response in responses(name):
        if is_of_contract(name) and status >= "400":
            for _, content in contents(response):
                for example in shown(content):
                    assert str(example["error_code"])[:3] == status


@pytest.mark.parametrize("kind", error_kinds(), ids=lambda kind: kind.__name__)
def test_every_error_is_shown_with_some_answer(kind: type[RegistryError]) -> None:
    answers = [response for name in OPERATIONS for _, response in responses(name)]
    answers += [resolved({"$ref": f"#/{name}"}) for name in OUTSIDE]
    names = {
        name
        for response in answers
        for _, content in contents(response)
        for name in content.get("examples", {})
    }
    assert kind.__name__ in names


@every_operation
def test_what_cannot_be_read_as_a_number_is_not_found(name: str) -> None:
    numbers = [
        parameter
        for parameter in OPERATIONS[name].get("parameters", [])
        if parameter["schema"].get("type") == "integer"
    ]
    for parameter in numbers:
        assert {"minimum", "maximum"} <= parameter["schema"].keys()
    if numbers:
        (_, content), *_ = contents(OPERATIONS[name]["responses"]["404"])
        assert "RouteNotFound" in content["examples"]

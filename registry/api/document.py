"""Complete the OpenAPI document that FastAPI generates from the routes.

FastAPI knows the parameters. It does not know what the frame around the routes answers, nor that
bodies are read and answers are written by hand, and says things in their place that are not so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from registry.api.components import component_schemas
from registry.api.documented import refusal
from registry.api.examples import error_example, error_kinds
from registry.api.frame.media import V1_JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

Part = dict[str, Any]

# What the frame answers on any route of the contract, and on those that read a body.
ON_ALL = {
    "400": ("MalformedRequest",),
    "406": ("NotAcceptable",),
    "500": ("InternalFailure", "StorageUnavailable"),
    "503": ("NotReady",),
}
ON_BODIES = {
    "408": ("RequestTimedOut",),
    "413": ("BodyTooLarge",),
    "415": ("UnsupportedMediaType",),
}
# What a request gets that no route takes; a value that is no number is no route either.
ON_NONE = {"404": ("RouteNotFound",), "405": ("MethodNotAllowed",)}
SHARED = ON_ALL | ON_BODIES | ON_NONE


def completed(document: Part) -> Part:
    """Return the document with its components, and with the answers that do occur."""
    # Routes share parts of what they say; here each gets its own, to be changed by itself.
    document = orjson.loads(orjson.dumps(document))
    for method, operation in operations(document):
        _untitle(operation)
        responses = operation["responses"]
        _drop_invented(responses)
        if _is_contract(responses):
            _add_frame(responses, reads_body=method in {"post", "put"})
            if _has_typed_parameter(operation):
                _add_unreadable(responses)
        operation["responses"] = {status: responses[status] for status in sorted(responses)}
    document["components"] = _components()
    return document


def operations(document: Part) -> Iterator[tuple[str, Part]]:
    """Yield the method and the operation of every route."""
    for methods in document["paths"].values():
        yield from methods.items()


def _components() -> Part:
    return {
        "schemas": component_schemas(),
        "responses": {_shared_name(status): refusal(*names) for status, names in SHARED.items()},
        "examples": {kind.__name__: error_example(kind) for kind in error_kinds()},
    }


def _shared_name(status: str) -> str:
    return f"Status{status}"


def _untitle(operation: Part) -> None:
    """Drop the titles that FastAPI makes of the names of parameters."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"].pop("title", None)


def _drop_invented(responses: Part) -> None:
    """Drop the answer to bad parameters that FastAPI announces and the frame replaces."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]


def _is_contract(responses: Part) -> bool:
    return any(V1_JSON in response.get("content", ()) for response in responses.values())


def _add_frame(responses: Part, *, reads_body: bool) -> None:
    for status in ON_ALL | (ON_BODIES if reads_body else {}):
        responses.setdefault(status, {"$ref": f"#/components/responses/{_shared_name(status)}"})


def _has_typed_parameter(operation: Part) -> bool:
    schemas = [parameter["schema"] for parameter in operation.get("parameters", ())]
    return any(schema.get("type") == "integer" or "enum" in schema for schema in schemas)


def _add_unreadable(responses: Part) -> None:
    unreadable = refusal("RouteNotFound")
    known = responses.setdefault("404", unreadable)
    for media_type, content in unreadable["content"].items():
        known["content"][media_type]["examples"] |= content["examples"]

"""What routes say of themselves in the OpenAPI document; nothing here runs on a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.api.frame.media import NATIVE_JSON, WRITTEN

if TYPE_CHECKING:
    from pydantic import BaseModel

    from registry.errors import RegistryError

Part = dict[str, Any]
Responses = dict[int | str, Part]

# Of any shape: only the texts of Avro and JSON Schema are JSON at all, whatever the media type.
SCHEMA_TEXT: Part = {"description": "The text as it stands, `.proto` under a JSON type included"}


def errors(*kinds: type[RegistryError]) -> Responses:
    """Return the `responses` of a route: every error by status, with an example of each."""
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind.__name__)
    return {status: refusal(*names) for status, names in by_status.items()}


def refusal(*names: str) -> Part:
    """Return one answer that refuses, for errors of one status."""
    examples = {name: {"$ref": f"#/components/examples/{name}"} for name in names}
    return {
        "description": "Refused, with the reason",
        "content": written({"schema": ref("Error"), "examples": examples}),
    }


def explained(responses: Responses, status: int, example: object) -> Responses:
    """Return the responses, with the explanation that a refusal has under Accord's own type."""
    content = {NATIVE_JSON: {"schema": ref("ExplainedError"), "example": example}}
    refused = responses[status]
    return {**responses, status: {**refused, "content": refused["content"] | content}}


def answers(schema: Part, example: object, *, status: int = 200) -> Responses:
    """Return the `responses` entry of a success."""
    content = written({"schema": schema, "example": example})
    return {status: {"description": "Done", "content": content}}


def takes(body: type[BaseModel], example: object) -> Part:
    """Return the `openapi_extra` of a route that reads a body of this shape."""
    content = written({"schema": ref(body.__name__), "example": example})
    return {"requestBody": {"required": True, "content": content}}


def written(content: Part) -> Part:
    """Return the content under each media type that is read and written."""
    return dict.fromkeys(WRITTEN, content)


def ref(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}

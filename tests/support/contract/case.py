"""One row of the contract: what was done before, what is asked, what must be answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self
from unittest.mock import ANY

REFUSED = 400


@dataclass(frozen=True)
class Ask:
    """A request; `json` is sent as JSON, `raw` as it stands."""

    method: str
    path: str
    json: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gives:
    """The answer; `json` may hold ANY, `text` is compared as it stands."""

    status: int
    json: Any = field(default_factory=lambda: ANY)
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """`route` is a method and a path template of the OpenAPI document.

    `settings` are those of the service, `after` is asked when the answer was given. A refusal and a
    read must leave the journal as it was, whether the case says so or not.
    """

    route: str
    title: str
    ask: Ask
    gives: Gives
    before: tuple[Ask, ...] = ()
    after: tuple[tuple[Ask, Gives], ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.route} {self.gives.status} {self.title}"

    @property
    def outcome(self) -> str:
        """Return the error code of a refusal, else the status."""
        body = self.gives.json
        code = body.get("error_code") if isinstance(body, dict) else None
        return str(code or self.gives.status)

    @property
    def changes_nothing(self) -> bool:
        return self.ask.method in {"GET", "HEAD"} or self.gives.status >= REFUSED


def get(path: str, **more: Any) -> Ask:
    return Ask("GET", path, **more)


def post(path: str, json: Any = None, **more: Any) -> Ask:
    return Ask("POST", path, json, **more)


def put(path: str, json: Any = None, **more: Any) -> Ask:
    return Ask("PUT", path, json, **more)


def delete(path: str, **more: Any) -> Ask:
    return Ask("DELETE", path, **more)


def ok(json: Any = ANY, *, status: int = 200, **more: Any) -> Gives:
    return Gives(status, json, **more)


def refused(status: int, code: int, message: Any) -> Gives:
    """An error body and nothing else in it; `message` may be ANY or a Like."""
    return Gives(status, {"error_code": code, "message": message})


class Like(str):
    """A text of which only the beginning and parts are known, as in Like("Invalid schema", "x")."""

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    def __new__(cls, start: str, *parts: str) -> Self:
        like = super().__new__(cls, start)
        like.parts = parts
        return like

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, str)
            and other.startswith(str(self))
            and all(part in other for part in self.parts)
        )

    __hash__ = str.__hash__


def register(subject: str, schema: str, **more: Any) -> Ask:
    return post(f"/subjects/{subject}/versions", {"schema": schema, **more})


def avro(*fields: str, name: str = "R") -> str:
    """An Avro record in canonical text; a field is `name` or `name=default` of type string."""
    texts = []
    for text in fields:
        field_name, _, default = text.partition("=")
        tail = f',"default":"{default}"' if "=" in text else ""
        texts.append(f'{{"name":"{field_name}","type":"string"{tail}}}')
    return f'{{"type":"record","name":"{name}","fields":[{",".join(texts)}]}}'

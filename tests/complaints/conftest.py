"""What users of registries complain of, asked of this one."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest
from inprocess import serving

from registry.app import create_app
from registry.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

NUMBERS = itertools.count()


class Team:
    """A team with one subject, at a service that others use too."""

    def __init__(self, send: Callable[..., httpx.Response], kind: str) -> None:
        self._send = send
        self._kind = kind
        self.subject = f"subject{next(NUMBERS)}"

    def body(self, schema: object) -> dict[str, Any]:
        text = schema if isinstance(schema, str) else json.dumps(schema)
        return {"schema": text, "schemaType": self._kind}

    def register(self, schema: object, **headers: str) -> httpx.Response:
        path = f"/subjects/{self.subject}/versions"
        return self._send("POST", path, json=self.body(schema), headers=headers)

    def config(self, **settings: str) -> None:
        assert self._send("PUT", f"/config/{self.subject}", json=settings).status_code == 200

    def explain(self, schema: object, **more: Any) -> dict[str, Any]:
        question = {"subject": self.subject, "candidate": self.body(schema), **more}
        answer = self._send("POST", "/accord/v1/compatibility/explain", json=question)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def refusals(self, schema: object, direction: str = "BACKWARD") -> list[dict[str, Any]]:
        """Return what some policy refuses of a successor, in one direction."""
        (comparison,) = self.explain(schema)["comparisons"]
        return [
            finding
            for finding in comparison["findings"]
            if finding["direction"] == direction and finding["refusedBy"]
        ]


@pytest.fixture(scope="session")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., httpx.Response]]:
    app = create_app(Settings(data=tmp_path_factory.mktemp("complaints")))
    with serving(app) as send:
        yield send


@pytest.fixture
def team(send: Callable[..., httpx.Response], request: pytest.FixtureRequest) -> Team:
    """A team whose schemas are of the type that the module is about, AVRO unless it says."""
    return Team(send, getattr(request.module, "SCHEMA_TYPE", "AVRO"))

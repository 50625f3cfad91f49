"""`accord serve` over PostgreSQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from service import Service

    Serve = Callable[..., Service]
    Accord = Callable[..., subprocess.CompletedProcess[str]]


def register(url: str, subject: str, schema: object) -> httpx.Response:
    body = {"schema": json.dumps(schema)}
    return httpx.post(f"{url}/subjects/{subject}/versions", json=body)


def test_two_nodes_over_one_database_are_one_registry(serve: Serve, postgres_url: str) -> None:
    first, second = (serve("--database-url", postgres_url) for _ in range(2))
    assert register(first.url, "a", "string").json() == {"id": 1}
    assert httpx.get(f"{second.url}/subjects").json() == ["a"]
    assert register(second.url, "b", "int").json() == {"id": 2}
    assert register(first.url, "b", "string").status_code == 409
    assert (first.stop(), second.stop()) == (0, 0)


def test_the_workers_of_a_node_share_the_database(serve: Serve, postgres_url: str) -> None:
    service = serve("--workers", "2", ACCORD_DATABASE_URL=postgres_url)
    ids = [
        register(service.url, f"s{i}", {"type": "fixed", "name": "F", "size": i}) for i in (1, 2)
    ]
    assert [answer.json() for answer in ids] == [{"id": 1}, {"id": 2}]
    assert service.stop() == 0


def test_migrate_needs_no_data_directory(accord: Accord, postgres_url: str, tmp_path: Path) -> None:
    data = tmp_path / "unused"
    ended = accord("migrate", "--data", data, "--database-url", postgres_url)
    assert (ended.returncode, data.exists()) == (0, False)

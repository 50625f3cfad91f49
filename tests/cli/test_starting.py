"""What a node answers while its database is not ready yet."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import httpx
from service import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_probes_are_answered_while_another_server_migrates(
    start: Callable[..., Any], free_tcp_port: int, tmp_path: Path
) -> None:
    """The node lives and is not ready; it gets ready when the other one is through."""
    (tmp_path / "data").mkdir()
    other = sqlite3.connect(tmp_path / "data" / "accord.db", isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    service = start("--port", str(free_tcp_port))
    service.url = f"http://127.0.0.1:{free_tcp_port}"
    eventually(lambda: not service.refuses())
    assert httpx.get(f"{service.url}/health/live").status_code == 200
    ready = httpx.get(f"{service.url}/health/ready")
    assert ready.status_code == 503
    assert "migrating" in ready.json()["reason"]
    assert httpx.get(f"{service.url}/subjects").status_code == 503
    assert service.ready() is None
    other.execute("ROLLBACK")
    other.close()
    eventually(service.ready)
    assert httpx.get(f"{service.url}/health/ready").status_code == 200
    assert httpx.get(f"{service.url}/subjects").json() == []

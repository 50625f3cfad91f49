"""GET by id has an `id` in it where Confluent's Python client would miss it, and nowhere else."""

from __future__ import annotations

import httpx
import pytest

SCHEMA = {"schema": '"string"'}


@pytest.fixture
def schema_id(url: str, name: str) -> int:
    answer = httpx.post(f"{url}/subjects/{name}/versions", json=SCHEMA).raise_for_status()
    return int(answer.json()["id"])


@pytest.mark.parametrize("is_named", [True, False], ids=["subject", "no subject"])
@pytest.mark.parametrize("client", ["python/2.16.1", "java/8.3.0", ""])
def test_the_id_is_for_python_and_where_the_subject_is_named(
    url: str, name: str, schema_id: int, client: str, *, is_named: bool
) -> None:
    query = {"subject": name} if is_named else {}
    for version in ("python/1", "java/1", client, client):  # others' answers are in memory
        headers = {"Confluent-Client-Version": version}
        answer = httpx.get(f"{url}/schemas/ids/{schema_id}", params=query, headers=headers)
    document = answer.raise_for_status().json()
    assert ("id" in document) == (is_named and client.startswith("python/"))
    assert document.get("id", schema_id) == schema_id
    assert document["schema"] == SCHEMA["schema"]

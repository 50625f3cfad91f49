"""Request bodies that are none, or say what nobody asked for."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from node import JSON, STRING, is_refused, running

from registry.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from node import Node

VERSIONS = "/subjects/s/versions"
LIMIT = Settings.model_fields["max_body_bytes"].default
DEEP = 100_000
MANY = 100_000
HALF = "\\ud800"
FAR = ("9" * 32, "1e400", "-1e400", "2147483648", "-2147483649", "NaN", "9" * 5000)

# What comes, and what is answered: status, code, message.
UNREADABLE: dict[str, tuple[bytes, int, int, str]] = {
    "nothing": (b"", 422, 422, "register.arg6 must not be null"),
    "blanks": (b" \r\n\t", 422, 422, "must not be null"),
    "null": (b"null", 422, 422, "must not be null"),
    "no JSON": (b"hello", 400, 400, "Unexpected character"),
    "half an object": (b'{"schema":', 400, 400, "Unexpected end-of-input"),
    "half a text": (b'{"schema":"abc', 400, 400, "Unexpected end-of-input"),
    "a list": (b"[]", 400, 400, "from Array value"),
    "a text": (b'"x"', 400, 400, "from String value"),
    "a number": (b"7", 400, 400, "from Integer value"),
    "a schema that is an object": (b'{"schema":{}}', 400, 400, "from Object value"),
    "a type that is a list": (b'{"schema":"x","schemaType":[]}', 400, 400, "from Array value"),
    "references that are a text": (b'{"references":"x"}', 400, 400, "from String value"),
    "metadata that are a list": (b'{"metadata":[]}', 400, 400, "metadata"),
    "a rule that is a text": (b'{"ruleSet":{"domainRules":["x"]}}', 400, 400, "from String value"),
    "a tag that is an object": (b'{"metadata":{"tags":{"a":[{}]}}}', 400, 400, "Object value"),
    "lists without end": (b"[" * DEEP, 400, 400, "nesting depth"),
    "lists inside one another": (b"[" * DEEP + b"]" * DEEP, 400, 400, "nesting depth"),
    "objects inside one another": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, 400, 400, "nesting"),
    "lists in a field": (
        b'{"schema":' + b"[" * DEEP + b"]" * DEEP + b"}",
        400,
        400,
        "nesting depth",
    ),
    "a million lists": (b'{"x":[' + b"[]," * 1_000_000 + b"[]]}", 400, 400, "more than 1500000"),
    "a byte that starts no character": (b'{"schema":"\xff"}', 400, 400, "Invalid UTF-8 start byte"),
    "half a surrogate pair in UTF-8": (b'{"schema":"\xed\xa0\x80"}', 400, 400, "Invalid UTF-8"),
    "half a character at the end": (b'{"schema":"\xc3', 400, 400, "end-of-input|Invalid UTF-8"),
    "no type of schema": (b'{"schema":"x","schemaType":"XML"}', 422, 42201, "type XML"),
    "no schema": (b"{}", 422, 42201, "Empty schema"),
    "a null for a schema": (b'{"schema":null}', 422, 42201, "Empty schema"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_body_that_is_none_is_refused(sqlite_node: Node, what: str) -> None:
    content, status, code, message = UNREADABLE[what]
    with sqlite_node.left_alone():
        is_refused(sqlite_node.send("POST", VERSIONS, content), status, code, message)


@pytest.mark.parametrize("path", ["/config", "/config/s", "/mode", "/mode/s"])
@pytest.mark.parametrize("content", [b"hello", b"[]", b"\xff", b"[" * DEEP])
def test_settings_are_read_as_strictly(sqlite_node: Node, path: str, content: bytes) -> None:
    with sqlite_node.left_alone():
        is_refused(sqlite_node.send("PUT", path, content), 400, 400, ".")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data", "x"]
)
def test_another_type_of_body_is_refused(sqlite_node: Node, content_type: str) -> None:
    with sqlite_node.left_alone():
        answer = sqlite_node.send("POST", VERSIONS, json.dumps(STRING).encode(), content_type)
        is_refused(answer, 415, 415, "Unsupported Media Type")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_compressed_body_is_refused(sqlite_node: Node, coding: str) -> None:
    headers = {"content-type": JSON, "content-encoding": coding}
    bomb = gzip.compress(b" " * 50_000_000)
    with sqlite_node.left_alone():
        answer = sqlite_node.client.post(VERSIONS, content=bomb, headers=headers)
        is_refused(answer, 415, 415, "Unsupported Media Type")


def pieces(size: int) -> Iterator[bytes]:
    """Yield a body whose length nobody says beforehand."""
    for start in range(0, size, 65536):
        yield b" " * min(65536, size - start)


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_beyond_the_limit_is_refused(sqlite_node: Node, is_chunked: bool) -> None:
    content: Any = pieces(LIMIT + 1) if is_chunked else b" " * (LIMIT + 1)
    with sqlite_node.left_alone():
        answer = sqlite_node.client.post(VERSIONS, content=content, headers={"content-type": JSON})
        is_refused(answer, 413, 413, f"larger than the limit of {LIMIT} bytes")


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_up_to_the_limit_is_read(sqlite_node: Node, is_chunked: bool) -> None:
    content: Any = pieces(LIMIT) if is_chunked else b" " * LIMIT
    with sqlite_node.left_alone():
        answer = sqlite_node.client.post(VERSIONS, content=content, headers={"content-type": JSON})
        is_refused(answer, 422, 422, "must not be null")


def test_the_limit_is_a_setting(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'accord.db'}"
    with running(tmp_path, url, "--max-body-bytes", "2000") as node, node.left_alone():
        is_refused(node.send("POST", VERSIONS, b" " * 2001), 413, 413, "limit of 2000 bytes")
        is_refused(node.send("POST", VERSIONS, b" " * 2000), 422, 422, "null")


# Where a text can stand, and half a surrogate pair in its place.
TEXTS: dict[str, tuple[str, str, str]] = {
    "schema": ("POST", VERSIONS, '{"schema":"\\"string%s\\""}'),
    "type": ("POST", VERSIONS, '{"schema":"x","schemaType":"%s"}'),
    "property": ("POST", VERSIONS, '{"schema":"x","metadata":{"properties":{"a":"%s"}}}'),
    "property's name": ("POST", VERSIONS, '{"schema":"x","metadata":{"properties":{"%s":"a"}}}'),
    "tagged path": ("POST", VERSIONS, '{"schema":"x","metadata":{"tags":{"%s":["a"]}}}'),
    "tag": ("POST", VERSIONS, '{"schema":"x","metadata":{"tags":{"a":["%s"]}}}'),
    "sensitive name": ("POST", VERSIONS, '{"schema":"x","metadata":{"sensitive":["%s"]}}'),
    "rule's name": ("POST", VERSIONS, '{"schema":"x","ruleSet":{"domainRules":[{"name":"%s"}]}}'),
    "rule's text": ("POST", VERSIONS, '{"schema":"x","ruleSet":{"domainRules":[{"doc":"%s"}]}}'),
    "reference's name": ("POST", VERSIONS, '{"schema":"x","references":[{"name":"%s"}]}'),
    "reference's subject": ("POST", VERSIONS, '{"schema":"x","references":[{"subject":"%s"}]}'),
    "unknown field": ("POST", VERSIONS, '{"schema":"\\"int\\"","%s":1}'),
    "alias": ("PUT", "/config/s", '{"alias":"%s"}'),
    "level": ("PUT", "/config", '{"compatibility":"%s"}'),
    "mode": ("PUT", "/mode/s", '{"mode":"%s"}'),
    "resource": ("POST", "/associations", '{"resourceName":"%s"}'),
}


@pytest.mark.parametrize("where", TEXTS)
def test_half_a_surrogate_pair_is_refused_wherever_it_stands(sqlite_node: Node, where: str) -> None:
    method, path, body = TEXTS[where]
    with sqlite_node.left_alone():
        answer = sqlite_node.send(method, path, (body % HALF).encode())
        is_refused(answer, 400, 400, "half of a surrogate pair")


NUMBERS: dict[str, tuple[str, str, str]] = {
    "version": ("POST", VERSIONS, '{"schema":"\\"int\\"","version":%s}'),
    "id": ("POST", VERSIONS, '{"schema":"\\"int\\"","id":%s}'),
    "reference's version": ("POST", VERSIONS, '{"schema":"x","references":[{"version":%s}]}'),
    "new version": ("POST", "/subjects/usable/versions/1/tags", '{"newVersion":%s}'),
}


@pytest.mark.parametrize("number", FAR, ids=lambda number: number[:12])
@pytest.mark.parametrize("where", NUMBERS)
def test_a_number_beyond_32_bits_is_refused(sqlite_node: Node, where: str, number: str) -> None:
    method, path, body = NUMBERS[where]
    with sqlite_node.left_alone():
        answer = sqlite_node.send(method, path, (body % number).encode())
        is_refused(answer, 400, 400, "out of range|too many digits")


@pytest.mark.parametrize("number", ["2147483648", "9" * 32, "9" * 5000, "1e9"])
def test_a_number_beyond_32_bits_in_a_path_finds_nothing(sqlite_node: Node, number: str) -> None:
    ask = sqlite_node.ask
    with sqlite_node.left_alone():
        assert ask("GET", f"/schemas/ids/{number}").status_code == httpx.codes.NOT_FOUND
        assert ask("GET", f"/schemas/ids/{number}/versions").status_code == httpx.codes.NOT_FOUND
        assert ask("GET", f"/subjects?offset={number}").status_code == httpx.codes.NOT_FOUND
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/schema")):
            answer = ask(method, f"/subjects/usable/versions/{number}{path}")
            is_refused(answer, 422, 42202, "not a valid version id")


def rule(number: int) -> dict[str, str]:
    return {"name": f"r{number}", "kind": "CONDITION", "type": "CEL", "mode": "WRITE", "expr": "x"}


MEMBERS: dict[str, Any] = {
    "tagged paths": {"metadata": {"tags": {f"p{n}": ["t"] for n in range(MANY)}}},
    "tags": {"metadata": {"tags": {"p": [f"t{n}" for n in range(MANY)]}}},
    "properties": {"metadata": {"properties": {f"p{n}": "v" for n in range(MANY)}}},
    "sensitive names": {"metadata": {"sensitive": [f"p{n}" for n in range(MANY)]}},
    "rules": {"ruleSet": {"domainRules": [rule(n) for n in range(MANY)]}},
    "parameters": {"ruleSet": {"domainRules": [{"params": {str(n): "x" for n in range(MANY)}}]}},
    "tag changes": {"schemaTagsToAdd": [{"tags": ["x"]}] * MANY},
}


@pytest.mark.parametrize("what", MEMBERS)
def test_a_hundred_thousand_members_are_refused(sqlite_node: Node, what: str) -> None:
    with sqlite_node.left_alone():
        answer = sqlite_node.ask("POST", VERSIONS, {**STRING, **MEMBERS[what]})
        is_refused(answer, 400, 400, "has 100000 members, more than the limit of 10000")


def test_a_hundred_thousand_wrong_members_are_told_once(sqlite_node: Node) -> None:
    tags = {f"p{number}": [[]] * 9_000 for number in range(30)}
    with sqlite_node.left_alone():
        answer = sqlite_node.ask("POST", VERSIONS, {**STRING, "metadata": {"tags": tags}})
        is_refused(answer, 400, 400, "from Array value")


def test_a_rule_set_beyond_the_limit_is_refused(sqlite_node: Node) -> None:
    rules = {"domainRules": [rule(number) for number in range(1001)]}
    with sqlite_node.left_alone():
        answer = sqlite_node.ask("POST", VERSIONS, {**STRING, "ruleSet": rules})
        is_refused(answer, 422, 42210, "more than 1000 rules")
        answer = sqlite_node.ask("PUT", "/config/s", {"defaultRuleSet": rules})
        is_refused(answer, 422, 42210, "more than 1000 rules")


def test_rules_and_metadata_up_to_the_limits_are_kept(sqlite_node: Node) -> None:
    contract = {
        "metadata": {"properties": {f"p{n}": "v" for n in range(10_000)}},
        "ruleSet": {"domainRules": [rule(n) for n in range(1000)]},
    }
    answer = sqlite_node.ask("POST", "/subjects/contract/versions", {**STRING, **contract})
    assert answer.status_code == httpx.codes.OK, answer.text
    kept = sqlite_node.client.get("/subjects/contract/versions/1").json()
    assert len(kept["ruleSet"]["domainRules"]) == 1000
    assert len(kept["metadata"]["properties"]) == 10_000
    sqlite_node.use()


@pytest.mark.parametrize("what", ["batchGet", "batchMutate"])
def test_a_batch_beyond_the_limit_is_refused(sqlite_node: Node, what: str) -> None:
    one = {"resourceName": "r", "resourceId": "i", "resourceNamespace": "n"}
    with sqlite_node.left_alone():
        answer = sqlite_node.ask("POST", f"/associations:{what}", {"requests": [one] * 1001})
        is_refused(answer, 400, 400, "more than the limit of 1000")

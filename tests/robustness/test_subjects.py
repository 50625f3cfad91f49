"""Names of subjects, contexts and resources: any text, up to what every database can index."""

from __future__ import annotations

import json
import random
import string
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from node import STRING, is_refused

from registry.names import MAX_BYTES

if TYPE_CHECKING:
    from node import Node

TOO_LONG = f"longer than {MAX_BYTES} bytes"


def unlike(length: int) -> str:
    """Return a name that no database can compress into less."""
    letters = random.Random(length)  # noqa: S311 - a repeatable name, no secret
    return "".join(letters.choices(string.ascii_letters + string.digits, k=length))


def path_of(subject: str) -> str:
    return f"/subjects/{quote(subject, safe='')}/versions"


SUBJECTS = [
    "a/b",
    "/",
    "a//b/",
    '"quoted"',
    "it's",
    "100%",
    "%2F",
    "%",
    "a\\b",
    "a b",
    " ",
    "a;b?c#d&e=f",
    "\N{GRINNING FACE}",
    "e\N{COMBINING ACUTE ACCENT}",
    "\N{RIGHT-TO-LEFT OVERRIDE}x",
    "\N{ZERO WIDTH SPACE}",
    "<script>",
    "'; DROP TABLE schemas; --",
    "*",
    ":*:",
    "::x",
    ":.ctx:x",
    ":.ctx:a:b",
    ":.ctx/with/slashes:x",
    ":.ctx%:x",
    ":.\N{GRINNING FACE}:x",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_may_be_any_text(node: Node, subject: str) -> None:
    registered = node.ask("POST", path_of(subject), STRING)
    assert registered.status_code == httpx.codes.OK, registered.text
    assert node.ask("GET", path_of(subject)).json() == [1]
    assert node.ask("GET", f"{path_of(subject)}/1").json()["subject"] == subject
    assert subject in node.ask("GET", "/subjects?subjectPrefix=:*:").json()
    assert node.ask("DELETE", path_of(subject).removesuffix("/versions")).json() == [1]
    assert subject not in node.ask("GET", "/subjects?subjectPrefix=:*:").json()


@pytest.mark.parametrize("subject", [":.mine:", ":.mine", ":.:x"])
def test_a_subject_may_be_spelt_in_other_ways(node: Node, subject: str) -> None:
    registered = node.ask("POST", path_of(subject), STRING)
    assert registered.status_code == httpx.codes.OK, registered.text
    assert node.ask("GET", path_of(subject)).json() == [1]


@pytest.mark.parametrize("sent", [b".", b"..", b"%2e%2e", b"%2e"])
def test_dots_are_no_way_out(sqlite_node: Node, sent: bytes) -> None:
    """A subject may be called so; clients that resolve dots before they send never ask for it."""
    head = b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
    body = json.dumps(STRING).encode()
    more = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    path = b"/subjects/" + sent + b"/versions"
    posted = sqlite_node.raw(b"POST " + path + head + more + body)
    assert posted.startswith(b"HTTP/1.1 200 "), posted
    assert sqlite_node.raw(b"GET " + path + head + b"\r\n").endswith(b"\r\n\r\n[1]")


@pytest.mark.parametrize(
    "subject", ["a\0b", "\0", "a\nb", "a\x7fb", "a\x85b", "__GLOBAL", "__EMPTY"]
)
def test_what_is_no_subject_is_refused(node: Node, subject: str) -> None:
    with node.left_alone():
        is_refused(node.ask("POST", path_of(subject), STRING), 422, 42208, "not a valid")
        answer = node.ask("PUT", f"/config/{quote(subject, safe='')}", {"compatibility": "NONE"})
        is_refused(answer, 422, 42208, "not a valid")


def test_the_level_above_all_contexts_takes_no_schemas(node: Node) -> None:
    with node.left_alone():
        is_refused(node.ask("POST", path_of(":.__GLOBAL:x"), STRING), 422, 42208, "not a valid")


@pytest.mark.parametrize("subject", ["a\0b", "\0"])
def test_what_is_no_subject_is_not_found(node: Node, subject: str) -> None:
    place = quote(subject, safe="")
    with node.left_alone():
        is_refused(node.ask("GET", path_of(subject)), 404, 40401, "not found")
        is_refused(node.ask("POST", f"/subjects/{place}", STRING), 404, 40401, "not found")
        is_refused(node.ask("DELETE", f"/subjects/{place}"), 404, 40401, "not found")
        is_refused(node.ask("GET", f"/config/{place}"), 404, 40408, "does not have")
        assert node.ask("GET", f"/subjects?subjectPrefix={place}").json() == []
        assert node.ask("GET", f"/mode/{place}").status_code == httpx.codes.NOT_FOUND


LONGEST = {
    "a name": unlike(MAX_BYTES),
    "letters of three bytes": "\N{EURO SIGN}" * (MAX_BYTES // 3),
    "a context": f":.{unlike(MAX_BYTES - 4)}:x",
    "a context and a name": f":.{unlike(999)}:{unlike(998)}",
}


@pytest.mark.parametrize("what", LONGEST)
def test_a_name_may_be_as_long_as_the_limit(node: Node, what: str) -> None:
    """Everything that is indexed by a subject: its versions, references, settings and aliases."""
    subject = LONGEST[what]
    assert node.ask("POST", path_of(subject), STRING).status_code == httpx.codes.OK
    place = quote(subject, safe="")
    reference = {"name": unlike(5000), "subject": subject, "version": 1}
    for method, path, body in (
        ("POST", "/subjects/refers/versions", {**STRING, "references": [reference]}),
        ("PUT", f"/config/{place}", {"compatibility": "NONE"}),
        ("PUT", f"/mode/{place}", {"mode": "READONLY"}),
        ("PUT", "/config/other", {"alias": subject}),
    ):
        answer = node.ask(method, path, body)
        assert answer.status_code == httpx.codes.OK, answer.text
    found = node.ask("GET", f"{path_of(subject)}/1/referencedby")
    assert len(found.json()) >= 1
    assert node.ask("GET", path_of("other")).json() == [1]


TOO_LONG_NAMES = {
    "one more": unlike(MAX_BYTES + 1),
    "one more letter of three bytes": "\N{EURO SIGN}" * (MAX_BYTES // 3 + 1),
    "ten thousand": unlike(10_000),
    "sixty thousand": unlike(60_000),
    "a context": f":.{unlike(MAX_BYTES)}:x",
    "a context alone": f":.{unlike(MAX_BYTES)}:",
}


@pytest.mark.parametrize("what", TOO_LONG_NAMES)
def test_a_longer_name_is_refused(node: Node, what: str) -> None:
    subject = TOO_LONG_NAMES[what]
    place = quote(subject, safe="")
    writes = [
        ("POST", path_of(subject), STRING),
        ("PUT", f"/config/{place}", {"compatibility": "NONE"}),
        ("PUT", f"/mode/{place}", {"mode": "READONLY"}),
        ("PUT", "/config/other", {"alias": subject}),
    ]
    with node.left_alone():
        for method, path, body in writes:
            is_refused(node.ask(method, path, body), 422, 42208, TOO_LONG)


@pytest.mark.parametrize("what", TOO_LONG_NAMES)
def test_a_longer_name_is_not_found(node: Node, what: str) -> None:
    subject = TOO_LONG_NAMES[what]
    place = quote(subject, safe="")
    reference = {"name": "n", "subject": subject, "version": 1}
    with node.left_alone():
        is_refused(node.ask("GET", path_of(subject)), 404, 40401, "not found")
        is_refused(node.ask("POST", f"/subjects/{place}", STRING), 404, 40401, "not found")
        answer = node.ask("POST", "/subjects/s/versions", {**STRING, "references": [reference]})
        is_refused(answer, 422, 42201, "No schema reference found")


def test_an_alias_that_grows_too_long_inside_its_context_is_refused(node: Node) -> None:
    context = f":.{unlike(1000)}:"
    place = quote(f"{context}a", safe="")
    answer = node.ask("PUT", f"/config/{place}", {"alias": unlike(1500)})
    assert answer.status_code == httpx.codes.OK, answer.text
    with node.left_alone():
        is_refused(node.ask("POST", path_of(f"{context}a"), STRING), 422, 42208, TOO_LONG)


def test_a_resource_that_no_database_can_index_is_refused(node: Node) -> None:
    tie = {"subject": "usable", "lifecycle": "WEAK", "associationType": "value"}
    body = {
        "resourceName": "r",
        "resourceNamespace": "n",
        "resourceId": unlike(MAX_BYTES + 1),
        "associations": [tie],
    }
    with node.left_alone():
        is_refused(node.ask("POST", "/associations", body), 422, 42212, "resourceId.*longer than")
    answer = node.ask("POST", "/associations", {**body, "resourceId": unlike(MAX_BYTES)})
    assert answer.status_code < httpx.codes.BAD_REQUEST, answer.text


def test_nul_where_no_database_keeps_it_is_refused(node: Node) -> None:
    with node.left_alone():
        answer = node.ask("PUT", "/config/s", {"alias": "a\0b"})
        is_refused(answer, 422, 42205, "cannot be stored")
        rule = {"name": "a\0b", "type": "CEL"}
        answer = node.ask("POST", path_of("s"), {**STRING, "ruleSet": {"domainRules": [rule]}})
        is_refused(answer, 422, 42210, "Illegal character in rule name")


def test_nul_in_metadata_is_kept(node: Node) -> None:
    body = {**STRING, "metadata": {"properties": {"a\0": "b\0"}}}
    assert node.ask("POST", path_of("nul"), body).status_code == httpx.codes.OK
    kept = node.ask("GET", f"{path_of('nul')}/1").json()
    assert kept["metadata"]["properties"] == {"a\0": "b\0"}

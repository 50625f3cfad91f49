"""Both clients over httpx's own MockTransport: retries, fail-over, memory, credentials."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from accord_serde import (
    AssociationCreateOrUpdateRequest,
    RegisteredSchema,
    Schema,
    SchemaRegistryError,
)
from accord_serde._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

Connect = Any  # the fixture of conftest.py
INT, LONG = Schema('"int"'), Schema('"long"')
FOUND = {"subject": "s", "id": 7, "version": 2, "guid": "g", "schema": '"int"'}


class Registry:
    """Answers from a list, the last answer for ever; an exception stands for a broken network."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        match answer:
            case Exception():
                raise type(answer)(*answer.args)
            case int(status), document:
                return httpx.Response(status, json=document)
            case _:
                return httpx.Response(200, json=answer)

    def now(self, answer: object) -> None:
        self._answers = [answer]

    @property
    def hosts(self) -> list[str]:
        return [request.url.host for request in self.asked]


NOT_FOUND = (404, {"error_code": 40403, "message": "Schema 7 not found"})
BUSY = (503, {"error_code": 50001, "message": "busy"})
DOWN = httpx.ConnectError("down")


@pytest.mark.parametrize("failure", [BUSY, (429, None), (500, None), DOWN, httpx.ReadTimeout("")])
def test_a_passing_failure_is_not_noticed(connect: Connect, failure: object) -> None:
    registry = Registry(failure, failure, failure, ["s"])
    assert connect(registry).get_subjects() == ["s"]
    assert len(registry.asked) == 4


def test_a_lasting_failure_is_raised_after_the_retries(connect: Connect) -> None:
    registry = Registry(BUSY)
    with pytest.raises(SchemaRegistryError, match=r"^busy \(HTTP status code 503, SR code 50001\)"):
        connect(registry, max_retries=2).get_subjects()
    assert len(registry.asked) == 3


def test_a_lasting_silence_is_raised_after_the_retries(connect: Connect) -> None:
    registry = Registry(DOWN)
    with pytest.raises(httpx.ConnectError) as caught:
        connect(registry, max_retries=1, url="http://user:hush@one").get_subjects()
    assert len(registry.asked) == 2
    (note,) = caught.value.__notes__
    assert note.startswith("tried 2 times: http://one/subjects?")


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 422, 501])
def test_a_refusal_is_final(connect: Connect, status: int) -> None:
    registry = Registry((status, {"error_code": status, "message": "no"}))
    with pytest.raises(SchemaRegistryError) as caught:
        connect(registry, url="http://one,http://two").get_subjects()
    assert caught.value.http_status_code == status
    assert len(registry.asked) == 1


def test_the_next_node_stands_in_and_is_asked_first_from_then_on(connect: Connect) -> None:
    registry = Registry(DOWN, BUSY, [], [], DOWN, [])
    client = connect(registry, url="http://one,http://two,http://three")
    for _ in range(3):
        assert client.get_subjects() == []
    assert registry.hosts == ["one", "two", "three", "three", "three", "one"]


def test_the_path_of_a_node_is_kept(connect: Connect) -> None:
    registry = Registry([])
    connect(registry, url="http://one/apis/ccompat/").get_schema_types()
    assert str(registry.asked[0].url) == "http://one/apis/ccompat/schemas/types"


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get_schema(7),
        lambda client: client.get_schema(7, "s", "resolved", "qualified"),
        lambda client: client.get_schema_by_guid("g"),
        lambda client: client.get_version("s", 2),
        lambda client: client.lookup_schema("s", INT),
        lambda client: client.register_schema("s", INT),
        lambda client: client.get_latest_version("s"),
        lambda client: client.get_latest_with_metadata("s", {"k": "v"}),
    ],
)
def test_an_answer_is_remembered_and_an_error_is_not(
    connect: Connect, ask: Callable[[Any], object]
) -> None:
    registry = Registry(NOT_FOUND, FOUND)
    client = connect(registry)
    with pytest.raises(SchemaRegistryError, match="Schema 7 not found"):
        ask(client)
    first = ask(client)
    assert ask(client) == first
    assert len(registry.asked) == 2
    client.clear_caches()
    assert ask(client) == first
    assert len(registry.asked) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda c: c.get_schema(7), lambda c: c.get_schema(8)),
        (lambda c: c.get_schema(7), lambda c: c.get_schema(7, "s")),
        (lambda c: c.get_schema(7), lambda c: c.get_schema(7, fmt="serialized")),
        (lambda c: c.get_schema(7), lambda c: c.get_schema(7, reference_format="qualified")),
        (lambda c: c.get_schema_by_guid("g"), lambda c: c.get_schema_by_guid("g", "serialized")),
        (lambda c: c.get_version("s", 1), lambda c: c.get_version("s", 2)),
        (lambda c: c.get_version("s", 1), lambda c: c.get_version("s", 1, deleted=True)),
        (lambda c: c.lookup_schema("s", INT), lambda c: c.lookup_schema("s", LONG)),
        (lambda c: c.lookup_schema("s", INT), lambda c: c.lookup_schema("s", INT, deleted=True)),
        (lambda c: c.register_schema("s", INT), lambda c: c.register_schema("t", INT)),
        (lambda c: c.register_schema("s", INT), lambda c: c.register_schema("s", INT, True)),  # noqa: FBT003 - how users call it
        (lambda c: c.register_schema("s", INT), lambda c: c.lookup_schema("s", INT)),
        (lambda c: c.get_latest_version("s"), lambda c: c.get_latest_version("s", "resolved")),
        (
            lambda c: c.get_latest_with_metadata("s", {"k": "v"}),
            lambda c: c.get_latest_with_metadata("s", {"k": "w"}),
        ),
    ],
)
def test_different_questions_have_different_answers(
    connect: Connect, one: Callable[[Any], object], other: Callable[[Any], object]
) -> None:
    registry = Registry(FOUND)
    client = connect(registry)
    for ask in (one, other, one, other):
        ask(client)
    assert len(registry.asked) == 2


def test_no_more_is_remembered_than_allowed(connect: Connect) -> None:
    registry = Registry(FOUND)
    client = connect(registry, cache_capacity=2)
    for schema_id in (1, 2, 1, 3, 1, 2):
        client.get_schema(schema_id)
    asked = [request.url.path.rpartition("/")[2] for request in registry.asked]
    assert asked == ["1", "2", "3", "2"]


def test_the_latest_is_asked_for_anew_where_nothing_may_be_old(connect: Connect) -> None:
    registry = Registry(FOUND, FOUND | {"id": 8})
    client = connect(registry, cache_latest_ttl_sec=0)
    assert [client.get_latest_version("s").schema_id for _ in range(2)] == [7, 8]


def test_the_version_latest_is_asked_for_anew(connect: Connect) -> None:
    registry = Registry(FOUND, FOUND | {"id": 8})
    client = connect(registry)
    assert [client.get_version("s").schema_id for _ in range(2)] == [7, 8]


def test_clearing_the_latest_leaves_the_rest(connect: Connect) -> None:
    registry = Registry(FOUND)
    client = connect(registry)
    for _ in range(2):
        client.get_schema(7)
        client.get_latest_version("s")
        client.get_latest_with_metadata("s", {})
        client.clear_latest_caches()
    assert len(registry.asked) == 5


WRITES: list[tuple[Callable[[Any], object], object, bool]] = [
    (lambda c: c.register_schema("s", LONG), FOUND, False),
    (lambda c: c.delete_version("s", 1), 1, True),
    (lambda c: c.delete_subject("s"), [1], True),
    (lambda c: c.delete_subject("s", permanent=True), [1], True),
]


@pytest.mark.parametrize("outcome", ["done", "refused"])
@pytest.mark.parametrize(("write", "answer", "forgets_places"), WRITES)
def test_a_client_sees_its_own_writes_whether_confirmed_or_not(
    connect: Connect,
    write: Callable[[Any], object],
    answer: object,
    forgets_places: bool,
    outcome: str,
) -> None:
    registry = Registry(FOUND)
    client = connect(registry, max_retries=0)

    def ids() -> list[int]:
        return [
            client.register_schema("s", INT),
            client.get_version("s", 1).schema_id,
            client.get_latest_version("s").schema_id,
            client.get_latest_with_metadata("s", {}).schema_id,
        ]

    assert ids() == ids() == [7, 7, 7, 7]
    assert len(registry.asked) == 4
    registry.now(answer if outcome == "done" else (500, None))
    if outcome == "done":
        write(client)
    else:
        with pytest.raises(SchemaRegistryError):
            write(client)
    registry.now(FOUND | {"id": 8})
    assert ids() == ([8, 8, 8, 8] if forgets_places else [7, 7, 8, 8])


def test_a_write_to_one_subject_leaves_the_others(connect: Connect) -> None:
    registry = Registry(FOUND, FOUND, [1], FOUND)
    client = connect(registry)
    client.get_latest_version("other")
    client.get_schema(7)
    client.delete_subject("s")
    client.get_latest_version("other")
    client.get_schema(7)
    assert len(registry.asked) == 3


def test_a_registration_tells_all_it_learnt_from_memory_too(connect: Connect) -> None:
    client = connect(Registry({"id": 7, "version": 2, "guid": "g"}))
    for _ in range(2):
        full = client.register_schema_full_response("s", INT)
        assert full == RegisteredSchema("s", 2, 7, "g", INT)


def test_requests_say_who_asks_and_what_is_understood(connect: Connect) -> None:
    registry = Registry(FOUND)
    client = connect(registry)
    client.get_schema(7)
    client.register_schema("s", INT)
    read, write = registry.asked
    for request in (read, write):
        assert request.headers["user-agent"] == f"accord-serde/{__version__}"
        assert request.headers["accept"].startswith("application/vnd.schemaregistry.v1+json, ")
    assert "content-type" not in read.headers
    assert write.headers["content-type"] == "application/vnd.schemaregistry.v1+json"
    assert write.headers["confluent-accept-unknown-properties"] == "true"
    assert json.loads(write.content) == INT.to_dict()


def test_each_node_gets_its_own_credentials(connect: Connect) -> None:
    registry = Registry(DOWN, [])
    connect(registry, url="http://a:b@one,http://c:d@two").get_subjects()
    assert [request.headers["authorization"] for request in registry.asked] == [
        "Basic YTpi",
        "Basic Yzpk",
    ]


def test_headers_of_the_user_win_except_over_credentials(connect: Connect) -> None:
    registry = Registry([])
    headers = {"X-Team": "t", "Accept": "text/x", "Authorization": "mine"}
    conf = {"http.headers": headers, "basic.auth.user.info": "a:b"}
    connect(registry, **conf).get_subjects()
    sent = registry.asked[0].headers
    assert (sent["x-team"], sent["accept"]) == ("t", "text/x")
    assert sent.get_list("authorization") == ["Basic YTpi"]


def test_a_static_token_is_sent_with_its_cluster(connect: Connect) -> None:
    registry = Registry([])
    conf = {
        "bearer.auth.credentials.source": "STATIC_TOKEN",
        "bearer.auth.token": "T",
        "bearer.auth.logical.cluster": "lsrc-1",
    }
    connect(registry, **conf).get_subjects()
    sent = registry.asked[0].headers
    assert (sent["authorization"], sent["target-sr-cluster"]) == ("Bearer T", "lsrc-1")
    assert "confluent-identity-pool-id" not in sent


class Provider:
    """A user's own source of tokens, for either face."""

    def __init__(self, *answers: dict[str, str]) -> None:
        self._answers = iter(answers)

    def __call__(self, config: dict[str, str]) -> dict[str, str]:
        return next(self._answers) | config

    async def awaited(self, config: dict[str, str]) -> dict[str, str]:
        return self(config)


def custom(provider: Provider, connect: Connect, registry: Registry) -> Any:
    """Make a client over a provider; which of its functions fits shows in the error."""
    clients = []
    for function in (provider, provider.awaited):
        conf = {
            "bearer.auth.credentials.source": "CUSTOM",
            "bearer.auth.custom.provider.function": function,
            "bearer.auth.custom.provider.config": {"bearer.auth.logical.cluster": "c"},
        }
        clients.append(connect(registry, **conf))
    return clients[type(clients[0]).__name__ == "Awaited"]


def test_a_custom_provider_is_asked_for_every_request(connect: Connect) -> None:
    registry = Registry([])
    provider = Provider(
        {"bearer.auth.token": "1"}, {"bearer.auth.token": "2", "bearer.auth.identity.pool.id": "p"}
    )
    client = custom(provider, connect, registry)
    for _ in range(2):
        client.get_subjects()
    one, two = (request.headers for request in registry.asked)
    assert (one["authorization"], two["authorization"]) == ("Bearer 1", "Bearer 2")
    assert two["confluent-identity-pool-id"] == "p"


def test_a_custom_provider_must_give_a_token(connect: Connect) -> None:
    client = custom(Provider({}), connect, Registry([]))
    with pytest.raises(
        ValueError, match=r"Missing required bearer auth fields.*: bearer.auth.token"
    ):
        client.get_subjects()


def test_secrets_are_neither_logged_nor_raised(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = connect(Registry(BUSY), url="http://user:hush@one", max_retries=1)
    with pytest.raises(SchemaRegistryError) as caught:
        client.get_subjects()
    shown = "".join([caplog.text, repr(client), repr(caught.value), str(caught.getrepr())])
    assert "http://one" in caplog.text
    assert "hush" not in shown.replace(__file__, "").replace('url="http://user:hush@one"', "")
    assert "dXNlcjpodXNo" not in shown


def test_the_timeout_reaches_every_phase_of_a_request(connect: Connect) -> None:
    registry = Registry([])
    connect(registry, timeout=1.5).get_subjects()
    timeouts = registry.asked[0].extensions["timeout"]
    assert timeouts == {"connect": 1.5, "read": 1.5, "write": 1.5, "pool": 1.5}


def test_a_closed_client_asks_no_more(connect: Connect) -> None:
    registry = Registry(FOUND)
    client = connect(registry)
    client.get_schema(7)
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.get_subjects()


def test_settings_that_say_nothing_are_refused(connect: Connect) -> None:
    registry = Registry([])
    client = connect(registry)
    with pytest.raises(ValueError, match="level must be set"):
        client.set_compatibility("s")
    with pytest.raises(ValueError, match="config must be set"):
        client.set_config("s")
    assert registry.asked == []


ADDED: list[tuple[Callable[[Any], object], str, str]] = [
    (
        lambda c: c.get_schema_string(7, "s", "resolved"),
        "GET",
        "/schemas/ids/7?subject=s&format=resolved",
    ),
    (lambda c: c.delete_compatibility(), "DELETE", "/config"),
    (lambda c: c.delete_compatibility("a/b"), "DELETE", "/config/a%2Fb"),
    (lambda c: c.delete_global_mode(), "DELETE", "/mode"),
    (lambda c: c.delete_context(".x"), "DELETE", "/contexts/.x"),
    (lambda c: c.get_cluster_ids(), "GET", "/v1/metadata/id"),
    (lambda c: c.get_server_version(), "GET", "/v1/metadata/version"),
    (
        lambda c: c.get_associations_by_subject("s", "topic", ["key", "value"]),
        "GET",
        "/associations/subjects/s?resourceType=topic&associationType=key&associationType=value",
    ),
    (
        lambda c: c.update_association("i/j", AssociationCreateOrUpdateRequest()),
        "PUT",
        "/associations/resources/i%2Fj",
    ),
]


@pytest.mark.parametrize(("ask", "method", "target"), ADDED)
def test_methods_the_stock_client_lacks_ask_the_right_thing(
    connect: Connect, ask: Callable[[Any], object], method: str, target: str
) -> None:
    registry = Registry(NOT_FOUND)
    with pytest.raises(SchemaRegistryError):
        ask(connect(registry))
    (asked,) = registry.asked
    assert (asked.method, asked.url.raw_path.decode()) == (method, target)


def test_the_text_of_a_schema_comes_alone(connect: Connect) -> None:
    assert connect(Registry(FOUND)).get_schema_string(7) == '"int"'

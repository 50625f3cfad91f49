"""The fixtures, used directly and by test runs of others."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from accord_serde import AsyncSchemaRegistryClient, Schema, SchemaRegistryClient

if TYPE_CHECKING:
    from registry.embedded import EmbeddedRegistry

pytest_plugins = ["pytester"]

TEXTS = ['"int"', '"long"', '"string"']


@pytest.mark.parametrize("text", TEXTS)
def test_every_test_has_a_registry_of_its_own(accord_registry: EmbeddedRegistry, text: str) -> None:
    client = accord_registry.client()
    assert client.get_subjects(deleted=True) == []
    assert client.register_schema("s", Schema(text)) == 1
    assert client.get_schema(1).schema_str == text


@pytest.mark.parametrize("text", TEXTS)
def test_so_has_every_test_with_a_socket(accord_registry_url: str, stock: Any, text: str) -> None:
    with stock.SchemaRegistryClient({"url": accord_registry_url}) as client:
        assert client.get_subjects() == []
        assert client.register_schema("s", stock.Schema(text, "AVRO")) == 1
        assert client.get_schema(1).schema_str == text


@pytest.fixture
def stock() -> Any:
    """Confluent's own package; importing it warns of a dependency of its dependency."""
    with warnings.catch_warnings(record=True):
        from confluent_kafka import schema_registry  # noqa: PLC0415
    return schema_registry


def test_a_log_is_there_at_once_without_the_registry() -> None:
    program = (
        "import sys; from registry.embedded import EmbeddedLog; EmbeddedLog().close(); "
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    loaded = set(done.stdout.split())
    assert "accord_log.broker.broker" in loaded
    assert not loaded & {"fastapi", "sqlalchemy", "fastavro", "accord_serde"}


def test_both_fixtures_are_one_registry(
    accord_registry: EmbeddedRegistry, accord_registry_url: str
) -> None:
    accord_registry.client().register_schema("s", Schema('"int"'))
    with SchemaRegistryClient({"url": accord_registry_url}) as client:
        assert client.get_subjects() == ["s"]
    assert httpx.get(f"{accord_registry_url}/subjects").json() == ["s"]


def test_both_faces_are_at_hand(accord_registry: EmbeddedRegistry) -> None:
    assert isinstance(accord_registry.client(), SchemaRegistryClient)
    assert isinstance(accord_registry.async_client(), AsyncSchemaRegistryClient)


def test_it_is_found_by_pytest() -> None:
    (found,) = entry_points(group="pytest11", name="accord")
    assert found.value == "registry.pytest_plugin"


def test_loading_it_imports_nothing_but_pytest() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import registry.pytest_plugin; "
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert set(done.stdout.split()) == {"registry", "registry.pytest_plugin"}


STRANGERS_TESTS = """
    import threading
    import pytest
    from accord_serde import Schema

    left = []

    @pytest.mark.parametrize("number", range(5))
    def test_fresh(accord_registry, number):
        client = accord_registry.client({"max.retries": 0})
        assert client.get_subjects() == []
        assert client.register_schema("s", Schema('"int"')) == 1
        left.append(client)

    def test_old_clients_reach_nobody(accord_registry):
        for client in left:
            with pytest.raises(Exception, match="does not run"):
                client.get_subjects()

    @pytest.mark.parametrize("number", range(3))
    def test_fresh_socket(accord_registry_url, number):
        from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
        with SchemaRegistryClient({"url": accord_registry_url}) as client:
            assert client.get_subjects() == []
            assert client.register_schema("s", Schema('"int"', "AVRO")) == 1

    async def ask(accord_registry):
        return await accord_registry.async_client().get_subjects()

    def test_asyncio(accord_registry):
        import asyncio
        assert asyncio.run(ask(accord_registry)) == []

    @pytest.mark.parametrize("number", range(3))
    def test_fresh_log(accord_bootstrap_servers, number):
        from confluent_kafka import Producer
        from confluent_kafka.admin import AdminClient
        conf = {"bootstrap.servers": accord_bootstrap_servers, "log_level": 0}
        assert AdminClient(conf).list_topics(timeout=60).topics == {}
        producer = Producer(conf)
        producer.produce("t", b"v")
        assert producer.flush(60) == 0

    def test_a_pair(accord_registry, accord_kafka):
        accord_registry.client().register_schema("s", Schema('"int"'))
        topics = accord_kafka.broker.topics
        while not (topics.get("_schemas") and topics.partition("_schemas", 0).high_watermark):
            pass

    def test_no_pair(accord_kafka):
        assert accord_kafka.broker.validator is None
"""
LEFT_BEHIND = """
    import glob, tempfile, threading, time, pytest

    def pytest_unconfigure():
        deadline = time.monotonic() + 30
        while threading.active_count() > 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        print("THREADS", threading.active_count())
        print("FOLDERS", len(glob.glob(tempfile.gettempdir() + "/accord-*")))
"""


def test_the_tests_of_others_pass_and_nothing_is_left(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = pytester.mkdir("temporary")
    monkeypatch.setenv("TMPDIR", str(temporary))
    pytester.makepyfile(STRANGERS_TESTS)
    pytester.makeconftest(LEFT_BEHIND)
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-W", "error", "-W", "ignore::DeprecationWarning:authlib"
    )
    result.assert_outcomes(passed=15)
    result.stdout.fnmatch_lines(["THREADS 1", "FOLDERS 0"])


def test_who_does_not_use_it_does_not_notice_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            names = {name.partition(".")[0] for name in sys.modules}
            others = {"accord_log", "accord_serde", "compat", "fastapi", "httpx", "sqlalchemy"}
            assert not names & others
            assert {n for n in sys.modules if n.startswith("registry")} <= {
                "registry", "registry.pytest_plugin"
            }
        """
    )
    result = pytester.runpytest_subprocess(
        *("-p", "no:schemathesis", "-p", "no:anyio", "-p", "no:hypothesispytest", "-W", "error")
    )
    result.assert_outcomes(passed=1)
    pytester.runpytest_subprocess("--fixtures").stdout.fnmatch_lines(
        ["*accord_registry *", "*accord_registry_url *", "*accord_kafka *"]
    )

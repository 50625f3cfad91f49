"""What is counted, and under which labels."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from registry.api.metrics import Metrics
from registry.errors import StorageUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.registry.api.frame.conftest import Framed

VERSIONS = "/subjects/{subject}/versions"


def samples(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    """Return the values of a sample by its labels' values, labels in order of their names."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics.rendered().decode())
        for sample in family.samples
        if sample.name == name
    }


def test_requests_are_counted_by_route_method_and_status(framed: Framed) -> None:
    for subject in ("a", "b%2Fc"):
        framed.ask("GET", f"/subjects/{subject}/versions")
    framed.ask("GET", "/nowhere")
    framed.ask("BREW", "/nowhere")
    assert samples(framed.metrics, "accord_http_requests_total") == {
        ("200", "GET", VERSIONS, "service"): 2,
        ("404", "GET", "(unmatched)", "service"): 1,
        ("404", "OTHER", "(unmatched)", "service"): 1,
    }
    durations = samples(framed.metrics, "accord_http_request_duration_seconds_count")
    assert durations["GET", VERSIONS] == 2


def test_refused_registrations_are_counted_by_reason(framed: Framed) -> None:
    framed.ask("POST", "/subjects/unknown/versions", body=b"{}")
    framed.ask("POST", "/subjects/a/versions", body=b"\xff")
    framed.ask("POST", "/subjects/a/versions", body=b"{}")
    framed.ask("GET", "/schemas/ids/7")
    assert samples(framed.metrics, "accord_registrations_refused_total") == {
        ("40401",): 1,
        ("400",): 1,
    }


def test_database_operations_are_timed() -> None:
    metrics = Metrics()
    metrics.observe("read", 0.002)
    metrics.observe("read", 0.004)
    assert samples(metrics, "accord_database_duration_seconds_count") == {("read",): 2}
    assert samples(metrics, "accord_database_duration_seconds_sum") == {("read",): 0.006}


def test_schemas_are_counted_when_somebody_looks() -> None:
    counts = iter((3, 4))
    metrics = Metrics(schemas=lambda: next(counts))
    assert samples(metrics, "accord_schemas") == {(): 3}
    assert samples(metrics, "accord_schemas") == {(): 4}


def test_a_database_that_is_gone_does_not_hide_the_other_numbers() -> None:
    def gone() -> int:
        raise StorageUnavailable("counting")

    metrics = Metrics(schemas=gone)
    metrics.observe("read", 1)
    assert samples(metrics, "accord_schemas") == {}
    assert samples(metrics, "accord_database_duration_seconds_count") == {("read",): 1}


def test_the_page_is_prometheus_text(framed: Framed) -> None:
    framed.ask("GET", "/subjects/a/versions")
    headers = {"Accept": "application/openmetrics-text; version=x, text/plain;version=0.0.4"}
    answer = framed.ask("GET", "/metrics", headers=headers)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"accord_http_requests_total{" in answer.body


CHILD = """
import sys
from registry.api.metrics import Metrics

metrics = Metrics(schemas=lambda: 7)
metrics.cache_misses.inc()
metrics.count_request(route="/", method="GET", status=200, seconds=0.1)
sys.stdout.buffer.write(metrics.rendered())
"""


def test_several_processes_share_one_set_of_numbers(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    command = [sys.executable, "-c", CHILD]
    for count in (1.0, 2.0):
        page = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
        lines = page.decode().splitlines()
        labels = 'code="200",method="GET",route="/",source="service"'
        assert f"accord_http_requests_total{{{labels}}} {count}" in lines
        assert f"accord_response_cache_misses_total {count}" in lines
        assert "accord_schemas 7.0" in lines

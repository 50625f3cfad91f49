"""A running service does what the OpenAPI document it gives says, whatever it is sent.

schemathesis runs as a process of its own: its plug-in for pytest has no stateful phase, and no
summary of all it found. What it sends is steered by schemathesis.toml and bodies.py; to look
longer, raise `max-examples` there and change the seed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from service import await_ready, begin, end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service import Service

HERE = Path(__file__).parent
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
DOCUMENT = "/accord/v1/openapi.json"
SHAPES = "#/components/schemas/"
PATIENCE_SECONDS = 900
USER = '{"type":"record","name":"User","fields":[{"name":"name","type":"string"}]}'
OWNED = {"properties": {"owner": "a"}}
# What there is before the first request, so that what reads finds something.
REGISTERED = [
    ("orders-value", {"schema": '"string"'}),
    ("orders-value", {"schema": USER, "metadata": OWNED}),
    ("users%2Fvalue", {"schema": USER, "metadata": OWNED}),
    ("orders-schema", {"schema": USER}),
    (":.staging:orders-value", {"schema": '"string"'}),
]
# Tried so often and always refused means that what is sent leads nowhere any more.
OFTEN = 20


@pytest.fixture(params=["sqlite", "postgres"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    options: list[str] = []
    if request.param == "postgres":
        options = ["--database-url", request.getfixturevalue("postgres_url")]
    started = begin(tmp_path, *options)
    yield await_ready(started)
    end(started)


def furnish(url: str) -> None:
    """Register some schemas under the names that the requests use."""
    with httpx.Client(base_url=url) as client:
        client.put("/config", json={"compatibility": "NONE"}).raise_for_status()
        for subject, body in REGISTERED:
            client.post(f"/subjects/{subject}/versions", json=body).raise_for_status()


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with answers that hold nothing else than it says.

    Clients must not mind new properties, so the document itself does not exclude them. Bodies are
    of one media type each, in turns: which one makes no difference behind the frame.
    """
    shapes = document["components"]["schemas"]
    shapes |= {f"{name}.closed": closed(shape) for name, shape in shapes.items()}
    document["components"]["responses"] = closed(document["components"]["responses"])
    turns = cycle(range(3))
    for operation in operations(document).values():
        operation["responses"] = closed(operation["responses"])
        if "requestBody" in operation:
            media_type, content = list(operation["requestBody"]["content"].items())[next(turns)]
            operation["requestBody"]["content"] = {media_type: content}
    return document


def closed(part: Any) -> Any:
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    if str(part.get("$ref")).startswith(SHAPES):
        return {"$ref": f"{part['$ref']}.closed"}
    is_open = part.get("type") == "object" and "properties" in part
    return {
        **{name: closed(value) for name, value in part.items()},
        **({"additionalProperties": False} if is_open else {}),
    }


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def explore(url: str, document: Path, *phases: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis to its end; its report goes next to the document."""
    return subprocess.run(
        [
            SCHEMATHESIS,
            *("--config-file", HERE / "schemathesis.toml"),
            *("run", document, "--url", url, "--no-color"),
            *("--phases", ",".join(phases)),
            *("--report-ndjson-path", document.with_name("report.ndjson")),
        ],
        cwd=document.parent,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "bodies.py")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def statuses(report: Path) -> dict[tuple[str, str], list[int]]:
    """Return what each operation answered."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for name, exchange in recorder.get("interactions", {}).items():
            case = recorder["cases"][name]["value"]
            if exchange["response"] is not None:
                answered = exchange["response"]["status_code"]
                found[case["method"], case["path"]].append(answered)
    return found


@pytest.mark.parametrize(
    ("service", "phases"),
    [("postgres", ("coverage",)), ("sqlite", ("examples", "fuzzing", "stateful"))],
    indirect=["service"],
    ids=["at the boundaries", "at random"],
)
def test_the_service_does_what_the_document_says(
    service: Service, tmp_path: Path, phases: tuple[str, ...]
) -> None:
    document = strict(httpx.get(f"{service.url}{DOCUMENT}").raise_for_status().json())
    file = tmp_path / "document.json"
    file.write_text(json.dumps(document))
    furnish(service.url)
    run = explore(service.url, file, *phases)
    assert run.returncode == 0, run.stdout
    answered = statuses(file.with_name("report.ndjson"))
    assert answered.keys() >= operations(document).keys()
    if "fuzzing" in phases:
        assert [name for name, codes in answered.items() if is_always_refused(name, codes)] == []
    assert [
        line for line in service.err.read_text().splitlines() if '"level": "error"' in line
    ] == []


def is_always_refused(operation: tuple[str, str], codes: list[int]) -> bool:
    """Tell whether nothing came of it; of many deletions, only one may."""
    is_often = operation[0] != "DELETE" and len(codes) >= OFTEN
    return is_often and min(codes) >= httpx.codes.BAD_REQUEST

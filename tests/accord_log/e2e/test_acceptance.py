"""Programs for Kafka and a schema registry, written elsewhere, against `accord serve`.

ACCORD_ACCEPTANCE names their folder; nothing in them is changed but the addresses.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from service import await_ready, begin, end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service import Service

FOLDER = os.environ.get("ACCORD_ACCEPTANCE", "")
PROGRAMS = sorted(Path(FOLDER).glob("*.py")) if FOLDER else []

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="ACCORD_ACCEPTANCE names no programs")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def services() -> Iterator[list[Service]]:
    """What a test starts, ended when it is over."""
    begun: list[Service] = []
    yield begun
    for service in begun:
        end(service)


def test_every_program_runs_in_order_and_again_after_a_restart(
    data: Path, tmp_path: Path, services: list[Service]
) -> None:
    for _ in range(2):
        service = begin(data, ACCORD_ONLY="")
        services.append(service)
        addresses = await_ready(service)
        for program in PROGRAMS:
            text = program.read_text(encoding="utf-8")
            copy = tmp_path / program.name
            copy.write_text(
                text.replace("localhost:9092", addresses.kafka).replace(
                    "http://localhost:8081", addresses.url
                ),
                encoding="utf-8",
            )
            done = subprocess.run(
                [sys.executable, str(copy)],
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, f"{program.name}: {done.stderr}"
        assert service.stop() == 0

"""The README's quick start, typed in as it stands."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from service import Service

    Serve = Callable[..., Service]

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def blocks(language: str, *, after: str = "") -> list[str]:
    """Return the code blocks of a language that follow a heading."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", README.partition(after)[2], re.MULTILINE | re.DOTALL
    )


def dialogue(block: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with the output it should give."""
    turns = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    split = [re.match(r"((?:[^\n]*\\\n)*[^\n]*\n)(.*)", turn, re.DOTALL) for turn in turns]
    return [(found[1], found[2]) for found in split if found is not None]


def test_two_commands_set_it_up() -> None:
    assert blocks("sh", after="## Run it")[:2] == ["make run\n", "make test\n"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_quick_start_does_what_it_says(serve: Serve) -> None:
    service = serve()
    turns = [
        turn for block in blocks("console", after="## Quick start") for turn in dialogue(block)
    ]
    assert len(turns) == 4
    for command, expected in turns:
        local = command.replace("http://localhost:8081", service.url)
        told = subprocess.run(["bash", "-c", local], capture_output=True, text=True, check=True)
        assert told.stdout.rstrip("\n") == expected.rstrip("\n"), command


@pytest.mark.parametrize("package", ["confluent_kafka.schema_registry", "accord_serde"])
def test_the_client_program_runs(serve: Serve, package: str) -> None:
    """With either import, as it says."""
    service = serve()
    program = blocks("python", after="### With confluent_kafka")[0]
    local = program.replace("http://localhost:8081", service.url)
    local = local.replace("confluent_kafka.schema_registry", package)
    ended = subprocess.run(
        [sys.executable, "-c", local], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr


def test_the_program_with_records_runs(serve: Serve) -> None:
    service = serve(ACCORD_ONLY="")
    program = blocks("python", after="### With records")[0]
    local = program.replace("localhost:9092", service.kafka)
    ended = subprocess.run(
        [sys.executable, "-c", local], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from service import (
    ACCORD,
    PATIENCE_SECONDS,
    Service,
    await_ready,
    bare_environment,
    begin,
    end,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment without the settings of whoever runs the tests."""
    return bare_environment()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Start `accord serve` on a free port, without waiting."""
    services: list[Service] = []

    def one(*options: str, **variables: str) -> Service:
        services.append(begin(tmp_path, *options, **variables))
        return services[-1]

    yield one
    for service in services:
        end(service)


@pytest.fixture
def serve(start: Callable[..., Service]) -> Callable[..., Service]:
    """Start `accord serve` and wait until it is ready."""
    return lambda *options, **variables: await_ready(start(*options, **variables))


@pytest.fixture
def accord(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `accord` to its end."""

    def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ACCORD, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
            env={**environment, **variables},
        )

    return run

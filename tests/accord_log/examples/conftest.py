"""One `accord serve` for each test, for the programs name their topics themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from service import Service, await_ready, begin, end

pytest.register_assert_rewrite("example_programs")
from example_programs import Examples  # noqa: E402  # after it is known that its asserts are tests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    folder = tmp_path / "accord"
    folder.mkdir()
    started = begin(folder, ACCORD_ONLY="")
    try:
        yield await_ready(started)
        assert started.stop() == 0
    finally:
        end(started)


@pytest.fixture
def examples(service: Service, tmp_path: Path) -> Examples:
    folder = tmp_path / "errors"
    folder.mkdir()
    return Examples(service.kafka, service.url, folder)

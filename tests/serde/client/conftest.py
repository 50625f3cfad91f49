from __future__ import annotations

import pytest

from accord_serde import _outage


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test depend on how fast it runs: pauses outlast it, and nobody loses patience."""
    monkeypatch.setattr(_outage, "PATIENCE_SECONDS", 30)
    monkeypatch.setattr(_outage, "FIRST_PAUSE_SECONDS", 3600)
    monkeypatch.setattr(_outage, "LONGEST_PAUSE_SECONDS", 3600)

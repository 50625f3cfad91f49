"""Programs in other languages, and the packages that they fetch."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_SECONDS = 300
# What npm and Go say when the place where packages are published is out of reach.
UNREACHED = re.compile(
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|E403|no such host|dial tcp|403 Forbidden"
)


def run(*command: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def fetch(*command: str | Path, folder: Path) -> None:
    """Fetch packages, or skip the tests that need them."""
    done = run(*command, folder=folder)
    said = done.stdout + done.stderr
    if done.returncode != 0 and (reason := UNREACHED.search(said)):
        pytest.skip(f"{command[0]} reaches no packages: {reason[0]}")
    assert done.returncode == 0, said

"""The programs of the page, run one after the other over one directory."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "embedded.md").read_text(encoding="utf-8")
PAIRS = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_program_says_what_it_prints() -> None:
    assert len(PAIRS) == PAGE.count("```python") > 3


def test_the_programs_print_what_the_page_says(tmp_path: Path) -> None:
    for program, expected in PAIRS:
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (ended.stderr, ended.stdout) == ("", expected)

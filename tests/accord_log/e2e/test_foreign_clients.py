"""franz-go and kafkajs.

What they do is written in go/ and js/, in their own languages and for their own test runners. Their
packages are fetched in the versions that the lock files name.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from foreign import fetch, run

HERE = Path(__file__).parent

pytestmark = pytest.mark.foreign


@pytest.fixture
def node_project(tmp_path: Path) -> Path:
    """A copy of js/ with its packages."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    folder = tmp_path / "js"
    shutil.copytree(HERE / "js", folder, ignore=shutil.ignore_patterns("node_modules"))
    fetch("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
    return folder


@pytest.fixture
def go_project() -> Path:
    """The folder go/; its modules are in Go's own cache."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    fetch("go", "mod", "download", folder=HERE / "go")
    return HERE / "go"


def test_kafkajs_works(cluster: Any, node_project: Path) -> None:
    sources = "".join(file.read_text("utf-8") for file in node_project.glob("*.test.js"))
    there = re.findall(r'^test\("(.*)", ', sources, re.MULTILINE)
    files = sorted(node_project.glob("*.test.js"))
    command = ("node", "--test", "--test-reporter=tap", *files)
    done = run(*command, folder=node_project, ACCORD_BOOTSTRAP=cluster.bootstrap)
    passed = re.findall(r"^ok \d+ - (.*)$", done.stdout, re.MULTILINE)
    assert sorted(passed) == sorted(there), done.stdout + done.stderr
    assert done.returncode == 0
    assert there


def test_franz_go_works(cluster: Any, go_project: Path) -> None:
    sources = "".join(path.read_text("utf-8") for path in go_project.glob("*_test.go"))
    there = re.findall(r"^func (Test\w+)\(", sources, re.MULTILINE)
    command = ("go", "test", "-count=1", "-v", "-vet=off", "-mod=readonly")
    here = {"ACCORD_BOOTSTRAP": cluster.bootstrap, "CGO_ENABLED": "0"}
    done = run(*command, folder=go_project, **here)
    passed = re.findall(r"^--- PASS: (\w+) ", done.stdout, re.MULTILINE)
    assert sorted(passed) == sorted(there), done.stdout + done.stderr
    assert done.returncode == 0
    assert there

"""Clients in JavaScript and Go against a running `accord serve`.

What they do is written in js/ and go/, in their own languages and for their own test runners. Their
packages are fetched in the versions that the lock files name.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from foreign import fetch, run
from protoc import run_protoc

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
def descriptors(tmp_path: Path, google_protos: Path) -> Path:
    """The set of descriptors of an order and all it imports."""
    compiled = tmp_path / "order"
    run_protoc(
        f"--proto_path={HERE / 'protos'}",
        f"--proto_path={google_protos}",
        "--include_imports",
        f"--descriptor_set_out={compiled}",
        "shop/order.proto",
    )
    return compiled


def test_javascript_clients_work(url: str, node_project: Path, descriptors: Path) -> None:
    files = sorted(node_project.glob("*.test.js"))
    sources = "".join(file.read_text("utf-8") for file in files)
    there = re.findall(r'^test\("(.*)", ', sources, re.MULTILINE)
    done = run(
        "node",
        "--test",
        "--test-reporter=tap",
        *files,
        folder=node_project,
        ACCORD_URL=url,
        ACCORD_PROTOS=str(descriptors),
    )
    passed = re.findall(r"^ok \d+ - (.*)$", done.stdout, re.MULTILINE)
    assert sorted(passed) == sorted(there), done.stdout + done.stderr
    assert done.returncode == 0
    assert there


@pytest.fixture
def go_project() -> Path:
    """The folder go/; its modules are in Go's own cache."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    fetch("go", "mod", "download", folder=HERE / "go")
    return HERE / "go"


def test_go_clients_work(url: str, go_project: Path) -> None:
    sources = "".join(path.read_text("utf-8") for path in go_project.glob("*_test.go"))
    there = re.findall(r"^func (Test\w+)\(", sources, re.MULTILINE)
    options = ("-count=1", "-v", "-vet=off", "-mod=readonly")
    done = run("go", "test", *options, folder=go_project, ACCORD_URL=url, CGO_ENABLED="0")
    passed = re.findall(r"^--- PASS: (\w+) ", done.stdout, re.MULTILINE)
    assert sorted(passed) == sorted(there), done.stdout + done.stderr
    assert done.returncode == 0
    assert there

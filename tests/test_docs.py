"""What the documentation says is compared with what is there."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from registry.cli.main import COMMANDS
from registry.settings import Settings

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# A figure with one of these after it is a claim about speed, size or time that somebody measured.
MEASURED = re.compile(r"\d[\d.,]*\s?(?:x\b|times faster|ms\b|µs|us\b|req/s|rps|MB of memory)")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["settings.md", "errors.md", "differences.md"])
def test_a_generated_page_is_what_the_code_says(generator: Any, page: str) -> None:
    assert text_of(f"docs/{page}") == generator.PAGES[page](), "run `make docs`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_heeded(name: str) -> None:
    """A setting is read by its name somewhere, or is one of the service's options."""
    sources = [p for p in (ROOT / "registry").rglob("*.py") if p.name != "settings.py"]
    options = text_of("registry/service/options.py")
    is_read = any(f"settings.{name}" in path.read_text(encoding="utf-8") for path in sources)
    is_derived = f"self.{name}" in text_of("registry/settings.py")
    assert is_read or is_derived or re.search(rf"^    {name}: ", options, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_documented(command: str) -> None:
    assert f"`accord {command}`" in text_of("README.md") + text_of("docs/operation.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_make_has_the_targets_that_are_told_of() -> None:
    told = {
        target
        for page in PAGES
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert {"run", "test"} <= told
    assert [target for target in sorted(told) if f"\n{target}:" not in MAKEFILE] == []


def test_files_that_are_told_of_exist() -> None:
    told = {
        (page.name, path)
        for page in PAGES
        for path in re.findall(r"`((?:[\w.-]+/)+[\w.-]+)`", page.read_text("utf-8"))
        if path.split("/")[0] in {"registry", "compat", "serde", "tests", "docs", "migrations"}
    }
    assert [known for known in sorted(told) if not (ROOT / known[1]).exists()] == []


def test_figures_are_those_of_a_benchmark() -> None:
    """A measured figure in the README stands in a file under benchmarks/ too."""
    measured = "".join(p.read_text("utf-8") for p in (ROOT / "benchmarks").glob("**/*.md"))
    quoted = MEASURED.findall(text_of("README.md"))
    assert [figure for figure in quoted if figure not in measured] == []


def test_the_changelog_has_the_version() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    headings = re.findall(r"^## \[([^]]+)\]", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[:2] in (["Unreleased"], ["Unreleased", version])


def test_every_dependency_is_pinned() -> None:
    """What `make run` and the image install is what the tests ran with."""
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in pins()}
    wanted = tomllib.loads(text_of("pyproject.toml"))["project"]
    asked = wanted["dependencies"] + wanted["optional-dependencies"]["test"]
    names = {re.split(r"[\[>=<]", entry)[0].lower().replace("_", "-") for entry in asked}
    assert names - pinned == set()


def pins() -> list[str]:
    return text_of("constraints.txt").splitlines()


def test_make_run_is_understood() -> None:
    """`make --dry-run run` gives the command that starts the service."""
    shown = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "run", "ARGS=--port 9000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.splitlines()[-1] == ".venv/bin/accord serve --port 9000"

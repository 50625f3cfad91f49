"""The table of ARCHITECTURE.md, executable. The standard library is always allowed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Top-level import name: its folder in the checkout.
FIRST_PARTY = {
    "accord_log": "accord_log",
    "accord_serde": "serde/accord_serde",
    "compat": "compat",
    "registry": "registry",
}
SOURCES = (*FIRST_PARTY.values(), "migrations", "benchmarks", "docs", "tests")
VAGUE = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
# Files that are one long table or text, where cutting in two would only hide the order.
LONG_FILES: set[str] = set()
# What `accord --version` and `--help` must not pay for.
HEAVY = {"alembic", "fastapi", "google.protobuf", "psycopg", "sqlalchemy", "starlette", "uvicorn"}


class Rule(NamedTuple):
    part: str
    ours: frozenset[str]
    theirs: frozenset[str]


def rules() -> list[Rule]:
    """Read the rows `| part | may import of ours | third party |`."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    _, _, after = text.partition("## Who may import whom")
    rows = [line.split("|")[1:4] for line in after.splitlines() if line.startswith("| `")]
    cells = [[re.findall(r"`([^`]+)`", cell) for cell in row] for row in rows]
    return [Rule(part[0], frozenset(ours), frozenset(theirs)) for part, ours, theirs in cells]


RULES = rules()


def part_of(path: Path) -> str:
    """Return the dotted name of the module a file holds."""
    relative = path.relative_to(ROOT).with_suffix("")
    parts = relative.parts[1:] if relative.parts[0] == "serde" else relative.parts
    return ".".join(parts).removesuffix(".__init__")


def is_under(name: str, prefixes: frozenset[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def rule_for(part: str) -> Rule | None:
    """Return the most particular rule that covers a module."""
    covering = [rule for rule in RULES if is_under(part, frozenset({rule.part}))]
    return max(covering, key=lambda rule: len(rule.part), default=None)


def imports_of(path: Path) -> set[str]:
    """Return the absolute dotted names imported anywhere in the file, lazily or not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files_of(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


RULED = files_of(*FIRST_PARTY.values(), "migrations")


def test_the_table_is_read() -> None:
    assert {"compat", "registry.service", "registry.storage"} <= {rule.part for rule in RULES}


@pytest.mark.parametrize("path", RULED, ids=part_of)
def test_imports_follow_the_table(path: Path) -> None:
    rule = rule_for(part_of(path))
    assert rule is not None, "no row of the table covers this module"
    broken = {
        name
        for name in imports_of(path)
        for top in [name.partition(".")[0]]
        if top not in sys.stdlib_module_names
        if not is_under(name, rule.ours if top in FIRST_PARTY else rule.theirs)
    }
    assert broken == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.part)
def test_every_row_guards_something(rule: Rule) -> None:
    assert [path for path in RULED if rule_for(part_of(path)) == rule]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.part)
def test_no_row_allows_what_nobody_uses(rule: Rule) -> None:
    used = {name for p in RULED if rule_for(part_of(p)) == rule for name in imports_of(p)}
    idle = {
        allowed
        for allowed in rule.ours | rule.theirs
        if not any(is_under(name, frozenset({allowed})) for name in used)
    }
    assert idle - {rule.part} == set()


def test_only_what_runs_the_service_knows_the_composition_root() -> None:
    importers = {part_of(path) for path in RULED if "registry.app.create_app" in imports_of(path)}
    assert importers == {"registry.process.server", "registry.embedded.registry"}


def test_imports_are_absolute() -> None:
    relative = [
        path.relative_to(ROOT)
        for path in files_of(*SOURCES)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_modules_are_named_for_what_they_hold() -> None:
    assert [p.relative_to(ROOT) for p in files_of(*SOURCES) if p.stem.strip("_") in VAGUE] == []


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT))
        for path in files_of(*SOURCES)
        if len(path.read_text(encoding="utf-8").splitlines()) > MAX_FILE_LINES
    }
    assert long == LONG_FILES


def test_functions_are_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in files_of(*FIRST_PARTY.values(), "benchmarks", "docs", "tests")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_the_command_line_starts_without_what_it_does_not_need() -> None:
    program = "import sys, registry.cli.main; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split()
    assert HEAVY & set(loaded) == set()

"""Write the pages that describe what the code and its tests already say.

docs/settings.md, docs/errors.md, docs/differences.md. A test compares the pages with what they are
made from, so they are never behind it.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotated_types import Ge, Le

from compat.level import Level
from registry import errors
from registry.cli.options import default_of, metavar_of
from registry.settings import Settings, option_of, section_of, variable_of

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parent

SETTINGS_INTRODUCTION = """\
# Settings

Every setting is an option of `accord serve` and a variable of its environment. The option wins over
the variable, the variable over the default. `accord migrate` takes the settings of the database and
of the logs. A switch is turned off by its `--no-` form, or by the value `false` of its variable. A
value out of bounds ends the command with one line that says so, and with exit code 2.

A password in the database URL is better given by the variable: options are seen in process lists.
"""

TESTS = DOCS.parent / "tests" / "compat"
OPINIONS = {
    "Avro": TESTS / "avro" / "vectors" / "opinions.json",
    "JSON Schema": TESTS / "json_schema" / "other_registries.json",
    "Protobuf": TESTS / "protobuf" / "compatibility" / "vectors" / "opinions.json",
}
DIFFERENCES_INTRODUCTION = """\
# Where others see it differently

The compatibility tests of other registries and libraries, as far as Accord's verdict is another
one: Confluent's answers are the target, theirs are opinions. Tests run all of their rows, and fail
when one that differs is not here or one that is here agrees. A row is named by its project, its
format and its test. `place` stands where the verdict is the same and only where the difference is
said to be differs; a policy is one of Accord's that agrees with them.
"""

ERRORS_INTRODUCTION = """\
# Errors

Every answer that is not a success has the body `{"error_code": …, "message": …}`. The first three
digits of the code are the HTTP status. Codes and texts are those of Confluent Schema Registry 8.3;
`…` stands for what the request was about.
"""

# What a message is made of, where one part for everything would not do.
PARTS: dict[type[errors.RegistryError], tuple[Any, ...]] = {
    errors.IncompatibleSchema: ("…", ["…"]),
}


def settings_page() -> str:
    return "\n".join([SETTINGS_INTRODUCTION, *_settings_tables()])


def _settings_tables() -> Iterator[str]:
    names = Settings.model_fields
    for section, members in itertools.groupby(names, section_of):
        yield f"## {section}\n"
        yield "| option | variable | value | default | meaning |"
        yield "|---|---|---|---|---|"
        for name in members:
            meaning = Settings.model_fields[name].description
            yield (
                f"| `{option_of(name)}` | `{variable_of(name)}` | {_allowed(name)} "
                f"| `{default_of(name)}` | {meaning} |"
            )
        yield ""


def _allowed(name: str) -> str:
    field = Settings.model_fields[name]
    if field.annotation is bool:
        return "true, false"
    if field.annotation is Level:
        return ", ".join(Level)
    low = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    if low is None or high is None:
        return metavar_of(name).replace("|", ", ")
    return f"{low} to {high}"


def error_classes() -> list[type[errors.RegistryError]]:
    """Return every error the service can answer with, by code."""
    found = [
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type)
        and issubclass(thing, errors.RegistryError)
        and thing is not errors.RegistryError
    ]
    return sorted(found, key=lambda error: (error.status, error.code, error.__name__))


def errors_page() -> str:
    lines = [ERRORS_INTRODUCTION, "| status | code | error | message |", "|---|---|---|---|"]
    for error in error_classes():
        message = error(*PARTS.get(error, ("…", "…"))).message
        lines.append(f"| {error.status} | {error.code} | {error.__name__} | {message} |")
    return "\n".join([*lines, ""])


def differences_page() -> str:
    lines = [DIFFERENCES_INTRODUCTION]
    for name, path in OPINIONS.items():
        groups = json.loads(path.read_text(encoding="utf-8"))
        lines += [f"## {name}\n", "| why | whose | rows |", "|---|---|---|"]
        for group in groups:
            rows = ", ".join(f"`{row}`" for row in group["rows"])
            about = " (place)" if group.get("about") == "place" else ""
            policy = f" `{group['policy']}` agrees." if group.get("policy") else ""
            lines.append(f"| {group['reason']}{policy} | {group['kind']}{about} | {rows} |")
        lines.append("")
    return "\n".join(lines)


PAGES = {"differences.md": differences_page, "settings.md": settings_page, "errors.md": errors_page}


def main() -> None:
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Settings as options of a command, so that there is one list of them and not two."""

from __future__ import annotations

import inspect
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from compat.level import Level
from registry.settings import Part, Settings, load, option_of, section_of, variable_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

USAGE_ERROR = 2
METAVARS: dict[Any, str] = {
    int: "INTEGER",
    float: "NUMBER",
    str: "TEXT",
    str | None: "TEXT",
    Path: "PATH",
    Path | None: "PATH",
    Part | None: "|".join(Part),
    tuple[str, ...]: "LIST",
}
# Where the type does not say enough.
METAVARS_BY_NAME = {
    "advertised_listener": "HOST:PORT",
    "database_url": "URL",
    "kafka_sasl_users": "LIST",
}


def takes_settings(
    names: Iterable[str],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command one option for each of the settings; it gets those given by keyword."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        parameters = [_parameter(name) for name in names]
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect's own hook
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return decorate


def _parameter(name: str) -> inspect.Parameter:
    field = Settings.model_fields[name]
    is_flag = field.annotation is bool
    option = option_of(name)
    declared = f"{option}/--no-{option.removeprefix('--')}" if is_flag else option
    kind: Any = bool | None if is_flag else str | None  # texts are judged by Settings alone
    annotation = Annotated[
        kind,
        typer.Option(
            declared,
            metavar=None if is_flag else metavar_of(name),
            help=f"{field.description} ({default_of(name)}; {variable_of(name)})",
            show_default=False,
            rich_help_panel=section_of(name),
        ),
    ]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )


def metavar_of(name: str) -> str:
    """Return what stands for the value of an option: `INTEGER`, `json|console`."""
    kind: Any = Settings.model_fields[name].annotation
    if name in METAVARS_BY_NAME:
        return METAVARS_BY_NAME[name]
    if kind is Level:
        return "LEVEL"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(kind)
    return METAVARS[kind]


def default_of(name: str) -> str:
    """Return the default as an operator would write it."""
    default = Settings.model_fields[name].default
    if default is None or default == ():
        return "unset"
    return str(default).lower() if isinstance(default, bool) else str(default)


def settings_from(given: dict[str, Any]) -> Settings:
    """Return the settings, or end the program with one line for each that is wrong."""
    try:
        return load({name: value for name, value in given.items() if value is not None})
    except ValidationError as errors:
        for error in errors.errors(include_url=False, include_input=False):
            name = str(error["loc"][0])
            text = error["msg"].removeprefix("Value error, ")
            complain(f"{option_of(name)} ({variable_of(name)}): {text[:1].lower()}{text[1:]}")
        raise typer.Exit(USAGE_ERROR) from errors


def complain(text: str) -> None:
    """Write one line for the operator."""
    print(f"accord: {text}", file=sys.stderr)  # noqa: T201 - this is the program's voice


def fail(text: str) -> NoReturn:
    """End the program with one line that says why."""
    complain(text)
    raise typer.Exit(1)

"""The entry point. Nothing heavy is imported here, for every call of `accord` pays for it."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

# Each module holds its command as `app`; the order is that of `accord --help`.
COMMANDS: Mapping[str, str] = {
    "serve": "registry.cli.serve",
    "migrate": "registry.cli.migrate",
    "topics": "registry.cli.log.topics",
    "groups": "registry.cli.log.groups",
    "produce": "registry.cli.log.produce",
    "consume": "registry.cli.log.consume",
}


class Commands(TyperGroup):
    """The subcommands, each imported the first time it is looked at."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - typer's own signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(importlib.import_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Accord: a schema registry and an event log for Kafka's clients.",
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it by position
    if asked:
        typer.echo(f"accord {importlib.metadata.version('accord')}")
        raise typer.Exit


@app.callback()
def _accord(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line."""
    app(prog_name="accord")

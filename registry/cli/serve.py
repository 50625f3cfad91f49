"""`accord serve`: start the registry and the event log, and keep them running."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import typer

from registry.cli.options import fail, settings_from, takes_settings
from registry.process.failure import StartFailure
from registry.settings import Part, Settings, unknown_variables

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(add_completion=False)


@app.command()
@takes_settings(Settings.model_fields)
def serve(**given: Any) -> None:  # noqa: ANN401 - the settings declare the types
    """Start the registry and the event log, and keep them running until told to stop."""
    import structlog  # noqa: PLC0415 - not needed to print the help

    from registry import logs  # noqa: PLC0415
    from registry.process import signals  # noqa: PLC0415

    signals.stop_early()
    settings = settings_from(given)
    logs.configure(settings.log_level, settings.log_format)
    for name in unknown_variables(os.environ):
        structlog.get_logger().warning("variable is no setting", variable=name)
    try:
        code = run(settings)
    except StartFailure as failure:
        fail(str(failure))
    raise typer.Exit(code)


def run(settings: Settings) -> int:
    """Serve until a signal says stop; return the exit code, or raise StartFailure."""
    from registry.process.start import serve  # noqa: PLC0415 - as in serve

    return serve(settings, lambda addresses: typer.echo(ready_line(settings, addresses)))


def ready_line(settings: Settings, addresses: Sequence[str]) -> str:
    """Say where the parts that run are found, and over which data."""
    where = " and ".join(addresses)
    if settings.only is Part.LOG:
        return f"accord is ready at {where} ({settings.log_directory})"
    workers = "1 worker" if settings.workers == 1 else f"{settings.workers} workers"
    return f"accord is ready at {where} ({workers}, {settings.shown_url})"

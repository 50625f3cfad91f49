"""`accord serve`: start the registry and keep it running."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import typer

from registry.cli.options import fail, settings_from, takes_settings
from registry.process.failure import StartFailure
from registry.settings import Settings, unknown_variables

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(add_completion=False)


@app.command()
@takes_settings(Settings.model_fields)
def serve(**given: Any) -> None:  # noqa: ANN401 - the settings declare the types
    """Start the registry and keep it running until it is told to stop."""
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
    from registry.process import database, listener, worker  # noqa: PLC0415 - as in serve

    bound = listener.bind(settings.host, settings.port)
    database.prepare(settings)
    listener.listen(bound)
    on_ready = _announcing(settings, listener.url_of(bound))
    if settings.workers == 1:
        worker.run_alone(settings, bound, on_ready)
        return 0
    from registry.process.supervisor import Supervisor  # noqa: PLC0415 - only for several

    return Supervisor(settings, bound, on_ready).run()


def _announcing(settings: Settings, url: str) -> Callable[[], None]:
    workers = "1 worker" if settings.workers == 1 else f"{settings.workers} workers"

    def announce() -> None:
        typer.echo(f"accord is ready at {url} ({workers}, {settings.shown_url})")

    return announce

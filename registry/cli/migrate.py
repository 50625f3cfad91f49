"""`accord migrate`: bring the database up to date, without serving."""

from __future__ import annotations

from typing import Any

import typer

from registry.cli.options import fail, settings_from, takes_settings
from registry.process.failure import StartFailure

app = typer.Typer(add_completion=False)


@app.command()
@takes_settings(["data", "database_url", "log_level", "log_format"])
def migrate(**given: Any) -> None:  # noqa: ANN401 - the settings declare the types
    """Bring the database up to date, without serving."""
    from registry import logs  # noqa: PLC0415 - not needed to print the help
    from registry.process.database import bring_up_to_date  # noqa: PLC0415 - as above

    settings = settings_from(given)
    logs.configure(settings.log_level, settings.log_format)
    try:
        bring_up_to_date(settings)
    except StartFailure as failure:
        fail(str(failure))
    typer.echo(f"accord: {settings.shown_url} is up to date")

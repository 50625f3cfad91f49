"""The database before the service starts: reachable, writable and of the right shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import StorageUnavailable
from registry.process.failure import StartFailure
from registry.process.listener import reason

if TYPE_CHECKING:
    from registry.settings import Settings


def prepare(settings: Settings) -> None:
    """Make the data directory, and look whether this code can use the database.

    Raises StartFailure.
    """
    _use(settings, "check")


def bring_up_to_date(settings: Settings) -> None:
    """Create what is missing and run the migrations; raises StartFailure."""
    _use(settings, "migrate")


def unusable(settings: Settings, error: Exception) -> StartFailure:
    """Return what to tell the operator of a database that cannot be used."""
    return StartFailure(f"cannot use {settings.shown_url}: {error}{_detail(error)}")


def _use(settings: Settings, what: str) -> None:
    # Imported here: a supervising parent needs neither the toolkit nor its memory.
    from registry.storage.sql import migrate  # noqa: PLC0415
    from registry.storage.sql.engine import parse_url  # noqa: PLC0415

    if settings.database_url is None:
        make_directory(settings)
    act = {"check": migrate.check, "migrate": migrate.migrate}[what]
    try:
        act(parse_url(settings.store_url))
    except (migrate.MigrationError, StorageUnavailable, ValueError) as error:
        raise unusable(settings, error) from error


def make_directory(settings: Settings) -> None:
    """Make the data directory; raises StartFailure."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartFailure(
            f"cannot make the data directory {settings.data}: {reason(error)}"
        ) from error


def _detail(error: Exception) -> str:
    """Return what the driver said, for it knows a refused password from an unknown host."""
    said = str(getattr(error.__cause__, "orig", "")).strip()
    return f" ({said.splitlines()[0]})" if said else ""

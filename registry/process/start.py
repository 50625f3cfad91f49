"""`accord serve`: what is started, in which order, and in how many processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.process import database, listener
from registry.process.parts import SERVICES
from registry.settings import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from registry.process.parts import Service
    from registry.settings import Settings


def serve(settings: Settings, announce: Callable[[list[str]], None]) -> int:
    """Serve until a signal says stop; return the exit code, or raise StartFailure.

    `announce` is given the addresses of the parts, when all of them answer.
    """
    parts = list(Part) if settings.only is None else [settings.only]
    services: list[Service] = [SERVICES[part](settings) for part in parts]
    is_alone = settings.only is Part.LOG or (
        settings.only is Part.REGISTRY and settings.workers == 1
    )
    if settings.only is Part.REGISTRY:
        database.prepare(settings)
    else:
        database.make_directory(settings)
    for service in services:
        for door in service.sockets:
            listener.listen(door)

    def on_ready() -> None:
        announce([service.address for service in services])

    if is_alone:
        services[0].run(on_ready)
        return 0
    return _supervise(settings, services, on_ready)


def _supervise(
    settings: Settings, services: Sequence[Service], on_ready: Callable[[], None]
) -> int:
    from registry.process.supervisor import Supervisor  # noqa: PLC0415 - not for a single process

    return Supervisor(
        [task for service in services for task in service.tasks()],
        [door for service in services for door in service.sockets],
        on_ready,
        grace_seconds=settings.shutdown_grace_seconds,
        shares_metrics=settings.workers > 1,
    ).run()

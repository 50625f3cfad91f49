"""Fetching what a schema refers to, directly and through others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accord_serde._core.asks import Ask
from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accord_serde._core.asks import Steps
    from accord_serde._schemas import RegisteredSchema, Schema, SchemaReference

MAX_REFERENCES = 10_000  # schemas fetched for one; what a registry answers must not fill memory


class Referenced(NamedTuple):
    """A schema and the name it is referred to by."""

    name: str
    schema: Schema


def referenced(
    schema: Schema,
    fmt: str | None = None,
    *,
    leave_out: Callable[[str], bool] = lambda _: False,
) -> Steps[list[Referenced]]:
    """Return every schema that one refers to, each after those it refers to itself.

    A version under the same name comes once; names to leave out are not fetched.
    Raises SerializationError, SchemaRegistryError.
    """
    found: list[Referenced] = []
    met: set[tuple[str, str, int]] = set()
    waiting: list[tuple[Iterator[SchemaReference], Referenced | None]] = [
        (iter(schema.references or ()), None)
    ]
    while waiting:
        references, owner = waiting[-1]
        reference = next(references, None)
        if reference is None:
            waiting.pop()
            if owner is not None:
                found.append(owner)
            continue
        if reference.name is None or reference.subject is None or reference.version is None:
            raise SerializationError(f"a reference lacks its name, subject or version: {reference}")
        key = (reference.name, reference.subject, reference.version)
        if key in met or leave_out(reference.name):
            continue
        met.add(key)
        if len(met) > MAX_REFERENCES:
            raise SerializationError(f"a schema refers to more than {MAX_REFERENCES} others")
        registered: RegisteredSchema = yield Ask(
            "get_version", (reference.subject, reference.version, True, fmt)
        )
        waiting.append(
            (
                iter(registered.schema.references or ()),
                Referenced(reference.name, registered.schema),
            )
        )
    return found

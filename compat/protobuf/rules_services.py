"""Rules of our own for services and their methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.findings import one
from compat.protobuf.kinds import Kind
from compat.protobuf.rules_options import changed_options
from compat.protobuf.rules_types import type_name
from compat.protobuf.spots import spot_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.finding import Finding
    from compat.protobuf.declarations import Source
    from compat.protobuf.syntax import Rpc, Service

_IDEMPOTENCY = {"idempotency_level": "IDEMPOTENCY_UNKNOWN"}


def services(reader: Source, writer: Source) -> Iterator[Finding]:
    """Yield the services and methods that are gone or take, return or promise something else."""
    known = {service.name: service for service in reader.file.services}
    for service in writer.file.services:
        path = f"#/{service.name}"
        new = known.get(service.name)
        if new is None:
            at = spot_of(service, inside=writer.package, name=service.name)
            yield one(Kind.SERVICE_REMOVED, path, writer=at)
        else:
            yield from _methods((reader, new), (writer, service), path)


def _methods(
    reader: tuple[Source, Service], writer: tuple[Source, Service], path: str
) -> Iterator[Finding]:
    known = {rpc.name: rpc for rpc in reader[1].rpcs}
    for rpc in writer[1].rpcs:
        scope = qualified(writer[0].package, writer[1].name)
        old = spot_of(rpc, inside=scope, name=rpc.name)
        at = f"{path}/{rpc.name}"
        new = known.get(rpc.name)
        if new is None:
            yield one(Kind.RPC_REMOVED, at, writer=old)
            continue
        new_scope = qualified(reader[0].package, reader[1].name)
        spot = spot_of(new, inside=new_scope, name=new.name)
        for kind in _changes((reader[0], new), (writer[0], rpc)):
            yield one(kind, at, reader=spot, writer=old)


def _changes(reader: tuple[Source, Rpc], writer: tuple[Source, Rpc]) -> Iterator[Kind]:
    (new_file, new), (old_file, old) = reader, writer
    if _named(new_file, new.request) != _named(old_file, old.request):
        yield Kind.RPC_REQUEST_CHANGED
    if _named(new_file, new.response) != _named(old_file, old.response):
        yield Kind.RPC_RESPONSE_CHANGED
    if new.request_streaming != old.request_streaming:
        yield Kind.RPC_CLIENT_STREAMING_CHANGED
    if new.response_streaming != old.response_streaming:
        yield Kind.RPC_SERVER_STREAMING_CHANGED
    if "idempotency_level" in changed_options(new.options, old.options, _IDEMPOTENCY):
        yield Kind.RPC_IDEMPOTENCY_CHANGED


def _named(source: Source, name: str) -> str:
    return type_name(source.type(name, source.package)) or name

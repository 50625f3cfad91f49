"""Records as JSON, decoded by the schemas that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from registry.cli.log.payloads import Mismatch, format_of, shown
from registry.cli.log.registered import Unregistered
from registry.pairing.frames import (
    BY_ID,
    FIRST,
    HEADERS,
    Claim,
    claims_of,
    guid_of,
    split_path,
)

if TYPE_CHECKING:
    from accord_log.kafka.records.record import Record
    from compat.schema import ParsedSchema
    from registry.cli.log.payloads import Format
    from registry.cli.log.registered import Registry


class Decoded(NamedTuple):
    """What a key or a value says; by which schema, if by any; why by none although it names one."""

    value: object
    schema: int | str | None = None
    error: str = ""


class Decoder:
    """Decodes what is framed, shows as text what is not. Raises Unanswered."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._formats: dict[tuple[bytes, str], Format | str] = {}

    def decoded(self, topic: str, record: Record, side: str) -> Decoded:
        """Return a key or a value."""
        payload = record.key if side == "key" else record.value
        if payload is None:
            return Decoded(None)
        claim = claims_of(record, side)[0]
        if not claim.is_whole:
            return Decoded(shown(payload))
        format_or_reason = self._format(claim, f"{topic}-{side}")
        if isinstance(format_or_reason, str):
            return Decoded(shown(payload), None, format_or_reason)
        is_inside = all(name != HEADERS[side] for name, _ in record.headers)
        try:
            value = _decoded(format_or_reason, claim, None if is_inside else payload)
        except Mismatch as error:
            return Decoded(shown(payload), None, f"{claim}: {error}")
        return Decoded(value, _number(claim))

    def _format(self, claim: Claim, subject: str) -> Format | str:
        key = (claim.identity, subject)
        if key not in self._formats:
            try:
                self._formats[key] = format_of(self._schema(claim, subject))
            except Unregistered:
                self._formats[key] = f"{claim} is not registered"
            except Mismatch as error:
                self._formats[key] = f"{claim}: {error}"
        return self._formats[key]

    def _schema(self, claim: Claim, subject: str) -> ParsedSchema:
        number = _number(claim)
        if isinstance(number, int):
            return self._registry.by_id(number, subject)
        return self._registry.by_guid(number)


def _decoded(form: Format, claim: Claim, payload: bytes | None) -> object:
    """Decode what follows the claim, or the payload where the claim stood in a header."""
    if not form.has_path:
        return form.decoded(claim.rest if payload is None else payload, FIRST)
    found = split_path(claim.rest)
    if found is None:
        raise Mismatch("it does not say which message it is")
    path, rest = found
    return form.decoded(rest if payload is None else payload, path)


def _number(claim: Claim) -> int | str:
    if claim.identity[0] == BY_ID:
        return int.from_bytes(claim.identity[1:], "big")
    return guid_of(claim.identity)

"""Parsing canonical form and fingerprints (Avro specification, "Transforming into Parsing Canonical
Form" and "Schema Fingerprints").
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from compat.avro.document import MAX_DEPTH
from compat.avro.model import Array, Enum, Fixed, Map, Primitive, Record, Union, Unresolved
from compat.errors import TooComplex
from compat.json_text import quoted

if TYPE_CHECKING:
    from compat.avro.model import Field, Named, Node

EMPTY = 0xC15D213AA4D7A795  # the polynomial, and the fingerprint of nothing


def parsing_canonical_form(root: Node) -> str:
    """Return the text two schemas share when they read and write the same bytes."""
    return CanonicalForm().of(root)


def rabin(text: str) -> int:
    """Return the CRC-64-AVRO fingerprint of a parsing canonical form, as a signed 64-bit number."""
    fingerprint = EMPTY
    for byte in text.encode():
        fingerprint = (fingerprint >> 8) ^ TABLE[(fingerprint ^ byte) & 0xFF]
    return fingerprint - (1 << 64) if fingerprint >> 63 else fingerprint


def md5(text: str) -> bytes:
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def single_object_header(text: str) -> bytes:
    """Return what precedes a value in the single-object encoding: a marker and the fingerprint."""
    return b"\xc3\x01" + rabin(text).to_bytes(8, "little", signed=True)


def table_entry(byte: int) -> int:
    entry = byte
    for _ in range(8):
        entry = (entry >> 1) ^ (EMPTY if entry & 1 else 0)
    return entry


TABLE = tuple(table_entry(byte) for byte in range(256))


class CanonicalForm:
    """Write one text; a named type is spelt out where it is met first."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._depth = 0

    def of(self, node: Node) -> str:
        if isinstance(node, Primitive):
            return f'"{node.type}"'
        assert not isinstance(node, Unresolved), f"{node.name.full} was never resolved"
        levels = 3 if isinstance(node, Record) else 1
        self._depth += levels
        if self._depth > MAX_DEPTH:
            raise TooComplex(f"the parsing canonical form nests deeper than {MAX_DEPTH} levels")
        text = self._complex(node)
        self._depth -= levels
        return text

    def _complex(self, node: Array | Map | Union | Named) -> str:
        match node:
            case Union():
                return f"[{','.join(map(self.of, node.branches))}]"
            case Array():
                return f'{{"type":"array","items":{self.of(node.items)}}}'
            case Map():
                return f'{{"type":"map","values":{self.of(node.values)}}}'
            case Record() | Enum() | Fixed():
                return self._named(node)

    def _named(self, node: Named) -> str:
        full = node.name.full
        if full in self._known:
            return quoted(full)
        self._known.add(full)
        return f'{{"name":{quoted(full)},"type":"{node.type}",{self._body(node)}}}'

    def _body(self, node: Named) -> str:
        match node:
            case Record():
                return f'"fields":[{",".join(map(self._field, node.fields))}]'
            case Enum():
                return f'"symbols":[{",".join([quoted(each) for each in node.symbols])}]'
            case Fixed():
                return f'"size":{node.size}'

    def _field(self, field: Field) -> str:
        return f'{{"name":{quoted(field.name)},"type":{self.of(field.type)}}}'

"""Chains of references: what REST cannot bring about is made in the store itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compat.errors import InvalidSchema, TooComplex
from registry.model import Content, Reference
from registry.names import Subject
from registry.service.options import Options
from registry.service.references import Resolver

if TYPE_CHECKING:
    from registry.storage.sql.store import SqlStore

OPTIONS = Options(max_references=10)


def store_chain(store: SqlStore, context: str, length: int, *, closed: bool) -> None:
    """Store s1, s2, … that each refer to the one before, and the first to the last if closed."""
    with store.write() as writer:
        writer.add_context(context)
        for number in range(1, length + 1):
            previous = number - 1 if number > 1 else length
            is_first = number == 1 and not closed
            references = () if is_first else (Reference(f"R{previous}", f"s{previous}", 1),)
            content = Content("AVRO", f'"{context}{number}"', references)
            writer.add_schema(context, number, content, content.guid())
            writer.add_version(Subject(context, f"s{number}"), 1, number, content.guid())


def resolved(store: SqlStore, context: str, name: str) -> list[str]:
    with store.read() as reader:
        resolver = Resolver(reader, OPTIONS, include_deleted=False)
        return [one.subject for one in resolver.resolve([Reference("R", name, 1)], context)]


def test_dependencies_come_before_what_depends_on_them(shared_store: SqlStore) -> None:
    store_chain(shared_store, ".open", 4, closed=False)
    assert resolved(shared_store, ".open", "s4") == ["s1", "s2", "s3", "s4"]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_circle_is_refused(shared_store: SqlStore, length: int) -> None:
    context = f".circle{length}"
    store_chain(shared_store, context, length, closed=True)
    with pytest.raises(InvalidSchema, match="Circular reference to subject") as caught:
        resolved(shared_store, context, "s1")
    assert f":{context}:s" in caught.value.message


def test_a_chain_may_be_as_long_as_the_limit(shared_store: SqlStore) -> None:
    store_chain(shared_store, ".long", 11, closed=False)
    assert len(resolved(shared_store, ".long", "s10")) == 10
    with pytest.raises(TooComplex, match="More than 10 references to resolve"):
        resolved(shared_store, ".long", "s11")

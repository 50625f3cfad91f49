"""Descriptors made from texts are those that protoc makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from compat.protobuf import builtin
from compat.protobuf.descriptor import to_descriptor
from compat.protobuf.descriptor_compilation import dependencies
from compat.protobuf.descriptor_library import Library
from compat.protobuf.semantics import validate

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from compat.protobuf.syntax import File

NAMES = sorted(path.name for path in (Path(__file__).parent.parent / "corpus").glob("*.proto"))


@pytest.fixture(scope="module")
def with_options(
    corpus: dict[str, File], corpus_descriptors: dict[str, FileDescriptorProto]
) -> type[FileDescriptorProto]:
    """Return the descriptor class that knows every custom option of the corpus.

    Options are compared by what they say: how protoc spreads them over the wire is its own affair.
    """
    library = Library(corpus)
    pool = DescriptorPool()
    for proto in dependencies(sorted(builtin.PATHS), library):
        pool.Add(proto)
    for name in library.closure(NAMES):
        if name in corpus_descriptors:
            pool.Add(corpus_descriptors[name])
    known = pool.FindMessageTypeByName("google.protobuf.FileDescriptorProto")
    return cast("type[FileDescriptorProto]", GetMessageClass(known))


def test_the_corpus_is_broad() -> None:
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_the_descriptor_is_that_of_protoc(
    name: str,
    corpus: dict[str, File],
    corpus_descriptors: dict[str, FileDescriptorProto],
    with_options: type[FileDescriptorProto],
) -> None:
    ours = with_options.FromString(to_descriptor(corpus[name], name, corpus).SerializeToString())
    theirs = with_options.FromString(corpus_descriptors[name].SerializeToString())
    for method in (method for service in theirs.service for method in service.method):
        if not method.options.ListFields():
            method.ClearField("options")  # protoc notes the empty braces of a method
    assert ours == theirs


@pytest.mark.parametrize("name", NAMES)
def test_what_protoc_accepts_is_accepted(name: str, corpus: dict[str, File]) -> None:
    validate(corpus[name], corpus)

"""Nodes that all bad input goes to: whatever one test does to them, the next finds them well."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from node import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from node import Node

# Of addresses, which are several times what a node really takes. A text of a megabyte that makes it
# ask for more is one that could end any node.
MEMORY_BYTES = 6 * 2**30


@pytest.fixture(scope="session")
def sqlite_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("node")
    with running(folder, f"sqlite:///{folder / 'accord.db'}") as node:
        yield confined(node)


@pytest.fixture(scope="session")
def postgres_node(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: str,
    temporary_postgres: Callable[[str], AbstractContextManager[str]],
) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("node")
    with temporary_postgres(postgres_server) as url, running(folder, url) as node:
        yield confined(node)


@pytest.fixture(params=["sqlite_node", "postgres_node"])
def node(request: pytest.FixtureRequest) -> Node:
    """A node of each kind in turn, for what its database has a say in."""
    found: Node = request.getfixturevalue(request.param)
    return found


def confined(node: Node) -> Node:
    limits = (MEMORY_BYTES, MEMORY_BYTES)
    resource.prlimit(node.service.process.pid, resource.RLIMIT_AS, limits)
    return node

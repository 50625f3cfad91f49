"""A disk that is full, a file that may not grow or only be read, a database that others hold."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from node import STRING, is_refused, running
from service import ACCORD, PATIENCE_SECONDS, bare_environment

from registry.storage.sql.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from node import Node

MEGABYTES = 4
FULL = "no space left|disk of the database reports an error"


def schema(number: int) -> str:
    return f'{{"type":"fixed","name":"F{number}","doc":"{"x" * 20_000}","size":1}}'


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    options = f"size={MEGABYTES}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("file systems can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def take_anything(node: Node) -> None:
    assert node.ask("PUT", "/config", {"compatibility": "NONE"}).status_code == httpx.codes.OK


def registered_until_full(node: Node) -> int:
    """Register until the node refuses; return how many were taken."""
    take_anything(node)
    for number in range(1000):
        answer = node.register(f"s{number}", schema(number))
        if answer.status_code != httpx.codes.OK:
            is_refused(answer, 500, 50001, FULL)
            return number
    raise AssertionError("the disk never was full")


def check_reads_and_refusals(node: Node, taken: int) -> None:
    """Check that all that was taken can be read, and that writes are refused for the reason."""
    for number in range(taken):
        read = node.client.get(f"/subjects/s{number}/versions/1")
        assert read.status_code == httpx.codes.OK, read.text
        assert read.json()["schema"] == schema(number)
    for method, path, body in (
        ("POST", "/subjects/more/versions", {"schema": schema(5000)}),
        ("POST", "/subjects/s0/versions", {"schema": schema(5001)}),
    ):
        is_refused(node.ask(method, path, body), 500, 50001, FULL)
    again = node.register("s0", schema(0))
    assert again.status_code == httpx.codes.OK, again.text
    assert node.client.get("/health/live").status_code == httpx.codes.OK
    assert node.client.get("/health/ready").status_code == httpx.codes.OK


def check_writes_again(node: Node, taken: int) -> None:
    """Check that ids go on where they were, with none given twice."""
    ids = [node.client.get(f"/subjects/s{n}/versions/1").json()["id"] for n in range(taken)]
    answer = node.register("more", schema(5000))
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.json()["id"] not in ids
    assert len(set(ids)) == taken
    node.use()


def test_a_full_disk_refuses_writes_until_there_is_space(small_disk: Path, tmp_path: Path) -> None:
    filler = small_disk / "filler"
    with running(tmp_path, f"sqlite:///{small_disk / 'accord.db'}") as node:
        filler.write_bytes(bytes(MEGABYTES * 2**20 - 2 * 2**20))
        taken = registered_until_full(node)
        check_reads_and_refusals(node, taken)
        filler.unlink()
        check_writes_again(node, taken)


@contextmanager
def limited(process: int, size: int) -> Iterator[None]:
    """Let a process write no file beyond a size for the length of a block."""
    before = resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


def test_a_file_that_may_not_grow_refuses_writes_until_it_may(tmp_path: Path) -> None:
    with running(tmp_path, f"sqlite:///{tmp_path / 'accord.db'}") as node:
        with limited(node.service.process.pid, 1_000_000):
            taken = registered_until_full(node)
            check_reads_and_refusals(node, taken)
        check_writes_again(node, taken)


def test_what_was_taken_before_the_disk_was_full_outlives_a_kill(
    small_disk: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{small_disk / 'accord.db'}"
    filler = small_disk / "filler"
    with running(tmp_path, url) as node:
        filler.write_bytes(bytes(MEGABYTES * 2**20 - 2 * 2**20))
        taken = registered_until_full(node)
        node.service.process.kill()
        node.service.process.wait()
    filler.unlink()
    with running(tmp_path, url) as node:
        check_writes_again(node, taken)


def failure(*arguments: str | Path) -> str:
    """Run `accord` with arguments it must refuse; return the one line it says why in."""
    ended = subprocess.run(
        [ACCORD, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env=bare_environment(),
    )
    assert ended.returncode == 1, (ended.stdout, ended.stderr)
    assert "Traceback" not in ended.stderr
    lines = [line for line in ended.stderr.splitlines() if line.startswith("accord: ")]
    assert len(lines) == 1, ended.stderr
    return lines[0]


def test_a_disk_too_small_for_a_database_is_told(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(MEGABYTES * 2**20 - 8192))
    assert "disk is full" in failure("migrate", "--data", small_disk)
    assert "disk is full" in failure("serve", "--port", "0", "--data", small_disk)


def fill(folder: Path, *, but: int = 0) -> None:
    """Leave no more than some bytes of a file system."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    os.truncate(filler, filler.stat().st_size - but)


def test_a_node_starts_on_a_full_disk_and_is_read_from(small_disk: Path, tmp_path: Path) -> None:
    """All that SQLite needs is room for its index in memory, which it keeps in a file."""
    url = f"sqlite:///{small_disk / 'accord.db'}"
    with running(tmp_path, url) as node:
        take_anything(node)
        assert node.register("s0", schema(0)).status_code == httpx.codes.OK
        assert node.service.stop() == 0
    fill(small_disk)
    told = failure("serve", "--port", "0", "--database-url", url)
    assert re.search("no space left|disk of the database reports an error", told)
    fill(small_disk, but=64 * 1024)
    with running(tmp_path, url) as node:
        check_reads_and_refusals(node, 1)


def test_memory_that_is_shared_through_a_file_has_blocks_behind_it(small_disk: Path) -> None:
    """Without, the first number written would end the process."""
    fill(small_disk)
    with pytest.raises(OSError, match="No space left"):
        Marks(small_disk / "marks")


def test_a_file_system_that_may_only_be_read_is_told(small_disk: Path) -> None:
    subprocess.run([ACCORD, "migrate", "--data", small_disk], check=True, env=bare_environment())
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert "may only be read" in failure("serve", "--port", "0", "--data", small_disk)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write where nobody may")
def test_a_directory_that_may_only_be_read_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    subprocess.run([ACCORD, "migrate", "--data", data], check=True, env=bare_environment())
    for path in [*data.iterdir(), data]:
        path.chmod(path.stat().st_mode & ~0o222)
    assert "may only be read" in failure("serve", "--port", "0", "--data", data)


def test_a_database_that_another_process_holds_is_read_and_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "accord.db"
    with running(tmp_path, f"sqlite:///{path}") as node:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert node.client.get("/subjects").json() == ["usable"]
            assert node.client.get("/health/ready").status_code == httpx.codes.OK
            answer = node.ask("POST", "/subjects/a/versions", {"schema": schema(1)})
            is_refused(answer, 500, 50001, "holds the database for too long")
            assert node.ask("POST", "/subjects/usable/versions", STRING).json() == {"id": 1}
            other.execute("ROLLBACK")
        assert node.register("a", schema(1)).status_code == httpx.codes.OK
        node.use()


def test_a_database_that_another_process_holds_alone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "accord.db"
    subprocess.run([ACCORD, "migrate", "--data", tmp_path], check=True, env=bare_environment())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        told = failure("serve", "--port", "0", "--data", tmp_path)
    assert "holds the database for too long" in told


def test_a_database_that_is_taken_away_is_told(tmp_path: Path) -> None:
    """Files removed under a running node: what is open goes on, and a restart begins anew."""
    folder = tmp_path / "database"
    folder.mkdir()
    with running(tmp_path, f"sqlite:///{folder / 'accord.db'}") as node:
        shutil.rmtree(folder)
        answer = node.register("a", schema(1))
        assert answer.status_code in {httpx.codes.OK, httpx.codes.INTERNAL_SERVER_ERROR}
        if answer.status_code != httpx.codes.OK:
            is_refused(answer, 500, 50001, ".")
        assert node.client.get("/health/live").status_code == httpx.codes.OK

"""The port to the file system: what both sides of it do, and the descriptors of the real one."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faulty_files import DATA, MemoryFiles

from accord_log.log.files import DiskFiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.log.files import Files

DESCRIPTORS = Path("/proc/self/fd")


@pytest.fixture(params=["disk", "one descriptor", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Files, Path]:
    if request.param == "memory":
        return MemoryFiles(), DATA
    return DiskFiles(limit=1 if request.param == "one descriptor" else None), tmp_path


def test_a_file_grows_at_its_end(place: tuple[Files, Path]) -> None:
    files, directory = place
    file = files.open(directory / "a")
    assert file.size == 0
    file.append(b"one")
    file.append(bytearray(b"two"))
    file.append(memoryview(b"three"))
    assert (file.size, file.path) == (11, str(directory / "a"))
    assert file.read(0, 100) == b"onetwothree"
    assert (file.read(3, 3), file.read(11, 5)) == (b"two", b"")
    file.truncate(3)
    file.append(b"2")
    file.sync()
    assert file.read(0, 100) == b"one2"
    assert files.open(directory / "a").size == 4
    assert files.names(directory) == {"a": 4}


def test_a_file_that_is_there_is_used_without_looking(place: tuple[Files, Path]) -> None:
    files, directory = place
    files.open(directory / "a").append(b"one")
    file = files.existing(directory / "a", 3)
    file.append(b"two")
    assert file.read(0, 10) == b"onetwo"
    with pytest.raises(FileNotFoundError):
        files.existing(directory / "b", 3).read(0, 1)
    assert files.names(directory) == {"a": 6}


def test_a_renamed_file_is_the_same_file(place: tuple[Files, Path]) -> None:
    files, directory = place
    old = files.open(directory / "new")
    old.append(b"before")
    file = files.open(directory / "a")
    file.append(b"one")
    files.rename(directory / "a", directory / "new")
    for name in "xyz":
        files.open(directory / name)
    file.append(b"two")
    assert file.path == str(directory / "new")
    assert file.read(0, 100) == b"onetwo"
    assert files.names(directory)["new"] == 6
    assert "a" not in files.names(directory)


def test_a_file_whose_name_is_taken_does_not_become_another(place: tuple[Files, Path]) -> None:
    files, directory = place
    files.open(directory / "a").append(b"one")
    file = files.existing(directory / "a", 3)
    files.open(directory / "b").append(b"two")
    files.rename(directory / "b", directory / "a")
    with pytest.raises(FileNotFoundError):
        file.read(0, 3)
    file.sync()


def test_a_removed_file_is_gone(place: tuple[Files, Path]) -> None:
    files, directory = place
    file = files.open(directory / "a")
    assert files.remove(directory / "a")
    assert not files.remove(directory / "a")
    file.close()
    with pytest.raises(FileNotFoundError):
        file.read(0, 1)
    assert files.open(directory / "a").size == 0


def test_directories_come_and_go(place: tuple[Files, Path]) -> None:
    files, directory = place
    files.make_directory(directory / "x" / "y")
    files.make_directory(directory / "x" / "y")
    files.open(directory / "x" / "y" / "a").append(b"one")
    files.sync_directory(directory / "x" / "y")
    assert files.modified_ms(directory / "x" / "y" / "a") >= 0
    assert files.names(directory / "x" / "y") == {"a": 3}
    files.remove_directory(directory / "x")
    files.remove_directory(directory / "x")
    with pytest.raises(FileNotFoundError):
        files.names(directory / "x")


# the disk


@pytest.fixture
def few_descriptors() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(path.name) for path in DESCRIPTORS.iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 8, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_only_so_many_descriptors_are_open(tmp_path: Path) -> None:
    before = len(list(DESCRIPTORS.iterdir()))
    files = DiskFiles(limit=5)
    opened = [files.open(tmp_path / str(number)) for number in range(50)]
    for turn in range(3):
        for number, file in enumerate(opened):
            file.append(b"%02d" % number)
            assert file.read(2 * turn, 2) == b"%02d" % number
    assert len(list(DESCRIPTORS.iterdir())) <= before + 5
    for file in opened:
        file.close()
    assert len(list(DESCRIPTORS.iterdir())) == before


@pytest.mark.usefixtures("few_descriptors")
def test_others_may_take_descriptors_away(tmp_path: Path) -> None:
    files = DiskFiles(limit=100)
    opened = [files.open(tmp_path / str(number)) for number in range(50)]
    for file in opened:
        file.append(b"x")
    assert sum(files.names(tmp_path).values()) == 50


def test_the_limit_leaves_room_for_connections() -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400));"
        "from accord_log.log.files import DISK; print(DISK.limit)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "100"


def test_a_write_that_the_system_cut_short_is_finished_or_refused(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys; from pathlib import Path;"
        "from accord_log.log.files import DISK;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        f"file = DISK.open(Path({str(tmp_path / 'a')!r})); file.append(bytes(900))\n"
        "try: file.append(bytes(900))\n"
        "except OSError as error: print(error.strerror, file.size)\n"
        "file.truncate(900)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "File too large 900", done.stderr
    assert (tmp_path / "a").stat().st_size == 900

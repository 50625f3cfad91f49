"""What the commands say and return, above all when they cannot do their work."""

from __future__ import annotations

import importlib.metadata
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from registry.settings import Settings, option_of, variable_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Accord = Callable[..., subprocess.CompletedProcess[str]]


def failure(ended: subprocess.CompletedProcess[str], *, code: int = 1) -> str:
    """Return the one line in which a command says why it failed."""
    assert ended.returncode == code, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert line.startswith("accord: ")
    return line


def test_the_version_is_that_of_the_distribution(accord: Accord) -> None:
    assert accord("--version").stdout == f"accord {importlib.metadata.version('accord')}\n"


def test_help_names_every_command(accord: Accord) -> None:
    shown = accord("--help").stdout
    assert "serve" in shown
    assert "migrate" in shown


def test_every_setting_is_an_option_of_serve_and_told_with_its_variable(accord: Accord) -> None:
    shown = accord("serve", "--help", COLUMNS="300", TERMINAL_WIDTH="300").stdout
    for name in Settings.model_fields:
        assert option_of(name) in shown
        assert variable_of(name) in shown


def test_an_unknown_command_is_a_wrong_use(accord: Accord) -> None:
    assert accord("sevre").returncode == 2


def test_migrate_makes_a_database_and_says_where(accord: Accord, tmp_path: Path) -> None:
    ended = accord("migrate", "--data", tmp_path / "new")
    assert ended.stdout == f"accord: sqlite:///{tmp_path}/new/accord.db is up to date\n"
    assert (tmp_path / "new" / "accord.db").exists()


def test_migrate_may_be_run_again(accord: Accord, tmp_path: Path) -> None:
    first, second = (accord("migrate", "--data", tmp_path) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_port_in_use(accord: Accord, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = failure(accord("serve", "--data", tmp_path, "--port", port))
    assert line == f"accord: cannot listen on 127.0.0.1:{port}: address already in use"


def test_a_data_directory_that_cannot_be_made(accord: Accord, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"
    line = failure(accord("serve", "--port", "0", "--data", data))
    assert line == f"accord: cannot make the data directory {data}: not a directory"


def test_a_database_file_that_cannot_be_written(accord: Accord, tmp_path: Path) -> None:
    (tmp_path / "accord.db").mkdir()
    assert "unable to open" in failure(accord("serve", "--port", "0", "--data", tmp_path))


@pytest.mark.parametrize("url", ["mysql://u:s3cr3t@h/db", "not a url", "sqlite://"])
def test_a_bad_database_url(accord: Accord, url: str) -> None:
    line = failure(accord("serve", "--port", "0", ACCORD_DATABASE_URL=url))
    assert "s3cr3t" not in line


def test_a_database_that_does_not_answer(accord: Accord) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        url = f"postgresql://u:s3cr3t@127.0.0.1:{port}/db"
        line = failure(accord("migrate", "--database-url", url))
    assert "refused" in line
    assert "s3cr3t" not in line


def test_a_database_newer_than_the_code(accord: Accord, tmp_path: Path) -> None:
    accord("migrate", "--data", tmp_path)
    with closing(sqlite3.connect(tmp_path / "accord.db")) as database:
        database.execute("UPDATE accord_version SET version_num = '9999'")
        database.commit()
    assert "9999" in failure(accord("serve", "--port", "0", "--data", tmp_path))


def test_a_file_that_is_no_database(accord: Accord, tmp_path: Path) -> None:
    (tmp_path / "accord.db").write_text("these are not the schemas you are looking for" * 100)
    assert "not one of Accord's" in failure(accord("serve", "--port", "0", "--data", tmp_path))


def test_each_wrong_setting_is_told_on_a_line_of_its_own(accord: Accord) -> None:
    ended = accord("serve", "--port", "70000", ACCORD_WORKERS="many")
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "accord: --port (ACCORD_PORT): input should be less than or equal to 65535",
        (
            "accord: --workers (ACCORD_WORKERS): input should be a valid integer, "
            "unable to parse string as an integer"
        ),
    ]

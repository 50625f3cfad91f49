"""Apache Kafka itself: one node that is broker and controller, and its command-line tools.

Maven fetches the jars that java/pom.xml asks for into a folder of the user's cache, or into the
one that ACCORD_TEST_MAVEN_REPOSITORY names; java/SHA256SUMS says which files they must be. After a
change of the versions, `python tests/support/apache_kafka.py lock` writes that list anew.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "ACCORD_TEST_MAVEN_REPOSITORY"
PROJECT = Path(__file__).parent / "java"
SUMS = PROJECT / "SHA256SUMS"
CLASSPATH_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:build-classpath"
OLDEST_JAVA = 17
PATIENCE_SECONDS = 60
FETCH_SECONDS = 600
ATTEMPTS = 3
# What Maven says when the place where packages are published is out of reach.
UNREACHED = re.compile(
    r"Unknown host|Connection (?:refused|reset|timed out)|No route|status:? 403|Forbidden|offline"
)
SMALL = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
transaction.abort.timed.out.transaction.cleanup.interval.ms=200
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
"""


class Unavailable(Exception):
    """Apache Kafka cannot be run here."""


def repository() -> Path:
    """Return the folder where Maven keeps what it has fetched."""
    kept = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get(REPOSITORY) or Path(kept) / "accord" / "maven")


@cache
def classpath() -> str:
    """Return the jars, fetched where they are missing; raise Unavailable."""
    _check_java()
    sums = [line.split("  ") for line in SUMS.read_text("utf-8").splitlines()]
    jars = [repository() / path for _, path in sums]
    if not all(jar.exists() for jar in jars):
        _fetch()
    for (expected, path), jar in zip(sums, jars, strict=True):
        found = hashlib.sha256(jar.read_bytes()).hexdigest()
        assert found == expected, f"{path} is not the file that {SUMS.name} names"
    return os.pathsep.join(map(str, jars))


def tool(main: str, *arguments: str) -> list[str]:
    """Return the command that runs a class of Apache Kafka; raise Unavailable."""
    return ["java", *SMALL, QUIET, "-cp", classpath(), main, *arguments]


@contextmanager
def shared_node(home: Path) -> Iterator[str]:
    """Give the address of a node that all who name the same folder share.

    It ends when the last of them has left, or has died.
    """
    classpath()
    home.mkdir(exist_ok=True)
    with (home / "users").open("a") as users, (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        address = home / "address"
        if not address.exists():
            address.write_text(_start(home), "utf-8")
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield address.read_text("utf-8")


def _check_java() -> None:
    if shutil.which("java") is None:
        raise Unavailable("java is not installed")
    done = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    version = re.search(r'version "(?:1\.)?(\d+)', done.stdout + done.stderr)
    assert version, done.stderr
    if int(version[1]) < OLDEST_JAVA:
        raise Unavailable(f"Apache Kafka needs Java {OLDEST_JAVA}, here is {version[1]}")


def _fetch() -> str:
    """Let Maven fetch the jars; return their paths as a class path."""
    if shutil.which("mvn") is None:
        raise Unavailable("Apache Kafka's jars are not here, and Maven is not installed")
    repository().mkdir(parents=True, exist_ok=True)
    with (repository() / "lock").open("a") as lock, tempfile.NamedTemporaryFile("r") as found:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [
                *("mvn", "--batch-mode", "--no-transfer-progress"),
                *("--file", PROJECT / "pom.xml", f"-Dmaven.repo.local={repository()}"),
                *(CLASSPATH_GOAL, f"-Dmdep.outputFile={found.name}"),
            ],
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
        if done.returncode != 0 and (reason := UNREACHED.search(done.stdout)):
            raise Unavailable(f"Maven reaches no packages: {reason[0]}")
        assert done.returncode == 0, done.stdout + done.stderr
        return found.read()


def _lock() -> None:
    paths = [Path(path) for path in _fetch().strip().split(os.pathsep)]
    SUMS.write_text(
        "".join(
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(repository())}\n"
            for path in paths
        ),
        "utf-8",
    )


def _start(home: Path) -> str:
    """Start a node under a process that ends it once nobody holds `users`; return its address."""
    for _ in range(ATTEMPTS):
        ports = _free_ports()
        settings = home / "server.properties"
        shutil.rmtree(home / "data", ignore_errors=True)
        settings.write_text(
            PROPERTIES.format(port=ports[0], controller=ports[1], data=home / "data"), "utf-8"
        )
        # A name that began with a hyphen would be taken for an option.
        name = base64.urlsafe_b64encode(b"A" + os.urandom(15)).decode().rstrip("=")
        made = subprocess.run(
            tool("kafka.tools.StorageTool", "format", "-t", name, "-c", str(settings)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        if _answers(ports[0], _spawn_watcher(home)):
            return f"127.0.0.1:{ports[0]}"
    raise AssertionError((home / "output").read_text("utf-8", "replace")[-4000:])


def _spawn_watcher(home: Path) -> int:
    """Start a process that outlives this one; return its id."""
    with (home / "output").open("ab") as output, Path(os.devnull).open("rb") as nothing:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, __file__, "watch", str(home)],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
            ],
            setsid=True,
        )


def _answers(port: int, watcher: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and os.waitpid(watcher, os.WNOHANG) == (0, 0):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def _watch(home: Path) -> None:
    """Run a node until nobody holds the lock on `users`."""
    node = subprocess.Popen(tool("kafka.Kafka", str(home / "server.properties")))
    with (home / "users").open("a") as users:
        while node.poll() is None:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.2)
                continue
            node.kill()
            node.wait()
        (home / "address").unlink(missing_ok=True)
        shutil.rmtree(home / "data", ignore_errors=True)


def _free_ports() -> tuple[int, int]:
    here = ("127.0.0.1", 0)
    with socket.create_server(here) as one, socket.create_server(here) as two:
        return one.getsockname()[1], two.getsockname()[1]


if __name__ == "__main__":
    if sys.argv[1:] == ["lock"]:
        _lock()
    else:
        _watch(Path(sys.argv[2]))

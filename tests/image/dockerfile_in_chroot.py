"""Execute the Dockerfile's steps one by one in Debian roots, and ask the service inside.

For machines without a Docker daemon. Each stage is a root of its own, made by debootstrap; Debian's
Python stands in for that of the base image. Needs root, debootstrap and a Debian archive:

    python tests/image/dockerfile_in_chroot.py
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parents[2]
RELEASE = "bookworm"  # the Debian whose Python is the base image's: 3.11
PACKAGES = "ca-certificates,python3,python3-venv"
PORT = 18081
KAFKA_PORT = 19092
PATIENCE_SECONDS = 60
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What a package client needs to find its way out of this machine, and nothing else.
PASSED_ON = re.compile(r"(?i)^(pip_\w+|(https?|no|all)_proxy)$")


@dataclass
class Stage:
    """One `FROM` and what follows it."""

    name: str
    root: Path
    user: str = "root"
    directory: str = "/"
    variables: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)

    def run(self, arguments: list[str], *, user: str | None = None) -> None:
        subprocess.run(self.wrapped(arguments, user=user or self.user), check=True)

    def wrapped(self, arguments: list[str], *, user: str, **more: str) -> list[str]:
        """Return the command that does this inside the root."""
        passed = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
        variables = {**passed, **self.variables, **more}
        settings = [f"{name}={value}" for name, value in variables.items()]
        inside = f"cd {shlex.quote(self.directory)} && exec {shlex.join(arguments)}"
        chroot = ["chroot", f"--userspec={user}:", str(self.root)]
        return [*chroot, "/usr/bin/env", "-i", *settings, "/bin/sh", "-c", inside]


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Return (instruction, rest) with continued lines joined and comments dropped."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    words = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(word.upper(), rest) for word, rest in words]


class Build:
    """Walks through the instructions as a builder would."""

    def __init__(self, workshop: Path) -> None:
        self._workshop = workshop
        self._base = workshop / "base"
        self.stages: list[Stage] = []

    def make_base(self) -> None:
        say("FROM", f"debootstrap {RELEASE}")
        include = f"--include={PACKAGES}"
        subprocess.run(
            ["debootstrap", "--variant=minbase", include, RELEASE, self._base],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (self._base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        for borrowed in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
            shutil.copyfile(f"/{borrowed}", self._base / borrowed)

    @property
    def stage(self) -> Stage:
        return self.stages[-1]

    def step(self, word: str, rest: str) -> None:
        say(word, rest)
        getattr(self, f"do_{word.lower()}")(rest)

    def do_from(self, rest: str) -> None:
        _, _, name = rest.partition(" AS ")
        name = name or f"stage-{len(self.stages)}"
        root = self._workshop / name
        subprocess.run(["cp", "--archive", self._base, root], check=True)
        self.stages.append(Stage(name, root))

    def do_workdir(self, rest: str) -> None:
        self.stage.directory = rest
        if not self._inside(rest).is_dir():
            self._inside(rest).mkdir(parents=True)

    def do_run(self, rest: str) -> None:
        self.stage.run(["/bin/sh", "-c", rest])

    def do_copy(self, rest: str) -> None:
        words = rest.split()
        source = ROOT
        if words[0].startswith("--from="):
            name = words.pop(0).removeprefix("--from=")
            source = next(stage.root for stage in self.stages if stage.name == name)
        *paths, target = words
        for path in paths:
            self._copy(source / path.lstrip("/"), target, is_one_of_many=target.endswith("/"))

    def _copy(self, source: Path, target: str, *, is_one_of_many: bool) -> None:
        destination = self._inside(target)
        if source.is_dir():
            # As .dockerignore has it.
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, destination, symlinks=True, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy(source, destination / source.name if is_one_of_many else destination)

    def do_env(self, rest: str) -> None:
        for pair in shlex.split(rest):
            name, _, value = pair.partition("=")
            self.stage.variables[name] = Template(value).substitute(self.stage.variables)

    def do_user(self, rest: str) -> None:
        self.stage.user = rest

    def do_volume(self, rest: str) -> None:
        assert self._inside(rest).is_dir(), f"{rest} is not there to be mounted on"

    def do_expose(self, rest: str) -> None:
        assert rest == "8081 9092"

    def do_healthcheck(self, rest: str) -> None:
        self.stage.healthcheck = json.loads(rest.partition("CMD ")[2])

    def do_entrypoint(self, rest: str) -> None:
        self.stage.entrypoint = json.loads(rest)

    def do_cmd(self, rest: str) -> None:
        self.stage.command = json.loads(rest)

    def _inside(self, path: str) -> Path:
        absolute = path if path.startswith("/") else f"{self.stage.directory}/{path}"
        return self.stage.root / absolute.lstrip("/")


def say(word: str, rest: str) -> None:
    print(f"--- {word} {rest}", flush=True)  # noqa: T201 - progress


def check_service(stage: Stage) -> None:
    """Start what the image starts, register a schema, probe, and stop."""
    ports = {"ACCORD_PORT": str(PORT), "ACCORD_KAFKA_PORT": str(KAFKA_PORT)}
    arguments = [*stage.entrypoint, *stage.command]
    say("START", shlex.join(arguments))
    process = subprocess.Popen(stage.wrapped(arguments, user=stage.user, **ports))
    try:
        wait_until_ready(process)
        answer = request("POST", "/subjects/image/versions", {"schema": '"string"'})
        assert answer == (HTTPStatus.OK, {"id": 1}), answer
        subprocess.run(stage.wrapped(stage.healthcheck, user=stage.user, **ports), check=True)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE_SECONDS)
    assert code == 0, f"ended with {code}"
    owner = (stage.root / "data/accord.db").stat().st_uid
    assert owner != 0, "the service runs as root"
    failed = subprocess.run(
        stage.wrapped(stage.healthcheck, user=stage.user, **ports),
        check=False,
        stderr=subprocess.DEVNULL,
    )
    assert failed.returncode == 1, "the health check passes without a service"


def wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            status, _ = request("GET", "/health/ready")
        except OSError:
            status = 0
        if status == HTTPStatus.OK:
            return
        time.sleep(0.1)
    raise AssertionError("the service did not get ready")


def request(method: str, path: str, document: object = None) -> tuple[int, object]:
    """Return the status and the document of an answer."""
    connection = HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE_SECONDS)
    body = None if document is None else json.dumps(document)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    with connection.getresponse() as answer:
        return answer.status, json.load(answer)


def main() -> None:
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.exit("needs root and debootstrap")
    with tempfile.TemporaryDirectory(prefix="accord-image-") as workshop:
        build = Build(Path(workshop))
        build.make_base()
        for word, rest in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
            build.step(word, rest)
        check_service(build.stage)
        say("OK", "the image's steps work and its service answers")


if __name__ == "__main__":
    main()

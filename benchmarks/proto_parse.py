"""Read a .proto of 200 lines and print it in canonical form, against protoc in the same process.

protoc (that of grpcio-tools) reads the file and writes a descriptor set, both in memory. What the
registry does with a text that it has stored is to read it; a new one it validates as well, which
protoc has done by then. So both are shown. CPU time.

    python -m benchmarks.proto_parse --rounds 30
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from grpc_tools import protoc

from benchmarks.rounds import Claim, cpu_costs, main, ratio
from compat.protobuf import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH = 0.8
SECONDS = 0.05
SCHEMA = Path(__file__).parent / "schemas" / "orders.proto"
# Linux' file system in memory, where there is one.
MEMORY = Path("/dev/shm")  # noqa: S108  a new directory is made in it
PROTOC = "protoc in this process, to a descriptor set in memory"


def claims(rounds: int) -> Iterator[Claim]:
    text = SCHEMA.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        (Path(folder) / SCHEMA.name).write_text(text, encoding="utf-8")
        command = ["protoc", f"-I{folder}", f"--descriptor_set_out={folder}/set", SCHEMA.name]

        def compiled() -> None:
            assert protoc.main(command) == 0

        cases = {
            "protoc": compiled,
            "parse": lambda: parse(text, new=False),
            "validate": lambda: parse(text, new=True),
        }
        costs = cpu_costs(cases, rounds, SECONDS)
    what = f"parse and print a .proto of {len(text.splitlines())} lines, CPU"
    yield ratio(what, PROTOC, costs, reach=REACH, of=("parse", "protoc"))
    yield ratio("the same, validated as a new schema", PROTOC, costs, of=("validate", "protoc"))


if __name__ == "__main__":
    main(claims, rounds=30)

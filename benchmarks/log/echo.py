"""The least a server can do with a request: send its bytes back, on asyncio or on uvloop.

python -m benchmarks.log.echo uvloop
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import uvloop

from benchmarks.log.peers import Peer
from benchmarks.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class Echo(asyncio.Protocol):
    """Sends back what comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def echo(loop: str) -> Iterator[Peer]:
    """Start the server on one of LOOPS."""
    command = [sys.executable, "-m", "benchmarks.log.echo", loop]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield Peer(process.pid, f"127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.terminate()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=LOOPS[sys.argv[1]]) as runner:
        runner.run(_serve())

"""protoc, run in this process, as the judge of what a text means."""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc

from compat.protobuf import parser
from compat.protobuf.builtin_sources import SOURCES
from compat.protobuf.descriptor_class import known_pool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.protobuf.syntax import File

# Not of the default pool: stock clients register custom options there, and a map among those
# forgets its order.
FILE_SET: type[FileDescriptorSet] = GetMessageClass(
    known_pool().FindMessageTypeByName("google.protobuf.FileDescriptorSet")
)
CORPUS = Path(__file__).parent.parent / "corpus"


class Protoc:
    """Compiles the files of a directory; bundled imports are at hand."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        bundled = directory / "bundled"
        for path, text in SOURCES.items():
            target = bundled / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        includes = (str(files("grpc_tools") / "_proto"), str(bundled), str(directory))
        self._includes = [f"--proto_path={include}" for include in includes]
        self.message = ""

    def __call__(self, text: str, imports: Mapping[str, str] | None = None) -> bytes | None:
        """Return the descriptor of a text, or None (and `message`) if protoc refuses it."""
        for path, content in {**(imports or {}), "subject.proto": text}.items():
            target = self.directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        found = self.compile(self.directory, ["subject.proto"])
        return found.get("subject.proto")

    def compile(self, directory: Path, names: list[str]) -> dict[str, bytes]:
        """Return the descriptors of files; none at all if one of them is refused."""
        output = self.directory / "descriptors"
        arguments = [
            "",
            "--retain_options",
            *self._includes,
            f"--proto_path={directory}",
            f"--descriptor_set_out={output}",
        ]
        code = self._quietly([*arguments, *names])
        if code != 0:
            return {}
        found = FILE_SET.FromString(output.read_bytes())
        return {proto.name: proto.SerializeToString() for proto in found.file}

    def _quietly(self, arguments: list[str]) -> int:
        """Run protoc, which writes its errors to the process's own standard error."""
        saved = os.dup(2)
        with tempfile.TemporaryFile() as captured:
            os.dup2(captured.fileno(), 2)
            try:
                code: int = protoc.main(arguments)
            finally:
                os.dup2(saved, 2)
                os.close(saved)
            captured.seek(0)
            self.message = captured.read().decode()
        return code


@pytest.fixture(scope="session")
def protoc_compiler(tmp_path_factory: pytest.TempPathFactory) -> Protoc:
    return Protoc(tmp_path_factory.mktemp("protoc"))


@pytest.fixture(scope="session")
def corpus() -> dict[str, File]:
    return {path.name: parser.parse(path.read_text()) for path in sorted(CORPUS.glob("*.proto"))}


@pytest.fixture(scope="session")
def corpus_descriptors(protoc_compiler: Protoc) -> dict[str, FileDescriptorProto]:
    names = sorted(path.name for path in CORPUS.glob("*.proto"))
    found = protoc_compiler.compile(CORPUS, names)
    assert found, protoc_compiler.message
    return {name: FileDescriptorProto.FromString(data) for name, data in found.items()}

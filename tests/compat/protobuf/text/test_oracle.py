"""protoc reads what we read and refuses what we refuse."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from grpc_tools import protoc

from compat.errors import InvalidSchema
from compat.protobuf import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VECTORS = Path(__file__).parent / "vectors"
BUNDLED = files("grpc_tools") / "_proto"


def cases(name: str) -> Iterator[tuple[str, str]]:
    content = (VECTORS / name).read_bytes().decode()
    for case in content.split("\n== ")[1:]:
        title, _, text = case.partition("\n")
        yield title, text.partition("\n")[2] if text.startswith("expect: ") else text


ACCEPTED = dict(cases("accepted.txt"))
REFUSED = dict(cases("refused.txt"))


@pytest.fixture
def compiles(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[[str], bool]:
    """Return a function that asks protoc; what it writes to the process's stderr is dropped."""

    def ask(text: str) -> bool:
        (tmp_path / "subject.proto").write_bytes(text.encode())
        code: int = protoc.main(
            [
                "protoc",
                f"--proto_path={tmp_path}",
                f"--proto_path={BUNDLED}",
                f"--descriptor_set_out={tmp_path / 'descriptors'}",
                "subject.proto",
            ]
        )
        capfd.readouterr()
        return code == 0

    return ask


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_both_accept(text: str, compiles: Callable[[str], bool]) -> None:
    assert compiles(text)
    assert compiles(parse(text).text)


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_both_refuse(text: str, compiles: Callable[[str], bool]) -> None:
    assert not compiles(text)
    with pytest.raises(InvalidSchema):
        parse(text)

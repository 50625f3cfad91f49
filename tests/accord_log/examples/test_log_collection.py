from __future__ import annotations

from typing import TYPE_CHECKING

from service import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from example_programs import Examples


def test_the_errors_of_all_programs_are_collected_once(examples: Examples, tmp_path: Path) -> None:
    for program in ("web", "mail", "search"):
        lines = [f"{'ERROR' if n % 5 == 0 else 'INFO'} line {n}" for n in range(50)]
        said = examples.run("log_shipper.py", "--program", program, given="\n".join(lines))
        assert said == f"50 lines of {program} are in log-lines\n"

    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    wanted = {
        program: [f"{program}: ERROR line {n}" for n in range(0, 50, 5)]
        for program in ("web", "mail", "search")
    }
    with (
        examples.running("log_errors.py", "--into", first),
        examples.running("log_errors.py", "--into", second),
    ):
        eventually(lambda: len(written(first, second)) >= 30)
    collected = written(first, second)
    assert sorted(collected) == sorted(line for lines in wanted.values() for line in lines)
    for program, lines in wanted.items():
        for file in (first, second):
            found = [line for line in written(file) if line.startswith(program)]
            assert found == [line for line in lines if line in found]


def test_a_handler_ships_a_traceback_as_one_message(examples: Examples, tmp_path: Path) -> None:
    assert examples.run("log_handler.py") == "two records are in log-lines\n"
    errors = tmp_path / "errors.txt"
    with examples.running("log_errors.py", "--into", errors):
        eventually(lambda: "ZeroDivisionError" in "".join(written(errors)))
    found = errors.read_text()
    assert "billing: ERROR billing: invoice 8 has no lines\nTraceback" in found
    assert "invoice 7" not in found


def written(*files: Path) -> list[str]:
    return [line for file in files if file.exists() for line in file.read_text().splitlines()]

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from example_programs import Examples


def test_balances_are_what_the_events_add_up_to(examples: Examples, tmp_path: Path) -> None:
    snapshot = tmp_path / "balances.json"
    examples.run("account_events.py", "deposit", "ada", "100.00")
    examples.run("account_events.py", "deposit", "grace", "20.50")
    noon = between_two_events()
    said = examples.run("account_balances.py", "--snapshot", snapshot)
    assert said == "2 events replayed\nada: 100.00\ngrace: 20.50\n"

    said = examples.run("account_events.py", "withdraw", "ada", "30.25")
    assert "AccountEvent(account='ada'" in said
    replayed = examples.run("account_balances.py")
    assert replayed == "3 events replayed\nada: 69.75\ngrace: 20.50\n"
    said = examples.run("account_balances.py", "--snapshot", snapshot)
    assert said == "1 events replayed\nada: 69.75\ngrace: 20.50\n"
    said = examples.run("account_balances.py", "--snapshot", snapshot)
    assert said == "0 events replayed\nada: 69.75\ngrace: 20.50\n"

    then = examples.run("account_balances.py", "--at", noon)
    assert then == "2 events replayed\nada: 100.00\ngrace: 20.50\n"
    since = examples.run("account_history.py", "--since", noon)
    assert [line.split(" ", 1)[1] for line in since.splitlines()] == ["ada -30.25"]


def between_two_events() -> str:
    """Return a moment after the events so far, and before those to come."""
    time.sleep(0.05)
    moment = datetime.now(UTC).isoformat()
    time.sleep(0.05)
    return moment

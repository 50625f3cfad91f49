"""What keeps the service from starting."""

from __future__ import annotations


class StartFailure(Exception):
    """Say in one line, for the operator, why the service cannot start or go on."""

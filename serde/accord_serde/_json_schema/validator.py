"""Checking messages against a compiled schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from accord_serde._json_schema.values import Rendering
from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import jsonschema_rs

MAX_MESSAGE = 1000  # characters; a validator quotes the whole object


class Validator:
    """One schema to check messages against.

    `is_valid` is the quick answer for what orjson writes or has read; False and ValueError only
    mean that `check` has to be asked.
    """

    __slots__ = ("_compiled", "is_valid")

    is_valid: Callable[[Any], bool]

    def __init__(self, compiled: jsonschema_rs.Validator) -> None:
        self._compiled = compiled
        self.is_valid = compiled.is_valid

    def accepts(self, message: Any) -> bool:
        """Tell whether a message is valid."""
        try:
            orjson.dumps(message)  # what is too deep for it would exhaust the validator's stack
            valid = self.is_valid(message)
        except (TypeError, ValueError):  # it holds values that JSON does not have
            valid = False
        return valid or self._objection(message) is None

    def check(self, message: Any, error: type[SerializationError] = SerializationError) -> None:
        """Raise `error`, with the place in the message, where a message is not valid."""
        objection = self._objection(message)
        if objection is not None:
            raise error(objection)

    def _objection(self, message: Any) -> str | None:
        """Return what is wrong with a message.

        Values of no JSON type are null at first, then true: types of which hardly a keyword but
        `type` says anything, so that only a schema that asks for no type takes both.
        """
        for stand_in in (None, True):
            rendering = Rendering(message, stand_in)
            for error in self._compiled.iter_errors(rendering.value):
                if not rendering.excuses(error):
                    return _described(error)
            if not rendering.stood_in:
                break
        return None


def _described(error: jsonschema_rs.ValidationError) -> str:
    text = error.message
    if len(text) > MAX_MESSAGE:
        text = f"{text[:MAX_MESSAGE]}…"
    return f"{text} (at {json_path(error.instance_path)})"


def json_path(path: Sequence[str | int]) -> str:
    """Return a path in the notation of JSONPath: `$.orders[3]['full name']`."""
    return "$" + "".join(
        f"[{step}]"
        if isinstance(step, int)
        else f".{step}"
        if step.isidentifier()
        else f"[{step!r}]"
        for step in path
    )

"""What a schema can be refused for.

InvalidSchema      the text is not a schema of its format, or breaks one of the format's rules
  TooComplex       the text is larger, deeper or more entangled than the engine agrees to handle
"""

from __future__ import annotations

from typing import Literal

Stage = Literal["parse", "validate"]


class InvalidSchema(Exception):
    """Refuse a schema, saying where.

    `line` and `column` count from 1 and are set when the text itself is at fault; `path` is a
    JSON pointer or a dotted name and is set when a well-formed part breaks a rule. `stage` tells
    a text that could not be read from one that was read and then failed the rules for new schemas.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        path: str | None = None,
        stage: Stage = "parse",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.path = path
        self.stage: Stage = stage

    @property
    def where(self) -> str | None:
        """Return the place in words, or None when it is not known."""
        if self.line is not None:
            return f"line {self.line}, column {self.column}"
        return None if self.path is None else f"at {self.path}"

    def __str__(self) -> str:
        return self.message if self.where is None else f"{self.message} ({self.where})"


class TooComplex(InvalidSchema):
    """Refuse a schema that exceeds a limit of size, depth, count or steps."""

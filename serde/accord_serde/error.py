"""What the registry client raises, besides `httpx.TransportError`."""

from __future__ import annotations

__all__ = ["OAuthTokenError", "SchemaRegistryError"]

UNKNOWN = -1


class SchemaRegistryError(Exception):
    """The registry answered, and the answer is not the one the call promises.

    `error_code` is the registry's own, -1 where the answer carries none.
    """

    UNKNOWN = UNKNOWN

    def __init__(self, http_status_code: int, error_code: int, error_message: str) -> None:
        super().__init__(http_status_code, error_code, error_message)
        self.http_status_code = http_status_code
        self.error_code = error_code
        self.error_message = error_message

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return (
            f"{self.error_message} "
            f"(HTTP status code {self.http_status_code}, SR code {self.error_code})"
        )


class OAuthTokenError(Exception):
    """The token endpoint gave no token; the client's secret is never part of the text."""

    def __init__(
        self, message: str, status_code: int | None = None, response_text: str | None = None
    ) -> None:
        super().__init__(message, status_code, response_text)
        self.message = message
        self.status_code = status_code
        self.response_text = response_text

    def __str__(self) -> str:
        return f"{self.message} (HTTP {self.status_code}): {self.response_text}"

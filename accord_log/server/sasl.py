"""Authentication of one connection: which requests it may send, and as whom.

    start --handshake--> talking --last token--> open --handshake--> talking again (a new session)
                            '------- any failure: the connection is closed after the answer

Before it is open, only ApiVersions and the two requests of SASL are taken. Behind a handshake in
version 1 tokens come in SaslAuthenticate; behind one in version 0 they are frames by themselves.
This file does no I/O and has no clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.api_versions import ApiVersionsRequest
from accord_log.kafka.messages.sasl_authenticate import SaslAuthenticateResponse
from accord_log.kafka.messages.sasl_handshake import SaslHandshakeResponse
from accord_log.server.credentials import AuthenticationFailed
from accord_log.server.mechanisms import CONVERSATIONS, Done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_log.kafka.messages.sasl_authenticate import SaslAuthenticateRequest
    from accord_log.kafka.messages.sasl_handshake import SaslHandshakeRequest
    from accord_log.server.credentials import Credentials
    from accord_log.server.mechanisms import Conversation

NO_HANDSHAKE = "SaslAuthenticate request received without a handshake before it"
NOT_ASKED_FOR = "This listener takes no SASL authentication"


class Authentication:
    """The state of one connection."""

    def __init__(
        self, credentials: Credentials, mechanisms: Sequence[str], *, max_session_ms: int
    ) -> None:
        self._credentials = credentials
        self._mechanisms = list(mechanisms)
        self._max_session_ms = max_session_ms
        self._conversation: Conversation | None = None
        self._mechanism = ""
        self._is_renewed = False
        self._ends_ms: int | None = None
        self.name: str | None = None
        self.takes_tokens = False  # without a request around them
        self.has_failed = False

    def allows(self, api_key: int, now_ms: int) -> bool:
        """Tell whether a request, other than those of SASL, may be handled."""
        if self._conversation is not None:
            return False
        if self.name is None:
            return api_key == ApiVersionsRequest.api_key
        return self._ends_ms is None or now_ms < self._ends_ms

    def handshake(self, request: SaslHandshakeRequest, version: int) -> SaslHandshakeResponse:
        """Begin a conversation."""
        code = self._refusal(request.mechanism)
        if code is not ErrorCode.NONE:
            self.has_failed = True
            return SaslHandshakeResponse(code, self._mechanisms)
        self._mechanism = request.mechanism
        self._conversation = CONVERSATIONS[request.mechanism](self._credentials)
        next(self._conversation)
        self.takes_tokens = version == 0
        return SaslHandshakeResponse(ErrorCode.NONE, self._mechanisms)

    def authenticate(
        self, request: SaslAuthenticateRequest, now_ms: int
    ) -> SaslAuthenticateResponse:
        """Go on with the conversation."""
        if self._conversation is None:
            self.has_failed = True
            return SaslAuthenticateResponse(ErrorCode.ILLEGAL_SASL_STATE, NO_HANDSHAKE)
        try:
            token = self.token(bytes(request.auth_bytes), now_ms)
        except AuthenticationFailed as error:
            return SaslAuthenticateResponse(ErrorCode.SASL_AUTHENTICATION_FAILED, str(error))
        is_over = self._conversation is None
        return SaslAuthenticateResponse(
            auth_bytes=token, session_lifetime_ms=self._max_session_ms if is_over else 0
        )

    def token(self, token: bytes, now_ms: int) -> bytes:
        """Return the answer to a token. Raises AuthenticationFailed."""
        assert self._conversation is not None
        try:
            return self._conversation.send(token)
        except StopIteration as end:
            self._open(end.value, now_ms)
            answer: bytes = end.value.token
            return answer
        except AuthenticationFailed:
            self.has_failed = True
            raise

    def _refusal(self, mechanism: str) -> ErrorCode:
        if mechanism not in self._mechanisms:
            return ErrorCode.UNSUPPORTED_SASL_MECHANISM
        is_open = self.name is not None
        if self._conversation is not None or (is_open and not self._max_session_ms):
            return ErrorCode.ILLEGAL_SASL_STATE
        if is_open and mechanism != self._mechanism:
            return ErrorCode.ILLEGAL_SASL_STATE
        return ErrorCode.NONE

    def _open(self, done: Done, now_ms: int) -> None:
        if self.name not in {None, done.name}:
            self.has_failed = True
            raise AuthenticationFailed("Cannot change principals during re-authentication")
        self._conversation = None
        self.takes_tokens = False
        self.name = done.name
        if self._max_session_ms:
            self._ends_ms = now_ms + self._max_session_ms


def not_asked_for(
    request: SaslHandshakeRequest | SaslAuthenticateRequest,
) -> SaslHandshakeResponse | SaslAuthenticateResponse:
    """Return the answer of a listener that authenticates nobody."""
    response = type(request).response
    assert issubclass(response, SaslHandshakeResponse | SaslAuthenticateResponse)
    answer = response(ErrorCode.ILLEGAL_SASL_STATE)
    if isinstance(answer, SaslAuthenticateResponse):
        answer.error_message = NOT_ASKED_FOR
    return answer

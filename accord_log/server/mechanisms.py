"""The mechanisms of SASL: tokens in, tokens out, and in the end a name.

Each conversation is a generator: it is sent a client's token and yields the server's, and returns
the name with the last of them. It raises AuthenticationFailed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from accord_log.server.credentials import ITERATIONS, AuthenticationFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from accord_log.server.credentials import Credentials

NONCE_BYTES = 18
OTHER_IDENTITY = (
    "Authentication failed: Client requested an authorization id that is different from username"
)


class Done(NamedTuple):
    """The end of a conversation."""

    name: str
    token: bytes


Conversation: TypeAlias = "Generator[bytes, bytes, Done]"


def plain(credentials: Credentials) -> Conversation:
    """Take a name and a password in clear (RFC 4616)."""
    token = yield b""
    try:
        identity, name, password = token.decode().split("\0")
    except ValueError as error:  # not UTF-8, or not three
        raise AuthenticationFailed("Invalid SASL/PLAIN response") from error
    if not credentials.matches(name, password):
        raise AuthenticationFailed("Authentication failed: Invalid username or password")
    if identity not in {"", name}:
        raise AuthenticationFailed(OTHER_IDENTITY)
    return Done(name, b"")


# RFC 5802, section 7. What a client may add behind (`tokenauth` of Kafka's delegation tokens, which
# there are none of) is passed over.
FIRST = re.compile(
    r"(?P<gs2>[ny],(?:a=(?P<identity>[^,\0]*))?,)"
    r"(?P<bare>n=(?P<name>[^,\0]+),r=(?P<nonce>[!-+\--~]+)(?:,[^\0]*)?)"
)
FINAL = re.compile(
    r"(?P<bare>c=(?P<binding>[^,\0]+),r=(?P<nonce>[!-+\--~]+)(?:,[^\0]*?)?),p=(?P<proof>[^,\0]+)"
)
NAME_ESCAPES = {"=2C": ",", "=3D": "="}


def scram(algorithm: str, credentials: Credentials) -> Conversation:
    """Have the client prove that it knows the password, and prove to know it (RFC 5802)."""
    refused = AuthenticationFailed(
        "Authentication failed during authentication due to invalid credentials with SASL "
        f"mechanism {_name_of(algorithm)}"
    )
    first = _parse(FIRST, (yield b""))
    name = _unescape(first["name"])
    salt = base64.b64encode(credentials.salt(name)).decode()
    nonce = first["nonce"] + base64.b64encode(secrets.token_bytes(NONCE_BYTES)).decode()
    challenge = f"r={nonce},s={salt},i={ITERATIONS}"

    final = _parse(FINAL, (yield challenge.encode()))
    message = f"{first['bare']},{challenge},{final['bare']}".encode()
    keys, exists = credentials.keys(algorithm, name)
    signature = hmac.digest(keys.stored, message, algorithm)
    client_key = _xor(_decode(final["proof"]), signature)
    is_proven = hmac.compare_digest(hashlib.new(algorithm, client_key).digest(), keys.stored)
    is_bound = _decode(final["binding"]) == first["gs2"].encode() and final["nonce"] == nonce
    if not (is_proven and exists and is_bound):
        raise refused
    if first["identity"] and _unescape(first["identity"]) != name:
        raise AuthenticationFailed(OTHER_IDENTITY)
    proof = base64.b64encode(hmac.digest(keys.server, message, algorithm))
    return Done(name, b"v=" + proof)


def _name_of(algorithm: str) -> str:
    return f"SCRAM-SHA-{algorithm.removeprefix('sha')}"


def _parse(pattern: re.Pattern[str], token: bytes) -> re.Match[str]:
    try:
        found = pattern.fullmatch(token.decode())
    except UnicodeDecodeError as error:
        raise AuthenticationFailed("Invalid SASL/SCRAM message: not UTF-8") from error
    if found is None:
        raise AuthenticationFailed("Invalid SASL/SCRAM message")
    return found


def _unescape(name: str) -> str:
    if re.search("=(?!2C|3D)", name):
        raise AuthenticationFailed("Invalid SASL/SCRAM message: an escape in the name")
    return re.sub("=2C|=3D", lambda found: NAME_ESCAPES[found[0]], name)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:  # the latter: not ASCII
        raise AuthenticationFailed("Invalid SASL/SCRAM message: not base64") from error


def _xor(proof: bytes, signature: bytes) -> bytes:
    if len(proof) != len(signature):
        raise AuthenticationFailed("Invalid SASL/SCRAM message: the proof's length")
    return bytes(left ^ right for left, right in zip(proof, signature, strict=True))


CONVERSATIONS: dict[str, Callable[[Credentials], Conversation]] = {
    "PLAIN": plain,
    "SCRAM-SHA-256": partial(scram, "sha256"),
    "SCRAM-SHA-512": partial(scram, "sha512"),
}

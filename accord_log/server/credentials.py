"""The users of a listener, asked in ways that tell nobody which names exist."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The least that RFC 7677 allows and the default of Apache Kafka. More would protect nothing: the
# passwords are here in clear, so that PLAIN and SCRAM work with the same.
ITERATIONS = 4096
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class ScramKeys:
    """What a server knows of one user for one hash: see RFC 5802, section 3."""

    stored: bytes
    server: bytes


class AuthenticationFailed(Exception):
    """A client did not prove to be whom it says; the text is sent to it."""


class Credentials:
    """Passwords by name, and what is derived from them."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._passwords = {name: password.encode() for name, password in users.items()}
        # Of a name that does not exist.
        self._decoy = secrets.token_bytes(32)
        self._salt_key = secrets.token_bytes(32)
        self.scram_keys: Callable[[str], dict[str, ScramKeys]] = cache(self._scram_keys)

    def matches(self, name: str, password: str) -> bool:
        """Tell whether there is a user of this name and password."""
        expected = self._passwords.get(name, self._decoy)
        # Of hashes, whose lengths tell nothing either.
        equal = hmac.compare_digest(_digest(expected), _digest(password.encode()))
        return equal and name in self._passwords

    def salt(self, name: str) -> bytes:
        """Return a salt that stays the same for a name, whether there is a user or not."""
        return hmac.digest(self._salt_key, name.encode(), "sha256")[:SALT_BYTES]

    def keys(self, algorithm: str, name: str) -> tuple[ScramKeys, bool]:
        """Return a user's keys and True, or keys that nobody has the password of and False."""
        known = self.scram_keys(algorithm)
        found = known.get(name)
        return (known[""], False) if found is None else (found, True)

    def _scram_keys(self, algorithm: str) -> dict[str, ScramKeys]:
        """Derive the keys of all users at once: one by one, it would show who never came before."""
        keys = {
            name: derive(algorithm, password, self.salt(name))
            for name, password in self._passwords.items()
        }
        return {"": derive(algorithm, self._decoy, self.salt("")), **keys}


def _digest(password: bytes) -> bytes:
    return hashlib.sha256(password).digest()


def derive(algorithm: str, password: bytes, salt: bytes) -> ScramKeys:
    """Return the keys of RFC 5802, section 3."""
    salted = hashlib.pbkdf2_hmac(algorithm, password, salt, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", algorithm)
    return ScramKeys(
        stored=hashlib.new(algorithm, client).digest(),
        server=hmac.digest(salted, b"Server Key", algorithm),
    )

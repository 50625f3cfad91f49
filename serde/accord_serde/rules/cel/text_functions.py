"""Functions of CEL that tell the kind of a text, from isEmail to isUuid."""

from __future__ import annotations

import re
import uuid
from email.utils import parseaddr
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from accord_serde.rules.cel.library import CELEvalError, celtypes

if TYPE_CHECKING:
    from collections.abc import Callable

# RFC 1035, section 2.3.4; RFC 5321, section 4.5.3.1
_MAX_HOSTNAME = 253
_MAX_EMAIL = 254
_MAX_LOCAL_PART = 64

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def _is_hostname(text: str) -> bool:
    labels = text.removesuffix(".").split(".")
    return (
        len(text) <= _MAX_HOSTNAME
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def _is_email(text: str) -> bool:
    local, _, host = text.partition("@")
    return (
        len(text) <= _MAX_EMAIL
        and len(local) <= _MAX_LOCAL_PART
        and _is_hostname(host)
        and parseaddr(text)[1] == text
    )


def _is_uri(text: str) -> bool:
    parts = urlparse(text)
    return bool(parts.scheme and parts.netloc and parts.path)


def _is_uri_ref(text: str) -> bool:
    parts = urlparse(text)
    return bool(parts.scheme and parts.path) or not parts.fragment


def _parses(parse: Callable[[Any], object]) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return test


def _predicate(
    test: Callable[[Any], bool], kinds: tuple[type, ...], expected: str
) -> Callable[[Any], celtypes.BoolType]:
    def function(value: Any) -> celtypes.BoolType:
        if not isinstance(value, kinds):
            raise CELEvalError(f"invalid argument, expected {expected}")
        return celtypes.BoolType(test(value))

    return function


_TEXT = (celtypes.StringType,)
_TEXT_OR_BYTES = (celtypes.StringType, celtypes.BytesType)

TEXT_FUNCTIONS = {
    "isEmail": _predicate(_is_email, _TEXT, "string"),
    "isHostname": _predicate(_is_hostname, _TEXT, "string"),
    "isUri": _predicate(_is_uri, _TEXT, "string"),
    "isUriRef": _predicate(_is_uri_ref, _TEXT, "string"),
    "isUuid": _predicate(_parses(uuid.UUID), _TEXT, "string"),
    "isIpv4": _predicate(_parses(IPv4Address), _TEXT_OR_BYTES, "string or bytes"),
    "isIpv6": _predicate(_parses(IPv6Address), _TEXT_OR_BYTES, "string or bytes"),
}

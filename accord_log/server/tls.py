"""TLS: the context of a listener, and the name in a client's certificate."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accord_log.server.settings import TlsSettings

# RFC 4514, section 3; OpenSSL has the long names.
SHORT_NAMES = {
    "commonName": "CN",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "countryName": "C",
    "streetAddress": "STREET",
    "domainComponent": "DC",
    "userId": "UID",
}
ESCAPED = re.compile(r'^[ #]|[,+"\\<>;]| $')


def server_context(settings: TlsSettings, on_failure: Callable[[str], None]) -> ssl.SSLContext:
    """Return a context for accepting. Raises OSError, of which ssl.SSLError is one.

    `on_failure` is told why a handshake failed, which event loops keep to themselves.
    """

    class Side(ssl.SSLObject):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as error:
                on_failure(error.reason or str(error))
                raise

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = Side
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Costs the server more than the one who asks for it, and no Kafka client does.
    context.options |= ssl.OP_NO_RENEGOTIATION
    # Without a password OpenSSL would ask for it at the terminal.
    context.load_cert_chain(settings.certificate, settings.key, settings.key_password or "")
    if settings.client_authorities is not None:
        context.load_verify_locations(settings.client_authorities)
        needs = settings.requires_client_certificate
        context.verify_mode = ssl.CERT_REQUIRED if needs else ssl.CERT_OPTIONAL
    return context


def subject_of(certificate: Mapping[str, Any]) -> str:
    """Return the subject as Apache Kafka spells it: RFC 4514, the last part first."""
    parts = [
        "+".join(f"{SHORT_NAMES.get(name, name)}={_escape(value)}" for name, value in part)
        for part in certificate["subject"]
    ]
    return ",".join(reversed(parts))


def _escape(value: str) -> str:
    return ESCAPED.sub(lambda found: "\\" + found[0], value)

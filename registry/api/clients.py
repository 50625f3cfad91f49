"""What single clients need beyond the contract, told by the headers they send."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def keeps_what_it_reads(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether the client takes the answer to GET by id for all there is to a registration.

    Confluent's Python client (2.16) does when it names the subject: it remembers the answer as what
    is registered there and frames messages with the `id` in it, which Confluent's answer lacks.
    """
    return headers.get(b"confluent-client-version", b"").startswith(b"python/")

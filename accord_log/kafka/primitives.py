"""What compiled decoders and encoders call where they do not do it in place.

Lengths of flexible versions and tags are unsigned varints: seven bits to a byte, the lowest first.
A length is told plus one, so that null is zero.

tag buffer   = count, field *
field        = tag, size, what it holds
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord_log.kafka.fields import Buffer

# A byte from here on says that there is another one.
MORE = 128
# Kafka writes lengths and tags as 32 bits; the fifth byte has the last of them.
LAST_SHIFT = 28
# How many elements of arrays and tagged fields one message may have, as three bytes can become an
# object of 300. Those are 150 MB, not much more than the largest request that Apache Kafka takes,
# and more than twice the 200 000 partitions that its clusters are advised to stay below.
MAX_ELEMENTS = 500_000


def varint(number: int) -> bytes:
    """Return the bytes of an unsigned varint."""
    written = bytearray()
    while number >= MORE:
        written.append(number % MORE + MORE)
        number //= MORE
    written.append(number)
    return bytes(written)


# Those of one byte, and of the lengths that are written most often.
VARINTS = tuple(map(varint, range(1024)))


def rest_of_varint(data: Buffer, position: int, first: int) -> tuple[int, int]:
    """Read on after a first byte of `MORE` or above; return the number and where it ends.

    Raises IndexError where the bytes end.
    """
    number, shift = first - MORE, 7
    while (byte := data[position]) >= MORE:
        if shift == LAST_SHIFT:
            raise ProtocolError("a varint has more than five bytes")
        number |= byte - MORE << shift
        shift += 7
        position += 1
    return number | byte << shift, position + 1


def read_varint(data: Buffer, position: int) -> tuple[int, int]:
    """Return an unsigned varint and where it ends. Raises IndexError where the bytes end."""
    first = data[position]
    if first < MORE:
        return first, position + 1
    return rest_of_varint(data, position + 1, first)


def tag_and_end(data: Buffer, position: int) -> tuple[int, int, int]:
    """Return the tag of a tagged field, where the field ends, and where what it holds begins."""
    tag, position = read_varint(data, position)
    size, position = read_varint(data, position)
    if position + size > len(data):
        raise ProtocolError(f"tagged field {tag} of {size} bytes goes beyond the end")
    return tag, position + size, position


def skip_tags(data: Buffer, position: int, first: int, room: int) -> tuple[int, int]:
    """Skip a tag buffer whose count begins with the byte `first`, before `position`.

    Return where it ends, and how many elements the message may still have.
    """
    count = first
    if count >= MORE:
        count, position = rest_of_varint(data, position, first)
    if count > room:
        raise ProtocolError(f"{count} tagged fields are too many")
    for _ in range(count):
        _, position, _ = tag_and_end(data, position)
    return position, room - count


def tagged_field(tag: int, parts: Iterable[Buffer]) -> bytes:
    """Return a tagged field that holds what the parts make together."""
    held = b"".join(parts)
    return b"".join((varint(tag), varint(len(held)), held))

"""The descriptor messages this package works with.

They come from a pool of our own: in the default pool another library may have registered custom
options, and a registered map option forgets the order its entries were written in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

if TYPE_CHECKING:
    from google.protobuf.message import Message

DESCRIPTOR_PATH: Final = "google/protobuf/descriptor.proto"

_POOL = DescriptorPool()
_POOL.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)

FileProto = cast(
    "type[descriptor_pb2.FileDescriptorProto]",
    GetMessageClass(_POOL.FindMessageTypeByName("google.protobuf.FileDescriptorProto")),
)


def known_pool() -> DescriptorPool:
    """Return the pool that knows the standard options and no others."""
    return _POOL


def option_class(pool: DescriptorPool, options: Message) -> type[Message]:
    """Return the class of these options in a pool, where more extensions may be known."""
    return GetMessageClass(pool.FindMessageTypeByName(options.DESCRIPTOR.full_name))

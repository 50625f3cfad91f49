"""Who a consumer is in its group, for transactions that commit its offsets."""

from __future__ import annotations

from typing import NamedTuple

NO_GENERATION = -1


class ConsumerGroupMetadata(NamedTuple):
    """What `Consumer.consumer_group_metadata` returns; to be passed on as it is."""

    group_id: str
    generation_id: int = NO_GENERATION
    member_id: str = ""
    group_instance_id: str | None = None

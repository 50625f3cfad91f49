"""The settings as the event log takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.settings import BrokerSettings
from accord_log.server.settings import (
    ListenerSettings,
    SaslSettings,
    ServerSettings,
    TlsSettings,
)
from registry.settings import address_of

if TYPE_CHECKING:
    from registry.settings import Settings

# What an operator writes for every interface of the machine.
EVERY_INTERFACE = "0.0.0.0"  # noqa: S104 - compared with, not listened on


def broker_settings(settings: Settings) -> BrokerSettings:
    return BrokerSettings(
        cluster_id=settings.kafka_cluster_id,
        auto_create_topics=settings.auto_create_topics,
        default_partitions=settings.default_partitions,
        max_message_bytes=settings.max_message_bytes,
        retention_ms=settings.log_retention_ms,
        retention_bytes=settings.log_retention_bytes,
        segment_bytes=settings.log_segment_bytes,
        offsets_retention_ms=settings.offsets_retention_ms,
    )


def listener_settings(settings: Settings) -> ListenerSettings:
    advertised = settings.advertised_listener
    return ListenerSettings(
        host="" if settings.kafka_host == EVERY_INTERFACE else settings.kafka_host,
        port=settings.kafka_port,
        advertised=None if advertised is None else address_of(advertised),
        tls=_tls(settings),
        sasl=SaslSettings(users=settings.sasl_users) if settings.sasl_users else None,
    )


def _tls(settings: Settings) -> TlsSettings | None:
    if settings.kafka_tls_certificate is None:
        return None
    return TlsSettings(
        certificate=settings.kafka_tls_certificate,
        key=settings.kafka_tls_key,
        client_authorities=settings.kafka_tls_client_ca,
    )


def server_settings(settings: Settings) -> ServerSettings:
    return ServerSettings(
        listeners=(listener_settings(settings),),
        max_request_bytes=settings.kafka_max_request_bytes,
        max_connections=settings.kafka_max_connections,
        max_connections_per_address=settings.kafka_max_connections,
        grace_ms=settings.shutdown_grace_seconds * 1000,
    )

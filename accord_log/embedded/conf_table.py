"""The configuration of producers and consumers: names, defaults and limits, as tables.

Names and defaults are librdkafka's, but for `partitioner`, which is that of the Java clients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeAlias

    Value: TypeAlias = Any

MAX_INT = 2**31 - 1
DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Setting:
    """One property; its type is that of its default, where None stands for text or a callable."""

    name: str
    default: Value
    least: float = 0
    most: float = MAX_INT
    choices: tuple[str, ...] = ()
    is_callable: bool = False


BOTH = (
    Setting("client.id", "rdkafka"),
    Setting("allow.auto.create.topics", default=False),
    Setting("error_cb", None, is_callable=True),
)
PRODUCER = (
    *BOTH,
    Setting("acks", "all", choices=("0", "1", "-1", "all")),
    Setting("batch.num.messages", 10_000, 1, 1_000_000),
    Setting("batch.size", 1_000_000, 1),
    Setting("compression.type", "none", choices=("none", "gzip", "snappy", "lz4", "zstd")),
    Setting("enable.idempotence", default=False),
    Setting("linger.ms", 5.0, 0, 900_000),
    Setting("message.max.bytes", 1_000_000, 1000, 1_000_000_000),
    Setting("on_delivery", None, is_callable=True),
    Setting(
        "partitioner",
        "murmur2_random",
        choices=(
            "murmur2_random",
            "murmur2",
            "consistent_random",
            "consistent",
            "fnv1a_random",
            "fnv1a",
            "random",
        ),
    ),
    Setting("queue.buffering.max.messages", 100_000, 0),
    Setting("transaction.timeout.ms", 60_000, 1000),
    Setting("transactional.id", None),
)
CONSUMER = (
    *BOTH,
    Setting("auto.commit.interval.ms", 5000, 0, DAY_MS),
    Setting("auto.offset.reset", "latest", choices=("earliest", "latest", "error")),
    Setting("enable.auto.commit", default=True),
    Setting("enable.auto.offset.store", default=True),
    Setting("enable.partition.eof", default=False),
    Setting("fetch.message.max.bytes", 1_048_576, 1, 1_000_000_000),
    Setting("group.id", None),
    Setting("group.instance.id", None),
    Setting("group.protocol", "classic", choices=("classic",)),
    Setting("heartbeat.interval.ms", 3000, 1, 3_600_000),
    Setting("isolation.level", "read_committed", choices=("read_committed", "read_uncommitted")),
    Setting("max.poll.interval.ms", 300_000, 1, DAY_MS),
    Setting("on_commit", None, is_callable=True),
    Setting("partition.assignment.strategy", "range,roundrobin"),
    Setting("session.timeout.ms", 45_000, 1, 3_600_000),
)

# Other names of the same.
ALIASES = {
    "compression.codec": "compression.type",
    "delivery.report.callback": "on_delivery",
    "max.partition.fetch.bytes": "fetch.message.max.bytes",
    "queue.buffering.max.ms": "linger.ms",
    "request.required.acks": "acks",
}
OFFSET_RESETS = {
    "smallest": "earliest",
    "beginning": "earliest",
    "largest": "latest",
    "end": "latest",
}

# Properties of clients that reach their broker over a network or through queues of their own:
# accepted in any value, so that a program runs with the conf it has, and without effect.
NO_EFFECT = frozenset(
    [
        "topic.metadata.refresh.interval.ms",
        "fetch.max.bytes",
        "queue.buffering.max.kbytes",
        "api.version.fallback.ms",
        "api.version.request",
        "api.version.request.timeout.ms",
        "auto.commit.enable",
        "background_event_cb",
        "bootstrap.servers",
        "broker.address.family",
        "broker.address.ttl",
        "broker.version.fallback",
        "builtin.features",
        "check.crcs",
        "client.dns.lookup",
        "client.rack",
        "closesocket_cb",
        "coordinator.query.interval.ms",
        "compression.level",
        "connect_cb",
        "connections.max.idle.ms",
        "consume.callback.max.messages",
        "debug",
        "delivery.report.only.error",
        "delivery.timeout.ms",
        "dr_cb",
        "dr_msg_cb",
        "enable.gapless.guarantee",
        "enable.metrics.push",
        "enable.random.seed",
        "enable.sasl.oauthbearer.unsecure.jwt",
        "enable.ssl.certificate.verification",
        "enabled_events",
        "fetch.error.backoff.ms",
        "fetch.min.bytes",
        "fetch.queue.backoff.ms",
        "fetch.wait.max.ms",
        "group.protocol.type",
        "group.remote.assignor",
        "interceptors",
        "internal.termination.signal",
        "log.connection.close",
        "log.queue",
        "log.thread.name",
        "log_cb",
        "log_level",
        "logger",
        "max.in.flight",
        "max.in.flight.requests.per.connection",
        "message.copy.max.bytes",
        "message.send.max.retries",
        "message.timeout.ms",
        "metadata.broker.list",
        "metadata.max.age.ms",
        "metadata.recovery.rebootstrap.trigger.ms",
        "metadata.recovery.strategy",
        "msg_order_cmp",
        "oauth_cb",
        "oauthbearer_token_refresh_cb",
        "offset.store.method",
        "offset.store.path",
        "offset.store.sync.interval.ms",
        "opaque",
        "open_cb",
        "plugin.library.paths",
        "queue.buffering.backpressure.threshold",
        "queued.max.messages.kbytes",
        "queued.min.messages",
        "queuing.strategy",
        "receive.message.max.bytes",
        "reconnect.backoff.jitter.ms",
        "reconnect.backoff.max.ms",
        "reconnect.backoff.ms",
        "request.timeout.ms",
        "resolve_cb",
        "retries",
        "retry.backoff.max.ms",
        "retry.backoff.ms",
        "sasl.kerberos.keytab",
        "sasl.kerberos.kinit.cmd",
        "sasl.kerberos.min.time.before.relogin",
        "sasl.kerberos.principal",
        "sasl.kerberos.service.name",
        "sasl.mechanism",
        "sasl.mechanisms",
        "sasl.oauthbearer.assertion.algorithm",
        "sasl.oauthbearer.client.id",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "sasl.oauthbearer.extensions",
        "sasl.oauthbearer.method",
        "sasl.oauthbearer.scope",
        "sasl.oauthbearer.token.endpoint.url",
        "sasl.password",
        "sasl.username",
        "security.protocol",
        "socket.blocking.max.ms",
        "socket.connection.setup.timeout.ms",
        "socket.keepalive.enable",
        "socket.max.fails",
        "socket.nagle.disable",
        "socket.receive.buffer.bytes",
        "socket.send.buffer.bytes",
        "socket.timeout.ms",
        "socket_cb",
        "ssl.ca.certificate.stores",
        "ssl.ca.location",
        "ssl.ca.pem",
        "ssl.certificate.location",
        "ssl.certificate.pem",
        "ssl.certificate.verify_cb",
        "ssl.cipher.suites",
        "ssl.crl.location",
        "ssl.curves.list",
        "ssl.endpoint.identification.algorithm",
        "ssl.engine.id",
        "ssl.engine.location",
        "ssl.key.location",
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.location",
        "ssl.keystore.password",
        "ssl.providers",
        "ssl.sigalgs.list",
        "statistics.interval.ms",
        "stats_cb",
        "sticky.partitioning.linger.ms",
        "throttle_cb",
        "topic.blacklist",
        "topic.metadata.propagation.max.ms",
        "topic.metadata.refresh.fast.cnt",
        "topic.metadata.refresh.fast.interval.ms",
        "topic.metadata.refresh.sparse",
    ]
)

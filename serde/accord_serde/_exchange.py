"""When to send, to whom, and how long to wait: the policy, without sockets or clocks.

`exchange` is driven from outside: it yields a request to send (and is sent back the reply, or the
error that stood in its way) or a number of seconds to wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from accord_serde._call import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `endpoint` is the place of its address among the configured ones."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    endpoint: int = 0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try again, and the bounds of the wait before that in milliseconds."""

    max_retries: int = 3
    wait_ms: int = 1000
    max_wait_ms: int = 20_000

    def pause(self, retry: int, jitter: float) -> float:
        """Return the seconds to wait before retry number `retry`, counted from 0.

        `jitter` in [0, 1) takes the whole of the exponential bound apart ("full jitter").
        """
        bound = min(self.wait_ms * 2.0 ** min(retry, 64), self.max_wait_ms)
        return jitter * bound / 1000


Step: TypeAlias = "Request | float"
Outcome: TypeAlias = "Reply | Exception | None"


def exchange(
    requests: Sequence[Request], policy: RetryPolicy, jitter: Callable[[], float]
) -> Generator[Step, Outcome, tuple[Reply, Request]]:
    """Return the reply that settles the matter, and the request that got it.

    It is a success, a refusal, or the last of the failures.

    All of `requests` say the same to different nodes, and are tried one after the other before
    any wait: a node that is down costs its clients no pause while another one is up.
    Raises the last error where the last request got no reply.
    """
    outcome: Outcome = None
    for retry in range(-1, policy.max_retries):
        if retry >= 0:
            yield policy.pause(retry, jitter())
        for request in requests:
            outcome = yield request
            if isinstance(outcome, Reply) and not outcome.is_retriable:
                return outcome, request
    if isinstance(outcome, Reply):
        return outcome, requests[-1]
    assert isinstance(outcome, Exception)
    outcome.add_note(
        f"tried {policy.max_retries + 1} times: {', '.join(request.url for request in requests)}"
    )
    raise outcome

from __future__ import annotations

from accord_log.kafka.api_ranges import ADVERTISED
from accord_log.kafka.messages import REQUESTS


def test_what_is_spoken_is_advertised_and_nothing_else() -> None:
    spoken = {key: request.versions for key, request in REQUESTS.items()}
    assert {**spoken, 0: range(11)} == ADVERTISED


def test_produce_is_advertised_from_version_0_for_old_librdkafka() -> None:
    assert REQUESTS[0].versions == range(3, 11)
    assert ADVERTISED[0] == range(11)


def test_a_request_and_its_response_have_the_same_versions() -> None:
    for request in REQUESTS.values():
        response = request.response
        assert (response.api_key, response.versions, response.flexible) == (
            request.api_key,
            request.versions,
            request.flexible,
        )

"""The root and /v1/metadata, and what the frame does with paths, methods and request ids."""

from __future__ import annotations

from contract.case import ANY, Ask, Case, delete, get, ok, post, put, refused
from contract.documents import Ordered

# fmt: off

ROOT, ROOT_POST = "GET /", "POST /"
CLUSTER = "GET /v1/metadata/id"
VERSION = "GET /v1/metadata/version"
DEPLOYMENT = "GET /v1/metadata/deployment"
NOT_FOUND = refused(404, 404, "HTTP 404 Not Found")
WRONG_METHOD = refused(405, 405, "HTTP 405 Method Not Allowed")


class Filled(str):
    """Any text that is not empty."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and bool(other)

    __hash__ = str.__hash__


def clusters(kafka: str, registry: str) -> dict[str, object]:
    named = Ordered({"kafka-cluster": kafka, "schema-registry-cluster": registry})
    return Ordered(scope=Ordered(path=[], clusters=named))


METADATA = (
    Case(ROOT, "hello", get("/"), ok({})),
    Case(ROOT_POST, "hello", post("/", {}), ok({})),
    Case(ROOT_POST, "hello, whatever is sent", post("/", {"a": {"b": [1]}}), ok({})),
    Case(ROOT_POST, "hello to nothing", post("/"), ok({})),
    Case(CLUSTER, "as they are when nobody names them", get("/v1/metadata/id"),
         ok(clusters("accord", "schema-registry"))),
    Case(CLUSTER, "as the operator names them", get("/v1/metadata/id"),
         ok(clusters("k-1", "sr-1")),
         settings={"kafka_cluster_id": "k-1", "registry_cluster_id": "sr-1"}),
    Case(VERSION, "of the server", get("/v1/metadata/version"),
         ok(Ordered(version=Filled("0"), commitId=ANY))),
    Case(DEPLOYMENT, "no attributes", get("/v1/metadata/deployment"), ok({"attributes": []})),
)

PATHS = (
    Case(ROOT, "an unknown path", get("/nonsense"), NOT_FOUND),
    Case(ROOT, "an unknown path below a known one", get("/subjects/s/nonsense"), NOT_FOUND),
    Case(ROOT, "exporters are not there", get("/exporters"), NOT_FOUND),
    Case(ROOT, "keys are not there", get("/dek-registry/v1/keks"), NOT_FOUND),
    Case(ROOT, "no v2", get("/v2/metadata/id"), NOT_FOUND),
    Case(ROOT, "half an escape", get("/subjects/%zz/versions"), refused(400, 400, ANY)),
    Case(CLUSTER, "a slash at the end", get("/v1/metadata/id/"), ok(ANY)),
    Case(CLUSTER, "unknown parameters", get("/v1/metadata/id?x=1"), ok(ANY)),
    *(Case(ROOT, f"wrong method: {method} {path}", Ask(method, path), WRONG_METHOD)
      for method, path in (
          ("PUT", "/"), ("DELETE", "/"), ("POST", "/subjects"), ("PUT", "/subjects/s"),
          ("GET", "/subjects/s"), ("PATCH", "/config"), ("POST", "/config"), ("POST", "/mode"),
          ("POST", "/contexts"), ("DELETE", "/schemas/ids/1"), ("POST", "/schemas/ids/1"),
          ("GET", "/compatibility/subjects/s/versions"), ("PUT", "/subjects/s/versions/1"),
          ("GET", "/associations"), ("DELETE", "/associations"), ("GET", "/associations:batchGet"),
          ("POST", "/associations/resources/r"), ("POST", "/v1/metadata/id"))),
    Case(ROOT, "what a method may be", delete("/subjects"),
         refused(405, 405, "HTTP 405 Method Not Allowed")),
    Case(ROOT, "HEAD of what can be got", Ask("HEAD", "/subjects"), ok()),
    Case(ROOT, "HEAD of what is not there", Ask("HEAD", "/subjects/s/versions/1"), ok(status=404)),
    Case(ROOT, "OPTIONS", Ask("OPTIONS", "/config"),
         ok(text="", headers={"allow": "GET, HEAD, PUT, DELETE, OPTIONS"})),
    Case(ROOT, "OPTIONS of what is not there", Ask("OPTIONS", "/nonsense"), NOT_FOUND),
)

REQUEST_IDS = (
    Case(ROOT, "the request's id comes back", get("/", headers={"X-Request-ID": "abc-1"}),
         ok({}, headers={"x-request-id": "abc-1"})),
    Case(ROOT, "a request without id gets one", get("/"),
         ok({}, headers={"x-request-id": Filled("x")})),
    Case(ROOT, "a refused request's id comes back too",
         get("/nonsense", headers={"X-Request-ID": "abc-2"}),
         ok(ANY, status=404, headers={"x-request-id": "abc-2"})),
    Case("PUT /config", "headers that clients send have no say", put("/config", {}, headers={
        "X-Forward": "true", "X-Forwarded-For": "10.0.0.1", "target-sr-cluster": "lsrc-1",
        "Confluent-Identity-Pool-Id": "p", "Confluent-Client-Version": "java/8.3",
        "Confluent-Accept-Unknown-Properties": "true"}), ok({})),
)

CASES = (*METADATA, *PATHS, *REQUEST_IDS)

"""Which bodies are read and which types are written, on every kind of route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.case import ANY, Case, Gives, delete, get, ok, post, put, refused, register
from contract.documents import version
from contract.texts import STRING

if TYPE_CHECKING:
    from contract.case import Ask

# fmt: off

V1 = "application/vnd.schemaregistry.v1+json"
UNVERSIONED = "application/vnd.schemaregistry+json"
PLAIN = "application/json"
OCTETS = "application/octet-stream"

NOT_ACCEPTABLE = refused(406, 406, "HTTP 406 Not Acceptable")
UNSUPPORTED = refused(415, 415, "HTTP 415 Unsupported Media Type")
NOT_FOUND = refused(404, 404, "HTTP 404 Not Found")


def typed(gives: Gives, media_type: str) -> Gives:
    return Gives(gives.status, gives.json, gives.text, {"content-type": media_type})


# accept: the type of the answer
ACCEPTED = {
    "": V1,
    "*/*": V1,
    "application/*": V1,
    V1: V1,
    UNVERSIONED: UNVERSIONED,
    PLAIN: PLAIN,
    f"{PLAIN}; charset=utf-8": PLAIN,
    f"text/html, {PLAIN};q=0.9": PLAIN,
    f"{PLAIN}, {V1}": V1,
    f"{PLAIN};q=0.5, {UNVERSIONED};q=0.4": PLAIN,
    f"{V1};q=0, */*": UNVERSIONED,
    "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2": V1,
    "Application/JSON": PLAIN,
}
ONE = version("s", 1, 1, STRING)
THERE = (register("s", STRING),)
READ = {
    "GET /subjects": (get("/subjects"), ok(["s"])),
    "GET /subjects/{subject}/versions/{version}": (get("/subjects/s/versions/1"), ok(ONE)),
    "GET /subjects/{subject}/versions/{version}/schema": (
        get("/subjects/s/versions/1/schema"), ok(text=STRING)),
    "GET /schemas/ids/{id}": (get("/schemas/ids/1"), ok(ANY)),
    "GET /config": (get("/config"), ok({"compatibilityLevel": "BACKWARD"})),
    "GET /mode/{subject}": (
        get("/mode/s"),
        refused(404, 40409, "Subject 's' does not have subject-level mode configured")),
}


def asked(ask: Ask, **headers: str) -> Ask:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return type(ask)(ask.method, ask.path, ask.json, ask.raw, named)


ANSWERS = tuple(
    Case(route, f"accept {accept or 'nothing said'}", asked(ask, accept=accept),
         typed(gives, media_type), THERE)
    for route, (ask, gives) in READ.items()
    for accept, media_type in ACCEPTED.items()
)
REFUSED_ANSWERS = tuple(
    Case(route, f"accept {accept}", asked(ask, accept=accept), typed(NOT_ACCEPTABLE, V1), THERE)
    for route, (ask, _) in READ.items()
    for accept in ("text/html", "application/xml", f"{PLAIN};q=0", "nonsense", "text/*")
)

SENT = {
    "POST /subjects/{subject}/versions": (
        "POST", "/subjects/s/versions", '{"schema":"\\"string\\""}', ok({"id": 1})),
    "PUT /config": ("PUT", "/config", '{"compatibility":"FULL"}', ok({"compatibility": "FULL"})),
    "PUT /mode/{subject}": ("PUT", "/mode/s", '{"mode":"READONLY"}', ok({"mode": "READONLY"})),
    "POST /compatibility/subjects/{subject}/versions": (
        "POST", "/compatibility/subjects/s/versions", '{"schema":"\\"int\\""}',
        ok({"is_compatible": True})),
    "POST /associations:batchGet": (
        "POST", "/associations:batchGet", '{"requests":[{"resourceId":"r"}]}', ok(ANY, status=207)),
}
TAKEN = (V1, UNVERSIONED, PLAIN, OCTETS, f"{PLAIN}; charset=utf-8", f"{V1};charset=UTF-8",
         "Application/Json", "")
NOT_TAKEN = ("text/plain", "application/x-www-form-urlencoded", "application/xml",
             "application/avro", "multipart/form-data; boundary=x", "*/*", "nonsense")


def sends(method: str, path: str, text: str, **headers: str) -> Ask:
    make = {"POST": post, "PUT": put}[method]
    return asked(make(path, raw=text.encode()), **headers)


BODIES = tuple(
    Case(route, f"content type {sent or 'nothing said'}",
         sends(method, path, text, content_type=sent), gives)
    for route, (method, path, text, gives) in SENT.items()
    for sent in TAKEN
)
REFUSED_BODIES = tuple(
    Case(route, f"content type {sent}", sends(method, path, text, content_type=sent), UNSUPPORTED)
    for route, (method, path, text, _) in SENT.items()
    for sent in NOT_TAKEN
)

REGISTER = "POST /subjects/{subject}/versions"
SCHEMA = SENT[REGISTER][2]
ORDER = (
    Case(REGISTER, "an unknown path before a bad type",
         sends("POST", "/nonsense", SCHEMA, content_type="text/plain"), NOT_FOUND),
    Case(REGISTER, "a wrong method before a bad type",
         sends("PUT", "/subjects/s/versions", SCHEMA, content_type="text/plain"),
         refused(405, 405, "HTTP 405 Method Not Allowed")),
    Case(REGISTER, "a bad type before a bad accept",
         sends("POST", "/subjects/s/versions", SCHEMA, content_type="text/plain", accept="text/*"),
         UNSUPPORTED),
    Case(REGISTER, "a bad accept registers nothing",
         sends("POST", "/subjects/s/versions", SCHEMA, accept="text/html"), NOT_ACCEPTABLE,
         after=((get("/subjects"), ok([])),)),
    Case(REGISTER, "an error in the type that was asked for",
         sends("POST", "/subjects/s/versions", "{bad}", accept=PLAIN),
         typed(refused(400, 400, ANY), PLAIN)),
    Case(REGISTER, "a compressed body",
         sends("POST", "/subjects/s/versions", SCHEMA, content_encoding="gzip"), UNSUPPORTED),
    Case(REGISTER, "a body that says it is not compressed",
         sends("POST", "/subjects/s/versions", SCHEMA, content_encoding="identity"), ok({"id": 1})),
    Case(REGISTER, "too large a body", sends("POST", "/subjects/s/versions",
         f'{{"schema":"{"x" * 3000}"}}'),
         refused(413, 413, "Request body is larger than the limit of 2048 bytes"),
         settings={"max_body_bytes": 2048}),
    Case("DELETE /subjects/{subject}", "deleting reads no body",
         asked(delete("/subjects/s"), content_type="text/plain"), ok([1]), THERE),
    Case("GET /subjects", "reading sends no body",
         asked(get("/subjects"), content_type="text/plain"), ok([])),
)

CASES = (*ANSWERS, *REFUSED_ANSWERS, *BODIES, *REFUSED_BODIES, *ORDER)

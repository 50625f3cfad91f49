"""/subjects: lists, lookups, registrations, versions, deletes."""

from __future__ import annotations

from contract.case import (
    ANY,
    Case,
    Like,
    avro,
    delete,
    get,
    ok,
    post,
    put,
    refused,
    register,
)

STRING = '"string"'
STRING_GUID = "095d71cf-1255-6b9d-5e33-0ad575b3df5d"

CASES = (
    Case("GET /subjects", "none yet", get("/subjects"), ok([])),
    Case(
        "GET /subjects",
        "sorted, qualified outside the default context",
        get("/subjects"),
        ok([":.c:a", "a", "b"]),
        before=(register("b", STRING), register("a", STRING), register(":.c:a", STRING)),
    ),
    Case(
        "POST /subjects/{subject}",
        "unknown subject",
        post("/subjects/s", {"schema": STRING}),
        refused(404, 40401, "Subject 's' not found."),
    ),
)

"""Associations that cases are about: a topic `t` of the cluster `k`, and its subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, ok, post, put, refused, register
from contract.documents import MILLIS, Ordered
from contract.texts import INT, STRING

if TYPE_CHECKING:
    from contract.case import Ask, Gives

TOPIC = {"resourceName": "t", "resourceNamespace": "k", "resourceId": "r", "resourceType": "topic"}
OTHER_TOPIC = {**TOPIC, "resourceName": "u", "resourceId": "q"}
OWN_KEY, OWN_VALUE = ":.k:t-key", ":.k:t-value"
SUBJECTS = (register("s", STRING), register("x", INT))
PUT_PATH = "/associations/resources/r"


def weak(subject: str | None = "s", kind: str | None = None, **more: Any) -> dict[str, Any]:
    return {"subject": subject, "associationType": kind, **more}


def strong(schema: str = STRING, kind: str | None = None, **more: Any) -> dict[str, Any]:
    return {"associationType": kind, "schema": {"schema": schema}, **more}


def request(*ties: dict[str, Any], **resource: Any) -> dict[str, Any]:
    return {**TOPIC, **resource, "associations": list(ties)}


def create(*ties: dict[str, Any], query: str = "", **resource: Any) -> Ask:
    return post(f"/associations{query}", request(*ties, **resource))


def upsert(*ties: dict[str, Any], query: str = "", **resource: Any) -> Ask:
    return put(f"{PUT_PATH}{query}", request(*ties, **resource))


def info(
    subject: str, kind: str = "value", lifecycle: str = "WEAK", schema: str | None = None
) -> Ordered:
    """One association in the answer to a change."""
    found = Ordered(
        subject=subject, associationType=kind, lifecycle=lifecycle, frozen=lifecycle == "STRONG"
    )
    if schema is not None:
        found["schema"] = Ordered(schemaType="AVRO", schema=schema)
    return found


def changed(*infos: Ordered, **resource: Any) -> Ordered:
    """The answer to a change; nothing is said of associations when there is none."""
    found = Ordered({**TOPIC, **resource})
    if infos:
        found["associations"] = list(infos)
    return found


def entity(subject: str, kind: str = "value", lifecycle: str = "WEAK", **resource: Any) -> Ordered:
    """One association in a listing, where `frozen` is left out: the lifecycle implies it."""
    return Ordered(
        subject=subject,
        guid=ANY,
        **{**TOPIC, **resource},
        associationType=kind,
        lifecycle=lifecycle,
        createTs=MILLIS,
        updateTs=MILLIS,
    )


def invalid(name: str, detail: Any) -> Gives:
    message = f"The association specified an invalid value for property: '{name}', detail: {detail}"
    return refused(422, 42212, message)


def conflict(code: int, message: str) -> Gives:
    return refused(409, code, message)


def frozen(subject: str, kind: str = "value") -> Gives:
    message = f"The association of type  '{kind}' is frozen for subject '{subject}'"
    return conflict(40908, message)


def exists(kind: str = "value", resource: str = "r") -> Gives:
    message = f"An association of type '{kind}' already exists for resource '{resource}'"
    return conflict(40903, message)


def nothing_tied(resource: str = "r") -> tuple[Ask, Gives]:
    """What is asked afterwards where nothing may have been left behind."""
    return (
        post("/associations:batchGet", {"requests": [{"resourceId": resource}]}),
        ok(
            {"results": [{"result": {"resourceId": resource, "resourceType": "topic"}}]}, status=207
        ),
    )

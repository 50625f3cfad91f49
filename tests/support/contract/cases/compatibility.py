"""/compatibility: what is compared with what, and what is no question at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, Case, Like, avro, ok, post, refused, register
from contract.texts import (
    AS_JSON,
    FROM_ARRAY,
    INNER,
    INT,
    JSON,
    NOT_JSON,
    ONE,
    OUTER,
    STRICT,
    STRING,
    STRING_FROM_OBJECT,
    THREE,
    TWO,
    body,
    config,
    hard,
    level,
    mode,
    reference,
    soft,
    unreadable,
)

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ALL = "POST /compatibility/subjects/{subject}/versions"
VERSION = f"{ALL}/{{version}}"
YES, NO = ok({"is_compatible": True}), ok({"is_compatible": False})
YES_IN_WORDS = ok({"is_compatible": True, "messages": []})

# Old producers cannot be read without `a`: NOTHING reads them, but they do not read it.
NOTHING = avro()
HISTORY = (register("s", ONE), register("s", TWO))


def every(title: str, json: Any, gives: Gives, *before: Ask, query: str = "", **more: Any,
          ) -> tuple[Case, Case]:
    """Ask about the latest version and about what registration would look at."""
    path = "/compatibility/subjects/s/versions"
    return (
        Case(ALL, title, post(f"{path}{query}", json, **more), gives, before),
        Case(VERSION, title, post(f"{path}/latest{query}", json, **more), gives, before),
    )


def at(number: str, title: str, json: Any, gives: Gives, *before: Ask, query: str = "") -> Case:
    path = f"/compatibility/subjects/s/versions/{number}{query}"
    return Case(VERSION, title, post(path, json), gives, before)


# level: may TWO, NOTHING, STRICT and a text follow ONE?
VERDICTS = {
    "NONE": (YES, YES, YES, YES),
    "BACKWARD": (YES, YES, NO, NO),
    "BACKWARD_TRANSITIVE": (YES, YES, NO, NO),
    "FORWARD": (YES, NO, YES, NO),
    "FORWARD_TRANSITIVE": (YES, NO, YES, NO),
    "FULL": (YES, NO, NO, NO),
    "FULL_TRANSITIVE": (YES, NO, NO, NO),
}
NEXT = {"a field with a default": TWO, "a field less": NOTHING, "a field without a default": STRICT,
        "another type": STRING}

LEVELS = tuple(
    case
    for name, verdicts in VERDICTS.items()
    for (title, text), verdict in zip(NEXT.items(), verdicts, strict=True)
    for case in every(f"{name}: {title}", body(text), verdict, register("s", ONE), level(name))
)

# `z` has a default in the second version only, so THREE_Z may follow it and not the first.
Z_FIRST, Z_SECOND, Z_THIRD = avro("a"), avro("a", "z=1"), avro("a", "z")
EARLIER = (register("s", Z_FIRST), register("s", Z_SECOND))

PAST = (
    *every("only the latest at a level that is not transitive", body(Z_THIRD), YES, *EARLIER),
    Case(ALL, "every version at a transitive level",
         post("/compatibility/subjects/s/versions", body(Z_THIRD)), NO,
         (*EARLIER, level("BACKWARD_TRANSITIVE"))),
    at("latest", "one version even at a transitive level", body(Z_THIRD), YES, *EARLIER,
       level("BACKWARD_TRANSITIVE")),
    at("1", "an earlier version", body(Z_THIRD), NO, *EARLIER),
    at("2", "a later version", body(Z_THIRD), YES, *EARLIER),
    at("-1", "the latest as number", body(Z_THIRD), YES, *EARLIER),
    at("LATEST", "the latest in any case", body(Z_THIRD), YES, *EARLIER),
    *every("soft-deleted versions are not asked", body(Z_THIRD), NO, *EARLIER, soft("s", 2)),
    Case(ALL, "soft-deleted versions are not asked at a transitive level",
         post("/compatibility/subjects/s/versions", body(Z_THIRD)), YES,
         (*EARLIER, soft("s", 1), level("BACKWARD_TRANSITIVE"))),
    *every("what is there already", body(TWO), YES, *HISTORY),
    *every("what was there before", body(ONE), YES, *HISTORY),
)

EMPTY = (
    *every("no subject", body(ONE), YES),
    *every("no subject, in words", body(ONE), YES_IN_WORDS, query="?verbose=true"),
    *every("a soft-deleted subject", body(STRING), YES, *HISTORY, soft("s")),
    *every("not the subject of another context", body(STRING), YES, register(":.c:s", ONE)),
    *(at("1", f"no such version: {title}", body(STRING),
         refused(404, 40402, "Version 1 not found."), *before)
      for title, before in {
          "no subject": (),
          "soft-deleted": (*HISTORY, soft("s", 1)),
          "the subject soft-deleted": (*HISTORY, soft("s")),
          "removed for good": (*HISTORY, soft("s", 1), hard("s", 1)),
          "in another context only": (register(":.c:s", ONE),),
      }.items()),
    at("3", "no such version: too high", body(STRING), refused(404, 40402, "Version 3 not found."),
       *HISTORY),
    at("3", "no such version, whatever was sent", body("nonsense"),
       refused(404, 40402, "Version 3 not found."), *HISTORY),
    at("3", "no such version, not even in words", body(STRING),
       refused(404, 40402, "Version 3 not found."), *HISTORY, query="?verbose=true"),
    *(at(text, f"no number: {title}", body(ONE), refused(
        422, 42202, f"The specified version '{text}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"'))
      for title, text in {"zero": "0", "minus two": "-2", "text": "first", "a fraction": "1.5",
                          "beyond an int": "2147483648"}.items()),
)


def in_words(text: Any) -> Gives:
    return ok({"is_compatible": False, "messages": [text]})


NO_REFERENCE = 'No schema reference found for subject "inner" and version 1'
REFERS = body(OUTER, references=[reference("inner")])
BAD_DEFAULT = '{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}'
AVRO_START = "Invalid schema of type AVRO, details: Invalid schema "
BAD = {
    "nothing": (body(None), "Empty schema"),
    "no schema at all": ({}, "Empty schema"),
    "an empty schema": (body(""), "Empty schema"),
    "a blank schema": (body(" \t"), "Empty schema"),
    "an unknown type": (body(ONE, schemaType="XML"), "Invalid schema type XML"),
    "no Avro": (body("nonsense"), Like(AVRO_START)),
    "no JSON Schema": (body("nonsense", **AS_JSON), Like(
        "Invalid schema of type JSON, details: Invalid schema of type JSON, details: ")),
    "a reference to nowhere": (REFERS, Like(AVRO_START, NO_REFERENCE)),
    "a default of another type": (
        body(BAD_DEFAULT), Like(AVRO_START, 'Invalid default for field a: "x" not a "int"')),
}

INVALID = tuple(
    case
    for title, (json, text) in BAD.items()
    for case in (
        *every(title, json, refused(422, 42201, text), *HISTORY),
        *every(f"{title}, in words", json, in_words(text), *HISTORY, query="?verbose=true"),
        *every(f"{title}, of no subject", json, refused(422, 42201, text)),
    )
)


def null(name: str) -> Gives:
    return refused(422, 422, f"{name} must not be null (was null)")


BODIES = (
    *every("no JSON", None, NOT_JSON, *HISTORY, raw=b"{bad}"),
    *every("no JSON is no schema either", None, NOT_JSON, *HISTORY, raw=b"{bad}",
           query="?verbose=true"),
    *every("an array", [], FROM_ARRAY, *HISTORY),
    *every("a schema as object", {"schema": {}}, STRING_FROM_OBJECT, *HISTORY),
    *every("a schema as number", {"schema": 12}, unreadable("AVRO"), *HISTORY),
    *every("unknown fields", body(TWO, x=1), YES, *HISTORY),
    *every("an id that is none", body(ONE, id="abc"), refused(
        400, 400, 'Cannot deserialize value of type `Integer` from String "abc": '
        "not a valid `java.lang.Integer` value"), *HISTORY),
    *every("an id and a version have no say", body(TWO, id=77, version=9), YES, *HISTORY),
    Case(ALL, "no body", post("/compatibility/subjects/s/versions"),
         null("testCompatibilityForSubject.arg3")),
    Case(ALL, "null", post("/compatibility/subjects/s/versions", raw=b"null"),
         null("testCompatibilityForSubject.arg3")),
    Case(VERSION, "no body", post("/compatibility/subjects/s/versions/1"),
         null("testCompatibilityBySubjectName.arg4")),
    Case(VERSION, "a bad number comes before no body",
         post("/compatibility/subjects/s/versions/0"), refused(422, 42202, ANY)),
)

WRONG_DEFAULT = unreadable("AVRO", 'Invalid default for field a: "x" not a "int"')
LONG_OUTER = OUTER.replace("Inner", "Other")
OTHER = INNER.replace("Inner", "Other")

REST = (
    *(case for text in ("READONLY", "READONLY_OVERRIDE", "IMPORT") for case in every(
        f"in mode {text}", body(STRICT), NO, *HISTORY, mode(text, "s"))),
    *every("1 is no wish for words", body(STRICT), NO, *HISTORY, query="?verbose=1"),
    *every("a type that the subject has not", body(JSON, **AS_JSON), NO, *HISTORY),
    *every("the subject's own level", body(STRICT), YES, *HISTORY, level("FULL"),
           level("NONE", "s")),
    *every("the level above all contexts", body(STRICT), YES, *HISTORY,
           level("NONE", ":.__GLOBAL:")),
    *every("the server's level where the subject has only others", body(STRICT), NO, *HISTORY,
           level("NONE"), config("s", normalize=True)),
    *every("with references", REFERS, YES, register("inner", INNER),
           register("s", OUTER, references=[reference("inner")])),
    *every("with other references", body(LONG_OUTER, references=[reference("o", name="Other")]), NO,
           register("inner", INNER), register("o", OTHER),
           register("s", OUTER, references=[reference("inner")])),
    *every("read loosely where that was asked for", body(BAD_DEFAULT), YES,
           config("s", validateNewSchemas=False)),
    *every("read strictly", body(BAD_DEFAULT), WRONG_DEFAULT),
    *every("read strictly where the top says otherwise", body(BAD_DEFAULT), WRONG_DEFAULT,
           config(validateNewSchemas=False), config("s", validateNewSchemas=True)),
    *every("metadata is not taken from the version before", body(STRICT), YES,
           register("s", ONE, metadata={"properties": {"major": "1"}}),
           config("s", compatibilityGroup="major")),
    *every("a number as text is a text", body(INT), NO, register("s", STRING)),
    *every("a number that was a text", body(STRING), NO, register("s", INT)),
    *every("normalised", body(THREE), YES, *HISTORY, query="?normalize=true"),
    *every("changes nothing", body(THREE), YES, *HISTORY),
)

CASES = (*LEVELS, *PAST, *EMPTY, *INVALID, *BODIES, *REST)

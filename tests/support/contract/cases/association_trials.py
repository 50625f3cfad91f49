"""POST /associations for what was imported, and to see whether it would be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import Case, get, ok, refused, register
from contract.texts import INNER, INT, OUTER, STRING, mode, reference, unreadable
from contract.ties import (
    OWN_VALUE,
    SUBJECTS,
    TOPIC,
    changed,
    conflict,
    create,
    entity,
    exists,
    info,
    invalid,
    nothing_tied,
    strong,
    weak,
)

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ROUTE = "POST /associations"
TIED = (get("/associations/resources/r"), ok([entity("s")]))
NO_SUBJECT = (get("/subjects?deleted=true"), ok([]))


def case(title: str, ask: Ask, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(ROUTE, title, ask, gives, before, **more)


def made(*infos: Any, **resource: Any) -> Gives:
    return ok(changed(*infos, **resource))


def owned(kind: str = "value", schema: str = STRING) -> Any:
    return info(f":.k:t-{kind}", kind, "STRONG", schema)


WEAK_TIE = create(weak())
STRONG_TIE = create(strong())
OF_K = mode("IMPORT", ":.k:")
IMPORTED = (OF_K, register(OWN_VALUE, STRING, id=7, version=3))
BARE = create(weak(OWN_VALUE, lifecycle="STRONG"))

IMPORTS = (
    case("import: strong without a schema", BARE, made(info(OWN_VALUE, lifecycle="STRONG")),
         *IMPORTED),
    case("import: strong without its subject named", create(weak(None, frozen=True)),
         made(info(OWN_VALUE, lifecycle="STRONG")), *IMPORTED),
    case("import: a schema cannot come along", create(strong()), invalid(
        "schema", f"cannot be provided while subject '{OWN_VALUE}' is in IMPORT mode"), OF_K,
        after=(NO_SUBJECT,)),
    case("import: no version is there", BARE,
         conflict(40907, f"No active (non-deleted) version exists for subject '{OWN_VALUE}'"),
         OF_K),
    case("import: its own subject even so", create(weak("s", lifecycle="STRONG")), invalid(
        "subject", f"frozen associations must use subject '{OWN_VALUE}'"), *SUBJECTS,
        mode("IMPORT")),
    case("import: referred to by others", BARE, refused(
        422, 42206, f"One or more references exist to the schema {OWN_VALUE}."), OF_K,
        register(OWN_VALUE, INNER, id=7), mode("IMPORT"),
        register("y", OUTER, id=9, references=[reference(OWN_VALUE)])),
    case("import: weak as ever", create(weak()), made(info("s")), *SUBJECTS, mode("IMPORT", "s")),
)

DRY = "?dryRun=true"
NO_ID = {"resourceId": None}


def dry(title: str, ask: Ask, gives: Gives, *before: Ask, **more: Any) -> Case:
    return case(f"dry run: {title}", ask, gives, *before, **more)


TRIED = {name: value for name, value in TOPIC.items() if name != "resourceId"}
DRY_RUNS = (
    dry("weak", create(weak(), query=DRY), made(), *SUBJECTS, after=(nothing_tied(),)),
    dry("strong", create(strong(), query=DRY), made(), after=(
        NO_SUBJECT, nothing_tied(), (get("/contexts"), ok(["."])),
        (register("s", STRING), ok({"id": 1})))),
    dry("before the topic has an id", create(strong(), query=DRY, **NO_ID), ok(TRIED),
        after=(NO_SUBJECT,)),
    dry("again, before the topic's id is known", create(strong(), query=DRY, **NO_ID), ok(TRIED),
        STRONG_TIE),
    dry("again, by id", create(strong(), query=DRY), made(), STRONG_TIE),
    dry("what would be wrong: the subject", create(weak("none"), query=DRY),
        conflict(40907, "No active (non-deleted) version exists for subject 'none'")),
    dry("what would be wrong: the schema", create(strong("nonsense"), query=DRY, **NO_ID),
        unreadable("AVRO")),
    dry("what would be wrong: another schema", create(strong(INT), query=DRY, **NO_ID),
        exists(resource="t"), STRONG_TIE),
    dry("what would be wrong: the other one", create(weak("s", "key"), query=DRY, **NO_ID), invalid(
        "lifecycle", "all associations for a resource must have the same lifecycle, "
        "but got key=WEAK, value=STRONG"), *SUBJECTS, STRONG_TIE),
    dry("of several topics of a name the newest", create(weak("x"), query=DRY, **NO_ID), ok(TRIED),
        *SUBJECTS, create(strong(kind="key"), resourceId="a"), create(weak("x"), resourceId="b")),
    dry("of several topics of a name not an older one", create(weak("x"), query=DRY, **NO_ID),
        invalid("lifecycle", "all associations for a resource must have the same lifecycle, "
                "but got key=STRONG, value=WEAK"),
        *SUBJECTS, create(weak("x"), resourceId="a"), create(strong(kind="key"), resourceId="b")),
    dry("1 is not true", create(weak(), query="?dryRun=1"), made(info("s")), *SUBJECTS,
        after=(TIED,)),
)

CASES = (*IMPORTS, *DRY_RUNS)

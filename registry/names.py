"""Subject and context names: `foo`, `:.ctx:foo`, `:.ctx:` and what they mean."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

DEFAULT_CONTEXT = "."
GLOBAL_CONTEXT = ".__GLOBAL"
WILDCARD = ":*:"
RESERVED = frozenset({"__GLOBAL", "__EMPTY"})
# PostgreSQL indexes no row above 2704 bytes, and a version is found by its context, its subject and
# its number. No topic's name has more than 249 characters.
MAX_BYTES = 2000


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A subject inside a context; an empty name stands for the context itself."""

    context: str
    name: str

    def __str__(self) -> str:
        return self.name if self.context == DEFAULT_CONTEXT else f":{self.context}:{self.name}"

    @property
    def is_context(self) -> bool:
        return not self.name

    @property
    def is_default(self) -> bool:
        return self.context == DEFAULT_CONTEXT

    @property
    def context_level(self) -> Subject:
        """Return the scope that holds the settings of the whole context."""
        return Subject(self.context, "")


GLOBAL = Subject(GLOBAL_CONTEXT, "")
DEFAULT = Subject(DEFAULT_CONTEXT, "")


def parse_subject(text: str, *, within: str = DEFAULT_CONTEXT) -> Subject:
    """Read a possibly qualified name; an unqualified one belongs to the context `within`.

    Source: Confluent 8.3, QualifiedSubject: `:.ctx:name`, `:.ctx:` and `:.ctx` are qualified.
    """
    if not text.startswith(":."):
        return Subject(within, text)
    context, _, name = text[1:].partition(":")
    return Subject(context, name)


def delimited(context: str) -> str:
    """Return `:.ctx:`, and nothing for the default context, as messages and listings write it."""
    return "" if context == DEFAULT_CONTEXT else f":{context}:"


def parse_context(text: str) -> str:
    """Read a context as it stands in a path: `.ctx`, `ctx`, `:.ctx:` and `:.ctx` are the same."""
    bare = text.removeprefix(":").removesuffix(":")
    return bare if bare.startswith(".") else f".{bare}"


def has_control(text: str) -> bool:
    """Tell whether the text has an ISO control character."""
    if text.isprintable():
        return False
    return any(unicodedata.category(char) == "Cc" for char in text)


def is_too_long(name: str) -> bool:
    """Tell whether a name, the context in front of it included, is too long to be indexed."""
    return len(name) > MAX_BYTES or len(name.encode(errors="surrogatepass")) > MAX_BYTES


def is_valid(subject: Subject, *, as_scope: bool = False) -> bool:
    """Tell whether a subject may be written to; `as_scope` for config and mode.

    Source: Confluent 8.3: control characters and reserved names are refused with 42208.
    """
    if has_control(str(subject)) or subject.name in RESERVED:
        return False
    return as_scope or subject.context != GLOBAL_CONTEXT

"""Patterns of dotted names, as `metadata.tags` has them.

pattern | matches
--------|--------------------------------------------------
`?`     | one character but the dot
`*`     | any number of characters but the dot
`**`    | any number of characters; `**.*` is the same
`[ab]`  | one of these characters, as in regular expressions
"""

from __future__ import annotations

import re
from functools import lru_cache

# Names times patterns of all schemas in use; a pair costs some 200 bytes.
_REMEMBERED = 8192

_PARTS = re.compile(r"\*\*|\[[^]]+\]|.", re.DOTALL)
_MEANINGS = {"**": ".*", "*": "[^.]*", "?": "[^.]"}


@lru_cache(maxsize=_REMEMBERED)
def matches(pattern: str, name: str) -> bool:
    """Tell whether a pattern covers the whole of a dotted name."""
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(maxsize=_REMEMBERED)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = _PARTS.findall(pattern.replace("**.*", "**"))
    return re.compile("".join(_meaning(part) for part in parts))


def _meaning(part: str) -> str:
    if len(part) > 1 and part.startswith("["):
        return part
    return _MEANINGS.get(part) or re.escape(part)

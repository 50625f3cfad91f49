"""What a place in a document is called in plain words."""

from __future__ import annotations

WHOLE = "the document"
MAX_LENGTH = 120

# Keywords that hold schemas by name, and schemas of which nobody thinks as places in a document.
NAMED = frozenset({"properties", "required", "dependencies"})
SILENT = frozenset({"allOf", "anyOf", "oneOf"})


def place_of(path: str) -> str:
    """Return what the path of a finding leads to, as `order.lines[].sku`.

    The keyword at its end is left out.
    """
    words = ""
    steps = iter(path.removeprefix("#/").split("/"))
    for step in steps:
        if step in NAMED:
            words += f".{next(steps, '')}"
        elif step == "items":
            words += "[]"
        elif step.isdigit() and words.endswith("[]"):
            words = f"{words.removesuffix('[]')}[{step}]"
        elif step in SILENT:
            next(steps, None)
    words = words.removeprefix(".")
    if not words:
        return WHOLE
    if words.startswith("["):
        words = f"document{words}"
    return f"`{words}`" if len(words) <= MAX_LENGTH else f"`…{words[-MAX_LENGTH:]}`"

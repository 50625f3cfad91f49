"""The files a schema is read with: its references by import path, and the bundled imports.

A bundled path always means the bundled file: clients never send a reference for those. An import
that nobody knows is left out everywhere; what it would have defined cannot be resolved then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf import builtin
from compat.protobuf.descriptor_symbols import Kind, Scope, declared, packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from compat.protobuf.syntax import File

MAX_FILES: Final = 2_000  # that one schema imports, directly or not


class Library:
    """Finds files by import path."""

    def __init__(self, imports: Mapping[str, File]) -> None:
        self._imports = imports

    def find(self, path: str) -> File | None:
        """Return the file an import path means, or None."""
        return builtin.lookup(path) or self._imports.get(path)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.find(path) is not None

    def scope(self, file: File, *, also: Iterable[str] = ()) -> Scope:
        """Return the names a file can use, as if it imported the paths in `also` too."""
        return Scope(declared(file), map(self._declared, [*also, *self.visible(file)]))

    def closure(self, paths: Iterable[str]) -> list[str]:
        """Return the paths that are known and all they import, dependencies first.

        Raises InvalidSchema when files import each other in a circle.
        """
        order: dict[str, None] = {}
        open_paths: dict[str, Iterator[str]] = {"": iter(list(paths))}
        while open_paths:
            current = next(reversed(open_paths))
            path = next(open_paths[current], None)
            if path is None:
                del open_paths[current]
                order[current] = None
            elif path in open_paths:
                raise InvalidSchema(f"{path} imports itself, directly or through others")
            elif path not in order and (file := self.find(path)) is not None:
                open_paths[path] = (statement.path for statement in file.imports)
            if len(order) + len(open_paths) > MAX_FILES:
                raise TooComplex(f"The schema imports more than {MAX_FILES} files")
        del order[""]
        return list(order)

    def taken_package(self, file: File) -> str | None:
        """Return the part of a file's package that an import declares as something else."""
        own = [name for name, _ in packages(file.package)]
        for names in map(self._declared, self.visible(file)):
            for name in own:
                if names.get(name, Kind.PACKAGE) is not Kind.PACKAGE:
                    return name
        return None

    def _declared(self, path: str) -> Mapping[str, Kind]:
        bundled = builtin.declared_by(path)
        if bundled is not None:
            return bundled
        file = self._imports.get(path)
        return {} if file is None else declared(file)

    def visible(self, file: File) -> list[str]:
        """Return the imports of a file and what those import publicly."""
        paths = list(dict.fromkeys(statement.path for statement in file.imports))
        for path in paths:
            imported = self.find(path)
            for statement in imported.imports if imported else ():
                if statement.kind == "public" and statement.path not in paths:
                    paths.append(statement.path)
        return paths

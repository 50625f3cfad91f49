"""How a rewritten segment takes the place of those that it was made from, whole or not at all.

1. It is written to `<first>-<end>.swap.new`, synced, and renamed to `<first>-<end>.swap`: from
   then on it is in force, and an open finishes what follows.
2. The segments from `first` up to `end` are removed, but for the first, with their indexes.
3. It is renamed to `<first>.log`.

The names are made durable after each step, so that no power cut shows two of them done in another
order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.log.folder import INDEX, LOG, OFFSET_DIGITS, UNFINISHED, offset_of

if TYPE_CHECKING:
    from pathlib import Path

    from accord_log.log.folder import Folder

SWAP = ".swap"
SEPARATOR = "-"


def swap_path(folder: Folder, *, first: int, end: int, is_finished: bool = True) -> Path:
    """Return the path of what replaces all segments that begin from `first` on before `end`."""
    name = f"{first:0{OFFSET_DIGITS}d}{SEPARATOR}{end:0{OFFSET_DIGITS}d}{SWAP}"
    return folder.path / (name if is_finished else name + UNFINISHED)


def finish_swap(folder: Folder, *, first: int, end: int) -> None:
    """Take steps 2 and 3. Raises OSError."""
    files = folder.files
    for offset in folder.offsets(INDEX):
        if first <= offset < end:
            files.remove(folder.at(offset, INDEX))
    for offset in folder.offsets(LOG):
        if first < offset < end:
            files.remove(folder.at(offset, LOG))
    folder.sync()
    files.rename(swap_path(folder, first=first, end=end), folder.at(first, LOG))
    folder.sync()


def tidy(folder: Folder) -> dict[str, int]:
    """Finish what is in force, and remove what was never finished; return the names that are left.

    Raises OSError.
    """
    names = folder.files.names(folder.path)
    leftovers = [name for name in names if name.endswith((UNFINISHED, SWAP))]
    for name in leftovers:
        if name.endswith(UNFINISHED):
            folder.files.remove(folder.path / name)
        else:
            first, _, end = name.removesuffix(SWAP).partition(SEPARATOR)
            begins, ends = offset_of(first, ""), offset_of(end, "")
            if begins is not None and ends is not None:
                finish_swap(folder, first=begins, end=ends)
    return folder.files.names(folder.path) if leftovers else names

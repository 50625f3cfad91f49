"""Whether the machine was switched off since segments were closed.

While it was not, whatever was written can be read, synced or not, and a closed segment is as it
was closed. The file `boot` names the boot of which this is known.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord_log.log.folder import Folder

NAME = "boot"


def is_same_boot(folder: Folder) -> bool:
    """Tell whether closed segments are certainly as they were closed."""
    boot = folder.files.boot()
    return bool(boot) and folder.load(folder.path / NAME) == boot.encode()


def note_boot(folder: Folder) -> None:
    """Remember that closed segments are whole as of this boot.

    What a power cut leaves of the file is not of the next boot, so that it need not be durable.
    """
    if not is_same_boot(folder):
        with suppress(OSError):
            folder.save(folder.path / NAME, folder.files.boot().encode(), durable=False)

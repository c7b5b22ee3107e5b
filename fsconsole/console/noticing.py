"""Noticing: told by the system as soon as somebody writes into the store's log, so that nobody has to ask all the time.

It stands apart because it speaks to the system (Linux's inotify, by way of the C library) and knows no screen and no store.

Always: where the system tells nothing, that is known, and the console asks as often as ever.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path
from struct import iter_unpack

#: inotify's names for "was written to" and for "is no longer watched: it was removed".
MODIFY, IGNORED = 0x2, 0x8000
#: One event, without a name: which watch, what happened, and what joins two events; then the length of a name, here 0.
EVENT = "iIII"


class Noticing:
    """``Noticing(file)``: ``descriptor`` has something to read once the file was written to; None where nobody tells."""

    def __init__(self, file: Path) -> None:
        self.descriptor = _watched(file)

    def heard(self) -> None:
        """Takes what was told: it is told again only of what is written from now on."""
        if self.descriptor is None:
            return
        told = b""
        with suppress(BlockingIOError):
            while more := os.read(self.descriptor, 4096):
                told = more
        whole = len(told) - len(told) % 16
        if any(what & IGNORED for _, what, _, _ in iter_unpack(EVENT, told[:whole])):
            self.close()

    def close(self) -> None:
        """Nothing is told any more."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _watched(file: Path) -> int | None:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        descriptor = int(library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    except (AttributeError, OSError, TypeError):  # another system than Linux
        return None
    if descriptor < 0:  # so many are told already that the system tells no more
        return None
    if library.inotify_add_watch(descriptor, os.fsencode(file), MODIFY) < 0:
        os.close(descriptor)
        return None
    return descriptor

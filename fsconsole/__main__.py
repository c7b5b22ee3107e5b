"""``python -m fsconsole`` and the ``fsconsole`` command.

Always: nothing that a command prints of what others wrote steers the terminal it is printed on.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from typing import Any, TextIO

#: Controls but for tab and the ends of lines, marks that turn the direction of writing, characters nobody sees.
_STEERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Harmless:
    """A terminal's stream to which no control character is written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(_STEERS.sub("", text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def main() -> None:
    from fsconsole.cli import run

    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty():
            setattr(sys, name, Harmless(stream))
    status = run(sys.argv[1:])
    if threading.active_count() > 1:
        # Nobody waits for what still listens or exchanges: all that is to be kept is in the store.
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    main()

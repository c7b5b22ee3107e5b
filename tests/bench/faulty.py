"""The console with a fault of its own: the key ! makes a screen fail. It shows what a crash leaves of the terminal."""

from __future__ import annotations

import sys
from typing import Any

from fsconsole.cli import run
from fsconsole.console.screens.base import View

_on_key = View.on_key


def on_key(view: View, event: Any) -> None:
    if event.character == "!":
        raise ValueError("a fault of the console's own")
    _on_key(view, event)


if __name__ == "__main__":
    View.on_key = on_key  # type: ignore[method-assign]
    sys.exit(run(sys.argv[1:]))

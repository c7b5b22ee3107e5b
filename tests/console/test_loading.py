"""What the first frame does not need is loaded after it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("heavy", ["peewee", "msgspec", "nacl", "fsconsole.flow.settle", "fsconsole.rules.prices", "fsconsole.sync.exchange"])
def test_the_board_comes_without_what_declares_prices_or_exchanges(heavy: str) -> None:
    board = "import fsconsole.console.start, fsconsole.opening, fsconsole.console.app, fsconsole.console.screens.board"
    code = f"import sys\n{board}\nsys.exit({heavy!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

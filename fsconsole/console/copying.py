"""Copying to the clipboard of the terminal that a person sits at, however far away: OSC 52.

It stands apart because what a terminal can take depends on the terminal, on tmux or screen in between, and on size.

    OSC 52 ; c ; base64 BEL     xterm's control sequences, \"Operating System Commands\"
    in tmux                     as it is (set-clipboard on), and wrapped for passing through (allow-passthrough on)
    in screen                   wrapped in pieces, since it cuts long strings

Always: a text that is too long is refused with its size and never cut; nothing is said to be copied that was not sent.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fsconsole.console.text import clean
from fsconsole.terminal import can_copy

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp
    from fsconsole.console.dialogs import Choice
    from fsconsole.console.screens.base import View

#: Bytes of text that the common terminals take: 100,000 with the wrapping and base64.
MOST = 74_994
#: Bytes of base64 that screen passes on at a time.
PIECE = 240


def sequence(text: str, environ: Mapping[str, str]) -> str:
    """What is written to the terminal so that it copies ``text``."""
    code = b64encode(text.encode("utf-8", "replace")).decode("ascii")
    plain = f"\x1b]52;c;{code}\x07"
    if environ.get("TMUX"):
        doubled = plain.replace("\x1b", "\x1b\x1b")
        return f"{plain}\x1bPtmux;{doubled}\x1b\\"
    if environ.get("STY"):
        pieces = [plain[at : at + PIECE] for at in range(0, len(plain), PIECE)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return plain


def copy(app: ConsoleApp, text: str, environ: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Sends a text to the clipboard; returns (what to say, in which manner)."""
    size = len(text.encode("utf-8", "replace"))
    lines = text.count("\n") + 1
    if size > MOST:
        return f"That is {size:,} bytes; a terminal takes {MOST:,}. Mark fewer, or filter first.", "warn"
    if why := can_copy(environ):
        return f"Nothing was copied: {why}. It reads: {clean(text)[:200]}", "warn"
    driver = app._driver
    if driver is not None:
        driver.write(sequence(text, environ))
    what = f"“{clean(text)}”" if lines == 1 and len(text) <= 60 else f"{lines:,} lines" if lines > 1 else f"{size:,} bytes"
    needs = ""
    if environ.get("TMUX"):
        needs = " tmux must allow it: set -g set-clipboard on."
    return f"Sent to the clipboard: {what}.{needs}", "good"


def choices(view: View) -> list[Choice]:
    """What may be copied here: what is marked, the reference under the cursor, its line, what is told of it."""
    from fsconsole.console.dialogs import Choice

    found = []
    if marked := view.marked_lines():
        found.append(Choice("\n".join(marked), f"what is marked: {len(marked)}", clean(marked[0])))
    chosen = view.chosen()
    if chosen is not None and chosen.ref:
        found.append(Choice(chosen.ref, "its reference", chosen.ref))
    if line := view.line_told():
        found.append(Choice(line, "its line", clean(line)))
    if told := view.all_told():
        found.append(Choice(told, "what is told of it", f"{told.count(chr(10)) + 1} lines"))
    return found

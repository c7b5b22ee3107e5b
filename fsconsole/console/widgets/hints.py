"""Footer hints: which keys do what here, the most useful kept longest on narrow screens.

It stands apart because several widgets end in such a line, and because hints must never lie: what cannot be
done now is not handed in.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from rich.segment import Segment

from fsconsole.console.glyphs import ASCII
from fsconsole.console.keys import Hint
from fsconsole.console.text import width
from fsconsole.console.widgets.canvas import Canvas, Piece

_WORDS = {"⏎": "enter", "tab ⏎": "tab", "↑": "up", "↓": "down", "←": "left", "→": "right", "↑↓": "up/down", "⇧tab": "S-tab"}


def hint_pieces(hints: Sequence[Hint], cells: int, ascii: bool = False) -> list[Piece]:
    """The hints that fit in ``cells``, in their own order; those of the highest priority number go first."""
    kept = [hint._replace(shown=_WORDS.get(hint.shown, hint.shown)) for hint in hints] if ascii else list(hints)
    while kept and sum(width(h.shown) + width(h.words) + 3 for h in kept) > cells:
        kept.remove(max(kept, key=lambda hint: hint.priority))
    pieces: list[Piece] = []
    for hint in kept:
        pieces += [(f" {hint.shown}", "key"), (f" {hint.words} ", "hint")]
    return pieces


class Hints(Canvas):
    """``Hints(hints)``; ``say(hints)`` changes them. One line."""

    DEFAULT_CSS = "Hints { height: 1; }"

    def __init__(self, hints: Sequence[Hint] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hints = tuple(hints)

    def say(self, hints: Sequence[Hint]) -> None:
        self.hints = tuple(hints)
        self.settle()

    def key(self, block: int, y: int) -> Hashable:
        return self.hints

    def draw(self, key: Any, cells: int) -> list[Segment]:
        return self.spread(cells, hint_pieces(self.hints, cells, self.look.glyphs is ASCII))

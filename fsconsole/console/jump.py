"""Jump letters: letters stand on everything visible, and typing them puts the cursor there.

It stands apart because every surface can be jumped on, a board as well as a list or a map, and none knows how.

Always: no label begins another, so that the last letter of one is enough; a capital as the last letter goes in at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsconsole.console.widgets.canvas import Canvas, Spot

if TYPE_CHECKING:
    from fsconsole.console.screens.base import View

#: The letters, those under the resting fingers first.
LETTERS = "asdfghjklqwertyuiopzxcvbnm"
#: The command line's prompt while letters are asked for.
KIND = "f"


def labels(count: int) -> list[str]:
    """``count`` labels, short ones first; none begins another. 26 fit in one letter, 676 in two; more get none."""
    many = len(LETTERS)
    if count <= many:
        return list(LETTERS[:count])
    single = max(0, (many * many - count) // (many - 1))
    pairs = [a + b for a in LETTERS[single:] for b in LETTERS]
    return [*LETTERS[:single], *pairs][:count]


class Jump:
    """One jump: puts the labels on, listens to the command line, takes them off again."""

    def __init__(self, view: View) -> None:
        self.view = view
        spots = [
            (canvas, spot)
            for canvas in view.query(Canvas)
            if canvas.display and canvas.size
            for spot in canvas.spots()
            if 0 <= spot.y < canvas.size.height
        ]
        self.found: dict[str, tuple[Canvas, Spot]] = dict(zip(labels(len(spots)), spots, strict=False))

    def begin(self) -> bool:
        """Shows the labels and takes the keyboard; False when nothing here can be gone to."""
        if not self.found:
            return False
        self._show("")
        self.view.line.open(KIND, heard=self._heard, left=self._leave)
        self._tell("")
        return True

    def _show(self, typed: str) -> None:
        placed: dict[Canvas, list[tuple[int, int, str]]] = {}
        for label, (canvas, spot) in self.found.items():
            if label.startswith(typed):
                placed.setdefault(canvas, []).append((spot.x, spot.y, label[len(typed) :]))
        for canvas in {canvas for canvas, _ in self.found.values()}:
            canvas.label(placed.get(canvas, ()))

    def _leave(self) -> None:
        for canvas in {canvas for canvas, _ in self.found.values()}:
            canvas.label(())

    def _tell(self, typed: str) -> None:
        left = sum(label.startswith(typed) for label in self.found)
        self.view.line.verdict(f"type the letters of one of {left}; the last one as a capital goes in")

    def _heard(self, text: str) -> None:
        typed = text.lower()
        hit = self.found.get(typed)
        if hit is not None:
            canvas, spot = hit
            self.view.line.close()
            if canvas.can_focus:
                self.view.set_focus(canvas)
            spot.go()
            if text[-1:].isupper() and (enter := getattr(canvas, "action_open", None)) is not None:
                enter()
            self.view.show_hints()
        elif any(label.startswith(typed) for label in self.found):
            self._show(typed)
            self._tell(typed)
        else:
            self.view.line.edit.set("")
            self._show("")
            self.view.line.verdict(f"nothing here is called {text}", False)


def jump(view: View) -> bool:
    """Begins a jump on what a view shows; False when it shows nothing that can be gone to."""
    return Jump(view).begin()


__all__ = ["KIND", "LETTERS", "Jump", "jump", "labels"]

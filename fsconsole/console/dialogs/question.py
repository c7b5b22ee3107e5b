"""The three questions a console asks: pick one, type something, and are you sure (with a reason).

They stand together because they are one box at the bottom of the screen with other contents.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from fsconsole.console.glyphs import ASCII
from fsconsole.console.keys import Hint
from fsconsole.console.text import clean, width, wrap
from fsconsole.console.thrifty import let_go
from fsconsole.console.widgets.canvas import Canvas, Piece
from fsconsole.console.widgets.edit_line import EditLine
from fsconsole.console.widgets.hints import hint_pieces


class Choice(NamedTuple):
    """One answer: ``value`` is handed back; ``words`` names it, ``more`` says what it would mean."""

    value: object
    words: str
    more: str = ""


class Box(Canvas, can_focus=True):
    """A few lines at the bottom: the question, what there is to answer, the keys."""

    takes_typing = True
    DEFAULT_CSS = "Box { height: 8; background: $surface; }"

    def __init__(
        self,
        question: str,
        body: Callable[[int], list[tuple[tuple[Piece, ...], str | None]]],
        hints: Sequence[Hint],
    ) -> None:
        super().__init__()
        self.question = question
        self.body = body
        self.hints = tuple(hints)

    def key(self, block: int, y: int) -> Hashable:
        if y == 0:
            return ("rule",)
        asked = wrap(clean(self.question), self.size.width - 4)
        if y - 1 < len(asked):
            return ("question", asked[y - 1])
        if y == self.size.height - 1:
            return ("hints",)
        lines = self.body(self.size.width)
        index = y - 1 - len(asked)
        return ("line", *lines[index]) if index < len(lines) else None

    def draw(self, key: Any, cells: int) -> list[Segment]:
        match key:
            case ("rule",):
                return self.spread(cells, [(self.look.glyphs.rule * cells, "faint")])
            case ("question", words):
                return self.spread(cells, [(f"  {words}", "here")])
            case ("line", pieces, over):
                return self.spread(cells, pieces, (), over)
            case ("hints",):
                return self.spread(cells, [(" ", "normal"), *hint_pieces(self.hints, cells - 1, self.look.glyphs is ASCII)])
        return self.blank(cells)


class Question(ModalScreen):
    """The box and its keys. A subclass says what stands in it and what a key does."""

    DEFAULT_CSS = "Question { align: left bottom; background: $background 0%; }"
    HINTS: Sequence[Hint] = (Hint("⏎", "yes", 1), Hint("esc", "no", 1))

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question
        self.box = Box(question, self.lines, self.HINTS)
        self.complaint = ""

    def compose(self) -> ComposeResult:
        yield self.box

    def on_mount(self) -> None:
        self._fit()
        self.box.focus()

    def on_unmount(self) -> None:
        let_go()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        cells = max(20, self.app.size.width)
        wanted = len(wrap(clean(self.question), cells - 4)) + len(self.lines(cells)) + 2
        self.box.styles.height = max(3, min(wanted, self.app.size.height - 2))

    def lines(self, cells: int) -> list[tuple[tuple[Piece, ...], str | None]]:
        """(pieces, role over all of them or None) of each line under the question."""
        return []

    def pressed(self, key: str, character: str | None) -> None:
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if not self.is_active:
            return  # closed by another; what it would close now is the screen beneath
        if event.key == "escape":
            self.dismiss(None)
            return
        self.pressed(event.key, event.character)
        if self.is_attached:
            self.box.settle()

    def _complaint_lines(self) -> list[tuple[tuple[Piece, ...], str | None]]:
        mark = self.box.look.glyphs.stopped if self.is_attached else ""
        # The line is there from the start, so that nothing jumps when it has something to say.
        return [(((f"  {mark} {self.complaint}" if self.complaint else "", "refused"),), None)]


class PickOne(Question):
    """``PickOne(question, choices, at=0)``: answers with the chosen Choice's ``value``. Typing narrows the choices.

    ``reached`` is told each value that the cursor comes to, such as a look to be seen at once.
    """

    HINTS = (
        Hint("⏎", "take it", 1),
        Hint("↑↓", "choose", 2),
        Hint("a–z", "narrow", 3),
        Hint("esc", "leave", 1),
    )

    def __init__(
        self,
        question: str,
        choices: Sequence[Choice],
        *,
        at: int = 0,
        most: int = 10,
        reached: Callable[[Any], object] | None = None,
    ) -> None:
        self.choices = tuple(choices)
        self.reached = reached
        self.at = at
        self.most = most
        self.narrow = EditLine()
        super().__init__(question)

    def _left(self) -> list[Choice]:
        words = self.narrow.text.lower().split()
        return [c for c in self.choices if all(word in f"{c.words} {c.more}".lower() for word in words)]

    def lines(self, cells: int) -> list[tuple[tuple[Piece, ...], str | None]]:
        left = self._left()
        rows = min(self.most, len(self.choices))
        top = max(0, min(self.at - rows + 1 if self.at >= rows else 0, len(left) - rows))
        names = min(max(30, cells // 2), max((width(clean(c.words)) for c in self.choices), default=0))
        glyphs = self.box.look.glyphs if self.is_attached else None
        cursor = glyphs.cursor if glyphs else " "
        shown: list[tuple[tuple[Piece, ...], str | None]] = []
        for index in range(top, top + rows):
            if index >= len(left):
                shown.append((((" ", "normal"),), None))
                continue
            choice, here = left[index], index == self.at
            name = clean(choice.words)
            pieces = (
                (f" {cursor}" if here else "  ", "strong"),
                (name + " " * (names - width(name) + 2), "normal"),
                (clean(choice.more), "dim"),
            )
            shown.append((pieces, "cursor" if here else None))
        found = f"  {len(left)} of {len(self.choices)}" if self.narrow.text else ""
        shown.append((((f"  {self.narrow.text}", "typed"), (found, "dim")), None))
        return shown

    def pressed(self, key: str, character: str | None) -> None:
        left = self._left()
        match key:
            case "up" | "down" | "pageup" | "pagedown":
                step = {"up": -1, "down": 1, "pageup": -self.most, "pagedown": self.most}[key]
                self.at = max(0, min(self.at + step, len(left) - 1))
            case "enter":
                if left:
                    self.dismiss(left[min(self.at, len(left) - 1)].value)
            case _:
                if self.narrow.press(key, character):
                    self.at = 0
        if self.reached is not None and key != "enter" and (left := self._left()):
            self.reached(left[min(self.at, len(left) - 1)].value)


class AskText(Question):
    """``AskText(question, text="", check=None)``: answers with what was typed; ``check`` returns a complaint or ``""``."""

    HINTS = (Hint("⏎", "take it", 1), Hint("esc", "leave", 1))

    def __init__(self, question: str, text: str = "", *, check: Callable[[str], str] | None = None, hint: str = "") -> None:
        self.edit = EditLine(text)
        self.check = check
        self.hint = hint
        super().__init__(question)

    def lines(self, cells: int) -> list[tuple[tuple[Piece, ...], str | None]]:
        before, under, after = self.edit.view(cells - 6)
        hint = f" {self.hint}" if not self.edit.text else ""
        typed = (("  > ", "prompt"), (before, "typed"), (under, "caret"), (after, "typed"), (hint, "dim"))
        return [(typed, None), *self._complaint_lines()]

    def pressed(self, key: str, character: str | None) -> None:
        if key != "enter":
            if self.edit.press(key, character):
                self.complaint = ""
            return
        self.complaint = self.check(self.edit.text) if self.check else ""
        if not self.complaint:
            self.dismiss(self.edit.text.strip())

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.edit.insert(event.text)
        self.box.settle()


class Confirm(AskText):
    """``Confirm(question, reason=True)``: answers with the reason typed (``"yes"`` when none is asked for)."""

    HINTS = (Hint("⏎", "do it", 1), Hint("esc", "leave it", 1))

    def __init__(self, question: str, *, reason: bool = False, hint: str = "why, in a few words") -> None:
        self.reason = reason
        super().__init__(question, check=self._enough if reason else None, hint=hint if reason else "")

    @staticmethod
    def _enough(text: str) -> str:
        return "" if text.strip() else "A reason is needed; it stands in the history."

    def lines(self, cells: int) -> list[tuple[tuple[Piece, ...], str | None]]:
        return super().lines(cells) if self.reason else []

    def pressed(self, key: str, character: str | None) -> None:
        if self.reason:
            super().pressed(key, character)
        elif key in ("enter", "y"):
            self.dismiss("yes")
        elif key == "n":
            self.dismiss(None)

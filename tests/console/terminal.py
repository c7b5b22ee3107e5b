"""A terminal to look at: pyte with what it lacks, and what stock output would have drawn on one."""

from __future__ import annotations

from collections.abc import Iterable

import pyte
from rich.color import ColorSystem
from rich.segment import Segment
from textual.strip import Strip

SHOWN_ON_BLANKS = ("underscore", "reverse", "strikethrough")


class Terminal(pyte.Screen):
    """A pyte screen that keeps ``dim`` (as blink, which nothing here uses)."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self.stream = pyte.Stream(self)
        self.heard = 0
        self.feed("\x1b[?7l")
        self.heard = 0

    def feed(self, text: str) -> None:
        self.heard += len(text.encode())
        self.stream.feed(text)

    def select_graphic_rendition(self, *attrs: int) -> None:  # type: ignore[override]
        told: list[int] = []
        colour = 0
        for code in attrs:
            if colour:
                colour -= 1
                if code in (2, 5) and colour == 4:
                    colour = 3 if code == 2 else 1
                told.append(code)
                continue
            if code in (38, 48):
                colour = 5
            told += {2: [5], 22: [22, 25]}.get(code, [code])
        super().select_graphic_rendition(*told)

    def erase_in_display(self, how: int = 0, *args: object, **kwargs: object) -> None:
        """pyte fills only cells that something was ever written to."""
        super().erase_in_display(how, *args, **kwargs)
        if how == 2:
            for y in range(self.lines):
                for x in range(self.columns):
                    self.buffer[y][x] = self.cursor.attrs

    def rows(self) -> list[list[tuple[object, ...]]]:
        """Every cell as (text, attributes); what cannot be seen of a blank is left out."""
        told = []
        for y in range(self.lines):
            row = []
            for x in range(self.columns):
                char = self.buffer[y][x]
                if char.data == " " and not any(getattr(char, name) for name in SHOWN_ON_BLANKS):
                    row.append((" ", char.bg))
                else:
                    row.append((char.data, char.fg, char.bg, char.bold, char.italics, char.underscore, char.blink,
                                char.strikethrough, char.reverse))  # fmt: skip
            told.append(row)
        return told

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.display) + "\n"


def stock(lines: Iterable[Iterable[Segment]], width: int, height: int, colours: ColorSystem) -> Terminal:
    """The terminal after stock output of these lines."""
    terminal = Terminal(width, height)
    for y, line in enumerate(lines):
        terminal.feed(f"\x1b[{y + 1};1H")
        for text, style, _ in line:
            # A new style for each, since a Style remembers the codes of the first colours it was drawn in.
            terminal.feed(Strip.render_style(style.copy(), text, colours) if style else text)
    return terminal


def differing(one: Terminal, other: Terminal) -> list[str]:
    """Where two terminals differ, in words."""
    return [
        f"({x}, {y}): {a} is not {b}"
        for y, (row, their) in enumerate(zip(one.rows(), other.rows(), strict=True))
        for x, (a, b) in enumerate(zip(row, their, strict=True))
        if a != b
    ]

"""Detail: labelled lines in sections, wrapped and scrollable; what stands beside or below a list.

It stands apart because a job, a contract, a case and a technician are all told in this one form.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from rich.segment import Segment
from textual import events

from fsconsole.console.keys import bindings
from fsconsole.console.text import clean, pad, width, wrap
from fsconsole.console.widgets.canvas import Canvas, Piece


class DetailLine(NamedTuple):
    """``label`` stands at the left (empty: the line takes the whole width); ``figure`` at the right end."""

    label: str
    words: str
    role: str = "normal"
    figure: str = ""
    figure_role: str = "money"


class Section(NamedTuple):
    """A heading (may be empty) and its lines."""

    title: str
    lines: tuple[DetailLine, ...] = ()


class Detail(Canvas, can_focus=True):
    """``Detail(sections, labels=12)``; ``say(sections)`` repaints only what differs.

    ``labels`` is their cells at most; ``rule`` is ``left`` or ``top`` for a line between it and its neighbour.
    """

    BINDINGS = bindings("move")

    def __init__(
        self,
        sections: Sequence[Section] = (),
        *,
        labels: int = 12,
        rule: str = "",
        focusable: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.can_focus = focusable
        self.sections = tuple(sections)
        self.labels = labels
        self.rule = rule
        self.top = 0
        self._height = 1
        self._flat: tuple[tuple[tuple[Piece, ...], tuple[Piece, ...]], ...] = ()
        self._flat_for: object = None

    def say(self, sections: Sequence[Section], *, from_top: bool = True) -> None:
        """Other words; ``from_top`` False keeps the scroll, for the same thing told anew."""
        self.sections = tuple(sections)
        if from_top:
            self.top = 0
        self.settle()

    def all_told(self) -> str:
        """Everything it says, as text."""
        lines: list[str] = []
        for section in self.sections:
            lines += [clean(section.title)] if section.title else []
            lines += ["\t".join(clean(part) for part in (line.label, line.words, line.figure) if part) for line in section.lines]
        return "\n".join(lines)

    def prepare(self, width: int, height: int) -> None:
        if self._flat_for != (width, self.sections):
            cells = width - (1 if self.rule == "left" else 0)
            self._flat, self._flat_for = tuple(self._flatten(cells)), (width, self.sections)
        self._height = height - (1 if self.rule == "top" else 0)
        self.top = max(0, min(self.top, len(self._flat) - self._height))

    def blocks(self, width: int) -> list[tuple[int, int]]:
        return [(0, 1), (1, width - 1)] if self.rule == "left" else [(0, width)]

    def _flatten(self, cells: int) -> list[tuple[tuple[Piece, ...], tuple[Piece, ...]]]:
        room = cells - 2
        label_cells = min(
            self.labels,
            max((width(self.said(line.label)) for s in self.sections for line in s.lines), default=0),
            room // 3,
        )
        flat: list[tuple[tuple[Piece, ...], tuple[Piece, ...]]] = []
        for section in self.sections:
            if flat:
                flat.append(((), ()))
            if section.title:
                flat.append((((f" {clean(section.title)}", "title"),), ()))
            for line in section.lines:
                lead = label_cells + 1 if line.label and label_cells else 0
                figure = self.said(line.figure)
                space = max(4, room - lead - (width(figure) + 2 if figure else 0))
                for index, words in enumerate(wrap(self.said(line.words), space)):
                    label = pad(self.said(line.label), lead - 1) + " " if lead and index == 0 else " " * lead
                    left: tuple[Piece, ...] = ((" ", "normal"), (label, "dim"), (words, line.role))
                    right: tuple[Piece, ...] = ((figure + " ", line.figure_role),) if figure and index == 0 else ()
                    flat.append((left, right))
        return flat

    def key(self, block: int, y: int) -> Hashable:
        if self.rule == "left" and block == 0:
            return ("bar",)
        if self.rule == "top":
            if y == 0:
                return ("rule",)
            y -= 1
        hidden = len(self._flat) - self.top - self._height
        if y == self._height - 1 and hidden > 0:
            return ("more", hidden + 1)
        index = self.top + y
        return ("line", *self._flat[index]) if index < len(self._flat) else ("nothing",)

    def draw(self, key: Any, cells: int) -> list[Segment]:
        match key:
            case ("line", left, right):
                return self.spread(cells, left, right)
            case ("bar",):
                return self.spread(cells, [(self.look.glyphs.bar, "faint")])
            case ("rule",):
                return self.spread(cells, [(self.look.glyphs.rule * cells, "faint")])
            case ("more", hidden):
                return self.spread(cells, [(f" {self.look.glyphs.more} {hidden} more", "dim")])
        return self.blank(cells)

    def _scroll(self, step: int) -> None:
        self.top += step
        self.settle()

    def action_up(self) -> None:
        self._scroll(-1)

    def action_down(self) -> None:
        self._scroll(1)

    def action_page_up(self) -> None:
        self._scroll(-max(1, self.size.height - 2))

    def action_page_down(self) -> None:
        self._scroll(max(1, self.size.height - 2))

    def action_half_up(self) -> None:
        self._scroll(-max(1, self.size.height // 2))

    def action_half_down(self) -> None:
        self._scroll(max(1, self.size.height // 2))

    def action_first(self) -> None:
        self._scroll(-self.top)

    def action_last(self) -> None:
        self._scroll(len(self._flat))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll(2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll(-2)

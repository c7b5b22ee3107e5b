"""Day: a line per technician along the hours: who is free, who will be, who is not coming.

It stands apart because it is the only list whose cells are time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, NamedTuple, Protocol

from rich.segment import Segment
from textual import events

from fsconsole.console import messages
from fsconsole.console.keys import bindings
from fsconsole.console.text import ago, clean, clip, day_word, pad, width
from fsconsole.console.widgets.canvas import Canvas, Piece, Spot


class DaySpan(NamedTuple):
    """Something that takes a technician's time. ``kind``: work, drive, plan, absent. ``ref`` is written on it."""

    start: datetime
    end: datetime
    kind: str
    ref: str = ""


class DayLine(NamedTuple):
    """One technician's day. ``next_free`` None: not known; ``note`` such as ``on call tonight``."""

    id: bytes
    name: str
    skills: str = ""
    spans: tuple[DaySpan, ...] = ()
    next_free: datetime | None = None
    free_soon: bool = False  # the next promise hangs on it
    kept: int = 0
    promised: int = 0
    heard: datetime | None = None
    silent: bool = False
    note: str = ""
    version: int = 0


class DayProvider(Protocol):
    """``lines()``: a DayLine per technician, in the order to show. ``hours()``: the first and last instant of the axis.
    ``waits()``: words while they are not known yet, else ''."""

    def lines(self) -> Sequence[DayLine]: ...
    def hours(self) -> tuple[datetime, datetime]: ...
    def waits(self) -> str: ...


#: What stands in place of the lines where there are none.
NOBODY = "No technicians yet: import technicians FILE brings them in."
_KINDS = {
    "work": ("working", "bar_work"),
    "drive": ("driving", "bar_drive"),
    "plan": ("planned", "bar_plan"),
    "absent": ("absent", "away"),
}


class Day(Canvas, can_focus=True):
    """``Day(provider, now, zone=...)``. Posts RowReached and RowOpened with a technician's id."""

    BINDINGS = bindings("move")

    def __init__(
        self,
        provider: DayProvider,
        now: Callable[[], datetime],
        *,
        zone: tzinfo = UTC,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.provider = provider
        self.now = now
        self.zone = zone
        self.cursor: bytes | None = None
        self.at = 0
        self.top = 0
        self._lines: Sequence[DayLine] | None = None
        self._axis = (0, 0)
        self._step = timedelta(minutes=15)
        self._start = datetime.min.replace(tzinfo=UTC)
        self._names = 0
        self._facts = True

    def reload(self) -> None:
        """Asks for the lines again and repaints those that differ; the cursor stays on its technician."""
        self._lines = None
        lines = self._all()
        self.at = next(
            (i for i, line in enumerate(lines) if line.id == self.cursor),
            min(self.at, max(0, len(lines) - 1)),
        )
        self.settle()

    def tick(self) -> None:
        """The clock moved."""
        self.settle()

    def row(self) -> DayLine | None:
        lines = self._all()
        return lines[self.at] if lines else None

    def go(self, id: bytes) -> bool:
        index = next((i for i, line in enumerate(self._all()) if line.id == id), None)
        if index is None:
            return False
        self._move_to(index)
        return True

    def _all(self) -> Sequence[DayLine]:
        if self._lines is None:
            self._lines = tuple(self.provider.lines())
        return self._lines

    def on_mount(self) -> None:
        row = self.row()
        self.cursor = row.id if row else None

    def prepare(self, width: int, height: int) -> None:
        lines = self._all()
        names = max((_w(line.name) for line in lines), default=4) + 2
        skills = max((_w(line.skills or line.note) for line in lines), default=0) + 2 if width >= 100 else 0
        self._names = min(14, names) + min(16 if width < 160 else 28, skills)
        self._name_cells = min(14, names)
        self._facts = width >= 72
        right = 32 if width >= 100 else 24 if self._facts else 0
        axis = max(8, width - 1 - self._names - right)
        start, end = self.provider.hours()
        minutes = max(60, int((end - start).total_seconds() // 60))
        # A cell is a round number of minutes, so that hours stand at even distances.
        step = next((s for s in (5, 10, 12, 15, 20, 30, 60) if minutes / s <= axis), 60)
        self._step, self._start = timedelta(minutes=step), start
        self._axis = (1 + self._names, min(axis, -(-minutes // step)))
        body = max(1, height - 1)
        if not self.top <= self.at < self.top + body:
            self.top = self.at - body // 2
        self.top = max(0, min(self.top, len(lines) - body))

    def line_told(self) -> str:
        line = self.row()
        if line is None:
            return ""
        refs = ", ".join(dict.fromkeys(clean(span.ref) for span in line.spans if span.ref))
        parts = (clean(line.name), clean(line.note or line.skills), refs, *self._facts_of(line))
        return "\t".join(part for part in parts if part)

    def spots(self) -> Sequence[Spot]:
        visible = min(self.size.height - 1, len(self._all()) - self.top)
        return [Spot(0, 1 + y, partial(self._move_to, self.top + y)) for y in range(visible)]

    def _now_cell(self) -> int:
        cell = int((self.now() - self._start) / self._step)
        return cell if 0 <= cell < self._axis[1] else -1

    def key(self, block: int, y: int) -> Hashable:
        shape = (self._names, self._axis, self._step, self._start)
        if y == 0:
            return ("head", self._now_cell(), shape)
        lines = self._all()
        if not lines:
            return ("empty", self.provider.waits()) if y == 1 else ("nothing",)
        index = self.top + y - 1
        if index >= len(lines):
            return ("nothing",)
        line = lines[index]
        here = (2 if self.has_focus else 1) if index == self.at else 0
        return ("line", line.id, line.version, here, self._now_cell(), self._facts_of(line), shape, line)

    def _facts_of(self, line: DayLine) -> tuple[str, str, str]:
        now = self.now()
        free = "?" if line.next_free is None else "now" if line.next_free <= now else day_word(line.next_free, now, self.zone)
        heard = ago(line.heard, now) if line.heard else "—"
        return free, f"{line.kept} of {line.promised}" if line.promised else "", heard

    def draw(self, key: Any, cells: int) -> list[Segment]:
        glyphs = self.look.glyphs
        match key:
            case ("head", now_cell, _):
                return self._head(cells, now_cell)
            case ("empty", words):
                return self.spread(cells, [(f"  {words or NOBODY}", "dim")])
            case ("line", _, _, here, now_cell, facts, _, line):
                over = {0: None, 1: "cursor_away", 2: "cursor"}[here]
                left: list[Piece] = [(glyphs.cursor, "strong") if here else (" ", "normal")]
                left.append((pad(clean(line.name), self._name_cells - 1, "left", glyphs.ellipsis) + " ", "strong"))
                rest = self._names - self._name_cells
                if rest > 0:
                    left.append((pad(clean(line.note or line.skills), rest - 1, "left", glyphs.ellipsis) + " ", "dim"))
                # The bars keep their own colours under the cursor: the glyph, the name and the figures show where it is.
                segments = self.spread(self._axis[0], left, (), over)
                segments += self.spread(self._axis[1], self._bars(line, now_cell))
                return segments + self.spread(cells - sum(self._axis), self._figures(line, facts, cells), (), over)
        return self.blank(cells)

    def _head(self, cells: int, now_cell: int) -> list[Segment]:
        axis = [" "] * self._axis[1]
        minute = timedelta(minutes=60) // self._step
        first = self._start.astimezone(self.zone)
        for cell in range(0, len(axis), max(1, minute)):
            hour = f"{(first + self._step * cell):%H}"
            if (minute >= 3 and cell + 2 <= len(axis)) or ((cell // max(1, minute)) % 2 == 0 and cell + 2 <= len(axis)):
                axis[cell : cell + 2] = list(hour)
        pieces: list[Piece] = [(" " * self._axis[0], "normal")]
        text = "".join(axis)
        if now_cell >= 0:
            pieces += [
                (text[:now_cell], "title"),
                (self.look.glyphs.now, "now"),
                (text[now_cell + 1 :], "title"),
            ]
        else:
            pieces.append((text, "title"))
        wide = cells >= 100
        titles = f" {'next free':<11}{'promised':<10}{'last heard':>10}" if wide else f" {'free':<8}{'kept':<7}{'heard':>6}"
        return self.spread(cells, pieces + ([(titles, "title")] if self._facts else []))

    def _figures(self, line: DayLine, facts: tuple[str, str, str], cells: int) -> list[Piece]:
        if not self._facts:
            return []
        glyphs = self.look.glyphs
        a, b, c = (11, 10, 8) if cells >= 100 else (8, 7, 6)
        free, promised, heard = facts
        mark = f" {glyphs.soon}" if line.free_soon else ""
        role = "fine" if free == "now" else "soon" if line.free_soon or free == "?" else "normal"
        return [
            (" " + pad(clip(free, a - 2) + mark, a), role),
            (pad(promised, b), "dim"),
            (pad(heard, c, "right"), "soon" if line.silent else "dim"),
            (f" {glyphs.behind}" if line.silent else "  ", "soon"),
        ]

    def _bars(self, line: DayLine, now_cell: int) -> list[Piece]:
        glyphs = self.look.glyphs
        count = self._axis[1]
        cells: list[Piece] = [(" ", "gap")] * count
        for span in line.spans:
            name, role = _KINDS.get(span.kind, ("planned", "bar_plan"))
            low = max(0, round((span.start - self._start) / self._step))
            high = min(count, max(low + 1, round((span.end - self._start) / self._step)))
            if low >= count or high <= 0:
                continue
            cells[low:high] = [(getattr(glyphs, name), role)] * (high - low)
            ref = clean(span.ref)
            if span.kind == "absent":
                ref = f" {ref} " if ref else ""
            if ref and _w(ref) < high - low:
                at = low + (high - low - _w(ref)) // 2
                cells[at : at + _w(ref)] = [(character, "normal") for character in ref]
        if now_cell >= 0 and cells[now_cell][1] in ("gap", "away"):
            cells[now_cell] = (glyphs.now, "now")
        return cells

    def _move_to(self, index: int) -> None:
        lines = self._all()
        if not lines:
            return
        self.at = max(0, min(index, len(lines) - 1))
        before, self.cursor = self.cursor, lines[self.at].id
        self.settle()
        if before != self.cursor:
            self.post_message(messages.RowReached(self, self.cursor, lines[self.at]))

    def action_up(self) -> None:
        self._move_to(self.at - 1)

    def action_down(self) -> None:
        self._move_to(self.at + 1)

    def action_page_up(self) -> None:
        self._move_to(self.at - max(1, self.size.height - 2))

    def action_page_down(self) -> None:
        self._move_to(self.at + max(1, self.size.height - 2))

    def action_half_up(self) -> None:
        self._move_to(self.at - max(1, (self.size.height - 1) // 2))

    def action_half_down(self) -> None:
        self._move_to(self.at + max(1, (self.size.height - 1) // 2))

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(len(self._all()) - 1)

    def action_open(self) -> None:
        row = self.row()
        if row is not None:
            self.post_message(messages.RowOpened(self, row.id, row))

    def on_click(self, event: events.Click) -> None:
        if event.y >= 1 and self.top + event.y - 1 < len(self._all()):
            self._move_to(self.top + event.y - 1)


def _w(text: str) -> int:
    return width(clean(text))


__all__ = ["Day", "DayLine", "DayProvider", "DaySpan"]

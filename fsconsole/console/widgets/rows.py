"""Rows: a list or table of any length, drawn by one widget that asks only for what is visible.

It stands apart because exceptions, clients, contracts, sites, money, search results and history are all this
one list with other columns.

Always: numbers are right-aligned in columns whose width does not depend on the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple, Protocol

from rich.segment import Segment
from textual import events

from fsconsole.console import messages
from fsconsole.console.keys import bindings
from fsconsole.console.text import clean, clip, pad, width
from fsconsole.console.widgets.canvas import Canvas, Piece, Spot

#: A cell: its words, or (words, role).
Cell = str | tuple[str, str]


class Row(NamedTuple):
    """One row: ``version`` changes when anything shown changes; ``cells`` stand in the order of the fields; ``about`` are
    things that it is about: where one of them changed, the row shows it."""

    id: bytes | str
    version: int
    cells: tuple[Cell, ...]
    about: tuple[bytes, ...] = ()


class RowField(NamedTuple):
    """A column of the list.

    ``cells`` is its width; ``grow`` shares what is left (0: never grows); ``align`` is left or right;
    ``drop`` decides what goes first where there is no room: 0 never goes, 9 goes first. Until it has the cells it ``wants``,
    columns of drop 5 and more go.
    """

    key: str
    title: str
    cells: int
    align: str = "left"
    grow: int = 0
    drop: int = 0
    role: str = "normal"
    wants: int = 0


class RowsProvider(Protocol):
    """``count()`` of all rows under the present filter; ``rows(offset, limit)`` of them in order; ``place(id)`` the
    index of a row or None. All are asked while drawing and must be quick."""

    def count(self) -> int: ...
    def rows(self, offset: int, limit: int) -> Sequence[Row]: ...
    def place(self, id: bytes | str) -> int | None: ...


class ListRows:
    """A provider over rows at hand, for lists that are short. Headings and what a long row goes on with do not ``count``."""

    def __init__(self, rows: Sequence[Row] = (), counts: Callable[[Row], bool] = lambda _: True) -> None:
        self.all = list(rows)
        self._before = (0, *accumulate(map(counts, self.all)))

    def counted(self, index: int) -> int:
        """How many of the rows before ``index`` count."""
        return self._before[index]

    def count(self) -> int:
        return len(self.all)

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        return self.all[offset : offset + limit]

    def place(self, id: bytes | str) -> int | None:
        return next((index for index, row in enumerate(self.all) if row.id == id), None)


class Rows(Canvas, can_focus=True):
    """``Rows(provider, fields, sort=("due", False), empty="Nothing here.", heading=True)``.

    ``empty`` is what an empty list says. Posts RowReached, RowOpened, Marked.
    """

    BINDINGS = bindings("move")

    def __init__(
        self,
        provider: RowsProvider,
        fields: Sequence[RowField],
        *,
        sort: tuple[str, bool] | None = None,
        empty: str = "Nothing here.",
        heading: bool = True,
        changed_for: float = 6.0,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.provider = provider
        self.fields = tuple(fields)
        self.sort = sort
        self.empty = empty
        self.heading = heading
        self.marks: set[bytes | str] = set()
        self.cursor: bytes | str | None = None
        self.at = 0
        self.top = 0
        self._count: int | None = None
        self._window: tuple[int, int, Sequence[Row]] = (0, 0, ())
        self._plan: tuple[tuple[int, int], ...] = ()
        self._changed: set[bytes | str] = set()
        self._changed_for = changed_for
        self._last_mark: bytes | str | None = None
        self._told = False

    # What a screen asks of it.

    def reload(self) -> None:
        """Asks for what is visible again and repaints what differs; the cursor stays on its row if that is still there."""
        self._count = None
        self._window = (0, 0, ())
        self._follow()
        self.settle()

    def update(self, *ids: bytes | str) -> None:
        """These rows changed: like reload, and they show a mark for some seconds."""
        self.mark_changed(*ids)
        self.reload()

    def mark_changed(self, *ids: bytes | str) -> None:
        """These rows show a mark for some seconds, from the next reload on."""
        fresh = set(ids) - self._changed
        self._changed |= fresh
        if fresh and self.is_mounted:
            self.set_timer(self._changed_for, lambda: self._calm(fresh))

    def set_fields(self, fields: Sequence[RowField], sort: tuple[str, bool] | None = None) -> None:
        """Other columns or another order; the provider has been told before."""
        self.fields, self.sort = tuple(fields), sort
        self.reload()

    def set_provider(self, provider: RowsProvider) -> None:
        """Other rows, such as another filter's; the cursor stays on its row if it is among them."""
        self.provider = provider
        self.reload()

    def go(self, id: bytes | str) -> bool:
        """Puts the cursor on a row; False when it is not in the list now."""
        found = self.provider.place(id)
        if found is None:
            return False
        self._move_to(found)
        return True

    def row(self) -> Row | None:
        """The row under the cursor."""
        rows = self._rows(self.at, 1)
        return rows[0] if rows else None

    def clear_marks(self) -> None:
        self.marks.clear()
        self.post_message(messages.Marked(frozenset()))
        self.settle()

    def place_kept(self) -> dict[str, object]:
        return {"id": self.cursor, "at": self.at, "top": self.top}

    def place_restored(self, kept: dict[str, object]) -> None:
        self.cursor, self.at, self.top = kept.get("id"), kept.get("at", 0), kept.get("top", 0)  # type: ignore[assignment]
        self.reload()

    # Rows.

    def count(self) -> int:
        if self._count is None:
            self._count = self.provider.count()
        return self._count

    def _rows(self, offset: int, limit: int) -> Sequence[Row]:
        start, asked, rows = self._window
        if offset < start or offset + limit > start + asked:
            start, asked = max(0, offset - limit // 2), limit * 2
            rows = self.provider.rows(start, asked)
            self._window = (start, asked, rows)
        return rows[offset - start : offset - start + limit]

    def _follow(self) -> None:
        count = self.count()
        row = self.row() if count else None
        if row is None or row.id != self.cursor:
            found = self.provider.place(self.cursor) if self.cursor is not None and count else None
            self.at = found if found is not None else max(0, min(self.at, count - 1))
            row = self.row() if count else None
        before, self.cursor = self.cursor, row.id if row else None
        if before != self.cursor or not self._told:
            self._told = True
            self.post_message(messages.RowReached(self, self.cursor, row))

    def on_mount(self) -> None:
        self._follow()

    # Lines.

    def prepare(self, width: int, height: int) -> None:
        self._plan = self._columns(width - 2)
        visible = self._visible(height)
        count = self.count()
        self.at = max(0, min(self.at, count - 1))
        if not self.top <= self.at < self.top + visible:
            # By half a page, so that a held key repaints the list seldom.
            self.top = self.at - visible // 2
        self.top = max(0, min(self.top, count - visible))
        if count:
            self._rows(self.top, visible)

    def _visible(self, height: int) -> int:
        body = height - (1 if self.heading else 0)
        return max(1, body - (1 if self.count() > body else 0))

    def _columns(self, room: int) -> tuple[tuple[int, int], ...]:
        """(index of the field, its cells) of the columns that fit; two cells stand between columns."""
        kept = list(range(len(self.fields)))
        while len(kept) > 1 and sum(self.fields[i].cells + 2 for i in kept) - 2 > room:
            worst = max(kept, key=lambda i: (self.fields[i].drop, i))
            if not self.fields[worst].drop:
                break
            kept.remove(worst)
        wanted = sum(max(0, self.fields[i].wants - self.fields[i].cells) for i in kept)
        for i in sorted((i for i in kept if self.fields[i].drop >= 5), key=lambda i: -self.fields[i].drop):
            if sum(self.fields[i].cells + 2 for i in kept) - 2 + wanted > room:
                kept.remove(i)
        left = room - (sum(self.fields[i].cells + 2 for i in kept) - 2)
        base = {i: self.fields[i].cells for i in kept}
        while left < 0 and (wide := [i for i in kept if self.fields[i].grow and base[i] > 8]):
            base[max(wide, key=lambda i: base[i])] -= 1
            left += 1
        while left < 0 and (words := [i for i in kept if self.fields[i].align == "left" and base[i] > 8]):
            base[max(words, key=lambda i: base[i])] -= 1  # a word may be cut before a figure
            left += 1
        shares = sum(self.fields[i].grow for i in kept)
        plan: list[tuple[int, int]] = []
        for i in kept:
            grow = self.fields[i].grow
            more = max(0, left) * grow // shares if shares and grow else 0
            left, shares = left - more, shares - grow
            plan.append((i, base[i] + more))
        return tuple(plan)

    def line_told(self) -> str:
        row = self.row() if self.count() else None
        return _line(row) if row is not None else ""

    def marked_told(self) -> list[str]:
        if not self.marks:
            return []
        return [_line(row) for row in self.provider.rows(0, self.count()) if row.id in self.marks]

    def spots(self) -> Sequence[Spot]:
        visible = min(self._visible(self.size.height), self.count() - self.top)
        head = 1 if self.heading else 0
        return [Spot(0, head + y, partial(self._move_to, self.top + y)) for y in range(visible)]

    def key(self, block: int, y: int) -> Hashable:
        if self.heading:
            if y == 0:
                return ("head", self._plan, self.sort, self.fields)
            y -= 1
        count = self.count()
        if not count:
            return ("empty", self.empty) if y == 0 else ("nothing",)
        visible = self._visible(self.size.height)
        if count > visible and y >= visible:
            counted: Callable[[int], int] = getattr(self.provider, "counted", lambda rows: rows)
            shown = (counted(self.top), counted(self.top + visible), counted(count))
            return ("more", *shown) if y == visible else ("nothing",)
        index = self.top + y
        if index >= count:
            return ("nothing",)
        rows = self._rows(index, 1)
        if not rows:
            return ("nothing",)
        row = rows[0]
        here = (2 if self.has_focus else 1) if index == self.at else 0
        return (
            "row",
            row.id,
            row.version,
            here,
            row.id in self.marks,
            row.id in self._changed or not self._changed.isdisjoint(row.about),
            self._plan,
            row.cells,
        )

    def draw(self, key: Any, cells: int) -> list[Segment]:
        glyphs = self.look.glyphs
        match key:
            case ("head", plan, sort, _):
                pieces: list[Piece] = [("  ", "normal")]
                for place, (index, room) in enumerate(plan):
                    field = self.fields[index]
                    arrow = (glyphs.down if sort[1] else glyphs.up) if sort and sort[0] == field.key else ""
                    space = " " if width(field.title) + 2 <= room else ""
                    title = clip(field.title, room - 1, glyphs.ellipsis) + space + arrow if arrow else field.title
                    pieces += [("  ", "normal")] if place else []
                    pieces.append((pad(title, room, field.align, glyphs.ellipsis), "here" if arrow else "title"))
                return self.spread(cells, pieces)
            case ("empty", words):
                return self.spread(cells, [(f"  {words}", "dim")])
            case ("more", above, last, count):
                at = f"{above + 1:,}–{last:,} of {count:,}"
                return self.spread(cells, [(f"  {glyphs.more} {at}", "dim")])
            case ("row", _, _, here, marked, changed, plan, values):
                over = {0: None, 1: "cursor_away", 2: "cursor"}[here]
                return self.spread(cells, self._row_pieces(here, marked, changed, plan, values), (), over)
        return self.blank(cells)

    def _row_pieces(
        self, here: int, marked: bool, changed: bool, plan: Sequence[tuple[int, int]], values: Sequence[Cell]
    ) -> list[Piece]:
        glyphs = self.look.glyphs
        pieces: list[Piece] = [(glyphs.cursor, "strong") if here else (" ", "normal")]
        pieces.append((glyphs.marked, "marked") if marked else (glyphs.changed, "changed") if changed else (" ", "normal"))
        for place, (index, room) in enumerate(plan):
            field = self.fields[index]
            value = values[index] if index < len(values) else ""
            words, role = (value, field.role) if isinstance(value, str) else value
            words = self.said(words)
            if not values[0] and 0 < index == len(values) - 1 < len(self.fields) - 1:
                # A heading among the rows: nothing before it, nothing behind it; it stands over all that is left.
                pieces += [("  ", "normal"), (words, role)]
                break
            if field.align == "right" and width(words) > room:
                # A number cut short would be another number.
                words = "#" * room if words.strip("−-£€$0123456789,.~ ") == "" else words
            pieces += [("  ", "normal")] if place else []
            pieces.append((pad(words, room, field.align, glyphs.ellipsis), role))
        return pieces

    # Moving.

    def _move_to(self, index: int) -> None:
        count = self.count()
        if not count:
            return
        self.at = max(0, min(index, count - 1))
        row = self.row()
        before, self.cursor = self.cursor, row.id if row else None
        self.settle()
        if before != self.cursor:
            self.post_message(messages.RowReached(self, self.cursor, row))

    def action_up(self) -> None:
        self._move_to(self.at - 1)

    def action_down(self) -> None:
        self._move_to(self.at + 1)

    def action_page_up(self) -> None:
        self._move_to(self.at - max(1, self._visible(self.size.height) - 1))

    def action_page_down(self) -> None:
        self._move_to(self.at + max(1, self._visible(self.size.height) - 1))

    def action_half_up(self) -> None:
        self._move_to(self.at - max(1, self._visible(self.size.height) // 2))

    def action_half_down(self) -> None:
        self._move_to(self.at + max(1, self._visible(self.size.height) // 2))

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(self.count() - 1)

    def action_open(self) -> None:
        row = self.row() if self.count() else None
        if row is not None:
            self.post_message(messages.RowOpened(self, row.id, row))

    def action_mark(self) -> None:
        if self.cursor is None:
            return
        self.marks ^= {self.cursor}
        self._last_mark = self.cursor
        self.post_message(messages.Marked(frozenset(self.marks)))
        self.action_down()
        self.settle()

    def action_mark_range(self) -> None:
        """Marks from the last mark to the cursor."""
        place = self.provider.place(self._last_mark) if self._last_mark is not None else None
        if place is None:
            self.action_mark()
            return
        low, high = sorted((place, self.at))
        self.marks |= {row.id for row in self.provider.rows(low, high - low + 1)}
        self.post_message(messages.Marked(frozenset(self.marks)))
        self.settle()

    def action_invert_marks(self) -> None:
        self.marks ^= {row.id for row in self.provider.rows(0, self.count())}
        self.post_message(messages.Marked(frozenset(self.marks)))
        self.settle()

    def _calm(self, ids: set[bytes | str]) -> None:
        self._changed -= ids
        self.settle()

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y - (1 if self.heading else 0)
        if event.y >= (1 if self.heading else 0) and index < self.count():
            self._move_to(index)
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.action_down()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.action_up()


def _line(row: Row) -> str:
    """A row's cells as text, apart by tabs."""
    words = (cell if isinstance(cell, str) else cell[0] for cell in row.cells)
    return "\t".join(clean(one) for one in words if one.strip())

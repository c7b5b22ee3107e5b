"""Board: lanes of cards side by side, drawn by one widget.

It stands apart because it is the screen a dispatcher looks at all day: its cost follows what is visible,
and nothing moves under the cursor unless the work moved.

Always: the corner of a card says the same thing, what is left of its promise; the cursor stays on its job,
wherever that goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from typing import Any

from rich.segment import Segment
from textual import events

from fsconsole.console import messages
from fsconsole.console.glyphs import COLUMNS
from fsconsole.console.keys import bindings
from fsconsole.console.text import clean, pad, width
from fsconsole.console.widgets.board_card import (
    BoardProvider,
    CardLike,
    LaneLike,
    card_line,
    corner,
    header_line,
    status,
    worst_of,
)
from fsconsole.console.widgets.board_lanes import ONE_LIST, SHELF, LaidOut, fold, heights, shares
from fsconsole.console.widgets.canvas import Canvas, Spot

#: Words of cards kept within one minute.
MOST_SAID = 2000


class Board(Canvas, can_focus=True):
    """``Board(provider, now, zone=..., beside=(...), money=...)``.

    ``now`` gives the present instant, ``zone`` the local zone of clock times, ``beside`` the columns that stand
    below as a count until ``show(column)``, ``money(minor units)`` the words of an amount.
    Posts CardReached, CardOpened, Marked.
    """

    BINDINGS = bindings("move", "board")

    def __init__(
        self,
        provider: BoardProvider,
        now: Callable[[], datetime],
        *,
        zone: tzinfo = UTC,
        beside: Sequence[str] = ("scheduled", "closed", "parked"),
        money: Callable[[int], str] = lambda minor: f"£{round(minor / 100):,}",
        changed_for: float = 6.0,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.provider = provider
        self.now = now
        self.zone = zone
        self.money = money
        self.beside = set(beside)
        self.shown: set[str] = set()
        self.marks: set[bytes] = set()
        self.cursor: bytes | None = None
        self.column = ""
        self._at: dict[str, int] = {}
        self._top: dict[str, int] = {}
        self._lanes: Sequence[LaneLike] | None = None
        self._windows: dict[str, tuple[int, int, Sequence[CardLike]]] = {}
        self._open: list[str] = []
        self._fold_width = 0
        self._layout: list[LaidOut] = []
        self._widths: list[tuple[int, int]] = []
        self._cells: list[int] = []
        self._room: tuple[Any, ...] = ()  # what the lanes' cells were shared out for
        self._shelf: list[LaneLike] = []
        self._head = 2
        self._shelf_at = 0
        self._foot_text = ""
        self._has_foot = False
        self._told: dict[str, LaneLike] = {}
        self._blocks_now: list[tuple[int, int]] = []
        self._lane_kept: dict[str, tuple[Any, list[Hashable]]] = {}
        self._said_at: datetime | None = None
        self._says: dict[tuple[bytes, int, bool], tuple[str, str, str]] = {}
        self._changed: set[bytes] = set()
        self._changed_for = changed_for
        self._last_mark: bytes | None = None

    # What a screen asks of it.

    def reload(self) -> None:
        """Asks for everything visible again and repaints what differs; the cursor stays on its job."""
        self._lanes = None
        self._windows.clear()
        self._follow()
        self.settle()

    def update(self, *jobs: bytes) -> None:
        """These jobs changed, and perhaps others: asks again for the lanes in which anything did, and their cards show a
        mark for some seconds."""
        fresh = set(jobs) - self._changed
        self._changed |= fresh
        before = {lane.column: lane.version for lane in self._lanes or ()}
        self._lanes = tuple(self.provider.lanes())
        seen = {lane.column: lane for lane in self._layout}
        for lane in self._lanes:
            if not lane.version or before.get(lane.column) != lane.version:
                self._windows.pop(lane.column, None)
                if lane.jobs and (laid := seen.get(lane.column)) is not None:
                    # What is seen and one more: what lies beyond is asked for when the cursor goes there.
                    asked = laid.visible + 1
                    self._windows[lane.column] = laid.top, asked, self.provider.rows(lane.column, laid.top, asked)
        self._follow()
        self.settle()
        if fresh and self.is_mounted:
            # Not a timer of Textual's: the task behind one costs more than taking the mark away.
            asyncio.get_running_loop().call_later(self._changed_for, self._calm, fresh)

    def tick(self) -> None:
        """The clock moved: repaints the words of time that changed."""
        self.settle()

    def go(self, job: bytes) -> bool:
        """Puts the cursor on a job, unfolding its lane; False when it is not on the board now."""
        found = self.provider.place(job)
        if found is None:
            return False
        column, index = found
        if column in self.beside:
            self.shown.add(column)
        self._move_to(column, index)
        return True

    def show(self, column: str, shown: bool | None = None) -> None:
        """Shows or hides a column that stands beside the board; None turns it over."""
        wanted = column not in self.shown if shown is None else shown
        (self.shown.add if wanted else self.shown.discard)(column)
        # Where not all lanes fit, the one just asked for is among those that stand open.
        self._open = [column] if wanted else []
        self._fold_width = self.size.width
        self._follow()
        self.settle()

    def row(self) -> CardLike | None:
        """The row under the cursor."""
        if not self.column:
            self._follow()
        index = self._at.get(self.column, 0)
        return self._row(self.column, index) if self.column else None

    def clear_marks(self) -> None:
        self.marks.clear()
        self.post_message(messages.Marked(frozenset()))
        self.settle()

    def place_kept(self) -> dict[str, object]:
        """Cursor, column and scroll, to be given to ``place_restored`` when coming back."""
        return {"job": self.cursor, "column": self.column, "at": dict(self._at), "top": dict(self._top)}

    def place_restored(self, kept: dict[str, object]) -> None:
        self.cursor = kept.get("job")  # type: ignore[assignment]
        self.column = str(kept.get("column") or "")
        self._at = dict(kept.get("at") or {})  # type: ignore[call-overload]
        self._top = dict(kept.get("top") or {})  # type: ignore[call-overload]
        self.reload()

    # Rows.

    def _columns(self) -> list[LaneLike]:
        if self._lanes is None:
            self._lanes = tuple(self.provider.lanes())
        return [lane for lane in self._lanes if lane.column not in self.beside or lane.column in self.shown]

    def _lane(self, column: str) -> LaneLike | None:
        return next((lane for lane in self._columns() if lane.column == column), None)

    def _rows(self, column: str, offset: int, limit: int) -> Sequence[CardLike]:
        """Rows of a column; what was fetched last is kept, so that moving inside it asks nothing."""
        start, asked, rows = self._windows.get(column, (0, 0, ()))
        if offset < start or offset + limit > start + asked:
            start, asked = max(0, offset - limit // 2), limit * 2
            rows = self.provider.rows(column, start, asked)
            self._windows[column] = (start, asked, rows)
        return rows[offset - start : offset - start + limit]

    def _row(self, column: str, index: int) -> CardLike | None:
        rows = self._rows(column, index, 1)
        return rows[0] if rows else None

    def _follow(self) -> None:
        """After the rows changed: find the cursor's job again, else stay near where it was."""
        columns = self._columns()
        if not columns:
            self.cursor, self.column = None, ""
            return
        if self.cursor is not None:
            row = self._row(self.column, self._at.get(self.column, 0)) if self._lane(self.column) else None
            if row is not None and row.job == self.cursor:
                return
            found = self.provider.place(self.cursor)
            if found is not None and any(lane.column == found[0] for lane in columns):
                self.column, self._at[found[0]] = found
                return
        lane = self._lane(self.column)
        if lane is None or not lane.jobs:
            lane = next((lane for lane in columns if lane.jobs), columns[0])
        self.column = lane.column
        self._at[lane.column] = max(0, min(self._at.get(lane.column, 0), lane.jobs - 1))
        row = self._row(lane.column, self._at[lane.column]) if lane.jobs else None
        before, self.cursor = self.cursor, row.job if row else None
        if before != self.cursor:
            self.post_message(messages.CardReached(self.cursor, self.column))

    # Layout.

    def prepare(self, width: int, height: int) -> None:
        columns = self._columns()
        if not self.column or self._lane(self.column) is None:
            self._follow()
        names = fold(columns, width, self.column, self._open if self._fold_width == width else ())
        self._open, self._fold_width = (names, width) if len(names) < len(columns) and width >= ONE_LIST else ([], 0)
        opened = [lane for lane in columns if lane.column in names]
        self._shelf = [lane for lane in columns if lane not in opened]
        if self._shelf or width < ONE_LIST:
            self._shelf += [lane for lane in self._lanes or () if lane not in columns and lane.jobs]
        shelf = SHELF if self._shelf and width >= ONE_LIST else 0
        space = width - shelf - (len(opened) - 1) - (1 if shelf else 0)
        body = height - self._head - 1
        room = (width, height, tuple(names))
        if room != self._room:
            # Taken anew only when the room or the lanes change: cards that come and go must not move the lanes about.
            self._room, self._cells = room, shares(opened, max(0, space), body)
        self._widths, x = [], 0
        for cells in self._cells:
            self._widths.append((x, cells))
            x += cells + 1
        self._shelf_at = x if shelf else 0
        self._has_foot = self._foot()
        body = height - self._head - (1 if self._has_foot else 0)
        self._told = {lane.column: lane for lane in opened}
        self._layout = [self._lay(lane, body) for lane in opened]
        self._blocks_now = self.blocks(width)
        self._foot_text = self._foot_line(width) if self._has_foot else ""

    def arrange(self) -> None:
        """Shares the room out anew among the lanes: nobody has been looking, so nothing jumps under their eyes."""
        self._room = ()
        self.settle()

    def _foot(self) -> bool:
        """Whether a last line tells of what is not on the board."""
        return bool(self._shelf and not self._shelf_at) or (not self._shelf and bool(self._hidden()))

    def _hidden(self) -> list[LaneLike]:
        """The columns that stand beside the board and have something in them."""
        away = self.beside - self.shown
        return [lane for lane in self._lanes or () if lane.column in away and lane.jobs]

    def _lay(self, lane: LaneLike, body: int) -> LaidOut:
        column = lane.column
        lines, step, top, visible = heights(lane.jobs, body, self._at.get(column, 0), self._top.get(column, 0))
        self._top[column] = top
        rows = self._rows(column, top, visible) if lane.jobs else ()
        return LaidOut(column, lane.jobs, lines, step, top, visible, rows)

    def blocks(self, width: int) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        for index, (x, cells) in enumerate(self._widths):
            if index:
                spans.append((x - 1, 1))
            spans.append((x, cells))
        if self._shelf_at:
            spans += [(self._shelf_at - 1, 1), (self._shelf_at, width - self._shelf_at)]
        return spans

    def line_told(self) -> str:
        row = self.row()
        return _line(row) if row is not None else ""

    def marked_told(self) -> list[str]:
        found = []
        for job in self.marks:
            place = self.provider.place(job)
            row = self._row(*place) if place is not None else None
            found += [_line(row)] if row is not None else []
        return sorted(found)

    def spots(self) -> Sequence[Spot]:
        found: list[Spot] = []
        for lane, (x, _) in zip(self._layout, self._widths, strict=True):
            for index in range(len(lane.rows)):
                go = partial(self._move_to, lane.column, lane.top + index)
                found.append(Spot(x, self._head + index * lane.step, go))
        return found

    # Lines.

    def keys(self, blocks: int, height: int) -> list[list[Hashable]]:
        now, kept = self._minute(), self._lane_kept
        self._lane_kept = {}
        found: list[list[Hashable]] = []
        for block in range(blocks):
            index, between = divmod(block, 2)
            if between:
                found.append(_bar(height, self._head - 1))
            elif index < len(self._layout):
                lane = self._layout[index]
                told, flags = self._told[lane.column], self._flags(lane)
                stands = (lane, told.jobs, told.value, told.estimate, height, now, flags, lane.column == self.column)
                same, keys = kept.get(lane.column, (None, []))
                if same != stands:
                    keys = self._lane_keys(lane, flags, height, now)
                self._lane_kept[lane.column] = stands, keys
                found.append(keys)
            else:
                found.append([self._shelf_key(y, now) for y in range(height)])
        if self._has_foot:
            for at, (x, cells) in enumerate(self._blocks_now):
                found[at] = [*found[at][:-1], ("foot", self._foot_text[x : x + cells])]
        return found

    def _lane_keys(self, lane: LaidOut, marks: Sequence[tuple[int, bool, bool]], height: int, now: datetime) -> list[Hashable]:
        told = self._told[lane.column]
        value = self.money(told.value) if told.value else ""
        here = lane.column == self.column
        keys: list[Hashable] = [
            ("head", y, self._head, lane.column, told.jobs, value, told.estimate, here) for y in range(self._head)
        ]
        if not lane.total:
            keys.append(("none",))
        hidden = lane.total - lane.visible
        room = min(lane.visible, height - self._head) if hidden > 0 else height - self._head
        for row, flags in zip(lane.rows, marks, strict=True):
            for part in range(lane.step):
                if part >= lane.lines:
                    keys.append(_NOTHING)
                    continue
                words: object = None
                if part == 0:
                    words = self._said(row, True, now)
                elif part == lane.lines - 1:
                    words = self._said(row, False, now)
                keys.append(("card", row.job, row.version, part, lane.lines, words, flags, row))
        del keys[self._head + room :]
        if hidden > 0 and len(keys) == self._head + lane.visible < height:
            keys.append(("more", lane.top, hidden - lane.top, lane.visible))
        return keys[:height] + [_NOTHING] * (height - len(keys))

    def _said(self, row: CardLike, above: bool, now: datetime) -> tuple[str, str, str]:
        """A card's corner (``above``) or its status, worked out once a minute for each version of it."""
        if now != self._said_at or len(self._says) > MOST_SAID:
            self._said_at, self._says = now, {}
        known = row.job, row.version, above
        if (words := self._says.get(known)) is None:
            words = corner(row, now, self.zone) if above else status(row, now, self.zone, self.money)
            if row.version:
                self._says[known] = words
        return words

    def _flags(self, lane: LaidOut) -> list[tuple[int, bool, bool]]:
        """Of each visible card: whether the cursor is on it (2: and the keyboard too), whether marked, whether changed."""
        cursor = self.cursor if lane.column == self.column else None
        at_hand, told = 2 if self.has_focus else 1, {cursor, *self.marks, *self._changed}
        return [
            (at_hand if row.job == cursor else 0, row.job in self.marks, row.job in self._changed) if row.job in told else _PLAIN
            for row in lane.rows
        ]

    def _minute(self) -> datetime:
        """The minute that the clock shows: what is drawn within one minute is the same, whenever that is."""
        return self.now().replace(second=0, microsecond=0)

    def _shelf_key(self, y: int, now: datetime) -> Hashable:
        index, part = divmod(y, 3)
        if index >= len(self._shelf) or part == 2:
            return _NOTHING
        lane = self._shelf[index]
        worst = corner(worst_of(lane), now, self.zone) if lane.worst_due else None
        return (
            "shelf",
            part,
            lane.column,
            lane.jobs,
            worst,
            self.money(lane.value) if lane.value else "",
            lane.estimate,
            lane.stuck,
        )

    def _foot_line(self, cells: int) -> str:
        glyphs = self.look.glyphs
        lanes = self._shelf or self._hidden()
        for short in (False, True):
            names = [COLUMNS[lane.column].short if short and lane.column in COLUMNS else lane.column for lane in lanes]
            told = [f"{name} {lane.jobs:,}{self._danger(lane)}" for name, lane in zip(names, lanes, strict=True)]
            words = f" {glyphs.right} " + f" {glyphs.dot} ".join(told)
            if len(words) < cells:
                break
        else:  # each by its sign
            told = [f"{glyphs.column(lane.column)[0]}{lane.jobs:,}{self._danger(lane).strip()}" for lane in lanes]
            words = f" {glyphs.right} " + " ".join(told)
        return pad(words, cells, "left", glyphs.ellipsis)

    def _danger(self, lane: LaneLike) -> str:
        """A folded lane's worst promise, when it is late or nearly gone."""
        words, _, kind = corner(worst_of(lane), self._minute(), self.zone)
        mark = {"late": self.look.glyphs.late, "soon": self.look.glyphs.soon}.get(kind, "")
        return f" {mark}{words}" if mark else ""

    def draw(self, key: Any, cells: int) -> list[Segment]:
        glyphs = self.look.glyphs
        match key:
            case ("bar", True):
                return self.spread(cells, [(glyphs.cross, "faint")])
            case ("bar", False):
                return self.spread(cells, [(glyphs.bar, "faint")])
            case ("head", y, head, *rest):
                return header_line(self, cells, y, head, *rest)
            case ("card", _, _, part, lines, words, flags, row):
                return card_line(self, cells, row, part, lines, words, flags)
            case ("more", above, below, visible):
                words = f"{below:,} more" if not above else f"{above + 1:,}–{above + visible:,} of {above + visible + below:,}"
                if width(words) + 5 > cells:
                    words = f"{below:,} more" if below else f"{above:,} above"
                return self.spread(cells, [(f"  {glyphs.more} {words}", "dim")])
            case ("none",):
                return self.spread(cells, [(f" {glyphs.dash}", "faint")])
            case ("shelf", part, column, count, worst, value, estimate, stuck):
                _, word, role = glyphs.column(column)
                if part == 0:
                    return self.spread(cells, [(f" {word.upper()}", role)], [(f" {count:,} ", "strong")])
                mark = {"late": glyphs.late, "soon": glyphs.soon}.get(worst[2], "") if worst else ""
                left = [(" ", "normal"), (mark + worst[0], worst[1])] if worst else [(" ", "normal")]
                left += [(f" {glyphs.stuck}{stuck}" if worst else f"{glyphs.stuck}{stuck}", "stuck")] if stuck else []
                amount = f" {'~' if estimate else ''}{value}" if value else ""
                return self.spread(cells, left, [(amount, "estimate"), (" ", "normal")])
            case ("foot", words):
                return self.spread(cells, [(words, "dim")])
        return self.blank(cells)

    # Moving.

    def _move_to(self, column: str, index: int) -> None:
        lane = self._lane(column)
        if lane is None or not lane.jobs:
            return
        self.column = column
        self._at[column] = max(0, min(index, lane.jobs - 1))
        row = self._row(column, self._at[column])
        before, self.cursor = self.cursor, row.job if row else None
        self.settle()
        if before != self.cursor:
            self.post_message(messages.CardReached(self.cursor, column))

    def _page(self) -> int:
        lane = next((lane for lane in self._layout if lane.column == self.column), None)
        return max(1, lane.visible - 1) if lane else 1

    def action_up(self) -> None:
        self._move_to(self.column, self._at.get(self.column, 0) - 1)

    def action_down(self) -> None:
        self._move_to(self.column, self._at.get(self.column, 0) + 1)

    def action_page_up(self) -> None:
        self._move_to(self.column, self._at.get(self.column, 0) - self._page())

    def action_page_down(self) -> None:
        self._move_to(self.column, self._at.get(self.column, 0) + self._page())

    def action_half_up(self) -> None:
        self._move_to(self.column, self._at.get(self.column, 0) - max(1, self._page() // 2))

    def action_half_down(self) -> None:
        self._move_to(self.column, self._at.get(self.column, 0) + max(1, self._page() // 2))

    def action_first(self) -> None:
        self._move_to(self.column, 0)

    def action_last(self) -> None:
        lane = self._lane(self.column)
        self._move_to(self.column, lane.jobs - 1 if lane else 0)

    def action_left(self) -> None:
        self._aside(-1)

    def action_right(self) -> None:
        self._aside(1)

    def _aside(self, step: int) -> None:
        """To the next column that has cards, at about the same height on the screen."""
        columns = self._columns()
        names = [lane.column for lane in columns]
        if self.column not in names:
            return
        index = names.index(self.column) + step
        while 0 <= index < len(columns) and not columns[index].jobs:
            index += step
        if not 0 <= index < len(columns):
            return
        target = names[index]
        now_lane = next((lane for lane in self._layout if lane.column == self.column), None)
        then_lane = next((lane for lane in self._layout if lane.column == target), None)
        at = self._at.get(target, 0)
        if now_lane and then_lane:
            y = (self._at.get(self.column, 0) - now_lane.top) * now_lane.step
            at = then_lane.top + y // then_lane.step
        self._move_to(target, at)

    def action_open(self) -> None:
        if self.cursor is not None:
            self.post_message(messages.CardOpened(self.cursor, self.column))

    def action_mark(self) -> None:
        if self.cursor is None:
            return
        self.marks ^= {self.cursor}
        self._last_mark = self.cursor
        self.post_message(messages.Marked(frozenset(self.marks)))
        self.action_down()
        self.settle()

    def action_mark_range(self) -> None:
        """Marks from the last mark to the cursor, in the cursor's column."""
        place = self.provider.place(self._last_mark) if self._last_mark else None
        if place is None or place[0] != self.column:
            self.action_mark()
            return
        low, high = sorted((place[1], self._at.get(self.column, 0)))
        self.marks |= {row.job for row in self.provider.rows(self.column, low, high - low + 1)}
        self.post_message(messages.Marked(frozenset(self.marks)))
        self.settle()

    def action_invert_marks(self) -> None:
        """In the cursor's column, what was marked is not and the other way round."""
        lane = self._lane(self.column)
        if lane is not None:
            self.marks ^= {row.job for row in self.provider.rows(self.column, 0, lane.jobs)}
            self.post_message(messages.Marked(frozenset(self.marks)))
            self.settle()

    def _calm(self, jobs: set[bytes]) -> None:
        self._changed -= jobs
        if self.is_attached and self.app.is_running:
            try:
                self.settle()
            except Exception as error:
                self.app._handle_exception(error)

    # The mouse, never needed.

    def on_click(self, event: events.Click) -> None:
        lane = next((self._layout[i] for i, (x, cells) in enumerate(self._widths) if x <= event.x < x + cells), None)
        if lane is None:
            if self._shelf_at and event.x >= self._shelf_at and event.y // 3 < len(self._shelf):
                target = self._shelf[event.y // 3].column
                if target in self.beside:
                    self.show(target, True)
                self._move_to(target, self._at.get(target, 0))
            return
        index = (event.y - self._head) // lane.step
        if 0 <= index < len(lane.rows):
            again = lane.rows[index].job == self.cursor and event.chain == 2
            self._move_to(lane.column, lane.top + index)
            if again:
                self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.action_down()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.action_up()


def _line(row: CardLike) -> str:
    """A card as text, its parts apart by tabs."""
    parts = (row.ref, row.client, row.location, row.title, row.column, row.technician)
    return "\t".join(clean(part) for part in parts if part)


_NOTHING = ("nothing",)
_PLAIN = (0, False, False)


@lru_cache(8)
def _bar(height: int, cross: int) -> list[Hashable]:
    """The keys of what stands between two lanes."""
    return [("bar", y == cross) for y in range(height)]

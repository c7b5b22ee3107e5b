"""What every list screen does alike: a heading line, the rows, their detail beside or below, filter, sort.

It stands apart because clients, contracts, exceptions, money, sites and search results differ only in what they
ask and in what they say about a row.

Always: one query serves what is visible; the cursor, the scroll, the filter and the sort stay when the screen is left.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from time import perf_counter
from typing import Any

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer

from fsconsole.console import messages
from fsconsole.console.aside import Aside
from fsconsole.console.keys import Hint
from fsconsole.console.screens.base import Chosen, View
from fsconsole.console.text import width
from fsconsole.console.widgets.canvas import Canvas, Piece
from fsconsole.console.widgets.detail import Detail, Section
from fsconsole.console.widgets.rows import Row, RowField, Rows
from fsconsole.store.opening import Store

#: From this width on the detail stands beside the list.
BESIDE = 160


class HeadLine(Canvas):
    """One line over a list: what it is, how much of it, and what it comes to."""

    DEFAULT_CSS = "HeadLine { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pieces: tuple[Piece, ...] = ()

    def say(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(pieces)
        self.settle()

    def key(self, block: int, y: int) -> Hashable:
        return self.pieces

    def draw(self, key: Any, cells: int) -> list[Segment]:
        pieces = [(self.said(text), role) for text, role in key if text]
        # A figure cut in two would be another figure: what does not fit goes whole, the least important first.
        while len(pieces) > 1 and 1 + sum(width(text) for text, _ in pieces) > cells:
            dim = [at for at, (_, role) in enumerate(pieces) if role == "dim" and at]
            del pieces[dim[-1] if dim else -1]
        return self.spread(cells, [(" ", "normal"), *pieces])


class QueryRows:
    """A provider over queries: a page, a count, a place. What was asked is kept until ``forget``."""

    def __init__(
        self,
        page: Callable[[int, int], Sequence[Any]],
        count: Callable[[], int],
        place: Callable[[Any], int | None],
        row: Callable[[Any], Row],
    ) -> None:
        self._page, self._ask_count, self._place, self._row = page, count, place, row
        self._count: int | None = None
        self.values: dict[Any, Any] = {}

    def forget(self) -> None:
        """The next question is asked of the store again."""
        self._count = None
        self.values.clear()

    def count(self) -> int:
        if self._count is None:
            self._count = self._ask_count()
        return self._count

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        made = []
        for value in self._page(offset, limit):
            row = self._row(value)
            self.values[row.id] = value
            made.append(row)
        return made

    def place(self, id: bytes | str) -> int | None:
        return self._place(id)

    def value(self, id: bytes | str | None) -> Any:
        """What the query gave for a row that was shown."""
        return self.values.get(id)


class Thrifty(View):
    """A view whose queries may cost something: what others change in quick succession is asked for once."""

    #: A reload that takes longer than this, in seconds, waits for the changes that follow.
    DEAR = 0.05

    def __init__(self) -> None:
        super().__init__()
        self._cost = 0.0
        self._late: Timer | None = None

    def changed(self, rows: Iterable[bytes]) -> None:
        if self._late is not None:
            return
        if self._cost > self.DEAR:
            self._late = self.set_timer(min(1.0, 2 * self._cost), self._reload)
        else:
            self._reload()

    @cached_property
    def apart(self) -> Aside:
        """Where what takes long is worked out for this view."""
        return Aside(self.console.store, self.console._handle_exception)

    def _reload(self) -> None:
        self._late = None
        began = perf_counter()
        self.reload()
        self._cost = perf_counter() - began


class Paired(Thrifty):
    """A view of a list (or map, or day) with what is told of the chosen row beside it, below it, or not at all."""

    PLACES = ("move", "app")
    #: From this width on the detail stands beside the list, and takes this share of it.
    BESIDE = BESIDE
    SHARE = 0.4
    #: Lines of detail below the list where there is no room beside it; 0 for none.
    BELOW = 0
    #: The least height with detail below.
    BELOW_FROM = 20
    LABELS = 12
    #: Seconds the cursor rests before a detail that takes long to tell is told.
    DELAY = 0.0

    DEFAULT_CSS = """
    Paired #body { layout: vertical; }
    Paired #body > #aside { display: none; }
    Paired.-beside #body { layout: horizontal; }
    Paired.-beside #body > #aside, Paired.-below #body > #aside { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: Timer | None = None
        self.heading = HeadLine(id="head")
        self.aside = Detail(labels=self.LABELS, rule="left", id="aside")

    def main(self) -> Canvas:
        """The list; its id is ``main``."""
        raise NotImplementedError

    def head(self) -> Sequence[Piece]:
        """The heading line."""
        return ()

    def told(self) -> Sequence[Section]:
        """What stands in the detail now."""
        return ()

    @property
    def store(self) -> Store:
        return self.console.store

    @property
    def now(self) -> datetime:
        return self.console.desk.now

    @property
    def today(self) -> date:
        return self.console.desk.today

    def hints(self) -> list[Hint]:
        return [hint for hint in super().hints() if hint.shown != "." or self.step()]

    def body(self) -> ComposeResult:
        yield self.heading
        with Container(id="body"):
            yield self.main()
            yield self.aside

    def tell(self, *, from_top: bool = False) -> None:
        """Tells the chosen row again, if the detail is to be seen."""
        if self.is_attached and self.aside.display:
            self.aside.say(self.told(), from_top=from_top)

    def tell_soon(self) -> None:
        """Tells another row: at once, or when the cursor rests."""
        if not self.DELAY:
            self.tell(from_top=True)
            return
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(self.DELAY, lambda: self.tell(from_top=True))

    def tick(self) -> None:
        self.reload()

    def on_mount(self) -> None:
        self._lay_out(self.app.size.width, self.app.size.height)
        self.reload()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out(event.size.width, event.size.height)

    def _lay_out(self, columns: int, lines: int) -> None:
        beside = columns >= self.BESIDE
        below = not beside and bool(self.BELOW) and lines >= self.BELOW_FROM
        self.set_class(beside, "-beside")
        self.set_class(below, "-below")
        self.aside.rule = "left" if beside else "top"
        if beside:
            self.aside.styles.width, self.aside.styles.height = int(columns * self.SHARE), "1fr"
        elif below:
            self.aside.styles.width, self.aside.styles.height = "1fr", self.BELOW + max(0, (lines - 24) // 3)
        self.call_after_refresh(self.tell)


class ListView(Paired):
    """A screen of one list. A subclass gives ``view``, ``words``, ``FIELDS``, ``provider``, and what else it has to say."""

    FIELDS: Sequence[RowField] = ()
    #: What it may be sorted by: words -> (what the query calls it, the column that shows it).
    SORTS: Mapping[str, tuple[str, str]] = {}
    EMPTY = "Nothing here."
    NO_MATCH = "Nothing here matches the filter; esc or an empty / shows everything."

    def __init__(self) -> None:
        super().__init__()
        self.sort_word = next(iter(self.SORTS), "")
        self.asked = self.provider()
        self.list = Rows(self.asked, self.FIELDS, sort=self._arrow(), empty=self.EMPTY, id="main")

    def main(self) -> Canvas:
        return self.list

    # What a subclass says.

    def provider(self) -> QueryRows:
        """The rows, asked with ``self.filter_words`` and ``self.order`` as they stand when asked."""
        raise NotImplementedError

    def everything(self) -> int:
        """How many there are without the filter."""
        return self.asked.count()

    def sections(self, value: Any) -> Sequence[Section]:
        """The detail of a row that the query gave."""
        return ()

    def open_row(self, id: Any, value: Any) -> None:
        """Enter on a row."""

    # What is the same for all.

    @property
    def order(self) -> str:
        """What the query calls the order."""
        return self.SORTS[self.sort_word][0] if self.sort_word in self.SORTS else ""

    def how_many(self, word: str, more: str = "") -> str:
        """``412 clients``, or ``37 of 412 clients`` under a filter."""
        shown, everything = self.asked.count(), self.everything()
        many = word if everything == 1 else more or word + "s"
        return f"{shown:,} of {everything:,} {many}" if self.filter_words else f"{shown:,} {many}"

    def value(self) -> Any:
        """What the query gave for the row under the cursor."""
        row = self.list.row() if self.list.count() else None
        return self.asked.value(row.id) if row else None

    def changed(self, rows: Iterable[bytes]) -> None:
        rows = list(rows)
        self.list.mark_changed(*rows)
        super().changed(rows)

    def reload(self) -> None:
        self.asked.forget()
        if not self.is_attached:
            return
        self.list.empty = self.NO_MATCH if self.filter_words else self.EMPTY
        self.list.reload()
        self.tell()
        self.heading.say(self.head())

    def take_filter(self, words: str) -> str:
        self.filter_words = words.strip()
        self.reload()
        return f"{self.asked.count():,} of {self.everything():,}" if self.filter_words else ""

    def sorts(self) -> Sequence[str]:
        return tuple(self.SORTS)

    def take_sort(self, name: str) -> None:
        self.sort_word = name
        self.asked.forget()
        self.list.set_fields(self.FIELDS, self._arrow())
        self.reload()

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "cursor": self.list.cursor.hex() if isinstance(self.list.cursor, bytes) else self.list.cursor}

    def take_up(self, kept: dict[str, Any]) -> None:
        super().take_up(kept)
        cursor = str(kept.get("cursor") or "")
        if cursor:
            try:
                self.list.go(bytes.fromhex(cursor)) or self.list.go(cursor)
            except ValueError:
                self.list.go(cursor)

    def _arrow(self) -> tuple[str, bool] | None:
        if self.sort_word not in self.SORTS:
            return None
        column = self.SORTS[self.sort_word][1]
        # Figures stand with the greatest first, words and days in their order.
        return column, any(field.key == column and field.align == "right" for field in self.FIELDS)

    def told(self) -> Sequence[Section]:
        value = self.value()
        return self.sections(value) if value is not None else ()

    def find(self, row: bytes | str) -> bool:
        """Puts the cursor on a row; False when it is not in the list now."""
        return self.list.go(row)

    def marked(self) -> list[Chosen]:
        values = [self.asked.value(id) for id in self.list.marks]
        return [one for value in values if value is not None and (one := self.choice(value)) is not None]

    def clear_marks(self) -> None:
        self.list.clear_marks()

    def chosen(self) -> Chosen | None:
        value = self.value()
        return self.choice(value) if value is not None else None

    def choice(self, value: Any) -> Chosen | None:
        """What letters act on when the cursor is on this row."""
        return None

    def on_row_reached(self, event: messages.RowReached) -> None:
        if event.sender is self.list:
            self.tell_soon()

    def on_row_opened(self, event: messages.RowOpened) -> None:
        if event.sender is self.list and event.id in self.asked.values:
            self.open_row(event.id, self.asked.value(event.id))


__all__ = ["BESIDE", "Chosen", "HeadLine", "ListView", "Paired", "QueryRows", "Thrifty"]

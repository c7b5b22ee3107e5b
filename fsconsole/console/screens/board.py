"""The board: every open job in its column, and the chosen one told beside (200x50) or below (120x30).

It stands apart because it is where the day is run: what is late, who goes, what is stuck.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from fsconsole.console import messages
from fsconsole.console.screens.base import Chosen, View
from fsconsole.console.telling import job_in_full, job_in_three_lines, next_step
from fsconsole.console.widgets.board import Board
from fsconsole.console.widgets.detail import Detail
from fsconsole.store.opening import Store
from fsconsole.store.queries import board as cards
from fsconsole.values.money import show

#: From this width the chosen job stands beside the board; from this height below it.
BESIDE, BELOW = 160, 28
#: Seconds the cursor rests before who could go is worked out.
REST = 0.12


class BoardRows:
    """A BoardProvider over the store, under one filter and one order."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.words = ""
        self.sort = "promise"
        self.closed = False

    def lanes(self) -> Sequence[cards.Lane]:
        columns = (*cards.OPEN, "closed") if self.closed else cards.OPEN
        return cards.lanes(self.store, self.words, columns)

    def rows(self, column: str, offset: int, limit: int) -> Sequence[cards.CardRow]:
        return [self._at_home(row) for row in cards.cards(self.store, column, offset, limit, self.words, self.sort)]

    def place(self, job: bytes) -> tuple[str, int] | None:
        return cards.place(self.store, job, self.words, self.sort)

    def count(self) -> tuple[int, int]:
        """(how many jobs the filter leaves, of how many)."""
        left = sum(lane.jobs for lane in cards.lanes(self.store, self.words))
        return left, left if not self.words else sum(lane.jobs for lane in cards.lanes(self.store))

    def _at_home(self, row: cards.CardRow) -> cards.CardRow:
        return row._replace(ref=row.ref.removeprefix(f"{self.store.code}-"))


class BoardView(View):
    """F2."""

    view = "board"
    words = "Board"
    PLACES = ("app", "move", "board")
    NARROWS = tuple(cards.FIELDS)
    DEFAULT_CSS = """
    BoardView #body { layout: vertical; }
    BoardView #detail { display: none; width: 1fr; }
    BoardView.-below #detail { display: block; height: 4; }
    BoardView.-beside #body { layout: horizontal; }
    BoardView.-beside #detail { display: block; width: 62; height: 1fr; }
    """

    def body(self) -> ComposeResult:
        desk = self.console.desk
        self.rows = BoardRows(desk.store)
        currency = desk.store.currency
        self.board = Board(
            self.rows, lambda: desk.now, zone=desk.zone, money=lambda minor: show(minor, currency, whole=True), id="main"
        )
        self.detail = Detail(rule="top", labels=9, focusable=False, id="detail")
        self._due: Any = None
        self._told_of: object = None
        with Container(id="body"):
            yield self.board
            yield self.detail

    def on_mount(self) -> None:
        super().on_mount()
        if self.console.store.one("SELECT 1 FROM job LIMIT 1") is None and not self.console.read_only:
            self.line.tell("No jobs yet: n takes a call; fsconsole import clients FILE.csv brings your data.")

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        beside = event.size.width >= BESIDE
        self.set_class(beside, "-beside")
        self.set_class(not beside and event.size.height >= BELOW, "-below")
        self.detail.rule = "left" if beside else "top"
        self._tell(self.board.cursor, anew=False)

    # What it shows.

    def reload(self) -> None:
        self.board.reload()
        self._tell(self.board.cursor)

    def arrived(self) -> None:
        self.board.arrange()

    def changed(self, rows: Iterable[bytes]) -> None:
        self.board.update(*rows)
        self._tell(self.board.cursor)

    def heard(self, rows: Iterable[bytes]) -> None:
        before, rows = self.board.row(), set(rows)
        self.board.update(*rows)
        # Who could go changes with everything: beyond the chosen job itself it is worked out once a minute.
        if self.board.row() != before or self.board.cursor in rows:
            self._tell(self.board.cursor)
            self.show_hints()

    def tick(self) -> None:
        self.board.tick()
        self._tell(self.board.cursor)

    def on_card_reached(self, event: messages.CardReached | None = None) -> None:
        self.show_hints()
        if self._due is not None:
            self._due.stop()
        if not self.detail.display:
            return
        # A held key passes many cards; only where it rests is the whole told.
        self._due = self.set_timer(REST, lambda: self._tell(self.board.cursor, anew=False))

    def _tell(self, job: bytes | None, anew: bool = True) -> None:
        """Tells of the chosen job beside the board; unless ``anew``, only when it is another one or there is other room."""
        if not self.is_mounted or not (self.has_class("-beside") or self.has_class("-below")):
            return
        told_of = (job, self.size)
        if not anew and told_of == self._told_of:
            return
        self._told_of = told_of
        if job is None:
            self.detail.say(())
            return
        desk = self.console.desk
        told = job_in_full(desk, job) if self.has_class("-beside") else job_in_three_lines(desk, job, self.size.width)
        self.detail.say(told)

    def on_card_opened(self, event: messages.CardOpened) -> None:
        self.console.open_thing("job", event.job)

    # What letters act on.

    def chosen(self) -> Chosen | None:
        if not self.is_mounted:
            return None
        row = self.board.row()
        return Chosen("job", row.ref, row.job, bool(row.technician), row.column) if row is not None else None

    def marked(self) -> list[Chosen]:
        found = []
        for job in self.board.marks:
            row = cards.card(self.console.store, job)
            if row is not None:
                ref = row.ref.removeprefix(f"{self.console.store.code}-")
                found.append(Chosen("job", ref, job, bool(row.technician), row.column))
        return sorted(found, key=lambda one: one.ref)

    def clear_marks(self) -> None:
        self.board.clear_marks()

    def step(self) -> str:
        chosen = self.chosen()
        return next_step(self.console.desk, chosen.row) if chosen else ""

    def find(self, job: bytes) -> bool:
        """Puts the cursor on a job; False when it is not on the board under this filter."""
        self.board.reload()
        return self.board.go(job)

    # Filter, order, columns.

    def take_filter(self, words: str) -> str:
        self.rows.words = words.strip()
        self.board.reload()
        self._tell(self.board.cursor)
        left, of = self.rows.count()
        return f"{left:,} of {of:,}" if self.rows.words else f"{of:,}"

    def sorts(self) -> Sequence[str]:
        return tuple(cards.SORTS)

    def take_sort(self, name: str) -> None:
        if name in cards.SORTS:
            self.rows.sort = name
            self.board.reload()

    def action_columns(self) -> None:
        """Shows or hides one of the columns that stand beside the board."""
        from fsconsole.console.dialogs import Choice

        def took(column: str) -> None:
            if column == "closed":
                self.rows.closed = column not in self.board.shown
            self.board.show(column)
            self.board.reload()

        choices = [
            Choice(column, column, "hide it" if column in self.board.shown else "show it")
            for column in ("scheduled", "parked", "closed")
        ]
        self.console.choose("Which column?", choices, took)

    def tells(self) -> str:
        marks = f"{len(self.board.marks)} marked" if self.is_mounted and self.board.marks else ""
        return " · ".join(part for part in (marks, super().tells()) if part)

    def on_marked(self) -> None:
        self.show_top()

    # Coming back.

    def kept(self) -> dict[str, Any]:
        cursor = self.board.cursor
        return {**super().kept(), "job": cursor.hex() if cursor else "", "shown": sorted(self.board.shown)}

    def take_up(self, kept: dict[str, Any]) -> None:
        shown = [one for one in kept.get("shown", ()) if one in ("scheduled", "parked", "closed")]
        self.rows.closed = "closed" in shown
        self.board.shown |= set(shown)
        super().take_up(kept)
        job = str(kept.get("job") or "")
        if len(job) == 32 and all(letter in "0123456789abcdef" for letter in job):
            self.call_after_refresh(self.board.go, bytes.fromhex(job))

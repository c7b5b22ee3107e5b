"""Find: a caller's number, name, postcode, serial or order number, answered as it is typed.

It stands apart because while the telephone is held to the ear one line must find every kind of thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fsconsole.console import messages
from fsconsole.console.keys import Hint
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.client import client_told
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.sheets import jobs_told
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.caller import Hit, search
from fsconsole.store.queries import things

MOST = 60


class FindView(ListView):
    """``^F`` or ``find``; enter on the line opens the only answer, else goes to the list."""

    view = "find"
    words = "Find"
    LEAVE_OUT = ("sort", "mark", "new_job")
    DELAY = 0.08
    BELOW = 9
    LABELS = 16
    EMPTY = "Type a telephone number, a name, a postcode, a serial or an order number."
    NO_MATCH = "Nothing here is called that. n takes the call of somebody new."
    FIELDS = (
        RowField("kind", "is a", 10, role="dim"),
        RowField("ref", "ref", 8, role="strong"),
        RowField("name", "name", 20, grow=2),
        RowField("says", "which is", 20, grow=3, role="dim"),
    )

    def __init__(self, typed: str = "") -> None:
        super().__init__()
        self.filter_words = typed
        self._hits: list[Hit] | None = None

    def hits(self) -> list[Hit]:
        """What the line means, the surest first."""
        if self._hits is None:
            words = self.filter_words.strip()
            self._hits = search(self.store, words, MOST) if len(words) > 1 else []
        return self._hits

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self.hits()[offset : offset + limit],
            lambda: len(self.hits()),
            lambda row: next((index for index, one in enumerate(self.hits()) if one.row == row), None),
            lambda one: Row(one.row, 0, (one.kind, things.short(self.store, one.ref), one.name, one.says)),
        )

    def reload(self) -> None:
        self._hits = None
        super().reload()

    def take_filter(self, words: str) -> str:
        self.filter_words = words
        self.list.at, self.list.cursor = 0, None
        self.reload()
        return f"{len(self.hits())} found" if len(words.strip()) > 1 else ""

    def head(self) -> Sequence[Piece]:
        many = len(self.hits())
        more = "+" if many == MOST else ""
        return [(f"{many}{more} found" if self.filter_words else "Who is it?", "title"), (f"   {self.filter_words}", "strong")]

    def sections(self, value: Hit) -> Sequence[Section]:
        if value.client is None:
            return []
        return [*jobs_told(self.store, self.now, client=value.client), *client_told(self.store, self.now, value.client)]

    def choice(self, value: Hit) -> Chosen | None:
        return Chosen(value.kind, things.short(self.store, value.ref), value.row)

    def hints(self) -> list[Hint]:
        return [hint for hint in super().hints() if hint.shown not in ("space", "n")]

    def open_row(self, id: Any, value: Hit) -> None:
        if value.kind == "contact" and value.client is not None:
            self.console.open_thing("client", value.client)
        else:
            self.console.open_thing(value.kind, value.row)

    def on_mount(self) -> None:
        if not self.filter_words:
            self.call_after_refresh(lambda: self.line.open("/", ""))

    def on_line_entered(self, event: messages.LineEntered) -> None:
        hits = self.hits()
        if event.kind == "/" and len(hits) == 1:
            self.open_row(hits[0].row, hits[0])

"""Clients: the list, found by any word of a name, a telephone number, a postcode or the columns that came with an import.

It stands apart from client.py because one asks for many and the other for everything about one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.client import client_told, typed_name
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import figure
from fsconsole.console.screens.sheets import begin_call, jobs_told
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import Section
from fsconsole.console.widgets.rows import Cell, Row, RowField
from fsconsole.store.queries import things
from fsconsole.values.money import show


class ClientsView(ListView):
    """F5. Enter opens the sheet, ``n`` logs a job for the client under the cursor."""

    view = "clients"
    words = "Clients"
    LEAVE_OUT = ("sort",)
    DELAY = 0.08
    NARROWS = tuple(things.FIELDS["client"])
    LABELS = 16
    BINDINGS = bindings("sheet")
    EMPTY = "No clients yet. Bring yours: fsconsole import clients FILE; or add one: : client NAME"
    NO_MATCH = "No client's name, telephone number, postcode or own column holds that."
    FIELDS = (
        RowField("name", "client", 22, grow=3, role="strong"),
        RowField("ref", "ref", 6, role="dim", drop=3),
        RowField("phone", "telephone", 15, drop=5),
        RowField("postcode", "postcode", 8, drop=6),
        RowField("places", "places", 6, "right", drop=7, role="dim"),
        RowField("assets", "assets", 6, "right", drop=8, role="dim"),
        RowField("contracts", "contracts", 9, "right", drop=9, role="dim"),
        RowField("jobs", "open jobs", 9, "right", drop=2),
        RowField("unbilled", "unbilled", 11, "right"),
    )

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: things.clients(self.store, self.now, self.filter_words, offset, limit),
            lambda: things.count(self.store, "client", self.filter_words),
            lambda row: things.place(self.store, "client", row, self.filter_words),
            self._row,
        )

    def everything(self) -> int:
        return things.count(self.store, "client")

    def _row(self, one: things.ClientRow) -> Row:
        cells = (
            one.name or "(no name)",
            things.short(self.store, one.ref),
            one.phone,
            one.postcode,
            _few(one.locations),
            _few(one.assets),
            _few(one.contracts),
            (_few(one.open_jobs), "strong"),
            _unbilled(one, self.store.currency),
        )
        return Row(one.client, 0, cells)

    def head(self) -> Sequence[Piece]:
        return [(self.how_many("client"), "title")]

    def sections(self, value: things.ClientRow) -> Sequence[Section]:
        return [*jobs_told(self.store, self.now, client=value.client), *client_told(self.store, self.now, value.client)]

    def choice(self, value: things.ClientRow) -> Chosen | None:
        return Chosen("client", typed_name(self.store, value.client), value.client)

    def hints(self) -> list[Hint]:
        found = [hint for hint in super().hints() if hint.shown != "n"]
        return found if self.console.read_only else [Hint("n", "log a job for them", 1), *found]

    def open_row(self, id: Any, value: Any) -> None:
        self.console.open_thing("client", id)

    def action_log_for(self) -> None:
        """Begins a call of the client under the cursor."""
        value = self.value()
        if value is not None:
            begin_call(self, {"who": value.name})


def _unbilled(one: things.ClientRow, home: str) -> Cell:
    """What is not billed, each currency apart."""
    if not one.others:
        return figure(one.unbilled, home)
    return (" + ".join(show(amount, money) for amount, money in ((one.unbilled, home), *one.others) if amount), "money")


def _few(count: int) -> str:
    return f"{count:,}" if count else ""

"""Contracts: the list, with what comes next, what a year brings and what is billable and not billed.

It stands apart from contract.py because one asks for many and the other tells one in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.contract import contract_told, periods_told
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import date_of, day_of, figure
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.agreement import agreement
from fsconsole.store.queries import contracts, things


class ContractsView(ListView):
    """F6. Enter opens a contract in words."""

    view = "contracts"
    words = "Contracts"
    SHARE = 0.45
    DELAY = 0.12
    NARROWS = tuple(contracts.FIELDS)
    EMPTY = "No contracts yet. Bring yours: fsconsole import contracts FILE"
    NO_MATCH = "No contract's reference, client, name, kind or order number holds that."
    FIELDS = (
        RowField("ref", "contract", 8, role="strong"),
        RowField("client", "client", 16, grow=3),
        RowField("kind", "kind", 12, grow=1, drop=6, role="dim"),
        RowField("end", "until", 11, drop=7, role="dim"),
        RowField("next", "next period", 11, drop=4),
        RowField("amount", "amount", 10, "right", drop=5),
        RowField("year", "per year", 11, "right", drop=8),
        RowField("unbilled", "unbilled", 11, "right"),
        RowField("cases", "cases", 5, "right", drop=3, role="stuck"),
    )
    SORTS = {
        "client": ("client", "client"),
        "reference": ("ref", "ref"),
        "unbilled": ("unbilled", "unbilled"),
        "next period": ("next", "next"),
        "per year": ("year", "year"),
        "end": ("end", "end"),
    }

    def provider(self) -> QueryRows:
        def page(offset: int, limit: int) -> list[contracts.ContractRow]:
            return contracts.contracts(self.store, self.now, self.filter_words, sort=self.order, offset=offset, limit=limit)

        def place(row: bytes) -> int | None:
            return next((index for index, one in enumerate(page(0, 5000)) if one.contract == row), None)

        return QueryRows(page, lambda: contracts.count_contracts(self.store, self.filter_words), place, self._row)

    def everything(self) -> int:
        return contracts.count_contracts(self.store)

    def _row(self, one: contracts.ContractRow) -> Row:
        currency, home = one.currency, self.store.currency
        ended = bool(one.end and one.end <= self.today.isoformat())
        until = ("ended", "dim") if ended else date_of(one.end) or "runs on"
        if one.next_words == "contradictory":
            until = ("parked", "late")
        cells = (
            things.short(self.store, one.ref),
            one.client,
            one.kind or one.name,
            until,
            day_of(one.next_start, self.today),
            figure(one.next_amount or 0, currency, role="estimate", home=home),
            figure(one.year, currency, home=home),
            figure(one.unbilled, currency, role="soon", home=home),
            str(one.cases) if one.cases else "",
        )
        return Row(one.contract, 0, cells)

    def head(self) -> Sequence[Piece]:
        return [(self.how_many("contract"), "title")]

    def sections(self, value: contracts.ContractRow) -> Sequence[Section]:
        told = agreement(self.store, value.contract, self.now, history=False)
        return [] if told is None else [*contract_told(self.store, told), *periods_told(told)]

    def choice(self, value: contracts.ContractRow) -> Chosen | None:
        return Chosen("contract", things.short(self.store, value.ref), value.contract)

    def open_row(self, id: Any, value: Any) -> None:
        self.console.open_thing("contract", id)

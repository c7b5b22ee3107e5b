"""The lines of one document, each with the reason that made it, and why one of them is what it is.

It stands apart from money.py because a list of documents asks for sums, and a document for reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from textwrap import wrap
from typing import Any

from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import date_of, day_of, figure, lines, period_of, plural, section, sum_of
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.why import Told, why_billed
from fsconsole.store.opening import Store
from fsconsole.store.queries import ageing, money, things
from fsconsole.store.queries.narrow import holds


class LinesSheet(ListView):
    """The lines of one draft or one document; enter opens the job or contract a line is for."""

    view = "money"
    LEAVE_OUT = ("new_job", "sort")
    BELOW = 7
    EMPTY = "It has no lines here: what came from the old system came as a sum."
    FIELDS: Sequence[RowField] = (
        RowField("ref", "for", 9, role="strong"),
        RowField("kind", "what", 10, drop=4),
        RowField("period", "when", 16, drop=5, role="dim"),
        RowField("reason", "because", 24, grow=5),
        RowField("amount", "amount", 12, "right"),
    )


class InvoiceView(LinesSheet):
    """One issued document, line by line. ``x`` says why."""

    words = "Invoice"
    NARROWS = ("ref", "why")
    BINDINGS = bindings("invoice")

    def __init__(self, row: bytes) -> None:
        self.row = row
        super().__init__()

    @property
    def one(self) -> money.InvoiceRow | None:
        number = self.store.one("SELECT number FROM invoice WHERE id = ?", (self.row,))
        found = money.invoices(self.store, number[0], limit=500) if number else []
        return next((each for each in found if each.invoice == self.row), None)

    def _lines(self) -> list[money.LineRow]:
        lines = money.invoice_lines(self.store, self.row)
        return [one for one in lines if holds(self.filter_words, {"ref": one.ref, "why": one.text})]

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self._lines()[offset : offset + limit],
            lambda: len(self._lines()),
            lambda id: next((index for index, one in enumerate(self._lines()) if one.line == id), None),
            self._row,
        )

    def everything(self) -> int:
        return len(money.invoice_lines(self.store, self.row))

    def _row(self, one: money.LineRow) -> Row:
        currency = self.one.currency if self.one else ""
        cells = (
            things.short(self.store, one.ref),
            one.kind,
            period_of(one.start, one.end),
            one.text,
            figure(one.amount, currency or self.store.currency),
        )
        return Row(one.line, 0, cells)

    def head(self) -> Sequence[Piece]:
        one = self.one
        if one is None:
            return [("This document is gone.", "soon")]
        currency = one.currency or self.store.currency
        open_ = f"   {sum_of(one.open, currency)} open" if one.open else f"   {one.done}"
        late = bool(one.open and one.due_on and one.due_on < self.today.isoformat())
        return [
            (f"{one.kind.capitalize()} {one.number}", "title"),
            (f"   {one.client}", "strong"),
            (f"   {sum_of(one.gross, currency)}", "strong"),
            ("   void" if one.void else open_, "dim" if one.void else "late" if late else "soon" if one.open else "fine"),
        ]

    def told(self) -> Sequence[Section]:
        one = self.one
        return super().told() or (invoice_told(self.store, one) if one else ())

    def sections(self, value: money.LineRow) -> Sequence[Section]:
        one = self.one
        return [*section("", (DetailLine("", value.text),)), *(invoice_told(self.store, one) if one else [])]

    def chosen(self) -> Chosen | None:
        one = self.one
        return Chosen("money", one.number, one.invoice) if one else None

    def hints(self) -> list[Hint]:
        return [Hint("x", "why", 1), *super().hints()] if self.value() is not None else super().hints()

    def action_why(self) -> None:
        """Why this line is what it is, on a screen of its own."""
        value, one = self.value(), self.one
        if value is None or one is None:
            return
        title = f"Why {sum_of(value.amount, one.currency or self.store.currency, none='nothing')}"
        about = f"{one.number} {things.short(self.store, value.ref)} {value.kind} {period_of(value.start, value.end)}"
        kind = "job" if value.job else "contract"
        self.console.show(
            WhyView(title, about, lambda: why_billed(self.store, value.line), (kind, value.job or value.contract))
        )

    def open_row(self, id: Any, value: money.LineRow) -> None:
        if row := value.job or value.contract:
            self.console.open_thing("job" if value.job else "contract", row)


class WhyView(ListView):
    """Why one line is what it is: its arithmetic, the facts it rests on, what was billed and decided. Enter opens the thing."""

    view = "money"
    words = "Why"
    LEAVE_OUT = ("new_job", "sort", "step")
    BELOW = 0
    BESIDE = 10_000
    EMPTY = "It is not owed any more."
    FIELDS = (
        RowField("label", "", 14, role="dim"),
        RowField("words", "why", 30, grow=1),
        RowField("amount", "", 12, "right"),
    )

    def __init__(self, title: str, about: str, told: Callable[[], Sequence[Told]], opens: tuple[str, bytes | None]) -> None:
        self.title_, self.about, self.told_, self.opens = title, about, told, opens
        super().__init__()

    def _rows(self) -> list[tuple[str, str, str, str]]:
        found: list[tuple[str, str, str, str]] = []
        wide = max(20, (self.app.size.width if self.is_attached else 80) - 34)
        for title, told in self.told_():
            found.append(("", title, "", "title"))
            for label, words, amount in told:
                pieces = wrap(words, wide) or [""]
                found.append((label, pieces[0], amount, "normal"))
                found += [("", piece, "", "normal") for piece in pieces[1:]]
        return found

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: [(offset + at, one) for at, one in enumerate(self._rows()[offset : offset + limit])],
            lambda: len(self._rows()),
            lambda key: int(key) if str(key).isdigit() else None,
            lambda row: Row(
                str(row[0]),
                0,
                ((row[1][0], "dim"), (row[1][1], "title" if row[1][3] == "title" else "normal"), (row[1][2], "money")),
            ),
        )

    def head(self) -> Sequence[Piece]:
        return [(self.title_, "title"), (f"   {self.about}", "strong")]

    def open_row(self, id: Any, value: Any) -> None:
        kind, row = self.opens
        if row:
            self.console.open_thing(kind, row)


def invoice_told(store: Store, one: money.InvoiceRow) -> list[Section]:
    """A document's facts and its first lines."""
    currency = one.currency or store.currency
    found = section(
        f"{one.kind.capitalize()} {one.number}",
        lines(
            ("client", one.client),
            ("issued", date_of(one.issued_on)),
            ("due", date_of(one.due_on)),
            ("order", one.order_number),
            ("net", sum_of(one.net, currency)),
            ("tax", sum_of(one.tax, currency)),
            ("gross", sum_of(one.gross, currency)),
            ("open", sum_of(one.open, currency, none=one.done)),
            ("credits" if one.kind == "credit note" else "credited by", one.against),
            ("from", "the old system, as imported" if one.origin == "imported" else ""),
        ),
    )
    listed = money.invoice_lines(store, one.invoice)
    told = tuple(
        DetailLine(things.short(store, line.ref), line.text, "normal", sum_of(line.amount, currency)) for line in listed[:40]
    )
    return [*found, *section(plural(len(listed), "line"), told)]


def payment_told(one: money.PaymentRow) -> list[Section]:
    """A payment's facts."""
    return section(
        "Payment",
        lines(
            ("client", one.client),
            ("day", date_of(one.day)),
            ("amount", sum_of(one.amount, one.currency)),
            ("for", one.number or "no document of ours"),
            ("reference", one.reference),
        ),
    )


def age_told(store: Store, one: ageing.AgeRow, payers: Sequence[ageing.PayerRow], today: date) -> list[Section]:
    """Who owes what stands in a step of age."""
    told = tuple(
        DetailLine(
            "",
            f"{each.name or 'nobody to pay yet'}, {plural(each.charges, 'charge')}, since {day_of(each.oldest, today) or 'now'}",
            "normal",
            sum_of(each.amount, one.currency),
        )
        for each in payers
    )
    return section(f"Could have been billed: {one.words}", told)

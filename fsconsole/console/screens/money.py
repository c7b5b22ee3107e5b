"""Money: what could be invoiced now with every line's reason, what was issued, what came in, and how old the rest is.

It stands apart because these four lists are one question: where is the money.

Always: every figure is a query's; nothing is added up here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from textual.binding import Binding

from fsconsole.console.keys import Hint
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import date_of, day_of, figure, lines, period_of, plural, section, sum_of
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.store.opening import Store
from fsconsole.store.queries import ageing, money, things

PAGES = ("drafts", "invoices", "payments", "by age")
FIELDS: dict[str, tuple[RowField, ...]] = {
    "drafts": (
        RowField("name", "payer", 20, grow=3, role="strong"),
        RowField("order", "order number", 14, grow=1, drop=4),
        RowField("lines", "lines", 5, "right", drop=6, role="dim"),
        RowField("jobs", "jobs", 5, "right", drop=7, role="dim"),
        RowField("oldest", "oldest", 7, "right", drop=3),
        RowField("held", "held up", 11, "right", drop=2, role="stuck"),
        RowField("amount", "to invoice", 12, "right"),
    ),
    "invoices": (
        RowField("number", "number", 11, role="strong"),
        RowField("client", "client", 18, grow=3),
        RowField("issued", "issued", 11, drop=4),
        RowField("due", "due", 11, drop=3),
        RowField("order", "order", 12, drop=7, role="dim"),
        RowField("net", "net", 11, "right", drop=6),
        RowField("gross", "gross", 11, "right", drop=2),
        RowField("open", "open", 11, "right"),
    ),
    "payments": (
        RowField("day", "day", 11),
        RowField("client", "client", 20, grow=3, role="strong"),
        RowField("number", "invoice", 11),
        RowField("reference", "reference", 16, grow=1, drop=4, role="dim"),
        RowField("amount", "amount", 12, "right"),
    ),
    "by age": (
        RowField("words", "could have been billed", 24, role="strong"),
        RowField("charges", "charges", 8, "right", role="dim"),
        RowField("payers", "payers", 7, "right", role="dim", drop=4),
        RowField("held", "held up", 12, "right", drop=3, role="stuck"),
        RowField("amount", "not billed", 13, "right"),
    ),
}
EMPTY = {
    "drafts": "Nothing is billable today that was not billed.",
    "invoices": "No invoice was issued or imported yet. i on a contract issues what is billable.",
    "payments": "No payment came in yet.",
    "by age": "Nothing is billable today that was not billed.",
}
#: Payments that the list reads; older ones are found by the client's sheet.
LAST = 2000


class Money(ListView):
    """F8. Left and right go through drafts, invoices, payments and age; enter opens what is under the cursor."""

    view = "money"
    words = "Money"
    BELOW = 8
    SHARE = 0.5
    LEAVE_OUT = ("new_job", "sort")
    BINDINGS = [
        Binding("left", "page(-1)", "the page before", show=False, id="money.page_before"),
        Binding("right", "page(1)", "the next page", show=False, id="money.page_next"),
        Binding("x", "open_only", "only what is open", show=False, id="money.open_only"),
    ]

    def __init__(self) -> None:
        self.page = "drafts"
        self.open_only = False
        self._places: dict[str, dict[str, object]] = {}
        super().__init__()
        self.list.set_fields(FIELDS[self.page])

    def provider(self) -> QueryRows:
        return QueryRows(self._page, self._count, self._place, self._row)

    def _page(self, offset: int, limit: int) -> Sequence[Any]:
        match self.page:
            case "drafts":
                return money.drafts(self.store, self.now, self.filter_words, offset=offset, limit=limit)
            case "invoices":
                return money.invoices(self.store, self.filter_words, open_only=self.open_only, offset=offset, limit=limit)
            case "payments":
                return self._payments()[offset : offset + limit]
        return ageing.unbilled_by_age(self.store, self.now)[offset : offset + limit]

    def _payments(self) -> list[money.PaymentRow]:
        wanted = self.filter_words.lower().split()
        found = money.payments(self.store, limit=LAST)
        return [one for one in found if all(word in f"{one.client} {one.number} {one.reference}".lower() for word in wanted)]

    def _count(self) -> int:
        match self.page:
            case "drafts":
                return money.count_drafts(self.store, self.now, self.filter_words)
            case "invoices":
                return money.count_invoices(self.store, self.filter_words, open_only=self.open_only)
            case "payments":
                return len(self._payments())
        return len(ageing.STEPS)

    def everything(self) -> int:
        match self.page:
            case "drafts":
                return money.count_drafts(self.store, self.now)
            case "invoices":
                return money.count_invoices(self.store)
            case "payments":
                return len(money.payments(self.store, limit=LAST))
        return len(ageing.STEPS)

    def _place(self, id: bytes | str) -> int | None:
        return next((index for index, one in enumerate(self._page(0, 5000)) if _id(one) == id), None)

    def _row(self, one: Any) -> Row:
        return Row(_id(one), 0, _cells(self.store, one, self.today))

    def head(self) -> Sequence[Piece]:
        pieces: list[Piece] = []
        for page in PAGES:
            here = page == self.page
            pieces.append((f" {page} ", "chosen" if here else "dim"))
        many = {
            "drafts": ("draft", ""),
            "invoices": ("document", ""),
            "payments": ("payment", ""),
            "by age": ("step of age", "steps of age"),
        }
        if self.page != "by age":
            pieces.append((f"   {self.how_many(*many[self.page])}", "normal"))
        if self.page == "invoices" and self.open_only:
            pieces.append(("   only what is open", "here"))
        return pieces

    def hints(self) -> list[Hint]:
        found = super().hints()
        page = [Hint("←→", "drafts, invoices, payments, age", 2)]
        if self.page == "invoices":
            page.append(Hint("x", "all" if self.open_only else "only open", 3))
        return [*page, *[hint for hint in found if hint.shown != "space"]]

    def sections(self, value: Any) -> Sequence[Section]:
        if isinstance(value, money.DraftRow):
            return draft_told(
                self.store, money.draft_lines(self.store, self.now, value.payer, value.order_number, value.currency), value
            )
        if isinstance(value, money.InvoiceRow):
            return invoice_told(self.store, value)
        if isinstance(value, ageing.AgeRow):
            return age_told(self.store, value, ageing.payers_of_age(self.store, self.now, value.step), self.today)
        return payment_told(value)

    def chosen(self) -> Chosen | None:
        value = self.value()
        if isinstance(value, money.InvoiceRow):
            return Chosen("money", value.number, value.invoice)
        return None

    def open_row(self, id: Any, value: Any) -> None:
        if isinstance(value, money.DraftRow):
            self.app.push_screen(DraftSheet(value.payer, value.order_number, value.currency))
        elif isinstance(value, money.InvoiceRow):
            self.console.open_thing("invoice", value.invoice)

    def action_page(self, way: int) -> None:
        """Another of the four lists; each keeps its cursor."""
        self._places[self.page] = self.list.place_kept()
        self.page = PAGES[(PAGES.index(self.page) + way) % len(PAGES)]
        self.filter_words = ""
        self.list.fields = FIELDS[self.page]
        self.list.place_restored(self._places.get(self.page, {}))
        self.reload()
        self.show_top()
        self.show_hints()

    def action_open_only(self) -> None:
        """All documents, or only those still to be paid."""
        if self.page == "invoices":
            self.open_only = not self.open_only
            self.reload()
            self.show_hints()

    def reload(self) -> None:
        if self.is_mounted:
            type(self).EMPTY = EMPTY[self.page]
        super().reload()

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "page": self.page}

    def take_up(self, kept: dict[str, Any]) -> None:
        if kept.get("page") in PAGES:
            self.page = str(kept["page"])
            self.list.fields = FIELDS[self.page]
        super().take_up(kept)


class LinesSheet(ListView):
    """The lines of one draft or one document; enter opens the job or contract a line is for."""

    view = "money"
    LEAVE_OUT = ("new_job", "sort")
    BELOW = 7
    EMPTY = "It has no lines."
    FIELDS = (
        RowField("ref", "for", 9, role="strong"),
        RowField("kind", "what", 10, drop=4),
        RowField("period", "when", 16, drop=5, role="dim"),
        RowField("reason", "because", 24, grow=5),
        RowField("amount", "amount", 12, "right"),
    )


class DraftSheet(LinesSheet):
    """What would stand on one invoice, line by line."""

    words = "Draft"

    def __init__(self, payer: bytes | None, order_number: str, currency: str) -> None:
        self.payer, self.order_number, self.currency = payer, order_number, currency
        super().__init__()

    def _lines(self) -> list[money.ChargeRow]:
        wanted = self.filter_words.lower().split()
        found = money.draft_lines(self.store, self.now, self.payer, self.order_number, self.currency)
        return [one for one in found if all(word in f"{one.ref} {one.kind} {one.reason}".lower() for word in wanted)]

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self._lines()[offset : offset + limit],
            lambda: len(self._lines()),
            lambda key: next((index for index, one in enumerate(self._lines()) if one.key == key), None),
            self._row,
        )

    def everything(self) -> int:
        return len(money.draft_lines(self.store, self.now, self.payer, self.order_number, self.currency))

    def _row(self, one: money.ChargeRow) -> Row:
        reason = (f"◆ {one.case_says}", "stuck") if one.case_says else (one.reason, "normal")
        cells = (
            things.short(self.store, one.ref),
            one.kind,
            period_of(one.start, one.end),
            reason,
            figure(one.amount, one.currency, role="money" if not one.case_says else "stuck"),
        )
        return Row(one.key, 0, cells)

    def head(self) -> Sequence[Piece]:
        drafts = money.drafts(self.store, self.now, payer=self.payer) if self.payer else money.drafts(self.store, self.now)
        one = next(
            (d for d in drafts if (d.payer, d.order_number, d.currency) == (self.payer, self.order_number, self.currency)), None
        )
        if one is None:
            return [("Nothing of it is left to bill.", "fine")]
        held = f"   {sum_of(one.held, one.currency)} held up" if one.held else ""
        order = f"   order {one.order_number}" if one.order_number else "   no order number"
        total = f"   {sum_of(one.amount, one.currency)}"
        return [(f"Draft for {one.name or 'nobody yet'}", "title"), (total, "strong"), (order, "dim"), (held, "stuck")]

    def sections(self, value: money.ChargeRow) -> Sequence[Section]:
        return charge_told(self.store, value, self.today)

    def chosen(self) -> Chosen | None:
        value = self.value()
        if value is None or not value.ref:
            return None
        kind, row = ("job", value.job) if value.job else ("contract", value.contract)
        return Chosen(kind, things.short(self.store, value.ref), row) if row else None

    def open_row(self, id: Any, value: money.ChargeRow) -> None:
        if value.job:
            self.console.open_thing("job", value.job)
        elif value.contract:
            self.console.open_thing("contract", value.contract)


class InvoiceSheet(LinesSheet):
    """One issued document, line by line."""

    words = "Invoice"

    def __init__(self, row: bytes) -> None:
        self.row = row
        super().__init__()

    @property
    def one(self) -> money.InvoiceRow | None:
        number = self.store.one("SELECT number FROM invoice WHERE id = ?", (self.row,))
        found = money.invoices(self.store, number[0], limit=500) if number else []
        return next((each for each in found if each.invoice == self.row), None)

    def _lines(self) -> list[money.LineRow]:
        wanted = self.filter_words.lower().split()
        return [
            one
            for one in money.invoice_lines(self.store, self.row)
            if all(word in f"{one.ref} {one.text}".lower() for word in wanted)
        ]

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
            "",
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
        open_ = f"   {sum_of(one.open, currency)} open" if one.open else "   paid"
        late = bool(one.open and one.due_on and one.due_on < self.today.isoformat())
        return [
            (f"{one.kind.capitalize()} {one.number}", "title"),
            (f"   {one.client}", "strong"),
            (f"   {sum_of(one.gross, currency)}", "strong"),
            ("   void" if one.void else open_, "dim" if one.void else "late" if late else "soon" if one.open else "fine"),
        ]

    def sections(self, value: money.LineRow) -> Sequence[Section]:
        one = self.one
        return [*section("", (DetailLine("", value.text),)), *(invoice_told(self.store, one) if one else [])]

    def chosen(self) -> Chosen | None:
        one = self.one
        return Chosen("money", one.number, one.invoice) if one else None

    def open_row(self, id: Any, value: money.LineRow) -> None:
        row = self.store.one("SELECT job, contract FROM invoice_line WHERE id = ?", (value.line,))
        if row and row[0]:
            self.console.open_thing("job", row[0])
        elif row and row[1]:
            self.console.open_thing("contract", row[1])


def draft_told(store: Store, charges: Sequence[money.ChargeRow], draft: money.DraftRow) -> list[Section]:
    """A draft's lines, each with its reason; what cannot go out says why."""
    told = []
    for one in charges[:60]:
        told.append(DetailLine(things.short(store, one.ref), one.reason, "normal", sum_of(one.amount, one.currency)))
        if one.case_says:
            told.append(DetailLine("", f"◆ {one.case_says}", "stuck"))
    if len(charges) > 60:
        told.append(DetailLine("", f"and {len(charges) - 60:,} more lines; enter shows all", "dim"))
    order = f"order {draft.order_number}" if draft.order_number else "no order number"
    return section(f"{draft.name or 'nobody to pay yet'}  {order}", tuple(told))


def charge_told(store: Store, one: money.ChargeRow, today: date) -> list[Section]:
    """One charge whole."""
    return section(
        f"{things.short(store, one.ref)}  {one.kind}",
        lines(
            ("because", one.reason),
            ("amount", sum_of(one.amount, one.currency)),
            ("cost", sum_of(one.cost, one.currency)),
            ("period", period_of(one.start, one.end)),
            ("billable", f"from {day_of(one.billable_from, today)}" if one.billable_from else ""),
            ("held by", one.case_says, "stuck"),
        ),
    )


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
            ("open", sum_of(one.open, currency, none="paid")),
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
            f"{each.name or 'nobody to pay yet'} — {plural(each.charges, 'charge')}, the oldest since {day_of(each.oldest, today) or 'now'}",
            "normal",
            sum_of(each.amount, store.currency),
        )
        for each in payers
    )
    return section(f"Could have been billed: {one.words}", told)


def _id(one: Any) -> bytes | str:
    if isinstance(one, money.DraftRow):
        return f"{(one.payer or b'').hex()}|{one.order_number}|{one.currency}"
    if isinstance(one, money.InvoiceRow):
        return one.invoice
    if isinstance(one, ageing.AgeRow):
        return str(one.step)
    payment: bytes = one.payment
    return payment


def _cells(store: Store, one: Any, today: date) -> tuple[Any, ...]:
    if isinstance(one, money.DraftRow):
        days = (today - date.fromisoformat(one.oldest)).days if one.oldest else 0
        return (
            one.name or ("nobody to pay yet", "stuck"),
            one.order_number or ("none", "dim"),
            f"{one.lines:,}",
            f"{one.jobs:,}" if one.jobs else "",
            (f"{days} d" if days else "today", "old" if days > 60 else "aged" if days > 30 else "normal"),
            figure(one.held, one.currency, role="stuck"),
            figure(one.amount, one.currency),
        )
    if isinstance(one, money.InvoiceRow):
        late = bool(one.open and one.due_on and one.due_on < today.isoformat())
        currency = one.currency or store.currency
        return (
            one.number,
            one.client,
            date_of(one.issued_on),
            (date_of(one.due_on), "late" if late else "normal"),
            one.order_number,
            figure(one.net, currency),
            figure(one.gross, currency),
            ("void", "dim")
            if one.void
            else figure(one.open, currency, role="late" if late else "soon")
            if one.open
            else ("paid", "fine"),
        )
    if isinstance(one, ageing.AgeRow):
        aged = ("normal", "normal", "aged", "old", "old")[one.step]
        return (
            (one.words, aged),
            f"{one.charges:,}" if one.charges else "",
            f"{one.payers:,}" if one.payers else "",
            figure(one.held, store.currency, role="stuck"),
            figure(one.amount, store.currency),
        )
    return (
        date_of(one.day),
        one.client,
        one.number or ("none", "dim"),
        one.reference,
        figure(one.amount, one.currency or store.currency),
    )

"""Money: what could be invoiced now with every line's reason, what was issued, what came in, and how old the rest is.

It stands apart because these four lists are one question: where is the money.

Always: every figure is a query's; nothing is added up here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.draft import DraftView, draft_told
from fsconsole.console.screens.invoice import age_told, invoice_told, payment_told
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import date_of, figure
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.draft import approved_of, approved_words
from fsconsole.store.opening import Store
from fsconsole.store.queries import ageing, money
from fsconsole.store.queries.narrow import holds

PAGES = ("drafts", "invoices", "payments", "by age")
FIELDS: dict[str, tuple[RowField, ...]] = {
    "drafts": (
        RowField("name", "payer", 20, grow=3, role="strong", wants=30),
        RowField("order", "order number", 14, grow=1, drop=4),
        RowField("lines", "lines", 5, "right", drop=6, role="dim"),
        RowField("jobs", "jobs", 5, "right", drop=7, role="dim"),
        RowField("oldest", "oldest", 7, "right", drop=3),
        RowField("approved", "approved", 9, drop=4),
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
PAYMENT_FIELDS = ("client", "number", "reference", "day")
NARROWS: dict[str, tuple[str, ...]] = {
    "drafts": tuple(money.DRAFT_FIELDS), "invoices": tuple(money.INVOICE_FIELDS), "payments": PAYMENT_FIELDS, "by age": (),
}  # fmt: skip
#: Payments that the list reads; older ones are found by the client's sheet.
LAST = 2000


class MoneyView(ListView):
    """F8. Left and right go through drafts, invoices, payments and age; enter opens what is under the cursor."""

    view = "money"
    words = "Money"
    BELOW = 8
    SHARE = 0.5
    LEAVE_OUT = ("new_job", "sort")
    BINDINGS = bindings("money")

    def __init__(self) -> None:
        self.page = "drafts"
        self.open_only = False
        self._places: dict[str, dict[str, object]] = {}
        self._approved: dict[money.DraftKey, tuple[int, int]] = {}
        super().__init__()
        self.list.set_fields(FIELDS[self.page])

    def provider(self) -> QueryRows:
        return QueryRows(self._shown, self._count, self._place, self._row)

    def _shown(self, offset: int, limit: int) -> Sequence[Any]:
        """What stands on the screen, with what else is told of it there."""
        found = self._page(offset, limit)
        if self.page == "drafts":
            self._approved = approved_of(self.store, self.now, found)
        return found

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
        found = money.payments(self.store, limit=LAST)
        said = ((one, (one.client, one.number, one.reference, one.day or "")) for one in found)
        return [one for one, words in said if holds(self.filter_words, dict(zip(PAYMENT_FIELDS, words, strict=True)))]

    def _count(self) -> int:
        match self.page:
            case "drafts":
                return money.count_drafts(self.store, self.now, self.filter_words)
            case "invoices":
                return money.count_invoices(self.store, self.filter_words, open_only=self.open_only)
            case "payments":
                return len(self._payments())
        return len(ageing.unbilled_by_age(self.store, self.now))

    def everything(self) -> int:
        match self.page:
            case "drafts":
                return money.count_drafts(self.store, self.now)
            case "invoices":
                return money.count_invoices(self.store)
            case "payments":
                return len(money.payments(self.store, limit=LAST))
        return len(ageing.unbilled_by_age(self.store, self.now))

    def _place(self, id: bytes | str) -> int | None:
        return next((index for index, one in enumerate(self._page(0, 5000)) if _id(one) == id), None)

    def _row(self, one: Any) -> Row:
        return Row(_id(one), 0, _cells(self.store, one, self.today, self._approved))

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
        if self.page in ("drafts", "invoices"):
            page.append(Hint("⏎", "its lines", 2))
        return [*page, *[hint for hint in found if hint.shown not in ("space", "⏎")]]

    def sections(self, value: Any) -> Sequence[Section]:
        if isinstance(value, money.DraftRow):
            return draft_told(
                self.store, money.draft_lines(self.store, self.now, *value.draft), value
            )
        if isinstance(value, money.InvoiceRow):
            return invoice_told(self.store, value)
        if isinstance(value, ageing.AgeRow):
            payers = ageing.payers_of_age(self.store, self.now, value.step, currency=value.currency)
            return age_told(self.store, value, payers, self.today)
        return payment_told(value)

    def choice(self, value: Any) -> Chosen | None:
        return Chosen("money", value.number, value.invoice) if isinstance(value, money.InvoiceRow) else None

    def open_row(self, id: Any, value: Any) -> None:
        if isinstance(value, money.DraftRow):
            self.console.show(DraftView(value.draft))
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
        self.EMPTY, self.NARROWS = EMPTY[self.page], NARROWS[self.page]
        super().reload()

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "page": self.page}

    def take_up(self, kept: dict[str, Any]) -> None:
        if kept.get("page") in PAGES:
            self.page = str(kept["page"])
            self.list.fields = FIELDS[self.page]
        super().take_up(kept)


def _id(one: Any) -> bytes | str:
    if isinstance(one, money.DraftRow):
        return one.draft.text
    if isinstance(one, money.InvoiceRow):
        return one.invoice
    if isinstance(one, ageing.AgeRow):
        return f"{one.step}{one.currency}"
    payment: bytes = one.payment
    return payment


def _cells(
    store: Store, one: Any, today: date, approved: Mapping[money.DraftKey, tuple[int, int]] = MappingProxyType({})
) -> tuple[Any, ...]:
    if isinstance(one, money.DraftRow):
        days = (today - date.fromisoformat(one.oldest)).days if one.oldest else 0
        return (
            one.name or ("nobody to pay yet", "stuck"),
            one.on_order or ("none", "dim"),
            f"{one.lines:,}",
            f"{one.jobs:,}" if one.jobs else "",
            (f"{days} d" if days else "today", "old" if days > 60 else "aged" if days > 30 else "normal"),
            (approved_words(approved.get(one.draft)), "fine"),
            figure(one.held, one.currency, role="stuck", home=store.currency),
            figure(one.amount, one.currency, home=store.currency),
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
            figure(one.net, currency, home=store.currency),
            figure(one.gross, currency, home=store.currency),
            ("void", "dim")
            if one.void
            else figure(one.open, currency, role="late" if late else "soon", home=store.currency)
            if one.open
            else (one.done, "fine"),
        )
    if isinstance(one, ageing.AgeRow):
        aged = ("normal", "normal", "aged", "old", "old")[one.step]
        return (
            (one.words, aged),
            f"{one.charges:,}" if one.charges else "",
            f"{one.payers:,}" if one.payers else "",
            figure(one.held, one.currency, role="stuck", home=store.currency),
            figure(one.amount, one.currency, home=store.currency),
        )
    return (
        date_of(one.day),
        one.client,
        one.number or ("none", "dim"),
        one.reference,
        figure(one.amount, one.currency or store.currency, home=store.currency),
    )

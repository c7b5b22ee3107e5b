"""Reports: where money leaks, by cause, client, contract, type and age; and whether a month is complete.

It stands apart because these look over everything, and every row of them leads to what would mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.exceptions import case_told, wrong_words
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import figure, lines, section
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.exception import name_of, step_line, step_words
from fsconsole.flow.report import STATES, billed_words, over, verdict
from fsconsole.rules.checks.reasons import REASONS
from fsconsole.store.queries import exceptions, reports, things
from fsconsole.store.queries.narrow import holds
from fsconsole.values.money import together

PAGES = (*reports.BY, "month")
LEAK = (
    RowField("name", "leak by", 26, grow=3, role="strong"),
    RowField("amount", "not billed", 13, "right"),
    RowField("share", "share", 6, "right", role="dim"),
    RowField("bar", "", 12, grow=1, drop=4, role="stuck"),
    RowField("pieces", "pieces", 7, "right", drop=3, role="dim"),
    RowField("oldest", "oldest", 8, "right", drop=2),
)
MONTH = (
    RowField("state", "state", 8),
    RowField("ref", "about", 9, role="strong"),
    RowField("client", "client", 14, grow=2, drop=4),
    RowField("kind", "what", 12, drop=5, role="dim"),
    RowField("why", "why", 22, grow=4),
    RowField("amount", "amount", 12, "right"),
)
ROLES = {"open": "late", "held": "stuck", "fenced": "soon", "waived": "dim", "covered": "fine"}


class ReportsView(ListView):
    """Left and right go through the reports; ``[`` and ``]`` through the months; enter goes to what would mend a row."""

    view = "exceptions"
    words = "Reports"
    LEAVE_OUT = ("new_job", "sort")
    BELOW = 7
    EMPTY = "Nothing leaks: everything that could be billed is billed."
    BINDINGS = bindings("reports")
    NARROWS = ("ref", "client", "why", "state")

    def __init__(self) -> None:
        self.page = "cause"
        self.first: date | None = None
        super().__init__()
        self.list.set_fields(LEAK)

    @property
    def begins(self) -> date:
        """The month shown: the last whole one unless another was asked for."""
        return self.first or (self.today.replace(day=1) - timedelta(days=1)).replace(day=1)

    def _month(self) -> reports.Month:
        return reports.month(self.store, self.now, self.begins, over(self.begins))

    def _rows(self) -> list[Any]:
        if self.page == "month":
            found = self._month()
            rows = [row for state in STATES for row in found.of(state)]
            return [
                one for one in rows
                if holds(self.filter_words, {"ref": one.ref, "client": one.client, "why": one.why, "state": one.state})
            ]  # fmt: skip
        words = {name: reason.words for name, reason in REASONS.items()}
        rows_ = reports.leakage(self.store, self.now, self.page, names=words)
        return [one for one in rows_ if holds(self.filter_words, {}, one.name)]

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self._rows()[offset : offset + limit],
            lambda: len(self._rows()),
            lambda key: next((at for at, one in enumerate(self._rows()) if _id(one) == key), None),
            self._row,
        )

    def everything(self) -> int:
        return self.asked.count()

    def _row(self, one: Any) -> Row:
        currency = self.store.currency
        if isinstance(one, reports.LeakRow):
            bar = "█" * max(1, round(one.share / 8)) if one.share else ""
            days = "old" if one.oldest > 60 else "aged" if one.oldest > 30 else "normal"
            cells: tuple[Any, ...] = (
                one.name, figure(one.amount, one.currency, home=currency), f"{one.share} %", bar,
                f"{one.pieces:,}", (f"{one.oldest} d", days),
            )  # fmt: skip
            return Row(_id(one), 0, cells)
        role = ROLES[one.state]
        cells = (
            (one.state, role),
            things.short(self.store, one.ref),
            one.client,
            one.kind,
            self._why(one),
            figure(one.amount, one.currency, role=role if one.state == "open" else "money", home=currency),
        )
        return Row(_id(one), 0, cells)

    def _why(self, one: reports.Obligation) -> str:
        """Why, without the reference and the client that stand in columns of their own."""
        case = self._case(one)
        return wrong_words(case, self.store) if case else one.why

    def head(self) -> Sequence[Piece]:
        pieces: list[Piece] = [(f" {page} ", "chosen" if page == self.page else "dim") for page in PAGES]
        if self.page == "month":
            found = self._month()
            role = "fine" if found.complete else "late"
            # The verdict stands at any width; how it is put goes first where there is no room.
            says, rest = verdict(found, self.store.currency)
            return [*pieces, (f"   {says}", role), (rest, "dim" if found.complete else role)]
        rows = self._rows()
        total = together(((one.amount, one.currency) for one in rows), self.store.currency) if rows else "nothing"
        return [*pieces, (f"   {total} billable and not billed", "strong")]

    def sections(self, value: Any) -> Sequence[Section]:
        if isinstance(value, reports.LeakRow):
            name = next((each for each in REASONS.values() if each.words == value.name), None)
            words = name.help if name else "Nothing holds it: it can be billed now." if value.name == reports.READY else ""
            return section(
                value.name, lines(("means", words), ("pieces", f"{value.pieces:,}"), ("oldest", f"{value.oldest} days"))
            )
        found = self._month()
        billed = f"{found.billed_lines:,} lines, {billed_words(found, self.store.currency)}"
        case = self._case(value)
        head = f"{value.state}  {things.short(self.store, value.ref)} {value.client}"
        told = case_told(self, case) if case else section(head, lines(("why", value.why)))
        also = ("also", f"billed in {found.first:%B %Y}: {billed}; {found.closed:,} jobs closed")
        return [*told, *section("", lines(also))]

    def _case(self, value: Any) -> exceptions.CaseRow | None:
        """The case that holds an obligation, whose letters and step are those of the row."""
        key = "" if value is None or isinstance(value, reports.LeakRow) else value.case
        return exceptions.case(self.store, key, self.now) if key else None

    def step(self) -> str:
        value, case = self.value(), self._case(self.value())
        if case:
            return step_line(self.console.desk, case)
        ready = isinstance(value, reports.Obligation) and value.state == "open" and value.ref and value.reason == ""
        return f"bill {things.short(self.store, value.ref)}" if ready else ""

    def choice(self, value: Any) -> Chosen | None:
        case = self._case(value)
        if case:
            return Chosen("exception", name_of(self.console.desk, case), case.thing)
        if isinstance(value, reports.LeakRow) or not value.ref:
            return None
        kind, row = ("job", value.job) if value.job else ("contract", value.contract)
        return Chosen(kind, things.short(self.store, value.ref), row) if row else None

    def open_row(self, id: Any, value: Any) -> None:
        if not isinstance(value, reports.LeakRow):
            if value.job or value.contract:
                self.console.open_thing("job" if value.job else "contract", value.job or value.contract)
            return
        from fsconsole.console.screens.exceptions import ExceptionsView

        if self.page == "cause" and value.name == reports.READY:
            self.console.go("money")
            return
        self.console.go("exceptions")
        here = self.console.here
        reason = next((name for name, each in REASONS.items() if each.words == value.name), "")
        if isinstance(here, ExceptionsView):
            if self.page == "cause" and reason:
                self.app.call_after_refresh(here.narrow_to, reason)
            elif self.page == "client":
                self.app.call_after_refresh(here.take_up, {"filter": f'client:"{value.name.lower()}"'})

    def action_page(self, way: int) -> None:
        """Another report."""
        self.page = PAGES[(PAGES.index(self.page) + way) % len(PAGES)]
        self.filter_words = ""
        self.list.set_fields(MONTH if self.page == "month" else LEAK)
        self.reload()
        self.show_top()
        self.show_hints()

    def action_month(self, way: int) -> None:
        """The month before, or the next one; goes to the month's report from the others."""
        if self.page != "month":
            self.page = "month"
            self.list.set_fields(MONTH)
        elif way < 0:
            self.first = (self.begins - timedelta(days=1)).replace(day=1)
        elif over(self.begins) <= self.today:
            self.first = over(self.begins)
        self.reload()
        self.show_top()
        self.show_hints()

    def reload(self) -> None:
        self.EMPTY = f"Nothing fell due in {self.begins:%B %Y} that is not billed." if self.page == "month" else ReportsView.EMPTY
        super().reload()

    def hints(self) -> list[Hint]:
        found = [hint for hint in super().hints() if hint.shown not in ("space", "d", "n", "⏎")]
        if self.page != "month":
            return [Hint("←→", "reports", 1), Hint("⏎", "mend it", 2), *found]
        case, step = self._case(self.value()), "" if self.console.read_only else self.step()
        found = [hint for hint in found if hint.shown != "."]
        steps = [Hint(".", step_words(case) if case else "bill it", 1)] if step else []
        return [*steps, Hint("←→", "reports", 1), Hint("[ ]", "month", 2), Hint("⏎", "open", 2), *found]


def _id(one: Any) -> str:
    return f"{one.name} {one.currency}" if isinstance(one, reports.LeakRow) else str(one.key)

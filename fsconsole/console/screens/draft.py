"""One draft under review: its lines with their reasons, what changed since you last looked, what is decided about each.

It stands apart from invoice.py because a draft may still change, and everything here asks what to do about that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.invoice import LinesSheet, WhyView
from fsconsole.console.screens.lists import QueryRows
from fsconsole.console.screens.phrases import clock_of, day_of, figure, lines, period_of, section, sum_of
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow import draft as drafts
from fsconsole.flow.anew import anew_of
from fsconsole.flow.evidence import approved_now
from fsconsole.flow.exception import name_of, step_line
from fsconsole.flow.taxes import Sum
from fsconsole.flow.why import why
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.queries import money, things
from fsconsole.store.queries.exceptions import case
from fsconsole.store.queries.narrow import holds
from fsconsole.values.bill import Charge

#: Lines of a terminal from which a line's detail below the list has room for all that is told.
WHOLE_FROM = 36


class DraftView(LinesSheet):
    """What would stand on one invoice. ``x`` says why, ``A`` approves, ``B`` holds back, ``W`` waives, ``M`` closes a month."""

    words = "Draft"
    NARROWS = ("ref", "kind", "why")
    SHARE = 0.42
    BELOW = 8
    BINDINGS = bindings("draft")
    FIELDS = (
        RowField("ref", "for", 9, role="strong"),
        RowField("kind", "what", 10, drop=4),
        RowField("period", "when", 16, drop=5, role="dim"),
        RowField("reason", "because", 20, grow=5),
        RowField("since", "since you looked", 16, drop=3, role="here"),
        RowField("state", "", 8, drop=2),
        RowField("amount", "amount", 12, "right"),
    )

    def __init__(self, draft: money.DraftKey) -> None:
        self.draft = draft
        self.look: drafts.Look | None = None
        self._at = 0  # its place in the list of drafts, while it stands there
        self._whole: money.DraftRow | None = None
        self._approved: frozenset[str] = frozenset()
        self._sum: Sum | None = None
        self._two: dict[str, list[Charge]] = {}
        self._columns = tuple(field.key for field in self.FIELDS)
        super().__init__()

    def _all(self) -> list[money.ChargeRow]:
        return money.draft_lines(self.store, self.now, *self.draft)

    def _lines(self) -> list[money.ChargeRow]:
        found = self._all()
        return [one for one in found if holds(self.filter_words, {"ref": one.ref, "kind": one.kind, "why": one.reason})]

    def reload(self) -> None:
        lines = self._all()
        if self.look is None:
            found = [one.draft for one in money.drafts(self.store, self.now, limit=5000)]
            self._at = found.index(self.draft) if self.draft in found else self._at
            self.look = drafts.since_looked(self.store, self.console.desk.by, self.draft, lines)
        drafts.look(self.store, self.console.desk.by, self.draft, lines, self.now)
        self._whole = self._draft_row()
        charges = drafts.charges_by_key(self.store, [one.key for one in lines])
        self._approved = approved_now(self.store, charges)
        self._two = anew_of(self.store, {one.contract for one in lines if one.contract and not one.job}, self.today)
        self._sum = drafts.comes_to(self.store, [two for one in charges for two in self._two.get(one.key, [one])], self.today)
        fields = [field for field in self.FIELDS if field.key != "since" or self.look.changes]
        if tuple(fields) != self.list.fields:
            self.list.set_fields(fields)
            self._columns = tuple(field.key for field in fields)
        super().reload()

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self._lines()[offset : offset + limit],
            lambda: len(self._lines()),
            lambda key: next((index for index, one in enumerate(self._lines()) if one.key == key), None),
            self._row,
        )

    def everything(self) -> int:
        return len(self._all())

    def _row(self, one: money.ChargeRow) -> Row:
        two = " and ".join(sum_of(each.amount, each.currency) for each in self._two.get(one.key, ()))
        says = f"{two} on two lines: {_with_order(one, self._whole)}" if two else _with_order(one, self._whole)
        reason = (f"◆ {one.case_says}", "stuck") if one.case_says else (says, "normal")
        change = self.look.by_key.get(one.key) if self.look else None
        state = ("held", "stuck") if one.case_says else ("approved", "fine") if one.key in self._approved else ("", "dim")
        cells = (
            things.short(self.store, one.ref),
            one.kind,
            period_of(one.start, one.end),
            reason,
            (change.words, "here") if change else "",
            state,
            figure(one.amount, one.currency, role="money" if not one.case_says else "stuck"),
        )
        kept = [cell for field, cell in zip(self.FIELDS, cells, strict=True) if field.key in self._columns]
        return Row(one.key, 0, tuple(kept))

    def _draft_row(self) -> money.DraftRow | None:
        found = money.drafts(self.store, self.now, payer=self.draft.payer)
        return next((one for one in found if one.draft == self.draft), None)

    def head(self) -> Sequence[Piece]:
        one = self._draft_row()
        if one is None:
            return [("Nothing of it is left to bill.", "fine")]
        held = f"   {sum_of(one.held, one.currency)} held up" if one.held else ""
        order = f"   {order_words(one)}"
        split = f"   for {things.short(self.store, one.split_ref)} alone" if one.split_ref else ""
        total = f"   {sum_of(one.amount, one.currency)}"
        if self._sum is not None:
            total += f" + {sum_of(self._sum.tax, one.currency)} tax" if self._sum.tax else ", no tax"
        wanted = [line.key for line in self._all() if line.amount > 0]
        approved = drafts.approved_words((len(self._approved & {*wanted}), len(wanted)))
        approved += "" if approved in ("", "approved") else " approved"
        return [
            (f"Draft for {one.name or 'nobody yet'}", "title"),
            (total, "strong"),
            (order + split, "dim"),
            (held, "stuck"),
            (f"   {approved}" if approved else "", "fine"),
            (f"   {self.changed_words()}", "here"),
        ]

    def changed_words(self) -> str:
        """What became of the draft since this person looked: ``since Tue 09:12: 2 new, 1 changed, 1 gone``."""
        if self.look is None or self.look.at is None:
            return "first look"
        since = clock_of(ms(self.look.at), self.now, self.store.zone)
        if not self.look.changes:
            return f"nothing changed since {since}"
        words = [one.words for one in self.look.changes]
        new, gone = words.count("new"), words.count("gone")
        parts = [f"{many} {word}" for many, word in ((new, "new"), (len(words) - new - gone, "changed"), (gone, "gone")) if many]
        return f"since {since}: {', '.join(parts)}"

    def sections(self, value: money.ChargeRow) -> Sequence[Section]:
        room = self.has_class("-beside") or self.app.size.height >= WHOLE_FROM
        return charge_told(self.store, value, self.today, whole=room, now=self.now)

    def chosen(self) -> Chosen | None:
        value = self.value()
        if value is None or not value.ref:
            return None
        row = value.job or value.contract
        return Chosen("line", things.short(self.store, value.ref), row) if row else None

    def step(self) -> str:
        value = self.value()
        if value is None or not value.case_key:
            return ""
        one = case(self.store, value.case_key, self.now)
        return step_line(self.console.desk, one) if one is not None else ""

    def hints(self) -> list[Hint]:
        found = [hint for hint in super().hints() if hint.shown not in (".", "space", "⏎", "n", "d")]
        if self.console.read_only:
            return [Hint("x", "why", 1), *found]
        step = [Hint(".", "clear what holds it", 1)] if self.step() else []
        mine = (
            Hint("x", "why", 1),
            Hint("A", "approve", 2),
            Hint("i", "issue", 2),
            Hint("B", "hold", 3),
            Hint("W", "waive", 3),
            Hint("[ ]", "drafts", 4),
            Hint("M", "month", 5),
        )
        return [*step, *mine, *found]

    def open_row(self, id: Any, value: money.ChargeRow) -> None:
        if value.job:
            self.console.open_thing("job", value.job)
        elif value.contract:
            self.console.open_thing("contract", value.contract)

    def action_why(self) -> None:
        """Why this line is what it is, on a screen of its own."""
        value = self.value()
        if value is not None:
            title = f"Why {sum_of(value.amount, value.currency, none='nothing')}"
            about = f"{things.short(self.store, value.ref)} {value.kind} {period_of(value.start, value.end)}"
            opens = ("job", value.job) if value.job else ("contract", value.contract)
            self.console.show(WhyView(title, about, lambda: why(self.store, self.now, value.key), opens))

    def action_other(self, way: int) -> None:
        """The next draft, or the one before, in the order of the list of drafts."""
        found = [one.draft for one in money.drafts(self.store, self.now, limit=5000)]
        if not found:
            return
        if self.draft in found:
            at = found.index(self.draft) + way
        else:
            # It went out meanwhile: what stood behind it stands in its place now.
            at = self._at - (way < 0)
        self._at = at % len(found)
        self.draft, self.look = found[self._at], None
        self.list.cursor = None
        self.reload()
        self.show_top()
        self.show_hints()

    def action_approve(self) -> None:
        """Approves every line of the draft as it stands."""
        one = self._draft_row()
        if one is not None:
            self.console.act(f"approve {drafts.name_of(self.console.desk, one)}")

    def action_issue(self) -> None:
        """Puts the line at the prompt that issues what nothing holds; it says there what would go out."""
        one = self._draft_row()
        if one is not None:
            self.console.ask(f"bill {drafts.name_of(self.console.desk, one)}")

    def action_hold_back(self) -> None:
        """Holds back the job or contract of this line; the reason is asked for."""
        chosen = self.chosen()
        if chosen is not None:
            self.console.ask(f"hold {chosen.ref} ")

    def action_waive_line(self) -> None:
        """Lets this line go: a job is written off, a contract's period is waived; the reason is asked for."""
        value, chosen = self.value(), self.chosen()
        if value is None or chosen is None:
            return
        if value.job:
            self.console.ask(f"close {chosen.ref} ")
            return
        day = max(each for each in (value.billable_from, value.start) if each) if value.billable_from or value.start else ""
        row = self.store.one(
            "SELECT x.case_key FROM case_charge x JOIN case_now c ON c.key = x.case_key AND c.reason = 'contract_period_unbilled'"
            " WHERE x.charge_key = ?",
            (value.key,),
        )
        held = case(self.store, row[0], self.now) if row else None
        self.console.ask(f"waive {name_of(self.console.desk, held) if held else chosen.ref} ")
        if day and row is None:
            self.console.say(f"Nothing is open about {chosen.ref} for {day_of(day, self.today)}; hold it back instead: B", "warn")

    def action_close_month(self) -> None:
        """Closes the month this line belongs to; it is told what is open in it."""
        value = self.value()
        day = (value.billable_from or value.start or "") if value else ""
        last = (self.today.replace(day=1)).isoformat()
        month = day[:7] if day and day < last else ""
        self.console.ask(f"lock {month}" if month else "lock ")


def draft_told(store: Store, charges: Sequence[money.ChargeRow], draft: money.DraftRow) -> list[Section]:
    """A draft's lines, each with its reason; what cannot go out says why."""
    told = []
    for one in charges[:60]:
        told.append(DetailLine(things.short(store, one.ref), _with_order(one, draft), "normal", sum_of(one.amount, one.currency)))
        if one.case_says:
            told.append(DetailLine("", f"◆ {one.case_says}", "stuck"))
    if len(charges) > 60:
        told.append(DetailLine("", f"and {len(charges) - 60:,} more lines; enter shows all", "dim"))
    return section(f"{draft.name or 'nobody to pay yet'}  {order_words(draft)}", tuple(told))


def order_words(draft: money.DraftRow) -> str:
    """The order of a draft, or all of those that share it: ``orders 4500777, 4500778``."""
    return f"order{'s' if ',' in draft.on_order else ''} {draft.on_order}" if draft.on_order else "no order number"


def _with_order(one: money.ChargeRow, draft: money.DraftRow | None) -> str:
    """Why a line is, and where several orders share its draft on which of them: as it will stand on the invoice."""
    several = draft is not None and not draft.order_number and draft.orders != one.order_number
    return f"{one.reason} [{f'order {one.order_number}' if one.order_number else 'no order'}]" if several else one.reason


def charge_told(store: Store, one: money.ChargeRow, today: date, *, whole: bool, now: datetime) -> list[Section]:
    """One charge: its figures and reason; ``whole`` with everything that it rests on."""
    if whole:
        found: list[Section] = []
        for title, told in why(store, now, one.key):
            title = f"{things.short(store, one.ref)}  {one.kind}" if title == "The line" else title
            found += section(title, tuple(DetailLine(label, words, "normal", amount) for label, words, amount in told))
        return found
    return section(
        f"{things.short(store, one.ref)}  {one.kind}",
        lines(
            ("because", one.reason),
            ("amount", sum_of(one.amount, one.currency)),
            ("held by", one.case_says, "stuck"),
            ("billable", f"from {day_of(one.billable_from, today)}" if one.billable_from else ""),
            ("period", period_of(one.start, one.end)),
            ("cost", sum_of(one.cost, one.currency)),
        ),
    )

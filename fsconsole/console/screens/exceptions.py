"""Exceptions: what is not being billed and why, by value, with the one key that mends it.

It stands apart because it is the one list whose every row ends in a next step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import age_of, clock_of, day_of, figure, lines, plural, section, sum_of
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.errors import FsError
from fsconsole.flow.exception import asked_by, name_of, other_value, step_line, step_words
from fsconsole.rules.checks.reasons import REASONS
from fsconsole.store.opening import Store
from fsconsole.store.queries import exceptions, money, things
from fsconsole.values.money import together


class ExceptionsView(ListView):
    """F7. Enter opens the thing, ``.`` takes the step, ``a`` owns, ``z`` snoozes, ``w`` waives, ``h`` chases, ``m`` mine."""

    view = "exceptions"
    words = "Exceptions"
    BELOW = 7
    SHARE = 0.3
    NARROWS = tuple(exceptions.FIELDS)
    EMPTY = "Nothing holds an invoice up. Everything that is billable can go out."
    NO_MATCH = "No open exception holds those words."
    BINDINGS = bindings("exceptions")
    FIELDS = (
        RowField("value", "at risk", 10, "right"),
        RowField("age", "age", 5, "right", drop=2),
        RowField("says", "what is wrong", 20, grow=6, wants=40),
        RowField("ref", "about", 8, role="strong"),
        RowField("client", "client", 11, grow=1, drop=4),
        RowField("owner", "owner", 7, drop=7),
        RowField("waits", "waits for", 12, drop=6),
        # Where there is little room it goes before words are cut: the chosen row's stands in the last line as well.
        RowField("step", "next step (.)", 13, grow=1, drop=5, role="key"),
    )
    SORTS = {
        "value": ("value", "value"),
        "age": ("age", "age"),
        "client": ("client", "client"),
        "owner": ("owner", "owner"),
        "whom it waits for": ("waits", "waits"),
        "reason": ("reason", "says"),
    }

    #: The columns while they are shown by cause.
    BY_CAUSE = (
        RowField("words", "cause", 26, grow=2, role="strong"),
        RowField("cases", "open", 6, "right"),
        RowField("value", "at risk", 12, "right"),
        RowField("credit", "we owe", 10, "right", drop=3, role="dim"),
        RowField("oldest", "oldest", 7, "right", drop=2),
        RowField("nobodys", "nobody's", 8, "right", drop=4),
        RowField("role", "cleared by", 10, drop=5, role="dim"),
    )

    def __init__(self) -> None:
        self.grouped = False
        self.mine = False
        self.snoozed = False
        super().__init__()

    def provider(self) -> QueryRows:
        if self.grouped:
            found = exceptions.causes(self.store, self.now, **self._asked())
            return QueryRows(
                lambda offset, limit: exceptions.causes(self.store, self.now, **self._asked())[offset : offset + limit],
                lambda: len(exceptions.causes(self.store, self.now, **self._asked())),
                lambda key: next((at for at, one in enumerate(found) if one.reason == str(key).partition(" ")[0]), None),
                self._cause,
            )
        return QueryRows(
            lambda offset, limit: exceptions.open_cases(
                self.store, self.now, sort=self.order, offset=offset, limit=limit, **self._asked()
            ),
            lambda: exceptions.count_cases(self.store, self.now, sort=self.order, **self._asked()),
            lambda key: exceptions.place(self.store, self.now, str(key), sort=self.order, **self._asked()),
            self._row,
        )

    def _asked(self) -> dict[str, Any]:
        return {"owner": self.console.desk.by if self.mine else None, "words": self.filter_words, "snoozed": self.snoozed}

    def _cause(self, one: exceptions.CauseRow) -> Row:
        about, home = REASONS[one.reason], self.store.currency
        days = (one.oldest or 0) // 86_400_000
        cells = (
            about.words,
            f"{one.cases:,}",
            figure(one.value, one.currency, home=home),
            figure(one.credit, one.currency, role="dim", home=home),
            (age_of(one.oldest), "old" if days > 14 else "aged" if days > 5 else "normal"),
            f"{one.nobodys:,}" if one.nobodys else "",
            about.role,
        )
        return Row(one.reason if one.currency == home else f"{one.reason} {one.currency}", 0, cells)

    def _row(self, one: exceptions.CaseRow) -> Row:
        value = figure(one.value, one.currency, role="dim" if one.credit else "money", home=self.store.currency)
        if one.credit and one.value:
            value = ("−" + str(value[0]).lstrip("−"), "dim")
        today = self.now.astimezone(self.store.zone).date()
        waits = one.waits_for + (f" {one.chased}×" if one.chased else "")
        if one.snoozed_until and one.snoozed_until > today.isoformat():
            waits = f"until {day_of(one.snoozed_until, today)}"
        cells = (
            value,
            (
                age_of(one.age),
                "old" if (one.age or 0) > 14 * 86_400_000 else "aged" if (one.age or 0) > 5 * 86_400_000 else "normal",
            ),
            wrong_words(one, self.store),
            things.short(self.store, one.ref),
            one.client,
            one.owner,
            (waits, "soon" if one.chased > 1 else "normal"),
            step_words(one),
        )
        return Row(one.key, 0, cells, tuple(each for each in (one.thing, one.job, one.contract) if each))

    def sections(self, value: Any) -> Sequence[Section]:
        return cause_told(self, value) if isinstance(value, exceptions.CauseRow) else case_told(self, value)

    def everything(self) -> int:
        return exceptions.count_cases(self.store, self.now, owner=self._asked()["owner"], snoozed=self.snoozed, sort=self.order)

    def head(self) -> Sequence[Piece]:
        figures, currency = exceptions.figures(self.store, self.now), self.store.currency
        risks = [(figures.at_risk, currency), *((one.at_risk, one.currency) for one in figures.others)]
        credits = [(figures.credits, currency), *((one.credits, one.currency) for one in figures.others)]
        risk = together(risks, currency)
        whose = "   mine and nobody's" if self.mine else ""
        hidden = "   with the snoozed" if self.snoozed else ""
        many = f"{self.how_many('exception')} open"
        if self.grouped:
            cases = exceptions.count_cases(self.store, self.now, **self._asked())
            many = f"{plural(cases, 'exception')} open, {plural(self.asked.count(), 'cause')}"
        return [
            (many, "title"),
            (f"   {risk if any(one for one, _ in risks) else 'nothing'} at risk", "strong"),
            (f"   we owe {together(credits, currency)} in credits" if any(one for one, _ in credits) else "", "dim"),
            (whose + hidden, "here"),
        ]

    def choice(self, value: Any) -> Chosen | None:
        if isinstance(value, exceptions.CauseRow):
            return None
        return Chosen("exception", name_of(self.console.desk, value), value.thing)

    def find(self, row: bytes | str) -> bool:
        """The cursor to a case by its key, or to the dearest about a thing."""
        if isinstance(row, bytes):
            about = exceptions.cases_about(self.store, self.now, row, snoozed=False)
            row = about[0].key if about else ""
        return self.list.go(row)

    def hints(self) -> list[Hint]:
        value = self.value()
        if self.grouped:
            kept = [hint for hint in super().hints() if hint.shown in ("/", ":", "?", "bksp q")]
            return [Hint("⏎", "its exceptions", 1), Hint("c", "all", 2), Hint("r", "reports", 4), *kept]
        found = [hint for hint in super().hints() if hint.shown not in (".", "n")]
        if value and value.step_verb and not self.console.read_only:
            found.insert(0, Hint(".", step_words(value) or value.step_verb, 1))
        if value and value.reason == "contested_edit" and not self.console.read_only:
            found.insert(1, Hint("k", "keep the other", 2))
        more = Hint("m", "everybody's" if self.mine else "mine", 4), Hint("s", "snoozed", 6)
        return [*found, Hint("c", "by cause", 3), Hint("r", "reports", 5), *more]

    def step(self) -> str:
        value = self.value()
        if self.grouped:
            return ""
        return step_line(self.console.desk, value) if value else ""

    def open_row(self, id: Any, value: Any) -> None:
        if isinstance(value, exceptions.CauseRow):
            self.narrow_to(value.reason)
            return
        kind, thing = thing_of(value)
        self.console.open_thing(kind, thing)

    def narrow_to(self, reason: str) -> None:
        """The list of one cause alone; an empty filter shows everything again."""
        self._group(False)
        self.filter_words = f"reason:{reason}"
        self.take_filter(self.filter_words)
        self.show_top()
        self.show_hints()

    def _group(self, grouped: bool) -> None:
        self.grouped = grouped
        self.asked = self.provider()
        self.list.set_provider(self.asked)
        self.list.set_fields(self.BY_CAUSE if grouped else self.FIELDS, None if grouped else self._arrow())

    def action_by_cause(self) -> None:
        """By cause with counts and sums, or one by one; leaving a cause shows all causes again."""
        self._group(not self.grouped)
        if self.grouped and self.filter_words.startswith("reason:"):
            self.filter_words = ""
        self.reload()
        self.show_top()
        self.show_hints()

    def action_keep_other(self) -> None:
        """Of a field that two sites wrote, the value that does not stand."""
        value = self.value()
        if isinstance(value, exceptions.CaseRow):
            try:
                line = other_value(self.console.desk, value.key)
            except FsError as error:
                self.console.say(str(error), "warn")
                return
            if line.endswith(" "):
                self.console.ask(line)
            else:
                self.console.act(line)

    def action_reports(self) -> None:
        """Where money leaks, and whether a month is complete."""
        from fsconsole.console.screens.reports import ReportsView

        self.console.show(ReportsView())

    def action_mine(self) -> None:
        """Mine and nobody's, or everybody's."""
        self.mine = not self.mine
        self.reload()

    def action_show_snoozed(self) -> None:
        """With those hidden until a day, or without."""
        self.snoozed = not self.snoozed
        self.reload()


def cause_told(view: ListView, one: exceptions.CauseRow) -> list[Section]:
    """A cause: what it means, and its dearest cases."""
    about = REASONS[one.reason]
    found = [Section(about.words, (DetailLine("", about.help),))]
    dearest = exceptions.open_cases(view.store, view.now, words=f"reason:{one.reason}", limit=12)
    told = tuple(
        DetailLine(things.short(view.store, one.ref), dearest_words(one, view.store), "normal", sum_of(one.value, one.currency))
        for one in dearest
    )
    return [*found, *section("The dearest", told)]


def thing_of(one: exceptions.CaseRow) -> tuple[str, bytes]:
    """What enter opens: the job, else the contract, else the thing itself, else its client."""
    if one.job:
        return "job", one.job
    if one.contract:
        return "contract", one.contract
    if one.thing_kind in ("client", "asset", "technician", "location") or one.client_id is None:
        return one.thing_kind, one.thing
    return "client", one.client_id


def wrong_words(one: exceptions.CaseRow, store: Store) -> str:
    """What is wrong, without the reference and the client that stand in columns of their own."""
    says, ref = one.says, things.short(store, one.ref)
    if not one.client:
        return says
    for lead in (f"{ref} {one.client}: ", f"{one.client}: ", f"{ref} {one.client} "):
        says = says.removeprefix(lead)
    amount = sum_of(one.value, one.currency)
    says = says.replace(f", {amount} was due on ", ", due ").removesuffix(f", {amount}")
    says = says.replace(f": {one.client} ", ": ").replace(f" at {one.client}", "")
    return says.replace(f" under {ref} {one.client}", f" under {ref}").removesuffix(f": {one.client}")


def dearest_words(one: exceptions.CaseRow, store: Store) -> str:
    """Whose case it is and what is wrong, where every one has the same cause."""
    return ", ".join(word for word in (one.client, wrong_words(one, store)) if word)


def case_told(view: ListView, one: exceptions.CaseRow) -> list[Section]:
    """A case whole: what is wrong, what shows it, what it holds up, what was done about it."""
    store, now, currency = view.store, view.now, one.currency
    today = now.astimezone(store.zone).date()
    most = 12 if view.has_class("-beside") else 4 if view.app.size.height >= 36 else 2
    shown = " · ".join(word for word in (things.short(store, one.ref), one.client, wrong_words(one, store)) if word)
    more = (DetailLine("", f"and {len(one.evidence) - most} more like it", "dim"),) if len(one.evidence) > most else ()
    found = [Section("", (DetailLine("", shown, "strong"), *(DetailLine("", each) for each in one.evidence[:most]), *more))]
    times = "once" if one.chased == 1 else f"{one.chased} times"
    asked = f"last {clock_of(one.chased_at, now, store.zone)} by {asked_by(store, one)}".removesuffix(" by ")
    asked += "; h asks again" if one.asked else ""
    later = 0 if one.credit else one.whole - one.value
    hidden = bool(one.snoozed_until and one.snoozed_until > today.isoformat())
    found += section(
        "",
        lines(
            ("step", f"{step_words(one)}  ( : {step_line(view.console.desk, one).strip()} )" if one.step_verb else "", "key"),
            ("owner", one.owner or "nobody yet; a takes it"),
            ("waits for", one.waits_for),
            ("asked", f"{times}, {asked}" if one.chased else ""),
            ("snoozed", f"until {day_of(one.snoozed_until, today)}" if hidden else ""),
            ("waived", f"{one.waived}, at {sum_of(one.waived_value, currency)}" if one.waived else ""),
            ("later", f"{sum_of(later, currency)} more is not due yet" if later > 0 else ""),
            ("since", clock_of(one.since, now, store.zone)),
            ("by itself", f"gone by {clock_of(one.until, now, store.zone)}" if one.until else ""),
        ),
    )
    if one.job:
        held = [each for each in money.charges_of(store, now, job=one.job) if each.case_key == one.key]
        told = (DetailLine(each.kind, each.reason, "normal", sum_of(each.amount or each.notional, currency)) for each in held[:8])
        found += section("Holds up", tuple(told))
    return found

"""One contract in words, and the list of its periods with what became of each and why it comes to that sum.

It stands apart because every figure of a contract is shown with the sentence that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import date_of, day_of, figure, lines, plural, section, sum_of
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.agreement import Agreement, PeriodLine, agreement
from fsconsole.store.opening import Store
from fsconsole.store.queries import things
from fsconsole.store.queries.narrow import holds

#: What a period's state is called, and its role.
STATES = {
    "open": ("not due yet", "dim"),
    "billable": ("billable", "soon"),
    "held": ("held", "stuck"),
    "waived": ("waived", "dim"),
    "locked": ("locked", "dim"),
    "superseded": ("superseded", "dim"),
    "covered": ("covered", "dim"),
    "fenced": ("fenced", "dim"),
    "elsewhere": ("elsewhere", "dim"),
    "billed": ("billed", "fine"),
    "credit": ("we owe", "late"),
}


class ContractView(ListView):
    """One contract; the list is its periods, each with what became of it and why it comes to that sum."""

    view = "contracts"
    words = "Contract"
    NARROWS = ("state", "term", "why")
    LEAVE_OUT = ("sort", "open")
    SHARE = 0.45
    BELOW = 10
    EMPTY = "No term of this contract gives a period yet: its work is billed by the job."
    NO_MATCH = "No period of this contract holds that."
    FIELDS = (
        RowField("period", "period", 22, role="strong"),
        RowField("state", "state", 11),
        RowField("amount", "worth", 10, "right"),
        RowField("rest", "to bill", 10, "right"),
        RowField("numbers", "billed as", 10, drop=5, role="dim"),
        RowField("from", "billable", 11, drop=6, role="dim"),
        RowField("term", "term", 10, grow=1, drop=9, role="dim"),
        RowField("reason", "because", 16, grow=6, drop=7),
    )

    def __init__(self, row: bytes) -> None:
        self.row = row
        self._agreed: Agreement | None = None
        self._begun = False
        super().__init__()

    @property
    def agreed(self) -> Agreement | None:
        if self._agreed is None:
            self._agreed = agreement(self.store, self.row, self.now)
        return self._agreed

    def reload(self) -> None:
        self._agreed = None
        super().reload()
        if not self._begun and self.agreed is not None:
            # What was billed long ago stands above; what asks for something is where one begins.
            self._begun = True
            first = next((line for line in self.agreed.periods if line.state in ("billable", "held", "credit", "open")), None)
            if first is not None:
                self.list.go(first.key)

    def _periods(self) -> list[PeriodLine]:
        if self.agreed is None:
            return []
        said = ((line, {"state": line.state, "term": line.term, "why": line.reason}) for line in self.agreed.periods)
        return [line for line, fields in said if holds(self.filter_words, fields, f"{line.period} {line.numbers}")]

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self._periods()[offset : offset + limit],
            lambda: len(self._periods()),
            lambda key: next((index for index, line in enumerate(self._periods()) if line.key == key), None),
            self._row,
        )

    def everything(self) -> int:
        return len(self.agreed.periods) if self.agreed else 0

    def _row(self, line: PeriodLine) -> Row:
        currency = self.agreed.currency if self.agreed else self.store.currency
        cells = (
            line.period,
            STATES.get(line.state, (line.state, "normal")),
            figure(line.amount, currency),
            figure(line.rest, currency, role="soon" if line.state in ("billable", "held") else "dim"),
            line.numbers,
            day_of(line.billable_from, self.today),
            line.term,
            line.reason,
        )
        return Row(line.key, 0, cells)

    def head(self) -> Sequence[Piece]:
        told = self.agreed
        if told is None:
            return [("This contract is gone.", "soon")]
        one, currency = told.contract, told.currency
        unbilled = f"   {sum_of(told.unbilled, currency)} not billed" if told.unbilled else "   nothing to bill now"
        parked = not told.periods and any(case.reason == "contradiction" for case in told.cases)
        unbilled = "   parked: it contradicts itself" if parked else unbilled
        names = (told.client.name if told.client else "", one.name or one.kind)
        return [
            (things.short(self.store, one.ref), "strong"),
            ("  " + " · ".join(each for each in names if each), "title"),
            (unbilled, "late" if parked else "soon" if told.unbilled else "fine"),
            (f"   {sum_of(told.year, currency, whole=True)} a year" if told.year else "", "dim"),
        ]

    def sections(self, value: PeriodLine) -> Sequence[Section]:
        told = self.agreed
        if told is None:
            return []
        why = lines(("because", value.reason), ("held by", value.why, "stuck"))
        return [
            *section(f"{value.period}  {sum_of(value.amount, told.currency)}", why),
            *contract_told(self.store, told, whole=True),
        ]

    def told(self) -> Sequence[Section]:
        found = super().told()
        return found if found or self.agreed is None else contract_told(self.store, self.agreed, whole=True)

    def chosen(self) -> Chosen | None:
        told = self.agreed
        return Chosen("contract", things.short(self.store, told.contract.ref), self.row) if told else None


def contract_told(store: Store, told: Agreement, *, whole: bool = False) -> list[Section]:
    """A contract in words: when, what is promised, what is included, its terms, what it covers, what holds it up."""
    one, currency = told.contract, told.currency
    client = told.client.name if told.client else ""
    found = section(
        f"{things.short(store, one.ref)}  {client} · {one.name or one.kind}",
        lines(
            ("runs", told.runs),
            ("pays", told.payer if told.payer != client else ""),
            ("promised", told.promises),
            ("included", one.includes),
            ("order", told.order or ("their order number is required and missing" if one.order_required else "")),
            ("billed", sum_of(told.billed, currency)),
        ),
    )
    found += section("Terms", tuple(DetailLine(line.name, line.words) for line in told.terms))
    found += section("Changes", tuple(DetailLine(when, words) for when, words in told.changes[: 12 if whole else 4]))
    meters = [
        DetailLine(one.name, one.wants or f"{one.last} on {date_of(one.day)}", "stuck" if one.wants else "normal")
        for one in (told.meters if whole else told.meters[:4])
    ]
    found += section("Meters", tuple(meters))
    covers = told.covers if whole else told.covers[:6]
    covered = [
        DetailLine(
            "" if line.holds else "ended",
            f"{line.name}: {line.includes}" + (f", from {date_of(line.start)}" if line.start and whole else "")
            + (f", until {date_of(line.end)}" if line.end else ""),
            "normal" if line.holds else "dim",
        )
        for line in covers
    ]  # fmt: skip
    if len(told.covers) > len(covers):
        covered.append(DetailLine("", f"and {len(told.covers) - len(covers):,} more", "dim"))
    found += section("Covers", tuple(covered))
    if told.covered_worth:
        found += section("", (DetailLine("", "covered work on the board", "dim", sum_of(told.covered_worth, currency)),))
    held = tuple(DetailLine("", case.says, "stuck", sum_of(case.value, currency)) for case in told.cases)
    found += section("Held up by", held)
    if whole:
        work = tuple(
            DetailLine(things.short(store, job.ref), f"{job.title} — {job.column}", "normal", sum_of(job.value, currency))
            for job in told.jobs
        )
        found += section(f"Work under it ({plural(len(told.jobs), 'job')})" if work else "", work)
        done = tuple(DetailLine(_when(one.at, store), f"{one.by} at {one.site}: {one.typed}", "dim") for one in told.history[:12])
        found += section("What was done to it", done)
    return found


def periods_told(told: Agreement) -> list[Section]:
    """The periods that ask for something, with their reasons."""
    shown = [line for line in told.periods if line.state in ("billable", "held", "credit", "open")][:8]
    return section(
        "Periods",
        tuple(
            DetailLine(
                line.period,
                f"{STATES[line.state][0]}: {line.why or line.reason}",
                STATES[line.state][1],
                sum_of(line.rest, told.currency),
            )
            for line in shown
        ),
    )


def _when(at: datetime, store: Store) -> str:
    here = at.astimezone(store.zone)
    return f"{here.day} {here:%b %H:%M}"

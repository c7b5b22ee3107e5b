"""Clients: the list by name, number, postcode or own columns, and the sheet one needs while they are on the line.

It stands apart because a caller must be answered at once: open jobs with what was promised, last visits, contracts,
balance, places with their access notes, people and equipment, on one screen and without a second question.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fsconsole.console.keys import Hint
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import clock_of, date_of, day_of, figure, lines, plural, promise_of, section, sum_of
from fsconsole.console.text import clean
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.store.opening import Store
from fsconsole.store.queries import contracts, jobs, money, things
from fsconsole.store.rows import fetch
from fsconsole.values.terms import Contract
from fsconsole.values.work import Client

#: Places and pieces of equipment that a sheet lists before it only counts them.
FEW = 12


class Clients(ListView):
    """F5. Enter opens the sheet, ``n`` logs a job for the client under the cursor."""

    view = "clients"
    words = "Clients"
    EMPTY = "No clients yet. Bring yours: fsconsole import clients FILE, or type : client NAME"
    NO_MATCH = "No client's name, telephone number, postcode or own column holds that."
    FIELDS = (
        RowField("name", "client", 22, grow=3, role="strong"),
        RowField("ref", "ref", 6, role="dim", drop=3),
        RowField("phone", "telephone", 15, drop=5),
        RowField("postcode", "postcode", 8, drop=6),
        RowField("places", "places", 6, "right", drop=7, role="dim"),
        RowField("assets", "assets", 6, "right", drop=8, role="dim"),
        RowField("contracts", "agreed", 6, "right", drop=9, role="dim"),
        RowField("jobs", "open", 5, "right"),
        RowField("unbilled", "unbilled", 11, "right"),
    )

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: things.clients(self.store, self.now, self.filter_words, offset, limit),
            lambda: things.count(self.store, "client", self.filter_words),
            lambda row: things.place(self.store, "client", row, self.filter_words),
            self._row,
        )

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
            figure(one.unbilled, self.store.currency),
        )
        return Row(one.client, 0, cells)

    def sections(self, value: things.ClientRow) -> Sequence[Section]:
        return [*jobs_told(self.store, self.now, value.client), *client_told(self.store, self.now, value.client)]

    def everything(self) -> int:
        return things.count(self.store, "client")

    def head(self) -> Sequence[Piece]:
        return [(self.how_many("client"), "title")]

    def chosen(self) -> Chosen | None:
        value = self.value()
        return Chosen("client", things.short(self.store, value.ref) or value.name, value.client) if value else None

    def open_row(self, id: Any, value: Any) -> None:
        self.console.open_thing("client", id)

    def action_new_job(self) -> None:
        value = self.value()
        self.console.ask(f"log {typed_name(self.store, value.client)} " if value else "log ")


class ClientSheet(ListView):
    """Everything about one client; the list is its jobs, open ones first, and enter opens one."""

    view = "clients"
    words = "Client"
    BESIDE = 120
    BELOW = 12
    SHARE = 0.48
    EMPTY = "No job was ever logged for this client. n logs one."
    FIELDS = (
        RowField("ref", "job", 6, role="strong"),
        RowField("state", "state", 12),
        RowField("when", "", 22, drop=2),
        RowField("title", "what", 14, grow=3),
        RowField("place", "where", 10, grow=2, drop=5),
        RowField("who", "who", 6, drop=4),
        RowField("value", "value", 10, "right", drop=6),
    )

    LEAVE_OUT = ("sort",)

    def __init__(self, row: bytes) -> None:
        self.row = row
        super().__init__()

    @property
    def one(self) -> Client | None:
        found: Client | None = fetch(self.store, "client", self.row)
        return found

    def provider(self) -> QueryRows:
        def count(open_only: bool = False) -> int:
            return jobs.count_jobs_of(self.store, client=self.row, open_only=open_only)

        def page(offset: int, limit: int) -> list[jobs.JobRow]:
            # Open jobs first: few of all, so they are read whole and the others from behind them.
            first = jobs.jobs_of(self.store, client=self.row, open_only=True, limit=500)
            ahead = first[offset : offset + limit]
            if len(ahead) == limit:
                return ahead
            known = {one.job for one in first}
            rest = jobs.jobs_of(self.store, client=self.row, offset=max(0, offset - len(first)), limit=limit + len(first))
            return [*ahead, *[one for one in rest if one.job not in known]][:limit]

        def place(row: bytes) -> int | None:
            return next((index for index, one in enumerate(page(0, 500)) if one.job == row), None)

        return QueryRows(page, count, place, lambda one: job_row(self.store, one, self.now))

    def sections(self, value: Any) -> Sequence[Section]:
        return client_told(self.store, self.now, self.row)

    def _tell(self, *, from_top: bool) -> None:
        if self.aside.display:
            self.aside.say(self.sections(None), from_top=False)

    def head(self) -> Sequence[Piece]:
        one = self.one
        if one is None:
            return [("This client is gone.", "soon")]
        open_jobs = jobs.count_jobs_of(self.store, client=self.row, open_only=True)
        everything = self.asked.count()
        owed = money.balance(self.store, self.row, self.now)
        said = (
            f"{plural(open_jobs, 'open job')} of {everything:,}"
            if open_jobs
            else f"no open job, {plural(everything, 'job')} before"
        )
        late = f"   overdue {sum_of(owed.overdue, self.store.currency)}" if owed.overdue else ""
        return [(one.name, "strong"), (f"  {one.phone}" if one.phone else "", "normal"), (f"   {said}", "dim"), (late, "late")]

    def chosen(self) -> Chosen | None:
        value = self.value()
        return Chosen("job", things.short(self.store, value.ref), value.job) if value else None

    def hints(self) -> list[Hint]:
        return [*super().hints(), Hint("tab", "scroll the sheet", 4)]

    def open_row(self, id: Any, value: Any) -> None:
        self.console.open_thing("job", id)

    def action_new_job(self) -> None:
        self.console.ask(f"log {typed_name(self.store, self.row)} ")


def job_row(store: Store, one: jobs.JobRow, now: datetime) -> Row:
    """One job of a client's, a location's or a technician's list."""
    promise, role = promise_of(one.due_at, one.due_what, now, store.zone)
    if not promise:
        promise, role = clock_of(one.since, now, store.zone).removesuffix(" 00:00"), "dim"
    state = one.column.replace(" ", "_")
    cells = (
        things.short(store, one.ref),
        (one.column, state),
        (promise, role),
        (one.title, "normal") if not one.stuck else (f"{one.title}  ◆ {one.stuck}", "stuck"),
        one.location,
        one.technician or ("unassigned" if one.column == "logged" else ""),
        ("covered", "dim") if one.covered else figure(one.value, store.currency, role="estimate" if one.estimate else "money"),
    )
    return Row(one.job, 0, cells)


def jobs_told(store: Store, now: datetime, client: bytes, most: int = 6) -> list[Section]:
    """Open jobs with what was promised, and the last visits."""
    open_jobs = jobs.jobs_of(store, client=client, open_only=True, limit=most + 1)
    told = []
    for one in open_jobs[:most]:
        promise, role = promise_of(one.due_at, one.due_what, now, store.zone)
        who = f", {one.technician}" if one.technician else ""
        told.append(DetailLine(things.short(store, one.ref), f"{one.title} — {one.column}{who}", "normal", promise, role))
    if len(open_jobs) > most:
        many = jobs.count_jobs_of(store, client=client, open_only=True)
        told.append(DetailLine("", f"and {many - most:,} more", "dim"))
    known = {one.job for one in open_jobs}
    last = [one for one in jobs.jobs_of(store, client=client, limit=most + len(known)) if one.job not in known][:3]
    before = [
        DetailLine(
            things.short(store, one.ref),
            one.title,
            "normal",
            day_of(_day(one.since, store), now.astimezone(store.zone).date()),
            "dim",
        )
        for one in last
    ]
    return [
        *section("Open jobs", tuple(told)),
        *section("Last visits", tuple(before)),
    ]


def client_told(store: Store, now: datetime, client: bytes) -> list[Section]:
    """Who they are, what they owe, what was agreed, where they are, whom to ask, what stands there."""
    one: Client | None = fetch(store, "client", client)
    if one is None:
        return [Section("", (DetailLine("", "This client is gone.", "dim"),))]
    today, currency = now.astimezone(store.zone).date(), store.currency
    payer: Client | None = fetch(store, "client", one.payer) if one.payer else None
    owed = money.balance(store, client, now)
    found = [
        *section(
            one.name,
            lines(
                ("reference", one.ref),
                ("telephone", one.phone),
                ("e-mail", one.email),
                (
                    "address",
                    ", ".join(part for part in (one.address, one.postcode) if part and part not in one.address[:-1])
                    or one.address,
                ),
                ("pays", f"{payer.name} pays for them" if payer else ""),
                ("order", "no invoice without their order number" if one.order_required else "", "soon"),
                ("notes", one.notes),
                *((clean(key), str(value)) for key, value in one.custom.items() if value not in ("", None)),
            ),
        )
    ]
    found += section(
        "Balance",
        (
            DetailLine("owed", "open on invoices", "dim", sum_of(owed.open, currency, none="nothing")),
            *((DetailLine("", "of it past its day", "dim", sum_of(owed.overdue, currency), "late"),) if owed.overdue else ()),
            *(
                (DetailLine("unbilled", "billable and not billed", "dim", sum_of(owed.unbilled, currency)),)
                if owed.unbilled
                else ()
            ),
        ),
    )
    agreed = contracts.contracts(store, now, client=client, limit=FEW)
    found += section(
        "Contracts",
        tuple(
            DetailLine(
                things.short(store, each.ref),
                _agreed(each, store),
                "normal",
                sum_of(each.year, currency, whole=True) + " a year" if each.year else "",
            )
            for each in agreed
        )
        or (DetailLine("", "none: work is billed by time and parts", "dim"),),
    )
    found += _places(store, client)
    people = things.contacts(store, client)
    found += section(
        "Contacts",
        tuple(
            DetailLine(
                each.role or "contact",
                "  ".join(
                    word for word in (each.name, each.phone, each.email, f"at {each.location}" if each.location else "") if word
                ),
            )
            for each in people[:FEW]
        ),
    )
    assets = things.assets(store, client=client, limit=FEW)
    more = things.count(store, "asset", client=client) - len(assets)
    told = [
        DetailLine(
            things.short(store, each.ref),
            ", ".join(
                word
                for word in (
                    f"{each.maker} {each.model or each.kind}".strip(),
                    f"s/n {each.serial}" if each.serial else "",
                    each.location,
                    f"under {things.short(store, each.contract)}" if each.contract else "",
                    _warranty(each.warranty_until, today.isoformat()),
                    f"gone since {date_of(each.removed)}" if each.removed else "",
                )
                if word
            ),
            "dim" if each.removed else "normal",
        )
        for each in assets
    ]
    if more > 0:
        told.append(DetailLine("", f"and {more:,} more", "dim"))
    return found + section("Equipment", tuple(told))


def _places(store: Store, client: bytes) -> list[Section]:
    places = things.locations(store, client=client, limit=FEW)
    told: list[DetailLine] = []
    for each in places:
        where = ", ".join(word for word in (each.address, each.postcode) if word)
        figure_ = plural(each.open_jobs, "open job") if each.open_jobs else ""
        told.append(
            DetailLine(
                things.short(store, each.ref),
                f"{each.name or where}{' — ' + where if each.name and where else ''}",
                "normal",
                figure_,
                "strong",
            )
        )
        if each.access_notes:
            told.append(DetailLine("", each.access_notes, "soon"))
        if each.phone:
            told.append(DetailLine("", each.phone, "dim"))
    more = things.count(store, "location", client=client) - len(places)
    if more > 0:
        told.append(DetailLine("", f"and {more:,} more", "dim"))
    return section("Places", tuple(told))


def _agreed(one: contracts.ContractRow, store: Store) -> str:
    contract: Contract | None = fetch(store, "contract", one.contract)
    ends = f"until {date_of(one.end)}" if one.end else "runs on"
    included = f": {contract.includes}" if contract and contract.includes else ""
    return f"{one.name or one.kind}, {ends}{included}"


def _warranty(until: str | None, today: str) -> str:
    if not until:
        return ""
    return f"warranty until {date_of(until)}" if until > today else "out of warranty"


def _day(ms: int | None, store: Store) -> str | None:
    from fsconsole.console.screens.phrases import instant

    at = instant(ms)
    return at.astimezone(store.zone).date().isoformat() if at else None


def typed_name(store: Store, client: bytes) -> str:
    """How a client is written on the command line so that nothing else is meant: its reference, else its name in quotes."""
    row = store.one("SELECT ref, name FROM client WHERE id = ?", (client,))
    if row is None:
        return ""
    return things.short(store, row[0]) if row[0] else f'"{row[1]}"'


def _few(count: int) -> str:
    return f"{count:,}" if count else ""

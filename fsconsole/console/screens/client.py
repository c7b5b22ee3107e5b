"""One client's sheet: what one must know while they are on the line.

It stands apart because a caller must be answered at once: open jobs with what was promised, last visits, contracts,
balance, places with their access notes, people and equipment, on one screen and without a second question.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from fsconsole.console.screens.phrases import date_of, lines, plural, section, sum_of
from fsconsole.console.screens.sheets import JobsSheet
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.store.opening import Store
from fsconsole.store.queries import contracts, jobs, money, things
from fsconsole.store.rows import fetch
from fsconsole.values.terms import Contract
from fsconsole.values.work import Client

#: Places and pieces of equipment that a sheet lists before it only counts them.
FEW = 12


class ClientView(JobsSheet):
    """A client and their jobs."""

    view = "clients"
    words = "Client"
    OF = "client"
    EMPTY = "No job was ever logged for this client. n logs one."

    def head(self) -> Sequence[Piece]:
        one: Client | None = fetch(self.store, "client", self.row)
        if one is None:
            return [("This client is gone.", "soon")]
        owed = money.balance(self.store, self.row, self.now)
        return [
            (one.name, "strong"),
            (f"  {one.phone}" if one.phone else "", "normal"),
            (f"   {self.how_open()}", "dim"),
            (f"   overdue {late}" if (late := _sums(owed, "overdue")) else "", "late"),
        ]

    def facts(self) -> Sequence[Section]:
        return client_told(self.store, self.now, self.row)

    def call(self) -> dict[str, str]:
        one: Client | None = fetch(self.store, "client", self.row)
        return {"who": one.name} if one else {}


def typed_name(store: Store, client: bytes) -> str:
    """How a client is written on the command line so that nobody else is meant: the reference, else the name in quotes."""
    row = store.one("SELECT ref, name FROM client WHERE id = ?", (client,))
    if row is None:
        return ""
    return things.short(store, row[0]) if row[0] else f'"{row[1]}"'


def _sums(owed: money.Balance, what: str) -> str:
    """One figure of a balance in every currency in which it stands; empty for nothing."""
    parts = [sum_of(amount, one.currency) for one in (owed, *owed.others) if (amount := int(getattr(one, what)))]
    return " + ".join(parts)


def client_told(store: Store, now: datetime, client: bytes) -> list[Section]:
    """Who they are, what they owe, what was agreed, where they are, whom to ask, what stands there."""
    one: Client | None = fetch(store, "client", client)
    if one is None:
        return [Section("", (DetailLine("", "This client is gone.", "dim"),))]
    payer: Client | None = fetch(store, "client", one.payer) if one.payer else None
    owed = money.balance(store, client, now)
    address = one.address if not one.postcode or one.postcode in one.address else f"{one.address}, {one.postcode}".lstrip(", ")
    return [
        *section(
            one.name,
            lines(
                ("telephone", one.phone),
                ("e-mail", one.email),
                ("address", address),
                ("reference", one.ref),
                ("pays", f"{payer.name} pays for them" if payer else ""),
                ("order", "no invoice goes out without their order number" if one.order_required else "", "soon"),
                ("notes", one.notes),
                *((str(key), str(value)) for key, value in one.custom.items() if value not in ("", None)),
            ),
        ),
        *section(
            "Balance",
            (
                DetailLine("", "open on invoices", "normal", _sums(owed, "open") or "nothing"),
                *((DetailLine("", "of it past its day", "late", late, "late"),) if (late := _sums(owed, "overdue")) else ()),
                *((DetailLine("", "billable and not billed", "normal", due),) if (due := _sums(owed, "unbilled")) else ()),
            ),
        ),
        *_contracts(store, now, client),
        *_notes(store, client),
        *places_told(store, client),
        *_people(store, client),
        *equipment_told(store, now, client=client),
    ]


def _contracts(store: Store, now: datetime, client: bytes) -> list[Section]:
    told = []
    for one in contracts.contracts(store, now, client=client, limit=FEW):
        contract: Contract | None = fetch(store, "contract", one.contract)
        ends = f"until {date_of(one.end)}" if one.end else "runs on"
        included = f": {contract.includes}" if contract and contract.includes else ""
        year = f"{sum_of(one.year, store.currency, whole=True)} a year" if one.year else ""
        told.append(DetailLine(things.short(store, one.ref), f"{one.name or one.kind}, {ends}{included}", "normal", year))
    return section("Contracts", tuple(told) or (DetailLine("", "none: work is billed by time and parts", "dim"),))


def _notes(store: Store, client: bytes) -> list[Section]:
    return section("Notes", tuple(DetailLine(note.by, note.text) for note in jobs.notes(store, client)[:5]))


def _people(store: Store, client: bytes) -> list[Section]:
    return section(
        "Contacts",
        tuple(
            DetailLine(
                each.role or "contact",
                "  ".join(
                    word for word in (each.name, each.phone, each.email, f"at {each.location}" if each.location else "") if word
                ),
            )
            for each in things.contacts(store, client)[:FEW]
        ),
    )


def places_told(store: Store, client: bytes) -> list[Section]:
    """A client's places with how to get in."""
    places = things.locations(store, client=client, limit=FEW)
    told: list[DetailLine] = []
    for each in places:
        where = ", ".join(word for word in (each.address, each.postcode) if word)
        words = f"{each.name} — {where}" if each.name and where else each.name or where
        open_jobs = plural(each.open_jobs, "open job") if each.open_jobs else ""
        told.append(DetailLine(things.short(store, each.ref), words, "normal", open_jobs, "strong"))
        if each.access_notes:
            told.append(DetailLine(" ", f"access: {each.access_notes}", "soon"))
        if each.phone:
            told.append(DetailLine(" ", each.phone, "dim"))
    more = things.count(store, "location", client=client) - len(places)
    if more > 0:
        told.append(DetailLine(" ", f"and {more:,} more", "dim"))
    return section("Places", tuple(told))


def equipment_told(store: Store, now: datetime, *, client: bytes | None = None, location: bytes | None = None) -> list[Section]:
    """What stands there, with serial number, contract and warranty."""
    assets = things.assets(store, client=client, location=location, limit=FEW)
    told = []
    for each in assets:
        words = (
            f"{each.maker} {each.model or each.kind}".strip(),
            f"s/n {each.serial}" if each.serial else "",
            each.location if client else "",
            f"under {things.short(store, each.contract)}" if each.contract else "on no contract",
            warranty(each.warranty_until, now.astimezone(store.zone).date().isoformat()),
            f"gone since {date_of(each.removed)}" if each.removed else "",
        )
        role = "dim" if each.removed else "normal"
        told.append(DetailLine(things.short(store, each.ref), ", ".join(word for word in words if word), role))
    more = things.count(store, "asset", client=client, location=location) - len(assets)
    if more > 0:
        told.append(DetailLine(" ", f"and {more:,} more", "dim"))
    return section("Equipment", tuple(told))


def warranty(until: str | None, today: str) -> str:
    """``warranty until 2 Mar 2027``, its last day, for ``until``, the first that is not covered; ``out of warranty``; nothing
    where it is not known."""
    if not until:
        return ""
    last = date.fromisoformat(until) - timedelta(days=1)
    return f"warranty until {date_of(last.isoformat())}" if until > today else "out of warranty"

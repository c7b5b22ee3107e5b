"""Asks the store for everything the rules need about some jobs or contracts, a few queries for many things at once.

It stands apart so that settling a thousand jobs and explaining one go through the same reading.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from fsconsole.flow import right
from fsconsole.rules import job as folding
from fsconsole.rules.billable import JobWork
from fsconsole.rules.counted import COUNTING
from fsconsole.rules.facts import Offered
from fsconsole.rules.job import Fold
from fsconsole.rules.policy import Policies
from fsconsole.store.opening import Store
from fsconsole.store.rows import fetch_all, fetch_many
from fsconsole.values.bill import Invoice, IssuedLine, Stray
from fsconsole.values.terms import Calendar, Clause, Contract, Cover, Entry, Published, Rate, Term, whole
from fsconsole.values.work import (
    Asset,
    Card,
    Client,
    Contact,
    Event,
    Id,
    Job,
    Labour,
    Location,
    Part,
    PartUsed,
    Reading,
    SignOff,
    Technician,
)


@lru_cache(maxsize=64)
def closed_days(country: str, years: tuple[int, ...]) -> frozenset[date]:
    """Public holidays of a country, or of its part (GB-ENG), in some years."""
    if not country:
        return frozenset()
    import holidays

    # Its package of countries loads all 250 of them, 8 MB that a console would hold all day; of a bare one with the
    # same path only the country that is asked for is loaded.
    if (countries := "holidays.countries") not in sys.modules:
        bare = sys.modules[countries] = ModuleType(countries)
        bare.__path__ = [str(Path(folder, "countries")) for folder in holidays.__path__]
    name, _, part = country.partition("-")
    try:
        return frozenset(holidays.country_holidays(name, subdiv=part or None, years=years))
    except NotImplementedError:
        return frozenset()


class Known:
    """What holds for the whole workspace: policies, rates, technicians. Read once for one settling."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.policies = Policies(fetch_all(store, "policy"))
        self.latest = self.policies.latest
        self.timezone = self.latest.timezone
        self.currency = store.currency
        self.series = store.code

    @cached_property
    def rates(self) -> list[Rate]:
        return fetch_all(self.store, "rate")

    @cached_property
    def technicians(self) -> dict[Id, Technician]:
        return {one.id: one for one in fetch_all(self.store, "technician", "1 = 1")}

    @cached_property
    def held(self) -> dict[str, str]:
        """Why a person holds back a job or contract, by its reference."""
        query = "SELECT substr(key, 6), held FROM decision WHERE key >= 'hold:' AND key < 'hold;' AND held != ''"
        return dict(self.store.sql(query))

    @cached_property
    def charged(self) -> dict[str, str]:
        """Why a person decided that the client pays for covered work, by the job's reference."""
        query = "SELECT substr(key, 11), held FROM decision WHERE key >= 'uncovered:' AND key < 'uncovered;' AND held != ''"
        return dict(self.store.sql(query))

    @cached_property
    def published(self) -> list[Published]:
        """What is published for every contract: values of indexes, tax rates, holidays."""
        return fetch_all(self.store, "published", order="kind, name, start, id")

    @cached_property
    def sites(self) -> dict[int, str]:
        return dict(self.store.sql("SELECT number, code FROM site"))

    def calendar(self, name: str, year: int) -> Calendar:
        """A working calendar with its holidays around a year; an unknown name takes the office's."""
        closed = closed_days(self.latest.holiday_country, (year - 1, year, year + 1))
        try:
            return self.latest.calendar(name, closed)
        except ValueError:
            return self.latest.calendar("", closed)


@dataclass(slots=True)
class JobSheet:
    """One job with everything that stands about it."""

    job: Job
    work: JobWork
    client: Client | None = None
    payer: Client | None = None  # who owes, when that is not the client
    location: Location | None = None
    asset: Asset | None = None
    contract: Contract | None = None
    folds: list[Fold] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    labour: list[Labour] = field(default_factory=list)
    parts: list[PartUsed] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    sign_offs: list[SignOff] = field(default_factory=list)
    issued: list[IssuedLine] = field(default_factory=list)  # those whose site held the billing right
    invoices: list[Invoice] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)  # what was billed without it
    offered: Offered | None = None


@dataclass(slots=True)
class ContractSheet:
    """One contract with everything that stands about it."""

    contract: Contract
    client: Client | None = None
    payer: Client | None = None
    terms: list[Term] = field(default_factory=list)
    covers: list[Cover] = field(default_factory=list)
    assets: dict[Id, Asset] = field(default_factory=dict)  # by the id that was agreed, also one merged away since
    issued: list[IssuedLine] = field(default_factory=list)  # those whose site held the billing right
    invoices: list[Invoice] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)  # what was billed without it
    offered: Offered | None = None
    clauses: list[Clause] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    jobs: list[JobSheet] = field(default_factory=list)  # those whose work its terms may count
    clients: dict[Id, Client] = field(default_factory=dict)  # whoever took the contract over


def grouped(
    store: Store, kind: str, column: str, ids: Iterable[bytes | None], *, where: str = "1 = 1"
) -> dict[bytes, list[Any]]:
    """Rows of a kind by the id that one column holds."""
    found: dict[bytes, list[Any]] = defaultdict(list)
    wanted = list({one for one in ids if one})
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        for value in fetch_all(store, kind, f'"{column}" IN ({",".join("?" * len(some))}) AND {where}', some):
            found[getattr(value, column)].append(value)
    return found


def current(store: Store, kind: str, ids: Iterable[bytes | None]) -> dict[bytes, Any]:
    """Rows by id, each id that was merged into another giving that other."""
    found = fetch_many(store, kind, list({one for one in ids if one}))
    merged = {one: value.merged_into for one, value in found.items() if value.merged_into}
    if merged:
        kept = current(store, kind, merged.values())
        found.update({one: kept[into] for one, into in merged.items() if into in kept})
    return found


def job_sheets(store: Store, ids: Sequence[bytes], known: Known, *, priced_only: bool = False) -> list[JobSheet]:
    """Everything about some jobs; with ``priced_only`` without what no price rests on: location, cards, sign-offs, offers."""
    jobs: list[Job] = list(fetch_many(store, "job", ids).values())
    job_ids = [job.id for job in jobs]
    clients = current(store, "client", [job.client for job in jobs])
    payers = current(store, "client", [job.payer for job in jobs] + [one.payer for one in clients.values()])
    locations = current(store, "location", [] if priced_only else [job.location for job in jobs])
    assets = current(store, "asset", [job.asset for job in jobs])
    contracts = grouped(store, "contract", "client", clients.keys() | {one.id for one in clients.values()})
    chosen = fetch_many(store, "contract", list({job.contract for job in jobs if job.contract}))
    agreed = [one.id for some in contracts.values() for one in some] + list(chosen)
    counting = grouped(store, "term", "contract", agreed, where=f"kind IN ({listed_kinds()})")
    covers = grouped(store, "cover", "contract", agreed)
    visits = grouped(store, "visit", "job", job_ids)
    events = grouped(store, "event", "visit", [one.id for some in visits.values() for one in some])
    labour = grouped(store, "labour", "job", job_ids)
    parts = grouped(store, "part_used", "job", job_ids)
    cards = grouped(store, "card", "job", [] if priced_only else job_ids)
    signs = grouped(store, "sign_off", "job", [] if priced_only else job_ids)
    issued = grouped(store, "invoice_line", "job", job_ids)
    invoices = fetch_many(store, "invoice", list({line.invoice for some in issued.values() for line in some if line.invoice}))
    issued, strays = right.sorted_out(store, "job", issued, invoices)
    offered = right.offers(store, "job", [] if priced_only else job_ids)
    catalogue: dict[Id, Part] = fetch_many(store, "part", list({p.part for some in parts.values() for p in some if p.part}))  # type: ignore[assignment]
    sheets = []
    for job in jobs:
        client = clients.get(job.client or b"")
        theirs = list(contracts.get(client.id, [])) if client else []
        if job.contract and job.contract in chosen and chosen[job.contract] not in theirs:
            theirs.append(chosen[job.contract])
        folds = [folding.fold(v, events.get(v.id, [])) for v in sorted(visits.get(job.id, []), key=lambda v: (v.number, v.id))]
        work = JobWork(
            job=job,
            client=client,
            asset=assets.get(job.asset or b""),
            contracts=theirs,
            covers=[cover for contract in theirs for cover in covers.get(contract.id, [])],
            visits=folds,
            labour=labour.get(job.id, []),
            parts=parts.get(job.id, []),
            catalogue=catalogue,
            rates=known.rates,
            technicians=known.technicians,
            policies=known.policies,
            currency=known.currency,
            timezone=known.timezone,
            counting={Id(one.id): counting[one.id] for one in theirs if one.id in counting},
            charged=known.charged.get(job.ref, ""),
        )
        lines = issued.get(job.id, [])
        sheets.append(
            JobSheet(
                job=job,
                work=work,
                client=client,
                payer=payers.get(job.payer or (client.payer if client else None) or b""),
                location=locations.get(job.location or b""),
                asset=work.asset,
                contract=chosen.get(job.contract or b""),
                folds=folds,
                events=[event for fold in folds for event in events.get(fold.visit.id, [])],
                labour=labour.get(job.id, []),
                parts=parts.get(job.id, []),
                cards=cards.get(job.id, []),
                sign_offs=signs.get(job.id, []),
                issued=lines,
                invoices=[invoices[line.invoice] for line in lines if line.invoice in invoices],
                strays=strays.get(job.id, []),
                offered=offered.get(job.id),
            )
        )
    return sheets


def listed_kinds() -> str:
    """The kinds of term that count work on jobs, for SQL."""
    return ", ".join(f"'{kind}'" for kind in sorted(COUNTING))


def contract_sheets(store: Store, ids: Sequence[bytes], known: Known) -> list[ContractSheet]:
    """Everything about some contracts."""
    contracts: list[Contract] = [whole(one) for one in fetch_many(store, "contract", ids).values()]
    some = [contract.id for contract in contracts]
    clients = current(store, "client", [contract.client for contract in contracts])
    payers = current(store, "client", [one.payer for one in (*contracts, *clients.values())])
    terms = grouped(store, "term", "contract", some)
    covers = grouped(store, "cover", "contract", some)
    named = [cover.asset for held in covers.values() for cover in held] + [term.asset for held in terms.values() for term in held]
    assets = current(store, "asset", named)
    standing = grouped(store, "asset", "location", [cover.location for held in covers.values() for cover in held])
    issued = grouped(store, "invoice_line", "contract", some)
    invoices = fetch_many(store, "invoice", list({line.invoice for held in issued.values() for line in held if line.invoice}))
    issued = {row: [line for line in lines if line.job is None] for row, lines in issued.items()}
    issued, strays = right.sorted_out(store, "contract", issued, invoices)
    offered = right.offers(store, "contract", some)
    merged = _merged(store, some)
    clauses = grouped(store, "clause", "contract", some)
    entries = grouped(store, "entry", "contract", [*some, *merged])
    taken_over = current(store, "client", [entry.client for held in entries.values() for entry in held])
    metered = [one.id for one in contracts if any(term.kind == "meter" for term in terms.get(one.id, ()))]
    read = _readings(store, metered, assets, standing)
    jobs = _jobs_counted(store, contracts, terms, known)
    named = [one.asset for held in (*read.values(), *entries.values()) for one in held if one.contract]
    assets |= current(store, "asset", [one for one in named if one not in assets])
    sheets = []
    for contract in contracts:
        held = covers.get(contract.id, [])
        client = clients.get(contract.client or b"")
        lines = issued.get(contract.id, [])
        mine: dict[Id, Asset] = {one: assets[one] for cover in held if (one := cover.asset) and one in assets}
        mine.update({a.id: a for cover in held if cover.location for a in standing.get(cover.location, [])})
        mine.update({one: assets[one] for term in terms.get(contract.id, []) if (one := term.asset) and one in assets})
        here = [contract.id, *(one for one, into in merged.items() if into == contract.id)]
        happened = sorted(
            (entry for one in here for entry in entries.get(one, [])), key=lambda entry: (entry.place, entry.stamp, entry.id)
        )
        mine.update({one: assets[one] for row in read.get(contract.id, []) if (one := row.asset) and one in assets})
        mine.update({one: assets[one] for entry in happened if (one := entry.asset) and one in assets})
        of_assets = {asset.id for asset in mine.values()} | set(mine)
        sheets.append(
            ContractSheet(
                contract=contract,
                client=client,
                payer=payers.get(contract.payer or (client.payer if client else None) or b""),
                terms=sorted(terms.get(contract.id, []), key=lambda term: (term.place, term.id)),
                covers=sorted(held, key=lambda cover: (cover.place, cover.id)),
                clauses=sorted(clauses.get(contract.id, []), key=lambda clause: (clause.place, clause.id)),
                entries=happened,
                readings=[
                    *read.get(contract.id, []),
                    # Of an asset's readings only a contract with a meter term makes anything.
                    *(one for one in read.get(b"", []) if one.asset in of_assets and contract.id in metered),
                ],
                jobs=jobs.get(contract.id, []),
                clients={one: taken_over[one] for entry in happened if (one := entry.client) and one in taken_over},
                assets=mine,
                issued=lines,
                invoices=[invoices[line.invoice] for line in lines if line.invoice in invoices],
                strays=strays.get(contract.id, []),
                offered=offered.get(contract.id),
            )
        )
    return sheets


def _merged(store: Store, contracts: Sequence[bytes]) -> dict[bytes, bytes]:
    """Contracts that were merged into one of these: what happened under them happened under it."""
    marks = ",".join("?" * len(contracts))
    return dict(store.sql(f"SELECT id, merged_into FROM contract WHERE merged_into IN ({marks})", contracts))


def _readings(
    store: Store, contracts: Sequence[bytes], assets: dict[bytes, Any], standing: dict[bytes, list[Any]]
) -> dict[bytes, list[Reading]]:
    """Readings of some contracts, and under no id those of their assets that name no contract."""
    if not contracts:
        return {}
    found = grouped(store, "reading", "contract", contracts)
    there = {*assets, *(asset.id for held in standing.values() for asset in held)}
    of_assets = grouped(store, "reading", "asset", there, where="contract IS NULL")
    found[b""] = sorted((one for held in of_assets.values() for one in held), key=lambda one: one.id)
    return found


def _jobs_counted(
    store: Store, contracts: Sequence[Contract], terms: dict[bytes, list[Any]], known: Known
) -> dict[bytes, list[JobSheet]]:
    """The jobs whose work the terms of some contracts may count: those put under it and those of its client."""
    found: dict[bytes, list[JobSheet]] = {}
    for contract in contracts:
        if not any(term.kind in COUNTING for term in terms.get(contract.id, ())):
            continue
        rows = store.sql(
            "SELECT id FROM job WHERE gone = 0 AND merged_into IS NULL AND (contract = ? OR (contract IS NULL AND client = ?))"
            " AND (EXISTS (SELECT 1 FROM labour l WHERE l.job = job.id) OR EXISTS (SELECT 1 FROM visit v WHERE v.job = job.id)"
            " OR EXISTS (SELECT 1 FROM part_used u WHERE u.job = job.id)) ORDER BY id",
            (contract.id, contract.client or b"-"),
        )
        if rows:
            found[contract.id] = job_sheets(store, [row for (row,) in rows], known)
    return found


def contacts_of(store: Store, clients: Iterable[bytes]) -> dict[bytes, list[Contact]]:
    return grouped(store, "contact", "client", clients)

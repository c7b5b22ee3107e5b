"""A contract of the store as the rules of price read it: the same Agreement that a price file gives.

It stands apart because this is the whole way from rows to an Agreement; what a file says and what the store holds are
priced by one engine.

Always: rows of the same facts in any order give the same agreement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from fsconsole.flow.gather import ContractSheet, Known
from fsconsole.inbox.terms_json import read_back
from fsconsole.inbox.terms_known import SECTIONS
from fsconsole.inbox.terms_values import Wrong, completed
from fsconsole.rules.counted import COUNTING
from fsconsole.rules.job_rows import Named, rows_of
from fsconsole.rules.revised import in_force
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.terms import AGAINST, Clause, Entry, Term, filled
from fsconsole.values.twin import changed
from fsconsole.values.work import Asset, Client, Id, Reading

#: Kinds of term that look at days on which nobody works.
BY_THE_CLOCK = ("sla", "availability", "hours", "block", "time")


def agreed(sheet: ContractSheet, known: Known) -> tuple[Agreement, list[Wrong]]:
    """The agreement of a contract, and what of its rows does not fit together."""
    return _Sheet(sheet, known).agreement()


def agreed_rows(sheet: ContractSheet, known: Known) -> tuple[Agreement, dict[str, list[Row]]]:
    """The agreement of a contract, and every row that it was put together from, by section of a price file."""
    whole = _Sheet(sheet, known)
    agreement, _ = whole.agreement()
    return agreement, whole.rows


class _Sheet:
    """One contract while it is put together."""

    def __init__(self, sheet: ContractSheet, known: Known) -> None:
        self.sheet, self.known, self.contract = sheet, known, sheet.contract
        self.money = self.contract.currency or (sheet.client.currency if sheet.client else "") or known.currency
        # Where nobody says which tax applies, the company's does.
        self.tax = str(self.contract.details.get("tax") or _percent(known.latest.tax_rate))
        self.terms = self._terms()
        self.term_names = {term.id: term.name for term in self.terms}
        self.asset_names = asset_names(sheet.assets)
        self.people = people_names(one for one in (sheet.client, sheet.payer, *sheet.clients.values()) if one is not None)
        self.people |= {row: self.people[one.id] for row, one in sheet.clients.items()}
        self.rows: dict[str, list[Row]] = {}

    def agreement(self) -> tuple[Agreement, list[Wrong]]:
        sheet = self.sheet
        self._row("contract", self._said())
        for clause in sheet.clauses:
            self._row(clause.kind, self._of_clause(clause))
        self._published()
        for entry in in_force(sheet.entries):
            if entry.kind != "claim":
                self._row(entry.kind, self._of_entry(entry))
        for reading in sorted(sheet.readings, key=lambda one: (one.day or date.min, one.id)):
            self._row("reading", self._of_reading(reading))
        self._work()
        self._decided()
        base = Agreement(
            contract=changed(self.contract, terms_days=self._terms_days()),
            client=sheet.client,
            currency=self.known.currency,
            terms=tuple(self.terms),
            assets=sheet.assets,
            covers=tuple(sheet.covers),
            issued=tuple(sheet.issued),
            invoices=tuple(sheet.invoices),
            names={self.contract.id: self.contract.ref, **self.term_names, **self.asset_names, **self.people},
        )
        return completed(base, self.rows, {name: row for row, name in self.people.items()})

    def _row(self, section: str, row: dict[str, Any]) -> None:
        rows = self.rows.setdefault(section, [])
        rows.append({**row, "line": len(rows) + 1, "place": (section, len(rows))})

    def _terms(self) -> list[Term]:
        """The terms with names of their own, the company's lead and the holidays that are published."""
        lead = self.known.latest.lead_days
        holidays = sorted(
            one.start.isoformat()
            for one in self.known.published
            if one.kind == "holiday" and one.start and one.name in ("", self.contract.calendar)
        )
        seen: Counter[str] = Counter()
        found = []
        for term in (filled(one) for one in self.sheet.terms):
            if term.gone or term.contract not in (None, self.contract.id):
                continue
            name = term.name or term.kind
            seen[name] += 1
            changes: dict[str, Any] = {"lead_days": term.lead_days or lead}
            if not term.tax and (term.tax_rate is not None or term.kind not in AGAINST):
                changes["tax"] = self.tax if term.tax_rate is None else _percent(term.tax_rate)
            if seen[name] > 1 or not term.name:
                changes["name"] = name if seen[name] == 1 else f"{name} ({seen[name]})"
            if holidays and term.kind in BY_THE_CLOCK:
                changes["details"] = {**term.details, "holidays": sorted({*term.details.get("holidays", ()), *holidays})}
            found.append(changed(term, **changes))
        return found

    def _said(self) -> dict[str, Any]:
        """What [contract] says to the rules of tax and payment."""
        return read_back(self.contract.details, SECTIONS["contract"].fields) | {"tax": self.tax}

    def _terms_days(self) -> int:
        known = (self.contract, self.sheet.payer, self.sheet.client)
        return next((one.terms_days for one in known if one and one.terms_days is not None), self.known.latest.terms_days)

    # --- rows ---

    def _of_clause(self, clause: Clause) -> dict[str, Any]:
        row = {"from": clause.start, "until": clause.end} | self._read(clause.kind, clause.details) | self._term(clause.term)
        return {name: value for name, value in row.items() if value is not None}

    def _of_entry(self, entry: Entry) -> dict[str, Any]:
        row = self._read(entry.kind, entry.details) | self._term(entry.term)
        if entry.asset:
            row["asset"] = self._asset(entry.asset)
        if entry.client:
            row["client"] = self.people.get(entry.client) or entry.client.hex()
        return row

    def _read(self, section: str, details: Mapping[str, Any]) -> dict[str, Any]:
        about = SECTIONS.get(section)
        return read_back(details, about.fields) if about else dict(details)

    def _term(self, term: Id | None) -> dict[str, Any]:
        return {"term": self.term_names.get(term, "a term that is gone")} if term else {}

    def _asset(self, asset: Id) -> str:
        return self.asset_names.get(asset) or asset.hex()

    def _of_reading(self, reading: Reading) -> dict[str, Any]:
        row: dict[str, Any] = {"on": reading.at or reading.day, "value": Decimal(reading.value) / 1000}
        row |= self._read("reading", reading.details) | self._term(reading.term)
        row |= {"asset": self._asset(reading.asset)} if reading.asset else {}
        row |= {"meter": reading.meter} if reading.meter else {}
        return row | ({"estimate": True} if reading.estimated else {})

    def _published(self) -> None:
        """Values of the indexes that the contract follows, and tax rates that it does not name itself."""
        rises = [clause.details for clause in self.sheet.clauses if clause.kind == "escalator"]
        follows = {one.get("index") for said in rises for one in (said, *(said.get("parts") or ()))}
        own = {str(row.get("name", "")).lower() for row in self.rows.get("rate", ())}
        for one in self.known.published:
            if one.kind == "index" and one.name in follows and one.start:
                value = _decimal(one.value)
                self._row("index", {"name": one.name, "month": one.start, "value": value})
            elif one.kind == "rate" and one.name.lower() not in own:
                row = {"name": one.name, **self._read("rate", one.details)}
                row |= {"percent": _decimal(one.value)} if one.value else {}
                self._row("rate", row | ({"from": one.start} if one.start else {}))

    def _work(self) -> None:
        """What was done on jobs and its terms count."""
        if not any(term.kind in COUNTING for term in self.terms):
            return
        policies = self.known.latest
        for job in sorted(self.sheet.jobs, key=lambda one: one.job.id):
            named = Named(
                asset=self.asset_names.get(job.asset.id, job.asset.title) if job.asset else "",
                location=job.location.name if job.location else "",
                technicians={one: who.name or who.code for one, who in self.known.technicians.items()},
            )
            for section, row in rows_of(job.work, self.contract, self.terms, named, policies):
                self._row(section, dict(row))

    def _decided(self) -> None:
        """Calls and outages with what was claimed and decided on them."""
        claims: dict[str, dict[str, Any]] = {}
        for entry in (one for one in self.sheet.entries if one.kind == "claim"):
            claims.setdefault(entry.name, {}).update(entry.details)
        for section in ("sla", "outage") if claims else ():
            rows = self.rows.get(section, [])
            self.rows[section] = [{**row, **self._read(section, claims.get(row["name"], {}))} for row in rows]


def people_names(clients: Iterable[Client]) -> dict[Id, str]:
    """What each client is called; of two of one name (a firm and what took it over) the reference tells them apart."""
    known = {one.id: one for one in clients}
    often = Counter(one.name for one in known.values())
    return {
        row: one.name if one.name and often[one.name] == 1 else f"{one.name} ({one.ref or row.hex()[:8]})".strip()
        for row, one in known.items()
    }


def asset_names(assets: Mapping[Id, Asset]) -> dict[Id, str]:
    """What each asset is called in a contract: its model where no other is called so, else its whole title."""
    real = {asset.id: asset for asset in assets.values()}
    models = Counter(asset.model for asset in real.values())
    titles = Counter(asset.title for asset in real.values())
    found = {}
    for agreed_id, asset in assets.items():
        name = asset.model if asset.model and models[asset.model] == 1 else asset.title
        if titles[asset.title] > 1 and name == asset.title:
            name = f"{name} ({asset.ref or asset.id.hex()[:8]})"
        found[agreed_id] = found[asset.id] = name
    return found


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"“{text}” is published and is no number") from None


def _percent(hundredths: int) -> str:
    return f"{(Decimal(hundredths) / 100).normalize():f}"

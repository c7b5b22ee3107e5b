"""A price file taken into the store: its contract, terms, revisions, readings and all else that it says.

It stands apart from the other imports because one file is one contract and not a table of rows.

Decisions
    contract      known by its reference, else by client, name and first day and the file it was taken from; another file
                  that says no reference is asked which it is, and none moves a contract to another client.
    terms         known by name within their contract; a term that the file does not name stays and is told of.
    entries       facts: what stands already is not added again; what an earlier file said and this one does not is
                  taken back; what a person recorded stays.
    indexes       hold for every contract: a value that stands already is kept, and a file that says another is told so.
    billed        as for contract lines: what began before today and says nothing of [[issued]] counts as billed in the
                  old system until today, unless the cut-over or the command says otherwise.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fsconsole.desk import Desk
from fsconsole.flow.import_happened import Happened, Taken
from fsconsole.flow.import_published import published_id
from fsconsole.flow.import_rows import Naming, Sink
from fsconsole.flow.import_whose import another, other_file, repriced, taken_over, told_by
from fsconsole.flow.matching import Ids, code_key, name_key
from fsconsole.flow.price_checks import wrong_beside_a_store
from fsconsole.inbox.terms_file import TermsFile, read_terms
from fsconsole.inbox.terms_json import kept
from fsconsole.inbox.terms_known import CONVENTIONS
from fsconsole.inbox.toml_lines import line_at, lines_of
from fsconsole.rules.policy import Policies
from fsconsole.rules.priced import SECTIONS as QUESTIONS
from fsconsole.store.rows import fetch_all
from fsconsole.values.agreement import Row
from fsconsole.values.terms import Term
from fsconsole.values.work import Reject

#: Sections that are clauses of the contract.
CLAUSES = ("escalator", "discount", "rate", "warranty")
#: What of [contract] has a column of its own; what a term takes over is the term's.
OF_CONTRACT = frozenset(
    {
        "client", "payer", "ref", "name", "from", "until", "timezone", "currency", "order_number", "order_ceiling", "order_until",
        "renews", "renewal", "renewal_anchor", "notice", "correction", "rounds", "through", "elsewhere_until",
    }
) | {one.name for one in CONVENTIONS if one.name != "tax"}  # fmt: skip
#: Columns of a term and a contract that are their own value's fields.
_TERM = tuple(one.name for one in fields(Term) if one.name not in ("id", "contract", "asset", "elsewhere_until", "gone", "place"))
_CONTRACT = (
    "name", "start", "end", "timezone", "currency", "order_number", "order_ceiling", "order_until", "renews", "renewal_months",
    "renewal_anchor", "notice_days", "notice_months", "correction", "rounds", "zones", "elsewhere_until",
)  # fmt: skip


def take(desk: Desk, path: Path, sink: Sink, naming: Naming, *, elsewhere_until: date | None = None) -> Taken:
    """Takes a price file; nothing of it when a line is wrong."""
    taken = Taken()
    try:
        data = path.read_bytes()
    except OSError as error:
        taken.rejects.append(Reject(path.name, 0, "", "", f"it cannot be read: {error.strerror}"))
        return taken
    read, taken.rejects = read_terms(data, path.name, wrong_beside_a_store)
    if read is None or taken.rejects:
        return taken
    client = read.agreement.title(read.agreement.contract.client)
    if not client or not read.agreement.terms:
        what = "client is missing: whom it is agreed with" if not client else "it has no [[term]]: nothing is agreed"
        taken.rejects.append(Reject(path.name, 1, "contract.client" if not client else "term", "", what))
        return taken
    if wrong := _not_theirs(desk, path, read, naming, client):
        where, value, reason = wrong
        line = line_at(lines_of(data.decode("utf-8-sig")), ("contract", where))
        taken.rejects.append(Reject(path.name, line, f"contract.{where}", value, reason))
        return taken
    _File(desk, path.name, read, sink, naming, taken, elsewhere_until).take()
    return taken


def _natural(read: TermsFile, client: bytes | None) -> str:
    """What makes the contract of a file this one and no other."""
    contract = read.agreement.contract
    return code_key(contract.ref) or f"~{(client or b'').hex()} {name_key(contract.name)} {contract.start or ''}"


def _not_theirs(desk: Desk, path: Path, read: TermsFile, naming: Naming, client: str) -> tuple[str, str, str] | None:
    """(field, value, reason) where the file means a contract that is another's, or another file's; None when all is well."""
    ref, store = read.agreement.contract.ref, desk.store
    ours = naming.client(client, make=False)
    if ref:
        known = naming.known.contracts.get(code_key(ref))
        whose = another(store, known, ours) if known else ""
        return ("client", client, taken_over(ref, whose, client)) if whose else None
    standing = naming.known.new_id("contract", _natural(read, ours)) if ours else b""
    there = store.one("SELECT ref FROM contract WHERE id = ? AND gone = 0", (standing,))
    if there is None or not (other := other_file(store, path.name, standing)):
        return None
    which = f"{client} has {there[0]} of this name and first day, taken from {other}"
    return "ref", "", f"{which}. Is it that one? Say ref = \"{there[0]}\". Is it another? Give it a ref or a name of its own"


class _File(Happened):
    """One price file on its way into the store."""

    def __init__(
        self, desk: Desk, file: str, read: TermsFile, sink: Sink, naming: Naming, taken: Taken, elsewhere_until: date | None
    ) -> None:
        super().__init__(desk, read, sink, naming, taken)
        self.file = file
        self.until = elsewhere_until
        self.said: Row = next(iter(self.agreement.of("contract")), {})

    def take(self) -> None:
        self._contract()
        self._terms()
        self._assets()
        self._clauses()
        self._published()
        self.happened()
        left = sorted(self.read.sections & set(QUESTIONS))
        if left:
            self.taken.notes.append(f"[[{']], [['.join(left)}]] ask something and belong to no contract; they were left out.")

    # --- what is agreed ---

    def _contract(self) -> None:
        contract = self.agreement.contract
        ref = contract.ref
        known = self.known.contracts.get(code_key(ref)) if ref else None
        self.contract = self.taken.contract = known or self.known.new_id("contract", _natural(self.read, self.client))
        values: dict[str, Any] = {name: getattr(contract, name) for name in _CONTRACT}
        values["zones"] = [[start.isoformat(), zone] for start, zone in contract.zones]
        values["timezone"] = contract.timezone or self.desk.zone.key
        values["details"] = kept(self.said, *OF_CONTRACT)
        values["client"] = self.client
        values["payer"] = self.naming.client(self.agreement.title(contract.payer)) if contract.payer else None
        sla = next((term for term in self.agreement.terms if term.kind == "sla"), None)
        if sla is not None:
            values |= {f"{what}_minutes": sla.details.get(what) for what in ("respond", "restore") if sla.details.get(what)}
        new = not self._stands("contract", self.contract)
        if not new:
            # A file that adds a term says little of the contract; what it leaves out stays as it is.
            values = {name: value for name, value in values.items() if value not in ("", None, [], {}, 0) and name != "timezone"}
            values |= {"timezone": contract.timezone} if contract.timezone else {}
        if new:
            # A reference of our own series only where the file has none.
            values["ref"] = ref or None
            self.known.contracts[code_key(ref or self.contract.hex())] = self.contract
        if not ref:
            link, told = told_by(self.file, self.contract)
            if self.store.one('SELECT 1 FROM source_link WHERE id = ? AND "row" IS NOT NULL', (link,)) is None:
                self.sink.put("source_link", link, told)
        self._describe("contract", self.contract, values)

    def _terms(self) -> None:
        standing = {
            (name, asset): row
            for row, name, asset in self.store.sql(
                "SELECT id, name, asset FROM term WHERE contract = ? AND gone = 0 ORDER BY id DESC", (self.contract,)
            )
        }
        by_name = {name: row for (name, _), row in standing.items()}
        until = self._billed_until()
        anew: dict[bytes, dict[str, Any]] = {}
        for place, term in enumerate(self.agreement.terms, 1):
            row = by_name.get(term.name) or Ids(self.contract, "term").of(term.name)
            self.terms[term.id] = row
            values: dict[str, Any] = {name: getattr(term, name) for name in _TERM}
            values |= {"contract": self.contract, "place": place, "gone": False}
            values["asset"] = self._asset(self.agreement.title(term.asset) or term.asset.decode()) if term.asset else None
            if term.elsewhere_until is not None:
                values["elsewhere_until"] = term.elsewhere_until
            elif until is not None and not self._stands("term", row):
                values["elsewhere_until"] = until
            if self._stands("term", row):
                anew[row] = {name: values[name] for name in _TERM}
            self._describe("term", row, values)
        if anew and (note := repriced(self.desk, self.contract, anew)):
            self.taken.notes.append(note)
        for name in sorted(set(by_name) - {term.name for term in self.agreement.terms}):
            self.taken.notes.append(f"The contract has a term “{name}” that the file does not name; it stays.")

    def _billed_until(self) -> date | None:
        """Until when the terms count as billed in the old system."""
        policies = Policies(fetch_all(self.store, "policy"))
        until = self.until or self.agreement.contract.elsewhere_until or policies.latest.cut_over
        starts = [day for day in (self.agreement.contract.start, *(term.start for term in self.agreement.terms)) if day]
        began = bool(starts) and min(starts) < self.desk.today
        if until is None and began and "issued" not in self.read.sections and not self._stands("contract", self.contract):
            self.taken.notes.append(
                "It began before today and names no [[issued]] lines: it counts as billed in the old system until today."
            )
            return self.desk.today
        return until

    def _assets(self) -> None:
        """Each [[asset]] as a cover of the contract, known by its asset, its term and its place among them."""
        often: Counter[tuple[bytes, bytes | None]] = Counter()
        for place, cover in enumerate(self.agreement.covers, 1):
            known = self.agreement.assets.get(cover.asset) if cover.asset else None
            asset = self._asset(known.ref if known else "", known.serial if known else "")
            term = self.terms.get(cover.term) if cover.term else None
            often[asset, term] += 1
            row = self._cover(asset, term, often[asset, term])
            values: dict[str, Any] = {"contract": self.contract, "asset": asset, "term": term, "amount": cover.amount}
            values |= {"start": cover.start, "end": cover.end, "place": place, "gone": False}
            if not self._stands("cover", row):
                # A price file says what is counted, not what work on it is included.
                values |= {"labour": False, "parts": False, "call_out": False}
            self._describe("cover", row, values)

    def _cover(self, asset: bytes, term: bytes | None, number: int) -> bytes:
        rows = self.store.sql(
            "SELECT id FROM cover WHERE contract = ? AND asset = ? AND term IS ? AND gone = 0 ORDER BY place, id",
            (self.contract, asset, term),
        )
        derived = Ids(self.contract, "cover").of(f"{asset.hex()} {(term or b'').hex()} {number}")
        return rows[number - 1][0] if number <= len(rows) else derived

    def _clauses(self) -> None:
        for kind in CLAUSES:
            rows = self.store.sql(
                "SELECT id FROM clause WHERE contract = ? AND kind = ? AND gone = 0 ORDER BY place, id", (self.contract, kind)
            )
            standing = [row for (row,) in rows]
            said = list(self.read.rows.get(kind, ()))
            for number, row in enumerate(said):
                known = standing[number] if number < len(standing) else Ids(self.contract, "clause", kind).of(str(number))
                values: dict[str, Any] = {"contract": self.contract, "kind": kind, "term": self._term_of(row), "gone": False}
                values |= {"name": row.get("index") or _indexes(row) or row.get("name", ""), "place": number + 1}
                values |= {"start": _day(row.get("from")), "end": _day(row.get("until")), "details": kept(row, "term")}
                self._describe("clause", known, values)
            for known in standing[len(said) :] if kind in self.read.sections else ():
                self._describe("clause", known, {"gone": True})

    def _published(self) -> None:
        for one in self.agreement.indexes:
            row = published_id(self.store.workspace, "index", one.name, one.month)
            there = self.store.one("SELECT value FROM published WHERE id = ? AND gone = 0", (row,))
            if there is None:
                values = {"kind": "index", "name": one.name, "start": one.month, "value": f"{one.value:f}", "gone": False}
                self._describe("published", row, values)
            elif there[0] != f"{one.value:f}":
                change = f"To change it: index {one.name} {one.month:%Y-%m} {one.value:f}"
                stands = f"The index {one.name} of {one.month:%b %Y} stands at {there[0]}, the file says {one.value:f}"
                self.taken.notes.append(f"{stands}; it stays as it is. {change}")
            else:
                self.taken.unchanged += 1


def _indexes(row: Row) -> str:
    """The indexes of a formula, so that a new value of any finds the contract."""
    return ", ".join(str(one.get("index", "")) for one in row.get("parts") or ())


def _day(moment: Any) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment

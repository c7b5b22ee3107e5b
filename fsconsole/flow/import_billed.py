"""What the old system billed since the cut-over, line by line, so that it is not billed again here.

It stands apart because an issued line must stand under the very key that the charge has which it settles.

Decisions
    contracts     a line for a period that is ours to bill becomes an issued line under the term's key for that period;
                  a period before the term's fence was billed elsewhere by that fence alone.
    jobs          a finished job named by an invoice counts as billed whole: its *elsewhere until* is set to the day
                  after, where it says nothing yet. What the old system charged for it line by line is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from fsconsole.flow.import_rows import Importer, Values
from fsconsole.flow.matching import code_key, name_key
from fsconsole.inbox.kinds import Record
from fsconsole.store.rows import fetch_all

FIELDS = ("number", "kind", "contract", "term", "start", "end", "text", "line_amount", "net")


class Priced(NamedTuple):
    """A term as an invoice may name it: its id in hex, its kind as it stands in a key, its fence."""

    term: str
    kind: str
    fence: date | None


class InvoiceLines(Importer):
    """A line is known by its invoice, contract, term and first day."""

    table = "invoice_line"
    always = ("invoice", "key", "contract", "amount", "text", "start", "end")
    touches = {"line_amount": ("amount",), "net": ("amount",), "number": ("invoice",), "term": ("key",)}

    def split(self, records: list[Record]) -> list[Record]:
        parts = []
        for record in records:
            v = record.values
            if v.get("job"):
                self._billed_whole(v["job"])
            if v.get("contract") and v.get("start") and self._priced(v):
                parts.append(Record(record.line, {name: v[name] for name in FIELDS if name in v}))
        return parts

    def fields_of(self, used: Iterable[str]) -> frozenset[str]:
        return frozenset(used) & frozenset(FIELDS)

    def key(self, v: Values) -> str:
        return "\t".join([code_key(v["number"]), code_key(v["contract"]), name_key(v.get("term", "")), v["start"].isoformat()])

    def natural(self, v: Values) -> str:
        return self.key(v)

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        term = self._priced(v)
        amount = v.get("line_amount", v.get("net", 0))
        return {
            "invoice": self.known.invoices.get(code_key(v["number"])),
            "key": f"{term.term}:{term.kind}:{v['start'].isoformat()}" if term else "",
            "contract": self.known.contracts.get(code_key(v["contract"])),
            "amount": -abs(amount) if v.get("kind") == "credit note" else amount,
            "text": v.get("text", ""),
            "start": v["start"],
            "end": v.get("end"),
        }

    def _priced(self, v: Values) -> Priced | None:
        """The term a line is for, when its period is ours to bill; None otherwise."""
        contract = self.known.contracts.get(code_key(v["contract"]))
        if contract is None:
            self.notes["invoices name a contract that is not here; import contracts, then the invoices again"] += 1
            return None
        terms = self._terms.get(contract, {})
        found = terms.get(name_key(v.get("term", ""))) or (next(iter(terms.values())) if len(terms) == 1 else None)
        if found is None or (found.fence and v["start"] < found.fence):
            return None
        return found

    @cached_property
    def _terms(self) -> dict[bytes, dict[str, Priced]]:
        """By contract and name."""
        fences = dict(self.known.store.sql("SELECT id, elsewhere_until FROM contract WHERE elsewhere_until IS NOT NULL"))
        found: dict[bytes, dict[str, Priced]] = {}
        for term in fetch_all(self.known.store, "term"):
            whole = fences.get(term.contract)
            fence = term.elsewhere_until or (date.fromisoformat(whole) if whole else self.cut_over)
            priced = Priced(term.id.hex(), term.kind.replace(" ", "-"), fence)
            found.setdefault(term.contract, {})[name_key(term.name)] = priced
        return found

    def _billed_whole(self, ref: str) -> None:
        """Sets the fence of a finished job; one that was settled by the cut-over needs none."""
        found = self._jobs.pop(code_key(ref), None)
        if found is None:
            return
        row, finished = found
        if self.cut_over is None or finished >= self.cut_over:
            self.sink.put("job", row, {"elsewhere_until": finished + timedelta(days=1)})

    @cached_property
    def _jobs(self) -> dict[str, tuple[bytes, date]]:
        """Finished jobs without a fence: by our reference, and by what a file calls them."""
        rows = self.known.store.sql(
            "SELECT id, ref, finished_on FROM job WHERE finished_on IS NOT NULL AND elsewhere_until IS NULL AND gone = 0"
        )
        found = {code_key(ref): (row, date.fromisoformat(day)) for row, ref, day in rows}
        by_row = {row: (row, date.fromisoformat(day)) for row, _, day in rows}
        links = self.known.store.sql("SELECT key, \"row\" FROM source_link WHERE kind = 'job' AND key != ''")
        found.update({code_key(key): by_row[row] for key, row in links if row in by_row})
        return found

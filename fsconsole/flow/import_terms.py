"""Contracts from a file: one row is one priced line of a contract, with what it covers.

It stands apart because one row becomes several: the contract, a term, and a cover for each asset or location.

Decisions
    contract      rows of one reference (or of one client, name and start) are one contract. The first row says what the
                  contract is; what later rows say otherwise of it is counted in the notes and left out.
    billed        a line's own day (billed elsewhere until, billed through) wins over the one for the whole file, that
                  over the cut-over day. A line that began before today and says nothing counts as billed until today:
                  otherwise the first draft would bill years again.
    covers        what a newer file no longer names is no longer covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from fsconsole.flow.import_rows import Importer, Values, WrongRow
from fsconsole.flow.import_whose import another, taken_over
from fsconsole.flow.matching import code_key, name_key
from fsconsole.inbox.kinds import Record

#: Fields that say what the contract is, what a line of it is, and what is covered.
OF_CONTRACT = (
    "ref", "client", "payer", "name", "kind", "start", "end", "timezone", "currency", "order_number", "order_ceiling",
    "order_until", "order_required", "respond_minutes", "restore_minutes", "calendar", "renews", "notice_days", "includes",
    "terms_days",
)  # fmt: skip
OF_TERM = (
    "term", "term_kind", "amount", "every", "unit", "timing", "proration", "lead_days", "start", "end", "elsewhere_until",
)  # fmt: skip
OF_COVER = ("start", "end", "labour", "parts", "call_out")
CONTRACT = "contract"  # in the parts of a record: the key of the contract they belong to


def contract_key(v: Values) -> str:
    """What makes rows one contract."""
    ref = code_key(v.get("ref", ""))
    return ref or f"~{name_key(v['client'])} {name_key(v.get('name', ''))} {v.get('start', '')}"


class Contracts(Importer):
    """A contract is known by its reference, else by client, name and start."""

    table = "contract"
    always = ("ref", "client", "name", "start", "timezone", "currency")
    touches = {"renewal": ("end",)}

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.rows: dict[str, bytes] = {}  # contract key -> row, of every contract met
        self._told: dict[str, dict[str, Any]] = {}

    def split(self, records: list[Record]) -> list[Record]:
        parts = []
        for record in records:
            values = {name: record.values[name] for name in OF_CONTRACT if name in record.values}
            told = self._told.setdefault(contract_key(values), values)
            if told is values:
                parts.append(Record(record.line, values, record.custom, record.doubts))
            elif any(told.get(name) != value for name, value in values.items()):
                self.notes["lines say otherwise than the first line of their contract what the contract is"] += 1
        return parts

    def fields_of(self, used: Iterable[str]) -> frozenset[str]:
        return frozenset(used) & {*OF_CONTRACT, "renewal"}

    def key(self, v: Values) -> str:
        return contract_key(v)

    def natural(self, v: Values) -> str:
        return contract_key(v)

    def find(self, v: Values) -> bytes | None:
        return self.known.contracts.get(code_key(v["ref"])) if v.get("ref") else None

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {**v, "custom": custom}
        built["ref"] = v.get("ref") or None
        self._is_theirs(v, only)
        built["client"] = self.naming.client(v["client"], make=only is None or "client" in only)
        if v.get("payer"):
            built["payer"] = self.naming.client(v["payer"], make=only is None or "payer" in only)
        built["timezone"] = v.get("timezone") or self.desk.zone.key
        built["currency"] = v.get("currency") or self.desk.store.currency
        return built

    def _is_theirs(self, v: Values, only: set[str] | None) -> None:
        """Raises WrongRow for a contract that stands and is another client's."""
        row = self.known.contracts.get(code_key(v.get("ref", "")))
        if row is None or (only is not None and "client" not in only):
            return
        if whose := another(self.known.store, row, self.naming.client(v["client"], make=False)):
            self.rows.pop(contract_key(v), None)  # nor are its terms and covers taken
            raise WrongRow("client", v["client"], taken_over(v["ref"], whose, v["client"]))

    def met(self, key: str, row: bytes) -> None:
        self.rows[key] = row

    def added(self, row: bytes, v: Values, built: Values) -> None:
        if v.get("ref"):
            self.known.contracts[code_key(v["ref"])] = row


class Terms(Importer):
    """A priced line is known within its contract by what it is called, its kind and its asset."""

    table = "term"
    always = (
        "contract", "kind", "name", "amount", "every", "unit", "timing", "month_end", "proration", "start", "end",
        "elsewhere_until",
    )  # fmt: skip
    touches = {
        "term": ("name",),
        "term_kind": ("kind",),
        "billed_through": ("elsewhere_until",),
        "renewal": ("end",),
        "asset": ("asset",),
        CONTRACT: ("contract",),
    }

    def split(self, records: list[Record]) -> list[Record]:
        parts = []
        for record in records:
            v = record.values
            if "amount" not in v:
                continue
            values = {name: v[name] for name in OF_TERM if name in v}
            values[CONTRACT], values["client"] = contract_key(v), v["client"]
            values["term"] = v.get("term") or v.get("name") or v.get("kind") or "Service"
            assets = v.get("assets", ())
            if v.get("term_kind") == "per asset" and len(assets) == 1:
                values["asset"] = assets[0]
            parts.append(Record(record.line, values))
        return parts

    def fields_of(self, used: Iterable[str]) -> frozenset[str]:
        return frozenset(used) & {*OF_TERM, "billed_through", "renewal"} | {"asset"}

    def key(self, v: Values) -> str:
        return ""

    def natural(self, v: Values) -> str:
        return "\t".join([v[CONTRACT], name_key(v["term"]), v.get("term_kind", ""), code_key(v.get("asset", ""))])

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {name: v[name] for name in OF_TERM if name in v}
        built["name"], built["kind"] = v["term"], v.get("term_kind", "fixed")
        built["contract"] = _contract(self, v)
        defaults = {"every": 1, "unit": "month", "timing": "advance", "month_end": "anchor", "proration": "actual"}
        built = defaults | built
        if "asset" in v:
            built["asset"] = self.naming.asset(self.naming.client(v["client"]), None, v["asset"])
        billed = v.get("elsewhere_until") or self.elsewhere_until or self.cut_over
        if billed is None and v.get("start") and v["start"] < self.desk.today:
            billed = self.desk.today
            if only is None:
                self.notes["contract lines began before today and count as billed in the old system until today"] += 1
        built["elsewhere_until"] = billed
        return built


class Covers(Importer):
    """A cover is known by its contract and the asset or location."""

    table = "cover"
    always = ("contract", "start", "end", "labour", "parts", "call_out")
    touches = {"renewal": ("end",), CONTRACT: ("contract",)}

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._told: set[str] = set()  # keys of contracts whose covers this file says
        self._named: set[str] = set()
        self._says = False

    def split(self, records: list[Record]) -> list[Record]:
        parts = []
        for record in records:
            v = record.values
            said = {name: v[name] for name in OF_COVER if name in v}
            said |= {CONTRACT: contract_key(v), "client": v["client"]}
            self._told.add(said[CONTRACT])
            places = v.get("locations", ())
            assets = v.get("assets", ())
            where = {"place": places[0]} if len(places) == 1 else {}
            named = [said | where | {"asset": name} for name in assets] or [said | {"location": name} for name in places]
            for values in named:
                # Two priced lines of a contract may name one asset: it is covered once.
                if (key := self.key(values)) not in self._named:
                    self._named.add(key)
                    parts.append(Record(record.line, values))
        return parts

    def fields_of(self, used: Iterable[str]) -> frozenset[str]:
        self._says = bool({"assets", "locations"} & set(used))
        return frozenset(used) & {*OF_COVER, "renewal"} | {"asset", "location"}

    def key(self, v: Values) -> str:
        return f"{v[CONTRACT]}\ta {code_key(v['asset'])}" if "asset" in v else f"{v[CONTRACT]}\tl {name_key(v['location'])}"

    def natural(self, v: Values) -> str:
        return self.key(v)

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {"labour": True, "parts": False, "call_out": True} | {name: v[name] for name in OF_COVER if name in v}
        built["contract"] = _contract(self, v)
        client = self.naming.client(v["client"])
        if "asset" in v:
            where = self.naming.location(client, v["place"]) if "place" in v else None
            built["asset"] = self.naming.asset(client, where, v["asset"])
        else:
            built["location"] = self.naming.location(client, v["location"])
        return built

    def finish(self, seen: set[bytes]) -> None:
        """Ends what a contract of this file had covered and the file no longer names."""
        if not self._says:
            return
        links = self.known.store.sql(
            'SELECT id, key, "row" FROM source_link WHERE source = ? AND kind = ? AND said != \'\'', (self.source, self.table)
        )
        for link, key, row in links:
            if link not in seen and key.partition("\t")[0] in self._told:
                self.sink.put(self.table, row, {"gone": True})
                self.sink.put("source_link", link, {"said": ""})
                self.notes["covers are no longer named and were ended"] += 1


def _contract(importer: Importer, v: Values) -> bytes:
    row = cast(Contracts, importer.before).rows.get(v[CONTRACT])
    if row is None:
        raise WrongRow("ref", v[CONTRACT].lstrip("~"), "its contract was not taken")
    return row

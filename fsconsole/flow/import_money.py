"""Invoices issued in the old system and payments received there.

It stands apart because these are facts of money: never rewritten, and never taken for invoices of ours.

Decisions
    lines         what an invoice was for is kept as custom fields. Issued lines are subtracted from what is billable
                  here: import_billed makes them for the periods that are ours to bill, and for no other.
    corrected     an invoice whose open amount has changed is taken back and stands again as another fact; its payments
                  and lines follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from fsconsole.flow.import_rows import Importer, Values, WrongRow
from fsconsole.flow.matching import code_key, name_key
from fsconsole.store.tables import BY_NAME


class Invoices(Importer):
    """An invoice is known by its number."""

    table = "invoice"
    always = ("number", "kind", "client", "currency", "net", "tax", "gross", "origin")
    touches = dict.fromkeys(("job", "contract", "text", "start", "end"), ("custom",))

    def key(self, v: Values) -> str:
        return code_key(v["number"])

    def natural(self, v: Values) -> str:
        return code_key(v["number"])

    def find(self, v: Values) -> bytes | None:
        return self.known.invoices.get(code_key(v["number"]))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        extra = {name: str(v[name]) for name in ("job", "contract", "text", "start", "end") if name in v} | dict(custom)
        built = {name: value for name, value in v.items() if name not in ("job", "contract", "text", "start", "end")}
        built["kind"] = v.get("kind", "invoice")
        built["client"] = self.naming.client(v["client"])
        built["currency"] = v.get("currency") or self.desk.store.currency
        net, gross = v.get("net"), v.get("gross", v.get("open_amount", 0))
        built["gross"] = gross if "gross" in v or net is None else net + v.get("tax", 0)
        built["net"] = net if net is not None else built["gross"] - v.get("tax", 0)
        if net is None and "tax" not in v:
            self.notes["invoices say no net amount: what they total is taken for it"] += 1
        built["origin"] = "imported"
        built["custom"] = extra
        if built["kind"] == "credit note":
            for name in ("net", "tax", "gross", "open_amount"):
                if built.get(name):
                    built[name] = -abs(built[name])
        return built

    def added(self, row: bytes, v: Values, built: Values) -> None:
        self.known.invoices[code_key(v["number"])] = row

    def replaced(self, old: bytes, new: bytes, v: Values) -> None:
        for kind in ("payment", "invoice_line"):
            columns = [column for column in BY_NAME[kind].columns.values() if column.column_name != "void"]
            names = ", ".join(f'"{column.column_name}"' for column in columns)
            for row in self.known.store.sql(f"SELECT id, {names} FROM {kind} WHERE invoice = ? AND void = 0", (old,)):
                cells = zip(columns, row[1:], strict=True)
                values = {str(column.column_name): column.unpack(cell) for column, cell in cells}
                self.sink.void(kind, row[0])
                again = self.known.new_id(kind, f"{row[0].hex()} on {new.hex()}")
                self.sink.put(kind, again, values | {"invoice": new})


class Payments(Importer):
    """A payment is known by everything it says: two of one day and amount are two payments."""

    table = "payment"
    always = ("client", "invoice", "amount", "currency", "day", "reference")
    touches = {"method": ("reference",)}

    def key(self, v: Values) -> str:
        return ""

    def natural(self, v: Values) -> str:
        names = ("client", "invoice", "amount", "day", "reference", "currency", "method")
        return "\t".join(name_key(str(v.get(name, ""))) for name in names)

    @cached_property
    def _payers(self) -> dict[bytes, bytes | None]:
        return dict(self.known.store.sql("SELECT id, client FROM invoice"))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {name: v.get(name) for name in ("amount", "day")}
        built["currency"] = v.get("currency") or self.desk.store.currency
        invoice = self.known.invoices.get(code_key(v["invoice"])) if v.get("invoice") else None
        client = self.naming.client(v["client"], make=False) if v.get("client") else None
        client = client or (self._payers.get(invoice) if invoice else None)
        if client is None and invoice is None:
            said = v.get("client") or v.get("invoice") or v.get("reference", "")
            raise WrongRow("client" if v.get("client") else "invoice", said, "no client and no invoice of ours is named here")
        named = v.get("invoice", "") if invoice is None else ""
        built |= {"client": client, "invoice": invoice}
        built["reference"] = " ".join(word for word in (v.get("reference", ""), v.get("method", ""), named) if word)
        return built

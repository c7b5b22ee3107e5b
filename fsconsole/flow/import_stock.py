"""Parts, stock and meter readings from a file.

It stands apart because two of the three are facts: a count that differs adds the difference, a reading that was
corrected is another reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any

from fsconsole.flow.import_rows import Importer, Values, WrongRow
from fsconsole.flow.matching import code_key, name_key
from fsconsole.rules.rates import number


class Parts(Importer):
    """A part is known by its code, else by its name."""

    table = "part"
    always = ("code", "name", "unit")

    def key(self, v: Values) -> str:
        return code_key(v.get("code", ""))

    def natural(self, v: Values) -> str:
        return f"c {code_key(v['code'])}" if v.get("code") else f"n {name_key(v['name'])}"

    def find(self, v: Values) -> bytes | None:
        return self.known.part(v.get("code", ""), v.get("name", ""))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {**v, "custom": custom}
        built.setdefault("unit", "each")
        built.setdefault("name", v.get("code", ""))
        return built

    def added(self, row: bytes, v: Values, built: Values) -> None:
        if v.get("code"):
            self.known.parts[f"c {code_key(v['code'])}"] = row
        self.known.parts.setdefault(f"n {name_key(built['name'])}", row)


class Stock(Importer):
    """What a store or van holds, as counted: what differs from what we thought becomes one movement.

    A count is known by part, place and technician; the file says how many there are, not how many came.
    """

    table = "stock"
    adds_up = True
    always = ("part", "place", "technician", "quantity", "at", "note")

    def key(self, v: Values) -> str:
        return ""

    def natural(self, v: Values) -> str:
        names = [v.get(name, "") for name in ("part", "name", "place", "technician")]
        return "\t".join(name_key(name) for name in names)

    def _where(self, v: Values) -> tuple[bytes, str, bytes | None]:
        said = v.get("part", "") or v.get("name", "")
        part = self.known.part(v.get("part", ""), v.get("name", "")) or self.known.part("", said)
        if part is None:
            raise WrongRow("part", said, "there is no such part; import parts first")
        technician = None
        if v.get("technician"):
            technician = self.known.technicians.get(name_key(v["technician"]))
            if technician is None:
                raise WrongRow("technician", v["technician"], "there is no such technician; import technicians first")
        return part, name_key(v.get("place", "")), technician

    @cached_property
    def _held(self) -> dict[tuple[bytes, str, bytes | None], int]:
        held: dict[tuple[bytes, str, bytes | None], int] = {}
        rows = self.known.store.sql("SELECT part, place, technician, sum(quantity) FROM stock WHERE void = 0 GROUP BY 1, 2, 3")
        for part, place, technician, quantity in rows:
            where = part, name_key(place), technician
            held[where] = held.get(where, 0) + quantity
        return held

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        where = self._where(v)
        at = self.desk.now
        if "day" in v:
            at = datetime.combine(v["day"], time(12), self.desk.zone)
        return {
            "part": where[0],
            "place": v.get("place", ""),
            "technician": where[2],
            "quantity": v["quantity"] - self._held.get(where, 0),
            "at": at,
            "note": f"counted {number(Decimal(v['quantity']) / 1000)}",
        }

    def added(self, row: bytes, v: Values, built: Values) -> None:
        where = self._where(v)
        self._held[where] = self._held.get(where, 0) + built["quantity"]


class Readings(Importer):
    """A meter read on a day: known by asset, meter and day."""

    table = "reading"
    always = ("asset", "meter", "value", "day", "estimated")

    def key(self, v: Values) -> str:
        return ""

    def natural(self, v: Values) -> str:
        return f"{code_key(v['asset'])} {name_key(v.get('meter', ''))} {v['day']}"

    def _asset(self, v: Values) -> bytes:
        found = self.known.asset(None, v["asset"], v["asset"])
        if found is None:
            raise WrongRow("asset", v["asset"], "there is no asset of this serial number or reference; import assets first")
        return found

    @cached_property
    def _read(self) -> dict[tuple[bytes, str, str], bytes]:
        rows = self.known.store.sql("SELECT id, asset, meter, day FROM reading WHERE void = 0")
        return {(asset, name_key(meter), day): row for row, asset, meter, day in rows}

    def find(self, v: Values) -> bytes | None:
        return self._read.get((self._asset(v), name_key(v.get("meter", "")), v["day"].isoformat()))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        return {**v, "asset": self._asset(v)}

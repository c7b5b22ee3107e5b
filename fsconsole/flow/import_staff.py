"""Technicians, vehicles by date, policies and rates from a file.

It stands apart because these are about us: who goes, in what, at which price, by which decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from fsconsole.flow.import_rows import Importer, Values, WrongRow
from fsconsole.flow.matching import code_key, name_key
from fsconsole.flow.policies import KINDS, written
from fsconsole.rules import policy


class Technicians(Importer):
    """A technician is known by the code, else by the name."""

    table = "technician"
    always = ("code", "name", "shift_start", "shift_end")
    touches = {"name": ("name", "code"), "lat": ("lat", "lon"), "lon": ("lat", "lon"), "pin": ("lat", "lon")}

    def key(self, v: Values) -> str:
        return code_key(v["code"])

    def natural(self, v: Values) -> str:
        return code_key(v["code"])

    def find(self, v: Values) -> bytes | None:
        return self.known.technicians.get(name_key(v["code"])) or self.known.technicians.get(name_key(v.get("name", "")))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {**v, "custom": custom}
        # What is typed at the prompt is one word.
        built["code"] = "".join(v["code"].casefold().split())
        built.setdefault("shift_start", "08:00")
        built.setdefault("shift_end", "17:00")
        return built

    def added(self, row: bytes, v: Values, built: Values) -> None:
        self.known.technicians[name_key(built["code"])] = row
        self.known.technicians.setdefault(name_key(v.get("name", "")), row)


class Vehicles(Importer):
    """Who drives a vehicle from a day on: known by vehicle, technician and first day."""

    table = "vehicle_use"
    always = ("vehicle", "technician", "start")

    def key(self, v: Values) -> str:
        return ""

    def natural(self, v: Values) -> str:
        return f"{code_key(v['vehicle'])} {name_key(v['technician'])} {v.get('start', '')}"

    def _technician(self, v: Values) -> bytes:
        found = self.known.technicians.get(name_key(v["technician"]))
        if found is None:
            raise WrongRow("technician", v["technician"], "there is no such technician; import technicians first")
        return found

    @cached_property
    def _uses(self) -> dict[tuple[str, bytes, str | None], bytes]:
        rows = self.known.store.sql("SELECT id, vehicle, technician, start FROM vehicle_use WHERE gone = 0")
        return {(code_key(vehicle), technician, start): row for row, vehicle, technician, start in rows}

    def find(self, v: Values) -> bytes | None:
        start = v["start"].isoformat() if "start" in v else None
        return self._uses.get((code_key(v["vehicle"]), self._technician(v), start))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        return {**v, "technician": self._technician(v)}


class Policies(Importer):
    """A decision from a day on: known by its name and that day."""

    table = "policy"
    always = ("name", "start", "value")

    def key(self, v: Values) -> str:
        return f"{name_key(v['name'])} {v.get('start', '')}"

    def natural(self, v: Values) -> str:
        return self.key(v)

    @cached_property
    def _decided(self) -> dict[tuple[str, str | None], bytes]:
        return {(name_key(name), start): row for row, name, start in self.known.store.sql("SELECT id, name, start FROM policy")}

    def find(self, v: Values) -> bytes | None:
        start = v.get("start")
        return self._decided.get((name_key(v["name"]), start.isoformat() if isinstance(start, date) else None))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        name = "_".join(v["name"].casefold().split())
        value = v["value"]
        try:
            if name in KINDS:
                value = written(KINDS[name], value, self.known.store.currency)
            policy.read(name, value)
        except ValueError as error:
            raise WrongRow("value", str(v["value"]), str(error)) from None
        return {"name": name, "start": v.get("start"), "value": value.isoformat() if isinstance(value, date) else value}


class Rates(Importer):
    """A price from a day on: known by contract, client, kind, skill and that day."""

    table = "rate"
    always = ("kind", "amount", "step_minutes")

    def key(self, v: Values) -> str:
        return ""

    def natural(self, v: Values) -> str:
        names = [name_key(str(v.get(name, ""))) for name in ("contract", "client", "kind", "skill")]
        return "\t".join([*names, str(v.get("start", ""))])

    def _whose(self, v: Values, *, make: bool) -> tuple[bytes | None, bytes | None]:
        contract = None
        if v.get("contract"):
            contract = self.known.contracts.get(code_key(v["contract"]))
            if contract is None:
                raise WrongRow("contract", v["contract"], "there is no such contract; import contracts first")
        return contract, self.naming.client(v["client"], make=make) if v.get("client") else None

    @cached_property
    def _rates(self) -> dict[tuple[bytes | None, bytes | None, str, str, str | None], bytes]:
        rows = self.known.store.sql("SELECT id, contract, client, kind, skill, start FROM rate WHERE gone = 0")
        return {(contract, client, kind, skill, start): row for row, contract, client, kind, skill, start in rows}

    def find(self, v: Values) -> bytes | None:
        start = v["start"].isoformat() if "start" in v else None
        return self._rates.get((*self._whose(v, make=False), v["kind"], v.get("skill", ""), start))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = dict(v)
        built["contract"], built["client"] = self._whose(v, make=only is None or "client" in only)
        built.setdefault("step_minutes", 15)
        return built

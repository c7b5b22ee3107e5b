"""What a file says was worked on finished jobs: minutes, travel, parts. Facts, so that what was never billed has a worth.

It stands apart because one row of history is several facts of ours.

Decisions
    whose         only finished jobs: what an open one has recorded in another system is still to be said on its card.
    when          at noon of the day it was finished: the file does not say the hour, and rates hold by day.
    parts         those that are listed here by code; anything else stays in the job's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, cast

from fsconsole.flow.import_jobs import Jobs
from fsconsole.flow.import_rows import Importer, Values
from fsconsole.flow.matching import code_key, name_key
from fsconsole.inbox.kinds import Record

KINDS = {"labour_minutes": "labour", "travel_minutes": "travel"}


class _Worked(Importer):
    """Common to both: the job a fact is about, and when."""

    def natural(self, v: Values) -> str:
        return self.key(v)

    def _job(self, v: Values) -> bytes | None:
        return cast(Jobs, self.before).rows.get(code_key(v["ref"]))

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), self.desk.zone)

    def _technician(self, v: Values) -> bytes | None:
        return self.known.technicians.get(name_key(v.get("technician", "")))


class JobTimes(_Worked):
    """Minutes are known by the job and whether they were worked or travelled."""

    table = "labour"
    always = ("job", "technician", "kind", "start", "minutes")

    def split(self, records: list[Record]) -> list[Record]:
        parts = []
        for record in records:
            v = record.values
            for name, kind in KINDS.items():
                if v.get("ref") and v.get("finished_on") and v.get(name):
                    told = {"ref": v["ref"], "kind": kind, "minutes": v[name], "finished_on": v["finished_on"]}
                    parts.append(Record(record.line, told | ({"technician": v["technician"]} if "technician" in v else {})))
        return parts

    def fields_of(self, used: Iterable[str]) -> frozenset[str]:
        there = frozenset(used)
        return frozenset({"kind", "minutes", "technician", "finished_on"}) if there & set(KINDS) else frozenset()

    def key(self, v: Values) -> str:
        return f"{code_key(v['ref'])}\t{v['kind']}"

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        return {
            "job": self._job(v),
            "technician": self._technician(v),
            "kind": v["kind"],
            "start": self._noon(v["finished_on"]),
            "minutes": v["minutes"],
        }


class JobParts(_Worked):
    """A part used is known by the job, its code and which of several it is."""

    table = "part_used"
    always = ("job", "part", "quantity", "at")

    def split(self, records: list[Record]) -> list[Record]:
        parts = []
        for record in records:
            v = record.values
            if not (v.get("ref") and v.get("finished_on") and v.get("parts")):
                continue
            codes = [code_key(code) for code in v["parts"] if self.known.part(code, "")]
            for code in dict.fromkeys(codes):
                told = {"ref": v["ref"], "part": code, "quantity": 1000 * codes.count(code), "finished_on": v["finished_on"]}
                parts.append(Record(record.line, told))
        return parts

    def fields_of(self, used: Iterable[str]) -> frozenset[str]:
        return frozenset({"part", "quantity", "finished_on"}) if "parts" in set(used) else frozenset()

    def key(self, v: Values) -> str:
        return f"{code_key(v['ref'])}\t{v['part']}"

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        return {
            "job": self._job(v),
            "part": self.known.part(v["part"], ""),
            "quantity": v["quantity"],
            "at": self._noon(v["finished_on"]),
        }

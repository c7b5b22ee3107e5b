"""Jobs from a file: open work and history, with the clients, locations and assets they name.

It stands apart because old work must arrive without being billed again.

Decisions
    reference     a job gets one of our own; what the old system called it is kept as the custom field “old reference”,
                  searchable, and a newer file finds it by that. A reference of one of our own series is kept as it is.
    client_job    holds the client's own job number and nothing else.
    finished      status complete or closed, or a day finished without a status. Such a job has ``finished_on``.
    billed        what the file says (elsewhere until, billed through), else the day given for the whole file; closed work
                  counts as billed. Complete work counts as billed as long as no cut-over day is set; once it is, work
                  finished from that day on is ours to bill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fsconsole.desk import Desk
from fsconsole.flow.import_rows import Importer, Naming, Sink, Values
from fsconsole.flow.matching import Known, code_key, name_key
from fsconsole.inbox.kinds import Record
from fsconsole.store.many import ids_in
from fsconsole.values.money import major

OLD_REFERENCE = "old reference"
_STANDING = ("finished_on", "cancelled", "elsewhere_until")
Place = tuple[bytes | None, bytes | None, bytes | None]  #: client, location, asset
_DAY = timedelta(days=1)


class Jobs(Importer):
    """A job is known by the source's reference, else the client's own number, else when, where and what."""

    table = "job"
    always = ("ref", "client", "location", "kind", "title", "priority", "reported_at")
    touches = {
        "ref": ("custom",),
        "status": _STANDING,
        "finished_on": _STANDING,
        "elsewhere_until": _STANDING,
        "billed_through": _STANDING,
        "details": ("title", "details"),
        "technician": ("custom",),
        "cost": ("custom",),
        "price": ("custom",),
        "parts": ("custom",),
        "asset": ("asset", "location"),
        "contract": ("contract", "custom"),
        **dict.fromkeys(("address", "address_2", "address_3", "town", "county", "country", "postcode"), ("location",)),
    }

    by_source = True
    def __init__(self, desk: Desk, known: Known, naming: Naming, sink: Sink) -> None:
        super().__init__(desk, known, naming, sink)
        self._ours: dict[str, bytes] = {}
        self.rows: dict[str, bytes] = {}  # key -> row, of the records now taken
        self._theirs: dict[tuple[bytes | None, str], bytes] | None = None
        self._places: dict[tuple[str | None, ...], Place] = {}

    def key(self, v: Values) -> str:
        return code_key(v.get("ref", ""))

    def natural(self, v: Values) -> str:
        said = v.get("reported_at") or v.get("finished_on") or ""
        names = [name_key(v.get(name, "")) for name in ("client", "location", "asset", "client_job", "title")]
        return "\t".join([*names, str(said)])

    def prepare(self, records: Sequence[Record]) -> None:
        known, self.rows = self.known, {}
        refs = [ref.upper() for r in records if (ref := r.values.get("ref", "")) and "-" in ref and known.is_ours(ref)]
        rows = ids_in(known.store, "SELECT ref, coalesce(merged_into, id) FROM job WHERE gone = 0 AND ref IN", refs)
        self._ours = {row[0]: row[1] for row in rows}

    def met(self, key: str, row: bytes) -> None:
        self.rows[key] = row

    def find(self, v: Values) -> bytes | None:
        if self._ours and (found := self._ours.get(v.get("ref", "").upper())):
            return found
        theirs = v.get("client_job")
        if not theirs:
            return None
        client = self.naming.client(v["client"], make=False) if v.get("client") else None
        return self._by_client_job.get((client, code_key(theirs)))

    @property
    def _by_client_job(self) -> dict[tuple[bytes | None, str], bytes]:
        if self._theirs is None:
            rows = self.known.store.sql(
                "SELECT client, client_job, coalesce(merged_into, id) FROM job WHERE client_job != '' AND gone = 0"
            )
            self._theirs = {(client, code_key(number)): row for client, number, row in rows}
        return self._theirs

    def place(self, v: Values, *, make: bool) -> Place:
        """Client, location and asset, each from what the row names, else from one that it does name."""
        get = v.get
        named = get("client"), get("location", ""), get("address", ""), get("postcode", ""), get("asset")
        found = self._places.get(named)
        if found is None:
            found = self._find_place(*named, make=make)
            if make:
                self._places[named] = found
        return found

    def _find_place(
        self, text: str | None, name: str, address: str, postcode: str, named: str | None, *, make: bool
    ) -> Place:
        naming, known = self.naming, self.known
        client = naming.client(text, make=make) if text else None
        location = asset = None
        if client is None and named and (asset := known.asset(None, named, named)):
            client, location = known.asset_at.get(asset, (None, None))
        if name or address or postcode:
            location = naming.location(client, name, address, postcode, make=make)
            if client is None and location:
                client = known.client_at.get(location)
        if named and asset is None:
            asset = naming.asset(client, location, named, make=make)
        if asset and location is None:
            location = known.asset_at.get(asset, (None, None))[1]
        return client, location, asset

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = dict(v)
        built["client"], built["location"], built["asset"] = self.place(v, make=only is None)
        built["kind"] = v.get("kind") or "repair"
        built["priority"] = v.get("priority") or 3
        extra = dict(custom) if custom else {}
        ref = v.get("ref", "")
        built["ref"] = None
        if ref:
            if "-" in ref and self.known.is_ours(ref):
                built["ref"] = ref.upper()
            else:
                extra[OLD_REFERENCE] = ref
        for name in ("technician", "cost", "price"):
            if name in v:
                extra[name] = v[name] if name == "technician" else f"{major(v[name])}"
        if v.get("parts"):
            extra["parts"] = "; ".join(v["parts"])
        if "contract" in v:
            built["contract"] = self.known.contracts.get(code_key(v["contract"]))
            if built["contract"] is None:
                extra["contract"] = v["contract"]
                self.notes["jobs name a contract that is not here; import contracts, then the jobs again"] += 1
        if v.get("payer"):
            built["payer"] = self.naming.client(v["payer"], make=only is None or "payer" in only)
        built["custom"] = extra
        self._stand(v, built)
        if only is None and built["client"] is None:
            self.notes["jobs name no client that can be known"] += 1
        return built

    def _stand(self, v: Values, built: dict[str, Any]) -> None:
        """Whether the job is open, finished or cancelled, and until when it was billed elsewhere."""
        status, finished = v.get("status"), v.get("finished_on")
        built["cancelled"] = "cancelled in the old system" if status == "cancelled" else ""
        elsewhere = v.get("elsewhere_until") or self.elsewhere_until
        if status in ("complete", "closed") or (status is None and finished):
            finished = finished or self._local(v.get("reported_at"))
            if status == "closed" and (elsewhere is None or elsewhere <= finished):
                elsewhere = finished + _DAY
            elif elsewhere is None and self.cut_over is None:
                elsewhere = finished + _DAY
                self.notes["finished jobs count as billed in the old system, as no cut-over day is set"] += 1
        else:
            finished = None
        built["finished_on"] = finished
        built["elsewhere_until"] = elsewhere
        if not built.get("reported_at") and not finished:
            built["reported_at"] = self.desk.now

    def _local(self, at: datetime | None) -> date:
        return (at or self.desk.now).astimezone(self.desk.zone).date()

    def added(self, row: bytes, v: Values, built: Values) -> None:
        if self._theirs is not None and v.get("client_job"):
            self._theirs.setdefault((built["client"], code_key(v["client_job"])), row)

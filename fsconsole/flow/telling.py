"""Answers for scripts: rows of a kind, one thing whole, its audit trail, as plain dictionaries.

It stands apart from the screens' queries because these names are documented and stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from fsconsole.desk import Desk
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.right import holder_words
from fsconsole.store.history import entries
from fsconsole.store.instants import instant, ms
from fsconsole.store.opening import Store
from fsconsole.store.queries import money
from fsconsole.store.queries.jobs import files
from fsconsole.store.queries.labels import labels
from fsconsole.store.queries.worth import TABLE, as_table, worths
from fsconsole.store.rows import fetch
from fsconsole.store.tables import BY_NAME

#: Kind -> (SQL of the documented fields, fields that are instants, fields that hold JSON). ``:now`` is ms, ``:day`` a day.
LISTS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "jobs": (
        'SELECT n.ref, n.column_ AS "column", n.client_name AS client, n.location_name AS location, n.postcode, n.title, n.kind,'
        " n.priority, n.tech_code AS technician, n.told, n.order_number, j.client_job, n.reported_at, n.due_at, n.due_what, n.since,"
        " n.value, n.estimate, n.stuck, s.code AS site FROM job_now n JOIN job j ON j.id = n.job LEFT JOIN site s ON s.number = n.site"
        " ORDER BY n.number",
        ("reported_at", "due_at", "since"),
        (),
    ),
    "visits": (
        'SELECT n.ref AS job, v.number, t.code AS technician, v.booked_from, v.booked_until, n.column_ AS "column" FROM visit v'
        " JOIN job_now n ON n.job = v.job LEFT JOIN technician t ON t.id = v.technician WHERE v.gone = 0 ORDER BY n.number, v.number",
        ("booked_from", "booked_until"),
        (),
    ),
    "technicians": (
        "SELECT t.code, t.name, t.phone, t.skills, t.area, t.shift_start, t.shift_end, t.subcontractor, p.at AS last_heard,"
        " p.lat, p.lon FROM technician t LEFT JOIN position_now p ON p.technician = t.id WHERE t.gone = 0 ORDER BY t.code",
        ("last_heard",),
        ("skills",),
    ),
    "clients": (
        "SELECT ref, name, phone, email, address, postcode, order_required, terms_days, custom FROM client"
        " WHERE gone = 0 AND merged_into IS NULL ORDER BY name",
        (),
        ("custom",),
    ),
    "locations": (
        "SELECT l.ref, c.name AS client, l.name, l.address, l.postcode, l.area, l.lat, l.lon, l.pin_from, l.access_notes, l.custom"
        " FROM location l LEFT JOIN client c ON c.id = l.client WHERE l.gone = 0 AND l.merged_into IS NULL ORDER BY c.name, l.name",
        (),
        ("custom",),
    ),
    "contacts": (
        "SELECT c.name AS client, x.name, x.role, x.phone, x.email FROM contact x LEFT JOIN client c ON c.id = x.client"
        " WHERE x.gone = 0 ORDER BY c.name, x.name",
        (),
        (),
    ),
    "assets": (
        "SELECT a.ref, c.name AS client, l.name AS location, a.kind, a.maker, a.model, a.serial, a.installed, a.warranty_until, a.removed,"
        " a.custom FROM asset a LEFT JOIN client c ON c.id = a.client LEFT JOIN location l ON l.id = a.location"
        " WHERE a.gone = 0 AND a.merged_into IS NULL ORDER BY c.name, a.serial",
        (),
        ("custom",),
    ),
    "contracts": (
        "SELECT k.ref, c.name AS client, k.name, k.kind, k.start, k.end,"
        " coalesce(nullif(k.currency, ''), nullif(c.currency, ''), :money) AS currency, k.order_number, k.respond_minutes, k.restore_minutes,"
        " (SELECT coalesce(sum(amount), 0) FROM charge_now h WHERE h.contract = k.id AND h.job IS NULL AND h.estimate = 0"
        " AND h.fenced = '' AND h.covered_by = '' AND h.billable_from <= :day) AS unbilled, w.next_start, w.next_amount, w.year_amount"
        " FROM contract k LEFT JOIN client c ON c.id = k.client LEFT JOIN contract_now w ON w.contract = k.id"
        " WHERE k.gone = 0 AND k.merged_into IS NULL ORDER BY k.ref",
        (),
        (),
    ),
    "exceptions": (
        f"WITH {TABLE.replace('?', ':worths')} SELECT e.key, e.reason, e.says, coalesce(w.value, e.value) AS value,"
        " coalesce(w.currency, :money) AS currency, e.credit, e.since, j.ref AS job, k.ref AS contract, c.name AS client, d.owner,"
        " e.waits_for, (SELECT count(*) FROM chase h WHERE h.key = e.key AND h.void = 0) AS chased, e.step_verb AS step,"
        " e.step_words, e.evidence FROM case_now e LEFT JOIN job j ON j.id = e.job LEFT JOIN contract k ON k.id = e.contract"
        " LEFT JOIN client c ON c.id = e.client LEFT JOIN decision d ON d.key = e.key LEFT JOIN w ON w.key = e.key"
        " WHERE (e.since IS NULL OR e.since <= :now) AND (e.until IS NULL OR e.until > :now)"
        " AND (d.waived IS NULL OR d.waived = '' OR (e.value > d.waived_value AND e.reason != 'asset_uncovered'))"
        " AND (d.snoozed_until IS NULL OR d.snoozed_until <= :day) ORDER BY 4 DESC, e.key",
        ("since",),
        ("evidence",),
    ),
    "drafts": (
        "SELECT h.key, c.name AS client, j.ref AS job, k.ref AS contract, h.kind, h.start, h.end, h.quantity, h.amount, h.currency,"
        " h.billable_from, h.order_number, h.reason FROM charge_now h LEFT JOIN client c ON c.id = coalesce(h.payer, h.client)"
        " LEFT JOIN job j ON j.id = h.job LEFT JOIN contract k ON k.id = h.contract WHERE h.estimate = 0 AND h.fenced = ''"
        " AND h.covered_by = '' AND h.billable_from <= :day ORDER BY c.name, h.billable_from, h.key",
        (),
        (),
    ),
    "invoices": (
        "SELECT i.number, i.kind, c.name AS client, i.issued_on, i.due_on, coalesce(nullif(i.currency, ''), :money) AS currency, i.net, i.tax,"
        f" i.gross, {money.OPEN_AMOUNT} AS open_amount, i.order_number, i.origin,"
        " i.void FROM invoice i LEFT JOIN client c ON c.id = i.client ORDER BY i.issued_on, i.number",
        (),
        (),
    ),
    "payments": (
        "SELECT c.name AS client, i.number AS invoice, p.amount, p.currency, p.day, p.reference FROM payment p"
        " LEFT JOIN client c ON c.id = p.client LEFT JOIN invoice i ON i.id = p.invoice WHERE p.void = 0 ORDER BY p.day",
        (),
        (),
    ),
    "parts": ("SELECT code, name, cost, price, unit FROM part WHERE gone = 0 ORDER BY code", (), ()),
    "rates": (
        "SELECT r.kind, r.skill, r.amount, r.minimum_minutes, r.step_minutes, r.start, k.ref AS contract, c.name AS client FROM rate r"
        " LEFT JOIN contract k ON k.id = r.contract LEFT JOIN client c ON c.id = r.client WHERE r.gone = 0 ORDER BY r.kind, r.start",
        (),
        (),
    ),
    "readings": (
        "SELECT a.serial AS asset, r.meter, r.value, r.day, r.estimated FROM reading r JOIN asset a ON a.id = r.asset"
        " WHERE r.void = 0 ORDER BY r.day",
        (),
        (),
    ),
    "policies": ("SELECT name, start, value FROM policy ORDER BY name, start", (), ("value",)),
    "sites": (
        "SELECT s.code, s.name, s.number, s.role, s.timezone, c.seq, c.heard_at, c.state, c.says FROM site s"
        " LEFT JOIN cursor c ON c.site = s.number ORDER BY s.number",
        ("heard_at",),
        (),
    ),
}
KINDS_WITH_REF = ("job", "contract", "client", "location", "asset")


def list_rows(store: Store, kind: str, where: Mapping[str, str], limit: int, now: datetime) -> list[dict[str, Any]]:
    """Rows of a kind as dictionaries of its documented fields; ``where`` keeps those whose field reads so.

    Raises UsageError for an unknown kind or field.
    """
    if kind not in LISTS:
        raise UsageError(f"There is no list of “{kind}”.", f"There are {', '.join(LISTS)}.")
    query, instants, parsed = LISTS[kind]
    day = now.astimezone(store.zone).date().isoformat()
    asked = {"now": ms(now), "day": day, "money": store.currency}
    if kind == "exceptions":
        asked["worths"] = as_table(worths(store, day))
    cursor = store.raw.execute(query, asked)
    names = [column[0] for column in cursor.description]
    unknown = [key for key in where if key not in names]
    if unknown:
        raise UsageError(f"{kind} have no field “{unknown[0]}”.", f"They have {', '.join(names)}.")
    found: list[dict[str, Any]] = []
    for row in cursor:
        one = dict(zip(names, row, strict=True))
        if all(_reads(one[key], value) for key, value in where.items()):
            for name in instants:
                one[name] = instant(one[name]) if one[name] is not None else None
            for name in parsed:
                one[name] = json.loads(one[name]) if one[name] else None
            found.append(one)
            if limit and len(found) >= limit:
                break
    return found


def _reads(value: Any, wanted: str) -> bool:
    return str("" if value is None else value).lower() == wanted.lower()


def thing_meant(desk: Desk, ref: str) -> tuple[str, Any]:
    """(kind, value) of whatever a reference, a technician's code or a serial number means. Raises Refused."""
    ways: tuple[tuple[str, Callable[[Desk, str], Any]], ...] = (
        ("job", finding.job), ("contract", finding.contract), ("invoice", _invoice), ("client", finding.client),
        ("location", _place), ("asset", finding.asset), ("technician", finding.technician), ("location", finding.place),
    )  # fmt: skip
    coded = desk.store.one("SELECT 1 FROM technician WHERE lower(code) = ? AND gone = 0", (ref.lower(),))
    if coded is not None:
        return "technician", finding.technician(desk, ref)  # before a client whose name begins so
    for kind, way in ways:
        try:
            return kind, way(desk, ref)
        except Refused:
            continue
    raise Refused(f"Nothing here is called “{ref}”.", f"Find it with: fsconsole do 'find {ref}'")


def _invoice(desk: Desk, text: str) -> Any:
    row = desk.store.one("SELECT id FROM invoice WHERE upper(number) IN (?, ?)", (text.upper(), f"{desk.store.code}-{text.upper()}"))
    if row is None:
        raise Refused(f"There is no invoice “{text}”.")
    return fetch(desk.store, "invoice", row[0])


def _place(desk: Desk, text: str) -> Any:
    """The location of a reference alone: its name may be a client's or a technician's, too."""
    if not re.fullmatch(r"(\w+-)?L?\d+", text.upper()):
        raise Refused(f"“{text}” is no location's reference.")
    return finding.place(desk, text)


def show_thing(desk: Desk, ref: str) -> dict[str, Any]:
    """One thing with what belongs to it, other things by what they are called.

    For a job: its card, visits, charges (with reasons), exceptions and trail; for a document its lines.
    """
    kind, value = thing_meant(desk, ref)
    told: dict[str, Any] = {"kind": kind}
    for name in BY_NAME[kind].columns:
        bare = name.rstrip("_")
        told[bare if bare != "kind" else "type"] = getattr(value, bare, None)
    if kind in ("job", "contract"):
        told["bills_at"] = holder_words(desk.store, value)
    told = _called(told, labels(desk.store, _ids(told.values())))
    if kind == "job":
        from fsconsole.flow.gather import Known, job_sheets
        from fsconsole.flow.settle import job_charges

        known = Known(desk.store)
        sheet = job_sheets(desk.store, [value.id], known)[0]
        whole, _, _ = job_charges(sheet, known)
        now = list_rows(desk.store, "jobs", {"ref": value.ref}, 1, desk.now)
        told.update(now[0] if now else {})
        told["visits"] = [
            {
                "number": f.visit.number,
                "state": f.state.value,
                "outcome": f.outcome.value if f.outcome else "",
                "arrived": f.arrived,
                "left": f.left,
            }
            for f in sheet.folds
        ]
        told["charges"] = [
            {
                "kind": c.kind,
                "amount": c.amount,
                "notional": c.notional,
                "covered_by": c.covered_by,
                "estimate": c.estimate,
                "reason": c.reason,
            }
            for c in whole.charges
        ]
        told["files"] = [
            {"name": one.name, "kind": one.kind, "size": one.size, "by": one.by, "state": one.state}
            for one in files(desk.store, value.id)
        ]
        told["exceptions"] = list_rows(desk.store, "exceptions", {"job": value.ref}, 0, desk.now)
    if kind == "contract":
        told["charges"] = [
            {"kind": k, "start": s, "end": e, "amount": a, "billable_from": f, "reason": r}
            for k, s, e, a, f, r in desk.store.sql(
                "SELECT kind, start, end, amount, billable_from, reason FROM charge_now WHERE contract = ? AND job IS NULL ORDER BY start",
                (value.id,),
            )
        ]
    if kind == "invoice":
        told["lines"] = [
            {"about": one.ref, "start": one.start, "end": one.end, "amount": one.amount, "reason": one.text}
            for one in money.invoice_lines(desk.store, value.id)
        ]
    if kind == "client":
        told["jobs"] = list_rows(desk.store, "jobs", {"client": value.name}, 50, desk.now)
    return told


def history_of(desk: Desk, ref: str) -> list[dict[str, Any]]:
    """The audit trail of a thing and of the facts about it: at, site, by, verb, wrote."""
    kind, value = thing_meant(desk, ref)
    rows = [value.id]
    if kind == "job":
        rows += [row[0] for row in desk.store.sql("SELECT id FROM visit WHERE job = ?", (value.id,))]
        rows += [
            row[0]
            for row in desk.store.sql("SELECT e.id FROM event e JOIN visit v ON v.id = e.visit WHERE v.job = ?", (value.id,))
        ]
        for table in ("labour", "part_used", "card", "sign_off", "invoice_line"):
            rows += [row[0] for row in desk.store.sql(f"SELECT id FROM {table} WHERE job = ?", (value.id,))]
        for table in ("note", "attachment"):
            rows += [row[0] for row in desk.store.sql(f"SELECT id FROM {table} WHERE about = ?", (value.id,))]
    trail = entries(desk.store, rows)
    called = labels(desk.store, _ids(value for entry in trail for value in entry.wrote.values()))
    return [
        {
            "at": entry.at.astimezone(desk.zone).isoformat(timespec="seconds"), "site": entry.site, "by": entry.by, "verb": entry.verb,
            "kind": entry.kind,
            "wrote": _called({name: value for name, value in entry.wrote.items() if value not in (None, "", (), {})}, called),
        }
        for entry in trail
    ]  # fmt: skip


def _ids(values: Iterable[Any]) -> list[bytes]:
    return [bytes(value) for value in values if isinstance(value, bytes | memoryview)]


def _called(told: Mapping[str, Any], names: Mapping[bytes, str]) -> dict[str, Any]:
    return {name: names.get(bytes(value), value) if isinstance(value, bytes | memoryview) else value for name, value in told.items()}

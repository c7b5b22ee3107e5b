"""What speaks for or against a charge from outside the paperwork: trails, contested fields, references borne twice.

It stands apart from settling because it reads other tables and mostly finds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from fsconsole.changes.stamp import ms_of, site_of
from fsconsole.flow.gather import JobSheet, Known, grouped
from fsconsole.rules.checks import cases as cases_of
from fsconsole.rules.checks.reasons import REASONS
from fsconsole.rules.facts import Contested, ContractFacts, Disputed, JobFacts, Presence, RowFacts, SiteFacts, Taken
from fsconsole.rules.words import moment
from fsconsole.store import derive
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.rows import fetch
from fsconsole.store.tables import KINDS
from fsconsole.values.bill import Charge, ExceptionCase, Invoice
from fsconsole.values.period import Interval
from fsconsole.values.work import Id

#: Fields of a row that identify or price it: a person chooses between two sites' values of these.
CHOSEN = {
    "job": ("client", "location", "asset", "contract", "order_number", "priority", "promised_until", "payer", "cancelled",
            "title", "written_off"),
    "client": ("name", "order_required", "payer", "terms_days", "tax_id"),
    "contract": ("start", "end", "client", "payer", "order_number", "respond_minutes", "restore_minutes", "elsewhere_until"),
    "term": ("amount", "every", "unit", "timing", "start", "end", "proration"),
    "cover": ("start", "end", "labour", "parts", "call_out"),
    "rate": ("amount",),
    "asset": ("serial", "location", "removed", "warranty_until"),
    "location": ("address", "postcode"),
    "visit": ("technician", "booked_from"),
}  # fmt: skip

#: Cases that ask for nothing but that it is billed: who waives one gives up the money, and does not let it go out.
LET_GO = ("contract_period_unbilled", "credit_not_rebilled", "behind_fence")


def stuck_words(case: ExceptionCase) -> str:
    """A case in two or three words, for a card."""
    return REASONS[case.reason].words


def presences(store: Store, sheets: Sequence[JobSheet], known: Known) -> dict[bytes, tuple[Presence, ...]]:
    """What the trails say about each attended visit, for technicians who left a trail on that day."""
    if not store.one("SELECT 1 FROM trail_piece LIMIT 1"):
        return {}
    found: dict[bytes, tuple[Presence, ...]] = {}
    for sheet in sheets:
        some = [one for fold in sheet.folds if fold.arrived and (one := _presence(store, sheet, fold, known)) is not None]
        if some:
            found[sheet.job.id] = tuple(some)
    return found


def _presence(store: Store, sheet: JobSheet, fold: Any, known: Known) -> Presence | None:
    from fsconsole.flow.tracks import fixes_of
    from fsconsole.rules.trail import near

    start: datetime = fold.arrived
    end: datetime = fold.left or fold.completed or start + timedelta(minutes=1)
    technician, location = fold.visit.technician, sheet.location
    if not technician or location is None:
        return None
    day = start.astimezone(store.zone).date()
    held = fixes_of(store, technician, day)
    if not held:
        return None  # no trail of that day, or none that has come to this site: nothing speaks for or against
    fixes = [fix for fix in held if start <= fix.at <= end]
    stays = store.sql(
        "SELECT start, end FROM stay_now WHERE technician = ? AND location = ? AND day = ?",
        (technician, location.id, day.isoformat()),
    )
    nearest = None
    if location.lat is not None and location.lon is not None:
        nearest = near(fixes, location.lat, location.lon, start, end)
    spans = tuple(Interval(instant(one), instant(other)) for one, other in stays)
    return Presence(visit=fold.visit.id, fixes=len(fixes), on_site=spans, nearest=nearest)


def contested_rows(store: Store, rows: Iterable[bytes], known: Known) -> list[RowFacts]:
    """Rows of which two sites wrote the same field without having read each other."""
    facts = []
    for row in rows:
        losers = store.sql("SELECT kind, field, stamp, value, winner FROM contested WHERE row = ? ORDER BY field, stamp", (row,))
        if not losers:
            if _others_called(store, row):
                facts.append(_row_facts(store, row, "job", (), known))
            continue
        model = KINDS[losers[0][0]]
        kind = str(model._meta.table_name)
        names = {column.number: (name.rstrip("_"), column) for name, column in model.columns.items()}
        contested = []
        for number in sorted({one[1] for one in losers}):
            if number not in names or names[number][0] not in CHOSEN.get(kind, ()):
                continue
            name, column = names[number]
            kept, clock = store.sql(
                f'SELECT "{column.column_name}", "c_{column.column_name}" FROM "{kind}" WHERE id = ?', (row,)
            )[0]
            lost = tuple(
                (known.sites.get(site_of(stamp), str(site_of(stamp))), said(store, column.unpack(value)))
                for _, field, stamp, value, _ in losers
                if field == number and value != kept
            )
            if lost:
                at = instant(ms_of(clock))
                kept_by = known.sites.get(site_of(clock), str(site_of(clock)))
                stamps = [clock, *(one[2] for one in losers if one[1] == number and one[3] != kept)]
                told = tuple(_who(store, row, stamp, known) for stamp in stamps)
                contested.append(
                    Contested(field=name, kept=said(store, column.unpack(kept)), kept_by=kept_by, lost=lost, at=at, told=told)
                )
        if contested:
            facts.append(_row_facts(store, row, kind, tuple(contested), known))
    return facts


def _who(store: Store, row: bytes, stamp: int, known: Known) -> str:
    """Who wrote on a row at a stamp, and when."""
    by = store.one("SELECT l.by_ FROM touched t JOIN log l ON l.stamp = t.stamp WHERE t.row = ? AND t.stamp = ?", (row, stamp))
    return ", ".join(part for part in (str(by[0]) if by else "", moment(instant(ms_of(stamp)), known.timezone)) if part)


def namesakes(store: Store, jobs: Sequence[bytes]) -> list[bytes]:
    """Those of the jobs, and of the jobs beside them, that share a reference with another."""
    marks = ",".join("?" * len(jobs))
    return [
        row[0]
        for row in store.sql(
            f"SELECT b.id FROM job a JOIN job b ON b.ref = a.ref WHERE a.id IN ({marks}) AND a.ref != ''"
            " AND a.gone = 0 AND b.gone = 0"
            " AND EXISTS (SELECT 1 FROM job c WHERE c.ref = a.ref AND c.id != a.id AND c.gone = 0)",
            list(jobs),
        )
    ]


def _others_called(store: Store, row: bytes) -> tuple[str, ...]:
    others = store.sql(
        "SELECT b.ref, b.title FROM job a JOIN job b ON b.ref = a.ref AND b.id != a.id"
        " WHERE a.id = ? AND a.ref != '' AND b.gone = 0",
        (row,),
    )
    return tuple(f"{ref} {title}" for ref, title in others)


def _row_facts(store: Store, row: bytes, kind: str, contested: tuple[Contested, ...], known: Known) -> RowFacts:
    owner = {"visit": "job", "term": "contract", "cover": "contract"}.get(kind)
    link = store.sql(f'SELECT {owner} FROM "{kind}" WHERE id = ?', (row,))[0][0] if owner else None
    job = row if kind == "job" else link if owner == "job" else None
    contract = row if kind == "contract" else link if owner == "contract" else None
    name = store.one("SELECT ref, title FROM job WHERE id = ?", (job,)) if job else None
    name = name or (store.one("SELECT ref, name FROM contract WHERE id = ?", (contract,)) if contract else None)
    if name is None and kind in ("client", "location"):
        name = store.one(f'SELECT ref, name FROM "{kind}" WHERE id = ?', (row,))
    charges = store.sql(
        f"SELECT {derive.CHARGE} FROM charge_now WHERE (job = ? OR contract = ?) AND fenced = ''", (job or b"-", contract or b"-")
    )
    return RowFacts(
        thing=Id(row),
        kind=kind,
        ref=str(name[0]) if name else "",
        words=str(name[1]) if name else kind,
        contested=contested,
        namesakes=_others_called(store, row),
        job=Id(job) if job else None,
        contract=Id(contract) if contract else None,
        charges=tuple(derive.read_charges(charges)),
        currency=known.currency,
        series=known.series,
    )


def said(store: Store, value: Any) -> str:
    """A field's value in words; an id as what people call it."""
    if isinstance(value, bytes):
        for kind, name in (
            ("technician", "name"),
            ("client", "name"),
            ("location", "name"),
            ("contract", "ref"),
            ("asset", "serial"),
        ):
            found = store.one(f'SELECT {name} FROM "{kind}" WHERE id = ?', (value,))
            if found:
                return str(found[0])
        return value.hex()[:8]
    if isinstance(value, datetime):
        return f"{value.astimezone(store.zone):%a %d %b %H:%M}"
    return "nothing" if value in (None, "") else "yes" if value is True else "no" if value is False else str(value)


def waived_in(store: Store, cases: Iterable[ExceptionCase]) -> frozenset[str]:
    """The charges that someone waived: let go with a reason, at what they were worth, and billed no more."""
    periods = {one.key: one for one in cases if one.reason in LET_GO}
    keys = list(periods)
    found: set[str] = set()
    for begin in range(0, len(keys), 500):
        some = keys[begin : begin + 500]
        query = f"SELECT key, waived_value FROM decision WHERE waived != '' AND key IN ({','.join('?' * len(some))})"
        for key, worth in store.sql(query, some):
            if periods[key].value <= worth:
                found.update(periods[key].charges)
    return frozenset(found)


def let_go_before(store: Store, facts: JobFacts | ContractFacts) -> frozenset[str]:
    """What is behind a locked month and was waived before it was locked: it stays waived."""
    locked = tuple(one.charge for one in facts.fenced if one.fence == "locked")
    if not locked:
        return frozenset()
    open_ = replace(facts, charges=(*facts.charges, *locked), fenced=())
    return waived_in(store, cases_of(open_))


def taken_from(store: Store, technician: bytes) -> tuple[Taken, ...]:
    """The parts that a technician's van lost by its counts since the first one, and those that stand on jobs since then."""
    rows = store.sql(
        "SELECT part, sum(CASE WHEN quantity < 0 THEN -quantity ELSE 0 END), min(at), max(CASE WHEN quantity < 0 THEN at END)"
        " FROM stock WHERE technician = ? AND void = 0 AND part IS NOT NULL GROUP BY part HAVING min(quantity) < 0",
        (technician,),
    )
    found = []
    for part, taken, first, last in rows:
        used, ref = store.sql(
            "SELECT coalesce(sum(u.quantity), 0), (SELECT j.ref FROM visit v JOIN job j ON j.id = v.job JOIN event e"
            " ON e.visit = v.id AND e.what = 'arrive' AND e.void = 0 WHERE v.technician = :who AND e.at <= :last"
            " ORDER BY e.at DESC LIMIT 1) FROM part_used u JOIN visit v ON v.id = u.visit"
            " WHERE u.part = :part AND v.technician = :who AND u.void = 0 AND u.at >= :first",
            {"who": technician, "part": part, "first": first, "last": last},
        )[0]
        found.append(Taken(part=fetch(store, "part", part), taken=taken, used=used, since=instant(last), ref=ref or ""))
    return tuple(each for each in found if each.part is not None)


def series_of(store: Store, sites: Sequence[bytes]) -> list[SiteFacts]:
    """The numbers of each site's own series that are missing here, once everything that site wrote before was read."""
    found = []
    for row in sites:
        code = (store.one("SELECT code FROM site WHERE id = ?", (row,)) or ("",))[0]
        if not code:
            continue
        given: dict[str, list[int]] = {}
        query = "SELECT number FROM invoice WHERE origin = 'ours' AND number >= ? AND number < ? AND void = 0"
        numbers = [number for (number,) in store.sql(query, (f"{code}-I", f"{code}-I~"))]
        for number in numbers:
            head, _, tail = number.rpartition("-")
            prefix = f"{head}-" if head != code else f"{code}-I"
            digits = number[len(prefix) :] if head != code else tail[1:]
            if digits.isascii() and digits.isdigit():
                given.setdefault(prefix, []).append(int(digits))
        missing = {
            prefix: gone
            for prefix, some in given.items()
            if (gone := tuple(sorted(set(range(min(some), max(some))) - set(some)))[:1000])
        }
        twice = tuple(sorted(number for number, times in Counter(numbers).items() if times > 1))
        found.append(SiteFacts(site=Id(row), code=code, missing=missing, twice=twice))
    return found


class Paper:
    """What was decided, issued and paid, for several clients at once: the rest of what ``ClientFacts`` asks."""

    def __init__(self, store: Store, clients: Sequence[bytes], charges: Sequence[Charge]) -> None:
        self.store = store
        self.documents = grouped(store, "invoice", "client", clients)
        self.payments = grouped(store, "payment", "client", clients)
        self.approved = approved_now(store, charges)
        keys = [charge.key for charge in charges]
        self.orders: dict[str, str] = {}
        for begin in range(0, len(keys), 500):
            some = keys[begin : begin + 500]
            marks = ",".join("?" * len(some))
            self.orders.update(store.sql(f"SELECT key, order_number FROM charge_now WHERE key IN ({marks})", some))
        self.refs: dict[Id, str] = {}
        for kind in ("job", "contract"):
            ids = list({getattr(charge, kind) for charge in charges if getattr(charge, kind)})
            for begin in range(0, len(ids), 500):
                some = ids[begin : begin + 500]
                marks = ",".join("?" * len(some))
                found = store.sql(f'SELECT id, ref FROM "{kind}" WHERE id IN ({marks})', some)
                self.refs.update((Id(row), ref.removeprefix(f"{store.code}-")) for row, ref in found)

    def of(self, client: bytes) -> dict[str, Any]:
        """The named facts of one client."""
        documents: list[Invoice] = self.documents.get(client, [])
        return {
            "documents": tuple(documents),
            "payments": tuple(self.payments.get(client, [])),
            "disputes": tuple(self._disputes(documents)),
            "approved": self.approved,
            "orders": self.orders,
            "refs": self.refs,
        }

    def _disputes(self, documents: Sequence[Invoice]) -> Iterable[Disputed]:
        known = {invoice.number: invoice for invoice in documents}
        if not known or not self.store.one("SELECT 1 FROM decision WHERE key >= 'dispute:' AND key < 'dispute;' LIMIT 1"):
            return
        credited = {one.custom.get("credits") for one in documents if one.kind == "credit note" and not one.void}
        query = "SELECT key, held FROM decision WHERE key >= 'dispute:' AND key < 'dispute;' AND held != '' ORDER BY key"
        for key, words in self.store.sql(query):
            _, number, line = f"{key}:".split(":")[:3]
            invoice = known.get(number)
            if invoice is None or invoice.void or number in credited:
                continue
            stands = fetch(self.store, "invoice_line", bytes.fromhex(line)) if line else None
            yield Disputed(invoice=invoice, words=words, amount=stands.amount if stands else invoice.gross, line=stands)


def digest_of(charge: Charge) -> str:
    """What is approved of a charge: its amount, currency, payer and reason. Another of these asks for approval anew."""
    said = "\n".join((str(charge.amount), charge.currency, (charge.payer or b"").hex(), charge.reason))
    return blake2b(said.encode(), digest_size=8).hexdigest()


def approved_now(store: Store, charges: Sequence[Charge]) -> frozenset[str]:
    """The keys of those charges that were approved as they are now."""
    if not store.one("SELECT 1 FROM decision WHERE key >= 'charge:' AND key < 'charge;' AND approved != '' LIMIT 1"):
        return frozenset()
    said = {f"charge:{charge.key}": charge for charge in charges}
    keys, found = list(said), set()
    for begin in range(0, len(keys), 500):
        some = keys[begin : begin + 500]
        marks = ",".join("?" * len(some))
        for key, digest in store.sql(f"SELECT key, approved FROM decision WHERE key IN ({marks}) AND approved != ''", some):
            if digest == digest_of(said[key]):
                found.add(said[key].key)
    return frozenset(found)


__all__ = [
    "Paper",
    "approved_now",
    "contested_rows",
    "digest_of",
    "presences",
    "said",
    "series_of",
    "stuck_words",
    "taken_from",
    "waived_in",
]

"""Everything a caller may name, and what we know at once: open jobs, promises, last visits, contract, balance.

It stands apart because while the telephone is held to the ear one question finds all kinds of things.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import finding
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.queries import contracts, jobs, money, things
from fsconsole.store.rows import fetch
from fsconsole.values.money import together
from fsconsole.values.work import Client


class Hit(NamedTuple):
    """One thing found. ``kind`` as in the tables; ``client`` whose it is."""

    kind: str
    row: bytes
    ref: str
    name: str
    says: str
    client: bytes | None = None


class LastVisit(NamedTuple):
    """One of a client's latest jobs that somebody finished or left."""

    job: bytes
    ref: str
    at: datetime | None
    title: str
    location: str
    technician: str
    column: str


class CallerSheet(NamedTuple):
    """What we know about a client the moment they say who they are. Money in minor units."""

    client: Client
    open_jobs: tuple[jobs.JobRow, ...]
    last_visits: tuple[LastVisit, ...]
    contracts: tuple[contracts.ContractRow, ...]
    balance: money.Balance
    locations: tuple[things.LocationRow, ...]
    contacts: tuple[things.ContactRow, ...]
    assets: int
    notes: tuple[jobs.NoteRow, ...]


#: Digits of a telephone number that tell it apart, whatever stands in front: +44 20 …, 020 …
PHONE = 9


def find(desk: Desk, words: str) -> Done:
    """Finds by number, name, postcode, serial, order or telephone number. Raises Refused when nothing is found."""
    hits = search(desk.store, words, 12)
    if not hits:
        raise Refused(f"Nothing here is called “{words}”.", "Try a name, a postcode, a serial number or the start of a word.")
    first = hits[0]
    said = [f"{hit.kind} {_short(desk.store, hit.ref)} {hit.name}: {hit.says}".replace("  ", " ").strip(" :") for hit in hits[:5]]
    more = f" (and {len(hits) - 5} more)" if len(hits) > 5 else ""
    return Done("; ".join(said) + more, ref=first.ref, row=first.row)


def search(store: Store, text: str, limit: int = 20) -> list[Hit]:
    """What a caller may mean, the surest first: a reference, a telephone number, a postcode, a serial number, then words."""
    found: dict[bytes, str] = {}
    for kind, row in (*_by_reference(store, text), *_by_phone(store, text), *_by_place(store, text), *_by_serial(store, text)):
        found.setdefault(row, kind)
    for kind, row in things.found(store, text, limit * 3):
        found.setdefault(row, kind)
        if len(found) >= limit * 2:
            break
    if not found and text.strip():
        # Words of several things at once, such as a client and what is wrong: an open job's card holds them all.
        found.update(dict.fromkeys(jobs.open_by_words(store, text, limit), "job"))
    hits = [hit for row, kind in found.items() if (hit := _hit(store, kind, row)) is not None]
    # A client whose name begins so is meant before the people and places there.
    begins = text.strip().lower()
    return sorted(hits, key=lambda hit: not (hit.kind == "client" and hit.name.lower().startswith(begins)))[:limit]


def caller(store: Store, client: bytes, now: datetime) -> CallerSheet | None:
    """Everything about a client that a call may be about; None when there is no such client."""
    who = fetch(store, "client", client)
    if who is None:
        return None
    return CallerSheet(
        client=who,
        open_jobs=tuple(
            sorted(jobs.jobs_of(store, client=client, open_only=True), key=lambda j: (j.due_at is None, j.due_at or 0))
        ),
        last_visits=tuple(_last_visits(store, client)),
        contracts=tuple(contracts.contracts(store, now, client=client)),
        balance=money.balance(store, client, now),
        locations=tuple(things.locations(store, client=client)),
        contacts=tuple(things.contacts(store, client)),
        assets=things.count(store, "asset", client=client),
        notes=tuple(jobs.notes(store, client)[:5]),
    )


def _last_visits(store: Store, client: bytes) -> list[LastVisit]:
    rows = store.sql(
        "SELECT job, ref, since, title, location_name, tech_code, column_ FROM job_now WHERE client = ?"
        " AND column_ IN ('complete', 'signed off', 'closed', 'on site', 'parked') ORDER BY since DESC LIMIT 5",
        (client,),
    )
    return [LastVisit(row[0], row[1], instant(row[2]) if row[2] is not None else None, *row[3:]) for row in rows]


def _by_reference(store: Store, text: str) -> list[tuple[str, bytes]]:
    typed = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{0,6}-?[A-Z]?\d{1,9}", typed):
        return []
    refs = (typed, f"{store.code}-{typed}")
    found: list[tuple[str, bytes]] = []
    for ref in refs:
        for kind in ("job", "contract"):
            found += [(kind, row[0]) for row in store.sql(f'SELECT id FROM "{kind}" WHERE ref = ? AND gone = 0', (ref,))]
        letter = ref.rpartition("-")[2][:1]
        for kind in ("client", "location", "asset"):
            if letter == finding.LETTER[kind]:
                found += [(kind, row[0]) for row in store.sql(f'SELECT id FROM "{kind}" WHERE ref = ? AND gone = 0', (ref,))]
    if typed.isdigit() and not found:
        found += [("job", row[0]) for row in store.sql("SELECT job FROM job_now WHERE number = ? LIMIT 5", (int(typed),))]
    return found


def _by_phone(store: Store, text: str) -> list[tuple[str, bytes]]:
    digits = re.sub(r"\D", "", text)
    if len(digits) < 6 or re.search(r"[A-Za-z]", text):
        return []
    tail = digits[-PHONE:]
    squeezed = "replace(replace(replace(replace(replace(phone, ' ', ''), '-', ''), '(', ''), ')', ''), '.', '')"
    found: list[tuple[str, bytes]] = []
    for kind in ("client", "contact", "location", "technician"):
        rows = store.sql(
            f"SELECT id FROM \"{kind}\" WHERE gone = 0 AND phone != '' AND {squeezed} LIKE ? LIMIT 10", (f"%{tail}%",)
        )
        found += [(kind, row[0]) for row in rows]
    return found


def _by_place(store: Store, text: str) -> list[tuple[str, bytes]]:
    squeezed = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"(?=.*\d)[A-Z0-9]{3,8}", squeezed) or squeezed.isdigit():
        return []
    rows = store.sql(
        "SELECT id FROM location WHERE gone = 0 AND merged_into IS NULL AND replace(upper(postcode), ' ', '') LIKE ? LIMIT 20",
        (f"{squeezed}%",),
    )
    return [("location", row[0]) for row in rows]


def _by_serial(store: Store, text: str) -> list[tuple[str, bytes]]:
    typed = text.strip().lstrip("#")
    rows = store.sql(
        "SELECT id FROM asset WHERE serial IN (?, ?, ?) AND gone = 0 AND merged_into IS NULL LIMIT 5",
        (typed, typed.upper(), typed.lower()),
    )
    return [("asset", row[0]) for row in rows]


_MODEL = "CASE x.model WHEN '' THEN x.kind ELSE x.model END"
_NAMED = {
    "location": "SELECT x.ref, x.name, x.postcode || ', ' || coalesce(c.name, ''), x.client FROM location x",
    "asset": f"SELECT x.ref, trim(x.maker || ' ' || {_MODEL} || CASE x.serial WHEN '' THEN '' ELSE ' s/n ' || x.serial END),"
    " coalesce(c.name, ''), x.client FROM asset x",
    "contact": "SELECT '', x.name, x.role || CASE x.role WHEN '' THEN '' ELSE ' at ' END || coalesce(c.name, ''), x.client"
    " FROM contact x",
    "contract": "SELECT x.ref, x.name, coalesce(c.name, ''), x.client FROM contract x",
}


def _hit(store: Store, kind: str, row: bytes) -> Hit | None:
    if kind == "job":
        one = store.one("SELECT ref, client_name, title, column_, location_name, client FROM job_now WHERE job = ?", (row,))
        return Hit(kind, row, one[0], one[1], f"{one[2]}, {one[3]}{' at ' + one[4] if one[4] else ''}", one[5]) if one else None
    if kind == "client":
        one = store.one("SELECT ref, name, merged_into FROM client WHERE id = ? AND gone = 0", (row,))
        if one is None or one[2]:
            return None
        open_jobs = jobs.count_jobs_of(store, client=row, open_only=True)
        return Hit(kind, row, one[0], one[1], f"{open_jobs} open {'job' if open_jobs == 1 else 'jobs'}", row)
    query = _NAMED.get(kind)
    if kind == "technician":
        one = store.one("SELECT code, name, phone FROM technician WHERE id = ? AND gone = 0", (row,))
        return Hit(kind, row, one[0], one[1], one[2]) if one else None
    if query is None:
        return None
    one = store.one(f"{query} LEFT JOIN client c ON c.id = x.client WHERE x.id = ? AND x.gone = 0", (row,))
    return Hit(kind, row, one[0], one[1], one[2].strip(", "), one[3]) if one else None


def balance_words(sheet: CallerSheet, currency: str) -> str:
    """What a client owes, in one line."""
    all_ = (sheet.balance, *sheet.balance.others)
    overdue = [(one.overdue, one.currency) for one in all_]
    words = f"{together([(one.open, one.currency) for one in all_], currency)} open"
    if any(amount for amount, _ in overdue):
        words += f", {together(overdue, currency)} of it overdue"
    return f"{words}, {together([(one.unbilled, one.currency) for one in all_], currency)} not billed yet"


def _short(store: Store, ref: str) -> str:
    return things.short(store, ref)

"""Clients, locations and assets as lists, and what may be typed next: completions for the command line.

It stands apart because lists and completions ask the same tables by the same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from fsconsole.store.opening import Store
from fsconsole.store.queries.exceptions import DUE, today_of
from fsconsole.store.queries.narrow import narrowed
from fsconsole.store.queries.worth import foreign
from fsconsole.values.money import show

LIVE = "gone = 0 AND merged_into IS NULL"


class ClientRow(NamedTuple):
    """One client in a list; ``unbilled`` in minor units of the company's currency is everything not billed that is no estimate.

    ``others``: what is not billed in other currencies, (amount, currency) each.
    """

    client: bytes
    ref: str
    name: str
    phone: str
    email: str
    postcode: str
    order_required: bool
    locations: int
    assets: int
    contracts: int
    open_jobs: int
    unbilled: int
    others: tuple[tuple[int, str], ...] = ()


class LocationRow(NamedTuple):
    """One location in a list. Degrees x 10^7."""

    location: bytes
    ref: str
    client_id: bytes | None
    client: str
    name: str
    address: str
    postcode: str
    area: str
    lat: int | None
    lon: int | None
    pin_from: str
    access_notes: str
    phone: str
    assets: int
    open_jobs: int


class AssetRow(NamedTuple):
    """One asset in a list; days as YYYY-MM-DD, ``warranty_until`` and ``removed`` the first day no longer so."""

    asset: bytes
    ref: str
    client_id: bytes | None
    client: str
    location_id: bytes | None
    location: str
    kind: str
    maker: str
    model: str
    serial: str
    installed: str | None
    warranty_until: str | None
    removed: str | None
    contract: str
    open_jobs: int


class ContactRow(NamedTuple):
    """One person at a client."""

    contact: bytes
    name: str
    role: str
    phone: str
    email: str
    location: str


_SAID = {
    "client": "lower(x.ref || ' ' || x.name || ' ' || x.phone || ' ' || x.email || ' ' || x.postcode || ' ' || x.custom)",
    "location": "lower(x.ref || ' ' || x.name || ' ' || x.address || ' ' || x.postcode || ' ' || x.area || ' ' || coalesce(c.name, ''))",
    "asset": "lower(x.ref || ' ' || x.kind || ' ' || x.maker || ' ' || x.model || ' ' || x.serial || ' ' || coalesce(c.name, ''))",
}
#: What a thing may be narrowed by.
FIELDS = {
    "client": {name: f"x.{name}" for name in ("name", "ref", "phone", "email", "address", "postcode", "custom")},
    "location": {"client": "c.name", **{name: f"x.{name}" for name in ("name", "ref", "address", "postcode", "area")}},
    "asset": {"client": "c.name", **{name: f"x.{name}" for name in ("ref", "kind", "maker", "model", "serial")}},
}
_ORDER = {"client": "x.name, x.id", "location": "c.name, x.name, x.id", "asset": "c.name, x.serial, x.id"}
_OPEN_JOBS = "(SELECT count(*) FROM job_now n WHERE n.{0} = x.id AND n.column_ != 'closed')"


def clients(store: Store, now: datetime, words: str = "", offset: int = 0, limit: int = 200) -> list[ClientRow]:
    """One page of clients by name; every one of ``words`` occurs in reference, name, telephone, postcode or own columns."""
    source, params = _where("client", words)
    rows = store.sql(
        "SELECT x.id, x.ref, x.name, x.phone, x.email, x.postcode, x.order_required,"
        " (SELECT count(*) FROM location l WHERE l.client = x.id AND l.gone = 0 AND l.merged_into IS NULL),"
        " (SELECT count(*) FROM asset a WHERE a.client = x.id AND a.gone = 0 AND a.merged_into IS NULL AND a.removed IS NULL),"
        " (SELECT count(*) FROM contract k WHERE k.client = x.id AND k.gone = 0 AND k.merged_into IS NULL),"
        f" {_OPEN_JOBS.format('client')}, (SELECT coalesce(sum(amount), 0) FROM charge_now WHERE payer = x.id AND {DUE})"
        f"{source} ORDER BY {_ORDER['client']} LIMIT ? OFFSET ?",
        [today_of(store, now), *params, limit, offset],
    )
    abroad = _abroad(store, now, [row[0] for row in rows])
    found = (ClientRow(*row)._replace(order_required=bool(row[6])) for row in rows)
    return [
        one._replace(unbilled=one.unbilled - sum(amount for amount, _ in some), others=some)
        if (some := abroad.get(one.client, ()))
        else one
        for one in found
    ]


def _abroad(store: Store, now: datetime, ids: list[bytes]) -> dict[bytes, tuple[tuple[int, str], ...]]:
    """By client, what is not billed in other currencies than the company's."""
    if not foreign(store):
        return {}
    rows = store.sql(
        f"SELECT payer, sum(amount), currency FROM charge_now WHERE {DUE} AND currency NOT IN ('', ?)"
        f" AND payer IN ({','.join('?' * len(ids))}) GROUP BY payer, currency ORDER BY currency",
        [today_of(store, now), store.currency, *ids],
    )
    found: dict[bytes, tuple[tuple[int, str], ...]] = {}
    for payer, amount, currency in rows:
        found[payer] = (*found.get(payer, ()), (amount, currency))
    return found


def locations(
    store: Store, words: str = "", offset: int = 0, limit: int = 200, *, client: bytes | None = None, unpinned: bool = False
) -> list[LocationRow]:
    """One page of locations, of one client if given; ``unpinned`` gives those the map cannot show."""
    source, params = _where("location", words, client=client, more="x.lat IS NULL" if unpinned else "")
    rows = store.sql(
        "SELECT x.id, x.ref, x.client, coalesce(c.name, ''), x.name, x.address, x.postcode, x.area, x.lat, x.lon, x.pin_from,"
        " x.access_notes, x.phone,"
        " (SELECT count(*) FROM asset a WHERE a.location = x.id AND a.gone = 0 AND a.merged_into IS NULL AND a.removed IS NULL),"
        f" {_OPEN_JOBS.format('location')}{source} ORDER BY {_ORDER['location']} LIMIT ? OFFSET ?",
        [*params, limit, offset],
    )
    return [LocationRow(*row) for row in rows]


def assets(
    store: Store,
    words: str = "",
    offset: int = 0,
    limit: int = 200,
    *,
    client: bytes | None = None,
    location: bytes | None = None,
) -> list[AssetRow]:
    """One page of assets, of one client or at one location if given; ``contract`` is the first that names or houses it."""
    source, params = _where("asset", words, client=client, location=location)
    rows = store.sql(
        "SELECT x.id, x.ref, x.client, coalesce(c.name, ''), x.location, coalesce((SELECT name FROM location l WHERE l.id = x.location), ''),"
        " x.kind, x.maker, x.model, x.serial, x.installed, x.warranty_until, x.removed,"
        " coalesce((SELECT k.ref FROM cover v JOIN contract k ON k.id = v.contract WHERE v.asset = x.id AND v.gone = 0 AND v.end IS NULL"
        "  ORDER BY k.ref LIMIT 1), (SELECT k.ref FROM cover v JOIN contract k ON k.id = v.contract WHERE v.location = x.location"
        "  AND v.gone = 0 AND v.end IS NULL ORDER BY k.ref LIMIT 1), ''),"
        f" {_OPEN_JOBS.format('asset')}{source} ORDER BY {_ORDER['asset']} LIMIT ? OFFSET ?",
        [*params, limit, offset],
    )
    return [AssetRow(*row) for row in rows]


def count(
    store: Store,
    kind: str,
    words: str = "",
    *,
    client: bytes | None = None,
    location: bytes | None = None,
    unpinned: bool = False,
) -> int:
    """How many clients, locations or assets the same filter gives on all pages. ``kind`` as in the tables."""
    source, params = _where(kind, words, client=client, location=location, more="x.lat IS NULL" if unpinned else "")
    return int(store.sql(f"SELECT count(*){source}", params)[0][0])


def place(
    store: Store, kind: str, row: bytes, words: str = "", *, client: bytes | None = None, location: bytes | None = None
) -> int | None:
    """How many rows stand before one of them under the same filter; None when it is not among them."""
    source, params = _where(kind, words, client=client, location=location)
    ids = store.sql(f"SELECT x.id{source} ORDER BY {_ORDER[kind]} LIMIT 50000", params)
    return next((index for index, (one,) in enumerate(ids) if one == row), None)


def contacts(store: Store, client: bytes) -> list[ContactRow]:
    """The people at a client, those who pay first."""
    rows = store.sql(
        "SELECT x.id, x.name, x.role, x.phone, x.email, coalesce(l.name, '') FROM contact x LEFT JOIN location l ON l.id = x.location"
        " WHERE x.client = ? AND x.gone = 0 ORDER BY x.role NOT LIKE 'accounts%', x.role, x.name",
        (client,),
    )
    return [ContactRow(*row) for row in rows]


def _where(
    kind: str, words: str, *, client: bytes | None = None, location: bytes | None = None, more: str = ""
) -> tuple[str, list[Any]]:
    join = "" if kind == "client" else " LEFT JOIN client c ON c.id = x.client"
    tests: list[str] = ["x.gone = 0", "x.merged_into IS NULL"]
    params: list[Any] = []
    for name, value in (("client", client), ("location", location)):
        if value is not None:
            tests.append(f"x.{name} = ?")
            params.append(value)
    if more:
        tests.append(more)
    narrow, values = narrowed(words, _SAID[kind], FIELDS[kind])
    return f" FROM {kind} x{join} WHERE {' AND '.join([*tests, *narrow])}", [*params, *values]


# --- what a caller or a typist may mean -------------------------------------------------------------------------------


def phrase(text: str) -> str:
    """A full-text query for words typed: each must begin a word of the row; nothing typed can be an operator."""
    plain = "".join(letter if letter.isprintable() and letter != '"' else " " for letter in text)
    words = [word for word in re.split(r"[\s,;]+", plain) if re.search(r"\w", word)]
    return " ".join(f'"{word}"*' for word in words)


def found(store: Store, text: str, limit: int = 20, kind: str = "") -> list[tuple[str, bytes]]:
    """(kind, id) of rows whose words begin with all that was typed, the best match first."""
    query = phrase(text)
    if not query:
        return []
    of_kind = " AND kind = ?" if kind else ""
    # Ranking reads every hit, so a short prefix over a large store takes the first hits as they come.
    order = " ORDER BY rank" if len(query) > 7 else ""
    rows = store.sql(
        f"SELECT kind, row FROM search WHERE search MATCH ?{of_kind}{order} LIMIT ?", [query, *([kind] if kind else []), limit]
    )
    return [(row[0], bytes(row[1])) for row in rows]


def short(store: Store, ref: str) -> str:
    """A reference as it is typed at home: ``1042`` for LDN-1042."""
    return ref.removeprefix(f"{store.code}-") if store.code else ref


Offers = list[tuple[str, str]]


def completions_for(store: Store, take: str, typed: str, limit: int = 8) -> Offers:
    """(what to type, what it is) for the word being typed, by what the verb takes there; nothing for free words."""
    offer = _OFFERS.get(take)
    # Wildcards of LIKE are nobody's words.
    plain = typed.replace("%", "").replace("_", "") if take != "case" else typed.replace("%", "")
    return offer(store, plain, limit)[:limit] if offer and (plain or not typed) else []


def _jobs(store: Store, typed: str, limit: int) -> Offers:
    digits = typed.upper().removeprefix(f"{store.code}-")
    if digits.isdigit() and len(digits) < 10:
        rows: list[tuple[Any, ...]] = []
        for width in range(4):
            low = int(digits) * 10**width
            rows += store.sql(
                "SELECT ref, client_name, title, column_ FROM job_now WHERE number BETWEEN ? AND ? ORDER BY column_ = 'closed', number LIMIT ?",
                (low, low + 10**width - 1, limit),
            )
        rows.sort(key=lambda row: row[3] == "closed")
    elif typed:
        rows = store.sql(
            f"SELECT ref, client_name, title, column_ FROM job_now WHERE column_ IN ({_OPEN}) AND words LIKE ? ORDER BY number DESC LIMIT ?",
            (f"%{typed.lower()}%", limit),
        )
    else:
        rows = store.sql(
            f"SELECT ref, client_name, title, column_ FROM job_now WHERE column_ IN ({_OPEN}) ORDER BY number DESC LIMIT ?",
            (limit,),
        )
    return [(short(store, ref), f"{client} · {title}, {column}") for ref, client, title, column in rows]


_OPEN = "'logged', 'scheduled', 'dispatched', 'en route', 'on site', 'waiting parts', 'complete', 'signed off', 'parked'"


def _technicians(store: Store, typed: str, limit: int) -> Offers:
    rows = store.sql(
        "SELECT t.code, t.name, t.skills, (SELECT n.column_ || ' at ' || n.location_name FROM job_now n WHERE n.technician = t.id"
        " AND n.column_ IN ('on site', 'en route') LIMIT 1) FROM technician t WHERE t.gone = 0"
        " AND (t.code LIKE ? OR t.name LIKE ? OR t.name LIKE ?) ORDER BY t.code LIMIT ?",
        (f"{typed}%", f"{typed}%", f"% {typed}%", limit),
    )
    return [(code, f"{name}, {at or 'free'}") for code, name, _, at in rows]


def _visits(store: Store, typed: str, limit: int) -> Offers:
    if typed[:1].isdigit():
        return _jobs(store, typed, limit)
    return [*_technicians(store, typed, limit), *(_jobs(store, typed, limit) if typed else [])]


def _clients(store: Store, typed: str, limit: int) -> Offers:
    return [(short(store, ref), name) for ref, name in _clients_like(store, typed, limit)]


def _clients_like(store: Store, typed: str, limit: int) -> list[tuple[str, str]]:
    rows = store.sql(
        f"SELECT ref, name FROM client WHERE {LIVE} AND (name LIKE ? OR name LIKE ? OR ref LIKE ? OR ref LIKE ?)"
        " ORDER BY name LIKE ? DESC, name LIMIT ?",
        (f"{typed}%", f"% {typed}%", f"{typed}%", f"{store.code}-{typed}%", f"{typed}%", limit),
    )
    return [(row[0], row[1]) for row in rows]


def _call(store: Store, typed: str, limit: int) -> Offers:
    if typed.startswith("@"):
        return [
            ("@" + squeezed(name), f"{client}, {name} {postcode}")
            for client, name, postcode, _ in _places(store, typed[1:], limit)
        ]
    if typed.startswith("#"):
        return [("#" + value, says) for value, says in _assets(store, typed[1:], limit)]
    return [(name, short(store, ref)) for ref, name in _clients_like(store, typed, limit)] if typed else []


def _places(store: Store, typed: str, limit: int) -> list[tuple[str, str, str, str]]:
    rows = store.sql(
        "SELECT coalesce(c.name, ''), l.name, l.postcode, l.ref FROM location l LEFT JOIN client c ON c.id = l.client WHERE l.gone = 0"
        " AND l.merged_into IS NULL AND (replace(lower(l.name), ' ', '') LIKE ? OR l.ref LIKE ? OR l.ref LIKE ? OR replace(l.postcode, ' ', '')"
        " LIKE ?) ORDER BY c.name, l.name LIMIT ?",
        (f"%{squeezed(typed)}%", f"{typed}%", f"{store.code}-{typed}%", f"{typed.replace(' ', '')}%", limit),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _locations(store: Store, typed: str, limit: int) -> Offers:
    return [(short(store, ref), f"{client}, {name} {postcode}") for client, name, postcode, ref in _places(store, typed, limit)]


def _assets(store: Store, typed: str, limit: int) -> Offers:
    rows = [row for _, row in found(store, typed, limit, "asset")]
    if not typed:
        rows = [row[0] for row in store.sql(f"SELECT id FROM asset WHERE {LIVE} LIMIT ?", (limit,))]
    offers = []
    for row in rows:
        one = store.one(
            "SELECT a.serial, a.ref, a.maker || ' ' || CASE a.model WHEN '' THEN a.kind ELSE a.model END, coalesce(c.name, '')"
            " FROM asset a LEFT JOIN client c ON c.id = a.client WHERE a.id = ?",
            (row,),
        )
        if one:
            offers.append((one[0] if one[0] and " " not in one[0] else short(store, one[1]), f"{one[2].strip()}, {one[3]}"))
    return offers


def _contracts(store: Store, typed: str, limit: int) -> Offers:
    rows = store.sql(
        "SELECT k.ref, coalesce(c.name, ''), k.name FROM contract k LEFT JOIN client c ON c.id = k.client WHERE k.gone = 0"
        " AND k.merged_into IS NULL AND (k.ref LIKE ? OR k.ref LIKE ? OR c.name LIKE ?) ORDER BY k.ref LIMIT ?",
        (f"{typed}%", f"{store.code}-{typed}%", f"%{typed}%", limit),
    )
    return [(short(store, ref), f"{client} · {name}".strip(" ·")) for ref, client, name in rows]


def _jobs_and_contracts(store: Store, typed: str, limit: int) -> Offers:
    return [*(_contracts(store, typed, limit // 2 or 1) if not typed.isdigit() else []), *_jobs(store, typed, limit)]


def _cases(store: Store, typed: str, limit: int) -> Offers:
    rows = store.sql(
        "WITH named AS (SELECT coalesce(j.ref, k.ref, l.ref, a.ref, t.code, c.key) AS name, c.reason, c.says, c.value FROM case_now c"
        " LEFT JOIN job j ON j.id = c.job LEFT JOIN contract k ON k.id = c.contract LEFT JOIN client l ON l.id = c.client"
        " LEFT JOIN asset a ON a.id = c.thing LEFT JOIN technician t ON t.id = c.thing)"
        " SELECT name, reason, says, (SELECT count(*) FROM named o WHERE o.name = named.name) FROM named"
        " WHERE name LIKE ? OR name LIKE ? OR says LIKE ? ORDER BY value DESC LIMIT ?",
        (f"{typed}%", f"{store.code}-{typed}%", f"%{typed}%", limit),
    )
    return [(short(store, ref) + (f"/{reason}" if many > 1 else ""), says) for ref, reason, says, many in rows]


def _parts(store: Store, typed: str, limit: int) -> Offers:
    rows = store.sql(
        "SELECT code, name, price FROM part WHERE gone = 0 AND code != '' AND (code LIKE ? OR name LIKE ?) ORDER BY code LIMIT ?",
        (f"{typed}%", f"%{typed}%", limit),
    )
    return [
        (code, f"{name}{', ' + show(price, store.currency) if price is not None else ', no price'}") for code, name, price in rows
    ]


def _invoices(store: Store, typed: str, limit: int) -> Offers:
    rows = store.sql(
        "SELECT i.number, coalesce(c.name, ''), i.gross, i.currency FROM invoice i LEFT JOIN client c ON c.id = i.client"
        " WHERE i.void = 0 AND i.kind != 'credit note' AND i.number LIKE ? ORDER BY i.issued_on DESC, i.number DESC LIMIT ?",
        (f"%{typed}%", limit),
    )
    return [(number, f"{client}, {show(gross, currency or store.currency)}") for number, client, gross, currency in rows]


def _people(store: Store, typed: str, limit: int) -> Offers:
    rows = store.sql(
        "SELECT name, full_name || CASE role WHEN '' THEN '' ELSE ', ' || role END FROM person WHERE gone = 0 AND name LIKE ?"
        " UNION SELECT DISTINCT by_, '' FROM (SELECT by_ FROM log ORDER BY n DESC LIMIT 500) WHERE by_ LIKE ? ORDER BY 1 LIMIT ?",
        (f"{typed}%", f"{typed}%", limit),
    )
    return list({name: (name, says) for name, says in rows}.values())


def _sites(store: Store, typed: str, limit: int) -> Offers:
    rows = store.sql("SELECT code, name FROM site WHERE code LIKE ? ORDER BY code LIMIT ?", (f"{typed}%", limit))
    return [(code, name) for code, name in rows]


def _among(*words: str) -> Callable[[Store, str, int], Offers]:
    return lambda store, typed, limit: [(word, "") for word in words if word.startswith(typed.lower())]


def squeezed(text: str) -> str:
    """Letters and digits alone, lower case: how places and numbers are compared."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


_DAYS = _among("today", "tomorrow", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OFFERS: dict[str, Callable[[Store, str, int], Offers]] = {
    "call": _call, "job": _jobs, "jobs_or_contract": _jobs_and_contracts, "billed": _jobs_and_contracts, "technician": _technicians, "visit": _visits,
    "client": _clients, "contract": _contracts, "asset": _assets, "location": _locations, "case": _cases, "part": _parts,
    "invoice": _invoices, "person": _people, "choice": _sites, "day": _DAYS, "wake": _DAYS, "when": _DAYS,
    "kind": _among("travel"), "rate_kind": _among("labour", "travel", "call-out", "no-access", "abort"),
    "merge_kind": _among("client", "location", "asset"), "sign": _among("unattended", "remote", "refused"), "eta": _among("eta"),
}  # fmt: skip

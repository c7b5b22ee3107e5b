"""Trails as they are kept and what follows from them: sealed pieces by day, stays, the last position.

It stands apart from tracks.py because a trail that came from another site is settled by the same few functions.

A piece is a fact (technician, day, digest); its fixes lie in the blob of that digest, which expires. Stays and the last
position are caches: ``settle_trail`` makes them again from whatever pieces are here.

Always: one fix of a technician and instant is kept once; an expired day is not taken in again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from math import cos, radians

from fsconsole.rules.trail import Place, haversine, keep, stays, stops, travelled
from fsconsole.rules.trail_codec import decode_fixes, encode_fixes
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.tables import Put, put, void
from fsconsole.values.work import Fix, Id

#: Days a trail is kept after it came in.
KEPT_DAYS = 90
#: Pieces of one technician and day after which they are made one again: a phone heard every minute leaves hundreds.
PIECES = 12
#: How near a place must be to the trail to be asked about, in metres.
NEARBY = 300
_CELL = 30_000  # degrees x 10^7: a little over 300 m north and south


def fixes_of(store: Store, technician: bytes, day: date) -> list[Fix]:
    """A technician's fixes of one local day in order of time; those that have expired or not arrived are left out."""
    found: dict[datetime, Fix] = {}
    for _, fixes in pieces_of(store, technician, day):
        for fix in fixes or ():
            found.setdefault(fix.at, fix)
    return [found[at] for at in sorted(found)]


def pieces_of(store: Store, technician: bytes, day: date) -> list[tuple[bytes, list[Fix] | None]]:
    """(id of the piece, its fixes or None when they are not here) of one technician and day."""
    rows = store.sql(
        "SELECT p.id, b.bytes FROM trail_piece p LEFT JOIN blob b ON b.digest = p.digest"
        " WHERE p.technician = ? AND p.day = ? AND p.void = 0 ORDER BY p.start",
        (technician, day.isoformat()),
    )
    return [(row, _decoded(data)) for row, data in rows]


def _decoded(data: bytes | None) -> list[Fix] | None:
    try:
        return decode_fixes(data) if data else None
    except ValueError:
        return None  # a damaged blob is one that is not here: verify names it, the trail goes on without


def add_fixes(store: Store, technician: bytes, day: date, fixes: Sequence[Fix], now: datetime) -> tuple[list[Put], int]:
    """What to save so that these fixes are kept with those of the day: (writes, how many fixes were new).

    Writes the blob into the caller's transaction; the returned Puts are the caller's to save in the same one.
    """
    if _expired(store, technician, day):
        return [], 0
    pieces = pieces_of(store, technician, day)
    known = {fix.at for _, some in pieces for fix in some or ()}
    new = {fix.at: fix for fix in fixes if fix.at not in known}
    if not new:
        return [], 0
    puts: list[Put] = []
    count = len(new)
    here = [(row, some) for row, some in pieces if some is not None]
    if len(here) >= PIECES:
        for row, some in here:
            puts.append(void("trail_piece", row))
            new |= {fix.at: fix for fix in some}
    ordered = [new[at] for at in sorted(new)]
    data = encode_fixes(ordered)
    digest = sha256(data).digest()
    expires = (now.date() + timedelta(days=KEPT_DAYS)).isoformat()
    store.raw.execute(
        "INSERT OR IGNORE INTO blob (digest, bytes, kind, expires) VALUES (?, ?, 'trail', ?)", (digest, data, expires)
    )
    row = sha256(technician + day.isoformat().encode() + digest).digest()[:16]
    first, last = ordered[0].at, ordered[-1].at
    values = {"technician": technician, "day": day, "start": first, "end": last, "fixes": len(ordered), "digest": digest}
    return [*puts, put("trail_piece", row, **values)], count


def _expired(store: Store, technician: bytes, day: date) -> bool:
    """Whether fixes of that day were here and have been destroyed."""
    found = store.one(
        "SELECT 1 FROM trail_piece p JOIN blob b ON b.digest = p.digest"
        " WHERE p.technician = ? AND p.day = ? AND b.bytes IS NULL LIMIT 1",
        (technician, day.isoformat()),
    )
    return found is not None


def settle_trail(store: Store, technician: bytes, day: date, now: datetime) -> None:
    """Makes the stays of one technician and day, and the last position, again from the pieces that are here."""
    fixes = keep(fixes_of(store, technician, day), now).fixes
    places = _places(store, technician, day, fixes)
    known = stays(fixes, places)
    found = sorted([*known, *stops(fixes, known)], key=lambda stay: stay.start)
    on = day.isoformat()
    with store.writing() as conn:
        conn.execute("DELETE FROM stay_now WHERE technician = ? AND day = ?", (technician, on))
        conn.executemany(
            "INSERT OR IGNORE INTO stay_now (technician, start, end, lat, lon, location, fixes, day)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(technician, ms(s.start), ms(s.end), s.lat, s.lon, s.location or None, s.fixes, on) for s in found],
        )
        if not fixes:
            conn.execute("DELETE FROM position_now WHERE technician = ? AND day = ?", (technician, on))
            return
        last = fixes[-1]
        battery = next((fix.battery for fix in reversed(fixes) if fix.battery is not None), None)
        conn.execute(
            "INSERT INTO position_now (technician, at, lat, lon, battery, metres_today, day) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (technician) DO UPDATE SET at = excluded.at, lat = excluded.lat, lon = excluded.lon,"
            " battery = excluded.battery, metres_today = excluded.metres_today, day = excluded.day"
            " WHERE excluded.at >= position_now.at",
            (technician, ms(last.at), last.lat, last.lon, battery, travelled(fixes), on),
        )


def settle_trails(store: Store, now: datetime, since: date | None = None) -> int:
    """Makes every stay and position since a day again, as after a rebuild or when pieces came from another site."""
    start = (since or date.min).isoformat()
    rows = store.sql("SELECT DISTINCT technician, day FROM trail_piece WHERE technician IS NOT NULL AND day >= ?", (start,))
    for technician, day in rows:
        settle_trail(store, technician, date.fromisoformat(day), now)
    return len(rows)


def expire(store: Store, today: date) -> int:
    """Destroys fixes past their day; their pieces stay in the log as digests. Returns how many blobs went."""
    with store.writing() as conn:
        gone = conn.execute(
            # What another site sent carries no day of its own: it goes as long after the day it is of.
            "UPDATE blob SET bytes = NULL WHERE kind = 'trail' AND bytes IS NOT NULL AND (expires < ? OR (expires IS NULL"
            " AND digest IN (SELECT digest FROM trail_piece WHERE day < ?)))",
            (today.isoformat(), (today - timedelta(days=KEPT_DAYS)).isoformat()),
        )
        conn.execute(
            "DELETE FROM stay_now WHERE (technician, day) IN"
            " (SELECT p.technician, p.day FROM trail_piece p JOIN blob b ON b.digest = p.digest WHERE b.bytes IS NULL)"
        )
    return int(gone.rowcount)


def _places(store: Store, technician: bytes, day: date, fixes: Sequence[Fix]) -> list[Place]:
    """The locations to ask about: of the technician's visits that day, and every one near the trail."""
    if not fixes:
        return []
    start, end = ms(fixes[0].at), ms(fixes[-1].at)
    places: dict[bytes, Place] = {}
    visited = store.sql(
        "SELECT DISTINCT l.id, l.lat, l.lon FROM visit v JOIN job j ON j.id = v.job JOIN location l ON l.id = j.location"
        " WHERE v.technician = ? AND v.gone = 0 AND l.lat IS NOT NULL AND l.lon IS NOT NULL AND (v.booked_from BETWEEN ? AND ?"
        " OR EXISTS (SELECT 1 FROM event e WHERE e.visit = v.id AND e.at BETWEEN ? AND ?))",
        (technician, start - 43_200_000, end + 43_200_000, start, end),
    )
    for row, lat, lon in [*visited, *_near(store, fixes)]:
        places[row] = (Id(row), lat, lon)
    return list(places.values())


def _near(store: Store, fixes: Sequence[Fix]) -> Iterable[tuple[bytes, int, int]]:
    lats, lons = [fix.lat for fix in fixes], [fix.lon for fix in fixes]
    wide = int(_CELL / max(0.01, cos(radians(max(map(abs, lats)) / 1e7))))
    rows = store.sql(
        "SELECT id, lat, lon FROM location WHERE gone = 0 AND merged_into IS NULL"
        " AND lat BETWEEN ? AND ? AND lon BETWEEN ? AND ?",
        (min(lats) - _CELL, max(lats) + _CELL, min(lons) - wide, max(lons) + wide),
    )
    if not rows:
        return
    cells: dict[tuple[int, int], list[Fix]] = {}
    for fix in fixes:
        cells.setdefault((fix.lat // _CELL, fix.lon // wide), []).append(fix)
    for row, lat, lon in rows:
        north, east = lat // _CELL, lon // wide
        around = (fix for i in (-1, 0, 1) for j in (-1, 0, 1) for fix in cells.get((north + i, east + j), ()))
        if any(haversine(fix.lat, fix.lon, lat, lon) <= NEARBY for fix in around):
            yield row, lat, lon

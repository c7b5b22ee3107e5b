"""The one door for what is done here: stamp, merge, log, in one transaction.

It stands apart so that nobody else makes a stamp or writes the log.

Always: what ``save`` returned from survives the plug (synchronous=FULL); own stamps rise whatever the clocks do.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from fsconsole.changes.batch import Act, Batch, Rows, decode, encode
from fsconsole.changes.stamp import site_of, tick
from fsconsole.errors import StoreError
from fsconsole.store.apply import apply
from fsconsole.store.contest import settle_own
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.tables import KINDS, Merge, Put, column_names

#: Bodies longer than this are compressed in the log.
PLAIN_BODY = 400
#: The same for what others wrote, which arrives many acts at a time: packing small ones costs an eighth of their arrival.
PLAIN_TAKEN = 16 << 10
#: What is typed at the prompt and called: LDN-1042 job, LDN-C204 contract, LDN-K12 client ...
SERIES = {"job": ("", 1001), "contract": ("C", 101), "client": ("K", 1), "location": ("L", 1), "asset": ("A", 1)}


def save(store: Store, act: Act, puts: Iterable[Put], now: datetime) -> int:
    """Saves what a person did, as one batch; returns its stamp.

    Raises StoreError when nothing could be saved; then nothing was.
    """
    rows = grouped(puts)
    if not rows:
        return 0
    with store.writing() as conn:
        batch = Batch(stamp=next_stamp(conn, store.site, now, _ahead(conn, rows)), act=act, rows=rows)
        apply(conn, batch)
        log(conn, batch)
        settle_own(conn, batch)
    return batch.stamp


def next_stamp(conn: sqlite3.Connection, site: int, now: datetime, over: int = 0) -> int:
    """Our next stamp, greater than ``over``, kept in the same transaction as the save."""
    if not site:
        raise StoreError("This store has no site yet.", "Make one with: fsconsole init --site LDN")
    row = conn.execute("SELECT value FROM own WHERE key = 'clock'").fetchone()
    stamp = tick(row[0] if row else 0, ms(now), site, over)
    conn.execute("INSERT OR REPLACE INTO own (key, value) VALUES ('clock', ?)", (stamp,))
    return stamp


def _ahead(conn: sqlite3.Connection, rows: Sequence[Rows]) -> int:
    """The greatest clock among the fields being overwritten; 0, unasked, while nobody's stamps are ahead of ours.

    A site whose clock runs ahead must not win over an edit made here after its own was read.
    """
    known = dict(conn.execute("SELECT key, value FROM own WHERE key IN ('furthest', 'clock')").fetchall())
    if known.get("furthest", 0) <= known.get("clock", 0):
        return 0
    found = 0
    for group in rows:
        model = KINDS.get(group.kind)
        if model is None or model.merge is not Merge.DESCRIPTION or not group.fields:
            continue
        clocks = ", ".join(f'max("c_{name}")' for name in column_names(group.kind, group.fields) if name) or "0"
        table = model._meta.table_name
        for start in range(0, len(group.rows), 500):
            some = [row[0] for row in group.rows[start : start + 500]]
            row = conn.execute(f'SELECT {clocks} FROM "{table}" WHERE id IN ({",".join("?" * len(some))})', some).fetchone()
            found = max(found, *(clock or 0 for clock in row))
    return found


def log(conn: sqlite3.Connection, batch: Batch, body: bytes | None = None) -> bool:
    """Writes a batch into the log; False when it stood there already."""
    raw = encode(batch) if body is None else body
    if len(raw) > (PLAIN_BODY if body is None else PLAIN_TAKEN):
        raw = b"z" + zlib.compress(raw, 1)
    cursor = conn.execute(
        "INSERT OR IGNORE INTO log (stamp, site, act, by_, verb, body) VALUES (?, ?, ?, ?, ?, ?)",
        (batch.stamp, site_of(batch.stamp), batch.act.id, batch.act.by, batch.act.verb, raw),
    )
    return cursor.rowcount > 0


def logged_bytes(body: bytes) -> bytes:
    """The encoded batch of a log row's body."""
    return zlib.decompress(body[1:]) if body[:1] == b"z" else body


def logged(body: bytes) -> Batch:
    """The batch of a log row's body."""
    return decode(logged_bytes(body))


def grouped(puts: Iterable[Put]) -> list[Rows]:
    """Writes gathered by kind and columns; a column written twice in one act keeps the last value."""
    merged: dict[tuple[int, bytes], dict[int, object]] = {}
    for item in puts:
        merged.setdefault((item.kind, item.id), {}).update(item.values)
    groups: dict[tuple[int, tuple[int, ...]], list[tuple[object, ...]]] = {}
    for (kind, row), values in merged.items():
        numbers = tuple(sorted(values))
        groups.setdefault((kind, numbers), []).append((row, *(values[number] for number in numbers)))
    return [Rows(kind=kind, fields=numbers, rows=rows) for (kind, numbers), rows in groups.items()]


def take_refs(store: Store, kind: str, count: int = 1) -> list[str]:
    """The next references of our own series for a kind: ``LDN-1042``. A refused act may leave a number unused."""
    letter, first = SERIES[kind]
    with store.writing() as conn:
        row = conn.execute("SELECT next FROM series WHERE kind = ?", (kind,)).fetchone()
        start = row[0] if row else max(first, _highest(conn, kind, f"{store.code}-{letter}") + 1)
        conn.execute("INSERT OR REPLACE INTO series (kind, next) VALUES (?, ?)", (kind, start + count))
    return [f"{store.code}-{letter}{number}" for number in range(start, start + count)]


def _highest(conn: sqlite3.Connection, kind: str, prefix: str) -> int:
    refs = conn.execute(f'SELECT ref FROM "{kind}" WHERE ref >= ? AND ref < ?', (prefix, prefix + "~")).fetchall()
    numbers = [ref[len(prefix) :] for (ref,) in refs]
    return max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0)


def site_codes(store: Store) -> Sequence[tuple[int, str]]:
    """(number, code) of every site known here."""
    return store.sql("SELECT number, code FROM site WHERE number > 0 ORDER BY number")

"""Replaying the log on an empty store gives this store: the proof, and the way out of any damage.

It stands apart because verify, repair and upgrades are this one mechanism.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fsconsole.store.apply import apply
from fsconsole.store.contest import Hindsight
from fsconsole.store.opening import Store, open_store
from fsconsole.store.record import logged
from fsconsole.store.tables import KINDS


@dataclass(frozen=True, slots=True)
class Proof:
    """What a replay found: rows compared, batches replayed, and the first difference in words ('' when none)."""

    batches: int
    rows: int
    difference: str = ""


def replay_into(source: Store, target: Store, *, until: int | None = None) -> int:
    """Applies every logged batch of ``source`` to the empty store ``target``; returns how many."""
    done = 0
    last = 0
    while True:
        some = source.sql("SELECT n, body FROM log WHERE n > ? ORDER BY n LIMIT 500", (last,))
        if not some:
            return done
        with target.writing() as conn:
            for n, body in some:
                last = n
                batch = logged(body)
                if until is None or batch.stamp <= until:
                    apply(conn, batch)
                    done += 1


def rebuild(conn: sqlite3.Connection) -> int:
    """Empties every synced table and applies the log anew, within the caller's transaction; returns how many batches.

    What is derived from the tables must be derived again afterwards: everything is marked.
    """
    for model in KINDS.values():
        conn.execute(f'DELETE FROM "{model._meta.table_name}"')
    for table in ("touched", "contested", "parked"):
        conn.execute(f"DELETE FROM {table}")
    done, last = 0, 0
    witness = Hindsight(conn)
    while some := conn.execute("SELECT n, body FROM log WHERE n > ? ORDER BY n LIMIT 500", (last,)).fetchall():
        for _, body in some:
            apply(conn, logged(body), witness)
        last, done = some[-1][0], done + len(some)
    return done


def verify(store: Store) -> Proof:
    """Replays the log on an empty store and compares every synced table, column by column, clocks included."""
    with TemporaryDirectory() as folder:
        copy = open_store(Path(folder) / "replay.db")
        try:
            batches = replay_into(store, copy)
            rows, difference = _compare(store, copy)
        finally:
            copy.close()
    return Proof(batches, rows, difference)


def _compare(store: Store, copy: Store) -> tuple[int, str]:
    total = 0
    for model in KINDS.values():
        table = str(model._meta.table_name)
        names = [row[1] for row in store.sql(f'PRAGMA table_info("{table}")')]
        query = f'SELECT {", ".join(chr(34) + n + chr(34) for n in names)} FROM "{table}" ORDER BY id'
        ours, theirs = store.raw.execute(query), copy.raw.execute(query)
        while True:
            one, other = ours.fetchone(), theirs.fetchone()
            if one is None and other is None:
                break
            if one != other:
                return total, _differing(table, names, one, other)
            total += 1
    return total, ""


def _differing(table: str, names: list[str], one: tuple[object, ...] | None, other: tuple[object, ...] | None) -> str:
    if one is None or other is None:
        row = one or other or ()
        return f"{table} {bytes(row[0]).hex()} stands only in {'the store' if one else 'the log'}"  # type: ignore[call-overload]
    name = next(n for n, a, b in zip(names, one, other, strict=True) if a != b)
    index = names.index(name)
    return f"{table} {bytes(one[0]).hex()}: {name} is {one[index]!r} in the store, {other[index]!r} by the log"  # type: ignore[call-overload]

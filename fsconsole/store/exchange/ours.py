"""Our own frames: what was saved and stands in none yet, what is not out yet, a new epoch.

It stands apart because a number of ours that was signed twice could never be put right.

Always: the frame, its number and how far it reaches are written in one transaction, before a byte of it leaves.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping

from fsconsole.changes import frame as frames
from fsconsole.changes.frame import Header
from fsconsole.store.exchange.streams import hear, move, own_value, put_own, retip, vector
from fsconsole.store.record import logged_bytes

#: Batches framed in one go, in bytes: the store is held by one writer meanwhile.
LOT = 4 << 20


Seal = Callable[[int, int, bytes, Mapping[int, int], list[tuple[int, bytes]]], bytes]
"""(epoch, seq, previous hash, vector, [(stamp, batch bytes)]) -> a frame's bytes."""


def is_unframed(conn: sqlite3.Connection, own: int) -> bool:
    """Whether something saved here stands in no frame yet."""
    return bool(last_saved(conn, own) > own_value(conn, "framed_n", 0))


def last_saved(conn: sqlite3.Connection, own: int) -> int:
    """A number that rises with every save made here."""
    return int(conn.execute("SELECT coalesce(max(n), 0) FROM log WHERE site = ?", (own,)).fetchone()[0])


def saved_after(conn: sqlite3.Connection, own: int, epoch: int = -1, seq: int = 0) -> int:
    """The stamp of the first save of ours after a frame, 0 when there is none; without an epoch, of the first in no frame."""
    if epoch < 0:
        query = "SELECT min(stamp) FROM log WHERE site = ? AND n > ?"
        return int(conn.execute(query, (own, own_value(conn, "framed_n", 0))).fetchone()[0] or 0)
    query = "SELECT bytes FROM frame WHERE site = ? AND epoch = ? AND seq = ?"
    row = conn.execute(query, (own, epoch, seq + 1)).fetchone()
    header = frames.peek(row[0]) if row else None
    return header.min_stamp if isinstance(header, Header) else 0


def frame_unframed(conn: sqlite3.Connection, own: int, seal: Seal) -> int:
    """Frames what was saved here and stands in no frame yet, within the caller's transaction; returns how many frames.

    Must run before anything of others is applied in that transaction: a frame's vector holds for all of it.
    """
    made = 0
    read = vector(conn, own)
    epoch = own_value(conn, "epoch", 0)
    for lot in frames.portions(_unframed(conn, own)):
        seq, prev = _last_own(conn, own, epoch)
        data = seal(epoch, seq + 1, prev, read, [(stamp, body) for stamp, body in lot])
        conn.execute(
            "INSERT INTO frame (site, epoch, seq, hash, bytes) VALUES (?, ?, ?, ?, ?)",
            (own, epoch, seq + 1, frames.hash_of(data), data),
        )
        hear(conn, own, lot[0][0], read)
        move(conn, own, epoch, seq + 1, frames.hash_of(data), lot[-1][0])
        put_own(
            conn, "framed_n", conn.execute("SELECT max(n) FROM log WHERE site = ? AND stamp = ?", (own, lot[-1][0])).fetchone()[0]
        )
        made += 1
    return made


def _unframed(conn: sqlite3.Connection, own: int) -> Iterator[tuple[int, bytes]]:
    rows = conn.execute(
        "SELECT stamp, body FROM log WHERE site = ? AND n > ? ORDER BY n", (own, own_value(conn, "framed_n", 0))
    ).fetchall()
    for stamp, body in rows:
        yield stamp, logged_bytes(body)


def _last_own(conn: sqlite3.Connection, own: int, epoch: int) -> tuple[int, bytes]:
    query = "SELECT seq, hash FROM tip WHERE site = ? AND epoch = ?"
    row = conn.execute(query, (own, epoch)).fetchone()
    return row if row else (0, bytes(own_value(conn, "epoch_prev", frames.NO_HASH)))


def unpublished(conn: sqlite3.Connection, own: int, limit: int = LOT) -> list[tuple[int, int, bytes, bytes]]:
    """(epoch, seq, hash, bytes) of our frames that were not yet copied to the folder, in order, up to ``limit`` bytes."""
    found: list[tuple[int, int, bytes, bytes]] = []
    total = 0
    query = "SELECT epoch, seq, hash, bytes FROM frame WHERE site = ? AND published = 0 ORDER BY epoch, seq"
    for row in conn.execute(query, (own,)):
        if found and (row[:2] != (found[-1][0], found[-1][1] + 1) or total + len(row[3]) > limit):
            break
        found.append(row)
        total += len(row[3])
    return found


def mark_published(conn: sqlite3.Connection, own: int, epoch: int, first: int, last: int, done: bool = True) -> None:
    query = "UPDATE frame SET published = ? WHERE site = ? AND epoch = ? AND seq BETWEEN ? AND ? AND published <> ?"
    conn.execute(query, (int(done), own, epoch, first, last, int(done)))


def set_back(conn: sqlite3.Connection, own: int) -> None:
    """Before a new epoch of ours: frames that never went out are undone, their batches noted to be framed again."""
    again = set(json.loads(own_value(conn, "reframe", "[]")))
    rows = conn.execute("SELECT bytes FROM frame WHERE site = ? AND published = 0", (own,)).fetchall()
    for header in (frames.peek(row[0]) for row in rows):
        if isinstance(header, Header):
            span = (own, header.min_stamp, header.max_stamp)
            again |= {n for (n,) in conn.execute("SELECT n FROM log WHERE site = ? AND stamp BETWEEN ? AND ?", span)}
    conn.execute("DELETE FROM frame WHERE site = ? AND published = 0", (own,))
    for (epoch,) in conn.execute("SELECT epoch FROM tip WHERE site = ?", (own,)).fetchall():
        retip(conn, own, epoch)
    put_own(conn, "reframe", json.dumps(sorted(again)))
    put_own(conn, "restoring", 1)


def open_epoch(conn: sqlite3.Connection, own: int, epoch: int, framed: Callable[[int], set[tuple[int, bytes]]]) -> int:
    """Opens a new epoch of ours; returns how many saves wait to be framed in it.

    ``framed`` gives the (stamp, act) of every batch in the frames of ours that may hold a stamp.
    """
    candidates = set(json.loads(own_value(conn, "reframe", "[]")))
    query = "SELECT n FROM log WHERE site = ? AND n > ?"
    candidates |= {n for (n,) in conn.execute(query, (own, own_value(conn, "framed_n", 0)))}
    (last,) = conn.execute("SELECT coalesce(max(n), 0) FROM log").fetchone()
    at = last
    for n in sorted(candidates):
        stamp, act = conn.execute("SELECT stamp, act FROM log WHERE n = ?", (n,)).fetchone()
        if (stamp, act) not in framed(stamp):
            at += 1
            conn.execute("UPDATE log SET n = ? WHERE n = ?", (at, n))
    if at > last:
        conn.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'log'", (at,))
    prev = conn.execute("SELECT hash FROM tip WHERE site = ? ORDER BY epoch DESC LIMIT 1", (own,)).fetchone()
    put_own(conn, "framed_n", last)
    put_own(conn, "epoch", epoch)
    put_own(conn, "epoch_prev", prev[0] if prev else frames.NO_HASH)
    put_own(conn, "series_epoch", epoch >> 32)
    conn.execute("DELETE FROM own WHERE key IN ('reframe', 'restoring')")
    # The next references follow from what is here now, the tail that was taken back included.
    conn.execute("DELETE FROM series")
    return int(at - last)


def holding(conn: sqlite3.Connection, own: int, stamp: int) -> list[bytes]:
    """Frames of ours whose range of stamps holds this one."""
    found = []
    for (data,) in conn.execute("SELECT bytes FROM frame WHERE site = ?", (own,)):
        header = frames.peek(data)
        if isinstance(header, Header) and header.min_stamp <= stamp <= header.max_stamp:
            found.append(data)
    return found

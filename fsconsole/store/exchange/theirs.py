"""Frames of other sites: taken in one piece, or taken back out.

It stands apart because here what others wrote becomes rows, log and stream at once.

Always: a frame is kept, its batches applied and logged, and its site's tip moved, or none of that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from fsconsole.changes.batch import Batch
from fsconsole.changes.frame import Frame, Header, Sealed
from fsconsole.changes.stamp import MAX_SITE, observe
from fsconsole.store.apply import Marks, apply
from fsconsole.store.contest import Contest
from fsconsole.store.exchange.streams import hear, move, own_value, put_own, retip
from fsconsole.store.record import log


def take(
    conn: sqlite3.Connection,
    sealed: Sealed,
    frame: Frame,
    *,
    own: int,
    now_ms: int,
    refuse: Callable[[Batch], str],
    covered: int = 0,
) -> tuple[int, list[tuple[int, str]]]:
    """Takes a proved and opened frame whose predecessor is here, within the caller's transaction.

    ``refuse`` says why a batch does not count, '' when it does; what is stamped up to ``covered`` came with a snapshot
    and is logged only. Returns (batches that were new, refused (stamp, why)).
    """
    header = frame.header
    author = header.site
    conn.execute(
        "INSERT OR IGNORE INTO frame (site, epoch, seq, hash, bytes, published) VALUES (?, ?, ?, ?, ?, 1)",
        (author, header.epoch, header.seq, frame.hash, sealed.data),
    )
    hear(conn, author, header.min_stamp, frame.vector)
    marks = Marks()
    witness = Contest(conn, author, frame.vector, marks)
    new, refused = 0, []
    for batch, raw in zip(frame.batches, frame.raw, strict=True):
        why = refuse(batch)
        if why:
            refused.append((batch.stamp, why))
        elif log(conn, batch, raw):
            if batch.stamp > covered:
                apply(conn, batch, witness, marks)
            else:
                for rows in batch.rows:
                    marks.add(rows, batch.stamp, dirty=False)
            new += 1
    marks.write(conn)
    move(conn, author, header.epoch, header.seq, frame.hash, header.max_stamp)
    if author == own:
        put_own(conn, "clock", max(own_value(conn, "clock", 0), header.max_stamp))
    else:
        see(conn, header.max_stamp, own, now_ms)
    return new, refused


def see(conn: sqlite3.Connection, stamp: int, own: int, now_ms: int) -> None:
    """Another site's stamp stands here from now on: ours go on beyond it."""
    put_own(conn, "clock", observe(own_value(conn, "clock", 0), stamp, now_ms, own))
    if stamp > own_value(conn, "furthest", 0):
        put_own(conn, "furthest", stamp)


def withdraw(conn: sqlite3.Connection, header: Header, digest: bytes) -> None:
    """Takes a frame and its batches out of the books; the tables are to be rebuilt afterwards."""
    span = (header.min_stamp, header.max_stamp)
    conn.execute(
        f"INSERT OR IGNORE INTO dirty (kind, row) SELECT kind, row FROM touched WHERE stamp BETWEEN ? AND ? AND (stamp & {MAX_SITE}) = ?",
        (*span, header.site),
    )
    conn.execute("DELETE FROM log WHERE site = ? AND stamp BETWEEN ? AND ?", (header.site, *span))
    conn.execute(
        "DELETE FROM frame WHERE site = ? AND epoch = ? AND seq = ? AND hash = ?", (header.site, header.epoch, header.seq, digest)
    )
    conn.execute("DELETE FROM heard WHERE author = ? AND at BETWEEN ? AND ?", (header.site, header.min_stamp, header.max_stamp))
    retip(conn, header.site, header.epoch)

"""How far each site's stream of frames was read, and what is said about it.

It stands apart because framing, taking and every screen about sync start from these few questions.

A site's frames form a tree (a line, unless two copies of one site wrote); a *tip* is the end of its longest branch.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from fsconsole.changes import frame as frames
from fsconsole.changes.frame import Header


class Tip(NamedTuple):
    """The last frame of a site's epoch that was applied here; ``stamp`` the greatest stamp in it and before."""

    site: int
    epoch: int
    seq: int
    hash: bytes
    stamp: int


def tips(conn: sqlite3.Connection) -> dict[tuple[int, int], Tip]:
    """Every site's epochs and how far each was applied, our own included."""
    return {(row[0], row[1]): Tip(*row) for row in conn.execute("SELECT site, epoch, seq, hash, stamp FROM tip")}


def vector(conn: sqlite3.Connection, own: int) -> dict[int, int]:
    """{other site: greatest stamp applied here}."""
    through = dict(conn.execute("SELECT of, max(through) FROM heard WHERE author = 0 GROUP BY of").fetchall())
    for site, stamp in conn.execute("SELECT site, max(stamp) FROM tip WHERE site <> ? GROUP BY site", (own,)):
        through[site] = max(stamp, through.get(site, 0))
    return {site: stamp for site, stamp in through.items() if site != own and stamp}


def has_frame(conn: sqlite3.Connection, header: Header, digest: bytes) -> bool:
    """Whether exactly this frame was applied here."""
    query = "SELECT 1 FROM frame WHERE site = ? AND epoch = ? AND seq = ? AND hash = ?"
    return conn.execute(query, (header.site, header.epoch, header.seq, digest)).fetchone() is not None


def follows(conn: sqlite3.Connection, header: Header) -> bool:
    """Whether the frame before this one was applied here (the first of all needs none)."""
    if header.prev == frames.NO_HASH:
        return header.seq == 1
    row = conn.execute("SELECT site, epoch, seq FROM frame WHERE hash = ?", (header.prev,)).fetchone()
    if row is None or row[0] != header.site:
        return False
    return header.seq == 1 if row[1] != header.epoch else row[2] == header.seq - 1


def twins(conn: sqlite3.Connection) -> list[tuple[int, int, int]]:
    """(site, epoch, seq) at which a site's frames fork: two frames with one number."""
    return conn.execute("SELECT site, epoch, seq FROM frame GROUP BY site, epoch, seq HAVING count(*) > 1").fetchall()


def overtaken(conn: sqlite3.Connection) -> set[tuple[int, int]]:
    """Epochs that went on after the frame from which a later epoch of the same site began."""
    found = set()
    query = (
        "SELECT f.bytes FROM frame f WHERE f.seq = 1 AND EXISTS"
        " (SELECT 1 FROM tip t WHERE t.site = f.site AND t.epoch <> f.epoch)"
    )
    for (data,) in conn.execute(query).fetchall():
        header = frames.peek(data)
        if isinstance(header, Header):
            row = conn.execute("SELECT epoch, seq FROM frame WHERE hash = ?", (header.prev,)).fetchone()
            past = (
                row
                and conn.execute(
                    "SELECT 1 FROM tip WHERE site = ? AND epoch = ? AND seq > ?", (header.site, row[0], row[1])
                ).fetchone()
            )
            if past:
                found.add((header.site, int(row[0])))
    return found


def kept(conn: sqlite3.Connection, site: int, epoch: int, first: int, last: int) -> list[bytes]:
    """The bytes of frames in a range, in order; of forked ones the first by hash."""
    query = "SELECT seq, bytes FROM frame WHERE site = ? AND epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq, hash DESC"
    return [data for _, data in sorted(dict(conn.execute(query, (site, epoch, first, last))).items())]


def state(conn: sqlite3.Connection, site: int, word: str, says: str, heard_at: int | None = None) -> None:
    """What is said about a site's stream: ``live``, ``gap``, ``held``, ``stopped``, ``forked``, ``removed``."""
    row = conn.execute(
        "SELECT epoch, seq, hash, stamp FROM tip WHERE site = ? ORDER BY stamp DESC, epoch DESC LIMIT 1", (site,)
    ).fetchone() or (0, 0, b"", 0)
    conn.execute(
        "INSERT INTO cursor (site, epoch, seq, hash, stamp, state, says, heard_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (site) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, hash = excluded.hash, stamp = excluded.stamp,"
        " state = excluded.state, says = excluded.says, heard_at = coalesce(excluded.heard_at, heard_at)",
        (site, *row, word, says, heard_at),
    )


def states(conn: sqlite3.Connection) -> dict[int, tuple[str, str, int | None]]:
    """{site: (state, says, heard at)}."""
    return {row[0]: (row[1], row[2], row[3]) for row in conn.execute("SELECT site, state, says, heard_at FROM cursor")}


def move(conn: sqlite3.Connection, site: int, epoch: int, seq: int, digest: bytes, stamp: int) -> None:
    """Moves a tip: the greatest number, of two frames with one number the lesser hash, in any order of arrival."""
    conn.execute(
        "INSERT INTO tip (site, epoch, seq, hash, stamp) VALUES (?, ?, ?, ?, ?) ON CONFLICT (site, epoch) DO UPDATE SET"
        " hash = CASE WHEN excluded.seq > tip.seq OR (excluded.seq = tip.seq AND excluded.hash < tip.hash) THEN excluded.hash ELSE tip.hash END,"
        " seq = max(excluded.seq, tip.seq), stamp = max(excluded.stamp, tip.stamp)",
        (site, epoch, seq, digest, stamp),
    )


def retip(conn: sqlite3.Connection, site: int, epoch: int) -> None:
    """The tip of an epoch from the frames that are kept."""
    row = conn.execute(
        "SELECT seq, hash, bytes FROM frame WHERE site = ? AND epoch = ? ORDER BY seq DESC, hash LIMIT 1", (site, epoch)
    ).fetchone()
    conn.execute("DELETE FROM tip WHERE site = ? AND epoch = ?", (site, epoch))
    if row is not None:
        header = frames.peek(row[2])
        assert isinstance(header, Header)
        move(conn, site, epoch, row[0], row[1], header.max_stamp)


def hear(conn: sqlite3.Connection, author: int, at: int, read: Mapping[int, int]) -> None:
    """Remembers what an author had read from a stamp of its own on."""
    for of, through in read.items():
        row = conn.execute(
            "SELECT through FROM heard WHERE author = ? AND of = ? AND at <= ? ORDER BY at DESC LIMIT 1", (author, of, at)
        ).fetchone()
        if row is None or row[0] != through:
            conn.execute("INSERT OR REPLACE INTO heard (author, of, at, through) VALUES (?, ?, ?, ?)", (author, of, at, through))


def own_value(conn: sqlite3.Connection, key: str, default: Any) -> Any:
    row = conn.execute("SELECT value FROM own WHERE key = ?", (key,)).fetchone()
    return row[0] if row else default


def put_own(conn: sqlite3.Connection, key: str, value: object) -> None:
    conn.execute("INSERT OR REPLACE INTO own (key, value) VALUES (?, ?)", (key, value))

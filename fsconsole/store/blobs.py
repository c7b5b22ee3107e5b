"""Blobs in the store: trails, photos and papers by the digest of what they hold, and which of them the folder lacks.

It stands apart because rows name blobs that may come later, or be gone for good.

``published``: 0 ours and not out yet, 1 ours and out, 2 another site's, 3 ours, out once and gone. Bytes of NULL: destroyed here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

#: What names a blob: (kind of blob, table, its kind, the order in which its blobs are wanted).
_NAMED = (("trail", "trail_piece", 40, "day"), ("file", "attachment", 41, "at"))


def waiting(conn: sqlite3.Connection, limit: int) -> Iterator[tuple[bytes, bytes]]:
    """(digest, bytes) of ours that are not out yet, one at a time: a photo is large."""
    digests = conn.execute("SELECT digest FROM blob WHERE published = 0 AND bytes IS NOT NULL LIMIT ?", (limit,)).fetchall()
    for (digest,) in digests:
        row = conn.execute("SELECT bytes FROM blob WHERE digest = ? AND bytes IS NOT NULL", (digest,)).fetchone()
        if row is not None:
            yield digest, row[0]


def gone(conn: sqlite3.Connection, limit: int) -> list[bytes]:
    """Blobs of ours whose bytes were destroyed here and lie in the folder still."""
    return [row[0] for row in conn.execute("SELECT digest FROM blob WHERE published = 1 AND bytes IS NULL LIMIT ?", (limit,))]


def wanted(conn: sqlite3.Connection, limit: int, turn: int = 0) -> list[bytes]:
    """Digests that rows name and that never were here: of each kind the newest, and some of the others in turn.

    In turn, for what expired before this site joined never comes, and must not stand before what may.
    """
    found: list[bytes] = []
    for _, table, _, newest in _NAMED:
        query = (
            f"FROM {table} p LEFT JOIN blob b ON b.digest = p.digest WHERE b.digest IS NULL AND p.digest IS NOT NULL AND p.void = 0"
        )
        (count,) = conn.execute(f"SELECT count(DISTINCT p.digest) {query}").fetchone()
        some = f"SELECT DISTINCT p.digest {query} ORDER BY p.{newest} DESC LIMIT ? OFFSET ?"
        starts = [0] if count <= limit else [0, limit + turn * limit % (count - limit)]
        for start in starts:
            found += [row[0] for row in conn.execute(some, (limit, start))]
    return found


def count_out(conn: sqlite3.Connection) -> int:
    """How many blobs of ours should lie in the folder."""
    return int(conn.execute("SELECT count(*) FROM blob WHERE published = 1 AND bytes IS NOT NULL").fetchone()[0])


def some_out(conn: sqlite3.Connection, start: int, limit: int) -> list[tuple[bytes, int]]:
    """(digest, size) of some blobs of ours that should lie in the folder."""
    query = "SELECT digest, length(bytes) FROM blob WHERE published = 1 AND bytes IS NOT NULL ORDER BY digest LIMIT ? OFFSET ?"
    return conn.execute(query, (limit, start)).fetchall()


def bytes_of(conn: sqlite3.Connection, digest: bytes) -> bytes | None:
    row = conn.execute("SELECT bytes FROM blob WHERE digest = ?", (digest,)).fetchone()
    return row[0] if row else None


def add(conn: sqlite3.Connection, digest: bytes, data: bytes) -> None:
    """Keeps another site's blob; whatever names it is derived again."""
    for blob, table, kind, _ in _NAMED:
        rows = [row[0] for row in conn.execute(f"SELECT id FROM {table} WHERE digest = ?", (digest,))]
        if rows:
            conn.execute("INSERT OR IGNORE INTO blob (digest, bytes, kind, published) VALUES (?, ?, ?, 2)", (digest, data, blob))
            conn.executemany("INSERT OR IGNORE INTO dirty (kind, row) VALUES (?, ?)", [(kind, row) for row in rows])


def mark(conn: sqlite3.Connection, digest: bytes, published: int) -> None:
    conn.execute("UPDATE blob SET published = ? WHERE digest = ?", (published, digest))


__all__ = ["add", "bytes_of", "count_out", "gone", "mark", "some_out", "waiting", "wanted"]

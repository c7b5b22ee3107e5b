"""What sync writes down beside the frames: what was held and why, the membership log's entries, the newest heads.

It stands apart because these are lists that are only kept and read here; what follows from them is decided in ``sync``.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Held(NamedTuple):
    """Something from the folder that was not taken, in words."""

    name: str
    site: int
    verdict: str
    says: str
    since: int
    size: int


def hold(conn: sqlite3.Connection, name: str, site: int, verdict: str, says: str, now_ms: int, size: int = 0) -> None:
    """Lists something that was not taken; ``since`` stays as long as the verdict does."""
    conn.execute(
        "INSERT INTO held (name, site, verdict, says, since, size) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " since = CASE WHEN held.verdict = excluded.verdict THEN held.since ELSE excluded.since END,"
        " verdict = excluded.verdict, says = excluded.says, size = excluded.size"
        " WHERE held.verdict <> excluded.verdict OR held.says <> excluded.says OR held.size <> excluded.size",
        (name, site, verdict, says, now_ms, size),
    )


def let_go(conn: sqlite3.Connection, name: str) -> None:
    conn.execute("DELETE FROM held WHERE name = ?", (name,))


def held(conn: sqlite3.Connection, under: str = "") -> list[Held]:
    """What is held, the oldest first; of one folder's files with ``under``, which ends in a slash."""
    query = "SELECT name, site, verdict, says, since, size FROM held WHERE name >= ? AND name < ? ORDER BY since, name"
    return [Held(*row) for row in conn.execute(query, (under, under[:-1] + "0" if under else "~"))]


def refusals(conn: sqlite3.Connection) -> list[tuple[int, str, int, int]]:
    """(site, why, how many, when the last in ms) of acts in good frames that were refused: their names begin with the site's number."""
    query = "SELECT site, says, count(*), max(since) FROM held WHERE name < 'a' GROUP BY site, says ORDER BY min(since)"
    return conn.execute(query).fetchall()


def entries(conn: sqlite3.Connection) -> list[bytes]:
    """The membership log's entries as they were written."""
    return [row[0] for row in conn.execute("SELECT bytes FROM member ORDER BY n")]


def add_entry(conn: sqlite3.Connection, digest: bytes, data: bytes, published: bool) -> bool:
    query = "INSERT OR IGNORE INTO member (hash, bytes, published) VALUES (?, ?, ?)"
    return conn.execute(query, (digest, data, int(published))).rowcount > 0


def entry_names(conn: sqlite3.Connection) -> dict[bytes, bytes]:
    """{leading 16 bytes of an entry's hash: its bytes}."""
    return {row[0][:16]: row[1] for row in conn.execute("SELECT hash, bytes FROM member")}


def heads(conn: sqlite3.Connection) -> dict[int, tuple[int, bytes, int]]:
    """{site: (counter, bytes, first seen here in ms)} of the newest head of each site."""
    return {row[0]: (row[1], row[2], row[3]) for row in conn.execute("SELECT site, counter, bytes, at FROM head")}


def put_head(conn: sqlite3.Connection, site: int, counter: int, data: bytes, at: int) -> None:
    conn.execute("INSERT OR REPLACE INTO head (site, counter, bytes, at) VALUES (?, ?, ?, ?)", (site, counter, data, at))

"""Sync's books in the store: frames of every site, how far each was read, what is held, who is a member.

It stands apart because everything here changes in the same transaction as the rows that a frame brings.

Always: a frame is kept, its batches applied and logged, and its site's tip moved, or none of that.
A site's frames form a tree (a line, unless two copies of one site wrote); a *tip* is the end of its longest branch.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from fsconsole.changes import frame as frames
from fsconsole.changes.batch import Batch
from fsconsole.changes.frame import Frame, Header, Sealed
from fsconsole.changes.stamp import MAX_SITE, observe
from fsconsole.store.apply import Marks, apply
from fsconsole.store.contest import Contest
from fsconsole.store.record import log, logged_bytes

#: Batches framed in one go, in bytes: the store is held by one writer meanwhile.
LOT = 4 << 20


class Tip(NamedTuple):
    """The last frame of a site's epoch that was applied here; ``stamp`` the greatest stamp in it and before."""

    site: int
    epoch: int
    seq: int
    hash: bytes
    stamp: int


class Held(NamedTuple):
    """Something from the folder that was not taken, in words."""

    name: str
    site: int
    verdict: str
    says: str
    since: int
    size: int


Seal = Callable[[int, int, bytes, Mapping[int, int], list[tuple[int, bytes]]], bytes]
"""(epoch, seq, previous hash, vector, [(stamp, batch bytes)]) -> a frame's bytes."""


# --- how far ----------------------------------------------------------------------------------------------------------


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


# --- ours -------------------------------------------------------------------------------------------------------------


def is_unframed(conn: sqlite3.Connection, own: int) -> bool:
    """Whether something saved here stands in no frame yet."""
    return bool(last_saved(conn, own) > _entry(conn, "framed_n", 0))


def last_saved(conn: sqlite3.Connection, own: int) -> int:
    """A number that rises with every save made here."""
    return int(conn.execute("SELECT coalesce(max(n), 0) FROM log WHERE site = ?", (own,)).fetchone()[0])


def frame_unframed(conn: sqlite3.Connection, own: int, seal: Seal) -> int:
    """Frames what was saved here and stands in no frame yet, within the caller's transaction; returns how many frames.

    Must run before anything of others is applied in that transaction: a frame's vector holds for all of it.
    """
    made = 0
    read = vector(conn, own)
    epoch = _entry(conn, "epoch", 0)
    for lot in frames.portions(_unframed(conn, own)):
        seq, prev = _last_own(conn, own, epoch)
        data = seal(epoch, seq + 1, prev, read, [(stamp, body) for stamp, body in lot])
        conn.execute(
            "INSERT INTO frame (site, epoch, seq, hash, bytes) VALUES (?, ?, ?, ?, ?)",
            (own, epoch, seq + 1, frames.hash_of(data), data),
        )
        _hear(conn, own, lot[0][0], read)
        _move(conn, own, epoch, seq + 1, frames.hash_of(data), lot[-1][0])
        _put(
            conn, "framed_n", conn.execute("SELECT max(n) FROM log WHERE site = ? AND stamp = ?", (own, lot[-1][0])).fetchone()[0]
        )
        made += 1
    return made


def _unframed(conn: sqlite3.Connection, own: int) -> Iterator[tuple[int, bytes]]:
    rows = conn.execute(
        "SELECT stamp, body FROM log WHERE site = ? AND n > ? ORDER BY n", (own, _entry(conn, "framed_n", 0))
    ).fetchall()
    for stamp, body in rows:
        yield stamp, logged_bytes(body)


def _last_own(conn: sqlite3.Connection, own: int, epoch: int) -> tuple[int, bytes]:
    query = "SELECT seq, hash FROM tip WHERE site = ? AND epoch = ?"
    row = conn.execute(query, (own, epoch)).fetchone()
    return row if row else (0, bytes(_entry(conn, "epoch_prev", frames.NO_HASH)))


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
    again = set(json.loads(_entry(conn, "reframe", "[]")))
    rows = conn.execute("SELECT bytes FROM frame WHERE site = ? AND published = 0", (own,)).fetchall()
    for header in (frames.peek(row[0]) for row in rows):
        if isinstance(header, Header):
            span = (own, header.min_stamp, header.max_stamp)
            again |= {n for (n,) in conn.execute("SELECT n FROM log WHERE site = ? AND stamp BETWEEN ? AND ?", span)}
    conn.execute("DELETE FROM frame WHERE site = ? AND published = 0", (own,))
    for (epoch,) in conn.execute("SELECT epoch FROM tip WHERE site = ?", (own,)).fetchall():
        _retip(conn, own, epoch)
    _put(conn, "reframe", json.dumps(sorted(again)))
    _put(conn, "restoring", 1)


def open_epoch(conn: sqlite3.Connection, own: int, epoch: int, framed: Callable[[int], set[tuple[int, bytes]]]) -> int:
    """Opens a new epoch of ours; returns how many saves wait to be framed in it.

    ``framed`` gives the (stamp, act) of every batch in the frames of ours that may hold a stamp.
    """
    candidates = set(json.loads(_entry(conn, "reframe", "[]")))
    query = "SELECT n FROM log WHERE site = ? AND n > ?"
    candidates |= {n for (n,) in conn.execute(query, (own, _entry(conn, "framed_n", 0)))}
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
    _put(conn, "framed_n", last)
    _put(conn, "epoch", epoch)
    _put(conn, "epoch_prev", prev[0] if prev else frames.NO_HASH)
    _put(conn, "series_epoch", epoch >> 32)
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


def _retip(conn: sqlite3.Connection, site: int, epoch: int) -> None:
    """The tip of an epoch from the frames that are kept."""
    row = conn.execute(
        "SELECT seq, hash, bytes FROM frame WHERE site = ? AND epoch = ? ORDER BY seq DESC, hash LIMIT 1", (site, epoch)
    ).fetchone()
    conn.execute("DELETE FROM tip WHERE site = ? AND epoch = ?", (site, epoch))
    if row is not None:
        header = frames.peek(row[2])
        assert isinstance(header, Header)
        _move(conn, site, epoch, row[0], row[1], header.max_stamp)


# --- theirs -----------------------------------------------------------------------------------------------------------


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
    _hear(conn, author, header.min_stamp, frame.vector)
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
    _move(conn, author, header.epoch, header.seq, frame.hash, header.max_stamp)
    if author == own:
        _put(conn, "clock", max(_entry(conn, "clock", 0), header.max_stamp))
    else:
        see(conn, header.max_stamp, own, now_ms)
    return new, refused


def see(conn: sqlite3.Connection, stamp: int, own: int, now_ms: int) -> None:
    """Another site's stamp stands here from now on: ours go on beyond it."""
    _put(conn, "clock", observe(_entry(conn, "clock", 0), stamp, now_ms, own))
    if stamp > _entry(conn, "furthest", 0):
        _put(conn, "furthest", stamp)


def _move(conn: sqlite3.Connection, site: int, epoch: int, seq: int, digest: bytes, stamp: int) -> None:
    """Moves a tip: the greatest number, of two frames with one number the lesser hash, in any order of arrival."""
    conn.execute(
        "INSERT INTO tip (site, epoch, seq, hash, stamp) VALUES (?, ?, ?, ?, ?) ON CONFLICT (site, epoch) DO UPDATE SET"
        " hash = CASE WHEN excluded.seq > tip.seq OR (excluded.seq = tip.seq AND excluded.hash < tip.hash) THEN excluded.hash ELSE tip.hash END,"
        " seq = max(excluded.seq, tip.seq), stamp = max(excluded.stamp, tip.stamp)",
        (site, epoch, seq, digest, stamp),
    )


def _hear(conn: sqlite3.Connection, author: int, at: int, read: Mapping[int, int]) -> None:
    """Remembers what an author had read from a stamp of its own on."""
    for of, through in read.items():
        row = conn.execute(
            "SELECT through FROM heard WHERE author = ? AND of = ? AND at <= ? ORDER BY at DESC LIMIT 1", (author, of, at)
        ).fetchone()
        if row is None or row[0] != through:
            conn.execute("INSERT OR REPLACE INTO heard (author, of, at, through) VALUES (?, ?, ?, ?)", (author, of, at, through))


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
    _retip(conn, header.site, header.epoch)


# --- held -------------------------------------------------------------------------------------------------------------


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


def held(conn: sqlite3.Connection) -> list[Held]:
    return [Held(*row) for row in conn.execute("SELECT name, site, verdict, says, since, size FROM held ORDER BY since, name")]


# --- members and heads ------------------------------------------------------------------------------------------------


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


# --- the store's own book ---------------------------------------------------------------------------------------------


def _entry(conn: sqlite3.Connection, key: str, default: Any) -> Any:
    row = conn.execute("SELECT value FROM own WHERE key = ?", (key,)).fetchone()
    return row[0] if row else default


def _put(conn: sqlite3.Connection, key: str, value: object) -> None:
    conn.execute("INSERT OR REPLACE INTO own (key, value) VALUES (?, ?)", (key, value))

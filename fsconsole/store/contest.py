"""Finds writes that were overwritten by someone who had not read them, and lists them in ``contested``.

It stands apart because it must cost next to nothing where nothing is contested, which is nearly always.

Always: which writes are contested depends on the writes and on what their authors had read, not on the order in which
they arrived here (``changes.merge`` has the rule). An own save knows all that is here, so it settles what it overwrites.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache

from fsconsole.changes.batch import Batch, Rows
from fsconsole.changes.merge import contest
from fsconsole.changes.stamp import MAX_SITE, site_of
from fsconsole.store import derive
from fsconsole.store.apply import Marks
from fsconsole.store.tables import KINDS, Merge, column_names

_SOME = 300


class Contest:
    """The witness of one frame's batches: told of each group of description rows before it is merged."""

    def __init__(self, conn: sqlite3.Connection, author: int, read: Mapping[int, int], marks: Marks | None = None) -> None:
        self.author = author
        self.marks = marks
        #: Others of whom something stands here that the author had not read; mostly none.
        unread = [site for site, last in _written(conn).items() if site != author and read.get(site, 0) < last]
        #: Whatever is stamped up to here, by whomever of these, the author had read.
        self.lowest = min((read.get(site, 0) for site in unread), default=(1 << 63) - 1)
        self.alone = not unread

    def __call__(self, conn: sqlite3.Connection, batch: Batch, rows: Rows) -> None:
        names = column_names(rows.kind, rows.fields)
        if not names or not rows.rows:
            return
        already = conn.execute("SELECT 1 FROM contested LIMIT 1").fetchone() is not None
        if self.alone and not already:
            return
        for start in range(0, len(rows.rows), _SOME):
            some = rows.rows[start : start + _SOME]
            suspects = self._suspects(conn, rows.kind, names, some, already)
            if suspects and self.marks is not None:
                self.marks.write(conn)
            by_id = {one[0]: one for one in some} if suspects else {}
            for row, standing in suspects.items():
                written = by_id[row]
                for index, number in enumerate(rows.fields):
                    self._look(
                        conn, batch, rows.kind, number, row, written[1 + index], standing[2 * index], standing[2 * index + 1]
                    )

    def _suspects(
        self, conn: sqlite3.Connection, kind: int, names: Sequence[str], rows: Sequence[Sequence[object]], already: bool
    ) -> dict[bytes, Sequence[object]]:
        """Rows here with a clock that the author may not have read: {id: (value, clock) per column}."""
        ids = [row[0] for row in rows]
        table = KINDS[kind]._meta.table_name
        columns = ", ".join(f'"{name}", "c_{name}"' for name in names)
        unread = " OR ".join(f'("c_{name}" > {self.lowest} AND ("c_{name}" & {MAX_SITE}) <> {self.author})' for name in names)
        marks = ",".join("?" * len(ids))
        known = f" OR id IN (SELECT row FROM contested WHERE row IN ({marks}))" if already else ""
        query = f'SELECT id, {columns} FROM "{table}" WHERE id IN ({marks}) AND ({unread}{known})'
        return {row[0]: row[1:] for row in conn.execute(query, [*ids, *ids] if already else ids)}

    def _look(
        self,
        conn: sqlite3.Connection,
        batch: Batch,
        kind: int,
        number: int,
        row: bytes,
        value: object,
        now: object,
        clock: object,
    ) -> None:
        assert isinstance(clock, int)
        if not clock:
            return
        listed = dict(conn.execute("SELECT stamp, value FROM contested WHERE row = ? AND field = ?", (row, number)).fetchall())
        later, earlier = max(batch.stamp, clock), min(batch.stamp, clock)
        if not listed and (later == earlier or had_read(conn, later, earlier)):
            return
        writes = _writes(conn, kind, number, row)
        writes[batch.stamp] = value
        writes[clock] = now
        winner = max(writes)
        lost = contest(winner, [stamp for stamp in writes if stamp != winner], lambda a, b: had_read(conn, a, b))
        if set(lost) == set(listed):
            conn.execute("UPDATE contested SET winner = ? WHERE row = ? AND field = ?", (winner, row, number))
            return
        conn.execute("DELETE FROM contested WHERE row = ? AND field = ?", (row, number))
        conn.executemany(
            "INSERT INTO contested (row, field, stamp, kind, value, winner) VALUES (?, ?, ?, ?, ?, ?)",
            [(row, number, stamp, kind, writes[stamp], winner) for stamp in lost],
        )
        derive.mark(conn, derive.ROW, [row])


class Hindsight(Contest):
    """The witness of a replay: nothing is known of what the authors of the batches to come had read, so it asks."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.author, self.marks = 0, None
        self.lowest = 0
        self.alone = conn.execute("SELECT 1 FROM heard LIMIT 1").fetchone() is None


def had_read(conn: sqlite3.Connection, later: int, earlier: int) -> bool:
    """Whether the author of one write had applied another by then, by the vectors of its frames."""
    author, other = site_of(later), site_of(earlier)
    if author == other:
        return earlier <= later
    row = conn.execute(
        "SELECT through FROM heard WHERE author = ? AND of = ? AND at <= ? ORDER BY at DESC LIMIT 1", (author, other, later)
    ).fetchone()
    return row is not None and row[0] >= earlier


def _writes(conn: sqlite3.Connection, kind: int, number: int, row: bytes) -> dict[int, object]:
    """{stamp: value} of every logged write to one field."""
    found: dict[int, object] = {}
    query = "SELECT l.stamp, l.body FROM touched t JOIN log l ON l.stamp = t.stamp WHERE t.row = ?"
    for stamp, body in conn.execute(query, (row,)).fetchall():
        for group_kind, fields, rows in _groups(body):
            if group_kind == kind and number in fields and row in rows:
                found[stamp] = rows[row][1 + fields.index(number)]
    return found


@lru_cache(maxsize=48)
def _groups(body: bytes) -> list[tuple[int, tuple[int, ...], dict[bytes, Sequence[object]]]]:
    """A logged batch by row: neighbouring fields and rows ask for the same few batches again."""
    from fsconsole.store.record import logged

    return [(group.kind, group.fields, {one[0]: one for one in group.rows}) for group in logged(body).rows]


def _written(conn: sqlite3.Connection) -> dict[int, int]:
    """{site: the greatest stamp of it that stands here}, our own saves that are in no frame yet included."""
    last = dict(conn.execute("SELECT site, max(stamp) FROM tip GROUP BY site").fetchall())
    own = conn.execute(
        "SELECT site, stamp FROM log WHERE site = (SELECT value FROM own WHERE key = 'site') ORDER BY n DESC LIMIT 1"
    ).fetchone()
    return {**last, own[0]: max(own[1], last.get(own[0], 0))} if own else last


def recount(conn: sqlite3.Connection) -> None:
    """Lists what is contested anew from the whole log; only rows that several sites wrote are looked at."""
    conn.execute("DELETE FROM contested")
    shared = conn.execute(
        f"SELECT kind, row FROM touched GROUP BY row HAVING min(stamp & {MAX_SITE}) <> max(stamp & {MAX_SITE})"
    ).fetchall()
    for kind, row in shared:
        model = KINDS.get(kind)
        if model is None or model.merge is not Merge.DESCRIPTION:
            continue
        for column in model.columns.values():
            writes = _writes(conn, kind, column.number, row)
            winner = max(writes, default=0)
            lost = contest(winner, [stamp for stamp in writes if stamp != winner], lambda a, b: had_read(conn, a, b))
            conn.executemany(
                "INSERT INTO contested (row, field, stamp, kind, value, winner) VALUES (?, ?, ?, ?, ?, ?)",
                [(row, column.number, stamp, kind, writes[stamp], winner) for stamp in lost],
            )
        derive.mark(conn, derive.ROW, [row])


def settle_own(conn: sqlite3.Connection, batch: Batch) -> None:
    """An own save overwrites knowingly: what was contested in its fields is decided."""
    if conn.execute("SELECT 1 FROM contested LIMIT 1").fetchone() is None:
        return
    for group in batch.rows:
        if not group.fields:
            continue
        marks = ",".join("?" * len(group.fields))
        for row in group.rows:
            done = conn.execute(f"DELETE FROM contested WHERE row = ? AND field IN ({marks})", (row[0], *group.fields))
            if done.rowcount:
                derive.mark(conn, derive.ROW, [row[0]])


__all__ = ["Contest", "had_read", "recount", "settle_own"]

"""Changes -> tables: a key pressed here, an import and a frame from another site all end in this one function.

It stands apart because it is the only code that writes a synced table.

Always: applying the same batches in any order, any number of times, leaves the same rows.

Bulk runs as prepared SQL over the raw connection, one statement per (kind, columns):

    description   write the column where the batch's stamp is above the column's clock
    fact          insert; of two inserts of one id the earlier stamp stands; ``void`` has a clock of its own

Two writes with one stamp can only come from a cloned site; then the larger value stands, so that sites still agree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, repeat

from fsconsole.changes.batch import Batch, Rows
from fsconsole.store.tables import KINDS, UNKNOWN_YET, Merge, column_names

VOID = 63
#: Marks and merged rows written by one statement; row by row, binding would cost as much as the writing.
MANY, SEVERAL = 100, 25
#: Told of the description rows of a batch from elsewhere before they are merged, to find contested writes.
Witness = Callable[[sqlite3.Connection, Batch, Rows], None]


class Marks:
    """Which rows batches wrote (for the story of a thing) and which must be derived again, written in one go.

    In order of their ids, and each once: row by row they would cost as much as the rows themselves.
    """

    def __init__(self) -> None:
        self.touched: list[tuple[bytes, int, int]] = []
        self.dirty: dict[int, set[bytes]] = {}

    def add(self, rows: Rows, stamp: int, *, dirty: bool = True) -> None:
        kind = rows.kind
        ids = [row[0] for row in rows.rows]
        self.touched += zip(ids, repeat(stamp), repeat(kind))
        if dirty:
            self.dirty.setdefault(kind, set()).update(ids)

    def write(self, conn: sqlite3.Connection) -> None:
        """Writes them, within the caller's transaction, and forgets them."""
        self.touched.sort()
        _insert(conn, "touched (row, stamp, kind)", "(?,?,?)", self.touched)
        for kind, ids in sorted(self.dirty.items()):
            _insert(conn, "dirty (kind, row)", f"({kind:d},?)", list(zip(sorted(ids))))
        self.touched, self.dirty = [], {}


def _insert(conn: sqlite3.Connection, into: str, marks: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Inserts rows that are not there yet."""
    whole = len(rows) - len(rows) % MANY
    query = f"INSERT OR IGNORE INTO {into} VALUES {marks}"
    several = query + f",{marks}" * (MANY - 1)
    for start in range(0, whole, MANY):
        conn.execute(several, list(chain.from_iterable(rows[start : start + MANY])))
    conn.executemany(query, rows[whole:])


def apply(conn: sqlite3.Connection, batch: Batch, witness: Witness | None = None, marks: Marks | None = None) -> None:
    """Merges one batch into the tables, within the caller's transaction, and marks what it touched as dirty.

    With ``marks`` it only adds to them, and the caller writes them. Kinds and columns this version does not know are parked and merged after an upgrade.
    """
    stamp = batch.stamp
    written = Marks() if marks is None else marks
    for rows in batch.rows:
        model = KINDS.get(rows.kind)
        numbers = tuple(rows.fields)
        if model is None:
            _park(conn, rows, range(len(numbers)), stamp)
            continue
        names = column_names(rows.kind, numbers)
        if "" in names:
            unknown = [index for index, name in enumerate(names) if not name]
            _park(conn, rows, unknown, stamp)
            rows = _without(rows, unknown)
            numbers = tuple(rows.fields)
        if witness is not None and model.merge is Merge.DESCRIPTION:
            witness(conn, batch, rows)
        merge_rows(conn, rows.kind, numbers, rows.rows, stamp)
        written.add(rows, stamp)
    if marks is None:
        written.write(conn)


def merge_rows(
    conn: sqlite3.Connection, kind: int, numbers: tuple[int, ...], rows: Sequence[Sequence[object]], stamp: int
) -> None:
    """Merges rows ``(id, value per column)`` written at one stamp."""
    whole = len(rows) - len(rows) % SEVERAL
    after = [stamp] if numbers or KINDS[kind].merge is Merge.FACT else []
    for start in range(0, whole, SEVERAL):
        conn.execute(_statement(kind, numbers, SEVERAL), [*chain.from_iterable(rows[start : start + SEVERAL]), *after])
    conn.executemany(_statement(kind, numbers, 1), [(*row, *after) for row in rows[whole:]])


@lru_cache(maxsize=512)
def _statement(kind: int, numbers: tuple[int, ...], several: int) -> str:
    """The upsert of so many rows, to be bound to their ids and values, row after row, and then to the stamp."""
    model = KINDS[kind]
    table = f'"{model._meta.table_name}"'
    names = column_names(kind, numbers)
    width = 1 + len(names)
    stamp = f"?{several * width + 1}"
    if model.merge is Merge.DESCRIPTION:
        into = ["id", *(f'"{n}"' for n in names), *(f'"c_{n}"' for n in names)]
        clocks = [stamp] * len(names)
        sets = [
            f'"{n}" = CASE WHEN {_wins(table, n, "c_" + n)} THEN excluded."{n}" ELSE {table}."{n}" END, '
            f'"c_{n}" = CASE WHEN excluded."c_{n}" > {table}."c_{n}" THEN excluded."c_{n}" ELSE {table}."c_{n}" END'
            for n in names
        ]
    elif numbers == (VOID,):
        into, clocks = ["id", "void", "c_void"], [stamp]
        sets = [
            f"void = CASE WHEN {_wins(table, 'void', 'c_void')} THEN excluded.void ELSE {table}.void END, "
            f"c_void = CASE WHEN excluded.c_void > {table}.c_void THEN excluded.c_void ELSE {table}.c_void END"
        ]
    else:
        into, clocks = ["id", *(f'"{n}"' for n in names), "stamp"], [stamp]
        sets = [
            f'"{n}" = CASE WHEN excluded.stamp < {table}.stamp OR {_greater(table, n, "stamp")} THEN excluded."{n}" ELSE {table}."{n}" END'
            for n in names
            if n != "void"
        ]
        sets.append(f"stamp = CASE WHEN excluded.stamp < {table}.stamp THEN excluded.stamp ELSE {table}.stamp END")
    # The stamp is bound once and named for every clock: binding it per column costs a tenth of an import.
    values = ", ".join(
        f"({', '.join([*(f'?{at}' for at in range(first, first + width)), *clocks])})"
        for first in range(1, several * width + 1, width)
    )
    # A row whose every column is of a newer version stands all the same; its values are parked.
    then = f"UPDATE SET {', '.join(sets)}" if sets else "NOTHING"
    return f"INSERT INTO {table} ({', '.join(into)}) VALUES {values} ON CONFLICT (id) DO {then}"


def _wins(table: str, column: str, clock: str) -> str:
    """SQL: whether the incoming write stands over the one in the table."""
    return f'excluded."{clock}" > {table}."{clock}" OR {_greater(table, column, clock)}'


def _greater(table: str, column: str, clock: str) -> str:
    """SQL: one stamp, a greater value, in SQLite's own order (NULL first), as ``changes.merge`` has it."""
    old, new = f'{table}."{column}"', f'excluded."{column}"'
    return f'(excluded."{clock}" = {table}."{clock}" AND {new} IS NOT NULL AND ({old} IS NULL OR {new} > {old}))'


def _park(conn: sqlite3.Connection, rows: Rows, indexes: Iterable[int], stamp: int) -> None:
    conn.executemany(
        "INSERT OR IGNORE INTO parked (kind, row, field, stamp, value) VALUES (?, ?, ?, ?, ?)",
        [(rows.kind, row[0], rows.fields[index], stamp, row[1 + index]) for row in rows.rows for index in indexes],
    )


def _without(rows: Rows, unknown: list[int]) -> Rows:
    keep = [index for index in range(len(rows.fields)) if index not in set(unknown)]
    return Rows(
        kind=rows.kind,
        fields=tuple(rows.fields[index] for index in keep),
        rows=[(row[0], *(row[1 + index] for index in keep)) for row in rows.rows],
    )


def unpark(conn: sqlite3.Connection) -> int:
    """Merges what an older version parked and this one knows; returns how many values."""
    done = 0
    for kind, row, field, stamp, value in conn.execute("SELECT kind, row, field, stamp, value FROM parked").fetchall():
        if kind in KINDS and column_names(kind, [field])[0]:
            merge_rows(conn, kind, (field,), [(row, value)], stamp)
            conn.execute("DELETE FROM parked WHERE kind = ? AND row = ? AND field = ? AND stamp = ?", (kind, row, field, stamp))
            conn.execute("INSERT OR IGNORE INTO dirty (kind, row) VALUES (?, ?)", (kind, row))
            done += 1
    return done


__all__ = ["UNKNOWN_YET", "Marks", "Witness", "apply", "merge_rows", "unpark"]

"""A store's tables as parts of a snapshot, and such parts loaded into a store that just joined.

It stands apart because a joining site is at work before the log has arrived: its tables come first.

Always: what is loaded is what the log behind it will say; once the log is here, that is checked (``sync.snapshots``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter

from fsconsole.changes.batch import Rows
from fsconsole.changes.snapshot import Part
from fsconsole.store.apply import SEVERAL, VOID
from fsconsole.store.tables import KINDS, Merge, column_names

#: Rows in one part: what is held in memory at a time.
SOME = 4_000


def parts(conn: sqlite3.Connection, some: int = SOME) -> Iterator[Part]:
    """Every row of every synced table with its clocks, by kind and id; columns that nobody wrote are left out.

    The caller's transaction must hold one state of the store while this is read.
    """
    for kind in sorted(KINDS):
        numbers = sorted(column.number for column in KINDS[kind].columns.values())
        names = column_names(kind, numbers)
        fact = KINDS[kind].merge is Merge.FACT
        clocks = ["c_void" if name == "void" else "stamp" for name in names] if fact else [f"c_{name}" for name in names]
        columns = ", ".join(f'"{name}"' for name in ("id", *names, *clocks))
        found = conn.execute(f'SELECT {columns} FROM "{KINDS[kind]._meta.table_name}" ORDER BY id')
        while rows := found.fetchmany(some):
            yield _part(kind, numbers, rows)


def _part(kind: int, numbers: Sequence[int], rows: Sequence[tuple[object, ...]]) -> Part:
    count = len(numbers)
    written = [at for at in range(count) if any(map(itemgetter(1 + count + at), rows))]
    if not written:
        return Part(Rows(kind, (), [(row[0],) for row in rows]), [])
    values = itemgetter(0, *(1 + at for at in written))
    clocks = [1 + count + at for at in written]
    stamps = itemgetter(*clocks) if len(clocks) > 1 else lambda row: (row[clocks[0]],)
    return Part(Rows(kind, tuple(numbers[at] for at in written), list(map(values, rows))), list(map(stamps, rows)))


def load(conn: sqlite3.Connection, part: Part) -> int:
    """Loads a part into the tables, within the caller's transaction; returns how many rows.

    Kinds and columns that this version does not know are left to the log.
    """
    rows = part.rows
    model = KINDS.get(rows.kind)
    if model is None or not rows.rows:
        return 0
    names = column_names(rows.kind, rows.fields)
    known = [at for at, name in enumerate(names) if name]
    table = f'"{model._meta.table_name}"'
    if model.merge is Merge.DESCRIPTION:
        into = [names[at] for at in known] + [f"c_{names[at]}" for at in known]
        width = len(rows.fields)
        marks = [1 + at for at in range(1, width + 1) if at - 1 in set(known)] + [2 + width + at for at in known]
    else:
        into = [names[at] for at in known] + ["stamp", "c_void"]
        plain = [at for at in known if rows.fields[at] != VOID]
        void = [at for at in known if rows.fields[at] == VOID]
        width = len(rows.fields)
        marks = [2 + at for at in known]
        marks += [2 + width + plain[0] if plain else 0, 2 + width + void[0] if void else 0]
    columns = ", ".join(["id", *(f'"{name}"' for name in into)])
    one = f"({', '.join(['?', *('?' if mark else '0' for mark in marks)])})"
    query = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES "
    bound = _bound(part, [0, *(mark - 1 for mark in marks if mark)])
    whole = len(bound) - len(bound) % SEVERAL
    several = query + ", ".join([one] * SEVERAL)
    for start in range(0, whole, SEVERAL):
        conn.execute(several, list(chain.from_iterable(bound[start : start + SEVERAL])))
    conn.executemany(query + one, bound[whole:])
    return len(rows.rows)


def _bound(part: Part, places: list[int]) -> list[tuple[object, ...]]:
    """A part's rows with their clocks behind them, and of that what stands at these places."""
    rows = part.rows.rows
    if part.clocks:
        rows = [(*row, *clocks) for row, clocks in zip(rows, part.clocks, strict=True)]
    if places == list(range(len(rows[0]))):
        return rows
    return list(map(itemgetter(*places), rows)) if len(places) > 1 else [(row[0],) for row in rows]


def mark_all(conn: sqlite3.Connection) -> None:
    """Marks everything as to be derived."""
    for kind, model in KINDS.items():
        conn.execute(f'INSERT OR IGNORE INTO dirty (kind, row) SELECT {kind}, id FROM "{model._meta.table_name}"')

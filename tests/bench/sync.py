"""How fast sites exchange, each figure as a ratio to plain sqlite3 upserting the same rows in the same run.

    python -m tests.bench.sync [CHANGES]

Authored: saves of 50 rows by 5 columns until they stand in the log; merged: the other site reads, verifies, unseals,
merges, logs and looks for contested writes, durably, from the files in the folder.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from fsconsole.changes.batch import Act
from fsconsole.store.opening import open_store
from fsconsole.store.record import save
from fsconsole.store.tables import put
from tests.sync.made import NOON, Office, Workspace, digest, files

ROWS, COLUMNS = 50, 5


def author(office: Office, count: int, first: int, *, again: bool) -> float:
    """Saves ``count`` changes in acts of 50 rows; returns the seconds."""
    taken = 0.0
    for start in range(first, first + count // COLUMNS, ROWS):
        rows = [(number if again else start + number) for number in range(ROWS)]
        if again:
            rows = [(start + number * 7919) % (first + count // COLUMNS) for number in range(ROWS)]
        puts = [
            put("job", row.to_bytes(16, "big"), title=f"Boiler {row % 97}", details="No heat", priority=row % 4, client_job=str(row), skill="gas")
            for row in dict.fromkeys(rows)
        ]  # fmt: skip
        act = Act(start.to_bytes(16, "big"), "amy", "import jobs")
        before = time.perf_counter()
        save(office.store, act, puts, NOON)
        taken += time.perf_counter() - before
    return taken


def raw_upsert(folder: Path, count: int, *, same_table: bool) -> float:
    """Plain sqlite3: the same rows with a clock a column, one prepared upsert, one transaction.

    Into a bare table, or into the store's own (its indexes included).
    """
    names = ["title", "details", "priority", "client_job", "skill"]
    if same_table:
        store = open_store(folder / "same.db")
        conn = store.raw
    else:
        conn = sqlite3.connect(folder / "raw.db", isolation_level=None)
        conn.execute("PRAGMA journal_mode = wal")
        conn.execute("PRAGMA synchronous = full")
        conn.execute(f"CREATE TABLE job (id BLOB PRIMARY KEY, {', '.join(f'{n}, c_{n} INTEGER' for n in names)})")
    sets = ", ".join(
        f"{n} = CASE WHEN excluded.c_{n} > c_{n} THEN excluded.{n} ELSE {n} END, c_{n} = max(excluded.c_{n}, c_{n})"
        for n in names
    )
    into = ", ".join(["id", *names, *(f"c_{n}" for n in names)])
    query = f"INSERT INTO job ({into}) VALUES ({', '.join('?' * (1 + 2 * COLUMNS))}) ON CONFLICT (id) DO UPDATE SET {sets}"
    rows = [
        (row.to_bytes(16, "big"), f"Boiler {row % 97}", "No heat", row % 4, str(row), "gas", *(1 << 61,) * COLUMNS)
        for row in range(count // COLUMNS)
    ]
    before = time.perf_counter()
    conn.execute("BEGIN")
    conn.executemany(query, rows)
    conn.execute("COMMIT")
    taken = time.perf_counter() - before
    conn.close()
    return taken


def main(count: int) -> None:
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        ldn, lds = workspace.first, workspace.joined("LDS")
        workspace.settle()
        before = sum(path.stat().st_size for path in files(workspace.shared, ".fsl"))
        authored = author(ldn, count, 0, again=False)
        start = time.perf_counter()
        ldn.sync()
        sent = time.perf_counter() - start
        size = sum(path.stat().st_size for path in files(workspace.shared, ".fsl")) - before
        start = time.perf_counter()
        lds.sync()
        merged = time.perf_counter() - start
        author(ldn, count // 10, 0, again=True)
        author(lds, count // 10, 0, again=True)
        start = time.perf_counter()
        workspace.settle(2)
        both = time.perf_counter() - start
        raw = raw_upsert(Path(folder), count, same_table=False)
        same = count / raw_upsert(Path(folder), count, same_table=True)
        start = time.perf_counter()
        third = workspace.joined("MAN")
        joined = time.perf_counter() - start
        workspace.settle(2)
        assert digest(ldn.store) == digest(lds.store) == digest(third.store)
        limit = count / raw
        print(
            f"{count:,} changes, {COLUMNS} a row, {ROWS} rows an act; raw sqlite3 upsert {limit:,.0f} changes/s, into the same table {same:,.0f}"
        )
        print(f"authored            {count / authored:12,.0f} changes/s   {count / authored / limit:5.2f} of raw")
        print(f"framed and published{count / sent:12,.0f} changes/s")
        print(
            f"merged at the other {count / merged:12,.0f} changes/s   {count / merged / limit:5.2f} of raw, {count / merged / same:5.2f} into the same table   (gate 0.25)"
        )
        print(f"both edit, exchange {2 * (count // 10) / both:12,.0f} changes/s, every second one contested")
        print(f"cold join           {joined:12.2f} s           {joined / raw:5.2f} x raw")
        print(f"bytes per change    {size / count:12.1f}              (gate 13)")
        print(f"memory at the most  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:12.0f} MiB")
        workspace.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

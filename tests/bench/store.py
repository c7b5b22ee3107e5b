"""How fast the store is, each figure as a ratio to plain sqlite3 doing the same rows in the same run.

    python tests/bench/store.py [--rows 100000] [--history 1000000]

Import: a CSV of simple jobs through ``flow.imports`` (read, matched, merged, logged), against one ``executemany`` of the
same finished rows (all columns and clocks) into the same tables. Changes: batches of another site applied, against the
same upserts by hand. Board: lanes and the first page of every lane at 1,000 jobs and at the given history.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fsconsole.changes.batch import Act, Batch, Rows, encode
from fsconsole.changes.stamp import make
from fsconsole.clock import FixedClock, ids_from
from fsconsole.desk import Desk
from fsconsole.flow.imports import import_file
from fsconsole.flow.settle import settle
from fsconsole.store.apply import apply
from fsconsole.store.opening import Store, open_store
from fsconsole.store.queries import board
from fsconsole.store.record import log, save
from fsconsole.store.tables import BY_NAME, put

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)


def new_store(folder: Path, name: str) -> tuple[Store, Desk]:
    store = open_store(folder / f"{name}.db")
    store.set_own(site=1, code="LDN", timezone="Europe/London", currency="GBP")
    clock = FixedClock(NOW)
    return store, Desk(store, clock, ids_from(clock, Random(1)), "bench")


def write_jobs(path: Path, rows: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["Job", "Customer", "Site", "Description", "Reported", "Completed", "Priority"])
        for n in range(rows):
            day = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(days=n % 3900)
            out.writerow(
                [
                    f"W{n}",
                    f"Client {n % 400}",
                    f"Place {n % 900}",
                    f"Annual service of unit {n % 77}",
                    day.date(),
                    day.date(),
                    n % 5 + 1,
                ]
            )


def clock_of(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def raw_insert(path: Path, source: Store, tables: tuple[str, ...]) -> float:
    """Seconds for plain sqlite3 to insert the same finished rows into the same tables, one transaction a table."""
    copy = open_store(path)
    copy.close()
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode = wal")
    conn.execute("PRAGMA synchronous = full")
    total = 0.0
    for table in tables:
        rows = source.sql(f'SELECT * FROM "{table}"')
        if not rows:
            continue
        marks = ",".join("?" * len(rows[0]))

        def insert(rows=rows, table=table, marks=marks) -> None:
            conn.execute("BEGIN")
            conn.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
            conn.execute("COMMIT")

        total += clock_of(insert)
    conn.close()
    return total


def bench_import(folder: Path, rows: int) -> None:
    path = folder / "jobs.csv"
    write_jobs(path, rows)
    store, desk = new_store(folder, "import")
    desk.settling = False  # timed apart, below
    ours = clock_of(lambda: import_file(desk, "jobs", path, given={}))
    again = clock_of(lambda: import_file(desk, "jobs", path, given={}))
    bare = raw_insert(folder / "raw1.db", store, ("job", "client", "location"))
    whole = raw_insert(folder / "raw2.db", store, ("job", "client", "location", "source_link", "log", "touched"))
    derived = clock_of(lambda: settle(store, NOW))
    print(f"import of {rows:,} jobs      {rows / ours:>12,.0f} rows/s   {ours:.2f} s")
    print(f"  raw sqlite3, jobs only     {rows / bare:>12,.0f} rows/s   ratio {bare / ours:.2f}")
    print(f"  raw sqlite3, all its rows  {rows / whole:>12,.0f} rows/s   ratio {whole / ours:.2f}   (target 0.25)")
    print(f"  the same file again        {rows / again:>12,.0f} rows/s")
    print(f"  settling what came in      {rows / derived:>12,.0f} jobs/s")
    store.close()


def bench_apply(folder: Path, changes: int) -> None:
    model = BY_NAME["job"]
    numbers = tuple(model.columns[name].number for name in ("title", "priority", "reported_at", "promised_until", "order_number"))
    random = Random(2)
    ids = [random.randbytes(16) for _ in range(changes // 5)]
    batches = []
    for start in range(0, len(ids), 1000):
        rows = [
            (one, f"Job {start}", 3, 1_700_000_000_000 + start, 1_700_000_100_000, "4500") for one in ids[start : start + 1000]
        ]
        stamp = make(1_700_000_000_000 + start, 0, 2)
        batches.append(Batch(stamp, Act(random.randbytes(16), "x", "import"), [Rows(model.kind, numbers, rows)]))
    store, _ = new_store(folder, "apply")

    def ours() -> None:
        for batch in batches:
            with store.writing() as conn:
                apply(conn, batch)
                log(conn, batch, encode(batch))

    names = [c.column_name for number in numbers for c in model.columns.values() if c.number == number]
    sets = ", ".join(
        f'"{n}" = CASE WHEN excluded."c_{n}" > "c_{n}" THEN excluded."{n}" ELSE "{n}" END, "c_{n}" = max("c_{n}", excluded."c_{n}")'
        for n in names
    )
    statement = f"INSERT INTO job (id, {', '.join(names)}, {', '.join('c_' + n for n in names)}) VALUES ({','.join('?' * 11)}) ON CONFLICT (id) DO UPDATE SET {sets}"
    open_store(folder / "raw3.db").close()
    conn = sqlite3.connect(folder / "raw3.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode = wal")
    conn.execute("PRAGMA synchronous = full")

    def raw() -> None:
        for batch in batches:
            conn.execute("BEGIN")
            conn.executemany(statement, [(*row, *(batch.stamp,) * 5) for row in batch.rows[0].rows])
            conn.execute("COMMIT")

    one, other = clock_of(ours), clock_of(raw)
    print(
        f"changes applied              {changes / one:>12,.0f} /s        raw upserts {changes / other:,.0f} /s   ratio {other / one:.2f}"
    )
    store.close()
    conn.close()


def bench_board(folder: Path, sizes: tuple[int, ...]) -> None:
    figures = []
    for size in sizes:
        store, desk = new_store(folder, f"board{size}")
        random = Random(3)
        client, location = random.randbytes(16), random.randbytes(16)
        save(
            store,
            desk.act("fill"),
            [put("client", client, ref="LDN-K1", name="Acme"), put("location", location, client=client, name="HQ")],
            NOW,
        )
        start = time.perf_counter()
        for first in range(0, size, 2000):
            puts = []
            for n in range(first, min(first + 2000, size)):
                old = n >= 200
                puts.append(
                    put(
                        "job", random.randbytes(16), ref=f"LDN-{n + 1000}", client=client, location=location, title=f"Service {n}", kind="repair",
                        priority=3, reported_at=NOW - timedelta(hours=n), finished_on="2020-01-01" if old else None,
                    )
                )  # fmt: skip
            save(store, desk.act("fill"), puts, NOW)
        settle(store, NOW)
        filled = time.perf_counter() - start
        samples = []
        for _ in range(21):
            samples.append(clock_of(lambda store=store: [board.cards(store, lane.column, 0, 20) for lane in board.lanes(store)]))
        figures.append(statistics.median(samples))
        print(f"board's first page, {size:>9,} jobs of history: {figures[-1] * 1000:8.2f} ms   (filled in {filled:.0f} s)")
        store.close()
    print(f"  ratio {figures[-1] / figures[0]:.2f}   (target: independent of history)")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--history", type=int, default=1_000_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bench_import(folder, args.rows)
        bench_apply(folder, args.rows * 5)
        bench_board(folder, (1_000, args.history))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

"""How fast sites exchange, each figure as a ratio to plain sqlite3 upserting the same rows in the same run.

    python -m tests.bench.sync [CHANGES]          100,000 unless told; 1000000 for the cold join of the gate
    python -m tests.bench.sync --saving           eight processes saving on one store

Authored: saves of 50 rows by 5 columns until they stand in the log; merged: the other site reads, verifies, unseals,
judges by role, merges, logs and looks for contested writes, durably, from the files in the folder. Ids are as the
console makes them (milliseconds, then ten random bytes); texts are words drawn at random.
"""

from __future__ import annotations

import multiprocessing
import resource
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

from fsconsole.changes import frame as frames
from fsconsole.changes import keys
from fsconsole.changes.batch import Act
from fsconsole.clock import Clock
from fsconsole.store.opening import open_store
from fsconsole.store.record import save
from fsconsole.store.tables import put
from fsconsole.sync import snapshots
from fsconsole.sync.exchange import Lease
from fsconsole.sync.identity import identify, read_keys
from fsconsole.sync.proof import prove
from fsconsole.sync.publish import frame_saves
from tests.sync.made import NOON, Office, Workspace, digest, files

ROWS, COLUMNS = 50, 5
Row = tuple[bytes, str, str, int, str, str]
WORDS = ["boiler", "pump", "valve", "leak", "noise", "cold", "hot", "no", "water", "pressure", "pilot", "fan", "belt", "filter", "drain", "tank", "flush", "sensor", "display", "error", "fault", "office", "floor", "roof", "basement", "urgent", "repeat", "visit", "quote", "warranty", "service", "annual", "repair", "replace", "inspect", "motor", "seal", "gasket", "relay"]


def made_rows(count: int, random: Random) -> list[Row]:
    """Jobs as they are logged: 50 to an act, an act a second."""
    rows: list[Row] = []
    for number in range(count // COLUMNS):
        at = int((NOON + timedelta(seconds=number // ROWS)).timestamp() * 1000)
        title = " ".join(random.choices(WORDS, k=3))
        details = " ".join(random.choices(WORDS, k=6))
        rows.append((at.to_bytes(6, "big") + random.randbytes(10), title, details, random.randrange(4), f"PO{random.randrange(9999)}", "gas"))
    return rows


def author(office: Office, rows: list[Row]) -> float:
    """Saves the rows in acts of 50; returns the seconds."""
    taken = 0.0
    for start in range(0, len(rows), ROWS):
        puts = [
            put("job", row, title=title, details=details, priority=priority, client_job=order, skill=skill)
            for row, title, details, priority, order, skill in rows[start : start + ROWS]
        ]
        act = Act(secrets.token_bytes(16), "amy", "import jobs")
        before = time.perf_counter()
        save(office.store, act, puts, NOON)
        taken += time.perf_counter() - before
    return taken


def raw_upsert(folder: Path, rows: list[Row], *, same_table: bool) -> float:
    """Plain sqlite3: the same rows with a clock a column, one prepared upsert, one transaction; seconds.

    Into a bare table, or into the store's own (its other columns and its indexes included).
    """
    names = ["title", "details", "priority", "client_job", "skill"]
    if same_table:
        conn = open_store(folder / "same.db").raw
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
    bound = [(*row, *(1 << 61,) * COLUMNS) for row in rows]
    before = time.perf_counter()
    conn.execute("BEGIN")
    conn.executemany(query, bound)
    conn.execute("COMMIT")
    taken = time.perf_counter() - before
    conn.close()
    return taken


def timed(step: Callable[[], Any]) -> float:
    before = time.perf_counter()
    step()
    return time.perf_counter() - before


def in_a_process(step: Callable[[], None]) -> tuple[float, float]:
    """(seconds, greatest memory in MiB) of a step in a process of its own."""
    reader, writer = multiprocessing.Pipe(duplex=False)

    def run() -> None:
        seconds = timed(step)
        writer.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    told: tuple[float, float] = reader.recv()
    process.join()
    return told


def opening_share(office: Office) -> tuple[float, int]:
    """(seconds, raw bytes) that proving and opening every frame of this store takes: hash, signature, cipher."""
    who = identify(office.store.raw, read_keys(office.home))
    data = [row[0] for row in office.store.sql("SELECT bytes FROM frame")]
    ring = who.file.by_id()
    before = time.perf_counter()
    for one in data:
        sealed = frames.verify(one, who.file.workspace, who.members.key_of)
        assert isinstance(sealed, frames.Sealed)
        header = one[: frames.HEADER_SIZE]
        key = keys.derive(ring[sealed.header.key_id], sealed.header.salt, b"fsc1-body")
        assert keys.unlock(one[frames.HEADER_SIZE : frames.HEADER_SIZE + sealed.header.body_size], header, key) is not None
    return time.perf_counter() - before, sum(map(len, data))


def main(count: int) -> None:
    random = Random(5)
    rows = made_rows(count, random)
    some = rows[: count // 10 // COLUMNS]
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        workspace.later(seconds=count // COLUMNS // ROWS)
        ldn, lds = workspace.first, workspace.joined("LDS")
        workspace.settle()
        bare = raw_upsert(Path(folder), rows, same_table=False)
        same = raw_upsert(Path(folder), rows, same_table=True)
        before = sum(path.stat().st_size for path in files(workspace.shared, ".fsl"))
        authored = author(ldn, rows)
        frames_before = ldn.store.sql("SELECT count(*) FROM frame")[0][0]
        sent = timed(lambda: frame_saves(ldn.store, identify(ldn.store.raw, read_keys(ldn.home)), secrets.token_bytes))
        framed = ldn.store.sql("SELECT count(*) FROM frame")[0][0] - frames_before
        ldn.sync()
        size = sum(path.stat().st_size for path in files(workspace.shared, ".fsl")) - before
        merged = timed(lds.sync)
        crypto, _ = opening_share(lds)
        before = sum(path.stat().st_size for path in files(workspace.shared, ".fsl"))
        title = "Boiler down in the plant room"
        ldn.job(title, details="No heat since this morning, error F28", priority=2, client_job="PO4711", skill="gas")
        ldn.sync()
        single = sum(path.stat().st_size for path in files(workspace.shared, ".fsl")) - before
        lds.sync()
        author(ldn, some)
        author(lds, some)
        both = timed(lambda: workspace.settle(2))
        if not files(workspace.shared / "snap"):
            from fsconsole.sync.folder import Folder

            who = identify(ldn.store.raw, read_keys(ldn.home))
            snapshots.write(ldn.store, Folder(workspace.shared), who, 1, secrets.token_bytes)
        snapshot = sum(path.stat().st_size for path in files(workspace.shared / "snap"))
        joined, memory = in_a_process(lambda: workspace.joined("MAN").store.close())
        third = Office(workspace.home("MAN"), open_store(workspace.home("MAN").store), workspace.clock, workspace.ids, secrets.token_bytes)
        workspace.offices.append(third)
        history, history_memory = in_a_process(lambda: third.sync() and None)
        workspace.settle(2)
        assert digest(ldn.store) == digest(lds.store) == digest(third.store)
        assert prove(third.store, third.home).good
        limit, table = count / bare, count / same
        print(f"{count:,} changes, {COLUMNS} a row, {ROWS} rows an act; {framed} frames")
        print(f"raw upsert            {limit:12,.0f} changes/s, into the store's own table {table:,.0f}")
        for what, took, note in (
            ("authored", authored, ""),
            ("framed", sent, ""),
            ("merged at the other", merged, "(gate 0.25)"),
        ):
            print(f"{what:22}{count / took:12,.0f} changes/s {count / took / limit:6.2f} of raw, {count / took / table:.2f} into the same table {note}")
        print(f"signature, hash, seal {crypto / merged:12.1%} of merging  (gate 25 %)")
        print(f"both edit, exchange   {2 * len(some) * COLUMNS / both:12,.0f} changes/s, each contested")
        print(f"bytes per change      {size / count:12.1f}  (gate 13); a single save of 5 fields {single} (gate 350)")
        print(f"cold join             {joined:12.2f} s {joined / bare:6.2f} x raw, {joined / same:.2f} x the same table (gate 3), {memory:.0f} MiB (gate 300), snapshot {snapshot / count:.1f} bytes per change")
        print(f"the history behind it {history:12.2f} s, compared with the tables, {history_memory:.0f} MiB")
        workspace.close()


# --- eight processes on one store -------------------------------------------------------------------------------------


def _saver(home: Any, number: int, count: int, told: Any) -> None:
    store = open_store(home.store)
    lease, random = Lease(store), Random(number)
    who = identify(store.raw, read_keys(home))
    times, stamps, published = [], [], 0
    for at in range(count):
        act = Act(random.randbytes(16), "amy", "log")
        before = time.perf_counter()
        stamps.append(save(store, act, [put("job", random.randbytes(16), title=f"Job {at}")], datetime.now(UTC)))
        times.append(time.perf_counter() - before)
        if at % 50 == 0 and lease.take():
            published += frame_saves(store, who, secrets.token_bytes)
    lease.give_back()
    store.close()
    told.put((times, stamps, published))


def saving(each: int = 500) -> None:
    """One process, then eight, saving on one store with the publisher at work; stamps unique, each save in one frame."""
    p99: dict[int, float] = {}
    for processes in (1, 8):
        with TemporaryDirectory() as folder:
            workspace = Workspace(Path(folder))
            home = workspace.first.home
            workspace.first.store.close()
            told: Any = multiprocessing.Queue()
            fork = multiprocessing.get_context("fork")
            started = [fork.Process(target=_saver, args=(home, number, each, told)) for number in range(processes)]
            before = time.perf_counter()
            for one in started:
                one.start()
            found = [told.get() for _ in started]
            for one in started:
                one.join()
            seconds = time.perf_counter() - before
            times = [one for some, _, _ in found for one in some]
            stamps = [stamp for _, some, _ in found for stamp in some]
            assert len(set(stamps)) == len(stamps) == processes * each
            workspace.first.reopen()
            workspace.first.clock = Clock()  # type: ignore[assignment]
            workspace.first.sync()
            store = workspace.first.store
            in_frames: list[int] = []
            who = identify(store.raw, read_keys(home))
            for (data,) in store.sql("SELECT bytes FROM frame WHERE site = ?", (store.site,)):
                opened = frames.open_(data, who.file.workspace, who.members.key_of, who.file.by_id())
                assert isinstance(opened, frames.Frame)
                in_frames += [batch.stamp for batch in opened.batches]
            assert len(in_frames) == len(set(in_frames))
            assert set(stamps) <= set(in_frames)
            p99[processes] = quantiles(times, n=100)[98] * 1000
            print(f"{processes} saving: {len(times) / seconds:8,.0f} saves/s, p50 {quantiles(times, n=100)[49] * 1000:.2f} ms, p99 {p99[processes]:.2f} ms")
            workspace.close()
    print(f"p99 with eight {p99[8] / p99[1]:.1f} x one alone (gate 3); stamps unique, each save in exactly one frame")


if __name__ == "__main__":
    if "--saving" in sys.argv:
        saving()
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

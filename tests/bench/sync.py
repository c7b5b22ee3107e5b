"""How fast sites exchange and how little that costs: one run, one table, each figure beside a yardstick of the same run.

    python -m tests.bench.sync [CHANGES [JOINED]]     100,000 changes and a cold join of 1,000,000 unless told

Authored: saves of 50 rows by 5 columns until they stand in the log. Merged: the other site reads, verifies, unseals, judges by
role, merges, logs and looks for contested writes, durably, from the files in the folder. The yardstick is plain sqlite3: the same
rows with a clock a column through one prepared upsert (``executemany``) in one transaction, into a table of these columns alone.
Beside it stand Loro, pycrdt and a durable peer (tests/bench/peers.py says where they come from), and what the folder costs at
rest (tests/bench/resting.py). Each rate is the best of five rounds, the yardstick's too: on a shared machine the rest is other work.
"""

from __future__ import annotations

import multiprocessing
import resource
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from fsconsole.changes import frame as frames
from fsconsole.changes.batch import Act
from fsconsole.clock import Clock
from fsconsole.store.opening import open_store
from fsconsole.store.record import save
from fsconsole.store.tables import put
from fsconsole.sync import snapshots
from fsconsole.sync.exchange import Lease
from fsconsole.sync.folder import Folder
from fsconsole.sync.identity import identify, read_keys
from fsconsole.sync.proof import prove
from fsconsole.sync.publish import frame_saves
from tests.bench.peers import peers
from tests.bench.resting import busy_year, resting_day, scan, seen
from tests.bench.rows import COLUMNS, ROWS, Row, made_rows
from tests.sync.made import NOON, Office, Workspace, digest, files

ROUNDS = 5


class Line(NamedTuple):
    """One row of the table; ``met`` None where nothing is asked."""

    measure: str
    figure: str
    yardstick: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        return f"| {' | '.join(self[:5])} | {'' if self.met is None else 'yes' if self.met else '**no**'} |"


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


def opening_share(office: Office) -> float:
    """Seconds that proving and opening every frame of this store takes: hash, signature, cipher."""
    who = identify(office.store.raw, read_keys(office.home))
    data = [row[0] for row in office.store.sql("SELECT bytes FROM frame")]
    ring = who.file.by_id()
    before = time.perf_counter()
    for one in data:
        sealed = frames.verify(one, who.file.workspace, who.members.key_of)
        assert isinstance(sealed, frames.Sealed)
        assert isinstance(frames.opened_body(sealed, ring), bytes)
    return time.perf_counter() - before


def lying(workspace: Workspace) -> int:
    """Bytes of segment files in the folder."""
    return sum(path.stat().st_size for path in files(workspace.shared, ".fsl"))


class Merge(NamedTuple):
    """Seconds of one round, and bytes: plain upserts, authoring, framing, merging, crypto, both editing; batched, single."""

    bare: float
    same: float
    authored: float
    framed: float
    merged: float
    crypto: float
    both: float
    size: int
    single: int


def merging(rows: list[Row]) -> Merge:
    """One round with new sites: authored at one, merged at the other; then both edit a tenth of it and exchange."""
    count, some = len(rows) * COLUMNS, rows[: len(rows) // 10]
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        workspace.later(seconds=count // COLUMNS // ROWS)
        ldn, lds = workspace.first, workspace.joined("LDS")
        workspace.settle()
        bare = raw_upsert(Path(folder), rows, same_table=False)
        same = raw_upsert(Path(folder), rows, same_table=True)
        before = lying(workspace)
        authored = author(ldn, rows)
        framed = timed(lambda: frame_saves(ldn.store, identify(ldn.store.raw, read_keys(ldn.home)), secrets.token_bytes))
        ldn.sync()
        size = lying(workspace) - before
        merged = timed(lds.sync)
        crypto = opening_share(lds)
        before = lying(workspace)
        title = "Boiler down in the plant room"
        ldn.job(title, details="No heat since this morning, error F28", priority=2, client_job="PO4711", skill="gas")
        ldn.sync()
        single = lying(workspace) - before
        lds.sync()
        author(ldn, some)
        author(lds, some)
        both = timed(lambda: workspace.settle(2))
        assert digest(ldn.store) == digest(lds.store)
        assert prove(lds.store, lds.home).good
        workspace.close()
        return Merge(bare, same, authored, framed, merged, crypto, both, size, single)


def joining(count: int) -> list[Line]:
    """A new site over so many changes: at work from the snapshot, then the history behind it."""
    rows = made_rows(count, Random(6))
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        workspace.later(seconds=count // COLUMNS // ROWS)
        ldn = workspace.first
        bare = raw_upsert(Path(folder), rows, same_table=False)
        author(ldn, rows)
        ldn.sync()
        if not files(workspace.shared / "snap"):
            who = identify(ldn.store.raw, read_keys(ldn.home))
            snapshots.write(ldn.store, Folder(workspace.shared), who, 1, secrets.token_bytes)
        snapshot = sum(path.stat().st_size for path in files(workspace.shared / "snap"))
        home = workspace.home("MAN")
        joined, memory = in_a_process(lambda: workspace.joined("MAN").store.close())
        other = Office(home, open_store(home.store), workspace.clock, workspace.ids, secrets.token_bytes)
        workspace.offices.append(other)
        history, more = in_a_process(lambda: other.sync() and None)
        workspace.settle(2)
        assert digest(ldn.store) == digest(other.store)
        workspace.close()
    at = f"cold join of {count:,} changes"
    return [
        Line(at, f"{joined:.2f} s", f"raw {bare:.2f} s", f"{joined / bare:.2f}", "≤ 3", joined <= 3 * bare),
        Line("memory of that", f"{memory:.0f} MiB", "", "", "≤ 300 MiB", memory <= 300),
        Line("snapshot, bytes per change", f"{snapshot / count:.1f}"),
        Line(
            "the history behind it, compared with the tables",
            f"{history:.1f} s, {more:.0f} MiB",
            f"raw {bare:.2f} s",
            f"{history / bare:.1f}",
        ),
    ]


def merge_lines(rows: list[Row]) -> list[Line]:
    rounds = [merging(rows) for _ in range(ROUNDS)]
    count = len(rows) * COLUMNS
    best = Merge(*map(min, zip(*rounds, strict=True)))
    some = count // 10
    raw, merged = f"raw {count / best.bare:,.0f} /s", count / best.merged
    share = best.crypto / best.merged
    lines = [
        Line("authored, 50 rows a save, durable", f"{count / best.authored:,.0f} /s", raw, f"{best.bare / best.authored:.2f}"),
        Line("framed: packed, sealed, signed", f"{count / best.framed:,.0f} /s", raw, f"{best.bare / best.framed:.2f}"),
        Line("**merged at the other site, durable**", f"{merged:,.0f} /s", raw, f"{best.bare / best.merged:.2f}", "≥ 0.25", best.merged * 0.25 <= best.bare),
        Line("the same", f"{merged:,.0f} /s", f"raw, into the store's own table {count / best.same:,.0f} /s", f"{best.same / best.merged:.2f}"),
        Line("hash, signature and cipher", f"{best.crypto * 1000:.1f} ms", f"merging {best.merged * 1000:.0f} ms", f"{share:.1%}", "≤ 25 %", share <= 0.25),
        Line("both sites edit the same, exchange, all contested", f"{2 * some / best.both:,.0f} /s", raw, f"{2 * some / best.both / (count / best.bare):.3f}"),
        Line("bytes per change, batched", f"{best.size / count:.1f}", "", "", "≤ 13", best.size <= 13 * count),
        Line("bytes of a single save of 5 fields", f"{best.single}", "", "", "≤ 350", best.single <= 350),
    ]  # fmt: skip
    with TemporaryDirectory() as folder:
        for peer in peers(rows, Path(folder)):
            if peer.absent:
                lines.append(Line(f"merged, against {peer.name}", f"{merged:,.0f} /s", f"absent: {peer.absent}"))
                continue
            durable = peer.name.startswith("sqlite-sync")
            least, ratio = 15 if durable else 0.8, peer.merged / best.merged
            asked = (f"≥ {least} (ambition)", ratio >= least) if durable or peer.name.startswith("Loro") else ("", None)
            where = "durable" if durable else "in memory"
            lines.append(
                Line(
                    f"merged, against {peer.name}, {where}",
                    f"{merged:,.0f} /s",
                    f"{count / peer.merged:,.0f} /s",
                    f"{ratio:.2f}",
                    *asked,
                )
            )
            lines.append(
                Line(
                    "authored, against the same",
                    f"{count / best.authored:,.0f} /s",
                    f"{count / peer.authored:,.0f} /s",
                    f"{peer.authored / best.authored:.2f}",
                )
            )
            lines.append(
                Line(
                    "bytes per change, against the same",
                    f"{best.size / count:.1f}",
                    f"{peer.size / count:.1f}",
                    f"{best.size / peer.size:.2f}",
                )
            )
    return lines


def folder_lines() -> list[Line]:
    taken = scan() * 1000
    middle, longest = seen()
    an_hour, more = resting_day()
    most, last = busy_year()
    return [
        Line("a look at a folder of 10,000 files", f"{taken:.0f} ms", "", "", "≤ 50 ms", taken <= 50),
        Line(
            "a save visible at another site, same disk", f"{middle:.2f} s, at most {longest:.2f} s", "", "", "≤ 1 s", longest <= 1
        ),
        Line("files written at rest, a site and hour", f"{an_hour:.2f}", "", "", "≤ 1", an_hour <= 1),
        Line("files more after a day at rest", f"{more}", "", "", "0", more <= 0),
        Line("most files of a site in a year of 150 saves a day", f"{most}, {last} at its end", "", "", "≤ 1,500", most <= 1500),
    ]


def main(count: int, joined: int) -> None:
    lines = merge_lines(made_rows(count, Random(5)))
    lines += joining(joined)
    lines += saving_lines()
    lines += folder_lines()
    print("| measure | figure | yardstick | ratio | target | met |\n|---|---|---|---|---|---|")
    for line in lines:
        print(line)


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


def saving_lines() -> list[Line]:
    rounds = [_saving() for _ in range(3)]
    p99, rate = ({many: best(one[at][many] for one in rounds) for many in (1, 8)} for at, best in ((0, min), (1, max)))
    figure, yardstick = (f"{p99[one]:.2f} ms, {rate[one]:,.0f} saves/s" for one in (8, 1))
    ratio = p99[8] / p99[1]
    return [Line("p99 of a save, 8 processes on one store", figure, f"one alone {yardstick}", f"{ratio:.1f}", "≤ 3", ratio <= 3)]


def _saving(each: int = 500) -> tuple[dict[int, float], dict[int, float]]:
    """One process, then eight, saving on one store with the publisher at work: (p99 in ms, saves a second) of each.

    Stamps are unique, and each save stands in one frame.
    """
    p99: dict[int, float] = {}
    rate: dict[int, float] = {}
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
            rate[processes] = len(times) / seconds
            workspace.close()
    return p99, rate


if __name__ == "__main__":
    told = [int(one) for one in sys.argv[1:]]
    main(*(told + [100_000, 1_000_000][len(told) :]))

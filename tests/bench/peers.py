"""The same rows through other libraries that keep copies equal, for the figures of tests/bench/sync.py beside ours.

It stands apart because each is optional: `pip install loro pycrdt apsw`, and for sqlite-sync the extension of the npm package
@sqliteai/sqlite-sync-linux-x86_64, whose path stands in CLOUDSYNC. What is absent is said, not guessed.

Each authors the rows in acts of 50, hands over everything as one piece, and merges it at a second copy. Loro and pycrdt merge
in memory and prove nothing about who wrote; sqlite-sync merges into SQLite, durable (WAL, synchronous=FULL), unsigned and unsealed.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.rows import NAMES, ROWS, Row


class Peer(NamedTuple):
    """Seconds and bytes for all rows, or why it was not measured."""

    name: str
    absent: str = ""
    authored: float = 0.0
    merged: float = 0.0
    size: int = 0


def _acts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), ROWS):
        yield rows[start : start + ROWS]


def _named(row: Row) -> dict[str, Any]:
    return dict(zip(NAMES, row[1:], strict=True))


def _loro(rows: Sequence[Row], folder: Path) -> tuple[float, float, int]:
    loro: Any = importlib.import_module("loro")
    one, other = loro.LoroDoc(), loro.LoroDoc()
    jobs = one.get_map("job")
    start = time.perf_counter()
    for act in _acts(rows):
        for row in act:
            made = jobs.insert_container(row[0].hex(), loro.LoroMap())
            for name, value in _named(row).items():
                made.insert(name, value)
        one.commit()
    authored = time.perf_counter() - start
    data = one.export(loro.ExportMode.Updates(loro.VersionVector()))
    start = time.perf_counter()
    other.import_(data)
    merged = time.perf_counter() - start
    assert len(other.get_map("job").keys()) == len(rows)
    return authored, merged, len(data)


def _pycrdt(rows: Sequence[Row], folder: Path) -> tuple[float, float, int]:
    pycrdt: Any = importlib.import_module("pycrdt")
    one, other = pycrdt.Doc(), pycrdt.Doc()
    jobs, theirs = one.get("job", type=pycrdt.Map), other.get("job", type=pycrdt.Map)
    start = time.perf_counter()
    for act in _acts(rows):
        with one.transaction():
            for row in act:
                jobs[row[0].hex()] = pycrdt.Map(_named(row))
    authored = time.perf_counter() - start
    data = one.get_update()
    start = time.perf_counter()
    other.apply_update(data)
    merged = time.perf_counter() - start
    assert len(theirs) == len(rows)
    return authored, merged, len(data)


def _sqlite_sync(rows: Sequence[Row], folder: Path) -> tuple[float, float, int]:
    apsw: Any = importlib.import_module("apsw")

    def opened(name: str) -> Any:
        conn = apsw.Connection(str(folder / name))
        conn.enable_load_extension(True)
        conn.load_extension(str(Path(os.environ["CLOUDSYNC"]).resolve().with_suffix("")))
        conn.execute("PRAGMA journal_mode = wal").fetchall()
        conn.execute("PRAGMA synchronous = full")
        columns = ", ".join(f"{name} {'INTEGER' if name == 'priority' else 'TEXT'} NOT NULL DEFAULT ''" for name in NAMES)
        conn.execute(f"CREATE TABLE job (id TEXT PRIMARY KEY NOT NULL, {columns})")
        conn.execute("SELECT cloudsync_init('job')").fetchall()
        return conn

    one, other = opened("one.db"), opened("other.db")
    start = time.perf_counter()
    for act in _acts(rows):
        one.execute("BEGIN IMMEDIATE")
        one.executemany("INSERT INTO job VALUES (?, ?, ?, ?, ?, ?)", [(row[0].hex(), *row[1:]) for row in act])
        one.execute("COMMIT")
    authored = time.perf_counter() - start
    ((data,),) = one.execute(
        "SELECT cloudsync_payload_encode(tbl, pk, col_name, col_value, col_version, db_version, site_id, cl, seq)"
        " FROM cloudsync_changes WHERE site_id = cloudsync_siteid()"
    ).fetchall()
    start = time.perf_counter()
    other.execute("SELECT cloudsync_payload_apply(?)", (data,)).fetchall()
    merged = time.perf_counter() - start
    assert other.execute("SELECT count(*) FROM job").fetchall() == [(len(rows),)]
    for conn in (one, other):
        conn.execute("SELECT cloudsync_terminate()").fetchall()
        conn.close()
    return authored, merged, len(data)


def _measured(
    name: str, package: str, step: Callable[[Sequence[Row], Path], tuple[float, float, int]], rows: Sequence[Row], folder: Path
) -> Peer:
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return Peer(name, f"{package} is not installed")
    if package == "apsw":
        if not Path(os.environ.get("CLOUDSYNC", "")).is_file():
            return Peer(name, "CLOUDSYNC names no file: it takes the path of cloudsync.so")
        version = ""
    rounds = []
    for number in range(3):
        place = folder / f"{package}-{number}"
        place.mkdir()
        rounds.append(step(rows, place))
    best = map(min, zip(*rounds, strict=True))
    return Peer(f"{name} {version}".strip(), "", *best)


def peers(rows: Sequence[Row], folder: Path) -> list[Peer]:
    """Loro, pycrdt and a durable one, each measured or said to be absent."""
    return [
        _measured("Loro", "loro", _loro, rows, folder),
        _measured("pycrdt", "pycrdt", _pycrdt, rows, folder),
        _measured("sqlite-sync", "apsw", _sqlite_sync, rows, folder),
    ]

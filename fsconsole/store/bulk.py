"""Many rows at once: the same one door as ``record.save``, without a Put for every row.

It stands apart because an import of a hundred thousand rows is held up by whatever is done per row.

Always: each call is one batch in one transaction (or part of the caller's).
"""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from fsconsole.changes.batch import Act, Batch, Rows
from fsconsole.store.apply import apply
from fsconsole.store.contest import settle_own
from fsconsole.store.opening import PRAGMAS, Store
from fsconsole.store.record import log, next_stamp

#: Rows saved together when there are many.
CHUNK = 8_000
#: Pages kept while many rows come in: the indexes of a hundred thousand rows. In KiB.
ROOM = 64_000
#: Pages written to the log file before they are carried into the store; a larger stride writes each page less often.
STRIDE = 8_000


def save_rows(store: Store, act: Act, rows: Sequence[Rows], now: datetime) -> int:
    """Saves rows gathered by kind and columns as one batch; returns its stamp, 0 when there was nothing to save.

    Every row of a kind must come once. Raises StoreError when nothing could be saved; then nothing was.
    """
    filled = [group for group in rows if group.rows]
    if not filled:
        return 0
    with store.writing() as conn:
        batch = Batch(stamp=next_stamp(conn, store.site, now), act=act, rows=filled)
        apply(conn, batch)
        log(conn, batch)
        settle_own(conn, batch)
    return batch.stamp


@contextmanager
def roomy(store: Store, *, derived: bool = False) -> Iterator[None]:
    """A larger page cache and rarer checkpoints while many rows come in; as before afterwards.

    ``derived``: nothing but caches is written, whose marks are taken off in the same transactions. If the plug is pulled,
    the last of these may be lost together, marks and all, and are derived again: no transaction waits for the disk.
    """
    conn = store.raw
    waits = not derived or conn.in_transaction
    if not waits:
        conn.execute("PRAGMA synchronous = normal")
    (stride,) = conn.execute("PRAGMA wal_autocheckpoint").fetchone()
    conn.execute(f"PRAGMA cache_size = -{ROOM}")
    conn.execute(f"PRAGMA wal_autocheckpoint = {STRIDE}")
    # The collector would walk every row of a chunk again and again, and rows make no cycles.
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        conn.execute(f"PRAGMA cache_size = {PRAGMAS['cache_size']}")
        conn.execute(f"PRAGMA wal_autocheckpoint = {stride}")
        if not waits:
            conn.execute(f"PRAGMA synchronous = {PRAGMAS['synchronous']}")
        # Another process may hold the file: its own checkpoint will do.
        with suppress(sqlite3.OperationalError):
            conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

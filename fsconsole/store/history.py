"""What happened to a thing: its audit trail, read from the log.

It stands apart because the log is the only history there is; no table keeps a second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fsconsole.changes.batch import Batch
from fsconsole.changes.stamp import ms_of, site_of
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.record import logged
from fsconsole.store.tables import KINDS


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as it touched one row: who, where (site code), when, the words typed, and the columns written."""

    stamp: int
    at: datetime
    site: str
    by: str
    verb: str
    act: bytes
    kind: str
    row: bytes
    wrote: dict[str, Any]


def entries(store: Store, rows: list[bytes], *, limit: int = 1000) -> list[Entry]:
    """Every write to any of the rows, oldest first."""
    codes = dict(store.sql("SELECT number, code FROM site"))
    found: list[Entry] = []
    marks = ",".join("?" * len(rows))
    logs = store.sql(
        f"SELECT DISTINCT l.stamp, l.by_, l.verb, l.act, l.body FROM touched t JOIN log l ON l.stamp = t.stamp"
        f" WHERE t.row IN ({marks}) ORDER BY l.stamp LIMIT ?",
        [*rows, limit],
    )
    wanted = set(rows)
    for stamp, by, verb, act, body in logs:
        for kind, row, wrote in written(logged(body), wanted):
            at = instant(ms_of(stamp))
            site = codes.get(site_of(stamp), f"site {site_of(stamp)}")
            found.append(Entry(stamp, at, site, by, verb, act, kind, row, wrote))
    return found


def written(batch: Batch, wanted: set[bytes] | None = None) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """(kind, row, {column: value}) of a batch, with values unpacked; unknown kinds and columns are left out."""
    for rows in batch.rows:
        model = KINDS.get(rows.kind)
        if model is None:
            continue
        columns = {column.number: (name.rstrip("_"), column) for name, column in model.columns.items()}
        for row in rows.rows:
            if wanted is not None and row[0] not in wanted:
                continue
            wrote = {}
            for number, cell in zip(rows.fields, row[1:], strict=True):
                if number in columns:
                    name, column = columns[number]
                    wrote[name] = column.unpack(cell)
            yield str(model._meta.table_name), bytes(row[0]), wrote


def written_by_hand(store: Store, row: bytes) -> bool:
    """Whether a person's own act wrote last to a row, and neither an import nor its being taken back."""
    last = store.one(
        "SELECT l.verb FROM touched t JOIN log l ON l.stamp = t.stamp WHERE t.row = ? ORDER BY t.stamp DESC LIMIT 1", (row,)
    )
    return last is None or not str(last[0]).startswith(("import", "undo", "redo"))


def jobs_since(store: Store, n: int, most: int) -> list[bytes]:
    """Jobs on which something was written after entry ``n`` of the log: on themselves, their visits or what happened there.

    At most ``most`` of them; when far more was written, those of the newest entries.
    """
    jobs: dict[bytes, None] = {}
    for (body,) in store.sql("SELECT body FROM log WHERE n > ? ORDER BY n DESC LIMIT ?", (n, most)):
        for rows in logged(body).rows:
            query = _JOB_OF.get(rows.kind)
            for row in rows.rows if query else ():
                if len(jobs) >= most:
                    return list(jobs)
                found = store.one(query, (row[0],)) if query else None
                if found is not None and found[0] is not None:
                    jobs[bytes(found[0])] = None
    return list(jobs)


#: Kind -> the job that a row of it is about.
_JOB_OF = {
    30: "SELECT id FROM job WHERE id = ?",
    31: "SELECT job FROM visit WHERE id = ?",
    32: "SELECT v.job FROM event e JOIN visit v ON v.id = e.visit WHERE e.id = ?",
}


def batches_of(store: Store, act: bytes) -> list[Batch]:
    """The batches of one act, oldest first."""
    return [logged(body) for (body,) in store.sql("SELECT body FROM log WHERE act = ? ORDER BY stamp", (act,))]


def last_write_before(store: Store, row: bytes, kind: int, number: int, stamp: int) -> tuple[bool, Any]:
    """(True, stored value) of a column as it stood before ``stamp``; (False, None) when nothing had written it."""
    best: tuple[int, Any] | None = None
    logs = store.sql(
        "SELECT l.body FROM touched t JOIN log l ON l.stamp = t.stamp WHERE t.row = ? AND t.stamp < ? ORDER BY t.stamp DESC",
        (row, stamp),
    )
    for (body,) in logs:
        batch = logged(body)
        for rows in batch.rows:
            if rows.kind != kind or number not in rows.fields:
                continue
            index = 1 + list(rows.fields).index(number)
            for cells in rows.rows:
                if cells[0] == row and (best is None or batch.stamp > best[0]):
                    best = (batch.stamp, cells[index])
        if best is not None:
            return True, best[1]
    return False, None

"""What is derived anew without anybody's act: at the turn of a day, and once a newer version has other rules or other words.

It stands apart because a console must open, and be worked with, before any of it is done.

Always: what an act or another site has marked goes first; each chunk is one transaction with the place it reached, so a walk
that was broken off goes on there, here or in another console; a walk changes nothing but what is derived.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from fsconsole.store import derive
from fsconsole.store.opening import Store
from fsconsole.values.bill import Charge

#: Contract periods are derived anew when no more than this lies ahead of them.
ANEW = timedelta(days=120)
#: Rows in one transaction of a walk: a save waits for no more than these.
CHUNK = 50
#: What is walked through, in this order: (the step of ``settle``, the query of all its rows in the order of their ids).
_WALK: tuple[tuple[str, str], ...] = (
    ("_jobs", "SELECT id FROM job"),
    ("_contracts", "SELECT id FROM contract"),
    ("_clients", "SELECT id FROM client"),
    ("_technicians", "SELECT id FROM technician"),
    ("_sites", "SELECT id FROM site"),
    ("_rows", "SELECT DISTINCT row AS id FROM contested"),
)


class Reached(NamedTuple):
    """How far a walk has come: rows done, of how many."""

    done: int
    rows: int


@lru_cache(maxsize=1)
def version() -> str:
    """What this program derives by: a digest of its rules, values and steps, so that no release forgets to say it changed."""
    package, sum_ = Path(__file__).parent.parent, 0
    for folder in ("values", "rules", "flow"):
        for path in sorted(package.joinpath(folder).rglob("*.py")):
            sum_ = zlib.crc32(path.read_bytes(), zlib.crc32(path.name.encode(), sum_))
    return f"{sum_:08x}"


def come_round(store: Store, now: datetime) -> None:
    """Contracts whose derived periods will soon run out are marked; once a day, trails past their day are destroyed."""
    today = now.astimezone(store.zone).date()
    if (last := store.own("trails_expired_on", "")) != today.isoformat():
        from fsconsole.flow.expiring import expire_files
        from fsconsole.flow.trails import expire

        expire(store, today)
        expire_files(store, today)
        store.set_own(trails_expired_on=today.isoformat())
        if not last:
            stamp(store)  # nothing was derived here before
    if late := _late(store, now, 5000):
        with store.writing() as conn:
            derive.mark(conn, derive.CONTRACT, late)


def _late(store: Store, now: datetime, limit: int) -> list[bytes]:
    soon = (now + ANEW).date().isoformat()
    return [row[0] for row in store.sql("SELECT contract FROM contract_now WHERE through < ? LIMIT ?", (soon, limit))]


def holds_through(charges: Iterable[Charge], horizon: date) -> date:
    """Through which day what was derived of a contract is said to go: less where a part of it turns by the calendar before."""
    turns = min((day for charge in charges for day in charge.turns), default=None)
    return horizon if turns is None else min(horizon, turns - timedelta(days=1) + ANEW)


def stamp(store: Store) -> None:
    """All that is derived here was derived by this program."""
    store.set_own(derived_by=version(), derived_to="")


def behind(store: Store) -> bool:
    """Whether something here was derived by another version of the program; never in a store that may only be read."""
    if store.readonly or (by := store.own("derived_by")) == version():
        return False
    return by is not None or store.own("trails_expired_on") is not None  # else nothing was derived here yet


def due(store: Store, now: datetime) -> bool:
    """Whether anything wants deriving though nobody changed it. Loads none of what derives."""
    return not store.readonly and (behind(store) or bool(_late(store, now, 1)))


def walk(
    store: Store,
    now: Callable[[], datetime],
    *,
    wait: Callable[[], bool] = lambda: True,
    tell: Callable[[Reached], object] = lambda reached: None,
) -> bool:
    """Derives everything again, a chunk at a time; returns whether it came to its end.

    ``wait`` is called between chunks and says whether to go on; ``tell`` hears how far it has come.
    """
    settle = import_module("fsconsole.flow.settle")
    total = sum(_count(store, query) for _, query in _WALK)
    while behind(store):
        settle.settle(store, now())  # what waits for its turn by somebody's act goes first
        tell(Reached(_one_chunk(store, now(), settle), total))
        if behind(store) and not wait():
            return False
    return True


def _one_chunk(store: Store, now: datetime, settle: object) -> int:
    """The next chunk, and the place it reached, in one transaction; returns how many rows are done by then."""
    with store.writing() as conn:
        version_, step, done, last = _place(store)
        if version_ != version():
            step, done, last = 0, 0, b""
        if conn.execute("SELECT 1 FROM dirty LIMIT 1").fetchone():
            return done
        while step < len(_WALK):
            name, query = _WALK[step]
            rows = [row[0] for row in conn.execute(f"SELECT id FROM ({query}) WHERE id > ? ORDER BY id LIMIT ?", (last, CHUNK))]
            if rows:
                break
            step, last = step + 1, b""
        else:
            stamp(store)
            return done
        from fsconsole.flow.gather import Known  # read anew for each chunk: a price may have changed since

        getattr(settle, name)(store, rows, Known(store), now)
        # Clients and technicians of these are come to by themselves.
        conn.execute("DELETE FROM dirty WHERE kind IN (?, ?)", (derive.CLIENT, derive.TECHNICIAN))
        store.set_own(derived_to=f"{version()} {step} {done + len(rows)} {rows[-1].hex()}")
        return done + len(rows)


def _place(store: Store) -> tuple[str, int, int, bytes]:
    """(the version that walks, the step of the walk, rows done, the last of them)."""
    said = str(store.own("derived_to") or "")
    version_, step, done, last = said.split(" ") if said else ("", "", "", "")
    return version_, int(step or 0), int(done or 0), bytes.fromhex(last)


def _count(store: Store, query: str) -> int:
    return int(store.sql(f"SELECT count(*) FROM ({query})")[0][0])


def reached(store: Store) -> Reached | None:
    """How far the walk has come that this version wants; None where all is derived by it."""
    if store.own("derived_by", None if store.own("trails_expired_on") else version()) == version():
        return None
    version_, _, done, _ = _place(store)
    return Reached(done if version_ == version() else 0, sum(_count(store, query) for _, query in _WALK))


__all__ = ["ANEW", "Reached", "behind", "come_round", "due", "holds_through", "reached", "stamp", "version", "walk"]

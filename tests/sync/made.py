"""Sites for the tests: offices over one shared folder, with a clock that only moves when told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from fsconsole.changes.batch import Act
from fsconsole.clock import FixedClock, ids_from
from fsconsole.places import Home
from fsconsole.store.opening import Store, open_store
from fsconsole.store.record import save
from fsconsole.store.tables import KINDS, put
from fsconsole.sync.exchange import Report, exchange
from fsconsole.sync.folder import Disk
from fsconsole.sync.founding import found, invite, join

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@dataclass
class Office:
    """One site: its home, its store, and what its people do."""

    home: Home
    store: Store
    clock: FixedClock
    ids: Callable[[], bytes]
    draw: Callable[[int], bytes]
    disk: Disk | None = None
    saved: list[int] = field(default_factory=list)

    def put(self, kind: str, row: bytes | None = None, **values: Any) -> bytes:
        row = row or self.ids()
        self.saved.append(save(self.store, Act(self.ids(), "amy", f"put {kind}"), [put(kind, row, **values)], self.clock.now()))
        return row

    def job(self, title: str = "Boiler down", row: bytes | None = None, **values: Any) -> bytes:
        return self.put("job", row, title=title, **values)

    def sync(self) -> Report:
        return exchange(self.store, self.home, self.clock.now(), disk=self.disk, draw=self.draw)

    def titles(self) -> list[str]:
        return sorted(row[0] for row in self.store.sql("SELECT title FROM job"))

    def reopen(self) -> None:
        self.store.close()
        self.store = open_store(self.home.store)


class Workspace:
    """A folder, the first office in it, and more on demand."""

    def __init__(self, root: Path, seed: int = 1) -> None:
        self.root = root
        self.shared = root / "shared"
        self.shared.mkdir()
        self.random = Random(seed)
        self.clock = FixedClock(NOON)
        home = self.home("LDN")
        self.ids = ids_from(self.clock, Random(seed + 1))
        store = found(
            home, code="LDN", name="Acme", shared=self.shared, currency="GBP", timezone="Europe/London", now=NOON,
            ids=self.ids, by="amy", draw=self.random.randbytes,
        )  # fmt: skip
        self.offices = [self._office(home, store)]

    def home(self, code: str) -> Home:
        return Home(self.root / code, self.root / code)

    def _office(self, home: Home, store: Store) -> Office:
        return Office(home, store, self.clock, self.ids, self.random.randbytes)

    @property
    def first(self) -> Office:
        return self.offices[0]

    def invited(self, code: str, role: str = "billing", days: int = 7) -> str:
        return invite(
            self.first.store, self.first.home, code=code, role=role, now=self.clock.now(), days=days, draw=self.random.randbytes
        ).code

    def joined(self, code: str, role: str = "billing") -> Office:
        words = self.invited(code, role)
        home = self.home(code)
        store = join(
            home, shared=self.shared, code=words, now=self.clock.now(), ids=self.ids, by="bob", draw=self.random.randbytes
        )
        self.offices.append(self._office(home, store))
        return self.offices[-1]

    def later(self, **span: float) -> None:
        self.clock.move(self.clock.now() + timedelta(**span))

    def settle(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            for office in self.offices:
                office.sync()

    def close(self) -> None:
        for office in self.offices:
            office.store.close()


def digest(store: Store) -> str:
    """Every synced table, clocks included, and what is contested, in one word."""
    made = hashlib.sha256()
    for kind in sorted(KINDS):
        table = KINDS[kind]._meta.table_name
        made.update(table.encode())
        for row in store.sql(f'SELECT * FROM "{table}" ORDER BY id'):
            made.update(repr(row).encode())
    for row in store.sql("SELECT row, field, stamp, kind, value, winner FROM contested ORDER BY row, field, stamp"):
        made.update(repr(row).encode())
    for row in store.sql("SELECT stamp, act FROM log ORDER BY stamp, act"):
        made.update(repr(row).encode())
    return made.hexdigest()


def files(folder: Path, ending: str = "") -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name.endswith(ending))

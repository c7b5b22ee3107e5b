"""Homes with N made-up jobs, made once and kept in a temporary folder: ``python -m tests.bench.filler 10000``.

The jobs go in through the same door as an import (``store.bulk``) and are settled as any change is.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from fsconsole.changes.batch import Act
from fsconsole.flow.again import stamp
from fsconsole.flow.settle import settle
from fsconsole.places import Home
from fsconsole.store.bulk import roomy, save_rows
from fsconsole.store.migrations import VERSION
from fsconsole.store.opening import open_store
from fsconsole.store.record import grouped
from fsconsole.store.tables import Put, put
from fsconsole.sync.founding import found

NOW = datetime(2026, 3, 3, 9, 42, tzinfo=UTC)
CHUNK = 2_000
RECIPE = "5"  # changes when what is made here changes
TITLES = (
    "Boiler down", "UPS beeping", "Chiller alarm", "Door won't lock", "Quarterly service", "CCTV offline", "Drain smell", "Pump noisy",
    "Barrier stuck open", "Extractor trips", "Radiators cold", "Lift stops between floors", "空調 alarm", "No hot water",
)  # fmt: skip
CLIENTS = (
    "Acme",
    "Kent Data",
    "Bell Foods",
    "Moss Lane",
    "Hart Clinic",
    "Ives Bank",
    "Orme Hotel",
    "Dale Schools",
    "Gray Print",
    "Finch & Co",
)
STREETS = ("Mill Lane", "High Street", "Station Road", "Park Row", "Quay", "Church Walk")
#: How far a job has come, and how often: the open ones are most of what a board shows.
WAYS = (
    ((), 30), (("book",), 10), (("book", "release"), 20), (("book", "release", "depart"), 6), (("book", "release", "depart", "arrive"), 10),
    (("book", "release", "depart", "arrive", "wait parts"), 6), (("book", "release", "depart", "arrive", "complete"), 10),
    (("book", "release", "depart", "arrive", "complete", "sign"), 8),
)  # fmt: skip


def home_with(jobs: int) -> Path:
    """A fresh copy of a home with this many jobs; the caller removes it."""
    kept = Path(tempfile.gettempdir()) / f"fsconsole-bench-{VERSION}-{RECIPE}-{jobs}"
    if not (kept / "done").exists():
        shutil.rmtree(kept, ignore_errors=True)
        _make(kept, jobs)
        (kept / "done").touch()
    copy = Path(tempfile.mkdtemp(prefix=f"fsconsole-bench-{jobs}-"))
    shutil.copytree(kept, copy, dirs_exist_ok=True)
    # Kept from before the rules last changed, it would be derived again behind the console that is measured.
    store = open_store(Home(copy, copy).store)
    stamp(store)
    store.close()
    return copy


def _make(folder: Path, jobs: int) -> None:
    ids = _ids()
    home = Home(folder, folder)
    store = found(
        home, code="LDN", name="Bench", shared=None, currency="GBP", timezone="Europe/London", now=NOW, ids=ids, by="bench"
    )  # fmt: skip
    with roomy(store):
        puts: list[Put] = []
        for number, thing in enumerate(_things(jobs, ids)):
            puts.append(thing)
            if len(puts) >= CHUNK * 4:
                save_rows(store, Act(ids(), "bench", f"fill {number}"), grouped(puts), NOW)
                puts = []
        save_rows(store, Act(ids(), "bench", "fill"), grouped(puts), NOW)
        settle(store, NOW)
    store.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()


class _ids:
    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> bytes:
        self._count += 1
        return hashlib.blake2b(b"bench%d" % self._count, digest_size=16).digest()


def _things(jobs: int, ids: _ids) -> Iterator[Put]:
    dice = Random(jobs)
    technicians = [ids() for _ in range(max(12, min(200, jobs // 100)))]
    for number, row in enumerate(technicians):
        yield put("technician", row, code=f"t{number:03}", name=f"Technician {number}", area=("north", "south")[number % 2])
    places: list[tuple[bytes, bytes]] = []
    for number in range(max(20, jobs // 20)):
        client = ids()
        yield put("client", client, ref=f"LDN-K{number + 1}", name=f"{CLIENTS[number % 10]} {number // 10 or ''}".strip())
        for place in range(2):
            location = ids()
            street = f"{number % 90 + 1} {STREETS[number % 6]}"
            yield put(
                "location", location, client=client, name=f"Unit {place + 1}", address=street, postcode=f"SL{number % 9 + 1} 4DX"
            )
            places.append((client, location))
    ways = [way for way, often in WAYS for _ in range(often)]
    for number in range(jobs):
        client, location = dice.choice(places)
        job, way = ids(), dice.choice(ways)
        reported = NOW - timedelta(minutes=dice.randrange(5, 14_000))
        yield put(
            "job", job, ref=f"LDN-{number + 1001}", client=client, location=location, title=dice.choice(TITLES),
            priority=dice.choice((1, 2, 3, 3, 3, 4)), reported_at=reported, promised_until=NOW + timedelta(minutes=dice.randrange(-90, 4000)),
        )  # fmt: skip
        if not way:
            continue
        visit, booked = ids(), reported + timedelta(minutes=dice.randrange(1, 60))
        yield put(
            "visit",
            visit,
            job=job,
            number=1,
            technician=dice.choice(technicians),
            booked_from=booked,
            booked_until=booked + timedelta(hours=1),
        )
        for step, what in enumerate(way):
            yield put("event", ids(), visit=visit, what=what, at=min(NOW, booked + timedelta(minutes=step * 7)))


if __name__ == "__main__":
    for told in sys.argv[1:] or ["1000"]:
        print(home_with(int(told)))

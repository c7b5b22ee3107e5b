"""What the shared folder costs while little happens: a look at it, how soon a change is seen, what lies there after a day and a year.

It stands apart from tests/bench/sync.py because nothing here is a rate.
"""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from fsconsole.changes import names
from fsconsole.clock import Clock
from fsconsole.store.opening import open_store
from fsconsole.sync.exchange import watch
from fsconsole.sync.folder import Folder, Segment
from fsconsole.sync.rollup import merged_runs
from tests.sync.made import Workspace, files


def scan(count: int = 10_000, sites: int = 20) -> float:
    """Seconds for one look at a folder of so many segment files."""
    with TemporaryDirectory() as folder:
        for site in range(1, sites + 1):
            place = Path(folder, names.SITES, names.site(site), names.epoch(1 << 32 | site))
            place.mkdir(parents=True)
            for seq in range(1, count // sites + 1):
                (place / names.segment(seq, seq)).write_bytes(b"x")
        root = Folder(Path(folder))
        # All but each site's last file were read before, as when a console is started.
        read = {(site, 1 << 32 | site): count // sites - 1 for site in range(1, sites + 1)}
        times = []
        for _ in range(5):
            before = time.perf_counter()
            found = root.listing(read)
            times.append(time.perf_counter() - before)
        assert sum(map(len, found.segments.values())) == count
        return median(times)


def seen(tries: int = 10) -> tuple[float, float]:
    """(median, longest) seconds from a save at one site until it stands at the other; both run the loop that consoles run."""
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        ldn, lds = workspace.first, workspace.joined("LDS")
        workspace.settle()
        stop = threading.Event()

        def run(home: Any) -> None:
            store = open_store(home.store)
            watch(store, home, Clock(), lambda words: None, stop=stop)
            store.close()

        threads = [threading.Thread(target=run, args=(office.home,)) for office in (ldn, lds)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        times = []
        for number in range(tries):
            time.sleep(0.3 + secrets.randbelow(400) / 1000)
            row = ldn.job(f"Job {number}")
            before = time.perf_counter()
            while not lds.store.one("SELECT 1 FROM job WHERE id = ?", (row,)):
                time.sleep(0.002)
            times.append(time.perf_counter() - before)
        stop.set()
        for thread in threads:
            thread.join()
        workspace.close()
        return median(times), max(times)


def resting_day() -> tuple[float, int]:
    """A simulated day in which nobody saves: (files written per site and hour, files more at its end than at its start)."""
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        workspace.joined("LDS")
        for _ in range(5):
            workspace.settle(2)
            workspace.later(hours=2)
        workspace.settle(2)
        before = known = {path.relative_to(workspace.shared) for path in files(workspace.shared)}
        every, hours, written = 5, 24, 0
        for _ in range(hours * 60 // every):
            workspace.later(minutes=every)
            workspace.settle(1)
            after = {path.relative_to(workspace.shared) for path in files(workspace.shared)}
            written += len(after - known)
            known = known | after
        workspace.close()
        return written / len(workspace.offices) / hours, len(after) - len(before)


def busy_year(frames_a_day: int = 150) -> tuple[int, int]:
    """A year of frames of one site, rolled up as they come: (most files at any time, files at its end)."""
    random = Random(1)
    here: list[Segment] = []
    most = 0
    for seq in range(1, 365 * frames_a_day + 1):
        here.append(Segment(1, 1, seq, seq, random.choice([336, 336, 336, 900, 5_000])))
        if seq % 8:
            continue
        for run in merged_runs(here):
            one = Segment(1, 1, run[0].first, run[-1].last, sum(file.size for file in run))
            gone = set(run)
            here = [*(file for file in here if file not in gone), one]
        most = max(most, len(here))
    return most, len(here)

"""How the console answers while another site's backlog arrives: keys pressed in a pty, before and during.

    python -m tests.bench.backlog [CHANGES]     1,000,000 changes unless told

It stands apart because here two things run at once: the console under a hand, and its own thread that takes the backlog lot by lot.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from fsconsole.store.opening import open_store
from fsconsole.sync.exchange import exchange
from tests.bench.pty_driver import Program
from tests.bench.rows import COLUMNS, made_rows
from tests.bench.sync import Line, author
from tests.sync.made import NOON, Workspace

#: Jobs on the board before, and seconds between keys.
JOBS, EVERY = 60, 0.1


def backlog_lines(changes: int, longest: float = 120.0) -> list[Line]:
    """Rows of the table: a key before, a key while the backlog comes in, how fast it comes, and memory."""
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        ldn, lds = workspace.first, workspace.joined("LDS")
        for number in range(JOBS):
            lds.job(f"Job {number}", ref=f"LDS-{1001 + number}")
        workspace.settle()
        lds.store.close()
        marker = workspace.shared / "fsconsole.ws"
        kept = marker.read_bytes()
        author(ldn, made_rows(changes, Random(7)))
        exchange(ldn.store, ldn.home, NOON)
        marker.unlink()
        env = {"PYTHONPATH": os.getcwd(), "FSCONSOLE_NOW": "2026-03-03T12:05:00Z@1"}
        with Program([sys.executable, "-m", "fsconsole", "--home", str(lds.home.data), "--fresh"], env=env) as console:
            console.first_frame()
            console.quiet(1.0, 10)
            before = _keys(console, 8.0, lambda: False)
            store = open_store(lds.home.store, readonly=True)
            marker.write_bytes(kept)
            began = time.perf_counter()
            there = ldn.store.sql("SELECT count(*) FROM job")[0][0]

            def arrived() -> bool:
                return bool(store.sql("SELECT count(*) FROM job")[0][0] >= there)

            during = _keys(console, longest, arrived)
            took = time.perf_counter() - began
            here = store.sql("SELECT count(*) FROM job")[0][0] - JOBS
            after = _keys(console, 20.0, lambda: False)
            memory = console.memory()
            store.close()
        workspace.first.store.close()
    rate = here * COLUMNS / took
    figure, yardstick, later = ([_p(some, at) for at in (50, 95, 100)] for some in (during, before, after))
    words = "{0:.0f}, {1:.0f}, {2:.0f} ms".format
    return [
        Line(f"a key while {changes:,} changes come in, p50, p95, most", words(*figure), f"before {words(*yardstick)}", "",
             "p95 ≤ 50 ms", figure[1] <= 50),
        Line("a key while they are derived", words(*later), f"before {words(*yardstick)}", "", "p95 ≤ 50 ms", later[1] <= 50),
        Line("taken meanwhile", f"{here * COLUMNS:,} in {took:.0f} s, {rate:,.0f} /s", "", "", "", None),
        Line("memory of that console", f"{memory:.0f} MB", "", "", "≤ 300 MB", memory <= 300),
    ]  # fmt: skip


def _p(some: list[float], share: int) -> float:
    if share == 100:
        return max(some) * 1000
    return (median(some) if share == 50 else quantiles(some, n=20)[18]) * 1000


def _keys(console: Program, seconds: float, over: Callable[[], bool]) -> list[float]:
    """Presses down and up in turn until it is over; seconds to the first byte of each answer, for a missing one the wait."""
    times: list[float] = []
    began = looked = time.perf_counter()
    while time.perf_counter() - began < seconds:
        found = console.press(("down", "up")[len(times) % 2], calm=0.03, longest=2.0)
        times.append(2.0 if found.first is None else found.first)
        console.read(EVERY)
        if time.perf_counter() - looked > 1.0:
            looked = time.perf_counter()
            if over():
                break
    return times


if __name__ == "__main__":
    for line in backlog_lines(int((sys.argv[1:] or ["1000000"])[0].replace(",", ""))):
        print(line)

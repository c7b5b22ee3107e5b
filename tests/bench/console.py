"""Measures the console from outside against a bare Textual app: ``python -m tests.bench.console [--quick] [--rows start,key]``.

Times are given as multiples of the bare app's in the same run, for they depend on the machine; bytes do not.
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyte

from fsconsole.changes.batch import Act
from fsconsole.clock import Clock, ids_from
from fsconsole.flow.settle import settle
from fsconsole.store.opening import Store, open_store
from fsconsole.store.record import save
from fsconsole.store.tables import put
from tests.bench.filler import NOW, home_with
from tests.bench.pty_driver import Press, Program

BARE = (sys.executable, "-m", "tests.bench.bare")
SLOW = 128.0  # kbit/s
#: Both programs run compiled, as an installed one does, whatever this shell forbids.
ENV = {"FSCONSOLE_NOW": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": ""}


class Told(NamedTuple):
    """One line of the table."""

    measure: str
    target: str
    got: str
    met: bool | None


def median(values: Iterable[float | None]) -> float:
    return statistics.median([value for value in values if value is not None] or [0.0])


def p95(values: Iterable[float | None]) -> float:
    ordered = sorted(value for value in values if value is not None)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] if ordered else 0.0


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


class Bench:
    """The homes, the sizes, and what was told."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.jobs: int = options.jobs
        self.size = tuple(int(number) for number in options.size.split("x"))
        self.runs: int = 1 if options.quick else options.runs
        self.keys = 20 if options.quick else 60
        self.told: list[Told] = []
        self.homes: dict[int, Path] = {}
        self.known: dict[str, Any] = {}

    # What is run.

    def home(self, jobs: int = 0) -> Path:
        jobs = jobs or self.jobs
        if jobs not in self.homes:
            self.homes[jobs] = home_with(jobs)
        return self.homes[jobs]

    def bare(self, **more: Any) -> Program:
        return Program(BARE, size=self.size, env=ENV, **more)

    def console(self, jobs: int = 0, **more: Any) -> Program:
        command = (sys.executable, "-m", "fsconsole", "--home", str(self.home(jobs)), "--fresh")
        return Program(command, **{"size": self.size, "env": ENV, **more})

    def tell(self, measure: str, target: str, got: str, met: bool | None = None) -> None:
        self.told.append(Told(measure, target, got, met))
        print(f"  {measure}: {got}   (target {target}){'' if met is None else '' if met else '   NOT MET'}", flush=True)

    def kept(self, name: str, work: Callable[[], Any]) -> Any:
        """What other rows need too is measured once."""
        if name not in self.known:
            self.known[name] = work()
        return self.known[name]

    # Pieces.

    def starts(self, make: Callable[..., Program], **more: Any) -> list[tuple[float, int]]:
        told = []
        for number in range(self.runs + 1):
            with make(**more) as program:
                frame = program.first_frame()
                program.leave("q")
            if number:
                told.append(frame)
        return told

    def presses(self, make: Callable[..., Program], keys: tuple[str, ...] = ("down",), **more: Any) -> list[Press]:
        told: list[Press] = []
        for _ in range(self.runs):
            with make(**more) as program:
                program.first_frame()
                program.quiet(0.8)
                for number in range(self.keys):
                    told.append(program.press(keys[number % len(keys)]))
                program.leave("q")
        return told

    def bare_start(self) -> list[tuple[float, int]]:
        return self.kept("bare start", lambda: self.starts(self.bare))

    def bare_keys(self) -> list[Press]:
        return self.kept("bare keys", lambda: self.presses(self.bare))

    def console_start(self) -> list[tuple[float, int]]:
        return self.kept("start", lambda: self.starts(self.console))

    def console_keys(self) -> list[Press]:
        return self.kept("keys", lambda: self.presses(self.console, ("down",)))

    # Rows.

    def start(self) -> None:
        bare, ours = median(at for at, _ in self.bare_start()), median(at for at, _ in self.console_start())
        self.tell("first usable frame", "<= 2.0x bare", f"{ours / bare:.2f}x ({ms(ours)}, bare {ms(bare)})", ours <= 2 * bare)
        count = median(count for _, count in self.console_start())
        self.tell("bytes to first frame", "<= 24 kB", f"{count:,.0f} B (bare {self.bare_start()[0][1]:,} B)", count <= 24_000)

    def key(self) -> None:
        bare, ours = [press.last for press in self.bare_keys()], [press.last for press in self.console_keys()]
        for name, of, most in (("p50", median, 2.0), ("p95", p95, 2.5)):
            times = of(ours) / of(bare)
            self.tell(
                f"cursor key {name}", f"<= {most}x bare", f"{times:.2f}x ({ms(of(ours))}, bare {ms(of(bare))})", times <= most
            )  # fmt: skip
        mean = statistics.fmean(press.bytes for press in self.console_keys())
        self.tell("bytes per cursor key, mean", "<= 450 B", f"{mean:,.0f} B", mean <= 450)
        across = self.presses(self.console, ("right", "down", "left", "pagedown", "up"))
        self.tell(
            "mixed keys p50, mean bytes",
            "",
            f"{ms(median(p.last for p in across))}, {statistics.fmean(p.bytes for p in across):,.0f} B",
        )
        dead = sum(press.last is None for press in self.console_keys())
        self.tell("cursor keys without an answer", "", f"{dead} of {len(self.console_keys())}")

    def live(self) -> None:
        """Another process of this site changes jobs while the console looks on."""
        shutil.copytree(self.home(), copy := Path(str(self.home()) + "-live"), dirs_exist_ok=True)
        self.homes[-1] = copy
        store = open_store(copy / "site.db")
        ids = ids_from(Clock())
        seen: dict[str, list[tuple[int, float]]] = {"title": [], "far": [], "column": []}
        with self.console(-1) as program:
            program.first_frame()
            program.quiet(1.5)
            screen = pyte.Screen(program.width, program.height)
            stream = pyte.Stream(screen)
            stream.feed(program.output())
            heard = len(program.heard)
            for number in range(4 if self.runs == 1 else 10):
                shown = _shown(store, screen)
                far = store.one(
                    "SELECT job FROM job_now WHERE column_ = 'logged' ORDER BY due_at DESC LIMIT 1 OFFSET ?", (number,)
                )
                assert far is not None
                visit = ids()
                told = {
                    "title": [put("job", shown[number % len(shown)], title=f"Boiler down {number}")],
                    "far": [put("job", far[0], title=f"Drain smell {number}")],
                    "column": [
                        put("visit", visit, job=shown[0], number=1, technician=_technician(store), booked_from=NOW, booked_until=NOW + timedelta(hours=1)),
                        put("event", ids(), visit=visit, what="book", at=NOW), put("event", ids(), visit=visit, what="release", at=NOW),
                    ],
                }  # fmt: skip
                for what, puts in told.items():
                    before, cpu = program.total, program.cpu()
                    save(store, Act(ids(), "bench", what), puts, NOW)
                    settle(store, NOW)
                    program.quiet(1.6, 4)
                    seen[what].append((program.total - before, program.cpu() - cpu))
                stream.feed(program.output(heard))
                heard = len(program.heard)
            program.leave("q")
        store.close()
        bare = self._bare_cpu()
        rest = self._rest_cpu(copy)
        for what, measure, most, times in (
            ("title", "live update of a visible card", 100, 2.0), ("far", "live update of a card off screen", 0, 2.0),
            ("column", "a card changes column", 2500, 6.0),
        ):  # fmt: skip
            count, cpu = median(float(n) for n, _ in seen[what]), max(0.0, median(cpu for _, cpu in seen[what]) - rest)
            self.tell(
                measure, f"<= {most:,} B, <= {times:.0f}x a bare key", f"{count:,.0f} B, {cpu / bare:.1f}x in CPU ({ms(cpu)}, bare {ms(bare)})",
                count <= most and (what == "far" or cpu <= times * bare),
            )  # fmt: skip

    def _bare_cpu(self) -> float:
        with self.bare() as program:
            program.first_frame()
            before = program.cpu()
            for _ in range(self.keys):
                program.press("x")
            used = (program.cpu() - before) / self.keys
            program.leave("q")
        return used

    def _rest_cpu(self, home: Path) -> float:
        """What 1.6 s of looking on cost without a change."""
        with self.console(-1) as program:
            program.first_frame()
            program.quiet(1.5)
            before = program.cpu()
            time.sleep(1.6)
            used = program.cpu() - before
            program.leave("q")
        return used

    def held(self) -> None:
        for kbits, name, most in ((0.0, "local", 0.02), (SLOW, "128 kbit/s", 0.1)):
            lags, rates = [], []
            for _ in range(self.runs):
                with self.console(kbits=kbits) as program:
                    program.first_frame()
                    program.quiet(1.0)
                    lag, rate = program.hold("down", self.keys, 30)
                    lags.append(lag)
                    rates.append(rate)
                    program.leave("q")
            lag = median(lags)
            self.tell(
                f"held key at 30 Hz, lag, {name}",
                f"<= {most * 1000:.0f} ms",
                f"{ms(lag)} ({median(rates):,.0f} B/s)",
                lag <= most,
            )

    def slow(self) -> None:
        ours = median(at for at, _ in self.starts(self.console, kbits=SLOW))
        bare = median(at for at, _ in self.starts(self.bare, kbits=SLOW))
        self.tell("usable over 128 kbit/s", "<= 1.6 s", f"{ms(ours)} (bare {ms(bare)})", ours <= 1.6)

    def idle(self) -> None:
        with self.console() as program:
            program.first_frame()
            program.quiet(2.0)
            before, cpu = program.total, program.cpu()
            program.quiet(10.5, 10.0)
            count, used = program.total - before, program.cpu() - cpu
            program.leave("q")
        self.tell("idle, 10 s", "0 B, <= 0.02 CPU s", f"{count} B, {used:.3f} CPU s", not count and used <= 0.02)

    def ticks(self) -> None:
        env = {**ENV, "FSCONSOLE_NOW": f"{NOW:%Y-%m-%dT%H:%M:%SZ}@30"}
        with self.console(env=env) as program:
            program.first_frame()
            program.quiet(1.0, 4)
            before = program.total
            program.quiet(20, 10.0)  # five minutes of the business clock
            count = (program.total - before) / 5
            program.leave("q")
        self.tell("bytes per clock tick (a minute)", "<= 60 B", f"{count:,.0f} B", count <= 60)

    def memory(self) -> None:
        with self.console() as program:
            program.first_frame()
            for _ in range(self.keys):
                program.press("down")
            most = program.memory()
            program.leave("q")
        with self.bare() as program:
            program.first_frame()
            least = program.memory()
            program.leave("q")
        self.tell("memory", "<= 80 MB", f"{most:.0f} MB (bare {least:.0f} MB)", most <= 80)

    def growth(self) -> None:
        starts, keys = {}, {}
        for jobs in (1_000, 10_000, 100_000):
            starts[jobs] = median(at for at, _ in self.starts(self.console, jobs=jobs))
            pressed = self.presses(self.console, jobs=jobs)
            keys[jobs] = median(press.last for press in pressed)
            mean = statistics.fmean(press.bytes for press in pressed)
            self.tell(f"{jobs:,} jobs", "", f"start {ms(starts[jobs])}, key {ms(keys[jobs])}, {mean:,.0f} B/key")
        key, start = keys[100_000] / keys[10_000], starts[100_000] / starts[10_000]
        self.tell("10,000 -> 100,000 jobs: key", "<= 1.2x", f"{key:.2f}x", key <= 1.2)
        self.tell("10,000 -> 100,000 jobs: start", "<= 2.5x", f"{start:.2f}x", start <= 2.5)

    def leaving(self) -> None:
        for name, key, sign in (("key", "q", None), ("SIGTERM", "", signal.SIGTERM), ("SIGHUP", "", signal.SIGHUP)):
            with self.console() as program:
                program.first_frame()
                program.quiet(0.6)
                left = program.leave(key, sign)
            fine = left.seconds <= 0.3 and not left.modes and left.status != -999
            modes = ", ".join(left.modes) or "none"
            self.tell(
                f"leaving by {name}",
                "<= 0.3 s, no mode left on",
                f"{ms(left.seconds)}, status {left.status}, modes on: {modes}",
                fine,
            )

    def sizes(self) -> None:
        for size in ((80, 24), (120, 40), (200, 50)):
            starts = self.starts(self.console, size=size)
            pressed = self.presses(self.console, size=size)
            self.tell(
                f"{size[0]}x{size[1]}", "",
                f"start {ms(median(at for at, _ in starts))}, {median(float(n) for _, n in starts):,.0f} B; "
                f"key {ms(median(p.last for p in pressed))}, {statistics.fmean(p.bytes for p in pressed):,.0f} B",
            )  # fmt: skip


def _shown(store: Store, screen: pyte.Screen) -> list[bytes]:
    """The jobs of the logged column that can be seen, topmost first."""
    seen = []
    for line in screen.display:
        for number in re.findall(r"(?<![\d,£.])(\d{4,6})(?![\d,.])", line):
            row = store.one("SELECT job FROM job_now WHERE ref = ? AND column_ = 'logged'", (f"LDN-{number}",))
            if row and row[0] not in seen:
                seen.append(row[0])
    assert seen, "no job of the logged column is on the screen:\n" + "\n".join(screen.display)
    return seen


def _technician(store: Store) -> bytes:
    row = store.one("SELECT id FROM technician LIMIT 1")
    assert row is not None
    return bytes(row[0])


ROWS = ("start", "key", "live", "held", "slow", "idle", "ticks", "memory", "leaving", "growth", "sizes")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", default="", help=f"some of {','.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="one run, fewer keys, without growth and sizes")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    rows = options.rows.split(",") if options.rows else [r for r in ROWS if not (options.quick and r in ("growth", "sizes"))]
    if unknown := [row for row in rows if row not in ROWS]:
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    bench = Bench(options)
    try:
        for row in rows:
            print(row, flush=True)
            getattr(bench, row)()
    finally:
        for home in bench.homes.values():
            with suppress(OSError):
                shutil.rmtree(home)
    print(
        f"\n{options.jobs:,} jobs, {options.size}, {datetime.now(UTC):%Y-%m-%d}\n\n| measure | target | measured | met |\n|---|---|---|---|"
    )
    for told in bench.told:
        print(f"| {told.measure} | {told.target} | {told.got} | {'' if told.met is None else 'yes' if told.met else 'no'} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

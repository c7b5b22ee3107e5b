"""Measures the console from outside against a bare Textual app: ``python -m tests.bench.console [--quick] [--rows start,key]``.

It prints one table, in Markdown: figure, yardstick, ratio, target, met or not.

Times are given as multiples of the bare app's in the same run, for they depend on the machine; bytes do not.
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import statistics
import sys
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
    """One line of the table. ``yardstick`` and ``ratio`` are empty where a figure stands for itself."""

    measure: str
    figure: str
    yardstick: str
    ratio: str
    target: str
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

    def tell(
        self,
        measure: str,
        figure: str,
        target: str = "",
        met: bool | None = None,
        *,
        yardstick: str = "",
        ratio: float | None = None,
    ) -> None:
        told = Told(measure, figure, yardstick, "" if ratio is None else f"{ratio:.2f}", target, met)
        self.told.append(told)
        words = [figure, f"{told.ratio}x {yardstick}" if told.ratio else yardstick, f"target {target}" if target else ""]
        print(f"  {measure}: {', '.join(word for word in words if word)}{'   NOT MET' if met is False else ''}", flush=True)

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
        self.tell("first usable frame", ms(ours), "≤ 2.0x", ours <= 2 * bare, yardstick=f"bare {ms(bare)}", ratio=ours / bare)
        count, least = median(count for _, count in self.console_start()), self.bare_start()[0][1]
        self.tell(
            "bytes to first frame", f"{count:,.0f} B", "≤ 24 kB", count <= 24_000, yardstick=f"bare {least:,} B", ratio=count / least
        )  # fmt: skip

    def key(self) -> None:
        bare, ours = [press.last for press in self.bare_keys()], [press.last for press in self.console_keys()]
        for name, of, most in (("p50", median, 2.0), ("p95", p95, 2.5)):
            mine, its = of(ours), of(bare)
            self.tell(
                f"cursor key {name}", ms(mine), f"≤ {most}x", mine <= most * its, yardstick=f"bare {ms(its)}", ratio=mine / its
            )
        mean, least = (statistics.fmean(press.bytes for press in keys) for keys in (self.console_keys(), self.bare_keys()))
        self.tell("bytes per cursor key, mean", f"{mean:,.0f} B", "≤ 450 B", mean <= 450, yardstick=f"bare {least:,.0f} B")
        dead = sum(press.last is None for press in self.console_keys())
        self.tell("cursor keys without an answer", f"{dead} of {len(self.console_keys())}", "none", not dead)

    def live(self) -> None:
        """Another process of this site changes jobs while the console looks on; each change counts with all that it brings,
        until its mark is gone from the card, and nothing counts that another brought."""
        shutil.copytree(self.home(), copy := Path(str(self.home()) + "-live"), dirs_exist_ok=True)
        self.homes[-1] = copy
        store = open_store(copy / "site.db")
        ids = ids_from(Clock())
        seen: dict[str, list[tuple[int, float]]] = {"title": [], "far": [], "column": [], "rest": []}
        with self.console(-1) as program:
            program.first_frame()
            program.quiet(1.5)
            screen = pyte.Screen(program.width, program.height)
            stream = pyte.Stream(screen)
            stream.feed(program.output())
            heard = len(program.heard)
            for number in range(4 if self.runs == 1 else 6):
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
                    "rest": [],
                }  # fmt: skip
                for what, puts in told.items():
                    if puts:
                        save(store, Act(ids(), "bench", what), puts, NOW)
                        settle(store, NOW)
                    # It is drawn, the figures are counted; then nothing; then the mark goes. Only bytes count in between.
                    drawn, between, gone = program.look_on(2.0), program.look_on(3.6), program.look_on(1.4)
                    seen[what].append((drawn[0] + between[0] + gone[0], drawn[1] + gone[1]))
                stream.feed(program.output(heard))
                heard = len(program.heard)
            program.leave("q")
        store.close()
        bare = self._bare_cpu()
        rest = median(cpu for _, cpu in seen["rest"])
        for what, measure, most, times in (
            ("title", "live update of a visible card", 100, 2.0), ("far", "live update of a card off screen", 0, 2.0),
            ("column", "a card changes column", 2500, 6.0),
        ):  # fmt: skip
            count, cpu = median(float(n) for n, _ in seen[what]), max(0.0, median(cpu for _, cpu in seen[what]) - rest)
            self.tell(
                measure, f"{count:,.0f} B, {ms(cpu)} of CPU", f"≤ {most:,} B, ≤ {times:.0f}x" if most else "0 B",
                count <= most and (what == "far" or cpu <= times * bare), yardstick=f"a bare key {ms(bare)}", ratio=cpu / bare,
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
                f"held key at 30 Hz, lag, {name}", f"{ms(lag)}, {median(rates):,.0f} B/s", f"≤ {most * 1000:.0f} ms", lag <= most
            )

    def slow(self) -> None:
        ours = median(at for at, _ in self.starts(self.console, kbits=SLOW))
        bare = median(at for at, _ in self.starts(self.bare, kbits=SLOW))
        self.tell("usable over 128 kbit/s", ms(ours), "≤ 1.6 s", ours <= 1.6, yardstick=f"bare {ms(bare)}", ratio=ours / bare)

    def idle(self) -> None:
        with self.console() as program:
            program.first_frame()
            program.quiet(2.0)
            before, cpu = program.total, program.cpu()
            program.quiet(10.5, 10.0)
            count, used = program.total - before, program.cpu() - cpu
            program.leave("q")
        self.tell("idle, 10 s", f"{count} B, {used:.3f} CPU s", "0 B, ≤ 0.02 CPU s", not count and used <= 0.02)

    def ticks(self) -> None:
        env = {**ENV, "FSCONSOLE_NOW": f"{NOW:%Y-%m-%dT%H:%M:%SZ}@30"}
        for jobs in (self.jobs, self.jobs // 10):
            with self.console(jobs, env=env) as program:
                program.first_frame()
                program.quiet(1.0, 4)
                before = program.total
                program.quiet(20, 20.0)  # ten minutes of the business clock
                count = (program.total - before) / 10
                program.leave("q")
            near = open_store(self.home(jobs) / "site.db").sql(
                "SELECT count(*) FROM job_now WHERE due_at BETWEEN ? AND ?", (NOW.timestamp() * 1000 - 36e5, NOW.timestamp() * 1000 + 36e5)
            )[0][0]  # fmt: skip
            self.tell(f"clock tick, {near} promises within an hour of breaking", f"{count:,.0f} B", "≤ 60 B", count <= 60)

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
        self.tell("memory", f"{most:.0f} MB", "≤ 80 MB", most <= 80, yardstick=f"bare {least:.0f} MB", ratio=most / least)

    def growth(self) -> None:
        starts, keys = {}, {}
        for jobs in (1_000, 10_000, 100_000):
            known = jobs == self.jobs
            starts[jobs] = median(at for at, _ in (self.console_start() if known else self.starts(self.console, jobs=jobs)))
            pressed = self.console_keys() if known else self.presses(self.console, jobs=jobs)
            keys[jobs] = median(press.last for press in pressed)
            mean = statistics.fmean(press.bytes for press in pressed)
            self.tell(f"{jobs:,} jobs: start, key", f"{ms(starts[jobs])}, {ms(keys[jobs])}, {mean:,.0f} B/key")
        for name, took, most in (("key", keys, 1.2), ("start", starts, 2.5)):
            ten, hundred = took[10_000], took[100_000]
            self.tell(
                f"10,000 → 100,000 jobs: {name}", ms(hundred), f"≤ {most}x", hundred <= most * ten,
                yardstick=f"at 10,000 {ms(ten)}", ratio=hundred / ten,
            )  # fmt: skip

    def leaving(self) -> None:
        with self.bare() as program:
            program.first_frame()
            program.quiet(0.6)
            bare = program.leave("q").seconds
        faulty = (sys.executable, "-m", "tests.bench.faulty", "--home", str(self.home()), "--fresh")
        ways: tuple[tuple[str, str, signal.Signals | None, int], ...] = (
            ("key", "q", None, 0), ("SIGTERM", "", signal.SIGTERM, 143), ("SIGHUP", "", signal.SIGHUP, 129), ("a crash", "!", None, 70),
        )  # fmt: skip
        for name, key, sign, status in ways:
            all_left = []
            for _ in range(self.runs):
                with Program(faulty, size=self.size, env=ENV) if key == "!" else self.console() as program:
                    program.first_frame()
                    program.quiet(0.6)
                    all_left.append(program.leave(key, sign))
            took = median(left.seconds for left in all_left)
            modes = sorted({mode for left in all_left for mode in left.modes})
            told = sorted({left.status for left in all_left})
            self.tell(
                f"leaving by {name}", f"{ms(took)}, status {', '.join(map(str, told))}, modes left on: {', '.join(modes) or 'none'}",
                f"{'≤ 0.3 s, ' if key == 'q' else ''}status {status}, none on", told == [status] and not modes and (key != "q" or took <= 0.3),
                yardstick=f"bare {ms(bare)}" if key == "q" else "", ratio=took / bare if key == "q" else None,
            )  # fmt: skip

    def sizes(self) -> None:
        for size in ((80, 24), (120, 40), (200, 50)):
            known = size == self.size
            starts = self.console_start() if known else self.starts(self.console, size=size)
            pressed = self.console_keys() if known else self.presses(self.console, size=size)
            self.tell(
                f"{size[0]}x{size[1]}: start, key",
                f"{ms(median(at for at, _ in starts))}, {median(float(n) for _, n in starts):,.0f} B; "
                f"{ms(median(p.last for p in pressed))}, {statistics.fmean(p.bytes for p in pressed):,.0f} B",
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
    print(f"\n{options.jobs:,} jobs, {options.size}, {datetime.now(UTC):%Y-%m-%d}\n")
    print("| measure | figure | yardstick | ratio | target | met |\n|---|---|---|---|---|---|")
    for told in bench.told:
        print(f"| {' | '.join(told[:-1])} | {'' if told.met is None else 'yes' if told.met else 'no'} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

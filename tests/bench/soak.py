"""An hour at the console: ``python tests/bench/soak.py --minutes 60`` and a verdict on lag, flicker and memory.

The demo's company works at both sites, a colleague of this site writes something every few seconds, and a robot presses
keys on a small terminal at the end of a slow line. Beside it runs the bare app on a line like it: a busy machine slows
both, so that lag is what the console takes longer. Every five minutes a line is printed.

Lag is measured from a key to the last byte it brings, over that line. A key that changes nothing brings none: whether it was
one of those or the console stood still is told by the key behind it, since keys are dealt with in turn.

Memory is what the console's process holds. What the company's day adds to the store is told beside it: it is read a
screenful at a time, and held by nobody. The people of the demo are processes of their own, and count for nothing here.

Flicker is a cell that changes and is what it was within FRAME seconds while nobody pressed anything. Every second the
cells are looked at as the line brings them, so that synchronized output hides nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fsconsole.clock import clock_from, ids_from  # noqa: E402
from fsconsole.demo import prepare  # noqa: E402
from fsconsole.demo.company import FIRST, Folders  # noqa: E402
from fsconsole.demo.live import people  # noqa: E402
from fsconsole.desk import Desk  # noqa: E402
from fsconsole.errors import FsError  # noqa: E402
from fsconsole.store.opening import open_store  # noqa: E402
from fsconsole.verbs import run  # noqa: E402
from tests.bench.pty_driver import Program  # noqa: E402
from tests.console.terminal import Terminal  # noqa: E402

CALM = 0.06  # a pause that ends what a key brings
UNANSWERED = 0.35  # seconds after which an answer to a key that may mean nothing is none
AT_ONCE = 0.15  # seconds within which a key behind one that changes nothing is answered
FRAME = 0.1  # seconds within which a cell that comes back has flickered
HANDS_OFF = 0.5  # seconds behind a key in which what comes back was asked for
#: What holds: MB an hour after the first quarter; keys against the bare app's on the same line, or seconds, whichever is
#: more; seconds that no key may take; seconds that a held key may be behind, in the middle; flickered cells.
GROWTH, LAG, LEAST, STALL, HELD, FLICKER = 3.0, 2.5, 0.1, 1.0, 0.1, 0
#: A person's keys, by the escape sequences that a terminal sends.
FUNCTION = {n: f"\x1bO{chr(ord('P') + n - 1)}" for n in range(1, 5)} | {5: "\x1b[15~", 6: "\x1b[17~", 7: "\x1b[18~", 8: "\x1b[19~", 9: "\x1b[20~"}
CURSOR = ("up", "down", "down", "down", "left", "right", "right", "pagedown", "pageup", "home", "end")
LISTS = (3, 5, 6, 7, 8)  # the screens with three rows at least
WORDS = ("boiler", "clinic", "hotel", "leak", "amy", "pump", "late", "alarm", "SE1", "fire")


class Took(NamedTuple):
    """A key: what kind it is (cursor, typed, or any other), seconds to the first and to the last byte; bytes."""

    kind: str
    first: float
    last: float
    bytes: int


class Watcher(Terminal):
    """A terminal that notes which cells come back to what they were in no time."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self.was = [[self.buffer[y][x] for x in range(width)] for y in range(height)]
        self.turned: dict[tuple[int, int], tuple[float, object]] = {}
        self.flickered: list[tuple[float, int, int, str, str]] = []
        self.changed = 0

    def take(self, at: float, text: str, pressed: float) -> None:
        """What came at an instant; ``pressed`` is when the last key was."""
        self.dirty.clear()
        self.feed(text)
        for y in self.dirty:
            if y >= self.lines:
                continue
            row, was = self.buffer[y], self.was[y]
            for x in range(self.columns):
                now = row[x]
                if now == was[x]:
                    continue
                self.changed += 1
                before = self.turned.get((x, y))
                if before and before[1] == now and at - before[0] < FRAME and at - pressed > HANDS_OFF:
                    self.flickered.append((at, x, y, was[x].data, now.data))
                self.turned[x, y] = (at, was[x])
                was[x] = now


class Robot:
    """Presses keys as a person might who tries everything, and keeps how long each took."""

    def __init__(self, program: Program, bare: Program, terminal: Watcher, seed: int) -> None:
        self.program, self.bare, self.terminal = program, bare, terminal
        self.choice = random.Random(seed)
        self.took: list[Took] = []
        self.theirs: list[Took] = []
        self.behind: list[float] = []
        self.scenes = self.unanswered = self.silent = 0
        self._fed = 0
        self._pressed = 0.0

    def feed(self) -> None:
        for at, data in self.program.heard[self._fed :]:
            self.terminal.take(at, self.decoded(data), self._pressed)
        del self.program.heard[:]
        self._fed = 0

    _rest = b""

    def decoded(self, data: bytes) -> str:
        """A chunk may end within a character."""
        data, self._rest = self._rest + data, b""
        for back in range(1, min(4, len(data)) + 1):
            if data[-back] >= 0xC0:
                if len(data[-back:].decode("utf-8", "ignore")) == 0:
                    data, self._rest = data[:-back], data[-back:]
                break
        return data.decode("utf-8", "replace")

    def rest(self, seconds: float) -> None:
        """Looks on."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.program.read(min(left, 0.05))
            self.bare.read(0.0)
            if len(self.program.heard) > 200:
                self.feed()
        self.feed()

    def press(self, key: str, kind: str = "") -> None:
        """Presses it and waits for what it brings. Of a letter or a cursor that nothing came of, the next key tells; any other
        may mean nothing, and what comes late is another's doing."""
        self.feed()
        self._pressed = time.perf_counter()
        name = FUNCTION.get(int(key[1:]), key) if key[:1] == "F" and key[1:].isdigit() else key
        since = self._pressed
        took = self.answered(self.program, name, STALL if kind == "typed" else UNANSWERED)
        if took is None and kind:
            took = self.overtaken(since, kind)
        self._pressed = time.perf_counter()
        self.feed()
        if took is not None:
            self.took.append(took._replace(kind=kind))
        if self.choice.random() < 0.25:
            if (took := self.answered(self.bare, "x", 10.0)) is not None:
                self.theirs.append(took)
            del self.bare.heard[:]
        self.rest(self.choice.choice((0.02, 0.05, 0.1, 0.2)))

    def hold(self, key: str, times: int, hertz: float) -> None:
        """Holds a key down, and keeps how far behind the console was: seconds from the last one until a letter that is
        typed into the command line behind it is to be seen, whatever others wrote meanwhile."""
        self.press("escape")
        self.feed()
        began = at = self._pressed = time.perf_counter()
        for number in range(times):
            due = began + number / hertz
            while (now := time.perf_counter()) < due:
                self.program.read(due - now)
            at = self.program.send(key)
        self.program.send(":~")
        while time.perf_counter() - at < 10.0:
            if self.program.read(0.02):
                came, self._pressed = self.program.heard[-1][0], time.perf_counter()
                self.feed()
                if self.terminal.display[-2].startswith(" : ~"):
                    self.behind.append(came - at)
                    if came - at > STALL:
                        print(f"         a held key was behind by {came - at:.1f} s, over {self.terminal.display[1]!r}", flush=True)
                    break
        else:
            self.unanswered += 1
            print("         behind a held key no command line opened:", *self.terminal.display, sep="\n")
        self.press("escape")

    def overtaken(self, since: float, kind: str) -> Took | None:
        """Of a key pressed then, and unanswered: how long it took, or None where it changes nothing.

        A colon is pressed behind it, which opens the command line or stands in the field that is typed into, and taken back.
        Where that comes at once, and behind a cursor's key nothing else has changed, the key was dealt with and had nothing
        to change, such as the cursor of a list with one row, or a letter that is no verb there.
        """
        self.feed()
        body = [row.copy() for row in self.terminal.was[2:-2]]
        sent = time.perf_counter()
        took = self.answered(self.program, ":", 10.0)
        late = time.perf_counter() - since
        self.feed()
        same = self.terminal.was[2:-2] == body
        self.answered(self.program, "\x7f", UNANSWERED)
        if took is None:
            self.unanswered += 1
            return Took("", late, late, 0)
        if took.first < AT_ONCE and (same or kind == "typed"):
            self.silent += 1
            return None
        return took._replace(first=sent - since + took.first, last=sent - since + took.last)

    def answered(self, program: Program, key: str, patience: float) -> Took | None:
        """What a key brought, up to the first pause of CALM; None when nothing came in time."""
        program.quiet(0.03, 1.0)
        before, count = program.total, len(program.heard)
        at = program.send(key)
        while (now := time.perf_counter()) - at < patience + 5:
            if program.read(0.02):
                continue
            if len(program.heard) > count:
                if now - program.heard[-1][0] >= CALM:
                    break
            elif now - at >= patience:
                return None
        return Took("", program.heard[count][0] - at, program.heard[-1][0] - at, program.total - before)

    def type(self, text: str) -> None:
        for letter in text:
            self.press(letter, "typed")

    def wander(self, keys: int) -> None:
        for _ in range(keys):
            self.press(self.choice.choice(CURSOR))

    def walk(self, steps: int) -> None:
        """Down and up a list, so that every key has something to move; where a Tab before has given the keyboard to what
        is told beside the list, it is given back."""
        self.press("home")
        before = self.silent
        for _ in range(steps):
            for key in ("down", "down", "up", "down", "up", "up"):
                self.press(key, "cursor")
                if self.silent > before:
                    self.press("\x1b[Z")
                    return

    def scene(self) -> None:
        """One thing a person does; it ends on a main screen."""
        self.scenes += 1
        choice = self.choice
        where = choice.randint(2, 9)
        self.press(f"F{where}")
        what = choice.choice(("look", "look", "hold", "open", "filter", "filter", "palette", "help", "line", "line", "act", "call", "sort", "mark", "idle"))
        if where == 4:
            for key in ("+", "+", "-", "\t", "f", "[", "]", "0"):
                self.press(key)
        if where in LISTS:
            self.walk(choice.randint(1, 2))
        if what == "look":
            self.wander(choice.randint(6, 12))
        elif what == "hold":
            self.hold("down", 60, 30)
        elif what == "open" and where != 4:
            self.wander(3)
            self.press("enter")
            self.wander(5)
        elif what == "filter" and where != 4:
            self.press("/")
            self.type(choice.choice(WORDS))
            self.press("enter")
            self.wander(4)
            self.press("/")
            self.press("escape")
        elif what == "palette":
            self.press("\x10")
            self.type(choice.choice(WORDS)[:4])
            self.press("down")
            self.press("escape")
        elif what == "help":
            self.press("?")
            self.wander(3)
        elif what == "line":
            self.press(":")
            self.type(choice.choice(("?log fin", "?d 20", "?pri 20", "find boil")))
            self.press("\t")
            self.press("escape")
        elif what == "act":
            self.press("F2")
            self.wander(2)
            self.press(":")
            self.type("log acme no water")
            self.press("enter")
            self.rest(0.5)
            self.press("u")
        elif what == "call":
            self.press("n")
            self.type(choice.choice(WORDS)[:3])
            self.press("\t")
            self.press("escape")
        elif what == "sort":
            self.press("O")
            self.press("down")
            self.press("enter")
        elif what == "mark":
            self.press(" ")
            self.press("down")
            self.press("v")
            self.press("*")
            self.press("escape")
        else:
            self.rest(choice.choice((3.0, 8.0, 15.0)))
        self.press("escape")
        self.rest(choice.choice((0.1, 0.3, 1.0)))


@contextmanager
def colleague(home: Path, every: float, seed: int) -> Iterator[list[int]]:
    """Somebody else at this site, who changes an open job every so many seconds; yields [done, refused]."""
    stop, count, choice = threading.Event(), [0, 0], random.Random(seed)

    def work() -> None:
        store = open_store(home / "site.db")
        clock = clock_from()
        desk = Desk(store, clock, ids_from(clock), "lee")
        while not stop.wait(every):
            refs = [row[0] for row in store.sql("SELECT ref FROM job_now WHERE column_ NOT IN ('closed') LIMIT 60")]
            lines = ("pri {0} {1}", "title {0} Boiler locks out {1}", "n {0} rang again {1}", "order {0} 45{1}")
            try:
                run(desk, choice.choice(lines).format(choice.choice(refs), choice.randint(1, 5)))
                count[0] += 1
            except FsError:
                count[1] += 1
        store.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield count
    finally:
        stop.set()
        thread.join(30)


def p(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def slope(points: list[tuple[float, float]]) -> float:
    """The middle of the slopes between all pairs (Theil and Sen): a few outliers do not bend it."""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for n, a in enumerate(points) for b in points[n + 1 :] if b[0] > a[0]]
    return statistics.median(slopes) if slopes else 0.0


def sizes(home: Path) -> tuple[float, float]:
    """MB of a site's store and of its write-ahead log."""
    files = (home / "site.db", home / "site.db-wal")
    store, wal = (file.stat().st_size / 1e6 if file.exists() else 0.0 for file in files)
    return store, wal


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"


HEAD = f"{'minute':>6} {'keys':>5} | {'cursor key, first/last byte, ms':^40} | {'bare app, ms':^18} | {'held':>5} | {'typed letter, last byte':^25} | {'B/s':>6} {'clears':>6} {'flicker':>7} | {'RSS MB':>6} {'CPU %':>5} {'others':>6}"  # fmt: skip


def line(minute: float, took: list[Took], theirs: list[Took], behind: list[float], rate: float, clears: int, flicker: int, rss: float, cpu: float, others: int) -> str:  # fmt: skip
    first = [t.first for t in took if t.kind == "cursor"]
    last = [t.last for t in took if t.kind == "cursor"]
    typed = [t.last for t in took if t.kind == "typed"]
    bare = [t.last for t in theirs]
    return (
        f"{minute:6.1f} {len(took):5} | p50 {ms(p(first, 0.5)):>3}/{ms(p(last, 0.5)):<4} p95 {ms(p(first, 0.95)):>3}/{ms(p(last, 0.95)):<4} max {ms(max(last, default=0)):>5} "
        f"| p50 {ms(p(bare, 0.5)):>3} p95 {ms(p(bare, 0.95)):>4} | {ms(max(behind, default=0)):>5} | p50 {ms(p(typed, 0.5)):>3} p95 {ms(p(typed, 0.95)):>4} max {ms(max(typed, default=0)):>4} "
        f"| {rate:6,.0f} {clears:6} {flicker:7} | {rss:6.1f} {cpu:5.1f} {others:6}"
    )  # fmt: skip


def soak(options: argparse.Namespace, root: Path) -> bool:
    """The run; whether everything holds."""
    folders = Folders(root)
    opens = prepare(root, options.seed)
    width, height = (int(number) for number in options.size.split("x"))
    home = folders.home(FIRST).data
    with people(root, options.seed, opens, options.rate, remove=False), colleague(home, options.every, options.seed) as others:
        env = {"FSCONSOLE_NOW": os.environ["FSCONSOLE_NOW"], "PYTHONPATH": str(ROOT)}
        how = {"size": (width, height), "env": env, "kbits": options.kbits}
        command = (sys.executable, "-m", "fsconsole", "--home", str(home), "--fresh")
        with Program(command, **how) as program, Program((sys.executable, "-m", "tests.bench.bare"), **how) as bare:
            fine = _hour(options, program, bare, others, home)
    words = subprocess.run([sys.executable, "-m", "fsconsole", "--home", str(home), "verify"], capture_output=True, text=True, env={**os.environ, **env}, check=False)  # fmt: skip
    print((words.stdout or words.stderr).strip().splitlines()[-1])
    return fine and words.returncode == 0


def _hour(options: argparse.Namespace, program: Program, bare: Program, others: list[int], home: Path) -> bool:
    program.first_frame()
    bare.first_frame()
    terminal = Watcher(program.width, program.height)
    robot = Robot(program, bare, terminal, options.seed)
    robot.rest(3.0)
    began = since = time.perf_counter()
    total, cpu, marks = program.total, program.cpu(), (0, 0, 0, 0)
    clears = [program.clears]
    memory: list[tuple[float, float]] = []
    data, told = [sizes(home)], 0
    wrong: list[str] = []
    print(HEAD, flush=True)
    while (now := time.perf_counter()) - began < options.minutes * 60:
        robot.scene()
        if program.gone():
            print(f"The console has left with status {program.status}:\n" + "\n".join(terminal.display))
            return False
        if any("Traceback" in row for row in terminal.display):
            print("There is a traceback on the screen:\n" + "\n".join(terminal.display))
            return False
        memory.append(((now - began) / 3600, program.resident()))
        for took in robot.took[told:]:
            if took.kind and took.last > STALL:
                print(f"         a {took.kind} key took {took.last:.1f} s before {time.perf_counter() - began:.0f} s, over {terminal.display[2][:50]!r}")
        told = len(robot.took)
        data.append(sizes(home))
        if time.perf_counter() - since >= options.period * 60:
            took, theirs, behind, flicker = robot.took[marks[0] :], robot.theirs[marks[1] :], robot.behind[marks[2] :], terminal.flickered[marks[3] :]
            marks = (len(robot.took), len(robot.theirs), len(robot.behind), len(terminal.flickered))
            spent = time.perf_counter() - since
            used = program.cpu()
            clears.append(program.clears)
            print(line((time.perf_counter() - began) / 60, took, theirs, behind, (program.total - total) / spent, clears[-1] - clears[-2], len(flicker), program.resident(), 100 * (used - cpu) / spent, others[0]), flush=True)  # fmt: skip
            for at, x, y, was, back in flicker[:3]:
                print(f"         flicker at ({x}, {y}) after {at - began:.1f} s: {back!r} was {was!r} and came back: {terminal.display[y]!r}")
            bares = p([t.last for t in theirs], 0.95)
            for kind in ("cursor", "typed"):
                ours = p([t.last for t in took if t.kind == kind], 0.95)
                if ours > max(LAG * bares, LEAST):
                    wrong.append(f"lag: minute {(since - began) / 60:.0f} on, {kind} keys p95 {ms(ours)} ms, bare {ms(bares)} ms")
            since, total, cpu = time.perf_counter(), program.total, used
    robot.press("F2")
    robot.rest(1.0)
    all_took, all_theirs = robot.took, robot.theirs
    late = [(at, size) for at, size in memory if at > memory[-1][0] / 4]
    growth = slope(late)
    if stalls := [t.last for t in all_took if t.kind and t.last > max(STALL, LAG * max(b.last for b in all_theirs))]:
        wrong.append(f"stalls: {len(stalls)} keys, the longest {max(stalls):.1f} s")
    if growth > GROWTH:
        wrong.append(f"growth: {growth:.1f} MB an hour")
    if (held := p(robot.behind, 0.5)) > HELD:
        wrong.append(f"lag: a held key is behind by {ms(held)} ms in the middle")
    if len(terminal.flickered) > FLICKER:
        wrong.append(f"flicker: {len(terminal.flickered)} cells")
    if program.clears != clears[0]:
        wrong.append(f"clears: {program.clears - clears[0]} without being asked")
    robot.press("\x11")
    left = program.leave("y")  # where a call is half filled it asks
    if left.status or left.modes:
        wrong.append(f"left with status {left.status}, modes on: {left.modes}")
    ours, bares = [t.last for t in all_took if t.kind == "cursor"], [t.last for t in all_theirs]
    print(
        f"{len(all_took)} keys answered ({robot.unanswered} that should have been were not, {robot.silent} had nothing to change), {robot.scenes} scenes, {others[0]} changes by the colleague ({others[1]} refused); cursor keys p50 {ms(p(ours, 0.5))} p95 {ms(p(ours, 0.95))} "
        f"max {ms(max(ours))} ms, bare {ms(p(bares, 0.5))}/{ms(p(bares, 0.95))}/{ms(max(bares))}; held key behind by {ms(p(robot.behind, 0.5))}, at most {ms(max(robot.behind, default=0))} ms\n"
        f"RSS {late[0][1]:.1f} -> {late[-1][1]:.1f} MB, slope {growth:+.2f} MB/h; {len(terminal.flickered)} cells flickered of {terminal.changed:,} changed; {program.clears} clears\n"
        f"The day's data: store {data[0][0]:.1f} -> {data[-1][0]:.1f} MB, write-ahead log at most {max(wal for _, wal in data):.1f} MB"
    )  # fmt: skip
    print("\n".join(wrong) if wrong else "verdict: no lag, no flicker, no growth")
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--period", type=float, default=5, help="minutes a printed line is about")
    parser.add_argument("--size", default="80x24")
    parser.add_argument("--kbits", type=float, default=128)
    parser.add_argument("--rate", type=float, default=9, help="business minutes per minute: the day's story lasts nine hours")
    parser.add_argument("--every", type=float, default=3, help="seconds between two changes by a colleague")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fsconsole-soak-"))
    try:
        return 0 if soak(options, folder) else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

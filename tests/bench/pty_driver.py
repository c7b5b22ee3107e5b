"""A terminal at the other end of a pty: runs a program, presses keys, and keeps when every byte came.

It reads no faster than the line it plays (``kbits``), and answers the questions a present-day terminal answers.
Nothing here knows what is run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

KEYS = {
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "enter": "\r", "escape": "\x1b", "tab": "\t",
    "pagedown": "\x1b[6~", "pageup": "\x1b[5~", "home": "\x1b[H", "end": "\x1b[F", "ctrl+q": "\x11", "ctrl+l": "\x0c",
}  # fmt: skip
#: What must be off again when a program has left.
MODES = {
    b"1049": "alternate screen", b"1000": "mouse", b"1002": "mouse drag", b"1003": "mouse motion", b"1006": "mouse form",
    b"1015": "mouse form", b"1016": "mouse pixels", b"2004": "bracketed paste", b"1004": "focus reports", b"2048": "resize reports",
}  # fmt: skip
_ASKS = re.compile(rb"\x1b\[\?(\d+)\$p|\x1b\[(6)n|\x1b\[(0?)c")
_CLEARS = b"\x1b[2J"
_KNOWS = (b"2026", b"2004", b"1049", b"1006")
_SETS = re.compile(rb"\x1b\[\?([\d;]+)([hl])|\x1b\[([<>])\d*u")


class Press(NamedTuple):
    """What a key brought: seconds to the first and the last byte (None without any), and how many."""

    first: float | None
    last: float | None
    bytes: int


class Left(NamedTuple):
    """How a program left: seconds, exit status (negative: the signal that killed it), modes still on."""

    seconds: float
    status: int
    modes: list[str]


class Program:
    """A running program in a terminal. Use as a context manager: it is ended when the block is left."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        kbits: float = 0.0,
        answers: bool = True,
    ) -> None:
        self.width, self.height = size
        self.heard: list[tuple[float, bytes]] = []
        self.total = self.clears = 0
        self.kbits, self.answers = kbits, answers
        self._allowed, self._since = 0.0, time.perf_counter()
        self._rest = b""
        self._modes: dict[str, bool] = {}
        self.status: int | None = None
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        given = {**inherited, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(env or {})}
        for name in ("COLORTERM", "NO_COLOR", "TERM_PROGRAM", "TMUX"):
            if name not in (env or {}):
                given.pop(name, None)
        self.begun = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for sign in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
                signal.signal(sign, signal.SIG_DFL)  # as every terminal does, or what nohup began would never end with it
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self.height, self.width, 0, 0))
            os.execvpe(command[0], list(command), given)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", self.height, self.width, 0, 0))
        os.set_blocking(self.fd, False)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def read(self, seconds: float) -> bool:
        """Waits at most so long for output and takes what the line carries; whether anything came."""
        now = time.perf_counter()
        if self.kbits:
            rate = self.kbits * 125
            self._allowed = min(self._allowed + (now - self._since) * rate, rate * 0.02)
            self._since = now
            if self._allowed < 64:
                time.sleep(min(seconds, (64 - self._allowed) / rate + 0.0005))
                return False
        if not select.select([self.fd], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self.fd, int(self._allowed) if self.kbits else 65536)
        except BlockingIOError:
            return False
        except OSError:  # the other end is closed
            data = b""
        if not data:
            time.sleep(min(seconds, 0.005))
            return False
        self._allowed -= len(data)
        self.heard.append((time.perf_counter(), data))
        self.total += len(data)
        self._listen(data)
        return True

    def _listen(self, data: bytes) -> None:
        text = self._rest + data
        self.clears += text.count(_CLEARS)
        for found in _SETS.finditer(text):
            if found[3]:
                self._modes["key reports"] = found[3] == b">"
            else:
                for mode in found[1].split(b";"):
                    if mode in MODES:
                        self._modes[MODES[mode]] = found[2] == b"h"
        end = 0
        for found in _ASKS.finditer(text):
            end = found.end()
            if self.answers and found[1]:
                os.write(self.fd, b"\x1b[?%s;%d$y" % (found[1], 2 if found[1] in _KNOWS else 0))
            elif self.answers and found[2]:
                os.write(self.fd, b"\x1b[1;1R")
            elif self.answers:
                os.write(self.fd, b"\x1b[?62;22c")
        cut = text.rfind(b"\x1b", end)
        tail = text[cut:] if cut >= 0 else b""
        self._rest = tail if len(tail) < 24 and not re.match(rb"\x1b\[[?<>]?[\d;]*\$?[A-Za-z]", tail) else b""

    def quiet(self, calm: float, longest: float = 30.0) -> float:
        """Reads until nothing came for ``calm`` seconds; returns when the last byte came (or when this began)."""
        began = last = time.perf_counter()
        while (now := time.perf_counter()) - last < calm and now - began < longest:
            if self.read(min(calm, 0.05)):
                last = self.heard[-1][0]
        return last

    def at_rest(self, used: float, calm: float, longest: float = 5.0) -> None:
        """Reads until the program has worked since it had ``used`` so many CPU seconds, and neither worked nor written for ``calm``."""
        began = still = time.perf_counter()
        before = self.cpu()
        while not self.gone() and (now := time.perf_counter()) - began < longest:
            heard = self.read(0.004)
            spent = self.cpu()
            if heard or spent != before or not self.asleep():
                still, before = time.perf_counter(), spent
            elif now - still >= calm and (spent > used or now - began > 0.25):
                return

    def asleep(self) -> bool:
        """Whether each of its threads waits for something."""
        for thread in self._threads():
            with contextlib.suppress(OSError), open(f"/proc/{self.pid}/task/{thread}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] in "RD":
                    return False
        return True

    def _threads(self) -> list[str]:
        try:
            return os.listdir(f"/proc/{self.pid}/task")
        except OSError:  # it has left
            return []

    def look_on(self, seconds: float) -> tuple[int, float]:
        """Reads for so long; returns (bytes, CPU seconds used)."""
        until, before, cpu = time.perf_counter() + seconds, self.total, self.cpu()
        while (left := until - time.perf_counter()) > 0:
            self.read(min(left, 0.05))
        return self.total - before, self.cpu() - cpu

    def first_frame(self, calm: float = 0.35, most: int = 400) -> tuple[float, int]:
        """(seconds, bytes) until the screen stands still for the first time."""
        while self.total < most and not self.gone() and time.perf_counter() - self.begun < 60:
            self.read(0.05)
        last = self.quiet(calm, 60)
        if self.gone():
            raise RuntimeError(f"It ended with status {self.status} instead of drawing:\n{self.output()[-600:]}")
        return last - self.begun, self.total

    def send(self, key: str) -> float:
        os.write(self.fd, KEYS.get(key, key).encode())
        return time.perf_counter()

    def press(self, key: str, calm: float = 0.06, longest: float = 1.5) -> Press:
        """Presses a key and waits for all it brings."""
        self.quiet(0.03, 1.0)
        before, count = self.total, len(self.heard)
        at = self.send(key)
        last = at
        while (now := time.perf_counter()) - at < longest:
            if self.read(min(calm, 0.02)):
                last = self.heard[-1][0]
            elif len(self.heard) > count and now - last >= calm:
                break
        if len(self.heard) == count:
            return Press(None, None, 0)
        return Press(self.heard[count][0] - at, last - at, self.total - before)

    def hold(self, key: str, times: int, hertz: float) -> tuple[float, float]:
        """Holds a key down; returns (seconds behind after the last one, bytes a second while it was held).

        Behind is what is written without a pause; what a program tells later, of the place where the key rests, is not.
        """
        before, began = self.total, time.perf_counter()
        at = began
        for number in range(times):
            due = began + number / hertz
            while (now := time.perf_counter()) < due:
                self.read(due - now)
            at = self.send(key)
        rate, count = (self.total - before) / (at - began), len(self.heard)
        last = at
        while time.perf_counter() - last < (0.06 if len(self.heard) > count else 1.0):
            if self.read(0.02):
                last = self.heard[-1][0]
        return max(0.0, last - at), rate

    def resize(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def output(self, since: int = 0) -> str:
        """What came, from the chunk numbered ``since`` on."""
        return b"".join(data for _, data in self.heard[since:]).decode("utf-8", "replace")

    def cpu(self) -> float:
        """CPU seconds used so far."""
        total = 0
        for thread in self._threads():
            with contextlib.suppress(OSError), open(f"/proc/{self.pid}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def memory(self) -> float:
        """The most MB it ever held."""
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024  # type: ignore[index]

    def resident(self) -> float:
        """The MB it holds now."""
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024  # type: ignore[index]

    def gone(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def leave(self, key: str = "", sign: signal.Signals | None = None, longest: float = 5.0) -> Left:
        """Leaves by a key or by a signal."""
        at = time.perf_counter()
        if sign is not None:
            os.kill(self.pid, sign)
        else:
            self.send(key)
        while not self.gone() and time.perf_counter() - at < longest:
            self.read(0.005)
        took = time.perf_counter() - at
        self.quiet(0.05, 0.5)
        on = sorted({name for name, is_on in self._modes.items() if is_on})
        return Left(took, self.status if self.status is not None else -999, on)

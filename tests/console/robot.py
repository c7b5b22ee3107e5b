"""A robot at the console: the real program in a pty, an emulator to read the screen from, and what must hold whenever one looks.

``Seat`` is used as a context manager; ``furnished`` makes the small company's home it sits at.
"""

from __future__ import annotations

import codecs
import re
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fsconsole.console.keys import KEYS
from fsconsole.flow.settle import settle
from fsconsole.store.opening import open_store
from fsconsole.store.replay import verify
from fsconsole.verbs import VERBS
from tests.bench.pty_driver import Program
from tests.company import Company, company
from tests.console.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-03-03T11:00:00Z"
#: What a terminal sends for the keys that Textual names so.
SENDS = {
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B",
    "shift+right": "\x1b[1;2C", "shift+left": "\x1b[1;2D", "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "escape": "\x1b", "backspace": "\x7f", "delete": "\x1b[3~", "space": " ",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~", "f7": "\x1b[18~", "f8": "\x1b[19~",
    "f9": "\x1b[20~", "colon": ":", "semicolon": ";", "slash": "/", "full_stop": ".", "minus": "-", "plus": "+", "equals_sign": "=",
    "question_mark": "?", "asterisk": "*", "left_square_bracket": "[", "right_square_bracket": "]", "left_curly_bracket": "{",
    "right_curly_bracket": "}",
} | {f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefgklnopqrtuvwxy"}  # fmt: skip
#: Every key that means something somewhere, and every letter that is a verb; not those that leave.
LEAVES = {"ctrl+q", "q", "backspace"}
PRESSED = sorted(({name for key in KEYS for name in key.keys.split(",")} | {verb.key for verb in VERBS if verb.key}) - LEAVES)
_NEVER = re.compile(r"Traceback|Error:|object at 0x|<bound method|NoneType|\bNone\b(?! )|nan\b")


def furnished(folder: Path) -> Company:
    """The small company's home in ``folder``, after a morning's work: something in most columns, exceptions, an invoice."""
    folder.mkdir(parents=True, exist_ok=True)
    firm = company(folder)
    for words in ("finch lights out", "finch no heating !2", "acme drip @hq", "acme filters @unit3", "finch door sticks", "acme fan noise @hq"):
        firm.do(f"log {words}")
    refs = [row[0] for row in firm.store.sql("SELECT ref FROM job WHERE ref NOT IN ('LDN-1042', 'LDN-1008') ORDER BY ref")]
    one, two, three, four = (ref.removeprefix("LDN-") for ref in refs[:4])
    firm.do("d 1008 ben", "en ben", "a ben", "labour 1008 1h", "c 1008")
    firm.do(f"d {one} ben 13:00", f"book {two} ben fri 14:00", f"park {three} fri client away", f"x {four} twice the same")
    firm.do("d 1042 amy", "en amy", "a amy")
    firm.wait(60)
    firm.do("bill C204")
    settle(firm.store, firm.now)
    return firm


def put_away(firm: Company, folder: Path) -> Path:
    """Closes the store; ``folder`` is then a home that a console opens."""
    firm.store.close()
    for path in folder.glob("store.db*"):
        path.rename(folder / path.name.replace("store.db", "site.db"))
    return folder


class Seat:
    """A console and the terminal it draws on."""

    def __init__(
        self,
        home: Path,
        *flags: str,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        fresh: bool = True,
        kbits: float = 0.0,
    ) -> None:
        self.home, self.size = home, size
        command = [sys.executable, "-m", "fsconsole", "--home", str(home), *(["--fresh"] if fresh else []), *flags]
        environ = {"FSCONSOLE_NOW": NOW, "PYTHONPATH": str(ROOT), "ESCDELAY": "20", **(env or {})}
        self.program = Program(command, size=size, env=environ, kbits=kbits)
        self.terminal = Terminal(*size)
        self.decode = codecs.getincrementaldecoder("utf-8")("replace")
        self.stream = bytearray()
        self.pressed: list[str] = []

    def __enter__(self) -> Seat:
        self.program.first_frame()
        self.look(0.3)
        return self

    def __exit__(self, *_: Any) -> None:
        self.program.__exit__()

    # Looking.

    def take(self) -> None:
        for _, data in self.program.heard:
            self.stream += data
            self.terminal.feed(self.decode.decode(data))
        self.program.heard.clear()

    def look(self, calm: float = 0.06, longest: float = 5.0) -> list[str]:
        """The screen once nothing has come for ``calm`` seconds."""
        self.program.quiet(calm, longest)
        self.take()
        return [line.rstrip() for line in self.terminal.display]

    def until(self, words: str, seconds: float = 15.0) -> list[str]:
        """The screen once these words stand on it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            shown = self.look(0.03, 0.3)
            if words in "\n".join(shown):
                return shown
            assert not self.program.gone(), self.story()
        raise AssertionError(f"“{words}” does not come:\n{self.story()}")

    def story(self) -> str:
        """What was pressed last, and what stands on the screen."""
        return f"after {' '.join(self.pressed[-25:])}; status {self.program.status}\n" + "\n".join(self.terminal.display)

    def check(self) -> None:
        """It lives, nothing on the screen is for programmers, and no report was written."""
        assert not self.program.gone(), self.story()
        text = "\n".join(self.terminal.display)
        assert not _NEVER.search(text), self.story()
        reports = list(self.home.rglob("crash-*.txt"))
        assert not reports, self.story() + "\n" + reports[0].read_text()

    def repainted(self) -> None:
        """After ctrl+L the terminal holds what it held."""
        for _ in range(8):  # on a busy machine something may still have been on its way
            self.look(0.15)
            rows, shown = self.terminal.rows(), list(self.terminal.display)
            self.program.send("\x0c")
            self.look(0.15)
            if rows == self.terminal.rows():
                return
        raise AssertionError("\n".join(shown) + "\nis not, drawn again,\n" + self.story())

    # Pressing.

    def press(self, *names: str, calm: float = 0.014) -> None:
        """Presses keys one after the other, each once the one before has been answered."""
        for name in names:
            self.pressed.append(name)
            used = self.program.cpu()
            self.program.send(SENDS.get(name, name))
            # An Esc is taken for one only when nothing follows it for ESCDELAY milliseconds.
            self.rest(used, max(calm, 0.035) if name == "escape" else calm)

    def rest(self, used: float, calm: float = 0.014) -> None:
        """Waits until what was sent when ``used`` CPU seconds were used has been worked on, and nothing more comes."""
        self.program.at_rest(used, calm)
        self.take()

    def chord(self, *names: str) -> None:
        """Presses keys at one go and waits once."""
        if names:
            self.pressed += names
            used = self.program.cpu()
            self.program.send("".join(SENDS.get(name, name) for name in names))
            self.rest(used)

    def type(self, text: str) -> None:
        """Types without waiting, as fast hands and pasted text do."""
        self.pressed.append(repr(text))
        self.program.send(text)

    def line(self, text: str) -> list[str]:
        """Enters a line at the prompt; the screen once it has been taken."""
        used = self.program.cpu()
        self.type(f":{text}\r")
        self.rest(used, 0.03)
        shown = self.look(0)
        for _ in range(60):
            # As long as what is typed stands there, or what keys do while one types, the line is not done with.
            if self.program.gone() or not (
                " do it " in shown[-1] or shown[-2].startswith(" : ")
            ):
                break
            shown = self.look(0.15)
        return shown

    def leave(self) -> None:
        """Leaves by key: a clean terminal, and the status that says so."""
        self.press("escape", "escape", "f2")
        self.program.send("\x11")
        self.program.quiet(0.1, 1.0)
        if not self.program.gone():
            self.program.send("y")  # where a call is half filled it asks
        left = self.program.leave("y") if self.program.status is None else None
        assert self.program.status == 0, self.story()
        assert left is None or not left.modes, left


def proved(home: Path) -> None:
    """The store is what its log says."""
    store = open_store(home / "site.db")
    try:
        proof = verify(store)
        assert not proof.difference, proof
    finally:
        store.close()


def sentences(words: Iterable[str]) -> list[str]:
    """Those that are no sentence for a person: they begin small, or have no stop. What to type may follow the stop."""
    return [one for one in words if not re.match(r"[“\"(£A-ZÀ-Þ0-9]", one) or not re.search(r"[.?!:”](\s|$)", one)]


__all__ = ["NOW", "PRESSED", "SENDS", "Seat", "furnished", "proved", "put_away", "sentences"]

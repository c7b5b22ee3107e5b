"""Waiting: acts that cannot be saved yet, because another program writes into the store; the screen goes on meanwhile.

It stands apart because SQLite would wait in the console's own thread, where nothing moves until it is done.

Always: acts are done in the order in which they were given; what is given up is said, and takes with it what came after.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from fsconsole.store.opening import PATIENCE

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp
    from fsconsole.console.screens.base import View

#: Seconds between two looks whether the store is free, and after which it is said that something waits.
LOOK, SILENCE = 0.05, 0.3

T = TypeVar("T")


class Wait(NamedTuple):
    """What waits: in words ('' is nothing that a person asked for), what does it, since when, whether it is still wanted."""

    words: str
    does: Callable[[], object]
    since: float
    wanted: Callable[[], bool]


class Waiting:
    """``when_free`` does something now, or as soon as nobody else writes."""

    def __init__(self, app: ConsoleApp) -> None:
        self.app = app
        self._waits: deque[Wait] = deque()
        self._told: View | None = None  # whose result line says so
        self._second = -1

    def when_free(self, words: str, does: Callable[[], T], wanted: Callable[[], bool] = lambda: True) -> T | None:
        """What ``does`` returns; None when it waits, and is done later, if ``wanted`` still says so."""
        if not self._waits and self.app.desk.store.free():
            return does()
        loop = asyncio.get_running_loop()
        self._waits.append(Wait(words, does, loop.time(), wanted))
        if len(self._waits) == 1:
            loop.call_later(LOOK, self._look)
        return None

    def words(self) -> list[str]:
        """What a person asked for and is not done yet, oldest first."""
        return [one.words for one in self._waits if one.words and one.wanted()]

    def _look(self) -> None:
        if not self.app.is_running:
            return
        try:
            self._do_what_can_be_done()
        except Exception as error:
            self.app._handle_exception(error)
        if self._waits:
            asyncio.get_running_loop().call_later(LOOK, self._look)

    def _do_what_can_be_done(self) -> None:
        while self._waits and (not self._waits[0].wanted() or self.app.desk.store.free()):
            one = self._waits.popleft()
            if one.wanted():
                self._untell()
                one.does()
        now = asyncio.get_running_loop().time()
        if self._waits and now - self._waits[0].since > PATIENCE:
            self._give_up()
        elif self._waits and now - self._waits[0].since > SILENCE:
            self._tell(int(now - self._waits[0].since))
        else:
            self._untell()

    def _give_up(self) -> None:
        """Tells what is not done; what came after might mean something else without it, and is not done either."""
        words = self.words()
        self._waits.clear()
        self._untell()
        if words:
            more = f", nor {len(words) - 1} more that came after it" if len(words) > 1 else ""
            self.app.say(f"Not done, another program kept writing into this store: {words[0]}{more}. Do it again.", "error")
            for one in words[1:]:
                self.app.keep_said(f"Not done, it came after what could not be saved: {one}", "error")

    def _tell(self, seconds: int) -> None:
        words, view = self.words(), self.app.here
        if not words or view is None or not view.is_mounted or (view is self._told and seconds == self._second):
            return
        if view is not self._told:
            self._untell()
        self._told, self._second = view, seconds
        long = f", {seconds} s" if seconds else ""
        more = f", {len(words) - 1} more behind it" if len(words) > 1 else ""
        view.line.tell(f"Waits: another program is writing here{long}{more}: {words[0]}")

    def _untell(self) -> None:
        if self._told is not None and self._told.is_mounted:
            self._told.line.tell("")
        self._told, self._second = None, -1

"""What is derived while a console is open though nobody changed anything: at a new day, and after an upgrade.

It stands apart so that the console opens first, and whoever works in it waits for none of it.

Always: one thread with a connection of its own, as long as there is something to derive; what it had not committed when the
console was left is taken up by the next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from fsconsole.clock import Clock
from fsconsole.console import report
from fsconsole.errors import FsError
from fsconsole.places import Home

#: Fewer rows than these are gone through without a word: it takes a moment.
MANY = 1_000
#: Told again after so many seconds.
EVERY = 20.0
#: The least pause between two chunks, in seconds; else as long as the chunk took, so that the screens have half of the machine.
PAUSE = 0.02
#: Not twice at once in one console.
_running = threading.Lock()


class Renewing:
    """Looks once whether anything wants deriving, and derives it while ``open_`` says that the console is.

    ``say`` is told in the thread how far it has come, where that takes long.
    """

    def __init__(self, home: Home, store: Path, clock: Clock, say: Callable[[str], object], open_: Callable[[], bool]) -> None:
        self._home, self._store, self._clock, self._say, self._open = home, store, clock, say, open_
        self._chunk_at = self._said_at = time.monotonic()
        self._told = False

    def begin(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="renewing").start()

    def _run(self) -> None:
        if not _running.acquire(blocking=False):
            return
        try:
            self._look()
        except FsError as error:
            self._tell(str(error))  # a full disk, say: the next console, or the next day, goes on
        except Exception as error:
            if self._open():
                where = report.write(self._home, error, self._clock.now(), "renewing")
                self._tell(f"What was derived by an earlier version stays as it is, by a fault. The report is in {where}.")
        finally:
            _running.release()

    def _look(self) -> None:
        again = import_module("fsconsole.flow.again")
        store = import_module("fsconsole.store.opening").open_store(self._store).keep_small()
        try:
            if not again.due(store, self._clock.now()):
                return
            if not again.behind(store):
                import_module("fsconsole.flow.settle").settle(store, self._clock.now())
            elif again.walk(store, self._clock.now, wait=self._wait, tell=self._reached) and self._told:
                self._tell("Everything is derived by the rules and words of this version.")
        finally:
            store.close()

    def _wait(self) -> bool:
        time.sleep(max(PAUSE, time.monotonic() - self._chunk_at))
        self._chunk_at = time.monotonic()
        return self._open()

    def _reached(self, reached: tuple[int, int]) -> None:
        done, total = reached
        if total > MANY and (not self._told or time.monotonic() - self._said_at > EVERY):
            self._told, self._said_at = True, time.monotonic()
            self._tell(f"This version has other rules or words: {done:,} of {total:,} derived again. Work goes on meanwhile.")

    def _tell(self, words: str) -> None:
        try:
            if self._open():
                self._say(words)
        except RuntimeError:
            return  # the console was left meanwhile


__all__ = ["Renewing"]

"""Aside: what takes long to work out is worked out in a thread with a connection of its own, and the keyboard goes on.

It stands apart because a screen asks and is told later, and nothing of threads, connections or loops is its affair.

Always: one thing at a time, and what was asked last is what is told last; who has left is told nothing.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from time import monotonic
from typing import Any

from fsconsole.store.opening import Store

#: What was worked out aside rests for so many times as long as it took before it is worked out anew: others need the machine.
RESTS = 1.0

_works = 0
_counting = Lock()


@contextmanager
def _unsearched() -> Iterator[None]:
    """Meanwhile nobody searches all that lives for garbage: that would stop the keyboard again and again for what is made here,
    which holds itself nowhere."""
    global _works
    with _counting:
        _works += 1
        searched = gc.isenabled() or _works > 1
        gc.disable()
    try:
        yield
    finally:
        with _counting:
            _works -= 1
            if searched and not _works:
                gc.enable()


class Aside:
    """``ask(work, took)``: ``took`` gets what ``work(store)`` returned, in the console's own thread; of what is asked while
    something is worked out only the last is done. ``failed`` is told an error."""

    def __init__(self, store: Store, failed: Callable[[Exception], object]) -> None:
        self._store, self._failed = store, failed
        self._asked: tuple[Callable[[Store], Any], Callable[[Any], object]] | None = None
        self._busy = False

    @property
    def works(self) -> bool:
        """Whether something is worked out, or will be."""
        return self._busy

    def ask(self, work: Callable[[Store], Any], took: Callable[[Any], object]) -> None:
        self._asked = work, took
        if not self._busy:
            self._busy = True
            self._begin()

    def _begin(self) -> None:
        asked, self._asked = self._asked, None
        if asked is None:
            self._busy = False
            return
        loop = asyncio.get_running_loop()
        Thread(target=self._run, args=(*asked, loop), daemon=True, name="aside").start()

    def _run(self, work: Callable[[Store], Any], took: Callable[[Any], object], loop: asyncio.AbstractEventLoop) -> None:
        began = monotonic()
        found: Any = None
        wrong: Exception | None = None
        try:
            with _unsearched():
                found = work(self._store)
        except Exception as error:
            wrong = error
        finally:
            self._store.close()  # this thread's connection
        with suppress(RuntimeError):  # the console was left meanwhile
            loop.call_soon_threadsafe(self._told, took, found, wrong, monotonic() - began)

    def _told(self, took: Callable[[Any], object], found: Any, wrong: Exception | None, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds * RESTS, self._begin)
        try:
            if wrong is not None:
                raise wrong
            took(found)
        except Exception as error:
            self._failed(error)

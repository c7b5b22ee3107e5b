"""The exchange with the other sites while a console is open, in a thread of its own.

It stands apart so that nothing of sync, and none of its libraries, is loaded before the first frame.

Always: leaving waits for no exchange; one that is broken off is taken up by the next, here or in another console.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module

from fsconsole.clock import Clock
from fsconsole.console import report
from fsconsole.errors import FsError
from fsconsole.places import Home
from fsconsole.store.opening import Store

#: What derives money: loaded behind the first exchange, and not amid the day, when the first contract is written on.
ENGINE = ("fsconsole.flow.agreed", "fsconsole.rules.priced", "fsconsole.rules.totals")
#: Seconds until a store that could not be opened is tried again.
AGAIN = 5.0


class Sharing:
    """Exchanges until ``stop``: what was saved half a second ago goes out, what arrived comes in, else every few seconds.

    ``say`` is told, in the thread, what keeps this site from exchanging, once each: (words, warn or error).
    """

    def __init__(self, home: Home, clock: Clock, say: Callable[[str, str], object]) -> None:
        self._home, self._clock, self._say = home, clock, say
        self._stop = threading.Event()
        self._said: tuple[str, ...] = ()

    @property
    def trouble(self) -> str:
        """What kept this site from exchanging at the last look, '' when nothing did."""
        return " ".join(self._said)

    def begin(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="sharing").start()

    def stop(self) -> None:
        """No exchange begins from now on.

        One under way is broken off with the program; what it had not committed is as it was.
        """
        self._stop.set()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    self._watch()
                except FsError as error:
                    # The store could not be opened: its disk is full, say, and will not be for ever.
                    self._hear((str(error),))
                    self._stop.wait(AGAIN)
        except Exception as error:
            if not self._stop.is_set():
                where = report.write(self._home, error, self._clock.now(), "exchange")
                self._say(f"Exchanging with the other sites has stopped by a fault. The report is in {where}.", "error")

    def _watch(self) -> None:
        watch = import_module("fsconsole.sync.exchange").watch
        store = import_module("fsconsole.store.opening").open_store(self._home.store).keep_small()
        try:
            watch(store, self._home, self._clock, self._tell, stop=self._stop, each=lambda: self._derive(store))
        finally:
            store.close()

    def _derive(self, store: Store) -> None:
        """What follows from what arrived."""
        # Here and not in the console's own thread, so that what a whole day of another site brings freezes nothing.
        for name in ENGINE:
            import_module(name)
        if import_module("fsconsole.flow.settle").settle(store, self._clock.now()):
            store.forget_pages()

    def _tell(self, exchanged: object) -> None:
        self._hear(getattr(exchanged, "trouble", ()))

    def _hear(self, trouble: tuple[str, ...]) -> None:
        for words in trouble:
            if words not in self._said:
                self._say(words, "warn")
        self._said = trouble


__all__ = ["Sharing"]

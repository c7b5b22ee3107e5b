"""One exchange with the other sites, from a thread of the console's own.

It stands apart so that nothing of sync, and none of its libraries, is loaded before the first frame.
"""

from __future__ import annotations

from importlib import import_module

from fsconsole.clock import Clock
from fsconsole.errors import FsError
from fsconsole.places import Home

_SAID: list[str] = [""]


def share_once(home: Home, clock: Clock) -> str:
    """Exchanges once, with a connection of this thread; returns what a person should know, '' when all is well.

    The same trouble is said once, not at every look.
    """
    try:
        exchange = import_module("fsconsole.sync.exchange").exchange
    except ModuleNotFoundError:
        return ""
    from fsconsole.flow.settle import settle
    from fsconsole.store.opening import open_store

    words = ""
    try:
        store = open_store(home.store).keep_small()
        try:
            exchange(store, home, clock.now())
            # Here and not in the console's own thread, so that what a whole day of another site brings freezes nothing.
            settle(store, clock.now())
        finally:
            store.close()
    except FsError as error:
        words = str(error)
    except OSError as error:
        words = (
            f"The shared folder cannot be reached ({error.strerror or type(error).__name__}). Work goes on; it is tried again."
        )
    if words == _SAID[0]:
        return ""
    _SAID[0] = words
    return words

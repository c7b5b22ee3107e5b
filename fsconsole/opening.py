"""Who sits down at which store: a home's store opened, a desk for the person who runs the command or the console.

It stands apart because the command line and the console begin in the same way.
"""

from __future__ import annotations

import getpass
import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from fsconsole.places import Home

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsconsole.desk import Desk
    from fsconsole.store.opening import Store


def open_home(home: Home, *, readonly: bool = False) -> Store:
    """The home's store. Raises StoreError."""
    from fsconsole.store.opening import open_store  # not before it is needed: --help must not wait for it

    return open_store(home.store, readonly=readonly)


def open_desk(user: str, home: Home, store: Store | None = None) -> Desk:
    """The desk of a person. A name given with --as stands beside the login name in the log."""
    from fsconsole.clock import clock_from, ids_from
    from fsconsole.desk import Desk

    clock = clock_from()
    store = store or open_home(home)
    login = login_name()
    by = user or login
    who = store.one("SELECT role FROM person WHERE lower(name) = ? AND gone = 0", (by.lower(),))
    return Desk(store, clock, ids_from(clock), by if by == login else f"{by} ({login})", role=str(who[0]) if who else "owner")


def join_home(home: Home, shared: Path, code: str, user: str, *, quiet: bool = False) -> tuple[Store, str]:
    """Joins the workspace in ``shared``: (the open store, what is still to come in words). Counts up unless ``quiet``.

    Raises SyncError with the reason.
    """
    from fsconsole.clock import clock_from, ids_from
    from fsconsole.printing import progress_line
    from fsconsole.sync.joining import catch_up, join

    progress = progress_line(Namespace(json=quiet))
    clock = clock_from()
    store = join(
        home, shared=shared, code=code, now=clock.now(), ids=ids_from(clock), by=user or login_name(), progress=progress
    )
    return store, catch_up(store, home, shared, clock.now(), progress)


def whole_code(text: str, ask: Callable[[str], str]) -> str:
    """A code of which a line break in what was pasted left out the end: the rest is asked for. ``ask`` raises EOFError."""
    from fsconsole.changes.invite import missing

    while (letters := missing(text)) > 0:
        more = ask(f"The last {letters} letters of the code: " if text.strip() else "The invitation's code: ")
        if not more.strip():
            break
        text = f"{text} {more}"
    return text


def login_name() -> str:
    """Who the operating system says is here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def local_timezone() -> str:
    """This machine's zone by name, else UTC."""
    link = Path("/etc/localtime")
    name = os.environ.get("TZ", "").lstrip(":")
    if not name and link.is_symlink():
        name = str(link.resolve()).partition("zoneinfo/")[2]
    return name if "/" in name else "Europe/London" if name == "GB" else "UTC"

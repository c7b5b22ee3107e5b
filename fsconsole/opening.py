"""Who sits down at which store: a home's store opened, a desk for the person who runs the command or the console.

It stands apart because the command line and the console begin in the same way.
"""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING

from fsconsole.places import Home

if TYPE_CHECKING:
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

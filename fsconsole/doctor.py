"""What is wrong here, and what to do about it: the home, the store, the settings, the terminal, the shared folder.

It stands apart because it must work when nothing else does.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fsconsole.errors import FsError
from fsconsole.places import Home
from fsconsole.settings import Settings, read_settings
from fsconsole.store.mounts import OVERRIDE, mount_of, overridden
from fsconsole.store.opening import Store, open_store


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is good, what was found, and what to do when it is not."""

    what: str
    good: bool
    says: str
    instead: str = ""


def examine(home: Home, now: datetime, looks: Sequence[str] = ()) -> list[Finding]:
    """Looks at everything that can be looked at from here. ``looks``: what the console finds wrong with keys and themes."""
    settings, problems = read_settings(home.settings)
    found = [Finding("settings", False, str(problem), "") for problem in problems]
    if not problems:
        found.append(
            Finding("settings", True, f"read from {home.settings}" if home.settings.exists() else "none, the defaults are in use")
        )
    found += [Finding("looks", False, one, f"Mend it in {home.settings} or {home.themes}.") for one in looks]
    found += list(_machine(home, now))
    found += list(_store(home, settings))
    found += list(_sites(home, now))
    found += list(_terminal())
    return found


def _machine(home: Home, now: datetime) -> Iterator[Finding]:
    version = sys.version_info
    yield Finding(
        "python", version >= (3, 11), f"{version.major}.{version.minor}.{version.micro}", "fsconsole needs 3.11 or newer."
    )
    yield Finding("sqlite", sqlite3.sqlite_version_info >= (3, 35), sqlite3.sqlite_version, "fsconsole needs 3.35 or newer.")
    yield Finding(
        "clock",
        2024 <= now.year < 2100,
        f"{now:%Y-%m-%d %H:%M} UTC",
        "Set this machine's clock; sync holds what is stamped far ahead.",
    )
    folder = home.data if home.data.exists() else home.data.parent
    if folder.exists():
        free = shutil.disk_usage(folder).free
        yield Finding("disk", free > 200_000_000, f"{free // 1_000_000:,} MB free at {folder}", "A save needs room: free some.")


def _store(home: Home, settings: Settings) -> Iterator[Finding]:
    if not home.store.exists():
        yield Finding("store", False, f"there is none at {home.store}", "Make one with: fsconsole init --site LDN")
        return
    mount = mount_of(home.store)
    allowed = f" ({OVERRIDE} is set)" if mount.remote and overridden() else ""
    yield Finding(
        "store",
        not mount.remote,
        f"{home.store} on {mount.kind or 'a local disk'}{allowed}",
        "A store needs a local disk: move the home there. Only the shared folder may lie on such a mount.",
    )
    try:
        store = open_store(home.store, readonly=True)
        (fine,) = store.one("PRAGMA quick_check(1)") or ("no answer",)
        yield Finding("store file", fine == "ok", str(fine), "Restore a backup, or rebuild from the log with: fsconsole rebuild")
        waiting = (store.one("SELECT count(*) FROM dirty") or (0,))[0]
        yield Finding("settling", waiting < 10_000, f"{waiting:,} things wait to be derived", "Run: fsconsole rebuild")
        yield _derived(store)
        site = store.code
        store.close()
    except FsError as error:
        yield Finding("store file", False, error.why, error.instead)
        return
    except sqlite3.DatabaseError as error:
        yield Finding("store file", False, str(error), "Restore a backup with: fsconsole restore FILE")
        return
    yield Finding("site", bool(site), site or "none yet", "Make one with: fsconsole init --site LDN")
    keys = home.keys
    private = keys.exists() and not (keys.stat().st_mode & 0o077)
    yield Finding("keys", private, f"{keys}{'' if private else ' can be read by others'}", f"Run: chmod 700 {keys}")
    if settings.shared:
        yield from _shared(Path(settings.shared).expanduser(), home)
    else:
        yield Finding("shared folder", True, "none: this site does not sync")


def _derived(store: Store) -> Finding:
    """By which version's rules and words charges and cases were derived."""
    from fsconsole.flow.again import reached

    if (way := reached(store)) is None:
        return Finding("derived", True, "by the rules of this version")
    words = f"by those of another version, {way.done:,} of {way.rows:,} gone through again"
    return Finding("derived", True, f"{words}; an open console goes on with it, or run: fsconsole rebuild")


def _sites(home: Home, now: datetime) -> Iterator[Finding]:
    """Each other site that is not in sync, and what lies in the folder and was not taken."""
    if not home.store.exists():
        return
    from fsconsole.store import exchange as books
    from fsconsole.sync import status

    try:
        store = open_store(home.store, readonly=True)
        others = status.status(store, home, now) if store.own("workspace") else []
        trouble, do = status.own_trouble(store, now)
        held = [one.says for one in books.held(store.raw) if "/" in one.name]
        store.close()
    except (FsError, sqlite3.DatabaseError):
        return  # said of the store already
    if trouble and not trouble.startswith("Offline"):  # which is said of the folder already
        yield Finding("exchange", False, trouble, do)
    for one in others:
        yield Finding("other site", one.level != "stopped", f"{one.code}: {one.words}", one.instead)
    for says in held[:5]:
        yield Finding("held back", False, says)


def _shared(folder: Path, home: Home) -> Iterator[Finding]:
    from fsconsole.changes.verdict import Problem, Verdict
    from fsconsole.sync.folder import Folder
    from fsconsole.sync.identity import read_keys

    try:
        keys = read_keys(home)
    except FsError:
        return  # said of the keys already
    marker = Folder(folder).marker(keys.workspace, keys.root_public)
    if not folder.is_dir():
        yield Finding(
            "shared folder",
            False,
            f"{folder} is not there",
            "Mount it, or start the program that syncs it; or name another: fsconsole share DIR. Work goes on meanwhile.",
        )
    elif isinstance(marker, Problem):
        foreign = marker.verdict is Verdict.FOREIGN
        yield Finding(
            "shared folder",
            False,
            f"What lies in {folder} is not this workspace's" if foreign else marker.says,
            "It may be unmounted or another folder, and nothing is written there. Name the right one: fsconsole share DIR;"
            " at the first office that also writes a marker that is gone.",
        )
    else:
        yield Finding(
            "shared folder",
            os.access(folder, os.W_OK),
            str(folder),
            "It is read-only: what others write still arrives, ours waits.",
        )


def _terminal() -> Iterator[Finding]:
    from fsconsole.terminal import programs_above, quirks, tmux_option

    for one in quirks(os.environ, sys.stdout.encoding or "", tmux_option, programs_above(os.getpid())):
        yield Finding(one.what, one.good, one.says, one.instead)

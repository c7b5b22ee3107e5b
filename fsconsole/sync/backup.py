"""Safe copies of a site: its store and its keys in one file, and putting such a file back.

It stands apart because a restored site must not repeat a number that it has given since the copy was made.

Always: a backup is whole under its name or not there; what stood in a home before is set aside, never overwritten.
"""

from __future__ import annotations

import os
import sqlite3
import zipfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fsconsole.changes import keys as keys_
from fsconsole.changes.verdict import Problem
from fsconsole.errors import StoreError, SyncError
from fsconsole.places import Home
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store, open_store
from fsconsole.sync.exchange import exchange, shared_folder
from fsconsole.sync.identity import key_path, write_keys

_STORE, _KEYS, _SETTINGS = "site.db", "site.key", "settings.toml"


def back_up(store: Store, home: Home, file: Path) -> str:
    """Writes the store, its keys and its settings into one file, while consoles are open; says so in words.

    Raises SyncError when the file would lie in the shared folder or cannot be written.
    """
    file = file.absolute()
    shared = shared_folder(home)
    if shared is not None and file.resolve().is_relative_to(shared.resolve()):
        raise SyncError("A backup holds this site's private keys.", "Keep it outside the shared folder.")
    beside = file.with_name(f".{file.name}.part")
    try:
        with TemporaryDirectory(dir=file.parent) as folder:
            copy = Path(folder) / _STORE
            target = sqlite3.connect(copy)
            try:
                store.raw.backup(target, pages=2_000)
                target.execute("PRAGMA journal_mode = delete")
            finally:
                target.close()
            handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w+b") as out:
                with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed:
                    packed.write(copy, _STORE)
                    packed.write(key_path(home), _KEYS)
                    if home.settings.exists():
                        packed.write(home.settings, _SETTINGS)
                out.flush()
                os.fsync(out.fileno())
        os.replace(beside, file)
    except (OSError, sqlite3.Error) as error:
        beside.unlink(missing_ok=True)
        raise SyncError(f"The backup was not written ({error}).", "Check the disk and the rights, then try again.") from None
    (jobs,) = store.sql("SELECT count(*) FROM job")[0]
    what = f"{jobs:,} job{'' if jobs == 1 else 's'}"
    return f"Backed up {store.code} with {what} to {file}. It holds this site's keys: keep it as safe as the keys."


def put_back(home: Home, file: Path, now: datetime) -> str:
    """Makes a backup this home's store; what it had published since is taken back at the next exchange. Says so in words.

    Raises SyncError when the file is no whole backup; then this home is as it was.
    """
    home.make()
    try:
        with TemporaryDirectory(dir=home.data) as folder, zipfile.ZipFile(file) as packed:
            fresh = Path(folder) / _STORE
            fresh.write_bytes(packed.read(_STORE))
            keys = keys_.decode_file(packed.read(_KEYS))
            settings = packed.read(_SETTINGS) if _SETTINGS in packed.namelist() else b""
            if isinstance(keys, Problem):
                raise SyncError(keys.says)
            code = _prepare(fresh)
            aside = _set_aside(home, now)
            write_keys(home, keys)
            if settings and not home.settings.exists():
                home.settings.write_bytes(settings)
            os.replace(fresh, home.store)
    except (OSError, KeyError, zipfile.BadZipFile, sqlite3.Error, StoreError) as error:
        raise SyncError(f"{file} is not a whole backup ({error}).", "This home is as it was; try another copy.") from None
    words = [f"{code} was put back from {file}."]
    if aside:
        words.append(f"What stood here before is kept at {aside}.")
    store = open_store(home.store)
    try:
        report = exchange(store, home, now)
        words += report.says
        if store.own("restoring", 0):
            words.append("Until the shared folder is seen nothing goes out and no invoice gets a number; other work goes on.")
    finally:
        store.close()
    words.append("Work saved after the backup that never went out to the shared folder cannot be known.")
    return "\n".join(words)


def _prepare(path: Path) -> str:
    """Checks a store that was unpacked, and marks it: it must take back its published tail before it writes a frame."""
    store = open_store(path)
    try:
        if store.one("PRAGMA quick_check") != ("ok",):
            raise SyncError("The store in this backup is damaged.", "Try another copy.")
        if not store.site:
            raise SyncError("The store in this backup belongs to no site.", "Try another copy.")
        store.set_own(restoring=1, publisher="")
        store.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        store.raw.execute("PRAGMA journal_mode = delete").fetchone()
        return store.code
    finally:
        store.close()


def _set_aside(home: Home, now: datetime) -> Path | None:
    """Renames the store that stands here, with its write-ahead log."""
    if not home.store.exists():
        return None
    aside = home.store.with_name(f"site.before-{ms(now)}.db")
    for ending in ("-wal", "-shm", ""):
        part = Path(f"{home.store}{ending}")
        if part.exists():
            part.rename(f"{aside}{ending}")
    return aside


__all__ = ["back_up", "put_back"]

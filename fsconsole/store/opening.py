"""Opens a store: the file, its connection, and which site it is.

It stands apart because everything else is handed the open store.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from fsconsole.errors import StoreError
from fsconsole.store.mounts import OVERRIDE, mount_of, overridden
from fsconsole.values.bill import rests_on

#: The shape of a store that this version reads and writes; ``migrations`` has a step to each.
VERSION = 9
PRAGMAS = {
    "journal_mode": "wal", "synchronous": "full", "cache_size": -16_000, "temp_store": "memory", "mmap_size": 0, "recursive_triggers": 1,
}  # fmt: skip
#: ``cache_size`` of a console, whose pages the system holds in memory anyway.
SMALL = -1_000
#: How long a save waits for another process of this site, in seconds.
PATIENCE = 20.0
#: Answers kept at once, at most.
MOST_KEPT = 32

T = TypeVar("T")


class Store:
    """One site's store. Connections are per thread; close it in each thread that used it."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        self.readonly = readonly
        self._here = threading.local()

    @property
    def raw(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        connection: sqlite3.Connection | None = getattr(self._here, "connection", None)
        if connection is None:
            connection = self._here.connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            for name, value in PRAGMAS.items():
                connection.execute(f"PRAGMA {name} = {value}")
            connection.create_function("rests_on", 1, rests_on, deterministic=True)
            self._here.file = self._file()
        return connection

    @property
    def wal(self) -> Path:
        """The file beside the store into which everything that is saved is written first."""
        return self.path.with_name(f"{self.path.name}-wal")

    def _file(self) -> tuple[int, int] | None:
        """Which file stands at the path now."""
        try:
            about = self.path.stat()
        except OSError:
            return None
        return about.st_dev, about.st_ino

    def keep_small(self) -> Store:
        """This thread's connection remembers pages for a screen, not for an import: for what stays open all day."""
        self.raw.execute(f"PRAGMA cache_size = {SMALL}")
        return self

    def forget_pages(self) -> None:
        """Gives back what this thread's connection remembers of the file."""
        if (connection := getattr(self._here, "connection", None)) is not None:
            connection.execute("PRAGMA shrink_memory")

    def sql(self, query: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.raw.execute(query, params).fetchall()

    def one(self, query: str, params: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        row: tuple[Any, ...] | None = self.raw.execute(query, params).fetchone()
        return row

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it or nothing. Within another it is part of that one.

        Raises StoreError when the disk is full, the store is read-only, its file is gone or another process holds it for too long.
        """
        if self.readonly:
            raise StoreError("This store is open for reading only.", "Use a console of the newer version to change it.")
        conn = self.raw
        if conn.in_transaction:
            yield conn
            return
        if self._here.file is not None and self._file() != self._here.file:
            # SQLite would go on writing into the file that has no name any more, and all of it would be lost.
            raise StoreError(
                f"Nothing was saved: {self.path} was deleted or replaced since it was opened.", "Put it back, leave and start again."
            )
        try:
            conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise self._unsaved(error) from None
            raise StoreError(f"The store is busy ({error}).", "Nothing was saved; try again.") from None
        try:
            yield conn
            conn.execute("COMMIT")
        except BaseException as error:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and (
                "full" in str(error) or "I/O" in str(error) or "readonly" in str(error)
            ):
                raise self._unsaved(error) from None
            raise

    def _unsaved(self, error: sqlite3.OperationalError) -> StoreError:
        return StoreError(f"Nothing was saved: {error}.", f"Check the disk that holds {self.path}.")

    def free(self) -> bool:
        """Whether saving could begin at once: nobody else, in this process or another, is writing.

        Any other trouble counts as free: whoever saves will tell it.
        """
        conn = self.raw
        if conn.in_transaction or self.readonly:
            return True
        conn.execute("PRAGMA busy_timeout = 0")
        try:
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            return "locked" not in str(error)
        finally:
            conn.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")
        return True

    # --- who we are ---------------------------------------------------------------------------------------------------

    def own(self, key: str, default: Any = None) -> Any:
        """One entry of the store's own book."""
        row = self.one("SELECT value FROM own WHERE key = ?", (key,))
        return default if row is None else row[0]

    def set_own(self, **values: Any) -> None:
        with self.writing() as conn:
            conn.executemany("INSERT OR REPLACE INTO own (key, value) VALUES (?, ?)", list(values.items()))
        for name in ("site", "code", "workspace", "zone", "currency"):
            self.__dict__.pop(name, None)

    @cached_property
    def site(self) -> int:
        """Our site number, 1..2047; 0 before init or join."""
        return int(self.own("site", 0))

    @cached_property
    def code(self) -> str:
        """Our site's code, such as LDN."""
        return str(self.own("code", ""))

    @cached_property
    def workspace(self) -> bytes:
        return bytes(self.own("workspace", b"\0" * 16))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which this site's people read times."""
        return ZoneInfo(str(self.own("timezone", "") or "UTC"))

    @cached_property
    def currency(self) -> str:
        return str(self.own("currency", "") or "GBP")

    def data_version(self) -> int:
        """Changes when another connection committed."""
        return int(self.raw.execute("PRAGMA data_version").fetchone()[0])

    def kept(self, name: Hashable, work: Callable[[], T]) -> T:
        """What ``work`` returns, worked out again only after something was written, here or elsewhere.

        For what is asked far more often than it changes. Whoever gets it must not change it.
        """
        conn = self.raw
        if conn.in_transaction:
            return work()  # it may yet be rolled back
        state = (self.data_version(), conn.total_changes)
        if getattr(self._here, "kept_at", None) != state or len(self._here.kept) > MOST_KEPT:
            self._here.kept_at, self._here.kept = state, {}
        found: dict[Hashable, Any] = self._here.kept
        if name not in found:
            found[name] = work()
        value: T = found[name]
        return value

    def close(self) -> None:
        """Closes this thread's connection."""
        if (connection := getattr(self._here, "connection", None)) is not None:
            self._here.connection = self._here.kept_at = None
            connection.close()


def open_store(path: Path, *, readonly: bool = False) -> Store:
    """Opens (and, unless read-only, makes or upgrades) the store at ``path``.

    Raises StoreError when the file is not a store, its folder cannot be written, or it lies on a network file system.
    """
    if not path.exists() and (readonly or not path.parent.is_dir()):
        raise StoreError(f"There is no store at {path}.", "Make one with: fsconsole init --site LDN")
    _refuse_remote(path)
    store = Store(path, readonly=readonly)
    try:
        conn = store.raw
        (version,) = conn.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            store.readonly = True
        elif version < VERSION and not readonly:
            if version:
                _back_up(conn, path, version)
            from fsconsole.store.migrations import migrate  # the tables' declarations are slow to load, and seldom needed here

            migrate(conn)
        elif 0 < version < VERSION:
            raise StoreError(f"{path} was last opened by an older version.", "Open the console once, not with --read-only, or run: fsconsole sync.")
    except sqlite3.OperationalError as error:
        raise _unopened(path, error) from None
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{path} cannot be opened as a store: {error}.", "Restore a backup with: fsconsole restore FILE"
        ) from None
    return store


def _refuse_remote(path: Path) -> None:
    """Raises StoreError when the store lies where SQLite's locks do not hold, unless that is wanted."""
    mount = mount_of(path)
    if mount.remote and not overridden():
        raise StoreError(
            f"{path} lies on {mount.point}, which is {mount.kind}: a store there can be damaged without a sign.",
            "Move this home to a local disk (--home DIR); only the shared folder may lie there."
            f" If you know that its locks hold, set {OVERRIDE}=1.",
        )


def _unopened(path: Path, error: sqlite3.OperationalError) -> StoreError:
    """Why the disk under a store did not let it be opened, and what to do."""
    said = str(error)
    if "full" in said:
        return StoreError(f"{path} cannot be opened: its disk is full.", "Free some room, then start again; nothing is lost.")
    if any(word in said for word in ("readonly", "unable to open", "access", "authorization")):
        return StoreError(
            f"{path} cannot be written by this user ({said}).",
            f"Give this user the right to write {path.parent} and what lies in it; nothing is lost.",
        )
    if "I/O" in said:
        return StoreError(f"{path} cannot be read or written ({said}).", "Check its disk, then start again; nothing was changed.")
    return StoreError(f"{path} cannot be opened as a store: {said}.", "Restore a backup with: fsconsole restore FILE")


def _back_up(conn: sqlite3.Connection, path: Path, version: int) -> None:
    with sqlite3.connect(path.with_suffix(f".before-v{version + 1}.db")) as copy:
        conn.backup(copy)

"""The shared folder: how it is read and written, and what is said when that fails.

It stands apart because a shared folder tears, delays, repeats, hides and deletes files, and nobody else should know.

Writing: a temporary name in the same directory, fsync, a rename to a name that does not exist, fsync of the directory.
Reading: strict names only (``changes.names``); sizes and bytes, never a modification time.

Always: without the workspace's marker nothing is written, created or removed; a missing file means nothing.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from fsconsole.changes import names, segment, workspace
from fsconsole.changes.keys import KeyOf
from fsconsole.changes.verdict import Problem, Verdict
from fsconsole.changes.workspace import Marker
from fsconsole.errors import SyncError

#: Waits before a rename is tried again: another program may hold a fresh file open for a moment.
WAITS = (0.02, 0.1, 0.4, 1.0)
_BUSY = {errno.EBUSY, errno.EPERM, errno.EACCES, errno.ESTALE, errno.ETXTBSY}
#: Opening must not wait for another program to write into a pipe.
_NOW = getattr(os, "O_NONBLOCK", 0)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
#: What is read of a file at most, by its ending: more than any of its kind holds, and not all memory for what is none.
LARGEST = {".fss": 1 << 30, ".fsl": 64 << 20, ".fsb": 64 << 20}
LARGE = 4 << 20
#: Errors of a link that say only that this file system has none.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EXDEV}


class Named:
    """A name in a directory: ``size`` in bytes, -1 for a directory, 0 for what went away; asked of the disk when first read."""

    __slots__ = ("_entry", "_size", "name")

    def __init__(self, name: str, size: int | None = None, entry: os.DirEntry[str] | None = None) -> None:
        self.name, self._size, self._entry = name, size, entry

    @property
    def size(self) -> int:
        if self._size is None:
            try:
                self._size = self._entry.stat().st_size if self._entry is not None else 0
            except OSError:
                self._size = 0
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter((self.name, self.size))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and (self.name, self.size) == (other.name, other.size)

    def __hash__(self) -> int:
        return hash(self.name)


class Disk(Protocol):
    """Every call that touches the shared folder; a test puts faults between them."""

    def scan(self, folder: Path) -> list[Named]: ...
    def read(self, path: Path) -> bytes: ...
    def make_folder(self, path: Path) -> None: ...
    def write(self, path: Path, data: bytes) -> None: ...
    def sync(self, path: Path) -> None: ...
    def rename(self, path: Path, to: Path) -> None: ...
    def sync_folder(self, path: Path) -> None: ...
    def remove(self, path: Path) -> None: ...
    def wait(self, seconds: float) -> None: ...


class RealDisk:
    """The operating system's files."""

    def scan(self, folder: Path) -> list[Named]:
        with os.scandir(folder) as entries:
            return [Named(e.name, -1 if _is_folder(e) else None, e) for e in entries]

    def read(self, path: Path) -> bytes:
        """A file's bytes, up to what a file of its kind can hold. Raises OSError for what is no file: a pipe would never end."""
        handle = os.open(path, os.O_RDONLY | _NOW)
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError(errno.EISDIR, "it is no file", str(path))
            return file.read(LARGEST.get(path.suffix, LARGE))

    def make_folder(self, path: Path) -> None:
        path.mkdir(exist_ok=True)

    def write(self, path: Path, data: bytes) -> None:
        with open(path, "xb") as file:
            file.write(data)

    def sync(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, path: Path, to: Path) -> None:
        """Raises FileExistsError when ``to`` exists; nothing is ever replaced."""
        try:
            os.link(path, to)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if to.exists():
                raise FileExistsError(errno.EEXIST, "the name is taken", str(to)) from None
            os.rename(path, to)
        else:
            os.unlink(path)

    def sync_folder(self, path: Path) -> None:
        try:
            handle = os.open(path, os.O_RDONLY)
        except OSError:
            return  # some systems do not open directories; their rename is as durable as it gets
        try:
            os.fsync(handle)
        except OSError:
            pass
        finally:
            os.close(handle)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a directory; a link that leads nowhere is none, and hides no other entry."""
    try:
        return entry.is_dir()
    except OSError:
        return False


class Trouble(Enum):
    """Why the folder did not take or give something; the value is the word shown."""

    OFFLINE = "offline"
    READ_ONLY = "read-only"
    FULL = "full"
    BUSY = "busy"
    TAKEN = "taken"


class FolderError(SyncError):
    """The folder did not do what was asked; what waits stays queued."""

    def __init__(self, trouble: Trouble, why: str, instead: str = "") -> None:
        super().__init__(why, instead)
        self.trouble = trouble


class Segment(NamedTuple):
    """A segment file's place and range; ``size`` in bytes, 0 where it was not asked."""

    site: int
    epoch: int
    first: int
    last: int
    size: int

    @property
    def path(self) -> str:
        return f"{place(self.site, self.epoch)}/{names.segment(self.first, self.last)}"


class Listing(NamedTuple):
    """What lies in the sites' directories under strict names."""

    segments: dict[tuple[int, int], list[Segment]]
    heads: dict[int, list[tuple[int, int]]]  #: site: (counter, epoch), greatest counter first


def blob_path(digest: bytes) -> str:
    """Where a blob lies: in one of 256 directories, by its digest."""
    return f"b/{digest[:1].hex()}/{digest.hex()}.fsb"


def place(site: int, epoch: int) -> str:
    """The directory of a site's epoch."""
    return f"{names.SITES}/{names.site(site)}/{names.epoch(epoch)}"


class Folder:
    """A shared folder of one workspace. ``opened`` first; every path is relative to it, with ``/``."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.root = root
        self.disk: Disk = disk or RealDisk()
        self.draw = 0

    def marker(self, known: bytes | None = None, root_key: bytes | None = None) -> Marker | Problem:
        """The workspace's marker, or why this is not its folder."""
        try:
            data = self.disk.read(self.root / names.MARKER)
        except FileNotFoundError:
            where = "is not there" if not self.root.is_dir() else "has no workspace's marker"
            return Problem(Verdict.SHORT, f"The shared folder {self.root} {where}.")
        except OSError as error:
            return Problem(Verdict.SHORT, f"The shared folder {self.root} cannot be read ({error.strerror}).")
        return workspace.decode(data, known, root_key)

    # --- reading ------------------------------------------------------------------------------------------------------

    def names(self, path: str) -> list[Named]:
        """What a directory holds, in name order; nothing where there is none or it cannot be read now."""
        return sorted(self._scan(path), key=attrgetter("name"))

    def _scan(self, path: str) -> list[Named]:
        try:
            return self.disk.scan(self.root / path)
        except OSError:
            return []

    def read(self, path: str) -> bytes:
        """A file's bytes; none when it is not here, not readable or still empty."""
        try:
            return self.disk.read(self.root / path)
        except OSError:
            return b""

    def read_segment(self, piece: Segment, workspace_id: bytes, key_of: KeyOf) -> segment.Segment:
        """A segment file's whole valid frames, and whether all that its name promises is there."""
        return segment.read(self.read(piece.path), workspace_id, key_of, alone=piece.first == piece.last)

    def holds(self, piece: Segment) -> bool:
        """Whether a file of the listing has bytes; one that was read before is asked for them only now."""
        return piece.size > 0 or bool(self.read(piece.path))

    def listing(self, read: Mapping[tuple[int, int], int] | None = None) -> Listing:
        """Every segment and head under a strict name. Other names are not opened, whoever made them.

        ``read`` is {(site, epoch): last frame that was read}: of files up to there only the names are looked at, for asking
        the size of ten thousand files takes longer than all else here; theirs is 0.
        """
        through = read or {}
        segments: dict[tuple[int, int], list[Segment]] = {}
        heads: dict[int, list[tuple[int, int]]] = {}
        for site, epoch, path in self._epochs():
            here = segments.setdefault((site, epoch), [])
            last = through.get((site, epoch), 0)
            for named in self._scan(path):
                span = names.read_segment(named.name)
                if span is not None:
                    if span[1] <= last:
                        here.append(Segment(site, epoch, span[0], span[1], 0))
                    elif named.size > 0:
                        here.append(Segment(site, epoch, span[0], span[1], named.size))
                elif (counter := names.read_head(named.name)) is not None and named.size > 0:
                    heads.setdefault(site, []).append((counter, epoch))
            here.sort()
        for found in heads.values():
            found.sort(reverse=True)
        return Listing(segments, heads)

    def _epochs(self) -> Iterator[tuple[int, int, str]]:
        for name, size in self.names(names.SITES):
            site = names.read_site(name) if size < 0 else None
            if site is None:
                continue
            for inner, kind in self.names(f"{names.SITES}/{name}"):
                epoch = names.read_epoch(inner) if kind < 0 else None
                if epoch is not None:
                    yield site, epoch, f"{names.SITES}/{name}/{inner}"

    # --- writing ------------------------------------------------------------------------------------------------------

    def put(self, path: str, data: bytes) -> bool:
        """Writes a file once; False when it stood there already with these bytes.

        Raises FolderError: TAKEN when the name holds other bytes, FULL, READ_ONLY or BUSY; then nothing of it stands
        under its final name, and the next try begins anew.
        """
        target = self.root / path
        beside = target.with_name(names.temporary(target.name, self._next_draw()))
        try:
            if self._stands(target, data):
                return False
            self._make_folders(path.split("/")[:-1])
            try:
                self.disk.write(beside, data)
                self.disk.sync(beside)
                self._rename(beside, target)
            except FileExistsError:
                self._forget(beside)
                if self._stands(target, data):
                    return False
                raise
            except OSError:
                self._forget(beside)
                raise
            self.disk.sync_folder(target.parent)
        except OSError as error:
            raise _told(error, path) from None
        return True

    def remove(self, path: str) -> None:
        """Removes a file of our own; one that cannot be removed now is left for the next time."""
        try:
            self.disk.remove(self.root / path)
        except OSError:
            return

    def _next_draw(self) -> int:
        # Unique among this machine's processes; a leftover of the same name would only make one try fail.
        self.draw += 1
        return (os.getpid() << 12 ^ self.draw ^ time.monotonic_ns() << 4) & 0xFFFFFFFF

    def _stands(self, target: Path, data: bytes) -> bool:
        """Whether the name holds these bytes. Raises FileExistsError when it holds others."""
        try:
            there = self.disk.read(target)
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno not in (errno.EISDIR, errno.ELOOP):
                raise
            raise FileExistsError(errno.EEXIST, "the name is taken by what is no file", str(target)) from error
        if there != data:
            raise FileExistsError(errno.EEXIST, "the name holds other bytes", str(target))
        return True

    def _make_folders(self, parts: Sequence[str]) -> None:
        here = self.root
        for part in parts:
            here = here / part
            self.disk.make_folder(here)

    def _rename(self, path: Path, to: Path) -> None:
        for pause in WAITS:
            try:
                self.disk.rename(path, to)
                return
            except OSError as error:
                if error.errno not in _BUSY or isinstance(error, FileExistsError):
                    raise
                self.disk.wait(pause)
        self.disk.rename(path, to)

    def _forget(self, path: Path) -> None:
        try:
            self.disk.remove(path)
        except OSError:
            return  # a temporary name that stays is never read


def _told(error: OSError, path: str) -> FolderError:
    """A failed write as a sentence."""
    if isinstance(error, FileExistsError):
        return FolderError(
            Trouble.TAKEN,
            f"{path} holds other bytes than this site wrote.",
            "Another copy of this installation may be at work, or the file was changed: then remove it, and it is written again.",
        )
    if error.errno in _FULL:
        return FolderError(
            Trouble.FULL, "The shared folder is full.", "What was saved here waits and goes out once there is room."
        )
    if error.errno in _READ_ONLY:
        return FolderError(
            Trouble.READ_ONLY,
            "The shared folder cannot be written.",
            "What others write still arrives; ours waits. Give this user the right to write there.",
        )
    if isinstance(error, FileNotFoundError):
        return FolderError(Trouble.OFFLINE, "The shared folder went away.", "Work goes on; it is tried again.")
    return FolderError(Trouble.BUSY, f"The shared folder did not take {path} ({error.strerror}).", "It is tried again.")

"""A site of which two copies wrote: both branches reach every site, whichever each of them saw first.

It stands apart because the two frames have one number, so their files have one name, and a sync tool keeps one of them.

Heads tell every branch by its hash. Who misses one reads the files of that number again and asks for it; who has it
writes it once more under a wider name, together with the frame before it. A fork at the first frame of an epoch has no
such name: it is spoken of, and its branches meet where the files do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from fsconsole.changes import frame as frames
from fsconsole.changes import names
from fsconsole.changes.head import Applied, Head, Want
from fsconsole.store import exchange as books
from fsconsole.store.opening import Store
from fsconsole.sync.folder import Folder, FolderError, Listing, Trouble, place

#: How many wider names are tried; each is taken only by another branch.
TRIES = 8


def branches(conn: sqlite3.Connection) -> list[Applied]:
    """Every frame here that shares its number with another."""
    query = "SELECT site, epoch, seq, hash FROM frame WHERE site = ? AND epoch = ? AND seq = ? ORDER BY hash"
    return [Applied(*row) for twin in books.twins(conn) for row in conn.execute(query, twin)]


def unseen(conn: sqlite3.Connection, heads: Mapping[int, Head]) -> list[Want]:
    """Frames that heads tell of by hash, under a number that another frame has here."""
    tips = books.tips(conn)
    found: list[Want] = []
    for head in heads.values():
        for one in (Applied(head.site, head.epoch, head.seq, head.hash), *head.applied):
            tip = tips.get((one.site, one.epoch))
            if tip is None or not 0 < one.seq <= tip.seq:
                continue
            query = "SELECT 1 FROM frame WHERE site = ? AND epoch = ? AND seq = ? AND hash = ?"
            want = Want(one.site, one.epoch, one.seq, one.seq)
            if want not in found and conn.execute(query, (one.site, one.epoch, one.seq, one.hash)).fetchone() is None:
                found.append(want)
    return found


def relay(store: Store, folder: Folder, listing: Listing, wants: Mapping[int, tuple[Want, ...]]) -> None:
    """Writes the branches of a fork that someone asks for under wider names. Raises FolderError."""
    asked = {want for some in wants.values() for want in some if want.first == want.last > 1}
    for want in sorted(asked, key=lambda one: (one.site, one.epoch, one.first)):
        query = "SELECT bytes FROM frame WHERE site = ? AND epoch = ? AND seq = ? ORDER BY hash"
        for (data,) in store.sql(query, (want.site, want.epoch, want.first)):
            if not _stands(folder, listing, want, data):
                _write(store, folder, want, data)


def _stands(folder: Folder, listing: Listing, want: Want, data: bytes) -> bool:
    held = listing.segments.get((want.site, want.epoch), [])
    return any(data in folder.read(one.path) for one in held if one.first <= want.first <= one.last)


def _write(store: Store, folder: Folder, want: Want, data: bytes) -> None:
    chain = [data]
    for before in _before(store, data):
        chain.insert(0, before)
        path = f"{place(want.site, want.epoch)}/{names.segment(want.first - len(chain) + 1, want.first)}"
        try:
            folder.put(path, b"".join(chain))
            return
        except FolderError as error:
            if error.trouble is not Trouble.TAKEN:
                raise


def _before(store: Store, data: bytes) -> Iterator[bytes]:
    """The frames before one in its epoch, by their hashes."""
    for _ in range(TRIES):
        header = frames.peek(data)
        if not isinstance(header, frames.Header) or header.seq == 1:
            return
        row = store.one("SELECT bytes FROM frame WHERE hash = ?", (header.prev,))
        if row is None:
            return
        data = row[0]
        yield data


__all__ = ["branches", "relay", "unseen"]

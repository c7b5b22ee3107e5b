"""Trails, photos and files: sealed, named by the digest of what they hold, fetched when a row names one that is not here.

It stands apart because blobs expire and the log does not: a digest in the log outlives its bytes.

    file    "FSB1" | workspace key id 4 | XChaCha20-Poly1305(bytes), the digest as AAD, under a key of its own

Always: bytes are taken only when their SHA-256 is the digest that names them; a blob is removed only by its author.
"""

from __future__ import annotations

import hashlib

from fsconsole.changes.keys import derive, key_id, lock, unlock
from fsconsole.changes.verdict import Verdict
from fsconsole.store import blobs
from fsconsole.store import exchange as books
from fsconsole.store.opening import Store
from fsconsole.sync.folder import Folder, FolderError, Trouble, blob_path
from fsconsole.sync.identity import Identity

MAGIC = b"FSB1"
_USE = b"fsc1-blob"
#: Blobs carried in one exchange, and their bytes: consoles are waiting for frames meanwhile.
SOME, MUCH = 200, 32 << 20
#: Blobs of ours looked at in the folder in each exchange, and how long a turn lasts.
LOOKED, TURN_MS = 8, 5_000


def seal(digest: bytes, data: bytes, key: bytes) -> bytes:
    """A blob's file. The same blob under the same key gives the same bytes."""
    return MAGIC + key_id(key).to_bytes(4, "big") + lock(data, digest, derive(key, digest, _USE))


def unseal(digest: bytes, sealed: bytes, ring: dict[int, bytes]) -> bytes | None:
    """What a blob's file holds; None unless it is whole and the one that the digest names."""
    key = ring.get(int.from_bytes(sealed[4:8], "big")) if sealed[:4] == MAGIC else None
    data = unlock(sealed[8:], digest, derive(key, digest, _USE)) if key else None
    return data if data is not None and hashlib.sha256(data).digest() == digest else None


def publish(store: Store, folder: Folder, who: Identity, now_ms: int) -> int:
    """Copies blobs of ours that are not out yet, removes ours that expired; returns how many went out. Raises FolderError."""
    count = sent = 0
    ring = dict(who.file.by_id())
    for digest, data in blobs.waiting(store.raw, SOME):
        if sent > MUCH:
            break
        _put(folder, digest, data, who, ring)
        with store.writing() as conn:
            blobs.mark(conn, digest, 1)
        count, sent = count + 1, sent + len(data)
    for digest in blobs.gone(store.raw, SOME):
        folder.remove(blob_path(digest))
        with store.writing() as conn:
            blobs.mark(conn, digest, 3)
    return count


def _put(folder: Folder, digest: bytes, data: bytes, who: Identity, ring: dict[int, bytes]) -> None:
    path = blob_path(digest)
    try:
        folder.put(path, seal(digest, data, who.file.ring[0]))
    except FolderError as error:
        if error.trouble is not Trouble.TAKEN:
            raise
        # The same blob under an earlier key is good as it is; a damaged one is of no use to anybody.
        if unseal(digest, folder.read(path), ring) is None:
            folder.remove(path)
            folder.put(path, seal(digest, data, who.file.ring[0]))


def heal(store: Store, folder: Folder, who: Identity, now_ms: int) -> int:
    """Puts back blobs of ours that went away or were damaged in the folder; returns how many.

    A few are looked at in each exchange, and one of these is read whole: all of them have their turn.
    """
    count = blobs.count_out(store.raw)
    if not count:
        return 0
    turn = now_ms // TURN_MS
    some = blobs.some_out(store.raw, turn * LOOKED % count, LOOKED)
    ring = dict(who.file.by_id())
    lost = []
    for at, (digest, size) in enumerate(some):
        directory, _, name = blob_path(digest).rpartition("/")
        short = {one.name: one.size for one in folder.names(directory)}.get(name, -1) < size
        if short or (at == turn // count % len(some) and unseal(digest, folder.read(blob_path(digest)), ring) is None):
            lost.append(digest)
    if lost:
        with store.writing() as conn:
            for digest in lost:
                blobs.mark(conn, digest, 0)
    return len(lost)


def fetch(store: Store, folder: Folder, who: Identity, now_ms: int) -> int:
    """Takes blobs that rows name and that are not here, as far as they are in the folder; returns how many came.

    One that is damaged is listed, and taken once its author has put it back.
    """
    there: dict[str, set[str]] = {}
    ring = dict(who.file.by_id())
    came = taken = 0
    for digest in blobs.wanted(store.raw, SOME, now_ms // TURN_MS):
        path = blob_path(digest)
        directory, _, name = path.rpartition("/")
        if directory not in there:
            there[directory] = {one for one, size in folder.names(directory) if size > 0}
        if name not in there[directory]:
            continue
        data = unseal(digest, folder.read(path), ring)
        if data is None and store.one("SELECT 1 FROM held WHERE name = ?", (path,)):
            continue
        with store.writing() as conn:
            if data is None:
                says = f"The file {path} is damaged or not whole yet; its site puts it back by itself."
                books.hold(conn, path, 0, Verdict.DAMAGED.value, says, now_ms)
                continue
            blobs.add(conn, digest, data)
            books.let_go(conn, path)
        came, taken = came + 1, taken + len(data)
        if taken > MUCH:
            break
    return came

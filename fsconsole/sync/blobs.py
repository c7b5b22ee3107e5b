"""Trails, photos and files: sealed, named by the digest of what they hold, fetched when a row names one that is not here.

It stands apart because blobs expire and the log does not: a digest in the log outlives its bytes.

    file    "FSB1" | workspace key id 4 | XChaCha20-Poly1305(bytes), the digest as AAD, under a key of its own

Always: bytes are taken only when their SHA-256 is the digest that names them; a blob is removed only by its author.
"""

from __future__ import annotations

import hashlib

from fsconsole.changes.keys import derive, key_id, lock, unlock
from fsconsole.store import exchange as books
from fsconsole.store.opening import Store
from fsconsole.sync.folder import Folder, blob_path
from fsconsole.sync.identity import Identity

MAGIC = b"FSB1"
_USE = b"fsc1-blob"
#: Blobs carried in one exchange: consoles are waiting for frames meanwhile.
SOME = 200


def seal(digest: bytes, data: bytes, key: bytes) -> bytes:
    """A blob's file. The same blob under the same key gives the same bytes."""
    return MAGIC + key_id(key).to_bytes(4, "big") + lock(data, digest, derive(key, digest, _USE))


def unseal(digest: bytes, sealed: bytes, ring: dict[int, bytes]) -> bytes | None:
    """What a blob's file holds; None unless it is whole and the one that the digest names."""
    key = ring.get(int.from_bytes(sealed[4:8], "big")) if sealed[:4] == MAGIC else None
    data = unlock(sealed[8:], digest, derive(key, digest, _USE)) if key else None
    return data if data is not None and hashlib.sha256(data).digest() == digest else None


def publish(store: Store, folder: Folder, who: Identity, now_ms: int) -> int:
    """Copies blobs of ours that are not out yet, removes ours that expired; returns how many went out."""
    count = 0
    for digest, data in books.blobs_waiting(store.raw, SOME):
        folder.put(blob_path(digest), seal(digest, data, who.file.ring[0]))
        with store.writing() as conn:
            books.mark_blob(conn, digest, 1)
        count += 1
    for digest in books.blobs_gone(store.raw, SOME):
        folder.remove(blob_path(digest))
        with store.writing() as conn:
            books.mark_blob(conn, digest, 3)
    return count


def fetch(store: Store, folder: Folder, who: Identity) -> int:
    """Takes blobs that rows name and that are not here, as far as they are in the folder; returns how many came."""
    wanted = books.blobs_wanted(store.raw, SOME)
    if not wanted:
        return 0
    there: dict[str, set[str]] = {}
    ring = dict(who.file.by_id())
    came = 0
    for digest in wanted:
        directory, _, name = blob_path(digest).rpartition("/")
        if directory not in there:
            there[directory] = {one for one, size in folder.names(directory) if size > 0}
        if name not in there[directory]:
            continue
        data = unseal(digest, folder.read(blob_path(digest)), ring)
        if data is not None:
            with store.writing() as conn:
                books.add_blob(conn, digest, data)
            came += 1
    return came

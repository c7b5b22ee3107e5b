"""A site that was restored or copied: takes back what it had published, then goes on in a new epoch.

It stands apart because a sequence number signed twice, or an invoice number given twice, can never be put right.

Always: no (epoch, seq) of ours is signed twice with different bytes; saves that never went out are framed again, with
their stamps, so nothing is doubled and nothing is lost.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from fsconsole.changes import frame as frames
from fsconsole.changes.frame import Frame, Sealed, epoch_count, make_epoch
from fsconsole.places import Home
from fsconsole.store import exchange as books
from fsconsole.store.opening import Store
from fsconsole.sync.collect import Collector
from fsconsole.sync.folder import Folder, Listing, Segment
from fsconsole.sync.identity import Draw, Identity

RESTORED = "This site was restored from a backup. What it had published was taken back; it goes on in a new series."
COPIED = "This installation was copied or moved. It goes on in a new series; if the other copy is still used, stop one of them."
#: So many epochs may lie in the folder that the store does not know of.
FAR = 1_000
TORN = "A damaged file of this site tells of more than this store knows. It goes on in a new series; no number is given twice."
TWICE = "Another copy of this installation writes to the shared folder. Stop one of them; what both wrote is kept."


def needed(store: Store, home: Home, folder: Folder, who: Identity, listing: Listing) -> str:
    """Why a new epoch must be opened before anything goes out, in a sentence; '' when it need not."""
    if store.own("restoring", 0):
        return RESTORED
    if moved(store, home):
        return COPIED
    epoch = int(store.own("epoch", 0))
    tip = books.tips(store.raw).get((who.site, epoch))
    for file in listing.segments.get((who.site, epoch), []):
        if file.last > (tip.seq if tip else 0) and (why := _ahead(store, folder, who, file)):
            return why
    for epoch, seq, _, _ in books.unpublished(store.raw, who.site):
        for file in listing.segments.get((who.site, epoch), []):
            if file.first <= seq <= file.last and _differs(store, folder, who, file):
                return TWICE
    return ""


def elsewhere(store: Store, who: Identity, listing: Listing) -> bool:
    """Whether the folder holds frames of ours in another epoch than the one we write: another copy went on there."""
    tips = books.tips(store.raw)
    epoch = int(store.own("epoch", 0))
    for key, found in listing.segments.items():
        tip = tips.get(key)
        if key[0] == who.site and key[1] != epoch and any(file.last > (tip.seq if tip else 0) for file in found):
            return True
    return False


def _ahead(store: Store, folder: Folder, who: Identity, piece: Segment) -> str:
    """What a file under a name of ours means that this store never wrote; '' when what lies there was never ours."""
    if _differs(store, folder, who, piece):
        return TWICE
    header = frames.peek(folder.read(piece.path))
    if isinstance(header, frames.Header):
        says = (header.workspace, header.site, header.epoch, header.seq)
        return TORN if says == (who.file.workspace, who.site, piece.epoch, piece.first) else ""
    return ""


def _differs(store: Store, folder: Folder, who: Identity, piece: Segment) -> bool:
    """Whether a file in our directory holds good frames of ours that this store never made."""
    read = folder.read_segment(piece, who.file.workspace, who.members.key_of)
    return any(not books.has_frame(store.raw, one.header, one.hash) for one in read.frames)


def reopen(store: Store, home: Home, folder: Folder, who: Identity, listing: Listing, now_ms: int, draw: Draw) -> bool:
    """Takes back our published tail and opens a new epoch; can be broken off anywhere and repeated."""
    with store.writing() as conn:
        books.set_back(conn, who.site)
    Collector(store, folder, who, now_ms, draw, framing=False).own(listing)
    ring = who.file.by_id()

    @lru_cache(maxsize=64)
    def opened(data: bytes) -> frozenset[tuple[int, bytes]]:
        header = frames.peek(data)
        if not isinstance(header, frames.Header):
            return frozenset()
        frame = frames.unseal(Sealed(header, frames.hash_of(data), data), ring)
        return frozenset((one.stamp, one.act.id) for one in frame.batches) if isinstance(frame, Frame) else frozenset()

    with store.writing() as conn:
        known = [epoch_count(epoch) for site, epoch in books.tips(conn) if site == who.site]
        known.append(epoch_count(int(store.own("epoch", 0))))
        # A directory's name proves nothing; one that is far ahead of all that is known was made up.
        there = [epoch_count(epoch) for site, epoch in listing.segments if site == who.site]
        count = max(max(known), *(one for one in [0, *there] if one <= max(known) + FAR)) + 1
        books.open_epoch(
            conn,
            who.site,
            make_epoch(count, int.from_bytes(draw(4), "big")),
            lambda stamp: set().union(*(opened(data) for data in books.holding(conn, who.site, stamp))),
        )
        _place(store, home, draw)
    return True


# --- which installation this is ---------------------------------------------------------------------------------------


def _mark(home: Home) -> Path:
    return home.keys / "instance"


def _here(path: Path) -> str:
    """What tells this file apart from a copy of it: the machine and the file's own number on its disk."""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        machine = ""
    return f"{machine} {path.stat().st_ino}"


def _place(store: Store, home: Home, draw: Draw) -> None:
    """Marks this home as the one installation of its store."""
    path = _mark(home)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(handle)
    token = draw(16).hex()
    path.write_text(f"{token} {_here(path)}\n", encoding="ascii")
    store.set_own(instance=token)


def moved(store: Store, home: Home) -> bool:
    """Whether this is a copy of the home in which the store was made, or the store of another home."""
    token = str(store.own("instance", ""))
    try:
        line = _mark(home).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return bool(token)
    return line != f"{token} {_here(_mark(home))}"


place = _place

__all__ = ["COPIED", "RESTORED", "TWICE", "elsewhere", "moved", "needed", "place", "reopen"]

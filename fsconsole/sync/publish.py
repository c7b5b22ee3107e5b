"""Ours -> the folder: frames what was saved, copies frames that are not out yet, then says how far we are.

It stands apart because its order is the promise: a frame is committed here before any byte of it leaves.

Always: publishing is copying bytes that already stand in the store; it can be broken off anywhere and repeated.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping

from fsconsole.changes import frame as frames
from fsconsole.changes import head as heads_
from fsconsole.changes import names, segment
from fsconsole.changes.head import Applied, Head, Want
from fsconsole.store import exchange as books
from fsconsole.store.exchange import Seal, Tip
from fsconsole.store.opening import Store
from fsconsole.sync import forks
from fsconsole.sync.folder import Folder, FolderError, Listing, Segment, Trouble, place
from fsconsole.sync.identity import Draw, Identity

#: A head is written again after this long even when nothing moved, so that others see us alive.
ALIVE_MS = 60 * 60_000
KEEP_HEADS = 3


def sealer(who: Identity, draw: Draw) -> Seal:
    """What makes frames under our keys."""

    def seal(epoch: int, seq: int, prev: bytes, vector: Mapping[int, int], batches: list[tuple[int, bytes]]) -> bytes:
        return frames.seal(
            workspace=who.file.workspace,
            site=who.site,
            epoch=epoch,
            seq=seq,
            prev=prev,
            certificate=who.certificate,
            vector=vector,
            batches=batches,
            key=who.file.ring[0],
            salt=draw(frames.SALT_SIZE),
            secret=who.file.keys.sign,
        )

    return seal


def frame_saves(store: Store, who: Identity, draw: Draw) -> int:
    """Frames what was saved and is in no frame yet; returns how many frames that made."""
    if not books.is_unframed(store.raw, who.site):
        return 0
    with store.writing() as conn:
        return books.frame_unframed(conn, who.site, sealer(who, draw))


def publish_entries(store: Store, folder: Folder) -> int:
    """Copies membership entries that the folder lacks, ours and others'; a removed file is put back."""
    there = {name for name, size in folder.names(names.MEMBERS) if size > 0}
    count = 0
    for digest, data in books.entry_names(store.raw).items():
        if names.member(digest) not in there:
            folder.put(f"{names.MEMBERS}/{names.member(digest)}", data)
            count += 1
    return count


def clear_invitations(store: Store, folder: Folder, who: Identity, now_ms: int) -> int:
    """Removes invitations of ours that were used or have expired: their code would still open the workspace's key."""
    left = known = json.loads(store.own("invitations", "{}"))
    for name, (entry, expires_ms) in known.items():
        if bytes.fromhex(entry) in who.members.closed or now_ms > expires_ms:
            folder.remove(f"{names.INVITES}/{name}")
            left = {other: rest for other, rest in left.items() if other != name}
    if left != known:
        store.set_own(invitations=json.dumps(left))
    return len(known) - len(left)


def publish_frames(store: Store, folder: Folder, who: Identity, listing: Listing) -> int:
    """Copies our frames that the folder lacks, as segment files; returns how many frames went out.

    Raises FolderError; Trouble.TAKEN when another copy of this installation wrote there.
    """
    _missing(store, who.site, listing)
    sent = 0
    while lot := books.unpublished(store.raw, who.site):
        epoch, first, last = lot[0][0], lot[0][1], lot[-1][1]
        data = segment.encode([row[3] for row in lot], who.certificate, who.file.keys.sign)
        _put_segment(folder, who, Segment(who.site, epoch, first, last, len(data)), data, [row[2] for row in lot])
        with store.writing() as conn:
            books.mark_published(conn, who.site, epoch, first, last)
        sent += len(lot)
    return sent


def _put_segment(folder: Folder, who: Identity, piece: Segment, data: bytes, hashes: list[bytes]) -> None:
    try:
        folder.put(piece.path, data)
    except FolderError as error:
        if error.trouble is not Trouble.TAKEN:
            raise
        there = folder.read_segment(piece, who.file.workspace, who.members.key_of)
        if there.complete and [sealed.hash for sealed in there.frames] == hashes:
            return  # these very frames, closed as another version closes a file
        if there.complete:
            raise
        # Ours, and damaged: nobody can read it, and its author may write it anew.
        folder.remove(piece.path)
        folder.put(piece.path, data)


def _missing(store: Store, own: int, listing: Listing) -> None:
    """Marks frames of ours whose files went away: they are copied again."""
    tips = books.tips(store.raw).items()
    gone = [(epoch, *span) for (site, epoch), tip in tips if site == own for span in _gaps(listing, site, epoch, tip.seq)]
    if gone:
        with store.writing() as conn:
            for epoch, first, last in gone:
                books.mark_published(conn, own, epoch, first, last, done=False)


def unheld(store: Store, own: int, listing: Listing) -> tuple[Want, ...]:
    """Frames of other sites that were read here and that no file of the folder names any more."""
    tips = books.tips(store.raw).items()
    return tuple(
        Want(site, epoch, *span) for (site, epoch), tip in tips if site != own for span in _gaps(listing, site, epoch, tip.seq)
    )


def _gaps(listing: Listing, site: int, epoch: int, through: int) -> Iterator[tuple[int, int]]:
    """(first, last) of each run of frames up to ``through`` that no file names."""
    reach = 0
    for piece in sorted(listing.segments.get((site, epoch), [])):
        if piece.first > reach + 1:
            yield reach + 1, min(piece.first - 1, through)
        reach = max(reach, piece.last)
        if reach >= through:
            return
    if reach < through:
        yield reach + 1, through


def heal(store: Store, folder: Folder, who: Identity, listing: Listing, wants: Mapping[int, tuple[Want, ...]]) -> None:
    """Puts back what others miss of us: a file of ours whose bytes are not ours is removed and written again."""
    asked = [want for some in wants.values() for want in some if want.site == who.site]
    for want in asked:
        for piece in listing.segments.get((who.site, want.epoch), []):
            if piece.last < want.first or piece.first > want.last:
                continue
            there = folder.read_segment(piece, who.file.workspace, who.members.key_of)
            ours = [frames.hash_of(data) for data in books.kept(store.raw, who.site, want.epoch, piece.first, piece.last)]
            if not there.complete or [sealed.hash for sealed in there.frames] != ours:
                folder.remove(piece.path)
                listing.segments[who.site, want.epoch] = [
                    one for one in listing.segments[who.site, want.epoch] if one.path != piece.path
                ]


def relay(store: Store, folder: Folder, who: Identity, listing: Listing, wants: Mapping[int, tuple[Want, ...]]) -> int:
    """Copies frames of other sites that someone misses, unchanged, where no file holds them; returns how many.

    Such a file has no end mark, which only its author can sign; its frames are taken all the same.
    """
    count = 0
    for want in {want for some in wants.values() for want in some if want.site != who.site}:
        held = listing.segments.get((want.site, want.epoch), [])
        last = min(want.last, want.first + 255)
        if any(one.first <= want.first and one.last >= last and folder.holds(one) for one in held):
            continue
        data = books.kept(store.raw, want.site, want.epoch, want.first, last)
        if len(data) == last - want.first + 1:
            count += folder.put(f"{place(want.site, want.epoch)}/{names.segment(want.first, last)}", b"".join(data)) * len(data)
    return count


# --- heads ------------------------------------------------------------------------------------------------------------


def publish_head(
    store: Store, folder: Folder, who: Identity, listing: Listing, wants: tuple[Want, ...], now_ms: int, version: str
) -> bool:
    """Writes our head when it says something new, or when the last one is old or missing; removes our older ones."""
    last = books.heads(store.raw).get(who.site)
    there = listing.heads.get(who.site, [])
    fresh = _head(store.raw, who.site, wants, now_ms, version)
    if last is not None:
        said = heads_.decode(last[1], who.file.workspace, who.members.key_of)
        if isinstance(said, Head):
            same = (said.seq, said.epoch, said.hash, said.applied, said.wants) == (
                fresh.seq, fresh.epoch, fresh.hash, fresh.applied, fresh.wants,
            )  # fmt: skip
            if same and 0 <= now_ms - said.wall_ms < ALIVE_MS:
                _put_head(folder, f"{place(who.site, said.epoch)}/{names.head(last[0])}", last[1])
                return False
    with store.writing() as conn:
        known = books.heads(conn).get(who.site)
        counter = max(known[0] if known else 0, _greatest(folder, who, there)) + 1
        head = Head(fresh.site, fresh.epoch, fresh.seq, fresh.hash, counter, fresh.applied, now_ms, version, wants)
        data = heads_.encode(head, who.file.workspace, who.certificate, who.file.keys.sign)
        books.put_head(conn, who.site, counter, data, now_ms)
    _put_head(folder, f"{place(who.site, head.epoch)}/{names.head(counter)}", data)
    ours = [one for one in there if one[0] < counter]
    for old, epoch in [*(one for one in there if one[0] > counter), *ours[KEEP_HEADS - 1 :]]:
        folder.remove(f"{place(who.site, epoch)}/{names.head(old)}")
    return True


def _greatest(folder: Folder, who: Identity, there: list[tuple[int, int]]) -> int:
    """The counter of the last head of ours in the folder, another copy's included; a name alone proves nothing."""
    for counter, epoch in there:
        head = heads_.decode(
            folder.read(f"{place(who.site, epoch)}/{names.head(counter)}"), who.file.workspace, who.members.key_of
        )
        if isinstance(head, Head) and (head.site, head.counter) == (who.site, counter):
            return counter
    return 0


def _put_head(folder: Folder, path: str, data: bytes) -> None:
    """Writes a head of ours; what else lies under its name was put there by somebody else, and goes."""
    try:
        folder.put(path, data)
    except FolderError as error:
        if error.trouble is not Trouble.TAKEN:
            raise
        folder.remove(path)
        folder.put(path, data)


def _head(conn: sqlite3.Connection, own: int, wants: tuple[Want, ...], now_ms: int, version: str) -> Head:
    tips = books.tips(conn)
    epoch = int(conn.execute("SELECT value FROM own WHERE key = 'epoch'").fetchone()[0])
    mine = tips.get((own, epoch), Tip(own, epoch, 0, frames.NO_HASH, 0))
    applied = tuple(Applied(tip.site, tip.epoch, tip.seq, tip.hash) for key, tip in sorted(tips.items()) if key != (own, epoch))
    applied += tuple(one for one in forks.branches(conn) if one not in applied)
    return Head(own, epoch, mine.seq, mine.hash, 1, applied, now_ms, version, wants)


__all__ = [
    "FolderError",
    "Trouble",
    "clear_invitations",
    "frame_saves",
    "heal",
    "publish_entries",
    "publish_frames",
    "publish_head",
    "relay",
    "sealer",
    "unheld",
]

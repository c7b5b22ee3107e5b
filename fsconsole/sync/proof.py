"""The proof that this store is what its log says, and its log what the sites signed.

It stands apart because it trusts nothing it can compute again.

Checked: the log replayed on an empty store gives every synced table; every frame's hash, signature and place in its
chain; that each batch of ours stands in a frame or waits for one, and each frame's batches in the log; that our invoice
numbers are unique; every blob's digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from fsconsole.changes import frame as frames
from fsconsole.changes.frame import Frame
from fsconsole.changes.verdict import Problem
from fsconsole.places import Home
from fsconsole.store import replay
from fsconsole.store.opening import Store
from fsconsole.sync import roles, snapshots
from fsconsole.sync.identity import Identity, identify, read_keys


@dataclass(frozen=True, slots=True)
class Proof:
    """``good`` when nothing was found wrong; ``says`` the first differences in sentences."""

    good: bool
    batches: int
    rows: int
    frames: int
    says: tuple[str, ...] = ()

    def in_words(self) -> str:
        counted = f"{self.batches:,} batches replayed, {self.rows:,} rows compared, {self.frames:,} frames checked"
        if self.good:
            return f"Proved: {counted}. Every table is what the log says, every frame what its site signed."
        return "\n".join([f"Not proved ({counted}).", *self.says])


def prove(store: Store, home: Home) -> Proof:
    """Proves a store; changes nothing. Raises SyncError without keys."""
    if waits := snapshots.waiting(store):
        what = f"{waits:,} frames of the history behind the snapshot are not here yet; prove it again once they are."
        return Proof(False, 0, 0, 0, (what,))
    replayed = replay.verify(store)
    says = [f"The tables differ from the log: {replayed.difference}."] if replayed.difference else []
    who = identify(store.raw, read_keys(home))
    count = 0
    for trouble in _frames(store, who):
        if trouble is None:
            count += 1
        else:
            says.append(trouble)
    says += _numbers(store) + _blobs(store)
    return Proof(not says, replayed.batches, replayed.rows, count, tuple(says[:20]))


def _frames(store: Store, who: Identity) -> Iterator[str | None]:
    """None for each good frame, a sentence for each that is not."""
    known = {row[0] for row in store.sql("SELECT hash FROM frame")}
    ring = who.file.by_id()
    for site, epoch, seq, digest in store.sql("SELECT site, epoch, seq, hash FROM frame ORDER BY site, epoch, seq"):
        (data,) = store.sql(
            "SELECT bytes FROM frame WHERE site = ? AND epoch = ? AND seq = ? AND hash = ?", (site, epoch, seq, digest)
        )[0]
        name = f"Frame {seq} of site {site}"
        frame = frames.open_(data, who.file.workspace, who.members.key_of, ring)
        if isinstance(frame, Problem):
            yield f"{name}: {frame.says}"
        elif (frame.header.site, frame.header.epoch, frame.header.seq, frame.hash) != (site, epoch, seq, digest):
            yield f"{name} is kept under another number than it has."
        elif frame.header.prev != frames.NO_HASH and frame.header.prev not in known:
            yield f"{name} follows a frame that is not here."
        elif missing := _unlogged(store, who, frame):
            yield f"{name} holds {missing} batches that the log lacks."
        else:
            yield None


def _unlogged(store: Store, who: Identity, frame: Frame) -> int:
    author = who.members.certificate(frame.header.certificate)
    role = author.role if author else "viewer"
    counts = [batch for batch in frame.batches if not roles.refusal(role, batch)]
    return sum(not store.one("SELECT 1 FROM log WHERE stamp = ? AND act = ?", (one.stamp, one.act.id)) for one in counts)


def _numbers(store: Store) -> list[str]:
    twice = store.sql(
        "SELECT number, count(*) FROM invoice WHERE number <> '' AND stamp < 1 << 62 GROUP BY number HAVING count(*) > 1"
    )
    return [f"Invoice number {number} stands on {count} documents." for number, count in twice]


def _blobs(store: Store) -> list[str]:
    return [
        f"The {kind} {digest.hex()[:12]} is not what its name says."
        for digest, data, kind in store.raw.execute("SELECT digest, bytes, kind FROM blob WHERE bytes IS NOT NULL")
        if hashlib.sha256(data).digest() != digest
    ]


__all__ = ["Proof", "prove"]

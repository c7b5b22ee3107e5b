"""Snapshots: an office now and then writes everything up to a point into one file; who joins starts from it.

It stands apart because a joiner is at work before the history behind its tables has arrived.

While that history arrives, frames that the snapshot covers are logged and not merged again. Once all of it is here the log
is replayed beside the store and compared: a snapshot is believed for the time being, the log for good.

Always: a snapshot is taken only from a site that may bill, at one state of its store; history is never removed for it.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable

from fsconsole import __version__
from fsconsole.changes import names
from fsconsole.changes import snapshot as pieces
from fsconsole.changes.head import Applied
from fsconsole.changes.snapshot import Cover, Part
from fsconsole.changes.verdict import Problem
from fsconsole.store import contest, preload, replay
from fsconsole.store import exchange as books
from fsconsole.store.migrations import VERSION
from fsconsole.store.opening import Store
from fsconsole.sync.folder import Folder
from fsconsole.sync.identity import Draw, Identity

#: A new snapshot is written once so many frames, or bytes of frames, lie behind the last one.
FRAMES, BYTES = 2_000, 2 << 20
OFFICES = ("billing", "owner")


# --- writing ----------------------------------------------------------------------------------------------------------


def write_due(store: Store, folder: Folder, who: Identity, now_ms: int, draw: Draw) -> bool:
    """Writes a snapshot when much has happened since the last one in the folder, whoever wrote that. Raises FolderError."""
    us = who.member
    if us is None or us.role not in OFFICES or store.own("preloaded"):
        return False
    there = sorted(name for name, size in folder.names(names.SNAPSHOTS) if _is_snapshot(name) and size > 0)
    known = json.loads(store.own("snapshots", "{}"))
    fresh = [name for name in there if name not in known.get("there", [])]
    (last,) = store.sql("SELECT coalesce(max(rowid), 0) FROM frame")[0]
    if fresh:
        known = {"there": there, "behind": last, "ours": known.get("ours", [])}
        store.set_own(snapshots=json.dumps(known))
    behind = int(known.get("behind", 0))
    if last - behind < FRAMES:
        (size,) = store.sql("SELECT coalesce(sum(length(bytes)), 0) FROM frame WHERE rowid > ?", (behind,))[0]
        if size < BYTES:
            return False
    name = write(store, folder, who, now_ms, draw)
    for old in known.get("ours", []):
        folder.remove(f"{names.SNAPSHOTS}/{old}")
    store.set_own(snapshots=json.dumps({"there": [*there, name], "behind": last, "ours": [name]}))
    return True


def write(store: Store, folder: Folder, who: Identity, now_ms: int, draw: Draw) -> str:
    """Writes a snapshot of what is applied here; returns its name. Raises FolderError."""
    conn = store.raw
    conn.execute("BEGIN")
    try:
        through = books.vector(conn, who.site)
        tips = [tip for tip in books.tips(conn).values() if tip.seq]
        own = max((tip.stamp for tip in tips if tip.site == who.site), default=0)
        cover = Cover(
            applied=tuple(Applied(tip.site, tip.epoch, tip.seq, tip.hash) for tip in tips),
            heard={**through, **({who.site: own} if own else {})},
            schema=VERSION,
            wall_ms=now_ms,
            version=__version__,
        )
        data = b"".join(
            pieces.write(
                cover, preload.parts(conn), workspace=who.file.workspace, site=who.site, certificate=who.certificate,
                key=who.file.ring[0], salt=draw(32), secret=who.file.keys.sign,
            )
        )  # fmt: skip
    finally:
        conn.execute("ROLLBACK")
    checked = pieces.check(io.BytesIO(data), who.file.workspace, who.members.key_of)
    assert not isinstance(checked, Problem), checked
    name = names.snapshot(checked.hash)
    folder.put(f"{names.SNAPSHOTS}/{name}", data)
    return name


def _is_snapshot(name: str) -> bool:
    named = names.read_hashed(name)
    return named is not None and named[1] == "fss"


# --- loading ----------------------------------------------------------------------------------------------------------


def load_newest(
    store: Store, folder: Folder, who: Identity, now_ms: int, progress: Callable[[int, int | None], None] | None = None
) -> bool:
    """Loads the snapshot that reaches furthest into an empty store; False when none can be believed.

    ``progress`` is told (bytes read, bytes there). One transaction: broken off, nothing of it stands.
    """
    if store.one("SELECT 1 FROM log LIMIT 1") or store.own("preloaded"):
        return bool(store.own("preloaded"))
    found: list[tuple[int, str]] = []
    for name, size in folder.names(names.SNAPSHOTS):
        if _is_snapshot(name) and size > 0 and (cover := _cover(folder, who, name)) is not None:
            found.append((sum(one.seq for one in cover.applied), name))
    return any(_load(store, folder, who, name, now_ms, progress) for _, name in sorted(found, reverse=True))


def _cover(folder: Folder, who: Identity, name: str) -> Cover | None:
    first = next(pieces.parts(io.BytesIO(folder.read(f"{names.SNAPSHOTS}/{name}")), who.file.by_id()), None)
    return first if isinstance(first, Cover) else None


def _load(
    store: Store, folder: Folder, who: Identity, name: str, now_ms: int, progress: Callable[[int, int | None], None] | None
) -> bool:
    data = folder.read(f"{names.SNAPSHOTS}/{name}")
    file = io.BytesIO(data)
    checked = pieces.check(file, who.file.workspace, who.members.key_of)
    if isinstance(checked, Problem) or names.snapshot(checked.hash) != name:
        return False
    author = who.members.current.get(checked.site)
    if author is None or author.role not in OFFICES:
        return False
    try:
        with store.writing() as conn:
            for piece in pieces.parts(file, who.file.by_id()):
                if isinstance(piece, Problem):
                    raise _NotThisOne
                if isinstance(piece, Cover):
                    if piece.schema > VERSION:
                        raise _NotThisOne
                    _remember(conn, piece, author.code)
                    books.see(conn, max(piece.heard.values(), default=0), who.site, now_ms)
                elif isinstance(piece, Part):
                    preload.load(conn, piece)
                if progress:
                    progress(file.tell(), len(data))
            preload.mark_all(conn)
    except (_NotThisOne, sqlite3.IntegrityError):
        return False
    return True


class _NotThisOne(Exception):
    """This snapshot cannot be loaded; the next one is tried, or the log alone."""


def _remember(conn: sqlite3.Connection, cover: Cover, code: str) -> None:
    conn.executemany("INSERT OR REPLACE INTO heard (author, at, of, through) VALUES (0, 0, ?, ?)", sorted(cover.heard.items()))
    said = {
        "by": code,
        "frames": [[one.site, one.epoch, one.seq] for one in cover.applied],
        "heard": {str(site): stamp for site, stamp in cover.heard.items()},
    }
    conn.execute("INSERT OR REPLACE INTO own (key, value) VALUES ('preloaded', ?)", (json.dumps(said),))


# --- the history behind it --------------------------------------------------------------------------------------------


def covered(conn: sqlite3.Connection) -> dict[int, int]:
    """{site: the greatest stamp whose rows came with the snapshot}; empty once the history behind it is here."""
    row = conn.execute("SELECT value FROM own WHERE key = 'preloaded'").fetchone()
    return {int(site): stamp for site, stamp in json.loads(row[0])["heard"].items()} if row else {}


def waiting(store: Store) -> int:
    """How many frames of the history behind the snapshot are not here yet."""
    row = store.own("preloaded")
    if not row:
        return 0
    tips = books.tips(store.raw)
    reach = {key: tip.seq for key, tip in tips.items()}
    return sum(max(seq - reach.get((site, epoch), 0), 0) for site, epoch, seq in json.loads(row)["frames"])


def complete(store: Store) -> str:
    """Once the whole history is here: compares it with what was loaded, and says what was wrong, '' when nothing was."""
    row = store.own("preloaded")
    if not row or waiting(store):
        return ""
    difference = replay.verify(store).difference
    with store.writing() as conn:
        if difference:
            replay.rebuild(conn)
        else:
            contest.recount(conn)
        conn.execute("DELETE FROM own WHERE key = 'preloaded'")
    if not difference:
        return ""
    return (
        f"The snapshot that {json.loads(row)['by']} wrote was not what the log says ({difference})."
        " The tables were made again from the log."
    )


__all__ = ["complete", "covered", "load_newest", "waiting", "write", "write_due"]

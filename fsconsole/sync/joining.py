"""Joins a workspace with an invitation's code.

It stands apart because a stranger does it, in a folder it knows nothing about.

Always: our keys are kept before the answer that names them goes out; what was broken off is taken up by joining again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fsconsole.changes import invite as invites
from fsconsole.changes import member, names, signed
from fsconsole.changes.invite import Offer
from fsconsole.changes.keys import SEED_SIZE, KeyFile, make_keys
from fsconsole.changes.member import Entry
from fsconsole.changes.verdict import Problem
from fsconsole.changes.workspace import Marker
from fsconsole.errors import SyncError
from fsconsole.places import Home
from fsconsole.store import exchange as books
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store, open_store
from fsconsole.store.tables import BY_NAME
from fsconsole.sync import snapshots
from fsconsole.sync.exchange import exchange
from fsconsole.sync.folder import Disk, Folder
from fsconsole.sync.identity import Draw, entry_of, identify, key_path, read_keys, remember_folder, settle_in, vacant, write_keys
from fsconsole.sync.reopening import place

Progress = Callable[[int, int | None], None]


def join(
    home: Home,
    *,
    shared: Path,
    code: str,
    now: datetime,
    ids: Callable[[], bytes],
    by: str,
    progress: Progress | None = None,
    disk: Disk | None = None,
    draw: Draw = secrets.token_bytes,
) -> Store:
    """Joins the workspace in ``shared`` with an invitation's code; returns the open store, at work at once.

    Raises SyncError with the reason: no workspace there, wrong, used, expired or altered invitation, an older copy of
    the folder. Broken off, it is taken up again by calling it again.
    """
    vacant(home)
    folder = Folder(shared, disk)
    marker = folder.marker()
    if isinstance(marker, Problem):
        raise SyncError(f"{marker.says} Nobody can be joined there.", "Name the folder in which the workspace's marker lies.")
    random = invites.read_code(code)
    if isinstance(random, Problem):
        raise SyncError(random.says)
    secret = invites.code_keys(random, marker.workspace)
    entries = _entries_in(folder, marker.workspace)
    file = _begun(home, marker, entries, secret)
    if file is None:
        file = _answer(home, folder, marker, entries, secret, now, draw)
        entries = _entries_in(folder, marker.workspace)
    us = member.fold(entries, marker.root).current.get(file.site)
    if us is None:
        raise SyncError("The answer to the invitation did not count.", "It was withdrawn or answered twice; ask for a new one.")
    store = open_store(home.store)
    with store.writing() as conn:
        for entry in entries:
            books.add_entry(conn, entry.file.hash, entry.file.data, published=True)
        settle_in(store, file, us.code, marker.name, "", "", draw)
    place(store, home, draw)
    remember_folder(home, shared)
    who = identify(store.raw, file)
    loaded = snapshots.load_newest(store, folder, who, ms(now), progress)
    # With a snapshot we are at work now, and the history behind it comes with the exchanges that follow.
    exchange(store, home, now, disk=disk, draw=draw, progress=progress, history=not loaded)
    _take_over(store)
    return store


#: So many bytes of history behind a snapshot are fetched by the command that joins; more comes while people work.
LITTLE = 4 << 20


def catch_up(store: Store, home: Home, shared: Path, now: datetime, progress: Progress | None = None) -> str:
    """After joining from a snapshot: takes the history behind it, and what is newer, when that is little.

    Returns what is still to come in words, '' when nothing is.
    """
    if not snapshots.waiting(store):
        return ""
    listing = Folder(shared).listing()
    if sum(one.size for some in listing.segments.values() for one in some) <= LITTLE:
        exchange(store, home, now, progress=progress)
    left = snapshots.waiting(store)
    words = "of the history behind the snapshot come with the next exchanges, and what is newer after them."
    return f"{left:,} frames {words}" if left else ""


def _entries_in(folder: Folder, workspace: bytes) -> list[Entry]:
    found = []
    for name, size in folder.names(names.MEMBERS):
        if names.read_hashed(name) and size > 0:
            entry = member.read_entry(folder.read(f"{names.MEMBERS}/{name}"), workspace)
            if not isinstance(entry, Problem):
                found.append(entry)
    return found


def _begun(home: Home, marker: Marker, entries: list[Entry], secret: invites.CodeKeys) -> KeyFile | None:
    """Our keys when this very invitation was answered with them already and the store was not made yet."""
    if not key_path(home).exists():
        return None
    file = read_keys(home)
    if (file.workspace, file.root_public) != (marker.workspace, marker.root):
        return None
    for entry in entries:
        what = entry.what
        answered = isinstance(what, member.Join) and what.sign == file.keys.sign_public
        if answered and signed.is_by(entry.file, secret.once_public):
            return file
    return None


def _answer(
    home: Home, folder: Folder, marker: Marker, entries: list[Entry], secret: invites.CodeKeys, now: datetime, draw: Draw
) -> KeyFile:
    """Answers the invitation: our keys first, then the answer in the membership log."""
    data = folder.read(f"{names.INVITES}/{names.invite(secret.id)}")
    if not data:
        _say_if_over(entries, marker, secret, now)
        raise SyncError(
            f"This code opens no invitation in {folder.root}.",
            "Type it again; or the invitation has not arrived yet, or was withdrawn.",
        )
    offer = invites.decode(data, secret)
    if isinstance(offer, Problem):
        raise SyncError(offer.says)
    if (offer.workspace, offer.root) != (marker.workspace, marker.root):
        raise SyncError(
            "This folder's marker is not the one that the invitation tells of.", "Ask the owner which folder is meant."
        )
    accepted = invites.accept(offer, secret, member.fold(entries, offer.root), ms(now))
    if isinstance(accepted, Problem):
        raise SyncError(accepted.says)
    _not_older(folder, offer)
    answer, file = invites.join(offer, secret, make_keys(draw(SEED_SIZE)), ms(now))
    write_keys(home, file)
    folder.put(f"{names.MEMBERS}/{names.member(entry_of(answer, file.workspace).file.hash)}", answer)
    return file


def _say_if_over(entries: list[Entry], marker: Marker, secret: invites.CodeKeys, now: datetime) -> None:
    """Raises SyncError when the membership log tells that a code was used or has expired: its file is gone then."""
    members = member.fold(entries, marker.root)
    for entry in entries:
        what = entry.what
        if isinstance(what, member.Invite) and what.once == secret.once_public:
            if entry.file.hash in members.closed:
                raise SyncError(f"The invitation for {what.code} was used or withdrawn. Ask for a new one.")
            if ms(now) > what.expires_ms:
                raise SyncError(f"The invitation for {what.code} has expired. Ask for a new one.")


def _not_older(folder: Folder, offer: Offer) -> None:
    """Refuses a folder that holds less than the inviting site had read when it invited."""
    listing = folder.listing()
    for one in offer.applied:
        reach = 0
        for piece in sorted(listing.segments.get((one.site, one.epoch), [])):
            reach = max(reach, piece.last) if piece.first <= reach + 1 else reach
        if reach < one.seq:
            raise SyncError(
                f"This folder is older than the invitation, or not all of it is here: of site {one.site} it holds"
                f" {reach} frames of {one.seq}.",
                "Wait until the folder is whole, then join again with the same code.",
            )


def _take_over(store: Store) -> None:
    """The company's currency and zone, as its policies say."""
    value = BY_NAME["policy"].columns["value"]
    found = dict(store.sql("SELECT name, value FROM policy WHERE name IN ('timezone', 'currency') ORDER BY start"))
    store.set_own(**{name: str(value.unpack(text)) for name, text in found.items()})


__all__ = ["catch_up", "join"]

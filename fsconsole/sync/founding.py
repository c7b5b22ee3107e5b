"""Starts a workspace and invites a site.

It stands apart because here keys are made and a site gets its number; everything after that is exchange.

Always: the key file is written before anything that names its keys; a step that was broken off is taken up again by
the same command, and never leaves half a site that looks whole.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from fsconsole.changes import invite as invites
from fsconsole.changes import member, names
from fsconsole.changes.batch import Act
from fsconsole.changes.head import Applied
from fsconsole.changes.invite import Offer
from fsconsole.changes.keys import KEY_SIZE, ROOT, SEED_SIZE, KeyFile, make_keys, signer
from fsconsole.changes.member import Add, Invite
from fsconsole.changes.stamp import MAX_SITE
from fsconsole.changes.verdict import Problem, Verdict
from fsconsole.changes.workspace import Marker
from fsconsole.changes.workspace import encode as encode_marker
from fsconsole.errors import SyncError
from fsconsole.places import Home
from fsconsole.store import exchange as books
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store, open_store
from fsconsole.store.record import save
from fsconsole.store.tables import put
from fsconsole.sync.exchange import exchange, offline, shared_folder
from fsconsole.sync.folder import Disk, Folder
from fsconsole.sync.identity import Draw, Identity, entry_of, identify, read_keys, remember_folder, settle_in, vacant, write_keys
from fsconsole.sync.joining import join
from fsconsole.sync.members import withdraw
from fsconsole.sync.reopening import place

_CODE = re.compile(r"[A-Z][A-Z0-9]{0,7}")
Progress = Callable[[int, int | None], None]


class Invitation(NamedTuple):
    """An invitation as the owner passes it on: type ``code`` at the other office, once, before ``expires``."""

    code: str
    site: str
    role: str
    expires: datetime


def site_row(workspace: bytes, number: int) -> bytes:
    """The id of a site's row: the same wherever it is written."""
    return hashlib.sha256(b"site" + workspace + number.to_bytes(2, "big")).digest()[:16]


def _site_code(text: str) -> str:
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise SyncError(
            f"“{text}” cannot be a site's code.", "Take a letter and up to seven more letters or digits, such as LDN."
        )
    return code


# --- founding ---------------------------------------------------------------------------------------------------------


def found(
    home: Home,
    *,
    code: str,
    name: str,
    shared: Path | None,
    currency: str,
    timezone: str,
    now: datetime,
    ids: Callable[[], bytes],
    by: str,
    draw: Draw = secrets.token_bytes,
) -> Store:
    """Starts a workspace whose first site, its owner, lives in ``home``; returns its open store.

    Raises SyncError when a site stands there already, or another workspace in the shared folder.
    """
    code = _site_code(code)
    vacant(home)
    if shared is not None:
        _empty_folder(shared)
    root = signer(draw(KEY_SIZE))
    keys = make_keys(draw(SEED_SIZE))
    file = KeyFile(ids(), 1, root[KEY_SIZE:], keys, (draw(KEY_SIZE),), root)
    write_keys(home, file)
    store = open_store(home.store)
    owner = Add(1, code, name[:200], "owner", _letters(code, set()), keys.sign_public, keys.box_public)
    entry = member.write_entry(
        owner, workspace=file.workspace, site=0, certificate=ROOT, number=1, prev=bytes(32), wall_ms=ms(now), secret=root
    )
    with store.writing() as conn:
        books.add_entry(conn, entry_of(entry, file.workspace).file.hash, entry, published=False)
        settle_in(store, file, code, name, currency, timezone, draw)
        save(
            store,
            Act(ids(), by, f"init {code}"),
            [
                put("site", site_row(file.workspace, 1), code=code, name=name, number=1, timezone=timezone, role="owner"),
                put("policy", ids(), name="timezone", value=timezone),
                put("policy", ids(), name="currency", value=currency),
            ],
            now,
        )
    place(store, home, draw)
    if shared is not None:
        attach(store, home, shared, now, draw=draw)
    return store


def _empty_folder(shared: Path) -> None:
    if (shared / names.MARKER).exists():
        raise SyncError(
            f"Another workspace stands in {shared}.", "Join it with: fsconsole join --shared DIR CODE; or take another folder."
        )
    if not shared.is_dir():
        if not shared.parent.is_dir():
            raise SyncError(f"There is no folder {shared.parent}.", "Mount or make it first.")
        shared.mkdir()


def attach(
    store: Store, home: Home, shared: Path, now: datetime, *, disk: Disk | None = None, draw: Draw = secrets.token_bytes
) -> str:
    """Exchanges through ``shared`` from now on; says so in words.

    Where the workspace's marker is not there, or was damaged, its first office writes it: into an empty folder, too.
    Raises SyncError when another workspace stands there, or it cannot be written.
    """
    file = read_keys(home)
    folder = Folder(shared, disk)
    there = folder.marker(file.workspace, file.root_public)
    said = "Everything of ours goes out there now."
    if isinstance(there, Problem):
        if there.verdict in (Verdict.FOREIGN, Verdict.NEWER):
            raise SyncError(offline(there, shared), "Name this workspace's own folder, or an empty one.")
        if not shared.is_dir() and not shared.parent.is_dir():
            raise SyncError(f"There is no folder {shared.parent}.", "Mount or make it first.")
        if not file.root_secret:
            members = identify(store.raw, file).members.current.values()
            code = next((one.code for one in members if one.role == "owner"), "the owner's")
            raise SyncError(
                f"{shared} has no marker of this workspace that could be read, and only its first office can write one.",
                f"Name the workspace's own folder; or run there, at {code}: fsconsole share DIR",
            )
        if not shared.is_dir():
            shared.mkdir()
        elif (shared / names.MARKER).exists():
            folder.remove(names.MARKER)
        marker = Marker(file.workspace, file.root_public, str(store.own("name", ""))[:200])
        folder.put(names.MARKER, encode_marker(marker, file.root_secret))
        said = f"The workspace's marker was written there. {said}"
    remember_folder(home, shared)
    exchange(store, home, now, disk=disk, draw=draw)
    return f"{store.code} exchanges through {shared}. {said}"


# --- inviting ---------------------------------------------------------------------------------------------------------


def invite(
    store: Store,
    home: Home,
    *,
    code: str,
    role: str,
    now: datetime,
    days: int = 7,
    disk: Disk | None = None,
    draw: Draw = secrets.token_bytes,
) -> Invitation:
    """Certifies beforehand whoever answers with the code that is returned; an owner's alone.

    An earlier invitation for this site that nobody has answered is withdrawn. Raises SyncError when this site is no owner,
    the code is taken, or the folder is away.
    """
    code = _site_code(code)
    root = shared_folder(home)
    if root is None:
        raise SyncError(
            "Without a shared folder nobody can join.", "Set one first: fsconsole share DIR"
        )
    folder = Folder(root, disk)
    file = read_keys(home)
    marker = folder.marker(file.workspace, file.root_public)
    if isinstance(marker, Problem):
        raise SyncError(offline(marker, root), "Invite again when it is back.")
    exchange(store, home, now, disk=disk, draw=draw)
    who = identify(store.raw, file)
    if not who.may_certify:
        raise SyncError("Only an owner's site can invite another.", "Ask the site that started the workspace.")
    if role not in member.ROLES:
        raise SyncError(f"There is no role “{role}”.", f"Roles are: {', '.join(member.ROLES)}.")
    if code in {one.code for one in who.members.current.values()}:
        raise SyncError(f"{code} is a site already.", "Take another code.")
    who = withdraw(store, who, code, now, draw)
    number = who.members.next_site()
    if not number:
        raise SyncError(f"All {MAX_SITE:,} site numbers were given.")
    random = draw(invites.CODE_BYTES)
    secret = invites.code_keys(random, file.workspace)
    expires = now + timedelta(days=days)
    certified = Invite(number, code, code, role, _letters(code, _series(store)), secret.once_public, ms(expires))
    digest, data = who.write_entry(certified, ms(now))
    _write_invitation(store, folder, who, certified, digest, data, secret, draw)
    save(
        store,
        Act(digest[:16], "owner", f"invite {code} {role}"),
        [
            put(
                "site",
                site_row(file.workspace, number),
                code=code,
                number=number,
                role=role,
                timezone=str(store.own("timezone", "")),
            )
        ],
        now,
    )
    exchange(store, home, now, disk=disk, draw=draw)
    return Invitation(invites.write_code(random), code, role, expires)


def _write_invitation(
    store: Store,
    folder: Folder,
    who: Identity,
    certified: Invite,
    digest: bytes,
    data: bytes,
    secret: invites.CodeKeys,
    draw: Draw,
) -> None:
    file = who.file
    offer = Offer(
        file.workspace,
        str(store.own("name", "")),
        file.root_public,
        file.ring,
        digest,
        certified.site,
        certified.code,
        certified.role,
        certified.expires_ms,
        tuple(Applied(tip.site, tip.epoch, tip.seq, tip.hash) for tip in books.tips(store.raw).values()),
    )
    with store.writing() as conn:
        books.add_entry(conn, digest, data, published=False)
    outstanding = {**json.loads(store.own("invitations", "{}")), names.invite(secret.id): [digest.hex(), certified.expires_ms]}
    store.set_own(invitations=json.dumps(outstanding))
    folder.put(f"{names.MEMBERS}/{names.member(digest)}", data)
    folder.put(f"{names.INVITES}/{names.invite(secret.id)}", invites.encode(offer, secret, draw(32)))


def _series(store: Store) -> set[str]:
    """Every series of invoice letters that was ever given, also with an invitation that was withdrawn."""
    entries = (member.read_entry(data, store.workspace) for data in books.entries(store.raw))
    return {one.what.series for one in entries if not isinstance(one, Problem) and isinstance(one.what, Add | Invite)}


def _letters(code: str, taken: set[str]) -> str:
    """Letters for a site's invoice series that nobody has: its code's, lengthened if need be; '' when there are none."""
    letters = re.sub("[^A-Z]", "", code)
    tries = [(letters + extra)[-8:] for extra in ("", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
    return next((one for one in tries if one not in taken), "")


__all__ = ["Invitation", "attach", "found", "invite", "join", "site_row"]

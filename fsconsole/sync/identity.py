"""Who we are in the workspace: our key file, and what the membership log makes of us and of the others.

It stands apart because private keys live outside the store and outside the shared folder, and only this module reads
and writes their file.

Always: the key file is written whole, before anything that names its keys leaves this machine; readable by us alone.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fsconsole.changes import keys as keys_
from fsconsole.changes import member
from fsconsole.changes.frame import make_epoch
from fsconsole.changes.keys import CERTIFICATE_SIZE, ROOT, KeyFile, unwrap
from fsconsole.changes.member import Entry, Member, Members, What
from fsconsole.changes.verdict import Problem
from fsconsole.errors import SyncError
from fsconsole.places import Home
from fsconsole.settings import read_settings, write_settings
from fsconsole.store import exchange as books
from fsconsole.store.opening import Store, open_store

Draw = Callable[[int], bytes]
"""That many random bytes, as the operating system gives them."""


def key_path(home: Home) -> Path:
    return home.keys / "site.key"


def read_keys(home: Home) -> KeyFile:
    """This site's keys. Raises SyncError when they are not here or damaged."""
    path = key_path(home)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SyncError(
            f"The keys of this site are not at {path}.", "Restore a backup, which holds them, or join the workspace again."
        ) from None
    except OSError as error:
        raise SyncError(
            f"The keys at {path} cannot be read ({error.strerror}).", "Give this user the right to read them."
        ) from None
    file = keys_.decode_file(data)
    if isinstance(file, Problem):
        raise SyncError(f"{path}: {file.says}")
    return file


def write_keys(home: Home, file: KeyFile) -> None:
    """Writes the key file whole or not at all; keys of before are set aside, never lost."""
    home.make()
    path = key_path(home)
    if path.exists() and path.read_bytes() != keys_.encode_file(file):
        count = 1
        while (aside := path.with_suffix(f".key.{count}")).exists():
            count += 1
        os.link(path, aside)
    beside = path.with_suffix(".key.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, keys_.encode_file(file))
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(beside, path)


class Identity(NamedTuple):
    """This site's keys and the members as they stand."""

    file: KeyFile
    members: Members

    @property
    def site(self) -> int:
        return self.file.site

    @property
    def member(self) -> Member | None:
        """Ourselves; None once we were removed."""
        return self.members.current.get(self.file.site)

    @property
    def certificate(self) -> bytes:
        """The leading bytes of our certificate, for headers. Raises SyncError when we have none."""
        if self.member is None:
            raise SyncError(
                "This site is no member of the workspace any more.", "What is here stays here; ask the owner to invite it again."
            )
        return self.member.certificate[:CERTIFICATE_SIZE]

    @property
    def may_certify(self) -> bool:
        return bool(self.file.root_secret) or (self.member is not None and self.member.role == "owner")

    def write_entry(self, what: What, now_ms: int) -> tuple[bytes, bytes]:
        """(hash, bytes) of a membership entry by this owner: the root key's where it is kept."""
        root = bool(self.file.root_secret)
        signer = ROOT if root else self.certificate
        number, prev = self.members.next_entry(signer)
        data = member.write_entry(
            what,
            workspace=self.file.workspace,
            site=0 if root else self.site,
            certificate=signer,
            number=number,
            prev=prev,
            wall_ms=now_ms,
            secret=self.file.root_secret or self.file.keys.sign,
        )
        return entry_of(data, self.file.workspace).file.hash, data


def entry_of(data: bytes, workspace: bytes) -> Entry:
    entry = member.read_entry(data, workspace)
    if isinstance(entry, Problem):
        raise SyncError(entry.says)
    return entry


def identify(conn: sqlite3.Connection, file: KeyFile) -> Identity:
    """Who is who by the membership entries kept here."""
    found = [member.read_entry(data, file.workspace) for data in books.entries(conn)]
    return Identity(file, member.fold([one for one in found if not isinstance(one, Problem)], file.root_public))


def with_new_keys(home: Home, who: Identity) -> Identity:
    """Takes up workspace keys that were wrapped for us since; writes them into the key file first."""
    file = who.file
    ring = dict(file.by_id())
    fresh: list[bytes] = []
    for rekey in who.members.rekeys:
        sealed = rekey.wraps.get(file.site)
        if rekey.key_id in ring or sealed is None:
            continue
        key = unwrap(sealed, file.keys)
        if not isinstance(key, Problem) and keys_.key_id(key) == rekey.key_id:
            ring[rekey.key_id] = key
            fresh.insert(0, key)
    if not fresh:
        return who
    file = file._replace(ring=(*fresh, *file.ring))
    write_keys(home, file)
    return who._replace(file=file)


def vacant(home: Home) -> None:
    """Raises SyncError when a site stands in this home already."""
    if not home.store.exists():
        return
    store = open_store(home.store)
    try:
        if store.site:
            raise SyncError(f"{store.code} stands in {home.data} already.", "Take another folder with --home.")
    finally:
        store.close()


def remember_folder(home: Home, shared: Path) -> None:
    settings, _ = read_settings(home.settings)
    if settings.shared != str(shared):
        settings.shared = str(shared)
        write_settings(home.settings, settings)


def settle_in(store: Store, file: KeyFile, code: str, name: str, currency: str, timezone: str, draw: Draw) -> None:
    store.set_own(
        site=file.site,
        code=code,
        workspace=file.workspace,
        root=file.root_public,
        name=name,
        currency=currency,
        timezone=timezone,
        epoch=make_epoch(1, int.from_bytes(draw(4), "big")),
    )

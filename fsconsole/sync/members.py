"""Removes a site: at a position in its stream, with a new workspace key for those who stay.

It stands apart because it is the one act that takes something back at every site.

Always: the cut names a frame, not a time; what a site wrote after it counts nowhere, whichever arrived first.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from fsconsole.changes import keys as keys_
from fsconsole.changes.batch import Act
from fsconsole.changes.frame import NO_HASH, Header, peek
from fsconsole.changes.keys import CERTIFICATE_SIZE, KEY_SIZE, wrap
from fsconsole.changes.member import Members, Rekey, Remove
from fsconsole.errors import SyncError
from fsconsole.places import Home
from fsconsole.store import exchange as books
from fsconsole.store import replay
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.record import save
from fsconsole.store.tables import put
from fsconsole.sync.identity import Draw, Identity, identify, read_keys, write_keys


def remove(store: Store, home: Home, code: str, now: datetime, *, draw: Draw = secrets.token_bytes) -> str:
    """Removes a site after the last frame of it that was read here; says so in words. An owner's act.

    Raises SyncError when there is no such site, or this site may not.
    """
    from fsconsole.sync.exchange import exchange

    exchange(store, home, now, draw=draw)
    who = identify(store.raw, read_keys(home))
    target = next((one for one in who.members.current.values() if one.code == code.strip().upper()), None)
    if target is None:
        code = code.strip().upper()
        left = withdraw(store, who, code, now, draw) if who.may_certify else who
        if left is who:
            raise SyncError(f"There is no site {code}.", "See: fsconsole list sites")
        exchange(store, home, now, draw=draw)
        return f"The invitation for {code}, which nobody had used, was withdrawn. Its code opens nothing any more."
    own = 0 if who.file.root_secret else who.site
    if not who.may_certify or target.site <= own or target.site == who.site:
        raise SyncError(f"This site may not remove {target.code}.", "Only an owner that is senior to it can.")
    theirs = [tip for tip in books.tips(store.raw).values() if tip.site == target.site]
    tip = max(theirs, key=lambda one: (one.epoch >> 32, one.seq), default=None)
    for certificate in [one.certificate for one in who.members.by_certificate.values() if one.site == target.site]:
        if certificate[:CERTIFICATE_SIZE] in who.members.cuts:
            continue
        count, _ = who.members.tips.get(certificate[:CERTIFICATE_SIZE], (0, NO_HASH))
        where = (tip.epoch, tip.seq, tip.hash) if tip else (0, 0, NO_HASH)
        who = _write(store, who, Remove(target.site, certificate, *where, entries=count), ms(now))
    key = draw(KEY_SIZE)
    wraps = {one.site: wrap(key, one.box) for one in who.members.current.values() if one.site != target.site}
    file = who.file._replace(ring=(key, *who.file.ring))
    write_keys(home, file)
    _write(store, who._replace(file=file), Rekey(keys_.key_id(key), wraps), ms(now))
    row = store.one("SELECT id FROM site WHERE number = ?", (target.site,))
    if row is not None:
        # What that site billed falls to the owner from here on (rules.right).
        save(store, Act(draw(16), "owner", f"site remove {target.code}"), [put("site", row[0], role="removed")], now)
    exchange(store, home, now, draw=draw)
    after = f"after its frame {tip.seq}" if tip else "before it wrote anything"
    return f"{target.code} was removed {after}. Whatever it writes from now on counts nowhere."


def withdraw(store: Store, who: Identity, code: str, now: datetime, draw: Draw) -> Identity:
    """Withdraws the invitations for ``code`` that nobody has answered; their codes open nothing from the next exchange on.

    A code of letters that was lost, or has expired, can so be given to that office again.
    """
    for digest, open_one in who.members.invites.items():
        if open_one.code != code:
            continue
        who = _write(store, who, Remove(open_one.site, digest, 0, 0, NO_HASH), ms(now))
        row = store.one("SELECT id FROM site WHERE number = ?", (open_one.site,))
        if row is not None:
            act = Act(draw(16), "owner", f"withdraw the invitation of {code}")
            save(store, act, [put("site", row[0], role="withdrawn")], now)
    return who


def _write(store: Store, who: Identity, what: Remove | Rekey, now_ms: int) -> Identity:
    digest, data = who.write_entry(what, now_ms)
    with store.writing() as conn:
        books.add_entry(conn, digest, data, published=False)
    return identify(store.raw, who.file)


def withdraw_beyond_cuts(store: Store, who: Identity) -> int:
    """Takes back frames that stand beyond a removal which arrived after them; returns how many.

    The log without them is replayed, so that sites which heard of the two in either order end alike.
    """
    beyond = _beyond(store, who.members)
    if not beyond:
        return 0
    with store.writing() as conn:
        for header, digest in beyond:
            books.withdraw(conn, header, digest)
        replay.rebuild(conn)
        # The tables are what the log says from here on, also where a snapshot came before all of it.
        conn.execute("DELETE FROM own WHERE key = 'preloaded'")
    return len(beyond)


def _beyond(store: Store, members: Members) -> list[tuple[Header, bytes]]:
    if not members.cuts:
        return []
    sites = {one.site for short, one in members.by_certificate.items() if short in members.cuts}
    found = []
    for site in sorted(sites):
        for digest, data in store.sql("SELECT hash, bytes FROM frame WHERE site = ?", (site,)):
            header = peek(data)
            if isinstance(header, Header) and members.allows(header, digest) is not None:
                found.append((header, digest))
    return found

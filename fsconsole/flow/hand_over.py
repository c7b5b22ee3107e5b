"""Passes the billing right of a job or contract from site to site: offered, then accepted or declined; withdrawn by an owner.

It stands apart from ``right`` because these are acts, and settling asks ``right``.

Always: from the offer until the answer nobody bills, so no two sites ever hold the right at once.
"""

from __future__ import annotations

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow.acting import guard, record
from fsconsole.flow.right import Thing, code_of, holder_words, must_hold, sites_of, standing_of
from fsconsole.rules.right import FIRST, Passing
from fsconsole.store.tables import put


def offer(desk: Desk, thing: Thing, site: str) -> Done:
    """Offers the right to another site; nobody bills until it has answered. Raises Refused."""
    must_hold(desk, thing)
    sites, code = sites_of(desk.store), site.upper()
    # A site that was removed keeps its row, and the office that was invited anew bears the same code.
    named = [number for number, name in sites.codes.items() if name == code]
    to = next((number for number in reversed(named) if number in sites.billing), named[-1] if named else 0)
    if to not in sites.billing:
        others = [name for number, name in sites.codes.items() if number in sites.billing and number != desk.store.site]
        why = f"{code} has no role that bills." if to else f"There is no site {code}."
        raise Refused(why, f"These bill: {', '.join(others)}." if others else "No other site bills yet.")
    if to == desk.store.site:
        raise Refused(f"{thing.ref} is billed here already.", "There is nothing to do.")
    found = standing_of(desk.store, thing)
    words = f"{thing.ref} offered to {code}; nobody bills it until {code} accepts or declines"
    return _pass(desk, thing, "offer", to, found.last if found else FIRST, words)


def accept(desk: Desk, thing: Thing) -> Done:
    """Takes a right that was offered to this site. Raises Refused when none was."""
    found = _offered(desk, thing)
    return _pass(desk, thing, "accept", desk.store.site, found.id, f"{thing.ref} is billed at {desk.store.code} from now on")


def decline(desk: Desk, thing: Thing) -> Done:
    """Gives an offered right back to whom it came from. Raises Refused when none was offered."""
    found = _offered(desk, thing)
    code = code_of(sites_of(desk.store).codes, found.site)
    return _pass(desk, thing, "decline", found.site, found.id, f"{thing.ref} declined: {code} bills it as before")


def withdraw(desk: Desk, thing: Thing, words: str) -> Done:
    """Takes the right from a site that is gone, after the last act of it that was read here. An owner's act, and guarded.

    Raises Refused when this site is no owner's, or holds the right itself.
    """
    store, sites = desk.store, sites_of(desk.store)
    if not store.one("SELECT 1 FROM site WHERE number = ? AND role = 'owner'", (store.site,)):
        raise Refused(f"{store.code} is no owner's site.", f"Ask {code_of(sites.codes, sites.heir)} to withdraw it.")
    found = standing_of(store, thing)
    holder = (found.offer.to if found.offer else found.holder) if found else store.site
    if found is None or holder == store.site:
        offered = found is not None and found.offer is not None
        why = f"{thing.ref} was offered here." if offered else f"{thing.ref} is billed here already."
        raise Refused(why, "Answer the offer: accept or decline." if offered else "There is nothing to do.")
    code = code_of(sites.codes, holder)
    guard(
        desk,
        f"{code} is a member and may be billing {thing.ref} just now.",
        f"Ask {code} to hand it over; if that office is gone for good, remove it with: fsconsole site remove {code}.",
    )
    (through,) = store.one("SELECT coalesce(max(stamp), 0) FROM tip WHERE site = ?", (holder,)) or (0,)
    row = put(
        "withdrawal", desk.ids(), thing=thing.id, follows=found.last or None, site=holder, through=through, why=words, at=desk.at
    )
    said = f"{thing.ref} taken from {code}: it is billed at {store.code}; what {code} bills of it from now on does not count"
    return record(desk, [row], said, ref=thing.ref, row=thing.id)


def _offered(desk: Desk, thing: Thing) -> Passing:
    found = standing_of(desk.store, thing)
    if found is None or found.offer is None:
        raise Refused(f"{thing.ref} is not on offer.", f"It is billed at {holder_words(desk.store, thing) or desk.store.code}.")
    if found.offer.to != desk.store.site:
        code = code_of(sites_of(desk.store).codes, found.offer.to)
        raise Refused(f"{thing.ref} was offered to {code}.", f"Only {code} can answer.")
    return found.offer


def _pass(desk: Desk, thing: Thing, what: str, to: int, follows: bytes, words: str) -> Done:
    row = put("handover", desk.ids(), thing=thing.id, what=what, to=to, follows=follows or None, at=desk.at)
    return record(desk, [row], words, ref=thing.ref, row=thing.id)


__all__ = ["accept", "decline", "offer", "withdraw"]

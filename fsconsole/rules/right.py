"""Who may bill a job or contract: the billing right, folded from facts.

It stands apart because every site must tell the holder alike, whatever order the facts arrived in and whatever its clock says.

The right begins with the site that made the thing. It is passed on by an offer and its acceptance (nobody bills in between),
comes back when the offer is declined, and is withdrawn by an owner at a position in the holder's log when that site is gone.
What a site without a role that bills would hold falls to the workspace's first owner, the *heir*.

Always: stamps of two sites are never compared. A tenure begins and ends at stamps of its own holder, which rise along that
site's log; one tenure follows another by its id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

#: The tenure with which every thing begins.
FIRST = b""


class Passing(NamedTuple):
    """One fact about a right: ``what`` is offer, accept, decline or withdraw.

    ``site`` wrote it at ``stamp``; ``to`` is whom it is offered; ``follows`` is the tenure or offer it is about (FIRST: the
    first); ``through`` is, of a withdrawal, the last stamp of the holder that still counts.
    """

    id: bytes
    what: str
    site: int
    stamp: int
    follows: bytes = FIRST
    to: int = 0
    through: int = 0


class Tenure(NamedTuple):
    """A site's time with the right, by stamps of its own: after ``start``, up to ``end`` (None: still)."""

    id: bytes
    site: int
    start: int
    end: int | None = None


class Standing(NamedTuple):
    """Who bills a thing: ``holder`` (0: nobody just now), every tenure so far, the open offer if there is one."""

    holder: int
    tenures: tuple[Tenure, ...]
    offer: Passing | None = None

    @property
    def last(self) -> bytes:
        """What the next offer or withdrawal follows."""
        return self.offer.id if self.offer else self.tenures[-1].id

    def held(self, site: int, stamp: int) -> bool:
        """Whether a site held the right when it wrote something at ``stamp``, a stamp of its own."""
        return any(one.site == site and one.start < stamp and (one.end is None or stamp <= one.end) for one in self.tenures)


def standing(maker: int, passings: Iterable[Passing], unable: Collection[int], heir: int) -> Standing:
    """The standing of one thing that ``maker`` made. ``unable``: sites whose role does not bill; ``heir``: who bills for them."""
    after: dict[bytes, list[Passing]] = {}
    for one in sorted(passings, key=lambda one: (one.stamp, one.id)):
        after.setdefault(one.follows, []).append(one)
    tenures = [Tenure(FIRST, maker, 0)]
    seen: set[bytes] = set()
    while True:
        now = tenures[-1]
        gone = now.site in unable
        next_ = [one for one in after.get(now.id, ()) if one.id not in seen]
        withdrawn = next((one for one in next_ if one.what == "withdraw"), None)
        offer = next((one for one in next_ if _offers(one, now, withdrawn)), None)
        if offer is None and gone:
            offer = next((one for one in next_ if one.what == "offer" and one.site == heir), None)
        if gone and (offer is None or offer.site == heir):
            tenures.append(Tenure(now.id, heir, 0, offer.stamp if offer else None))
        if offer is None and withdrawn is None:
            return Standing(tenures[-1].site, tuple(tenures))
        if offer is None:
            assert withdrawn is not None
            seen.add(withdrawn.id)
            tenures[-1] = tenures[-1]._replace(end=withdrawn.through)
            tenures.append(Tenure(withdrawn.id, withdrawn.site, withdrawn.stamp - 1))
            continue
        seen.add(offer.id)
        if offer.site == now.site:
            tenures[-1] = now._replace(end=offer.stamp)
        answer = _answer(offer, after.get(offer.id, ()))
        if answer is None:
            if offer.to in unable:
                # Whom it was offered is gone: nobody there can accept it.
                tenures.append(Tenure(offer.id, offer.to, offer.stamp))
                continue
            return Standing(0, tuple(tenures), offer)
        seen.add(answer.id)
        if answer.what == "decline":
            tenures.append(Tenure(answer.id, offer.site, offer.stamp))
        else:
            tenures.append(Tenure(answer.id, answer.site, answer.stamp - 1))


def _offers(one: Passing, now: Tenure, withdrawn: Passing | None) -> bool:
    """Whether the holder offered the right on, before a withdrawal took it from it."""
    if one.what != "offer" or one.site != now.site or one.stamp <= now.start:
        return False
    return withdrawn is None or one.stamp <= withdrawn.through


def _answer(offer: Passing, after: Iterable[Passing]) -> Passing | None:
    """What became of an offer: the first answer of whom it was made to, unless an owner withdrew it before that."""
    said = next((one for one in after if one.what in ("accept", "decline") and one.site == offer.to), None)
    withdrawn = next((one for one in after if one.what == "withdraw"), None)
    if said is not None and (withdrawn is None or said.stamp <= withdrawn.through):
        return said
    return withdrawn


__all__ = ["FIRST", "Passing", "Standing", "Tenure", "standing"]

"""How membership entries are judged: root first, then each owner by site number, each along its own chain.

It stands apart from ``member`` so that what an entry says can be read without how it is weighed.

Always: one pass; nothing is taken back, because only lower numbers decide about a site and they were heard before it.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import signed
from .frame import NO_HASH, epoch_count
from .keys import CERTIFICATE_SIZE, ROOT
from .member import Add, Cut, Entry, Invite, Join, Member, Members, Rekey, Remove
from .stamp import MAX_SITE
from .verdict import Problem, Verdict


def _short(digest: bytes) -> bytes:
    return digest[:CERTIFICATE_SIZE]


class Fold:
    """The pass over a set of entries; ``members()`` is its outcome."""

    def __init__(self, entries: Iterable[Entry], root: bytes) -> None:
        whole = {entry.file.hash: entry for entry in entries}
        self.by_signer: dict[bytes, list[Entry]] = {}
        for digest in sorted(whole):
            self.by_signer.setdefault(whole[digest].file.certificate, []).append(whole[digest])
        self.root = root
        self.claims: dict[int, list[tuple[bytes, Add | Invite]]] = {}
        self.removes: dict[int, list[Remove]] = {}
        self.codes: dict[str, int] = {}
        self.series: dict[str, int] = {}
        self.by_certificate: dict[bytes, Member] = {}
        self.cuts: dict[bytes, Cut] = {}
        self.current: dict[int, Member] = {}
        self.invites: dict[bytes, Invite] = {}
        self.closed: set[bytes] = set()
        self.tips: dict[bytes, tuple[int, bytes]] = {}
        self.rekeys: list[Rekey] = []
        self.troubles: list[Problem] = []
        self.judged: set[bytes] = set()

    def members(self) -> Members:
        self._chain(ROOT, 0, self.root, None)
        for site in range(1, MAX_SITE + 1):
            if site in self.claims:
                for member in self._settle(site):
                    if member.role == "owner":
                        self._chain(_short(member.certificate), site, member.sign, self._entries_left(member))
        for signer, entries in sorted(self.by_signer.items()):
            if signer not in self.judged:
                who = f"certificate {signer.hex()}, which is not an owner's here"
                self._trouble(Verdict.UNCERTIFIED, f"{len(entries)} entries of the membership log are signed by {who}.")
        return Members(
            self.root,
            self.by_certificate,
            self.cuts,
            self.current,
            self.invites,
            frozenset(self.closed),
            frozenset(self.claims),
            self.tips,
            tuple(self.rekeys),
            tuple(self.troubles),
        )

    def _trouble(self, verdict: Verdict, says: str) -> None:
        self.troubles.append(Problem(verdict, says))

    def _entries_left(self, member: Member) -> int | None:
        """How many entries of a member's chain stand, None for all."""
        counts = [r.entries for r in self.removes.get(member.site, ()) if r.certificate == member.certificate]
        return min(counts, default=None)

    def _chain(self, signer: bytes, site: int, public: bytes, limit: int | None) -> None:
        """Takes a signer's entries in the order of their numbers, as far as they reach without a break."""
        self.judged.add(signer)
        who = "the root key" if signer == ROOT else f"site {site}"
        at: dict[int, list[Entry]] = {}
        for entry in self.by_signer.get(signer, ()):
            if entry.file.site != site or not signed.is_by(entry.file, public):
                self._trouble(Verdict.FORGED, f"A membership entry says it is from {who}; its signature is not.")
            else:
                at.setdefault(entry.number, []).append(entry)
        number, prev = 0, NO_HASH
        while found := at.pop(number + 1, None):
            if limit is not None and number >= limit:
                self._trouble(Verdict.REFUSED, f"Membership entry {number + 1} of {who} was written after its removal.")
                return
            if len(found) > 1 or found[0].prev != prev:
                self._trouble(Verdict.REFUSED, f"The membership log of {who} forks at entry {number + 1}; it stops there.")
                return
            number, prev = number + 1, found[0].file.hash
            self.tips[signer] = number, prev
            self._take(found[0], site, who)
        if at:
            self._trouble(Verdict.SHORT, f"Membership entry {number + 1} of {who} is not here yet; {len(at)} wait for it.")

    def _take(self, entry: Entry, by: int, who: str) -> None:
        what = entry.what
        if isinstance(what, Rekey):
            self.rekeys.append(what)
        elif isinstance(what, Join):
            self._trouble(Verdict.REFUSED, f"Entry {entry.number} of {who} answers an invitation with the wrong key.")
        elif what.site <= by:
            self._trouble(Verdict.REFUSED, f"Entry {entry.number} of {who} decides about site {what.site}, which is senior.")
        elif isinstance(what, Remove):
            self.removes.setdefault(what.site, []).append(what)
        else:
            self.claims.setdefault(what.site, []).append((entry.file.hash, what))

    def _settle(self, site: int) -> list[Member]:
        """The certificates of a site, now that all who may decide about it have been heard."""
        ended = {remove.certificate for remove in self.removes.get(site, ())}
        made: list[Member] = []
        known: set[bytes] = set()
        claims = self.claims[site]
        confirmed = {claim.follows for _, claim in claims if isinstance(claim, Add)}
        for digest, claim in claims:
            follows = claim.follows if isinstance(claim, Add) else b""
            if known and follows not in known:
                self._trouble(Verdict.REFUSED, f"Number {site} was given twice; {claim.code} keeps out.")
                continue
            if not known and follows:
                self._trouble(Verdict.REFUSED, f"The certificate of {claim.code} follows one that is not here.")
                continue
            if not self._free(claim, site):
                continue
            known.add(digest)
            if isinstance(claim, Add):
                made.append(_member(claim, claim.sign, claim.box, digest, lasting=True))
            else:
                for join in self._answers(digest, claim, digest in ended, confirmed):
                    answer = join.what
                    assert isinstance(answer, Join)
                    made.append(_member(claim, answer.sign, answer.box, join.file.hash, lasting=False))
                    known.add(join.file.hash)
        for member in made:
            self._certify(member, site)
        if made:
            last = made[-1]
            if _short(last.certificate) not in self.cuts:
                self.current[site] = last
                self.codes[last.code] = site
        # An invitation not yet answered keeps its code, or the answer would push out who took it meanwhile.
        self.codes.update({claim.code: site for digest, claim in claims if digest in self.invites})
        for remove in self.removes.get(site, ()):
            if remove.certificate not in known:
                self._trouble(Verdict.UNCERTIFIED, f"A removal names a certificate of site {site} that is not here.")
        return made

    def _free(self, claim: Add | Invite, site: int) -> bool:
        if self.codes.get(claim.code, site) != site:
            self._trouble(Verdict.REFUSED, f"Code {claim.code} is taken; site {site} needs another.")
            return False
        if claim.series and self.series.setdefault(claim.series, site) != site:
            self._trouble(Verdict.REFUSED, f"Invoice series {claim.series} is taken; site {site} needs another.")
            return False
        return True

    def _certify(self, member: Member, site: int) -> None:
        short = _short(member.certificate)
        self.by_certificate[short] = member
        cuts = [Cut(r.epoch, r.seq, r.hash) for r in self.removes.get(site, ()) if r.certificate == member.certificate]
        if cuts:
            # Of two removals the stricter holds.
            self.cuts[short] = min(cuts, key=lambda cut: (epoch_count(cut.epoch), cut.seq, cut.epoch, cut.hash))

    def _answers(self, digest: bytes, invite: Invite, withdrawn: bool, confirmed: set[bytes]) -> list[Entry]:
        """The answer that counts: the one that an owner confirmed, else the only one to an open invitation."""
        answers = [
            entry
            for entry in self.by_signer.get(_short(digest), ())
            if isinstance(entry.what, Join)
            and (entry.what.invite, entry.file.site, entry.number, entry.prev) == (digest, invite.site, 1, NO_HASH)
            and signed.is_by(entry.file, invite.once)
        ]
        self.judged.add(_short(digest))
        if answers or withdrawn:
            self.closed.add(digest)
        else:
            self.invites[digest] = invite
        chosen = [entry for entry in answers if entry.file.hash in confirmed]
        if chosen:
            return chosen[:1]
        if withdrawn:
            if answers:
                self._trouble(Verdict.REFUSED, f"The invitation of {invite.code} was withdrawn before its answer counted.")
            return []
        if len(answers) > 1:
            says = f"The invitation of {invite.code} was answered {len(answers)} times; an owner must confirm one."
            self._trouble(Verdict.USED, says)
            return []
        return answers


def _member(claim: Add | Invite, sign: bytes, box: bytes, certificate: bytes, *, lasting: bool) -> Member:
    return Member(claim.site, claim.code, claim.name, claim.role, claim.series, sign, box, certificate, lasting)

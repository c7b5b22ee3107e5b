"""The membership log: who belongs to the workspace, in which role, with which keys, until where.

It stands apart because every signature in the shared folder is judged by what ``fold`` makes of these entries.

Each entry is a small signed file. The root key and every owner keep a chain of their own: entries numbered from 1,
each naming the hash of the one before. An owner certifies and removes only sites with a greater number than its
own; the root key any. So entries are judged in one pass, root first, then owners by number, and the outcome
depends on the set of entries alone. A certificate is an Add, or a Join that answers an Invite; its name is the
hash of its entry, of which frames carry the first 8 bytes.

A Remove names the last frame that stands (epoch, seq, hash); position decides, whatever later stamps say.

Always: the same entries give the same members, in any order; what does not fit is refused and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, NamedTuple, TypeAlias

import msgspec

from . import signed
from .frame import NO_HASH, Header, epoch_count
from .keys import CERTIFICATE_SIZE, KEY_SIZE, ROOT
from .signed import Signed
from .stamp import MAX_SITE
from .verdict import Problem, Verdict

MAGIC = b"FSM1"
ROLES = ("viewer", "field", "dispatch", "billing", "owner")
_WHAT = "a membership entry"

_Site = Annotated[int, msgspec.Meta(ge=1, le=MAX_SITE)]
_Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9]{0,7}\Z")]
_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Role = Annotated[str, msgspec.Meta(pattern=rf"^({'|'.join(ROLES)})\Z")]
_Series = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{0,8}\Z")]
_Key = Annotated[bytes, msgspec.Meta(min_length=KEY_SIZE, max_length=KEY_SIZE)]
_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]


class Add(msgspec.Struct, frozen=True, array_like=True, tag="add"):
    """Certifies a site. ``follows`` is the hash of the same site's earlier certificate, empty for a new number.

    ``series`` are the letters its invoice numbers begin with; nobody else ever gets them.
    """

    site: _Site
    code: _Code
    name: _Name
    role: _Role
    series: _Series
    sign: _Key
    box: _Key
    follows: Annotated[bytes, msgspec.Meta(max_length=32)] = b""


class Remove(msgspec.Struct, frozen=True, array_like=True, tag="remove"):
    """Ends a certificate after frame (epoch, seq, hash), or withdraws an invitation.

    ``entries`` is how many membership entries under that certificate stand.
    """

    site: _Site
    certificate: _Hash
    epoch: _Count
    seq: _Count
    hash: _Hash
    entries: _Count = 0


class Invite(msgspec.Struct, frozen=True, array_like=True, tag="invite"):
    """Certifies beforehand whoever answers with the key ``once``, whose private part comes from the code."""

    site: _Site
    code: _Code
    name: _Name
    role: _Role
    series: _Series
    once: _Key
    expires_ms: _Count


class Join(msgspec.Struct, frozen=True, array_like=True, tag="join"):
    """Answers an invitation with the site's own keys; signed by the invitation's one-time key."""

    invite: _Hash
    sign: _Key
    box: _Key


class Rekey(msgspec.Struct, frozen=True, array_like=True, tag="rekey"):
    """A new workspace key, wrapped for each site that is to have it: {site: sealed key}."""

    key_id: _Count
    wraps: dict[_Site, bytes]


What: TypeAlias = Add | Remove | Invite | Join | Rekey


class _Body(msgspec.Struct, frozen=True, array_like=True):
    number: Annotated[int, msgspec.Meta(ge=1, le=1 << 31)]
    prev: _Hash
    wall_ms: int
    what: Add | Remove | Invite | Join | Rekey


_decoder = msgspec.msgpack.Decoder(_Body)


class Entry(NamedTuple):
    """A whole entry; whether its signature and place are good only ``fold`` tells."""

    file: Signed
    number: int
    prev: bytes
    wall_ms: int
    what: What


class Member(NamedTuple):
    """A certified site; ``certificate`` is the 32-byte hash of its entry, ``lasting`` False for a fresh Join."""

    site: int
    code: str
    name: str
    role: str
    series: str
    sign: bytes
    box: bytes
    certificate: bytes
    lasting: bool


class Cut(NamedTuple):
    """The last frame under a certificate that stands."""

    epoch: int
    seq: int
    hash: bytes


class Members(NamedTuple):
    """What the membership log says. Certificates are looked up by the first 8 bytes of their hash."""

    root: bytes
    by_certificate: Mapping[bytes, Member]
    cuts: Mapping[bytes, Cut]
    current: Mapping[int, Member]  #: by site number; removed sites are not in it
    invites: Mapping[bytes, Invite]  #: open invitations by the 32-byte hash of their entry
    closed: frozenset[bytes]  #: hashes of invitations answered or withdrawn
    numbers: frozenset[int]  #: every site number that was ever given
    tips: Mapping[bytes, tuple[int, bytes]]  #: per signer: its last accepted (number, hash)
    rekeys: tuple[Rekey, ...]
    troubles: tuple[Problem, ...]  #: entries that were refused or wait for others, in words

    def certificate(self, digest: bytes) -> Member | None:
        """The member certified by an entry's hash (8 or all 32 bytes of it), removed or not."""
        return self.by_certificate.get(digest[:CERTIFICATE_SIZE])

    def key_of(self, certificate: bytes, site: int) -> bytes | None:
        """The key that must have signed for a site under a certificate; what readers call ``KeyOf``."""
        if certificate == ROOT and site == 0:
            return self.root
        member = self.by_certificate.get(certificate)
        return member.sign if member is not None and member.site == site else None

    def allows(self, header: Header, digest: bytes) -> Problem | None:
        """Why a proved frame stands beyond its certificate's end, None when it stands."""
        cut = self.cuts.get(header.certificate)
        if cut is None:
            return None
        if header.epoch == cut.epoch:
            stands = header.seq < cut.seq or (header.seq == cut.seq and digest == cut.hash)
        else:
            stands = epoch_count(header.epoch) < epoch_count(cut.epoch)
        if stands:
            return None
        return Problem(Verdict.REFUSED, f"Site {header.site} was removed before it wrote frame {header.seq}.")

    def next_site(self) -> int:
        """The lowest number that no site ever had, above all that were given; 0 when all 2,047 are."""
        highest = max(self.numbers, default=0)
        return highest + 1 if highest < MAX_SITE else 0

    def next_entry(self, certificate: bytes) -> tuple[int, bytes]:
        """(number, previous hash) for the next entry of a signer; ``ROOT`` for the root key."""
        number, digest = self.tips.get(certificate[:CERTIFICATE_SIZE], (0, NO_HASH))
        return number + 1, digest


def write_entry(
    what: What, *, workspace: bytes, site: int, certificate: bytes, number: int, prev: bytes, wall_ms: int, secret: bytes
) -> bytes:
    """The bytes of an entry. ``site`` and ``certificate`` (8 bytes) are the signer's; 0 and ``ROOT`` for the root key.

    Raises ValueError when a field is not as the entry needs it.
    """
    body = msgspec.msgpack.encode(_Body(number, prev, wall_ms, what))
    fault = signed.parse(_decoder, body, _WHAT)
    if isinstance(fault, Problem):
        raise ValueError(fault.says)
    return signed.seal(MAGIC, workspace, site, certificate[:CERTIFICATE_SIZE], body, secret)


def write_join(invite: bytes, site: int, sign: bytes, box: bytes, *, workspace: bytes, wall_ms: int, once_secret: bytes) -> bytes:
    """The bytes of the answer to the invitation whose entry has hash ``invite``."""
    what = Join(invite, sign, box)
    return write_entry(
        what, workspace=workspace, site=site, certificate=invite, number=1, prev=NO_HASH, wall_ms=wall_ms, secret=once_secret
    )


def read_entry(data: bytes, workspace: bytes) -> Entry | Problem:
    """The entry in these bytes, whole but not yet judged."""
    file = signed.read(MAGIC, data, workspace, _WHAT)
    if isinstance(file, Problem):
        return file
    body = signed.parse(_decoder, file.body, _WHAT)
    if isinstance(body, Problem):
        return body
    return Entry(file, body.number, body.prev, body.wall_ms, body.what)


def confirm(member: Member) -> Add:
    """What an owner writes to make the certificate of a freshly joined member a lasting one."""
    m = member
    return Add(m.site, m.code, m.name, m.role, m.series, m.sign, m.box, follows=m.certificate)


def fold(entries: Iterable[Entry], root: bytes) -> Members:
    """The members that these entries make, under the root key's public part."""
    from .membership import Fold

    return Fold(entries, root).members()

"""An invitation: sixteen characters that bring a new site to work at once, once, until they expire.

It stands apart because the code alone stands between the shared folder's owner and the workspace key.

The owner certifies beforehand (``member.Invite``) a one-time key whose private part comes from the code, and
leaves a file that the code opens. The new site answers with its own keys (``member.Join``), signed with the
one-time key: from then on it is a member. The owner's next sync replaces that by a lasting ``member.Add``.

    code:  80 random bits as 16 characters of Crockford's base 32 (https://www.crockford.com/base32.html);
           O reads as 0, I and L as 1, case and dashes do not matter
    keys:  scrypt(code, salt = workspace id, n = 2**14, r = 8, p = 1) -> file id 8 | file key 32 | one-time seed 32
    file:  "FSI1" | version 1 | file id 8 | salt 32 | sealed length 4 | sealed offer | SHA-256 of all that 32

Always: a wrong, altered, used or expired invitation ends in a refusal of its own.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Annotated, NamedTuple

import msgspec

from . import member, signed
from .head import Applied
from .keys import KEY_SIZE, KeyFile, SiteKeys, derive, lock, signer, unlock
from .member import Invite, Members
from .verdict import Problem, Verdict

MAGIC = b"FSI1"
VERSION = 1
CODE_BYTES = 10
_LETTERS = 16
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FORGIVEN = str.maketrans("OIL", "011", "- .\t\r\n‐‑–—")
_HEADER = struct.Struct(">4sB8s32sI")
_HASH = 32
_MAX = 1 << 20
_USE = b"fsc1-invite"
_WHAT = "an invitation"


class CodeKeys(NamedTuple):
    """What a code makes: the file's id (8 bytes), its key, the one-time signing secret."""

    id: bytes
    key: bytes
    once: bytes

    @property
    def once_public(self) -> bytes:
        return self.once[KEY_SIZE:]


class Offer(msgspec.Struct, frozen=True, array_like=True):
    """What an invitation brings: ``entry`` is the hash of the ``member.Invite``, ``ring`` the workspace keys, newest
    first, ``applied`` how far the inviting site had read, so that an older copy of the folder is noticed."""

    workspace: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    name: str
    root: Annotated[bytes, msgspec.Meta(min_length=KEY_SIZE, max_length=KEY_SIZE)]
    ring: Annotated[
        tuple[Annotated[bytes, msgspec.Meta(min_length=KEY_SIZE, max_length=KEY_SIZE)], ...], msgspec.Meta(min_length=1)
    ]
    entry: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    site: int
    code: str
    role: str
    expires_ms: int
    applied: tuple[Applied, ...] = ()


_decoder = msgspec.msgpack.Decoder(Offer)


def write_code(random: bytes) -> str:
    """Ten random bytes as a code to read aloud: ``7K3M-…``, four groups of four."""
    if len(random) != CODE_BYTES:
        raise ValueError(f"a code is made from {CODE_BYTES} random bytes, not {len(random)}")
    bits = int.from_bytes(random, "big")
    text = "".join(_ALPHABET[bits >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def read_code(text: str) -> bytes | Problem:
    """The ten bytes of a code as typed: case, dashes, blanks, O for 0 and I or L for 1 are forgiven."""
    plain = text.upper().translate(_FORGIVEN)
    if len(plain) != _LETTERS:
        return Problem(Verdict.WRONG_CODE, f"An invitation code has 16 letters and digits; this has {len(plain)}. Type it again.")
    bits = 0
    for letter in plain:
        value = _ALPHABET.find(letter)
        if value < 0:
            return Problem(Verdict.WRONG_CODE, f"“{letter}” does not occur in invitation codes. Type it again.")
        bits = bits << 5 | value
    return bits.to_bytes(CODE_BYTES, "big")


def missing(text: str) -> int:
    """How many letters of a code are still to be typed; 0 or fewer when it is whole or longer."""
    return _LETTERS - len(text.upper().translate(_FORGIVEN))


def code_keys(code: bytes, workspace: bytes) -> CodeKeys:
    """What a code makes in a workspace. Takes about 50 ms and 16 MiB, on purpose."""
    made = hashlib.scrypt(code, salt=workspace, n=1 << 14, r=8, p=1, maxmem=1 << 26, dklen=8 + 2 * KEY_SIZE)
    return CodeKeys(made[:8], made[8 : 8 + KEY_SIZE], signer(made[8 + KEY_SIZE :]))


def encode(offer: Offer, keys: CodeKeys, salt: bytes) -> bytes:
    """The bytes of an invitation's file; ``salt`` is 32 random bytes, used once."""
    plain = msgspec.msgpack.encode(offer)
    fixed = _HEADER.pack(MAGIC, VERSION, keys.id, salt, len(plain) + 16)
    whole = fixed + lock(plain, fixed, derive(keys.key, salt, _USE))
    return whole + hashlib.sha256(whole).digest()


def decode(data: bytes, keys: CodeKeys) -> Offer | Problem:
    """The offer in an invitation's file, opened with its code; not yet accepted."""
    if data[:4] != MAGIC[: len(data[:4])]:
        return Problem(Verdict.FOREIGN, "This file is not an invitation.")
    if len(data) < _HEADER.size:
        return Problem(Verdict.SHORT, "Not all of this invitation is here yet.")
    _, version, invite_id, salt, size = _HEADER.unpack_from(data)
    if version > VERSION:
        return Problem(Verdict.NEWER, f"This invitation has form {version}; this version reads {VERSION}. Update fsconsole.")
    end = _HEADER.size + size
    if size <= _MAX and len(data) < end + _HASH:
        return Problem(Verdict.SHORT, "Not all of this invitation is here yet.")
    if version != VERSION or len(data) != end + _HASH or hashlib.sha256(memoryview(data)[:end]).digest() != data[end:]:
        return Problem(Verdict.DAMAGED, "This invitation was altered or damaged on its way. Ask for a new one.")
    if invite_id != keys.id:
        return Problem(Verdict.WRONG_CODE, "This code does not open this invitation. Type it again.")
    plain = unlock(data[_HEADER.size : end], data[: _HEADER.size], derive(keys.key, salt, _USE))
    if plain is None:
        return Problem(Verdict.DAMAGED, "This invitation was altered after it was written. Ask for a new one.")
    return signed.parse(_decoder, plain, _WHAT)


def accept(offer: Offer, keys: CodeKeys, members: Members, now_ms: int) -> Invite | Problem:
    """The certified invitation behind an offer, or why it cannot be taken.

    ``members`` is folded from the folder's membership log under ``offer.root``; ``now_ms`` this site's clock.
    """
    if offer.entry in members.closed:
        return Problem(Verdict.USED, f"The invitation for {offer.code} was used or withdrawn. Ask for a new one.")
    if now_ms > offer.expires_ms:
        return Problem(Verdict.EXPIRED, f"The invitation for {offer.code} has expired. Ask for a new one.")
    invite = members.invites.get(offer.entry)
    if invite is None:
        return Problem(
            Verdict.UNCERTIFIED, "The membership log that certifies this invitation is not here yet. Wait, then try again."
        )
    if invite.once != keys.once_public or (invite.site, invite.code, invite.role) != (offer.site, offer.code, offer.role):
        return Problem(Verdict.FORGED, "This invitation is not the one that an owner certified. Ask for a new one.")
    return invite


def join(offer: Offer, keys: CodeKeys, own: SiteKeys, wall_ms: int) -> tuple[bytes, KeyFile]:
    """The answer to publish in the membership log, and the key file to keep; write the key file first."""
    answer = member.write_join(
        offer.entry,
        offer.site,
        own.sign_public,
        own.box_public,
        workspace=offer.workspace,
        wall_ms=wall_ms,
        once_secret=keys.once,
    )
    return answer, KeyFile(offer.workspace, offer.site, offer.root, own, offer.ring)

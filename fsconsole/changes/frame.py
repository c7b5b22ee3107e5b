"""A frame: batches of one site, compressed, sealed, hashed and signed together; the unit of trust.

It stands apart because everything that arrives through the shared folder is believed or refused here.

    header:     "FSC1" | form 2 | workspace 16 | previous hash 32 | certificate 8 | workspace key id 4 | least stamp 8 | salt 8,
                big-endian, then in LEB128: site, epoch, seq, greatest stamp - least stamp, raw length, body length
    body:       XChaCha20-Poly1305(deflate(msgpack([{site: greatest stamp read}, [batch, ...]]))), the header as AAD,
                under a key of its own made of the workspace key and the whole header
    check 4:    leading bytes of the frame's hash, SHA-256 of header and body: tells damage from forgery
    signature:  Ed25519, 64 bytes, over "fsc1-frame" and the hash

Two frames with one header cannot come about by accident: it names the frame before and holds 64 random bits, so that
no key is used twice even where a restored store writes a number again.

Form 1, which versions before wrote and every version reads: header 139 bytes, big-endian:
    "FSC1" | form 1 | workspace 16 | site 2 | epoch 8 | seq 8 | previous hash 32 | certificate 8
    | workspace key id 4 | least stamp 8 | greatest stamp 8 | raw length 4 | body length 4 | salt 32
its body packed by zlib under a key made of the salt, and the whole hash in place of the check.

Bytes are checked in this order, each with its verdict: magic, form, workspace, lengths, hash, signature. What
follows from a true frame (known, fork, gap, may this member say that) is for the caller; then ``unseal`` opens it.

``seq`` starts at 1 in each epoch; the first frame of an epoch names in ``prev`` the last frame of its own that
the site knew, zeros if none. The vector holds for every batch of the frame: frame what is unframed before
applying anything of others.

Always: nothing of a frame is shown or applied before its signature was found good.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, NamedTuple

import msgspec

from . import batch as batches_
from .batch import Batch
from .keys import CERTIFICATE_SIZE, LOCK_SIZE, SIGNATURE_SIZE, KeyOf, derive, is_signed, key_id, lock, sign, unlock
from .stamp import MAX_SITE, MAX_STAMP, site_of
from .verdict import DamagedError, Problem, Verdict

MAGIC = b"FSC1"
VERSION = 2
MAX_RAW = 16 << 20  #: bytes of one frame's body before compression
PORTION = 1 << 20  #: bytes at which ``portions`` starts another frame
HASH_SIZE = 32
NO_HASH = bytes(HASH_SIZE)
SALT_SIZE = 8

_FORM_1 = struct.Struct(">4sB16sHQQ32s8sIQQII32s")
_FORM_2 = struct.Struct(">4sB16s32s8sIQ8s")
_CHECK = 4
_AFTER = {1: HASH_SIZE + SIGNATURE_SIZE, 2: _CHECK + SIGNATURE_SIZE}
_TAG = b"fsc1-frame"
_USE = {1: b"fsc1-body", 2: b"fsc2-body"}
# zlib grows what it cannot shrink by at most five bytes in 16 KiB, and a few more.
_MAX_BODY = MAX_RAW + (MAX_RAW >> 10) + 64 + LOCK_SIZE
_HIGH = (1 << 63) - 1


#: Bytes that hold a header of either form, whatever its numbers.
_LONGEST = max(_FORM_1.size, _FORM_2.size + 6 * 9)


class Header(NamedTuple):
    """A frame's header, in the clear; believe it only when it comes with a ``Sealed``."""

    version: int
    workspace: bytes
    site: int
    epoch: int
    seq: int
    prev: bytes
    certificate: bytes
    key_id: int
    min_stamp: int
    max_stamp: int
    raw_size: int
    body_size: int
    salt: bytes
    size: int  #: of the header itself

    @property
    def frame_size(self) -> int:
        """Bytes of the whole frame."""
        return self.size + self.body_size + _AFTER[self.version]


class Sealed(NamedTuple):
    """A frame whose hash and signature are good; not yet opened. ``data`` is the whole of it, to keep and relay."""

    header: Header
    hash: bytes
    data: bytes


class Frame(NamedTuple):
    """An opened frame: ``vector`` is {site: greatest stamp its author had read}; ``raw`` are the batches' bytes."""

    header: Header
    hash: bytes
    vector: Mapping[int, int]
    batches: tuple[Batch, ...]
    raw: tuple[bytes, ...]


_Vector = dict[Annotated[int, msgspec.Meta(ge=1, le=MAX_SITE)], Annotated[int, msgspec.Meta(ge=0, le=MAX_STAMP)]]
_decoder = msgspec.msgpack.Decoder(tuple[_Vector, list[bytes]])


def make_epoch(count: int, draw: int) -> int:
    """An epoch: ``count`` rises by one each time a site opens one, ``draw`` is 32 random bits.

    The draw keeps apart what two copies of one site write after both opened their next epoch.
    """
    if not (0 <= count < 1 << 31 and 0 <= draw < 1 << 32):
        raise ValueError(f"no epoch has count {count} and draw {draw}")
    return count << 32 | draw


def epoch_count(epoch: int) -> int:
    return epoch >> 32


def portions(waiting: Iterable[tuple[int, bytes]], size: int = PORTION) -> Iterator[list[tuple[int, bytes]]]:
    """Waiting (stamp, batch bytes) in the lots in which to frame them: at most ``size`` bytes, or one batch."""
    lot: list[tuple[int, bytes]] = []
    total = 0
    for item in waiting:
        if lot and total + len(item[1]) > size:
            yield lot
            lot, total = [], 0
        lot.append(item)
        total += len(item[1])
    if lot:
        yield lot


def seal(
    *,
    workspace: bytes,
    site: int,
    epoch: int,
    seq: int,
    prev: bytes,
    certificate: bytes,
    vector: Mapping[int, int],
    batches: Sequence[tuple[int, bytes]],
    key: bytes,
    salt: bytes,
    secret: bytes,
) -> bytes:
    """The bytes of a frame. ``batches`` are (stamp, encoded) with stamps rising; ``salt`` 8 random bytes, used once.

    ``certificate`` is the leading 8 bytes of the hash of the site's membership entry, ``secret`` the site's signing
    secret. The same arguments give the same bytes. Raises ValueError when the parts are not a frame's.
    """
    stamps = [stamp for stamp, _ in batches]
    if not stamps or any(a >= b for a, b in pairwise(stamps)):
        raise ValueError("a frame needs at least one batch, with stamps that rise")
    if any(site_of(stamp) != site for stamp in stamps):
        raise ValueError(f"a frame of site {site} carries only batches that site {site} stamped")
    sizes = tuple(map(len, (workspace, prev, certificate, salt)))
    if sizes != (16, HASH_SIZE, CERTIFICATE_SIZE, SALT_SIZE):
        raise ValueError(f"workspace, prev, certificate and salt have 16, 32, 8 and 8 bytes, not {sizes}")
    if not (1 <= site <= MAX_SITE and 0 <= epoch <= _HIGH and 1 <= seq <= _HIGH):
        raise ValueError(f"no frame has site {site}, epoch {epoch} and seq {seq}")
    if not all(1 <= other <= MAX_SITE and 0 <= read <= MAX_STAMP for other, read in vector.items()):
        raise ValueError(f"a vector is a stamp for each site 1..{MAX_SITE}, not {dict(vector)}")
    raw = msgspec.msgpack.encode((dict(sorted(vector.items())), [data for _, data in batches]))
    if len(raw) > MAX_RAW:
        raise ValueError(f"a frame of {len(raw):,} bytes is over the limit of {MAX_RAW:,}: use portions()")
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(raw) + packer.flush()
    numbers = (site, epoch, seq, stamps[-1] - stamps[0], len(raw), len(packed) + LOCK_SIZE)
    header = _FORM_2.pack(MAGIC, VERSION, workspace, prev, certificate, key_id(key), stamps[0], salt) + b"".join(
        map(_leb, numbers)
    )
    signed = header + lock(packed, header, derive(key, header, _USE[VERSION]))
    digest = hashlib.sha256(signed).digest()
    return signed + digest[:_CHECK] + sign(_TAG, digest, secret)


def _leb(number: int) -> bytes:
    """A number from 0 to 2**63 - 1 in LEB128: seven bits a byte, the least first, the top bit set on all but the last."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def hash_of(data: bytes) -> bytes:
    """The hash that names a frame of ours; the next frame carries it as ``prev``."""
    if data[4] == 1:
        return data[-_AFTER[1] : -SIGNATURE_SIZE]
    return hashlib.sha256(memoryview(data)[: -_AFTER[2]]).digest()


def peek(data: bytes, offset: int = 0) -> Header | Problem:
    """The header at ``offset``, unproved: enough to find its length. Checks magic, form and lengths."""
    start = data[offset : offset + _LONGEST]
    if start[:4] != MAGIC[: len(start)]:
        return Problem(Verdict.FOREIGN, "This is not a frame of fsconsole.")
    if len(start) > 4 and start[4] > VERSION:
        return Problem(
            Verdict.NEWER,
            f"This frame has form {start[4]}; this version reads form {VERSION}. Update fsconsole.",
        )
    if len(start) > 4 and not start[4]:
        return Problem(Verdict.DAMAGED, "This frame says it has form 0, which never was.")
    if len(start) < (_FORM_1 if len(start) > 4 and start[4] == 1 else _FORM_2).size:
        return Problem(Verdict.SHORT, "Not all of this frame is here yet.")
    if start[4] == 1:
        header: Header | Problem = Header._make((*_FORM_1.unpack_from(start)[1:], _FORM_1.size))
    else:
        header = _form_2(start)
    if isinstance(header, Header) and (header.raw_size > MAX_RAW or not LOCK_SIZE < header.body_size <= _MAX_BODY):
        return Problem(Verdict.DAMAGED, "This frame says it is larger than a frame can be.")
    return header


def _form_2(start: bytes) -> Header | Problem:
    _, version, workspace, prev, certificate, key, least, salt = _FORM_2.unpack_from(start)
    numbers = [0] * 6
    at = _FORM_2.size
    for which in range(6):
        for shift in range(0, 63, 7):
            if at >= len(start):
                return Problem(Verdict.SHORT, "Not all of this frame is here yet.")
            byte = start[at]
            at += 1
            numbers[which] |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        else:
            return Problem(Verdict.DAMAGED, "This frame's header holds a number that cannot be.")
    site, epoch, seq, span, raw_size, body_size = numbers
    return Header(
        version, workspace, site, epoch, seq, prev, certificate, key, least, least + span, raw_size, body_size, salt, at
    )


def verify(data: bytes, workspace: bytes, key_of: KeyOf, offset: int = 0) -> Sealed | Problem:
    """The frame at ``offset``, proved whole and signed by the member it names; bytes after it are ignored."""
    header = peek(data, offset)
    if isinstance(header, Problem):
        return header
    if header.workspace != workspace:
        return Problem(Verdict.FOREIGN, "This frame belongs to another workspace.")
    whole = data[offset : offset + header.frame_size]
    if len(whole) < header.frame_size:
        return Problem(Verdict.SHORT, "Not all of this frame is here yet.")
    end = header.size + header.body_size
    digest = hashlib.sha256(memoryview(whole)[:end]).digest()
    check = whole[end:-SIGNATURE_SIZE]
    if digest[: len(check)] != check:
        return Problem(Verdict.DAMAGED, "This frame's bytes are not those that were written.")
    public = key_of(header.certificate, header.site)
    if public is None:
        return Problem(
            Verdict.UNCERTIFIED,
            f"Site {header.site} signed with certificate {header.certificate.hex()}, "
            "which the membership log here does not hold.",
        )
    if not is_signed(_TAG, digest, whole[-SIGNATURE_SIZE:], public):
        return Problem(Verdict.FORGED, f"This frame says it is from site {header.site}; its signature is not.")
    if not (
        1 <= header.site <= MAX_SITE
        and 1 <= header.seq <= _HIGH
        and header.epoch <= _HIGH
        and 1 <= header.min_stamp <= header.max_stamp <= MAX_STAMP
    ):
        return Problem(Verdict.REFUSED, f"Site {header.site} signed a frame with numbers that cannot be.")
    return Sealed(header, digest, whole)


def opened_body(sealed: Sealed, ring: Mapping[int, bytes]) -> bytes | Problem:
    """The body of a proved frame as it was before sealing: still packed."""
    header = sealed.header
    key = ring.get(header.key_id)
    if key is None:
        return Problem(Verdict.LOCKED, f"This frame of site {header.site} is sealed under a key this site was not given.")
    start, body = sealed.data[: header.size], sealed.data[header.size : header.size + header.body_size]
    made = derive(key, header.salt if header.version == 1 else start, _USE[header.version])
    packed = unlock(body, start, made)
    return _refuse(header, "does not open under the workspace key it names") if packed is None else packed


def unseal(sealed: Sealed, ring: Mapping[int, bytes]) -> Frame | Problem:
    """The contents of a proved frame; ``ring`` is {key id: workspace key}."""
    header = sealed.header
    packed = opened_body(sealed, ring)
    if isinstance(packed, Problem):
        return packed
    raw = inflate(packed, header.raw_size, bare=header.version != 1)
    if raw is None:
        return _refuse(header, "does not unpack to the length it says")
    try:
        vector, encoded = _decoder.decode(raw)
        batches = tuple(batches_.decode(data) for data in encoded)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, DamagedError) as error:
        return _refuse(header, f"holds what is no batch ({error})")
    stamps = [batch.stamp for batch in batches]
    if not stamps or any(a >= b for a, b in pairwise(stamps)):
        return _refuse(header, "holds no batch, or batches whose stamps do not rise")
    if (stamps[0], stamps[-1]) != (header.min_stamp, header.max_stamp):
        return _refuse(header, "holds other stamps than its header says")
    if any(site_of(stamp) != header.site for stamp in stamps):
        return _refuse(header, "holds a batch that another site stamped")
    return Frame(header, sealed.hash, vector, batches, tuple(encoded))


def open_(data: bytes, workspace: bytes, key_of: KeyOf, ring: Mapping[int, bytes]) -> Frame | Problem:
    """``verify`` and ``unseal`` in one, for exactly one frame."""
    sealed = verify(data, workspace, key_of)
    if isinstance(sealed, Problem):
        return sealed
    if len(sealed.data) != len(data):
        return Problem(Verdict.DAMAGED, "Bytes follow this frame that do not belong to it.")
    return unseal(sealed, ring)


def inflate(packed: bytes, size: int, *, bare: bool = False) -> bytes | None:
    """What zlib packed (``bare``: without its header and sum), if it is exactly ``size`` bytes.

    Unpacking never makes more than one byte beyond that.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
    try:
        raw = stream.decompress(packed, size + 1)
    except zlib.error:
        return None
    return raw if len(raw) == size and stream.eof and not stream.unused_data else None


def _refuse(header: Header, what: str) -> Problem:
    return Problem(Verdict.REFUSED, f"Frame {header.seq} of site {header.site} {what}.")

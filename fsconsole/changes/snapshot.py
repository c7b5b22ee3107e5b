"""A snapshot: everything up to a point, in one sealed and signed file that is written and read piece by piece.

It stands apart because a joining site starts from it without replaying the log, however large the workspace.

    "FSS1" | version 1 | workspace 16 | site 2 | certificate 8 | key id 4 | salt 32       (big-endian)
    pieces: length 4 | XChaCha20-Poly1305(zlib(msgpack piece)), numbered from 0, the header as AAD
    end:    length 0 | SHA-256 of all that 32 | Ed25519 over "FSS1" and that hash 64

The first piece is the Cover, every other a Part: rows of one kind with a clock per field. A piece is raw length 4
and zlib bytes before sealing, at most 16 MiB raw.

Always: ``check`` before ``parts``; a part that is read is one that the signer wrote, in its order, none left out.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, BinaryIO, NamedTuple

import msgspec

from .batch import Rows, pack_rows, unpack_rows
from .frame import MAX_RAW, inflate
from .head import Applied
from .keys import CERTIFICATE_SIZE, LOCK_SIZE, SIGNATURE_SIZE, KeyOf, derive, is_signed, key_id, lock, sign, unlock
from .stamp import MAX_SITE, MAX_STAMP
from .verdict import DamagedError, Problem, Verdict

MAGIC = b"FSS1"
VERSION = 1
_HEADER = struct.Struct(">4sB16sH8sI32s")
_LENGTH = struct.Struct(">I")
_HASH = 32
_END = _HASH + SIGNATURE_SIZE
_MAX_PIECE = MAX_RAW + (MAX_RAW >> 10) + 64 + LOCK_SIZE
_CHUNK = 1 << 20
_USE = b"fsc1-snapshot"


class Cover(msgspec.Struct, frozen=True, array_like=True):
    """What a snapshot stands for: ``applied`` the frames in it, ``heard`` {site: greatest stamp read}, the schema's
    number, the writing site's clock and version."""

    applied: tuple[Applied, ...]
    heard: dict[Annotated[int, msgspec.Meta(ge=1, le=MAX_SITE)], Annotated[int, msgspec.Meta(ge=0, le=MAX_STAMP)]]
    schema: int
    wall_ms: int
    version: str


class Part(NamedTuple):
    """Rows of one kind; ``clocks`` holds for each row one stamp per field (0: never written), or is empty."""

    rows: Rows
    clocks: list[tuple[int, ...]]


class Checked(NamedTuple):
    """A snapshot whose hash and signature are good; ``hash`` names it."""

    workspace: bytes
    site: int
    key_id: int
    hash: bytes


_Clock = Annotated[int, msgspec.Meta(ge=0, le=MAX_STAMP)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
_cover = msgspec.msgpack.Decoder(Cover)
_part = msgspec.msgpack.Decoder(tuple[_Number, list[_Number], bytes, list[list[Any]], list[list[_Clock]]])


def write(
    cover: Cover,
    parts: Iterable[Part],
    *,
    workspace: bytes,
    site: int,
    certificate: bytes,
    key: bytes,
    salt: bytes,
    secret: bytes,
) -> Iterator[bytes]:
    """The bytes of a snapshot, piece by piece. Raises ValueError for a part that the wire cannot say."""
    if (len(workspace), len(certificate), len(salt)) != (16, CERTIFICATE_SIZE, 32):
        raise ValueError("a snapshot needs a workspace id of 16, a short certificate of 8 and a salt of 32 bytes")
    header = _HEADER.pack(MAGIC, VERSION, workspace, site, certificate, key_id(key), salt)
    own = derive(key, salt, _USE)
    digest = hashlib.sha256(header)
    yield header
    for count, raw in enumerate(_raw_pieces(cover, parts)):
        if len(raw) > MAX_RAW:
            raise ValueError(f"a snapshot part of {len(raw):,} bytes is over the limit of {MAX_RAW:,}: split it")
        sealed = lock(_LENGTH.pack(len(raw)) + zlib.compress(raw, 6), header, own, count)
        piece = _LENGTH.pack(len(sealed)) + sealed
        digest.update(piece)
        yield piece
    digest.update(_LENGTH.pack(0))
    yield _LENGTH.pack(0) + digest.digest() + sign(MAGIC, digest.digest(), secret)


def _raw_pieces(cover: Cover, parts: Iterable[Part]) -> Iterator[bytes]:
    yield msgspec.msgpack.encode(cover)
    for rows, clocks in parts:
        if clocks and (len(clocks) != len(rows.rows) or set(map(len, clocks)) != {len(rows.fields)}):
            raise ValueError(f"clocks of kind {rows.kind} need one stamp per field for every row")
        yield msgspec.msgpack.encode((*pack_rows(rows), list(zip(*clocks, strict=True))))


def check(file: BinaryIO, workspace: bytes, key_of: KeyOf) -> Checked | Problem:
    """Whether the whole file is as a member wrote it; reads it once from the start, a megabyte at a time."""
    file.seek(0)
    header = file.read(_HEADER.size)
    if header[:4] != MAGIC[: len(header[:4])]:
        return Problem(Verdict.FOREIGN, "This is not a snapshot.")
    if len(header) < _HEADER.size:
        return Problem(Verdict.SHORT, "Not all of this snapshot is here yet.")
    _, version, owner, site, certificate, number, _ = _HEADER.unpack(header)
    if version > VERSION:
        return Problem(Verdict.NEWER, f"This snapshot has form {version}; this version reads {VERSION}. Update fsconsole.")
    if owner != workspace:
        return Problem(Verdict.FOREIGN, "This snapshot belongs to another workspace.")
    digest, tail = hashlib.sha256(header), b""
    while chunk := file.read(_CHUNK):
        tail += chunk
        digest.update(tail[:-_END])
        tail = tail[-_END:]
    if len(tail) < _END or tail[:_HASH] != digest.digest():
        return Problem(Verdict.DAMAGED, "This snapshot is cut short or damaged.")
    public = key_of(certificate, site)
    if public is None:
        return Problem(Verdict.UNCERTIFIED, f"This snapshot names an unknown certificate {certificate.hex()}.")
    if version != VERSION or not is_signed(MAGIC, tail[:_HASH], tail[_HASH:], public):
        return Problem(Verdict.FORGED, f"This snapshot says it is from site {site}; its signature is not.")
    return Checked(owner, site, number, tail[:_HASH])


def parts(file: BinaryIO, ring: Mapping[int, bytes]) -> Iterator[Cover | Part | Problem]:
    """The cover, then every part, of a file that ``check`` found good; a Problem is the last thing it gives."""
    file.seek(0)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        yield Problem(Verdict.SHORT, "Not all of this snapshot is here yet.")
        return
    number, salt = _HEADER.unpack(header)[5:]
    key = ring.get(number)
    if key is None:
        yield Problem(Verdict.LOCKED, "This snapshot is sealed under a key this site was not given.")
        return
    own, count = derive(key, salt, _USE), 0
    while True:
        size = int.from_bytes(file.read(_LENGTH.size), "big")
        if size == 0 and count:
            return
        piece = _read_piece(file, size, header, own, count)
        yield piece
        if isinstance(piece, Problem):
            return
        count += 1


def _read_piece(file: BinaryIO, size: int, header: bytes, own: bytes, count: int) -> Cover | Part | Problem:
    fault = Problem(Verdict.REFUSED, f"Part {count} of this snapshot cannot be opened.")
    if not LOCK_SIZE + _LENGTH.size < size <= _MAX_PIECE:
        return fault
    plain = unlock(file.read(size), header, own, count)
    raw_size = int.from_bytes(plain[: _LENGTH.size], "big") if plain else MAX_RAW + 1
    if plain is None or raw_size > MAX_RAW:
        return fault
    raw = inflate(plain[_LENGTH.size :], raw_size)
    if raw is None:
        return fault
    try:
        if count == 0:
            return _cover.decode(raw)
        kind, fields, ids, columns, clocks = _part.decode(raw)
        rows = unpack_rows(kind, fields, ids, columns)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, DamagedError) as error:
        return Problem(Verdict.REFUSED, f"Part {count} of this snapshot is not as it should be: {error}.")
    if clocks and (len(clocks) != len(fields) or any(len(column) != len(rows.rows) for column in clocks)):
        return Problem(Verdict.REFUSED, f"Part {count} of this snapshot has clocks that do not fit its rows.")
    return Part(rows, list(zip(*clocks, strict=True)))

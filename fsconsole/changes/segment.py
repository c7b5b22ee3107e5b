"""A segment: a file of one site's frames in order, closed by a signed end mark.

It stands apart because files arrive torn, early and twice: whatever is whole in them is taken, the rest waits.

    frame ... frame | end mark 151 bytes, big-endian:
        "FSCE" | version 1 | workspace 16 | site 2 | certificate 8 | epoch 8 | first seq 8 | last seq 8
        | SHA-256 of the frames' hashes 32 | Ed25519 over "fsc1-end" and all that 64

A file of one frame has no end mark: its name promises one, and that frame's own signature says where it ends.
Versions before gave it one; both are read.

Always: a file cut at any byte gives the whole valid frames before the cut and no other.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import NamedTuple

from . import frame as frames_
from .frame import Sealed
from .keys import SIGNATURE_SIZE, KeyOf, is_signed, sign
from .verdict import Problem, Verdict

END_MAGIC = b"FSCE"
VERSION = 1
_END = struct.Struct(">4sB16sH8sQQQ32s")
END_SIZE = _END.size + SIGNATURE_SIZE
_TAG = b"fsc1-end"


class Segment(NamedTuple):
    """What a segment file holds: its proved frames in order, and the problem that ended the reading, if any.

    With no problem all that the file's name promises was found: it is complete and need not be read again.
    """

    frames: tuple[Sealed, ...]
    problem: Problem | None

    @property
    def complete(self) -> bool:
        return self.problem is None


def encode(frames: Sequence[bytes], certificate: bytes, secret: bytes) -> bytes:
    """The bytes of a segment of these frames. Raises ValueError unless each frame follows the one before it."""
    first = last = None
    digest = hashlib.sha256()
    for data in frames:
        header = frames_.peek(data)
        if isinstance(header, Problem) or header.frame_size != len(data):
            raise ValueError("a segment is made of whole frames")
        if last and (header.site, header.epoch, header.seq) != (last.site, last.epoch, last.seq + 1):
            raise ValueError(f"frame {header.seq} does not follow frame {last.seq}")
        first, last = first or header, header
        digest.update(frames_.hash_of(data))
    if first is None or last is None:
        raise ValueError("a segment holds at least one frame")
    if len(frames) == 1:
        return frames[0]
    mark = _END.pack(END_MAGIC, VERSION, last.workspace, last.site, certificate, last.epoch, first.seq, last.seq, digest.digest())
    return b"".join([*frames, mark, sign(_TAG, mark, secret)])


def read(data: bytes, workspace: bytes, key_of: KeyOf, *, alone: bool = False) -> Segment:
    """The whole valid frames of a file, up to its end or the first problem; ``alone`` when its name promises one frame."""
    frames: list[Sealed] = []
    at = 0
    while data[at : at + 4] != END_MAGIC:
        if alone and frames and at == len(data):
            return Segment(tuple(frames), None)
        sealed = frames_.verify(data, workspace, key_of, at)
        if isinstance(sealed, Problem):
            return Segment(tuple(frames), sealed)
        if frames and not _follows(frames[-1], sealed):
            says = f"Frame {sealed.header.seq} does not follow frame {frames[-1].header.seq} in this file."
            return Segment(tuple(frames), Problem(Verdict.REFUSED, says))
        frames.append(sealed)
        at += len(sealed.data)
    return Segment(tuple(frames), _end_problem(data[at:], frames, workspace, key_of))


def _follows(before: Sealed, after: Sealed) -> bool:
    a, b = before.header, after.header
    return (b.site, b.epoch, b.seq, b.prev) == (a.site, a.epoch, a.seq + 1, before.hash)


def _end_problem(end: bytes, frames: list[Sealed], workspace: bytes, key_of: KeyOf) -> Problem | None:
    if len(end) < END_SIZE:
        return Problem(Verdict.SHORT, "Not all of this file is here yet.")
    version, owner, site, certificate, epoch, first, last, digest = _END.unpack_from(end)[1:]
    if version > VERSION:
        return Problem(Verdict.NEWER, f"This file ends in form {version}; this version reads form {VERSION}.")
    hashes = hashlib.sha256(b"".join(sealed.hash for sealed in frames)).digest()
    says = (owner, site, epoch, first, last, digest)
    if len(end) > END_SIZE or not frames or version != VERSION:
        return Problem(Verdict.DAMAGED, "The end of this file is not as it was written.")
    head, tail = frames[0].header, frames[-1].header
    if says != (workspace, tail.site, tail.epoch, head.seq, tail.seq, hashes):
        return Problem(Verdict.DAMAGED, "The end of this file tells of other frames than it holds.")
    public = key_of(certificate, site)
    if public is None:
        return Problem(Verdict.UNCERTIFIED, f"The end of this file names an unknown certificate {certificate.hex()}.")
    if not is_signed(_TAG, end[: _END.size], end[_END.size :], public):
        return Problem(Verdict.FORGED, f"The end of this file was not signed by site {site}.")
    return None

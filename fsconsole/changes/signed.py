"""The small signed file: one form for heads, the workspace marker and the entries of the membership log.

It stands apart because these files share one shape and one order of checks, and differ only in what they say.

    magic 4 | version 1 | workspace 16 | site 2 | certificate 8 | body length 4     (big-endian)
    body (msgpack) | SHA-256 of all that 32 | Ed25519 over the magic and that hash 64

The site and certificate are the signer's; both are zero where the root key signed.

Always: the hash of such a file names it; two files with one hash are one file.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import NamedTuple, TypeVar

import msgspec

from .keys import CERTIFICATE_SIZE, SIGNATURE_SIZE, KeyOf, is_signed, sign
from .verdict import Problem, Verdict

VERSION = 1
MAX_BODY = 1 << 20
_HEADER = struct.Struct(">4sB16sH8sI")
_HASH = 32
_AROUND = _HEADER.size + _HASH + SIGNATURE_SIZE

T = TypeVar("T")


class Signed(NamedTuple):
    """A small signed file that is whole; whether the signature is good ``is_by`` tells."""

    magic: bytes
    workspace: bytes
    site: int
    certificate: bytes
    body: bytes
    hash: bytes
    signature: bytes
    data: bytes


def seal(magic: bytes, workspace: bytes, site: int, certificate: bytes, body: bytes, secret: bytes) -> bytes:
    """The bytes of a small signed file. Raises ValueError for a wrong size; the body has at most 1 MiB."""
    if len(workspace) != 16 or len(certificate) != CERTIFICATE_SIZE:
        raise ValueError("a workspace id has 16 bytes, a certificate's short hash 8")
    if len(body) > MAX_BODY:
        raise ValueError(f"a small signed file holds at most {MAX_BODY:,} bytes, not {len(body):,}")
    whole = _HEADER.pack(magic, VERSION, workspace, site, certificate, len(body)) + body
    digest = hashlib.sha256(whole).digest()
    return whole + digest + sign(magic, digest, secret)


def read(magic: bytes, data: bytes, workspace: bytes | None, what: str) -> Signed | Problem:
    """The file's parts when it is whole and of this workspace (any, if None); ``what`` names it in sentences."""
    if data[:4] != magic[: len(data[:4])]:
        return Problem(Verdict.FOREIGN, f"This is not {what}.")
    if len(data) > 4 and data[4] > VERSION:
        return Problem(Verdict.NEWER, f"This is {what} in form {data[4]}; this version reads form {VERSION}. Update fsconsole.")
    if len(data) > 4 and data[4] != VERSION:
        return Problem(Verdict.DAMAGED, f"This is {what} in form {data[4]}, which never was.")
    if len(data) < _HEADER.size:
        return Problem(Verdict.SHORT, f"Not all of {what} is here yet.")
    _, _, owner, site, certificate, size = _HEADER.unpack_from(data)
    if workspace is not None and owner != workspace:
        return Problem(Verdict.FOREIGN, f"This is {what} of another workspace.")
    if size > MAX_BODY or len(data) > _AROUND + size:
        return Problem(Verdict.DAMAGED, f"The bytes of {what} are not those that were written.")
    if len(data) < _AROUND + size:
        return Problem(Verdict.SHORT, f"Not all of {what} is here yet.")
    end = _HEADER.size + size
    digest = hashlib.sha256(memoryview(data)[:end]).digest()
    if digest != data[end : end + _HASH]:
        return Problem(Verdict.DAMAGED, f"The bytes of {what} are not those that were written.")
    return Signed(magic, owner, site, certificate, data[_HEADER.size : end], digest, data[end + _HASH :], bytes(data))


def is_by(file: Signed, public: bytes) -> bool:
    """Whether the holder of ``public`` signed the file."""
    return _proved(file.magic, file.hash, file.signature, public)


@lru_cache(maxsize=1024)
def _proved(magic: bytes, digest: bytes, signature: bytes, public: bytes) -> bool:
    # The same few entries and heads are looked at again every few seconds, and a signature once good is good for ever.
    return is_signed(magic, digest, signature, public)


def check(magic: bytes, data: bytes, workspace: bytes, key_of: KeyOf, what: str) -> Signed | Problem:
    """``read``, and the signature by the member that the file names."""
    file = read(magic, data, workspace, what)
    if isinstance(file, Problem):
        return file
    public = key_of(file.certificate, file.site)
    if public is None:
        return Problem(
            Verdict.UNCERTIFIED,
            f"Site {file.site} signed {what} with certificate {file.certificate.hex()}, "
            "which the membership log here does not hold.",
        )
    if not is_by(file, public):
        return Problem(Verdict.FORGED, f"This says it is {what} from site {file.site}; its signature is not.")
    return file


def parse(decoder: msgspec.msgpack.Decoder[T], body: bytes, what: str) -> T | Problem:
    """The body's contents, strictly typed."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return Problem(Verdict.REFUSED, f"The contents of {what} are not as they should be: {error}.")

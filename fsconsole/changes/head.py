"""A head: one site's signed word on how far it has come and what it has applied of the others.

It stands apart because acknowledgement, “in sync”, gaps and roll-backs are read from heads alone.

Always: a site's ``counter`` rises with every head it writes; of two heads the one with the greater counter holds.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from . import signed
from .keys import KeyOf
from .stamp import MAX_SITE
from .verdict import Problem, Verdict

MAGIC = b"FSH1"
_WHAT = "a site's head"
_Site = Annotated[int, msgspec.Meta(ge=1, le=MAX_SITE)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
_Seq = Annotated[int, msgspec.Meta(ge=1, le=(1 << 63) - 1)]
_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class Applied(msgspec.Struct, frozen=True, array_like=True):
    """The last frame applied of one site's epoch."""

    site: _Site
    epoch: _Count
    seq: _Count
    hash: _Hash


class Want(msgspec.Struct, frozen=True, array_like=True):
    """Frames that are missing here and that any site holding them may publish again."""

    site: _Site
    epoch: _Count
    first: _Seq
    last: _Seq


class Head(msgspec.Struct, frozen=True, array_like=True):
    """``seq`` and ``hash`` are the site's own last frame (0 and zeros before the first); ``wall_ms`` its clock."""

    site: _Site
    epoch: _Count
    seq: _Count
    hash: _Hash
    counter: _Seq
    applied: tuple[Applied, ...]
    wall_ms: int
    version: Annotated[str, msgspec.Meta(max_length=40)]
    wants: tuple[Want, ...] = ()

    def has(self, site: int, epoch: int, seq: int) -> bool:
        """Whether everything of a site's epoch up to ``seq`` has been applied where this head was written."""
        own = [Applied(self.site, self.epoch, self.seq, self.hash)]
        return any((a.site, a.epoch) == (site, epoch) and a.seq >= seq for a in [*own, *self.applied])


_decoder = msgspec.msgpack.Decoder(Head)


def encode(head: Head, workspace: bytes, certificate: bytes, secret: bytes) -> bytes:
    """The bytes of a head, signed by its site."""
    body = msgspec.msgpack.encode(head)
    return signed.seal(MAGIC, workspace, head.site, certificate, body, secret)


def decode(data: bytes, workspace: bytes, key_of: KeyOf) -> Head | Problem:
    """The head in these bytes, proved to be its site's."""
    file = signed.check(MAGIC, data, workspace, key_of, _WHAT)
    if isinstance(file, Problem):
        return file
    head = signed.parse(_decoder, file.body, _WHAT)
    if not isinstance(head, Problem) and head.site != file.site:
        return Problem(Verdict.REFUSED, f"Site {file.site} signed a head that speaks for site {head.site}.")
    return head

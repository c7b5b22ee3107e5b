"""The workspace's marker, ``fsconsole.ws``: without it a folder is offline, and nothing is written there.

It stands apart because it is the first thing read in a folder, before any member is known.

Always: a site that belongs to a workspace believes only the root key it already knows.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from . import signed
from .keys import KEY_SIZE, ROOT
from .verdict import Problem, Verdict

MAGIC = b"FSW1"
FORMAT = 1  #: of the folder's layout
_WHAT = "a workspace marker"


class Marker(msgspec.Struct, frozen=True, array_like=True):
    """A workspace: its id (16 bytes), the root key's public part, its name, the layout's format."""

    workspace: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    root: Annotated[bytes, msgspec.Meta(min_length=KEY_SIZE, max_length=KEY_SIZE)]
    name: Annotated[str, msgspec.Meta(max_length=200)]
    format: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)] = FORMAT


_decoder = msgspec.msgpack.Decoder(Marker)


def encode(marker: Marker, root_secret: bytes) -> bytes:
    """The bytes of the marker, signed by the root key."""
    return signed.seal(MAGIC, marker.workspace, 0, ROOT, msgspec.msgpack.encode(marker), root_secret)


def decode(data: bytes, workspace: bytes | None = None, root: bytes | None = None) -> Marker | Problem:
    """The marker in these bytes; pass the ``workspace`` and ``root`` already known, if any.

    A site that joins knows neither: it takes what the marker says and compares it with its invitation.
    """
    file = signed.read(MAGIC, data, workspace, _WHAT)
    if isinstance(file, Problem):
        return file
    marker = signed.parse(_decoder, file.body, _WHAT)
    if isinstance(marker, Problem):
        return marker
    if marker.workspace != file.workspace or not signed.is_by(file, marker.root):
        return Problem(Verdict.FORGED, "This workspace marker is not signed by the root key it names.")
    if root is not None and marker.root != root:
        return Problem(Verdict.FORGED, "This workspace marker names another root key than this site knows.")
    if marker.format > FORMAT:
        return Problem(
            Verdict.NEWER,
            f"This folder has format {marker.format}; this version reads format {FORMAT}. Update fsconsole.",
        )
    return marker

"""The names of files and folders in the shared folder, and nothing else has one of them.

It stands apart because sync tools add copies, temporary files and stubs beside ours: only a name that one of
these functions reads is opened as ours.

    fsconsole.ws                                     the workspace's marker
    m/<hash 32>.fsm                                  entries of the membership log
    inv/<id 16>.fsi                                  invitations
    s/<site 4>/<count 4>-<draw 8>/<first 16>-<last 16>.fsl     segments of one site and epoch
    s/<site 4>/<count 4>-<draw 8>/<counter 16>.fsh             heads
    snap/<hash 32>.fss                               snapshots

All parts are lower-case hexadecimal. Always: what reads back gives the same name again.
"""

from __future__ import annotations

import re

from .frame import make_epoch

MARKER = "fsconsole.ws"
MEMBERS, INVITES, SITES, SNAPSHOTS = "m", "inv", "s", "snap"

_HEAD = re.compile(r"([0-9a-f]{16})\.fsh")
_SITE = re.compile(r"[0-9a-f]{4}")
_EPOCH = re.compile(r"([0-9a-f]{4,8})-([0-9a-f]{8})")
_HASHED = re.compile(r"([0-9a-f]{32})\.(fsm|fss)")
_INVITE = re.compile(r"([0-9a-f]{16})\.fsi")


def segment(first: int, last: int) -> str:
    """The name of the segment that holds frames ``first`` to ``last``."""
    return f"{first:016x}-{last:016x}.fsl"


def read_segment(name: str) -> tuple[int, int] | None:
    """(first, last) frame of a segment's name, None when it is no such name."""
    try:
        first, last = int(name[:16], 16), int(name[17:33], 16)
    except ValueError:
        return None
    # Written again it must be the same name: quicker than a pattern, and as strict. A folder holds thousands of them.
    return (first, last) if 1 <= first <= last < 1 << 63 and segment(first, last) == name else None


def head(counter: int) -> str:
    return f"{counter:016x}.fsh"


def read_head(name: str) -> int | None:
    """The counter in a head's name, None when it is no such name."""
    match = _HEAD.fullmatch(name)
    counter = int(match[1], 16) if match else 0
    return counter if 1 <= counter < 1 << 63 else None


def site(number: int) -> str:
    return f"{number:04x}"


def read_site(name: str) -> int | None:
    number = int(name, 16) if _SITE.fullmatch(name) else 0
    return number if 1 <= number <= 2047 else None


def epoch(value: int) -> str:
    """The folder of an epoch: its count, then its draw."""
    return f"{value >> 32:04x}-{value & 0xFFFFFFFF:08x}"


def read_epoch(name: str) -> int | None:
    match = _EPOCH.fullmatch(name)
    if match is None or int(match[1], 16) >= 1 << 31:
        return None
    value = make_epoch(int(match[1], 16), int(match[2], 16))
    return value if epoch(value) == name else None


def member(digest: bytes) -> str:
    """The name of a membership entry with this hash."""
    return f"{digest[:16].hex()}.fsm"


def snapshot(digest: bytes) -> str:
    """The name of a snapshot with this hash."""
    return f"{digest[:16].hex()}.fss"


def read_hashed(name: str) -> tuple[bytes, str] | None:
    """(leading 16 bytes of the hash, ending) of an entry's or a snapshot's name, None when it is no such name."""
    match = _HASHED.fullmatch(name)
    return (bytes.fromhex(match[1]), match[2]) if match else None


def invite(invite_id: bytes) -> str:
    return f"{invite_id.hex()}.fsi"


def read_invite(name: str) -> bytes | None:
    match = _INVITE.fullmatch(name)
    return bytes.fromhex(match[1]) if match else None


def temporary(name: str, draw: int) -> str:
    """The name under which a file is written before its final name; sync tools leave names of this shape alone."""
    return f"~syncthing~{name}.{draw:08x}.tmp"

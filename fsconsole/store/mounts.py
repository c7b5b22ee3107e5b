"""Which kind of file system a path lies on, and whether a store may lie there.

It stands apart because it asks the operating system, not SQLite: on a network file system SQLite's locks and its
write-ahead log do not hold, and nothing tells before something is lost.

Always: what cannot be told is taken for a local disk; the root of a machine is never refused.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

#: The kernel's list of mounts.
MOUNTS = Path("/proc/mounts")
#: Set to 1, a store is opened wherever it lies.
OVERRIDE = "FSCONSOLE_ANY_DISK"
_REMOTE = {
    "nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "beegfs", "gfs2", "ocfs2",
    "davfs", "fuse", "drvfs", "vboxsf", "vmhgfs", "prl_fs", "osxfuse", "macfuse", "webdav", "afpfs",
}  # fmt: skip
#: Local, though served by a program.
_LOCAL_FUSE = {"fuse.fuse-overlayfs", "fuse.lxcfs"}


class Mount(NamedTuple):
    """Where a path is mounted: ``point``, and ``kind`` as the kernel calls it; both '' where that cannot be told."""

    point: str
    kind: str

    @property
    def remote(self) -> bool:
        """Whether SQLite's locks cannot be trusted there."""
        if self.point == "/" or self.kind in _LOCAL_FUSE:
            return False
        return self.kind in _REMOTE or self.kind.startswith("fuse.")


def mount_of(path: Path) -> Mount:
    """The mount that a path lies on."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
        where = str(path.resolve())
    except OSError:
        return Mount("", "")
    best = Mount("", "")
    for line in lines:
        parts = line.split()
        if len(parts) < 4:
            continue
        point = parts[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        kind = "drvfs" if parts[2] == "9p" and "aname=drvfs" in parts[3] else parts[2]
        inside = where == point or where.startswith(point.rstrip("/") + "/")
        # Of two mounts on one point the later one is on top.
        if inside and len(point) >= len(best.point):
            best = Mount(point, kind)
    return best


def overridden() -> bool:
    return os.environ.get(OVERRIDE, "") not in ("", "0")


__all__ = ["MOUNTS", "OVERRIDE", "Mount", "mount_of", "overridden"]

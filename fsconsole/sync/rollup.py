"""Many small segment files of ours become few larger ones, so that a folder stays quick to scan for decades.

It stands apart because it is the only place where a whole file of ours is removed.

When ``MANY`` neighbouring files of one size class or less lie there, their frames are written once more as one file; the small
ones go when every member has told that it applied them, or after a week. Overlapping files do no harm.

Always: a file is removed only after another of ours that holds its frames was written and read back whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from fsconsole.changes import names, segment
from fsconsole.changes.frame import Header, peek
from fsconsole.changes.head import Head
from fsconsole.changes.stamp import ms_of
from fsconsole.store import exchange as books
from fsconsole.store.opening import Store
from fsconsole.sync.folder import Folder, Listing, Segment, place
from fsconsole.sync.identity import Identity

MANY = 24
LARGEST = 4 << 20
WEEK_MS = 7 * 24 * 3_600_000


def roll_up(store: Store, folder: Folder, who: Identity, listing: Listing, heads: Mapping[int, Head], now_ms: int) -> int:
    """Writes what can be written as one file and removes what that made needless; returns how many files went.

    Raises FolderError when the folder takes nothing.
    """
    gone = 0
    for (site, epoch), files in listing.segments.items():
        if site != who.site:
            continue
        for run in merged_runs(files):
            first, last = run[0].first, run[-1].last
            data = books.kept(store.raw, site, epoch, first, last)
            if len(data) == last - first + 1:
                path = f"{place(site, epoch)}/{names.segment(first, last)}"
                folder.put(path, segment.encode(data, who.certificate, who.file.keys.sign))
        gone += _remove_needless(store, folder, who, files, heads, now_ms)
    return gone


def merged_runs(files: list[Segment]) -> list[list[Segment]]:
    """Neighbouring files that are to become one each: ``MANY`` of one size class or less, or as many as make ``LARGEST`` bytes.

    The smallest class that has any goes first: so each frame is written again once for every sixteenfold of its file.
    """
    standing = _standing(files)
    for most in sorted(set(map(_class, standing))):
        if runs := _runs(standing, most):
            return runs
    return []


def _runs(standing: list[Segment], most: int) -> list[list[Segment]]:
    runs: list[list[Segment]] = []
    run: list[Segment] = []
    for file in standing:
        follows = bool(run) and file.first == run[-1].last + 1 and _class(file) <= most
        full = follows and sum(one.size for one in run) + file.size > LARGEST
        if not follows or full:
            if len(run) >= MANY or (full and 2 * max(one.size for one in run) <= sum(one.size for one in run)):
                runs.append(run)
            run = []
        if _class(file) <= most:
            run.append(file)
    return [*runs, run] if len(run) >= MANY else runs


def _standing(files: list[Segment]) -> list[Segment]:
    """Files that no other one holds whole, in order."""
    found: list[Segment] = []
    for file in sorted(files, key=lambda one: (one.first, -one.last)):
        if not found or file.last > found[-1].last:
            found.append(file)
    return found


def _class(file: Segment) -> int:
    """Files of one class differ in size by less than sixteen times."""
    return max(file.size, 1).bit_length() // 4


def _remove_needless(
    store: Store, folder: Folder, who: Identity, files: list[Segment], heads: Mapping[int, Head], now_ms: int
) -> int:
    gone = 0
    whole: dict[str, bool] = {}
    standing = _standing(files)
    starts = [one.first for one in standing]
    for file in files:
        larger = standing[bisect_right(starts, file.first) - 1]
        if larger == file or larger.last < file.last or not _needless(store, who, file, heads, now_ms):
            continue
        if larger.path not in whole:
            whole[larger.path] = folder.read_segment(larger, who.file.workspace, who.members.key_of).complete
        if whole[larger.path]:
            folder.remove(file.path)
            gone += 1
    return gone


def _needless(store: Store, who: Identity, file: Segment, heads: Mapping[int, Head], now_ms: int) -> bool:
    """Whether every other member has applied a file's frames, or had a week for it."""
    others = [site for site in who.members.current if site != who.site]
    if all(site in heads and heads[site].has(file.site, file.epoch, file.last) for site in others):
        return True
    data = books.kept(store.raw, file.site, file.epoch, file.last, file.last)
    header = peek(data[0]) if data else None
    return isinstance(header, Header) and ms_of(header.max_stamp) < now_ms - WEEK_MS


__all__ = ["merged_runs", "roll_up"]

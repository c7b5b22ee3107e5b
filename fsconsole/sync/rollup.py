"""Many small segment files of ours become few larger ones, so that a folder stays quick to scan for decades.

It stands apart because it is the only place where a whole file of ours is removed.

When ``MANY`` neighbouring files of one size class lie there, their frames are written once more as one file; the small
ones go when every member has told that it applied them, or after a week. Overlapping files do no harm.

Always: a file is removed only after another of ours that holds its frames was written and read back whole.
"""

from __future__ import annotations

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
        for run in _runs(_standing(files)):
            first, last = run[0].first, run[-1].last
            data = books.kept(store.raw, site, epoch, first, last)
            if len(data) == last - first + 1:
                path = f"{place(site, epoch)}/{names.segment(first, last)}"
                folder.put(path, segment.encode(data, who.certificate, who.file.keys.sign))
        gone += _remove_needless(store, folder, who, files, heads, now_ms)
    return gone


def _standing(files: list[Segment]) -> list[Segment]:
    """Files that no other one holds whole, in order."""
    return sorted(one for one in files if not any(_holds(other, one) for other in files))


def _holds(other: Segment, one: Segment) -> bool:
    return (
        other is not one
        and other.first <= one.first
        and one.last <= other.last
        and (other.first, other.last) != (one.first, one.last)
    )


def _runs(files: list[Segment]) -> list[list[Segment]]:
    """Neighbouring files of one size class, at least ``MANY`` and at most ``LARGEST`` bytes together."""
    runs: list[list[Segment]] = []
    run: list[Segment] = []
    for file in files:
        fits = run and file.first == run[-1].last + 1 and _class(file) == _class(run[-1])
        if not fits or sum(one.size for one in run) + file.size > LARGEST:
            runs.append(run)
            run = []
        run.append(file)
    return [one for one in [*runs, run] if len(one) >= MANY]


def _class(file: Segment) -> int:
    """Files of one class differ in size by less than sixteen times."""
    return max(file.size, 1).bit_length() // 4


def _remove_needless(
    store: Store, folder: Folder, who: Identity, files: list[Segment], heads: Mapping[int, Head], now_ms: int
) -> int:
    gone = 0
    whole: dict[str, bool] = {}
    for file in files:
        larger = next((other for other in files if _holds(other, file)), None)
        if larger is None or not _needless(store, who, file, heads, now_ms):
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


__all__ = ["roll_up"]

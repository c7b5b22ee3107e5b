"""The folder -> ours: membership first, then heads, then each site's frames in their order.

It stands apart because everything that others wrote is believed, held or refused here.

Always: each site's stream is read on its own, and a gap, a fork, damage or an unknown kind stops that stream only;
a frame's rows, its log and its place in the stream change in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fsconsole.changes import frame as frames
from fsconsole.changes import head as heads_
from fsconsole.changes import member, names
from fsconsole.changes.batch import Batch
from fsconsole.changes.frame import Frame, Sealed
from fsconsole.changes.head import Head, Want
from fsconsole.changes.member import Members, confirm
from fsconsole.changes.stamp import is_held, ms_of, reckon
from fsconsole.changes.verdict import Problem, Verdict
from fsconsole.store import exchange as books
from fsconsole.store.bulk import roomy
from fsconsole.store.opening import Store
from fsconsole.sync import forks, roles, snapshots
from fsconsole.sync.folder import Folder, Listing, Segment, place
from fsconsole.sync.identity import Draw, Identity, identify
from fsconsole.sync.publish import sealer

#: Raw bytes of frames applied in one transaction: consoles of this site save in between.
LOT = 2 << 20
#: Bytes of files that wait, from which on the store is given more room while they are taken.
ROOMY = 1 << 18


@dataclass(slots=True)
class Taken:
    """What one look at the folder brought: ``batches`` new ones in ``frames`` frames."""

    frames: int = 0
    batches: int = 0
    wants: list[Want] = field(default_factory=list)


# --- members and heads ------------------------------------------------------------------------------------------------


def collect_entries(store: Store, folder: Folder, who: Identity, now_ms: int) -> Identity:
    """Keeps membership entries that are new here; an owner confirms who joined since."""
    known = books.entry_names(store.raw)
    fresh = []
    there = folder.names(names.MEMBERS)
    present = {f"{names.MEMBERS}/{one.name}" for one in there}
    for gone in [one.name for one in books.held(store.raw, f"{names.MEMBERS}/") if one.name not in present]:
        with store.writing() as conn:
            books.let_go(conn, gone)
    for name, size in there:
        named = names.read_hashed(name)
        if named is None or size <= 0 or named[0] in known or named[1] != "fsm":
            continue
        entry = member.read_entry(folder.read(f"{names.MEMBERS}/{name}"), who.file.workspace)
        if isinstance(entry, Problem):
            _hold(store, f"{names.MEMBERS}/{name}", 0, entry, now_ms, size)
        elif names.member(entry.file.hash) == name:
            fresh.append(entry)
    if fresh:
        with store.writing() as conn:
            for entry in fresh:
                books.add_entry(conn, entry.file.hash, entry.file.data, published=True)
                books.let_go(conn, f"{names.MEMBERS}/{names.member(entry.file.hash)}")
        who = identify(store.raw, who.file)
    if who.may_certify and any(not one.lasting for one in who.members.current.values()):
        who = _confirm(store, who, now_ms)
    return who


def _confirm(store: Store, who: Identity, now_ms: int) -> Identity:
    own = 0 if who.file.root_secret else who.site
    for site, one in sorted(who.members.current.items()):
        if not one.lasting and site > own:
            digest, data = who.write_entry(confirm(one), now_ms)
            with store.writing() as conn:
                books.add_entry(conn, digest, data, published=False)
            who = identify(store.raw, who.file)
    return who


def collect_heads(store: Store, folder: Folder, who: Identity, listing: Listing, now_ms: int) -> dict[int, Head]:
    """The newest head of every other site; one that is older than what we remember is not believed."""
    known = books.heads(store.raw)
    found: dict[int, Head] = {}
    for site in {*listing.heads, *known} - {who.site}:
        counter, data, _ = known.get(site, (0, b"", 0))
        best = heads_.decode(data, who.file.workspace, who.members.key_of) if data else None
        for newer, epoch in listing.heads.get(site, []):
            if newer <= counter:
                break
            path = f"{names.SITES}/{names.site(site)}/{names.epoch(epoch)}/{names.head(newer)}"
            data = folder.read(path)
            head = heads_.decode(data, who.file.workspace, who.members.key_of)
            if isinstance(head, Head) and (head.site, head.counter) == (site, newer):
                with store.writing() as conn:
                    books.put_head(conn, site, newer, data, now_ms)
                best = head
                break
        if isinstance(best, Head) and site in who.members.current:
            found[site] = best
    return found


# --- frames -----------------------------------------------------------------------------------------------------------


class Collector:
    """One look at every site's frames. ``progress`` is told (frames taken, frames there)."""

    def __init__(
        self,
        store: Store,
        folder: Folder,
        who: Identity,
        now_ms: int,
        draw: Draw,
        *,
        heads: Mapping[int, Head] | None = None,
        progress: Callable[[int, int | None], None] | None = None,
        lot: int = LOT,
        framing: bool = True,
    ) -> None:
        self.store, self.folder, self.who, self.now_ms, self.draw = store, folder, who, now_ms, draw
        self.heads = heads or {}
        self.progress = progress
        self.lot = lot
        self.framing = framing
        self.taken = Taken()
        self.judged_ms = reckon(now_ms, store.own("clock", 0), [head.wall_ms for head in self.heads.values()])
        self.seal = sealer(who, draw)
        self.tips = books.tips(store.raw)
        self.covered = snapshots.covered(store.raw)

    def collect(self, listing: Listing) -> Taken:
        """Takes every frame that can be taken, in any order of files; says of each site where it stands."""
        streams = [key for key in sorted(listing.segments) if key[0] != self.who.site and listing.segments[key]]
        total = sum(max(one.last for one in listing.segments[key]) for key in streams)
        waits = sum(one.size for key in streams for one in listing.segments[key] if one.last > self._tip(*key))
        self._forget_gone(listing)
        with roomy(self.store) if waits > ROOMY else nullcontext():
            says = self._follow(streams, listing, total)
            if self._branches(listing):
                says |= self._follow(streams, listing, total)
            self._say(says)
        return self.taken

    def _forget_gone(self, listing: Listing) -> None:
        """Lets go of files that lie there no longer; lists what lies under names of ours and is not ours."""
        there = {one.path for files in listing.segments.values() for one in files}
        for one in books.held(self.store.raw, f"{names.SITES}/"):
            if one.name not in there:
                self._release(one.name)
        for key, files in listing.segments.items():
            if key[0] == self.who.site:
                for file in files:
                    if file.last > self._tip(*key):
                        self._proved(file)

    def _follow(self, streams: list[tuple[int, int]], listing: Listing, total: int) -> dict[int, Problem | None]:
        says: dict[int, Problem | None] = {}
        again = True
        while again:
            # An epoch may wait for the end of another; once something moved, what waited is looked at again.
            again = False
            for key in streams:
                moved, problem = self._stream(*key, listing.segments[key], total)
                again = again or moved
                if problem is not None or says.get(key[0]) is None:
                    says[key[0]] = problem
                if moved:
                    says[key[0]] = problem
        return says

    def _branches(self, listing: Listing) -> bool:
        """Reads again where heads tell of another frame under a number that is taken here; asks for what no file holds."""
        moved = False
        for want in forks.unseen(self.store.raw, self.heads):
            there = listing.segments.get((want.site, want.epoch), [])
            moved = self._again([file for file in there if file.first <= want.first <= file.last]) or moved
        for want in forks.unseen(self.store.raw, self.heads):
            self._want(want.site, want.epoch, want.first, want.last)
        return moved

    def _again(self, files: list[Segment]) -> bool:
        """Reads files again whose numbers are taken here; whether that brought a frame."""
        before = self.taken.frames
        for file in files:
            self._file(file, file.last + 1)
        return self.taken.frames > before

    def _tip(self, site: int, epoch: int) -> int:
        tip = self.tips.get((site, epoch))
        return tip.seq if tip else 0

    def own(self, listing: Listing) -> Taken:
        """Takes frames of this very site that the store does not have: after a restore, or from another copy of it."""
        for key in sorted(listing.segments):
            if key[0] == self.who.site:
                self._stream(*key, listing.segments[key], 0)
        return self.taken

    def _stream(self, site: int, epoch: int, files: list[Segment], total: int) -> tuple[bool, Problem | None]:
        """Follows one site's epoch as far as it goes: (whether it moved, what stopped it)."""
        moved = False
        while True:
            tip = books.tips(self.store.raw).get((site, epoch))
            at = (tip.seq if tip else 0) + 1
            ahead = sorted(
                (one for one in files if one.last >= at),
                key=lambda one: (one.first > at, -one.last if one.first <= at else one.first),
            )
            if not ahead:
                self._free(site, epoch, files, at)
                return moved, None
            here = [one for one in ahead if one.first <= at]
            step, problem = self._first_good(here, at)
            if not step and problem is None and (last := self._gap_to(site, epoch, at, ahead[len(here) :])):
                problem = self._gap(site, epoch, at, last)
            if here and not step and at > 1 and problem is not None and problem.verdict is Verdict.SHORT:
                # What comes next may follow a branch that stands under a number read before.
                step = self._again([one for one in files if one.first < at <= one.last + 1])
            moved = moved or step
            if not step:
                return moved, problem
            if self.progress:
                self.progress(self.taken.frames, max(total, self.taken.frames))

    def _first_good(self, files: list[Segment], at: int) -> tuple[bool, Problem | None]:
        """Tries the files that hold the next frame until one brings it."""
        problem: Problem | None = None
        for file in files:
            moved, fault = self._file(file, at)
            if moved:
                return True, None
            problem = problem or fault
        if problem is not None and problem.verdict in UNPROVED:
            self._want(files[0].site, files[0].epoch, at, files[0].last)
        return False, problem

    def _file(self, file: Segment, at: int) -> tuple[bool, Problem | None]:
        read = self.folder.read_segment(file, self.who.file.workspace, self.who.members.key_of)
        problem = read.problem
        found = [one for one in read.frames if one.header.seq >= at or not books.has_frame(self.store.raw, one.header, one.hash)]
        if any((one.header.site, one.header.epoch) != (file.site, file.epoch) for one in found):
            found, problem = [], Problem(Verdict.REFUSED, "This file lies where another site or epoch belongs.")
        moved, fault = self._apply(found)
        if fault is not None:
            problem = fault
        if problem is None or (moved and fault is None and problem.verdict is Verdict.SHORT):
            self._release(file.path)
        else:
            _hold(self.store, file.path, file.site, problem, self.now_ms, file.size)
            if fault is None and problem.verdict in UNPROVED and self._told(file.site, file.epoch) < at:
                return moved, None
        return moved, problem

    def _told(self, site: int, epoch: int) -> int:
        """The last frame of a site's epoch that any signed head tells of, 0 when none does."""
        told = [head.seq for head in self.heads.values() if (head.site, head.epoch) == (site, epoch)]
        told += [one.seq for head in self.heads.values() for one in head.applied if (one.site, one.epoch) == (site, epoch)]
        return max(told, default=0)

    def _gap_to(self, site: int, epoch: int, at: int, beyond: list[Segment]) -> int:
        """The last frame of a gap that begins ``at``; 0 when nothing proves it, and a file's name does not."""
        told = self._told(site, epoch)
        if told >= at:
            return min((file.first - 1 for file in beyond if file.first <= told), default=told)
        return next((file.first - 1 for file in beyond if self._proved(file)), 0)

    def _proved(self, file: Segment) -> bool:
        """Whether a file begins with a frame that its site signed for that place; one that does not is listed."""
        read = self.folder.read_segment(file, self.who.file.workspace, self.who.members.key_of)
        proved = any((one.header.site, one.header.epoch) == (file.site, file.epoch) for one in read.frames)
        if not proved and read.problem is not None:
            _hold(self.store, file.path, file.site, read.problem, self.now_ms, file.size)
        return proved

    def _apply(self, found: list[Sealed]) -> tuple[bool, Problem | None]:
        """Applies proved frames in their order, lot by lot; stops at the first that cannot be taken."""
        moved = False
        while found:
            lot, size = 0, 0
            while lot < len(found) and (not lot or size + found[lot].header.raw_size <= self.lot):
                size += found[lot].header.raw_size
                lot += 1
            problem = None
            # Opened before the store is held: unpacking needs no lock.
            opened = [(one, self._open(one)) for one in found[:lot]]
            with self.store.writing() as conn:
                if self.framing:
                    # A frame's vector says what was read when its batches were saved, so ours are framed first.
                    books.frame_unframed(conn, self.who.site, self.seal)
                for sealed, frame in opened:
                    problem = self._take(conn, sealed, frame)
                    if problem is not None:
                        break
                    moved = True
            if problem is not None:
                return moved, problem
            found = found[lot:]
        return moved, None

    def _open(self, sealed: Sealed) -> Frame | Problem:
        beyond = self.who.members.allows(sealed.header, sealed.hash)
        return beyond if beyond is not None else frames.unseal(sealed, self.who.file.by_id())

    def _take(self, conn: sqlite3.Connection, sealed: Sealed, frame: Frame | Problem) -> Problem | None:
        header = sealed.header
        if books.has_frame(conn, header, sealed.hash):
            return None
        if isinstance(frame, Problem):
            return frame
        if not books.follows(conn, header):
            return Problem(Verdict.SHORT, f"Frame {header.seq} of {self._code(header.site)} follows one that is not here.")
        if kind := roles.unknown_kind(frame.batches):
            return Problem(
                Verdict.NEWER, f"Frame {header.seq} of {self._code(header.site)} holds rows of kind {kind}."
            )
        if header.site != self.who.site and is_held(header.max_stamp, self.judged_ms):
            until = datetime.fromtimestamp(ms_of(header.max_stamp) / 1000, UTC)
            return Problem(
                Verdict.REFUSED,
                f"{HELD} Frame {header.seq} of {self._code(header.site)} is stamped {until:%d %b %Y %H:%M} UTC, far ahead.",
            )
        author = self.who.members.certificate(header.certificate)
        role = author.role if author else "viewer"
        covered = self.covered.get(header.site, 0)

        def refuse(batch: Batch) -> str:
            return roles.refusal(role, batch)

        conn.execute("SAVEPOINT frame")
        try:
            new, refused = books.take(conn, sealed, frame, own=self.who.site, now_ms=self.now_ms, refuse=refuse, covered=covered)
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in OURS:
                raise  # no fault of the frame's; SQLite may have ended the transaction already
            conn.execute("ROLLBACK TO frame")
            conn.execute("RELEASE frame")
            return Problem(Verdict.REFUSED, f"Frame {header.seq} of {self._code(header.site)} cannot be applied ({error}).")
        conn.execute("RELEASE frame")
        for stamp, why in refused:
            where = f"{names.site(header.site)}/{names.epoch(header.epoch)}/{header.seq}#{stamp}"
            books.hold(conn, where, header.site, Verdict.REFUSED.value, why, self.now_ms)
        self.taken.frames += 1
        self.taken.batches += new
        return None

    # --- saying -------------------------------------------------------------------------------------------------------

    def _gap(self, site: int, epoch: int, first: int, last: int) -> Problem:
        self._want(site, epoch, first, last)
        which = f"Frame {first}" if first == last else f"Frames {first} to {last}"
        return Problem(Verdict.SHORT, f"{GAP} {which} of {self._code(site)} {'is' if first == last else 'are'} not here yet.")

    def _want(self, site: int, epoch: int, first: int, last: int) -> None:
        want = Want(site, epoch, first, last)
        if want not in self.taken.wants:
            self.taken.wants.append(want)

    def _code(self, site: int) -> str:
        known = {one.site: one.code for one in self.who.members.by_certificate.values()}
        return known.get(site, f"site {site}")

    def _free(self, site: int, epoch: int, files: list[Segment], at: int) -> None:
        """What was held of files that are now read to their end."""
        if any(one.site == site for one in books.held(self.store.raw, f"{place(site, epoch)}/")):
            for file in files:
                if file.last < at:
                    self._release(file.path)

    def _release(self, name: str) -> None:
        if self.store.one("SELECT 1 FROM held WHERE name = ?", (name,)):
            with self.store.writing() as conn:
                books.let_go(conn, name)

    def _say(self, says: Mapping[int, Problem | None]) -> None:
        conn = self.store.raw
        before = books.states(conn)
        twice = _twice(conn, self.now_ms)
        if (self.who.site in twice) != bool(self.store.own("twice", 0)):
            self.store.set_own(twice=int(self.who.site in twice))
        for site in sorted({*says, *twice}):
            problem = says.get(site)
            word, sentence = _word(problem)
            if sentence and (code := self._code(site)) not in sentence:
                sentence = f"What {code} wrote cannot be taken: {sentence[0].lower()}{sentence[1:]}"
            if site in twice:
                word = "forked"
                sentence = f"{self._code(site)} runs twice: two copies of it wrote at the same time. What both wrote is kept."
            head = self.heads.get(site)
            heard = self.now_ms if head is not None or self.taken.frames else None
            if before.get(site, ("", "", None))[:2] != (word, sentence) or self.taken.frames:
                with self.store.writing() as writing:
                    books.state(writing, site, word, sentence, heard)


#: What is found wrong with bytes that nobody proved to be a member's speaks of the file alone, until a signed head tells of them.
UNPROVED = {Verdict.SHORT, Verdict.FOREIGN, Verdict.DAMAGED, Verdict.UNCERTIFIED, Verdict.FORGED}
#: How long two copies of one site are spoken of after the older of them last wrote.
ALARM_MS = 7 * 24 * 3_600_000
#: What SQLite says of this machine (its disk is full or broken, its memory gone, a lock held), not of what is written.
OURS = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CORRUPT,
}  # fmt: skip
HELD = "Held:"
GAP = "Gap:"


def _word(problem: Problem | None) -> tuple[str, str]:
    if problem is None:
        return "live", ""
    if problem.says.startswith(GAP):
        return "gap", problem.says.removeprefix(GAP).strip()
    if problem.says.startswith(HELD):
        return "held", problem.says.removeprefix(HELD).strip()
    if problem.verdict is Verdict.SHORT:
        return "gap", problem.says
    return "stopped", problem.says


def _twice(conn: sqlite3.Connection, now_ms: int) -> set[int]:
    """Sites of which two copies wrote within the last days: a fork, or an epoch that went on after a later one began."""
    tips = books.tips(conn)
    forked = {(site, epoch) for site, epoch, _ in books.twins(conn)} | books.overtaken(conn)
    return {key[0] for key in forked if key in tips and ms_of(tips[key].stamp) > now_ms - ALARM_MS}


def _hold(store: Store, name: str, site: int, problem: Problem, now_ms: int, size: int) -> None:
    row = store.one("SELECT verdict, says, size FROM held WHERE name = ?", (name,))
    says = problem.says.removeprefix(HELD).removeprefix(GAP).strip()
    if problem.verdict in UNPROVED:
        says = f"{name}: {says[0].lower()}{says[1:]} If it stays, remove the file: what is missing then is put back."
    if row != (problem.verdict.value, says, size):
        with store.writing() as conn:
            books.hold(conn, name, site, problem.verdict.value, says, now_ms, size)


__all__ = ["Collector", "Members", "Taken", "collect_entries", "collect_heads"]

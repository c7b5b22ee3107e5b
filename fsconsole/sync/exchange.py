"""One exchange with the shared folder, and the loop that keeps exchanging.

It stands apart because the order matters: who belongs, what is ours goes out, what is theirs comes in, how far we are.

Always: an exchange never raises for what lies in the folder or happened to it; it says so in its report and leaves the
rest queued. It can be killed anywhere and repeated.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fsconsole import __version__
from fsconsole.changes import names
from fsconsole.changes.head import Head, Want
from fsconsole.changes.verdict import Problem, Verdict
from fsconsole.clock import Clock
from fsconsole.errors import FsError, StoreError, SyncError
from fsconsole.places import Home
from fsconsole.settings import read_settings
from fsconsole.store import exchange as books
from fsconsole.store.instants import instant, ms
from fsconsole.store.opening import Store
from fsconsole.sync import blobs, forks, reopening, snapshots, status
from fsconsole.sync.collect import UNPROVED, Collector, collect_entries, collect_heads
from fsconsole.sync.folder import Disk, Folder, FolderError, Listing
from fsconsole.sync.identity import Draw, Identity, identify, read_keys, with_new_keys
from fsconsole.sync.members import withdraw_beyond_cuts
from fsconsole.sync.publish import (
    clear_invitations,
    frame_saves,
    heal,
    publish_entries,
    publish_frames,
    publish_head,
    relay,
    unheld,
)
from fsconsole.sync.rollup import roll_up


@dataclass(frozen=True, slots=True)
class Report:
    """What an exchange did: ``sent`` frames copied out, ``taken`` acts of others applied, ``says`` what a person must know.

    ``trouble``: what of that keeps this site from exchanging, until somebody does something.
    """

    sent: int = 0
    taken: int = 0
    online: bool = True
    says: tuple[str, ...] = field(default=())
    trouble: tuple[str, ...] = field(default=())

    def in_words(self) -> str:
        """A line or a few."""
        if not self.online:
            return "\n".join(self.says)
        done = f"Sent {_some(self.sent, 'frame')}, took {_some(self.taken, 'act')} of others."
        return "\n".join([done, *self.says])


def _some(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shared_folder(home: Home) -> Path | None:
    """The shared folder of the settings, None when this site has none."""
    settings, _ = read_settings(home.settings)
    return Path(settings.shared).expanduser() if settings.shared else None


def exchange(
    store: Store,
    home: Home,
    now: datetime,
    *,
    disk: Disk | None = None,
    draw: Draw = secrets.token_bytes,
    progress: Callable[[int, int | None], None] | None = None,
    history: bool = True,
) -> Report:
    """Sends what is ours and takes what is theirs, as far as the folder allows; nothing of theirs without ``history``.

    Raises SyncError when this site has no keys, StoreError when the store cannot be written; nothing else.
    """
    file = read_keys(home)
    who = with_new_keys(home, identify(store.raw, file))
    root = shared_folder(home)
    if root is None:
        frame_if_member(store, who, draw)
        return Report(online=False, says=("This site exchanges with nobody: no shared folder is set.",))
    folder = Folder(root, disk)
    marker = folder.marker(file.workspace, file.root_public)
    if isinstance(marker, Problem):
        if reopening.moved(store, home) and not store.readonly:
            # What another copy has given since cannot be known before the folder was seen.
            store.set_own(restoring=1)
        frame_if_member(store, who, draw)
        words = offline(marker, root)
        _note(store, words, ms(now))
        return Report(online=False, says=(words,))
    _note(store, "", ms(now))
    return _Exchange(store, home, folder, who, ms(now), draw, progress, history).run()


def offline(problem: Problem, root: Path) -> str:
    """Why the folder is not used now, and that nothing is lost by it."""
    says = problem.says
    if problem.verdict is Verdict.FOREIGN:
        says = f"{root} is not this workspace's folder: {says[0].lower()}{says[1:]}"
    elif problem.verdict is not Verdict.SHORT:
        says = f"The workspace's marker in {root} cannot be believed: {says[0].lower()}{says[1:]}"
    return f"Offline: {says} Nothing is written there. Work goes on and waits here."


def _note(store: Store, trouble: str, now_ms: int, key: str = "offline") -> None:
    """Remembers what keeps the folder away, or closed to what is ours (``trouble``), and since when, whatever it was first."""
    before = store.own(key, "")
    if before != trouble:
        since = int(store.own(f"{key}_since", 0)) if before and trouble else 0
        store.set_own(**{key: trouble, f"{key}_since": (since or now_ms) if trouble else 0})


def frame_if_member(store: Store, who: Identity, draw: Draw) -> None:
    if who.member is not None and not store.readonly and not store.own("restoring", 0):
        frame_saves(store, who, draw)


class _Exchange:
    """The steps of one exchange, each of which may fail without stopping the rest."""

    def __init__(
        self,
        store: Store,
        home: Home,
        folder: Folder,
        who: Identity,
        now_ms: int,
        draw: Draw,
        progress: Callable[[int, int | None], None] | None,
        history: bool,
    ) -> None:
        self.store, self.home, self.folder, self.who = store, home, folder, who
        self.now_ms, self.draw, self.progress = now_ms, draw, progress
        self.history = history
        self.says: list[str] = []
        self.trouble: list[str] = []
        self.sent = 0

    def run(self) -> Report:
        self.who = with_new_keys(self.home, collect_entries(self.store, self.folder, self.who, self.now_ms))
        withdrawn = withdraw_beyond_cuts(self.store, self.who)
        if withdrawn:
            self.says.append(f"{_some(withdrawn, 'frame')} written after a site's removal no longer count.")
        self._try(lambda: publish_entries(self.store, self.folder))
        clear_invitations(self.store, self.folder, self.who, self.now_ms)
        if self.who.member is None:
            self.says.append("This site was removed from the workspace. What is here stays here; nothing more is exchanged.")
            return Report(0, 0, True, tuple(self.says))
        listing = self._listing()
        why = reopening.needed(self.store, self.home, self.folder, self.who, listing)
        if why and reopening.reopen(self.store, self.home, self.folder, self.who, listing, self.now_ms, self.draw):
            self.says.append(why)
            listing = self._listing()
        heads = collect_heads(self.store, self.folder, self.who, listing, self.now_ms)
        wants = {site: head.wants for site, head in heads.items() if head.wants}
        if not self.store.own("restoring", 0):
            frame_saves(self.store, self.who, self.draw)
        if wants:
            self._try(lambda: heal(self.store, self.folder, self.who, listing, wants))
        self._try(lambda: self._publish(listing))
        collector = Collector(self.store, self.folder, self.who, self.now_ms, self.draw, heads=heads, progress=self.progress)
        if reopening.elsewhere(self.store, self.who, listing):
            collector.own(listing)
        taken = collector.collect(listing) if self.history else collector.taken
        if trouble := snapshots.complete(self.store):
            self.says.append(trouble)
        self._try(lambda: blobs.publish(self.store, self.folder, self.who, self.now_ms))
        blobs.fetch(self.store, self.folder, self.who, self.now_ms)
        self._try(lambda: blobs.heal(self.store, self.folder, self.who, self.now_ms))
        self._try(lambda: roll_up(self.store, self.folder, self.who, listing, heads, self.now_ms))
        self._try(lambda: snapshots.write_due(self.store, self.folder, self.who, self.now_ms, self.draw))
        missing = (*taken.wants, *self._behind(heads, taken.wants))
        if self.store.own("invitations", "{}") != "{}":
            # Whoever joins reads the folder, not this store, and cannot ask for what somebody removed there.
            wants[self.who.site] = unheld(self.store, self.who.site, listing)
        if wants:
            self._try(lambda: relay(self.store, self.folder, self.who, listing, wants))
            self._try(lambda: forks.relay(self.store, self.folder, listing, wants))
        self._try(lambda: publish_head(self.store, self.folder, self.who, listing, missing, self.now_ms, __version__))
        self.says += clocks(heads, self.now_ms, self.who)
        advice = {self.who.site: "Stop one of the two; until then no invoice gets a number here."}
        advice |= {one.number: one.instead for one in status.note(self.store, instant(self.now_ms))}
        for site, (word, says, _) in sorted(books.states(self.store.raw).items()):
            if word == "forked" and site not in self.who.members.current:
                continue  # it was removed, which ends that
            if word != "live" and says and site in self.who.members.numbers:
                self.says.append(f"{says} {advice.get(site, '')}".strip())
        self.says += [trouble.says for trouble in self.who.members.troubles if trouble.says not in self.says]
        self.says += _rubbish(self.store)
        _note(self.store, " ".join(self.trouble), self.now_ms, "trouble")
        return Report(self.sent, taken.batches, True, tuple(dict.fromkeys(self.says)), tuple(self.trouble))

    def _listing(self) -> Listing:
        """What lies there; our own files with their sizes, for a damaged one is written anew."""
        tips = books.tips(self.store.raw)
        return self.folder.listing({key: tip.seq for key, tip in tips.items() if key[0] != self.who.site})

    def _publish(self, listing: Listing) -> None:
        self.sent += publish_frames(self.store, self.folder, self.who, listing)

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except FolderError as error:
            if str(error) not in self.says:
                self.says.append(str(error))
                self.trouble.append(str(error))

    def _behind(self, heads: dict[int, Head], wanted: list[Want]) -> list[Want]:
        """What others' heads tell of and no file here holds: asked of whoever has it."""
        tips = books.tips(self.store.raw)
        asked = {(want.site, want.epoch) for want in wanted}
        found: dict[tuple[int, int], Want] = {}
        for head in heads.values():
            for site, epoch, seq in [(head.site, head.epoch, head.seq), *((a.site, a.epoch, a.seq) for a in head.applied)]:
                tip = tips.get((site, epoch))
                at = tip.seq if tip else 0
                if seq > at and (site, epoch) not in asked and site in self.who.members.numbers:
                    last = max(seq, found[site, epoch].last) if (site, epoch) in found else seq
                    found[site, epoch] = Want(site, epoch, at + 1, last)
        return [found[key] for key in sorted(found)]


def _rubbish(store: Store) -> list[str]:
    """Files under names of sites that nobody proved to be theirs: the first few, for anybody may lay down thousands."""
    held = [one.says for one in books.held(store.raw, f"{names.SITES}/") if one.verdict in _UNPROVED]
    return held[:SHOWN] + ([f"And {len(held) - SHOWN:,} more files like these."] if len(held) > SHOWN else [])


#: So many files are told of one by one.
SHOWN = 3
_UNPROVED = {verdict.value for verdict in UNPROVED}


def clocks(heads: Mapping[int, Head], now_ms: int, who: Identity) -> list[str]:
    """Sites whose head was written at a time that has not come here: one of the two clocks is wrong."""
    found = []
    for site, head in sorted(heads.items()):
        if (ahead := head.wall_ms - now_ms) > HOUR_MS and site in who.members.current:
            span = f"{ahead // (24 * HOUR_MS):,} days" if ahead >= 48 * HOUR_MS else f"{ahead // HOUR_MS} h"
            code = who.members.current[site].code
            found.append(f"The clock at {code} is {span} ahead of the one here: set whichever is wrong. Work goes on at both.")
    return found


HOUR_MS = 3_600_000


# --- the loop ---------------------------------------------------------------------------------------------------------

#: How long a publisher may be silent before another console of this site takes over, in seconds.
LEASE = 15.0
#: Saves are gathered this long before they go out, in seconds.
GATHER = 0.5


class Lease:
    """Which console of this site exchanges: a row in the store, by this machine's monotonic clock.

    It saves work only; two that exchange at once write the same files and take the same frames once.
    """

    def __init__(self, store: Store, tell: Callable[[], float] = time.monotonic) -> None:
        self.store, self.tell = store, tell
        self.mine = f"{os.getpid()}-{threading.get_ident()}-{secrets.token_hex(4)}"

    def take(self) -> bool:
        """Takes or renews the lease; False while another console holds it, or holds the store. Raises StoreError."""
        try:
            # Asked before the store is held: whoever only looks on keeps nobody from saving.
            if self._held(self.store.raw):
                return False
            if self._left() > LEASE / 2:
                return True  # what is good for a while yet costs the disk nothing
            with self.store.writing() as conn:
                if self._held(conn):
                    return False
                conn.execute(
                    "INSERT OR REPLACE INTO own (key, value) VALUES ('publisher', ?)", (f"{self.mine} {self.tell() + LEASE}",)
                )
        except ValueError:
            return False
        except StoreError:
            if not self.store.free():
                return False
            raise
        return True

    def _left(self) -> float:
        """Seconds for which the lease is ours already."""
        who, _, until = str(self.store.own("publisher", "")).rpartition(" ")
        left = float(until) - self.tell() if who == self.mine else 0.0
        return left if left <= LEASE else 0.0

    def _held(self, conn: sqlite3.Connection) -> bool:
        """Whether another console holds it; raises ValueError for what is no lease."""
        row = conn.execute("SELECT value FROM own WHERE key = 'publisher'").fetchone()
        who, _, until = str(row[0] if row else "").rpartition(" ")
        # A time further off than a lease lasts was written before this machine was started anew.
        return bool(who) and who != self.mine and 0 < float(until) - self.tell() <= LEASE and _lives(who)

    def give_back(self) -> None:
        if str(self.store.own("publisher", "")).startswith(self.mine):
            self.store.set_own(publisher="")


def publisher(store: Store) -> int | None:
    """The process that exchanges for this site just now, None when none does."""
    who, _, until = str(store.own("publisher", "")).rpartition(" ")
    try:
        held = who != "" and 0 < float(until) - time.monotonic() <= LEASE
    except ValueError:
        return None
    number = who.partition("-")[0]
    return int(number) if held and number.isdigit() and _lives(who) else None


def _lives(who: str) -> bool:
    """Whether the process that took a lease is still there; of one that cannot be told, its silence tells."""
    number = who.partition("-")[0]
    if not number.isdigit():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def watch(
    store: Store,
    home: Home,
    clock: Clock,
    say: Callable[[Report], None],
    *,
    stop: threading.Event | None = None,
    settle: Callable[[], object] | None = None,
    each: Callable[[], object] | None = None,
    every: float | None = None,
    draw: Draw = secrets.token_bytes,
) -> None:
    """Exchanges until ``stop`` is set (or for ever): every few seconds, and at once when something is saved or arrives.

    ``say`` is told when what there is to say changes; ``settle`` is called after acts of others were applied, ``each`` after
    every look, also of a console that leaves exchanging to another.
    Looking decides; what the operating system tells of the folder only makes the next look come sooner.
    """
    stop = stop or threading.Event()
    settings, _ = read_settings(home.settings)
    pause = every or float(settings.sync_every)
    lease = Lease(store)
    arrived = threading.Event()
    root = shared_folder(home)
    if root is not None:
        threading.Thread(target=_listen, args=(root, arrived, stop), daemon=True, name="sync-hint").start()
    said: tuple[str, ...] | None = None
    hindered = False

    def tell(report: Report) -> None:
        nonlocal said
        if report.sent or report.taken or report.says != said:
            say(report)
            said = report.says

    try:
        while not stop.is_set():
            try:
                # Asked before the exchange: what is saved while it runs is not in it.
                saved = books.last_saved(store.raw, store.site)
                if lease.take():
                    report = exchange(store, home, clock.now(), draw=draw)
                    tell(report)
                    if report.taken and settle is not None:
                        settle()
                elif hindered:
                    tell(Report())
                if each is not None:
                    each()
                hindered = False
                _until_due(store, saved, arrived, stop, pause)
            except (FsError, OSError, sqlite3.OperationalError) as error:
                # Never the end of it: a disk has room again, a folder comes back.
                hindered = True
                tell(_hindrance(error))
                stop.wait(pause)
    finally:
        with suppress(StoreError):
            lease.give_back()  # on a full disk it is found dead instead


def _hindrance(error: FsError | OSError | sqlite3.OperationalError) -> Report:
    """An exchange that could not be, in words."""
    if isinstance(error, OSError):
        words = f"The shared folder cannot be reached ({error.strerror or type(error).__name__})."
    elif isinstance(error, FsError):
        words = str(error)
    else:
        words = f"The store cannot be read ({error})."
    again = "" if isinstance(error, SyncError) else " Exchanging goes on by itself once that is over."
    return Report(online=False, says=(f"{words}{again}",), trouble=(f"{words}{again}",))


def _until_due(store: Store, saved: int, arrived: threading.Event, stop: threading.Event, pause: float) -> None:
    """Waits until the pause is over, a file arrived or something was saved here after ``saved`` (gathered for a moment)."""
    end = time.monotonic() + pause
    while not stop.is_set() and (left := end - time.monotonic()) > 0:
        if arrived.wait(min(GATHER, left)):
            arrived.clear()
            return
        if books.last_saved(store.raw, store.site) != saved:
            return


def _listen(root: Path, arrived: threading.Event, stop: threading.Event) -> None:
    """Sets ``arrived`` when the operating system tells of a finished file in the folder."""
    try:
        import watchfiles

        while not stop.is_set() and root.is_dir():
            for changes in watchfiles.watch(
                root, stop_event=stop, debounce=200, step=100, raise_interrupt=False, rust_timeout=2000, yield_on_timeout=True
            ):
                if any(path.endswith((".fsl", ".fsm")) for _, path in changes):
                    arrived.set()
            return
    except (OSError, RuntimeError):
        return  # a mount without events: looking every few seconds finds everything


__all__ = ["Lease", "Report", "SyncError", "exchange", "publisher", "shared_folder", "watch"]

"""Three sites, each with its own copy of the shared folder, a clock that only moves when told, and every fault as an action.

A schedule is a list of ``Step``s; ``Simulation.play`` runs it and ``finish`` heals everything and checks the laws:

- sites that have the same frames are equal by digest, and each is what its log says;
- nothing that was confirmed is lost, nothing is applied twice;
- stamps are unique, and so are invoice numbers;
- nothing is billed twice, and nothing counts that a site billed without the billing right: it is owed back, at every site alike;
- a rebuild from the log gives the same digest.

Between the copies nothing moves but by ``carry`` (as a sync tool would: in any order, torn, doubled, under odd names). Each
call to a copy may be the one at which the process dies, and with the plug goes what was not fsynced.

Saves are durable once confirmed: SQLite keeps that promise at synchronous=FULL, so here it writes without waiting.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any, NamedTuple

from hypothesis import strategies as st

from fsconsole.changes import names
from fsconsole.changes.batch import Act
from fsconsole.clock import FixedClock
from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import hand_over, right
from fsconsole.flow.gather import grouped
from fsconsole.flow.numbers import take_number
from fsconsole.store import replay
from fsconsole.store.record import save
from fsconsole.store.rows import fetch, fetch_many
from fsconsole.store.tables import Put, put
from fsconsole.sync.folder import Named
from fsconsole.values.terms import Contract
from tests.sync.made import NOON, Office, Workspace, digest

FIELDS = ("title", "details", "order_number")
SITES = ("LDN", "LDS", "MAN")
#: One contract that each site made; each has four charges of the same amount.
CONTRACTS = [bytes([8]) * 15 + bytes([number]) for number in range(3)]
AMOUNT = 100
ROWS = [bytes([9]) * 15 + bytes([number]) for number in range(4)]


class Killed(BaseException):
    """The process is gone."""


class Disk:
    """One site's copy of the shared folder, in memory, with what of it would survive the plug."""

    def __init__(self, root: Path, files: dict[str, bytes]) -> None:
        self.root = root
        self.files = dict(files)
        self.folders = {""} | {str(parent) for name in files for parent in Path(name).parents if str(parent) != "."}
        self.unsynced: set[str] = set()  #: written, not fsynced: the plug tears them
        self.unnamed: dict[str, str] = {}  #: renamed, directory not fsynced: the plug takes the new name back
        self.left: int | None = None  #: calls until the process dies
        self.refuses: int = 0  #: the error that every write ends in
        self.busy = 0  #: renames that find the file held by another program
        self.away = False
        self.folding = False  #: names differ by more than their case

    def _call(self, path: Path) -> str:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed
        if self.away:
            raise FileNotFoundError(errno.ENOENT, "gone", str(path))
        name = str(path.relative_to(self.root))
        name = "" if name == "." else name
        return self._folded(name) if self.folding else name

    def _folded(self, name: str) -> str:
        """The name that stands for this one where case does not count."""
        return next((one for one in (*self.files, *self.folders) if one.lower() == name.lower()), name)

    def _write(self, path: Path) -> str:
        name = self._call(path)
        if self.refuses:
            raise OSError(self.refuses, "refused", name)
        return name

    def scan(self, folder: Path) -> list[Named]:
        name = self._call(folder)
        if name not in self.folders:
            raise FileNotFoundError(errno.ENOENT, "no such folder", name)
        found = [Named(Path(one).name, len(data)) for one, data in self.files.items() if _inside(one) == name]
        return found + [Named(Path(one).name, -1) for one in self.folders if one and _inside(one) == name]

    def read(self, path: Path) -> bytes:
        name = self._call(path)
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        return self.files[name]

    def make_folder(self, path: Path) -> None:
        self.folders.add(self._write(path))

    def write(self, path: Path, data: bytes) -> None:
        name = self._folded_write(path)
        if self.left == 0:
            self.files[name] = data[: len(data) // 2]
        self._call(path)
        if name in self.files:
            raise FileExistsError(errno.EEXIST, "exists", name)
        self.files[name] = data
        self.unsynced.add(name)

    def _folded_write(self, path: Path) -> str:
        if self.refuses and not self.away:
            # Half of it is written before the disk is found full.
            self.files.pop(str(path.relative_to(self.root)), None)
        return self._write(path)

    def sync(self, path: Path) -> None:
        self.unsynced.discard(self._call(path))

    def rename(self, path: Path, to: Path) -> None:
        name, target = self._write(path), self._write(to)
        if self.busy:
            self.busy -= 1
            raise OSError(errno.EBUSY, "held by another program", name)
        if target in self.files:
            raise FileExistsError(errno.EEXIST, "exists", target)
        self.files[target] = self.files.pop(name)
        self.unnamed[target] = name

    def sync_folder(self, path: Path) -> None:
        self._call(path)
        self.unnamed.clear()

    def remove(self, path: Path) -> None:
        name = self._write(path)
        if name in self.files:
            del self.files[name]

    def wait(self, seconds: float) -> None:
        """Nobody waits here."""

    def pull_the_plug(self) -> None:
        """What was not fsynced is torn, what was not yet named for good has its old name."""
        for name in self.unsynced & set(self.files):
            self.files[name] = self.files[name][: len(self.files[name]) // 3]
        for target, name in self.unnamed.items():
            if target in self.files:
                self.files[name] = self.files.pop(target)
        self.unsynced, self.unnamed = set(), {}


def _inside(name: str) -> str:
    parent = str(Path(name).parent)
    return "" if parent == "." else parent


# --- schedules --------------------------------------------------------------------------------------------------------


class Step(NamedTuple):
    """``what`` happens at ``site``; ``one`` and ``two`` choose among what there is."""

    what: str
    site: int
    one: int
    two: int


#: Each action as often as it should come up.
ACTIONS = (
    *("edit",) * 6, *("fact",) * 2, *("number",) * 2, *("sync",) * 8, *("carry",) * 8, "everything", "wait", "jump",
    "kill", "plug", "kill", "tear", "flip", "empty", "lose", "conflict", "temporary", "old", "away", "full",
    "readonly", "busy", "keep", "restore", "roll_back", "fold", *("bill",) * 4, *("offer",) * 2, *("answer",) * 3, "withdraw", "steal",
    "newer", "forge", "replay", "backlog", "photo",
)  # fmt: skip
steps = st.lists(
    st.builds(Step, st.sampled_from(ACTIONS), st.integers(0, 2), st.integers(0, 999), st.integers(0, 999)), max_size=28
)
long_steps = st.lists(
    st.builds(Step, st.sampled_from(ACTIONS), st.integers(0, 2), st.integers(0, 999), st.integers(0, 999)), max_size=80
)


@dataclass
class Site:
    office: Office
    disk: Disk
    clock: FixedClock
    kept: sqlite3.Connection | None = None
    at_keeping: int = 0  #: how much was confirmed when the copy was made
    went_back: bool = False
    confirmed: list[tuple[int, bytes]] = field(default_factory=list)


class World:
    """Three sites that know each other, made once; ``simulation`` gives them anew."""

    def __init__(self) -> None:
        self.root = Path(mkdtemp(prefix="fsconsole-simulated-"))
        self.workspace = Workspace(self.root)
        self.workspace.joined("LDS")
        self.workspace.joined("MAN")
        self.workspace.settle(2)
        for number, office in enumerate(self.workspace.offices):
            office.put("contract", CONTRACTS[number], ref=f"{SITES[number]}-C101", name="Care")
        self.workspace.settle(2)
        shared = self.workspace.shared
        self.files = {str(path.relative_to(shared)): path.read_bytes() for path in shared.rglob("*") if path.is_file()}
        self.stores = []
        self.outside: list[dict[Path, bytes]] = []
        for office in self.workspace.offices:
            office.store.raw.execute("PRAGMA synchronous = off")
            self.stores.append(_copy(office.store.raw))
            folder = office.home.data
            self.outside.append(
                {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".db" not in path.name}
            )

    def simulation(self, seed: int = 0) -> Simulation:
        for office, kept, outside in zip(self.workspace.offices, self.stores, self.outside, strict=True):
            kept.backup(office.store.raw)
            office.store.set_own()
            for path, data in outside.items():
                if path.read_bytes() != data:
                    path.write_bytes(data)
        return Simulation(self, seed)

    def close(self) -> None:
        self.workspace.close()
        shutil.rmtree(self.root)


def _sorted(site: Site) -> Any:
    store = site.office.store
    issued = grouped(store, "invoice_line", "contract", CONTRACTS)
    invoices = fetch_many(store, "invoice", [line.invoice for lines in issued.values() for line in lines if line.invoice])
    return right.sorted_out(store, "contract", issued, invoices)


def billed(site: Site) -> dict[str, int]:
    """What counts as billed here, by key."""
    found: dict[str, int] = {}
    for lines in _sorted(site)[0].values():
        for line in lines:
            found[line.key] = found.get(line.key, 0) + line.amount
    return found


def owed_back(site: Site) -> list[tuple[str, int]]:
    """What is owed back here for documents that were issued without the right."""
    strays = [stray for some in _sorted(site)[1].values() for stray in some]
    return sorted((one.key, one.amount) for one in right.credits(strays, job=None, contract=None, codes={}))


def _copy(conn: sqlite3.Connection) -> sqlite3.Connection:
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    conn.backup(kept)
    return kept


class Simulation:
    """One schedule at work."""

    def __init__(self, world: World, seed: int) -> None:
        self.random = Random(seed)
        self.sites: list[Site] = []
        self.past: list[dict[str, bytes]] = []
        self.numbers: list[str] = []
        self.stolen = False
        self.photos: dict[bytes, bytes] = {}
        self.latest = NOON
        for office in world.workspace.offices:
            disk = Disk(world.workspace.shared, world.files)
            clock = FixedClock(NOON + timedelta(minutes=5))
            office.disk, office.clock, office.draw = disk, clock, self.random.randbytes
            self.sites.append(Site(office, disk, clock))

    def play(self, schedule: list[Step]) -> None:
        for step in schedule:
            getattr(self, f"do_{step.what}")(self.sites[step.site], step)

    # --- what people do -----------------------------------------------------------------------------------------------

    def _save(self, site: Site, puts: list[Any]) -> None:
        act = Act(self.random.randbytes(16), "x", "edit")
        site.confirmed.append((save(site.office.store, act, puts, site.clock.now()), act.id))

    def do_edit(self, site: Site, step: Step) -> None:
        self._save(site, [put("job", ROWS[step.one % 4], **{FIELDS[step.two % 3]: f"{step.two % 7}"})])

    def do_fact(self, site: Site, step: Step) -> None:
        self._save(site, [put("labour", self.random.randbytes(16), job=ROWS[step.one % 4], minutes=step.two)])

    def do_number(self, site: Site, step: Step) -> None:
        try:
            with site.office.store.writing() as conn:
                number = take_number(site.office.store, conn)
                self._save(site, [put("invoice", self.random.randbytes(16), number=number, kind="invoice", net=step.one)])
        except Refused:
            return
        if not site.went_back:
            self.numbers.append(number)

    # --- who bills what -----------------------------------------------------------------------------------------------

    def _thing(self, site: Site, step: Step) -> Contract:
        found: Contract = fetch(site.office.store, "contract", CONTRACTS[step.one % 3])
        return found

    def _desk(self, site: Site) -> Desk:
        draw = self.random.randbytes
        return Desk(site.office.store, site.clock, lambda: draw(16), "x", override="sure", words="act", settling=False)

    def _act(self, site: Site, act: Callable[[], Done]) -> None:
        try:
            done = act()
        except Refused:
            return
        ((stamp,),) = site.office.store.sql("SELECT stamp FROM log WHERE act = ?", (done.act,))
        site.confirmed.append((stamp, done.act))

    def do_offer(self, site: Site, step: Step) -> None:
        self._act(site, lambda: hand_over.offer(self._desk(site), self._thing(site, step), SITES[step.two % 3]))

    def do_answer(self, site: Site, step: Step) -> None:
        answer = hand_over.accept if step.two % 4 else hand_over.decline
        self._act(site, lambda: answer(self._desk(site), self._thing(site, step)))

    def do_withdraw(self, site: Site, step: Step) -> None:
        owner = self.sites[0]
        self._act(owner, lambda: hand_over.withdraw(self._desk(owner), self._thing(owner, step), "gone"))

    def do_bill(self, site: Site, step: Step, *, stolen: bool = False) -> None:
        store, thing = site.office.store, self._thing(site, step)
        key = f"{thing.id.hex()}:fixed:{step.two % 4}"
        try:
            with store.writing() as conn:
                if not stolen:
                    right.must_hold(self._desk(site), thing)
                if not stolen and billed(site).get(key):
                    return
                number, invoice = take_number(store, conn), self.random.randbytes(16)
                line = put("invoice_line", self.random.randbytes(16), invoice=invoice, key=key, contract=thing.id, amount=AMOUNT)
                self._save(site, [put("invoice", invoice, number=number, kind="invoice", net=AMOUNT, origin="ours"), line])
        except Refused:
            return
        if not site.went_back:
            self.numbers.append(number)

    def do_steal(self, site: Site, step: Step) -> None:
        """Software that bills what is not its to bill."""
        stolen = not right.may_bill(site.office.store, self._thing(site, step))
        self.do_bill(site, step, stolen=stolen)
        self.stolen = self.stolen or stolen

    # --- what others' software writes ---------------------------------------------------------------------------------

    def do_newer(self, site: Site, step: Step) -> None:
        """A version that knows more columns."""
        self._save(site, [Put(30, ROWS[step.one % 4], {7: f"{step.two % 7}", 55 + step.two % 3: "later"})])

    def do_forge(self, site: Site, step: Step) -> None:
        """Somebody who may write the folder lays a file there under a name of ours."""
        if name := self._pick(site, step, ".fsl"):
            folder, _, last = name.rpartition("/")
            number = int(last.partition("-")[0], 16) + step.two % 3
            odd = f"{folder}/{names.segment(number, number + step.two % 2)}"
            if odd not in site.disk.files:
                site.disk.files[odd] = self.random.randbytes(40 + step.two)

    def do_replay(self, site: Site, step: Step) -> None:
        """A true file under another name: an old one again, or one site's among another's."""
        name, other = self._pick(site, step, ".fsl"), self._pick(site, Step("", 0, step.two, 0), ".fsl")
        if name and other:
            folder = other.rpartition("/")[0]
            span = names.read_segment(name.rpartition("/")[2]) or (1, 1)
            odd = f"{folder}/{names.segment(span[0] + step.two % 2, span[1] + step.two % 2)}"
            site.disk.files.setdefault(odd, site.disk.files[name])

    def do_backlog(self, site: Site, step: Step) -> None:
        """Much at once, in many acts."""
        for number in range(40):
            self.do_edit(site, Step("edit", step.site, step.one + number, step.two + number))

    def do_photo(self, site: Site, step: Step) -> None:
        data = self.random.randbytes(200)
        with site.office.store.writing() as conn:
            conn.execute("INSERT OR IGNORE INTO blob (digest, bytes, kind) VALUES (?, ?, 'file')", (sha256(data).digest(), data))
            about = ROWS[step.one % 4]
            self._save(site, [put("attachment", self.random.randbytes(16), about=about, digest=sha256(data).digest(), size=200)])
        if not site.went_back:
            self.photos[sha256(data).digest()] = data

    # --- what machines do ---------------------------------------------------------------------------------------------

    def do_sync(self, site: Site, step: Step) -> None:
        site.office.sync()

    def do_wait(self, site: Site, step: Step) -> None:
        for one in self.sites:
            one.clock.move(one.clock.now() + timedelta(seconds=step.one))

    def do_jump(self, site: Site, step: Step) -> None:
        days = (-3650, -1, 1, 3650)[step.one % 4]
        site.clock.move(NOON + timedelta(days=days))
        self.latest = max(self.latest, site.clock.now())

    def do_kill(self, site: Site, step: Step) -> None:
        site.disk.left = step.one % 90
        try:
            site.office.sync()
        except Killed:
            pass
        finally:
            site.disk.left = None
        assert not site.office.store.raw.in_transaction

    def do_plug(self, site: Site, step: Step) -> None:
        self.do_kill(site, step)
        site.disk.pull_the_plug()

    @contextmanager
    def _trouble(self, site: Site, **trouble: Any) -> Iterator[None]:
        before = {name: getattr(site.disk, name) for name in trouble}
        for name, value in trouble.items():
            setattr(site.disk, name, value)
        yield
        for name, value in before.items():
            setattr(site.disk, name, value)

    def do_away(self, site: Site, step: Step) -> None:
        with self._trouble(site, away=True):
            assert not site.office.sync().online

    def do_full(self, site: Site, step: Step) -> None:
        with self._trouble(site, refuses=errno.ENOSPC):
            site.office.sync()

    def do_readonly(self, site: Site, step: Step) -> None:
        with self._trouble(site, refuses=errno.EROFS):
            site.office.sync()

    def do_busy(self, site: Site, step: Step) -> None:
        with self._trouble(site, busy=step.one % 9):
            site.office.sync()

    def do_fold(self, site: Site, step: Step) -> None:
        site.disk.folding = not site.disk.folding

    def do_keep(self, site: Site, step: Step) -> None:
        site.kept, site.at_keeping = _copy(site.office.store.raw), len(site.confirmed)

    def do_restore(self, site: Site, step: Step) -> None:
        if self._back(site):
            site.office.store.set_own(restoring=1, publisher="")

    def do_roll_back(self, site: Site, step: Step) -> None:
        """The machine is put back to an earlier state as a whole: nothing tells it so but the folder."""
        if self._back(site):
            site.office.sync()

    def _back(self, site: Site) -> bool:
        if site.kept is None:
            return False
        site.kept.backup(site.office.store.raw)
        site.office.store.set_own()
        # What was saved since, and went out to nobody, cannot be known any more.
        del site.confirmed[site.at_keeping :]
        site.went_back = True
        return True

    # --- what lies between them ---------------------------------------------------------------------------------------

    def _moves(self, source: Site, target: Site) -> list[str]:
        """Files that a sync tool would carry: what is missing, and what the author has otherwise."""
        number = names.site(source.office.store.site)
        return sorted(
            name
            for name, data in source.disk.files.items()
            if not Path(name).name.startswith("~syncthing~")
            and (name not in target.disk.files or (target.disk.files[name] != data and f"s/{number}/" in name))
        )

    def _carry(self, source: Site, target: Site, chosen: list[str]) -> None:
        for name in chosen:
            target.disk.files[name] = source.disk.files[name]
            target.disk.folders |= {str(parent) for parent in Path(name).parents if str(parent) != "."}

    def do_carry(self, site: Site, step: Step) -> None:
        target = self.sites[(step.site + 1 + step.one % 2) % 3]
        moves = self._moves(site, target)
        self._carry(site, target, self.random.sample(moves, min(len(moves), 1 + step.two % 5)))

    def do_everything(self, site: Site, step: Step) -> None:
        for source in self.sites:
            for target in self.sites:
                if source is not target:
                    self._carry(source, target, self._moves(source, target))

    def _pick(self, site: Site, step: Step, ending: str = "") -> str | None:
        there = sorted(name for name in site.disk.files if name.startswith(("s/", "m/")) and name.endswith(ending))
        return there[step.one % len(there)] if there else None

    def _harm(self, site: Site, step: Step, change: Callable[[bytes], bytes]) -> None:
        if name := self._pick(site, step):
            site.disk.files[name] = change(site.disk.files[name])

    def do_tear(self, site: Site, step: Step) -> None:
        self._harm(site, step, lambda data: data[: len(data) * (step.two % 10) // 10])

    def do_empty(self, site: Site, step: Step) -> None:
        self._harm(site, step, lambda data: b"")

    def do_flip(self, site: Site, step: Step) -> None:
        def flip(data: bytes) -> bytes:
            at = step.two * 7919 % len(data) if data else 0
            return data[:at] + bytes([data[at] ^ 1 << step.two % 8]) + data[at + 1 :] if data else data

        self._harm(site, step, flip)

    def do_lose(self, site: Site, step: Step) -> None:
        if name := self._pick(site, step):
            del site.disk.files[name]
            if step.two % 3 == 0:  # a peer deleted it, and the sync tool carries that on
                for other in self.sites:
                    other.disk.files.pop(name, None)

    def do_conflict(self, site: Site, step: Step) -> None:
        if name := self._pick(site, step):
            stem, _, ending = name.rpartition(".")
            odd = (f"{stem}.sync-conflict-20260303-120000-ABCDEFG.{ending}", f"{stem} (1).{ending}", f"{name.upper()}")[
                step.two % 3
            ]
            site.disk.files[odd] = site.disk.files[name][: step.two]

    def do_temporary(self, site: Site, step: Step) -> None:
        if name := self._pick(site, step):
            folder, _, last = name.rpartition("/")
            odd = (f".syncthing.{last}.tmp", f"~syncthing~{last}.tmp", f"{last}.part", f".{last}.icloud", f"~${last}")[
                step.two % 5
            ]
            site.disk.files[f"{folder}/{odd}"] = b"half of"

    def do_old(self, site: Site, step: Step) -> None:
        """The copy of the folder as it was some time ago: a backup of it was put back, or it was frozen."""
        self.past.append(dict(site.disk.files))
        site.disk.files = dict(self.past[step.one % len(self.past)])

    # --- the laws -----------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Heals every fault, lets everything arrive, and checks the laws."""
        latest = max(self.latest, *(site.clock.now() for site in self.sites)) + timedelta(days=2)
        for site in self.sites:
            site.disk.folding = False
            site.clock.move(latest)
        for _ in range(7):
            for site in self.sites:
                site.office.sync()
            self.do_everything(self.sites[0], Step("everything", 0, 0, 0))
            if len({digest(site.office.store) for site in self.sites}) == 1 and not self._waits():
                break
        stores = [site.office.store for site in self.sites]
        assert len({digest(store) for store in stores}) == 1, self._told()
        for store in stores:
            logged = store.sql("SELECT stamp, act FROM log")
            acts = {act for _, act in logged}
            for site in self.sites:
                lost = [act for _, act in site.confirmed if act not in acts]
                assert not lost, f"{len(lost)} saves of {site.office.store.code} are lost at {store.code}"
            if not any(site.went_back for site in self.sites):
                assert len({stamp for stamp, _ in logged}) == len(logged)
            assert len(acts) == len(logged)
            in_frames = store.sql("SELECT site, epoch, seq FROM frame GROUP BY site, epoch, seq HAVING count(*) > 1")
            assert not in_frames or any(site.went_back for site in self.sites), in_frames
        for site in self.sites:
            stamps = [stamp for stamp, _ in site.confirmed]
            assert site.went_back or stamps == sorted(set(stamps))
        numbers = [row[0] for row in stores[0].sql("SELECT number FROM invoice")]
        assert len(set(self.numbers)) == len(self.numbers)
        assert len(set(numbers)) == len(numbers) or any(site.went_back for site in self.sites)
        self._money()
        parked = {str(store.sql("SELECT kind, row, field, stamp, value FROM parked ORDER BY 1, 2, 3, 4")) for store in stores}
        assert len(parked) == 1, parked

    def _money(self) -> None:
        """Nothing is billed twice; what was billed without the right is owed back, at every site alike."""
        wrong = any(site.went_back for site in self.sites)
        told = [owed_back(site) for site in self.sites]
        assert told[0] == told[1] == told[2]
        for site in self.sites:
            standings = right.standings(site.office.store, "contract", CONTRACTS)
            sums = billed(site)
            # A site that went back may not know what it billed since: then the difference drafts the credit.
            assert wrong or all(amount == AMOUNT for amount in sums.values()), sums
            lines = site.office.store.sql("SELECT key, contract, amount, stamp FROM invoice_line WHERE key <> ''")
            astray = sum(not standings[thing].held(stamp & 2047, stamp) for _, thing, _, stamp in lines)
            assert sum(-amount for _, amount in owed_back(site)) == astray * AMOUNT
            assert self.stolen or wrong or self._withdrew() or not astray
            assert sum(sums.values()) + astray * AMOUNT == sum(amount for _, _, amount, _ in lines)

    def _withdrew(self) -> bool:
        return bool(self.sites[0].office.store.one("SELECT 1 FROM withdrawal"))

    def rebuilt(self) -> None:
        """Each store is what its log says."""
        for site in self.sites:
            store = site.office.store
            before = digest(store)
            with store.writing() as conn:
                replay.rebuild(conn)
            assert digest(store) == before

    def _waits(self) -> bool:
        return any(
            site.office.store.one("SELECT 1 FROM cursor WHERE state <> 'live' AND state <> 'forked'") for site in self.sites
        )

    def _told(self) -> str:
        return "\n".join(
            f"{site.office.store.code}: {site.office.store.sql('SELECT site, epoch, seq FROM tip')} {site.office.sync().says}"
            for site in self.sites
        )

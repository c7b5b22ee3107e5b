"""Every row of the catalogue of faults has its test, and the rows that need one of their own have it here."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from fsconsole.changes import names
from fsconsole.store.opening import open_store
from fsconsole.sync import collect, proof
from fsconsole.sync.folder import WAITS, Folder, Named, RealDisk
from fsconsole.sync.status import summary
from tests.sync.faults import FAULTS, proofs, table
from tests.sync.made import Office, Workspace, digest, files

Pair = tuple[Workspace, Office, Office]
README = Path(__file__).with_name("README.md")


def test_every_row_of_the_catalogue_has_a_test() -> None:
    assert [row for row, tests in proofs().items() if not tests] == []
    assert list(FAULTS) == list(range(1, 35))


def test_the_readme_of_these_tests_lists_them() -> None:
    before, mark, _ = README.read_text(encoding="utf-8").partition("<!-- table -->\n")
    whole = before + mark + table()
    if os.environ.get("UPDATE_README"):
        README.write_text(whole, encoding="utf-8")
    assert README.read_text(encoding="utf-8") == whole


def test_05_a_conflict_copy_of_a_file_of_ours_is_left_alone_whatever_it_holds(pair: Pair) -> None:
    workspace, ldn, lds = pair
    ldn.job("One")
    ldn.sync()
    path = files(workspace.shared / "s" / "0001", ".fsl")[-1]
    odd = [
        path.with_name(f"{path.stem}{end}.fsl")
        for end in (".sync-conflict-20260303-120000-ABCDEFG", " (1)", " 2", "-LAPTOP", " (amy's conflicted copy 2026-03-03)", "_conflict-1")
    ]
    for number, one in enumerate(odd):
        one.write_bytes(path.read_bytes()[: len(path.read_bytes()) - number])
    workspace.settle()
    assert lds.titles() == ["One"]
    assert all(one.exists() for one in odd)
    assert not lds.store.sql("SELECT 1 FROM held")


def test_07_a_rename_refused_for_minutes_delays_the_file_and_loses_nothing(pair: Pair) -> None:
    workspace, ldn, lds = pair

    class Locked(RealDisk):
        """A virus scanner holds every fresh file."""

        waited = 0.0

        def rename(self, path: Path, to: Path) -> None:
            raise PermissionError(errno.EACCES, "held by another program", str(path))

        def wait(self, seconds: float) -> None:
            self.waited += seconds

    ldn.disk = locked = Locked()
    ldn.job("One")
    rounds = 0
    while locked.waited < 60:
        assert any("cannot be written" in says or "did not take" in says for says in ldn.sync().says)
        rounds += 1
        assert rounds < 200
    assert locked.waited >= sum(WAITS)
    assert not [path for path in files(workspace.shared) if path.stat().st_size == 0]
    ldn.disk = None
    workspace.settle()
    assert lds.titles() == ["One"]


def test_23_a_backlog_is_taken_lot_by_lot_and_a_reader_killed_between_them_goes_on(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, ldn, lds = pair
    for number in range(60):
        ldn.job(f"Job {number}", details="x" * 500)
        ldn.sync()
    lots: list[int] = []
    real = collect.Collector._take

    def counted(self: collect.Collector, *given: object) -> object:
        lots.append(1)
        if len(lots) == 25:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(collect, "LOT", 1_500)
    monkeypatch.setattr(collect.Collector, "__init__", _with_lot(collect.Collector.__init__, 1_500))
    lds.store.close()
    killed = 0
    for _ in range(2):
        child = os.fork()
        if child == 0:
            collect.Collector._take = counted  # type: ignore[method-assign,assignment]
            lds.store = open_store(lds.home.store)
            lds.sync()
            os._exit(0)
        killed += os.waitpid(child, 0)[1] != 0
    assert killed == 2
    lds.reopen()
    already = len(lds.titles())
    assert 0 < already < 60
    lds.sync()
    assert len(lds.titles()) == 60
    workspace.settle()
    assert digest(ldn.store) == digest(lds.store)
    assert proof.prove(lds.store, lds.home).good


def _with_lot(make: object, lot: int) -> object:
    def init(self: object, *given: object, **more: object) -> None:
        make(self, *given, **{**more, "lot": lot})  # type: ignore[operator]

    return init


def test_34_a_look_at_ten_thousand_files_lists_each_directory_once_and_opens_none(tmp_path: Path) -> None:
    class Counted(RealDisk):
        scans = 0
        reads = 0

        def scan(self, folder: Path) -> list[Named]:
            self.scans += 1
            return super().scan(folder)

        def read(self, path: Path) -> bytes:
            self.reads += 1
            return super().read(path)

    for site in range(1, 11):
        folder = tmp_path / names.SITES / names.site(site) / names.epoch((1 << 32) + 7)
        folder.mkdir(parents=True)
        for first in range(1, 1001):
            (folder / names.segment(first, first)).write_bytes(b"x")
    disk = Counted()
    listing = Folder(tmp_path, disk).listing()
    assert sum(map(len, listing.segments.values())) == 10_000
    assert (disk.scans, disk.reads) == (1 + 10 + 10, 0)


def test_22_silence_is_on_the_line_that_every_screen_shows(pair: Pair) -> None:
    workspace, ldn, _ = pair
    workspace.settle()
    assert summary(ldn.store, workspace.clock.now()).level == "synced"
    workspace.later(days=2)
    assert summary(ldn.store, workspace.clock.now()).level == "behind"
    workspace.later(days=6)
    assert summary(ldn.store, workspace.clock.now()).level == "stopped"

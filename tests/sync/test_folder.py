"""The shared folder's discipline: nothing half written, nothing replaced, nothing written where no marker stands."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fsconsole.sync.folder import Folder, FolderError, Named, RealDisk, Trouble
from tests.sync.made import Office, Workspace, digest, files

Pair = tuple[Workspace, Office, Office]


class Failing(RealDisk):
    """A disk on which one kind of call fails with one error, as often as told."""

    def __init__(self, call: str, number: int, times: int = 1_000_000) -> None:
        self.call, self.number, self.times = call, number, times
        self.waited = 0.0

    def _may(self, call: str) -> None:
        if call == self.call and self.times > 0:
            self.times -= 1
            raise OSError(self.number, os.strerror(self.number))

    def make_folder(self, path: Path) -> None:
        self._may("make_folder")
        super().make_folder(path)

    def write(self, path: Path, data: bytes) -> None:
        if self.call == "write" and self.times > 0:
            super().write(path, data[: len(data) // 2])
        self._may("write")
        super().write(path, data)

    def sync(self, path: Path) -> None:
        self._may("sync")
        super().sync(path)

    def rename(self, path: Path, to: Path) -> None:
        self._may("rename")
        super().rename(path, to)

    def sync_folder(self, path: Path) -> None:
        self._may("sync_folder")
        super().sync_folder(path)

    def wait(self, seconds: float) -> None:
        self.waited += seconds


def test_a_file_is_written_once_and_the_same_bytes_again_are_no_news(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.put("m/a.fsm", b"one")
    assert not folder.put("m/a.fsm", b"one")
    assert [path.name for path in files(tmp_path)] == ["a.fsm"]


@pytest.mark.fault(7)
def test_a_name_that_holds_other_bytes_is_never_replaced(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("m/a.fsm", b"one")
    with pytest.raises(FolderError) as caught:
        folder.put("m/a.fsm", b"two")
    assert caught.value.trouble is Trouble.TAKEN
    assert (tmp_path / "m" / "a.fsm").read_bytes() == b"one"


@pytest.mark.fault(7)
def test_a_rename_that_is_refused_for_a_moment_is_tried_again(tmp_path: Path) -> None:
    disk = Failing("rename", errno.EBUSY, times=3)
    Folder(tmp_path, disk).put("m/a.fsm", b"one")
    assert (tmp_path / "m" / "a.fsm").read_bytes() == b"one"
    assert disk.waited > 0


@pytest.mark.fault(26)
@pytest.mark.parametrize("call", ["write", "sync", "rename", "sync_folder"])
@pytest.mark.parametrize(
    ("number", "trouble"), [(errno.ENOSPC, Trouble.FULL), (errno.EROFS, Trouble.READ_ONLY), (errno.EIO, Trouble.BUSY)]
)
def test_whatever_call_fails_no_half_file_stands_under_a_name_and_the_next_try_heals(
    tmp_path: Path, call: str, number: int, trouble: Trouble
) -> None:
    with pytest.raises(FolderError) as caught:
        Folder(tmp_path, Failing(call, number)).put("m/a.fsm", b"a whole file")
    assert caught.value.trouble is trouble
    assert all(path.read_bytes() == b"a whole file" for path in files(tmp_path, ".fsm"))
    Folder(tmp_path).put("m/a.fsm", b"a whole file")
    assert [path.read_bytes() for path in files(tmp_path, ".fsm")] == [b"a whole file"]


@pytest.mark.fault(5, 6)
def test_only_strict_names_are_looked_at(pair: Pair) -> None:
    workspace, ldn, lds = pair
    ldn.job("One")
    ldn.sync()
    first = files(workspace.shared / "s" / "0001", ".fsl")[-1]
    stem, data = first.name.removesuffix(".fsl"), first.read_bytes()
    for name in (
        f"{stem}.sync-conflict-20261121-235203-RWQL5JO.fsl", f"{stem} (1).fsl", f"{stem} 2.fsl", f"{stem}-OFFICE-PC.fsl",
        f"{stem} (amy's conflicted copy 2026-03-03).fsl", f".syncthing.{stem}.fsl.tmp", f"~syncthing~{stem}.fsl.tmp", f"{stem}.part",
        f".{stem}.fsl.icloud", f"~${stem}.fsl", f".~lock.{stem}.fsl#", f"{stem}.FSL", f"{stem}_conflict-1.fsl",
    ):  # fmt: skip
        (first.parent / name).write_bytes(data[::-1])
    (workspace.shared / "s" / "zzzz").mkdir()
    (workspace.shared / "s" / "0009").write_bytes(b"a file where a folder should be")
    workspace.settle()
    assert lds.titles() == ["One"]
    assert lds.sync().says == ldn.sync().says == ()
    assert digest(ldn.store) == digest(lds.store)


@pytest.mark.fault(9)
def test_modification_times_change_nothing(pair: Pair) -> None:
    workspace, ldn, lds = pair
    for number, seconds in enumerate((315_532_800, 2_524_608_000, 0)):
        ldn.job(f"Job {number}")
        ldn.sync()
        for path in files(workspace.shared):
            os.utime(path, (seconds, seconds))
        lds.sync()
    assert lds.titles() == ["Job 0", "Job 1", "Job 2"]


@pytest.mark.fault(15)
def test_a_folder_without_its_marker_is_offline_and_nothing_is_written_there(pair: Pair) -> None:
    workspace, ldn, lds = pair
    marker = workspace.shared / "fsconsole.ws"
    data = marker.read_bytes()
    marker.unlink()
    before = files(workspace.shared)
    ldn.job("Waits")
    report = ldn.sync()
    assert not report.online
    assert "no workspace's marker" in report.in_words()
    assert files(workspace.shared) == before
    marker.write_bytes(data)
    workspace.settle()
    assert lds.titles() == ["Waits"]


@pytest.mark.fault(15)
def test_an_empty_mount_point_is_offline_and_loses_nothing(pair: Pair) -> None:
    workspace, ldn, lds = pair
    ldn.job("One")
    workspace.settle()
    away = workspace.root / "away"
    workspace.shared.rename(away)
    workspace.shared.mkdir()
    before = digest(ldn.store)
    assert not ldn.sync().online
    assert files(workspace.shared) == []
    assert digest(ldn.store) == before
    workspace.shared.rmdir()
    assert "is not there" in ldn.sync().in_words()
    away.rename(workspace.shared)
    workspace.settle()
    assert digest(ldn.store) == digest(lds.store)


@pytest.mark.fault(15, 20)
def test_another_workspaces_folder_is_refused(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, _lds = pair
    other = Workspace(_made(tmp_path / "other"), seed=9)
    (workspace.shared / "fsconsole.ws").write_bytes((other.shared / "fsconsole.ws").read_bytes())
    report = ldn.sync()
    assert not report.online
    assert "another workspace" in report.in_words()
    other.close()


def _made(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.fault(26, 27)
@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC])
def test_a_folder_that_takes_nothing_still_gives_and_the_queue_goes_out_later(pair: Pair, number: int) -> None:
    workspace, ldn, lds = pair
    lds.job("Theirs")
    lds.sync()
    ldn.job("Ours")
    ldn.disk = Failing("write", number)
    report = ldn.sync()
    assert report.taken == 1
    assert report.sent == 0
    assert any(word in report.in_words() for word in ("full", "cannot be written"))
    assert not [path for path in files(workspace.shared) if path.name.endswith(".tmp")]
    ldn.disk = None
    workspace.settle()
    assert lds.titles() == ["Ours", "Theirs"]


@pytest.mark.fault(2, 28)
def test_empty_files_and_folders_in_place_of_files_are_not_here_yet(pair: Pair) -> None:
    workspace, ldn, lds = pair
    ldn.job("One")
    ldn.sync()
    path = files(workspace.shared / "s" / "0001", ".fsl")[-1]
    data = path.read_bytes()
    path.write_bytes(b"")
    lds.sync()
    assert lds.titles() == []
    path.write_bytes(data)
    lds.sync()
    assert lds.titles() == ["One"]


def test_a_scan_names_sizes_and_folders(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "file").write_bytes(b"123")
    assert Folder(tmp_path).names("") == [Named("file", 3), Named("sub", -1)]

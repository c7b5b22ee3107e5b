"""A store lies on a local disk that may fill up or be read-only: nothing confirmed is lost, and each is said in a sentence."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fsconsole.cli import run as main
from fsconsole.doctor import examine
from fsconsole.errors import FsError, StoreError
from fsconsole.store import mounts
from fsconsole.store.mounts import mount_of
from fsconsole.store.opening import open_store
from fsconsole.sync.proof import prove
from tests.sync.made import NOON, Office, Workspace, digest, files

ROOT = Path(__file__).resolve().parents[2]


def mounted(monkeypatch: pytest.MonkeyPatch, folder: Path, *lines: str) -> None:
    table = folder / "mounts"
    table.write_text("\n".join(["/dev/sda1 / ext4 rw 0 0", *lines]) + "\n")
    monkeypatch.setattr(mounts, "MOUNTS", table)


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.rclone", "fuse", "davfs", "ceph"])
def test_29_a_store_on_a_network_or_fuse_mount_is_refused_with_what_to_do_unless_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    there = tmp_path / "on the server"
    there.mkdir()
    escaped = str(there).replace(" ", "\\040")
    mounted(monkeypatch, tmp_path, f"server:/x {escaped} {kind} rw 0 0")
    with pytest.raises(StoreError, match=f"which is {kind}: a store there can be damaged") as told:
        open_store(there / "site.db")
    assert "local disk" in told.value.instead
    assert not (there / "site.db").exists()
    monkeypatch.setenv(mounts.OVERRIDE, "1")
    open_store(there / "site.db").close()
    assert (there / "site.db").exists()


@pytest.mark.parametrize(
    "line",
    ["none {} 9p rw,trans=fd,aname=/ 0 0", "x {} fuse.fuse-overlayfs rw 0 0", "/dev/sdb {} fuseblk rw 0 0", "t {} tmpfs rw 0 0",
     "s {}/deeper nfs rw 0 0", "broken"],
)  # fmt: skip
def test_29_a_local_disk_is_taken_whatever_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    mounted(monkeypatch, tmp_path, line.format(tmp_path))
    open_store(tmp_path / "site.db").close()


def test_29_of_two_mounts_on_one_point_the_later_counts_and_a_root_is_never_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted(monkeypatch, tmp_path, f"a {tmp_path} ext4 rw 0 0", f"b {tmp_path} nfs4 rw 0 0")
    assert mount_of(tmp_path / "site.db").remote
    mounted(monkeypatch, tmp_path, "server:/root / nfs rw 0 0")
    assert not mount_of(tmp_path / "site.db").remote


def test_29_the_doctor_says_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path)
    home = workspace.first.home
    workspace.close()
    mounted(monkeypatch, tmp_path, f"server:/x {home.data} nfs rw 0 0")
    found = {one.what: one for one in examine(home, NOON)}
    assert not found["store"].good
    assert "local disk" in found["store"].instead


# --- a disk that is full ----------------------------------------------------------------------------------------------


@contextmanager
def cramped(size: int) -> Iterator[None]:
    """No file can grow beyond this many bytes: a write there ends as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def try_all(office: Office, number: int) -> tuple[bytes | None, str]:
    """(the job that was confirmed, what was said): save and exchange, whatever the disk says."""
    confirmed = None
    said = ""
    try:
        confirmed = office.job(f"Job {number}", details="x" * 600)
        said = " ".join(office.sync().says)
    except FsError as error:
        said = str(error)
    return confirmed, said


def sweep(tmp_path: Path, step: int) -> None:
    workspace = Workspace(tmp_path)
    ldn, lds = workspace.first, workspace.joined("LDS")
    workspace.settle()
    confirmed: list[bytes] = []
    refused = 0
    for office in (ldn, lds):
        largest = max(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
        for size in range(0, largest + 40_000, step):
            with cramped(size):
                row, said = try_all(office, size)
            if row is not None:
                confirmed.append(row)
            else:
                refused += 1
                assert "Nothing was saved" in said, said
                assert "Check the disk" in said or "room" in said, said
            assert not office.store.raw.in_transaction
            # With room again, work goes on without a new start.
            again, said = try_all(office, size + 1)
            assert again is not None, said
            confirmed.append(again)
    for path in files(workspace.shared):
        assert path.stat().st_size > 0, path
    workspace.settle()
    assert refused > 2
    for office in (ldn, lds):
        there = {row[0] for row in office.store.sql("SELECT id FROM job")}
        assert set(confirmed) <= there
        assert prove(office.store, office.home).good
    assert digest(ldn.store) == digest(lds.store)
    workspace.close()


def test_26_a_full_disk_at_any_write_loses_nothing_confirmed_is_said_and_heals(tmp_path: Path) -> None:
    sweep(tmp_path, 71_000)


@pytest.mark.long
def test_26_a_full_disk_at_every_page_of_every_file(tmp_path: Path) -> None:
    sweep(tmp_path, 4_096)


def test_26_a_full_store_still_reads_and_says_so(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    office = workspace.first
    office.job("Before")
    raw = office.store.raw
    (pages,) = raw.execute("PRAGMA page_count").fetchone()
    raw.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for number in range(500):
            office.job(f"Job {number}", details="x" * 2000)

    with pytest.raises(StoreError, match="Nothing was saved: database or disk is full"):
        fill()
    assert "Before" in office.titles()
    raw.execute("PRAGMA max_page_count = 1000000")
    office.job("After")
    assert "After" in office.titles()
    workspace.close()


# --- a disk that cannot be written ------------------------------------------------------------------------------------

READ_ONLY = """
import os, shutil, sys
from fsconsole.cli import run as main
# Once where it is allowed: what Python loads on demand may not be readable afterwards.
shutil.copytree(sys.argv[2], sys.argv[2] + "-scratch")
os.system(f"chmod -R u+w {sys.argv[2]}-scratch")
main([sys.argv[1], sys.argv[2] + "-scratch", *sys.argv[3:]])
print("---")
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
sys.exit(main(sys.argv[1:]))
"""


def as_nobody(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", READ_ONLY, *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_27_a_home_that_another_user_may_not_write_is_said_in_a_sentence(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    home = workspace.first.home.data
    workspace.close()
    for path in (home, *home.rglob("*")):
        os.chmod(path, 0o555 if path.is_dir() else 0o444)
    opened = []
    for folder in (tmp_path, *tmp_path.parents):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            os.chmod(folder, mode | 0o011)
            opened.append((folder, mode))
    try:
        told = as_nobody("--home", str(home), "do", "client Acme")
    finally:
        for folder, mode in opened:
            os.chmod(folder, mode)
        for path in (home, *home.rglob("*")):
            os.chmod(path, 0o755 if path.is_dir() else 0o644)
    assert told.returncode == 1, told
    assert "Traceback" not in told.stderr
    assert "cannot be written" in told.stderr or "Nothing was saved" in told.stderr, told.stderr


def test_27_a_home_below_a_folder_that_another_user_may_not_enter_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, *args: object, **kwargs: object) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    for words in (["list", "jobs"], ["sync"], ["verify"]):
        assert main(["--home", str(tmp_path / "closed"), *words]) == 1
        said = capsys.readouterr().err
        assert "cannot be used (Permission denied). Give this user the right to it" in said

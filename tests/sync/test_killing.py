"""Killed at any moment of save, frame, publish and read: nothing that was confirmed is lost, nothing is applied twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from fsconsole.clock import Clock
from fsconsole.sync.folder import RealDisk
from fsconsole.sync.proof import prove
from tests.sync.made import Office, Workspace, digest

ROOT = Path(__file__).resolve().parents[2]


def run_and_kill(home: Path, seed: int, seconds: float) -> set[str]:
    """What a process confirmed until it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sync.killed", str(home), str(seed)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    return {line for line in (first + rest).splitlines() if len(line) == 32}


@pytest.mark.fault(13)
def test_kill_9_at_random_moments_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    lds = workspace.joined("LDS")
    ldn = workspace.first
    workspace.settle()
    random = Random(5)
    confirmed: set[str] = set()
    for seed in range(8):
        office = (ldn, lds)[seed % 2]
        office.store.close()
        confirmed |= run_and_kill(office.home.data, seed, random.uniform(0.01, 0.35))
        office.reopen()
    for office in (ldn, lds):
        office.clock = Clock()  # type: ignore[assignment]
    workspace.settle()
    assert len(confirmed) > 16
    for office in (ldn, lds):
        there = {row[0].hex() for row in office.store.sql("SELECT id FROM job")}
        assert confirmed <= there
        proof = prove(office.store, office.home)
        assert proof.good, proof.in_words()
    assert digest(ldn.store) == digest(lds.store)
    workspace.close()


def sweep(tmp_path: Path, step: int) -> None:
    """Kills a process of each of two sites at every ``step``-th statement, and checks that nothing confirmed is lost."""
    workspace = Workspace(tmp_path)
    lds, ldn = workspace.joined("LDS"), workspace.first
    workspace.settle()
    confirmed: set[str] = set()
    for office, other in ((ldn, lds), (lds, ldn)):
        ldn.store.close()
        lds.store.close()
        told = subprocess.run(
            [sys.executable, "-m", "tests.sync.swept", str(office.home.data), str(other.home.data), "3", str(step)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        assert int(told[-1].removeprefix("killed ")) > 150, told[-1]
        confirmed |= {line for line in told if len(line) == 32}
        for one in (ldn, lds):
            one.reopen()
    for office in (ldn, lds):
        office.clock = Clock()  # type: ignore[assignment]
    workspace.settle()
    for office in (ldn, lds):
        assert confirmed <= {row[0].hex() for row in office.store.sql("SELECT id FROM job")}
        assert not office.store.sql("SELECT 1 FROM log GROUP BY act HAVING count(*) > 1")
        assert not office.store.sql("SELECT 1 FROM frame GROUP BY site, epoch, seq HAVING count(*) > 1")
        proof = prove(office.store, office.home)
        assert proof.good, proof.in_words()
    assert digest(ldn.store) == digest(lds.store)
    workspace.close()


def test_13_killed_at_a_statement_of_save_frame_publish_or_read_the_next_process_goes_on(tmp_path: Path) -> None:
    sweep(tmp_path, 43)


@pytest.mark.long
def test_13_killed_at_every_statement_of_save_frame_publish_and_read(tmp_path: Path) -> None:
    sweep(tmp_path, 1)


def test_30_eight_processes_save_and_exchange_at_once_and_half_of_them_are_killed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    ldn, lds = workspace.first, workspace.joined("LDS")
    workspace.settle()
    ldn.store.close()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.sync.killed", str(ldn.home.data), str(seed)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for seed in range(8)
    ]  # fmt: skip
    confirmed = [process.stdout.readline().strip() for process in processes if process.stdout]
    for process in processes:
        if process is not processes[0]:
            process.kill()
    time.sleep(0.2)
    processes[0].kill()
    for process in processes:
        out, trouble = process.communicate()
        assert "Traceback" not in trouble, trouble
        confirmed += [line for line in out.splitlines() if len(line) == 32]
    ldn.reopen()
    ldn.clock = lds.clock = Clock()  # type: ignore[assignment]
    workspace.settle()
    assert len(set(confirmed)) >= 8
    for office in (ldn, lds):
        assert set(confirmed) <= {row[0].hex() for row in office.store.sql("SELECT id FROM job")}
        stamps = [row[0] for row in office.store.sql("SELECT stamp FROM log")]
        assert len(stamps) == len(set(stamps))
        assert prove(office.store, office.home).good  # each batch stands in a frame, each frame in the log
    own = ldn.store.sql("SELECT count(*), count(DISTINCT seq) FROM frame WHERE site = 1")[0]
    assert own[0] == own[1]
    workspace.close()


class Killed(BaseException):
    """The process is gone."""


class Dying(RealDisk):
    """A disk on which the process dies at the n-th call, a write torn in the middle."""

    def __init__(self, left: int) -> None:
        self.left = left

    def _tick(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed

    def read(self, path: Path) -> bytes:
        self._tick()
        return super().read(path)

    def write(self, path: Path, data: bytes) -> None:
        if self.left == 0:
            super().write(path, data[: len(data) // 2])
        self._tick()
        super().write(path, data)

    def sync(self, path: Path) -> None:
        self._tick()
        super().sync(path)

    def rename(self, path: Path, to: Path) -> None:
        self._tick()
        super().rename(path, to)

    def sync_folder(self, path: Path) -> None:
        self._tick()
        super().sync_folder(path)

    def remove(self, path: Path) -> None:
        self._tick()
        super().remove(path)


def _exchange_until_killed(office: Office, at: int) -> bool:
    office.disk = Dying(at)
    try:
        office.sync()
    except Killed:
        return True
    finally:
        office.disk = None
        office.reopen()
    return False


@pytest.mark.fault(13)
@pytest.mark.parametrize("who", [0, 1])
def test_killed_at_every_call_to_the_folder_the_next_process_repeats_it(tmp_path: Path, who: int) -> None:
    workspace = Workspace(tmp_path)
    lds = workspace.joined("LDS")
    ldn = workspace.first
    workspace.settle()
    calls = 0
    killed = True
    while killed:
        ldn.job(f"Job {calls}")
        lds.job(f"Other {calls}")
        (lds, ldn)[who].sync()
        killed = _exchange_until_killed((ldn, lds)[who], calls)
        workspace.settle(2)
        calls += 1
        assert calls < 200
    assert calls > 8
    workspace.settle()
    assert len(ldn.titles()) == 2 * calls
    assert digest(ldn.store) == digest(lds.store)
    assert prove(ldn.store, ldn.home).good
    assert prove(lds.store, lds.home).good
    workspace.close()

"""Several people work on one site: each console sees what the others did at its next look, and one of them exchanges."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fsconsole.clock import Clock
from fsconsole.console import watching
from fsconsole.console.sharing import Sharing
from fsconsole.settings import read_settings, write_settings
from fsconsole.store.opening import open_store
from fsconsole.sync import exchange as exchanging
from fsconsole.sync import proof
from fsconsole.sync.exchange import Lease, watch
from tests.sync.made import NOON, Office, Workspace

Pair = tuple[Workspace, Office, Office]
ROOT = Path(__file__).resolve().parents[2]


def test_30_of_eight_consoles_each_sees_at_its_next_look_what_another_saved(workspace: Workspace) -> None:
    office = workspace.first
    consoles = [open_store(office.home.store) for _ in range(8)]
    seen = [store.data_version() for store in consoles]
    read = [store.sql("SELECT coalesce(max(n), 0) FROM log")[0][0] for store in consoles]
    for turn, writer in enumerate(consoles):
        office.store, before = writer, office.store
        row = office.job(f"Job {turn}")
        office.store = before
        for at, store in enumerate(consoles):
            version = store.data_version()
            if store is not writer:
                assert version != seen[at]
            seen[at] = version
            fresh = store.sql("SELECT t.row FROM log l JOIN touched t ON t.stamp = l.stamp WHERE l.n > ?", (read[at],))
            assert fresh == [(row,)]
            read[at] = store.sql("SELECT max(n) FROM log")[0][0]
    for store in consoles:
        store.close()


def test_30_the_consoles_look_at_least_twice_a_second() -> None:
    from fsconsole.console.watching import POLL

    assert 0 < POLL <= 0.5


def test_30_when_the_publishing_process_is_killed_another_takes_over_at_once(pair: Pair) -> None:
    _, ldn, _ = pair
    publisher = subprocess.Popen(
        [
            sys.executable, "-c",
            "import sys, time; from pathlib import Path; from fsconsole.store.opening import open_store;"
            " from fsconsole.sync.exchange import Lease; lease = Lease(open_store(Path(sys.argv[1])));"
            " print(lease.take(), flush=True); time.sleep(60)",
            str(ldn.home.store),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert publisher.stdout is not None
    assert publisher.stdout.readline().strip() == "True"
    other = Lease(ldn.store)
    assert not other.take()
    publisher.kill()
    publisher.wait()
    assert other.take()


def test_29_a_folder_on_a_mount_that_tells_of_nothing_is_looked_through_all_the_same(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    monkeypatch.setattr(exchanging, "_listen", lambda *given: None)
    stop, came = threading.Event(), threading.Event()

    def run() -> None:
        store = open_store(lds.home.store)
        try:
            watch(store, lds.home, Clock(), lambda words: None, stop=stop, every=0.1, settle=came.set)
        finally:
            store.close()

    ldn.clock = Clock()  # type: ignore[assignment]
    watching = threading.Thread(target=run)
    watching.start()
    try:
        ldn.job("Found by looking")
        ldn.sync()
        assert came.wait(20.0)
        assert lds.titles() == ["Found by looking"]
    finally:
        stop.set()
        watching.join()


@pytest.mark.fault(30)
def test_what_one_console_saves_stands_at_the_other_site_long_before_the_next_look_is_due(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    wrong: list[str] = []
    sharing = []
    for office in (ldn, ldn, lds):
        # The first look comes at once, the next after an hour; what is saved or arrives must make it come sooner.
        settings, _ = read_settings(office.home.settings)
        settings.sync_every = 3600
        write_settings(office.home.settings, settings)
        sharing.append(Sharing(office.home, Clock(), lambda words, tone: wrong.append(f"{tone}: {words}")))
    for one in sharing:
        one.begin()
    try:
        _until(lambda: all(office.store.own("publisher", "") for office in (ldn, lds)))
        ldn.clock = lds.clock = Clock()  # type: ignore[assignment]
        for number in range(3):
            ldn.job(f"From LDN {number}")
            _until(lambda: len(lds.titles()) == 2 * number + 1)  # noqa: B023
            lds.job(f"From LDS {number}")
            _until(lambda: len(ldn.titles()) == 2 * number + 2)  # noqa: B023
    finally:
        for one in sharing:
            one.stop()
    _until(lambda: not ldn.store.own("publisher", "") and not lds.store.own("publisher", ""))
    assert wrong == []
    assert proof.prove(lds.store, lds.home).good


@pytest.mark.fault(23)
def test_a_backlog_is_left_to_the_thread_that_exchanges_and_a_little_is_derived_at_once(workspace: Workspace) -> None:
    office = workspace.first

    def left(marks: int, *, shares: bool) -> bool:
        office.store.raw.execute("DELETE FROM dirty")
        office.store.raw.executemany("INSERT INTO dirty (kind, row) VALUES (30, ?)", [(office.ids(),) for _ in range(marks)])
        app: Any = SimpleNamespace(store=office.store, desk=SimpleNamespace(now=NOON), read_only=False, shares=shares)
        watching.Watch(app)._settle()
        return office.store.one("SELECT 1 FROM dirty LIMIT 1") is not None

    assert not left(watching.FEW, shares=True)
    assert left(watching.FEW + 1, shares=True)
    assert not left(1, shares=False)


def _until(seen: Callable[[], bool]) -> None:
    for _ in range(600):
        if seen():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come within thirty seconds")

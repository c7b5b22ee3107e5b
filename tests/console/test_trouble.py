"""A full or read-only disk, the store's or the folder's, is said in the console while a person types; leaving waits for no exchange."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fsconsole.console import watching
from fsconsole.console.app import ConsoleApp
from fsconsole.console.themes import choose, load_looks
from fsconsole.desk import Desk
from fsconsole.flow.settle import settle
from fsconsole.places import shipped
from fsconsole.settings import read_settings, write_settings
from fsconsole.sync import exchange as exchanging
from fsconsole.sync.folder import RealDisk
from tests.bench.pty_driver import Program
from tests.console.company import typed
from tests.console.grid import grid
from tests.sync.made import Office, Workspace

ROOT = Path(__file__).resolve().parents[2]
Two = tuple[Workspace, Office, Office]


@pytest.fixture
def two(tmp_path: Path) -> Two:
    made = Workspace(tmp_path)
    lds = made.joined("LDS")
    client = made.first.put("client", name="Harrow Dental", ref="LDN-K1")
    made.first.put("location", name="Surgery", client=client, ref="LDN-L1")
    made.settle()
    for office in made.offices:
        settings, _ = read_settings(office.home.settings)
        settings.sync_every = 1
        write_settings(office.home.settings, settings)
        settle(office.store, office.clock.now())
    return made, made.first, lds


def opened(office: Office) -> ConsoleApp:
    settings, _ = read_settings(office.home.settings)
    looks, _ = load_looks([shipped("themes")])
    return ConsoleApp(Desk(office.store, office.clock, office.ids, "amy"), office.home, settings, choose(looks, "night"), looks=looks)


async def until(pilot: Any, seen: Callable[[], bool]) -> None:
    for _ in range(400):
        await pilot.pause(0.05)
        if seen():
            return
    raise AssertionError(f"it did not come within twenty seconds:\n{grid(pilot.app)}")


def said(app: ConsoleApp, words: str) -> bool:
    return any(words in one.words for one in app.said)


@pytest.mark.fault(26, 27)
@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "The shared folder is full."), (errno.EROFS, "The shared folder cannot be written.")]
)
async def test_a_folder_that_takes_nothing_is_said_and_what_was_typed_goes_out_once_it_does(
    two: Two, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    _, ldn, lds = two
    write = RealDisk.write

    def refuse(disk: RealDisk, path: Path, data: bytes) -> None:
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(RealDisk, "write", refuse)
    app = opened(ldn)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed(":log harrow typed meanwhile\n"))
        assert said(app, "LDN-1001 logged")
        await until(pilot, lambda: said(app, words))
        await pilot.press("f9")
        await until(pilot, lambda: words in grid(app) and "sync ✗ not sent" in grid(app))
        monkeypatch.setattr(RealDisk, "write", write)
        await until(pilot, lambda: words not in grid(app) and "✗" not in grid(app))
    lds.sync()
    assert lds.titles() == ["Typed meanwhile"]


async def test_a_console_begun_without_a_shared_folder_exchanges_once_one_is_named(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ldn, lds = two
    monkeypatch.setattr(watching, "KEEP", 0.1)
    settings, _ = read_settings(ldn.home.settings)
    folder, settings.shared = settings.shared, ""
    write_settings(ldn.home.settings, settings)
    app = opened(ldn)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed(":log harrow typed alone\n"))
        assert said(app, "LDN-1001 logged")
        assert not app.shares
        settings.shared = folder
        write_settings(ldn.home.settings, settings)

        def arrived() -> bool:
            lds.sync()
            return lds.titles() == ["Typed alone"]

        await until(pilot, arrived)


@pytest.mark.fault(26)
async def test_a_store_without_room_refuses_what_is_typed_and_takes_it_and_exchanges_again_once_there_is_some(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, ldn, lds = two
    app = opened(ldn)
    opening = exchanging.books.last_saved
    full = True

    def last_saved(conn: Any, site: int) -> int:
        # The thread's connection meets the same disk as the console's.
        conn.execute(f"PRAGMA max_page_count = {1 if full else 1_000_000}")
        return opening(conn, site)

    monkeypatch.setattr(exchanging.books, "last_saved", last_saved)
    async with app.run_test(size=(120, 40)) as pilot:
        ldn.store.raw.execute("PRAGMA max_page_count = 1")
        for number in range(200):
            await pilot.press(*typed(f":log harrow {'long words ' * 40} {number}\n"))
            if said(app, "Nothing was saved: database or disk is full"):
                break
        kept = [row[0] for row in ldn.store.sql("SELECT ref FROM job ORDER BY ref")]
        assert [f"LDN-{1001 + number}" for number in range(len(kept))] == kept
        assert said(app, "Nothing was saved: database or disk is full")
        lds.job("From Leeds, too long for what is left " * 400)
        lds.sync()
        await pilot.press("f9")
        await until(pilot, lambda: "Nothing was saved: database or disk is full" in " ".join(grid(app).split()))
        full = False
        ldn.store.raw.execute("PRAGMA max_page_count = 1000000")
        await pilot.press("f2", *typed(":log harrow after all\n"))
        await until(pilot, lambda: said(app, f"LDN-{1001 + len(kept)} logged") and not app.sharing_trouble)
        await until(pilot, lambda: any(title.startswith("From Leeds") for title in ldn.titles()))
    made.settle()
    assert len(lds.titles()) == len(kept) + 2


STUCK = """
import sys, time
from pathlib import Path
from fsconsole.sync.folder import RealDisk
def scan(disk, folder):
    Path(sys.argv[1]).touch()
    time.sleep(3600)
RealDisk.scan = scan
from fsconsole.cli import run
sys.exit(run(sys.argv[2:]))
"""


def test_leaving_does_not_wait_for_an_exchange_with_a_folder_that_answers_nothing(two: Two, tmp_path: Path) -> None:
    made, ldn, _ = two
    made.close()
    mark = tmp_path / "begun"
    command = (sys.executable, "-c", STUCK, str(mark), "--home", str(ldn.home.data), "--fresh")
    with Program(command, size=(80, 24), env={"PYTHONPATH": str(ROOT)}) as program:
        program.first_frame(most=1000)
        for _ in range(400):
            program.read(0.05)
            if mark.exists():
                break
        assert mark.exists()
        left = program.leave("ctrl+q")
        assert (left.status, left.modes) == (0, [])

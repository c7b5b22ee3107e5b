"""What others write is noticed at once where the system tells of it, and not much later where it does not."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from pathlib import Path

import pytest

from fsconsole.console import noticing, watching
from fsconsole.console.aside import Aside
from fsconsole.console.noticing import Noticing
from fsconsole.store.opening import Store, open_store
from tests.console.company import console


def tells(notice: Noticing) -> bool:
    return notice.descriptor is not None and bool(select.select([notice.descriptor], [], [], 0)[0])


def test_a_file_that_is_written_is_told_of_until_it_was_heard(tmp_path: Path) -> None:
    file = tmp_path / "site.db-wal"
    file.write_bytes(b"")
    notice = Noticing(file)
    assert not tells(notice)
    file.write_bytes(b"one")
    assert tells(notice)
    notice.heard()
    assert not tells(notice)
    file.write_bytes(b"two")
    assert tells(notice)
    notice.close()
    assert notice.descriptor is None


def test_where_nothing_is_told_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Noticing(tmp_path / "missing").descriptor is None
    file = tmp_path / "site.db-wal"
    file.write_bytes(b"")
    notice = Noticing(file)
    file.unlink()
    notice.heard()
    assert notice.descriptor is None
    file.write_bytes(b"")
    monkeypatch.setattr(noticing.ctypes, "CDLL", lambda *_, **__: object())
    assert Noticing(file).descriptor is None


async def until(seen: Callable[[], bool], tries: int = 1000) -> None:
    for _ in range(tries):
        if seen():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come within ten seconds")


@pytest.mark.parametrize("told", [True, False])
async def test_what_another_process_writes_comes_to_the_screen_whether_or_not_the_system_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    if not told:
        monkeypatch.setattr(watching, "Noticing", lambda file: Noticing(file.with_name("missing")))
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        heard: list[list[bytes]] = []
        monkeypatch.setattr(app.screen, "heard", lambda rows: heard.append(list(rows)))
        other = open_store(app.store.path)
        other.set_own(nobody="y")
        other.close()
        await until(lambda: bool(heard))


async def test_a_console_at_rest_looks_seldom_where_it_is_told_and_soon_where_something_is_due(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        watcher = app.watcher
        await until(lambda: watcher._at_hand and not watcher.top_due and not watcher._settle_at)
        watcher.look()
        rests = watcher._settle_at == 0 and not watcher.top_due
        assert rests
        assert watcher._pause() == watching.REST
        watcher._settle_at = asyncio.get_running_loop().time() + 100
        watcher._again = True
        assert watcher._pause() == watching.POLL
        watcher._settle_at = 0
        watcher.count_soon()
        assert watcher._pause() <= watching.TOP_EVERY
        watcher._notice.close()
        assert watcher._pause() == watching.POLL


async def test_of_what_is_asked_aside_meanwhile_only_the_last_is_done_and_an_error_is_told(tmp_path: Path) -> None:
    store, told, wrong = open_store(console(tmp_path)[1].store.path), list[tuple[int, int]](), list[Exception]()
    aside = Aside(store, wrong.append)

    def work(number: int) -> Callable[[Store], tuple[int, int]]:
        return lambda own: (number, own.sql("SELECT count(*) FROM job")[0][0])

    for number in range(5):
        aside.ask(work(number), told.append)
    await until(lambda: len(told) == 2)
    assert [number for number, _ in told] == [0, 4]
    aside.ask(lambda own: own.sql("SELECT nothing"), told.append)
    await until(lambda: not aside.works)
    assert len(told) == 2
    assert "nothing" in str(wrong[0])
    store.close()

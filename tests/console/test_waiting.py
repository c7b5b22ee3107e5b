"""While another program writes into the store the screen goes on, the person is told, and what was typed is done in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fsconsole.console import waiting
from fsconsole.console.dialogs import Confirm
from fsconsole.console.screens.log_form import LogForm
from fsconsole.store.opening import Store
from tests.console.company import console, typed
from tests.console.grid import grid
from tests.console.worked import worked


@contextmanager
def written_elsewhere(store: Store) -> Iterator[Callable[[], None]]:
    """Another program's transaction; what is handed out ends it."""
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield lambda: other.execute("ROLLBACK") and None
    finally:
        other.close()


async def until(pilot: Any, holds: Callable[[], object]) -> None:
    for _ in range(400):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("It did not come to pass.")


def noted(store: Store) -> list[str]:
    return [text for (text,) in store.sql("SELECT text FROM note WHERE text LIKE 'w%' ORDER BY at, rowid")]


async def test_acts_wait_their_turn_while_the_cursor_moves_and_are_done_in_order(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        before = app.here.chosen()
        with written_elsewhere(firm.store) as end:
            app.typed("n 1042 wone")
            app.typed("n 1042 wtwo")
            await pilot.press("down")
            assert app.here.chosen() != before
            await until(pilot, lambda: "Waits: another program is writing here, 1 more behind it: n 1042 wone" in grid(app))
            await pilot.press("f3")  # the line of another screen says it too, and the one left does not say it for ever
            await until(pilot, lambda: "1 more behind it: n 1042 wone" in grid(app))
            assert noted(firm.store) == []
            end()
        await until(pilot, lambda: not app.waiting.words())
        assert noted(firm.store) == ["wone", "wtwo"]
        assert "LDN-1042 noted: wtwo" in grid(app)
        await pilot.press("f2")
        assert "Waits" not in grid(app)


async def test_what_waits_too_long_is_said_and_nothing_after_it_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.2)
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        with written_elsewhere(firm.store) as end:
            app.typed("n 1042 wone")
            app.typed("u")
            await until(pilot, lambda: "Not done, another program kept writing into this store: n 1042 wone, nor 1 more" in grid(app))
            end()
        await pilot.pause(0.2)
        assert noted(firm.store) == []
        assert "Not done, it came after what could not be saved: u" in [one.words for one in app.said]


async def test_leaving_while_an_act_waits_asks_first(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        with written_elsewhere(firm.store) as end:
            app.typed("n 1042 wone")
            await pilot.press("ctrl+q")
            assert isinstance(app.screen, Confirm)
            await pilot.press("escape")
            end()
        await until(pilot, lambda: noted(firm.store) == ["wone"])


@pytest.mark.parametrize("changed", [False, True])
async def test_a_call_sent_while_another_writes_is_logged_once_and_as_it_stands_then(tmp_path: Path, changed: bool) -> None:
    app, firm = console(tmp_path)
    jobs = "SELECT count(*) FROM job WHERE title LIKE 'Panel dark%'"
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        with written_elsewhere(firm.store) as end:
            await pilot.press("n", *typed("fin"), "tab", *typed("panel dark"), "ctrl+e", "ctrl+e")
            assert isinstance(app.screen, LogForm)
            if changed:
                await pilot.press("z")
                await until(pilot, lambda: not app.waiting.words())
            end()
        if changed:  # what was sent is no longer what the form says: it waits to be sent again
            await pilot.pause(0.2)
            assert firm.store.one(jobs) == (0,)
            await pilot.press("ctrl+e")
        await until(pilot, lambda: not isinstance(app.screen, LogForm))
        assert firm.store.one(jobs) == (1,)


async def test_the_map_opens_while_another_writes_and_the_look_is_recorded_after(tmp_path: Path) -> None:
    app, firm = worked(tmp_path)
    looks = "SELECT count(*) FROM note WHERE text LIKE 'trail of%'"
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        with written_elsewhere(firm.store) as end:
            await pilot.press("f4")
            await pilot.pause(0.1)
            assert "Amy" in grid(app)
            end()
        await until(pilot, lambda: firm.store.one(looks) == (1,))


async def test_a_look_at_the_map_that_cannot_be_recorded_is_said(tmp_path: Path) -> None:
    app, firm = worked(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        firm.store.raw.execute("PRAGMA query_only = 1")  # as on a disk that has become read-only
        await pilot.press("f4")
        await until(pilot, lambda: "could not be recorded" in grid(app))
        app.typed("n 1042 wone")
        await until(pilot, lambda: "Nothing was saved: attempt to write a readonly database." in grid(app))
        firm.store.raw.execute("PRAGMA query_only = 0")

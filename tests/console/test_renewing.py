"""After an upgrade the console opens as ever, and what an earlier version derived is derived again behind it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from fsconsole.console import renewing
from fsconsole.flow import again
from tests.console.company import console, typed
from tests.console.worked import worked


def old_words(firm: Any) -> int:
    """How many stored sentences are an earlier version's."""
    rows = firm.store.sql("SELECT count(*) FROM (SELECT says AS w FROM case_now UNION ALL SELECT reason FROM charge_now) WHERE w = 'in old words'")
    return int(rows[0][0])


def as_of_another_version(firm: Any) -> None:
    firm.store.raw.execute("UPDATE charge_now SET reason = 'in old words'")
    firm.store.raw.execute("UPDATE case_now SET says = 'in old words'")
    firm.store.set_own(derived_by="another", derived_to="")


async def until(pilot: Pilot[Any], done: Any) -> None:
    """Waits until something is so, for two minutes at most on a machine however busy."""
    for _ in range(2400):
        if done():
            return
        await pilot.pause(0.05)
    raise AssertionError("it did not come to pass")


def still() -> bool:
    return not any(one.name == "renewing" for one in threading.enumerate())


async def test_old_words_are_renewed_behind_an_open_console_that_is_told_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewing, "MANY", 1)
    app, firm = worked(tmp_path)
    as_of_another_version(firm)
    assert old_words(firm) > 2
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not again.behind(firm.store))
        assert old_words(firm) == 0
        await until(pilot, lambda: any("derived by the rules and words of this version" in one.words for one in app.said))
        assert any("2 of 8 derived again. Work goes on meanwhile." in one.words for one in app.said), [one.words for one in app.said]
        await pilot.press(*typed(":pri 1042 2\n"))
        assert firm.store.sql("SELECT priority FROM job WHERE ref = 'LDN-1042'") == [(2,)]


async def test_a_console_that_only_watches_renews_nothing(tmp_path: Path) -> None:
    app, firm = console(tmp_path, read_only=True)
    as_of_another_version(firm)
    before = old_words(firm)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.watcher._at_hand)
        await until(pilot, still)
        assert old_words(firm) == before > 0


async def test_a_contract_whose_derived_periods_run_out_overnight_is_derived_at_the_new_day(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.watcher._at_hand)
        await until(pilot, still)
        through = "SELECT through FROM contract_now"
        ((before,),) = firm.store.sql(through)
        firm.wait(60 * 24 * 300)
        await until(pilot, lambda: firm.store.sql(through) != [(before,)])
        assert firm.store.sql(through)[0][0] > before

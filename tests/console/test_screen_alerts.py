"""The alert stack: a promise about to break is seen before it breaks, claimed, set aside, and comes back when it grows worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.flow.alerts import stack
from tests.console.company import SIZES, console
from tests.console.grid import assert_grid, grid


@pytest.mark.parametrize("size", SIZES)
async def test_the_stack_looks_as_it_did(tmp_path: Path, size: tuple[int, int]) -> None:
    app, firm = console(tmp_path)
    firm.do("promise 1042 9:30 10:00", "d 1008 ben", "en ben")
    firm.wait(30)
    async with app.run_test(size=size) as pilot:
        await pilot.press("exclamation_mark")
        await pilot.pause(0.3)
        assert_grid(app, f"screen-alerts-{size[0]}x{size[1]}")


async def test_a_promise_about_to_break_stands_there_is_claimed_set_aside_and_back_once_broken(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    firm.do("promise 1042 9:30 10:00")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("exclamation_mark")
        await pilot.pause(0.2)
        assert [one.name for one in stack(firm.desk)] == ["1042/soon"]
        await pilot.press("a")
        await pilot.pause(0.2)
        assert [one.owner for one in stack(firm.desk)] == ["jo"]
        assert "jo" in grid(app).splitlines()[4]
        await pilot.press("z")
        await pilot.pause(0.2)
        assert stack(firm.desk) == []
        assert "Nothing needs an eye now" in grid(app)
        await pilot.press("s")
        await pilot.pause(0.1)
        assert "until 04" in grid(app)
        await pilot.press("s", "u")
        await pilot.pause(0.2)
        assert [one.name for one in stack(firm.desk)] == ["1042/soon"]
    firm.do("suspend 1042")
    firm.wait(90)
    assert [one.name for one in stack(firm.desk)] == ["1042/late"]


async def test_the_step_is_taken_from_the_stack_and_enter_opens_the_job(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    firm.do("promise 1042 9:30 10:00")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("exclamation_mark")
        await pilot.pause(0.2)
        await pilot.press("full_stop")
        assert app.here.line.text == "d 1042 "  # type: ignore[union-attr]
        await pilot.press("escape", "enter")
        await pilot.pause(0.2)
        assert "Boiler down" in grid(app)


async def test_an_alert_whose_job_changed_shows_the_mark(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    firm.do("promise 1042 9:30 10:00")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("exclamation_mark")
        await pilot.pause(0.2)
        assert "•" not in grid(app).splitlines()[4]
        app.act("n 1042 key with the porter")
        await pilot.pause(0.2)
        assert "•" in grid(app).splitlines()[4]

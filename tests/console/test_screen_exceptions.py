from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Paste

from fsconsole.console.screens.contract import ContractView
from fsconsole.console.screens.exceptions import ExceptionsView
from fsconsole.console.screens.job import JobView
from fsconsole.store.queries import exceptions
from tests.console.company import typed
from tests.console.grid import grid
from tests.console.worked import worked


def at(app: object, reason: str) -> ExceptionsView:
    """The screen with its cursor on the first case of a reason."""
    view = app.screen  # type: ignore[attr-defined]
    assert isinstance(view, ExceptionsView)
    case = next(one for one in exceptions.open_cases(view.store, view.now) if one.reason == reason)
    assert view.find(case.key)
    return view


async def test_the_heading_says_how_many_are_open_and_what_is_at_risk(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        figures = exceptions.figures(firm.store, firm.now)
        assert figures.exceptions > 1
        assert f"{figures.exceptions} exceptions open" in grid(app)


async def test_the_suggested_step_is_named_in_the_footer_and_taken_by_the_full_stop(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        view = at(app, "complete_no_card")
        await pilot.pause(0.1)
        assert f". {view.value().step_words}" in grid(app).splitlines()[-1]
        await pilot.press("full_stop")
        await pilot.pause(0.2)
        assert exceptions.case(firm.store, view.value().key, firm.now).chased == 1
        shown = " ".join(grid(app).split())
        assert "asked once, last 10:41 by jo; h asks again" in shown
        await pilot.press("full_stop")
        await pilot.pause(0.2)
        assert ": card 1042" in " ".join(grid(app).split()), "nobody is asked twice: the answer is to be typed"
        assert exceptions.case(firm.store, view.value().key, firm.now).chased == 1


async def test_a_case_that_was_just_decided_or_whose_job_somebody_else_changed_shows_the_mark(tmp_path: Path) -> None:
    app, _firm = worked(tmp_path, view="exceptions")
    mark = app.look.glyphs.changed
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        view = at(app, "complete_no_card")
        case = view.value()
        await pilot.press("a")
        await pilot.pause(0.1)
        assert [line for line in grid(app).splitlines() if mark in line[:3]], "ours"
        view.list._changed.clear()
        view.list.settle()
        view.list.go(next(row.id for row in view.list.provider.rows(0, 50) if row.id != view.list.cursor))
        app.spread([case.job], ours=False)
        await pilot.pause(0.1)
        (line, *_) = [line for line in grid(app).splitlines() if mark in line[:3]]
        assert case.ref.removeprefix('LDN-') in line


async def test_h_chases_a_owns_and_u_takes_it_back(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause(0.3)
        key = at(app, "complete_no_card").value().key
        await pilot.press("a")
        assert exceptions.case(firm.store, key, firm.now).owner == "jo"
        await pilot.press("u")
        assert exceptions.case(firm.store, key, firm.now).owner == ""
        await pilot.press("h")
        assert exceptions.case(firm.store, key, firm.now).chased == 1


async def test_z_hides_a_case_until_a_day_and_s_shows_it_again(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause(0.3)
        view = at(app, "complete_no_card")
        before = view.asked.count()
        await pilot.press("z", *typed("3d\n"))
        await pilot.pause(0.2)
        assert view.asked.count() == before - 1
        await pilot.press("s")
        assert view.asked.count() == before
        assert "with the snoozed" in grid(app)


async def test_w_waives_with_a_reason(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause(0.3)
        view = at(app, "complete_no_card")
        before = view.asked.count()
        await pilot.press("w", *typed("agreed by phone\n"))
        await pilot.pause(0.2)
        assert view.asked.count() < before
        assert all(one.reason != "complete_no_card" for one in exceptions.open_cases(view.store, view.now))


async def test_m_leaves_what_is_mine_and_nobodys(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause(0.3)
        view = at(app, "complete_no_card")
        everything = view.asked.count()
        await pilot.press(*typed(f":own {view.chosen().ref} max\n"))
        await pilot.press("m")
        assert view.asked.count() == everything - 1
        assert "mine and nobody's" in grid(app)
        await pilot.press("m")
        assert view.asked.count() == everything
        assert firm.store is view.store


async def test_enter_opens_the_job_or_the_contract_that_a_case_is_about(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        at(app, "complete_no_card")
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, JobView)
        await pilot.press("backspace")
        at(app, "contract_period_unbilled")
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, ContractView)


async def test_another_order_keeps_the_cursor_on_its_case(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        view = at(app, "complete_no_card")
        key = view.value().key
        view.sort_word = "age"
        view.take_sort("age")
        assert view.value().key == key
        ages = [one.age for one in exceptions.open_cases(view.store, view.now, sort="age")]
        assert ages == sorted(ages, reverse=True)


async def test_what_is_wrong_does_not_say_the_client_again(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause(0.3)
        view = at(app, "complete_no_card")
        row = view.list.row()
        assert "Acme" not in str(row.cells[2])
        assert row.cells[4] == "Acme Ltd"


async def test_a_file_pasted_into_the_filter_is_no_fault(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("slash")
        app.here.line.on_paste(Paste("\n".join(f"line{number} \x1b]0;x\x07[b]" for number in range(10_000))))
        await pilot.pause(0.2)
        assert len(app.here.line.text) == 4096
        assert "\x1b" not in app.here.line.text
        assert "No open exception holds those words." in grid(app)


@pytest.mark.parametrize(("wide", "room"), [(80, 32), (120, 40), (160, 40), (200, 48)])
async def test_what_is_wrong_has_room_for_a_sentence_before_owner_and_whom_it_waits_for(tmp_path: Path, wide: int, room: int) -> None:
    app, _ = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(wide, 40)) as pilot:
        await pilot.pause(0.3)
        heads, last = grid(app).splitlines()[3], grid(app).splitlines()[-1]
        assert heads.index("about") - heads.index("what is wrong") - 2 >= room
        assert ("next step" in heads) == (wide >= 120)
        assert "client" in heads
        assert last.lstrip().startswith(". ")  # the chosen row's step, whatever the width

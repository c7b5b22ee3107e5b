from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.console.screens.board import BoardView
from fsconsole.console.screens.log_form import CallProvider, LogForm, New
from tests.company import company
from tests.console.company import SIZES, console, typed
from tests.console.grid import assert_grid, grid


@pytest.mark.parametrize("size", SIZES)
async def test_a_call_half_taken_looks_as_it_did(tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.4)
        await pilot.press("n", *typed("acme"), "tab", *typed("no hot water"), "tab", *typed("unit"), "tab", *typed("21-00"))
        await pilot.pause(0.3)
        assert_grid(app, f"app-log-{size[0]}x{size[1]}")


async def test_a_call_is_logged_and_the_cursor_stands_on_it(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", *typed("finch"), "tab", *typed("panel dark"), "ctrl+e")
        await pilot.pause(0.2)
        board = app.screen
        assert isinstance(board, BoardView)
        row = board.board.row()
        assert row is not None
        assert row.title == "Panel dark"
        assert row.client == "Finch & Co"
        assert row.location == "Reading"
        await pilot.press("u")
        assert firm.store.one("SELECT 1 FROM job_now WHERE title = 'Panel dark'") is None


async def test_a_new_caller_a_new_place_and_new_equipment_are_added_as_they_are_typed(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", *typed("Harrow Dental"), "tab", *typed("chair stuck"), "tab", *typed("Surgery HA1 2AB"))
        await pilot.press("tab", *typed("chair DC-900"), "ctrl+e")
        await pilot.pause(0.3)
        row = firm.store.one(
            "SELECT c.name, l.name, l.postcode, a.kind, a.serial, j.title FROM job j JOIN client c ON c.id = j.client"
            " JOIN location l ON l.id = j.location JOIN asset a ON a.id = j.asset WHERE j.title = 'Chair stuck'"
        )
        assert row is not None
        assert row[0] == "Harrow Dental"
        assert row[1] == "Surgery"
        assert row[2].replace(" ", "") == "HA12AB"
        assert row[4] == "DC-900"


async def test_a_call_parked_when_the_next_one_comes_is_taken_up_again(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", *typed("acme"), "tab", *typed("leak"), "ctrl+g")
        form = app.screen
        assert isinstance(form, LogForm)
        assert not form.half_filled()
        assert app.parked == [{"who": "acme", "what": "leak"}]
        await pilot.press(*typed("finch"), "tab", *typed("dark"), "ctrl+e")
        await pilot.pause(0.2)
        await pilot.press("n")
        await pilot.pause(0.1)
        again = app.screen
        assert isinstance(again, LogForm)
        assert again.form.typed()["what"] == "leak"
        assert app.parked == []
        await pilot.press("escape")
        assert app.parked == [{"who": "acme", "what": "leak"}]


async def test_leaving_with_a_call_half_taken_asks_and_keeps_it_for_the_next_session(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", *typed("acme"), "escape", "ctrl+q")
        await pilot.pause(0.1)
        assert "half filled" in app.screen.question  # type: ignore[attr-defined]
        await pilot.press("enter")
    assert app.return_code == 0
    later, _ = console(tmp_path, firm=firm)
    async with later.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        assert later.parked == [{"who": "acme"}]


def test_a_caller_is_known_by_name_number_serial_and_postcode(tmp_path: Path) -> None:
    firm = company(tmp_path)
    provider = CallProvider(firm.desk)
    for said, client in (
        ("acm", "Acme Ltd"),
        ("0118 496 0200", "Finch & Co"),
        ("21-0093", "Acme Ltd"),
        ("RG1 2AB", "Finch & Co"),
    ):
        meant = provider.meant({"who": said, "what": "x"})
        assert getattr(meant.client, "name", None) == client, said


def test_cover_promises_a_repeat_call_and_a_missing_order_are_said_while_typing(tmp_path: Path) -> None:
    firm = company(tmp_path)
    provider = CallProvider(firm.desk)
    words = " | ".join(
        text for text, _ in provider.notices({"who": "acme", "what": "again", "where": "unit3", "asset": "21-0093"})
    )
    assert "C204" in words
    assert "respond by" in words
    assert "second call" in words.lower()
    words = " | ".join(text for text, _ in provider.notices({"who": "finch", "what": "again"}))
    assert "order number" in words


def test_letters_nobody_answers_to_are_a_new_client_but_a_number_is_not(tmp_path: Path) -> None:
    firm = company(tmp_path)
    provider = CallProvider(firm.desk)
    assert provider.meant({"who": "Zebra Hire"}).client == New("Zebra Hire")
    assert not provider.resolve("who", {"who": "0207 000 1111"}).ok


async def test_an_unnamed_place_among_several_is_asked_for_and_nothing_is_logged(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", *typed("acme"), "tab", *typed("cold"), "ctrl+e")
        assert isinstance(app.screen, LogForm)
        assert "which of 2 places" in grid(app)
        assert firm.store.one("SELECT 1 FROM job WHERE title = 'Cold'") is None

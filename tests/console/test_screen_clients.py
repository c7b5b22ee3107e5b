from __future__ import annotations

from pathlib import Path

from fsconsole.console.screens.client import ClientView
from fsconsole.console.screens.clients import ClientsView
from fsconsole.console.screens.contract import ContractView
from fsconsole.console.screens.find import FindView
from fsconsole.console.screens.job import JobView
from fsconsole.console.screens.log_form import LogForm
from tests.console.company import typed
from tests.console.grid import grid
from tests.console.worked import worked


async def test_a_filter_narrows_as_it_is_typed_and_stands_when_one_comes_back(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="clients")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *typed("0118"))
        assert "1 of 2" in grid(app)
        await pilot.press("enter", "enter")
        assert isinstance(app.screen, ClientView)
        await pilot.press("backspace")
        assert isinstance(app.screen, ClientsView)
        assert "1 of 2 clients" in grid(app)
        assert "/0118" in grid(app)
        assert "Acme" not in grid(app)


async def test_a_client_is_found_by_a_column_that_came_with_an_import(tmp_path: Path) -> None:
    from fsconsole.store.record import save
    from fsconsole.store.tables import put

    app, firm = worked(tmp_path, view="clients")
    save(firm.store, firm.desk.act("x"), [put("client", firm.ids["finch"], custom={"Sector": "museums"})], firm.now)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *typed("museum"))
        assert "Finch & Co" in grid(app)
        assert "1 of 2" in grid(app)


async def test_the_sheet_answers_a_caller_at_once(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="clients")
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press("enter")
        await pilot.pause(0.2)
        shown = grid(app)
        for words in ("020 7946 0121", "1042", "Boiler down", "C204", "Unit 3", "A Patel", "21-0093", "billable and not billed"):
            assert words in shown, words


async def test_n_takes_the_call_of_the_client_under_the_cursor(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="clients")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("down", "n")
        await pilot.pause(0.2)
        assert isinstance(app.screen, LogForm)
        assert "Finch & Co" in grid(app)


async def test_a_letter_on_the_sheet_is_the_verb_of_its_job(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="clients")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("down", "enter")
        await pilot.pause(0.2)
        await pilot.press("p", *typed("fri\n"))
        assert firm.column("LDN-1008") == "parked"
        assert "parked" in grid(app)


async def test_a_callers_number_finds_the_client_and_enter_opens_it(tmp_path: Path) -> None:
    app, _ = worked(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+f")
        await pilot.pause(0.2)
        assert isinstance(app.screen, FindView)
        await pilot.press(*typed("0118 496 0200\n"))
        await pilot.pause(0.2)
        assert isinstance(app.screen, ClientView)
        assert "Finch & Co" in grid(app)


async def test_a_serial_number_finds_the_equipment(tmp_path: Path) -> None:
    app, _ = worked(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+f")
        await pilot.pause(0.2)
        await pilot.press(*typed("21-0093"))
        await pilot.pause(0.2)
        assert "Vaillant ecoTEC 838" in grid(app)


async def test_what_nothing_answers_to_says_so(tmp_path: Path) -> None:
    app, _ = worked(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+f")
        await pilot.pause(0.2)
        await pilot.press(*typed("zzzz"))
        assert "Nothing here is called that" in grid(app)


async def test_a_contract_opens_at_the_period_that_asks_for_something(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="contracts")
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, ContractView)
        value = app.screen.value()
        assert value.state in ("billable", "held")
        shown = grid(app)
        assert "£290.00 a month, in advance" in shown
        assert "somebody on site within 2 h" in shown
        assert value.reason[:30] in shown


async def test_the_cursor_stands_where_it_stood_when_one_comes_back_from_a_job(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="clients")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("down", "enter", "enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, JobView)
        await pilot.press("backspace", "backspace")
        assert isinstance(app.screen, ClientsView)
        assert app.screen.value().name == "Finch & Co"

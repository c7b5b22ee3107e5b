from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.store.record import save
from fsconsole.store.tables import put
from tests.console.company import SIZES, typed
from tests.console.grid import assert_grid, grid
from tests.console.worked import worked

VIEWS = ("day", "map", "clients", "contracts", "exceptions", "money", "sites")
#: Name -> the keys that lead there from the board.
SHEETS = {
    "client": ("f5", "enter"),
    "contract": ("f6", "enter"),
    "technician": ("f3", "enter"),
    "draft": ("f8", "enter"),
    "find": ("ctrl+f", *typed("acme")),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
async def test_every_view_looks_as_it_did(tmp_path: Path, view: str, size: tuple[int, int]) -> None:
    app, _ = worked(tmp_path, view=view)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.4)
        assert_grid(app, f"screen-{view}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sheet", SHEETS)
async def test_every_sheet_looks_as_it_did(tmp_path: Path, sheet: str, size: tuple[int, int]) -> None:
    app, _ = worked(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.3)
        await pilot.press(*SHEETS[sheet])
        await pilot.pause(0.4)
        assert_grid(app, f"screen-{sheet}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("kind", "name"), [("location", "unit3"), ("asset", "boiler")])
async def test_places_and_equipment_look_as_they_did(tmp_path: Path, kind: str, name: str, size: tuple[int, int]) -> None:
    app, firm = worked(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.2)
        app.open_thing(kind, firm.ids[name])
        await pilot.pause(0.4)
        assert_grid(app, f"screen-{kind}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("view", VIEWS)
async def test_every_view_says_what_is_not_there_in_an_empty_company(tmp_path: Path, view: str) -> None:
    from fsconsole.store.tables import BY_NAME

    app, firm = worked(tmp_path, view=view)
    for table in ("job", "client", "contract", "technician", "term", "invoice"):
        assert table in BY_NAME
        firm.store.raw.execute(f"DELETE FROM {table}")
    for table in ("job_now", "charge_now", "case_now", "contract_now", "position_now", "stay_now"):
        firm.store.raw.execute(f"DELETE FROM {table}")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("down", "up", "enter", "space", "slash", *typed("x\n"))
        assert app.return_code is None


async def test_text_from_data_is_shown_as_it_is_and_never_obeyed(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="clients")
    name = "[red]A[/red] \x1b]0;owned\x07 B"
    save(firm.store, firm.desk.act("x"), [put("client", firm.desk.ids(), ref="LDN-K9", name=name, notes="[/b]\x9b31m")], firm.now)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause(0.3)
        shown = grid(app)
        assert "[red]A[/red]" in shown
        assert not set("\x1b\x07\x9b") & set(shown)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert "\x1b" not in grid(app)


async def test_on_the_narrowest_terminal_every_column_has_its_sign_and_count(tmp_path: Path) -> None:
    app, _ = worked(tmp_path)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause(0.3)
        assert "COMPLETE 1" in grid(app)
        assert " ▸ ○0 ◔0 →0 ●0 ‖0 ✓0 ◷1" in grid(app)

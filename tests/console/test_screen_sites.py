"""The sites screen says since when a site is not in sync and what to do; one key keeps either of two values written at two sites."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fsconsole.console.app import ConsoleApp
from fsconsole.console.screens.exceptions import ExceptionsView
from fsconsole.console.themes import choose, load_looks
from fsconsole.desk import Desk
from fsconsole.flow.settle import settle
from fsconsole.places import shipped
from fsconsole.settings import Settings, read_settings, write_settings
from fsconsole.store.opening import open_store
from tests.console.grid import grid
from tests.sync.made import Office, Workspace, files


@pytest.fixture
def two(tmp_path: Path) -> tuple[Workspace, Office, Office]:
    made = Workspace(tmp_path)
    lds = made.joined("LDS")
    made.settle()
    return made, made.first, lds


def opened(office: Office, view: str) -> ConsoleApp:
    settings, _ = read_settings(office.home.settings)
    looks, _ = load_looks([shipped("themes")])
    settle(office.store, office.clock.now())
    desk = Desk(office.store, office.clock, office.ids, "amy")
    return ConsoleApp(desk, office.home, settings, choose(looks, "night"), looks=looks, view=view)


async def said(office: Office, *keys: str, view: str = "sites") -> str:
    app = opened(office, view)
    async with app.run_test(size=(150, 34)) as pilot:
        await pilot.pause(0.4)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.2)
        return " ".join(grid(app).split())


async def test_sites_are_filtered_in_the_words_of_every_list(two: tuple[Workspace, Office, Office]) -> None:
    _, ldn, _ = two
    text = await said(ldn, "slash", *"site:lds", "enter")
    assert "LDS" in text
    assert "LDN (us)" not in text
    assert "No site holds those words." in await said(ldn, "slash", *"zzz", "enter")


async def test_an_office_whose_folder_is_named_nowhere_does_not_say_it_is_in_sync(two: tuple[Workspace, Office, Office]) -> None:
    _, ldn, _ = two
    write_settings(ldn.home.settings, Settings())
    app = opened(ldn, "sites")
    async with app.run_test(size=(150, 34)) as pilot:
        await pilot.pause(0.4)
        line, _ = [one for one in grid(app).splitlines() if "LDN (us)" in one]
        assert "stopped" in line
        assert "in sync" not in line
        assert "do Name the folder: fsconsole share DIR" in " ".join(grid(app).split())


async def test_a_gap_is_said_with_since_when_and_what_to_do(two: tuple[Workspace, Office, Office]) -> None:
    made, ldn, lds = two
    assert "1 of 1 other site in sync" in await said(ldn)
    lds.job("One")
    lds.sync()
    hidden = files(made.shared / "s" / "0002", ".fsl")[-1]
    lds.job("Two")
    lds.sync()
    hidden.unlink()
    ldn.sync()
    made.later(hours=30)
    text = await said(ldn, "down")
    assert "of LDS is not here yet, for 1d." in text
    assert "do See whether the machine at LDS" in text
    assert "0 of 1 other site in sync" in text


async def test_while_the_folder_is_away_nothing_is_called_in_sync(two: tuple[Workspace, Office, Office]) -> None:
    made, ldn, _ = two
    made.shared.rename(made.root / "away")
    ldn.sync()
    text = await said(ldn, "up")
    assert "offline: the sites are shown as they were last heard" in text
    assert "other site in sync" not in text


    assert "in sync when last heard" in text
    assert "offline 2m ◌ LDS" in await said_later(made, ldn, minutes=2)


async def said_later(made: Workspace, office: Office, **span: float) -> str:
    """What F9 says some time later, when the folder is away in another way than before."""
    made.later(**span)
    made.shared.mkdir()
    office.sync()
    return await said(office, "up")


async def test_an_invitation_that_was_not_used_stands_among_the_sites_until_when_it_opens(two: tuple[Workspace, Office, Office]) -> None:
    made, ldn, _ = two
    made.invited("MAN", "field")
    made.settle()
    text = await said(ldn, "down", "down")
    assert "· invited" in text
    assert "its code was not used yet; it opens until 10 Mar 12:00" in text
    assert "1 of 1 other site in sync" in text
    made.later(days=8)
    assert "its code expired on 10 Mar 12:00" in await said(ldn)
    made.clock.move(made.clock.now() - timedelta(days=8))
    made.joined("MAN")
    made.settle()
    assert "invited" not in await said(ldn)


async def test_at_80x24_what_is_held_back_and_what_to_do_fits_the_screen(two: tuple[Workspace, Office, Office]) -> None:
    made, ldn, _ = two
    made.later(seconds=1)
    (made.shared / "m" / f"{'ab' * 16}.fsm").write_bytes(b"nothing of ours")
    ldn.sync()
    app = opened(ldn, "sites")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.4)
        text = " ".join(grid(app).split())
        assert "this is not a membership entry. If it stays, remove the file: what is missing then is put back." in text
    (made.shared / "m" / f"{'ab' * 16}.fsm").unlink()
    ldn.sync()
    assert "Held back" not in await said(ldn)


def contest(made: Workspace, ldn: Office, lds: Office) -> None:
    """Two offices write the title of one job without having read each other."""
    job = ldn.job("Boiler", ref="LDN-1001")
    made.settle()
    ldn.job("Here", job)
    made.later(seconds=1)
    lds.job("There", job)
    made.settle()


async def test_k_keeps_the_value_that_does_not_stand(two: tuple[Workspace, Office, Office]) -> None:
    made, ldn, lds = two
    contest(made, ldn, lds)
    text = await said(ldn, view="exceptions")
    assert "LDS: “There”, amy, " in text
    assert "LDN: “Here”, amy, " in text
    await said(ldn, "k", view="exceptions")
    assert ldn.store.sql("SELECT title FROM job") == [("Here",)]
    made.settle()
    assert lds.titles() == ["Here"]
    assert not lds.store.sql("SELECT 1 FROM contested")


async def test_a_case_that_another_office_settled_while_it_was_shown_stops_no_console(two: tuple[Workspace, Office, Office]) -> None:
    made, ldn, lds = two
    contest(made, ldn, lds)
    app = opened(ldn, "exceptions")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.4)
        view = app.here
        assert isinstance(view, ExceptionsView)
        shown = view.value()
        assert "wrote the title" in shown.says
        # The thread that exchanges derives beside the console: what was read a moment ago is gone.
        other = open_store(ldn.home.store)
        with other.writing() as conn:
            conn.execute("DELETE FROM case_now")
        other.close()
        assert "Here" in repr(view.sections(shown))
        assert view.step() != ""
        await pilot.press("full_stop")
        await pilot.pause(0.3)
        assert app.said[-1].words.startswith("There is no open exception case")

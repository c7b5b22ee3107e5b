from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fsconsole.console import report
from fsconsole.console.first import first_run
from fsconsole.console.screens.board import BoardView
from fsconsole.console.screens.said import SaidView
from fsconsole.places import home_at
from fsconsole.store.tables import put
from tests.console.company import console, typed
from tests.console.grid import grid, lines_of
from tests.sync.made import Workspace


async def test_a_session_is_taken_up_where_it_was_left_and_fresh_is_not(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("1008\n"))
        await pilot.press(*typed("/panel\n"), *typed(":pri 1008 2\n"))
        await pilot.press("ctrl+q")
    later, _ = console(tmp_path, firm=firm)
    async with later.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        board = later.screen
        assert isinstance(board, BoardView)
        assert board.filter_words == "panel"
        assert board.board.cursor == firm.ids["older"]
        assert later.lines[-1] == "pri 1008 2"
    fresh, _ = console(tmp_path, firm=firm, fresh=True)
    async with fresh.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        assert isinstance(fresh.screen, BoardView)
        assert fresh.screen.filter_words == ""


async def test_a_remembered_session_that_is_broken_costs_nothing_but_itself(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    app.home.state.write_text(
        '{"view": "nowhere", "views": {"board": {"job": "zz", "sort": 3}}, "parked": [1], "lines": [', "utf-8"
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        assert isinstance(app.screen, BoardView)
        assert "begins fresh" in app.said[0].words


async def test_who_only_watches_is_told_so_and_changes_nothing(tmp_path: Path) -> None:
    app, firm = console(tmp_path, read_only=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        assert "READ ONLY" in grid(app).splitlines()[0]
        before = firm.store.one("SELECT count(*) FROM log")
        for line in (":d 1042 amy\n", "n", "u", "."):
            await pilot.press(*typed(line))
        assert "only watches" in app.said[-1].words
        assert firm.store.one("SELECT count(*) FROM log") == before


async def test_escape_sequences_and_markup_in_data_are_drawn_as_text(tmp_path: Path) -> None:
    from fsconsole.flow.settle import settle
    from fsconsole.store.record import save

    app, firm = console(tmp_path)
    evil = "\x1b]0;owned\x07[red]Boiler[/foo] \x1b[2J\u202edown"
    save(firm.store, firm.desk.act("x"), [put("job", firm.ids["job"], title=evil)], firm.now)
    settle(firm.store, firm.now)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press(*typed("1042\n"))
        await pilot.pause(0.3)
        for _ in range(2):
            text = "".join(segment.text for line in lines_of(app) for segment in line)
            assert "[red]Boiler[/foo]" in text
            assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 or letter == "\u202e" for letter in text)
            await pilot.press("enter")
            await pilot.pause(0.2)


async def test_a_crash_leaves_a_report_without_anything_of_clients_and_the_status_70(tmp_path: Path) -> None:
    app, _ = console(tmp_path)

    def broken(_: object) -> None:
        secret = "Finch & Co owes"
        raise ValueError(f"{secret} 0118 496 0200")

    async def run() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause(0.1)
            app.call_later(broken, None)
            await pilot.pause(0.2)

    with pytest.raises(ValueError, match="owes"):
        await run()
    assert app.return_code == report.STATUS
    assert app.report is not None
    said = app.report.read_text("utf-8")
    assert "ValueError" in said
    assert "broken" in said
    assert "Finch" not in said
    assert "0118" not in said


async def test_a_verb_that_fails_for_a_fault_of_ours_says_so_and_the_console_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsconsole.flow import amend

    app, _ = console(tmp_path)
    monkeypatch.setattr(amend, "priority", lambda *_, **__: 1 / 0)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press(*typed(":pri 1042 2\n"))
        assert app.said[-1].level == "error"
        assert "crash-" in app.said[-1].words
        await pilot.press(*typed(":messages\n"))
        await pilot.pause(0.1)
        assert isinstance(app.screen, SaidView)
        assert "nothing was saved" in grid(app)


def test_a_report_names_no_folder_above_the_package(tmp_path: Path) -> None:
    home = home_at(tmp_path)
    try:
        raise KeyError("A Patel")
    except KeyError as error:
        path = report.write(home, error, datetime(2026, 3, 3, tzinfo=UTC), "view board")
    said = path.read_text("utf-8")
    assert str(Path(__file__).parent.parent) not in said
    assert "Patel" not in said
    assert "KeyError" in said


async def test_what_is_to_be_told_at_an_instant_is_told_then_and_can_be_read_again(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    app.watcher.tellings.append((firm.now + timedelta(minutes=10), "The offices are cut off."))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        for minutes, told in ((5, False), (6, True)):
            firm.wait(minutes)
            app.watcher.look()
            await pilot.pause()
            assert ("The offices are cut off." in grid(app)) is told
        assert [one.words for one in app.said if "cut off" in one.words] == ["The offices are cut off."]


async def test_a_terminal_too_small_says_what_it_needs(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(39, 9)) as pilot:
        await pilot.pause(0.1)
        assert "39x9 is too small" in grid(app)
        assert "40x10" in grid(app)
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0.1)
        assert "1042" in grid(app)


async def test_a_named_view_of_the_settings_brings_its_filter_and_order(tmp_path: Path) -> None:
    app, _ = console(tmp_path, settings={"views": {"dear": "board finch sort:value"}}, view="dear")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        assert isinstance(app.screen, BoardView)
        assert app.screen.rows.words == "finch"
        assert app.screen.rows.sort == "value"


async def test_a_theme_is_put_on_at_once_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed(":theme paper\n"))
        assert app.look.name == "paper"
        await pilot.press(*typed(":theme mauve\n"))
        assert "no theme “mauve”" in app.said[-1].words


def test_the_first_run_asks_a_few_questions_and_takes_what_stands_ready(tmp_path: Path) -> None:
    home = home_at(tmp_path / "home")
    shared = tmp_path / "shared"
    shared.mkdir()
    asked: list[str] = []
    answers = iter(["", "Bell & Sons", "7", "ldn", "Mars/Base", "Europe/London", str(shared)])

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    said: list[str] = []
    assert first_run(home, "jo", ask=ask, say=said.append)
    assert home.store.exists()
    assert len(asked) == 7
    assert any("is not a time zone" in line for line in said)
    assert "LDN is ready" in said[-1]
    from fsconsole.store.opening import open_store

    store = open_store(home.store)
    assert (store.code, str(store.zone), store.currency) == ("LDN", "Europe/London", "GBP")
    store.close()


def test_who_was_invited_joins_at_the_first_run_also_with_a_code_that_was_pasted_in_two_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Workspace(tmp_path)
    office.first.job("Boiler down")
    code = office.invited("LDS")
    home = home_at(tmp_path / "second")
    answers = iter([code[:9], code[10:], str(tmp_path / "elsewhere"), "", str(office.shared)])
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    said: list[str] = []
    monkeypatch.setenv("FSCONSOLE_NOW", office.clock.now().isoformat())
    assert first_run(home, "jo", ask=ask, say=said.append)
    assert asked[1] == "The last 8 letters of the code: "
    assert any("elsewhere is not there" in line for line in said)
    assert "LDS has joined" in said[-1]
    from fsconsole.store.opening import open_store

    store = open_store(home.store)
    assert store.code == "LDS"
    assert store.one("SELECT title FROM job") == ("Boiler down",)
    store.close()
    office.close()


def test_leaving_the_first_run_makes_nothing(tmp_path: Path) -> None:
    home = home_at(tmp_path / "home")

    def ask(_: str) -> str:
        raise EOFError

    assert not first_run(home, "jo", ask=ask, say=lambda _: None)
    assert not home.store.exists()


async def test_the_state_is_plain_json(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        await pilot.press("q")
    assert json.loads(app.home.state.read_text("utf-8"))["view"] == "board"

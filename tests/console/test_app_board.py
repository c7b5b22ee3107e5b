from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from fsconsole.console.screens.board import BoardView
from fsconsole.console.screens.help import HelpView
from fsconsole.console.screens.job import JobView
from fsconsole.console.screens.lists import HeadLine
from fsconsole.console.widgets.board import Board
from tests.console.company import SIZES, console, typed
from tests.console.grid import assert_grid, grid
from tests.console.worked import worked


@pytest.mark.parametrize("size", SIZES)
async def test_the_board_looks_as_it_did(tmp_path: Path, size: tuple[int, int]) -> None:
    app, firm = console(tmp_path)
    firm.do("d 1008 ben 10:00")
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.3)
        assert_grid(app, f"app-board-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_job_tells_its_whole_story(tmp_path: Path, size: tuple[int, int]) -> None:
    app, firm = console(tmp_path)
    firm.do("d 1042 amy", "en amy", "a amy", "n 1042 key with the porter")
    firm.wait(95)
    firm.do("c 1042", "labour 1042 1h35", "part 1042 PCB-77 x2", "card 1042 replaced the board", 'sg 1042 "A Patel"')
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.4)
        await pilot.press(*typed(":open 1042\n"))
        await pilot.pause(0.2)
        assert isinstance(app.screen, JobView)
        assert_grid(app, f"app-job-{size[0]}x{size[1]}")


async def test_a_letter_does_its_verb_to_the_job_under_the_cursor_and_u_takes_it_back(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("1042\n"))
        await pilot.press("d", *typed("amy\n"))
        assert firm.column("LDN-1042") == "dispatched"
        await pilot.press("e")
        assert firm.column("LDN-1042") == "en route"
        await pilot.press("a")
        assert firm.column("LDN-1042") == "on site"
        assert "on site" in grid(app).splitlines()[-2]
        await pilot.press("u")
        assert firm.column("LDN-1042") == "en route"
        assert "took back: a 1042" in grid(app)


async def test_lanes_stay_where_they_are_while_one_looks_and_are_shared_out_anew_for_who_comes_back(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("1042\n"))
        board = app.screen.query_one(Board)
        heads = board.blocks(120)
        await pilot.press("d", *typed("amy\n"), "e")  # what stood logged is under way: one lane is emptier, another fuller
        assert board.blocks(120) == heads
        await pilot.press("a", "question_mark", "q")
        assert board.blocks(120) == heads
        await pilot.press("f5", "f2")
        await pilot.pause()
        assert board.blocks(120) != heads


async def test_the_suggested_step_leads_a_job_from_the_call_to_the_sign_off(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("1042\n"))
        await pilot.press("full_stop", *typed("amy\n"), "full_stop", "full_stop")
        assert firm.column("LDN-1042") == "on site"
        firm.wait(60)
        await pilot.press("full_stop")
        assert firm.column("LDN-1042") == "complete"


async def test_what_cannot_be_done_says_why_and_what_would_make_it_possible(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press(*typed("1008\n"))
        await pilot.press("c")
        said = app.said[-1]
        assert said.level == "warn"
        assert "has no visit yet" in said.words
        assert "d 1008" in said.words
        assert firm.column("LDN-1008") == "logged"


async def test_a_guard_is_overridden_with_a_reason_that_stands_in_the_log(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed(":d 1042 ben\n"))
        assert firm.column("LDN-1042") == "logged"
        await pilot.press(*typed("no one else is near\n"))
        assert firm.column("LDN-1042") == "dispatched"
        log = firm.store.sql("SELECT verb FROM log ORDER BY n DESC LIMIT 1")[0][0]
        assert "no one else is near" in log


async def test_marked_jobs_are_done_together_after_saying_how_many(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        board = app.screen
        assert isinstance(board, BoardView)
        board.board.action_first()
        await pilot.press("space", "space", "p")
        await pilot.pause()
        assert "2 marked" in app.screen.question  # type: ignore[attr-defined]
        await pilot.press(*typed("fri client away\n"))
        assert {firm.column("LDN-1008"), firm.column("LDN-1042")} == {"parked"}


async def test_the_filter_narrows_as_one_types_and_says_how_many_are_left(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("/finch"))
        shown = grid(app)
        assert "1 of 2" in shown
        assert "1008" in shown
        assert "1042 " not in shown
        await pilot.press("escape")
        assert "1042" in grid(app)


async def test_the_dry_run_is_told_beside_the_line_before_enter(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed(":d 1042 amy"))
        await pilot.pause(0.4)
        assert "sent to Amy Reed" in grid(app).splitlines()[-2]
        assert firm.column("LDN-1042") == "logged"
        await pilot.press("escape")
        assert firm.column("LDN-1042") == "logged"


async def test_what_another_console_did_is_shown_and_marked_without_a_key(tmp_path: Path) -> None:
    from fsconsole.clock import ids_from
    from fsconsole.desk import Desk
    from fsconsole.store.opening import open_store
    from fsconsole.verbs import run

    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        other = open_store(tmp_path / "store.db")
        run(Desk(other, firm.clock, ids_from(firm.clock), "zoe"), "d 1042 amy")
        other.close()
        await pilot.pause(0.7)
        board = app.screen
        assert isinstance(board, BoardView)
        assert firm.ids["job"] in board.board._changed
        assert "DISPATCHED 1" in grid(app)


async def test_help_is_about_where_one_came_from_and_runs_what_is_chosen(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("1042\n"))
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpView)
        assert "letters, on this job (1042)" in grid(app).lower()
        await pilot.press(*typed("/dispatch\n"))
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, BoardView)
        await pilot.press(*typed("amy\n"))
        assert firm.column("LDN-1042") == "dispatched"


async def test_at_80_columns_help_says_its_headings_whole_and_which_key_runs_a_line(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*typed("1042\n"))
        await pilot.press("question_mark")
        shown = grid(app)
        assert "LETTERS, ON THIS JOB (1042)" in shown
        assert shown.splitlines()[-1].startswith(" ⏎ run it")


async def test_of_a_line_that_is_too_long_no_figure_is_cut_in_two() -> None:
    class One(App[None]):
        def compose(self) -> ComposeResult:
            yield HeadLine(id="head")

    app = One()
    async with app.run_test(size=(44, 5)) as pilot:
        for pieces, left in (
            ((("C204 Acme", "strong"), ("   £1,560.00 not billed", "soon"), ("   £9,360.00 a year", "dim")), " C204 Acme   £1,560.00 not billed"),
            ((("C204 Acme", "strong"), ("   £9,360.00 a year", "dim"), ("   £1,560.00 not billed", "soon")), " C204 Acme   £1,560.00 not billed"),
            ((("x" * 60, "strong"), ("   £9,360.00 a year", "dim")), " " + "x" * 42 + "…"),
        ):  # fmt: skip
            app.query_one(HeadLine).say(pieces)
            await pilot.pause()
            assert grid(app).splitlines()[0].rstrip() == left


@pytest.mark.parametrize("view", ["board", "clients", "contracts", "exceptions", "money", "sites", "alerts"])
async def test_where_only_ascii_is_wanted_nothing_of_our_own_is_anything_else(view: str, tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view=view)
    app.look = app.look.with_ascii()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        shown = grid(app)
        assert shown.isascii(), sorted({each for each in shown if not each.isascii()})
        assert "at risk GBP " in shown.splitlines()[0]


async def test_q_comes_back_with_the_cursor_where_it_was(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("1008\n"))
        await pilot.press("enter", "q")
        board = app.screen
        assert isinstance(board, BoardView)
        assert board.board.cursor == firm.ids["older"]


async def test_the_palette_finds_a_client_and_an_action(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    opened: list[tuple[str, object]] = []
    async with app.run_test(size=(120, 40)) as pilot:
        app.open_thing = lambda kind, row: opened.append((kind, row))  # type: ignore[method-assign]
        await pilot.press("ctrl+p", *typed("finch"))
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert opened == [("client", firm.ids["finch"])]
        await pilot.press("ctrl+p", *typed("new job"), "enter")
        await pilot.pause(0.2)
        assert type(app.screen).__name__ == "LogForm"


async def test_a_screen_without_rows_says_so_to_a_filter_and_takes_no_letter_for_a_verb(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    column = firm.column("LDN-1042")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter", "slash", "u")
        assert "there is nothing here to filter" in grid(app)
        assert not any("took back" in said.words for said in app.said)
    assert firm.column("LDN-1042") == column

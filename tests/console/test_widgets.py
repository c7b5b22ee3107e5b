from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from fsconsole.console import messages
from fsconsole.console.dialogs import AskText, Choice, Confirm, PickOne
from fsconsole.console.widgets.board import Board
from fsconsole.console.widgets.board_lanes import fold, heights
from fsconsole.console.widgets.canvas import Canvas
from fsconsole.console.widgets.command_line import CommandLine
from fsconsole.console.widgets.form import Form
from fsconsole.console.widgets.rows import ListRows, Row, Rows
from tests.console import gallery
from tests.console.gallery import NOW, Gallery, card, made_up, many
from tests.console.grid import assert_grid, grid, lines_of


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (50, 20)])
@pytest.mark.parametrize("view", gallery.VIEWS)
async def test_every_view_looks_as_it_did(view: str, size: tuple[int, int]) -> None:
    app = Gallery(view)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert_grid(app, f"{view}-{size[0]}x{size[1]}")


async def test_the_ascii_board_has_no_other_character_of_its_own() -> None:
    app = Gallery("board", ascii=True)
    app.jobs.set([row for row in made_up() if f"{row.client}{row.title}{row.location}".isascii()])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert grid(app).isascii()


def _watch(widget: Canvas) -> list[Region]:
    """The regions a widget refreshes from now on; the whole widget counts as one."""
    seen: list[Region] = []
    before = widget.refresh

    def refresh(*regions: Region, **how: bool):
        seen.extend(regions or (widget.size.region,))
        return before(*regions, **how)

    widget.refresh = refresh  # type: ignore[method-assign]
    return seen


async def test_moving_the_cursor_repaints_two_cards_and_nothing_else() -> None:
    app = Gallery("board")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        board = app.query_one(Board)
        seen = _watch(board)
        board.action_down()
        assert seen
        assert all(region.width <= 18 for region in seen)
        assert sum(region.height for region in seen) <= 10


async def test_a_change_off_the_screen_repaints_only_headings_and_one_on_it_only_its_card() -> None:
    app = Gallery("board", count=2000)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        board = app.query_one(Board)
        seen = _watch(board)
        far = app.jobs.by["logged"][200].job
        app.jobs.change(far, title="Other words")
        board.update(far)
        assert seen == []
        near = app.jobs.by["logged"][3].job
        app.jobs.change(near, client="Zebra")
        board.update(near)
        assert [(region.height, region.y) for region in seen] == [(1, 2 + 3)]
        assert "•" in grid(app).splitlines()[2 + 2 + 3]


async def test_the_clock_repaints_only_the_cards_whose_words_it_changes() -> None:
    app = Gallery("board")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        board = app.query_one(Board)
        seen = _watch(board)
        board.tick()
        assert seen == []
        board.now = lambda: NOW + timedelta(minutes=1)
        board.tick()
        assert seen
        assert sum(region.height for region in seen) < 60


async def test_the_cursor_stays_on_its_job_when_that_changes_column() -> None:
    app = Gallery("board")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        board = app.query_one(Board)
        job = board.cursor
        assert job is not None
        app.jobs.change(job, column="on site")
        board.update(job)
        assert (board.cursor, board.column) == (job, "on site")
        assert board.row().job == job


async def test_a_job_that_is_gone_leaves_the_cursor_near_where_it_was() -> None:
    app = Gallery("board")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        board = app.query_one(Board)
        board.action_down()
        gone = board.cursor
        app.jobs.set([row for row in app.jobs.all() if row.job != gone])
        board.reload()
        assert board.column == "logged"
        assert board.cursor not in (None, gone)


async def test_an_empty_board_takes_every_key_and_says_nothing_wrong() -> None:
    app = Gallery("board")
    app.jobs.set([])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("up", "down", "left", "right", "home", "end", "pagedown", "space", "v", "asterisk", "enter")
        assert app.query_one(Board).cursor is None
        app.jobs.set(made_up())
        app.query_one(Board).reload()
        assert app.query_one(Board).cursor is not None


async def test_the_board_asks_only_for_what_is_visible() -> None:
    app = Gallery("board", count=7000)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert max(limit for _, _, limit in app.jobs.asked) <= 2 * 40
        app.jobs.asked.clear()
        board = app.query_one(Board)
        board.action_last()
        assert board.row().job == app.jobs.by["logged"][-1].job
        assert len(app.jobs.asked) <= 3


async def test_cards_shrink_to_one_line_before_any_is_hidden() -> None:
    app = Gallery("board")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        board = app.query_one(Board)
        seen: dict[int, int] = {}
        for count in range(1, 60):
            app.jobs.set([card(2000 + i, "Acme", "Unit 3", "Boiler", "logged", left=i) for i in range(count)])
            board.reload()
            lane = board._layout[0]
            seen[count] = lane.lines
            if lane.visible < count:
                assert lane.lines == 1
        assert seen[1] == 4
        assert sorted(seen.values(), reverse=True) == list(seen.values())


async def test_the_corner_of_a_card_ends_in_the_same_cell_at_every_size() -> None:
    app = Gallery("board", count=700)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        lines = grid(app).splitlines()[4:20]
        assert {line.index("│") for line in lines} == {16}


async def test_folded_lanes_tell_count_and_worst_promise_and_open_when_entered() -> None:
    app = Gallery("board")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        board = app.query_one(Board)
        text = grid(app)
        assert "ON SITE" in text
        assert "▲45m" in text
        assert "1029" not in text
        board.go(b"%016d" % 1029)
        await pilot.pause()
        assert "1029" in grid(app)
        assert board.column == "on site"


async def test_parked_jobs_stand_beside_until_shown() -> None:
    app = Gallery("board")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "parked 1" in grid(app)
        app.query_one(Board).show("parked")
        await pilot.pause()
        assert "990" in grid(app)


async def test_marks_survive_and_a_range_takes_what_lies_between() -> None:
    app = Gallery("board", count=700)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("space", "down", "down", "v")
        board = app.query_one(Board)
        assert len(board.marks) == 4
        board.reload()
        assert grid(app).count("✓") >= 4
        board.clear_marks()
        assert not board.marks


async def test_the_cursor_can_be_seen_without_colour() -> None:
    app = Gallery("board", no_color=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert grid(app).count("▌") >= 1


async def test_names_from_outside_cannot_steer_the_terminal_or_be_taken_for_markup() -> None:
    app = Gallery("board")
    app.jobs.set([card(1, "[/bold]\x1b]0;x\x07", "\x9b2J", "[red]hot\u202e", "logged", stuck="\x1b[2J")])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        text = grid(app)
        assert "\x1b" not in text
        assert "\x9b" not in text
        assert "[red]hot" in text


async def test_a_list_of_a_hundred_thousand_moves_to_its_end_and_back_to_its_row() -> None:
    class Far:
        asked: list[tuple[int, int]] = []

        def count(self) -> int:
            return 100_000

        def rows(self, offset: int, limit: int) -> list[Row]:
            self.asked.append((offset, limit))
            return [Row(f"r{i}", 1, (f"{i}.00", "1 d", "words")) for i in range(offset, min(offset + limit, 100_000))]

        def place(self, id: bytes | str) -> int | None:
            return int(str(id)[1:]) if str(id).startswith("r") else None

    app = Gallery("exceptions")
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        rows = app.query_one(Rows)
        rows.set_provider(Far())
        rows.action_last()
        assert rows.row().id == "r99999"
        rows.reload()
        assert rows.cursor == "r99999"
        assert rows.go("r500")
        kept = rows.place_kept()
        rows.action_first()
        rows.place_restored(kept)
        assert rows.row().id == "r500"
        assert max(limit for _, limit in Far.asked) <= 60


async def test_numbers_stay_in_their_column_and_one_too_long_is_not_cut_into_another() -> None:
    app = Gallery("exceptions")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        rows = app.query_one(Rows)
        rows.set_provider(ListRows([Row("a", 1, ("1.00",)), Row("b", 1, ("99,999,999,999.00",)), Row("c", 1, ("23.45",))]))
        await pilot.pause()
        lines = grid(app).splitlines()[3:6]
        assert lines[0].rstrip().endswith("1.00")
        assert len(lines[0].rstrip()) == len(lines[2].rstrip())
        assert "##########" in lines[1]


async def test_what_is_typed_right_behind_the_colon_reaches_the_line_and_no_verb() -> None:
    app = Gallery("board")
    async with app.run_test(size=(80, 24)) as pilot:
        for key, character in (("colon", ":"), ("d", "d"), ("space", " "), ("1", "1")):
            app.simulate_key(key) if character is None else app.post_message(_key(key, character))
        await pilot.pause(0.1)
        assert app.query_one(CommandLine).text == "d 1"
        assert not app.query_one(Board).marks


def _key(key: str, character: str):
    from textual.events import Key

    return Key(key, character)


async def test_the_command_line_completes_recalls_and_says_what_came_of_it() -> None:
    app = Gallery("board")
    async with app.run_test(size=(80, 24)) as pilot:
        board = app.query_one(Board)
        await pilot.press("colon", "d", "space", *"1042", "space", *"am", "tab")
        line = app.query_one(CommandLine)
        assert line.text == "d 1042 amy "
        assert "would arrive" in grid(app)
        await pilot.press("enter")
        assert [m.text for m in app.heard if isinstance(m, messages.LineEntered)] == ["d 1042 amy "]
        assert app.focused is board
        await pilot.press("colon", "d", "up")
        assert line.text == "d 1042 amy "
        await pilot.press("up", "down", "down")
        assert line.text == "d"
        await pilot.press("escape")
        assert app.focused is board


async def test_a_form_says_what_it_understood_and_what_is_still_needed() -> None:
    app = Gallery("form")
    sent: list[messages.FormFilled] = []
    async with app.run_test(
        size=(120, 30), message_hook=lambda m: sent.append(m) if isinstance(m, messages.FormFilled) else None
    ) as pilot:
        await pilot.pause()
        form = app.query_one(Form)
        assert "Acme Ltd, Slough" in grid(app)
        await pilot.press("ctrl+e")
        assert "what is wrong is needed." in grid(app)
        await pilot.press(*"boiler", "space", *"down", "ctrl+e")
        assert sent[0].typed["title"] == "boiler down"
        assert sent[0].values["client"] == "acme"
        form.fill({"client": ""}, at="client")
        await pilot.press("a", "c", "down", "down", "tab")
        assert form.typed()["client"] == "Acorn Foods"


async def test_dialogs_answer_once_and_esc_answers_nothing() -> None:
    app = Gallery("board")
    answers: list[object] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(PickOne("Who?", [Choice(1, "Ada"), Choice(2, "Amy"), Choice(3, "Ben")]), answers.append)
        await pilot.pause()
        await pilot.press("b", "enter")
        app.push_screen(Confirm("Waive?", reason=True), answers.append)
        await pilot.pause()
        await pilot.press("enter")
        assert "A reason is needed" in grid(app)
        await pilot.press(*"goodwill", "enter")
        app.push_screen(AskText("Until?", check=lambda text: "" if text == "ok" else "say ok"), answers.append)
        await pilot.pause()
        await pilot.press("x", "enter")
        assert "say ok" in grid(app)
        await pilot.press("escape")
        app.push_screen(Confirm("Sure?"), answers.append)
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert answers == [3, "goodwill", None, "yes"]


async def test_every_theme_can_be_put_on_while_running() -> None:
    app = Gallery("board")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before, grounds = grid(app), set()
        for _ in range(6):
            await pilot.press("t")
            await pilot.pause()
            assert grid(app) == before
            grounds.add(str(lines_of(app)[6][1].style))
        assert len(grounds) == 6


async def test_resizing_through_every_width_keeps_the_cursor_in_sight() -> None:
    app = Gallery("board", count=700)
    async with app.run_test(size=(120, 30)) as pilot:
        board = app.query_one(Board)
        for _ in range(30):
            board.action_down()
        for cells in (200, 119, 117, 100, 80, 61, 59, 40, 25, 120):
            await pilot.resize_terminal(cells, 24)
            await pilot.pause()
            text = grid(app)
            assert "▌" in text, cells
            assert all(len(line) <= cells for line in text.splitlines())


async def test_a_cursor_key_costs_the_same_at_ten_times_the_jobs() -> None:
    import time

    took = {}
    for count in (7000, 70000):
        app = Gallery("board")
        app.jobs.set(many(count))
        lanes = app.jobs.lanes()
        app.jobs.lanes = lambda lanes=lanes: lanes  # type: ignore[method-assign]
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            board = app.query_one(Board)
            best = []
            for _ in range(60):
                start = time.perf_counter()
                board.action_down()
                best.append(time.perf_counter() - start)
            took[count] = sorted(best)[10]
    assert took[70000] < took[7000] * 2


def test_lanes_in_trouble_stand_open_and_stay_open_while_the_numbers_change() -> None:
    lanes = gallery.Jobs(made_up()).lanes()
    first = fold(lanes, 80, "logged", ())
    assert first == ["logged", "en route", "dispatched"] or set(first) == {"logged", "dispatched", "en route"}
    calmer = [lane._replace(worst_due=None) if lane.column == "en route" else lane for lane in lanes]
    assert fold(calmer, 80, "logged", first) == first
    assert "complete" in fold(lanes, 80, "complete", first)
    assert fold(lanes, 50, "complete", first) == ["complete"]


@given(st.integers(0, 3000), st.integers(1, 60), st.integers(-5, 4000), st.integers(-5, 4000))
def test_a_lanes_window_always_holds_the_cursor_and_never_more_than_fits(total: int, body: int, at: int, top: int) -> None:
    lines, step, top, visible = heights(total, body, at, top)
    assert 0 <= top <= max(0, total - visible)
    if visible < total:
        assert lines == 1
        assert top <= max(0, min(at, total - 1)) < top + visible
        assert visible + 1 <= max(body, 2)
    else:
        assert total * step - (step - lines) <= body


@pytest.mark.parametrize("room", range(30, 60))
def test_where_there_is_little_room_a_word_is_cut_and_never_a_figure(room: int) -> None:
    from fsconsole.console.screens.contract import ContractView
    from fsconsole.console.screens.exceptions import ExceptionsView
    from fsconsole.console.screens.money import MoneyView
    from fsconsole.console.screens.technician import TechnicianView

    for view in (ContractView, ExceptionsView, MoneyView, TechnicianView):
        rows = Rows(ListRows(), view.FIELDS)
        plan = rows._columns(room)
        if any(cells > 8 for at, cells in plan if view.FIELDS[at].align == "left"):
            assert sum(cells + 2 for _, cells in plan) - 2 <= room
        assert all(cells >= view.FIELDS[at].cells for at, cells in plan if view.FIELDS[at].align == "right")

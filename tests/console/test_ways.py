"""Ways about: ``-`` between any two screens, back to where one was, small terminals, who only watches, the case cleared in two keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from fsconsole.console.screens import base
from tests.console.company import console, typed
from tests.console.grid import grid
from tests.console.test_walk import PROBE, looked, role_runs
from tests.console.worked import worked

#: Views by name, and things by kind and name in the small company.
PLACES: tuple[tuple[str, str], ...] = (
    ("board", ""), ("job", "job"), ("day", ""), ("technician", "amy"), ("map", ""), ("clients", ""), ("client", "acme"),
    ("contracts", ""), ("contract", "c204"), ("exceptions", ""), ("location", "unit3"), ("money", ""), ("asset", "boiler"),
    ("sites", ""), ("alerts", ""),
)  # fmt: skip


def whereabouts(app: object) -> tuple[str, object]:
    view = app.here  # type: ignore[attr-defined]
    return type(view).__name__, view.opened


async def test_minus_goes_to_the_view_before_and_back_between_every_two_screens(tmp_path: Path) -> None:
    app, firm = console(tmp_path)

    async def come_to(pilot: Pilot[None], place: tuple[str, str]) -> tuple[str, object]:
        kind, name = place
        if name:
            app.open_thing(kind, firm.ids[name])
        else:
            app.go(kind)
        await pilot.pause()
        return whereabouts(app)

    async with app.run_test(size=(100, 30)) as pilot:
        # A ring in which views follow things, things views, and some their like.
        for one, other in zip(PLACES, (*PLACES[1:], PLACES[0]), strict=True):
            first, second = await come_to(pilot, one), await come_to(pilot, other)
            assert first != second
            await pilot.press("minus")
            assert whereabouts(app) == first, (one, other)
            await pilot.press("minus")
            assert whereabouts(app) == second, (one, other)
        assert not [said.words for said in app.said if said.level == "error"]


async def test_back_from_what_was_opened_keeps_cursor_scroll_and_filter(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    firm.do(*(f"client Made {number:02} phone:0201{number:02}" for number in range(1, 41)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f5", *typed("/made\n"), "pagedown", "down")
        await pilot.pause(0.1)
        before = grid(app).splitlines()[:-2]
        for way in ("q", "backspace", "minus"):
            await pilot.press("enter")
            await pilot.pause(0.1)
            assert whereabouts(app)[0] == "ClientView"
            await pilot.press(way)
            await pilot.pause(0.1)
            assert grid(app).splitlines()[:-2] == before, way


async def test_smaller_and_larger_again_keeps_the_place(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    firm.do(*(f"log finch thing {number}" for number in range(1, 30)))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("pagedown", "down")
        await pilot.pause(0.1)
        board = app.here.board  # type: ignore[union-attr]
        cursor = board.cursor
        for width, height in ((80, 24), (55, 20), (40, 10), (30, 8), (40, 10), (120, 40)):
            await pilot.resize_terminal(width, height)
            await pilot.pause(0.1)
            shown = grid(app)
            if width >= 40:
                assert board.cursor == cursor
                assert board.row().ref in shown, (width, height)
            else:
                assert "needs 40x10" in shown
        # Under 60 columns there is one list and a line that tells of the others.
        await pilot.resize_terminal(55, 20)
        await pilot.pause(0.1)
        assert "DISPATCHED" not in grid(app)
        assert "F9  !" in grid(app)


async def test_an_exception_is_cleared_by_its_suggested_step_in_two_keys(tmp_path: Path) -> None:
    from fsconsole.store.queries.exceptions import open_cases

    app, firm = worked(tmp_path)
    keys = ["full_stop", "enter"]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f7", *typed("/unbilled\n"))
        await pilot.pause(0.2)
        case = app.here.value()  # type: ignore[union-attr]
        assert case.step_verb
        await pilot.press(*keys[: 1 if not app.here.step().endswith(" ") else 2])  # type: ignore[union-attr]
        await pilot.pause(0.2)
    assert case.key not in [one.key for one in open_cases(firm.store, firm.now)]
    assert len(keys) <= 2


@pytest.mark.parametrize("keys", [["d"], ["u"], ["U"], ["n"], ["full_stop"], ["ctrl+r"], typed(":d 1042 amy\n"), ["space", "space", "p"]])
async def test_whoever_only_watches_is_refused_every_verb_with_a_sentence(tmp_path: Path, keys: list[str]) -> None:
    app, firm = console(tmp_path, read_only=True)
    before = firm.store.one("SELECT count(*) FROM log")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.3)
        assert "READ ONLY" in grid(app).splitlines()[0]
        await pilot.press(*keys)
        await pilot.pause(0.2)
        assert "only watches" in grid(app)
    assert firm.store.one("SELECT count(*) FROM log") == before


async def test_the_palette_finds_technicians_invoices_contracts_clients_and_exceptions(tmp_path: Path) -> None:
    app, firm = worked(tmp_path)
    firm.do("bill C204")
    found = {}
    async with app.run_test(size=(120, 40)) as pilot:
        for words in ("amy", "i0001", "c204", "finch", "no card"):
            await pilot.press("ctrl+p", *typed(words))
            await pilot.pause(0.1)
            found[words] = " ".join(one.words for one in app.screen.found)  # type: ignore[attr-defined]
            await pilot.press("escape")
        await pilot.press("ctrl+p", *typed("no card"))
        at = next(i for i, one in enumerate(app.screen.found) if one.words.startswith("exception"))  # type: ignore[attr-defined]
        await pilot.press(*["down"] * at, "enter")
        await pilot.pause(0.3)
        assert whereabouts(app)[0] == "ExceptionsView"
        assert "no card" in app.here.value().says  # type: ignore[union-attr]
    assert "technician amy" in found["amy"]
    assert "LDN-I0001" in found["i0001"]
    assert "contract C204" in found["c204"]
    assert "client K2 Finch & Co" in found["finch"]
    assert "exception 1042" in found["no card"]


async def test_a_row_that_changed_shows_its_mark_for_some_seconds_without_colour(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f5")
        await pilot.pause(0.2)
        mark = app.look.glyphs.changed
        assert mark not in "\n".join(grid(app).splitlines()[3:-2])
        app.here.changed([firm.ids["finch"]])  # type: ignore[union-attr]
        await pilot.pause(0.1)
        assert any(mark in line and "Finch" in line for line in grid(app).splitlines())


async def test_a_clients_jobs_are_narrowed_like_any_list(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    firm.do("log finch lift stuck", "log finch chiller alarm")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed(":open finch\n"))
        await pilot.pause(0.2)
        await pilot.press(*typed("/!what:lift state:logged"))
        await pilot.pause(0.1)
        assert "2 of 3" in grid(app)
        await pilot.press("enter")
        await pilot.pause(0.1)
        listed = [row.cells[3] for row in app.here.list.provider.rows(0, 9)]  # type: ignore[union-attr]
        assert not any("Lift" in str(words) for words in listed)
        assert len(listed) == 2


async def test_a_line_half_typed_stands_there_still_after_a_look_at_another_screen(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*typed(":n 1042 hel"), "f3")
        assert app.here.view == "day"
        await pilot.press("f2", *typed("lo"))
        assert app.here.line.text == "n 1042 hello"


async def test_ctrl_c_ends_nothing_and_says_what_does(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+c")
        await pilot.pause(0.1)
        assert "To leave: q on the board, or ctrl+q." in grid(app)


async def test_a_filter_that_takes_long_is_taken_when_the_typing_pauses_and_never_after_it_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SLOW", 0.0)  # as if every filter took long
    monkeypatch.setattr(base, "PAUSE", 0.4)
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        asked: list[str] = []
        take = app.here.take_filter
        monkeypatch.setattr(app.here, "take_filter", lambda words: asked.append(words) or take(words))
        await pilot.press("slash", *typed("fin"))
        await pilot.pause(0.8)
        assert asked == ["", "fin"]
        assert "1 of 2" in grid(app)
        await pilot.press("c", "escape")  # left before the pause
        await pilot.pause(0.8)
        assert asked == ["", "fin", ""]
        assert "Acme" in grid(app)


@pytest.mark.parametrize("view", ["board", "exceptions", "day"])
async def test_the_cursor_is_drawn_as_the_keyboards_own_as_soon_as_a_line_is_done_with(tmp_path: Path, view: str) -> None:
    app, _ = worked(tmp_path, view=view)

    def drawn() -> set[str]:
        return {run.role for run in role_runs(app)} & {"cursor", "cursor_away"}

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        looked(app, PROBE)
        await pilot.pause(0.1)
        assert drawn() == {"cursor"}
        await pilot.press("colon")
        assert drawn() == {"cursor_away"}
        await pilot.press("escape")
        assert drawn() == {"cursor"}

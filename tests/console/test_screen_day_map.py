from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.console.screens import day, lists
from fsconsole.console.screens import map as map_
from fsconsole.console.screens.day import DayView
from fsconsole.console.screens.job import JobView
from fsconsole.console.screens.map import MapView, Pins
from fsconsole.console.screens.technician import TechnicianView
from fsconsole.console.widgets.map_things import Thing
from fsconsole.flow import day as flow_day
from fsconsole.flow.day import day_rows
from fsconsole.store.opening import open_store
from tests.company import Company
from tests.console.company import typed
from tests.console.grid import grid
from tests.console.worked import trail, worked


def looks(firm: Company) -> list[tuple[bytes, str]]:
    return [tuple(row) for row in firm.store.sql("SELECT about, by FROM note WHERE text LIKE 'trail of%' AND void = 0")]  # type: ignore[misc]


async def test_the_day_says_who_is_free_and_what_is_booked(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="day")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        shown = grid(app)
        assert "2 technicians: 0 at work, 2 free" in shown
        assert "1 of 1" in shown
        assert "1008" in shown


async def test_a_letter_on_the_day_is_the_verb_of_the_technician(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="day")
    firm.do("d 1008 ben")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        assert app.screen.find(firm.ids["ben"])
        await pilot.press("e")
        await pilot.pause(0.1)
        assert firm.column("LDN-1008") == "en route"


async def test_enter_opens_a_technicians_day_with_three_hours_side_by_side(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="day")
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause(0.3)
        assert app.screen.find(firm.ids["amy"])
        await pilot.press("enter")
        await pilot.pause(0.2)
        view = app.screen
        assert isinstance(view, TechnicianView)
        (visit,) = view.visits()
        assert visit.card == 95
        assert visit.visit.on_site == 96
        assert (visit.visit.trail or 0) > 30
        assert "Unit 3" in grid(app)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, JobView)


async def test_a_technicians_visits_are_filtered_in_the_words_of_every_list(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="day")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        assert app.screen.find(firm.ids["amy"])
        await pilot.press("enter")
        await pilot.pause(0.2)
        view = app.screen
        assert isinstance(view, TechnicianView)
        everything = len(view.visits())
        await pilot.press("slash", *"client:acme", "enter")
        assert 0 < len(view.visits()) <= everything
        await pilot.press("slash", *" zzz", "enter")
        assert view.visits() == []
        assert "Nothing here matches the filter" in grid(app)


async def test_another_day_is_one_key_away(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="day")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        assert "Tuesday 3 March" in grid(app)
        await pilot.press("right")
        assert "Wednesday 4 March" in grid(app)
        await pilot.press("left", "left")
        assert "Monday 2 March" in grid(app)


async def test_the_filter_of_the_day_keeps_those_with_a_skill(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="day")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("slash", *typed("electr\n"))
        assert [row.code for row in app.screen.shown] == ["ben"]
        assert isinstance(app.screen, DayView)


async def test_the_map_shows_the_trail_and_goes_on_when_it_grows(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="map")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.4)
        view = app.screen
        assert isinstance(view, MapView)
        amy = firm.ids["amy"]
        before = len(view.trails[amy])
        assert before == 60
        trail(firm, "amy", 75, start=60)
        view.reload()
        assert len(view.trails[amy]) == 75
        assert len(view.panel.data.trails[amy]) == 75


async def test_looking_at_the_map_is_recorded_once_and_undo_does_not_take_it_for_work(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="map")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.4)
        app.screen.reload()
        assert looks(firm) == [(firm.ids["amy"], "jo")]
        await pilot.press("f2", "f4")
        await pilot.pause(0.2)
        assert len(looks(firm)) == 1
        await pilot.press("u")
        await pilot.pause(0.1)
        assert len(looks(firm)) == 1
        assert "book 1008" in app.said[-1].words


async def test_who_only_watches_leaves_nothing_in_the_store_and_still_sees(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="map", read_only=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.4)
        assert app.screen.trails
        assert not looks(firm)


async def test_letters_on_the_map_act_on_what_the_cursor_stands_on(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="map")
    firm.do("log acme no light @hq")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.4)
        view = app.screen
        pin = next(pin for pin in view.panel.data.jobs if pin.label == "Acme Ltd" and pin.column == "logged")
        view.panel.cursor = Thing("job", pin.id)
        assert view.chosen().ref == pin.ref
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, JobView)


async def test_changes_in_quick_succession_are_asked_for_once_where_asking_is_dear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = worked(tmp_path, view="day")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        view, asked, waiting = app.screen, [], []
        monkeypatch.setattr(lists, "perf_counter", lambda: 0.0)
        monkeypatch.setattr(view, "reload", lambda: asked.append(1))
        monkeypatch.setattr(view, "set_timer", lambda _, then: waiting.append(then) or then)
        view._cost = 0.1
        for _ in range(5):
            view.changed([])
        (then,) = waiting
        assert not asked
        then()
        assert len(asked) == 1
        view.changed([])
        assert len(asked) == 2


@pytest.mark.parametrize("view", ["day", "map"])
async def test_where_much_is_under_way_the_same_is_shown_once_it_is_worked_out_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    app, firm = worked(tmp_path, view=view)
    firm.do("d 1008 ben")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        at_once = grid(app)
    for module in (day, map_):
        monkeypatch.setattr(module, "AT_ONCE", -1)
    (tmp_path / "aside").mkdir()
    app, firm = worked(tmp_path / "aside", view=view)
    firm.do("d 1008 ben")
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(500):
            await pilot.pause(0.01)
            if app.here is not None and getattr(app.here, "rows", None):
                break
        await pilot.pause(0.1)
        assert grid(app) == at_once


async def test_whoever_is_looked_for_while_the_day_is_worked_out_is_gone_to_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day, "AT_ONCE", -1)
    app, firm = worked(tmp_path, view="day")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        view = app.screen
        assert isinstance(view, DayView)
        if not view.rows:
            assert "working it out" in grid(app)
            assert not view.find(firm.ids["ben"])
        else:
            view.find(firm.ids["ben"])
        for _ in range(500):
            await pilot.pause(0.01)
            if view.rows:
                break
        assert view.days.row().id == firm.ids["ben"]
        await pilot.press("right")
        for _ in range(500):
            await pilot.pause(0.01)
            if view.rows:
                break
        assert "Wednesday 4 March" in grid(app)


def test_a_day_gone_through_a_few_technicians_at_a_time_is_the_same_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, firm = worked(tmp_path)
    firm.do("d 1008 ben")
    whole = day_rows(firm.store, firm.now)
    assert sum(bool(row.spans) for row in whole) > 1
    assert [day_rows(firm.store, firm.now, only=row.technician) for row in whole] == [[row] for row in whole]
    monkeypatch.setattr(flow_day, "MANY", 1)
    assert day_rows(open_store(firm.store.path), firm.now) == whole


async def test_of_very_many_jobs_the_most_urgent_are_drawn_and_the_rest_is_told_and_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, firm = worked(tmp_path, view="map")
    for words in ("log acme drain smell @hq", "log acme pump noisy @unit3 !1", "log acme lift stops @hq"):
        firm.do(words)
    firm.store.raw.execute("UPDATE job_now SET lat = 515000000 + number, lon = -6000000, due_at = 1772500000000 - number")
    every = Pins.of(firm.store, firm.now, "")
    assert len(every.shown) > 1
    assert not every.left_out
    monkeypatch.setattr(map_, "MOST", 1)
    first = Pins.of(firm.store, firm.now, "")
    assert len(first.shown) == 1
    assert first.left_out == len(every.shown) - 1
    due = dict(firm.store.sql("SELECT job, due_at FROM job_now"))
    assert due[first.shown[0].id] == min(due[pin.id] for pin in every.shown)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause(0.3)
        assert f"the 1 most urgent of {len(every.shown)} jobs" in grid(app)
        other = next(pin for pin in every.shown if pin.id != first.shown[0].id)
        assert app.screen.find(other.id)

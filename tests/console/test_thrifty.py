"""The App that writes only what changed, against a terminal that is looked at cell by cell."""

from __future__ import annotations

import asyncio
import random
from queue import Queue
from typing import Any

import pytest
from textual import events, messages
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import Static

from fsconsole.console import thrifty
from fsconsole.console.dialogs import Choice, PickOne
from fsconsole.console.thrifty import PING, Thrifty
from fsconsole.console.widgets.board import Board
from tests.console.gallery import Gallery
from tests.console.grid import lines_of
from tests.console.terminal import Terminal, differing, stock


class Writer:
    """In place of Textual's writer thread: what is written is seen at once, unless the line is stuck."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal, self.wrote = terminal, list[str]()
        self._queue: Queue[str] = Queue()
        self.stuck = False

    def write(self, text: str) -> None:
        if self.stuck:
            self._queue.put(text)
            return
        self.wrote.append(text)
        self.terminal.feed(text)

    def run_dry(self) -> None:
        self.stuck = False
        while not self._queue.empty():
            self.write(self._queue.get())


class Pretended(HeadlessDriver):
    """A driver that believes in its terminal."""

    is_headless = False

    def start_application_mode(self) -> None:
        width, height = self._size or (80, 24)
        self.terminal = Terminal(width, height)
        self._writer_thread = Writer(self.terminal)
        super().start_application_mode()

    def write(self, data: str) -> None:
        self._writer_thread.write(data)


class Seen(Thrifty, Gallery):
    """The gallery, thrifty."""


class One(Thrifty):
    """One widget."""

    def compose(self) -> ComposeResult:
        yield Static("abc", id="one")


def pretended(app: App) -> tuple[Writer, Terminal]:
    driver = app._driver
    assert isinstance(driver, Pretended)
    return driver._writer_thread, driver.terminal


def assert_shown(app: App) -> None:
    """The terminal shows what Textual composed, colours included."""
    _, terminal = pretended(app)
    width, height = app.screen.size
    lines = lines_of(app)
    assert differing(terminal, stock(lines, width, height, app.console._color_system)) == []


@pytest.fixture(params=["256", "truecolor", "standard"])
def colours(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    from textual import constants

    monkeypatch.setattr(constants, "COLOR_SYSTEM", request.param)
    monkeypatch.setenv("TERM", "xterm-256color")
    return request.param


async def begun(pilot: Pilot) -> None:
    for _ in range(20):
        await pilot.pause(0.02)
        if pretended(pilot.app)[0].wrote and not pilot.app._shadow.dirty:
            return


def gallery(view: str = "board", count: int = 200) -> Seen:
    app = Seen(view, count=count)
    app.driver_class = Pretended
    return app


def one() -> One:
    return One(driver_class=Pretended)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_pressed_resized_or_opened_the_terminal_shows_it(seed: int, colours: str) -> None:
    dice = random.Random(seed)
    app = gallery()
    async with app.run_test(headless=False, size=(100, 30)) as pilot:
        await begun(pilot)
        assert_shown(app)
        cards = app.jobs.all()
        for _ in range(12):
            deed = dice.choice(("down", "right", "end", "pageup", "modal", "theme", "resize", "change", "ctrl+l", "type"))
            if deed == "modal":
                app.push_screen(PickOne("Who goes?", [Choice("a", "Åsa", "12 min"), Choice("b", "日本", "🚧 21 min")]))
                await pilot.pause(0.03)
                assert_shown(app)
                app.pop_screen()
            elif deed == "theme":
                app.action_theme()
            elif deed == "resize":
                width, height = dice.choice(((100, 30), (81, 24), (120, 40), (60, 20)))
                _, terminal = pretended(app)
                terminal.resize(height, width)
                await pilot.resize_terminal(width, height)
            elif deed == "change":
                app.jobs.change(dice.choice(cards[:40]).job, title=dice.choice(("空調 alarm", "Boiler e\u0301teint", "🚧", "x")))
                app.query_one(Board).reload()
            elif deed == "type":
                app.action_command()
                await pilot.press("d", "space", "1")
                await pilot.press("escape")
            else:
                await pilot.press(deed)
            await pilot.pause(0.05)
            assert_shown(app)


@pytest.mark.parametrize("view", ["board", "day", "exceptions", "form", "detail", "confirm"])
async def test_every_view_begins_with_one_frame(view: str, colours: str) -> None:
    app = gallery(view)
    async with app.run_test(headless=False, size=(120, 40)) as pilot:
        await begun(pilot)
        assert_shown(app)
        writer, terminal = pretended(app)
        frames = [text for text in writer.wrote if len(text) > 200]
        assert len(frames) == 1
        assert terminal.heard < 24_000


async def test_a_refresh_of_what_stands_there_writes_nothing() -> None:
    app = gallery()
    async with app.run_test(headless=False, size=(120, 40)) as pilot:
        await begun(pilot)
        _, terminal = pretended(app)
        before = terminal.heard
        app.screen.refresh(layout=True)
        await pilot.pause(0.05)
        app.query_one(Board).refresh()
        await pilot.pause(0.05)
        assert terminal.heard == before


async def test_a_change_is_drawn_at_once_where_nothing_lies_over_it_and_left_to_textual_under_a_dialog() -> None:
    app = gallery()
    async with app.run_test(headless=False, size=(120, 40)) as pilot:
        await begun(pilot)
        await pilot.pause(0.2)
        board, first = app.query_one(Board), app.jobs.all()[0].job
        told: list[bool] = []
        at_once = app.drawn_at_once
        app.drawn_at_once = lambda widget, regions: told.append(at_once(widget, regions)) or told[-1]  # type: ignore[method-assign]
        app.jobs.change(first, title="A pump that sings")
        board.update(first)
        await pilot.pause(0.1)
        assert told == [True]
        assert_shown(app)
        app.push_screen(PickOne("Who goes?", [Choice("a", "Åsa", "12 min")]))
        await pilot.pause(0.2)
        app.jobs.change(first, title="A pump that is silent")
        board.reload()
        await pilot.pause(0.1)
        assert told[1:]
        assert not any(told[1:])
        assert_shown(app)


async def test_one_changed_character_is_one_short_write() -> None:
    app = one()
    async with app.run_test(headless=False, size=(120, 40)) as pilot:
        await begun(pilot)
        writer, terminal = pretended(app)
        before, writes = terminal.heard, len(writer.wrote)
        app.query_one(Static).update("abd")
        await pilot.pause(0.05)
        assert 0 < terminal.heard - before <= 30
        assert len(writer.wrote) == writes + 1
        assert_shown(app)


async def test_while_the_line_is_stuck_frames_wait_and_only_the_newest_is_written() -> None:
    app = one()
    async with app.run_test(headless=False, size=(40, 5)) as pilot:
        await begun(pilot)
        writer, terminal = pretended(app)
        writer.stuck = True
        for number in range(9):
            app.query_one(Static).update(f"frame {number}")
            await pilot.pause(0.03)
        assert writer._queue.qsize() == 1
        assert "frame" not in terminal.text()
        writer.run_dry()
        await pilot.pause(0.05)
        assert terminal.text().startswith("frame 8")
        assert_shown(app)


async def test_frames_wait_for_a_terminal_that_answers_late() -> None:
    app = one()
    async with app.run_test(headless=False, size=(80, 24)) as pilot:
        await begun(pilot)
        writer, terminal = pretended(app)
        app.post_message(messages.TerminalSupportsSynchronizedOutput())
        await pilot.pause(0.02)
        for number in range(6):
            app.query_one(Static).update(
                "\n".join(f"{number} {random.Random(line * 31 + number).random()}" * 3 for line in range(20))
            )
            await pilot.pause(0.03)
        asked = sum(PING in text for text in writer.wrote)
        assert 1 <= asked <= 3
        assert not terminal.text().startswith("5")
        for _ in range(asked):
            app.post_message(messages.TerminalSupportsSynchronizedOutput())
            await pilot.pause(0.02)
        assert terminal.text().startswith("5")
        for _ in range(asked + 1):
            app.post_message(messages.TerminalSupportsSynchronizedOutput())
        await pilot.pause(0.02)
        assert_shown(app)


async def test_a_terminal_that_stops_answering_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thrifty, "PING_LOST", 0.05)
    app = one()
    async with app.run_test(headless=False, size=(80, 24)) as pilot:
        await begun(pilot)
        writer, terminal = pretended(app)
        app.post_message(messages.TerminalSupportsSynchronizedOutput())
        await pilot.pause(0.02)
        for number in range(30):
            app.query_one(Static).update(
                "\n".join(f"{number} {random.Random(line * 31 + number).random()}" * 3 for line in range(20))
            )
            await pilot.pause(0.03)
        await pilot.pause(0.2)
        assert terminal.text().startswith("29")
        assert 3 <= sum(PING in text for text in writer.wrote) <= 6
        assert_shown(app)


async def test_short_writes_stand_alone_and_long_ones_in_a_synchronized_frame() -> None:
    app = gallery()
    async with app.run_test(headless=False, size=(120, 40)) as pilot:
        await begun(pilot)
        app.post_message(messages.TerminalSupportsSynchronizedOutput())
        await pilot.pause(0.02)
        writer, _ = pretended(app)
        writer.wrote.clear()
        app.action_theme()
        await pilot.pause(0.1)
        assert writer.wrote[0].startswith("\x1b[?2026h")
        assert all(("\x1b[?2026h" in text) == ("\x1b[?2026l" in text) for text in writer.wrote)
        assert_shown(app)


async def test_ctrl_l_writes_everything_again() -> None:
    app = gallery()
    async with app.run_test(headless=False, size=(100, 30)) as pilot:
        await begun(pilot)
        _, terminal = pretended(app)
        terminal.feed("\x1b[m\x1b[2J\x1b[5;9Hmessage from root\x1b[1;5r")
        assert terminal.text().strip() == "message from root"
        await pilot.press("ctrl+l")
        await pilot.pause(0.03)
        assert_shown(app)


async def test_taking_the_terminal_back_writes_everything_again() -> None:
    app = gallery()
    async with app.run_test(headless=False, size=(100, 30)) as pilot:
        await begun(pilot)
        terminal = Terminal(100, 30)
        app._driver.terminal = terminal  # type: ignore[union-attr]
        app._driver._writer_thread = Writer(terminal)  # type: ignore[union-attr]
        app.post_message(events.Resize(Size(100, 30), Size(100, 30)))
        await pilot.pause(0.05)
        assert_shown(app)


async def test_a_resize_waits_for_its_layout() -> None:
    app = gallery()
    async with app.run_test(headless=False, size=(100, 30)) as pilot:
        await begun(pilot)
        writer, terminal = pretended(app)
        terminal.resize(20, 60)
        terminal.feed("\x1b[2J")
        writer.wrote.clear()
        app.post_message(events.Resize(Size(60, 20), Size(60, 20)))
        await pilot.pause(0.1)
        assert_shown(app)
        assert max(int(text.split(";")[0][2:]) for text in writer.wrote if text[:2] == "\x1b[" and text[2].isdigit()) <= 20


async def test_leaving_waits_a_little_for_an_answer_on_its_way() -> None:
    app = one()
    async with app.run_test(headless=False, size=(40, 5)) as pilot:
        await begun(pilot)
        app._Thrifty__pings.append((0.0, 600))
        app.call_later(app.exit)
        while not app._Thrifty__leaving:
            await asyncio.sleep(0.005)
        assert app._running
        app.post_message(messages.TerminalSupportsSynchronizedOutput())
        app._Thrifty__pings.clear()
    assert not app._running


async def test_where_textual_is_another_one_everything_goes_the_stock_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert One.thrifty

    def _display(self: App, screen: Any, renderable: Any, options: Any = None) -> None:
        stock_display(self, screen, renderable)

    stock_display = App._display
    monkeypatch.setattr(App, "_display", _display)

    class Other(Thrifty):
        def compose(self) -> ComposeResult:
            yield Static("abc")

    assert not Other.thrifty
    app = Other(driver_class=Pretended)
    async with app.run_test(headless=False, size=(40, 5)) as pilot:
        await pilot.pause(0.1)
        _, terminal = pretended(app)
        assert terminal.text().startswith("abc")
        before = terminal.heard
        app.query_one(Static).refresh()
        await pilot.pause(0.05)
        assert terminal.heard > before  # stock output writes it again
        await pilot.press("ctrl+l")
        await pilot.pause(0.05)
        assert terminal.text().startswith("abc")


@pytest.mark.parametrize("name", ["LayoutUpdate", "ChopsUpdate", "WriterThread"])
def test_each_private_part_is_checked_by_name_and_signature(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert thrifty.fits()

    class Changed(getattr(thrifty, name)):  # type: ignore[misc]
        def __init__(self, other: int) -> None: ...

    monkeypatch.setattr(thrifty, name, Changed)
    assert not thrifty.fits()


async def test_a_driver_without_a_writer_is_left_to_textual() -> None:
    app = one()
    async with app.run_test(size=(40, 5)) as pilot:  # headless
        await pilot.pause()
        assert app.screen.size == (40, 5)
        assert not app._at_work()


async def test_an_error_while_writing_ends_the_program_as_any_error_does(monkeypatch: pytest.MonkeyPatch) -> None:
    app = one()

    async def run() -> None:
        async with app.run_test(headless=False, size=(40, 5)) as pilot:
            await begun(pilot)
            monkeypatch.setattr(app._shadow, "changes", lambda: 1 / 0)
            app.query_one(Static).update("abd")
            await pilot.pause(0.05)

    with pytest.raises(ZeroDivisionError):
        await run()

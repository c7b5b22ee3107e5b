"""Keys in turn: one is handed on only when the one before has been dealt with to its end."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from fsconsole.console.ahead import InTurn


class Hears(Widget, can_focus=True):
    """Takes its time over each key, then lets it go on up."""

    def __init__(self, pause: float) -> None:
        super().__init__(id="main")
        self.pause = pause
        self.heard: list[str] = []

    async def on_key(self, event: events.Key) -> None:
        await asyncio.sleep(self.pause)
        self.heard.append(event.key)


class Room(Screen[None]):
    AUTO_FOCUS = "#main"

    def __init__(self, pause: float) -> None:
        super().__init__()
        self.hears = Hears(pause)

    def compose(self) -> ComposeResult:
        yield self.hears


class House(InTurn):
    BINDINGS = [Binding("a", "enter", "go in")]

    def __init__(self) -> None:
        super().__init__()
        self.rooms = [Room(0.05), Room(0.0)]

    def get_default_screen(self) -> Screen[Any]:
        return self.rooms[0]

    def action_enter(self) -> None:
        self.push_screen(self.rooms[1])


async def test_a_key_waits_while_the_one_before_is_still_in_the_hands_of_a_widget() -> None:
    house = House()
    async with house.run_test() as pilot:
        for key in "abc":
            house.post_message(events.Key(key, key))
        while sum(len(room.hears.heard) for room in house.rooms) < 3:
            await pilot.pause(0.01)
        assert [room.hears.heard for room in house.rooms] == [["a"], ["b", "c"]]

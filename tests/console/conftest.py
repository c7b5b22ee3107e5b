"""A pause of the Pilot ends when the app is at rest, so that a busy machine changes nothing of what a test sees."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from textual.app import App
from textual.message_pump import MessagePump
from textual.pilot import Pilot

#: Seconds after which an app that is never at rest is looked at as it is.
LONGEST = 10.0


def at_work(app: App[Any]) -> bool:
    """Whether a message is on its way or in somebody's hands, or something is still to be laid out or painted."""
    if not app.is_running or not app.screen_stack:
        return False
    screen = app.screen
    if not screen.is_mounted or screen._layout_required or screen._dirty_widgets or screen._callbacks:
        return True
    return any(_works(pump) for pump in (app, screen, *screen.walk_children()) if pump.is_running)


def _works(pump: MessagePump) -> bool:
    queue = pump._message_queue
    return bool(queue.qsize() or pump._pending_message is not None or pump._next_callbacks or not queue.ready_event._waiters)


@pytest.fixture(autouse=True)
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    pause = Pilot.pause

    async def until_at_rest(pilot: Pilot[Any], delay: float | None = None) -> None:
        await pause(pilot, delay)
        end = time.monotonic() + LONGEST
        while at_work(pilot.app) and time.monotonic() < end:
            await asyncio.sleep(0.005)
        await pause(pilot)

    monkeypatch.setattr(Pilot, "pause", until_at_rest)

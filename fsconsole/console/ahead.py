"""InTurn: a key means what it means on the screen that the keys before it have opened, however fast they come.

It stands apart because Textual hands on every key at once, to whatever has the keyboard then: of ``F7 : a m y`` typed in
one go the letters would come to the exceptions as verbs, since the command line opens a moment later.

Always: keys are dealt with one after the other, in the order in which they were pressed; none is lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

#: Seconds between two looks whether a key's turn has come.
LOOK = 0.001
#: Looks after which a key waits no longer: for a screen, for its focus. Looks and not seconds, so that a machine that is slow
#: to open a screen is also slow to lose patience. Fewer than a hundred were seen with ten at once on a busy machine;
#: whoever never comes to rest holds a key up for less than a second.
PATIENCE, FOCUS = 300, 100


class InTurn(App[Any]):
    """An App whose keys wait until the one before was dealt with, and the screen that it opened has the keyboard."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pressed_at = 0.0  # when the last key was, on the loop's clock
        self.__ahead: deque[events.Event] = deque()
        self.__way: list[MessagePump] = []  # whom the key before came to, from the focused widget up to the app
        self.__waiting = False
        self.__looked = 0

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self.pressed_at = asyncio.get_running_loop().time()
        self.__ahead.append(event)
        if not self.__waiting:
            await self.__next()

    async def __next(self) -> None:
        """Hands on what waits, as far as its turn has come."""
        self.__waiting = False
        while self.__ahead and self.screen_stack:  # none: the console is being left
            if self.__looked < self.__patience():
                self.__looked += 1
                self.__waiting = True
                asyncio.get_running_loop().call_later(LOOK, self.call_next, self.__next)
                return
            self.__looked = 0
            self.__way = [*(self.focused or self.screen).ancestors_with_self]
            await super().on_event(self.__ahead.popleft())

    def __patience(self) -> int:
        """How many looks to wait for what is not there yet; 0 when the screen on top is whole and has the keyboard."""
        screen = self.screen
        if not screen.is_mounted or any(self.__works(pump) for pump in (*self.__way, screen)):
            return PATIENCE
        wanted = screen.AUTO_FOCUS
        lost = screen.focused is None and bool(wanted) and any(one.focusable for one in screen.query(wanted))
        return FOCUS if lost else 0

    def __works(self, pump: MessagePump) -> bool:
        """Whether messages still lie before a pump, or one is in its hands.

        An empty queue is not enough: a pump takes the next message out while the one before is worked on. At rest is who
        waits for the queue to be filled; this app never does here, since it is dealing with a key.
        """
        if not pump.is_running:
            return False
        if pump.message_queue_size or getattr(pump, "_pending_message", None) is not None:
            return True
        waiters = getattr(getattr(pump._message_queue, "ready_event", None), "_waiters", None)  # None: another Textual's queue
        return pump is not self and waiters is not None and not waiters

"""Thrifty: the one way out to the terminal, which writes the cells that changed and nothing else.

It stands apart because it alone leans on Textual's private parts, named in ``fits``; where they differ, ``Thrifty`` is
a plain App. What to write is decided by ``Shadow``; here it is decided when.

Always: frames may be skipped, the last never is.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from collections import deque
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.message import Message

from fsconsole.console.shadow import ERASES, Shadow

try:
    from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
    from textual.drivers._writer_thread import WriterThread
except ImportError:
    ChopsUpdate = CompositorUpdate = LayoutUpdate = WriterThread = None  # type: ignore[assignment, misc]

SYNC_ON, SYNC_OFF, SYNC_FROM = "\x1b[?2026h", "\x1b[?2026l", 256  # a short write needs no frame around it
PING, PING_EVERY, PING_LOST = "\x1b[?2026$p", 512, 3.0  # bytes; seconds without an answer
WINDOW_LEAST, WINDOW_FIRST, WINDOW_MOST = 1024, 2048, 65536  # bytes on their way


def _takes(thing: Any, *names: str) -> bool:
    """Whether a function's parameters are named so."""
    try:
        return tuple(inspect.signature(thing).parameters) == names
    except (TypeError, ValueError):
        return False


def fits() -> bool:
    """Whether Textual's private parts are the ones this module was written for."""
    return (
        sys.platform != "win32"
        and LayoutUpdate is not None
        and _takes(getattr(App, "_display", None), "self", "screen", "renderable")
        and _takes(LayoutUpdate.__init__, "self", "strips", "region")
        and _takes(ChopsUpdate.__init__, "self", "chops", "spans", "chop_ends")
        and _takes(WriterThread.__init__, "self", "file")
        and _takes(WriterThread.write, "self", "text")
        and issubclass(LayoutUpdate, CompositorUpdate)
        and issubclass(ChopsUpdate, CompositorUpdate)
    )


class Thrifty(App[Any]):
    """An App that writes the cells that changed. Ctrl+L writes all of them again.

    A frame waits while the one before it is still on its way: while Textual's writer has something queued, and, where the
    terminal answers (it is asked whether it knows synchronized output, which every terminal answers without a trace),
    while more is unanswered than the line carries in a moment. What waits is only ever the newest frame.
    """

    BINDINGS = [Binding("ctrl+l", "repaint", "repaint", show=False, priority=True)]
    thrifty = False

    def __init_subclass__(cls, *args: Any, **kwargs: Any) -> None:
        super().__init_subclass__(*args, **kwargs)
        cls.thrifty = fits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        term = os.environ.get("TERM", "")
        colours = None if self.no_color or self.console.color_system is None else self.console._color_system
        self._shadow = Shadow(colours, term.startswith(ERASES))
        self._terminal: tuple[int, int] | None = None
        self._writer: Any = None
        self._begun = 0.0  # when this writer was first seen
        self._painted = False
        self._flushing: asyncio.TimerHandle | None = None
        self._answers = False
        self._leaving = False
        self._pings: deque[tuple[float, int]] = deque()
        self._unasked = 0
        self._window, self._swiftest, self._lost = WINDOW_FIRST, PING_LOST, 0

    def _display(self, screen: Any, renderable: Any) -> None:
        if not self._at_work() or not isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            if renderable is not None and not self._batch_count:
                self._shadow.forget()
            super()._display(screen, renderable)
            return
        try:
            if not self._batch_count:
                self._look_for_writer()
                self._want(renderable)
                self._flush()
        except Exception as error:
            self._handle_exception(error)
        finally:
            self.post_display_hook()

    def _at_work(self) -> bool:
        driver = self._driver
        return (
            self.thrifty
            and driver is not None
            and self._running
            and not self._closed
            and not driver.is_headless
            and not driver.is_inline
            and hasattr(getattr(driver, "_writer_thread", None), "_queue")
        )

    def _look_for_writer(self) -> bool:
        """Textual makes a new writer whenever it takes the terminal back: whatever stood there is gone."""
        if (writer := getattr(self._driver, "_writer_thread", None)) is self._writer:
            return False
        self._writer, self._begun = writer, monotonic()
        self._shadow.forget()
        self._pings.clear()
        self._unasked = 0
        return True

    def _want(self, update: Any) -> None:
        shadow = self._shadow
        if isinstance(update, LayoutUpdate):
            region = update.region
            if region.x == region.y == 0 and (region.width, region.height) != (shadow.width, shadow.height):
                shadow.resize(region.width, region.height)
            for y, strips in enumerate(update.strips, region.y):
                x = region.x
                for strip in strips:
                    x = shadow.put(x, y, strip)
            return
        for y, start, end in update.spans:
            for stop, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x < end and stop > start:
                    shadow.put(x, y, strip)

    def _later(self, seconds: float) -> None:
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(seconds, self._woken)

    def _woken(self) -> None:
        self._flushing = None
        try:
            self._flush()
        except Exception as error:
            self._handle_exception(error)

    def _flush(self) -> None:
        """Writes what changed, or sees to it that somebody does."""
        shadow = self._shadow
        if not self._at_work() or not shadow.dirty:
            return
        if self._terminal not in (None, (shadow.width, shadow.height)):
            return  # resized: the layout for the new size is on its way
        if not self._painted and monotonic() - self._begun < 0.15 and self._unsettled():
            self._later(0.002)
            return
        if self._writer._queue.qsize():
            self._later(0.004)
            return
        if self._pings and sum(size for _, size in self._pings) > self._window:
            if monotonic() - self._pings[0][0] < PING_LOST:
                self._later(0.05)  # an answer flushes sooner
                return
            self._pings.clear()
            self._lost += 1
            self._answers = self._lost < 3
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        self._painted = True
        data = shadow.changes()
        if not data:
            return
        focused = self.focused
        if getattr(focused, "cursor_screen_offset", None) is not None:  # where an input method shows itself
            data += shadow.place(*self.screen.outer_size.clamp_offset(self.cursor_position))
        if self._sync_available and len(data) >= SYNC_FROM:
            data = f"{SYNC_ON}{data}{SYNC_OFF}"
        self._unasked += len(data)
        if self._answers and not self._leaving and self._unasked >= PING_EVERY:
            data += PING
            self._pings.append((monotonic(), self._unasked))
            self._unasked = 0
        self._writer.write(data)

    def _unsettled(self) -> bool:
        """Whether the screen is about to paint again: the first frames are one."""
        screen = self.screen
        waits = ("_layout_required", "_repaint_required", "_scroll_required", "_dirty_widgets")
        if any(getattr(screen, name, None) for name in waits):
            return True
        queues = (getattr(node, "_message_queue", None) for node in (self, screen, *screen.walk_children()))
        return any(not queue.empty() for queue in queues if queue is not None)

    def on_terminal_supports_synchronized_output(self, message: Message) -> None:
        """The terminal has come so far."""
        self._answers = self._lost < 3
        if not self._pings:
            return
        sent, _ = self._pings.popleft()
        took = monotonic() - sent
        self._swiftest = min(self._swiftest * 1.01, took)
        if took > self._swiftest + 0.06:
            self._window = max(WINDOW_LEAST, self._window // 2)
        elif took < self._swiftest + 0.02:
            self._window = min(WINDOW_MOST, self._window * 2)
        self._flush()

    def on_resize(self, event: events.Resize) -> None:
        """The terminal's size, or that it was taken back (after a stop, too)."""
        size = (event.size.width, event.size.height)
        anew = self._look_for_writer()
        if anew or size != self._terminal or monotonic() - self._begun > 1.0:
            # The first report repeats the size; later ones may hide a change there and back.
            self._shadow.forget()
        self._terminal = size
        self._flush()

    def action_repaint(self) -> None:
        """Writes everything again, whatever another program has left on the terminal."""
        if not self._at_work():
            self.refresh(layout=True)
            return
        self._writer.write("\x1b[r\x1b[?7l\x1b[?25l")
        self._shadow.forget()
        self._flush()

    async def _on_exit_app(self) -> None:
        # An answer that comes after the terminal was given back would be typed into the shell.
        self._leaving = True
        until = monotonic() + 0.25
        while self._pings and monotonic() < until:
            await asyncio.sleep(0.01)

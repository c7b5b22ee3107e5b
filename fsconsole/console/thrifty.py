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
from collections.abc import Iterable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from fsconsole.console.shadow import ERASES, Shadow

try:
    from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
    from textual._styles_cache import StylesCache
    from textual.drivers._writer_thread import WriterThread
except ImportError:
    ChopsUpdate = CompositorUpdate = LayoutUpdate = StylesCache = WriterThread = None  # type: ignore[assignment, misc]
    Compositor = object  # type: ignore[assignment, misc]

SYNC_ON, SYNC_OFF, SYNC_FROM = "\x1b[?2026h", "\x1b[?2026l", 256  # a short write needs no frame around it
PING, PING_EVERY, PING_LOST, PING_IDLE = "\x1b[?2026$p", 512, 3.0, 1.0  # bytes; seconds without an answer, without a write
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
        and _takes(getattr(Compositor, "_get_renders", None), "self", "crop")
        and _takes(getattr(Widget, "render_lines", None), "self", "crop")
        and _takes(getattr(StylesCache, "set_dirty", None), "self", "regions")
        and _takes(getattr(Strip, "divide", None), "self", "cuts")
        and hasattr(Compositor, "visible_widgets")
        and issubclass(LayoutUpdate, CompositorUpdate)
        and issubclass(ChopsUpdate, CompositorUpdate)
    )


class Lean(Compositor):
    """A compositor that draws, of every widget, only the rows that changed: Textual's draws the whole screen for one cell."""

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if crop is None:
            yield from super()._get_renders(crop)
            return
        rows = Region(0, crop.y, self.size.width, crop.height)
        for widget, (region, clip) in self.visible_widgets.items():
            if seen := region.intersection(clip).intersection(rows):
                yield region, clip.intersection(rows), widget.render_lines(seen.translate(-region.offset))


def held_by_nobody() -> None:
    """Has a line that is cut nowhere not remember itself as its only part: only a search through everything would ever find
    out that nobody else holds it, and a console draws a hundred of them a second."""
    cut = Strip.divide

    def divide(self: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
        cuts = [at for at in cuts if at <= self.cell_length]
        return [self] if cuts == [self.cell_length] else cut(self, cuts)

    if cut.__module__ != __name__:
        Strip.divide = divide  # type: ignore[method-assign]


def let_go() -> None:
    """A screen was closed: Textual would hold the last thousand widgets, with all their lines, in a cache by widget."""
    forget = getattr(getattr(StylesCache, "get_inner_outer", None), "cache_clear", None)
    if forget is not None:
        forget()


def leaner(screen: Screen[Any]) -> None:
    """Has a screen that was just made drawn so, where Textual's private parts are as they should be."""
    if fits():
        screen._compositor = Lean()


class Thrifty(App[Any]):
    """An App that writes the cells that changed. Ctrl+L writes all of them again.

    A frame waits while the one before it is still on its way: while Textual's writer has something queued, and, where the
    terminal answers (it is asked whether it knows synchronized output, which every terminal answers without a trace),
    while more is unanswered than the line carries in a moment. What waits is only ever the newest frame. Its own names
    begin with two underscores, so that no program built on it takes one of them by accident.
    """

    BINDINGS = [Binding("ctrl+l", "repaint", "repaint", show=False, priority=True)]
    thrifty = False

    def __init_subclass__(cls, *args: Any, **kwargs: Any) -> None:
        super().__init_subclass__(*args, **kwargs)
        cls.thrifty = fits()
        if cls.thrifty:
            held_by_nobody()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.thrifty and self.driver_class.__name__ == "LinuxDriver":
            with suppress(ImportError):
                from fsconsole.console.listening import Listening  # for a terminal alone

                self.driver_class = Listening
        term = os.environ.get("TERM", "")
        colours = None if self.no_color or self.console.color_system is None else self.console._color_system
        self._shadow = Shadow(colours, term.startswith(ERASES))
        self.__terminal: tuple[int, int] | None = None
        self.__writer: Any = None
        self.__begun = 0.0  # when this writer was first seen
        self.__painted = False
        self.__flushing: asyncio.TimerHandle | None = None
        self.__answers = False
        self.__leaving = False
        self.__pings: deque[tuple[float, int]] = deque()
        self.__unasked, self.__written = 0, 0.0
        self.__window, self.__swiftest, self.__lost = WINDOW_FIRST, PING_LOST, 0
        self.__on_top: Any = None  # the screen that was painted last
        self.__bare: tuple[Any, dict[Widget, Region | None]] = (None, {})  # where a widget lies, of a layout's widgets

    def _display(self, screen: Any, renderable: Any) -> None:
        if not self._at_work() or not isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            if renderable is not None and not self._batch_count:
                self._shadow.forget()
            super()._display(screen, renderable)
            return
        try:
            if not self._batch_count:
                self.__look_for_writer()
                self.__want(renderable)
                self.__on_top = screen
                self.__flush()
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

    def __look_for_writer(self) -> bool:
        """Textual makes a new writer whenever it takes the terminal back: whatever stood there is gone."""
        if (writer := getattr(self._driver, "_writer_thread", None)) is self.__writer:
            return False
        self.__writer, self.__begun = writer, monotonic()
        self._shadow.forget()
        self.__pings.clear()
        self.__unasked = 0
        return True

    def __want(self, update: Any) -> None:
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

    def drawn_at_once(self, widget: Widget, regions: Sequence[Region]) -> bool:
        """Whether these regions of a widget, in its own cells, could be drawn as they are now, past Textual's asking who lies
        over whom: where nothing lies over it and nothing else is about to be painted. If not, they are to be refreshed."""
        if not self.__painted or self._batch_count or not self._at_work() or self.__look_for_writer():
            return False
        screen = self.screen
        if screen is not self.__on_top or screen is not widget.screen or widget._repaint_required:
            return False
        if screen._layout_required or screen._repaint_required or screen._dirty_widgets:
            return False
        shadow = self._shadow
        if screen.size != (shadow.width, shadow.height) or (lies := self.__lies_bare(screen, widget)) is None:
            return False
        widget._styles_cache.set_dirty(*regions)
        piece = getattr(widget, "piece", None)
        for region in regions:
            lines = piece(region) if piece is not None else None
            for y, line in enumerate(widget.render_lines(region) if lines is None else lines, lies.y + region.y):
                shadow.put(lies.x + region.x, y, line)
        if self.__flushing is None:  # what else changes in this turn goes with it
            self.__flushing = asyncio.get_running_loop().call_later(0, self.__woken)
        return True

    def __lies_bare(self, screen: Any, widget: Widget) -> Region | None:
        """Where a widget lies if it can be seen whole, has no border, and only those around it lie there too."""
        seen = screen._compositor.visible_widgets
        if self.__bare[0] is not seen:
            self.__bare = (seen, {})
        known = self.__bare[1]
        if widget not in known:
            region, clip = seen.get(widget, (Region(), Region()))
            around = set(widget.ancestors_with_self)
            over = any(one not in around and its.intersection(cut).overlaps(region) for one, (its, cut) in seen.items())
            whole = region and clip.intersection(region) == region and widget.gutter.totals == (0, 0)
            whole = whole and widget.opacity == widget.styles.text_opacity == 1.0 and not widget.styles.tint.a
            known[widget] = region if whole and not over else None
        return known[widget]

    def __later(self, seconds: float) -> None:
        if self.__flushing is None:
            self.__flushing = asyncio.get_running_loop().call_later(seconds, self.__woken)

    def __woken(self) -> None:
        self.__flushing = None
        try:
            self.__flush()
        except Exception as error:
            self._handle_exception(error)

    def __flush(self) -> None:
        """Writes what changed, or sees to it that somebody does."""
        shadow = self._shadow
        if not self._at_work() or not shadow.dirty:
            return
        if self.__terminal not in (None, (shadow.width, shadow.height)):
            return  # resized: the layout for the new size is on its way
        if not self.__painted and monotonic() - self.__begun < 0.15 and self.__unsettled():
            self.__later(0.002)
            return
        if self.__writer._queue.qsize():
            self.__later(0.004)
            return
        if self.__pings and sum(size for _, size in self.__pings) > self.__window:
            if monotonic() - self.__pings[0][0] < PING_LOST:
                self.__later(0.05)  # an answer flushes sooner
                return
            self.__pings.clear()
            self.__lost += 1
            self.__answers = self.__lost < 3
        if self.__flushing is not None:
            self.__flushing.cancel()
            self.__flushing = None
        self.__painted = True
        data = shadow.changes()
        if not data:
            return
        focused = self.focused
        if getattr(focused, "cursor_screen_offset", None) is not None:  # where an input method shows itself
            data += shadow.place(*self.screen.outer_size.clamp_offset(self.cursor_position))
        if self._sync_available and len(data) >= SYNC_FROM:
            data = f"{SYNC_ON}{data}{SYNC_OFF}"
        now = monotonic()
        if now - self.__written > PING_IDLE and not self.__pings:
            self.__unasked = 0  # so little has long arrived, over any line
        self.__written = now
        self.__unasked += len(data)
        if self.__answers and not self.__leaving and self.__unasked >= PING_EVERY:
            data += PING
            self.__pings.append((now, self.__unasked))
            self.__unasked = 0
        self.__writer.write(data)

    def __unsettled(self) -> bool:
        """Whether the screen is about to paint again: the first frames are one."""
        screen = self.screen
        waits = ("_layout_required", "_repaint_required", "_scroll_required", "_dirty_widgets")
        if any(getattr(screen, name, None) for name in waits):
            return True
        queues = (getattr(node, "_message_queue", None) for node in (self, screen, *screen.walk_children()))
        return any(not queue.empty() for queue in queues if queue is not None)

    def on_terminal_supports_synchronized_output(self, message: Message) -> None:
        """The terminal has come so far."""
        self.__answers = self.__lost < 3
        if not self.__pings:
            return
        sent, _ = self.__pings.popleft()
        took = monotonic() - sent
        self.__swiftest = min(self.__swiftest * 1.01, took)
        if took > self.__swiftest + 0.06:
            self.__window = max(WINDOW_LEAST, self.__window // 2)
        elif took < self.__swiftest + 0.02:
            self.__window = min(WINDOW_MOST, self.__window * 2)
        self.__flush()

    def on_resize(self, event: events.Resize) -> None:
        """The terminal's size, or that it was taken back (after a stop, too)."""
        size = (event.size.width, event.size.height)
        anew = self.__look_for_writer()
        if anew or size != self.__terminal or monotonic() - self.__begun > 1.0:
            # The first report repeats the size; later ones may hide a change there and back.
            self._shadow.forget()
        self.__terminal = size
        self.__flush()

    def action_repaint(self) -> None:
        """Writes everything again, whatever another program has left on the terminal."""
        if not self._at_work():
            self.refresh(layout=True)
            return
        self.__writer.write("\x1b[r\x1b[?7l\x1b[?25l")
        self._shadow.forget()
        self.__flush()

    async def _on_exit_app(self) -> None:
        # An answer that comes after the terminal was given back would be typed into the shell.
        self.__leaving = True
        until = monotonic() + 0.25
        while self.__pings and monotonic() < until:
            await asyncio.sleep(0.01)

"""Listening: waits for the keyboard until somebody presses a key, where Textual asks ten times a second; and lets go of a line
that carries nothing any more.

It stands apart because it replaces a part of Textual's driver; where that is another than this was written for, Textual's own
way stays.

Always: a terminal that is gone ends the console as a hangup does, though no signal says so; one that stands still keeps nobody
who leaves.
"""

from __future__ import annotations

import inspect
import os
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from queue import Full
from threading import Event
from time import monotonic
from typing import Any

from textual import constants
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

#: Seconds between two looks whether what was typed is whole (a lone escape is, after a moment), and for how long behind a key.
TICK = 0.1
SETTLED = max(1.0, 3 * constants.ESCAPE_DELAY)
#: Seconds that what was written last may take to reach the terminal once the console is left.
LAST_WORDS = 3.0


class Bell(Event):
    """An event that can be waited for together with files: ``heard`` is a descriptor with something to read once it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self._rope = os.pipe()
        os.set_blocking(self.heard, False)
        os.set_blocking(self._rope, False)

    def set(self) -> None:
        super().set()
        with suppress(OSError):  # it rings already
            os.write(self._rope, b"!")

    def clear(self) -> None:
        super().clear()
        with suppress(OSError):
            os.read(self.heard, 4096)


def fits() -> bool:
    """Whether Textual's driver is the one this module was written for."""
    calls: tuple[tuple[Callable[..., Any] | None, tuple[str, ...]], ...] = (
        (getattr(LinuxDriver, "run_input_thread", None), ("self",)),
        (getattr(LinuxDriver, "process_message", None), ("self", "message")),
        (getattr(XTermParser, "feed", None), ("self", "data")),
        (getattr(XTermParser, "tick", None), ("self",)),
        (getattr(WriterThread, "stop", None), ("self",)),
    )
    return all(call is not None and tuple(inspect.signature(call).parameters) == names for call, names in calls)


class Listening(LinuxDriver):
    """Textual's driver for a terminal, whose thread at the keyboard sleeps while nobody types."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bell: Bell | None = None
        if type(getattr(self, "exit_event", None)) is Event and fits():
            self.exit_event = self._bell = Bell()

    def run_input_thread(self) -> None:
        """Takes what is typed until told to stop, or until the terminal is gone."""
        bell = self._bell
        if bell is None or self.exit_event is not bell:
            super().run_input_thread()
            return
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        typed = monotonic()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(bell.heard, selectors.EVENT_READ)
            while not bell.is_set():
                ready = {key.fd for key, _ in selector.select(TICK if monotonic() - typed < SETTLED else None)}
                if self.fileno in ready and not bell.is_set():
                    typed = monotonic()
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        data = b""
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)
                        break
                    if text := decode(data):
                        for event in parser.feed(text):
                            self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        with suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass

    def close(self) -> None:
        """Waits for what was written last to be taken, and not for ever: a line that stands still has no end."""
        writer = self._writer_thread
        if writer is None or self._bell is None:
            super().close()
            return
        with suppress(Full):
            writer._queue.put(None, timeout=LAST_WORDS)
        writer.join(LAST_WORDS)

"""Watch: what others wrote into this store, and the clock; the screens are told, and only of what there is to tell.

It stands apart from the app because it runs some times a second all day, and must cost next to nothing when nothing happened.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import date, datetime
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from fsconsole.console.renewing import Renewing
from fsconsole.console.tidy import QUIET, tidy
from fsconsole.errors import FsError

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp

#: Seconds between two looks at the store.
POLL = 0.4
#: Quiet looks at the store after which what nobody settled is settled here.
PATIENCE = 3
#: Seconds between two counts of the top line's figures, at least.
TOP_EVERY = 1.0
#: Jobs that are marked as changed at one look, at most.
MOST = 200
#: So many marks are derived in the console's own thread when whoever left them did not.
FEW = 100


class Watch:
    """``look`` is called every moment; ``own_act`` after an act of ours, so that it is not taken for another's."""

    def __init__(self, app: ConsoleApp) -> None:
        self.app = app
        self.top_due = True
        self._top_at = 0.0
        self._version = 0
        self._looks_left = 0
        self._log = 0
        self._minute = -1
        self._at_hand = False
        self._day: date | None = None
        #: What is to be said once its instant has come, in their order: the demo tells its newcomers what happens there.
        self.tellings: deque[tuple[datetime, str]] = deque()

    def begin(self) -> None:
        """What stands in the store now is nothing new."""
        self._version = self.app.store.data_version()
        self._log = self._last_log()
        self._minute = self._minutes()

    def own_act(self) -> None:
        self._log = self._last_log()

    def keep_looking(self) -> None:
        """Looks from now on every POLL seconds, until the app is left."""
        # Not a timer of Textual's: the task behind one was half of what an idle console cost.
        asyncio.get_running_loop().call_later(POLL, self._look_again)

    def _look_again(self) -> None:
        if not self.app.is_running:
            return
        try:
            self.look()
        except Exception as error:
            self.app._handle_exception(error)
        else:
            self.keep_looking()

    def look(self) -> None:
        """Looks at the store and at the clock."""
        app = self.app
        version = app.store.data_version()
        if version != self._version:
            self._version, self._looks_left = version, PATIENCE
            app.spread(self._touched(), ours=False)
        elif self._looks_left:
            if self._looks_left > 1 or app.store.free():  # else asked again at the next look
                self._looks_left -= 1
            if not self._looks_left and self._settle():
                app.spread()
        minute = self._minutes()
        if minute != self._minute:
            self._minute = minute
            if (view := app.here) is not None and view.is_mounted:
                view.tick()
            self.top_due = True
            self._tell()
            if self._at_hand and (day := app.desk.today) != self._day:
                self._day = day
                self._renew()
        if self.top_due:
            self.figures()
        quiet = asyncio.get_running_loop().time() - app.pressed_at
        if tidy(quiet):
            app.store.forget_pages()
        if not self._at_hand and quiet > QUIET:
            # What reads others' first change takes a while to load: aside, before there is one, while nobody types.
            self._at_hand = True
            Thread(target=import_module, args=("fsconsole.store.history",), daemon=True).start()
            self._renew()

    def _renew(self) -> None:
        """Derives aside what a new day, or a new version of the program, wants derived."""
        app = self.app
        if not app.read_only:
            self._day = app.desk.today
            Renewing(app.home, app.store.path, app.desk.clock, self._teller(), self._open).begin()

    def _teller(self) -> Callable[[str], object]:
        """Says a line in the console, from whatever thread."""
        told = asyncio.get_running_loop().call_soon_threadsafe
        return lambda words: told(self.app.say, words)

    def _open(self) -> bool:
        return self.app.is_running

    def _tell(self) -> None:
        while self.tellings and self.tellings[0][0] <= self.app.desk.now:
            self.app.say(self.tellings.popleft()[1])

    def figures(self) -> None:
        """The top line's figures, at most once in TOP_EVERY seconds."""
        from fsconsole.console.top import top_figures  # not before the first frame

        now = asyncio.get_running_loop().time()
        if self.app.top is not None and now - self._top_at < TOP_EVERY:
            return
        self.top_due, self._top_at = False, now
        self.app.top = top_figures(self.app.store, self.app.desk.now, self.app.read_only, self.app.desk.clock.rate)
        if (view := self.app.here) is not None:
            view.show_top()

    def _touched(self) -> list[bytes]:
        """Jobs on which others wrote since we last looked."""
        before, self._log = self._log, self._last_log()
        if self._log <= before:
            return []
        from fsconsole.store.history import jobs_since

        return jobs_since(self.app.store, before, MOST)

    def _settle(self) -> bool:
        """What arrived and was left unsettled, when whoever wrote it has had time to; whether there was something."""
        app = self.app
        (waiting,) = app.store.one("SELECT count(*) FROM (SELECT 1 FROM dirty LIMIT ?)", (FEW + 1,)) or (0,)
        # A backlog is for the thread that exchanges, which derives after every look: here it would freeze the screen.
        if app.read_only or not waiting or (waiting > FEW and app.shares):
            return False
        from fsconsole.flow.settle import settle

        try:
            return settle(app.store, app.desk.now) > 0
        except FsError as error:
            app.say(str(error), "warn")
            return False

    def _last_log(self) -> int:
        row = self.app.store.one("SELECT max(n) FROM log")
        return int(row[0] or 0) if row else 0

    def _minutes(self) -> int:
        return int(self.app.desk.now.timestamp() // 60)

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

from fsconsole.console.noticing import Noticing
from fsconsole.console.renewing import Renewing
from fsconsole.console.tidy import QUIET, tidy
from fsconsole.errors import FsError

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp

#: Seconds between two looks at the store while something goes on there, and while nothing does and the system tells when.
POLL, REST = 0.4, 2.0
#: Seconds from the first word that something is being written to a look at it: by then what follows from it is mostly there, too.
SOON = 0.1
#: Quiet seconds after which what nobody settled is settled here.
PATIENCE = 3 * POLL
#: Seconds between two counts of the top line's figures, at least.
TOP_EVERY = 1.0
#: Jobs that are marked as changed at one look, at most.
MOST = 200
#: Seconds between two looks whether there is something new to remember of this session.
KEEP = 5.0
#: So many marks are derived in the console's own thread when whoever left them did not.
FEW = 100


class Watch:
    """``look`` is called every moment; ``own_act`` after an act of ours, so that it is not taken for another's."""

    def __init__(self, app: ConsoleApp) -> None:
        self.app = app
        self.top_due = True
        self._top_at = 0.0
        self._version = 0
        self._log = 0
        self._minute = -1
        self._at_hand = False
        self._day: date | None = None
        self._notice: Noticing | None = None
        self._next: asyncio.TimerHandle | None = None
        self._looked_at = self._kept_at = 0.0  # on the loop's clock, as all that follows
        self._settle_at = 0.0  # when what others wrote is looked through for what they left; 0: never
        self._heard = False  # whether something was being written since we last looked
        self._again = False  # whether the last look saw or heard something: another soon after it may see the rest
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
        """Looks from now on whenever there may be something to see, until the app is left."""
        self._notice = Noticing(self.app.store.wal)
        self._listen()
        self._look_in(POLL)

    def stop(self) -> None:
        """Looks no more."""
        if self._notice is not None:
            if self._notice.descriptor is not None:
                asyncio.get_running_loop().remove_reader(self._notice.descriptor)
            self._notice.close()

    def count_soon(self) -> None:
        """The top line's figures are to be counted again."""
        self.top_due = True
        if self._next is not None and self._next.when() > asyncio.get_running_loop().time() + POLL:
            self._look_in(POLL)

    # Not timers of Textual's: the task behind one was half of what an idle console cost.

    def _look_in(self, seconds: float) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = asyncio.get_running_loop().call_later(seconds, self._look_again)

    def _listen(self) -> None:
        if self._notice is not None and self._notice.descriptor is not None:
            asyncio.get_running_loop().add_reader(self._notice.descriptor, self._written)

    def _written(self) -> None:
        """Somebody is writing: one word is enough until we have looked, which is never more often than every POLL seconds."""
        loop = asyncio.get_running_loop()
        if self._notice is not None and self._notice.descriptor is not None:
            loop.remove_reader(self._notice.descriptor)
        self._heard = True
        self._look_in(max(SOON, self._looked_at + POLL - loop.time()))

    def _look_again(self) -> None:
        if not self.app.is_running:
            return
        if self._heard and self._notice is not None:
            self._notice.heard()  # before the look: what is written from now on is told again
            self._listen()
        try:
            self.look()
        except Exception as error:
            self.app._handle_exception(error)
        else:
            self._look_in(self._pause())

    def _pause(self) -> float:
        """Seconds until the next look, unless somebody writes before."""
        if self._notice is None or self._notice.descriptor is None or not self._at_hand:
            return POLL
        now, rate = asyncio.get_running_loop().time(), self.app.desk.clock.rate
        pause = REST
        if rate > 0:
            at = self.app.desk.now
            pause = min(pause, (60 - at.second - at.microsecond / 1e6) / rate + 0.005)
        if self.top_due:
            pause = min(pause, self._top_at + TOP_EVERY - now)
        if self._settle_at:
            # What was being written while we looked is told of no more, but is there at the next look.
            pause = min(pause, POLL if self._again else self._settle_at - now)
        return max(0.01, pause)

    def look(self) -> None:
        """Looks at the store and at the clock."""
        app = self.app
        now = self._looked_at = asyncio.get_running_loop().time()
        version, heard, self._heard = app.store.data_version(), self._heard, False
        self._again = heard or version != self._version
        if self._again:
            self._settle_at = now + PATIENCE
        if version != self._version:
            self._version = version
            app.spread(self._touched(), ours=False)
        elif self._settle_at and now >= self._settle_at:
            self._settle_at = 0.0
            if self._settle():
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
        if now - self._kept_at >= KEEP:
            self._kept_at = now
            app._keep()
        quiet = now - app.pressed_at
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
        before, told = self.app.top, top_figures(self.app.store, self.app.desk.now, self.app.read_only, self.app.desk.clock.rate)
        self.app.top = told._replace(at=told.at.replace(second=0, microsecond=0))
        if before != self.app.top and (view := self.app.here) is not None:
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
        if not app.store.free():
            self._settle_at = asyncio.get_running_loop().time() + POLL  # asked again then
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

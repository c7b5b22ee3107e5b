"""Acting: every act, typed, pressed or sent by a form, passes here, and waits here while another program writes.

It stands apart from the app because what an act may meet (a guard, a refusal, a store in other hands) is the same everywhere.

Always: an act that fails says so in a sentence and changes nothing; the screen never stands still for another program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fsconsole import verbs
from fsconsole.console import report
from fsconsole.console.ahead import InTurn
from fsconsole.console.thrifty import Thrifty
from fsconsole.console.waiting import Waiting
from fsconsole.desk import Desk, Done
from fsconsole.errors import FsError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsconsole.console.screens.base import Chosen
    from fsconsole.console.themes import Look
    from fsconsole.console.watching import Watch
    from fsconsole.places import Home

WATCHING = "This console only watches: it was opened with --read-only."


class Acting(InTurn, Thrifty):
    """An App that acts at a desk. What it says, and whom it tells, is the console's."""

    desk: Desk
    home: Home
    look: Look
    read_only: bool
    watcher: Watch
    waiting: Waiting
    if TYPE_CHECKING:

        def say(self, text: str, level: str = "info") -> None: ...
        def keep_said(self, text: str, level: str) -> None: ...
        def spread(self, rows: Iterable[bytes] = (), *, ours: bool = True) -> None: ...

    def act(self, line: str) -> Done | None:
        """Does what a line says and shows what came of it; None when it was refused, or waits for another program."""
        first = line.split()[0].lower() if line.split() else ""
        verb = verbs.BY_KEY.get(first)
        asks = line.lstrip().startswith("?") or (verb is not None and not verb.role)
        if self.read_only and not asks:
            self.say(WATCHING, "warn")
            return None

        def does() -> Done | None:
            return self._perform(line, lambda reason: verbs.run(self.desk, f"{line} !! {reason}" if reason else line))

        return does() if asks else self.waiting.when_free(line, does)

    def perform(self, words: str, does: Callable[[Desk], Done], role: str = "dispatch", within: bytes = b"") -> Done | None:
        """Like ``act`` for what is no line, such as a form sent: ``words`` stand in the log as what was typed, ``within``
        is the act that it is part of. It does not wait: whoever sends asks ``waiting`` first, once for all of its parts."""
        if self.read_only:
            self.say(WATCHING, "warn")
            return None
        if role not in verbs.ROLES.get(self.desk.role, frozenset()):
            self.say(f"{self.desk.by} may not do this: it needs the role {role}.", "warn")
            return None
        return self._perform(words, lambda reason: does(replace(self.desk, words=words, override=reason, within=within)))

    def _perform(self, line: str, does: Callable[[str], Done], reason: str = "") -> Done | None:
        first = line.split()[0] if line.split() else ""
        try:
            done = does(reason)
        except Refused as error:
            if error.guard and not reason and "!!" not in line:
                self._ask_override(error, lambda why: self.waiting.when_free(line, lambda: self._perform(line, does, why)))
            else:
                self.say(str(error), "warn")
            return None
        except FsError as error:
            self.say(str(error), "warn")
            return None
        except Exception as error:
            where = report.write(self.home, error, self.desk.now, f"verb {first if first in verbs.BY_KEY else ''}")
            self.say(f"That failed, and nothing was saved. What happened is in {where}.", "error")
            return None
        if done.dry:
            self.say(f"would: {done.words}")
            return done
        self.say(done.words + self._way_back(first, done), "good")
        self.watcher.own_act()
        self.spread([done.row] if done.row else [])
        return done

    def _way_back(self, first: str, done: Done) -> str:
        """What takes an act back, in words: what was issued stands, and only a credit goes against it."""
        name = verbs.BY_KEY[first].name if first in verbs.BY_KEY else first
        if not done.act or name in ("u", "undo", "redo", "credit"):
            return ""
        back = f"credit {done.ref} WHY" if name == "bill" else "u"
        return f"   {self.look.glyphs.dot} {back} takes it back"

    def act_on_all(self, verb: verbs.Verb, things: Sequence[Chosen]) -> None:
        """One verb for each of what is marked, as one act, after saying how many that is."""
        from fsconsole.console.many import ask_for_all

        if self.read_only:
            self.say(WATCHING, "warn")
        else:
            ask_for_all(self, verb, things)  # type: ignore[arg-type]

    def _ask_override(self, error: Refused, again: Callable[[str], object]) -> None:
        from fsconsole.console.dialogs import Confirm

        self.keep_said(str(error), "warn")

        def took(reason: str | None) -> None:
            if reason:
                again(reason)
            else:
                self.say(error.why, "warn")

        self.push_screen(Confirm(f"{error.why} Do it all the same?", reason=True), took)

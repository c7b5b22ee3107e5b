"""ConsoleApp: one desk and its screens, what they say, and the ways between them.

It stands apart from the screens because they share one store, one result line and one way back.

Always: what changes is asked for again only where it is seen.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from textual.binding import Binding

from fsconsole import verbs
from fsconsole.console import keys, report, session, tidy
from fsconsole.console.acting import WATCHING, Acting
from fsconsole.console.keymap import SHIPPED, keymap_of
from fsconsole.console.prompt import Prompt
from fsconsole.console.screens.base import View
from fsconsole.console.sharing import Sharing
from fsconsole.console.themes import Look, apply_look
from fsconsole.console.waiting import Waiting
from fsconsole.console.watching import Watch
from fsconsole.console.widgets.top_line import ScreenName, TopFigures
from fsconsole.desk import Desk
from fsconsole.places import Home
from fsconsole.settings import Settings, read_settings
from fsconsole.store.opening import Store

#: Views that F2-F9 show: name -> module and class, loaded when first gone to.
VIEWS: dict[str, tuple[str, str]] = {
    "board": ("board", "BoardView"), "day": ("day", "DayView"), "map": ("map", "MapView"), "clients": ("clients", "ClientsView"),
    "contracts": ("contracts", "ContractsView"), "exceptions": ("exceptions", "ExceptionsView"), "money": ("money", "MoneyView"),
    "sites": ("sites", "SitesView"), "alerts": ("alerts", "AlertsView"),
}  # fmt: skip
#: What a thing is opened in: kind -> module and class; the class takes the thing's id.
THINGS: dict[str, tuple[str, str]] = {
    "job": ("job", "JobView"), "client": ("client", "ClientView"), "contract": ("contract", "ContractView"),
    "technician": ("technician", "TechnicianView"), "location": ("location", "LocationView"), "asset": ("asset", "AssetView"),
    "invoice": ("invoice", "InvoiceView"),
}  # fmt: skip
#: Actions of keys that write something while letters are typed.
PLAIN = frozenset({"back", "swap", "step", "undo", "undo_which", "verb", "new_job", "sort", "copy", "help"})
HISTORY = 300


class Said(NamedTuple):
    """One message: when, how (info, good, warn, error) and what."""

    at: datetime
    level: str
    words: str


class ConsoleApp(Acting):
    """``ConsoleApp(desk, home, settings, look)``; ``run`` returns the exit status."""

    TITLE = "fsconsole"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = [*keys.bindings("app"), Binding("ctrl+z", "suspend_process", show=False)]

    def __init__(
        self,
        desk: Desk,
        home: Home,
        settings: Settings,
        look: Look,
        *,
        read_only: bool = False,
        view: str = "",
        fresh: bool = False,
        problems: Sequence[str] = (),
        looks: dict[str, Look] | None = None,
    ) -> None:
        super().__init__()
        self.desk = desk
        self.store: Store = desk.store
        self.home = home
        self.settings = settings
        self.look = look
        self.looks = looks or {look.name: look}
        self.read_only = read_only or desk.store.readonly
        self.said: deque[Said] = deque(maxlen=500)
        self.keymap, complaints = keymap_of(settings, home.settings, SHIPPED)
        self.prompt = Prompt(self)
        self.top: TopFigures | None = None
        self.parked: list[dict[str, str]] = []  # calls left half filled, by field
        self.lines: list[str] = []
        self.report: Path | None = None
        self._first = view
        self._fresh = fresh
        self._problems = [*problems, *complaints]
        self._kept: dict[str, Any] = {}
        self.remembered: dict[str, Any] = {}
        self._view = ""
        self._here: View | None = None
        self._before: tuple[str, bytes | str, dict[str, Any]] | None = None  # view or kind, the thing's id, how it was left
        self.watcher = Watch(self)
        self.waiting = Waiting(self)
        self._sharing: Sharing | None = None
        self._settings_of = 0  # when the settings were written that were last asked for a shared folder

    # Beginning.

    def on_mount(self) -> None:
        apply_look(self, self.look)
        self.app_resume_signal.subscribe(self, lambda _: self.action_repaint())
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            self._obey(getattr(signal, name, None))
        self.watcher.begin()
        if not self._fresh:
            self._remember()
        if changed := self.keymap.for_textual():
            self.set_keymap(changed)
        name = self._first or str(self._kept.get("view") or "board")
        if self._first and not self._known(name):
            self._problems.append(f"There is no view “{name}”. There are {', '.join([*VIEWS, *self.settings.views])}.")
        self.take_view(name if self._known(name) else "board")
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first frame: figures, the clock, the other sites."""
        for words in self._problems[:-1]:
            self.keep_said(words, "warn")
        if self._problems:
            many = len(self._problems)
            more = f"   ({many - 1} more: :messages)" if many > 1 else ""
            self.say(self._problems[-1] + more, "warn")
        if not gc.isenabled():  # see open_console
            tidy.begin()
        self.watcher.figures()
        self.watcher.keep_looking()
        self._share_if_told()

    def _obey(self, number: int | None) -> None:
        if number is not None:
            try:
                asyncio.get_running_loop().add_signal_handler(number, lambda: self.leave(128 + number))
            except (NotImplementedError, RuntimeError, ValueError):
                return  # no such thing on this platform, or not in the main thread

    # Views.

    def _known(self, name: str) -> bool:
        return name in VIEWS or name in self.settings.views

    def take_view(self, name: str) -> None:
        """Shows a view: one of ours, or one that the settings name: ``money = "board unbilled sort:value"``."""
        words = self.settings.views.get(name, name).split()
        if not words or words[0] not in VIEWS:
            self.say(f"There is no view “{name}”. There are {', '.join([*VIEWS, *self.settings.views])}.", "warn")
            return
        self.go(words[0])
        if name in self.settings.views and (view := self.here) is not None:
            sort = next((word[5:] for word in words if word.startswith("sort:")), view.sort_word)
            kept = {"filter": " ".join(word for word in words[1:] if not word.startswith("sort:")), "sort": sort}
            if view.is_mounted:
                view.take_up(kept)
            else:
                view._kept = {**(view._kept or {}), **kept}
            view.show_top()

    def go(self, view: str) -> None:
        """Shows a main view, as it was left."""
        made = self._made(view, *VIEWS[view])
        if made is None:
            return
        self._close_dialogs()
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self._view = view
        if len(self.screen_stack) > 1:
            if self.screen is not made:
                self.switch_screen(made)
        else:
            self.push_screen(made)

    def _made(self, name: str, module: str, cls: str, *args: Any) -> View | None:
        """A view's screen: the one kept, else a new one. None when this version has none."""
        if not args and name in self._installed_screens:
            kept = self.get_screen(name)
            return kept if isinstance(kept, View) else None
        try:
            made: View = getattr(import_module(f"fsconsole.console.screens.{module}"), cls)(*args)
        except ModuleNotFoundError as error:
            if error.name and not error.name.startswith("fsconsole.console.screens"):
                raise
            self.say(f"There is no screen for {name} yet.", "warn")
            return None
        if not args:
            made._kept = dict(self._kept.get("views", {}).get(name, {})) or None
            self.install_screen(made, name)
        return made

    def open_thing(self, kind: str, row: bytes | str) -> None:
        """Opens a thing over what is shown; ``back`` returns there."""
        if kind in ("exception", "site"):
            self.go(f"{kind}s")
            if (view := self.here) is not None and (find := getattr(view, "find", None)) is not None:
                self.call_after_refresh(find, row)
            return
        if kind not in THINGS:
            self.say(f"A {kind} has no screen of its own.", "warn")
            return
        made = self._made(kind, *THINGS[kind], row)
        if made is not None:
            made.opened = (kind, row)
            self._close_dialogs()
            self.push_screen(made)

    def show(self, view: View) -> None:
        """Puts a screen over what is shown; ``back`` returns there."""
        self._close_dialogs()
        self.push_screen(view)

    def _close_dialogs(self) -> None:
        while len(self.screen_stack) > 1 and not isinstance(self.screen, View):
            self.pop_screen()

    @property
    def here(self) -> View | None:
        """The view on top, under any dialog."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, View)), None)

    def names(self) -> Sequence[ScreenName]:
        cases = self.top.cases if self.top else 0
        return [
            ScreenName(key.shown, view, key.words, cases if view == "exceptions" else 0)
            for key in self.keymap.keys
            if key.action.startswith("go('") and (view := key.action[4:-2])
        ]

    # Saying and doing.

    def say(self, text: str, level: str = "info") -> None:
        """One line in the result line, kept in the messages. ``level``: info, good, warn, error."""
        self.keep_said(text, level)
        view = self.here
        if view is None or not view.is_mounted:
            return
        if level in ("warn", "error"):
            view.line.refuse(text)
        elif level == "good":
            view.line.say(text)
        else:
            view.line.tell(text)

    def keep_said(self, text: str, level: str) -> None:
        """Keeps a message among those that can be read again."""
        self.said.append(Said(self.desk.now, level, text))

    # What changed.

    def spread(self, rows: Iterable[bytes] = (), *, ours: bool = True) -> None:
        """After a change, ours or others': what is looked at asks again now, the rest when it is come back to."""
        here = self.here
        for screen in {*self.screen_stack, *self._installed_screens.values()}:
            if isinstance(screen, View) and screen is not here and screen.is_mounted:
                screen.stale()
        if here is not None and here.is_mounted:
            if ours:
                here.changed(list(rows))
                here.show_hints()
            else:
                here.heard(list(rows))
        self.watcher.count_soon()

    def ask(self, prefill: str = "") -> None:
        """Opens the command line over whatever is shown."""
        self._close_dialogs()
        if (view := self.here) is not None and view.is_mounted:
            view.line.open(":", prefill)

    def choose(
        self,
        question: str,
        choices: Sequence[Any],
        took: Callable[[Any], object],
        *,
        at: int = 0,
        reached: Callable[[Any], object] | None = None,
        left: Callable[[], object] = lambda: None,
    ) -> None:
        """Asks to pick one of some ``dialogs.Choice``s; ``took`` gets the value, never None.

        ``reached`` is told each value the cursor comes to, ``left`` that none was taken.
        """
        from fsconsole.console.dialogs import PickOne

        def answered(value: Any) -> None:
            if value is not None:
                took(value)
            else:
                left()

        self.push_screen(PickOne(question, choices, at=at, reached=reached), answered)

    def typed(self, text: str) -> None:
        """A line was entered: a verb, a word to the console itself, or a reference."""
        if text.strip():
            self.lines = [*[one for one in self.lines if one != text], text][-HISTORY:]
            self.prompt.enter(text.strip())

    # The other sites.

    def _share_if_told(self) -> None:
        """Exchanges from now on when a shared folder is set: also one that ``share`` or ``join`` named while we were open."""
        if self._sharing is not None or self.read_only:
            return
        with suppress(OSError):
            written = self.home.settings.stat().st_mtime_ns
            if written != self._settings_of:
                self._settings_of = written
                if read_settings(self.home.settings)[0].shared:
                    self._share()

    def _share(self) -> None:
        """Exchanges with the other sites, in a thread with a connection of its own."""
        told = asyncio.get_running_loop().call_soon_threadsafe
        self._sharing = Sharing(self.home, self.desk.clock, lambda words, tone: told(self.say, words, tone))
        self._sharing.begin()

    @property
    def shares(self) -> bool:
        """Whether a thread of this console exchanges, and derives what that brings."""
        return self._sharing is not None

    @property
    def sharing_trouble(self) -> str:
        """What keeps this console from exchanging just now, '' when nothing does."""
        return self._sharing.trouble if self._sharing is not None else ""

    def on_unmount(self) -> None:
        self.watcher.stop()
        if self._sharing is not None:
            self._sharing.stop()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in keys.FIRST or action in PLAIN:
            view = self.screen
            if not isinstance(view, View):
                return False
            return not view.typing()
        return True

    def action_go(self, view: str) -> None:
        self.go(view)

    def action_command(self) -> None:
        self.ask()

    def action_filter(self) -> None:
        if (view := self.here) is not None:
            view.line.open("/", view.filter_words)
            view.tell_filter(view.take_filter(view.filter_words))

    def action_find(self) -> None:
        """A caller's number, name, postcode, serial or order number."""
        from fsconsole.console.screens.find import FindView

        if not isinstance(self.here, FindView):
            self.show(FindView())

    def action_jump(self) -> None:
        """Letters on everything visible; typing them goes there."""
        from fsconsole.console.jump import jump

        if (view := self.here) is not None and not jump(view):
            self.say("There is nothing here to jump to.", "warn")

    def action_step(self) -> None:
        view = self.here
        line = view.step() if view is not None else ""
        if self.read_only:
            self.say(WATCHING, "warn")
        elif not line:
            self.say("There is no suggested step here.", "warn")
        elif verbs.unfinished(line):
            self.ask(line)
        else:
            self.act(line)

    def action_new_job(self) -> None:
        if self.read_only:
            self.say(WATCHING, "warn")
            return
        from fsconsole.console.screens.log_form import LogForm

        if not isinstance(self.here, LogForm):
            self.show(LogForm())

    def action_verb(self, key: str) -> None:
        if self.read_only:
            self.say(WATCHING, "warn")
            return
        view = self.here
        chosen = view.chosen() if view is not None else None
        self.ask(f"{key} {chosen.ref} " if chosen is not None and chosen.kind == "job" else f"{key} ")

    def action_undo(self) -> None:
        self.act("u")

    def action_redo(self) -> None:
        self.act("redo")

    def action_undo_which(self) -> None:
        """One's own acts by name: the chosen one is taken back, or done again where it was."""
        if self.read_only:
            self.say(WATCHING, "warn")
            return
        from fsconsole.console.many import ask_which

        ask_which(self)

    def at_the_door(self) -> bool:
        """Whether the way back leads out of the console."""
        return len(self.screen_stack) <= 2 and self._view == "board"

    def action_back(self) -> None:
        """The way out of what was opened; on the first view, the way out."""
        if len(self.screen_stack) > 2:
            self.pop_screen()
        elif not self.at_the_door():
            self.go("board")
        else:
            self.run_worker(self.action_quit(), exclusive=True)

    def came_to(self, view: View) -> bool:
        """A view is on top now: the one before is where ``-`` goes; whether it is another. Help, forms and searches are no
        place to go back to.
        """
        before = self._here
        named = view.opened is not None or self._installed_screens.get(view.view) is view
        if not named or view is before or view is not self.here:
            return False
        self._here = view
        if before is not None:
            kind, row = before.opened or (before.view, b"")
            self._before = (kind, row, before.kept() if before.opened else {})
        return True

    def action_swap(self) -> None:
        """To the view before, as it was left, and back."""
        if self._before is None:
            self.say("There is no view before this one yet.", "warn")
            return
        kind, row, kept = self._before
        if not row:
            self.go(kind)
            return
        beneath = [one for one in self.screen_stack if isinstance(one, View) and one.opened == (kind, row)]
        if beneath:
            while self.screen is not beneath[-1]:
                self.pop_screen()
            return
        self.open_thing(kind, row)
        if isinstance(self.screen, View) and self.screen.opened == (kind, row):
            self.screen._kept = kept or None

    def action_sort(self) -> None:
        view = self.here
        if view is None or not view.sorts():
            self.say("There is one order here only.", "warn")
            return
        from fsconsole.console.dialogs import Choice

        def took(name: object) -> None:
            view.sort_word = str(name)
            view.take_sort(str(name))
            view.show_top()

        self.choose("In which order?", [Choice(name, name) for name in view.sorts()], took)

    def action_copy(self) -> None:
        """To the terminal's clipboard: the reference, the line, what is told beside it, or all that is marked."""
        from fsconsole.console.copying import choices, copy

        view = self.here
        found = choices(view) if view is not None else []
        if not found:
            self.say("There is nothing here to copy.", "warn")
        else:
            self.choose("Copy what?", found, lambda text: self.say(*copy(self, str(text))))

    def action_help(self) -> None:
        from fsconsole.console.screens.help import HelpView

        if not isinstance(self.here, HelpView):
            self.show(HelpView(self.here))

    def action_help_quit(self) -> None:
        """ctrl+c: it ends nothing here, since it may be meant for something else; what does is said."""
        self.say("To leave: q on the board, or ctrl+q.", "warn")

    def action_command_palette(self) -> None:
        from fsconsole.console.palette import open_palette

        open_palette(self)

    # Leaving.

    async def action_quit(self) -> None:
        if words := self.waiting.words():
            from fsconsole.console.dialogs import Confirm

            others = f" and {len(words) - 1} more" if len(words) > 1 else ""
            asked = f"Another program is writing, and “{words[0]}”{others} is not saved yet. Leave without it?"
            self.push_screen(Confirm(asked), lambda answer: self.leave(0) if answer else None)
            return
        open_form = getattr(self.here, "half_filled", None)
        if self.parked or (open_form is not None and open_form()):
            from fsconsole.console.dialogs import Confirm

            many = len(self.parked) + (1 if open_form is not None and open_form() else 0)
            self.push_screen(
                Confirm(f"{'A call is' if many == 1 else f'{many} calls are'} half filled, and kept for next time. Leave?"),
                lambda answer: self.leave(0) if answer else None,
            )
            return
        self.leave(0)

    def leave(self, status: int = 0) -> None:
        """Leaves with this exit status; the session is remembered."""
        if self._sharing is not None:
            self._sharing.stop()
        self._keep()
        self.exit(status, return_code=status)

    def _remember(self) -> None:
        self._kept, wrong = session.read(self.home.state)
        if wrong:
            self._problems.append(wrong)
        self.lines = self._kept.get("lines", [])[-HISTORY:]
        self.parked = self._kept.get("parked", [])

    def _keep(self) -> None:
        """Remembers the session, half filled calls included: also every few seconds, for whoever is cut off.

        Every few seconds, too, a shared folder may have been named.
        """
        session.keep(self)
        self._share_if_told()

    def _fatal_error(self) -> None:
        """An error nobody caught: one sentence and a report without clients' data, instead of a traceback with locals."""
        error = self._exception
        self.report = report.write(self.home, error, self.desk.now, f"view {self._view}") if error is not None else None
        self._return_code = report.STATUS
        self._close_messages_no_wait()

    def dry(self) -> Desk:
        """The desk for saying what a line would do."""
        return replace(self.desk, dry=True)

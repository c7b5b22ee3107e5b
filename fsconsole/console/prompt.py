"""The command line's words: completion, the dry run's verdict, and what a line does when it is entered.

It stands apart because the same line is typed over every screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.timer import Timer

from fsconsole import verbs
from fsconsole.console import called
from fsconsole.console.widgets.command_line import Completion, Verdict
from fsconsole.errors import FsError, Refused, UsageError

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp

#: Seconds of quiet before a line is judged.
PAUSE = 0.15
#: Words to the console itself, and what they do.
OWN: dict[str, str] = {
    "quit": "leave", "q": "leave", "help": "keys and verbs", "messages": "what was said, again", "theme": "another look",
    "view": "a view by name", "columns": "columns that stand beside the board", "open": "a thing by its reference",
}  # fmt: skip


class Prompt:
    """A LineProvider over the verbs of one console."""

    def __init__(self, app: ConsoleApp) -> None:
        self.app = app
        self._timer: Timer | None = None

    # While typing.

    def complete(self, text: str, at: int) -> Sequence[Completion]:
        if at != len(text) or not text.strip("? "):
            return []
        start = text.rfind(" ") + 1
        bare = text.lstrip("?")
        words = bare.split(" ")
        if len(words) == 1 and bare.isdigit():
            from fsconsole.store.queries.things import completions_for

            return [Completion(start, f"{value} ", says) for value, says in completions_for(self.app.store, "job", bare)]
        found = [Completion(start, whole[start:], says) for whole, says in verbs.completions(self.app.desk, text)]
        if len(words) == 1:
            found += [Completion(0, f"{word} ", says) for word, says in OWN.items() if word.startswith(bare) and len(bare) > 1]
            if len(bare) > 2:  # what others call it
                start, there = text.index(bare), {one.insert for one in found}
                by_name = {verb.name: verb for verb in verbs.VERBS}
                meant = [by_name[name] for name in called.verbs_called(bare.lower()) if name in by_name]
                found += [
                    Completion(start, f"{verb.keys[0]} ", f"{verb.usage}   {verb.help}")
                    for verb in meant
                    if f"{verb.keys[0]} " not in there
                ][:8]
        elif words[0] == "theme" and len(words) == 2:
            found = [Completion(start, name, look.title) for name, look in self.app.looks.items() if name.startswith(words[1])]
        elif words[0] == "view" and len(words) == 2:
            found = [Completion(start, name) for name in (*_views(), *self.app.settings.views) if name.startswith(words[1])]
        return found

    def judge(self, text: str) -> Verdict:
        """Nothing yet; the dry run follows when the typing pauses."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.app.set_timer(PAUSE, lambda: self._judge(text))
        return Verdict("")

    def _judge(self, text: str) -> None:
        view = self.app.here
        if view is None or not view.is_mounted or view.line.kind != ":" or view.line.text != text:
            return
        said = self.verdict(text)
        view.line.verdict(said.words, said.ok)

    def verdict(self, text: str) -> Verdict:
        """What the line would do, or why not; only a line that can be read is run dry."""
        first = text.lstrip("? ").split(" ")[0].lower()
        if not first or first in OWN or first.isdigit():
            return Verdict("")
        try:
            line = verbs.parse(text)
        except UsageError as error:
            return Verdict((_meant(first) or str(error)) if " " in text.strip() else "", None)
        if not line.words and any(not take.endswith("?") for take in line.verb.takes):
            return Verdict(line.verb.usage, None)
        if not line.verb.role:
            return Verdict("")  # a search says itself when it is entered
        try:
            done = verbs.run(self.app.dry(), text)
        except UsageError as error:
            return Verdict(error.why, None)
        except Refused as error:
            return Verdict(str(error), False)
        except FsError as error:
            return Verdict(str(error), False)
        except Exception:
            return Verdict("")  # entering the line will say it and write the report
        return Verdict(done.words, True)

    # When entered.

    def enter(self, text: str) -> None:
        app = self.app
        first, _, rest = text.partition(" ")
        rest = rest.strip()
        if first.isdigit() and not rest:
            self._jump(first)
        elif first in ("find", "f") and rest:
            self._find(rest)
        elif first in ("q", "quit"):
            app.run_worker(app.action_quit(), exclusive=True)
        elif first == "help":
            app.action_help()
        elif first == "messages":
            from fsconsole.console.screens.said import SaidView

            app.show(SaidView())
        elif first in ("reports", "policies") and not rest:
            self._screen(first)
        elif first == "theme":
            self._theme(rest)
        elif first == "view":
            app.take_view(rest)
        elif first in _views() and not rest:
            app.go(first)
        elif first == "columns":
            if (view := app.here) is not None and (columns := getattr(view, "action_columns", None)) is not None:
                columns()
            else:
                app.say("Columns are chosen on the board (F2).", "warn")
        elif first == "open" and rest:
            self._open(rest)
        elif (meant := _meant(first.lstrip("?").lower())) and not app.read_only:
            app.say(meant, "warn")
        else:
            app.act(text)

    def _jump(self, digits: str) -> None:
        """The cursor to a reference where it is in sight; else its job is opened."""
        from fsconsole.flow import finding

        try:
            job = finding.job(self.app.desk, digits)
        except Refused as error:
            self.app.say(str(error), "warn")
            return
        view = self.app.here
        find = getattr(view, "find", None)
        if find is None or not find(job.id):
            self.app.open_thing("job", job.id)

    def _open(self, words: str) -> None:
        from fsconsole.flow.telling import thing_meant

        if self.app.store.one("SELECT 1 FROM site WHERE code = ?", (words.upper(),)) is not None:
            self.app.open_thing("site", words.upper())
            return
        try:
            kind, value = thing_meant(self.app.desk, words)
        except FsError as error:
            self.app.say(str(error), "warn")
            return
        self.app.open_thing(kind, value.id)

    def _find(self, words: str) -> None:
        """What a caller may mean: opened when it is one thing, listed when there are several."""
        from fsconsole.console.screens.find import FindView
        from fsconsole.flow.caller import search

        found = search(self.app.store, words, 2)
        if not found:
            self.app.act(f"find {words}")
        elif len(found) == 1 and found[0].kind != "contact":
            self.app.open_thing(found[0].kind, found[0].row)
        else:
            self.app.show(FindView(words))

    def _screen(self, name: str) -> None:
        """Screens without a key of their own everywhere."""
        from fsconsole.console.screens.policies import PoliciesView
        from fsconsole.console.screens.reports import ReportsView

        self.app.show(ReportsView() if name == "reports" else PoliciesView())

    def _theme(self, name: str) -> None:
        from fsconsole.console.dialogs import Choice
        from fsconsole.console.themes import apply_look

        app, before = self.app, self.app.look

        def put_on(wanted: object, say: bool = True) -> None:
            look = app.looks.get(str(wanted))
            if look is None:
                app.say(f"There is no theme “{wanted}”. There are {', '.join(app.looks)}.", "warn")
                return
            look = look.with_ascii() if app.settings.ascii else look
            apply_look(app, look.without_colour() if app.no_color else look)
            if say:
                app.say(f'{look.title}. To begin with it: theme = "{look.name}" in {app.home.settings}.')

        if name:
            put_on(name)
            return
        names = list(app.looks)
        worn = before.name.removesuffix("-plain")
        app.choose(
            "Which look? Moving shows it; esc puts back the one before.",
            [Choice(look.name, look.name, look.title) for look in app.looks.values()],
            put_on,
            at=names.index(worn) if worn in names else 0,
            reached=lambda wanted: put_on(wanted, say=False),
            left=lambda: apply_look(app, before),
        )


def _meant(word: str) -> str:
    """What to type for a word that is no verb, where others call a verb so; '' for a verb, and for a word nobody uses."""
    if not word or word in verbs.BY_KEY:
        return ""
    names = [name for name, words in called.VERBS.items() if word in words.split()]
    usages = [verb.usage for verb in verbs.VERBS if verb.name in names][:3]
    return f"“{word}” is not a verb. Perhaps: {'; '.join(usages)}" if usages else ""


def _views() -> tuple[str, ...]:
    from fsconsole.console.app import VIEWS

    return tuple(VIEWS)

"""Ctrl+P: every action, every verb, and jobs, technicians, clients, contracts and places by name.

It stands apart because it is the one place where nothing needs to be known beforehand. It is one of our own
dialogs, not Textual's palette: names of clients are never read as markup, and no spinner runs over a slow line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from fsconsole import verbs
from fsconsole.console import called
from fsconsole.console.dialogs.question import Question
from fsconsole.console.keys import Hint
from fsconsole.console.text import clean, width
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.edit_line import EditLine

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp
    from fsconsole.console.screens.base import View

SHOWN = 12
#: The score of an action that is meant only by a word of its help: it stands behind the things of that name.
HELPS = 4
#: Actions of keys that a verb of the table stands for already, and the palette itself.
BY_VERB = frozenset({"verb('d')", "command_palette"})
#: Verbs that an action of a key stands for.
BY_KEY = frozenset({"undo", "redo"})
#: Kinds that have a screen; a contact is shown as its client.
OPENS = ("job", "client", "contract", "technician", "location", "asset", "invoice")


class Found(NamedTuple):
    """Something the palette offers: ``take`` is called when it is chosen."""

    words: str
    more: str
    take: Callable[[], object]
    called: str = ""  # what other people call it


class Thing(NamedTuple):
    """A thing that was found: what it opens, and how it is told."""

    kind: str
    row: bytes | str
    words: str
    more: str


def things_like(app: ConsoleApp, words: str, limit: int = 12) -> list[Thing]:
    """What a caller, or a person at the palette, may mean by some words, the surest first."""
    from fsconsole.flow.caller import search

    found = []
    code = f"{app.store.code}-"
    for hit in search(app.store, words, limit):
        name = f"{hit.ref.removeprefix(code)} {hit.name}".strip()
        if hit.kind in OPENS:
            found.append(Thing(hit.kind, hit.row, f"{hit.kind} {name}", hit.says))
        elif hit.client:
            found.append(Thing("client", hit.client, f"{hit.kind} {name}", hit.says))
    known = {thing.row for thing in found}
    return [*found, *(thing for thing in _others_like(app, words) if thing.row not in known)]


def _others_like(app: ConsoleApp, words: str, most: int = 4) -> list[Thing]:
    """What callers do not name but those at the desk do: technicians, invoices, open exceptions."""
    from fsconsole.store.queries import exceptions, money, people

    store, now = app.store, app.desk.now
    found = [
        Thing("technician", one.technician, f"technician {one.code} {one.name}", one.state or one.phone)
        for one in people.technicians(store, now, words)[:most]
    ]
    found += [
        Thing("invoice", one.invoice, f"{one.kind or 'invoice'} {one.number}", one.client)
        for one in money.invoices(store, words, limit=most)
    ]
    return found + [
        Thing("exception", one.key, f"exception {one.ref.removeprefix(f'{store.code}-')} {one.client}".strip(), one.says)
        for one in exceptions.open_cases(store, now, words=words, limit=most)
    ]


def actions(app: ConsoleApp, under: View | None) -> list[Found]:
    """Every action of the key table, every verb, every view and look, with what is typed or pressed for it."""

    def press(action: str) -> Callable[[], object]:
        return lambda: app.run_action(action)

    def begin(verb: verbs.Verb) -> Callable[[], object]:
        chosen = under.chosen() if under is not None else None
        fits = chosen is not None and bool(verb.takes) and verb.group in (chosen.kind, "any")
        start = f"{verb.keys[0]} {chosen.ref} " if fits and chosen is not None else f"{verb.keys[0]} "
        return lambda: app.ask(start) if verb.takes else app.act(verb.keys[0])

    pressed = [key for key in app.keymap.keys if key.where == "app" and key.action not in BY_VERB]
    if app.at_the_door():  # the way back leads out from here, and "leave" stands there under its own name
        pressed = [key for key in pressed if key.action != "back"]
    found = [Found(key.words, key.shown, press(key.action), called.KEYS.get(key.action, "")) for key in pressed]
    found += [
        Found(
            verb.name,
            f"{app.keymap.letter(verb) or ':' + verb.keys[0]}   {verb.help}",
            begin(verb),
            called.VERBS.get(verb.name, ""),
        )
        for verb in verbs.VERBS
        if not (app.read_only and verb.role) and verb.name not in BY_KEY
    ]
    found += [Found(f"view {name}", words, lambda name=name: app.take_view(name)) for name, words in app.settings.views.items()]  # type: ignore[misc]
    found += [
        Found(f"theme {look.name}", look.title, lambda name=look.name: app.prompt.enter(f"theme {name}"), called.OTHERS["theme"])  # type: ignore[misc]
        for look in app.looks.values()
    ]
    found += [
        Found("messages", ":messages   what was said, again", lambda: app.prompt.enter("messages")),
        Found("reports", ":reports   where money leaks; is a month complete", lambda: app.prompt.enter("reports")),
        Found("policies", ":policies   every decision of the company, dated", lambda: app.prompt.enter("policies")),
        Found("columns of the board", ":columns", lambda: app.prompt.enter("columns")),
    ]
    return [one if one.called else one._replace(called=called.OTHERS.get(one.words, "")) for one in found]


class Palette(Question):
    """Type some letters; enter takes what the cursor is on."""

    HINTS = (Hint("⏎", "take it", 1), Hint("↑↓", "choose", 2), Hint("esc", "leave", 1))

    def __init__(self, app: ConsoleApp, under: View | None) -> None:
        self.edit = EditLine()
        self.at = 0
        self.all = actions(app, under)
        self.found: list[Found] = self.all
        self.console_app = app
        super().__init__("What do you want to do, or see?")

    def lines(self, cells: int) -> list[tuple[tuple[Piece, ...], str | None]]:
        before, under, after = self.edit.view(cells - 6)
        typed: tuple[Piece, ...] = (("  > ", "prompt"), (before, "typed"), (under, "caret"), (after, "typed"))
        count = f"  {len(self.found)}" if self.edit.text else "  an action, or the name of a job, client, technician, contract"
        shown: list[tuple[tuple[Piece, ...], str | None]] = [((*typed, (count, "dim")), None)]
        top = max(0, min(self.at - SHOWN + 1 if self.at >= SHOWN else 0, len(self.found) - SHOWN))
        cursor = self.box.look.glyphs.cursor if self.is_attached else " "
        names = min(44, cells // 2)
        for index in range(top, top + SHOWN):
            if index >= len(self.found):
                shown.append((((" ", "normal"),), None))
                continue
            one, here = self.found[index], index == self.at
            name = clean(one.words)
            pad = " " * max(2, names - width(name))
            lead = f" {cursor}" if here else "  "
            shown.append((((lead, "strong"), (name + pad, "normal"), (clean(one.more), "dim")), "cursor" if here else None))
        return shown

    def pressed(self, key: str, character: str | None) -> None:
        match key:
            case "up" | "down" | "pageup" | "pagedown" | "tab" | "shift+tab":
                step = {"up": -1, "down": 1, "pageup": -SHOWN, "pagedown": SHOWN, "tab": 1, "shift+tab": -1}[key]
                self.at = max(0, min(self.at + step, len(self.found) - 1))
            case "enter":
                if self.found:
                    taken = self.found[min(self.at, len(self.found) - 1)].take
                    app = self.console_app
                    self.dismiss(None)
                    app.call_later(taken)
            case _:
                if self.edit.press(key, character):
                    self._narrow()

    def _narrow(self) -> None:
        self.at = 0
        typed = self.edit.text.strip().lower()
        if not typed:
            self.found = self.all
            return
        words = typed.split()
        scored = sorted(((_score(one, words), place) for place, one in enumerate(self.all)), key=lambda pair: pair)
        named = [self.all[place] for score, place in scored if score < HELPS]
        helps = [self.all[place] for score, place in scored if score == HELPS]
        things = [self._opening(thing) for thing in things_like(self.console_app, typed)] if len(typed) > 1 else []
        # A reference or a name typed whole is the thing; a word that begins an action is the action.
        sure = named[:6] if not typed[0].isdigit() else []
        self.found = [*sure, *things, *named[len(sure) :], *helps]

    def _opening(self, thing: Thing) -> Found:
        return Found(thing.words, thing.more, lambda: self.console_app.open_thing(thing.kind, thing.row))


def _score(one: Found, words: list[str]) -> int:
    """How surely an action is meant: 0 its name begins so, 1 a word does, 2 somebody's word for it, 3 the letters stand in
    its name, 4 a word of its help begins so (not asked of one letter or two); 9 not at all."""
    name, also = one.words.lower(), one.called.split()
    if name.startswith(" ".join(words)):
        return 0
    if all(any(part.startswith(word) for part in name.split()) for word in words):
        return 1
    if all(any(part.startswith(word) for part in (*also, *name.split())) for word in words):
        return 2
    if all(word in name for word in words):
        return 3
    told = one.more.lower().split() if len(words[0]) > 2 else []
    return HELPS if told and all(any(part.startswith(word) for part in (*told, *also)) for word in words) else 9


def open_palette(app: ConsoleApp) -> None:
    """Opens the palette over whatever is shown."""
    if not isinstance(app.screen, Palette):
        app._close_dialogs()
        app.push_screen(Palette(app, app.here))

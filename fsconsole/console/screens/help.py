"""Help: the keys that work where one came from, then every verb, filterable; enter runs what the cursor is on.

It stands apart because it is read from the same two tables as the bindings and the prompt, so it cannot lie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Container

from fsconsole import verbs
from fsconsole.console import called, keys, messages
from fsconsole.console.glyphs import legend
from fsconsole.console.prompt import OWN
from fsconsole.console.screens.base import Chosen, View
from fsconsole.console.widgets.rows import Cell, ListRows, Row, RowField, Rows

FIELDS = (
    RowField("key", "Key", 9, role="key"),
    RowField("does", "Does", 22, grow=1),
    RowField("typed", "At the prompt, or its id", 24, grow=2, drop=2, role="typed"),
    RowField("more", "", 26, grow=3, drop=1, role="dim"),
)

PLACES = {"app": "keys, everywhere", "move": "keys, in a list", "board": "keys, on the board"}


class Entry(NamedTuple):
    """One line: its heading (shown where it changes), its cells and what enter does."""

    part: str
    cells: tuple[Cell, ...]
    run: Callable[[], object] | None
    called: str = ""  # what other people call it


class HelpView(View):
    """``?`` and F1."""

    words = "Help"
    PLACES = ("app", "move")
    LEAVE_OUT = ("step", "new_job", "verb('d')", "undo", "mark", "help")

    def __init__(self, under: View | None) -> None:
        super().__init__()
        self.under = under
        self.chosen_there: Chosen | None = under.chosen() if under is not None else None

    def body(self) -> ComposeResult:
        self.entries: dict[str, Entry] = {}
        self.list = Rows(self._listed(self._rows("")), FIELDS, empty="Nothing here is called that.", id="main")
        self.list.go(next(iter(self.entries), ""))  # a heading says what follows, and nothing of it can be run
        with Container(id="body"):
            yield self.list

    def hints(self) -> list[keys.Hint]:
        entry = self.entries.get(str(self.list.cursor))
        run = [keys.Hint("⏎", "run it", 1)] if entry is not None and entry.run is not None else []
        return [*run, *(hint._replace(priority=2) if hint.words in ("filter", "back") else hint for hint in super().hints())]

    def tells(self) -> str:
        where = f"help on {self.under.words}" if self.under is not None else "help"
        return where + (f" · /{self.filter_words}" if self.filter_words else "")

    def take_filter(self, words: str) -> str:
        rows = self._rows(words)
        listed = self._listed(rows)
        self.list.set_provider(listed)
        self.list.go(next((row.id for row in rows if not str(row.id).startswith("=")), ""))
        self.show_hints()
        return f"{listed.counted(len(rows))} of {len(self._entries())}"

    def _listed(self, rows: list[Row]) -> ListRows:
        return ListRows(rows, counts=lambda row: not str(row.id).startswith("="))

    def on_row_opened(self, event: messages.RowOpened) -> None:
        entry = self.entries.get(str(event.id))
        if entry is None or entry.run is None:
            return
        self.console.pop_screen()
        self.console.call_later(entry.run)

    def _rows(self, words: str) -> list[Row]:
        wanted = words.lower().split()
        rows: list[Row] = []
        part = ""
        for index, entry in enumerate(self._entries()):
            said = " ".join(cell if isinstance(cell, str) else cell[0] for cell in entry.cells).lower()
            said = f"{entry.part.lower()} {said} {entry.called}"
            if not all(word in said for word in wanted):
                continue
            if entry.part != part:
                part = entry.part
                rows.append(Row(f"={part}", 0, ("", (part.upper(), "title"))))
            self.entries[str(index)] = entry
            rows.append(Row(str(index), 0, entry.cells))
        return rows

    def _entries(self) -> list[Entry]:
        return [*self._letters(), *self._keys(), *self._verbs(), *self._words(), *self._marks()]

    def _letters(self) -> list[Entry]:
        """What letters do to the thing that was chosen there."""
        chosen = self.chosen_there
        if chosen is None or self.under is None:
            return []
        under = self.under
        return [
            Entry(
                f"letters, on this {chosen.kind} ({chosen.ref})",
                (letter, verb.name, f"{verb.keys[0]} {chosen.ref}", verb.help),
                lambda verb=verb: under.press(verb, chosen),  # type: ignore[misc]
                called.VERBS.get(verb.name, ""),
            )
            for letter, verb in self.console.keymap.letters(chosen.kind).items()
        ]

    def _keys(self) -> list[Entry]:
        places = self.under.PLACES if self.under is not None else ("app",)
        return [
            Entry(
                {"app": "keys, everywhere", "move": "keys, in a list", "board": "keys, on the board"}.get(
                    key.where, f"keys, {key.where}"
                ),
                (key.shown, key.words, key.id),
                self._pressing(key),
                called.KEYS.get(key.action, ""),
            )
            for place in places
            for key in self.console.keymap.keys
            if key.where == place
        ]

    def _pressing(self, key: keys.Key) -> Callable[[], object] | None:
        if key.where != "app":
            return None
        return lambda: self.console.run_worker(self.console.run_action(key.action), exclusive=False)

    def _verbs(self) -> list[Entry]:
        chosen = self.chosen_there
        found = []
        for verb in verbs.VERBS:
            fits = chosen is not None and verb.takes and verb.group == chosen.kind
            start = f"{verb.keys[0]} {chosen.ref} " if fits and chosen is not None else f"{verb.keys[0]} "
            more = f"{verb.help} For example: {verb.example}" if verb.example else verb.help
            found.append(
                Entry(
                    "verbs, at the : prompt",
                    (self.console.keymap.letter(verb), verb.name, verb.usage, more),
                    lambda start=start: self.console.ask(start),  # type: ignore[misc]
                    called.VERBS.get(verb.name, ""),
                )
            )
        around = (("?d 1042 amy", "a dry run: says what it would do"), ("… !! reason", "overrides a guard; the reason is logged"),
                  ("… @0912", "back-dates to a time of day; both times are kept"))  # fmt: skip
        return [*found, *(Entry("around any verb", ("", words, typed), None) for typed, words in around)]

    def _words(self) -> list[Entry]:
        return [
            Entry("words to the console itself", ("", says, f":{word}"), lambda word=word: self.console.ask(word))  # type: ignore[misc]
            for word, says in OWN.items()
        ]

    def _marks(self) -> list[Entry]:
        return [Entry("marks", (glyph, words), None) for glyph, words in legend(self.console.look.glyphs)]

"""Every key of the console in one table: key, action, words, priority, and where it works.

It stands apart because bindings, footer hints, help and README are all read from it; they cannot disagree.
Letters mean the same verbs as at the prompt. Only keys that every terminal delivers.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from textual.binding import Binding, BindingType


class Key(NamedTuple):
    """One key. ``keys`` are Textual's names, comma-separated; ``shown`` is what a person reads.

    ``priority``: 1 is shown first and dropped last; 0 is never in the footer (help shows it).
    ``first`` keys begin a line of typing: they are taken before the focused widget sees them, so that what is typed
    right behind them cannot reach the verbs. The app's ``check_action`` refuses them while something is being typed
    (``takes_typing`` of the focused widget).
    """

    where: str
    keys: str
    shown: str
    action: str
    words: str
    priority: int = 0
    first: bool = False

    @property
    def id(self) -> str:
        """The name by which a person's own keymap changes it: ``board.open_card``."""
        return f"{self.where}.{re.sub(r'[^a-z0-9-]+', '_', self.action).strip('_')}"


KEYS: tuple[Key, ...] = (
    # Moving, the same in every list.
    Key("move", "up", "↑", "up", "up"),
    Key("move", "down", "↓", "down", "down"),
    Key("move", "pageup", "PgUp", "page_up", "a page up"),
    Key("move", "pagedown", "PgDn", "page_down", "a page down"),
    Key("move", "ctrl+u", "^U", "half_up", "half a page up"),
    Key("move", "ctrl+d", "^D", "half_down", "half a page down"),
    Key("move", "home,g", "Home g", "first", "to the first"),
    Key("move", "end,G", "End G", "last", "to the last"),
    Key("move", "enter", "⏎", "open", "open", 2),
    Key("move", "space", "space", "mark", "mark", 5),
    Key("move", "v", "v", "mark_range", "mark from the last mark to here"),
    Key("move", "asterisk", "*", "invert_marks", "mark the others"),
    Key("board", "left", "←", "left", "column left"),
    Key("board", "right", "→", "right", "column right"),
    # Screens.
    Key("app", "f2", "F2", "go('board')", "Board"),
    Key("app", "f3", "F3", "go('day')", "Day"),
    Key("app", "f4", "F4", "go('map')", "Map"),
    Key("app", "f5", "F5", "go('clients')", "Clients"),
    Key("app", "f6", "F6", "go('contracts')", "Contracts"),
    Key("app", "f7", "F7", "go('exceptions')", "Exceptions"),
    Key("app", "f8", "F8", "go('money')", "Money"),
    Key("app", "f9", "F9", "go('sites')", "Sites"),
    Key("app", "exclamation_mark", "!", "go('alerts')", "Alerts"),
    Key("app", "colon,semicolon", ":", "command", "command", 4, True),
    Key("app", "slash", "/", "filter", "filter", 5, True),
    Key("app", "full_stop", ".", "step", "suggested step", 3),
    Key("app", "n", "n", "new_job", "new job", 1),
    Key("app", "d", "d", "verb('d')", "dispatch", 1),
    Key("app", "u", "u", "undo", "undo", 4),
    Key("app", "U", "U", "undo_which", "undo an earlier act, by name"),
    Key("app", "ctrl+r", "^R", "redo", "redo"),
    Key("app", "backspace,q", "bksp q", "back", "back", 6),
    Key("app", "minus", "-", "swap", "last view"),
    Key("app", "O,o", "O", "sort", "sort"),
    Key("app", "f", "f", "jump", "jump to", 8, True),
    Key("app", "ctrl+f", "^F", "find", "find", 7),
    Key("app", "y", "y", "copy", "copy"),
    Key("app", "ctrl+p", "^P", "command_palette", "palette"),
    Key("app", "question_mark,f1", "?", "help", "help", 2),
    Key("app", "ctrl+l", "^L", "repaint", "draw the screen again"),
    Key("app", "ctrl+q", "^Q", "quit", "leave"),
    # Exceptions; what is done to a case are verbs.
    Key("exceptions", "m", "m", "mine", "mine and nobody's", 4),
    Key("exceptions", "s", "s", "show_snoozed", "with the snoozed", 6),
    Key("alerts", "s", "s", "show_suspended", "with those set aside", 6),
    Key("exceptions", "c", "c", "by_cause", "by cause", 3),
    Key("exceptions", "k", "k", "keep_other", "keep the other value", 7),
    Key("exceptions", "r", "r", "reports", "reports", 4),
    # A draft under review.
    Key("draft", "x", "x", "why", "explain: why this line", 1),
    Key("draft", "A", "A", "approve", "approve the draft", 2),
    Key("draft", "i", "i", "issue", "issue what nothing holds", 2),
    Key("draft", "B", "B", "hold_back", "hold back", 3),
    Key("draft", "W", "W", "waive_line", "waive", 3),
    Key("draft", "M", "M", "close_month", "close its month", 5),
    Key("draft", "left_square_bracket", "[", "other(-1)", "the draft before", 4),
    Key("draft", "right_square_bracket", "]", "other(1)", "the next draft", 4),
    # The lines of an issued document.
    Key("invoice", "x", "x", "why", "explain: why this line", 1),
    # Reports.
    Key("reports", "left", "←", "page(-1)", "the report before"),
    Key("reports", "right", "→", "page(1)", "the next report"),
    Key("reports", "left_square_bracket", "[", "month(-1)", "the month before", 3),
    Key("reports", "right_square_bracket", "]", "month(1)", "the next month", 3),
    # Sheets and lists of clients.
    Key("sheet", "n", "n", "log_for", "log a job here", 1),
    # Money.
    Key("money", "left", "←", "page(-1)", "the list before"),
    Key("money", "right", "→", "page(1)", "drafts, invoices, payments, age"),
    Key("money", "x", "x", "open_only", "only what is open"),
    # The day.
    Key("day", "left", "←", "day(-1)", "the day before"),
    Key("day", "right", "→", "day(1)", "the next day"),
    # The map; its arrows look that way when there is nothing to step to.
    Key("map", "up", "↑", "step(0, -1)", "next thing that way, or look that way"),
    Key("map", "down", "↓", "step(0, 1)", "the same below"),
    Key("map", "left", "←", "step(-1, 0)", "the same to the left"),
    Key("map", "right", "→", "step(1, 0)", "the same to the right"),
    Key("map", "shift+up,pageup", "⇧↑ PgUp", "pan(0, -1)", "look north"),
    Key("map", "shift+down,pagedown", "⇧↓ PgDn", "pan(0, 1)", "look south"),
    Key("map", "shift+left,home", "⇧← Home", "pan(-1, 0)", "look west"),
    Key("map", "shift+right,end", "⇧→ End", "pan(1, 0)", "look east"),
    Key("map", "plus,equals_sign", "+", "zoom(1)", "closer", 2),
    Key("map", "underscore", "_", "zoom(-1)", "wider", 2),
    Key("map", "0", "0", "fit", "everything", 3),
    Key("map", "tab", "tab", "technician(1)", "next technician", 2),
    Key("map", "shift+tab", "⇧tab", "technician(-1)", "technician before"),
    Key("map", "F", "F", "follow", "follow", 3),
    Key("map", "space", "space", "beneath", "next thing in the same place"),
    Key("map", "left_square_bracket", "[", "replay(-1)", "earlier", 4),
    Key("map", "right_square_bracket", "]", "replay(1)", "later", 4),
    Key("map", "left_curly_bracket", "{", "replay(-4)", "an hour earlier"),
    Key("map", "right_curly_bracket", "}", "replay(4)", "an hour later"),
    Key("map", "enter", "⏎", "open", "open", 1),
    # Typing.
    Key("line", "enter", "⏎", "send", "do it", 1),
    Key("line", "tab", "tab", "complete", "complete", 2),
    Key("line", "up", "↑", "older", "older line", 4),
    Key("line", "down", "↓", "newer", "newer line"),
    Key("line", "escape", "esc", "leave", "leave", 3),
    Key("form", "tab,enter", "tab ⏎", "next", "next field", 1),
    Key("form", "shift+tab", "⇧tab", "previous", "field before", 5),
    Key("form", "ctrl+e", "^E", "send", "send", 1),
    Key("form", "escape", "esc", "park", "park it", 3),
)

#: Keys that some terminal or multiplexer does not deliver, and why; a person's keymap is checked against them.
IMPOSSIBLE = {
    "ctrl+h": "is Backspace", "ctrl+i": "is Tab", "ctrl+m": "is Enter", "ctrl+left_square_bracket": "is Esc",
    "ctrl+slash": "arrives as ctrl+_ in most terminals", "ctrl+enter": "arrives as Enter", "shift+enter": "arrives as Enter",
    "ctrl+c": "interrupts programs", "ctrl+s": "stops the terminal's output", "ctrl+q": "leaves the console",
    "ctrl+z": "suspends the program", "ctrl+b": "belongs to tmux", "ctrl+a": "belongs to screen",
    "ctrl+j": "arrives as Enter", "ctrl+backslash": "ends programs", "ctrl+tab": "belongs to the desktop",
    "shift+space": "arrives as space", "ctrl+space": "is ctrl+@, which not every terminal sends",
    "f10": "opens a menu in some desktop terminals", "f11": "belongs to the desktop", "f12": "belongs to the desktop",
}  # fmt: skip
_NEVER = (
    (r"alt\+.*", "is not told from Esc and the key on many terminals"),
    (r"(super|meta)\+.*", "belongs to the desktop"),
    (r"ctrl\+shift\+.*", "arrives without Shift in most terminals"),
    (r"ctrl\+[0-9]", "is not sent by most terminals"),
    (r"f1[3-9]|f2\d", "stands on few keyboards"),
)


def undeliverable(key: str) -> str:
    """Why a key (Textual's name) does not arrive in every terminal; '' when it does."""
    if key in IMPOSSIBLE:
        return IMPOSSIBLE[key]
    return next((why for pattern, why in _NEVER if re.fullmatch(pattern, key)), "")


#: Actions of the keys that begin a line of typing; see ``Key.first``.
FIRST = frozenset(key.action for key in KEYS if key.first)


class Hint(NamedTuple):
    """One footer hint; ``priority`` 1 is dropped last."""

    shown: str
    words: str
    priority: int = 5


def bindings(*places: str) -> list[BindingType]:
    """The Textual bindings of these places, each with an id so that a keymap can change it."""
    return [
        Binding(key.keys, key.action, key.words, show=False, priority=key.first, id=key.id) for key in KEYS if key.where in places
    ]

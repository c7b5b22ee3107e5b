"""View: the frame of every screen, from the top line to the command line, and what a letter does there.

It stands apart so that a screen says only what is its own: its body, its rows, what is chosen.

Always: a letter means the verb it means at the prompt; a view left and come back to stands as it was left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from fsconsole import verbs
from fsconsole.console import keys, messages
from fsconsole.console.keymap import fits
from fsconsole.console.thrifty import leaner, let_go
from fsconsole.console.widgets.canvas import Canvas
from fsconsole.console.widgets.command_line import CommandLine
from fsconsole.console.widgets.detail import Detail
from fsconsole.console.widgets.top_line import NamesLine, TopLine
from fsconsole.store.queries.narrow import unknown_fields

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp

#: Seconds that a filter may take and still be taken at every letter; else after so many without one.
SLOW, PAUSE = 0.05, 0.12
#: Below this nothing useful fits.
LEAST = (40, 10)
#: The letters worth naming in the footer for a job in each column; all the others work, or say why not.
NEXT = {
    "logged": "dbp", "scheduled": "dop", "dispatched": "etao", "en route": "ao", "on site": "cwrjl", "waiting parts": "dr",
    "complete": "jsl", "signed off": "jl", "parked": "dbp", "closed": "",
}  # fmt: skip
#: Verbs that are asked for more, though they could go without: saying nothing is seldom what is meant.
ASK = frozenset({"dispatch", "waiting parts", "return needed", "no access", "card", "sick"})


class Chosen(NamedTuple):
    """What letters act on: its kind (job, client, contract, exception, technician ...), its reference as typed, its id.

    ``settled`` is True when nothing more needs to be asked for a dispatch: a technician is booked. ``state`` is a
    job's column: it decides which letters the footer names.
    """

    kind: str
    ref: str
    row: bytes
    settled: bool = False
    state: str = ""


class View(Screen[None]):
    """A screen of the console. A subclass gives ``view``, ``words``, ``body`` and ``reload``; the rest when it has need.

    ``view``: its name (``board``); ``words``: what people call it (``Board``).
    """

    view = ""
    words = ""
    #: Places of the key table whose hints stand in the footer, in this order.
    PLACES: tuple[str, ...] = ("app", "move")
    #: Actions that make no sense here; their hints are left out.
    LEAVE_OUT: tuple[str, ...] = ()
    #: What the rows may be narrowed by: ``client:acme`` after ``/``.
    NARROWS: tuple[str, ...] = ()
    AUTO_FOCUS = "#main"
    DEFAULT_CSS = """
    View { background: $background; layout: vertical; }
    View #body { height: 1fr; }
    View TooSmall { display: none; }
    View.-small > * { display: none; }
    View.-small > TooSmall { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        leaner(self)
        self.filter_words = ""
        self._narrow_took = 0.0  # seconds that the filter took when it was last taken
        self._narrow_timer: Timer | None = None
        self.sort_word = ""
        self._stale = False
        self._typed_at: Widget | None = None  # what had the keyboard before the terminal became too small
        self._kept: dict[str, Any] | None = None
        self.opened: tuple[str, bytes | str] | None = None  # the kind and id of the thing that it is about

    @property
    def console(self) -> ConsoleApp:
        """The app, as what it is."""
        return cast("ConsoleApp", self.app)

    # What a screen says of itself.

    def body(self) -> ComposeResult:
        """The screen's own widgets; the one to have the keyboard has the id ``main``."""
        raise NotImplementedError

    def reload(self) -> None:
        """Asks the queries again and repaints what differs; cursor, scroll and filter stay."""

    def arrived(self) -> None:
        """One has come here from another screen; closing a question or the help does not count."""

    def changed(self, rows: Iterable[bytes]) -> None:
        """These rows changed, here or elsewhere; a screen that can mark them does."""
        self.reload()

    def heard(self, rows: Iterable[bytes]) -> None:
        """Like ``changed``, for what others did: it comes often, and must cost little. It tells the hints itself."""
        self.changed(rows)
        self.show_hints()

    def tick(self) -> None:
        """The business clock came to another minute."""

    def chosen(self) -> Chosen | None:
        """What letters act on."""
        return None

    def marked(self) -> list[Chosen]:
        """What is marked, when more than the chosen one is meant."""
        return []

    def line_told(self) -> str:
        """The chosen line as text, its parts apart by tabs."""
        return next((line for canvas in self.query("#main").results(Canvas) if (line := canvas.line_told())), "")

    def marked_lines(self) -> list[str]:
        """The marked lines as text."""
        return [line for canvas in self.query("#main").results(Canvas) for line in canvas.marked_told()]

    def all_told(self) -> str:
        """What is told of the chosen one, as text."""
        return "\n\n".join(text for detail in self.query(Detail) if detail.display and (text := detail.all_told()))

    def take_filter(self, words: str) -> str:
        """Narrows what is shown; returns how many are left, such as ``37 of 412``. A screen without rows returns ''."""
        return ""

    def sorts(self) -> Sequence[str]:
        """The orders a person may choose from."""
        return ()

    def take_sort(self, name: str) -> None:
        """Another order."""

    def step(self) -> str:
        """The line of the suggested step; it ends in a space when words must follow, '' when there is none."""
        return ""

    def tells(self) -> str:
        """What the names line says at its right end: filter and order."""
        parts = [f"/{self.filter_words}" if self.filter_words else "", f"by {self.sort_word}" if self.sort_word else ""]
        return " · ".join(part for part in parts if part)

    def kept(self) -> dict[str, Any]:
        """What brings this view back as it was left, as plain JSON."""
        return {"filter": self.filter_words, "sort": self.sort_word}

    def take_up(self, kept: dict[str, Any]) -> None:
        """What ``kept`` returned in an earlier session."""
        self.sort_word = str(kept.get("sort") or "")
        if self.sort_word in self.sorts():
            self.take_sort(self.sort_word)
        self.filter_words = str(kept.get("filter") or "")
        if self.filter_words:
            self.take_filter(self.filter_words)

    def hints(self) -> list[keys.Hint]:
        """The footer: what can be done here, most useful first."""
        absent = set(self.LEAVE_OUT)
        chosen = self.chosen()
        if chosen is None:
            absent |= {"open", "mark"}
        if chosen is None or chosen.kind != "job":
            absent.add("verb('d')")
        if self.console.read_only:
            absent |= {"new_job", "verb('d')", "undo", "step"}
        if not self.narrows():
            absent.add("filter")
        found = self.console.keymap.hints(*self.PLACES, leave_out=absent)
        if self.console.at_the_door():
            found = [hint._replace(words="leave") if hint.words == "back" else hint for hint in found]
        if chosen is not None and not self.console.read_only:
            able = self.console.keymap.letters(chosen.kind)
            usual = {verb.key: letter for letter, verb in able.items()}
            named = NEXT.get(chosen.state, "") if chosen.kind == "job" else "".join(usual)
            acts = [(usual[letter], able[usual[letter]]) for letter in named if letter in usual]
            lead = [hint for hint in found if hint.words == "open"]
            rest = [hint for hint in found if hint not in lead and not (chosen.kind == "job" and hint.words == "dispatch")]
            found = [*lead, *(keys.Hint(key, verb.name, 2 + at // 2) for at, (key, verb) in enumerate(acts)), *rest]
        return found

    # The frame.

    def compose(self) -> ComposeResult:
        yield TooSmall()
        yield TopLine(zone=self.console.store.zone, id="top")
        yield NamesLine(self.console.names(), here=self.view, id="names")
        yield from self.body()
        yield CommandLine(self.console.prompt, history=self.console.lines, id="line")

    @property
    def line(self) -> CommandLine:
        return self.query_one("#line", CommandLine)

    def on_mount(self) -> None:
        self.line.history = self.console.lines
        if self._kept is not None:
            self.take_up(self._kept)
            self._kept = None
        self.show_top()
        self.show_hints()

    def on_unmount(self) -> None:
        let_go()

    def on_screen_resume(self) -> None:
        came = self.console.came_to(self)
        if self._stale:
            self._stale = False
            self.reload()
        if came:
            self.arrived()
        self.show_top()
        self.show_hints()

    def on_resize(self, event: events.Resize) -> None:
        small = event.size.width < LEAST[0] or event.size.height < LEAST[1]
        if small and not self.has_class("-small"):
            self._typed_at = self.focused  # hidden widgets lose the keyboard, and nothing gives it back to them
        self.set_class(small, "-small")
        if not small and self._typed_at is not None:
            back, self._typed_at = self._typed_at, None
            self.call_after_refresh(lambda: back.focus() if back.is_attached and self.focused is None else None)

    def stale(self) -> None:
        """Something changed while this view was not looked at."""
        self._stale = True

    def show_top(self) -> None:
        """The top line and the names line, from what the console knows."""
        if not self.query("#names"):
            return  # not composed yet; it is told when it is
        if self.console.top is not None:
            self.query_one("#top", TopLine).say(self.console.top)
        self.query_one("#names", NamesLine).say(self.view, self.console.names(), self.tells())

    def show_hints(self) -> None:
        if self.query("#line"):
            self.line.hint(self.hints())

    # Typing.

    def typing(self) -> bool:
        """Whether letters are being typed, so that none is a verb."""
        return bool(getattr(self.focused, "takes_typing", False))

    def on_key(self, event: events.Key) -> None:
        """Letters of what is chosen, and digits that start a reference."""
        if self.typing():
            return
        if event.character and event.character.isascii() and event.character.isdigit():
            event.stop()
            event.prevent_default()
            self.console.ask(event.character)
            return
        chosen = self.chosen()
        verb = self.console.keymap.letters(chosen.kind).get(event.character or "") if chosen else None
        if verb is not None and chosen is not None:
            event.stop()
            event.prevent_default()
            self.press(verb, chosen)

    def press(self, verb: verbs.Verb, chosen: Chosen) -> None:
        """A verb's letter: does it, or opens the command line where more must be said; what is marked goes together."""
        lead = verb.keys[0]
        if self.console.read_only and verb.role:
            self.console.act(lead)  # which says why not
            return
        if not verb.takes:
            self.console.act(lead)
            return
        several = [one for one in self.marked() if fits(verb, one.kind)]
        if len(several) > 1:
            self.console.act_on_all(verb, several)
        elif verb.asks or (verb.name in ASK and not (verb.name == "dispatch" and chosen.settled)):
            self.console.ask(f"{lead} {chosen.ref} ")
        else:
            self.console.act(f"{lead} {chosen.ref}")

    def on_line_typed(self, event: messages.LineTyped) -> None:
        if self.line.kind == "/":
            self.filter_words = event.text
            self._narrow_no_more()
            if self._narrow_took < SLOW:
                self._narrow()
            else:  # what takes long is done once the typing pauses, not for each letter
                self._narrow_timer = self.set_timer(PAUSE, self._narrow)

    def _narrow(self) -> None:
        began = monotonic()
        self.tell_filter(self.take_filter(self.filter_words))
        self._narrow_took = monotonic() - began
        self.show_top()

    def _narrow_no_more(self) -> None:
        """What was typed is taken at once, or given up."""
        if self._narrow_timer is not None:
            self._narrow_timer.stop()
            self._narrow_timer = None

    def narrows(self) -> bool:
        """Whether there are rows here to filter."""
        return type(self).take_filter is not View.take_filter

    def tell_filter(self, count: str) -> None:
        """Beside the filter being typed: how many it leaves, what there is to narrow by, a field that there is not."""
        if not self.narrows():
            # The line opens all the same: what is typed behind the key must not reach the verbs.
            self.line.verdict("there is nothing here to filter", None)
            return
        wrong = unknown_fields(self.filter_words, self.NARROWS) if self.NARROWS else []
        there = " ".join(f"{name}:" for name in self.NARROWS)
        if wrong:
            self.line.verdict(f"{count}   there is no {wrong[0]}: here, but {there}", None)
        elif not self.filter_words and there:
            self.line.verdict(f"{count}   {there}".strip())
        else:
            self.line.verdict(count)

    def on_line_entered(self, event: messages.LineEntered) -> None:
        self._narrow_no_more()
        if event.kind == ":":
            self.console.typed(event.text)
        elif event.kind == "/":
            self.filter_words = event.text
            self.take_filter(event.text)
        self.show_top()
        self.show_hints()

    def on_line_left(self, event: messages.LineLeft) -> None:
        self._narrow_no_more()
        if event.kind == "/":
            self.filter_words = ""
            self.take_filter("")
            self.show_top()

    def on_card_reached(self) -> None:
        self.show_hints()

    def on_row_reached(self) -> None:
        self.show_hints()


class TooSmall(Canvas):
    """What a terminal too small for anything says."""

    def key(self, block: int, y: int) -> tuple[int, int, int]:
        return (y, self.size.width, self.size.height)

    def draw(self, key: Any, cells: int) -> Any:
        y, wide, high = key
        lines = (
            f" {wide}x{high} is too small.",
            f" fsconsole needs {LEAST[0]}x{LEAST[1]}",
            " at least; make this",
            " window larger.",
        )
        return self.spread(cells, [(lines[y], "soon")]) if y < len(lines) else self.blank(cells)

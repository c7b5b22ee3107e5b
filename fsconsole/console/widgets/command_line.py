"""The command line: one line to act, its verdict before enter, its result after; hints or completions below.

It stands apart because every verb passes here, typed or pressed; it keeps no clock and never blinks.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, Protocol

from rich.segment import Segment
from textual import events

from fsconsole.console import messages
from fsconsole.console.glyphs import ASCII
from fsconsole.console.keys import Hint
from fsconsole.console.text import clean, clip, width
from fsconsole.console.widgets.canvas import Canvas, Piece
from fsconsole.console.widgets.edit_line import EditLine
from fsconsole.console.widgets.hints import hint_pieces


class Completion(NamedTuple):
    """What could stand from ``start`` (an index into the text) to the caret; ``words`` says what it is."""

    start: int
    insert: str
    words: str = ""


class Verdict(NamedTuple):
    """What the line would do, or why not; ``ok`` None: nothing to say yet."""

    words: str
    ok: bool | None = None


class LineProvider(Protocol):
    """``complete(text, at)``: up to some twenty completions at the caret, best first. ``judge(text)``: the dry run.

    Both are asked after every key (``judge`` only for verbs), and must be quick and change nothing.
    """

    def complete(self, text: str, at: int) -> Sequence[Completion]: ...
    def judge(self, text: str) -> Verdict: ...


class CommandLine(Canvas, can_focus=True):
    """``CommandLine(provider, hints, history=(...))``; two lines high.

    ``open(kind, text)`` takes the keyboard (kind ``:`` a verb, ``/`` a filter), ``say``/``refuse`` show a result,
    ``hints(...)`` changes the footer. Posts LineTyped, LineEntered, LineLeft. What to do with the keyboard after
    enter is the screen's to say; ``close()`` gives it back to where it was.
    """

    takes_typing = True
    DEFAULT_CSS = "CommandLine { height: 2; }"

    def __init__(
        self,
        provider: LineProvider | None = None,
        hints: Sequence[Hint] = (),
        *,
        history: Sequence[str] = (),
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.provider = provider
        self.history = list(history)
        self.kind = ""
        self.edit = EditLine()
        self._hints = tuple(hints)
        self._said: tuple[str, str] = ("", "said")
        self._offers: Sequence[Completion] = ()
        self._picked = -1
        self._verdict = Verdict("")
        self._back = -1
        self._kept = ""
        self._from: object = None
        self._heard: Callable[[str], object] | None = None
        self._left: Callable[[], object] | None = None
        self.can_focus = False  # only through open(), so that Tab never lands here by chance

    # What a screen asks of it.

    def open(
        self,
        kind: str = ":",
        text: str = "",
        *,
        heard: Callable[[str], object] | None = None,
        left: Callable[[], object] | None = None,
    ) -> None:
        """Takes the keyboard, with ``text`` already typed.

        With ``heard`` every change of the text is told to it at once instead of being posted, and nothing is posted in
        the end; ``left`` is called when the keyboard is given back.
        """
        self._heard, self._left = heard, left
        self._from = self.screen.focused
        self.kind = kind
        self.edit.set(text)
        self._back, self._kept = -1, ""
        self.can_focus = True
        # At once, not after the next message: what is typed on must never reach the board's verbs.
        self.screen.set_focus(self)
        self._think()

    def close(self) -> None:
        """Gives the keyboard back to where it was."""
        self.kind = ""
        if self._left is not None:
            self._left()
        self._left = None
        self._offers, self._picked, self._verdict = (), -1, Verdict("")
        self.can_focus = False
        before = self._from
        if getattr(before, "is_mounted", False):
            self.screen.set_focus(before)  # type: ignore[arg-type]
        elif self.has_focus:
            self.screen.set_focus(None)
        self.settle()

    def say(self, words: str) -> None:
        """Shows what was done, until something else is said."""
        self._said = (words, "said")
        self.settle()

    def tell(self, words: str) -> None:
        """Shows news or an answer: nothing was done, and nothing refused."""
        self._said = (words, "told")
        self.settle()

    def refuse(self, why: str, instead: str = "") -> None:
        """Shows why something was not done, and what would make it possible."""
        self._said = (f"{why} {instead}".strip(), "refused")
        self.settle()

    def hint(self, hints: Sequence[Hint]) -> None:
        """Other hints."""
        self._hints = tuple(hints)
        self.settle()

    @property
    def text(self) -> str:
        return self.edit.text

    # Lines.

    def key(self, block: int, y: int) -> Hashable:
        if y == 0:
            if self.kind:
                return ("typing", self.kind, self.edit.text, self.edit.at, self._verdict)
            return ("said", *self._said)
        if y == 1:
            if self.kind and self._offers:
                return ("offers", tuple(self._offers), self._picked)
            return ("hints", _WHILE.get(self.kind, self._hints))
        return None

    def draw(self, key: Any, cells: int) -> list[Segment]:
        glyphs = self.look.glyphs
        match key:
            case ("typing", kind, text, at, verdict):
                role = {True: "said", False: "refused", None: "dim"}[verdict.ok]
                mark = {True: glyphs.marked, False: glyphs.stopped, None: ""}[verdict.ok]
                room = cells - 4
                typed = min(width(text) + 1, room)
                words = clean(verdict.words)
                right: list[Piece] = []
                # The verdict may take what the text leaves; beyond half the line the text gives way to it.
                space = max(cells - typed - 7, cells // 2 if width(words) else 0)
                if words and space > 8:
                    right = [
                        (f"  {mark} " if mark else "  ", role),
                        (clip(words, space - 4, glyphs.ellipsis) + " ", role),
                    ]
                before, under, after = EditLine(text, at).view(room - sum(width(t) for t, _ in right))
                left: list[Piece] = [
                    (f" {kind} ", "prompt"),
                    (before, "typed"),
                    (under, "caret"),
                    (after, "typed"),
                ]
                return self.spread(cells, left, right)
            case ("said", words, role):
                if not words:
                    return self.spread(cells, [(" :", "dim")])
                mark, role = {"said": (glyphs.marked, role), "told": (glyphs.news, "normal")}.get(role, (glyphs.stopped, role))
                return self.spread(cells, [(f" {mark} {clean(words)}", role)])
            case ("offers", offers, picked):
                return self.spread(cells, self._offer_pieces(offers, picked, cells))
            case ("hints", hints):
                return self.spread(cells, hint_pieces(hints, cells, glyphs is ASCII))
        return self.blank(cells)

    def _offer_pieces(self, offers: Sequence[Completion], picked: int, cells: int) -> list[Piece]:
        texts = [clean(offer.insert.strip()) for offer in offers]
        start, used = 0, 0
        # Scrolled so that the picked one is visible.
        for index in range(max(0, picked) + 1):
            used += width(texts[index]) + 2
            while used > cells // 2 and start < index:
                used -= width(texts[start]) + 2
                start += 1
        words = clean(offers[max(0, picked)].words) if offers else ""
        pieces: list[Piece] = [(" ", "normal")]
        room = cells - 4 - (width(words) + 4 if words else 0)
        for index in range(start, len(texts)):
            taken = width(texts[index]) + 2
            if taken > room and index != picked:
                pieces.append((self.look.glyphs.ellipsis, "dim"))
                break
            pieces += [
                (
                    texts[index] if index != picked else f"{texts[index]}",
                    "chosen" if index == picked else "offer",
                ),
                ("  ", "normal"),
            ]
            room -= taken
        if words:
            pieces.append((f" {self.look.glyphs.dash} {words}", "dim"))
        return pieces

    # Typing.

    def _think(self) -> None:
        self._offers, self._picked = (), -1
        if self.provider is not None and self.kind == ":":
            self._offers = self.provider.complete(self.edit.text, self.edit.at)
            self._verdict = self.provider.judge(self.edit.text) if self.edit.text.strip() else Verdict("")
        else:
            self._verdict = Verdict("")
        self.settle()

    def verdict(self, words: str, ok: bool | None = None) -> None:
        """Shows words at the right of what is typed, such as a filter's ``37 of 10,000``."""
        self._verdict = Verdict(words, ok)
        self.settle()

    def on_key(self, event: events.Key) -> None:
        if not self.kind:
            return
        key = event.key
        if (key.startswith("f") and key[1:].isdigit()) or key in ("ctrl+q", "ctrl+l", "ctrl+z"):
            return  # the console's own keys work while one types, too; the line stays as it is
        event.stop()
        event.prevent_default()
        if key == "enter":
            text, kind = self.edit.text, self.kind
            if text.strip() and (not self.history or self.history[-1] != text) and kind == ":":
                self.history.append(text)
            self._back = -1
            heard = self._heard
            self.close()
            if heard is None:
                self.post_message(messages.LineEntered(text, kind))
        elif key == "escape" or (key == "backspace" and not self.edit.text):
            text, kind, heard = self.edit.text, self.kind, self._heard
            self.close()
            if heard is None:
                self.post_message(messages.LineLeft(text, kind))
        elif key in ("tab", "shift+tab"):
            self._pick(-1 if key == "shift+tab" else 1)
        elif key in ("up", "down"):
            self._recall(1 if key == "up" else -1)
        elif self.edit.press(key, event.character):
            self._typed()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.kind:
            self.edit.insert(event.text)
            self._typed()

    def _typed(self) -> None:
        if self._heard is not None:
            self._heard(self.edit.text)
            self.settle()
            return
        self._think()
        self.post_message(messages.LineTyped(self.edit.text))

    def _pick(self, step: int) -> None:
        """The next completion, written into the line; tab again takes the one after."""
        if not self._offers:
            return
        offers = self._offers
        self._picked = (self._picked + step) % len(offers)
        offer = offers[self._picked]
        self.edit.text = self.edit.text[: offer.start] + offer.insert + self.edit.text[self.edit.at :]
        self.edit.at = offer.start + len(offer.insert)
        if len(offers) == 1:
            self._typed()
            return
        if self.provider is not None:
            self._verdict = self.provider.judge(self.edit.text)
        self.settle()
        self.post_message(messages.LineTyped(self.edit.text))

    def _recall(self, step: int) -> None:
        """An older or newer line that begins as what was typed."""
        if self._back < 0:
            self._kept = self.edit.text
        like = [line for line in reversed(self.history) if line.startswith(self._kept)]
        self._back = max(-1, min(self._back + step, len(like) - 1))
        self.edit.set(like[self._back] if self._back >= 0 else self._kept)
        self._typed()


_TYPING = (Hint("⏎", "do it", 1), Hint("tab", "complete", 2), Hint("↑", "older", 4), Hint("esc", "leave", 3))
_FILTERING = (
    Hint("⏎", "keep", 1),
    Hint("esc", "clear", 2),
    Hint("!word", "without", 4),
    Hint("field:value", "one field", 5),
)
_JUMPING = (Hint("a–z", "go there", 1), Hint("A–Z", "go in", 2), Hint("esc", "leave", 1))
_WHILE = {":": _TYPING, "/": _FILTERING, "f": _JUMPING}

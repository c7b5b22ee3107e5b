"""Form: fields filled from the keyboard that say, as one types, what they were understood as.

It stands apart because logging a job is the moment a caller waits: nothing here opens, jumps or asks back.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from rich.segment import Segment
from textual import events

from fsconsole.console import messages
from fsconsole.console.text import clean, clip, pad, width
from fsconsole.console.widgets.canvas import Canvas, Piece
from fsconsole.console.widgets.edit_line import EditLine


class FormField(NamedTuple):
    """One field. ``hint`` says what may stand there while it is empty."""

    key: str
    words: str
    hint: str = ""
    required: bool = False


class Suggestion(NamedTuple):
    """Something a field may mean: ``insert`` is put into it, ``words`` tells more."""

    insert: str
    words: str = ""


class Resolved(NamedTuple):
    """What a field was understood as: ``words`` for people, ``value`` for the verb, ``role`` fine, soon, refused or dim.

    ``ok`` False keeps the form from being sent.
    """

    words: str = ""
    value: Any = None
    role: str = "dim"
    ok: bool = True
    suggestions: tuple[Suggestion, ...] = ()


class FormProvider(Protocol):
    """``resolve(key, typed)``: what field ``key`` means, given all that is typed (by field key). Asked for every field
    after every key; quick, and changes nothing. ``notices(typed)``: (words, role) lines below, such as a repeat call."""

    def resolve(self, key: str, typed: Mapping[str, str]) -> Resolved: ...
    def notices(self, typed: Mapping[str, str]) -> Sequence[tuple[str, str]]: ...


class Form(Canvas, can_focus=True):
    """``Form(provider, fields, title="Log a job", typed={...})``. Posts FormFilled (ctrl+e, or enter on the last field)
    and FormParked (esc)."""

    takes_typing = True

    def __init__(
        self,
        provider: FormProvider,
        fields: Sequence[FormField],
        *,
        title: str = "",
        typed: Mapping[str, str] | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.provider = provider
        self.fields = tuple(fields)
        self.title = title
        self._edits = {field.key: EditLine((typed or {}).get(field.key, "")) for field in fields}
        self.at = 0
        self._picked = -1
        self._resolved: dict[str, Resolved] = {}
        self._notices: tuple[tuple[str, str], ...] = ()
        self._complaint = ""
        self._think()

    def typed(self) -> dict[str, str]:
        """What stands in the fields, by key."""
        return {key: edit.text for key, edit in self._edits.items()}

    def fill(self, typed: Mapping[str, str], at: str = "") -> None:
        """Puts words into fields and, with ``at``, the caret into one."""
        for key, text in typed.items():
            if key in self._edits:
                self._edits[key].set(text)
        self.at = next((i for i, field in enumerate(self.fields) if field.key == at), self.at)
        self._think()
        self.settle()

    def complain(self, words: str) -> None:
        """Shows why the form was not taken."""
        self._complaint = words
        self.settle()

    # Lines.

    def prepare(self, width: int, height: int) -> None:
        self._labels = max(_w(field.words) for field in self.fields) + 2
        room = width - self._labels - 3
        # The typed part keeps its place; what it was understood as stands beside it when there is room, else below.
        self._typed_cells = room * 2 // 5 if room >= 50 else room
        self._beside = room >= 50

    def _lines(self) -> list[tuple[object, ...]]:
        lines: list[tuple[object, ...]] = [("title", self.title), ("nothing",)] if self.title else []
        for index, field in enumerate(self.fields):
            edit, resolved = self._edits[field.key], self._resolved.get(field.key, Resolved())
            here = index == self.at
            caret = edit.at if here and self.has_focus else -1
            lines.append(
                (
                    "field",
                    field,
                    edit.text,
                    caret,
                    here,
                    resolved.words,
                    resolved.role,
                    self._labels,
                    self._typed_cells,
                    self._beside,
                )
            )
            if not self._beside and resolved.words:
                lines.append(("meant", self._labels, resolved.words, resolved.role))
        lines.append(("nothing",))
        if self._complaint:
            lines.append(("notice", self._complaint, "refused"))
        lines += [("notice", words, role) for words, role in self._notices]
        found = self._suggestions()
        if found:
            lines.append(("nothing",))
            lines += [("suggestion", s.insert, s.words, index == self._picked, self._labels) for index, s in enumerate(found)]
        return lines

    def _suggestions(self) -> tuple[Suggestion, ...]:
        return self._resolved.get(self.fields[self.at].key, Resolved()).suggestions

    def _ask(self, width: int, height: int) -> None:
        self.prepare(width, height)
        lines = self._lines()
        # The field with the caret stays visible on a low screen.
        at = next((i for i, line in enumerate(lines) if line[0] == "field" and line[4]), 0)
        top = max(0, min(at - height // 2, len(lines) - height))
        self._shown = lines[top : top + height]
        super()._ask(width, height)

    def key(self, block: int, y: int) -> Hashable:
        return self._shown[y] if y < len(self._shown) else ("nothing",)

    def draw(self, key: Any, cells: int) -> list[Segment]:
        g = self.look.glyphs
        match key:
            case ("title", words):
                return self.spread(cells, [(f" {words}", "here")])
            case ("field", field, text, caret, here, words, role, labels, typed_cells, beside):
                pieces: list[Piece] = [
                    (g.cursor if here else " ", "strong"),
                    (pad(field.words, labels - 1), "here" if here else "title"),
                ]
                pieces.append((f"{g.chosen} " if here else "  ", "prompt"))
                # What may stand in an empty field has the whole line, until something stands beside it.
                free = typed_cells if beside and words else cells - labels - 2
                if caret >= 0:
                    before, under, after = EditLine(text, caret).view(typed_cells - 1)
                    pieces += [(before, "typed"), (under, "caret"), (after, "typed")]
                    used = width(before) + width(under) + width(after)
                    if not text and field.hint:
                        rest = clip(field.hint, free - used - 1, g.ellipsis)
                        pieces.append((rest, "dim"))
                        used += width(rest)
                elif text:
                    shown = clip(clean(text), typed_cells - 1, g.ellipsis)
                    pieces.append((shown, "typed"))
                    used = width(shown)
                else:
                    shown = clip(field.hint or ("needed" if field.required else ""), free - 1, g.ellipsis)
                    pieces.append((shown, "dim"))
                    used = width(shown)
                if beside and words:
                    pieces += [(" " * max(1, typed_cells - used), "normal"), (clean(words), role)]
                return self.spread(cells, pieces)
            case ("meant", labels, words, role):
                return self.spread(cells, [(" " * (labels + 2), "normal"), (clean(words), role)])
            case ("notice", words, role):
                mark = g.stopped if role == "refused" else g.soon if role in ("soon", "late") else g.dot
                return self.spread(cells, [(f" {mark} {clean(words)}", role)])
            case ("suggestion", insert, words, picked, labels):
                role = "chosen" if picked else "offer"
                lead = (" " * labels) + (g.chosen if picked else " ")
                return self.spread(cells, [(lead, "prompt"), (f" {clean(insert)} ", role), (f"  {clean(words)}", "dim")])
        return self.blank(cells)

    # Typing.

    def _think(self) -> None:
        typed = self.typed()
        self._resolved = {field.key: self.provider.resolve(field.key, typed) for field in self.fields}
        self._notices = tuple(self.provider.notices(typed))

    def on_key(self, event: events.Key) -> None:
        edit = self._edits[self.fields[self.at].key]
        key = event.key
        found = self._suggestions()
        if (key.startswith("f") and key[1:].isdigit()) or key in ("ctrl+g", "ctrl+q", "ctrl+l"):
            return  # the screens' own keys work from a form too
        event.stop()
        event.prevent_default()
        if key in ("enter", "tab"):
            self._take(found)
            if key == "enter" and self.at == len(self.fields) - 1:
                self._send()
            else:
                self._go(self.at + 1)
        elif key == "shift+tab":
            self._go(self.at - 1)
        elif key in ("down", "up"):
            step = 1 if key == "down" else -1
            if found and not (self._picked < 0 and step < 0):
                self._picked = max(-1, min(self._picked + step, len(found) - 1))
            else:
                self._go(self.at + step)
        elif key == "ctrl+e":
            self._take(found)
            self._send()
        elif key == "escape":
            self.post_message(messages.FormParked(self, self.typed()))
        elif edit.press(key, event.character):
            self._changed()
        self.settle()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._edits[self.fields[self.at].key].insert(event.text)
        self._changed()
        self.settle()

    def _changed(self) -> None:
        self._picked, self._complaint = -1, ""
        self._think()

    def _take(self, found: Sequence[Suggestion]) -> None:
        if 0 <= self._picked < len(found):
            self._edits[self.fields[self.at].key].set(found[self._picked].insert)
            self._think()

    def _go(self, index: int) -> None:
        self.at = max(0, min(index, len(self.fields) - 1))
        self._picked = -1

    def _send(self) -> None:
        for index, field in enumerate(self.fields):
            resolved = self._resolved[field.key]
            if field.required and not self._edits[field.key].text.strip():
                self._complaint, self.at = f"{field.words} is needed.", index
                return
            if not resolved.ok:
                self._complaint, self.at = f"{field.words}: {resolved.words}", index
                return
        values = {key: resolved.value for key, resolved in self._resolved.items()}
        self.post_message(messages.FormFilled(self, self.typed(), values))


def _w(text: str) -> int:
    return width(clean(text))

"""A line of text being typed: where the caret is and what each key does to it, without a screen.

It stands apart because the command line, forms and dialogs all type, and typing is easiest to be sure of when
nothing is drawn.
"""

from __future__ import annotations

from fsconsole.console.text import clean, width

#: Characters a line holds at most: a pasted letter fits, a pasted file is cut.
MOST = 4096


class EditLine:
    """``text`` and ``at`` (an index into it). ``press`` returns whether the key was one of typing."""

    def __init__(self, text: str = "", at: int | None = None) -> None:
        self.text = text
        self.at = len(text) if at is None else at

    def set(self, text: str, at: int | None = None) -> None:
        self.text = text
        self.at = len(text) if at is None else max(0, min(at, len(text)))

    def insert(self, text: str) -> None:
        """Puts text at the caret; line ends and controls in it become spaces, so that a paste stays one line.
        Of what is more than the line holds the rest is left out."""
        text = clean(text[:MOST])[: max(0, MOST - len(self.text))]
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def press(self, key: str, character: str | None) -> bool:
        match key:
            case "left":
                self.at = max(0, self.at - 1)
            case "right":
                self.at = min(len(self.text), self.at + 1)
            case "ctrl+left":
                self.at = self._word_start()
            case "ctrl+right":
                rest = self.text[self.at :]
                skipped = len(rest) - len(rest.lstrip())
                space = rest.find(" ", skipped)
                self.at = len(self.text) if space < 0 else self.at + space
            case "home" | "ctrl+a":
                self.at = 0
            case "end" | "ctrl+e":
                self.at = len(self.text)
            case "backspace":
                if self.at:
                    self.text = self.text[: self.at - 1] + self.text[self.at :]
                    self.at -= 1
            case "delete" | "ctrl+d":
                self.text = self.text[: self.at] + self.text[self.at + 1 :]
            case "ctrl+w":
                start = self._word_start()
                self.text, self.at = self.text[:start] + self.text[self.at :], start
            case "ctrl+u":
                self.text, self.at = self.text[self.at :], 0
            case "ctrl+k":
                self.text = self.text[: self.at]
            case _:
                if character is None or not character.isprintable():
                    return False
                self.insert(character)
        return True

    def _word_start(self) -> int:
        before = self.text[: self.at].rstrip()
        return before.rfind(" ") + 1

    def word(self) -> tuple[int, str]:
        """(start, text) of the word that ends at the caret, for completion."""
        start = self.text.rfind(" ", 0, self.at) + 1
        return start, self.text[start : self.at]

    def view(self, cells: int) -> tuple[str, str, str]:
        """(before, under the caret, after) of the part to show in ``cells`` cells with the caret in it."""
        before, under, after = (
            self.text[max(0, self.at - 4 * cells) : self.at],
            self.text[self.at : self.at + 1] or " ",
            self.text[self.at + 1 : self.at + 1 + 4 * cells],
        )
        while before and width(before) + width(under) > cells:
            before = before[1:]
        room = cells - width(before) - width(under)
        while after and width(after) > room:
            after = after[:-1]
        return before, under, after

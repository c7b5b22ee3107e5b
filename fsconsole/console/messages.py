"""What widgets tell screens, in the past tense.

Handlers follow Textual's naming: ``CardOpened`` arrives at ``on_card_opened``. ``sender`` is the widget.
"""

from __future__ import annotations

from typing import Any

from textual.message import Message


class CardReached(Message):
    """The board's cursor came to a job (``None``: to an empty board)."""

    def __init__(self, job: bytes | None, column: str) -> None:
        super().__init__()
        self.job = job
        self.column = column


class CardOpened(Message):
    """Enter was pressed on a job's card."""

    def __init__(self, job: bytes, column: str) -> None:
        super().__init__()
        self.job = job
        self.column = column


class Marked(Message):
    """The marks changed; ``ids`` is all of them."""

    def __init__(self, ids: frozenset[bytes | str]) -> None:
        super().__init__()
        self.ids = ids


class RowReached(Message):
    """A list's cursor came to a row (``None``: the list is empty). ``row`` is what the provider gave."""

    def __init__(self, sender: Any, id: bytes | str | None, row: Any = None) -> None:
        super().__init__()
        self.sender = sender
        self.id = id
        self.row = row


class RowOpened(Message):
    """Enter was pressed on a row."""

    def __init__(self, sender: Any, id: bytes | str, row: Any = None) -> None:
        super().__init__()
        self.sender = sender
        self.id = id
        self.row = row


class LineTyped(Message):
    """The command line's text changed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class LineEntered(Message):
    """Enter was pressed on the command line. ``kind`` is its prompt: ``:`` a verb, ``/`` a filter."""

    def __init__(self, text: str, kind: str) -> None:
        super().__init__()
        self.text = text
        self.kind = kind


class LineLeft(Message):
    """The command line was left without entering; ``text`` is what stood there."""

    def __init__(self, text: str, kind: str) -> None:
        super().__init__()
        self.text = text
        self.kind = kind


class FormFilled(Message):
    """A form was sent: what was typed and what it resolved to, by field key."""

    def __init__(self, sender: Any, typed: dict[str, str], values: dict[str, Any]) -> None:
        super().__init__()
        self.sender = sender
        self.typed = typed
        self.values = values


class FormParked(Message):
    """A form was left half filled; ``typed`` takes it up again."""

    def __init__(self, sender: Any, typed: dict[str, str]) -> None:
        super().__init__()
        self.sender = sender
        self.typed = typed

"""Columns: how each kind of value is written in SQL and on the wire.

It stands apart so that tables.py reads as a list of words. Each column has a number that never changes
and is never used again: the change log names columns by it.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import peewee

from fsconsole.store.instants import instant, ms

Scalar = None | int | str | bytes
#: Made once: ``json.dumps`` makes one for every value.
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Column(peewee.Field):
    """A numbered column. ``pack`` turns a value into what is stored, ``unpack`` turns it back."""

    empty: Scalar = None

    def __init__(self, number: int, **kwargs: Any) -> None:
        super().__init__(null=self.empty is None, default=self.empty, **kwargs)
        self.number = number

    def pack(self, value: Any) -> Scalar:
        return value  # type: ignore[no-any-return]

    def unpack(self, stored: Any) -> Any:
        return stored


class Word(Column):
    """Text; '' when there is none."""

    field_type = "TEXT"
    empty = ""

    def pack(self, value: Any) -> Scalar:
        return "" if value is None else str(value)


class Whole(Column):
    """A whole number or nothing: a count, minutes, minor units of money."""

    field_type = "BIGINT"

    def pack(self, value: Any) -> Scalar:
        return None if value is None else int(value)


class Count(Whole):
    """A whole number, 0 when not given."""

    empty = 0

    def pack(self, value: Any) -> Scalar:
        return int(value or 0)


class Flag(Column):
    """Yes or no."""

    field_type = "SMALLINT"
    empty = 0

    def pack(self, value: Any) -> Scalar:
        return 1 if value else 0

    def unpack(self, stored: Any) -> Any:
        return bool(stored)


class Link(Column):
    """The id of another row, or nothing."""

    field_type = "BLOB"

    def pack(self, value: Any) -> Scalar:
        return bytes(value) if value else None


class Day(Column):
    """A local day as YYYY-MM-DD."""

    field_type = "TEXT"

    def pack(self, value: Any) -> Scalar:
        if isinstance(value, datetime):
            value = value.date()
        return value.isoformat() if isinstance(value, date) else (value or None)

    def unpack(self, stored: Any) -> Any:
        return date.fromisoformat(stored) if stored else None


class Instant(Column):
    """Milliseconds since 1970 in UTC."""

    field_type = "BIGINT"

    def pack(self, value: Any) -> Scalar:
        return ms(value) if isinstance(value, datetime) else value

    def unpack(self, stored: Any) -> Any:
        return None if stored is None else instant(stored)


class Plain(Column):
    """Any plain value as JSON with sorted keys, so that equal values are equal bytes."""

    field_type = "TEXT"
    empty = "null"

    def pack(self, value: Any) -> Scalar:
        return _JSON(value)

    def unpack(self, stored: Any) -> Any:
        return json.loads(stored) if stored else None


class Listing(Plain):
    """A list of plain values."""

    empty = "[]"

    def pack(self, value: Any) -> Scalar:
        return super().pack(list(value or ()))

    def unpack(self, stored: Any) -> Any:
        return tuple(json.loads(stored)) if stored and stored != self.empty else ()


class Mapped(Plain):
    """Named plain values: a source's own columns."""

    empty = "{}"

    def pack(self, value: Any) -> Scalar:
        return super().pack(dict(value or {}))

    def unpack(self, stored: Any) -> Any:
        return json.loads(stored) if stored and stored != self.empty else {}

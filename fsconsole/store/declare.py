"""How a synced table is declared: its kind number, how it merges, its numbered columns.

It stands apart from tables.py so that the declarations there read as a list of words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import ClassVar

import peewee

from fsconsole.store.fields import Column, Flag, Link

database: peewee.DatabaseProxy = peewee.DatabaseProxy()
UNKNOWN_YET = 1 << 62  # the stamp of a fact of which only the voiding has arrived so far


class Merge(Enum):
    FACT = "fact"
    DESCRIPTION = "description"


class Row(peewee.Model):
    """A row of a synced table."""

    id = peewee.BlobField(primary_key=True)
    kind: ClassVar[int] = 0
    merge: ClassVar[Merge] = Merge.DESCRIPTION
    columns: ClassVar[Mapping[str, Column]] = {}

    class Meta:
        database = database
        legacy_table_names = False


KINDS: dict[int, type[Row]] = {}
BY_NAME: dict[str, type[Row]] = {}


def described(kind: int) -> Callable[[type[Row]], type[Row]]:
    """Registers a description under its kind number and gives each column its clock."""

    def register(model: type[Row]) -> type[Row]:
        for column in _register(model, kind, Merge.DESCRIPTION):
            clock = peewee.BigIntegerField(default=0, constraints=[peewee.SQL("DEFAULT 0")])
            model._meta.add_field(f"c_{column.column_name}", clock)
        return model

    return register


def fact(kind: int) -> Callable[[type[Row]], type[Row]]:
    """Registers a fact under its kind number and gives it ``stamp``, ``void`` and ``c_void``."""

    def register(model: type[Row]) -> type[Row]:
        model._meta.add_field("void", Flag(63))
        _register(model, kind, Merge.FACT)
        model._meta.add_field("c_void", peewee.BigIntegerField(default=0, constraints=[peewee.SQL("DEFAULT 0")]))
        stamp = peewee.BigIntegerField(default=UNKNOWN_YET, constraints=[peewee.SQL(f"DEFAULT {UNKNOWN_YET}")])
        model._meta.add_field("stamp", stamp)
        return model

    return register


def _register(model: type[Row], kind: int, merge: Merge) -> list[Column]:
    columns = {name: field for name, field in model._meta.fields.items() if isinstance(field, Column)}
    numbers = [field.number for field in columns.values()]
    if kind in KINDS or len(set(numbers)) != len(numbers):
        raise AssertionError(f"{model.__name__}: a kind or column number is used twice")
    for column in columns.values():
        if column.empty is not None:
            text = f"'{column.empty}'" if isinstance(column.empty, str) else str(column.empty)
            column.constraints = [peewee.SQL(f"DEFAULT {text}")]
        if isinstance(column, Link) and column.index:
            # Most links are empty, and an entry for nothing costs a row a sixth of its time to arrive.
            column.index = False
            model.add_index(model.index(column, where=column.is_null(False)))
    model.kind, model.merge, model.columns = kind, merge, columns
    KINDS[kind] = model
    BY_NAME[model._meta.table_name] = model
    return list(columns.values())

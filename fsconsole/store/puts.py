"""Writes as they are put down: one row's columns, from names and Python values to numbers and stored values.

It stands apart from the declarations in tables.py because everything that records an act needs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from fsconsole.store.declare import BY_NAME, KINDS
from fsconsole.store.fields import Scalar


class Put(NamedTuple):
    """One row's columns to write: kind number, id, {column number: stored value}."""

    kind: int
    id: bytes
    values: dict[int, Scalar]


def put(kind: str, row: bytes, /, **values: Any) -> Put:
    """The columns of one row to write, from names and Python values: ``put("job", id, title="Boiler down")``.

    Raises KeyError when the kind or a column does not exist.
    """
    columns = BY_NAME[kind].columns
    packed = {}
    for name, value in values.items():
        column = columns.get(name) or columns[name + "_"]
        packed[column.number] = column.pack(value)
    return Put(BY_NAME[kind].kind, row, packed)


def void(kind: str, row: bytes, is_void: bool = True) -> Put:
    """Takes a fact back (or, with False, lets it stand again)."""
    return put(kind, row, void=is_void)


def column_names(kind: int, numbers: Iterable[int]) -> list[str]:
    """The SQL names of columns given by number; a number this version does not know gives ''."""
    known = {column.number: column.column_name for column in KINDS[kind].columns.values()}
    return [known.get(number, "") for number in numbers]


__all__ = ["Put", "column_names", "put", "void"]

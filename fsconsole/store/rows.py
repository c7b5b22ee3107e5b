"""Row -> value: the frozen nouns of ``values`` from the tables that hold them.

It stands apart so that no rule and no screen ever sees a model or a packed column. The tables' declarations are loaded
with the first value that is read: a console shows its first screen without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeVar, cast

from fsconsole.store.opening import Store
from fsconsole.values.twin import twin_of

V = TypeVar("V")

#: Kind -> module and class; loaded when first read, for a console shows its first screen with few of them.
VALUES: dict[str, str] = {
    "policy": "terms.Policy",
    "client": "work.Client",
    "location": "work.Location",
    "contact": "work.Contact",
    "asset": "work.Asset",
    "technician": "work.Technician",
    "vehicle_use": "work.VehicleUse",
    "duty": "work.Duty",
    "part": "work.Part",
    "job": "work.Job",
    "visit": "work.Visit",
    "event": "work.Event",
    "labour": "work.Labour",
    "part_used": "work.PartUsed",
    "card": "work.Card",
    "sign_off": "work.SignOff",
    "note": "work.Note",
    "reading": "work.Reading",
    "contract": "terms.Contract",
    "term": "terms.Term",
    "cover": "terms.Cover",
    "rate": "terms.Rate",
    "clause": "terms.Clause",
    "entry": "terms.Entry",
    "published": "terms.Published",
    "invoice": "bill.Invoice",
    "invoice_line": "bill.IssuedLine",
    "payment": "bill.Payment",
    "decision": "bill.Decision",
    "chase": "bill.Chase",
}


@lru_cache(maxsize=64)
def _reader(kind: str) -> tuple[str, Callable[[Sequence[Sequence[Any]]], list[Any]]]:
    """The SELECT of a kind, and what makes its values of such rows."""
    from fsconsole.store.fields import Column
    from fsconsole.store.tables import BY_NAME
    from fsconsole.values.work import Happening

    module, _, name = VALUES[kind].partition(".")
    model, cls = BY_NAME[kind], getattr(import_module(f"fsconsole.values.{module}"), name)
    read: list[tuple[str, Any]] = []
    names: list[str] = []
    for one in fields(cls):
        column = model.columns.get(one.name) or model.columns.get(one.name + "_")
        if column is not None:
            plain = type(column).unpack is Column.unpack
            read.append((one.name, Happening if (kind, one.name) == ("event", "what") else None if plain else column.unpack))
            names.append(f'"{column.column_name}"')
        elif one.name in ("id", "stamp"):
            read.append((one.name, None))
            names.append(one.name)
    return f'SELECT {", ".join(names)} FROM "{kind}"', _making(cls, read)


def _making(cls: type[Any], read: Sequence[tuple[str, Any]]) -> Callable[[Sequence[Sequence[Any]]], list[Any]]:
    """What makes values of a class from rows whose cells are the fields ``read``, each with its unpacking or None."""
    twin = twin_of(cls, [name for name, _ in read])
    unpacked = [(at, unpack) for at, (_, unpack) in enumerate(read) if unpack is not None]

    def made(rows: Sequence[Sequence[Any]]) -> list[Any]:
        cells: list[Any] = list(zip(*rows, strict=True))
        for at, unpack in unpacked if rows else ():
            cells[at] = map(unpack, cells[at])
        values = list(map(twin, *cells)) if rows else []
        for value in values:
            value.__class__ = cls
        return values

    return made


def values_of(kind: str, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Values from rows of ``select(kind)``."""
    return _reader(kind)[1](rows)


def select(kind: str) -> str:
    """``SELECT … FROM kind`` with the columns that ``values_of`` reads."""
    return _reader(kind)[0]


def fetch(store: Store, kind: str, row: bytes | None) -> Any:
    """The value of one row, or None when there is none."""
    if not row:
        return None
    rows = store.sql(f"{select(kind)} WHERE id = ?", (row,))
    return values_of(kind, rows)[0] if rows else None


def fetch_many(store: Store, kind: str, ids: Sequence[bytes]) -> dict[bytes, Any]:
    """The values of several rows by id."""
    found: dict[bytes, Any] = {}
    for start in range(0, len(ids), 500):
        some = [one for one in ids[start : start + 500] if one]
        rows = store.sql(f"{select(kind)} WHERE id IN ({','.join('?' * len(some))})", some)
        found.update((value.id, value) for value in values_of(kind, rows))
    return found


def fetch_all(store: Store, kind: str, where: str = "", params: Sequence[Any] = (), *, order: str = "", **equal: Any) -> list[Any]:
    """Values of the rows that match; facts that are void or not yet known are left out.

    ``fetch_all(store, "visit", job=job_id)``, ``fetch_all(store, "job", "reported_at > ?", [ms], order="ref LIMIT 20")``.
    """
    from fsconsole.store.tables import BY_NAME, Merge

    model = BY_NAME[kind]
    tests = [f'"{_column(kind, name)}" = ?' for name in equal]
    if where:
        tests.append(f"({where})")
    if model.merge is Merge.FACT:
        tests.append("void = 0 AND stamp < 4611686018427387904")
    elif "gone" in model.columns:
        tests.append("gone = 0")
    clause = f" WHERE {' AND '.join(tests)}" if tests else ""
    clause += f" ORDER BY {order}" if order else ""
    return values_of(kind, store.sql(select(kind) + clause, [*equal.values(), *params]))


def _column(kind: str, name: str) -> str:
    from fsconsole.store.tables import BY_NAME

    columns = BY_NAME[kind].columns
    return cast(str, (columns.get(name) or columns[name + "_"]).column_name)

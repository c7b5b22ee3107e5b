"""What a site of each role may write: one table, by kind of row.

It stands apart because every site must decide the same about every frame, whatever software wrote it.

Always: a role may write what the role above it in the list may, and more; a kind that stands nowhere is nobody's yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from fsconsole.changes.batch import Batch
from fsconsole.store.fields import Column, Day, Plain
from fsconsole.store.tables import BY_NAME, KINDS

#: Each role adds these kinds to those of the roles above it.
ADDS: dict[str, tuple[str, ...]] = {
    "viewer": (),
    "field": ("event", "labour", "part_used", "card", "sign_off", "note", "reading", "stock", "trail_piece", "attachment"),
    "dispatch": (
        "person", "client", "location", "contact", "asset", "technician", "vehicle_use", "duty", "part", "job", "visit",
        "decision", "chase", "source_link",
    ),
    "billing": (
        "contract", "term", "cover", "rate", "clause", "entry", "published", "invoice", "invoice_line", "payment", "handover",
    ),
    "owner": ("site", "policy", "withdrawal"),
}  # fmt: skip


def _table() -> dict[str, frozenset[int]]:
    made: dict[str, frozenset[int]] = {}
    kinds: frozenset[int] = frozenset()
    for role, names in ADDS.items():
        kinds |= {BY_NAME[name].kind for name in names}
        made[role] = kinds
    return made


MAY = _table()


def unknown_kind(batches: Iterable[Batch]) -> int:
    """A kind of row that this version does not know, 0 when there is none."""
    return next((rows.kind for batch in batches for rows in batch.rows if rows.kind not in KINDS), 0)


def refusal(role: str, batch: Batch) -> str:
    """Why a batch of a site in this role does not count, '' when it does."""
    for rows in batch.rows:
        if rows.kind not in MAY.get(role, frozenset()):
            name = KINDS[rows.kind]._meta.table_name.replace("_", " ")
            return f"A site in the role {role} may not write a row of {name}."
        if fault := _fault(rows.kind, rows.fields, rows.rows):
            return fault
    return ""


def _fault(kind: int, fields: Iterable[int], rows: Iterable[tuple[object, ...]]) -> str:
    """What in these rows no column can hold; a reader must never meet it."""
    columns = {column.number: column for column in KINDS[kind].columns.values()}
    values = list(zip(*rows, strict=True))[1:]
    for number, cells in zip(fields, values, strict=False):
        column = columns.get(number)
        if column is not None and not set(map(type, cells)) <= _types(column):
            return f"Field {column.name} of a {KINDS[kind]._meta.table_name} holds what it cannot hold."
        if isinstance(column, Day | Plain) and any(not _reads(column, cell) for cell in set(cells)):
            return f"Field {column.name} of a {KINDS[kind]._meta.table_name} cannot be read."
    return ""


_BY_FIELD = {"TEXT": str, "BIGINT": int, "SMALLINT": int, "BLOB": bytes}


def _types(column: Column) -> set[type]:
    known: set[type] = {_BY_FIELD[column.field_type]}
    return known | {type(None)} if column.empty is None else known


def _reads(column: Column, cell: object) -> bool:
    try:
        column.unpack(cell)
    except (ValueError, TypeError, RecursionError):
        return False
    return True

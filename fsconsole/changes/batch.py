"""A batch: the changes of one act under one stamp, and its bytes.

It stands apart because the log, the frames and the snapshots all hold exactly these bytes.

On the wire (msgpack, every array of exact length):

    [stamp, [act id, by, verb], [[kind, [field...], ids, [column...]]...]]

``ids`` are the rows' 16-byte ids end to end; each column holds one field's value for every row, because
columns compress better than rows. Kind and field numbers are 1..65535, fields ascending.

Always: decode(encode(b)) == b, and encode gives the same bytes for equal batches.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, TypeAlias

import msgspec

from .verdict import DamagedError

Value: TypeAlias = int | str | bytes | None
Row: TypeAlias = tuple[Any, ...]  #: (id of 16 bytes, one Value per field)

ID_SIZE = 16
MAX_ROWS = 100_000  #: rows in one group
MAX_BYTES = 8 << 20  #: of one encoded batch; a larger act is many batches
MAX_BY = 200
MAX_VERB = 2_000
_NUMBER = 0xFFFF
_LOW, _HIGH = -(1 << 63), (1 << 63) - 1


class Act(msgspec.Struct, frozen=True, array_like=True):
    """What a person did: the act's id (16 bytes), who (as known to the site), and the words of it."""

    id: bytes
    by: str
    verb: str


class Rows(msgspec.Struct, array_like=True):
    """Rows of one kind that write the same fields; each row is (id of 16 bytes, one value per field)."""

    kind: int
    fields: tuple[int, ...]
    rows: list[Row]


class Batch(msgspec.Struct, array_like=True):
    """One atomic change: everything in it carries ``stamp``."""

    stamp: int
    act: Act
    rows: list[Rows]


_Stamp = Annotated[int, msgspec.Meta(ge=1, le=_HIGH)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=_NUMBER)]
_Id = Annotated[bytes, msgspec.Meta(min_length=ID_SIZE, max_length=ID_SIZE)]
_By = Annotated[str, msgspec.Meta(max_length=MAX_BY)]
_Verb = Annotated[str, msgspec.Meta(max_length=MAX_VERB)]
_Group: TypeAlias = tuple[_Number, list[_Number], bytes, list[list[Any]]]
_Wire: TypeAlias = tuple[_Stamp, tuple[_Id, _By, _Verb], list[_Group]]

_decoder = msgspec.msgpack.Decoder(_Wire)
_encoder = msgspec.msgpack.Encoder()
_SCALARS = frozenset({type(None), int, str, bytes})


def encode(batch: Batch) -> bytes:
    """The bytes of a batch. Raises ValueError for what the wire cannot say: a float, a bool, a short id."""
    act = batch.act
    if not 1 <= batch.stamp <= _HIGH:
        raise ValueError(f"a batch needs a stamp from 1 to 2**63 - 1, not {batch.stamp}")
    if len(act.id) != ID_SIZE or len(act.by) > MAX_BY or len(act.verb) > MAX_VERB:
        raise ValueError(f"an act is an id of 16 bytes, who in {MAX_BY} characters and what in {MAX_VERB}")
    groups = [pack_rows(group) for group in batch.rows]
    data = _encoder.encode((batch.stamp, (act.id, act.by, act.verb), groups))
    if len(data) > MAX_BYTES:
        raise ValueError(f"a batch of {len(data):,} bytes is over the limit of {MAX_BYTES:,}: split the act")
    return data


def pack_rows(group: Rows) -> tuple[int, tuple[int, ...], bytes, list[tuple[Value, ...]]]:
    """A group as (kind, fields, ids, columns), checked. Raises ValueError."""
    kind, fields, rows = group.kind, group.fields, group.rows
    if not 1 <= kind <= _NUMBER or not _ascending(fields):
        raise ValueError(f"kind {kind} with fields {fields}: numbers are 1..65535, fields ascending")
    if len(rows) > MAX_ROWS:
        raise ValueError(f"{len(rows):,} rows of kind {kind} are over the limit of {MAX_ROWS:,}: split them")
    if not rows:
        return kind, fields, b"", [() for _ in fields]
    if set(map(len, rows)) != {len(fields) + 1}:
        raise ValueError(f"every row of kind {kind} needs an id and {len(fields)} values")
    ids, *columns = zip(*rows, strict=True)
    if set(map(type, ids)) != {bytes} or set(map(len, ids)) != {ID_SIZE}:
        raise ValueError(f"every row of kind {kind} needs an id of {ID_SIZE} bytes")
    for number, column in zip(fields, columns, strict=True):
        if fault := _column_fault(column):
            raise ValueError(f"field {number} of kind {kind} holds {fault}; write None, int, str or bytes")
    return kind, fields, b"".join(ids), columns


def _column_fault(column: Collection[Any]) -> str:
    """What in a column is no Value, in words; empty when all are."""
    # Sets over map() keep these checks in C.
    types = set(map(type, column))
    if not types <= _SCALARS:
        return ", ".join(sorted(odd.__name__ for odd in types - _SCALARS))
    if int in types:
        ints = column if len(types) == 1 else [value for value in column if type(value) is int]
        if min(ints) < _LOW or max(ints) > _HIGH:
            return "an integer beyond 64 bits"
    return ""


def _ascending(fields: tuple[int, ...] | list[int]) -> bool:
    last = 0
    for number in fields:
        if not last < number <= _NUMBER:
            return False
        last = number
    return True


def decode(data: bytes) -> Batch:
    """The batch of these bytes. Raises DamagedError with a sentence for anything else."""
    if len(data) > MAX_BYTES:
        raise DamagedError(f"This batch has {len(data):,} bytes; the limit is {MAX_BYTES:,}.")
    try:
        stamp, (act_id, by, verb), groups = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise DamagedError(f"This batch cannot be read: {error}.") from None
    rows = [unpack_rows(kind, fields, ids, columns) for kind, fields, ids, columns in groups]
    return Batch(stamp, Act(act_id, by, verb), rows)


def unpack_rows(kind: int, fields: list[int], ids: bytes, columns: list[list[Any]]) -> Rows:
    """The group of (kind, fields, ids, columns). Raises DamagedError when their sizes do not agree."""
    count, rest = divmod(len(ids), ID_SIZE)
    if rest or count > MAX_ROWS:
        raise DamagedError(f"This batch has {len(ids):,} bytes of ids for kind {kind}: not whole rows.")
    if not _ascending(fields) or len(columns) != len(fields):
        raise DamagedError(f"This batch has {len(columns)} columns for fields {fields} of kind {kind}.")
    for number, column in zip(fields, columns, strict=True):
        if len(column) != count:
            raise DamagedError(f"This batch has {len(column)} values for {count} rows of kind {kind}.")
        if fault := _column_fault(column):
            raise DamagedError(f"This batch has {fault} in field {number} of kind {kind}.")
    keys = [ids[at : at + ID_SIZE] for at in range(0, len(ids), ID_SIZE)]
    return Rows(kind, tuple(fields), list(zip(keys, *columns, strict=True)))

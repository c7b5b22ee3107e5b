"""What the importers of each kind have in common: rows gathered for one save, and what is made because a file names it.

It stands apart so that a kind's importer says only what is its own: its key, where it is found, its columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any, ClassVar

import msgspec

from fsconsole.changes.batch import Act, Rows
from fsconsole.desk import Desk
from fsconsole.flow.matching import Known, address_key, code_key, name_key
from fsconsole.inbox.kinds import Record
from fsconsole.store.bulk import save_rows
from fsconsole.store.fields import Day, Flag, Instant, Mapped, Plain
from fsconsole.store.record import SERIES, take_refs
from fsconsole.store.tables import BY_NAME, Merge

Values = Mapping[str, Any]
#: The parts of an address that the reader joins.
ADDRESS = dict.fromkeys(("address_2", "address_3", "town", "county", "country"), ("address",))
_encoder = msgspec.json.Encoder(order="sorted")


class WrongRow(ValueError):
    """A row that cannot be taken: our field, the text, and why."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.value, self.reason = field, value, reason


@lru_cache(maxsize=256)
def ordered(kind: str, columns: frozenset[str]) -> tuple[str, ...]:
    """Columns by name, in the order of their numbers, as a batch wants them."""
    known = BY_NAME[kind].columns
    return tuple(sorted(columns, key=lambda name: (known.get(name) or known[name + "_"]).number))


@lru_cache(maxsize=256)
def packers(kind: str, columns: tuple[str, ...]) -> tuple[Any, ...]:
    known = BY_NAME[kind].columns
    return tuple((known.get(name) or known[name + "_"]).pack for name in columns)


class Cells:
    """Makes rows ready to save from Python values by column name: what is missing takes the column's empty value.

    Only days, instants, flags and JSON are turned into what is stored; the rest stands as it is.
    """

    def __init__(self, kind: str, columns: tuple[str, ...]) -> None:
        known = BY_NAME[kind].columns
        fields = {name: known.get(name) or known[name + "_"] for name in columns}
        self.columns = columns
        self._base = {name: column.empty for name, column in fields.items()}
        self._special = tuple(
            (name, _mapped if isinstance(column, Mapped) else column.pack)
            for name, column in fields.items()
            if isinstance(column, (Day, Instant, Flag, Plain))
        )
        # itemgetter gives a bare value for one column, a tuple for several: two columns at least are asked for.
        self._get = itemgetter(*columns, columns[0])

    def of(self, row: bytes, built: Values) -> list[Any]:
        values = {**self._base, **built}
        for name, pack in self._special:
            value = values[name]
            if value is not None:
                values[name] = pack(value)
        cells = [row, *self._get(values)]
        cells.pop()
        return cells

    def filled(self, rows: list[list[Any]]) -> tuple[tuple[str, ...], list[list[Any]]]:
        """(columns, rows) without the columns that are empty in every row: a new row has them so anyway."""
        empty = [
            number
            for number, name in enumerate(self.columns, 1)
            if name != "ref" and set(map(itemgetter(number), rows)) == {self._base[name]}
        ]
        if not empty:
            return self.columns, rows
        keep = [number for number in range(1, len(self.columns) + 1) if number not in empty]
        get = itemgetter(0, *keep)
        return tuple(self.columns[number - 1] for number in keep), [list(get(row)) for row in rows]


def _mapped(value: Any) -> str:
    """Named plain values as JSON: the same bytes as the column's own, many times faster."""
    return _encoder.encode(value).decode() if value and type(value) is dict else Mapped.empty


@lru_cache(maxsize=256)
def numbers(kind: str, columns: tuple[str, ...]) -> tuple[int, ...]:
    known = BY_NAME[kind].columns
    return tuple((known.get(name) or known[name + "_"]).number for name in columns)


def column_name(kind: str, name: str) -> str:
    """The SQL name of a column."""
    known = BY_NAME[kind].columns
    return str((known.get(name) or known[name + "_"]).column_name)


class Sink:
    """Rows to be saved together. References of our own series are taken when they are saved.

    Always: one row is added once between two saves (``fresh`` knows which).
    """

    def __init__(self, desk: Desk, act: Act, *, dry: bool) -> None:
        self.desk, self.act, self.dry = desk, act, dry
        self.fresh: set[bytes] = set()
        self.batches = 0
        self._groups: dict[tuple[str, tuple[str, ...]], list[Any]] = {}
        self._unnumbered: dict[str, list[list[Any]]] = {}

    def add(self, kind: str, columns: tuple[str, ...], row: list[Any]) -> None:
        """One row: its id, then stored values in the order of ``columns``; a ``ref`` of None is taken from our series."""
        key = kind, columns
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = []
        group.append(row)
        if kind in SERIES and columns[:1] == ("ref",) and row[1] is None:
            self._unnumbered.setdefault(kind, []).append(row)
        self.fresh.add(row[0])

    def extend(self, kind: str, columns: tuple[str, ...], rows: list[list[Any]]) -> None:
        """Many rows as ``add`` takes them."""
        if not rows:
            return
        self._groups.setdefault((kind, columns), []).extend(rows)
        if kind in SERIES and columns[:1] == ("ref",):
            self._unnumbered.setdefault(kind, []).extend([row for row in rows if row[1] is None])
        self.fresh.update([row[0] for row in rows])

    def put(self, kind: str, row: bytes, values: Values) -> None:
        """One row from Python values by column name."""
        columns = ordered(kind, frozenset(values))
        packed = [pack(values[name]) for pack, name in zip(packers(kind, columns), columns, strict=True)]
        if columns[:1] == ("ref",) and values["ref"] is None:
            packed[0] = None
        self.add(kind, columns, [row, *packed])

    def void(self, kind: str, row: bytes, is_void: bool = True) -> None:
        """Takes a fact back, or lets it stand again."""
        self._groups.setdefault((kind, ("void",)), []).append([row, 1 if is_void else 0])

    def save(self) -> None:
        """One batch, in one transaction with the references it takes."""
        groups, unnumbered = self._groups, self._unnumbered
        self._groups, self._unnumbered, self.fresh = {}, {}, set()
        if self.dry or not groups:
            return
        store = self.desk.store
        with store.writing():
            for kind, rows in unnumbered.items():
                for row, ref in zip(rows, take_refs(store, kind, len(rows)), strict=True):
                    row[1] = ref
            batch = [
                Rows(BY_NAME[kind].kind, numbers(kind, columns), [tuple(row) for row in rows])
                for (kind, columns), rows in groups.items()
            ]
            save_rows(store, self.act, batch, self.desk.now)
        self.batches += 1


class Naming:
    """Clients, locations and assets that a file names: found, or made."""

    def __init__(self, known: Known, sink: Sink) -> None:
        self.known, self.sink = known, sink
        self.created: Counter[str] = Counter()
        self.new_clients: list[bytes] = []
        self._clients: dict[str, bytes] = {}
        self._places: dict[tuple[bytes | None, str, str, str], bytes] = {}
        self._assets: dict[tuple[bytes | None, bytes | None, str], bytes] = {}

    def client(self, text: str, *, make: bool = True) -> bytes | None:
        """The client that a name or reference means; made when there is none."""
        found = self._clients.get(text) or self.known.client(text)
        if found is None and make:
            found = self.known.new_id("client", name_key(text))
            self.sink.put("client", found, self.again("client", found, {"ref": None, "name": text}))
            self.known.add_client(found, "", text)
            self.created["client"] += 1
            self.new_clients.append(found)
        if found:
            self._clients[text] = found
        return found

    def location(
        self, client: bytes | None, name: str, address: str = "", postcode: str = "", *, make: bool = True
    ) -> bytes | None:
        """The client's location of that name or address; made when there is none."""
        key = client, name, address, postcode
        found = self._places.get(key) or self.known.location(client, name, address, postcode)
        if found is None and client is None and name:
            found = self.known.location_anywhere(name)
        if found is None and make:
            found = self.known.new_id("location", location_key(client, name, address, postcode))
            title = name or address.split(",")[0] or postcode
            values = {"ref": None, "client": client, "name": title, "address": address, "postcode": postcode}
            self.sink.put("location", found, self.again("location", found, values))
            self.known.add_location(found, client, "", title, address, postcode)
            self.created["location"] += 1
        if found:
            self._places[key] = found
        return found

    def asset(
        self, client: bytes | None, location: bytes | None, text: str, *, make: bool = True
    ) -> bytes | None:
        """The asset of a serial number, a reference or, at this place, a name; made when there is none."""
        key = client, location, text
        found = self._assets.get(key) or self.known.asset_named(client, location, text)
        if found is None and make:
            # A serial number has a digit and no blank in it; anything else is what the thing is called.
            serial = text if any(c.isdigit() for c in text) and " " not in text else ""
            kind = "" if serial else text
            found = self.known.new_id("asset", asset_key(client, location, serial, "", kind))
            values = {"ref": None, "client": client, "location": location, "kind": kind, "serial": serial}
            self.sink.put("asset", found, self.again("asset", found, values))
            self.known.add_asset(found, client, location, "", serial, kind)
            self.created["asset"] += 1
        if found:
            self._assets[key] = found
        return found

    def again(self, kind: str, row: bytes, values: dict[str, Any]) -> dict[str, Any]:
        """The values, with ``gone`` taken back when this very row stood here before and an undo removed it."""
        return values | {"gone": False} if row in self.known.gone.get(kind, ()) else values


def location_key(client: bytes | None, name: str, address: str, postcode: str) -> str:
    """The natural key of a location."""
    own = f"n {name_key(name)}" if name else f"a {address_key(address, postcode)}"
    return f"{(client or b'').hex()} {own}"


def asset_key(client: bytes | None, location: bytes | None, serial: str, ref: str, kind: str) -> str:
    """The natural key of an asset."""
    if serial:
        return f"{(client or b'').hex()} s {code_key(serial)}"
    if ref:
        return f"{(client or b'').hex()} r {code_key(ref)}"
    return f"{(location or client or b'').hex()} k {name_key(kind)}"


class Importer:
    """One kind's own part of an import. ``table`` is what its rows become; everything else follows from the methods."""

    table: ClassVar[str] = ""
    #: Columns a new row has even when the file says nothing of them.
    always: ClassVar[tuple[str, ...]] = ()
    #: Which columns a field writes, where that is not the column of its name.
    touches: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    #: Whether two rows with references of their own may share a natural key and still be two.
    rivals: ClassVar[bool] = False
    #: Whether a row with a reference is this one only within its source: its id then follows from its link's.
    by_source: ClassVar[bool] = False

    #: Whether a fact that says something else stands beside the one before it instead of replacing it.
    adds_up: ClassVar[bool] = False

    source: str = ""
    before: Importer  # the first importer of this file: itself, or the one whose rows these belong to
    cut_over: date | None = None
    elsewhere_until: date | None = None  # given for the whole file

    def __init__(self, desk: Desk, known: Known, naming: Naming, sink: Sink) -> None:
        self.desk, self.known, self.naming, self.sink = desk, known, naming, sink
        self.notes: Counter[str] = Counter()
        self.is_fact = BY_NAME[self.table].merge is Merge.FACT

    def prepare(self, records: Sequence[Record]) -> None:
        """Looks up at once what a chunk of records needs."""

    def key(self, v: Values) -> str:
        """The source's own reference for this row, as it is looked up; '' when it has none."""
        raise NotImplementedError

    def natural(self, v: Values) -> str:
        """What makes the row this one and no other: the key of its derived id. Follows from the row's own words alone."""
        raise NotImplementedError

    def find(self, v: Values) -> bytes | None:
        """The row of ours that this is, when no link says so."""
        return None

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        """Column -> Python value of what the row says; ``only`` names the fields asked for (None: all).

        Raises WrongRow.
        """
        raise NotImplementedError

    def split(self, records: list[Record]) -> list[Record]:
        """This importer's part of each record of the file."""
        return records

    def fields_of(self, used: Iterable[str]) -> frozenset[str]:
        """Which of the file's fields are this importer's."""
        return frozenset(used)

    def met(self, key: str, row: bytes) -> None:
        """Told of each row of the file, new or known, by its key."""

    def columns_of(self, fields: Iterable[str]) -> frozenset[str]:
        """The columns that these fields write."""
        return frozenset(column for field in fields for column in self.touches.get(field, (field,)))

    def added(self, row: bytes, v: Values, built: Values) -> None:
        """Told of each new row, so that later rows of the file find it."""

    def replaced(self, old: bytes, new: bytes, v: Values) -> None:
        """Told of each fact that was taken back for another."""

    def finish(self, seen: set[bytes]) -> None:
        """Told at the end of the file, before the last save, with the links that the file had."""

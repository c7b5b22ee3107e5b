"""Records into rows of one table: what the source has said before is compared, what is new is found or made.

It stands apart because these few rules hold for every kind, and a row of a contract file passes them three times.

Always: a row that says what it said last time writes nothing; only what changed since is written, so a person's later
edit stays. What a source says for the first time about a row that is here already fills what is empty there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from fsconsole.flow.import_links import Links, differs, said_of
from fsconsole.flow.import_rejects import Rejects
from fsconsole.flow.import_rows import Cells, Importer, WrongRow, column_name, ordered, packers
from fsconsole.inbox.kinds import Record
from fsconsole.store.history import written_by_hand
from fsconsole.store.many import ids_in
from fsconsole.store.tables import BY_NAME
from fsconsole.values.work import Reject

EMPTY = (None, "", 0, "{}", "[]", "null")
LINK = ("source", "kind", "key", "row", "said")
#: Fields that are a row's reference, as a reject names them.
REFERENCES = ("ref", "number", "code", "serial")


@dataclass(slots=True)
class Item:
    """A record with what is known of it: its key ('' when it has none), natural key, link, row, what was said before."""

    record: Record
    key: str
    natural: str
    link: bytes
    said: str
    row: bytes | None = None
    was: str = ""


class Lane:
    """The rows of one table in one import. ``used`` is our field -> their header, ``custom`` the headers kept as such."""

    def __init__(self, importer: Importer, source: str, file: str, used: Mapping[str, str], custom: Sequence[str]) -> None:
        self.importer, self.source, self.file, self.used = importer, source, file, used
        self.sink, self.known = importer.sink, importer.known
        self.store = self.known.store
        self.table = importer.table
        self.links = Links(self.store, source, self.table)
        self.empty_before = self.store.one(f'SELECT 1 FROM "{self.table}" LIMIT 1') is None
        self.fields = importer.fields_of(used)
        keeps = "custom" in BY_NAME[self.table].columns
        self.custom = frozenset(custom) if keeps else frozenset[str]()
        self.valid = frozenset(name.rstrip("_") for name in BY_NAME[self.table].columns)
        columns = {*importer.always, *importer.columns_of(self.fields), *({"custom"} if self.custom else ())}
        self.columns = ordered(self.table, self.valid & columns)
        self.cells = Cells(self.table, self.columns)
        self.family = self.known.new_id(self.table, source)[:2]
        self.added = self.updated = self.unchanged = self.repeats = 0
        self.doubts: list[str] = []
        self.seen: set[bytes] = set()
        self._made: set[bytes] = set()
        self._ordinals: dict[str, int] = {}
        self._rows: list[list[Any]] = []
        self._link_rows: list[list[Any]] = []

    def take(self, records: list[Record], rejects: Rejects) -> None:
        """One chunk of records, each to be added, compared or refused."""
        self.importer.prepare(records)
        items = [item for record in records if (item := self._item(record, rejects))]
        standing = self.links.fetch([item.link for item in items])
        now: dict[bytes, str] = {}
        new: list[Item] = []
        known: list[Item] = []
        for item in items:
            if item.link in self.seen:
                self._repeated(rejects, item, now)
                continue
            self.seen.add(item.link)
            now[item.link] = item.said
            if item.record.doubts and len(self.doubts) < 5:
                self.doubts += [f"Line {item.record.line}: {doubt}." for doubt in item.record.doubts[:3]]
            old = standing.get(item.link)
            if old is None:
                new.append(item)
                continue
            item.row, item.was = old.row, old.said
            if item.was == item.said:
                self.unchanged += 1
                self.importer.met(item.key, cast(bytes, item.row))
            else:
                known.append(item)
        known += self._place(new, rejects)
        self._compare(known, rejects)

    def _item(self, record: Record, rejects: Rejects) -> Item | None:
        values = record.values
        try:
            key = self.importer.key(values)
            if key:
                return Item(record, key, "", self.links.ids.of(key), said_of(values, record.custom))
            natural = self.importer.natural(values)
        except WrongRow as wrong:
            rejects.add(self._wrong(record, wrong))
            return None
        number = self._ordinals[natural] = self._ordinals.get(natural, 0) + 1
        if number > 1:
            # Two rows without a reference that say the same are two: the second of them today is the second tomorrow.
            natural = f"{natural} #{number}"
        return Item(record, "", natural, self.links.ids.of("~" + natural), said_of(values, record.custom))

    def _repeated(self, rejects: Rejects, item: Item, now: Mapping[bytes, str]) -> None:
        """A reference that an earlier line of this file has: the same again is nothing new, something else is refused."""
        first = now.get(item.link)
        if first is None:
            row = self.store.one("SELECT said FROM source_link WHERE id = ?", (item.link,))
            first = str(row[0]) if row else item.said
        if first == item.said or not differs(first, item.said, self.fields, self.custom)[0]:
            self.repeats += 1
            self.unchanged += 1
            return
        field = next((name for name in REFERENCES if name in self.used), "")
        said = str(item.record.values.get(field, ""))
        rejects.add(self._wrong(item.record, WrongRow(field, said, "an earlier line has this reference and says something else")))

    def _refuse(self, rejects: Rejects, item: Item, wrong: WrongRow) -> None:
        self.seen.discard(item.link)
        rejects.add(self._wrong(item.record, wrong))

    def _wrong(self, record: Record, wrong: WrongRow) -> Reject:
        return Reject(self.file, record.line, self.used.get(wrong.field, wrong.field), wrong.value, wrong.reason)

    # --- new rows -----------------------------------------------------------------------------------------------------

    def _place(self, new: list[Item], rejects: Rejects) -> list[Item]:
        """Adds what is new; returns what turned out to be here already."""
        importer = self.importer
        found: list[Item] = []
        new = [item for item in new if self._is_named(item, rejects)]
        here = set() if self.empty_before else self._standing(new)
        gone = self.known.gone.get(self.table, set())
        for item in new:
            try:
                item.row = importer.find(item.record.values)
                if item.row is None:
                    item.row = self._new_id(item)
                    if importer.rivals and (item.row in self._made or (item.row in here and item.row not in gone)):
                        item.row = self._rival_id(item)
                    if item.row not in here:
                        self._add(item, item.row)
                        continue
                found.append(item)
            except WrongRow as wrong:
                self._refuse(rejects, item, wrong)
        self._hand_over()
        return found

    def _is_named(self, item: Item, rejects: Rejects) -> bool:
        """Finds the natural key of a row that has one of its source's; False when that cannot be told, and it is refused."""
        if not item.natural and not self.importer.by_source:
            try:
                item.natural = self.importer.natural(item.record.values)
            except WrongRow as wrong:
                self._refuse(rejects, item, wrong)
                return False
        return True

    def _new_id(self, item: Item) -> bytes:
        """The id that follows from what makes the row this one and no other."""
        if item.key and self.importer.by_source:
            return self.family + item.link[2:]
        return self.known.new_id(self.table, item.natural)

    def _rival_id(self, item: Item) -> bytes:
        """The id of a row whose name another row has that is known by another reference."""
        return self.known.new_id(self.table, f"{item.natural} r {item.key}")

    def _standing(self, new: list[Item]) -> set[bytes]:
        """Which of the ids that these rows would get stand in the store already, gone or not."""
        ids = [self._new_id(item) for item in new]
        if self.importer.rivals:
            ids += [self._rival_id(item) for item in new]
        return {row[0] for row in ids_in(self.store, f'SELECT id FROM "{self.table}" WHERE id IN', ids)}

    def _add(self, item: Item, row: bytes) -> None:
        importer, values = self.importer, item.record.values
        built = importer.build(values, item.record.custom, None)
        self._rows.append(self.cells.of(row, built))
        self._link_rows.append([item.link, self.source, self.table, item.key, row, item.said])
        importer.added(row, values, built)
        importer.met(item.key, row)
        if importer.rivals:
            self._made.add(row)
        self.added += 1

    def _hand_over(self) -> None:
        self.sink.extend(self.table, *self.cells.filled(self._rows))
        self.sink.extend("source_link", LINK, self._link_rows)
        self._rows, self._link_rows = [], []

    def _link(self, item: Item) -> None:
        self.sink.add("source_link", LINK, [item.link, self.source, self.table, item.key, item.row, item.said])

    # --- rows that are here -------------------------------------------------------------------------------------------

    def _compare(self, known: list[Item], rejects: Rejects) -> None:
        if not known:
            return
        if any(item.row in self.sink.fresh for item in known):
            self.sink.save()
        here = self._current([cast(bytes, item.row) for item in known])
        for item in known:
            row = cast(bytes, item.row)
            if row in self.sink.fresh:
                self.sink.save()
                here |= self._current([row])
            self.importer.met(item.key, row)
            try:
                if self.importer.is_fact:
                    self._correct(item, row, here.get(row))
                else:
                    self._describe(item, row, here.get(row) or {})
            except WrongRow as wrong:
                self._refuse(rejects, item, wrong)

    def _current(self, rows: list[bytes]) -> dict[bytes, dict[str, Any]]:
        """The stored values of these rows, by column."""
        names = [str(column.column_name) for column in BY_NAME[self.table].columns.values()]
        query = f'SELECT id, {", ".join(chr(34) + name + chr(34) for name in names)} FROM "{self.table}" WHERE id IN'
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in ids_in(self.store, query, rows)}

    def _describe(self, item: Item, row: bytes, here: Mapping[str, Any]) -> None:
        """A description: what changed since the source last said it is written; said for the first time, only what is empty."""
        importer, record = self.importer, item.record
        first = not item.was
        changed: set[str] | None = None
        own: set[str] = set(self.custom)
        if not first:
            changed, own, item.said = differs(item.was, item.said, self.fields, self.custom)
        built = importer.build(record.values, record.custom, changed)
        columns = set(self.columns) if changed is None else set(self.valid & importer.columns_of(changed))
        only_empty = first or bool(here.get("merged_into"))
        write = self._differing(here, built, columns - {"custom"}, only_empty=only_empty)
        extra = self._custom(here, built, own, composed=changed is None or "custom" in columns, first=first)
        if extra is not None:
            write["custom"] = extra
        back = first and bool(here.get("gone"))  # an undo, or a person, had removed it
        if back:
            write["gone"] = False
            self.added += 1
        elif write:
            self.updated += 1
        else:
            self.unchanged += 1
        if write:
            self.sink.put(self.table, row, write)
        self._link(item)

    def _differing(
        self, here: Mapping[str, Any], built: Mapping[str, Any], columns: set[str], *, only_empty: bool
    ) -> dict[str, Any]:
        write = {}
        for name in columns:
            value = built.get(name)
            (pack,) = packers(self.table, (name,))
            stored, stands = pack(value), here.get(column_name(self.table, name))
            if name == "ref" and not stored:
                continue
            if stored != stands and not (only_empty and (stands not in EMPTY or stored in EMPTY)):
                write[name] = value
        return write

    def _custom(
        self, here: Mapping[str, Any], built: Mapping[str, Any], own: set[str], *, composed: bool, first: bool
    ) -> dict[str, Any] | None:
        """Custom fields as they are to stand, or None when they stand so: those of other sources are kept."""
        if "custom" not in self.columns:
            return None
        given = built.get("custom") or {}
        stands = json.loads(here.get("custom") or "{}")
        wanted = dict(stands)
        for name in own | (set(given) - self.custom if composed else set()):
            if first and name in stands:
                continue
            if name in given:
                wanted[name] = given[name]
            else:
                wanted.pop(name, None)
        return wanted if wanted != stands else None

    def _correct(self, item: Item, row: bytes, here: dict[str, Any] | None) -> None:
        """A fact: a new saying is another fact, and the old one is taken back unless the two add up."""
        importer, values = self.importer, item.record.values
        if not item.was:
            if here and here["void"] and not written_by_hand(self.store, row):
                self.sink.void(self.table, row, is_void=False)
                self.added += 1
            else:
                self.unchanged += 1
            self._link(item)
            return
        changed, _, item.said = differs(item.was, item.said, self.fields, self.custom)
        if not changed:
            self._link(item)
            self.unchanged += 1
            return
        natural = item.natural or importer.natural(values)
        fresh = self.known.new_id(self.table, f"{natural} {item.said} after {row.hex()}")
        stood = fresh in self._current([fresh])
        item.row = fresh
        if stood:
            self.sink.void(self.table, fresh, is_void=False)
            self._link(item)
        else:
            self._add(item, fresh)
            self._hand_over()
            self.added -= 1
        if not importer.adds_up:
            self.sink.void(self.table, row)
            importer.replaced(row, fresh, values)
        self.updated += 1

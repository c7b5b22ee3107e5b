"""Pins from postcodes: the user's own postcode file fills in where a location is on the map.

It stands apart because a national file has millions of rows of which a company needs a few hundred: the file is read
through and not kept, and where it lies is remembered for the locations that come later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fsconsole.flow.import_rejects import Rejects
from fsconsole.flow.import_rows import Sink
from fsconsole.flow.pins import unpinned
from fsconsole.inbox.fields import postcode as postcode_of
from fsconsole.inbox.kinds import Record, read
from fsconsole.store.opening import Store
from fsconsole.values.work import Reject

if TYPE_CHECKING:
    from fsconsole.flow.imports import Report

#: Where the last postcode file lies, in the store's own book.
WHERE = "postcodes"


def _wanted(store: Store) -> dict[str, list[bytes]]:
    """Location ids without a pin by postcode, as it is written without blanks."""
    wanted: dict[str, list[bytes]] = {}
    for one in unpinned(store):
        if one.postcode:
            wanted.setdefault(_key(one.postcode), []).append(one.id)
    return wanted


def _key(text: str) -> str:
    return postcode_of(text).replace(" ", "")


def _pins(sink: Sink, wanted: dict[str, list[bytes]], record: Record) -> int:
    found = wanted.pop(_key(record.values["postcode"]), [])
    for row in found:
        values = {"lat": record.values["lat"], "lon": record.values["lon"], "pin_from": "postcode"}
        sink.put("location", row, values)
    return len(found)


class Postcodes:
    """One postcode file being read for the locations that have no pin."""

    def __init__(self, store: Store, sink: Sink, path: Path) -> None:
        self.store, self.sink, self.path = store, sink, path

    def take(self, items: Iterable[Record | Reject], rejects: Rejects, report: Report) -> None:
        """Pins what it can; ``updated`` counts locations, ``unchanged`` the postcodes nobody needs."""
        wanted = _wanted(self.store)
        for item in items:
            if not isinstance(item, Record):
                rejects.add(item)
            elif "lat" not in item.values or "lon" not in item.values:
                rejects.add(Reject(self.path.name, item.line, "", item.values["postcode"], "the row has no usable position"))
            else:
                pinned = _pins(self.sink, wanted, item)
                report.updated += pinned
                report.unchanged += not pinned
        self.sink.save()
        if not report.dry:
            self.store.set_own(**{WHERE: str(self.path.absolute())})
        left = len(unpinned(self.store)) - (report.updated if report.dry else 0)
        if left > 0:
            report.notes.append(f"{left:,} locations still have no pin.")


def pin_locations(store: Store, sink: Sink) -> int:
    """Pins new locations from the postcode file imported last, if it still lies where it was; returns how many.

    The sink's rows are saved first.
    """
    where = store.own(WHERE, "")
    if not where or not Path(where).is_file():
        return 0
    sink.save()
    wanted = _wanted(store)
    pinned = 0
    for item in _records(Path(where), store):
        if not wanted:
            break
        if isinstance(item, Record) and "lat" in item.values and "lon" in item.values:
            pinned += _pins(sink, wanted, item)
    return pinned


def _records(path: Path, store: Store) -> Iterator[Record | Reject]:
    return read("postcodes", path, zone=store.zone)

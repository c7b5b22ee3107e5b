"""Bring their data: one file of one kind into the store, as one act.

It stands apart because what every kind shares (chunks, progress, rejects, the report) is here once; what becomes of
each row is in import_lane.

Always: the same file twice writes nothing; a row that was not taken stands in the rejects file, to be mended and
imported again; the file is never held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from fsconsole.desk import Desk
from fsconsole.errors import BadInput
from fsconsole.flow import settle
from fsconsole.flow.import_kinds import IMPORTERS
from fsconsole.flow.import_lane import Lane
from fsconsole.flow.import_links import source_name
from fsconsole.flow.import_pins import Postcodes, pin_locations
from fsconsole.flow.import_policies import read_toml
from fsconsole.flow.import_rejects import WHY, Rejects
from fsconsole.flow.import_rows import Naming, Sink
from fsconsole.flow.matching import Known
from fsconsole.flow.merge import duplicates
from fsconsole.flow.numbers import set_next_number
from fsconsole.inbox.dates import WRITTEN, Order
from fsconsole.inbox.kinds import Match, Reading, Record, read
from fsconsole.rules.policy import Policies
from fsconsole.store.bulk import CHUNK, roomy
from fsconsole.store.rows import fetch_all
from fsconsole.values.work import Reject

SHOWN = 12  # rejects told in words
TOLD_EVERY = 1_000  # rows between two words of progress
__all__ = ["Progress", "Report", "import_file", "set_next_number"]

#: Bytes of the file saved in one transaction: a batch on the wire has a limit of its own.
CHUNK_BYTES = 2_000_000
#: Characters of one row that are taken: more is a damaged file.
LONGEST = 200_000

Progress = Callable[[int, int | None], None]


@dataclass(slots=True)
class Report:
    """What an import did. ``match`` is their header -> what it became; ``act`` is what undo takes back."""

    kind: str
    file: str
    match: dict[str, str] = field(default_factory=dict)
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)
    rejects_file: Path | None = None
    created: dict[str, int] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)
    act: bytes = b""
    notes: list[str] = field(default_factory=list)
    dry: bool = False

    @property
    def words(self) -> str:
        """The figures in one line: ``added 12, updated 3, unchanged 400, rejected 1``."""
        counts = {"added": self.added, "updated": self.updated, "unchanged": self.unchanged, "rejected": self.rejected}
        return ("would be " if self.dry else "") + ", ".join(f"{word} {count:,}" for word, count in counts.items())

    def in_words(self) -> str:
        """The whole report as lines of text."""
        lines = [f"{self.file} ({self.kind}): {self.words}"]
        if self.match:
            lines.append("  read as: " + ", ".join(f"{theirs} → {ours}" for theirs, ours in self.match.items()))
        if self.created:
            made = ", ".join(f"{count:,} {kind}" for kind, count in self.created.items())
            lines.append(f"  made because they are named: {made}")
        lines += [f"  {note}" for note in self.notes]
        lines += [f"  likely one and the same: {words}" for words in self.duplicates]
        lines += [f"  {reject}" for reject in self.rejects[:SHOWN]]
        if self.rejected > SHOWN:
            lines.append(f"  and {self.rejected - SHOWN:,} more rejects")
        if self.rejects_file:
            lines.append(f"  Mend them in {self.rejects_file} and import that file.")
        return "\n".join(lines)


def import_file(
    desk: Desk,
    kind: str,
    path: Path,
    *,
    given: Mapping[str, str] | None = None,
    source: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
    order: Order | None = None,
    elsewhere_until: date | None = None,
    rejects_folder: Path | None = None,
) -> Report:
    """Imports a file of one kind; see the module for what it promises.

    ``given`` maps our fields to their headers where the names do not tell; ``source`` names who says so (the file's
    name without dates when empty); ``order`` is how days are written where no cell of the file settles it;
    ``elsewhere_until`` is the first day that is ours to bill, for every job or contract line that does not say its own;
    ``rejects_folder`` is the folder for the rejects file. Raises BadInput for a kind that does not exist.
    """
    if kind == "agreements":
        return _agreement(desk, path, dry=dry_run or desk.dry, elsewhere_until=elsewhere_until)
    if kind not in IMPORTERS and kind != "postcodes":
        raise BadInput(f"“{kind}” cannot be imported", instead=f"The kinds are {', '.join(IMPORTERS)}, postcodes and tracks.")
    dry = dry_run or desk.dry
    currency = desk.store.currency
    reading = read(kind, path, given, zone=desk.zone, order=order or "dmy", currency=currency, name=path.name)
    toml = kind == "policies" and path.suffix.lower() == ".toml"
    rejects = Rejects(rejects_folder or desk.store.path.parent / "rejects", path, () if toml else reading.headers, dry=dry)
    report = Report(kind, path.name, dry=dry)
    sink = Sink(desk, desk.act(f"import {kind} {path.name}"[:2000]), dry=dry)
    items = _counted(read_toml(path) if toml else reading, reading, progress)
    if kind == "postcodes":
        Postcodes(desk.store, sink, path).take(items, rejects, report)
    else:
        run = Run(desk, kind, sink, source or source_name(path), Match(kind) if toml else reading.match, path.name)
        run.elsewhere_until(elsewhere_until)
        with roomy(desk.store):
            run.all(items, reading, rejects, report)
    report.rejects_file = rejects.close(reading.sheet)
    report.rejected, report.rejects = rejects.count, rejects.shown
    report.act = sink.act.id if sink.batches else b""
    if not toml:  # which has no columns that could be taken for others
        _tell(report, reading, order)
    if report.act and desk.settling:
        settle.settle(desk.store, desk.now)
    return report


def _agreement(desk: Desk, path: Path, *, dry: bool, elsewhere_until: date | None) -> Report:
    """A price file as a contract of the store: its contract, terms and all that happened under it."""
    from fsconsole.flow.import_agreement import take

    report = Report("agreements", path.name, dry=dry)
    sink = Sink(desk, desk.act(f"import agreements {path.name}"[:2000]), dry=dry)
    naming = Naming(Known(desk.store), sink)
    with desk.store.writing():
        taken = take(desk, path, sink, naming, elsewhere_until=elsewhere_until)
        sink.save()
    report.added, report.updated, report.unchanged = taken.added, taken.updated, taken.unchanged
    report.rejects, report.rejected = taken.rejects, len(taken.rejects)
    report.notes = list(dict.fromkeys(taken.notes))
    report.created = {kind: count for kind, count in (naming.created + taken.rows).items() if count}
    report.act = sink.act.id if sink.batches else b""
    if report.act and desk.settling:
        settle.settle(desk.store, desk.now)
    return report


class Run:
    """One import under way: its importers, each with its lane."""

    def __init__(self, desk: Desk, kind: str, sink: Sink, source: str, match: Match, file: str) -> None:
        self.desk, self.kind, self.sink = desk, kind, sink
        known = Known(desk.store)
        self.naming = Naming(known, sink)
        cut_over = Policies(fetch_all(desk.store, "policy")).on(desk.today).cut_over
        self.importers = [maker(desk, known, self.naming, sink) for maker in IMPORTERS[kind]]
        for one in self.importers:
            one.source, one.cut_over, one.before = source, cut_over, self.importers[0]
        # A rejects file is imported again with its reasons still in it.
        self.mended = WHY in match.custom
        custom = [header for header in match.custom if header != WHY]
        self.lanes = [Lane(one, source, file, match.used, custom) for one in self.importers]

    def elsewhere_until(self, day: date | None) -> None:
        for one in self.importers:
            one.elsewhere_until = day

    def all(self, items: Iterator[Record | Reject], reading: Reading, rejects: Rejects, report: Report) -> None:
        """Reads, compares and saves chunk by chunk, and fills in the report."""
        records = 0
        while chunk := list(_chunk(items, reading)):
            for item in chunk:
                if not isinstance(item, Record):
                    rejects.add(item)
            taken = [item for item in chunk if isinstance(item, Record)]
            for record in taken if self.mended else ():
                record.custom.pop(WHY, None)
            records += len(taken)
            refused = rejects.count
            for lane in self.lanes:
                lane.take(lane.importer.split(taken), rejects)
            records -= rejects.count - refused
            self.sink.save()
        for lane in self.lanes:
            lane.importer.finish(lane.seen)
        if self.kind == "locations":
            pinned = pin_locations(self.desk.store, self.sink)
            report.notes += [f"{pinned:,} pins came from the postcodes imported before."] if pinned else []
        self.sink.save()
        self._count(report, records)

    def _count(self, report: Report, records: int) -> None:
        main, *others = self.lanes
        report.added, report.updated, report.unchanged = main.added, main.updated, main.unchanged
        report.created = dict(self.naming.created)
        for lane in others:
            report.updated += lane.updated
            if lane.added:
                report.created[lane.table] = lane.added
        if others:
            # A row of such a file is several rows of ours: it is unchanged when none of them was touched.
            report.unchanged = max(0, records - report.added - report.updated)
        repeats = sum(lane.repeats for lane in self.lanes)
        if repeats:
            report.notes.append(f"{repeats:,} lines repeat an earlier line of the file and were left out.")
        for lane in self.lanes:
            report.notes += [f"{count:,} {words}." for words, count in lane.importer.notes.items()]
            report.notes += lane.doubts
        report.duplicates = duplicates(self.desk.store, self.naming.new_clients)


def _tell(report: Report, reading: Reading, order: Order | None) -> None:
    match = reading.match
    report.match = {theirs: ours for ours, theirs in match.used.items()}
    report.match |= {name: f"custom “{name}”" for name in match.custom if name != WHY}
    for name, how in reading.orders.items():
        if how.ambiguous and order is None:
            report.notes.append(
                f"Days in “{match.used[name]}” are read as {WRITTEN[how.order]}, which nothing in the column settles; "
                "name the order if that is wrong."
            )


def _counted(items: Iterator[Record | Reject], reading: Reading, progress: Progress | None) -> Iterator[Record | Reject]:
    """The same items, telling every thousand how many there were and about how many there will be."""
    if progress is None:
        yield from items
        return
    number = 0
    for number, item in enumerate(items, 1):
        yield item
        if number % TOLD_EVERY == 0:
            part = reading.done()
            progress(number, max(number, round(number / part)) if part > 0 else None)
    progress(number, number)


def _chunk(items: Iterator[Record | Reject], reading: Reading) -> Iterator[Record | Reject]:
    """The next records: so many, or fewer when they are long."""
    size = reading.sheet.size
    start = before = reading.done() * size
    for item in islice(items, CHUNK):
        at = reading.done() * size
        if at - before > LONGEST and isinstance(item, Record) and _length(item) > LONGEST:
            item = Reject(reading.sheet.file, item.line, "", "", f"the row holds more than {LONGEST:,} characters")
        before = at
        yield item
        if at - start > CHUNK_BYTES:
            return


def _length(record: Record) -> int:
    return sum(len(str(value)) for part in (record.values, record.custom) for value in part.values())

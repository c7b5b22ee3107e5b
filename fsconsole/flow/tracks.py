"""Trails of phones and vans come in: whose they are, which of it is theirs to keep, into sealed pieces by day.

It stands apart because trails are evidence about people: they cover shift hours and nothing else.

Always: a drop folder is only read; a file that grows is read on from where it was; what lies outside a technician's shift
(an hour either way) or on-call turn is dropped and counted, never stored.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from fsconsole.desk import Desk
from fsconsole.flow import settle
from fsconsole.flow.finding import technician as technician_named
from fsconsole.flow.imports import Progress, Report
from fsconsole.flow.matching import code_key
from fsconsole.flow.trails import add_fixes, fixes_of, settle_trail
from fsconsole.inbox.dates import Order
from fsconsole.inbox.tracks import Track, passed_over, read_track
from fsconsole.store.opening import Store
from fsconsole.store.record import save
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import Put
from fsconsole.values.work import Fix, Reject, Technician

__all__ = ["fixes_of", "follow_folder", "import_tracks"]

#: How far a trail may reach past the shift: the way to work and home.
MARGIN = timedelta(hours=1)
#: Files of these forms are read on from where they were; the others (and any shorter than this) are read again.
TAILED = ("owntracks", "gpslogger", "nmea")
SUFFIXES = frozenset((".gpx", ".csv", ".rec", ".txt", ".nmea", ".log", ".tsv"))


class Owner(NamedTuple):
    """Whose a device is, from a day up to another."""

    technician: Technician
    start: date | None = None
    end: date | None = None


class Whose:
    """Which technician a device, a code, a name or a vehicle means on a day."""

    def __init__(self, store: Store) -> None:
        self.zone = store.zone
        self.everyone: dict[bytes, Technician] = {one.id: one for one in fetch_all(store, "technician")}
        self.owners: dict[str, list[Owner]] = {}
        for name in ("device", "code", "name"):
            for one in self.everyone.values():
                if key := code_key(getattr(one, name)):
                    self.owners.setdefault(key, [Owner(one)])
        for use in fetch_all(store, "vehicle_use"):
            if use.technician in self.everyone:
                self.owners.setdefault(code_key(use.vehicle), []).append(Owner(self.everyone[use.technician], use.start, use.end))
        duties = fetch_all(store, "duty", "kind = 'on call'")
        self.on_call: dict[bytes | None, list[tuple[datetime, datetime]]] = {}
        for duty in duties:
            if duty.start and duty.end:
                self.on_call.setdefault(duty.technician, []).append((duty.start, duty.end))

    def of(self, device: str, day: date) -> Technician | None:
        """The technician of a device (``amy``, ``amy/phone``, a plate) on a local day."""
        for name in (device, *reversed(device.split("/"))):
            for owner in self.owners.get(code_key(name), ()):
                if (owner.start is None or owner.start <= day) and (owner.end is None or day < owner.end):
                    return owner.technician
        return None

    def covers(self, one: Technician, at: datetime) -> bool:
        """Whether an instant is within the technician's shift, an hour either way, or within an on-call turn."""
        if any(start <= at < end for start, end in self.on_call.get(one.id, ())):
            return True
        try:
            first, last = time.fromisoformat(one.shift_start or "08:00"), time.fromisoformat(one.shift_end or "17:00")
        except ValueError:
            return True
        day = at.astimezone(self.zone).date()
        for back in (1, 0, -1):
            on = day - timedelta(days=back)
            start = datetime.combine(on, first, self.zone).astimezone(UTC)
            over = timedelta(days=1 if last <= first else 0)
            end = datetime.combine(on + over, last, self.zone).astimezone(UTC)
            if start - MARGIN <= at <= end + MARGIN:
                return True
        return False


def import_tracks(
    desk: Desk,
    paths: Iterable[Path],
    *,
    given: Mapping[str, str] | None = None,
    technician: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    order: Order | None = None,
) -> Report:
    """Imports trail files as one act; in the report ``added`` counts fixes, ``unchanged`` those that were here.

    A folder stands for the files in it. ``technician`` (code or name) says whose they are when nothing in them does.
    Raises Refused when there is no such technician.
    """
    files = [file for path in paths for file in (trail_files(path) if path.is_dir() else [path])]
    taking = Taking(desk, dry=dry_run or desk.dry, whose=technician_named(desk, technician) if technician else None)
    for number, path in enumerate(files, 1):
        taking.take(read_track(path, given=given, zone=desk.zone, order=order or "dmy"), path.name)
        if progress:
            progress(number, len(files))
    return taking.finish(f"import tracks {files[0].name if len(files) == 1 else f'{len(files)} files'}")


def trail_files(folder: Path) -> list[Path]:
    """The trail files below a folder, in order of name; half-written ones and conflict copies are passed over."""
    try:
        found = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()]
    except OSError:
        return []
    return sorted(path for path in found if not passed_over(path.name))


def follow_folder(desk: Desk, folder: Path, *, given: Mapping[str, str] | None = None) -> Report:
    """Takes what was added to the trail files below a folder since the last look; nothing is ever written there.

    How far each file was read stands in this store's own book under ``tracks:<path>``. What a file cannot give is told
    once, when it is first read.
    """
    taking = Taking(desk, dry=desk.dry, whose=None)
    read: dict[str, str] = {}
    for path in trail_files(folder):
        key = f"tracks:{path.absolute()}"
        try:
            size = path.stat().st_size
            mark = Mark.of(desk.store.own(key, ""))
            if size == mark.size:
                continue
            track, mark = _read_on(desk, path, size, mark, given)
        except OSError:
            continue  # a shared drive that blinked: the next look reads it
        taking.take(track, path.name)
        read[key] = json.dumps(mark)
    report = taking.finish("trails from the drop folder")
    if read and not taking.dry:
        desk.store.set_own(**read)
    return report


class Mark(NamedTuple):
    """How far a file was read: its size then, the bytes of whole lines taken, its form."""

    size: int = -1
    offset: int = 0
    form: str = ""

    @classmethod
    def of(cls, text: str) -> Mark:
        try:
            size, offset, form = json.loads(text)
            return cls(int(size), int(offset), str(form))
        except (ValueError, TypeError):
            return cls()


def _read_on(desk: Desk, path: Path, size: int, mark: Mark, given: Mapping[str, str] | None) -> tuple[Track, Mark]:
    if mark.form not in TAILED or size < mark.offset or not mark.offset:
        track = read_track(path, given=given, zone=desk.zone)
        return track, Mark(size, _whole_lines(path, size), track.form)
    with path.open("rb") as file:
        # GPSLogger names its columns in the first line, which a tail must begin with.
        head = file.readline(65536) if mark.form == "gpslogger" else b""
        file.seek(mark.offset)
        tail = file.read(size - mark.offset)
    whole = tail[: tail.rfind(b"\n") + 1]
    track = read_track(head + whole, zone=desk.zone, name=str(path)) if whole else Track(mark.form)
    return track, Mark(size if len(whole) == len(tail) else mark.offset + len(whole), mark.offset + len(whole), mark.form)


def _whole_lines(path: Path, size: int) -> int:
    """The offset behind the last line that ends within ``size`` bytes."""
    with path.open("rb") as file:
        start = max(0, size - 65536)
        file.seek(start)
        return start + file.read(size - start).rfind(b"\n") + 1


class Taking:
    """Fixes being gathered by technician and day, then saved as one act."""

    def __init__(self, desk: Desk, *, dry: bool, whose: Technician | None) -> None:
        self.desk, self.dry, self.forced = desk, dry, whose
        self.whose = Whose(desk.store)
        self.report = Report("tracks", "", dry=dry)
        self.days: dict[tuple[bytes, date], dict[datetime, Fix]] = {}
        self.outside: Counter[str] = Counter()
        self.files: list[str] = []

    def take(self, track: Track, name: str) -> None:
        """Assigns each fix of a file by its device and local day."""
        report = self.report
        self.files.append(name)
        if track.form:
            report.match[name] = f"{track.form}, {', '.join(sorted(track.trails)) or 'no device'}"
        report.rejected += len(track.rejects)
        report.rejects += track.rejects
        report.notes += [f"{name}: {remark}" for remark in track.remarks]
        for device, fixes in track.trails.items():
            nobody: Counter[date] = Counter()
            for fix in fixes:
                day = fix.at.astimezone(self.desk.zone).date()
                one = self.forced or self.whose.of(device, day)
                if one is None:
                    nobody[day] += 1
                elif one.subcontractor:
                    self.outside[f"of {one.name}, a subcontractor, who leaves no trail"] += 1
                elif not self.whose.covers(one, fix.at):
                    self.outside["outside shift hours"] += 1
                else:
                    self.days.setdefault((one.id, day), {}).setdefault(fix.at, fix)
            if nobody:
                self._refuse(name, device, nobody)

    def _refuse(self, name: str, device: str, nobody: Counter[date]) -> None:
        days = f"on {len(nobody)} days" if len(nobody) > 1 else f"on {next(iter(nobody))}"
        why = f"{sum(nobody.values()):,} fixes {days} belong to nobody; give a technician this device, or import vehicles by date"
        self.report.rejects.append(Reject(name, 0, "device", device, why))
        self.report.rejected += 1

    def finish(self, verb: str) -> Report:
        """Saves the pieces, settles their days, and reports."""
        desk, report = self.desk, self.report
        report.file = self.files[0] if len(self.files) == 1 else f"{len(self.files)} files"
        touched: list[tuple[bytes, date]] = []
        if self.dry:
            for (technician, day), fixes in self.days.items():
                known = {fix.at for fix in fixes_of(desk.store, technician, day)}
                report.added += sum(at not in known for at in fixes)
            report.unchanged = sum(map(len, self.days.values())) - report.added
        elif self.days:
            act = desk.act(verb[:2000])
            puts: list[Put] = []
            with desk.store.writing():
                for (technician, day), fixes in self.days.items():
                    writes, count = add_fixes(desk.store, technician, day, list(fixes.values()), desk.now)
                    puts += writes
                    report.added += count
                    report.unchanged += len(fixes) - count
                    if writes:
                        touched.append((technician, day))
                save(desk.store, act, puts, desk.now)
            for technician, day in touched:
                settle_trail(desk.store, technician, day, desk.now)
            if touched:
                report.act = act.id
                report.created["day of a technician"] = len(touched)
                if desk.settling:
                    settle.settle(desk.store, desk.now)
        report.notes += [f"{count:,} fixes {why} were left out." for why, count in self.outside.items()]
        return report

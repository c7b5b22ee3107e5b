"""Any trail file: its format told by what it holds, its fixes by device, in order of time.

It stands apart so that the folder and the command line need not know one format from another.

Always: never raises on what a file holds; one fix per device and instant; what is implausible is kept here and judged
by rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import lru_cache
from pathlib import Path, PurePath

from fsconsole.inbox.fields import Order
from fsconsole.inbox.gathered import Gathered, device_of, passed_over
from fsconsole.inbox.gpslogger import is_gpslogger, read_gpslogger
from fsconsole.inbox.gpx import read_gpx
from fsconsole.inbox.known import TRACKS, header_key
from fsconsole.inbox.nmea import read_nmea
from fsconsole.inbox.owntracks import read_owntracks
from fsconsole.inbox.sheets import open_sheet
from fsconsole.inbox.tracker import read_tracker
from fsconsole.values.work import Fix, Reject

__all__ = ["Track", "device_of", "passed_over", "read_track", "sniff"]

LARGEST = 256 << 20  # bytes of a GPX, Recorder or NMEA file, which are read whole; CSV is streamed

#: What other documents begin with, and what to do about it.
_OTHER = (
    (re.compile(rb"<kml", re.IGNORECASE), "this is KML; export the trail as GPX and import that"),
    (re.compile(rb"<TrainingCenterDatabase"), "this is TCX; export the trail as GPX and import that"),
    (re.compile(rb"<(?:!doctype )?html", re.IGNORECASE), "this is a web page, not a trail; was the download refused?"),
)
_GEOJSON = "this is GeoJSON; export the trail as GPX or CSV and import that"
#: What a line of each format has in it; the format of most lines is the file's, so that a stray line decides nothing.
_LINES = {
    "nmea": re.compile(rb"\$[A-Z]{2}[A-Z]{3},"),
    "owntracks": re.compile(rb'^\d{4}-\d\d-\d\dT[\d:.]+Z\t|^\s*\{.*"_type"'),
    "gpx": re.compile(rb"^\s*</?[A-Za-z]"),
}
_KEYS = frozenset(header_key(name) for each in TRACKS.fields for name in (each.name, *each.names))


@dataclass(frozen=True, slots=True)
class Track:
    """What a trail file gave.

    ``trails`` has the fixes of each device in order of time; ``form`` is gpx, owntracks, gpslogger, nmea, tracker
    or empty; ``remarks`` are sentences about the file as a whole.
    """

    form: str
    trails: dict[str, list[Fix]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def device(self) -> str:
        """The device of a file that has one; empty when it has many or none."""
        return next(iter(self.trails)) if len(self.trails) == 1 else ""

    @property
    def fixes(self) -> list[Fix]:
        """All fixes in order of time."""
        return sorted((fix for fixes in self.trails.values() for fix in fixes), key=lambda fix: fix.at)


def sniff(data: bytes) -> str:
    """The format of a file by its beginning: gpx, owntracks, nmea, csv, or a sentence why it is none of them."""
    head = data[:8192]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[1:2] == b"\0" or (head[:1] == b"\0" and head[1:2] == b"<"):
        head = head.replace(b"\0", b"")
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    if start.startswith(b"<"):
        if b"<gpx" not in start:
            for mark, why in _OTHER:
                if mark.search(start):
                    return why
        return "gpx"
    if start.startswith(b"{") and b'"FeatureCollection"' in start:
        return _GEOJSON
    lines = [line for line in start.split(b"\n") if line.strip()]
    votes = {form: sum(bool(pattern.search(line)) for line in lines) for form, pattern in _LINES.items()}
    form = max(votes, key=lambda name: votes[name])
    return form if votes[form] and votes[form] * 2 >= len(lines) else "csv"


def read_track(
    source: Path | str | bytes,
    *,
    given: Mapping[str, str] | None = None,
    zone: tzinfo,
    order: Order = "dmy",
    name: str = "",
) -> Track:
    """Read a trail file (or its bytes under a ``name``).

    ``given`` maps ours (time date lat lon vehicle accuracy battery note) -> theirs for a tracker's CSV, whose times
    without an offset are local to ``zone``. The device comes from a column, the path, or the file's name.
    """
    path = PurePath(name) if isinstance(source, bytes) else PurePath(source)
    into = Gathered(path.name or "input", device_of(path) if path.name else "")
    try:
        form = _read(source if isinstance(source, bytes) else Path(source), given or {}, into, zone, order)
    except OSError as error:
        into.reject(0, "", "", f"the file cannot be read: {error.strerror or error}")
        form = ""
    trails = {device: sorted(fixes.values(), key=lambda fix: fix.at) for device, fixes in into.trails.items()}
    return Track(form, trails, into.finished(), into.remarks)


def _read(source: Path | bytes, given: Mapping[str, str], into: Gathered, zone: tzinfo, order: Order) -> str:
    if isinstance(source, bytes):
        head = source[:8192]
    else:
        with source.open("rb") as file:
            head = file.read(8192)
    if not head.strip():
        into.reject(0, "", "", "the file is empty")
        return ""
    form = sniff(head)
    if form == "csv":
        return _read_sheet(source, given, into, zone, order)
    reader = {"gpx": read_gpx, "owntracks": read_owntracks, "nmea": read_nmea}.get(form)
    if reader is None:
        into.reject(1, "", "", form)
        return ""
    if isinstance(source, Path):
        if source.stat().st_size > LARGEST:
            into.reject(0, "", "", f"the file is larger than {LARGEST >> 20} MB; split it by month and import the pieces")
            return form
        source = source.read_bytes()
    reader(source, into)
    return form


def _read_sheet(source: Path | bytes, given: Mapping[str, str], into: Gathered, zone: tzinfo, order: Order) -> str:
    keys = _KEYS | {header_key(theirs) for theirs in given.values()}
    sheet = open_sheet(source, name=into.file, recognise=lru_cache(1024)(lambda text: header_key(text) in keys))
    if not given and is_gpslogger(sheet.headers):
        read_gpslogger(sheet, into)
        return "gpslogger"
    read_tracker(sheet, given, into, zone, order)
    return "tracker"

"""What a trail file gave so far: fixes by device, rejects, remarks; and whose file it is by its name.

It stands apart because every trail format ends in the same two lists, once per device and time.

Always: one fix per device and instant; of two, the first place stands and what the second adds is kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePath

from fsconsole.inbox.sheets import clean
from fsconsole.values.work import Fix, Reject

MOST_REJECTS = 500  # after which rejects are counted, not listed: a file of another kind has one on every line

_CONFLICT = re.compile(
    r"\.sync-conflict-\d{8}-\d{6}-\w+|[ _-]?\([^)]*conflict(?:ed)?[^)]*\)|_conflict-\d+-\d+|[ _-]\(\d{1,3}\)$", re.IGNORECASE
)
_DATED = re.compile(
    r"[-_ .]*(?<!\d)(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?[0-3]\d)?(?:[-_ T.]+\d{2}[-_.:h]?\d{2}(?:[-_.:]?\d{2})?)?(?!\d)"
    r"(?:[-_ ](?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)?",
    re.IGNORECASE,
)
_NAMELESS = frozenset(
    ("track", "tracks", "trail", "gps", "log", "gpslog", "gpslogger", "export", "data", "positions", "activity", "current",
     "route", "rec", "nmea")
)  # fmt: skip
_FOLDERS = frozenset(
    ("gpx", "gps", "tracks", "trails", "inbox", "in", "drop", "downloads", "documents", "owntracks", "rec", "tmp", "data", "logs")
)
_UNFINISHED = re.compile(r"^\.|^~|\.(?:part|tmp|crdownload|filepart|partial)$|^~syncthing~|\.syncthing\.", re.IGNORECASE)


@dataclass(slots=True)
class Gathered:
    """Fixes by device while a file is read."""

    file: str
    device: str = ""
    trails: dict[str, dict[datetime, Fix]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unlisted: int = 0

    @property
    def count(self) -> int:
        return sum(map(len, self.trails.values()))

    def add(self, fix: Fix, device: str = "") -> None:
        """Take a fix, or what it adds to the one of the same device and instant."""
        trail = self.trails.setdefault(device or self.device, {})
        there = trail.get(fix.at)
        if there is None:
            trail[fix.at] = fix
            return
        note = there.note if fix.note in there.note else f"{there.note}; {fix.note}" if there.note else fix.note
        trail[fix.at] = replace(
            there,
            note=note,
            accuracy=fix.accuracy if there.accuracy is None else there.accuracy,
            battery=fix.battery if there.battery is None else there.battery,
        )

    def reject(self, line: int, name: str, value: str, reason: str) -> None:
        self.refuse(Reject(self.file, line, name, clean(value)[:80], reason))

    def refuse(self, reject: Reject) -> None:
        if len(self.rejects) < MOST_REJECTS:
            self.rejects.append(reject)
        else:
            self.unlisted += 1

    def finished(self) -> list[Reject]:
        """The rejects, with a last one that counts those not listed."""
        if not self.unlisted:
            return self.rejects
        return [*self.rejects, Reject(self.file, 0, "", "", f"and {self.unlisted:,} more like these")]


def degrees(text: object, most: int) -> int:
    """Decimal degrees (text or number) x 10^7; raises ValueError beyond ``most`` degrees either way."""
    try:
        value = float(text) if isinstance(text, (str, float, int)) and not isinstance(text, bool) else math.nan
    except (ValueError, OverflowError):
        value = math.nan
    if not abs(value) <= most:
        what = "latitude" if most == 90 else "longitude"
        raise ValueError(f"“{text}” is not a {what} between -{most} and {most} degrees")
    return round(value * 10_000_000)


def number(value: object, most: int) -> int | None:
    """A device's own figure rounded, or None when it is missing, negative, no number, or beyond ``most``."""
    if not isinstance(value, (int, float, str)) or isinstance(value, bool):
        return None
    try:
        figure = float(value.replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return round(figure) if 0 <= figure <= most else None


def since_1970(seconds: object) -> datetime | None:
    """The instant of so many seconds since 1970 UTC, or None when that is no instant of ours."""
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 < seconds < 7_258_118_400:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def lines_of(data: bytes) -> Iterator[tuple[int, str]]:
    """Numbered lines of text, whatever bytes lie between; the last may be torn."""
    for line, raw in enumerate(data.split(b"\n"), 1):
        if text := raw.decode("utf-8", "fsconsole.bytes").strip("\r \ufeff"):
            yield line, text


def device_of(path: PurePath | str) -> str:
    """Whose trail a file is, by its name without dates and conflict marks: ``amy-20260316.csv`` is amy's.

    A Recorder's ``rec/amy/phone/2026-03.rec`` is ``amy/phone``; a name that is only a date takes its folder's.
    """
    path = PurePath(path)
    folders = [part for part in path.parts[:-1] if part not in ("/", "\\", "..", ".")]
    stem = path.name
    while (suffix := PurePath(stem).suffix) and len(suffix) <= 6 and not suffix[1:].isdigit():
        stem = stem[: -len(suffix)]
    name = _DATED.sub("", _CONFLICT.sub("", stem)).strip(" -_.")
    if path.suffix.lower() == ".rec" and not name and len(folders) >= 2:
        return "/".join(folders[-2:])
    if name and name.lower() not in _NAMELESS and not name.isdigit():
        return name
    folder = folders[-1] if folders else ""
    return folder if folder and folder.lower() not in _FOLDERS else name


def passed_over(name: str) -> str:
    """Why a watched folder's file is left alone, or nothing: a half-written file, or another copy of one already there."""
    if _UNFINISHED.search(name):
        return "not finished: another program is still writing it"
    if _CONFLICT.search(PurePath(name).stem) or _CONFLICT.search(name):
        return "a conflict copy: the original holds the same fixes"
    return ""

"""Where a technician is: streets made up between two places, a position along them at an instant, the phone's track file.

It stands apart because the product only ever reads track files; here they are written as a phone writes them.

Always: the same seed, person and minute give the same position. Places are (latitude, longitude) in degrees x 10^7.
Format of the file: GPSLogger's CSV (gpslogger.app), one row a minute, appended, times in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from random import Random

Place = tuple[int, int]
MINUTE = timedelta(minutes=1)
METRE = 1e7 / 111_195  # one metre of latitude in degrees x 10^7
HEADER = (
    "time,lat,lon,elevation,accuracy,bearing,speed,satellites,provider,hdop,vdop,pdop,geoidheight,ageofdgpsdata,dgpsid,activity,"
    "battery,annotation,timestamp_ms,time_offset,distance,starttimestamp_ms,profile_name,battery_charging\n"
)


def streets(start: Place, end: Place, random: Random) -> list[Place]:
    """A way from one place to another: it bends like streets do, more often where the way is longer."""
    width = max(0.2, cos(radians(start[0] / 1e7)))
    north, east = end[0] - start[0], (end[1] - start[1]) * width
    kilometres = hypot(north, east) / METRE / 1000
    bends = max(2, min(14, round(kilometres * 1.6)))
    way, aside = [start], 0.0
    for step in range(1, bends):
        share = step / bends
        aside = 0.6 * aside + random.uniform(-0.13, 0.13)
        lean = aside * min(1.0, 4 * share, 4 * (1 - share))
        lat = start[0] + north * share - east * lean
        lon = start[1] + (east * share + north * lean) / width
        # Every other bend is a corner: first along the one street, then along the other.
        if step % 2 and random.random() < 0.7:
            way.append((round(lat), way[-1][1]))
        way.append((round(lat), round(lon)))
    return [*way, end]


@dataclass(frozen=True, slots=True)
class Leg:
    """One drive: from ``start`` to ``end`` along a way."""

    start: datetime
    end: datetime
    way: tuple[Place, ...]

    def at(self, when: datetime) -> Place:
        """Where on the way: slower where it starts and ends than between."""
        if when >= self.end:
            return self.way[-1]
        share = max(0.0, (when - self.start) / (self.end - self.start))
        left = (0.6 * share + 0.4 * share * share * (3 - 2 * share)) * _length(self.way)
        for one, other in pairwise(self.way):
            piece = _length((one, other))
            if left <= piece and piece:
                part = left / piece
                return round(one[0] + (other[0] - one[0]) * part), round(one[1] + (other[1] - one[1]) * part)
            left -= piece
        return self.way[-1]


def _length(way: tuple[Place, ...]) -> float:
    """In degrees x 10^7 of latitude."""
    width = max(0.2, cos(radians(way[0][0] / 1e7)))
    return sum(hypot(b[0] - a[0], (b[1] - a[1]) * width) for a, b in pairwise(way))


@dataclass(slots=True)
class Driver:
    """A technician's way through the day. ``written`` is the last minute in the track file."""

    code: str
    base: Place
    shift: tuple[str, str] = ("07:30", "16:30")
    legs: list[Leg] = field(default_factory=list)
    written: datetime | None = None

    def drive(self, to: Place, start: datetime, end: datetime, random: Random) -> None:
        self.legs.append(Leg(start, max(end, start + MINUTE), tuple(streets(self.at(start), to, random))))

    def at(self, when: datetime) -> Place:
        leg = next((one for one in reversed(self.legs) if one.start <= when), None)
        return leg.at(when) if leg else self.base


def write_track(driver: Driver, folder: Path, since: datetime, until: datetime, seed: int) -> int:
    """Appends a row for each whole minute after the last one written, from ``since`` to ``until``; returns how many.

    A phone loses its fix now and then, and never stands quite still.
    """
    minute = (driver.written + MINUTE) if driver.written else _whole(since)
    rows: dict[Path, list[str]] = {}
    while minute <= until:
        random = Random(f"{seed} {driver.code} {minute:%Y%m%d%H%M}")
        driver.written = minute
        if random.random() > 0.03:
            lat, lon = driver.at(minute)
            accuracy = random.uniform(6, 24)
            lat += round(random.gauss(0, accuracy / 4) * METRE)
            lon += round(random.gauss(0, accuracy / 4) * METRE / cos(radians(lat / 1e7)))
            at = minute + timedelta(seconds=random.randint(0, 2))
            rows.setdefault(folder / f"{driver.code}-{minute:%Y%m%d}.csv", []).append(_row(driver.code, at, lat, lon, accuracy))
        minute += MINUTE
    for path, lines in rows.items():
        fresh = not path.exists()
        with path.open("a", encoding="ascii", newline="") as file:
            file.write((HEADER if fresh else "") + "".join(lines))
    return sum(len(lines) for lines in rows.values())


def _row(code: str, at: datetime, lat: int, lon: int, accuracy: float) -> str:
    stamp, midnight = int(at.timestamp() * 1000), at.replace(hour=0, minute=0, second=0)
    battery = max(20, 98 - int((at - midnight).total_seconds() // 900))
    return (
        f"{at:%Y-%m-%dT%H:%M:%S}.000Z,{lat / 1e7:.7f},{lon / 1e7:.7f},30.0,{accuracy:.1f},,0.0,8,gps,1.2,,,46.0,,,,"
        f"{battery},,{stamp},{at:%Y-%m-%dT%H:%M:%S}.000+00:00,0.0,{stamp},{code},false\n"
    )


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)

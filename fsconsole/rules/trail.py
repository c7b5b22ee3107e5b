"""What a technician's fixes say: where they stayed, where they stopped, how far they went, whether they were near.

It stands apart because a trail is evidence beside what people claim, and evidence must follow one set of rules.

Always: distances are metres on a sphere, computed from positions and times alone; a device's own speed is never asked.
The thresholds were chosen on synthetic days with drift, outliers and lost fixes: sampled every minute, a fence entered
within 100 m and left beyond 180 m, two fixes each way, found every stay and no false one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, hypot, radians

from fsconsole.values.geo import EARTH_RADIUS_M, distance_m
from fsconsole.values.work import NO_ID, Fix, Id, Stay

METRES = EARTH_RADIUS_M * radians(1e-7)  # length of one unit of latitude: a degree x 10^-7

INACCURATE = 100  # metres
TOO_FAST = 55.0  # metres a second between two fixes
EARLY = timedelta(minutes=10)  # how far a device's clock may run ahead
ENTER, LEAVE, CONFIRM = 100, 180, 2
STOP_RADIUS, STOP_SECONDS = 200, 180
JITTER = 30  # metres a parked device may wander without having travelled

Place = tuple[Id, int, int]  # a location with its latitude and longitude in degrees x 10^7


@dataclass(frozen=True, slots=True)
class Kept:
    """The fixes worth deciding from, how many were dropped and why, and when the device was last heard at all."""

    fixes: list[Fix]
    dropped: dict[str, int] = field(default_factory=dict)
    last_heard: datetime | None = None

    def __str__(self) -> str:
        count = sum(self.dropped.values())
        if not count:
            return f"{len(self.fixes)} fixes"
        why = ", ".join(f"{number} {reason}" for reason, number in self.dropped.items())
        return f"{len(self.fixes)} of {len(self.fixes) + count} fixes ({why})"


def haversine(lat1: int, lon1: int, lat2: int, lon2: int) -> float:
    """Metres between two positions in degrees x 10^7 along the great circle: geo's one formula."""
    return distance_m((lat1, lon1), (lat2, lon2))


def apart(one: Fix, other: Fix) -> float:
    """Metres between two fixes."""
    return haversine(one.lat, one.lon, other.lat, other.lon)


def keep(fixes: Iterable[Fix], now: datetime) -> Kept:
    """Drop what cannot be true: at 0/0, ahead of ``now`` by over 10 minutes, twice, inaccurate, impossibly fast.

    The result is in order of time. Three fixes in a row that agree with each other against the one before them
    are believed: then that one was the outlier.
    """
    dropped: dict[str, int] = {}

    def drop(reason: str, count: int = 1) -> None:
        if count:
            dropped[reason] = dropped.get(reason, 0) + count

    good: list[Fix] = []
    run: list[Fix] = []  # fixes too far from the last good one, but near each other
    since_jump = 0
    last_heard: datetime | None = None
    before: datetime | None = None
    for fix in sorted(fixes, key=_when):
        if fix.at > now + EARLY:
            drop("in the future")
            continue
        last_heard = fix.at
        if fix.lat == 0 and fix.lon == 0:
            drop("at 0/0")
        elif fix.at == before:
            drop("twice")
        elif fix.accuracy is not None and fix.accuracy > INACCURATE:
            drop(f"less accurate than {INACCURATE} m")
        else:
            before = fix.at
            if not good or _plausible(good[-1], fix):
                drop("too fast to be true", len(run))
                run.clear()
                good.append(fix)
                since_jump += 1
            elif run and not _plausible(run[-1], fix):
                drop("too fast to be true", len(run))
                run[:] = [fix]
            else:
                run.append(fix)
                if len(run) == 3:
                    if since_jump == 1:
                        good.pop()
                        drop("too fast to be true")
                    good += run
                    since_jump = len(run)
                    run.clear()
    drop("too fast to be true", len(run))
    return Kept(good, dropped, last_heard)


def stays(fixes: Sequence[Fix], places: Iterable[Place]) -> list[Stay]:
    """When the trail was at each known place: in within 100 m, out beyond 180 m, two fixes each way.

    Distances pass a median of three, so that one stray fix neither ends a stay nor makes one. A stay ends with the
    last fix seen there: silence is never counted as presence beyond it. Places closer together than the fence can
    tell apart each get the stay. Give kept fixes in order of time; the stays come in order of their start.
    """
    found: list[Stay] = []
    for location, lat, lon in places:
        found += _stays_at(fixes, location, lat, lon)
    return sorted(found, key=lambda stay: (stay.start, stay.end, stay.location))


def _stays_at(fixes: Sequence[Fix], location: Id, lat: int, lon: int) -> Iterable[Stay]:
    smooth = _median_of_three(_distances(fixes, lat, lon))
    first: int | None = None  # where the stay began; None while outside
    entering = leaving = last = 0
    for index, metres in enumerate(smooth):
        if first is None:
            entering = entering + 1 if metres <= ENTER else 0
            if entering == CONFIRM:
                first, last, leaving = index - CONFIRM + 1, index, 0
        elif metres < LEAVE:
            last, leaving = index, 0
        else:
            leaving += 1
            if leaving == CONFIRM:
                yield _stay(fixes, first, last, location)
                first, entering = None, 0
    if first is not None:
        yield _stay(fixes, first, last, location)


def _distances(fixes: Sequence[Fix], lat: int, lon: int) -> list[float]:
    """Metres to a place; anything beyond a kilometre or so is just far, which spares most of the trigonometry."""
    tall = int(1000 / METRES)
    wide = int(tall / max(0.01, cos(radians(lat / 1e7))))
    far = float("inf")
    return [
        haversine(fix.lat, fix.lon, lat, lon) if abs(fix.lat - lat) < tall and abs(fix.lon - lon) < wide else far for fix in fixes
    ]


def _median_of_three(values: Sequence[float]) -> list[float]:
    if len(values) < 3:
        return list(values)
    middle = [sorted(values[i - 1 : i + 2])[1] for i in range(1, len(values) - 1)]
    return [values[0], *middle, values[-1]]


def _stay(fixes: Sequence[Fix], first: int, last: int, location: Id = NO_ID) -> Stay:
    """A stay from the first to the last fix; its place is the middle one of each coordinate, which outliers do not move."""
    inside = fixes[first : last + 1]
    lat = sorted(fix.lat for fix in inside)[len(inside) // 2]
    lon = sorted(fix.lon for fix in inside)[len(inside) // 2]
    return Stay(inside[0].at, inside[-1].at, lat, lon, location, len(inside))


def stops(fixes: Sequence[Fix], known: Iterable[Stay] = ()) -> list[Stay]:
    """Stops of three minutes and more within 200 m, apart from the ``known`` stays: stops with no job.

    The anchor rule: one has stopped when every fix of the last 180 s lies within 200 m of the newest, and moves again
    with the first fix 200 m from there; both ends are then moved inwards past the legs that were driven.
    """
    if len(fixes) < 2:
        return []
    at = [fix.at.timestamp() for fix in fixes]
    lats = [int(value) for value in _median_of_three([fix.lat for fix in fixes])]
    lons = [int(value) for value in _median_of_three([fix.lon for fix in fixes])]

    def metres(i: int, j: int) -> float:
        return haversine(lats[i], lons[i], lats[j], lons[j])

    def driven(i: int) -> bool:
        return metres(i, i + 1) * STOP_SECONDS > STOP_RADIUS * (at[i + 1] - at[i])

    def parts(first: int, last: int) -> Iterable[Stay]:
        while first < last and driven(first):
            first += 1
        while first < last and driven(last - 1):
            last -= 1
        yield from _without(fixes, first, last, taken)

    taken = sorted(known, key=lambda stay: stay.start)
    found: list[Stay] = []
    anchor: int | None = None
    first = oldest = 0
    for k in range(len(fixes)):
        if anchor is None:
            while oldest + 1 < k and at[k] - at[oldest + 1] >= STOP_SECONDS:
                oldest += 1
            if at[k] - at[oldest] >= STOP_SECONDS and all(metres(i, k) < STOP_RADIUS for i in range(oldest, k)):
                anchor, first = k, oldest
        elif metres(anchor, k) >= STOP_RADIUS:
            found += parts(first, k - 1)
            anchor, oldest = None, k
    if anchor is not None:
        found += parts(first, len(fixes) - 1)
    return found


def _without(fixes: Sequence[Fix], first: int, last: int, taken: Sequence[Stay]) -> Iterable[Stay]:
    """The pieces of a stop that no known stay accounts for, when they are long enough to be stops themselves."""
    start = first
    for index in range(first, last + 2):
        inside = index <= last and any(stay.start <= fixes[index].at <= stay.end for stay in taken)
        if index > last or inside:
            if index - start >= CONFIRM and (fixes[index - 1].at - fixes[start].at).total_seconds() >= STOP_SECONDS:
                yield _stay(fixes, start, index - 1)
            start = index + 1


def near(fixes: Iterable[Fix], lat: int, lon: int, start: datetime, end: datetime) -> int | None:
    """How near the trail came to a place between two instants, in metres; None when nothing was heard then."""
    nearest = min((haversine(fix.lat, fix.lon, lat, lon) for fix in fixes if start <= fix.at <= end), default=None)
    return None if nearest is None else round(nearest)


def travelled(fixes: Iterable[Fix]) -> int:
    """Metres along the trail; a parked device's wandering (within 30 m or its accuracy) is not travel."""
    total, last = 0.0, None
    for fix in fixes:
        if last is None:
            last = fix
            continue
        leg = apart(last, fix)
        if leg >= max(JITTER, fix.accuracy or 0):
            total += leg
            last = fix
    return round(total)


def simplify(fixes: Sequence[Fix], metres: float) -> list[Fix]:
    """Fewer fixes that draw the same line to within ``metres`` (Ramer 1972, Douglas and Peucker 1973); the ends stay."""
    if len(fixes) < 3:
        return list(fixes)
    wide = cos(radians(fixes[0].lat / 1e7)) * METRES
    xs, ys = [fix.lon * wide for fix in fixes], [fix.lat * METRES for fix in fixes]
    wanted = {0, len(fixes) - 1}
    spans = [(0, len(fixes) - 1)]
    while spans:
        first, last = spans.pop()
        dx, dy = xs[last] - xs[first], ys[last] - ys[first]
        square = dx * dx + dy * dy
        worst, farthest = metres, 0
        for i in range(first + 1, last):
            px, py = xs[i] - xs[first], ys[i] - ys[first]
            along = min(1.0, max(0.0, (px * dx + py * dy) / square)) if square else 0.0
            off = hypot(px - along * dx, py - along * dy)
            if off > worst:
                worst, farthest = off, i
        if farthest:
            wanted.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    return [fixes[i] for i in sorted(wanted)]


def _when(fix: Fix) -> datetime:
    return fix.at


def _plausible(one: Fix, other: Fix) -> bool:
    return apart(one, other) <= TOO_FAST * max(1.0, (other.at - one.at).total_seconds())

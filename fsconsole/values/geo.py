"""Places on the ground: Web Mercator and back, bounds, distances and how people say them.

It stands apart because the map, the trail rules and the day view must agree on every metre.

Always: a place is (latitude, longitude) in whole degrees x 10^7; the world is a square from (0, 0) in the
north-west to (1, 1) in the south-east. Bounds do not cross the 180th meridian.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

DEGREE = 10_000_000
#: Mean radius of the earth in metres (IUGG R1); a sphere is within 0.6 % of the ellipsoid everywhere.
EARTH_RADIUS_M = 6_371_008.8
#: The equator of Web Mercator in metres (EPSG:3857 takes the earth as a sphere of 6 378 137 m).
EQUATOR_M = 2 * math.pi * 6_378_137.0
#: The latitude where the Mercator square ends, in degrees x 10^7.
EDGE_LAT = 850_511_287
COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def place(lat: float, lon: float) -> tuple[int, int]:
    """Degrees as people write them -> degrees x 10^7: ``place(51.5, -0.12) == (515000000, -1200000)``."""
    return round(lat * DEGREE), round(lon * DEGREE)


def project(lat: int, lon: int) -> tuple[float, float]:
    """A place -> its point in the world's square (EPSG:3857); latitudes beyond 85.05° sit on the edge."""
    sine = math.sin(math.radians(max(-EDGE_LAT, min(EDGE_LAT, lat)) / DEGREE))
    return lon / (360 * DEGREE) + 0.5, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def unproject(x: float, y: float) -> tuple[int, int]:
    """A point in the world's square -> its place; the inverse of :func:`project` to within 1 unit."""
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))
    return round(lat * DEGREE), round((x - 0.5) * 360 * DEGREE)


def metres_across(lat: int) -> float:
    """Metres on the ground of the world square's whole width at this latitude."""
    return EQUATOR_M * math.cos(math.radians(max(-EDGE_LAT, min(EDGE_LAT, lat)) / DEGREE))


def distance_m(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Metres between two places along the great circle (haversine)."""
    lat_a, lat_b = math.radians(a[0] / DEGREE), math.radians(b[0] / DEGREE)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians((b[1] - a[1]) / DEGREE) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def length_m(places: Sequence[tuple[int, int]]) -> float:
    """Metres along a line of places, one after the other."""
    return sum(distance_m(a, b) for a, b in pairwise(places))


def distance_words(metres: float) -> str:
    """A distance as people say it: ``850 m``, ``1.2 km``, ``31 km``."""
    tens = round(metres / 10) * 10
    if metres < 100:
        return f"{round(metres)} m"
    if tens < 1000:
        return f"{tens} m"
    if metres < 9950:
        return f"{metres / 1000:.1f} km".replace(".0 ", " ")
    return f"{round(metres / 1000):,} km"


def direction_words(a: tuple[int, int], b: tuple[int, int]) -> str:
    """Which of eight ways ``b`` lies from ``a``: ``north-east``; empty when it is the same place."""
    if a == b:
        return ""
    east = (b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2 / DEGREE))
    turn = math.degrees(math.atan2(east, b[0] - a[0])) % 360
    return COMPASS[int((turn + 22.5) // 45) % 8]


def round_step(wanted: float) -> float:
    """The largest of … 0.2, 0.5, 1, 2, 5, 10, 20, 50 … that is not above ``wanted``; for scales and grids.

    Raises ValueError when ``wanted`` is not above zero.
    """
    if wanted <= 0:
        raise ValueError(f"a scale needs a length above zero, not {wanted}")
    power = 10.0 ** math.floor(math.log10(wanted))
    return max((step * power for step in (1, 2, 5) if step * power <= wanted), default=power)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box of places, edges included."""

    south: int
    west: int
    north: int
    east: int

    @property
    def centre(self) -> tuple[int, int]:
        return (self.south + self.north) // 2, (self.west + self.east) // 2

    def holds(self, lat: int, lon: int) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east

    def joined(self, other: Bounds) -> Bounds:
        return Bounds(
            min(self.south, other.south),
            min(self.west, other.west),
            max(self.north, other.north),
            max(self.east, other.east),
        )


def bounds(places: Iterable[tuple[int, int]]) -> Bounds | None:
    """The smallest box that holds the places; None when there are none."""
    taken = list(places)
    if not taken:
        return None
    lats, lons = [lat for lat, _ in taken], [lon for _, lon in taken]
    return Bounds(min(lats), min(lons), max(lats), max(lons))

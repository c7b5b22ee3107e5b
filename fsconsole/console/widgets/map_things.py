"""What the map is told: technicians, trails, job pins and stays as plain values, and the view onto them.

It stands apart so that a screen can fill the map without knowing how it is drawn.

Always: latitudes and longitudes are degrees x 10^7, instants are milliseconds since 1970 in UTC.
"""

from __future__ import annotations

import string
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple, overload

from fsconsole.values.geo import Bounds, metres_across, project, unproject

#: (latitude, longitude, instant) of one fix.
TrailPoint = tuple[int, int, int]


class Fixes(Sequence[TrailPoint]):
    """Fixes in 24 bytes each, a seventh of what tuples take: a trail grows all day, and there are as many as technicians."""

    __slots__ = ("_numbers",)

    def __init__(self, points: Iterable[TrailPoint] = ()) -> None:
        self._numbers = array("q", chain.from_iterable(points))

    def __len__(self) -> int:
        return len(self._numbers) // 3

    def __iter__(self) -> Iterator[TrailPoint]:
        numbers = iter(self._numbers)
        return zip(numbers, numbers, numbers, strict=True)

    @overload
    def __getitem__(self, index: int) -> TrailPoint: ...
    @overload
    def __getitem__(self, index: slice) -> list[TrailPoint]: ...
    def __getitem__(self, index: int | slice) -> TrailPoint | list[TrailPoint]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index] * 3
        lat, lon, instant = self._numbers[at : at + 3]
        return lat, lon, instant


@dataclass(frozen=True, slots=True)
class TechnicianDot:
    """Where a technician was last; ``silent_minutes`` is None while they are heard."""

    id: bytes
    code: str
    name: str
    lat: int | None = None
    lon: int | None = None
    at: int | None = None
    state: str = ""  # "on site at Orme Hotel", "6 min from Hart Clinic, promised 10:00"
    silent_minutes: int | None = None
    promised: str = ""  # "2 of 5"


@dataclass(frozen=True, slots=True)
class JobPin:
    """A job at its location. ``column`` is the board's word, ``due`` what is left of the promise in words."""

    id: bytes
    ref: str
    label: str
    lat: int
    lon: int
    column: str = "logged"
    due: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class StayMark:
    """A stop. ``known``: at a location of ours; else it is a stop with no job."""

    technician: bytes
    lat: int
    lon: int
    start: int
    minutes: int
    label: str = ""
    known: bool = False
    card: str = ""  # what the card claims: "card 40 min"


@dataclass(frozen=True, slots=True)
class MapData:
    """Everything on the map at one moment; ``day`` is the (first, last) instant of the time slider."""

    technicians: tuple[TechnicianDot, ...] = ()
    trails: Mapping[bytes, Sequence[TrailPoint]] = field(default_factory=dict)
    jobs: tuple[JobPin, ...] = ()
    stays: tuple[StayMark, ...] = ()
    day: tuple[int, int] = (0, 0)
    now: int = 0


class Thing(NamedTuple):
    """Something the cursor can stand on. ``kind`` is technician, job or stay; ``start`` tells stays apart."""

    kind: str
    id: bytes
    start: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """A window onto the world's square: its middle, how many dots the whole world would be wide, and its cells."""

    x: float = 0.5
    y: float = 0.5
    scale: float = 1024.0
    columns: int = 0
    rows: int = 0

    #: Dots across the world: from the whole world on a small screen to about 0.3 m a dot.
    LEAST = 128.0
    MOST = 2.0**27

    def dot(self, x: float, y: float) -> tuple[int, int]:
        """The dot of a point of the world's square; may lie outside the window."""
        return (
            int((x - self.x) * self.scale // 1) + self.columns,
            int((y - self.y) * self.scale // 1) + self.rows * 2,
        )

    def cell(self, lat: int, lon: int) -> tuple[int, int]:
        """The (column, row) of a place; may lie outside the window."""
        across, down = self.dot(*project(lat, lon))
        return across // 2, down // 4

    def holds(self, column: int, row: int) -> bool:
        return 0 <= column < self.columns and 0 <= row < self.rows

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """West, north, east and south of the window in the world's square."""
        across, down = self.columns / self.scale, self.rows * 2 / self.scale
        return self.x - across, self.y - down, self.x + across, self.y + down

    @property
    def metres_per_dot(self) -> float:
        return metres_across(unproject(self.x, self.y)[0]) / self.scale

    def moved(self, dots_across: float, dots_down: float) -> View:
        return self.at(self.x + dots_across / self.scale, self.y + dots_down / self.scale)

    def at(self, x: float, y: float) -> View:
        return replace(self, x=min(1.0, max(0.0, x)), y=min(1.0, max(0.0, y)))

    def zoomed(self, factor: float, anchor: tuple[float, float] | None = None) -> View:
        """Closer (factor above 1) or wider; ``anchor``, a point of the world's square, stays where it is."""
        scale = min(self.MOST, max(self.LEAST, self.scale * factor))
        x, y = anchor or (self.x, self.y)
        kept = self.scale / scale
        return replace(self.at(x + (self.x - x) * kept, y + (self.y - y) * kept), scale=scale)

    def fitted(self, bounds: Bounds, least_m: float = 800.0) -> View:
        """Holding all of ``bounds`` with room for labels, and at least ``least_m`` metres across."""
        west, north = project(bounds.north, bounds.west)
        east, south = project(bounds.south, bounds.east)
        # Labels stand to the right of their pin; on a small screen they may not take more than a quarter.
        label = min(16, self.columns // 4)
        wide = max(8, self.columns * 2 - 2 * label - 8)
        high = max(8, self.rows * 4 - 12)
        least = least_m / metres_across(bounds.centre[0])
        scale = min(wide / max(east - west, least), high / max(south - north, least))
        scale = min(self.MOST, max(self.LEAST, scale))
        shifted = (west + east) / 2 + (label - 2) / scale
        return replace(self, scale=scale).at(shifted, (north + south) / 2)


def letters(technicians: Iterable[TechnicianDot]) -> dict[bytes, str]:
    """One letter for each technician, no two alike: of their name if one is free, in the order of their codes."""
    taken: dict[bytes, str] = {}
    used: set[str] = set()
    for technician in sorted(technicians, key=lambda t: (t.code.casefold(), t.id)):
        wanted = [
            mark for mark in (technician.code + technician.name).upper() if mark in string.ascii_uppercase
        ]
        pool = [*wanted, *string.ascii_uppercase, *string.digits, *string.ascii_lowercase]
        letter = next((mark for mark in pool if mark not in used), "*")
        used.add(letter)
        taken[technician.id] = letter
    return taken

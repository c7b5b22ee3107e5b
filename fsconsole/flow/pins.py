"""Where locations are on the map: which are nowhere, what the trails suggest, and a person's yes.

It stands apart because a pin decides whether presence can be proved, so none is set by guessing.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow.acting import record
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.rows import fetch
from fsconsole.store.tables import put

#: How far apart arriving by word and stopping by trail may be, in milliseconds.
SLACK = 15 * 60_000


class Unpinned(NamedTuple):
    """A location that is nowhere on the map."""

    id: bytes
    ref: str
    client: str
    name: str
    postcode: str


class Suggested(NamedTuple):
    """Where a technician stood while said to be at a location without a pin. Degrees x 10^7."""

    location: bytes
    name: str
    lat: int
    lon: int
    minutes: int
    technician: str
    at: datetime


def unpinned(store: Store) -> list[Unpinned]:
    """Every live location without a pin, by client and name."""
    rows = store.sql(
        "SELECT l.id, l.ref, coalesce(c.name, ''), l.name, l.postcode FROM location l LEFT JOIN client c ON c.id = l.client"
        " WHERE l.gone = 0 AND l.merged_into IS NULL AND (l.lat IS NULL OR l.lon IS NULL) ORDER BY 3, 4"
    )
    return [Unpinned(*row) for row in rows]


def suggested(store: Store) -> list[Suggested]:
    """Stops that began within a quarter of an hour of an arrival at a location without a pin, longest first."""
    rows = store.sql(
        "SELECT l.id, l.name, s.lat, s.lon, (s.end - s.start) / 60000, t.name, s.start FROM location l"
        " JOIN job j ON j.location = l.id AND j.gone = 0 JOIN visit v ON v.job = j.id AND v.gone = 0"
        " JOIN event e ON e.visit = v.id AND e.what = 'arrive' AND e.void = 0"
        " JOIN stay_now s ON s.technician = v.technician AND s.location IS NULL AND s.start BETWEEN e.at - ? AND e.at + ?"
        " JOIN technician t ON t.id = v.technician"
        " WHERE l.gone = 0 AND l.merged_into IS NULL AND l.lat IS NULL ORDER BY l.name, 5 DESC",
        (SLACK, SLACK),
    )
    return [Suggested(row, name, lat, lon, minutes, who, instant(at)) for row, name, lat, lon, minutes, who, at in rows]


def confirm_pin(desk: Desk, location: bytes, lat: int, lon: int) -> Done:
    """Sets a location's pin where a trail stood, because a person says so. Raises Refused when there is no such place."""
    place = fetch(desk.store, "location", location)
    if place is None or place.gone:
        raise Refused("There is no such location.", "List those without a pin with: list locations")
    if not (-900_000_000 <= lat <= 900_000_000 and -1_800_000_000 <= lon <= 1_800_000_000) or (lat, lon) == (0, 0):
        raise Refused("That is no place on the map.", "Give degrees such as 51.50741, -0.12776.")
    words = f"{place.name or place.ref} is where the trail stood"
    return record(desk, [put("location", location, lat=lat, lon=lon, pin_from="stay")], words, ref=place.ref, row=location)

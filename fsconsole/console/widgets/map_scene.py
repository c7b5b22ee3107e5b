"""The map's picture: ground, trails, pins and labels composed into rows of text with roles.

It stands apart because it knows no widget and no colour: values and a view in, rows of (text, role) out.

Always: a trail's dots replace the ground's in a cell, a pin replaces a trail's, and no label covers a pin or
another label. A role may end in ``~1`` to ``~3``: the same colour, fainter by age.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fsconsole.console.glyphs import ASCII, COLUMNS, UNKNOWN, Glyphs
from fsconsole.console.text import clean, clip, width
from fsconsole.console.widgets.braille import BRAILLE, PLAIN, Dots
from fsconsole.console.widgets.map_things import MapData, StayMark, TechnicianDot, Thing, TrailPoint, View
from fsconsole.values.geo import distance_words, project, round_step

Piece = tuple[str, str]
MINUTE = 60_000
#: Where a trail turns fainter: minutes of age -> (every how manieth dot, how faint).
AGES = ((20, 1, 0), (75, 1, 1), (180, 2, 2), (100_000, 4, 3))
#: Between two fixes farther apart than this nobody knows the way, so none is drawn.
GAP_MINUTES, GAP_DOTS = 15, 6
#: Metres per dot above which a road of this rank is not drawn.
ROAD_REACH = (400.0, 90.0, 40.0, 14.0, 5.0)
NAME_REACH = (20_000.0, 2_000.0, 300.0, 60.0, 25.0)
STREET_NAME_REACH = 12.0


class Track:
    """A trail in the world's square, without the fixes that say nothing new (nearer than 3 m to the last)."""

    def __init__(self, points: Sequence[TrailPoint]) -> None:
        self.x, self.y, self.at = array("d"), array("d"), array("q")
        self._last = (1 << 40, 0)
        self._still = False
        self.extend(points)

    def extend(self, points: Sequence[TrailPoint]) -> None:
        """Goes on with later fixes."""
        last, still = self._last, self._still
        for lat, lon, at in points:
            if abs(lat - last[0]) < 270 and abs(lon - last[1]) < 400:
                # Standing still keeps two points, of coming and of going, so that leaving is not taken for a gap.
                if still:
                    self.at[-1] = at
                    continue
                still = True
                x, y = self.x[-1], self.y[-1]
            else:
                last, still = (lat, lon), False
                x, y = project(lat, lon)
            self.x.append(x)
            self.y.append(y)
            self.at.append(at)
        self._last, self._still = last, still


@dataclass(slots=True)
class Ink:
    """A grid of characters, each with its role."""

    columns: int
    rows: int
    text: list[list[str]] = field(default_factory=list)
    role: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text = [[" "] * self.columns for _ in range(self.rows)]
        self.role = [["normal"] * self.columns for _ in range(self.rows)]

    def copy(self) -> Ink:
        other = Ink(0, 0)
        other.columns, other.rows = self.columns, self.rows
        other.text = [list(row) for row in self.text]
        other.role = [list(row) for row in self.role]
        return other

    def write(self, column: int, row: int, text: str, role: str) -> int:
        """Writes from a cell on, clipped at the edges; returns the column after it."""
        for mark in text:
            cells = width(mark)
            if not cells:
                continue
            if column >= 0 and column + cells <= self.columns and 0 <= row < self.rows:
                self.text[row][column] = mark
                self.role[row][column] = role
                if cells == 2:
                    self.text[row][column + 1] = ""
                    self.role[row][column + 1] = role
            column += cells
        return column

    def pieces(self, row: int) -> tuple[Piece, ...]:
        """A row as runs of one role."""
        runs: list[Piece] = []
        marks, roles = self.text[row], self.role[row]
        start = 0
        for column in range(1, self.columns + 1):
            if column == self.columns or roles[column] != roles[start]:
                runs.append(("".join(marks[start:column]), roles[start]))
                start = column
        return tuple(runs)


class GroundName(NamedTuple):
    """A name on the ground: the cell of its middle, and the role it is written in."""

    column: int
    row: int
    text: str
    role: str


class Beneath(NamedTuple):
    """What lies beneath the trails. ``names`` are in order of importance; ``note`` says what is not shown."""

    ink: Ink
    names: list[GroundName]
    note: str


def ground(view: View, basemap: Any, glyphs: Glyphs) -> Beneath:
    """Roads, water and names from a basemap (inbox.tiles.Basemap), or a graticule."""
    ink = Ink(view.columns, view.rows)
    dots = Dots(view.columns, view.rows)
    marks = PLAIN if glyphs is ASCII else BRAILLE
    if basemap is None:
        _graticule(view, dots)
        stamp(ink, dots, marks, ("", "faint"))
        return Beneath(ink, [], "")
    zoom = max(0, (int(view.scale) // 256).bit_length() - 1)
    found = basemap.ground(*view.edges, zoom)
    reach = view.metres_per_dot
    wet = Dots(view.columns, view.rows)
    for water in found.waters:
        rings = [[view.dot(x, y) for x, y in ring] for ring in water.rings]
        if water.flowing:
            dots.polyline(rings[0], 2)
        else:
            wet.fill(rings)
    for rank in (4, 3, 2, 1, 0):
        if reach <= ROAD_REACH[rank]:
            for road in found.roads:
                if road.rank == rank:
                    line = [view.dot(x, y) for x, y in road.line]
                    dots.polyline(line, 3 if rank > 1 else 4, 2 if rank > 2 else 1)
    wave = "~"
    for row in range(view.rows):
        for column in range(view.columns):
            if wet.ink[row * view.columns + column]:
                ink.role[row][column] = "water"
                if (column + row * 3) % 6 == 0:
                    ink.text[row][column] = wave
    stamp(ink, dots, marks, ("", "faint", "water", "road", "road main"))
    names = []
    for name in sorted(found.names, key=lambda each: each.rank):
        if reach <= NAME_REACH[name.rank]:
            across, down = view.dot(*name.at)
            names.append(
                GroundName(across // 2, down // 4, name.name, "place" if name.rank < 3 else "street")
            )
    if reach <= STREET_NAME_REACH:
        names += _street_names(view, found.roads)
    return Beneath(ink, names, found.note)


def stamp(ink: Ink, dots: Dots, marks: Sequence[str], roles: Sequence[str]) -> None:
    columns = dots.columns
    for row in range(dots.rows):
        start = row * columns
        bits = dots.bits[start : start + columns]
        if not any(bits):
            continue
        text, role = ink.text[row], ink.role[row]
        for column, dot in enumerate(bits):
            if dot:
                text[column] = marks[dot]
                role[column] = roles[dots.ink[start + column]]


def _graticule(view: View, dots: Dots) -> None:
    step = grid_metres(view) / view.metres_per_dot / view.scale
    west, north, east, south = view.edges
    # Lines stand on whole steps of the world, so that they move with the ground.
    for number in range(int(west // step), int(east // step) + 1):
        across = view.dot(number * step, 0)[0]
        dots.line((across, 0), (across, dots.height - 1), 1, 4)
    for number in range(int(north // step), int(south // step) + 1):
        down = view.dot(0, number * step)[1]
        dots.line((0, down), (dots.width - 1, down), 1, 4)


def grid_metres(view: View) -> float:
    """Metres between the graticule's lines: a round number, about twelve columns or more."""
    return round_step(view.metres_per_dot * 56)


def _street_names(view: View, roads: Sequence[Any]) -> list[GroundName]:
    """Each street's name once, on the longest of its pieces, the main streets first; not more than one can read."""
    longest: dict[str, tuple[int, int, int, int]] = {}
    for road in roads:
        if road.name and road.rank < 4 and len(road.line) > 1:
            (ax, ay), (bx, by) = view.dot(*road.line[0]), view.dot(*road.line[-1])
            column, row = (ax + bx) // 4, (ay + by) // 8
            size = abs(bx - ax) + abs(by - ay)
            piece = -road.rank, size, column, row
            if size > 12 and view.holds(column, row) and piece > longest.get(road.name, (-9, 0, 0, 0)):
                longest[road.name] = piece
    ordered = sorted(longest.items(), key=lambda item: item[1], reverse=True)
    return [
        GroundName(column, row, name, "street")
        for name, (_, _, column, row) in ordered[: view.columns * view.rows // 200]
    ]


def write_names(ink: Ink, taken: bytearray, names: Sequence[GroundName]) -> None:
    """Writes the ground's names where they cover nothing and touch nothing that is ``taken``, else not at all."""
    for name in names:
        text = clip(clean(name.text), 28)
        column = name.column - width(text) // 2
        end = column + width(text)
        if not (0 <= name.row < ink.rows and column >= 1 and end < ink.columns):
            continue
        here = name.row * ink.columns
        if not any(taken[here + column - 1 : here + end + 1]):
            taken[here + column - 1 : here + end + 1] = b"\x01" * (end - column + 2)
            ink.write(column, name.row, text, name.role)


def draw_trail(dots: Dots, view: View, track: Track, until: int, inks: Sequence[int]) -> None:
    """One trail up to an instant; ``inks`` are the four inks by age, the newest first."""
    end = bisect_right(track.at, until)
    if not end:
        return
    across, down = view.columns - view.x * view.scale, view.rows * 2 - view.y * view.scale
    scale = view.scale
    points = [
        (int(x * scale + across), int(y * scale + down))
        for x, y in zip(track.x[:end], track.y[:end], strict=True)
    ]
    start = 0
    # The oldest first, so that the newest lies on top where a trail crosses itself.
    for level in range(len(AGES) - 1, -1, -1):
        newest = until - (AGES[level - 1][0] * MINUTE if level else -1)
        stop = bisect_right(track.at, newest, 0, end)
        if stop > start:
            # One point back, so that the parts join.
            _pieces(dots, points, track.at, max(0, start - 1), stop, inks[level], AGES[level][1])
            start = stop


def _pieces(
    dots: Dots, points: list[tuple[int, int]], ats: Sequence[int], start: int, stop: int, ink: int, every: int
) -> None:
    count = 0
    here = points[start]
    if stop - start == 1:
        dots.dot(*here, ink)
    for index in range(start + 1, stop):
        there = points[index]
        if there == here:
            continue
        far = max(abs(there[0] - here[0]), abs(there[1] - here[1])) > GAP_DOTS
        if far and ats[index] - ats[index - 1] > GAP_MINUTES * MINUTE:
            dots.dot(*there, ink)
        else:
            count = dots.line(here, there, ink, every, count)
        here = there


class Pin(NamedTuple):
    """One thing to show: where, its mark, its labels from the longest to the shortest; rank 0 comes first."""

    thing: Thing
    column: int
    row: int
    mark: str
    role: str
    labels: tuple[str, ...]
    rank: int


@dataclass(slots=True)
class Cluster:
    """Pins too near each other for a cell each; they share one mark and one label."""

    column: int
    row: int
    pins: list[Pin]

    @property
    def cells(self) -> int:
        """How wide its marks are."""
        return sum(width(text) for text, _ in self.marks)

    @property
    def marks(self) -> list[Piece]:
        """Up to three technicians, then one pin."""
        people = [(pin.mark, pin.role) for pin in self.pins if pin.thing.kind == "technician"][:3]
        others = [(pin.mark, pin.role) for pin in self.pins if pin.thing.kind != "technician"][:1]
        return people + others

    def label(self, level: int) -> str:
        # In the order of the marks, so that a name stands by its own.
        first = sorted(self.pins[:2], key=lambda pin: pin.thing.kind != "technician")
        words = [pin.labels[min(level, len(pin.labels) - 1)] for pin in first]
        more = f"+{len(self.pins) - 2}" if len(self.pins) > 2 else ""
        return " ".join(word for word in (*words, more) if word)


def heads(data: MapData, until: int, live: bool) -> dict[bytes, tuple[int, int]]:
    """Where each technician is shown: the last position when live, else the last fix up to ``until``."""
    found: dict[bytes, tuple[int, int]] = {}
    for technician in data.technicians:
        if live and technician.lat is not None and technician.lon is not None:
            found[technician.id] = technician.lat, technician.lon
            continue
        points = data.trails.get(technician.id, ())
        index = bisect_right(points, until, key=lambda point: point[2])
        if index:
            found[technician.id] = points[index - 1][:2]
    return found


def pins(
    view: View,
    data: MapData,
    marks: Mapping[bytes, str],
    until: int,
    live: bool,
    chosen: bytes | None,
    cursor: Thing | None,
    glyphs: Glyphs,
) -> list[Pin]:
    """Everything to mark in the window, the most important first."""
    plain = glyphs is ASCII
    places = heads(data, until, live)
    found: list[Pin] = []

    def add(
        thing: Thing, at: tuple[int, int], mark: str, role: str, labels: tuple[str, ...], rank: int
    ) -> None:
        column, row = view.cell(*at)
        if view.holds(column, row):
            found.append(Pin(thing, column, row, mark, role, labels, 0 if thing == cursor else rank))

    for technician in data.technicians:
        if technician.id not in places:
            continue
        silent = technician.silent_minutes if live else None
        mark = ("?" if plain else "◌") if silent is not None else "*" if plain else "●"
        name = clean(technician.name.split(" ")[0] or technician.code)
        labels: tuple[str, ...] = (name, "")
        if silent is not None:
            labels = (f"{name} {silent_words(silent)}", name, "")
        mine = technician.id == chosen
        role = "soon" if silent is not None else "here" if mine else "strong"
        rank = 1 if mine else 3 if silent is not None else 4
        thing = Thing("technician", technician.id)
        add(thing, places[technician.id], mark + marks[technician.id], role, labels, rank)
    for job in data.jobs:
        sign = COLUMNS.get(job.column, UNKNOWN)
        mark = glyphs.late if job.late else sign.ascii if plain else _PIN.get(job.column, sign.glyph)
        ref, label, due = clean(job.ref), clean(job.label), clean(job.due)
        name = f"{ref} {clip(label, 16, glyphs.ellipsis)}".rstrip()
        labels = (f"{name} {due}".rstrip(), name, ref) if job.late else (name, ref)
        role, rank = ("late", 2) if job.late else (sign.role, 5)
        add(Thing("job", job.id), (job.lat, job.lon), mark, role, labels, rank)
    for stay in data.stays:
        if stay.start > until or (stay.known and stay.technician != chosen):
            continue
        role = "dim" if stay.known else "stuck"
        mark = ("=" if plain else "▪") if stay.known else ("x" if plain else "□")
        minutes = stay_minutes(stay, until)
        labels = (f"{minutes} min" if stay.known else f"{minutes} min no job", f"{minutes}m", "")
        thing = Thing("stay", stay.technician, stay.start)
        add(thing, (stay.lat, stay.lon), mark, role, labels, 7 if stay.known else 6)
    found.sort(key=lambda pin: (pin.rank, pin.thing))
    return found


#: A pin stands for a place, so an untouched job is a diamond; a dot would look like a technician.
_PIN = {
    "logged": "◇", "scheduled": "◇", "dispatched": "◇", "en route": "◈", "on site": "◆", "complete": "✓",
    "closed": "✓",
}  # fmt: skip


def silent_words(minutes: int | None) -> str:
    """``silent 22 min``, ``silent 3 h 05``."""
    if minutes is None:
        return ""
    return f"silent {minutes} min" if minutes < 100 else f"silent {minutes // 60} h {minutes % 60:02d}"


def stay_minutes(stay: StayMark, until: int) -> int:
    """How long a stay had lasted by then."""
    return min(stay.minutes, max(0, until - stay.start) // MINUTE)


def clustered(found: Sequence[Pin], columns: int) -> list[Cluster]:
    """Pins that would stand on each other, joined, none over the right edge; the order of importance is kept."""
    order = {id(pin): at for at, pin in enumerate(found)}
    rows: dict[int, list[Cluster]] = {}
    for pin in found:
        beside = rows.setdefault(pin.row, [])
        joined = Cluster(max(0, min(pin.column, columns - width(pin.mark))), pin.row, [pin])
        # What is joined is wider, and may reach the next: a mark written over another's would leave a label without it.
        while (other := next((each for each in beside if _touch(each, joined)), None)) is not None:
            beside.remove(other)
            both = sorted([*other.pins, *joined.pins], key=lambda each: order[id(each)])
            joined = Cluster(other.column if both[0] is other.pins[0] else joined.column, pin.row, both)
            joined.column = max(0, min(joined.column, columns - joined.cells))
        beside.append(joined)
    return sorted((each for beside in rows.values() for each in beside), key=lambda each: order[id(each.pins[0])])


def _touch(one: Cluster, other: Cluster) -> bool:
    return one.column < other.column + other.cells and other.column < one.column + one.cells


def place_pins(ink: Ink, busy: bytearray, clusters: Sequence[Cluster], cursor: Thing | None) -> bytearray:
    """Writes marks, then labels where they cover no mark, no other label, and as few trail dots as can be.

    ``busy`` says of each cell whether a trail lies in it. A label that fits nowhere is shortened, then left out.
    Returns which cells are taken now.
    """
    taken = bytearray(ink.columns * ink.rows)
    for cluster in clusters:
        column = cluster.column
        under = any(pin.thing == cursor for pin in cluster.pins)
        for text, role in cluster.marks:
            column = ink.write(column, cluster.row, text, "cursor" if under else role)
        here = cluster.row * ink.columns
        end = min(column, ink.columns)
        taken[here + cluster.column : here + end] = b"\x01" * (end - cluster.column)
    for cluster in clusters:
        size = cluster.cells
        under = any(pin.thing == cursor for pin in cluster.pins)
        for level in range(3):
            text = cluster.label(level)
            if not text:
                break
            spot = _spot(ink, taken, busy, cluster, size, width(text))
            if spot is None:
                continue
            column, row = spot
            ink.write(column, row, text, "cursor" if under else _label_role(cluster))
            here = row * ink.columns
            taken[here + column : here + column + width(text)] = b"\x01" * width(text)
            break
    return taken


def _label_role(cluster: Cluster) -> str:
    first = cluster.pins[0]
    return (
        first.role
        if first.role in ("late", "soon", "stuck", "here")
        else "dim"
        if first.rank > 5
        else "normal"
    )


def _spot(
    ink: Ink, taken: bytearray, busy: bytearray, cluster: Cluster, size: int, cells: int
) -> tuple[int, int] | None:
    column, row = cluster.column, cluster.row
    gap = 1 if cluster.pins[0].thing.kind == "technician" or size > 1 else 0
    best: tuple[int, int, int] | None = None
    spots = (
        (column + size + gap, row),
        (column - cells - 1, row),
        (column, row - 1),
        (column, row + 1),
        (column + size - cells, row - 1),
        (column + size - cells, row + 1),
    )
    for order, (left, line) in enumerate(spots):
        right = left + cells
        if left < 0 or right > ink.columns or not 0 <= line < ink.rows:
            continue
        here = line * ink.columns
        before = left if left == column + size and line == row else max(0, left - 1)
        if any(taken[here + before : here + min(ink.columns, right + 1)]):
            continue
        cost = sum(busy[here + left : here + right]) * 4 + order
        if best is None or cost < best[0]:
            best = cost, left, line
    return None if best is None else best[1:]


def scale_bar(view: View, glyphs: Glyphs) -> str:
    """``├─────┤ 2 km``: a round distance, drawn to scale."""
    metres = round_step(view.metres_per_dot * 2 * max(6, min(20, view.columns // 5)))
    cells = max(2, round(metres / view.metres_per_dot / 2))
    left, middle, right = ("|", "-", "|") if glyphs is ASCII else ("├", "─", "┤")
    return f"{left}{middle * (cells - 2)}{right} {distance_words(metres)}"


def technician_named(technicians: Sequence[TechnicianDot], words: str) -> TechnicianDot | None:
    """The technician whose code is ``words``, else the only one whose name or code begins so."""
    wanted = words.strip().casefold()
    for technician in technicians:
        if technician.code.casefold() == wanted or technician.name.casefold() == wanted:
            return technician
    near = [
        each
        for each in technicians
        if wanted and (each.name.casefold().startswith(wanted) or each.code.casefold().startswith(wanted))
    ]
    return near[0] if len(near) == 1 else None

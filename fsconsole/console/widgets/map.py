"""The map: technicians, their trails of the day, jobs and stays over roads or a graticule, line by line.

It stands apart because it holds what a person does with the map: where they look, whom they follow, which
moment of the day they see, and what the cursor stands on. How it is drawn is in map_scene, what it is told in
map_things.

Always: one widget, no widget per thing; only lines that changed are painted again; a silent technician is
hollow and says for how long, and is never shown as a fresh dot.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.message import Message

from fsconsole.console import keys
from fsconsole.console.glyphs import ASCII
from fsconsole.console.widgets import map_scene as scene
from fsconsole.console.widgets.braille import BRAILLE, PLAIN, Dots
from fsconsole.console.widgets.canvas import Canvas, Piece, Spot
from fsconsole.console.widgets.map_things import (
    JobPin,
    MapData,
    StayMark,
    TechnicianDot,
    Thing,
    TrailPoint,
    View,
    letters,
)
from fsconsole.console.widgets.map_words import Telling
from fsconsole.values.geo import bounds, project, unproject

#: The map's keys; arrows pan when there is nothing to step to.
KEYS = tuple(key for key in keys.KEYS if key.where == "map")
#: One press of a bracket.
STEP_MS = 15 * scene.MINUTE
#: From this width on a side list stands beside the map.
SIDE_FROM = 104
#: How the chosen trail and the others are drawn.
_TRAIL = ("trail", "other trail")


class MapPanel(Canvas, can_focus=True):
    """The map panel. ``basemap`` is a path to a ``.pmtiles`` file, an opened Basemap, or None.

    ``zone`` is for the clocks shown. Give it everything with :meth:`set_data`; it posts ThingReached,
    ThingChosen and TrailViewed.
    """

    BINDINGS = keys.bindings("map")

    class ThingReached(Message):
        """The cursor came to a thing; None when it stands on nothing."""

        def __init__(self, thing: Thing | None) -> None:
            super().__init__()
            self.thing = thing

    class ThingChosen(Message):
        """Enter was pressed on a thing. ``thing`` is (kind, id, start): technician, job or stay.

        A stay's id is its technician's. ``words`` say what it is, ``lat`` and ``lon`` where.
        """

        def __init__(self, thing: Thing, words: str, lat: int, lon: int) -> None:
            super().__init__()
            self.thing = thing
            self.words = words
            self.lat = lat
            self.lon = lon

    class TrailViewed(Message):
        """A person chose a technician, whose day they now see; for the log of viewings."""

        def __init__(self, technician: bytes) -> None:
            super().__init__()
            self.technician = technician

    def __init__(
        self,
        *,
        basemap: Any = None,
        zone: tzinfo = UTC,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.zone = zone
        self.data = MapData()
        self.view = View()
        self.cursor: Thing | None = None
        self.chosen: bytes | None = None
        self.following = False
        self._basemap_source = basemap
        self._basemap: Any = None
        self._note = ""
        self._shown: int | None = None  # the replayed instant; None is live
        self._moved = False  # a person moved the view, so it is not fitted again
        self._fitted: tuple[int, int, bool] | None = None
        self._letters: dict[bytes, str] = {}
        self._tracks: dict[bytes, tuple[int, TrailPoint, scene.Track]] = {}
        self._ground: tuple[Hashable, scene.Beneath] | None = None
        self._lines: list[tuple[str, tuple[Piece, ...], tuple[Piece, ...] | None]] = []
        self._clusters: list[scene.Cluster] = []
        self._shades: dict[str, Style] = {}

    # What it is told.

    def set_data(
        self,
        *,
        technicians: Sequence[TechnicianDot] = (),
        trails: Mapping[bytes, Sequence[TrailPoint]] | None = None,
        jobs: Sequence[JobPin] = (),
        stays: Sequence[StayMark] = (),
        day: tuple[int, int] = (0, 0),
        now: int = 0,
    ) -> None:
        """Everything to show, replacing what was there. Trails are in order of time; instants in ms since 1970.

        The view stays where it is, except that it follows who is followed; the first data is fitted.
        """
        self.data = MapData(tuple(technicians), dict(trails or {}), tuple(jobs), tuple(stays), day, now)
        self._letters = letters(technicians)
        for technician, points in self.data.trails.items():
            self._track(technician, points)
        known = {technician.id for technician in technicians}
        self._tracks = {id: track for id, track in self._tracks.items() if id in self.data.trails}
        if self.chosen not in known:
            ordered = sorted(technicians, key=lambda each: (not self.data.trails.get(each.id), each.code))
            self.chosen = ordered[0].id if ordered else None
            self.following = False
        if self.cursor is not None and self._where(self.cursor) is None:
            self.cursor = None
        self._centre_followed()
        self.settle()

    def set_basemap(self, basemap: Any) -> None:
        """Another basemap: a path, an opened Basemap, or None for a plain graticule."""
        self._basemap_source, self._basemap, self._note, self._ground = basemap, None, "", None
        self.settle()

    def fit(self) -> None:
        """Everything in view."""
        self._moved = self.following = False
        self._fitted = None
        self.settle()

    def follow(self, words: str | bytes) -> bool:
        """Follows a technician by id, code, name or its beginning; False when nobody or several are meant."""
        if isinstance(words, bytes):
            found = next((each for each in self.data.technicians if each.id == words), None)
        else:
            found = scene.technician_named(self.data.technicians, words)
        if found is None:
            return False
        self._choose(found.id)
        self.following = True
        if not self._moved and self.view.metres_per_dot > 60:
            self.view = self.view.zoomed(self.view.metres_per_dot / 60)
        self._moved = True
        self._centre_followed()
        self.settle()
        return True

    def look_at(self, lat: int, lon: int) -> None:
        """Puts a place in the middle."""
        self.view = self.view.at(*project(lat, lon))
        self._moved, self.following = True, False
        self.settle()

    def show_instant(self, at: int | None) -> None:
        """Shows the day up to an instant (ms since 1970), or live again with None."""
        first, _ = self.data.day
        self._shown = None if at is None or at >= self.data.now else max(first, at)
        self._centre_followed()
        self.settle()

    @property
    def live(self) -> bool:
        return self._shown is None

    @property
    def until(self) -> int:
        """The instant shown, in ms since 1970."""
        return self.data.now if self._shown is None else self._shown

    # What a person does.

    def action_pan(self, across: int, down: int) -> None:
        """Half a window in a direction."""
        self._pan(across * self.view.columns, down * self.view.rows * 2)

    def action_step(self, across: int, down: int) -> None:
        """To the next thing in a direction, or an eighth of a window where there is none."""
        column, row = self._cursor_cell() or (self.view.columns // 2, self.view.rows // 2)
        best: tuple[float, scene.Cluster] | None = None
        for cluster in self._clusters:
            # Cells are twice as high as wide, so rows count double.
            dx, dy = cluster.column - column, (cluster.row - row) * 2
            along, aside = (dx * across, abs(dy)) if across else (dy * down, abs(dx))
            if along <= 0 or aside > along * 2:
                continue
            cost = along + aside * 2
            if best is None or cost < best[0]:
                best = cost, cluster
        if best is None:
            self._pan(across * self.view.columns // 4, down * self.view.rows // 2)
        else:
            self._reach(best[1].pins[0].thing)

    def action_zoom(self, way: int) -> None:
        self._moved = True
        here = (
            self._where(self.cursor) if self.cursor and self._cursor_cell() and not self.following else None
        )
        self.view = self.view.zoomed(1.5**way, project(*here) if here else None)
        self.settle()

    def action_fit(self) -> None:
        self.fit()

    def action_technician(self, way: int) -> None:
        """The next technician, by code; brought into view, and followed if one was."""
        ordered = sorted(self.data.technicians, key=lambda each: (each.code.casefold(), each.id))
        if not ordered:
            return
        ids = [each.id for each in ordered]
        index = (ids.index(self.chosen) + way) % len(ids) if self.chosen in ids else 0
        self._choose(ids[index])
        thing = Thing("technician", ids[index])
        place = self._where(thing)
        if self.following:
            self._centre_followed()
        elif place and not self.view.holds(*self.view.cell(*place)):
            self.view = self.view.at(*project(*place))
            self._moved = True
        self._reach(thing if place else self.cursor)

    def action_follow(self) -> None:
        if self.following:
            self.following = False
            self.settle()
        elif self.cursor and self.cursor.kind == "technician":
            self.follow(self.cursor.id)
        elif self.chosen is not None:
            self.follow(self.chosen)

    def action_beneath(self) -> None:
        """The next of the things that share the cursor's mark."""
        for cluster in self._clusters:
            things = [pin.thing for pin in cluster.pins]
            if self.cursor in things:
                self._reach(sorted(things)[(sorted(things).index(self.cursor) + 1) % len(things)])
                return

    def action_replay(self, steps: int) -> None:
        here = self.until // STEP_MS * STEP_MS if self._shown is None and steps < 0 else self.until
        if here == self.until or steps < -1 or here == self.data.now:
            here += steps * STEP_MS
        self.show_instant(here)

    def action_open(self) -> None:
        where = self._where(self.cursor) if self.cursor else None
        if self.cursor and where:
            if self.cursor.kind == "technician":
                self._choose(self.cursor.id)
                self.settle()
            self.post_message(self.ThingChosen(self.cursor, self._telling().thing(self.cursor), *where))

    def on_click(self, event: events.Click) -> None:
        column, row = event.x, event.y - 1
        near = min(
            self._clusters,
            key=lambda cluster: abs(cluster.column - column) + 2 * abs(cluster.row - row),
            default=None,
        )
        if near is not None and abs(near.column - column) + 2 * abs(near.row - row) <= 8:
            self._reach(near.pins[0].thing)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.action_zoom(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.action_zoom(-1)

    def _pan(self, dots_across: float, dots_down: float) -> None:
        self.view = self.view.moved(dots_across, dots_down)
        self._moved, self.following = True, False
        self.settle()

    def _choose(self, technician: bytes) -> None:
        if technician != self.chosen:
            self.chosen = technician
            self.post_message(self.TrailViewed(technician))

    def _reach(self, thing: Thing | None) -> None:
        if thing != self.cursor:
            self.cursor = thing
            self.post_message(self.ThingReached(thing))
        self.settle()

    def _fit(self) -> None:
        places = [(job.lat, job.lon) for job in self.data.jobs]
        places += scene.heads(self.data, self.until, self.live).values()
        for points in self.data.trails.values():
            places += [point[:2] for point in points]
        held = bounds(place for place in places if place != (0, 0))
        if held is not None:
            self.view = self.view.fitted(held)

    def _centre_followed(self) -> None:
        if self.following and self.chosen is not None:
            place = self._where(Thing("technician", self.chosen))
            if place:
                self.view = self.view.at(*project(*place))

    def _where(self, thing: Thing) -> tuple[int, int] | None:
        if thing.kind == "technician":
            return scene.heads(self.data, self.until, self.live).get(thing.id)
        if thing.kind == "job":
            return next(((job.lat, job.lon) for job in self.data.jobs if job.id == thing.id), None)
        stays = (stay for stay in self.data.stays if (stay.technician, stay.start) == thing[1:])
        return next(((stay.lat, stay.lon) for stay in stays), None)

    def _cursor_cell(self) -> tuple[int, int] | None:
        for cluster in self._clusters:
            if any(pin.thing == self.cursor for pin in cluster.pins):
                return cluster.column, cluster.row
        return None

    def _telling(self) -> Telling:
        return Telling(
            self.data, self._letters, self.until, self.live, self.chosen, self.following, self.cursor,
            self.look.glyphs, self.zone,
        )  # fmt: skip

    def _track(self, technician: bytes, points: Sequence[TrailPoint]) -> None:
        """Takes a trail over, from where it went on if it only grew: most do, by a fix or two."""
        known, last, track = self._tracks.get(technician, (0, (0, 0, 0), None))
        if track is None or not 0 < known <= len(points) or points[known - 1] != last:
            known, track = 0, scene.Track(())
        track.extend(points[known:])
        self._tracks[technician] = len(points), points[-1] if points else (0, 0, 0), track

    # How it is shown.

    def prepare(self, width: int, height: int) -> None:
        side = 0 if width < SIDE_FROM else 44 if width < 150 else 54
        columns, rows = max(1, width - side), max(1, height - (2 if side else 3))
        if (columns, rows) != (self.view.columns, self.view.rows):
            self.view = replace(self.view, columns=columns, rows=rows)
            self._centre_followed()
        fitted = columns, rows, bool(self.data.technicians or self.data.jobs)
        if not self._moved and not self.following and fitted != self._fitted:
            self._fit()
            self._fitted = fitted
        glyphs = self.look.glyphs
        beneath = self._beneath()
        ink = beneath.ink.copy()
        busy = self._draw_trails(ink)
        telling = self._telling()
        found = scene.pins(
            self.view, self.data, self._letters, self.until, self.live, self.chosen, self.cursor, glyphs
        )
        self._clusters = scene.clustered(found, self.view.columns)
        credit = self._basemap.attribution if self._basemap is not None else ""
        taken = scene.place_pins(ink, busy, self._clusters, self.cursor)
        # The ground's names take what room is left: a name under a trail would be neither.
        full = bytearray(a | b for a, b in zip(taken, busy, strict=True))
        scene.write_names(ink, full, beneath.names)
        ink.write(1, rows - 1, f" {scene.scale_bar(self.view, glyphs)} ", "dim")
        if credit and columns > 60:
            ink.write(columns - len(credit) - 1, rows - 1, credit, "faint")
        note = self._note or beneath.note
        beside = telling.side(side - 3, rows) if side else []
        beside += [()] * (rows - len(beside))
        slider = telling.slider(max(8, min(40, width // 5)))
        people = telling.people(width - sum(len(text) for text, _ in slider))
        self._lines = [("across", (*slider, *people), None)]
        self._lines += [("map", ink.pieces(row), beside[row] if side else None) for row in range(rows)]
        self._lines += [("across", pieces, None) for pieces in telling.foot(note, bool(side))]

    def spots(self) -> Sequence[Spot]:
        found = [Spot(one.column, one.row + 1, partial(self._reach, one.pins[0].thing)) for one in self._clusters]
        return sorted(found, key=lambda spot: (spot.y, spot.x))

    def blocks(self, width: int) -> list[tuple[int, int]]:
        # The first line and the last ones run across, which blocks side by side cannot; so a line is one block.
        return [(0, width)]

    def key(self, block: int, y: int) -> Hashable:
        return self._lines[y] if y < len(self._lines) else None

    def draw(self, key: Any, cells: int) -> list[Segment]:
        if key is None:
            return self.blank(cells)
        kind, left, right = key
        columns = cells if right is None else self.view.columns
        if kind == "map":
            segments = [Segment(text, self._style(role)) for text, role in left]
        else:
            segments = self.spread(columns, left)
        if right is not None:
            segments += self.spread(cells - columns, ((f" {self.look.glyphs.bar} ", "faint"), *right))
        return segments

    def notify_style_update(self) -> None:
        self._shades.clear()
        self._ground = None
        super().notify_style_update()

    def _style(self, role: str) -> Style:
        """The style of a role of the scene; ``~1`` to ``~3`` are mixed with the background, more and more."""
        if role not in self._shades:
            name, _, shade = role.partition("~")
            mix = int(shade or 0) * 0.22 + _FADED.get(name, 0.0)
            self._shades[role] = _mixed(self.ink(_ROLES.get(name, name)), mix)
        return self._shades[role]

    def _beneath(self) -> scene.Beneath:
        if self._basemap is None and self._basemap_source is not None:
            self._open_basemap()
        glyphs = self.look.glyphs
        key = (self.view, glyphs is ASCII, id(self._basemap))
        if self._ground is None or self._ground[0] != key:
            self._ground = key, scene.ground(self.view, self._basemap, glyphs)
        return self._ground[1]

    def _open_basemap(self) -> None:
        source, self._basemap_source = self._basemap_source, None
        if isinstance(source, (str, Path)):
            # The decoder and its library are loaded when somebody first looks at a map that has a basemap.
            from fsconsole.inbox.tiles import open_basemap

            self._basemap, self._note = open_basemap(source)
        else:
            self._basemap = source

    def _draw_trails(self, ink: scene.Ink) -> bytearray:
        """Puts the trails' dots on the ground, the chosen one last; returns which cells they lie in."""
        marks = PLAIN if self.look.glyphs is ASCII else BRAILLE
        dots = Dots(self.view.columns, self.view.rows)
        order = sorted(self._tracks, key=lambda id: (id == self.chosen, id))
        roles = ["", *(f"{role}~{age}" if age else role for role in _TRAIL for age in range(4))]
        for technician in order:
            first = 1 if technician == self.chosen else 5
            track = self._tracks[technician][2]
            scene.draw_trail(dots, self.view, track, self.until, range(first, first + 4))
        scene.stamp(ink, dots, marks, roles)
        return bytearray(1 if bits else 0 for bits in dots.bits)

    @property
    def centre(self) -> tuple[int, int]:
        """The place in the middle of the view, degrees x 10^7."""
        return unproject(self.view.x, self.view.y)


#: Roles of the scene that a Look has no word for, and how far they are mixed with the background.
_ROLES = {
    "trail": "key", "other trail": "normal", "road": "dim", "road main": "dim", "water": "en_route",
    "place": "dim", "street": "dim",
}  # fmt: skip
_FADED = {"other trail": 0.15, "road": 0.55, "road main": 0.25, "water": 0.5, "street": 0.2}


def _mixed(style: Style, share: float) -> Style:
    """A style with its colour mixed with its background; with no colours to mix, dots alone tell the age."""
    colour, ground = style.color, style.bgcolor
    if not share or colour is None or ground is None or colour.triplet is None or ground.triplet is None:
        return style
    mixed = Color.from_rich_color(colour).blend(Color.from_rich_color(ground), share)
    return Style(color=mixed.rich_color, bgcolor=ground, bold=style.bold and share < 0.3)

"""Map: where everyone is, filled from the store: last positions, the day's trails, open jobs, stops.

It stands apart from the widget because only this knows where each of them comes from.

Always: a trail that grew is decoded alone, the others stay as they were; looking at a trail is recorded.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from textual.app import ComposeResult

from fsconsole.console.keys import Hint
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.day import AT_ONCE, FIELDS, WORKS, fields_of
from fsconsole.console.screens.lists import Thrifty
from fsconsole.console.screens.phrases import MINUTE, plural, promise_of
from fsconsole.console.widgets.map import MapPanel
from fsconsole.console.widgets.map_things import Fixes, JobPin, StayMark, TechnicianDot
from fsconsole.errors import FsError
from fsconsole.flow.day import DayRow, day_rows
from fsconsole.flow.tracks import fixes_of
from fsconsole.flow.viewing import looked
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.queries import people, things
from fsconsole.store.queries.narrow import holds
from fsconsole.values.geo import bounds, distance_m

#: Minutes without a word after which a technician is hollow on the map, whatever they are at.
SILENT = 20
#: How far apart people of one office may be.
AROUND_M = 60_000


#: Jobs that are drawn at once, at most: with more nobody sees one, and drawing them takes longer than a key may wait.
MOST = 600


class Pins(NamedTuple):
    """The jobs to draw, the most urgent where there are very many, and how many of those wanted are left out."""

    shown: list[JobPin]
    left_out: int

    @classmethod
    def of(cls, store: Store, now: datetime, words: str) -> Pins:
        """Those that hold the words of a filter."""
        wanted = []
        for pin in people.pins(store):
            if words:
                said = {"ref": pin.ref, "client": pin.client, "at": pin.location, "tech": pin.tech_code, "state": pin.column}
                label = f"{things.short(store, pin.ref)} {pin.client}"
                if not holds(words, {**dict.fromkeys(FIELDS, ""), **said}, f"{label} {pin.title}"):
                    continue
            wanted.append(pin)
        kept = set(sorted(wanted, key=lambda pin: (pin.due_at is None, pin.due_at or 0))[:MOST]) if len(wanted) > MOST else None
        shown = []
        for pin in wanted:
            if kept is None or pin in kept:
                said_by, role = promise_of(pin.due_at, pin.due_what, now, store.zone)
                ref = things.short(store, pin.ref)
                shown.append(JobPin(pin.job, ref, pin.client, pin.lat, pin.lon, pin.column, said_by, role == "late"))
        return cls(shown, len(wanted) - len(shown))


class MapView(Thrifty):
    """F4. Enter opens what the cursor stands on; ``F`` follows a technician."""

    view = "map"
    words = "Map"
    PLACES = ("map", "app")
    LEAVE_OUT = ("sort", "mark", "new_job")
    NARROWS = (*FIELDS, "client")

    def __init__(self) -> None:
        super().__init__()
        self.trails: dict[bytes, Fixes] = {}
        self.rows: list[DayRow] = []
        self.pins = Pins([], 0)
        self._pieces: dict[bytes, tuple[Any, ...]] = {}
        self._seen: set[tuple[str, bytes]] = set()
        self._begun = False
        self._told = False  # whether the rows were just worked out aside

    def body(self) -> ComposeResult:
        self.panel = MapPanel(basemap=self.console.settings.basemap or None, zone=self.console.store.zone, id="main")
        yield self.panel

    def on_mount(self) -> None:
        self.reload()

    def tick(self) -> None:
        self.reload()

    def reload(self) -> None:
        if not self.is_attached:
            return
        store, desk = self.console.store, self.console.desk
        now, today = desk.now, desk.today
        if people.under_way(store) <= AT_ONCE:
            self.rows, self.pins = day_rows(store, now), Pins.of(store, now, self.filter_words)
        elif not self._told:
            words = self.filter_words
            self.apart.ask(lambda aside: (day_rows(aside, now), Pins.of(aside, now, words)), self._take)
        self._told = False
        grown = self._follow_trails()
        spots = {one.technician: one for one in people.technicians(store, now)}
        start, end = people.bounds_of(store, today)
        first, last = self._hours(ms(start), ms(end))
        at = ms(now)
        people_left = [row for row in self.rows if holds(self.filter_words, fields_of(row))]
        dots = [self._dot(row, spots.get(row.technician), at, ms(start)) for row in people_left]
        shown = {dot.id for dot in dots}
        stays = [
            StayMark(stay.technician, stay.lat, stay.lon, stay.start, stay.minutes, stay.label, stay.location is not None)
            for stay in people.stays(store, today)
            if stay.technician in shown and stay.start <= at
        ]
        self.panel.set_data(
            technicians=dots,
            trails={id: points for id, points in self.trails.items() if id in shown},
            jobs=self.pins.shown,
            stays=stays,
            day=(first, max(last, at)),
            now=at,
        )
        self._record([id for id in grown if id in shown])
        if not self._begun and dots:
            self._begun = True
            self.call_after_refresh(self._begin)

    def _take(self, found: tuple[list[DayRow], Pins]) -> None:
        """What was worked out aside is shown."""
        (self.rows, self.pins), self._told = found, True
        self.reload()
        self.show_top()

    def tells(self) -> str:
        left_out = self.pins.left_out
        most = f"the {len(self.pins.shown):,} most urgent of {left_out + len(self.pins.shown):,} jobs" if left_out else ""
        return " · ".join(part for part in (most, super().tells()) if part)

    def _begin(self) -> None:
        """Looks first at where most people are: two offices at once would be two smudges. ``0`` shows everything."""
        panel = self.panel
        spots = [(dot.lat, dot.lon) for dot in panel.data.technicians if dot.lat is not None and dot.lon is not None]
        spots = spots or [(pin.lat, pin.lon) for pin in panel.data.jobs]
        groups = [[other for other in spots if distance_m(one, other) < AROUND_M] for one in spots[:60]]
        near = max(groups, key=len, default=[])
        if near and len(near) < len(spots) and panel.view.columns and (box := bounds(near)) is not None:
            panel.look_at(*box.centre)
            panel.view = panel.view.fitted(box)
            panel.settle()

    def _dot(self, row: DayRow, spot: people.PersonRow | None, at: int, midnight: int) -> TechnicianDot:
        heard = spot.at if spot is not None and spot.at is not None and spot.at >= midnight else None
        lat, lon = (spot.lat, spot.lon) if spot is not None and heard is not None else (None, None)
        points = self.trails.get(row.technician)
        if points and (heard is None or points[-1][2] > heard):
            lat, lon, heard = points[-1]
        quiet = None if heard is None else (at - heard) // MINUTE
        silent = quiet if quiet is not None and (row.silent or quiet >= SILENT) else None
        promised = f"{row.kept} of {row.promised}" if row.promised else ""
        return TechnicianDot(row.technician, row.code, row.name, lat, lon, heard, row.says, silent, promised)

    def _follow_trails(self) -> list[bytes]:
        """Decodes the trails of today that grew; returns whose there are. A demo's fixes still to come are left out."""
        store, desk = self.console.store, self.console.desk
        at = ms(desk.now)
        found: dict[bytes, tuple[Any, ...]] = {}
        for one in people.trail_days(store, desk.today):
            found[one.technician] = (one.day, one.fixes)
        for technician, pieces in found.items():
            points = self.trails.get(technician)
            if self._pieces.get(technician) != pieces or points is None:
                self._pieces[technician] = pieces
                whole = [(fix.lat, fix.lon, ms(fix.at)) for fix in fixes_of(store, technician, desk.today)]
                self.trails[technician] = Fixes(point for point in whole if point[2] <= at)
                if len(whole) != len(self.trails[technician]):
                    self._pieces.pop(technician)
        for gone in set(self.trails) - set(found):
            self.trails.pop(gone)
        return list(found)

    def _hours(self, first: int, last: int) -> tuple[int, int]:
        """The slider: the shifts and whatever was heard outside them."""
        starts = [ms(row.shift_start) for row in self.rows] + [points[0][2] for points in self.trails.values() if points]
        ends = [ms(row.shift_end) for row in self.rows]
        return max(first, min(starts, default=first)), min(last, max(ends, default=last))

    def _record(self, technicians: list[bytes]) -> None:
        """Whose trails were shown today, once each."""
        day = self.console.desk.today
        fresh = [one for one in technicians if (day.isoformat(), one) not in self._seen]
        self._seen |= {(day.isoformat(), one) for one in fresh}
        if fresh and not self.console.read_only:
            self.console.waiting.when_free("", lambda: self._note(fresh, day))

    def _note(self, technicians: list[bytes], day: date) -> None:
        try:
            looked(self.console.desk, technicians, day)
        except FsError as error:
            self._seen -= {(day.isoformat(), one) for one in technicians}  # tried again when they are next shown
            words = f"That these trails were looked at could not be recorded. {error}"
            self.call_after_refresh(self.console.say, words, "warn")  # the screen may just be opening

    # What a person does.

    def chosen(self) -> Chosen | None:
        thing = self.panel.cursor if self.is_attached else None
        if thing is None:
            return None
        if thing.kind == "job":
            ref = next((pin.ref for pin in self.panel.data.jobs if pin.id == thing.id), "")
            return Chosen("job", ref, thing.id)
        code = next((row.code for row in self.rows if row.technician == thing.id), "")
        return Chosen("technician", code, thing.id)

    def find(self, row: bytes | str) -> bool:
        """The map looks at a job or at whoever has it."""
        place = people.place_of(self.console.store, row) if isinstance(row, bytes) else None
        if place is not None:
            self.panel.look_at(place[0], place[1])
        return place is not None

    def take_filter(self, words: str) -> str:
        self.filter_words = words.strip()
        self.reload()
        if self.apart.works:
            return WORKS
        data = self.panel.data
        return f"{plural(len(data.technicians), 'technician')}, {plural(len(data.jobs), 'job')}" if self.filter_words else ""

    def hints(self) -> list[Hint]:
        keys = [key for key in self.console.keymap.keys if key.where == "map"]
        mine = [Hint(key.shown, key.words, key.priority) for key in keys if key.priority]
        return [
            *mine,
            *[
                hint
                for hint in super().hints()
                if hint.shown not in {one.shown for one in mine} and hint.shown not in ("space", "n", ".")
            ],
        ]

    def on_map_panel_thing_reached(self, event: MapPanel.ThingReached) -> None:
        self.show_hints()

    def on_map_panel_thing_chosen(self, event: MapPanel.ThingChosen) -> None:
        if event.thing.kind in ("job", "technician"):
            self.console.open_thing(event.thing.kind, event.thing.id)
        else:
            self.console.say(event.words)

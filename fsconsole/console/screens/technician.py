"""One technician's day: each visit with its three hours (as said, by the card, by the trail), and every stop between.

It stands apart because what is claimed, what was written and what the trail says are only worth something side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from fsconsole.console.keys import Hint
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import lines, section
from fsconsole.console.text import ago, span
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.day import DayRow, day_rows
from fsconsole.flow.story import VisitStory, story
from fsconsole.store.opening import Store
from fsconsole.store.queries import people, things
from fsconsole.store.queries.narrow import holds
from fsconsole.store.rows import fetch
from fsconsole.values.work import Technician

#: Minutes by which two of the three hours may differ before that is worth a colour.
APART = 15


class DayVisit(NamedTuple):
    """One visit of the day: the story's visit, its job, and the minutes that the card claims (None: no card yet)."""

    visit: VisitStory
    job: bytes
    ref: str
    client: str
    place: str
    title: str
    card: int | None
    travel: int


class TechnicianView(ListView):
    """A technician's day; enter opens the job of a visit."""

    view = "day"
    words = "Technician"
    BESIDE = 140
    SHARE = 0.42
    BELOW = 9
    LEAVE_OUT = ("sort", "mark", "new_job")
    NARROWS = ("visit", "state", "client", "place", "what")
    EMPTY = "Nothing is promised or done today."
    FIELDS = (
        RowField("ref", "visit", 9, role="strong"),
        RowField("when", "when", 13),
        RowField("state", "state", 13, drop=3),
        RowField("client", "client", 12, grow=2),
        RowField("title", "what", 12, grow=3, drop=7),
        RowField("said", "said", 6, "right"),
        RowField("card", "card", 6, "right"),
        RowField("trail", "trail", 6, "right"),
        RowField("travel", "travel", 6, "right", drop=6, role="dim"),
    )

    def __init__(self, row: bytes) -> None:
        self.row = row
        self._day: DayRow | None = None
        self._visits: list[DayVisit] | None = None
        super().__init__()

    def reload(self) -> None:
        self._day = self._visits = None
        super().reload()

    @property
    def day(self) -> DayRow | None:
        """The technician's line of the day."""
        if self._day is None:
            self._day = next(iter(day_rows(self.store, self.now, only=self.row)), None)
        return self._day

    def visits(self) -> list[DayVisit]:
        """The day's visits that hold the words of the filter, in the order in which they began or will."""
        return [one for one in self._all() if holds(self.filter_words, _said(one))]

    def _all(self) -> list[DayVisit]:
        if self._visits is None:
            self._visits = day_visits(self.store, self.row, self.day, self.now) if self.day is not None else []
        return self._visits

    def everything(self) -> int:
        return len(self._all())

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self.visits()[offset : offset + limit],
            lambda: len(self.visits()),
            lambda id: next((index for index, one in enumerate(self.visits()) if one.visit.visit == id), None),
            self._row,
        )

    def _row(self, one: DayVisit) -> Row:
        visit = one.visit
        start = visit.arrived or visit.departed or visit.booked_from or visit.released
        end = visit.left or visit.completed or visit.booked_until
        times = f"{_clock(start, self.store)}–{_clock(end, self.store)}" if end else _clock(start, self.store)
        claimed = visit.on_site if visit.arrived else None
        cells = (
            f"{things.short(self.store, one.ref)}" + (f"/{visit.number}" if visit.number > 1 else ""),
            times,
            (
                visit.outcome if visit.state == "ended" else visit.state,
                visit.state.replace(" ", "_") if visit.state != "ended" else "dim",
            ),
            f"{one.client}, {one.place}".strip(", "),
            one.title,
            "" if claimed is None else span(claimed),
            ("" if one.card is None else span(one.card), _role(one.card, visit.trail if visit.trail is not None else claimed)),
            ("" if visit.trail is None else span(visit.trail), _role(visit.trail, claimed)),
            span(one.travel) if one.travel else "",
        )
        return Row(visit.visit, 0, cells, (one.job,))

    def head(self) -> Sequence[Piece]:
        day = self.day
        if day is None:
            return [("This technician is gone.", "soon")]
        heard = f"   heard {ago(day.heard, self.now)} ago" if day.heard else "   not heard today"
        return [
            (day.name or day.code, "strong"),
            (f"  {day.phone}" if day.phone else "", "normal"),
            (f"   {day.says}", "title"),
            (f"   {day.kept} of {day.promised} promised" if day.promised else "   nothing promised", "dim"),
            (heard, "soon" if day.silent else "dim"),
        ]

    def told(self) -> Sequence[Section]:
        return technician_told(self.store, self.now, self.day, self.today) if self.day is not None else ()

    def tell_soon(self) -> None:
        # The stops are the day's, not the visit's.
        return

    def choice(self, value: DayVisit) -> Chosen | None:
        return Chosen("job", things.short(self.store, value.ref), value.job)

    def hints(self) -> list[Hint]:
        return [*[hint for hint in super().hints() if hint.shown != "space"], Hint("tab", "scroll the stops", 4)]

    def open_row(self, id: object, value: DayVisit) -> None:
        self.console.open_thing("job", value.job)


def _said(one: DayVisit) -> dict[str, str]:
    """A visit's words, by the field they are sought in."""
    state = one.visit.outcome if one.visit.state == "ended" else one.visit.state
    return {"visit": one.ref, "state": state, "client": one.client, "place": one.place, "what": one.title}


def day_visits(store: Store, technician: bytes, day: DayRow, now: datetime) -> list[DayVisit]:
    """The visits of one technician's day, each with its story."""
    found: list[DayVisit] = []
    for job in dict.fromkeys(one.job for one in day.spans if one.job):
        told = story(store, job, now, history=False)
        if told is None:
            continue
        first, last = people.bounds_of(store, now.astimezone(store.zone).date())
        for visit in told.visits:
            moments = [
                at for at in (visit.booked_from, visit.released, visit.departed, visit.arrived, visit.completed) if at is not None
            ]
            if visit.technician != technician or not any(first <= at < last for at in moments):
                continue
            mine = [one for one in told.labour if one.visit == visit.visit]
            worked = [one.minutes for one in mine if one.kind == "labour"]
            travelled = [one.minutes for one in mine if one.kind == "travel"]
            found.append(
                DayVisit(
                    visit,
                    job,
                    told.job.ref,
                    told.client.name if told.client else "",
                    told.location.name if told.location else "",
                    told.job.title,
                    _total(worked),
                    _total(travelled) or 0,
                )
            )
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(
        found, key=lambda one: one.visit.arrived or one.visit.departed or one.visit.booked_from or one.visit.released or far
    )


def technician_told(store: Store, now: datetime, day: DayRow, on: date) -> list[Section]:
    """Who they are, what they are at, and every stop of their trail."""
    who: Technician | None = fetch(store, "technician", day.technician)
    free = (
        "now"
        if day.next_free is not None and day.next_free <= now
        else _clock(day.next_free, store)
        if day.next_free
        else "not known"
    )
    hours = f"{_clock(day.shift_start, store)}–{_clock(day.shift_end, store)}"
    told = section(
        f"{day.name or day.code}  {', '.join(day.skills)}",
        lines(
            ("now", day.says, "soon" if day.silent or day.late else "strong"),
            ("next free", free, "fine" if free == "now" else "normal"),
            ("today", f"{day.kept} of {day.promised} promised visits done" if day.promised else "nothing promised"),
            ("away", day.note),
            ("late", "a booking has begun and they are not on their way" if day.late else "", "late"),
            (
                "heard",
                f"{ago(day.heard, now)} ago{', too long for what they are at' if day.silent else ''}" if day.heard else "never",
                "soon" if day.silent else "normal",
            ),
            ("driven", f"{day.metres / 1000:.0f} km today" if day.metres >= 1000 else ""),
            ("shift", hours),
            ("telephone", day.phone),
            ("area", who.area if who else ""),
        ),
    )
    gaps = _gaps(day, now)
    told += section(
        "Free",
        tuple(
            DetailLine("", f"{_clock(start, store)}–{_clock(end, store)}", "fine", span(minutes), "dim")
            for start, end, minutes in gaps
        ),
    )
    return [*told, *section("Stops of the trail", tuple(_stops(store, day.technician, on)))]


def _stops(store: Store, technician: bytes, on: date) -> list[DetailLine]:
    told = []
    for stay in people.stays(store, on, technician):
        start, end = (datetime.fromtimestamp(ms / 1000, tz=store.zone) for ms in (stay.start, stay.end))
        where = stay.label or "no place of ours"
        told.append(
            DetailLine(f"{start:%H:%M}–{end:%H:%M}", where, "normal" if stay.location else "soon", span(stay.minutes), "dim")
        )
    return told


def _gaps(day: DayRow, now: datetime) -> list[tuple[datetime, datetime, int]]:
    """Free time of half an hour or more between now and the end of the shift."""
    free = max(now, day.shift_start)
    found = []
    for one in sorted((one for one in day.spans if one.end > free), key=lambda one: one.start):
        if one.start > free:
            found.append((free, min(one.start, day.shift_end)))
        free = max(free, one.end)
    found.append((free, day.shift_end))
    return [
        (start, end, int((end - start).total_seconds() // 60)) for start, end in found if (end - start).total_seconds() >= 1800
    ]


def _clock(at: datetime | None, store: Store) -> str:
    return f"{at.astimezone(store.zone):%H:%M}" if at is not None else ""


def _total(minutes: list[int]) -> int | None:
    return sum(minutes) if minutes else None


def _role(one: int | None, other: int | None) -> str:
    return "soon" if one is not None and other is not None and abs(one - other) > APART else "normal"

"""Day: a line per technician along the hours, and the chosen one told: who is free, who will be, who is not coming.

It stands apart because the dispatcher's second question, after what is late, is who can go.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from fsconsole.console import messages
from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.lists import Paired
from fsconsole.console.screens.phrases import plural
from fsconsole.console.screens.technician import technician_told
from fsconsole.console.widgets.canvas import Canvas, Piece
from fsconsole.console.widgets.day import Day, DayLine, DaySpan
from fsconsole.console.widgets.detail import Section
from fsconsole.flow.day import DayRow, axis, day_rows
from fsconsole.store.opening import Store
from fsconsole.store.queries import people
from fsconsole.store.queries.narrow import holds

#: What a span is drawn as.
DRAWN = {"work": "work", "drive": "drive", "plan": "plan", "wait": "plan", "absent": "absent"}


#: What a technician may be narrowed by.
FIELDS = ("tech", "name", "skill", "state", "at", "ref", "note")


def fields_of(row: DayRow) -> dict[str, str]:
    """What each of FIELDS is for a technician."""
    return dict(zip(FIELDS, (row.code, row.name, " ".join(row.skills), row.state, row.where, row.ref, row.note), strict=True))

#: Jobs under way up to which a day is worked out at once: with more the keyboard would stand still, and it is done aside.
AT_ONCE = 600
WORKS = "working it out: much is under way"


class Worked(NamedTuple):
    """A day as shown: every technician's row, their lines by id, and the first and last instant of the axis."""

    on: date
    rows: list[DayRow]
    lines: dict[bytes, DayLine]
    hours: tuple[datetime, datetime]


def worked_out(store: Store, now: datetime, on: date) -> Worked:
    """A day, whatever it takes."""
    rows = day_rows(store, now, on)
    return Worked(on, rows, {row.technician: _line(row) for row in rows}, hours_of(store, rows, on))


def hours_of(store: Store, rows: Sequence[DayRow], on: date) -> tuple[datetime, datetime]:
    """Whole hours around the shifts and whatever lies outside them."""
    # Parts waited for since yesterday take nobody's hours, so they do not stretch the day.
    busy = [row._replace(spans=tuple(one for one in row.spans if one.kind != "wait")) for row in rows]
    first, last = axis(store, busy, on)
    first = first.replace(minute=0, second=0, microsecond=0)
    return first, last + timedelta(minutes=-last.minute % 60)


def _line(row: DayRow) -> DayLine:
    line = DayLine(
        id=row.technician,
        name=row.name.split()[0] if row.name else row.code,
        skills=row.note.replace("absent until", "back") or ", ".join(row.skills),
        spans=tuple(DaySpan(span.start, span.end, DRAWN.get(span.kind, "plan"), span.ref) for span in row.spans),
        next_free=row.next_free,
        free_soon=row.late,
        kept=row.kept,
        promised=row.promised,
        heard=row.heard,
        silent=row.silent,
        note=row.note,
    )
    return line._replace(version=zlib.crc32(repr(line).encode()))


class DayView(Paired):
    """F3. Enter opens a technician's day; letters are the verbs of a technician."""

    view = "day"
    words = "Day"
    BELOW = 5
    SHARE = 0.36
    BELOW_FROM = 28
    LEAVE_OUT = ("sort", "mark", "new_job")
    NARROWS = FIELDS
    BINDINGS = bindings("day")

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[DayRow] = []
        self.shown: list[DayRow] = []
        self._asked = False
        self._worked: Worked | None = None  # None: not known yet
        self._wanted: bytes | str | None = None  # whom the cursor goes to once they are known
        self.day = 0

    # What the Day widget asks.

    def lines(self) -> Sequence[DayLine]:
        """A line per technician under the filter."""
        self._ask()
        return [self._worked.lines[row.technician] for row in self.shown] if self._worked is not None else ()

    def hours(self) -> tuple[datetime, datetime]:
        """The axis: whole hours around the shifts and whatever lies outside them."""
        self._ask()
        return self._worked.hours if self._worked is not None else hours_of(self.store, (), self.on)

    def waits(self) -> str:
        """What stands in place of the lines while they are worked out."""
        return "" if self._worked is not None else WORKS

    @property
    def on(self) -> date:
        """The day shown."""
        return self.today + timedelta(days=self.day)

    def _ask(self) -> None:
        if self._asked:
            return
        self._asked = True
        now, on = self.now, self.on
        if people.under_way(self.store) <= AT_ONCE:
            self._take(worked_out(self.store, now, on))
        else:
            self.apart.ask(lambda store: worked_out(store, now, on), self._told)

    def _told(self, worked: Worked) -> None:
        """What was worked out aside; of another day than is shown by now it is let go."""
        if worked.on != self.on or not self.is_attached:
            return
        self._asked = True
        self._take(worked)
        self._show()
        self.show_hints()
        if self._wanted is not None and self.find(self._wanted):
            self._wanted = None

    def _take(self, worked: Worked) -> None:
        self.rows, self._worked = worked.rows, worked
        self.shown = [row for row in self.rows if holds(self.filter_words, fields_of(row))]

    # What a View is.

    def main(self) -> Canvas:
        self.days = Day(self, lambda: self.now, zone=self.store.zone, id="main")
        return self.days

    def reload(self) -> None:
        self._asked = False
        if self.is_attached:
            self._show()

    def _show(self) -> None:
        self.days.reload()
        self.heading.say(self.head())
        self.tell()

    def head(self) -> Sequence[Piece]:
        self._ask()
        said = f"{self.on:%A} {self.on.day} {self.on:%B}"
        if self._worked is None:
            return [(said, "title"), (f"   {WORKS}", "dim")]
        free = sum(row.state == "free" for row in self.shown)
        away = sum(row.state == "absent" for row in self.shown)
        silent = sum(row.silent for row in self.shown)
        late = sum(row.late for row in self.shown)
        busy = len(self.shown) - free - away
        found: list[Piece] = [
            (said, "title"),
            (f"   {plural(len(self.shown), 'technician')}: {busy} at work, {free} free", "normal"),
        ]
        found.append((f", {away} absent" if away else "", "normal"))
        found.append((f"   {plural(late, 'booking')} begun and nobody on the way" if late else "", "late"))
        found.append((f"   {silent} silent" if silent else "", "soon"))
        return found

    def told(self) -> Sequence[Section]:
        row = self.row()
        return technician_told(self.store, self.now, row, self.on) if row is not None else ()

    def row(self) -> DayRow | None:
        """The technician under the cursor."""
        self._ask()
        line = self.days.row() if self.shown else None
        return next((row for row in self.shown if line is not None and row.technician == line.id), None)

    def chosen(self) -> Chosen | None:
        row = self.row()
        return Chosen("technician", row.code, row.technician) if row is not None else None

    def take_filter(self, words: str) -> str:
        self.filter_words = words.strip()
        if self._worked is not None:
            self._take(self._worked)
            self._show()
        return f"{len(self.shown)} of {len(self.rows)}" if self.filter_words else ""

    def find(self, row: bytes | str) -> bool:
        """The cursor to a technician, or to the one who has a job."""
        for one in self.shown:
            if one.technician == row or any(span.job == row for span in one.spans):
                return self.days.go(one.technician)
        self._wanted = None if self._worked is not None else row
        return False

    def hints(self) -> list[Hint]:
        return [Hint("←→", "another day", 4), *[hint for hint in super().hints() if hint.shown not in ("space", "n")]]

    def action_day(self, way: int) -> None:
        """Another day; beyond today only what is booked is known."""
        self.day += way
        self.rows, self.shown, self._worked = [], [], None
        self.reload()
        self.show_hints()

    def on_row_reached(self, event: messages.RowReached) -> None:
        self.tell_soon()

    def on_row_opened(self, event: messages.RowOpened) -> None:
        self.console.open_thing("technician", event.id)

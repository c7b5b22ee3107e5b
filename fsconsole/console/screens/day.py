"""Day: a line per technician along the hours, and the chosen one told: who is free, who will be, who is not coming.

It stands apart because the dispatcher's second question, after what is late, is who can go.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

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
from fsconsole.store.queries.narrow import holds

#: What a span is drawn as.
DRAWN = {"work": "work", "drive": "drive", "plan": "plan", "wait": "plan", "absent": "absent"}


#: What a technician may be narrowed by.
FIELDS = ("tech", "name", "skill", "state", "at", "ref", "note")


def fields_of(row: DayRow) -> dict[str, str]:
    """What each of FIELDS is for a technician."""
    return dict(zip(FIELDS, (row.code, row.name, " ".join(row.skills), row.state, row.where, row.ref, row.note), strict=True))


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
        self.day = 0

    # What the Day widget asks.

    def lines(self) -> Sequence[DayLine]:
        """A line per technician under the filter."""
        self._ask()
        return [self._line(row) for row in self.shown]

    def hours(self) -> tuple[datetime, datetime]:
        """The axis: whole hours around the shifts and whatever lies outside them."""
        self._ask()
        # Parts waited for since yesterday take nobody's hours, so they do not stretch the day.
        busy = [row._replace(spans=tuple(one for one in row.spans if one.kind != "wait")) for row in self.rows]
        first, last = axis(self.store, busy, self.on)
        first = first.replace(minute=0, second=0, microsecond=0)
        return first, last + timedelta(minutes=-last.minute % 60)

    @property
    def on(self) -> date:
        """The day shown."""
        return self.today + timedelta(days=self.day)

    def _ask(self) -> None:
        if self._asked:
            return
        self._asked = True
        self.rows = day_rows(self.store, self.now, self.on)
        self.shown = [row for row in self.rows if holds(self.filter_words, fields_of(row))]

    def _line(self, row: DayRow) -> DayLine:
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

    # What a View is.

    def main(self) -> Canvas:
        self.days = Day(self, lambda: self.now, zone=self.store.zone, id="main")
        return self.days

    def reload(self) -> None:
        self._asked = False
        if self.is_attached:
            self.days.reload()
            self.heading.say(self.head())
            self.tell()

    def head(self) -> Sequence[Piece]:
        self._ask()
        free = sum(row.state == "free" for row in self.shown)
        away = sum(row.state == "absent" for row in self.shown)
        silent = sum(row.silent for row in self.shown)
        late = sum(row.late for row in self.shown)
        busy = len(self.shown) - free - away
        said = f"{self.on:%A} {self.on.day} {self.on:%B}"
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
        self.reload()
        return f"{len(self.shown)} of {len(self.rows)}" if self.filter_words else ""

    def find(self, row: bytes | str) -> bool:
        """The cursor to a technician, or to the one who has a job."""
        for one in self.shown:
            if one.technician == row or any(span.job == row for span in one.spans):
                return self.days.go(one.technician)
        return False

    def hints(self) -> list[Hint]:
        return [Hint("←→", "another day", 4), *[hint for hint in super().hints() if hint.shown not in ("space", "n")]]

    def action_day(self, way: int) -> None:
        """Another day; beyond today only what is booked is known."""
        self.day += way
        self.reload()
        self.show_hints()

    def on_row_reached(self, event: messages.RowReached) -> None:
        self.tell_soon()

    def on_row_opened(self, event: messages.RowOpened) -> None:
        self.console.open_thing("technician", event.id)

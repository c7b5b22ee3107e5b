"""A sheet: everything about one thing, with its jobs as the list, open ones first, so that enter opens one.

It stands apart because a client, a place and a piece of equipment are asked about in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen, View
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import clock_of, day_of, figure, instant, plural, promise_of, section
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.store.opening import Store
from fsconsole.store.queries import jobs, things
from fsconsole.store.queries.narrow import holds

#: Open jobs that are read whole, so that they can stand before the others.
OPEN_MOST = 500


#: Jobs of one thing that a filter looks through.
NARROW_MOST = 5000


def fields_of(one: jobs.JobRow) -> dict[str, str]:
    """What a job of a sheet may be narrowed by."""
    words = (one.ref, one.column, one.title, one.location, one.technician, one.stuck)
    return dict(zip(JobsSheet.NARROWS, words, strict=True))


class JobsSheet(ListView):
    """One thing and its jobs. A subclass names itself in ``OF``: client, location or asset."""

    OF = ""
    BESIDE = 150
    SHARE = 0.46
    BELOW = 11
    LABELS = 16
    LEAVE_OUT = ("sort",)
    NARROWS = ("ref", "state", "what", "at", "tech", "stuck")
    BINDINGS = bindings("sheet")
    EMPTY = "No job was ever logged here. n logs one."
    FIELDS = (
        RowField("ref", "job", 8, role="strong"),
        RowField("state", "state", 13),
        RowField("when", "promise or last", 17, drop=2),
        RowField("title", "what", 14, grow=3),
        RowField("place", "where", 10, grow=2, drop=5),
        RowField("who", "who", 7, drop=4),
        RowField("value", "value", 10, "right", drop=6),
    )

    def __init__(self, row: bytes) -> None:
        self.row = row
        super().__init__()

    def facts(self) -> Sequence[Section]:
        """Everything about the thing."""
        return ()

    def call(self) -> dict[str, str]:
        """What is known of a call about this: fields of the form of a call."""
        return {}

    def told(self) -> Sequence[Section]:
        return self.facts()

    def tell_soon(self) -> None:
        # The facts are the thing's, not the row's: moving in the list changes nothing.
        return

    def provider(self) -> QueryRows:
        asked: dict[str, Any] = {self.OF: self.row}

        def page(offset: int, limit: int) -> list[jobs.JobRow]:
            if self.filter_words:
                return narrowed()[offset : offset + limit]
            return plain(offset, limit)

        def narrowed() -> list[jobs.JobRow]:
            return [one for one in plain(0, NARROW_MOST) if holds(self.filter_words, fields_of(one))]

        def plain(offset: int, limit: int) -> list[jobs.JobRow]:
            first = jobs.jobs_of(self.store, open_only=True, limit=OPEN_MOST, **asked)
            ahead = first[offset : offset + limit]
            if len(ahead) == limit:
                return ahead
            known = {one.job for one in first}
            rest = jobs.jobs_of(self.store, offset=max(0, offset - len(first)), limit=limit + len(first), **asked)
            return [*ahead, *[one for one in rest if one.job not in known]][:limit]

        return QueryRows(
            page,
            lambda: len(narrowed()) if self.filter_words else jobs.count_jobs_of(self.store, **asked),
            lambda row: next((index for index, one in enumerate(page(0, OPEN_MOST)) if one.job == row), None),
            lambda one: job_row(self.store, one, self.now),
        )

    def everything(self) -> int:
        return jobs.count_jobs_of(self.store, **{self.OF: self.row})  # type: ignore[arg-type]

    def how_open(self) -> str:
        """``3 open jobs of 41``."""
        asked: dict[str, Any] = {self.OF: self.row}
        open_jobs, everything = jobs.count_jobs_of(self.store, open_only=True, **asked), self.everything()
        if open_jobs:
            return f"{plural(open_jobs, 'open job')} of {everything:,}"
        return f"no open job, {plural(everything, 'job')} before" if everything else "no job yet"

    def choice(self, value: jobs.JobRow) -> Chosen | None:
        return Chosen("job", things.short(self.store, value.ref), value.job)

    def hints(self) -> list[Hint]:
        found = [hint for hint in super().hints() if hint.shown != "n"]
        return [*([] if self.console.read_only else [Hint("n", "log a job here", 1)]), *found, Hint("tab", "scroll the sheet", 3)]

    def open_row(self, id: Any, value: Any) -> None:
        self.console.open_thing("job", id)

    def action_log_for(self) -> None:
        """Begins a call about this."""
        begin_call(self, self.call())


def begin_call(view: View, known: dict[str, str]) -> None:
    """Opens the form of a call with what is known filled in."""
    if view.console.read_only:
        view.console.act("log")
        return
    from fsconsole.console.screens.log_form import LogForm

    view.console.show(LogForm(known))


def job_row(store: Store, one: jobs.JobRow, now: datetime) -> Row:
    """One job of a client's, a location's or a technician's list."""
    promise, role = promise_of(one.due_at, one.due_what, now, store.zone)
    if not promise:
        promise, role = clock_of(one.since, now, store.zone).removesuffix(" 00:00"), "dim"
    cells = (
        things.short(store, one.ref),
        (one.column, one.column.replace(" ", "_")),
        (promise, role),
        (one.title, "normal") if not one.stuck else (f"{one.title}  ◆ {one.stuck}", "stuck"),
        one.location,
        one.technician or (("nobody", "dim") if one.column == "logged" else ""),
        ("covered", "dim") if one.covered else figure(one.value, store.currency, role="estimate" if one.estimate else "money"),
    )
    return Row(one.job, 0, cells)


def jobs_told(store: Store, now: datetime, most: int = 6, **of: bytes) -> list[Section]:
    """Open jobs with what was promised, and the last visits. ``of``: client=, location= or asset=."""
    asked: dict[str, Any] = dict(of)
    open_jobs = jobs.jobs_of(store, open_only=True, limit=most + 1, **asked)
    told = []
    for one in open_jobs[:most]:
        promise, role = promise_of(one.due_at, one.due_what, now, store.zone)
        who = f", {one.technician}" if one.technician else ""
        told.append(DetailLine(things.short(store, one.ref), f"{one.title} — {one.column}{who}", "normal", promise, role))
    if len(open_jobs) > most:
        many = jobs.count_jobs_of(store, open_only=True, **asked)
        told.append(DetailLine(" ", f"and {many - most:,} more", "dim"))
    known = {one.job for one in open_jobs}
    last = [one for one in jobs.jobs_of(store, limit=most + len(known), **asked) if one.job not in known][:3]
    before = [DetailLine(things.short(store, one.ref), one.title, "normal", _day(one.since, now, store), "dim") for one in last]
    return [*section("Open jobs", tuple(told)), *section("Last visits", tuple(before))]


def _day(ms: int | None, now: datetime, store: Store) -> str:
    at = instant(ms)
    return day_of(at.astimezone(store.zone).date(), now.astimezone(store.zone).date()) if at else ""

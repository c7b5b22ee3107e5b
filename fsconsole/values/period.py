"""Ranges of time: half-open periods of local days, and half-open intervals of instants.

It stands apart because a period that is half-open everywhere can neither skip a day nor bill one twice.

Always: ``end`` is the first day (or instant) that no longer belongs.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Local days from ``start`` up to, not including, ``end``."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlap(self, other: Period) -> Period | None:
        """The days both have, or None when there are none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def __str__(self) -> str:
        return _words(self.start, self.end)


@lru_cache(maxsize=4096)
def _words(start: date, end: date) -> str:
    """A period as it is said; many contracts have the same ones."""
    last = end - timedelta(days=1)
    if last <= start:
        return f"{start.day} {start:%b %Y}"
    if start.day == 1 and end.day == 1:
        if (last.year, last.month) == (start.year, start.month):
            return f"{start:%b %Y}"
        if last.year == start.year:
            return f"{start:%b}–{last:%b %Y}"
        return f"{start:%b %Y}–{last:%b %Y}"
    first = f"{start.day} {start:%b}" + ("" if start.year == last.year else f" {start:%Y}")
    return f"{first} – {last.day} {last:%b %Y}"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Instants (aware, UTC) from ``start`` up to, not including, ``end``."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        return max(0, int((self.end - self.start).total_seconds()))

    def overlap(self, other: Interval) -> Interval | None:
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def without(spans: Iterable[Interval], cuts: Iterable[Interval]) -> Iterator[Interval]:
    """What is left of spans, given in order and without overlap, when the cuts are taken out of them."""
    taken = sorted(cut for cut in cuts if cut.start < cut.end)
    for span in spans:
        at = span.start
        for cut in taken:
            if cut.end <= at or cut.start >= span.end:
                continue
            if cut.start > at:
                yield Interval(at, cut.start)
            at = max(at, cut.end)
        if at < span.end:
            yield Interval(at, span.end)


@lru_cache(maxsize=1024)
def month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def add_months(day: date, months: int, anchor_day: int = 0) -> date:
    """The day ``months`` later that falls on ``anchor_day`` (or on the month's last day when it is shorter).

    The anchor day is stored and applied anew at each step: 31 Jan, 28 Feb, 31 Mar. 0 takes ``day``'s own.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(anchor_day or day.day, month_length(year, month)))


def days_of(period: Period) -> Iterator[date]:
    day = period.start
    while day < period.end:
        yield day
        day += timedelta(days=1)

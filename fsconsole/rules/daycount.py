"""Days between two days and how much of a year they are, by each way in which agreements count them.

It stands apart from prorate.py, which cuts a price, because lenders, lessors and finance systems name these ways and mean
exactly this count.

Always: the first day counts and the last does not, as with every period here.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from fsconsole.values.conventions import ACTUALS, THIRTIES, WAYS, WEEKDAYS
from fsconsole.values.holidays import closed_days
from fsconsole.values.period import Period, month_length


def thirty(start: date, end: date, way: str, final: date | None = None) -> int:
    """Days when every month has 30, by one of THIRTIES. Raises ValueError for another way.

    Both count the 31st as the 30th where the way says so; they differ in the last day, in February's, and in what the
    first day must be. ``final`` is the day on which the whole agreement ends: “30e/360 isda” leaves a last day of February
    alone there.
    """
    first, last, more = start.day, end.day, 0
    if way == "30e/360":
        first, last = min(first, 30), min(last, 30)
    elif way == "30e/360 isda":
        first = 30 if _month_ends(start) else first
        last = 30 if last == 31 or (_month_ends(end) and end != final) else last
    elif way == "30e+/360":
        first = min(first, 30)
        if last == 31:
            last, more = 1, 1
    elif way == "30/360 bond":
        first = min(first, 30)
        last = 30 if last == 31 and first == 30 else last
    elif way == "30/360 us":
        if _february_ends(start) and _february_ends(end):
            last = 30
        first = 30 if _february_ends(start) or first == 31 else first
        last = 30 if last == 31 and first == 30 else last
    elif way == "30/360 psa":
        first = 30 if _february_ends(start) or first == 31 else first
        last = 30 if last == 31 and first == 30 else last
    elif way == "30/360 nasd":
        first = min(first, 30)
        if last == 31:
            last, more = (30, 0) if first == 30 else (1, 1)
    elif way == "30/360 italian":
        first = 30 if (start.month == 2 and first > 27) or first == 31 else first
        last = 30 if (end.month == 2 and last > 27) or last == 31 else last
    else:
        raise ValueError(f"“{way}” is not a way to count 30-day months; use {', '.join(THIRTIES)}")
    return (end.year - start.year) * 360 + (end.month - start.month + more) * 30 + last - first


def _month_ends(day: date) -> bool:
    return day.day == month_length(day.year, day.month)


def _february_ends(day: date) -> bool:
    return day.month == 2 and _month_ends(day)


def leap_days(start: date, end: date) -> int:
    """How many 29 Februaries are among the days after ``start`` up to and with ``end``."""
    found = 0
    for year in range(start.year, end.year + 1):
        if isleap(year) and start < date(year, 2, 29) <= end:
            found += 1
    return found


def _later(day: date, years: int) -> date:
    """The same day so many years later (earlier where negative); 29 February becomes the 28th in a common year."""
    year = day.year + years
    return date(year, day.month, min(day.day, month_length(year, day.month)))


def _afb(start: date, end: date) -> Fraction:
    """Whole years back from the end, the rest over 366 where it holds a 29 February and 365 where not."""
    years, rest = 0, end
    while (before := _back(end, years + 1)) >= start:
        years, rest = years + 1, before
    leap = any(isleap(year) and start <= date(year, 2, 29) < rest for year in range(start.year, rest.year + 1))
    return years + Fraction((rest - start).days, 366 if leap else 365)


def _back(day: date, years: int) -> date:
    """So many years before; the last day of February stays it."""
    return date(day.year - years, 2, month_length(day.year - years, 2)) if _february_ends(day) else _later(day, -years)


def _by_year(start: date, end: date) -> Fraction:
    """Whole years from the start, the rest over the days of the year that begins there."""
    years, first = 0, start
    while (later := _later(start, years + 1)) <= end:
        years, first = years + 1, later
    return years + Fraction((end - first).days, (_later(start, years + 1) - first).days)


def _isda(start: date, end: date) -> Fraction:
    count, day = Fraction(0), start
    while day < end:
        later = min(end, date(day.year + 1, 1, 1))
        count += Fraction((later - day).days, 366 if isleap(day.year) else 365)
        day = later
    return count


@dataclass(frozen=True, slots=True)
class Closed:
    """On which days nobody works, for the ways that count working days."""

    holidays: Collection[date] = ()
    weekend: Collection[int] = (5, 6)

    def working(self, start: date, end: date) -> int:
        """Working days from ``start`` up to, not including, ``end``."""
        count, day = 0, start
        while day < end:
            count += day.weekday() not in self.weekend and day not in self.holidays
            day += timedelta(days=1)
        return count




def weekend_of(said: Sequence[str] | None) -> tuple[int, ...]:
    """Weekday numbers (Monday is 0) of the days named; Saturday and Sunday where nothing is said."""
    if said is None:
        return (5, 6)
    found = []
    for word in said:
        if word.lower()[:3] not in WEEKDAYS:
            raise ValueError(f"“{word}” is not a day of the week; write Sat")
        found.append(WEEKDAYS.index(word.lower()[:3]))
    return tuple(found)


def closed_of(said: Mapping[str, Any]) -> Closed:
    """The ``holidays`` (days, or their ISO words) and ``weekend`` that a term or a row names."""
    return Closed(closed_days(said.get("holidays")), weekend_of(said.get("weekend")))


def counted(
    start: date, end: date, way: str, *, whole: Period | None = None, a_year: int = 1, closed: Closed | None = None,
    final: date | None = None,
) -> tuple[int, Fraction]:  # fmt: skip
    """The days from ``start`` up to ``end`` and the part of a year they are, exact, by one of WAYS.

    ``whole`` is the full period for “actual/actual icma” and “working days”, ``a_year`` how many such a year has. For
    “actual/365l” it is the period whose last day decides. Raises ValueError for a way nobody knows, or days that turn back.
    """
    if end < start:
        raise ValueError(f"it ends ({end}) before it starts ({start}); turn the days round")
    days = (end - start).days
    if way in THIRTIES:
        found = thirty(start, end, way, final)
        return found, Fraction(found, 360)
    if way in ACTUALS:
        return days, Fraction(days) / ACTUALS[way]
    if way == "nl/365":
        found = days - leap_days(start, end)
        return found, Fraction(found, 365)
    if way == "actual/365 actual":
        return days, Fraction(days, 366 if leap_days(start, end) else 365)
    if way == "actual/365l":
        last = whole.end if whole else end
        once = a_year == 1
        leap = leap_days(whole.start if whole else start, last) > 0 if once else isleap(last.year)
        return days, Fraction(days, 366 if leap else 365)
    if way == "1/1":
        return days, Fraction(1)
    exact: dict[str, Callable[[date, date], Fraction]] = {
        "actual/actual isda": _isda, "actual/actual afb": _afb, "actual/actual year": _by_year,
    }  # fmt: skip
    if way in exact:
        return days, exact[way](start, end)
    if way == "actual/actual icma":
        full = whole or Period(start, end)
        return days, Fraction(days, full.days * a_year) if full.days else Fraction(0)
    if way in ("working days", "working days/252"):
        off = closed or Closed()
        found = off.working(start, end)
        if way == "working days/252":
            return found, Fraction(found, 252)
        full = whole or Period(start, end)
        return found, Fraction(found, max(1, off.working(full.start, full.end)) * a_year)
    raise ValueError(f"“{way}” is not a way to count days; use {', '.join(WAYS)}")

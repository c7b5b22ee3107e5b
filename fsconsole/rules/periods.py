"""The billing periods of a term: every n days, weeks, months or years, from its start to its end, stubs included.

It stands apart because the calendar of a contract is decided here once, before any price is known.

Always: the slices of a term touch each other, so no day is skipped and none comes twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from fsconsole.values.period import Period, add_months, month_length
from fsconsole.values.terms import Contract, Term

#: Months in one step of a unit that is counted in months.
MONTHS = {"month": 1, "quarter": 3, "year": 12}
#: Days in one step of a unit that is counted in days.
DAYS = {"day": 1, "week": 7}
#: A start this close to its month's end (in days) keeps its distance when the term says ``month_end="end"``.
NEAR_MONTH_END = 2


@dataclass(frozen=True, slots=True, order=True)
class Slice:
    """What is billed at once: ``period``, and the full period ``whole`` that it is a part of (or equals)."""

    period: Period
    whole: Period

    @property
    def full(self) -> bool:
        return self.period == self.whole


def months_in(term: Term) -> int:
    """Months in one full period of the term; 0 when it is counted in days or weeks, or has several a month."""
    if term.details.get("anchors"):
        return 0
    return max(1, term.every) * MONTHS[term.unit] if term.unit in MONTHS else 0


def bounds(term: Term, contract: Contract) -> tuple[date | None, date | None]:
    """The first day billed and the first day no longer billed, where both the term and the contract run.

    Either is None when neither says it. The end may stand before the start: that term contradicts itself.
    """
    starts = [day for day in (term.start, contract.start) if day is not None]
    ends = [day for day in (term.end, contract.end) if day is not None]
    return max(starts, default=None), min(ends, default=None)


def periods(term: Term, contract: Contract, horizon: date) -> list[Slice]:
    """The slices of a term that start on or before ``horizon``, in order.

    The anchor day is stored and applied anew in each month: 31 Jan, 28 Feb, 31 Mar. With
    ``month_end="end"`` a start within two days of its month's end keeps that distance instead, with "slide" a
    short month moves all that follow. For weeks
    the anchor day is a weekday, 1 for Monday. 0 takes the day of the start. ``anchor_on`` is a day on which
    a period begins, near or far: 1 January aligns quarters with the calendar.

    A leading stub is part of the period that ends at the first anchor, a trailing stub of the one that
    starts at the last: 1 to 13 February at anchor 13 is 12 of 31 days. A term without a start has none.
    """
    start, end = bounds(term, contract)
    if start is None:
        return []
    return list(slices_between(term, term.start or start, start, end, horizon))


def slices_between(term: Term, origin: date, start: date, end: date | None, horizon: date) -> Iterator[Slice]:
    """The slices from ``start`` up to ``end`` that begin on or before ``horizon``; ``origin`` fixes the anchor."""
    for whole in wholes(term, origin, start):
        if whole.start > horizon or (end is not None and whole.start >= end):
            break
        first, last = max(whole.start, start), whole.end if end is None else min(whole.end, end)
        if first < last and first <= horizon:
            yield Slice(whole if (first, last) == (whole.start, whole.end) else Period(first, last), whole)


def wholes(term: Term, origin: date, start: date) -> Iterator[Period]:
    """Full periods without end, the first of which contains ``start``. ``origin`` fixes the anchor."""
    step = max(1, term.every)
    if term.unit in DAYS:
        length = DAYS[term.unit] * step
        if term.anchor_on is not None:
            first = term.anchor_on
        elif term.unit == "week":
            weekday = term.anchor_day if 1 <= term.anchor_day <= 7 else origin.isoweekday()
            # An anchor later in the week than the start makes a leading stub that ends at that anchor.
            first = origin + timedelta(days=(weekday - origin.isoweekday()) % 7)
        else:
            first = origin
        first += timedelta(days=(start - first).days // length * length)
        if pattern := term.details.get("weeks"):
            yield from _by_pattern([int(one) for one in pattern], first, start)
        while True:
            yield Period(first, first + timedelta(days=length))
            first += timedelta(days=length)
    if days := term.details.get("anchors"):
        yield from _several_a_month(days, start)
    if term.unit not in MONTHS:
        raise ValueError(f"“{term.unit}” is not a unit of billing; use day, week, month, quarter or year")
    step *= MONTHS[term.unit]
    origin = term.anchor_on or origin
    month = origin.replace(day=1)
    if term.anchor_on is not None and not term.details.get("anchor_weekday"):
        ahead = (start.year - month.year) * 12 + start.month - month.month
        month = add_months(month, ahead // step * step - step)
    elif _anchor(term, origin, month) > origin:
        month = add_months(month, -step)
    while _anchor(term, origin, add_months(month, step)) <= start:
        month = add_months(month, step)
    if term.month_end == "slide":
        # Counted from the anchor; where that is still to come, from the one before the first day: no day is left out.
        yield from _sliding(origin if origin <= start else _anchor(term, origin, month), step, start)
    first = _anchor(term, origin, month)
    while True:
        month = add_months(month, step)
        later = _anchor(term, origin, month)
        yield Period(first, later)
        first = later


def _by_pattern(weeks: list[int], first: date, start: date) -> Iterator[Period]:
    """Periods of so many weeks in turn, such as 4, 4 and 5, from the one that contains ``start`` on."""
    while True:
        for size in weeks:
            later = first + timedelta(days=7 * size)
            if later > start:
                yield Period(first, later)
            first = later


def _several_a_month(days: Iterable[int], start: date) -> Iterator[Period]:
    """Periods that begin on these days of every month (on its last where it is shorter): the 1st and the 16th."""
    month, last = add_months(start.replace(day=1), -1), date.min
    while True:
        edges = sorted({add_months(month, 0, min(max(int(day), 1), 31)) for day in days})
        for edge in edges:
            if date.min < last < edge and edge > start:
                yield Period(last, edge)
            last = edge
        month = add_months(month, 1)


def nth_weekday(month: date, number: int, weekday: int) -> date:
    """The n-th such weekday (Monday is 1) of the month whose first day is given; -1 is its last, -2 the one before."""
    if number > 0:
        first = month + timedelta(days=(weekday - month.isoweekday()) % 7)
        return first + timedelta(days=7 * (min(number, 4) - 1))
    last = month.replace(day=month_length(month.year, month.month))
    return last - timedelta(days=(last.isoweekday() - weekday) % 7 + 7 * (max(number, -4) * -1 - 1))


def _sliding(origin: date, months: int, start: date) -> Iterator[Period]:
    """Each period from the day the last one ended on: 31 Jan, 28 Feb, 28 Mar. Some systems do; none should."""
    first = origin
    while True:
        later = add_months(first, months)
        if later > start:
            yield Period(first, later)
        first = later


def _anchor(term: Term, origin: date, month: date) -> date:
    """The anchor in the month whose first day is given."""
    if nth := term.details.get("anchor_weekday"):
        return nth_weekday(month, *nth)
    day = (0 if term.anchor_on is not None else term.anchor_day) or origin.day
    length = month_length(month.year, month.month)
    if term.month_end == "last day" and day >= month_length(origin.year, origin.month):
        return month.replace(day=length)
    if term.month_end == "end":
        distance = max(0, month_length(origin.year, origin.month) - day)
        if distance <= NEAR_MONTH_END:
            return month.replace(day=length - distance)
    return month.replace(day=min(day, length))

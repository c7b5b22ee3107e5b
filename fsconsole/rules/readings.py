"""What a meter counted, from its readings: estimates and their settlement, roll-over, swaps, readings that are missing.

It stands apart because a reading is a fact about a counter, and what is billed for is the difference of two.

Always: a missing reading is not zero; readings may come in any order; a counter that went backwards without a word is
a contradiction, not a credit. With ``settle`` “next period” the uses of all periods sum to what the counter counted.

    on      reading          counted since the first
    1 Jan   99,850           0
    1 Feb   00,420           570        rolled over at 100,000
    1 Mar    1,200 new 12    1,350      swapped: the old one ended at 1,200, the new one began at 12
    1 Apr    1,250           2,588
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from fsconsole.rules.prorate import rounded
from fsconsole.rules.tiers import units_text
from fsconsole.rules.words import day as on_day
from fsconsole.values.period import Period, add_months

#: What stands for a reading that is missing.
MISSING = ("held", "last period", "average", "last year", "zero")
#: Where what an estimate was wrong by, or several periods read at once, goes.
SETTLE = ("next period", "by days")


@dataclass(frozen=True, slots=True)
class Reading:
    """A counter read on a day. ``new``: what the counter that came in its place (or was set) began at."""

    day: date
    value: Fraction
    estimated: bool = False
    new: Fraction | None = None
    rolled: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """What a counter has counted since its first reading."""

    day: date
    total: Fraction
    estimated: bool
    value: Fraction
    new: Fraction | None = None  # what the counter that came in its place began at
    rolled: bool = False  # it went round since the point before


@dataclass(frozen=True, slots=True)
class Use:
    """What was used in a period; ``units`` None while nobody knows. ``periods``: how many it settles."""

    period: Period
    units: Fraction | None
    estimated: bool
    words: str
    periods: int = 1


def points(readings: Iterable[Reading], capacity: Fraction | None = None) -> list[Point]:
    """Readings in order of days as one count that never restarts.

    On one day an actual reading stands and an estimate does not. Raises ValueError for a counter that went backwards
    where nobody says why, and for two different readings of one day.
    """
    found: list[Point] = []
    base, total = Fraction(0), Fraction(0)
    for reading in _ordered(readings):
        if not found and not reading.estimated:
            base = reading.value
        elif not found:
            base = reading.value  # an estimate begins a count as well as any reading
        step = _step(reading, base, found[-1].day if found else reading.day, capacity)
        at = total + step
        rolled = bool(found) and capacity is not None and (reading.rolled or reading.value < base)
        found.append(Point(reading.day, at, reading.estimated, reading.value, reading.new, rolled))
        if not reading.estimated or reading.new is not None or len(found) == 1:
            # An estimate that was too high is no counter that went backwards: what follows is measured from before it.
            base, total = reading.value if reading.new is None else reading.new, at
    return found


def _ordered(readings: Iterable[Reading]) -> list[Reading]:
    days: dict[date, list[Reading]] = {}
    for reading in readings:
        days.setdefault(reading.day, []).append(reading)
    found: list[Reading] = []
    for day in sorted(days):
        actual = [one for one in days[day] if not one.estimated] or days[day]
        several = sorted(set(actual), key=lambda one: (one.new is not None, one.value, one.new or Fraction(0), one.rolled))
        plain = [one for one in several if one.new is None]
        if len({one.value for one in plain}) > 1 or len(several) - len(plain) > 1:
            values = " and ".join(units_text(one.value) for one in several)
            raise ValueError(f"the readings of {on_day(day)} say {values}; mark the wrong one as void")
        # On the day of a swap a plain reading is of the old counter where that has not counted less, else of the new one.
        swap, other = several[-1], plain[0] if len(several) > 1 else None
        found += [swap] if other is None else [other, swap] if other.value <= swap.value else [swap, other]
    return found


def _step(reading: Reading, base: Fraction, before: date, capacity: Fraction | None) -> Fraction:
    if reading.value < 0:
        raise ValueError(f"the reading of {on_day(reading.day)} is below nothing ({units_text(reading.value)})")
    if capacity is not None and reading.value >= capacity:
        what = f"{units_text(reading.value)} on {on_day(reading.day)}"
        raise ValueError(f"{what} cannot be read on a counter that rolls over at {units_text(capacity)}")
    if reading.value >= base and not (reading.rolled and capacity):
        return reading.value - base
    rolled = capacity - base + reading.value if capacity is not None else None
    if rolled is not None and capacity is not None and (reading.rolled or rolled * 2 <= capacity):
        return rolled
    what = f"it reads {units_text(reading.value)} on {on_day(reading.day)} after {units_text(base)} on {on_day(before)}"
    if rolled is not None:
        raise ValueError(f"{what}: a roll-over would be {units_text(rolled)}; say rollover = true, a swap (new = …), or void one")
    raise ValueError(f"{what}: backwards; say a swap (new = what the new one began at), its capacity, or void one")


def uses(
    found: Sequence[Point],
    windows: Sequence[Period],
    *,
    missing: str = "held",
    settle: str = "next period",
    grace: int = 0,
    at_most: int = 0,
) -> list[Use]:
    """What was used in each window, in order.

    A reading after a window's first day and up to ``grace`` days after its end closes it; a reading on the first day
    opens it. ``at_most`` above zero: so many estimates by rule in a row, then it is held.
    """
    if missing not in MISSING:
        raise ValueError(f"“{missing}” does not say what stands for a missing reading; use {', '.join(MISSING)}")
    if settle not in SETTLE:
        raise ValueError(f"“{settle}” does not say how an estimate is settled; use {', '.join(SETTLE)}")
    walk = _Walk(found, windows, missing, grace, at_most)
    return [walk.by_days(number) if settle == "by days" else walk.next(number) for number in range(len(windows))]


class _Walk:
    """One pass over windows: what is accounted for so far, and what was estimated from what."""

    def __init__(self, found: Sequence[Point], windows: Sequence[Period], missing: str, grace: int, at_most: int) -> None:
        self.found, self.windows, self.missing, self.grace, self.at_most = found, windows, missing, grace, at_most
        opening = [point for point in found if windows and point.day <= windows[0].start]
        self.last: Point | None = opening[-1] if opening else (found[0] if found else None)
        self.accounted = self.last.total if self.last else Fraction(0)
        self.used: list[Use] = []
        self.waiting = 0  # windows held since the last reading
        self.row = 0  # estimates by rule in a row

    def next(self, number: int) -> Use:
        """The difference is taken where it is read: an estimate stays as billed, what follows makes it good."""
        window = self.windows[number]
        point = self._closing(window)
        if point is None:
            return self._kept(self._guessed(window))
        before, opened = self.accounted, self.last
        units, periods = point.total - before, self.waiting + 1
        self.accounted, self.last, self.waiting, self.row = point.total, point, 0, 0
        words = self._path(opened, point)
        settled = [one for one in self.used[-1:] if one.estimated]
        if settled and not point.estimated:
            words += ", settling what was estimated"
        elif periods > 1:
            words += f", read for {periods} periods"
        return self._kept(Use(window, units, point.estimated, words, periods))

    def by_days(self, number: int) -> Use:
        """What two actual readings are apart belongs to the days between them, evenly."""
        window = self.windows[number]
        actual = [point for point in self.found if not point.estimated] or list(self.found[:1])
        start, end = self._total_on(actual, window.start, number == 0), self._total_on(actual, window.end, False)
        if start is not None and end is not None:
            self.accounted = end
            self.last = next((point for point in actual if point.day >= window.end), actual[-1])
            return self._kept(Use(window, end - start, False, f"{units_text(end - start)} by days of {_span(actual, window)}"))
        point = self._closing(window)
        if point is None:
            return self._kept(self._guessed(window))
        units, self.accounted, self.last = point.total - self.accounted, point.total, point
        return self._kept(Use(window, units, point.estimated, _read(point)))

    def _total_on(self, actual: Sequence[Point], day: date, first: bool) -> Fraction | None:
        """The count on a day, evenly between the actual readings around it; None beyond the last."""
        for low, high in pairwise(actual):
            if low.day <= day <= high.day:
                return low.total + (high.total - low.total) * Fraction((day - low.day).days, (high.day - low.day).days or 1)
        if actual and (day == actual[-1].day or actual[-1].day <= day <= actual[-1].day + timedelta(days=self.grace)):
            return actual[-1].total
        # A counter that was fitted in the first window counts from then.
        return actual[0].total if first and actual and day < actual[0].day else None

    def _closing(self, window: Period) -> Point | None:
        after = max(window.start, self.last.day) if self.last else window.start
        inside = [point for point in self.found if after < point.day <= window.end]
        late = [point for point in self.found if max(after, window.end) < point.day <= window.end + timedelta(days=self.grace)]
        best = inside[-1] if inside else None
        if best is None or best.estimated:
            best = next((point for point in late if not point.estimated), best or (late[0] if late else None))
        return best

    def _guessed(self, window: Period) -> Use:
        units, how = self._guess(window)
        if units is not None and self.at_most and self.row >= self.at_most and self.missing != "zero":
            units, how = None, f"{self.row} estimates in a row are the most"
        if units is None:
            self.waiting += 1
            said = f"no reading for {window}" + (f" ({how})" if how else "")
            return Use(window, None, False, f"{said}: held until it is read, which is not zero")
        self.row += 1
        if self.missing != "zero":
            self.accounted += units
        return Use(window, units, True, f"no reading for {window}: {units_text(units)} (E) {how}")

    def _guess(self, window: Period) -> tuple[Fraction | None, str]:
        """Units by the rule, resting only on what was known before the window, and how; None where it does not say."""
        if self.missing == "zero":
            return Fraction(0), "as agreed"
        if self.missing == "last period":
            known = next((one for one in reversed(self.used) if one.units is not None and not one.estimated), None)
            return (known.units, f"as in {known.period}") if known else (None, "no period before it to estimate from")
        if self.missing == "last year":
            day = add_months(window.start, -12)
            known = next((one for one in self.used if one.units is not None and one.period.start == day), None)
            return (known.units, f"as in {known.period}") if known else (None, "no period a year before to estimate from")
        if self.missing == "average":
            actual = [point for point in self.found if not point.estimated and point.day <= window.start]
            days = (actual[-1].day - actual[0].day).days if actual else 0
            if not days:
                return None, "no two readings before it to estimate from"
            counted = actual[-1].total - actual[0].total
            return Fraction(rounded(counted * window.days / days)), f"at {units_text(counted)} in {days} days before"
        return None, ""

    def _path(self, opened: Point | None, point: Point) -> str:
        """From what to what the counter went, with the swaps in between."""
        if opened is None:
            return _read(point)
        words = _read(opened) if opened.new is None else f"{units_text(opened.new)} (new) on {_day(opened)}"
        between = [one for one in self.found if opened.day < one.day < point.day and (one.new is not None or one.rolled)]
        for one in (*between, point):
            words += f"{' past its end' if one.rolled else ''} to {_read(one)}"
            if one is not point and one.new is not None:
                words += f", then a new one from {units_text(one.new)}"
        return words

    def _kept(self, use: Use) -> Use:
        self.used.append(use)
        return use


def _read(point: Point) -> str:
    return f"{units_text(point.value)}{' (E)' if point.estimated else ''} on {_day(point)}"


def _day(point: Point) -> str:
    return f"{point.day.day} {point.day:%b %Y}"


def _span(actual: Sequence[Point], window: Period) -> str:
    first = [point for point in actual if point.day <= window.start][-1:] or actual[:1]
    last = [point for point in actual if point.day >= window.end][:1] or actual[-1:]
    return f"{_read(first[0])} to {_read(last[0])}"


def together(first: Use | None, other: Use, factor: Fraction) -> Use:
    """A use in units (``factor`` for each step of the counter), with what was used before in the same period."""
    units = None if other.units is None else other.units * factor
    words = other.words + (f", × {units_text(factor)}" if factor != 1 and units is not None else "")
    if first is None:
        return Use(other.period, units, other.estimated, words, other.periods)
    units = None if first.units is None or units is None else first.units + units
    days = Period(first.period.start, other.period.end)
    return Use(days, units, first.estimated or other.estimated, f"{first.words}, {words}", max(first.periods, other.periods))

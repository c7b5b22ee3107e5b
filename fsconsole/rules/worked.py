"""Work as minutes in bands: what counts more by the clock, on holidays or by its kind; rounded to steps and minimums.

It stands apart because included hours, prepaid blocks and time and materials measure work alike and price it apart.

Always: of several multipliers the largest counts, never their product; every second of work is in one band.

    work      16:00 ──────────── 17:00 ──────────── 18:00
    hours     ██████████████████████                          × 1 = 60 min
    after                           ░░░░░░░░░░░░░░░░          × 2 = 120 min
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from fsconsole.rules.policy import hours as hours_of
from fsconsole.rules.prorate import rounded
from fsconsole.rules.sla import windows
from fsconsole.rules.usage import day_of, exact, price_of
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.holidays import closed_days
from fsconsole.values.period import Interval
from fsconsole.values.terms import Calendar

WAYS = {"up": "up", "nearest": "half away", "down": "down"}
EACH = ("entry", "visit", "day", "technician", "period")
AFTER_HOURS = "after hours"
#: How the clock is rounded: the way of the start, and that of the end.
CLOCKS = {
    "outwards": ("down", "up"), "nearest": ("half away", "half away"), "inwards": ("up", "down"), "earlier": ("down", "down"),
    "later": ("up", "up"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Band:
    """When work counts more, or has its own price an hour (minor units). ``outside``: all but those hours; ``least``: the
    fewest minutes that work in it counts.
    """

    name: str
    calendar: Calendar | None  # None: only what ``holidays`` says
    times: Fraction = Fraction(1)
    price: Fraction | None = None
    outside: bool = False
    holidays: frozenset[date] = frozenset()
    least: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Minutes of work in one band. ``times`` is how much each counts, ``least`` the fewest minutes of the band."""

    minutes: Fraction
    times: Fraction = Fraction(1)
    band: str = ""
    price: Fraction | None = None
    least: int = 0

    @property
    def counted(self) -> Fraction:
        return self.minutes * self.times


@dataclass(frozen=True, slots=True)
class Work:
    """One entry of work on a local day, in pieces by the clock."""

    day: date
    start: datetime | None
    row: Row
    pieces: tuple[Piece, ...]

    @property
    def minutes(self) -> Fraction:
        return sum((piece.minutes for piece in self.pieces), Fraction(0))

    @property
    def counted(self) -> Fraction:
        return sum((piece.counted for piece in self.pieces), Fraction(0))


@dataclass(frozen=True, slots=True)
class Steps:
    """How minutes are rounded: to a multiple of ``step``, up, nearest or down; at least ``minimum``; for each what.

    ``clock``: when work began and ended is first rounded to so many minutes of the day, ``clock_way`` being one of CLOCKS.
    ``band_by`` start: all of an entry is in the band in which it began.
    ``grace``: so many minutes before the hours begin, or after they end, still count as within them.
    """

    minimum: int = 0
    step: int = 0
    way: str = "up"
    each: str = "entry"
    clock: int = 0
    clock_way: str = "outwards"
    grace: int = 0
    band_by: str = "clock"

    def of(self, minutes: Fraction) -> Fraction:
        """Minutes as they count: 70 at minimum 30 and step 15 is 75; 7 at step 10 is 10, or nothing when rounded down."""
        if minutes <= 0:
            return Fraction(0)
        least = max(minutes, Fraction(self.minimum)) if self.way == "up" else minutes
        stepped = Fraction(rounded(least / self.step, WAYS[self.way]) * self.step) if self.step else least
        return max(stepped, Fraction(self.minimum))


def steps_of(said: Mapping[str, Any]) -> Steps:
    """The rounding of a term's work. Raises ValueError for a way nobody knows."""
    steps = Steps(
        int(said.get("minimum_minutes") or 0),
        int(said.get("step") or 0),
        str(said.get("round") or "up"),
        str(said.get("round_each") or "entry"),
        int(said.get("clock_step") or 0),
        str(said.get("clock_round") or "outwards"),
        int(said.get("after_hours_grace") or 0),
        str(said.get("band_by") or "clock"),
    )
    if steps.way not in WAYS:
        raise ValueError(f"“{steps.way}” is not a way to round minutes; use {', '.join(WAYS)}")
    if steps.each not in EACH:
        raise ValueError(f"“{steps.each}” is not what minutes are rounded for; use {', '.join(EACH)}")
    return steps


def bands_of(said: Mapping[str, Any], agreement: Agreement) -> list[Band]:
    """The bands of a term: after hours, holidays, and those it names."""
    closed = closed_days(said.get("holidays"))
    found: list[Band] = []
    if said.get("after_hours") is not None:
        if not said.get("hours"):
            raise ValueError("after_hours needs the hours that it is after; say hours = “Mon-Fri 09:00-17:00”")
        found.append(Band(AFTER_HOURS, _calendar(said["hours"], agreement, closed), exact(said["after_hours"]), outside=True))
    if said.get("holiday") is not None:
        found.append(Band("holiday", None, exact(said["holiday"]), holidays=closed))
    for each in said.get("bands") or ():
        calendar = _calendar(each["hours"], agreement, frozenset()) if each.get("hours") else None
        if calendar is None and not each.get("holiday"):
            raise ValueError(f"the band “{each.get('name')}” needs hours, or holiday = true")
        price = price_of(each["price"], agreement.money) if each.get("price") is not None else None
        found.append(
            Band(
                str(each.get("name")),
                calendar,
                exact(each.get("times"), 1),
                price,
                holidays=closed if each.get("holiday") else frozenset(),
                least=int(each.get("minimum_minutes") or 0),
            )
        )
    return found


def _calendar(text: Any, agreement: Agreement, closed: frozenset[date]) -> Calendar:
    zone = agreement.contract.timezone or "UTC"
    return Calendar(timezone=zone, hours=hours_of(str(text)), closed=closed)


def works(rows: Iterable[Row], bands: Sequence[Band], agreement: Agreement, steps: Steps | None = None) -> list[Work]:
    """Entries of work in order of time, their clock rounded as ``steps`` say.

    Raises ValueError for one that ends before it begins or says no time.
    """
    found = [_work(row, bands, agreement, steps or Steps()) for row in rows]
    return sorted(found, key=_place)


def _place(work: Work) -> tuple[date, datetime, str]:
    start = work.start or datetime.combine(work.day, time(0), UTC)
    return work.day, start, repr(sorted((name, str(value)) for name, value in work.row.items() if name not in ("line", "place")))


def _on_the_clock(at: datetime, step: int, way: str, agreement: Agreement) -> datetime:
    """An instant at a multiple of so many minutes from the local midnight before it."""
    midnight = agreement.instant(datetime.combine(agreement.local_day(at), time(0)))
    passed = Fraction(Interval(midnight, at).seconds, 60)
    return midnight + timedelta(minutes=rounded(passed / step, way) * step)


def _work(row: Row, bands: Sequence[Band], agreement: Agreement, steps: Steps) -> Work:
    start, end = row.get("from"), row.get("until")
    day = day_of(row, agreement, "from", "on")
    people = Fraction(row.get("people") or 1)
    own = exact(row.get("times"), 1)
    if isinstance(start, datetime) and row.get("minutes") is not None and end is None:
        end = start + timedelta(minutes=int(row["minutes"]) + int(row.get("pause") or 0))
    if isinstance(start, datetime) and isinstance(end, datetime):
        if end < start:
            raise ValueError(f"line {row.get('line', '?')}: the work ends before it begins")
        if steps.clock and end > start:
            begins, ends = CLOCKS[steps.clock_way]
            start = _on_the_clock(start, steps.clock, begins, agreement)
            end = max(start, _on_the_clock(end, steps.clock, ends, agreement))
        end -= timedelta(minutes=int(row.get("pause") or 0))
        pieces = _graced(_banded(Interval(start, max(start, end)), bands, agreement), steps.grace)
        if steps.band_by == "start" and pieces:
            pieces = [replace(pieces[0], minutes=sum((one.minutes for one in pieces), Fraction(0)))]
    else:
        if row.get("minutes") is None:
            raise ValueError(f"line {row.get('line', '?')}: say from and until as instants, or minutes")
        start = None
        # Without a time of day only what holds for the whole day is known.
        held = _largest([band for band in bands if day in band.holidays])
        pieces = [replace(held, minutes=Fraction(int(row["minutes"])))]
    counted = tuple(replace(piece, minutes=piece.minutes * people, times=max(piece.times, own)) for piece in pieces)
    return Work(day, start if isinstance(start, datetime) else None, row, counted)


def _largest(bands: Iterable[Band]) -> Piece:
    """The band that counts: the highest price where bands have prices, else the largest multiplier."""
    best = max(bands, key=lambda band: (band.price or Fraction(0), band.times, band.name), default=None)
    if best is None or (best.times <= 1 and best.price is None and not best.least):
        return Piece(Fraction(0))
    return Piece(Fraction(0), max(best.times, Fraction(1)), best.name, best.price, best.least)


def _banded(span: Interval, bands: Sequence[Band], agreement: Agreement) -> list[Piece]:
    """Work cut wherever a band begins or ends, neighbours of one band joined."""
    held = [(band, list(_spans(band, span, agreement))) for band in bands]
    marks = sorted({span.start, span.end, *(edge for _, spans in held for each in spans for edge in (each.start, each.end))})
    found: list[Piece] = []
    for start, end in pairwise(marks):
        here = [band for band, spans in held if any(each.start <= start < each.end for each in spans)]
        piece = replace(_largest(here), minutes=Fraction(Interval(start, end).seconds, 60))
        if found and replace(found[-1], minutes=piece.minutes) == piece:
            found[-1] = replace(piece, minutes=found[-1].minutes + piece.minutes)
        elif piece.minutes:
            found.append(piece)
    return found


def _graced(pieces: list[Piece], grace: int) -> list[Piece]:
    """A first and a last piece after hours that is no longer than ``grace``, next to work within them, is a part of that."""
    if len(pieces) > 1 and pieces[0].band == AFTER_HOURS and not pieces[1].band and pieces[0].minutes <= grace:
        pieces = [replace(pieces[1], minutes=pieces[0].minutes + pieces[1].minutes), *pieces[2:]]
    if len(pieces) > 1 and pieces[-1].band == AFTER_HOURS and not pieces[-2].band and pieces[-1].minutes <= grace:
        pieces = [*pieces[:-2], replace(pieces[-2], minutes=pieces[-2].minutes + pieces[-1].minutes)]
    return pieces


def _spans(band: Band, span: Interval, agreement: Agreement) -> Iterator[Interval]:
    """When a band holds within a span."""
    first, last = agreement.local_day(span.start), agreement.local_day(span.end)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day in band.holidays:
            start = agreement.instant(datetime.combine(day, time(0)))
            end = agreement.instant(datetime.combine(day + timedelta(days=1), time(0)))
            if (common := Interval(start, end).overlap(span)) is not None:
                yield common
    if band.calendar is None:
        return
    at = span.start
    for window in windows(span.start, band.calendar):
        if window.start >= span.end:
            break
        if band.outside:
            if window.start > at:
                yield Interval(at, window.start)
        else:
            yield Interval(window.start, min(window.end, span.end))
        at = max(at, window.end)
    if band.outside and at < span.end:
        yield Interval(at, span.end)


def stepped(found: Sequence[Work], steps: Steps) -> list[Work]:
    """Entries with their minutes as they count. What rounding adds is with the last piece; what it takes, from the end."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, work in enumerate(found):
        about = {
            "entry": (str(number),),
            "visit": (work.day.isoformat(), str(work.row.get("visit") or work.row.get("job") or "")),
            "day": (work.day.isoformat(),),
            "technician": (work.day.isoformat(), str(work.row.get("technician") or "")),
            "period": ("",),
        }[steps.each]
        groups.setdefault(about, []).append(number)
    rested = list(found)
    for numbers in groups.values():
        for number, work in zip(numbers, _at_least([found[number] for number in numbers]), strict=True):
            rested[number] = work
        total = sum((rested[number].minutes for number in numbers), Fraction(0))
        change = steps.of(total) - total
        for number in reversed(numbers):
            if change:
                rested[number], change = _changed(rested[number], change)
    return rested


def _at_least(group: Sequence[Work]) -> Sequence[Work]:
    """What is rounded together, each band that work came into with its fewest minutes: what is missing is with its last piece."""
    spent: dict[str, Fraction] = {}
    last: dict[str, tuple[int, int]] = {}
    for number, work in enumerate(group):
        for at, piece in enumerate(work.pieces):
            if piece.least and piece.minutes:
                spent[piece.band] = spent.get(piece.band, Fraction(0)) + piece.minutes
                last[piece.band] = number, at
    if not last:
        return group
    found = list(group)
    for band, (number, at) in last.items():
        pieces = list(found[number].pieces)
        missing = max(Fraction(0), pieces[at].least - spent[band])
        pieces[at] = replace(pieces[at], minutes=pieces[at].minutes + missing)
        found[number] = replace(found[number], pieces=tuple(pieces))
    return found


def _changed(work: Work, change: Fraction) -> tuple[Work, Fraction]:
    """A work with its minutes changed, and what it could not take."""
    pieces = list(work.pieces)
    if not pieces:
        return work, change
    if change > 0:
        pieces[-1] = replace(pieces[-1], minutes=pieces[-1].minutes + change)
        return replace(work, pieces=tuple(pieces)), Fraction(0)
    for number in reversed(range(len(pieces))):
        less = min(-change, pieces[number].minutes)
        pieces[number] = replace(pieces[number], minutes=pieces[number].minutes - less)
        change += less
    return replace(work, pieces=tuple(pieces)), change


def as_hours(minutes: Fraction, shown: str) -> Fraction:
    """Minutes as the hours that are billed: shown to two decimals (20 minutes are 0.33 h), or as they are."""
    if shown == "minutes":
        return minutes / 60
    return Fraction(rounded(minutes / 60 * 100), 100)

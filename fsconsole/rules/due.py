"""When a document is to be paid: its day by the terms agreed, cash discounts, instalments, days that nothing is paid on.

It stands apart because terms of payment are written in a dozen ways and all of them are a few steps from a day.

Always: steps are taken in the order in which they are written; a day beyond a month's end is its last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fsconsole.values.conventions import ROLLS
from fsconsole.values.period import add_months, month_length

HOW = "write 30 days, end of month + 30, day 31, 5 working days, CM+30D"
MOVED = {
    "following": "next working day", "preceding": "working day before", "modified": "nearest working day of the month",
    "modified preceding": "nearest working day of the month",
    "half-month modified": "nearest working day of the half-month", "nearest": "nearest working day",
}  # fmt: skip
WEEKEND = (5, 6)
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: The most days that terms of payment may name.
FARTHEST = 36_525
#: How far a roll or a count of working days looks for an open day.
FAR = 4000


@dataclass(frozen=True, slots=True)
class Open:
    """On which days anything is paid."""

    holidays: Collection[date] = ()
    weekend: Collection[int] = WEEKEND
    keep_end: bool = False  # months after a month's last day is a month's last day

    def __call__(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.holidays

    def step(self, day: date, by: int) -> date:
        """The first open day from ``day`` on, in either direction. Raises ValueError where none is near."""
        for _ in range(FAR):
            if self(day):
                return day
            day += timedelta(days=by)
        raise ValueError("there is no working day for years; look at weekend and holidays")

    def months(self, day: date, count: int) -> date:
        """The day so many months later."""
        later = add_months(day, count)
        return month_end(later) if self.keep_end and day == month_end(day) else later

    def after(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (before it where negative)."""
        by = 1 if count > 0 else -1
        for _ in range(min(abs(count), 100_000)):
            day = self.step(day + timedelta(days=by), by)
        return day


def rolled(day: date, how: str, opened: Open) -> date:
    """The day itself where it is open, else the next or last open one.

    ``modified`` stays within the month, ``half-month modified`` within its half (to the 15th, from the 16th);
    ``nearest`` takes the next one where two are as near.
    """
    if how not in ROLLS:
        raise ValueError(f"“{how}” is not a way to move a day; use {', '.join(ROLLS)}")
    if how == "none" or opened(day):
        return day
    first = -1 if "preceding" in how else 1
    moved = opened.step(day, first)
    if how == "nearest":
        before = opened.step(day, -1)
        return before if (day - before) < (moved - day) else moved
    if how == "half-month modified" and day.day <= 15 < moved.day:
        return opened.step(day, -1)
    return opened.step(day, -first) if "modified" in how and moved.month != day.month else moved


def month_end(day: date, months: int = 0) -> date:
    """The last day of the month ``months`` after that of ``day``."""
    later = add_months(day.replace(day=1), months)
    return later.replace(day=month_length(later.year, later.month))


def next_day(day: date, number: int, same: bool = False) -> date:
    """The next day of that number, or the month's last where it is shorter: 31 after 29 Feb is 31 Mar."""
    if not 1 <= number <= 31:
        raise ValueError(f"there is no day {number} in a month; give 1 to 31")
    here = add_months(day.replace(day=1), 0, number)
    return here if here > day or (same and here == day) else add_months(day.replace(day=1), 1, number)


def nth_working_day(day: date, number: int, months: int, opened: Open) -> date:
    """The n-th working day of the month ``months`` after that of ``day``; below 0 from its end."""
    if not number or abs(number) > 23:
        raise ValueError(f"there is no working day {number} in a month; give 1 to 23, or -1 for the last")
    first = add_months(day.replace(day=1), months)
    start = first - timedelta(days=1) if number > 0 else month_end(first) + timedelta(days=1)
    found = opened.after(start, number)
    if (found.year, found.month) != (first.year, first.month):
        raise ValueError(f"{first:%B %Y} has no working day {number}")
    return found


# --- terms in words ---------------------------------------------------------------------------------------------------

Step = Callable[[date, Open, bool], date]
_AFTER = r"(?:of\s+)?(?:the\s+)?(?:(?P<far>this|same|current|next|following|second following)\s+)?month"


def _count(found: re.Match[str]) -> int:
    return int(found["n"])


def _weeks(found: re.Match[str]) -> Step:
    size, unit = _count(found), (found["unit"] or "d")[0].lower()
    if size * {"d": 1, "w": 7, "m": 30, "q": 91, "y": 365}[unit] > FARTHEST:
        raise ValueError(f"{found[0].strip()} is further away than anybody waits; {HOW}")
    if unit in "mqy":
        months = size * {"m": 1, "q": 3, "y": 12}[unit]
        return lambda day, opened, same: opened.months(day, months)
    return lambda day, opened, same: day + timedelta(days=size * (7 if unit == "w" else 1))


def _end(found: re.Match[str]) -> Step:
    months = {"next": 1, "following": 1, "second following": 2}.get((found["far"] or "").strip(), 0)
    return lambda day, opened, same: month_end(day, months)


def _end_of(found: re.Match[str]) -> Step:
    """The last day of the week, of ten days (the 10th, the 20th, the month's last), of half a month, a quarter, a year."""
    what = re.sub(r"\W+(a\W+)?", " ", found["what"].lower())
    if what == "week":
        return lambda day, opened, same: day + timedelta(days=6 - day.weekday())
    if what in ("ten days", "decade", "half month"):
        edges = (15,) if what == "half month" else (10, 20)
        return lambda day, opened, same: next((day.replace(day=one) for one in edges if day.day <= one), month_end(day))
    size = {"quarter": 3, "half year": 6, "year": 12}[what]
    return lambda day, opened, same: month_end(day, size - 1 - (day.month - 1) % size)


def _on_day(found: re.Match[str]) -> Step:
    number = _count(found)
    if found["far"] is None:
        return lambda day, opened, same: next_day(day, number, same)
    if not 1 <= number <= 31:
        raise ValueError(f"there is no day {number} in a month; give 1 to 31")
    months = {"next": 1, "following": 1, "second following": 2}.get(found["far"], 0)
    return lambda day, opened, same: add_months(day.replace(day=1), months, number)


def _on_days(found: re.Match[str]) -> Step:
    """The next of several days of the month: the 10th or the 25th."""
    numbers = [int(one) for one in re.findall(r"\d+", found["days"])]
    return lambda day, opened, same: min(next_day(day, number, same) for number in numbers)


def _nth(found: re.Match[str]) -> Step:
    number = -1 if found["n"] is None else _count(found)
    far = found["far"]

    def step(day: date, opened: Open, same: bool) -> date:
        if far is not None:
            months = {"next": 1, "following": 1, "second following": 2}.get(far, 0)
            return nth_working_day(day, number, months, opened)
        here = nth_working_day(day, number, 0, opened)
        return here if here > day or (same and here == day) else nth_working_day(day, number, 1, opened)

    return step


def _working(found: re.Match[str]) -> Step:
    number = _count(found)
    return lambda day, opened, same: opened.after(day, number)


def _weekday(found: re.Match[str]) -> Step:
    number = next(place for place, name in enumerate(NAMES) if name.startswith(found["name"][:3]))
    return lambda day, opened, same: day + timedelta(days=(number - day.weekday() - (0 if same else 1)) % 7 + (0 if same else 1))


def _code(found: re.Match[str]) -> Step:
    """One step of a date formula as accounting systems write it: CM, 30D, -1D, 1M, CW, D15, WD5."""
    text = found["code"].upper()
    sign, text = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    if text == "CM":
        return lambda day, opened, same: month_end(day) if sign > 0 else day.replace(day=1)
    if text == "CW":
        return lambda day, opened, same: day + timedelta(days=6 - day.weekday() if sign > 0 else -day.weekday())
    if text in ("CQ", "CY"):
        size = 3 if text == "CQ" else 12
        return lambda day, opened, same: (
            month_end(day, size - 1 - (day.month - 1) % size)
            if sign > 0
            else add_months(day.replace(day=1), -((day.month - 1) % size))
        )
    if text.startswith("WD"):
        number = int(text[2:]) - 1
        return lambda day, opened, same: day + timedelta(days=(number - day.weekday() - 1) % 7 + 1)
    if text[0] == "D":
        return lambda day, opened, same: next_day(day, int(text[1:]), same)
    size, unit = sign * int(re.sub(r"\D", "", text)), text[-1]
    if abs(size) * {"D": 1, "W": 7, "M": 30, "Q": 91, "Y": 365}[unit] > FARTHEST:
        raise ValueError(f"{text} is further away than anybody waits; {HOW}")
    months = {"M": 1, "Q": 3, "Y": 12}.get(unit)
    if months:
        return lambda day, opened, same: opened.months(day, size * months)
    return lambda day, opened, same: day + timedelta(days=size * (7 if unit == "W" else 1))


_FORMULA = r"(?P<code>[+-]?(?:C[WMQY]|WD[1-7]|D\d{1,2}|\d{1,4}[DWMQY]))"
_STEPS: tuple[tuple[str, Callable[[re.Match[str]], Step]], ...] = (
    (r"(?:on\s+)?(?:the\s+)?(?:(?P<n>\d{1,2})(?:st|nd|rd|th)|last)\s+(?:working|business)\s+day(?:\s+" + _AFTER + ")?", _nth),
    (r"(?:or\s+)?(?:on\s+)?(?:the\s+)?(?:next|following)\s+(?:working|business)\s+day",
     lambda found: lambda day, opened, same: opened.step(day, 1)),
    (r"(?P<n>\d{1,4})\s+(?:working|business)\s+days?", _working),
    (r"(?:due\s+)?(?:on\s+)?(?:the\s+)?(?:days?\s+)?(?P<days>\d{1,2}(?:st|nd|rd|th)?(?:\s+or\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?)+)"
     r"(?:\s+of\s+(?:the|a)\s+month)?", _on_days),
    (r"(?:due\s+)?(?:on\s+)?(?:the\s+)?day\s+(?P<n>\d{1,2})(?:\s+" + _AFTER + ")?", _on_day),
    (r"(?:due\s+)?(?:on\s+)?(?:the\s+)?(?P<n>\d{1,2})(?:st|nd|rd|th)(?:\s+" + _AFTER + ")?", _on_day),
    (r"(?:the\s+)?(?:(?:end|last\s+day)\s+of\s+(?:the\s+)?(?P<far>this |same |current |next |following |second following )?"
     r"(?:invoice\s+)?month|eom|eo\s+month)\b", _end),
    (r"(?:the\s+)?(?:end|last\s+day)\s+of\s+(?:the\s+)?"
     r"(?P<what>week|ten[ -]days|decade|half(?:[ -]a)?[ -]month|quarter|half[ -]year|year)\b", _end_of),
    (r"(?:next\s+|on\s+)?(?P<name>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?", _weekday),
    (_FORMULA + r"(?=[+\-CWD\d]|\s|$)", _code),
    (r"(?:net\s+)?(?P<n>\d{1,4})(?:\s*(?P<unit>days?|weeks?|months?|quarters?|years?|d)\b)?(?:\s+net)?", _weeks),
    (r"(?:due\s+)?(?:on|upon)\s+receipt|at\s+once|immediate(?:ly)?|cash(?:\s+on\s+delivery)?|cod|cia|pia",
     lambda found: lambda day, opened, same: day),
)  # fmt: skip
_BETWEEN = re.compile(
    r"\s*(?:[+,;]|and\b|then\b|after\b|from\b|invoice date\b|date of invoice\b|net\b|the\b)\s*|\s+", re.IGNORECASE
)
_DISCOUNT = re.compile(
    r"(?P<percent>\d+(?:\.\d+)?)\s*%?\s*/\s*(?P<days>\d{1,3})\s*(?P<eom>eom\b|prox\b)?\s*,?\s*(?:n/)?", re.IGNORECASE
)
#: “Net 10 EOM” as trade reads it: ten days after the month's end, where “10 days, end of month” goes as it is written.
_NET_EOM = re.compile(r"\bnet\s+(?P<n>\d{1,3})(?:\s+days?)?\s+eom$", re.IGNORECASE)
_TURNED = re.compile(r"^(?P<first>.+?)\s+(?:after|from)\s+(?:the\s+)?(?P<then>end of .+|eom)$", re.IGNORECASE)


@lru_cache(maxsize=256)
def steps_of(text: str) -> tuple[Step, ...]:
    """The steps of terms in words, in order. Raises ValueError.

    “30 days after end of month” and “net 30 EOM” are taken from the month's end.
    """
    if turned := _TURNED.match(text.strip()):
        text = f"{turned['then']} + {turned['first']}"
    text = _NET_EOM.sub(r"eom + \g<n>", text.strip())
    text = re.sub(r"\bmonth\s+following\b", "next month", text, flags=re.IGNORECASE)
    rest, found = text.strip(), []
    while rest:
        between = _BETWEEN.match(rest)
        if between and between.end():
            rest = rest[between.end() :]
            continue
        for pattern, made in _STEPS:
            match = re.match(pattern, rest, re.IGNORECASE if made is _code else 0) or re.match(pattern, rest.lower())
            if match and match.end():
                found.append(made(match))
                rest = rest[match.end() :]
                break
        else:
            raise ValueError(f"“{text}” does not say when to pay (at “{rest}”); {HOW}")
    if not found:
        raise ValueError(f"it does not say when to pay; {HOW}")
    return tuple(found)


def cash_discounts(text: str) -> tuple[list[tuple[Decimal, int]], str]:
    """Cash discounts in words such as ``2/10 net 30`` as (percent, days), and the terms without them."""
    found = [(Decimal(one["percent"]), int(one["days"])) for one in _DISCOUNT.finditer(text)]
    return found, _DISCOUNT.sub(" ", text).strip()


def due_by(
    issued: date,
    payment: Any,
    *,
    roll: str = "none",
    holidays: Collection[date] = (),
    weekend: Sequence[int] = WEEKEND,
    same_day: bool = False,
    keep_end: bool = False,
    cutoff: int = 0,
    at_least: int = 0,
    by_day: Sequence[tuple[int, Any]] = (),
    away: Sequence[tuple[date, date, date]] = (),
) -> tuple[date, str]:
    """The day by which an invoice of ``issued`` is to be paid, and why.

    ``payment`` is a number of days or terms in words, steps in order: ``30 days``, ``30 days, end of month``,
    ``end of month + 30``, ``2/10 net 30``, ``day 31`` (the next one), ``10th of next month``, ``5 working days``,
    ``3rd working day of next month``, ``60 days, following working day``, ``CM+30D``.
    What is issued after day ``cutoff`` of a month counts as issued on the
    first of the next; fewer than ``at_least`` days to pay move it on by months. ``by_day`` are other terms for what is
    issued up to and with a day of the month; ``away`` are days (first, first no more) on which nothing falls due, with
    the day on which it does instead. Raises ValueError that shows how to
    write them.
    """
    payment = next((terms for last, terms in sorted(by_day, key=lambda one: one[0]) if issued.day <= last), payment)
    if isinstance(payment, bool) or not isinstance(payment, int | str):
        raise ValueError(f"“{payment}” does not say when to pay; write 30 days")
    opened = Open(frozenset(holidays), tuple(weekend), keep_end)
    return _due_by(issued, payment, roll, opened, same_day, cutoff, at_least, tuple(sorted(away)))


@lru_cache(maxsize=1024)
def _due_by(
    issued: date,
    payment: int | str,
    roll: str,
    opened: Open,
    same_day: bool,
    cutoff: int,
    at_least: int,
    away: tuple[tuple[date, date, date], ...],
) -> tuple[date, str]:
    """The same of a day and terms that many contracts share."""
    text = f"{payment} days" if isinstance(payment, int) else payment
    terms = cash_discounts(text)[1]
    start = counted_from(issued, cutoff)
    try:
        day = _walked(start, terms, opened, same_day)
        for _ in range(12 if at_least else 0):
            if (day - issued).days >= at_least:
                break
            start = add_months(start.replace(day=1), 1)
            day = _walked(start, terms, opened, same_day)
    except OverflowError:
        raise ValueError(f"“{payment}” is further away than any calendar goes") from None
    moved = rolled(day, roll, opened)
    for first, until, instead in away:
        if first <= moved < until:
            moved = rolled(instead, roll, opened)
    plain = f"{text.strip()} after {issued.isoformat()}" if re.fullmatch(r"\d+ (days?|weeks?|months?)", text.strip()) else ""
    words = plain or f"{text.strip()}, invoiced {issued.isoformat()}"
    if start != issued:
        words += f", counted as {start.isoformat()}"
    if moved != day:
        closed = f"; {day.isoformat()} is a {day:%A}" + (" and a holiday" if day in opened.holidays else "")
        far = any(first <= rolled(day, roll, opened) < until for first, until, _ in away)
        words += f"; {day.isoformat()} is among days that are postponed" if far else f"{closed}, so the {MOVED[roll]}"
    return moved, words


def counted_from(issued: date, cutoff: int) -> date:
    """The day from which terms count: what is issued after day ``cutoff`` of a month counts from the first of the next."""
    return add_months(issued.replace(day=1), 1) if cutoff and issued.day > cutoff else issued


def postponed(one: Mapping[str, Any]) -> tuple[date, date, date]:
    """Days on which nothing falls due (first, first no more) and the day on which it does, as a row names them.

    Raises ValueError where they do not follow each other.
    """
    first, until = one["from"], one.get("until", one["from"] + timedelta(days=1))
    instead = one.get("to", until)
    if not first < until <= instead:
        raise ValueError(f"days are postponed from {first} up to {until}, to {instead}: each must come after the one before")
    return first, until, instead


def by_way_of(day: date, payment: Any, opened: Open, same_day: bool = False) -> str:
    """The days between, where terms are several steps: they show which is taken first."""
    days = []
    for step in steps_of(cash_discounts(payment)[1])[:-1] if isinstance(payment, str) else ():
        day = step(day, opened, same_day)
        days.append(day.isoformat())
    return ", ".join(days)


def _walked(day: date, terms: str, opened: Open, same_day: bool) -> date:
    for step in steps_of(terms):
        day = step(day, opened, same_day)
    return day

"""What a part of a period costs, by the day-count rule the term names, with the words of how.

It stands apart because several conventions are in use and a contract must say which; none is a compromise.

Always: a full period costs its full price, and each share is rounded once, half away from zero.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from fsconsole.values.money import show
from fsconsole.values.period import Period, add_months

#: The rules a term can name in ``proration``.
RULES = ("actual", "thirty", "actual30", "year365", "year360", "month", "none")
#: Ways to round what an exact share comes to; a half goes away from zero unless a contract says otherwise.
ROUNDS = ("half away", "half even", "up", "down")


class Share(NamedTuple):
    """An amount in minor units, and how it came about: ``21 of 31 days``; no words for a full period."""

    amount: int
    words: str


def prorate(
    amount: int,
    period: Period,
    whole: Period,
    rule: str = "actual",
    *,
    months: int = 0,
    currency: str = "GBP",
    rounds: str = "half away",
) -> Share:
    """The share of ``amount`` (the price of ``whole``) that falls on ``period``, rounded once; see ``share_of``."""
    share, words = share_of(period, whole, rule, months=months)
    if "{year}" in words:
        words = words.replace("{year}", show(rounded(amount * Fraction(12, months), rounds), currency))
    return Share(rounded(amount * share, rounds), words)


def share_of(period: Period, whole: Period, rule: str = "actual", *, months: int = 0) -> tuple[Fraction, str]:
    """The exact share of ``whole`` that falls on ``period``, a part of it, and its words.

    ``rule`` is one of:

    - ``actual``: days over the days of the whole period (21/31, 18/28).
    - ``thirty``: every month has 30 days, a quarter 90, a year 360 (the 30E/360 count of ISDA 2006, section
      4.16(g), held within the period, so that its parts always add up to it).
    - ``actual30``: days as they are over 30 for each month, never above the full price (21/30, 31/30 is 1).
    - ``year365``: days at a 365th of the year's price each, leap year or not, never above the full price.
    - ``year360``: the same at a 360th.
    - ``month``: calendar months count one each, a part of one its days over the days of that month, whatever the
      anchor (1 February to 30 November is ten twelfths of a year).
    - ``none``: a period begun is a period paid.

    ``months`` is the length of ``whole`` in months; 0 means days or weeks, which count by actual days. ``{year}``
    in the words stands for the year's price. Raises ValueError when the rule is unknown or the period is not
    within the whole.
    """
    if rule not in RULES:
        raise ValueError(f"“{rule}” is not a rule of proration; use {', '.join(RULES)}")
    if period.start < whole.start or period.end > whole.end:
        raise ValueError(f"{period} is not a part of {whole}")
    if period == whole:
        return Fraction(1), ""
    if rule == "none":
        return Fraction(1), "not prorated"
    if rule in ("year365", "year360") and months:
        year = int(rule[4:])
        share = min(Fraction(period.days * 12, year * months), Fraction(1))
        if months == 12:
            return share, f"{period.days} of {year} days"
        return share, f"{_days(period.days)} at a {year}th of {{year}} a year"
    if rule == "thirty" and months:
        size = 30 * months
        days = _thirtieths(period.end, whole, size) - _thirtieths(period.start, whole, size)
        return Fraction(days, size), f"{days} of {size} days in 30-day months"
    if rule == "actual30" and months:
        size = 30 * months
        return min(Fraction(period.days, size), Fraction(1)), f"{_days(period.days)} at a {size}th"
    if rule == "month" and months:
        return _by_months(period, months)
    return Fraction(period.days, whole.days), f"{period.days} of {_days(whole.days)}"


def _by_months(period: Period, months: int) -> tuple[Fraction, str]:
    """Calendar months in a period, parts of months over their own days: 20 of 31 days and 1 month."""
    count, words, full = Fraction(0), [], 0
    first = period.start.replace(day=1)
    while first < period.end:
        later = add_months(first, 1)
        month = Period(first, later)
        part = month.overlap(period)
        if part == month:
            full += 1
        elif part is not None:
            count += Fraction(part.days, month.days)
            words.append(f"{part.days} of {month.days} days of {first:%b}")
        first = later
    if full:
        words.append("1 month" if full == 1 else f"{full} months")
    return min((count + full) / months, Fraction(1)), " and ".join(words) + (f" of {months} months" if months > 1 else "")


def rounded(value: Fraction, rounds: str = "half away") -> int:
    """An exact amount as whole minor units; raises ValueError for a way of rounding nobody knows."""
    size = abs(value)
    low, rest = divmod(size.numerator, size.denominator)
    twice = 2 * rest - size.denominator
    if rounds == "half away":
        up = twice >= 0
    elif rounds == "half even":
        up = twice > 0 or (twice == 0 and low % 2 == 1)
    elif rounds in ("up", "down"):
        up = rounds == "up" and rest > 0
    else:
        raise ValueError(f"“{rounds}” is not a way to round; use {', '.join(ROUNDS)}")
    return (-1 if value < 0 else 1) * (low + up)


def days360(start: date, end: date) -> int:
    """Days from ``start`` up to ``end`` when every month has 30 (30E/360): 23 May to 15 June is 22."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * 30 + min(end.day, 30) - min(start.day, 30)


def _thirtieths(day: date, whole: Period, size: int) -> int:
    """How far into ``whole`` a day stands, from 0 at its start to ``size`` at its end.

    Measured from the start of the whole, with its end fixed, because a plain 30/360 count between two
    anchors that a short month has moved (31 Jan to 29 Feb) comes to 29 and would lose a day.
    """
    if day == whole.end:
        return size
    return max(0, min(days360(whole.start, day), size))


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"

"""What a part of a period costs, by the day-count rule the term names, with the words of how.

It stands apart because four conventions are in use and a contract must say which; none is a compromise.

Always: a full period costs its full price, and each share is rounded once, half away from zero.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from fsconsole.values.money import show
from fsconsole.values.period import Period

#: The rules a term can name in ``proration``.
RULES = ("actual", "thirty", "year365", "none")


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
) -> Share:
    """The share of ``amount`` (the price of ``whole``) that falls on ``period``, a part of it.

    ``rule`` is one of:

    - ``actual``: days over the days of the whole period (21/31, 18/28).
    - ``thirty``: every month has 30 days, a quarter 90, a year 360 (the 30E/360 count of ISDA 2006, section
      4.16(g), held within the period, so that its parts always add up to it).
    - ``year365``: days at a 365th of the year's price each, leap year or not, never above the full price.
    - ``none``: a period begun is a period paid.

    ``months`` is the length of ``whole`` in months; 0 means weeks, which ``thirty`` and ``year365`` count by
    actual days. Raises ValueError when the rule is unknown or the period is not within the whole.
    """
    if rule not in RULES:
        raise ValueError(f"“{rule}” is not a rule of proration; use {', '.join(RULES)}")
    if period.start < whole.start or period.end > whole.end:
        raise ValueError(f"{period} is not a part of {whole}")
    if period == whole:
        return Share(amount, "")
    if rule == "none":
        return Share(amount, "not prorated")
    if rule == "year365" and months:
        share = min(Fraction(period.days * 12, 365 * months), Fraction(1))
        if months == 12:
            return Share(_part(amount, share), f"{period.days} of 365 days")
        year = show(_part(amount, Fraction(12, months)), currency)
        return Share(_part(amount, share), f"{_days(period.days)} at a 365th of {year} a year")
    if rule == "thirty" and months:
        size = 30 * months
        days = _thirtieths(period.end, whole, size) - _thirtieths(period.start, whole, size)
        return Share(_part(amount, Fraction(days, size)), f"{days} of {size} days in 30-day months")
    return Share(_part(amount, Fraction(period.days, whole.days)), f"{period.days} of {_days(whole.days)}")


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


def _part(amount: int, share: Fraction) -> int:
    # Fractions keep thirds exact; Decimal("0.333…") times 3 would round a half the wrong way.
    exact = abs(amount) * share
    size = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return -size if amount < 0 else size


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"

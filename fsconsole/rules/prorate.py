"""What a part of a period costs, by the day-count rule the term names, with the words of how.

It stands apart because several conventions are in use and a contract must say which; none is a compromise.

Always: a full period costs its full price unless its days are to be counted, and each share is rounded once, half away
from zero.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from fsconsole.rules.daycount import Closed, closed_of, counted
from fsconsole.values.conventions import COUNTED, MOST_PLACES, ODD_DAYS, RULES
from fsconsole.values.money import places, show
from fsconsole.values.period import Period, add_months
from fsconsole.values.terms import ROUNDS

#: Which day of a month of 31 counts for nothing where every month has 30.
FREE_DAYS = ("30th is free", "31st is free")
#: What a full period costs: its price, or as many days at the price of one as it has.
FULL = ("price", "counted")



#: Nobody has said on which days nobody works: Saturdays and Sundays.
USUAL_WEEK = Closed()


@dataclass(frozen=True, slots=True)
class Counting:
    """How days are counted, beyond the rule: each a convention that some engine has and another has not.

    ``month_days`` is what every month has with ``thirty`` and ``actual30``; ``day_31`` which day of a longer month then
    counts for nothing; ``full`` whether a full period costs its price or its days; ``share_places`` and ``rate_places``
    to how many decimals the share, or the price of one day (in major units), is rounded before it is multiplied;
    ``odd_days`` what days beyond whole months are over; ``closed`` on which days nobody works.
    """

    month_days: int = 30
    day_31: str = "30th is free"
    full: str = "price"
    share_places: int | None = None
    rate_places: int | None = None
    odd_days: str = "own month"
    closed: Closed = USUAL_WEEK


PLAIN = Counting()


def counting_of(details: Mapping[str, Any]) -> Counting:
    """The counting that a term's details name. Raises ValueError for one that nobody knows."""
    if not any(name in details for name in COUNTED):
        return PLAIN
    found = Counting(
        int(details.get("month_days") or 30),
        str(details.get("day_31") or "30th is free"),
        str(details.get("full_period") or "price"),
        details.get("share_places"),
        details.get("rate_places"),
        str(details.get("odd_days") or "own month"),
        closed_of(details),
    )
    if found.odd_days not in ODD_DAYS:
        raise ValueError(f"“{found.odd_days}” is not what days beyond whole months are over; use {', '.join(ODD_DAYS)}")
    if not 1 <= found.month_days <= 31:
        raise ValueError(f"month_days is {found.month_days}; a month has 1 to 31 days")
    if any(one is not None and one > MOST_PLACES for one in (found.share_places, found.rate_places)):
        raise ValueError(f"share_places and rate_places are at most {MOST_PLACES}")
    if found.day_31 not in FREE_DAYS:
        raise ValueError(f"“{found.day_31}” is not a day that counts for nothing; use {', '.join(FREE_DAYS)}")
    if found.full not in FULL:
        raise ValueError(f"“{found.full}” is not what a full period costs; use {', '.join(FULL)}")
    return found


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


def share_of(
    period: Period, whole: Period, rule: str = "actual", *, months: int = 0, counting: Counting = PLAIN
) -> tuple[Fraction, str]:
    """The exact share of ``whole`` that falls on ``period``, a part of it, and its words.

    ``rule`` is one of:

    - ``actual``: days over the days of the whole period (21/31, 18/28).
    - ``thirty``: every month has 30 days, a quarter 90, a year 360 (the 30E/360 count of ISDA 2006, section
      4.16(g), held within the period, so that its parts always add up to it).
    - ``actual30``: days as they are over 30 for each month, never above the full price (21/30, 31/30 is 1).
    - ``year365``: days at a 365th of the year's price each, leap year or not, never above the full price.
    - ``year360``: the same at a 360th.
    - ``isda``: days of a leap year at a 366th, others at a 365th (actual/actual of ISDA 2006, section 4.16(b)).
    - ``month``: calendar months count one each, a part of one its days over the days of that month, whatever the
      anchor (1 February to 30 November is ten twelfths of a year).
    - ``none``: a period begun is a period paid.
    - ``30/360 bond`` and its like, ``actual/364``, ``nl/365`` ...: days as ``rules.daycount`` counts them, over as many as
      the months have in such a year; parts need not add up to the whole, because these ways look at each day by itself.
    - ``working days``: those of the part over those of the whole.
    - ``months begun``, ``whole months``, ``months and days``: months counted from the first day of the part; the days
      beyond are a month, nothing, or a part of ``odd_days``.

    ``months`` is the length of ``whole`` in months; 0 means days or weeks, which count by actual days. ``{year}``
    in the words stands for the year's price. ``counting`` is in ``Counting``. Raises ValueError when the rule is unknown
    or the period is not within the whole.
    """
    days, base, words = _counted(period, whole, rule, months, counting)
    share = days / base
    if counting.share_places is not None and words:
        scale = 10**counting.share_places
        share = Fraction(rounded(share * scale), scale)
        words += f" = {decimal_words(share)}"
    return share, words


def worth_of(
    price: Fraction, period: Period, whole: Period, rule: str, *, months: int, currency: str, counting: Counting
) -> tuple[Fraction, str]:
    """What ``period`` costs where ``whole`` costs ``price`` (minor units, exact), and the words of its share.

    Differs from price × share where the price of one day is rounded before it is multiplied.
    """
    if counting.rate_places is None:
        share, words = share_of(period, whole, rule, months=months, counting=counting)
        return price * share, words
    days, base, words = _counted(period, whole, rule, months, counting)
    if not words:
        return price, words
    scale = Fraction(10**counting.rate_places, 10 ** places(currency))
    rate = rounded(price / base * scale) / scale
    return rate * days, f"{words} at {_rate(rate, currency)} each"


def _counted(period: Period, whole: Period, rule: str, months: int, counting: Counting) -> tuple[Fraction, Fraction, str]:
    """Days (or months) that count, how many make up the whole, and the words; no words for a full price."""
    if rule not in RULES:
        raise ValueError(f"“{rule}” is not a rule of proration; use {', '.join(RULES)}")
    if period.start < whole.start or period.end > whole.end:
        raise ValueError(f"{period} is not a part of {whole}")
    one = Fraction(1)
    by_days = counting.full == "counted"
    if period == whole and not by_days:
        return one, one, ""
    if rule == "none":
        return one, one, "not prorated" if period != whole else ""
    if rule in ("year365", "year360") and months:
        year = int(rule[4:])
        base = Fraction(year * months, 12)
        days = Fraction(period.days) if by_days else min(Fraction(period.days), base)
        if months == 12:
            return days, base, f"{period.days} of {year} days"
        return days, base, f"{_days(period.days)} at a {year}th of {{year}} a year"
    if rule == "isda" and months:
        return _by_years(period, months, by_days)
    size = counting.month_days * months
    if rule == "thirty" and months:
        count = _thirtieths(period.end, whole, size, counting) - _thirtieths(period.start, whole, size, counting)
        return Fraction(count), Fraction(size), f"{count} of {size} days in {counting.month_days}-day months"
    if rule == "actual30" and months:
        count = period.days if by_days else min(period.days, size)
        return Fraction(count), Fraction(size), f"{_days(period.days)} at a {size}th"
    if rule == "month" and months:
        return _by_months(period, months)
    if rule in ("months begun", "whole months", "months and days") and months:
        return _from_the_start(period, months, rule, counting)
    if rule == "working days":
        mine, every = (counting.closed.working(one.start, one.end) for one in (period, whole))
        if not every:
            raise ValueError(f"{whole} has no working day; look at weekend and holidays")
        return Fraction(mine), Fraction(every), f"{mine} of {every} working days"
    if rule not in ("actual", "none") and months:
        several, years = counted(period.start, period.end, rule)
        most = (several / years if years else Fraction(365)) * months / 12
        return (Fraction(several) if by_days else min(Fraction(several), most)), most, f"{_days(several)} by {rule}"
    return Fraction(period.days), Fraction(whole.days), f"{period.days} of {_days(whole.days)}"


def _by_years(period: Period, months: int, by_days: bool) -> tuple[Fraction, Fraction, str]:
    """Years in a period, each year's days over its own: 184/365 + 60/366."""
    count, words, day = Fraction(0), [], period.start
    while day < period.end:
        later = min(period.end, date(day.year + 1, 1, 1)) if day.year < date.max.year else period.end
        size = 366 if isleap(day.year) else 365
        count += Fraction((later - day).days, size)
        words.append(f"{(later - day).days}/{size}")
        day = later
    base = Fraction(months, 12)
    return (count if by_days else min(count, base)), base, " + ".join(words) + " of a year"


def _from_the_start(period: Period, months: int, rule: str, counting: Counting) -> tuple[Fraction, Fraction, str]:
    """Months from the first day of a part, and what the days beyond them are."""
    full = 0
    while add_months(period.start, full + 1) <= period.end:
        full += 1
    last = add_months(period.start, full)
    rest = (period.end - last).days
    words = "1 month" if full == 1 else f"{full} months"
    count = Fraction(full)
    if rule == "months begun":
        count += 1 if rest else 0
        words = f"{full + 1} months begun" if rest else words
    elif rule == "months and days" and rest:
        own = Fraction((add_months(period.start, full + 1) - last).days)
        base = {"own month": own, "30": Fraction(30), "365/12": Fraction(365, 12)}[counting.odd_days]
        count += Fraction(rest) / base
        part = f"{_days(rest)} of {counting.odd_days if counting.odd_days != 'own month' else own}"
        words = f"{words} and {part}" if full else part
    elif rest:
        words += f" ({_days(rest)} more cost nothing)"
    return min(count, Fraction(months)), Fraction(months), words + (f" of {months} months" if months > 1 else "")


def _by_months(period: Period, months: int) -> tuple[Fraction, Fraction, str]:
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
    said = " and ".join(words) + (f" of {months} months" if months > 1 else "")
    return min(count + full, Fraction(months)), Fraction(months), said


def rounded(value: Fraction, rounds: str = "half away") -> int:
    """An exact amount as whole minor units; raises ValueError for a way of rounding nobody knows.

    A half goes away from zero, to the even or the odd number, towards zero (``half down``), or towards more or less
    (``half ceiling``, ``half floor``); ``up`` and ``down`` are away from and towards zero, ``ceiling`` and ``floor``
    towards more and less, whatever the rest.
    """
    size, sign = abs(value), -1 if value < 0 else 1
    low, rest = divmod(size.numerator, size.denominator)
    if not rest:
        return sign * low
    half = 2 * rest - size.denominator
    if rounds == "half away":
        more = half >= 0
    elif rounds.startswith("half ") and rounds in ROUNDS:
        odd = low % 2 == 1
        ties = {"half even": odd, "half odd": not odd, "half down": False, "half ceiling": sign > 0, "half floor": sign < 0}
        more = ties[rounds] if half == 0 else half > 0
    elif rounds in ROUNDS:
        more = {"up": True, "down": False, "ceiling": sign > 0, "floor": sign < 0}[rounds]
    else:
        raise ValueError(f"“{rounds}” is not a way to round; use {', '.join(ROUNDS)}")
    return sign * (low + more)


def days360(start: date, end: date) -> int:
    """Days from ``start`` up to ``end`` when every month has 30 (30E/360): 23 May to 15 June is 22."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * 30 + min(end.day, 30) - min(start.day, 30)


def _thirtieths(day: date, whole: Period, size: int, counting: Counting = PLAIN) -> int:
    """How far into ``whole`` a day stands, from 0 at its start to ``size`` at its end.

    Measured from the start of the whole, with its end fixed, because a plain 30/360 count between two
    anchors that a short month has moved (31 Jan to 29 Feb) comes to 29 and would lose a day.
    """
    if day == whole.end:
        return size
    if counting == PLAIN:
        return max(0, min(days360(whole.start, day), size))
    return max(0, min(_place(day, counting) - _place(whole.start, counting), size))


def _place(day: date, counting: Counting) -> int:
    """A day's place on a calendar whose months all have the same number of days."""
    most = counting.month_days
    within = min(day.day, most) - 1 if counting.day_31 == "30th is free" else min(day.day - 1, most)
    return (day.year * 12 + day.month) * most + within


def decimal_words(value: Fraction) -> str:
    """A number as a plain decimal."""
    return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}"


def _rate(rate: Fraction, currency: str) -> str:
    value = Decimal(rate.numerator) / Decimal(rate.denominator)
    return f"{value.scaleb(-places(currency)).normalize():f} {currency}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"

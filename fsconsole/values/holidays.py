"""Days on which nobody works: each of one year, or the same day of every year.

It stands apart because clocks, due days, notice and day counts all ask it, and a calendar is agreed once for many years.

Always: a day of every year stays written as month and day, in files and stores alike; it becomes days only where it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

#: Years in which a day of every year is known.
YEARS = range(1970, 2100)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_FIRST = re.compile(r"(\d{1,2})\.?\s+([a-z]{3,9})\.?")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})")
_FIGURES = re.compile(r"(?:--)?(\d\d)-(\d\d)")


def every_year(text: str) -> str | None:
    """``25 Dec``, ``December 25`` or ``12-25`` as ``12-25``; None where it is no day of a year."""
    word = " ".join(text.lower().split())
    if found := _FIGURES.fullmatch(word):
        month, day = int(found[1]), int(found[2])
    elif found := _DAY_FIRST.fullmatch(word):
        month, day = _month(found[2]), int(found[1])
    elif found := _MONTH_FIRST.fullmatch(word):
        month, day = _month(found[1]), int(found[2])
    else:
        return None
    return f"{month:02d}-{day:02d}" if _day(2024, month, day) else None


def _month(word: str) -> int:
    return MONTHS.index(word[:3]) + 1 if word[:3] in MONTHS else 0


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def closed_days(said: Iterable[date | str] | None) -> frozenset[date]:
    """The days that a list of holidays names: days, their ISO words, and ``12-25`` in each of YEARS (29 Feb in leap years)."""
    return _days(tuple(said or ()))


@cache
def _days(said: tuple[date | str, ...]) -> frozenset[date]:
    found: set[date] = set()
    for one in said:
        if isinstance(one, date):
            found.add(one)
        elif yearly := every_year(one):
            month, number = (int(part) for part in yearly.split("-"))
            found |= {day for year in YEARS if (day := _day(year, month, number))}
        else:
            found.add(date.fromisoformat(one))
    return frozenset(found)

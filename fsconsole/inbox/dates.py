"""One cell's text to a day or an instant, in the order its column writes days.

It stands apart because 03/04/2026 is two different days and only the column can say which.

Always: a day is never guessed against its column's order; an instant comes out aware, in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal, NamedTuple

Order = Literal["dmy", "mdy", "ymd"]

WRITTEN = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year-month-day"}
EMPTY = frozenset(
    ["-", "--", "---", ".", "–", "—", "n/a", "na", "#n/a", "n.a.", "null", "none", "nil", "nan", "(null)", "(blank)",
    "(none)", "#value!", "#ref!", "0000-00-00", "00/00/0000"]
) | {"", "0000-00-00 00:00:00", "not set", "not applicable"}

#: The first letters of a month's name in English, German, French, Spanish, Italian, Dutch and the Nordic languages.
_MONTHS = {
    "jan": 1, "ene": 1, "gen": 1, "feb": 2, "fév": 2, "fev": 2, "mar": 3, "mär": 3, "mae": 3, "mrt": 3, "maa": 3,
    "apr": 4, "avr": 4, "abr": 4, "may": 5, "mai": 5, "maj": 5, "mei": 5, "mag": 5, "jun": 6, "giu": 6, "jui": 6,
    "jul": 7, "lug": 7, "aug": 8, "aoû": 8, "aou": 8, "ago": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10, "ott": 10,
    "nov": 11, "dec": 12, "dez": 12, "déc": 12, "dic": 12, "des": 12,
}  # fmt: skip

_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s+", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,4})([-/. ]\s?)(\d{1,2})[-/. ]\s?(\d{4}|\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?=$|[T\s])")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s\-/.]*([^\W\d_]{3,12})[.,]?[\s\-/.']*(\d{4}|\d{2})(?!\d)", re.IGNORECASE)
_NAME_DAY = re.compile(r"([^\W\d_]{3,12})\.?[\s\-]*(\d{1,2})(?:st|nd|rd|th)?,?[\s\-]+(\d{4})(?!\d)", re.IGNORECASE)
_YEAR_NAME = re.compile(r"(\d{4})[\s\-/.]*([^\W\d_]{3,12})\.?[\s\-/.]*(\d{1,2})(?!\d)")
_SERIAL = re.compile(r"([2-7]\d{4})(?:[.,](\d+))?")
_EPOCH = re.compile(r"(\d{10})(\d{3})?(?:\.\d+)?")
_TIME = re.compile(
    r"(?:T|,|at\b)?\s*(\d{1,2})(?:[:.h](\d{2}))?(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*([ap])?\.?(?:m\b\.?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)


class DateOrder(NamedTuple):
    """How a column writes its days; ``ambiguous`` when no cell of it settled the question or cells disagree."""

    order: Order
    ambiguous: bool


def is_empty(text: str) -> bool:
    """Whether a cell says nothing: blank, a dash, n/a, null, a zero date."""
    return not text or text.strip().lower() in EMPTY


def date_order(samples: Iterable[str], default: Order = "dmy") -> DateOrder:
    """The order of day, month and year in a column, from those of its texts that can only be read one way."""
    seen = {"dmy": 0, "mdy": 0, "ymd": 0}
    open_question = False
    for text in samples:
        found = _NUMERIC.match(_WEEKDAY.sub("", text.strip(), count=1))
        if not found or _SERIAL.fullmatch(text.strip()):
            continue
        first, middle = int(found[1]), int(found[3])
        if len(found[1]) >= 3 or first > 31:
            seen["ymd"] += 1
        elif first > 12 >= middle:
            seen["dmy"] += 1
        elif middle > 12 >= first:
            seen["mdy"] += 1
        elif first != middle:
            open_question = True
    if not any(seen.values()):
        return DateOrder(default, open_question)
    best = max(("dmy", "mdy", "ymd"), key=lambda order: (seen[order], order == default))
    slashed = [order for order in ("dmy", "mdy") if seen[order]]
    if best == "ymd" and slashed:
        best = max(slashed, key=lambda order: seen[order])
    order: Order = "dmy" if best == "dmy" else "mdy" if best == "mdy" else "ymd"
    if order == "ymd" and open_question:
        order = default  # years first are read as such anyway; the others are still an open question
    return DateOrder(order, len(slashed) > 1 or (not slashed and open_question))


def day(text: str, order: Order = "dmy", zone: tzinfo | None = None) -> date | None:
    """The day in a cell, with or without a time: ISO, in the column's order, with a month's name, or Excel's serial.

    A time with an offset is first taken to ``zone``. Raises ValueError with how to write it.
    """
    if is_empty(text):
        return None
    when, offset = _when(text.strip(), order)
    if offset is not None and zone is not None:
        return when.replace(tzinfo=offset).astimezone(zone).date()
    return when.date()


def instant(text: str, zone: tzinfo, order: Order = "dmy") -> datetime | None:
    """The instant in a cell, in UTC: local to ``zone`` unless it has an offset; a bare day is its first moment.

    Seconds and milliseconds since 1970 are understood. Raises ValueError with how to write it.
    """
    if is_empty(text):
        return None
    body = text.strip()
    if found := _EPOCH.fullmatch(body):
        return datetime.fromtimestamp(int(found[1]), UTC) + timedelta(milliseconds=int(found[2] or 0))
    when, offset = _iso(body) or _when(body, order)
    try:
        return when.replace(tzinfo=offset or zone).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"“{text}” is outside the years that can be read") from None


def _iso(text: str) -> tuple[datetime, tzinfo | None] | None:
    """The short way for what most files have, an ISO instant to the second; None for anything else."""
    if len(text) < 19 or text[4] != "-" or text[10] not in "T ":
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when, when.tzinfo) if 1900 <= when.year <= 2199 else None


def _when(text: str, order: Order) -> tuple[datetime, tzinfo | None]:
    if len(text) == 10 and text[4] == "-" and text[7] == "-":
        try:
            return datetime.fromisoformat(text), None
        except ValueError:
            pass
    if found := _SERIAL.fullmatch(text):
        # Excel counts days from 1900 and takes 1900 for a leap year, so that its day 60 on are from 30 Dec 1899.
        part = float(f"0.{found[2] or 0}")
        return datetime(1899, 12, 30) + timedelta(days=int(found[1]), seconds=round(part * 86400)), None  # noqa: DTZ001
    body = _WEEKDAY.sub("", text, count=1) if text[:1].isalpha() else text
    year, month, number, rest = _parts(body, text, order)
    try:
        the_day = date(year, month, number)
    except ValueError:
        raise ValueError(f"“{text}” is not in the calendar, read as {_read_as(body, order)}") from None
    if not 1900 <= year <= 2199:
        raise ValueError(f"“{text}” is in the year {year}; write all four digits of a year from 1900 to 2199")
    clock, offset = _clock(rest, text)
    return datetime.combine(the_day, clock), offset


def _read_as(body: str, order: Order) -> str:
    found = _NUMERIC.match(body)
    return WRITTEN["ymd" if found and len(found[1]) == 4 else order]


def _parts(body: str, text: str, order: Order) -> tuple[int, int, int, str]:
    """Year, month, day and what follows them."""
    if (found := _NUMERIC.match(body)) and len(found[1]) != 3:
        first, middle, last = found[1], found[3], found[4]
        rest = body[found.end() :]
        if len(first) == 4 or (order == "ymd" and len(last) != 4):
            return _year(first), int(middle), int(last), rest
        if order == "mdy":
            return _year(last), int(first), int(middle), rest
        return _year(last), int(middle), int(first), rest
    if found := _COMPACT.match(body):
        return int(found[1]), int(found[2]), int(found[3]), body[found.end() :]
    if (found := _DAY_NAME.match(body)) and (month := _MONTHS.get(_stem(found[2]))):
        return _year(found[3]), month, int(found[1]), body[found.end() :]
    if (found := _NAME_DAY.match(body)) and (month := _MONTHS.get(_stem(found[1]))):
        return _year(found[3]), month, int(found[2]), body[found.end() :]
    if (found := _YEAR_NAME.match(body)) and (month := _MONTHS.get(_stem(found[2]))):
        return int(found[1]), month, int(found[3]), body[found.end() :]
    raise ValueError(f"“{text}” is not a day; write it like 2026-03-15, or {WRITTEN[order]} as its column does")


def _stem(name: str) -> str:
    name = name.lower()
    return "jul" if name.startswith("juil") else name[:3]


def _year(digits: str) -> int:
    # POSIX: two digits from 69 on are of the last century.
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= 69 else 2000)


def _clock(rest: str, text: str) -> tuple[time, tzinfo | None]:
    if not rest.strip(" ,"):
        return time(), None
    found = _TIME.fullmatch(rest.strip())
    if not found or (found[2] is None and found[5] is None):
        raise ValueError(f"“{text}” does not end in a time; write it like 2026-03-15 14:30 or 2:30 pm")
    hour = int(found[1])
    if found[5]:
        if not 1 <= hour <= 12:
            raise ValueError(f"“{text}” has no such time of day; write it like 14:30")
        hour = hour % 12 + (12 if found[5].lower() == "p" else 0)
    try:
        clock = time(hour, int(found[2] or 0), int(found[3] or 0), int((found[4] or "0")[:6].ljust(6, "0")))
    except ValueError:
        raise ValueError(f"“{text}” has no such time of day; write it like 14:30") from None
    if not found[6]:
        return clock, None
    if found[6][0] not in "+-":
        return clock, UTC
    digits = found[6][1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if shift >= timedelta(hours=24):
        raise ValueError(f"“{text}” has no such offset from UTC; write it like +01:00")
    return clock, timezone(-shift if found[6][0] == "-" else shift)

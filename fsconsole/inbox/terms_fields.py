"""One field of a price file: what type it has, how it is read, and what to say when it is not that.

It stands apart so that each kind of term declares its fields in a line each.

Always: no float; a number is a whole number or a Decimal, an amount whole minor units.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from fsconsole.inbox.terms_called import like
from fsconsole.inbox.words import cadence
from fsconsole.inbox.words import minutes as minutes_of
from fsconsole.values.holidays import every_year
from fsconsole.values.money import CURRENCIES, places


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name, its type (a key of ``READERS``), one line of help.

    ``choices`` are the words it may be, ``also`` other words for them; ``fields`` those of a table.
    """

    name: str
    kind: str
    help: str = ""
    needed: bool = False
    choices: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the file, or several of a name (``many``)."""

    fields: tuple[Field, ...]
    many: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What amounts and local times are read with."""

    currency: str = "GBP"
    instant: Callable[[datetime], datetime] = field(default=lambda at: at.replace(tzinfo=UTC))


#: Numbers beyond so many digits, and instants outside these years, are mistakes.
MOST_DIGITS = 15
YEARS = range(1900, 2200)


class WrongValue(ValueError):
    """What was expected, in words that follow “expected”."""


def money(raw: Any, setting: Setting) -> int:
    value = number(raw, setting, "an amount such as 300.00")
    scaled = value.scaleb(places(setting.currency))
    if scaled != scaled.to_integral_value():
        raise WrongValue(f"an amount with at most {places(setting.currency)} decimals in {setting.currency}")
    return int(scaled)


def number(raw: Any, setting: Setting, expected: str = "a number such as 1.5") -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        raise WrongValue(expected)
    try:
        value = Decimal(raw)
    except InvalidOperation:
        raise WrongValue(expected) from None
    if not value.is_finite():
        raise WrongValue(expected)
    if value and abs(value.adjusted()) > MOST_DIGITS:
        raise WrongValue(f"{expected}, with at most {MOST_DIGITS} digits before or after its point")
    return value


def percent(raw: Any, setting: Setting) -> Decimal:
    return number(raw.strip().removesuffix("%").strip() if isinstance(raw, str) else raw, setting, "a percentage such as 2.5")


def part(raw: Any, setting: Setting) -> Decimal:
    """A percentage that is taken off: of nothing or less, or of more than all, none can be."""
    value = percent(raw, setting)
    if not 0 < value <= 100:
        raise WrongValue("a percentage above 0 and up to 100")
    return value


def off(raw: Any, setting: Setting) -> int:
    """An amount that is taken off."""
    value = money(raw, setting)
    if value <= 0:
        raise WrongValue("an amount above 0 such as 20.00; what it says is taken off")
    return value


def count(raw: Any, setting: Setting) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise WrongValue("a whole number, 0 or more")
    if raw >= 10**9:
        raise WrongValue("a whole number below a thousand million")
    return raw


def minutes(raw: Any, setting: Setting) -> int:
    if isinstance(raw, str):
        try:
            found = minutes_of(raw)
        except ValueError:
            found = None
        if found is None:
            raise WrongValue("minutes, or a length of time such as “1 h 30”")
        return found
    return count(raw, setting)


def day(raw: Any, setting: Setting) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if isinstance(raw, str):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            pass
    raise WrongValue("a day such as 2025-01-31")


def holiday(raw: Any, setting: Setting) -> date | str:
    """A day, or the day of every year as month and day."""
    if isinstance(raw, str) and (yearly := every_year(raw)):
        return yearly
    try:
        return day(raw, setting)
    except WrongValue:
        raise WrongValue("a day such as 2025-12-25, or “25 Dec” for every year") from None


def instant(raw: Any, setting: Setting) -> datetime:
    if isinstance(raw, str):
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError:
            raise WrongValue("an instant such as 2025-01-31T09:00:00 (local) or 2025-01-31T09:00:00Z") from None
    if not isinstance(raw, datetime):
        raise WrongValue("an instant such as 2025-01-31T09:00:00 (local) or 2025-01-31T09:00:00Z")
    if raw.year not in YEARS:
        raise WrongValue(f"an instant between {YEARS[0]} and {YEARS[-1]}")
    return raw.astimezone(UTC) if raw.tzinfo else setting.instant(raw)


def moment(raw: Any, setting: Setting) -> date | datetime:
    """A day or an instant, whichever the file says."""
    return instant(raw, setting) if isinstance(raw, datetime) or (isinstance(raw, str) and "T" in raw) else day(raw, setting)


def clock(raw: Any, setting: Setting) -> str:
    if isinstance(raw, time):
        return f"{raw:%H:%M}"
    if isinstance(raw, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d|24:00", raw):
        return raw.zfill(5)
    raise WrongValue("a time of day such as 17:00")


def words(raw: Any, setting: Setting) -> str:
    if not isinstance(raw, str):
        raise WrongValue("words in quotes")
    return raw.strip()


def flag(raw: Any, setting: Setting) -> bool:
    if not isinstance(raw, bool):
        raise WrongValue("true or false")
    return raw


def zone(raw: Any, setting: Setting) -> str:
    name = words(raw, setting)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = like(name, sorted(available_timezones())) if len(name) > 5 else ""
        raise WrongValue(f"a time zone such as Europe/London{hint}") from None
    return name


def currency(raw: Any, setting: Setting) -> str:
    if not isinstance(raw, str) or not re.fullmatch("[A-Z]{3}", raw):
        upper = raw.strip().upper() if isinstance(raw, str) else ""
        named = {"POUNDS": "GBP", "£": "GBP", "EURO": "EUR", "EUROS": "EUR", "€": "EUR", "DOLLARS": "USD", "$": "USD"}
        meant = named.get(upper, upper if upper in CURRENCIES else "")
        raise WrongValue("a currency of three capitals such as GBP" + (f"; did you mean {meant}?" if meant else ""))
    if raw not in CURRENCIES:
        raise WrongValue(f"a currency of ISO 4217 such as GBP{like(raw, sorted(CURRENCIES))}")
    return raw


def every(raw: Any, setting: Setting) -> tuple[int, str]:
    """How often, as (3, "month"): month, 3 months, quarter, half-year, year, 2 weeks, 10 days, half month, 4-4-5 weeks."""
    expected = "how often: month, 3 months, quarter, year, half month, 2 weeks, 10 days, 4-4-5 weeks"
    if isinstance(raw, int) and not isinstance(raw, bool) and raw > 0:
        return raw, "month"
    if not isinstance(raw, str):
        raise WrongValue(expected)
    if re.fullmatch(r"\s*(half[ -]month(ly)?|semi-?monthly|twice a month)\s*", raw, re.IGNORECASE):
        return 1, "half month"
    found = re.fullmatch(r"\s*(?:1\s+)?(\d{1,2}(?:-\d{1,2}){1,11})(?:\s*weeks?)?\s*", raw, re.IGNORECASE)
    if found and all(int(one) for one in found[1].split("-")):
        return 1, f"{found[1]} week"
    if found := re.fullmatch(r"\s*(?:every\s+)?(\d{1,4})?\s*(days?|weeks?|months?|quarters?|years?)\s*", raw, re.IGNORECASE):
        size, unit = int(found[1] or 1), found[2].lower().rstrip("s")
        if size > 0:
            return (size * 3, "month") if unit == "quarter" else (size, unit)
    try:
        known = cadence(raw)
    except ValueError:
        known = None
    if known is None or known[0] < 1:
        raise WrongValue(expected)
    return known


def span(raw: Any, setting: Setting) -> tuple[int, str]:
    """A length of time as (90, "day") or (3, "month"): 90 days, 3 months, 2 weeks, 1 year; a number is days."""
    if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0:
        return raw, "day"
    found = (
        re.fullmatch(r"\s*(\d{1,5})\s*(days?|weeks?|months?|quarters?|years?)\s*", raw.lower()) if isinstance(raw, str) else None
    )
    if not found:
        raise WrongValue("a length of time such as 90 days, 3 months or 1 year")
    size, unit = int(found[1]), found[2].rstrip("s")
    times = {"day": (1, "day"), "week": (7, "day"), "month": (1, "month"), "quarter": (3, "month"), "year": (12, "month")}
    factor, of = times[unit]
    return size * factor, of


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


_NUMBERS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1, "second-last": -2, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4,
}  # fmt: skip
#: What ``anchor`` may be read as: a number, “start” or “calendar”, a day, several days of the month, (“nth”, n, weekday).
Anchor = int | str | date | tuple[int, ...] | tuple[str, int, int]


def anchor(raw: Any, setting: Setting) -> Anchor:
    """The day of the month (1 to 31), of the week (Monday is 1), “start”, “calendar” or a day.

    Several days of the month are [1, 16]; the n-th weekday of it is “second tuesday” or “last friday”.
    """
    if isinstance(raw, list) and 1 < len(raw) <= 31 and all(type(one) is int and 1 <= one <= 31 for one in raw):
        return tuple(sorted(set(raw)))
    if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= 31:
        return raw
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if isinstance(raw, str):
        word = raw.strip().lower()
        if word in ("start", "calendar"):
            return word
        if word in ("last day", "end", "end of month"):
            return 31
        first, _, rest = word.replace("second last ", "second-last ").partition(" ")
        day = next((number_ for number_, name in enumerate(WEEKDAYS, 1) if len(rest) >= 3 and name.startswith(rest)), None)
        if first in _NUMBERS and day:
            return "nth", _NUMBERS[first], day
        for number_, name in enumerate(WEEKDAYS, 1):
            if len(word) >= 2 and name.startswith(word):
                return number_
    raise WrongValue(
        "a day of the month from 1 to 31, last day, several such as [1, 16], second tuesday, a weekday, start, calendar, "
        "or a day such as 2025-01-01"
    )


def anything(raw: Any, setting: Setting) -> Any:
    """Whatever its rule reads; but a number is one."""
    if isinstance(raw, Decimal):
        return number(raw, setting)
    return raw


def one_of(raw: Any, about: Field) -> str:
    word = str(raw).strip().lower() if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    word = {"true": "yes", "false": "no"}.get(str(raw).lower(), word) if isinstance(raw, bool) else word
    word = dict(about.also).get(word, word)
    if word not in about.choices:
        raise WrongValue(f"one of {', '.join(about.choices)}" + like(word, about.choices))
    return word


#: Types by name. ``table``, ``tables`` and ``choice`` are read by terms_file, a trailing “list” of any reads each.
READERS: dict[str, Callable[[Any, Setting], Any]] = {
    "money": money, "number": number, "percent": percent, "part": part, "off": off, "count": count, "minutes": minutes,
    "day": day, "holiday": holiday,
    "instant": instant, "moment": moment, "clock": clock, "words": words, "flag": flag, "zone": zone,
    "currency": currency, "every": every, "span": span, "anchor": anchor,
    "any": anything,
}  # fmt: skip

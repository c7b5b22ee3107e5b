"""A company's own decisions: every policy with its type, default and help, and what is in force on a day.

It stands apart because the other rules ask for these values by name and none of them may keep one of its own.

Always: a value nobody can read never takes effect; the one before it, or the default, stays in force.
"""

# ruff: noqa: RUF009 - a row of the table is a field of the class: _is() returns dataclasses.field()
from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fsconsole.values.terms import Calendar, Policy
from fsconsole.values.work import Column

SIGN_OFF_KINDS = ("signed", "unattended", "remote", "refused", "deemed")
SILENT_STATES = ("dispatched", "en route", "on site")
COLUMNS = tuple(column.value for column in Column if column is not Column.CLOSED)


def _flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word in ("yes", "true", "on", "1"):
        return True
    if word in ("no", "false", "off", "0"):
        return False
    raise ValueError("yes or no")


def _count(value: Any) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        number = -1
    if isinstance(value, bool) or number < 0:
        raise ValueError("a whole number, 0 or more")
    return number


def _day(value: Any) -> date | None:
    if value is None or value == "" or str(value).lower() == "none":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError("a day such as 2026-01-31, or none") from None


def _currency(value: Any) -> str:
    text = str(value).strip().upper()
    if not re.fullmatch("[A-Z]{3}", text):
        raise ValueError("a currency of three letters such as GBP")
    return text


def _zone(value: Any) -> str:
    text = str(value).strip()
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone such as Europe/London") from None
    return text


def _country(value: Any) -> str:
    text = str(value).strip().upper()
    if not re.fullmatch("([A-Z]{2}(-[A-Z0-9]{1,3})?)?", text):
        raise ValueError("a country such as GB, with its part when holidays differ (GB-SCT), or nothing")
    return text


def _hours_text(value: Any) -> str:
    hours(str(value))
    return str(value).strip()


def _calendars(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError('names with their hours, such as {"night": "Mon-Fri 22:00-06:00"}')
    return {str(name): _hours_text(text) for name, text in value.items()}


def _kinds(value: Any) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    kinds = tuple(str(kind).strip() for kind in given) if isinstance(given, list | tuple) else ("?",)
    if any(kind not in SIGN_OFF_KINDS for kind in kinds):
        raise ValueError(f"one or more of {', '.join(SIGN_OFF_KINDS)}")
    return kinds


def _minutes_by(states: tuple[str, ...]) -> Callable[[Any], Mapping[str, int]]:
    def read_minutes(value: Any) -> Mapping[str, int]:
        if not isinstance(value, Mapping) or any(state not in states for state in value):
            raise ValueError(f"minutes for some of {', '.join(states)}")
        return {str(state): _count(minutes) for state, minutes in value.items()}

    return read_minutes


def _numbers(value: Any) -> Mapping[str, int]:
    if not isinstance(value, Mapping):
        raise ValueError("names with whole numbers, such as repair=90, inspection=45")
    return {str(name).strip().lower(): _count(number) for name, number in value.items()}


def _words(value: Any) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise ValueError("words separated by commas")
    return tuple(word for each in given if (word := str(each).strip().lower()))


def _is(default: Any, kind: str, read: Callable[[Any], Any], help: str) -> Any:
    """One row of the table: the field's default, what type to expect, how to read it, and its help."""
    about = {"kind": kind, "read": read, "help": help}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=about)
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The policies as they stand on one day, and the table of all there are. Minutes, days, minor units."""

    card_required: bool = _is(True, "yes/no", _flag, "No job card, no invoice.")
    sign_off_required: bool = _is(True, "yes/no", _flag, "A job needs a sign-off before it is billed.")
    sign_off_kinds: tuple[str, ...] = _is(
        ("signed", "unattended", "remote", "deemed"), "kinds", _kinds, "Which kinds of sign-off may bill."
    )
    deem_days: int = _is(0, "days", _count, "Days until an unsigned card is deemed signed off; 0 never.")
    repeat_days: int = _is(30, "days", _count, "A second call within these days is a repeat.")
    silent_minutes: Mapping[str, int] = _is(
        {"en route": 20, "on site": 60},
        "minutes by state",
        _minutes_by(SILENT_STATES),
        "Minutes without a position after which a technician counts as silent.",
    )
    row_minutes: Mapping[str, int] = _is(
        {
            "logged": 30,
            "scheduled": 2880,
            "dispatched": 120,
            "en route": 60,
            "on site": 180,
            "waiting parts": 4320,
            "complete": 1440,
            "signed off": 4320,
            "parked": 10080,
        },
        "minutes by state",
        _minutes_by(COLUMNS),
        "Minutes in a column after which a row counts as old.",
    )
    soon_minutes: int = _is(60, "minutes", _count, "A promise due within these minutes is soon.")
    pause_parts: bool = _is(False, "yes/no", _flag, "Waiting for parts stops the SLA clock.")
    pause_no_access: bool = _is(True, "yes/no", _flag, "The SLA clock stops from no access to the next visit.")
    cut_over: date | None = _is(None, "day", _day, "Work finished before it was billed in the old system.")
    locked_until: date | None = _is(None, "day", _day, "The books are closed for all days before this one.")
    currency: str = _is("GBP", "currency", _currency, "The company's currency.")
    timezone: str = _is("Europe/London", "time zone", _zone, "The company's time zone.")
    office_hours: str = _is("Mon-Fri 09:00-17:00", "hours", _hours_text, "Working hours of the calendar “office”.")
    calendars: Mapping[str, str] = _is(
        {"24x7": "Mon-Sun 00:00-24:00"}, "hours by name", _calendars, "Further working calendars for SLAs."
    )
    holiday_country: str = _is("GB", "country", _country, "Whose public holidays close the working calendars.")
    tax_rate: int = _is(2000, "hundredths of %", _count, "Tax where client and contract say nothing; 20% is kept as 2000.")
    terms_days: int = _is(30, "days", _count, "Days to pay, where client and contract say nothing.")
    labour_minutes: int = _is(60, "minutes", _count, "What a job is taken to need when none are planned.")
    labour_rate: int = _is(6000, "amount an hour", _count, "What an hour is taken to be worth without a rate.")
    presence_metres: int = _is(250, "metres", _count, "A trail this near to a location counts as there.")
    gap_minutes: int = _is(15, "minutes", _count, "Minutes that a card may exceed the time on site by GPS.")
    files_days: int = _is(0, "days", _count, "Days that photos and papers are kept; 0 for good.")
    lead_days: int = _is(14, "days", _count, "Days before a period when it may be billed in advance.")
    sign_off_above: int = _is(0, "amount", _count, "A sign-off is asked for work worth more than this; 0 always.")
    approve_above: int = _is(0, "amount", _count, "A draft of more than this needs approval; 0 none does.")
    approve_margin: int = _is(0, "percent", _count, "A job below this margin needs approval; 0 none does.")
    standard_minutes: Mapping[str, int] = _is({}, "minutes by kind of job", _numbers, "Labour a kind of job usually takes.")
    standard_parts: Mapping[str, int] = _is(
        {}, "amount by kind of job", _numbers, "What parts of a kind of job usually come to."
    )
    standard_percent: int = _is(50, "percent", _count, "How far a job may be off its standard.")
    moved_percent: int = _is(25, "percent", _count, "A period that costs so much more or less than the last is asked about.")
    notice_warn_days: int = _is(30, "days", _count, "Days before the last day to give notice that it is asked about.")
    over_days: int = _is(90, "days", _count, "Work so soon after a contract's end asks whether it was to be renewed.")
    misuse_words: tuple[str, ...] = _is(
        ("misuse", "abuse", "vandal", "tamper"), "words", _words, "Words on a card that put cover in doubt."
    )
    small_difference: int = _is(100, "amount", _count, "An invoice short by no more than this is asked about.")
    meter_days: int = _is(5, "days", _count, "Days after a period's end until a missing reading is asked for.")
    meter_times: int = _is(3, "times", _count, "A reading so many times the usual is asked about.")
    hours_percent: int = _is(80, "percent", _count, "Included hours used up this far are asked about.")
    asset_fees: Mapping[str, int] = _is(
        {}, "amount by kind of equipment", _numbers, "What equipment on no contract would bring a period."
    )
    least: Mapping[str, int] = _is({}, "amount by reason", _numbers, "Exceptions worth less than this are not raised.")

    def calendar(self, name: str = "", closed: frozenset[date] = frozenset()) -> Calendar:
        """The working calendar of that name (nothing: office) in the company's zone, closed on those days.

        A calendar that is open day and night has no holidays. Raises ValueError for an unknown name.
        """
        known = {"24x7": "Mon-Sun 00:00-24:00", **self.calendars, "office": self.office_hours}
        if (name or "office") not in known:
            raise ValueError(f"there is no working calendar “{name}”; there are {', '.join(sorted(known))}")
        spans = hours(known[name or "office"])
        whole = all(spans.get(day) == ((time(0), time(0)),) for day in range(7))
        return Calendar(timezone=self.timezone, hours=spans, closed=frozenset() if whole else closed)


@dataclass(frozen=True, slots=True)
class Kind:
    """One policy there is: its name, type in a word, default, one line of help."""

    name: str
    kind: str
    default: Any
    help: str

    @property
    def money(self) -> bool:
        """Whether it is an amount, or several by name: kept in minor units, written and told as money."""
        return self.kind.startswith("amount")


KINDS: tuple[Kind, ...] = tuple(
    Kind(row.name, row.metadata["kind"], getattr(InForce(), row.name), row.metadata["help"]) for row in fields(InForce)
)
_READ: dict[str, Callable[[Any], Any]] = {row.name: row.metadata["read"] for row in fields(InForce)}


def read(name: str, value: Any) -> Any:
    """The value of a policy as its type wants it, from what was typed, imported or stored.

    Raises ValueError that says what was expected.
    """
    if name not in _READ:
        raise ValueError(f"there is no policy “{name}”; there are {', '.join(_READ)}")
    try:
        return _READ[name](value)
    except ValueError as wrong:
        raise ValueError(f"policy {name}: “{value}” is not right; expected {wrong}") from None


class Policies:
    """All dated decisions of a company. ``problems`` says in a sentence each what could not be read."""

    def __init__(self, decisions: Iterable[Policy] = ()) -> None:
        self.problems: list[str] = []
        self._dated: list[tuple[date, str, Any]] = []
        # Two values of one name and day: the greater id wins, arbitrary but the same everywhere.
        for policy in sorted(decisions, key=lambda p: (p.start or date.min, p.id)):
            try:
                self._dated.append((policy.start or date.min, policy.name, read(policy.name, policy.value)))
            except ValueError as wrong:
                self.problems.append(str(wrong))
        self._starts = [start for start, _, _ in self._dated]
        self._known: dict[int, InForce] = {}

    @property
    def latest(self) -> InForce:
        """What is in force from the last decision on: for fences, which are set one day and hold for days before."""
        return self.on(date.max)

    def on(self, day: date) -> InForce:
        """What is in force on a day."""
        passed = bisect_right(self._starts, day)
        if passed not in self._known:
            values = {name: value for start, name, value in self._dated[:passed]}
            self._known[passed] = replace(InForce(), **values)
        return self._known[passed]


_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@lru_cache(maxsize=256)
def hours(text: str) -> Mapping[int, tuple[tuple[time, time], ...]]:
    """Working hours from words: ``Mon-Fri 08:00-12:00 13:00-17:00; Sat 09:00-12:00``, by weekday.

    Monday is 0. A span that ends at or before its start ends on the next day, so ``22:00-06:00``
    crosses midnight and ``00:00-24:00`` is the whole day. ``24/7`` is every hour.
    Commas are as good as blanks: ``Mon, Wed 09:00-12:00, 13:00-17:00``.
    Raises ValueError that shows how to write them.
    """
    if text.replace(" ", "") in ("24/7", "24x7"):
        text = "Mon-Sun 00:00-24:00"
    result: dict[int, tuple[tuple[time, time], ...]] = {}
    days: list[int] = []
    waiting = True  # for the first span of the days just named
    for word in re.sub(r"\s*[-–]\s*", "-", text).replace(",", " ").replace(";", " ").split():
        if piece := _SPAN.fullmatch(word):
            if not days:
                raise ValueError(_HOW)
            waiting = False
            for day in days:
                result[day] = tuple(sorted((*result.get(day, ()), _span(piece.groups()))))
            continue
        days = [*(days if waiting else ()), *_weekdays(word)]
        waiting = True
    if not result or waiting:
        raise ValueError(_HOW)
    return result


def _weekdays(word: str) -> list[int]:
    """The weekdays of ``Mon``, ``monday`` or ``Fri-Mon``, Monday is 0."""
    first, _, last = word.lower().partition("-")
    ends = []
    for end in (first, last or first):
        found = [number for number, name in enumerate(_LONG) if len(end) >= 2 and name.startswith(end)]
        if len(found) != 1:
            raise ValueError(_HOW)
        ends.append(found[0])
    return [number % 7 for number in range(ends[0], ends[0] + (ends[1] - ends[0]) % 7 + 1)]


_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOW = "hours such as Mon-Fri 09:00-12:30 13:00-17:00; Sat 09:00-12:00"


def _span(digits: tuple[str | Any, ...]) -> tuple[time, time]:
    h1, m1, h2, m2 = (int(digit) for digit in digits)
    if h1 > 23 or m1 > 59 or m2 > 59 or h2 > 24 or (h2 == 24 and m2):
        raise ValueError(_HOW)
    return time(h1, m1), time(h2 % 24, m2)


@lru_cache(maxsize=4096)
def start_of(day: date, timezone: str) -> datetime:
    """The instant (UTC) at which a local day begins."""
    return datetime.combine(day, time(0), ZoneInfo(timezone)).astimezone(ZoneInfo("UTC"))


@lru_cache(maxsize=4096)
def local_day(at: datetime, timezone: str) -> date:
    """The local day of an instant."""
    return at.astimezone(ZoneInfo(timezone)).date()


def days_after(at: datetime, days: int, timezone: str) -> datetime:
    """The instant at which the local day ``days`` after that of ``at`` begins."""
    return start_of(local_day(at, timezone) + timedelta(days=days), timezone)

"""Days, instants, sums and states as the screens say them: short, the same everywhere, never computed anew.

It stands apart because eight screens say "Thu 14:00", "£1,160.00" and "6 d" and must say them alike.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from fsconsole.console.text import span
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Cell
from fsconsole.values.money import show
from fsconsole.values.period import Period

MINUTE = 60_000


def instant(ms: int | None) -> datetime | None:
    """The instant of milliseconds since 1970."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def clock_of(ms: int | None, now: datetime, zone: tzinfo) -> str:
    """``14:00`` today, ``Thu 14:00`` within six days, else ``12 Mar 14:00``; nothing for None."""
    if ms is None:
        return ""
    here, today = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone), now.astimezone(zone).date()
    return f"{here:%H:%M}" if here.date() == today else f"{day_of(here.date(), today)} {here:%H:%M}"


def day_of(on: date | str | None, today: date) -> str:
    """``today``, ``Thu`` within six days either way, ``12 Mar`` within the year, else ``12 Mar 2024``."""
    if not on:
        return ""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    apart = (day - today).days
    if not apart:
        return "today"
    if abs(apart) < 7:
        return f"{day:%a}"
    return f"{day.day} {day:%b}" + ("" if abs(apart) < 300 else f" {day:%Y}")


def date_of(on: date | str | None) -> str:
    """``12 Mar 2026``, for what is dated on paper."""
    if not on:
        return ""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return f"{day.day} {day:%b %Y}"


def period_of(start: str | None, end: str | None) -> str:
    """A half-open period as people say it: ``Jan–Mar 2026``; a day alone when it has no end."""
    if not start:
        return ""
    return str(Period(date.fromisoformat(start), date.fromisoformat(end))) if end and end > start else date_of(start)


def age_of(ms: int | None) -> str:
    """How old: ``48m``, ``3 d``."""
    return "" if ms is None else span(ms // MINUTE)


def sum_of(amount: int, currency: str, *, whole: bool = False, none: str = "") -> str:
    """An amount with its sign; ``none`` where there is nothing."""
    return show(amount, currency, whole=whole) if amount else none


def figure(amount: int, currency: str, *, role: str = "money", home: str = "") -> Cell:
    """An amount as a column writes it: of the currency ``home`` without its sign, of another one with it; nothing for nought."""
    if not amount:
        return ("", role)
    if home and currency != home:
        return (show(amount, currency), role)
    digits = "".join(character for character in show(abs(amount), currency) if character in "0123456789,.")
    return ("−" + digits if amount < 0 else digits, role)


#: What a promise is about.
PROMISES = {"respond": "respond", "restore": "restore", "window": "be there", "parts": "parts due", "wake": "wakes"}


def promise_of(due_at: int | None, due_what: str, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """What is left of a promise in words, and its role: ``respond in 48m``, ``restore 1h10 late``, ``parts due Thu``."""
    if due_at is None:
        return "", "dim"
    left = (due_at - int(now.timestamp() * 1000)) // MINUTE
    what = PROMISES.get(due_what, due_what)
    if due_what in ("parts", "wake"):
        return f"{what} {clock_of(due_at, now, zone).removesuffix(' 00:00')}", "dim" if left > 0 else "soon"
    if left < 0:
        return f"{what} {span(left)} late", "late"
    return f"{what} in {span(left)}", "soon" if left <= 60 else "fine"


def plural(count: int, word: str, more: str = "") -> str:
    """``1 job``, ``3 jobs``, ``1,204 jobs``."""
    return f"{count:,} {word if count == 1 else more or word + 's'}"


def lines(*pairs: tuple[str, str] | tuple[str, str, str]) -> tuple[DetailLine, ...]:
    """Detail lines of (label, words[, role]) that say something; those without words are left out."""
    return tuple(DetailLine(*pair) for pair in pairs if pair[1])


def section(title: str, told: tuple[DetailLine, ...]) -> list[Section]:
    """One section, or none when there is nothing to say."""
    return [Section(title, told)] if told else []

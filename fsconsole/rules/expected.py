"""Whether a result is what was expected, and where it is not: the [expect] section of a price file.

It stands apart so that a person's own check, the fixtures and the tests compare by one rule.

What is expected is any part of the result as ``--json`` prints it:

    net = 603.23                   an amount, with its decimal point, against minor units
    charges = [203.23, 400.00]     in place of each thing its amount, its first day, or some of its words
    charges = [{ start = 2025-01-11, amount = 203.23, reason = "21 of 31 days…" }]
    problems = []                  nothing of the kind

A list is as long as what it is compared with. Words with an … are looked for; all others must be the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from fsconsole.values.money import major, places


def mismatches(expected: Any, got: Any, currency: str = "GBP", where: str = "") -> list[str]:
    """A sentence for each difference, none when all is as expected."""
    if isinstance(expected, Mapping):
        return _tables(expected, got, currency, where)
    if isinstance(expected, list | tuple):
        return _lists(expected, got, currency, where)
    if isinstance(got, Mapping):
        if "problem" in got:
            return [f"{where}: it could not be answered: {got['problem']}"]
        for name in _names(expected):
            if name in got:
                return mismatches(expected, got[name], currency, f"{where}.{name}")
        return [f"{where}: expected {_said(expected)}, got {_said(got)}"]
    if _same(expected, got, currency):
        return []
    return [f"{where}: expected {_said(expected)}, got {_got(expected, got, currency)}"]


def _tables(expected: Mapping[str, Any], got: Any, currency: str, where: str) -> list[str]:
    if not isinstance(got, Mapping):
        return [f"{where}: expected {', '.join(expected)}, got {_said(got)}"]
    if "problem" in got and "problem" not in expected:
        return [f"{where}: it could not be answered: {got['problem']}"]
    found: list[str] = []
    for name, value in expected.items():
        place = f"{where}.{name}".lstrip(".")
        if name not in got:
            found.append(f"{place}: there is no such thing; there are {', '.join(got) or 'none'}")
        else:
            found += mismatches(value, got[name], currency, place)
    return found


def _lists(expected: Sequence[Any], got: Any, currency: str, where: str) -> list[str]:
    if not isinstance(got, list | tuple):
        return [f"{where}: expected {len(expected)} things, got {_said(got)}"]
    found: list[str] = []
    if len(expected) != len(got):
        shown = ", ".join(_short(one, currency) for one in got) or "nothing"
        found.append(f"{where}: expected {len(expected)}, got {len(got)}: {shown}")
    for index, (one, other) in enumerate(zip(expected, got, strict=False), 1):
        found += mismatches(one, other, currency, f"{where} {index}")
    return found


def _names(expected: Any) -> tuple[str, ...]:
    """What a bare value stands for in a thing: its amount, its day, its words."""
    if isinstance(expected, datetime):
        return ("at",)
    if isinstance(expected, date):
        return ("start", "day", "on", "due")
    if isinstance(expected, str):
        return ("reason", "says")
    return ("amount", "net")


def _same(expected: Any, got: Any, currency: str) -> bool:
    if isinstance(expected, bool) or isinstance(got, bool) or got is None:
        return expected is got
    if isinstance(expected, Decimal):
        if isinstance(got, int):
            # Only a number with a decimal point is an amount in major units.
            exponent = expected.as_tuple().exponent
            return (major(got, currency) if isinstance(exponent, int) and exponent < 0 else Decimal(got)) == expected
        return _number(got) == expected
    if isinstance(expected, int):
        return expected == got or (isinstance(got, str) and _number(got) == expected)
    if isinstance(expected, datetime):
        return isinstance(got, str) and _instant(got, expected.tzinfo is None) == expected
    if isinstance(expected, date | time):
        return isinstance(got, str) and got.startswith(expected.isoformat())
    return _told(str(expected), str(got))


def _told(expected: str, got: str) -> bool:
    """Whether words are the same, or hold the pieces between … one after the other."""
    if "…" not in expected:
        return expected == got
    pieces, at = expected.split("…"), 0
    if not got.startswith(pieces[0]) or not got.endswith(pieces[-1]):
        return False
    for piece in pieces:
        found = got.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _number(text: Any) -> Decimal | None:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


def _instant(text: str, naive: bool) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=None) if naive else found


def _short(thing: Any, currency: str) -> str:
    if isinstance(thing, Mapping):
        amount = thing.get("amount", thing.get("net"))
        day = thing.get("start") or thing.get("day") or thing.get("on") or ""
        shown = f"{major(amount, currency):.{places(currency)}f}" if isinstance(amount, int) else thing.get("says", "")
        return " ".join(str(part) for part in (day, shown) if part)
    return _said(thing)


def _got(expected: Any, got: Any, currency: str) -> str:
    if isinstance(expected, Decimal) and isinstance(got, int) and not isinstance(got, bool):
        return f"{major(got, currency):.{places(currency)}f}"
    return _said(got)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {_said(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_said(one) for one in value) + "]"
    return f"“{value}”" if isinstance(value, str) else str(value)

"""How often a term is billed and on which days, as a price file says it and as a term holds it.

It stands apart because a file's words become a term's fields in one place, for terms and for questions alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

#: Calendar alignment: a Monday, and the first day of a year.
MONDAY, NEW_YEAR = date(2001, 1, 1), date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Cadence:
    """Every ``every`` ``unit``, from day ``day`` of the month or week, or through the day ``on``."""

    every: int = 1
    unit: str = "month"
    day: int = 0
    on: date | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def cadence_of(every: tuple[int, str], anchor: Any) -> Cadence:
    """The cadence of (2, "week") or (1, "half month") and an anchor.

    The anchor is a number, start, calendar, a day, several days of the month, or ("nth", n, weekday).
    """
    count, unit = every
    if unit == "half month":
        # Half a month after the anchor, because that is how the 1st and the 16th, the 5th and the 20th are meant.
        first = anchor if isinstance(anchor, int) else 1
        anchor = anchor if isinstance(anchor, tuple) else tuple(sorted({first, first + 15 if first <= 16 else first - 15}))
        unit = "month"
    if "-" in unit:
        weeks = [int(one) for one in unit.split()[0].split("-")]
        plain = cadence_of((count * sum(weeks), "week"), anchor)
        return Cadence(plain.every, plain.unit, plain.day, plain.on, {"weeks": weeks})
    if anchor == "calendar":
        return Cadence(count, unit, on=MONDAY if unit == "week" else NEW_YEAR)
    if isinstance(anchor, date):
        return Cadence(count, unit, on=anchor)
    if isinstance(anchor, tuple) and anchor[0] == "nth":
        return Cadence(count, unit, details={"anchor_weekday": [anchor[1], anchor[2]]})
    if isinstance(anchor, tuple):
        return Cadence(count, unit, details={"anchors": list(anchor)})
    return Cadence(count, unit, day=anchor if isinstance(anchor, int) else 0)

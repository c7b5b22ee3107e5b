"""Work that counts more because of how much was worked before it that day or week, as American bill rates have it.

It stands apart from the bands of worked.py, which look at the clock and the calendar and not at what came before.

Always: of a band and overtime the larger counts, never their product; minutes are cut and none is added or lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from fsconsole.rules.usage import exact
from fsconsole.rules.worked import Piece, Work

#: Over what time hours add up until they are overtime.
EACH = ("day", "week")


@dataclass(frozen=True, slots=True)
class Step:
    """From so many minutes of a day or a week on, work counts so many times."""

    after: Fraction
    times: Fraction
    each: str = "day"


def steps_of(said: Mapping[str, Any]) -> list[Step]:
    """The steps of a term's overtime. Raises ValueError for a time nobody knows."""
    steps = [
        Step(Fraction(int(one["after"])), exact(one["times"]), str(one.get("each") or "day"))
        for one in said.get("overtime") or ()
    ]
    wrong = next((one.each for one in steps if one.each not in EACH), None)
    if wrong is not None:
        raise ValueError(f"“{wrong}” is not what overtime is counted over; use {', '.join(EACH)}")
    return steps


def overtimed(found: Sequence[Work], said: Mapping[str, Any], hourly: Callable[[Work], Fraction | None]) -> list[Work]:
    """Entries, in their order, with what is overtime cut off and counted so.

    After 8 hours at 1.5, 10 hours are 8 and 2 × 1.5. Each technician has a day and a week (Monday to Sunday) of their own;
    minutes that are overtime of their day do not count towards the week. ``hourly`` is the price of an hour of an entry
    where work is priced by the piece, else None.
    """
    steps = steps_of(said)
    if not steps:
        return list(found)
    day_worked: dict[tuple[str, date], Fraction] = {}
    week_worked: dict[tuple[str, int, int], Fraction] = {}
    rested = []
    for work in found:
        who = str(work.row.get("technician") or "")
        day, week = (who, work.day), (who, *work.day.isocalendar()[:2])
        people, base = Fraction(work.row.get("people") or 1), hourly(work)
        pieces: list[Piece] = []
        for piece in work.pieces:
            for minutes, times, daily in _cut(
                piece.minutes / people, steps, day_worked.get(day, Fraction(0)), week_worked.get(week, Fraction(0))
            ):
                pieces.append(_counted(replace(piece, minutes=minutes * people), times, base))
                day_worked[day] = day_worked.get(day, Fraction(0)) + minutes
                if not daily:
                    week_worked[week] = week_worked.get(week, Fraction(0)) + minutes
        rested.append(replace(work, pieces=tuple(pieces)))
    return rested


def _cut(
    minutes: Fraction, steps: Sequence[Step], of_day: Fraction, of_week: Fraction
) -> Iterator[tuple[Fraction, Fraction, bool]]:
    """(minutes, how often they count, whether they are overtime of their day) from what was worked before on."""
    if not minutes:
        yield minutes, Fraction(1), False
    while minutes > 0:
        before = {"day": of_day, "week": of_week}
        held = [one for one in steps if before[one.each] >= one.after]
        times = max((one.times for one in held), default=Fraction(1))
        daily = any(one.each == "day" for one in held)
        ahead = [
            one.after - before[one.each] for one in steps if one.after > before[one.each] and not (daily and one.each == "week")
        ]
        part = min([minutes, *ahead])
        yield part, times, daily
        minutes, of_day, of_week = minutes - part, of_day + part, of_week + (0 if daily else part)


def _counted(piece: Piece, times: Fraction, base: Fraction | None) -> Piece:
    """A piece as overtime, where that is more than what it counts by the clock."""
    price = None if base is None else base * times
    more = times > piece.times if piece.price is None or price is None else price > piece.price
    if not more:
        return piece
    return replace(piece, times=times, band="overtime", price=piece.price if price is None else price)

"""What is included in a period, carried into later ones, and drawn; and how what goes beyond is shared out.

It stands apart because units of a meter, minutes of work and visits are included, carried and shared alike.

Always: what is carried lives for the periods it was given and is never carried again; shares sum to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from fsconsole.values.money import split
from fsconsole.values.period import Period

#: Which of the two is used up first where a period has its own and some carried into it.
DRAWS = ("own first", "carried first")
#: How the amounts of a period become its units.
COUNTS = ("sum", "max", "last", "mean", "number", "unique", "percentile")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One period of a pool: its own, what came with it from before, what was used, and what went beyond."""

    own: Fraction
    carried: Fraction
    used: Fraction
    over: Fraction
    lapsed: Fraction = Fraction(0)  # carried in, not used, and not carried any further


def drawn(
    own: Sequence[Fraction],
    used: Sequence[Fraction],
    lives: int | Sequence[int] = 0,
    cap: Fraction | None = None,
    draw: str = "own first",
) -> list[Drawn]:
    """Each period's pool. What a period leaves of its own can be used in the ``lives`` periods after it (or each its own).

    At most ``cap`` is held over from one period. Of what was carried the oldest goes first. Included 600, used 360,
    900 and 660 with ``lives`` 1: 0, 60 and 60 go beyond, because the 240 of the first period do not compound.
    """
    if draw not in DRAWS:
        raise ValueError(f"“{draw}” does not say what is used first; use {', '.join(DRAWS)}")
    held: list[tuple[int, Fraction]] = []  # (the last period in which it can be used, how much)
    found: list[Drawn] = []
    for number, (mine, wanted) in enumerate(zip(own, used, strict=True)):
        carried = sum((amount for _, amount in held), Fraction(0))
        need = max(Fraction(0), wanted)
        from_own = min(mine, need) if draw == "own first" else min(mine, max(Fraction(0), need - carried))
        left, rest = need - from_own, []
        for last, amount in held:
            taken = min(amount, left)
            left -= taken
            rest.append((last, amount - taken))
        lapsed = sum((amount for last, amount in rest if last <= number), Fraction(0))
        held = [(last, amount) for last, amount in rest if last > number and amount]
        lasts = lives if isinstance(lives, int) else lives[number]
        if lasts and mine > from_own:
            unused = mine - from_own
            held.append((number + lasts, unused if cap is None else min(unused, cap)))
        found.append(Drawn(mine, carried, wanted, left, lapsed))
    return found


def shares(amount: int, by: Mapping[str, Fraction]) -> dict[str, int]:
    """An amount by name in proportion to what each used, the remainder with the last: 302.50 by 480 and 240 is 201.67, 100.83.

    Names go by use, the largest first, then by name. What used nothing has no share; where none did, none is made.
    """
    names = sorted((name for name in by if by[name] > 0), key=lambda name: (-by[name], name))
    if not names:
        return {}
    # The same weights without fractions, so that nothing is rounded before it is split.
    common = 1
    for name in names:
        common *= by[name].denominator
    return dict(zip(names, split(amount, [int(by[name] * common) for name in names]), strict=True))


def summed(pairs: Iterable[tuple[str, Fraction]]) -> dict[str, Fraction]:
    """The sum of what each name has."""
    found: dict[str, Fraction] = {}
    for name, units in pairs:
        found[name] = found.get(name, Fraction(0)) + units
    return found


class Amount(NamedTuple):
    """An amount of use on a day; ``at`` orders those of one day, ``what`` names what is counted once."""

    day: date
    at: str
    units: Fraction
    what: str = ""


def level(amounts: Iterable[Amount], period: Period) -> Fraction:
    """What was there on average: each amount adds to it (or takes off it) from its day on, and stays in later periods."""
    total = Fraction(0)
    for one in amounts:
        if one.day < period.end:
            total += one.units * (period.end - max(one.day, period.start)).days
    return total / period.days


def levels(amounts: Iterable[Amount], period: Period) -> list[tuple[int, Fraction]]:
    """(days, what was there) of each stretch of a period in which nothing came or went."""
    there: dict[date, Fraction] = {period.start: Fraction(0)}
    for one in amounts:
        if one.day < period.end:
            day = max(one.day, period.start)
            there[day] = there.get(day, Fraction(0)) + one.units
    found, running = [], Fraction(0)
    days = sorted(there)
    for first, after in zip(days, [*days[1:], period.end], strict=True):
        running += there[first]
        found.append(((after - first).days, running))
    return found


def aggregated(amounts: Sequence[Amount], how: str, percentile: Fraction = Fraction(95)) -> Fraction:
    """What the amounts of a period come to: their sum, the largest, the last, their mean, how many there are, or differ.

    A percentile is the smallest amount that at least so many percent of them do not exceed (nearest rank): of 100 the 95th.
    """
    units = [one.units for one in amounts]
    if how == "unique":
        return Fraction(len({one.what for one in amounts}))
    if how not in COUNTS:
        raise ValueError(f"“{how}” is not a way to count amounts; use {', '.join(COUNTS)}")
    if not units or how == "number":
        return Fraction(len(units))
    if how == "max":
        return max(units)
    if how == "last":
        return units[-1]
    if how == "percentile":
        if not 0 < percentile <= 100:
            raise ValueError(f"percentile is above 0 and up to 100, not {percentile}")
        return sorted(units)[-(-len(units) * percentile // 100) - 1]
    total = sum(units, Fraction(0))
    return total / len(units) if how == "mean" else total

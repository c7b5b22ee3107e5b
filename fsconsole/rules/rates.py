"""Which rate applies to work on a day, and what minutes come to under it.

It stands apart because "whose price, from when, rounded how" is asked for every line of every job.

Always: time worked is never rounded down to nothing, and the hours shown are the hours billed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from fsconsole.values.money import show, times
from fsconsole.values.terms import Rate
from fsconsole.values.work import Id, Technician


class Price(NamedTuple):
    """What something comes to: minor units, the quantity in words, and the arithmetic in words."""

    amount: int
    quantity: str
    words: str


def rate_for(
    kind: str,
    day: date,
    rates: Iterable[Rate],
    *,
    contract: Id | None = None,
    client: Id | None = None,
    skill: str = "",
) -> Rate | None:
    """The rate for a kind (labour, travel, call-out, no access, abort) on a local day, or None.

    The contract's own rate wins over the client's, the client's over the one for everybody. Among those a
    rate for the skill wins over one for any skill, then the one that began last. A rate without a start has
    always been in force.
    """
    best: tuple[tuple[int, bool, date, Id], Rate] | None = None
    for rate in rates:
        if rate.gone or rate.kind != kind or (rate.start is not None and rate.start > day):
            continue
        if rate.skill and rate.skill != skill:
            continue
        if rate.contract is not None:
            if rate.contract != contract:
                continue
            level = 2
        elif rate.client is not None:
            if rate.client != client:
                continue
            level = 1
        else:
            level = 0
        # The id settles a tie, so that the order in which rates arrive never changes a price.
        rank = (level, bool(rate.skill), rate.start or date.min, rate.id)
        if best is None or rank > best[0]:
            best = (rank, rate)
    return best[1] if best else None


def labour_rate(
    day: date,
    rates: Iterable[Rate],
    technician: Technician | None = None,
    *,
    contract: Id | None = None,
    client: Id | None = None,
    skill: str = "",
) -> Rate | None:
    """The labour rate on a day; where none applies, the technician's own sell rate; else None."""
    found = rate_for("labour", day, rates, contract=contract, client=client, skill=skill)
    if found is None and technician is not None and technician.sell_rate is not None:
        return Rate(id=technician.id, kind="labour", amount=technician.sell_rate)
    return found


def billed_minutes(minutes: int, minimum: int = 0, step: int = 0) -> int:
    """Minutes after the minimum, rounded up to the step: 70 at step 15 is 75; 7 at step 10 is 10."""
    if minutes <= 0:
        return 0
    least = max(minutes, minimum)
    return -(-least // step) * step if step > 1 else least


def hours(minutes: int) -> Decimal:
    """Minutes as hours to two places, as the invoice shows them: 20 minutes are billed as 0.33 h."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def price_minutes(minutes: int, rate: Rate, currency: str = "GBP") -> Price:
    """What minutes of work come to: ``1 h 35 → 1.75 h × £72.00``."""
    return _price_minutes(minutes, rate.amount, rate.minimum_minutes, rate.step_minutes, currency)


@lru_cache(maxsize=4096)
def _price_minutes(minutes: int, amount: int, minimum: int, step: int, currency: str) -> Price:
    quantity = hours(billed_minutes(minutes, minimum, step))
    written = number(quantity)
    told = "" if Decimal(minutes) / 60 == quantity else f"{clock(minutes)} → "
    return Price(times(amount, quantity), written, f"{told}{written} h × {show(amount, currency)}")


def clock(minutes: int) -> str:
    """Minutes as people say them: ``1 h 35``, ``2 h``, ``7 min``."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return f"{rest} min"
    return f"{whole} h {rest:02d}" if rest else f"{whole} h"


def minutes_text(minutes: Fraction | int) -> str:
    """Minutes with the seconds they have: ``1 h 35 min 20 s``, ``7 min``."""
    whole, seconds = int(minutes), int(minutes * 60) % 60
    if not seconds:
        return clock(whole)
    hours, rest = divmod(whole, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest else []), f"{seconds} s"])


def number(value: Decimal) -> str:
    """A quantity without trailing noughts: ``1.75``, ``2``, ``0.5``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

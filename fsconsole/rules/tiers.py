"""What a quantity costs: by the unit, in graduated or volume tiers, in packages, with flat fees.

It stands apart because these few conventions are in every price list and none of them asks what is counted.

Always: bounds are continuous, so no fraction of a unit is charged twice or skipped, and nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import reduce
from typing import NamedTuple

from fsconsole.rules.rates import number
from fsconsole.values.money import SIGNS, places, show

#: Digits enough for what the largest quantity at the highest price comes to.
WIDE = Context(prec=100)
#: How a quantity is priced.
MODELS = ("unit", "graduated", "volume", "package", "cheapest")
#: The cheapest blocks are looked for up to so many of the smallest step.
MOST_STEPS = 20_000
#: A package begun is paid, or only a full one.
PACKAGES = ("started", "full")


class Worth(NamedTuple):
    """An exact amount in minor units, and the arithmetic in words without its sum."""

    exact: Fraction
    words: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to a bound (None: all further ones): each at ``price``, the tier at ``flat``; minor units, exact.

    ``size`` above zero: the price is for each started block of so many units. ``most``: the tier never costs more.
    """

    upto: Fraction | None
    price: Fraction
    flat: Fraction = Fraction(0)
    size: Fraction = Fraction(0)
    most: Fraction | None = None

    def costs(self, count: Fraction) -> tuple[Fraction, bool]:
        """What so many units or blocks of the tier cost, and whether its most is reached."""
        cost = count * self.price + self.flat
        return (cost, False) if self.most is None or cost <= self.most else (self.most, True)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a quantity is priced, by named conventions.

    ``bound``: whether a tier holds its own bound (“included”: unit 100 is in the tier up to 100) or begins the next
    (“excluded”). ``flat_at_zero``: the first tier's flat fee is due where nothing was used. ``below``: units below nothing are
    credited as so many would cost, or cost “nothing”.
    """

    model: str = "unit"
    price: Fraction = Fraction(0)
    tiers: tuple[Tier, ...] = ()
    package: Fraction = Fraction(1)
    packages: str = "started"
    bound: str = "included"
    flat_at_zero: bool = False
    below: str = "credited"


def checked(scale: Scale) -> Scale:
    """The same scale; raises ValueError in words where it contradicts itself."""
    if scale.model not in MODELS:
        raise ValueError(f"“{scale.model}” is not a way to price a quantity; use {', '.join(MODELS)}")
    if scale.model in ("graduated", "volume"):
        if not scale.tiers:
            raise ValueError(f"a {scale.model} price needs tiers such as [{{ upto = 100, price = 1.00 }}, {{ price = 0.50 }}]")
        low = Fraction(0)
        for number_, tier in enumerate(scale.tiers, 1):
            if tier.size < 0:
                raise ValueError(f"the size of a block is above nothing, not {units_text(tier.size)}")
            if tier.upto is None and number_ < len(scale.tiers):
                raise ValueError("only the last tier has no upto; give every other its bound")
            if tier.upto is not None and tier.upto <= low:
                wrong = f"the tier up to {units_text(tier.upto)} does not go beyond {units_text(low)}"
                raise ValueError(f"{wrong}; put tiers in order")
            low = tier.upto or low
    elif scale.model == "cheapest":
        if not scale.tiers or any(tier.size <= 0 or tier.upto is not None for tier in scale.tiers):
            raise ValueError("the cheapest of blocks needs sizes, such as [{ size = 1, price = 100 }, { size = 7, price = 300 }]")
        if any(tier.price < 0 for tier in scale.tiers):
            raise ValueError("a block that costs less than nothing has no cheapest number; give prices above it")
    elif scale.tiers:
        raise ValueError("there are tiers; say model = “graduated” or “volume”")
    if scale.model == "package" and scale.package <= 0:
        raise ValueError("a package holds more than nothing; say package = 100")
    return scale


def worth(units: Fraction, scale: Scale, currency: str = "GBP") -> Worth:
    """What ``units`` cost. Fewer than none cost what as many would, with the sign turned.

    Raises ValueError where the tiers end below the units.
    """
    if units < 0 and scale.below == "nothing":
        return Worth(Fraction(0), f"{units_text(units)}: nothing to pay")
    if units < 0:
        exact, words = worth(-units, scale, currency)
        return Worth(-exact, f"−({words})")
    if scale.model == "package":
        count = units / scale.package
        whole = _started(count) if scale.packages == "started" else Fraction(int(count))
        words = f"{units_text(whole)} × {units_text(scale.package)} ({scale.packages}) × {price_text(scale.price, currency)}"
        return Worth(whole * scale.price, words)
    if scale.model == "unit":
        return Worth(units * scale.price, f"{units_text(units)} × {price_text(scale.price, currency)}")
    if scale.model == "cheapest":
        return _cheapest(units, scale.tiers, currency)
    exact, said = Fraction(0), list[str]()
    for tier, held in _graduated(units, scale) if scale.model == "graduated" else _volume(units, scale):
        count = _started(held / tier.size) if tier.size else held
        cost, capped = tier.costs(count)
        exact += cost
        if capped:
            said.append(f"{units_text(count)} at most {price_text(cost, currency)}")
            continue
        if tier.price or not tier.flat:
            block = f" of {units_text(tier.size)}" if tier.size else ""
            said.append(f"{units_text(count)}{block} × {price_text(tier.price, currency)}")
        if tier.flat:
            said.append(f"{price_text(tier.flat, currency)} flat")
    return Worth(exact, " + ".join(said) or f"0 × {price_text(scale.tiers[0].price, currency)}")


def _measure(one: Fraction, other: Fraction) -> Fraction:
    """The largest share of which both are whole multiples (Euclid)."""
    while other:
        one, other = other, one % other
    return one


def _cheapest(units: Fraction, tiers: tuple[Tier, ...], currency: str) -> Worth:
    """The blocks that together hold at least so many units and cost least; of equal ones the larger blocks.

    Hire by the day at 100, the week at 300: 5 days are a week, 8 a week and a day. Raises ValueError beyond ``MOST_STEPS``.
    """
    step = reduce(_measure, (Fraction(tier.size) for tier in tiers))
    sizes = [int(Fraction(tier.size) / step) for tier in tiers]
    needed = int(_started(max(units, Fraction(0)) / step))
    if needed > MOST_STEPS:
        raise ValueError(f"{units_text(units)} units are too many to look for the cheapest blocks; use tiers or a package")
    order = sorted(range(len(tiers)), key=lambda number: -sizes[number])
    least: list[tuple[Fraction, int]] = [(Fraction(0), -1)]  # what the first so many steps cost, and their last block
    for count in range(1, needed + 1):
        best = min(order, key=lambda number: tiers[number].price + least[max(0, count - sizes[number])][0])
        least.append((tiers[best].price + least[max(0, count - sizes[best])][0], best))
    used, left = [0] * len(tiers), needed
    while left > 0:
        block = least[left][1]
        used[block] += 1
        left -= sizes[block]
    said = [
        f"{used[number]} of {units_text(tiers[number].size)} × {price_text(tiers[number].price, currency)}"
        for number in order
        if used[number]
    ]
    return Worth(least[needed][0], " + ".join(said) or f"0 × {price_text(tiers[0].price, currency)}")


def at_the_tier_of(reached: Fraction, units: Fraction, scale: Scale, currency: str = "GBP") -> Worth:
    """What ``units`` cost at the price, and with the flat fee, of the volume tier that ``reached`` units are in."""
    for tier, _ in _volume(max(reached, Fraction(0)), scale):
        flat = f" + {price_text(tier.flat, currency)} flat" if tier.flat else ""
        words = f"{units_text(units)} × {price_text(tier.price, currency)} of {units_text(reached)} at the end{flat}"
        cost, capped = tier.costs(units)
        return Worth(cost, words + (f", at most {price_text(cost, currency)}" if capped else ""))
    return Worth(Fraction(0), "nothing is there at the end")


def _started(count: Fraction) -> Fraction:
    """Blocks of which each that is begun counts."""
    return Fraction(-(-count.numerator // count.denominator))


def _graduated(units: Fraction, scale: Scale) -> Iterator[tuple[Tier, Fraction]]:
    low = Fraction(0)
    for number_, tier in enumerate(scale.tiers):
        entered = units > low or (scale.bound == "excluded" and units == low and units > 0)
        if entered or (number_ == 0 and scale.flat_at_zero):
            yield tier, max(Fraction(0), (units if tier.upto is None else min(units, tier.upto)) - low)
        if tier.upto is None or (units < tier.upto) or (units == tier.upto and scale.bound == "included"):
            return
        low = tier.upto
    _ended(units, scale)


def _volume(units: Fraction, scale: Scale) -> Iterator[tuple[Tier, Fraction]]:
    if not units and not scale.flat_at_zero:
        return
    for tier in scale.tiers:
        if tier.upto is None or units < tier.upto or (units == tier.upto and scale.bound == "included"):
            yield tier, units
            return
    _ended(units, scale)


def _ended(units: Fraction, scale: Scale) -> None:
    last = scale.tiers[-1].upto or Fraction(0)
    raise ValueError(f"the tiers end at {units_text(last)} and {units_text(units)} were used; leave upto out of the last one")


def units_text(units: Fraction) -> str:
    """A quantity as people write it: ``1,250``, ``10.5``; at most six decimals."""
    value = _six(units)
    text = number(value)
    whole, _, rest = text.lstrip("-").partition(".")
    return ("−" if value < 0 else "") + f"{int(whole):,}" + (f".{rest}" if rest else "")


def plain_text(units: Fraction) -> str:
    """A quantity as a plain number, for what computes with it: ``1250``, ``10.5``; at most six decimals."""
    return number(_six(units))


def _six(value: Fraction) -> Decimal:
    """A Decimal of six decimals, however large it is."""
    exact = WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return exact.quantize(Decimal("0.000001"), context=WIDE)


def price_text(price: Fraction, currency: str) -> str:
    """A price that may be a fraction of a minor unit: ``£1.00``, ``£0.0042``."""
    if price.denominator == 1:
        return show(int(price), currency)
    value = _six(price).scaleb(-places(currency))
    return ("−" if value < 0 else "") + SIGNS.get(currency, currency + " ") + number(abs(value))

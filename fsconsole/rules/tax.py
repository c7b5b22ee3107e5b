"""Which tax a line bears and what lines bear together: rates by name, categories with their reason, one rounding point.

It stands apart because a document, a contract's invoice and a credit note work their tax out by this one rule.

Always: net + tax = gross to the minor unit; exclusive prices by total satisfy EN 16931 BR-CO-14, 15 and 17.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from typing import Any

from fsconsole.rules.prorate import rounded
from fsconsole.rules.shares import largest_remainder
from fsconsole.values.agreement import Row
from fsconsole.values.money import places

#: EN 16931 categories by the words for them, and the reason that stands on the document where the text is fixed.
CATEGORIES = {
    "reverse charge": ("AE", "Reverse charge"),
    "exempt": ("E", ""),
    "zero": ("Z", ""),
    "zero rated": ("Z", ""),
    "zero-rated": ("Z", ""),
    "outside": ("O", "Not subject to tax"),
    "outside scope": ("O", "Not subject to tax"),
    "outside the scope": ("O", "Not subject to tax"),
    "intra-eu": ("K", "Intra-Community supply"),
    "intra-community": ("K", "Intra-Community supply"),
    "export": ("G", "Export outside the EU"),
}
#: Categories without tax; all of them but zero rate say why.
FREE = ("Z", "E", "AE", "K", "G", "O")
ROUNDINGS = ("total", "line", "unit", "document", "line tenth")
INCLUSIVES = ("gross", "net", "net of each line")
#: What a [[rate]] may say with true: its field, and what the tax is then.
FLAGS = {
    "compound": "compound", "withheld": "withheld", "adds_to_base": "adds", "on_net_alone": "alone", "of_gross": "of_gross",
    "included": "included",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax. ``percent`` of the net (``compound``: of the net and the taxes before it), or ``unit`` minor units each.

    ``category`` is that of EN 16931, BT-151; ``withheld`` is kept back by the client instead of added. ``adds``: taxes
    after it are also on it, except those that are on the net ``alone``. ``of_gross``: the percentage is of the price with
    such taxes. ``of_tax``: it is of what the tax of this name comes to. ``included``: the price holds this one.
    """

    name: str
    percent: Fraction = Fraction(0)
    category: str = "S"
    reason: str = ""
    unit: Fraction = Fraction(0)
    compound: bool = False
    withheld: bool = False
    adds: bool = False
    alone: bool = False
    of_gross: bool = False
    of_tax: str = ""
    included: bool = False


@dataclass(frozen=True, slots=True)
class Taxed:
    """What bears tax: an amount (minor units, net or gross as prices are), and the amount that is taxed."""

    amount: Fraction
    taxes: tuple[Tax, ...] = ()
    quantity: Fraction = Fraction(1)
    taxable: Fraction | None = None  # None: the amount

    @property
    def base(self) -> Fraction:
        return self.amount if self.taxable is None else self.taxable


@dataclass(frozen=True, slots=True)
class RateTotal:
    """One tax of a document: what it is on (BT-116), and what it comes to (BT-117)."""

    tax: Tax
    base: int
    amount: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Minor units. ``nets`` are the lines' own, ``rounding`` what prices that stand gross leave over (BT-114)."""

    net: int
    tax: int
    gross: int
    withheld: int
    rounding: int
    rates: tuple[RateTotal, ...]
    nets: tuple[int, ...]
    exact: Fraction  # the tax before any rounding


# --- names ------------------------------------------------------------------------------------------------------------


def taxes_of(value: Any, rates: Iterable[Row] = (), on: date | None = None, currency: str = "GBP") -> tuple[Tax, ...]:
    """The taxes that a value names: ``20``, ``"20%"``, ``"reduced"`` (a [[rate]]), ``"exempt: care"``, ``"5 + 9.975"``, a list.

    Raises ValueError where nothing is called so, or a reason is missing.
    """
    known = list(rates)
    if value is None or value == "":
        return ()
    if isinstance(value, list | tuple):
        return tuple(tax for one in value for tax in taxes_of(one, known, on, currency))
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(f"“{value}” is not a tax; give a rate in percent such as 20, or the name of a [[rate]]")
    text = str(value).strip() if isinstance(value, str) else f"{Decimal(value):f}"
    if named := _named(text, known, on):
        return _of_row(named, known, on, currency)
    if (percent := _percent(text)) is not None:
        return (_plain(text.removesuffix("%").strip(), percent),)
    word, _, reason = (part.strip() for part in text.replace("(", ":").replace(")", "").partition(":"))
    category = CATEGORIES.get(word.lower())
    if category is None and " + " in text:
        return tuple(tax for one in text.split(" + ") for tax in taxes_of(one, known, on, currency))
    if category is None:
        names = sorted({row["name"] for row in known if "name" in row})
        hint = (
            f"; there are {', '.join(names)}" if names else "; give a rate in percent such as 20, or add a [[rate]] of that name"
        )
        raise ValueError(f"there is no tax “{text}”{hint}")
    code, fixed = category
    return (_free(word.lower(), code, reason or fixed),)


def _named(text: str, rates: Sequence[Row], on: date | None) -> Row | None:
    """The [[rate]] of a name that is in force; the last to begin where several are. Raises ValueError where none is."""
    called = [row for row in rates if row.get("name", "").lower() == text.lower()]
    found = [row for row in called if on is None or (row.get("from") or date.min) <= on < (row.get("until") or date.max)]
    if called and not found:
        raise ValueError(f"the tax “{text}” has no rate on {on}; add a [[rate]] that holds then")
    return max(found, key=lambda row: row.get("from") or date.min, default=None)


def _of_row(row: Row, rates: Sequence[Row], on: date | None, currency: str) -> tuple[Tax, ...]:
    name = row["name"]
    if "of" in row:
        if name in row["of"]:
            raise ValueError(f"the tax “{name}” is made of itself")
        others = [one for one in rates if one.get("name") != name]
        return tuple(tax for one in row["of"] for tax in taxes_of(one, others, on, currency))
    percent = Fraction(row.get("percent", Decimal(0)))
    if percent < 0:
        raise ValueError(f"the tax “{name}” is below nothing; a tax that is kept back is withheld = true")
    unit = Fraction(row.get("unit", Decimal(0))) * 10 ** places(currency)
    category = row.get("category") or ("S" if percent or unit else "Z")
    if category in FREE:
        if percent or unit:
            raise ValueError(f"the tax “{name}” is of category {category}, which bears none, but has a rate")
        return (_free(name, category, row.get("reason", "")),)
    flags = {flag: row.get(field, False) for field, flag in FLAGS.items()}
    if row.get("of_tax") and row.get("of_gross"):
        raise ValueError(f"the tax “{name}” is of another tax or of the price with tax (of_tax, of_gross), and not of both")
    return (Tax(name, percent, category, row.get("reason", ""), unit, of_tax=row.get("of_tax", ""), **flags),)


def _percent(text: str) -> Fraction | None:
    if not re.fullmatch(r"-?\d+(\.\d+)?\s*%?", text):
        return None
    try:
        return Fraction(Decimal(text.removesuffix("%").strip()))
    except InvalidOperation:
        return None


def _plain(text: str, percent: Fraction) -> Tax:
    if percent < 0:
        raise ValueError(f"a tax of {text}% is below nothing; give a rate of 0 or more")
    return Tax(percent_text(percent), percent, "S" if percent else "Z")


def _free(name: str, category: str, reason: str) -> Tax:
    fixed = next((text for code, text in CATEGORIES.values() if code == category and text), "")
    reason = reason or fixed
    if category == "E" and not reason:
        raise ValueError(f"“{name}” bears no tax but does not say why; write “exempt: the reason”")
    return Tax(name, category=category, reason="" if category == "Z" else reason)


def percent_text(percent: Fraction) -> str:
    """A rate as written: ``20``, ``8.875``."""
    text = f"{Decimal(percent.numerator) / Decimal(percent.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- sums -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weight:
    """What a tax is of the net of a line and of its quantity; and what it is on: net × ``on`` + quantity × ``on_units``."""

    of_net: Fraction
    of_units: Fraction
    on: Fraction
    on_units: Fraction

    @property
    def plain(self) -> bool:
        """Whether it is on the net and nothing else."""
        return self.on == 1 and not self.on_units


@cache
def weights_of(taxes: tuple[Tax, ...]) -> tuple[Weight, ...]:
    """What each tax of a line is, in order: 9.975% compound after 5% is (0.1047…, on 1.05). Raises ValueError."""
    gross = sum((tax.percent for tax in taxes if tax.of_gross), Fraction(0)) / 100
    if gross >= 1:
        raise ValueError("taxes that are a part of the price with tax come to all of it or more; they are below 100% together")
    before = adding = (Fraction(0), Fraction(0))
    found: list[Weight] = []
    for place, tax in enumerate(taxes):
        more = before if tax.compound else (Fraction(0), Fraction(0)) if tax.alone else adding
        base = 1 + more[0], more[1]
        if tax.of_tax:
            base = _of_another(tax, taxes[:place], found)
        share = tax.percent / 100 / (1 - gross if tax.of_gross else 1)
        one = Weight(share * base[0], share * base[1] + tax.unit, *base)
        found.append(one)
        if not tax.withheld:
            before = before[0] + one.of_net, before[1] + one.of_units
            adding = (adding[0] + one.of_net, adding[1] + one.of_units) if tax.adds else adding
    return tuple(found)


def _of_another(tax: Tax, before: Sequence[Tax], weights: Sequence[Weight]) -> tuple[Fraction, Fraction]:
    named = [weight for one, weight in zip(before, weights, strict=True) if one.name.lower() == tax.of_tax.lower()]
    if not named:
        names = ", ".join(one.name for one in before) or "none"
        wanted = f"“{tax.name}” is a part of the tax “{tax.of_tax}”"
        raise ValueError(f"{wanted}, which is not before it; before it there is {names}")
    return sum((one.of_net for one in named), Fraction(0)), sum((one.of_units for one in named), Fraction(0))


def factors(taxes: Sequence[Tax]) -> list[tuple[Fraction, Fraction]]:
    """For each tax what it is of the net, and what of the net it is on: (0.09975, 1), compound (0.1047…, 1.05)."""
    return [(one.of_net, one.on) for one in weights_of(tuple(taxes))]


def sums(
    lines: Sequence[Taxed],
    *,
    prices: str = "exclusive",
    rounding: str = "total",
    rounds: str = "half away",
    inclusive: str = "gross",
    step: int = 1,
) -> Sums:
    """What lines come to.

    ``rounding``: ``total`` rounds each tax once on the sum of its lines (EN 16931, BR-CO-17), ``line`` each line's tax,
    ``unit`` the tax of one unit, ``document`` once the sum of all; ``line tenth`` cuts each line's tax to a tenth of a minor
    unit and then rounds the sum of a rate (UK VAT Notice 700, 17.5; manual VATREC12010). Tax is a multiple of ``step`` minor
    units.
    With ``prices`` inclusive the gross stands and the net follows; ``inclusive`` says whether
    the tax is that of the gross (gross x 20/120), or of the rounded net, as BR-CO-17 wants it, what that leaves over being
    ``rounding``; or of the nets of the lines, each rounded before they are added. Raises ValueError for a rule nobody knows.
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"“{rounding}” is not a way to round tax; use {', '.join(ROUNDINGS)}")
    if prices not in ("exclusive", "inclusive"):
        raise ValueError(f"prices are exclusive or inclusive of tax, not “{prices}”")
    if step < 1:
        raise ValueError("tax is a multiple of an amount above nothing, such as 0.05")
    work = _Work(prices == "inclusive", rounding, rounds, inclusive, step)
    if inclusive != "net of each line" or not any(work.holds(tax, line) for line in lines for tax in line.taxes):
        return work.of(lines)
    found = _Work(False, rounding, rounds, "gross", step).of([work.without(line) for line in lines])
    said = rounded(sum((line.amount for line in lines), Fraction(0)), rounds)
    outside = sum(
        one.amount for one in found.rates if not one.tax.withheld and not any(work.holds(one.tax, line) for line in lines)
    )
    return replace(found, rounding=said + outside - found.gross)


@dataclass(slots=True)
class _Work:
    within: bool
    rounding: str
    rounds: str
    stands: str
    step: int

    def _round(self, value: Fraction) -> int:
        return rounded(value / self.step, self.rounds) * self.step

    def _held(self, tax: Tax) -> bool:
        """Whether a price holds a tax."""
        return (self.within or tax.included) and not tax.withheld

    def holds(self, tax: Tax, line: Taxed) -> bool:
        """Whether the price of a line holds a tax that is called so."""
        return any(self._held(one) and replace(one, included=False) == replace(tax, included=False) for one in line.taxes)

    def without(self, line: Taxed) -> Taxed:
        """A line at its own net, rounded, as if its price had never held a tax."""
        net = Fraction(rounded(self._net(line), self.rounds))
        taxable = line.taxable if line.taxable is None or not line.amount else line.taxable * net / line.amount
        return Taxed(net, tuple(replace(one, included=False) for one in line.taxes), line.quantity, taxable)

    def of(self, lines: Sequence[Taxed]) -> Sums:
        groups: dict[tuple[Tax, ...], list[int]] = {}
        for number, line in enumerate(lines):
            groups.setdefault(line.taxes, []).append(number)
        exact: dict[Tax, Fraction] = {}
        bases: dict[Tax, Fraction] = {}
        taken: dict[Tax, int] = {}
        added_up: dict[Tax, Fraction] = {}
        nets = [0] * len(lines)
        whole = rest = 0
        for taxes, members in groups.items():
            amount = rounded(sum((lines[one].amount for one in members), Fraction(0)), self.rounds)
            own: dict[Tax, Fraction] = {}
            cells = [[one] for one in members] if self.rounding in ("line", "unit", "line tenth") else [members]
            fixed = 0
            tenths: dict[Tax, Fraction] = {}
            for cell in cells:
                fixed += self._cell([lines[one] for one in cell], taxes, own, bases, taken, tenths)
            for tax, cut in tenths.items():
                if self._held(tax):
                    part = self._round(cut)
                    taken[tax] = taken.get(tax, 0) + part
                    fixed += part
                else:
                    added_up[tax] = added_up.get(tax, Fraction(0)) + cut
            for tax, value in own.items():
                exact[tax] = exact.get(tax, Fraction(0)) + value
            added = sum((value for tax, value in own.items() if self._held(tax)), Fraction(0))
            net, held = amount, any(self._held(tax) for tax in taxes)
            if held and self.rounding == "document":
                net = rounded(Fraction(amount) - added, self.rounds)
            elif held and self.stands == "net" and self.rounding == "total":
                net = rounded(Fraction(amount) - added, self.rounds)
                rest += amount - net - fixed
            elif held:
                net = amount - fixed
            weights = [self._net(lines[one]) for one in members]
            for one, part in zip(members, largest_remainder(net, weights), strict=True):
                nets[one] = part
            whole += net
        for tax, cut in added_up.items():
            taken[tax] = taken.get(tax, 0) + self._round(cut)
        return self._totals(exact, bases, taken, nets, whole, rest, lines)

    def _net(self, line: Taxed) -> Fraction:
        """A line's exact net, by which the net of its group is shared."""
        if not any(self._held(tax) for tax in line.taxes):
            return line.amount
        return line.amount - sum((part for tax, part, _ in self._parts(line) if self._held(tax)), Fraction(0))

    def _parts(self, line: Taxed) -> list[tuple[Tax, Fraction, Fraction]]:
        """Each tax of a line, exact, and what it is on."""
        known = list(zip(line.taxes, weights_of(line.taxes), strict=True))
        units = sum((one.of_units for tax, one in known if self._held(tax)), Fraction(0)) * line.quantity
        held = sum((one.of_net for tax, one in known if self._held(tax)), Fraction(0))
        net, count = (line.base - units) / (1 + held), line.quantity
        return [(tax, net * one.of_net + count * one.of_units, net * one.on + count * one.on_units) for tax, one in known]

    def _cell(
        self,
        lines: Sequence[Taxed],
        taxes: tuple[Tax, ...],
        own: dict[Tax, Fraction],
        bases: dict[Tax, Fraction],
        taken: dict[Tax, int],
        tenths: dict[Tax, Fraction],
    ) -> int:
        """What is rounded together, noted by tax; returns the tax that prices hold. By total, others are rounded later."""
        # Each tax is exact, and so the same on the sum of the lines as the sum of it on each.
        together = Taxed(
            sum((line.base for line in lines), Fraction(0)), taxes, sum((line.quantity for line in lines), Fraction(0))
        )
        added = 0
        for tax, value, base in self._parts(together):
            own[tax] = own.get(tax, Fraction(0)) + value
            bases[tax] = bases.get(tax, Fraction(0)) + base
            if self.rounding == "line tenth":
                tenths[tax] = tenths.get(tax, Fraction(0)) + Fraction(rounded(value * 10, "down"), 10)
                continue
            if self._held(tax) and self.stands == "net" and self.rounding == "total":
                value += (rounded(base, self.rounds) - base) * tax.percent / 100
            amount = self._round(value)
            if self.rounding == "unit" and (count := lines[0].quantity):
                amount = rounded(self._round(value / count) * count, self.rounds)
            taken[tax] = taken.get(tax, 0) + amount
            added += amount if self._held(tax) else 0
        return added

    def _totals(
        self, exact: Mapping[Tax, Fraction], bases: Mapping[Tax, Fraction], taken: Mapping[Tax, int],
        nets: Sequence[int], net: int, rest: int, lines: Sequence[Taxed],
    ) -> Sums:  # fmt: skip
        amounts = dict(taken)
        if self.rounding in ("total", "document"):
            amounts |= {tax: self._round(value) for tax, value in exact.items() if not self.within and not tax.included}
        tax = sum(amount for one, amount in amounts.items() if not one.withheld)
        every = sum((value for one, value in exact.items() if not one.withheld), Fraction(0))
        if self.rounding == "document":
            tax = self._round(every)
            if self.within:
                whole = rounded(sum((line.amount for line in lines), Fraction(0)), self.rounds)
                change = whole - tax - net
                net += change
                nets = list(nets)
                if change and nets:
                    nets[max(range(len(nets)), key=lambda one: abs(nets[one]))] += change
        withheld = sum(amount for one, amount in amounts.items() if one.withheld)
        rates = tuple(
            RateTotal(one, self._shown(one, bases[one], lines, nets), amounts[one])
            for one in sorted(amounts, key=lambda one: (-one.percent, one.category, one.name))
        )
        return Sums(net, tax, net + tax, withheld, rest, rates, tuple(nets), every)

    def _shown(self, tax: Tax, base: Fraction, lines: Sequence[Taxed], nets: Sequence[int]) -> int:
        """What a tax is on, as shown: the sum of its lines' nets where it is on nothing else (BR-S-08)."""
        mine = [number for number, line in enumerate(lines) if tax in line.taxes]
        plain = all(weights_of(lines[one].taxes)[lines[one].taxes.index(tax)].plain for one in mine)
        if plain and all(lines[one].taxable is None for one in mine):
            return sum(nets[one] for one in mine)
        return rounded(base, self.rounds)

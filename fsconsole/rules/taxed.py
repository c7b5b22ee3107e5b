"""What [[tax]] asks: a whole document added up, line by line, with allowances, charges, taxes and what is left to pay.

It stands apart from tax.py, which knows only amounts that bear tax, because quantities, discounts and what was
paid belong to a document.

Always: EN 16931 BR-CO-10 to BR-CO-16 hold for every answer, BR-CO-17 where tax is rounded by total; the figures that
the other ways of rounding would give are shown beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.prorate import rounded
from fsconsole.rules.rates import number
from fsconsole.rules.shares import largest_remainder, shared
from fsconsole.rules.tax import ROUNDINGS, Sums, Tax, Taxed, factors, percent_text, sums, taxes_of
from fsconsole.rules.totals import rates_say
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.conventions import MOST_PLACES
from fsconsole.values.money import places, show

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Member:
    """A line, allowance or charge: what it is called, its words, and what it bears tax on."""

    role: str
    name: str
    taxed: Taxed
    words: str


def tax_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[Answer]:
    """The answers of [[tax]]."""
    return [_Document(row, agreement).answer() for row in rows]


@dataclass(slots=True)
class _Document:
    row: Row
    agreement: Agreement

    def answer(self) -> Answer:
        lines = [self._line(one, place) for place, one in enumerate(self.row.get("lines", ()), 1)]
        if not lines:
            raise ValueError("lines is missing: what stands on the document")
        members = [*lines, *self._levels(lines)]
        found = self._sums(members)
        return self._told(members, found)

    def _get(self, name: str, default: Any) -> Any:
        """A rule of the document, else of the contract under the same name, else the default."""
        said: Row = next(iter(self.agreement.of("contract")), {})
        of_contract = {"rounding": "tax_rounding", "rounds": "tax_rounds", "inclusive": "tax_inclusive"}.get(name, name)
        return self.row.get(name, said.get(of_contract, default))

    def _sums(self, members: Sequence[_Member], rounding: str = "") -> Sums:
        return sums(
            [one.taxed for one in members],
            prices=self._get("prices", "exclusive"),
            rounding=rounding or self._get("rounding", "total"),
            rounds=self._get("rounds", "half away"),
            inclusive=self._get("inclusive", "gross"),
            step=self._get("tax_step", 1),
        )

    def _taxes(self, row: Row) -> Any:
        value = row["tax"] if "tax" in row else self._get("tax", "")
        return taxes_of(value, self.agreement.of("rate"), self.row.get("on"), self.agreement.money)

    def _line(self, row: Mapping[str, Any], place: int) -> _Member:
        """A line's own amount: quantity x price less what is taken off it, rounded once unless the document says later."""
        scale, money = 10 ** places(self.agreement.money), self.agreement.money
        quantity = Fraction(row.get("quantity", Decimal(1)))
        rounds = self._get("rounds", "half away")
        if ("price" in row) == ("amount" in row):
            raise ValueError(f"line {place} of the document: say price or amount, and not both")
        if "amount" in row:
            whole, words = Fraction(row["amount"]), show(row["amount"], money)
        else:
            price = Fraction(row["price"]) / Fraction(row.get("per", Decimal(1)) or 1)
            if price < 0:
                raise ValueError(
                    f"line {place} of the document: a price is never below nothing (BR-27); give a quantity below it"
                )
            percent = Fraction(row.get("discount_percent", Decimal(0)))
            if percent and self._get("discount_each", "line") == "unit":
                digits = row.get("price_places", places(money))
                if digits > MOST_PLACES:
                    raise ValueError(f"line {place} of the document: price_places is at most {MOST_PLACES}")
                price = _places(price * (1 - percent / 100), digits, rounds)
            whole = price * quantity * scale
            words = f"{number(row.get('quantity', Decimal(1)))} × {number(row['price'])}"
        before = whole
        percent = Fraction(row.get("discount_percent", Decimal(0)))
        if percent and self._get("discount_each", "line") == "amount":
            whole -= rounded(whole * percent / 100, rounds)
        elif percent and ("amount" in row or self._get("discount_each", "line") == "line"):
            whole -= whole * percent / 100
        if percent:
            words += f" less {number(row['discount_percent'])}%"
        whole += row.get("charge", 0) - row.get("discount", 0)
        before += row.get("charge", 0)
        if row.get("charge"):
            words += f" and {show(row['charge'], money)}"
        if row.get("discount"):
            words += f" less {show(row['discount'], money)}"
        if self._get("line_rounding", "line") == "line":
            whole, before = Fraction(rounded(whole, rounds)), Fraction(rounded(before, rounds))
        taxable = None if self._get("discount_lowers_tax", True) else before
        if (early := self.row.get("cash_discount")) is not None and self.row.get("cash_discount_tax", "full") == "lowered":
            taxable = (whole if taxable is None else taxable) * (1 - Fraction(early) / 100)
        name = row.get("name", "") or f"line {place}"
        return _Member("line", name, Taxed(whole, self._taxes(row), quantity, taxable), words)

    def _levels(self, lines: Sequence[_Member]) -> list[_Member]:
        """Allowances and charges of the document: each with its own tax, or spread over the lines' by what they come to."""
        found: list[_Member] = []
        for role in ("allowances", "charges"):
            for row in self.row.get(role, ()):
                found += self._level(row, role.removesuffix("s"), [*lines, *found])
        return found

    def _level(self, row: Mapping[str, Any], role: str, before: Sequence[_Member]) -> list[_Member]:
        sign, money = (-1 if role == "allowance" else 1), self.agreement.money
        name = row.get("reason", "")
        if not name:
            raise ValueError(f"{role}: reason is missing; what is taken off a document or put on it says why (BR-33, BR-38)")
        if ("amount" in row) == ("percent" in row):
            raise ValueError(f"{role} “{name}”: say amount or percent, and not both")
        lines = [one for one in before if one.role == "line"]
        counted = lines if row.get("of", "lines") == "lines" else before
        if "percent" in row:
            whole = Fraction(row["base"]) if "base" in row else sum((one.taxed.amount for one in counted), Fraction(0))
            amount = rounded(whole * Fraction(row["percent"]) / 100, self._get("rounds", "half away"))
            words = f"{number(row['percent'])}% of {show(rounded(whole), money)}"
        else:
            amount, words = row["amount"], show(row["amount"], money)
        if "tax" in row:
            return [self._made(role, name, Fraction(sign * amount), self._taxes(row), words)]
        holds_tax = row.get("on", "net") == "gross" and self._get("prices", "exclusive") == "exclusive"
        onto = row.get("on") == "net" and self._get("prices", "exclusive") == "inclusive"
        groups: dict[tuple[Tax, ...], Fraction] = {}
        for one in lines:
            factor = _gross(one.taxed.taxes)
            value = one.taxed.amount * (factor if holds_tax else 1 / factor if onto else 1)
            groups[one.taxed.taxes] = groups.get(one.taxed.taxes, Fraction(0)) + value
        weights = [max(value, Fraction(0)) for value in groups.values()]
        if not any(weights):
            return [self._made(role, name, Fraction(sign * amount), self._taxes(row), words)]
        made = []
        for taxes, part in zip(groups, shared(amount, weights, "largest remainder"), strict=True):
            factor = 1 / _gross(taxes) if holds_tax else _gross(taxes) if onto else Fraction(1)
            if value := Fraction(rounded(Fraction(sign * part) * factor)):
                made.append(self._made(role, name, value, taxes, words))
        return made

    def _made(self, role: str, name: str, amount: Fraction, taxes: Any, words: str) -> _Member:
        taxable = Fraction(0) if role == "allowance" and not self._get("discount_lowers_tax", True) else None
        return _Member(role, name, Taxed(amount, taxes, Fraction(1 if amount > 0 else -1), taxable), words)

    # --- the answer ---

    def _told(self, members: Sequence[_Member], found: Sums) -> Answer:
        money = self.agreement.money
        by_role = {role: sum(net for one, net in zip(members, found.nets, strict=True) if one.role == role)
                   for role in ("line", "allowance", "charge")}  # fmt: skip
        prepaid = self.row.get("prepaid", 0)
        if self._get("inclusive_pays", "price") == "net and tax":
            found = replace(found, rounding=0)
        rest = found.rounding - found.withheld
        before = found.gross - prepaid + rest
        step = self.row.get("round_to", 0)
        payable = _to_step(before, step, self.row.get("round_to_way", "half away")) if step else before
        found, gone = self._coins(found, payable - before)
        others = {name: self._sums(members, name) for name in ROUNDINGS[:4]}
        before += gone
        answer: Answer = {
            "name": self.row.get("name", ""),
            "lines": self._lines(members, found),
            "lines_net": by_role["line"],
            "allowances": -by_role["allowance"],
            "charges": by_role["charge"],
            "net": found.net,
            "tax": found.tax,
            "gross": found.gross,
            "withheld": found.withheld,
            "prepaid": prepaid,
            "rounding": found.rounding + payable - before,
            "payable": payable,
            "rates": [
                {
                    "name": one.tax.name,
                    "percent": percent_text(one.tax.percent),
                    "category": one.tax.category,
                    "reason": one.tax.reason,
                    "base": one.base,
                    "amount": one.amount,
                }
                for one in found.rates
            ],
            "tax_by": {name: other.tax for name, other in others.items()},
        }
        early = ""
        if (percent := self.row.get("cash_discount")) is not None:
            lowered = self.row.get("cash_discount_tax", "full") == "lowered"
            off = rounded(Fraction(found.net if lowered else payable) * Fraction(percent) / 100, self._get("rounds", "half away"))
            answer |= {"cash_discount": off, "paid_early": payable - off}
            early = f"; paid early {show(payable - off, money)}, {number(percent)}% = {show(off, money)} less"
        rounding = self._get("rounding", "total")
        told = {name: other for name, other in others.items() if name != "unit" or other.tax != others["line"].tax}
        different = [f"{show(other.tax, money)} rounded by {name}" for name, other in told.items() if other.tax != found.tax]
        says = f"net {show(found.net, money)} + tax {show(found.tax, money)} = {show(found.gross, money)}"
        says += f" ({'; '.join(rates_say(found.rates, money))})" if found.rates else ""
        if by_role["allowance"] or by_role["charge"]:
            levels = f"allowances {show(-by_role['allowance'], money)}, charges {show(by_role['charge'], money)}"
            says = f"lines {show(by_role['line'], money)}, {levels}: {says}"
        if shares := [f"{one['name']} {show(one['tax'], money)}" for one in answer["lines"] if "tax" in one]:
            says += f"; of the tax {', '.join(shares)}"
        if different:
            says += f"; tax rounded by {rounding.replace('line tenth', 'line to a tenth')}, it would be {' or '.join(different)}"
        if payable != found.gross:
            says += f"; {show(payable, money)} to pay"
            less = [(prepaid, "prepaid"), (found.withheld, "withheld"), (answer["rounding"], "rounding")]
            says += " (" + ", ".join(f"{show(value, money)} {what}" for value, what in less if value) + ")"
        return {**answer, "says": says + early}

    def _coins(self, found: Sums, change: int) -> tuple[Sums, int]:
        """What rounding to a coin changes, put where the document says; and how much of it is no rounding any more."""
        into = self.row.get("round_to_into", "rounding")
        if not change or into == "rounding":
            return found, 0
        if into == "line":
            return replace(found, net=found.net + change, gross=found.gross + change), change
        largest = max((one for one in found.rates if not one.tax.withheld), key=lambda one: abs(one.amount), default=None)
        if largest is None:
            raise ValueError("there is no tax that could take the rounding; say round_to_into = “line” or “rounding”")
        rates = tuple(replace(one, amount=one.amount + change) if one is largest else one for one in found.rates)
        return replace(found, tax=found.tax + change, gross=found.gross + change, rates=rates), change

    def _lines(self, members: Sequence[_Member], found: Sums) -> list[Answer]:
        """Each line and level with its net and, where the document says how, its share of the tax."""
        share = self.row.get("share", "")
        taxes = [0] * len(members)
        if share:
            for one in found.rates:
                mine = [place for place, member in enumerate(members) if one.tax in member.taxed.taxes]
                bases = [members[place].taxed.base for place in mine]
                if one.tax.withheld or not sum(bases):
                    continue
                if min(bases) >= 0 or max(bases) <= 0:
                    parts = shared(one.amount, [abs(base) for base in bases], share)
                else:
                    # Lines and what is taken off them: near each one's own, whatever the rule.
                    parts = largest_remainder(one.amount, [Fraction(one.amount) * base / sum(bases) for base in bases])
                for place, part in zip(mine, parts, strict=True):
                    taxes[place] += part
        told = []
        for place, (member, net) in enumerate(zip(members, found.nets, strict=True)):
            line: Answer = {"what": member.role, "name": member.name, "net": net}
            if share:
                line["tax"] = taxes[place]
                line["gross"] = net + taxes[place]
            told.append({**line, "says": f"{member.name}: {member.words}"})
        return told


def _gross(taxes: Sequence[Tax]) -> Fraction:
    """What 1 net is with its taxes."""
    return 1 + sum((share for tax, (share, _) in zip(taxes, factors(taxes), strict=True) if not tax.withheld), Fraction(0))


def _places(value: Fraction, digits: int, rounds: str) -> Fraction:
    scale = 10**digits
    return Fraction(rounded(value * scale, rounds), scale)


def _to_step(amount: int, step: int, rounds: str) -> int:
    """An amount as a multiple of ``step``: 0.05 where there are no smaller coins."""
    return rounded(Fraction(amount, step), rounds) * step

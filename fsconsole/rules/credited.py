"""What [[credit]] asks: partial credits of one invoice, each at the invoice's own tax.

It stands apart because a credit never makes its own tax: it gives back a part of what was billed.

Always: net and tax credited never exceed what was billed, and the credit that closes the net closes the tax.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from fsconsole.rules.tax import Tax, Taxed, sums, taxes_of
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.money import show


def credit_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[credit]].

    ``close``: ``rest`` rounds each credit's tax and the last takes what is left; ``running`` takes each as the tax of
    all so far less that of those before.
    """
    return [_credit(row, agreement) for row in rows]


def _credit(row: Row, agreement: Agreement) -> dict[str, Any]:
    money, rounds, net = agreement.money, row.get("rounds", "half away"), row["net"]
    taxes = taxes_of(row.get("tax", ""), agreement.of("rate"), row.get("on"), money)
    billed = row["billed_tax"] if "billed_tax" in row else _tax(net, taxes, rounds)
    left, tax_left, answers = net, billed, []
    for asked in row["credits"]:
        if asked * net < 0:
            raise ValueError(f"{show(asked, money)} does not lower {show(net, money)}; write it with the sign of the invoice")
        part = asked if abs(asked) <= abs(left) else left
        left -= part
        if row.get("close", "rest") == "running":
            tax = _tax(net - left, taxes, rounds) - (billed - tax_left)
        else:
            tax = _tax(part, taxes, rounds)
        if left == 0 or abs(tax) > abs(tax_left):
            tax = tax_left
        tax_left -= tax
        says = f"{show(part, money)} + {show(tax, money)} = {show(part + tax, money)}"
        says += f"; {show(asked, money)} was asked for, no more was left" if part != asked else ""
        answers.append({"net": part, "tax": tax, "gross": part + tax, "says": says})
    says = f"{show(net + billed, money)} billed, {show(net - left + billed - tax_left, money)} credited"
    says += f", {show(left + tax_left, money)} left" if left or tax_left else " with nothing left"
    return {
        "name": row.get("name", ""),
        "net": net,
        "tax": billed,
        "gross": net + billed,
        "credits": answers,
        "left_net": left,
        "left_tax": tax_left,
        "left": left + tax_left,
        "says": says + "".join(f"; {one['says']}" for one in answers),
    }


def _tax(net: int, taxes: tuple[Tax, ...], rounds: str) -> int:
    return sums([Taxed(Fraction(net), taxes)], rounds=rounds).tax

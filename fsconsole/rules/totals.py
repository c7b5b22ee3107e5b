"""What charges come to when they are billed together: net, tax by rate, gross; and when that is to be paid.

It stands apart because tax is worked out once for each rate on the sum of its lines, never line by line.

Always: the tax of a document is the sum of its rates' taxes, each rounded once (EN 16931, BR-CO-14 and BR-CO-17).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from fsconsole.rules.rates import number
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.money import show, times


@dataclass(frozen=True, slots=True)
class Totals:
    """Minor units. ``says``: one sentence for each rate."""

    net: int
    tax: int
    gross: int
    says: tuple[str, ...] = ()


def totals(charges: Iterable[Charge], agreement: Agreement) -> Totals:
    """The totals of charges of one currency. A charge without a tax of its own takes the contract's."""
    default = next((row.get("tax", "") for row in agreement.of("contract")), "")
    taxed: dict[str, int] = {}
    for charge in charges:
        name = charge.tax or (f"{default:f}" if isinstance(default, Decimal) else str(default))
        taxed[name] = taxed.get(name, 0) + charge.amount
    tax, says = 0, []
    for name, net in sorted(taxed.items()):
        try:
            rate = Decimal(name or 0)
        except InvalidOperation:
            raise ValueError(f"there is no tax “{name}”; give a rate in percent such as 20") from None
        part = times(net, rate / 100)
        tax += part
        if name:
            says.append(f"{number(rate)}% of {show(net, agreement.money)} = {show(part, agreement.money)}")
    net = sum(taxed.values())
    return Totals(net, tax, net + tax, tuple(says))


def due_on(issued_on: date, agreement: Agreement) -> tuple[date | None, str]:
    """The day by which an invoice of that day is to be paid, and why; None where nothing was agreed."""
    payment = next((row.get("payment") for row in agreement.of("contract")), None)
    days = payment if isinstance(payment, int) else agreement.contract.terms_days
    if isinstance(payment, str):
        words = payment.lower().replace("net", "").replace("days", "").strip()
        if not words.isdigit():
            raise ValueError(f"“{payment}” does not say when to pay; write 30 days")
        days = int(words)
    if days is None:
        return None, ""
    return issued_on + timedelta(days=days), f"{days} days after {issued_on.isoformat()}"

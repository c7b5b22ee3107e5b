"""Which work a warranty covers, ours or the maker's, and what is to be claimed from the maker by when.

It stands apart because the client pays nothing either way, but a maker's warranty is money that lapses with a day.

Always: what a maker's warranty covers is a claim with a deadline; the fault reasons that it excludes are billable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from fsconsole.rules.prorate import rounded
from fsconsole.rules.words import count
from fsconsole.rules.words import day as on_day
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import Charge
from fsconsole.values.money import show


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A warranty: whose, on what, on which days; ``claim_by`` days after the work it must be claimed."""

    row: Row

    @property
    def name(self) -> str:
        return str(self.row.get("name") or self.row.get("maker") or "warranty")

    @property
    def maker(self) -> str:
        """Who is to pay; empty where it is ours."""
        return str(self.row.get("maker") or "")

    @property
    def words(self) -> str:
        end = self.row.get("until")
        last = f" until {on_day(end - timedelta(days=1))}" if isinstance(end, date) and end > date.min else ""
        return f"under the warranty of {self.maker or 'ours'}{last}"

    def holds(self, row: Row, kind: str, day: date) -> bool:
        said = self.row
        if not (said.get("from") or date.min) <= day < (said.get("until") or date.max):
            return False
        if str(row.get("fault") or "") in said.get("excludes", ()) and row.get("fault"):
            return False
        if not said.get("parts" if kind == "part" else "labour", True):
            return False
        for name, other in (("asset", row.get("asset")), ("part", row.get("name") if kind == "part" else None)):
            if said.get(name) and said[name] != other:
                return False
        return True


class Guarantees:
    """The warranties of an agreement, the maker's before ours: then somebody else pays."""

    def __init__(self, agreement: Agreement) -> None:
        rows = [row for row in agreement.of("warranty") if not row.get("void")]
        self.found = sorted((Guarantee(row) for row in rows), key=lambda one: not one.maker)

    def of(self, row: Row, kind: str, day: date) -> Guarantee | None:
        """The warranty that covers a line of work, if any."""
        if not self.found or row.get("covered") in ("contract", "goodwill"):
            return None
        return next((one for one in self.found if one.holds(row, kind, day)), None)


def claims(agreement: Agreement, lines: Iterator[tuple[Row, Charge]]) -> tuple[dict[str, Any], ...]:
    """What is to be claimed from makers: for each warranty and job the ``amount``, the lines, and the day it lapses (``by``)."""
    guarantees, money = Guarantees(agreement), agreement.money
    groups: dict[tuple[str, str], list[tuple[Guarantee, Charge]]] = {}
    for row, charge in lines:
        day = charge.period.start if charge.period else charge.billable_from or date.min
        guarantee = guarantees.of(row, charge.kind, day)
        if guarantee is not None and guarantee.maker and charge.covered_by == "warranty":
            groups.setdefault((guarantee.name, str(row.get("job") or "")), []).append((guarantee, charge))
    found = []
    for (name, job), held in sorted(groups.items()):
        said = held[0][0].row
        exact = sum((_worth(charge, said) for _, charge in held), Fraction(0))
        amount = rounded(exact * Fraction(said["percent"]) / 100 if "percent" in said else exact)
        first = min(charge.period.start for _, charge in held if charge.period)
        days = said.get("claim_days")
        by = first + timedelta(days=int(days)) if days is not None else None
        on = f" on {job}" if job else ""
        says = f"{show(amount, money)} to claim from {held[0][0].maker}{on}" + (f" by {on_day(by)}" if by else "")
        says += f": {count(len(held), 'line')} worth {show(sum(charge.notional for _, charge in held), money)}"
        says += f", {count(int(days or 0), 'day')} after {on_day(first)}" if by else ""
        found.append(
            {
                "name": name,
                "maker": held[0][0].maker,
                "job": job,
                "amount": amount,
                "lines": len(held),
                "by": by.isoformat() if by else None,
                "says": says,
            }
        )
    return tuple(found)


def _worth(charge: Charge, said: Row) -> Fraction:
    """What a line is claimed at: what it would have cost the client, or what it cost us."""
    return Fraction(charge.cost if said.get("claim") == "cost" else charge.notional)

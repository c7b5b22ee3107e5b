"""Units priced one amount at a time: a percentage and a fixed part of each, each between a least and a most.

It stands apart from rules/tiers because there a sum is priced, and here every amount by itself.

Always: nothing is rounded here; amounts that are free come first, in the order in which they happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fsconsole.rules.tiers import Scale, price_text, units_text, worth
from fsconsole.values.money import places


@dataclass(frozen=True, slots=True)
class Paid:
    """What each amount costs besides its units, and between which bounds; minor units, exact.

    ``free`` amounts are without ``each``; where ``wholly``, or where each is priced by itself (``alone``), they cost nothing.
    """

    each: Fraction = Fraction(0)
    free: int = 0
    least: Fraction | None = None
    most: Fraction | None = None
    wholly: bool = False

    @classmethod
    def of(cls, said: Mapping[str, Any], currency: str) -> Paid:
        """What a term's or a question's fields say."""
        scale = 10 ** places(currency)

        def minor(name: str) -> Fraction | None:
            return Fraction(str(said[name])) * scale if said.get(name) is not None else None

        found = cls(minor("each") or Fraction(0), int(said.get("each_free") or 0), minor("each_minimum"), minor("each_maximum"),
                    said.get("each_free_is") == "free")  # fmt: skip
        if found.least is not None and found.most is not None and found.least > found.most:
            raise ValueError("each_minimum is above each_maximum; an amount cannot cost both")
        return found

    @property
    def alone(self) -> bool:
        return self.least is not None or self.most is not None or self.wholly


def of_amounts(
    amounts: Sequence[Fraction], scale: Scale, currency: str, paid: Paid, included: Fraction = Fraction(0)
) -> tuple[Fraction, str]:
    """What amounts cost, each priced by itself.

    The first that are free and the first ``included`` units cost nothing; where both are said, until one of them ends.
    """
    total, words, left = Fraction(0), [], included
    for place, units in enumerate(amounts):
        if place < paid.free and not included:
            continue
        covered = min(left, max(units, Fraction(0))) if place < paid.free or not paid.free else Fraction(0)
        left -= covered
        if covered and covered == units:
            continue
        value = worth(units - covered, scale, currency).exact + paid.each
        bounded = value
        if paid.least is not None:
            bounded = max(bounded, paid.least)
        if paid.most is not None:
            bounded = min(bounded, paid.most)
        total += bounded
        note = "" if bounded == value else f" ({'least' if bounded > value else 'most'})"
        words.append(f"{price_text(bounded, currency)}{note}")
    if not words:
        return total, "nothing beyond what is free"
    shown = words if len(words) <= 8 else [*words[:6], "…", words[-1]]
    return total, f"{len(words)} amounts: {' + '.join(shown)}"


def worth_within(units: Fraction, scale: Scale, currency: str) -> tuple[Fraction, str]:
    """What a sum of units costs, and the arithmetic."""
    found = worth(units, scale, currency)
    return found.exact, found.words or f"{units_text(units)} units"

"""An amount in parts that sum to it: by weights or in equal parts, the remainder where the rule says.

It stands apart because deposits, taxes, payments and instalments are all shared, and each contract may say how.

Always: the parts sum to the whole, and none has the other sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from fsconsole.rules.prorate import rounded
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.money import show

#: Who takes what rounding leaves: one part, or (``each``) a smallest step each, largest rest or first part first.
REMAINDERS = ("last", "first", "largest", "largest remainder", "one by one", "floor last", "running")

WORDS = {
    "largest remainder": "those that lost most by rounding take the remainder",
    "one by one": "the first take the remainder, one step each",
    "running": "each is the difference of two running sums, each rounded",
    "floor last": "each rounded down, the last takes the remainder",
}


def shared(
    total: int, weights: Sequence[Fraction], remainder: str = "last", rounds: str = "half away", step: int = 1
) -> list[int]:
    """Parts of ``total`` in proportion to ``weights``, each a multiple of ``step`` but for what the remainder takes.

    ``last``, ``first`` and ``largest`` round every other part and give that one the rest; ``floor last`` rounds the
    others down; ``largest remainder`` rounds all down and gives what is left to those that lost most; ``one by one``
    to the first parts; ``running`` rounds the sum of the first parts and takes what is before off.
    Raises ValueError for weights below nothing, or none above it.
    """
    if remainder not in REMAINDERS:
        raise ValueError(f"“{remainder}” does not say who takes the remainder; use {', '.join(REMAINDERS)}")
    whole = sum(weights, Fraction(0))
    if not weights or any(one < 0 for one in weights) or whole <= 0:
        raise ValueError("a split needs weights that are not negative and at least one above zero")
    if step < 1:
        raise ValueError("parts cannot be multiples of nothing; give a step above zero")
    size, sign = abs(total), -1 if total < 0 else 1
    exact = [Fraction(size) * one / whole for one in weights]
    if remainder in ("largest remainder", "one by one"):
        return [sign * part for part in _spread(size, exact, step, remainder == "one by one")]
    if remainder == "running":
        sums = [min(size, rounded(sum(exact[:place], Fraction(0)) / step, rounds) * step) for place in range(len(exact))]
        sums.append(size)
        return [sign * (after - before) for before, after in pairwise(sums)]
    taker = {"first": 0, "largest": max(range(len(weights)), key=lambda one: (weights[one], -one))}.get(
        remainder, len(weights) - 1
    )
    left, parts = size, [0] * len(weights)
    for number, one in enumerate(exact):
        if number != taker:
            # Never more than is left, so that many parts that round up cannot turn the last one negative.
            parts[number] = min(rounded(one / step, "down" if remainder == "floor last" else rounds) * step, left)
            left -= parts[number]
    parts[taker] = left
    return [sign * part for part in parts]


def _spread(size: int, exact: Sequence[Fraction], step: int, in_turn: bool) -> list[int]:
    parts = [int(one / step) * step for one in exact]
    left = size - sum(parts)
    able = [number for number, one in enumerate(exact) if one > 0]
    turns = able if in_turn else sorted(able, key=lambda one: (parts[one] - exact[one], one))
    while left:
        for number in turns:
            given = min(step, left)
            parts[number] += given
            left -= given
    return parts


def largest_remainder(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Parts of ``total`` near each weight, which may have either sign and sum to about ``total``.

    Each weight is rounded down and what is left goes one by one to those that lost most, so that lines and
    allowances together keep the sum of their group.
    """
    if not weights:
        return []
    parts = [one.numerator // one.denominator for one in weights]
    left = total - sum(parts)
    order = sorted(range(len(weights)), key=lambda one: (parts[one] - weights[one], one))
    each, rest = divmod(left, len(weights))
    for place, number in enumerate(order):
        parts[number] += each + (1 if place < rest else 0)
    return parts


def split_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, object]]:
    """The answers of [[split]]."""
    return [_split(row, agreement) for row in rows]


def _split(row: Row, agreement: Agreement) -> dict[str, object]:
    if ("weights" in row) == ("parts" in row):
        raise ValueError("say weights or parts, and not both")
    if "parts" in row and not 0 < row["parts"] <= 100_000:
        raise ValueError("parts is from 1 to 100000")
    weights = [Fraction(one) for one in row["weights"]] if "weights" in row else [Fraction(1)] * row["parts"]
    remainder, money = row.get("remainder", "last"), agreement.money
    parts = shared(row["amount"], weights, remainder, row.get("rounds", "half away"), row.get("step", 1))
    names = list(row.get("names", ()))
    if names and len(names) != len(parts):
        raise ValueError(f"there are {len(names)} names for {len(parts)} parts")
    told = [show(part, money) for part in parts]
    shown = " + ".join(told if len(told) <= 12 else [*told[:6], "…", *told[-2:]])
    rule = WORDS.get(remainder, f"the {remainder} takes the remainder")
    return {
        "name": row.get("name", ""),
        "amount": row["amount"],
        "amounts": parts,
        "parts": [{"name": name, "amount": part} for name, part in zip(names, parts, strict=bool(names))],
        "says": f"{show(row['amount'], money)} = {shown}; {rule}",
    }

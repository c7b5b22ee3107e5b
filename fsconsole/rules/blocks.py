"""Prepaid blocks of hours or of a meter's units: the order in which they are drawn, what is taken, what is left at their end.

It stands apart because minutes of work and units of a meter are bought ahead and drawn alike.

Always: what is taken from blocks and what is left over are together what was needed; a block that ended is not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from fsconsole.rules.tiers import units_text
from fsconsole.rules.usage import exact, mine, minor_of
from fsconsole.rules.worked import minutes_text
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.terms import Term

#: What becomes of what is left of a block at its end.
UNUSED = ("lost", "refunded", "next block", "next block once")
#: Which blocks may be drawn for the use of a period whose days are not known one by one.
HELD_ON = ("any day", "last day", "by days")
_ORDERS: dict[str, Callable[[Block], tuple[Any, ...]]] = {
    "first to end": lambda block: (block.end, block.start),
    "oldest first": lambda block: (block.start, block.end),
    "newest first": lambda block: (-block.start.toordinal(), block.end),
}


@dataclass(slots=True)
class Block:
    """A prepaid block while it is drawn. ``holds`` is what was bought, ``left`` what is still there, ``rolled`` what of
    that came from the block before; minutes or units."""

    name: str
    start: date
    end: date
    holds: Fraction
    left: Fraction
    row: Row = field(default_factory=dict)
    rolled: Fraction = Fraction(0)

    @property
    def amount(self) -> int:
        """What it costs, minor units."""
        return minor_of(self.row.get("amount")) or 0

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"line {self.row.get('line', '?')}: the block “{self.name}” ends before it is bought")


def blocks_of(term: Term, agreement: Agreement, first: date, rows: Iterable[Row] | None = None) -> list[Block]:
    """The blocks of a term in the order in which they are drawn; one without a first day holds from ``first``.

    Hours and block terms are drawn in minutes, a meter in units. Raises ValueError in words.
    """
    what = "units" if term.kind == "meter" else "minutes"
    blocks = [_block(row, first, what) for row in (mine(term, agreement, "block") if rows is None else rows)]
    by = _ORDERS[str(term.details.get("blocks") or "first to end")]
    blocks.sort(key=lambda block: (int(block.row.get("rank") or 10**9), *by(block), block.name))
    names = [block.name for block in blocks]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"two blocks are called “{twice}”; give each its own name")
    return blocks


def _block(row: Row, first: date, what: str) -> Block:
    if row.get(what) is None:
        other = "hours are drawn in minutes" if what == "minutes" else "a meter is drawn in units"
        raise ValueError(f"line {row.get('line', '?')}: the block “{row.get('name')}” says no {what}; {other}")
    start, end = row.get("from") or first, row.get("until") or date.max
    holds = exact(row.get(what))
    if holds < 0 or (not holds and what == "units"):
        raise ValueError(f"line {row.get('line', '?')}: the block “{row.get('name')}” holds nothing; say {what} above 0")
    return Block(str(row.get("name")), start, end, holds, holds, row)


def draw(
    blocks: Sequence[Block], day: date, need: Fraction, taken: dict[str, Fraction], most: Mapping[str, Fraction] | None = None
) -> Fraction:
    """Draws from the blocks that hold on a day, in their order; what is left over.

    ``taken`` gains what each gave. ``most``: the blocks that may be drawn instead, whatever the day, each up to so much.
    """
    for block in blocks:
        here = block.start <= day < block.end if most is None else block.name in most
        if need and here and block.left:
            part = min(need, block.left) if most is None else min(need, block.left, most[block.name])
            if part:
                block.left -= part
                need -= part
                taken[block.name] = taken.get(block.name, Fraction(0)) + part
    return need


def drawn_words(taken: Mapping[str, Fraction], said: Callable[[Fraction], str] = minutes_text) -> str:
    """What was drawn, block by block: ``4 h A + 2 h B``."""
    return " + ".join(f"{said(part)} {name}" for name, part in taken.items())


def roll(blocks: Sequence[Block], until: date, unused: str, most: Fraction | None) -> list[tuple[Block, Fraction, Block | None]]:
    """What the blocks that end by ``until`` leave: (block, how much, the block it goes to or None), each once.

    With ``next block`` it goes to the first block that holds on the day this one ends and lasts longer; with ``next block
    once`` what came from a block before does not go on again and is lost. ``most`` bounds what goes on from one block.
    """
    if unused not in UNUSED:
        raise ValueError(f"“{unused}” does not say what becomes of what is left; use {', '.join(UNUSED)}")
    found: list[tuple[Block, Fraction, Block | None]] = []
    for block in sorted(blocks, key=lambda one: (one.end, one.start, one.name)):
        if block.end > until or not block.left:
            continue
        heirs = [one for one in blocks if one.start <= block.end < one.end]
        heir = min(heirs, key=lambda one: (one.start, one.end, one.name)) if unused.startswith("next") and heirs else None
        left, going = block.left, block.left
        if heir is not None:
            # What came from before is the older and was drawn first; so what is left of it is what is left beyond its own.
            going = min(going, block.holds) if unused.endswith("once") else going
            going = going if most is None else min(going, most)
            heir.left += going
            heir.rolled += going
            found.append((block, going, heir))
            left -= going
        if left:
            found.append((block, left, None))
        block.left = Fraction(0)
    return found


def units_said(units: Fraction, unit: str) -> str:
    """``1,200 copies``."""
    return f"{units_text(units)} {unit}".strip()

"""Prepaid blocks of hours or of a meter's units: the order in which they are drawn, what is taken, what is left at their end.

It stands apart because minutes of work and units of a meter are bought ahead and drawn alike.

Always: what is taken from blocks and what is left over are together what was needed; a block that ended is not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from fsconsole.rules.life import runs
from fsconsole.rules.rates import minutes_text
from fsconsole.rules.tiers import units_text
from fsconsole.rules.usage import exact, in_minor, mine, minor_of
from fsconsole.rules.words import day as on_day
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.money import show
from fsconsole.values.terms import Term

ONE_DAY = timedelta(days=1)
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
    that came from the block before; minutes or units. ``over``: the contract's end, where it comes before the block's."""

    name: str
    start: date
    end: date
    holds: Fraction
    left: Fraction
    row: Row = field(default_factory=dict)
    rolled: Fraction = Fraction(0)
    over: date | None = None

    @property
    def last(self) -> date:
        """The first day on which it is not drawn."""
        return self.over or self.end

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
    for block in sorted(blocks, key=lambda one: (one.last, one.start, one.name)):
        if block.last > until or not block.left:
            continue
        heirs = [one for one in blocks if one.start <= block.end < one.last] if block.over is None else []
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


class Ends:
    """What becomes of what is left of a term's blocks: at their own ends, and where the contract ends before.

    ``refunds``: (the number of the period in which it ended, the block, how much of it) of what is given back.
    """

    def __init__(
        self, blocks: Sequence[Block], said: Mapping[str, Any], over: date | None, words: Callable[[Fraction], str]
    ) -> None:
        self.blocks, self.unused, self._words = blocks, str(said.get("unused") or "lost"), words
        at_end = str(said.get("unused_at_end") or ("refunded" if self.unused == "refunded" else "lost"))
        if at_end not in UNUSED[:2]:
            raise ValueError(f"“{at_end}” does not say what becomes of what is left; use {' or '.join(UNUSED[:2])}")
        self.at_end = at_end
        most = said.get("unused_most")
        self.most = None if most is None else exact(most)
        self.refunds: list[tuple[int, Block, Fraction]] = []
        for block in blocks:
            if over is not None and block.start < over < block.end:
                block.over = over

    def until(self, day: date, number: int, told: list[str]) -> None:
        """Ends the blocks that are over by a day; ``told`` gains what became of them."""
        for block, part, heir in roll(self.blocks, day, self.unused, self.most):
            said = self._words(part)
            how = self.unused if block.over is None else self.at_end
            if heir is not None:
                told.append(f"{said} of {block.name} go on to {heir.name}")
            elif how == "refunded" and block.amount:
                self.refunds.append((number, block, part))
            elif block.over is not None:
                told.append(f"{block.name} ended with the contract on {on_day(block.over - ONE_DAY)}, {said} not used are lost")
            else:
                told.append(f"{block.name} ended with {said} not used")

    def given_back(self, agreement: Agreement, unit: str = "") -> Iterator[tuple[int, Block, int, str]]:
        """(the period's number, the block, what is given back in minor units, why) of each refund."""
        money = agreement.money
        for number, block, part in self.refunds:
            back = in_minor(Fraction(block.amount) * part / block.holds, agreement)
            left, whole = (self._words(each).removesuffix(f" {unit}") for each in (part, block.holds))
            ended = "with" if block.over is None else f"with the contract on {on_day(block.over - ONE_DAY)},"
            share = f"{show(block.amount, money)} × {left} / {whole} = {show(back, money)} given back"
            yield number, block, back, f"{block.name} ended {ended} {f'{left} of {whole} {unit}'.strip()} not used: {share}"


def contract_end(term: Term, agreement: Agreement, horizon: date) -> date | None:
    """The first day on which a term with blocks runs no more, once that is so by ``horizon``: until then it may be renewed."""
    if not agreement.of("block"):
        return None
    last = max((run.end or date.max for run in runs(term, agreement, horizon)), default=date.max)
    return last if last <= horizon else None


def units_said(units: Fraction, unit: str) -> str:
    """``1,200 copies``."""
    return f"{units_text(units)} {unit}".strip()

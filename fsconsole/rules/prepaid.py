"""Units of a meter bought ahead in blocks: drawn by its use, rolled over or lost at a block's end, and billed when bought.

It stands apart from meters, which prices what no block covers, and from blocks, which knows neither periods nor money.

Always: a unit is included, drawn from one block, or billed; what an estimate drew too much goes back where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from fsconsole.rules.blocks import HELD_ON, Ends, blocks_of, draw, drawn_words, units_said
from fsconsole.rules.life import Piece
from fsconsole.rules.pools import Amount
from fsconsole.rules.usage import charge_of, mine
from fsconsole.rules.words import day as on_day
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Term


class Prepaid:
    """The blocks of one meter of a term, drawn period by period in their order."""

    def __init__(
        self, term: Term, agreement: Agreement, pieces: Sequence[Piece], said: Mapping[str, Any], name: str, over: date | None
    ) -> None:
        self.term, self.agreement, self.pieces = term, agreement, pieces
        self.unit, self.name = str(said.get("unit") or "units"), name
        rows = mine(term, agreement, "block")
        several = bool(term.details.get("meters"))
        free = next((row for row in rows if several and not row.get("meter")), None)
        if free is not None:
            raise ValueError(f"line {free.get('line', '?')}: say which meter the block “{free.get('name')}” is for: meter = “…”")
        rows = [row for row in rows if row.get("meter", name) == name or not several]
        first = pieces[0].period.start if pieces else date.min
        self.blocks = blocks_of(term, agreement, first, rows)
        self.days = str(term.details.get("block_days") or "any day")
        if self.days not in HELD_ON:
            raise ValueError(f"“{self.days}” does not say which blocks a period draws; use {', '.join(HELD_ON)}")
        self.ends = Ends(self.blocks, term.details, over, lambda part: units_said(part, self.unit))
        self.taken: list[dict[str, Fraction]] = [{} for _ in pieces]
        self.words = [""] * len(pieces)
        self.drawn_words = [""] * len(pieces)
        if pieces:
            self.ends.until(pieces[0].period.start, 0, [])

    def __bool__(self) -> bool:
        return bool(self.blocks)

    def drawn(self, number: int, used: Fraction, over: Fraction, amounts: Iterable[Amount] | None) -> Fraction:
        """What of a period's units beyond the included ones no block covers; periods are asked in their order.

        ``amounts``: the use day by day, where it is known; each draws the blocks of its own day.
        """
        period, told = self.pieces[number].period, list[str]()
        taken, rest = self.taken[number], Fraction(0)
        each = sorted(amounts or ())
        if each and sum((one.units for one in each), Fraction(0)) == used and all(one.units >= 0 for one in each):
            free = used - over
            for one in each:
                part = max(Fraction(0), one.units - free)
                free = max(Fraction(0), free - one.units)
                self.ends.until(one.day, number, told)
                rest += draw(self.blocks, one.day, part, taken)
        else:
            rest = draw(self.blocks, period.start, over, taken, self._holding(period, over))
        self.ends.until(period.end, number, told)
        live = [one for one in self.blocks if one.start < period.end < one.last and one.left]
        told += [f"{one.name} has {units_said(one.left, self.unit)} left" for one in live]
        self.words[number] += "".join(f"; {one}" for one in told)
        self.drawn_words[number] = drawn_words(taken, lambda part: units_said(part, ""))
        return rest

    def back(self, number: int, units: Fraction, left: Sequence[tuple[Fraction, Fraction]]) -> None:
        """Puts units that were drawn too many in earlier periods back, the latest first, beyond those that were billed.

        ``left``: what of each period counts as used, and what of it was billed. A block that has ended takes nothing back.
        """
        told, day = list[str](), self.pieces[number].period.start
        for earlier in reversed(range(number)):
            used, billed = left[earlier]
            part = min(units, used)
            units -= part
            part -= min(part, billed)
            for name, drawn in reversed(list(self.taken[earlier].items())):
                block = next(one for one in self.blocks if one.name == name)
                again = min(part, drawn)
                if not again:
                    continue
                part -= again
                self.taken[earlier][name] = drawn - again
                where = "back in" if block.last > day else "lost with"
                block.left += again if block.last > day else 0
                told.append(f"{units_said(again, self.unit)} {where} {name}")
        self.words[number] += "".join(f"; {one}" for one in told)

    def _holding(self, period: Period, over: Fraction) -> dict[str, Fraction]:
        """How much of each block a period may draw, where nobody knows on which of its days the units were used."""
        last, found = period.end - timedelta(days=1), {}
        for block in self.blocks:
            days = max(0, (min(block.end, period.end) - max(block.start, period.start)).days)
            if self.days == "by days":
                found[block.name] = over * days / period.days
            elif days and (self.days == "any day" or block.start <= last < block.end):
                found[block.name] = block.left
        return {name: most for name, most in found.items() if most}

    def charges(self, horizon: date, unknown: Sequence[bool]) -> list[Charge]:
        """Each block when it is bought, and what is given back for one that ended with units left.

        ``unknown``: the periods whose use is not known; what is given back after one waits.
        """
        money, found = self.agreement.money, []
        for block in self.blocks:
            if block.amount and block.start <= horizon:
                until = "" if block.end == date.max else f", to be used before {on_day(block.end)}"
                reason = f"{block.name}: {units_said(block.holds, self.unit)} bought for {show(block.amount, money)}{until}"
                period = Period(block.start, block.start + timedelta(days=1) if block.end == date.max else block.end)
                found.append(self._charge(period, block.amount, reason, block.name, block.start))
        for number, block, back, reason in self.ends.given_back(self.agreement, self.unit):
            day = Period(block.last, block.last + timedelta(days=1))
            held = any(unknown[: number + 1])
            reason += "; held: a reading before its end is missing" if held else ""
            found.append(self._charge(day, -back, reason, f"{block.name}:unused", block.last, held=held))
        return found

    def _charge(self, period: Period, amount: int, reason: str, part: str, on: date, *, held: bool = False) -> Charge:
        name = f"{self.name}:" if self.name else ""
        notional = amount if held else 0
        return charge_of(
            self.term, self.agreement, period, amount, reason, part=name + part, kind="block", on=on, held=held, notional=notional
        )

"""What a meter term comes to: readings or amounts of use, less what is included, at unit, tier or package prices.

It stands apart from rules/readings (what was used) and rules/tiers (what a quantity costs) because here the two meet,
over several assets and several meters.

Always: a period without a reading is billed by the named rule or is a held charge that says so, never zero; a minimum
is due whether or not anything was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from fsconsole.rules.amounts import Paid, of_amounts
from fsconsole.rules.blocks import contract_end
from fsconsole.rules.held import assets_on
from fsconsole.rules.life import Piece
from fsconsole.rules.pools import Amount, Drawn, aggregated, drawn, level, levels, shares, summed
from fsconsole.rules.prepaid import Prepaid
from fsconsole.rules.prorate import rounded
from fsconsole.rules.readings import Reading, Use, points, together, uses
from fsconsole.rules.tiers import Scale, Worth, at_the_tier_of, price_text, units_text, worth
from fsconsole.rules.usage import (
    charge_of,
    day_of,
    exact,
    granted,
    in_minor,
    least_and_most,
    mine,
    minor_of,
    outside,
    pieces_of,
    reduced,
    scale_of,
    scale_over,
    share_of_piece,
)
from fsconsole.rules.words import several
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Term

#: Whom the included units are for: all assets in one sum, so many for each of them in one pool, each alone.
INCLUDED_FOR = ("all together", "each pooled", "each")


@dataclass(frozen=True, slots=True)
class Channel:
    """One meter of one asset: its use in each piece (None: it was not there)."""

    name: str
    uses: tuple[Use | None, ...]


def metered(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The charges of a meter term: one for each period and meter, and a held one for each reading that is missing.

    Raises ValueError in words where readings or prices contradict themselves.
    """
    pieces = pieces_of(term, agreement, horizon)
    over = contract_end(term, agreement, horizon)
    meters = [{**term.details, **each} for each in term.details.get("meters") or ()] or [dict(term.details)]
    found: list[Charge] = []
    for said in meters:
        name = str(said.get("name") or "") if len(meters) > 1 or term.details.get("meters") else ""
        only = name or str(said.get("meter") or "")
        found += _Meter(term, agreement, pieces, said, name, only, over).charges(horizon)
    found += outside(term, agreement, "usage", pieces, horizon, "on")
    return _limited(reduced(found, term, agreement, pieces), term, agreement, pieces)


def _limited(found: list[Charge], term: Term, agreement: Agreement, pieces: Sequence[Piece]) -> list[Charge]:
    """Charges between the term's minimum and maximum where these count after its discounts."""
    said = term.details
    if said.get("limits") != "after discounts":
        return found
    if said.get("meters") or said.get("share_by"):
        raise ValueError("limits after discounts are for a term with one meter and one charge a period")
    bounded = []
    for charge in found:
        mine = charge.kind == "meter" and not charge.estimate
        piece = next((one for one in pieces if mine and one.period == charge.period), None)
        if piece is None:
            bounded.append(charge)
            continue
        share = share_of_piece(term, piece, str(said.get("short_period") or "whole"))
        low, high = (
            in_minor(limit * share, agreement) if limit is not None else None
            for limit in (minor_of(said.get("minimum")), minor_of(said.get("maximum")))
        )
        amount, words = least_and_most(charge.amount, low, high, agreement.money)
        bounded.append(replace(charge, amount=amount, reason=charge.reason + words))
    return bounded


class _Meter:
    """One meter of a term over all its periods."""

    def __init__(
        self,
        term: Term,
        agreement: Agreement,
        pieces: Sequence[Piece],
        said: Mapping[str, Any],
        name: str,
        only: str,
        over: date | None,
    ) -> None:
        self.term, self.agreement, self.pieces, self.said, self.name = term, agreement, pieces, said, name
        self.money = agreement.money
        self.scale = scale_of(said, term, self.money)
        self.included = exact(said.get("included"))
        self.whose = str(said.get("included_for") or "all together")
        if self.whose not in INCLUDED_FOR:
            raise ValueError(f"“{self.whose}” does not say whom the included units are for; use {', '.join(INCLUDED_FOR)}")
        self.unit = str(said.get("unit") or "")
        self.paid = Paid.of(said, self.money)
        self.amounts: list[list[Fraction]] = [[] for _ in pieces]  # the amounts of use in each period, in order
        self.counted: list[list[Amount]] = [[] for _ in pieces]  # all amounts that bear on each period's level
        self.before = [Fraction(0)] * len(pieces)  # units that tiers have counted before each period
        self.prepaid = Prepaid(term, agreement, pieces, said, name, over)
        if self.prepaid and self.paid.alone:
            raise ValueError("amounts that are priced one by one draw no blocks; end the blocks, or each_minimum and the like")
        self.channels = self._channels(only)

    def _channels(self, only: str) -> list[Channel]:
        agreement, term = self.agreement, self.term
        amounts = [row for row in mine(term, agreement, "usage") if not only or row.get("meter", "") in ("", only)]
        if amounts or self.said.get("measured") == "amounts":
            return self._counted(amounts)
        rows: dict[str, list[Row]] = {}
        for row in mine(term, agreement, "reading"):
            if (only and row.get("meter", "") not in ("", only)) or not self._of_asset(row):
                continue
            meter = "" if only or not row.get("meter") else f" {row['meter']}"
            rows.setdefault(f"{row.get('asset', '')}{meter}".strip(), []).append(row)
        spans = self._spans()
        if spans:
            unknown = sorted(name for name in rows if name and _covered(name, spans) is None)
            if unknown:
                raise ValueError(f"there are readings of “{unknown[0]}”, which the term does not cover; add it as an [[asset]]")
        names = sorted(set(rows) | {each for each in spans if not any(name.startswith(each) for name in rows)}) or [""]
        return [self._read(name, rows.get(name, ()), spans) for name in names]

    def _of_asset(self, row: Row) -> bool:
        return self.term.asset is None or not row.get("asset") or str(row["asset"]) == self.agreement.title(self.term.asset)

    def _spans(self) -> dict[str, tuple[Period, ...]]:
        term, agreement = self.term, self.agreement
        covers = [cover for cover in agreement.covers if cover.term in (None, term.id)]
        found = assets_on(term, agreement.contract, covers, agreement.assets)
        assets = agreement.assets
        return {(agreement.title(one) or (assets[one].ref if one in assets else "")): spans for one, spans in found.items()}

    def _read(self, name: str, rows: Sequence[Row], spans: Mapping[str, tuple[Period, ...]]) -> Channel:
        """A channel from readings; an asset counts for the days it is covered."""
        said = self.said
        factor = exact(said.get("factor"), 1)
        capacity = exact(said["capacity"]) if said.get("capacity") is not None else None
        by_piece: dict[int, Use] = {}
        try:
            counted = points((_reading(row, self.agreement) for row in rows), capacity)
            for span in _covered(name, spans) or (Period(date.min, date.max),):
                there = [(n, days) for n, piece in enumerate(self.pieces) if (days := span.overlap(piece.period)) is not None]
                found = uses(
                    counted,
                    [days for _, days in there],
                    missing=str(said.get("missing") or "held"),
                    settle=str(said.get("settle") or "next period"),
                    grace=int(said.get("grace") or 0),
                    at_most=int(said.get("estimates") or 0),
                )
                for (number, _), use in zip(there, found, strict=True):
                    by_piece[number] = together(by_piece.get(number), use, factor)
        except ValueError as wrong:
            raise ValueError(f"{name}: {wrong}" if name else str(wrong)) from None
        return Channel(name, tuple(by_piece.get(number) for number in range(len(self.pieces))))

    def _counted(self, rows: Sequence[Row]) -> list[Channel]:
        """Channels from amounts of use by day; none on a day is none used."""
        how = str(self.said.get("count") or "sum")
        names = sorted({str(row.get("asset", "")) for row in rows if self._of_asset(row)}) or [""]
        factor = exact(self.said.get("factor"), 1)
        channels = []
        for name in names:
            counted = sorted(
                Amount(
                    day_of(row, self.agreement, "on"),
                    str(row.get("on")),
                    self._in_steps(exact(row.get("units"))),
                    str(row.get("what", "")),
                )
                for row in rows
                if str(row.get("asset", "")) == name and self._of_asset(row)
            )
            found = []
            for number, piece in enumerate(self.pieces):
                inside = [one for one in counted if one.day in piece.period]
                self.amounts[number] += [one.units * factor for one in inside]
                self.counted[number] += [one._replace(units=one.units * factor) for one in counted]
                if how in ("level", "peak"):
                    mean, most = level(counted, piece.period), max(each for _, each in levels(counted, piece.period))
                    units = mean if how == "level" else most
                else:
                    units = aggregated(inside, how, exact(self.said.get("percentile"), 95))
                found.append(Use(piece.period, units * factor, False, _how(how, len(inside), counted, piece.period)))
            channels.append(Channel(name, tuple(found)))
        return channels

    def _in_steps(self, units: Fraction) -> Fraction:
        """An amount of use as it counts: 31 seconds with at least 30, then in steps of 6, are 36."""
        least, step = exact(self.said.get("each_least")), self.said.get("each_step")
        if units <= 0:
            return units
        if step is None:
            return max(units, least)
        if exact(step) <= 0:
            raise ValueError("each_step is above nothing, such as 6")
        return least + rounded(max(Fraction(0), units - least) / exact(step), "up") * exact(step)

    def _at_least(self, measured: Sequence[Fraction], known: Sequence[bool]) -> list[Fraction]:
        """What is counted of each period where the most of earlier ones holds it up; says so in ``held_up``."""
        self.held_up = [""] * len(measured)
        if self.said.get("ratchet") is None:
            return list(measured)
        percent, back = exact(self.said["ratchet"]), int(self.said.get("ratchet_periods") or 11)
        found = list(measured)
        for number, units in enumerate(measured):
            most = max(measured[max(0, number - back) : number], default=Fraction(0))
            if known[number] and (least := most * percent / 100) > units:
                found[number] = least
                said = f"{units_text(percent)}% of {units_text(most)} in the {back} periods before"
                self.held_up[number] = f"{units_text(units)} measured, at least {said} = {units_text(least)}; "
        return found

    def charges(self, horizon: date) -> list[Charge]:
        count = range(len(self.pieces))
        known = [[use for channel in self.channels if (use := channel.uses[n]) and use.units is not None] for n in count]
        units = [self._rounded_units(sum((use.units or Fraction(0) for use in each), Fraction(0))) for each in known]
        units = self._at_least(units, [bool(each) for each in known])
        given = replace(self.term, details=self.said)
        cap, (_, lives) = self.said.get("carry_most"), granted(given, self.agreement, self.pieces, self.included)
        own = [self._own(number) for number in range(len(self.pieces))]
        if self.said.get("included_every") is not None:
            if self.whose != "all together":
                raise ValueError("included_every is for units of all together")
            own, _ = granted(given, self.agreement, self.pieces, self.included)
        if self.whose == "each":
            if any(lives):
                raise ValueError("units included for each asset alone are not carried over; say included_for = “each pooled”")
            over = [sum((self._above(use) for use in each), Fraction(0)) for each in known]
            pool = [Drawn(own[n], Fraction(0), units[n], over[n]) for n in count]
        else:
            pool = drawn(own, units, lives, None if cap is None else exact(cap), str(self.said.get("draw") or "own first"))
        self.beyond = [each.over for each in pool]  # what is not included, drawn from blocks or billed
        pool = self._drawn(pool)
        self.before = self._counted_before([each.over for each in pool])
        self.left = [(each.used, each.over) for each in pool]
        unknown = [len(known[n]) < sum(1 for channel in self.channels if channel.uses[n] is not None) for n in count]
        charges = self.prepaid.charges(horizon, unknown)
        for number, piece in enumerate(self.pieces):
            charges += self._held(number, piece)
            if known[number] or self.said.get("minimum") is not None:
                charges += self._charge(number, piece, pool[number])
        return charges

    def _drawn(self, pool: Sequence[Drawn]) -> list[Drawn]:
        """The periods less what their units beyond the included ones drew from blocks."""
        if not self.prepaid:
            return list(pool)
        summed_up = str(self.said.get("count") or "sum") == "sum"
        found: list[Drawn] = []
        for number, each in enumerate(pool):
            days = [one for one in self.counted[number] if one.day in self.pieces[number].period] if summed_up else None
            if each.used < 0:
                self.prepaid.back(number, -each.used, [(one.used, one.over) for one in found])
            found.append(replace(each, over=self.prepaid.drawn(number, each.used, each.over, days)))
        return found

    def _rounded_units(self, units: Fraction) -> Fraction:
        step, how = self.said.get("units_step"), str(self.said.get("units_round") or "up")
        if units >= 0:
            units = max(units, exact(self.said.get("minimum_units")))
        if step is None:
            return units
        if exact(step) <= 0:
            raise ValueError("units_step is above nothing, such as 10")
        return rounded(units / exact(step), {"up": "up", "down": "down", "nearest": "half away"}.get(how, how)) * exact(step)

    def _own(self, number: int) -> Fraction:
        """What is included in a period: for all assets, or for each that was there."""
        each = self.included * share_of_piece(self.term, self.pieces[number], str(self.said.get("short_period") or "whole"))
        there = [use for channel in self.channels if (use := channel.uses[number]) is not None]
        if self.whose == "all together":
            # Periods read at once have what each of them included.
            return each * max([use.periods for use in there if len(self.channels) == 1], default=1)
        return sum((self._each(use) for use in there), Fraction(0))

    def _each(self, use: Use) -> Fraction:
        whole = next(piece for piece in self.pieces if piece.period.start <= use.period.start < piece.period.end)
        included = self.included * use.periods
        if self.said.get("short_period") == "prorated":
            included *= Fraction(use.period.days, whole.whole.days)
        return included

    def _above(self, use: Use) -> Fraction:
        return max(Fraction(0), (use.units or Fraction(0)) - self._each(use))

    def _priced(self, number: int, units: Fraction) -> tuple[Worth, str]:
        period = self.pieces[number].period
        scale, words = scale_over(self.scale, self.term, self.agreement, period)
        if days := int(self.said.get("per_days") or 0):
            if self.said.get("tiers_over") is not None:
                raise ValueError("tiers go on over periods, or each has its days' part of them; say per_days or tiers_over")
            part = Fraction(period.days, days)
            tiers = (replace(one, upto=None if one.upto is None else one.upto * part) for one in scale.tiers)
            scale = replace(scale, tiers=tuple(tiers))
            said = f"bounds are {period.days} of {days} days' part"
            words = f"{words}, {said}" if words else said
        if self.paid.alone:
            alone, said = of_amounts(self.amounts[number], scale, self.money, self.paid, self._own(number))
            return Worth(alone, said), words
        if (by := str(self.said.get("level_tiers") or "mean")) != "mean":
            return self._by_level(number, units, scale, by), words
        before = self.before[number]
        if not before or units < 0:
            return worth(units, scale, self.money), words
        first, both = worth(before, scale, self.money), worth(before + units, scale, self.money)
        less = price_text(first.exact, self.money)
        said = f"{units_text(before)} before and {units_text(units)}: {both.words}, less {less} before"
        return Worth(both.exact - first.exact, said), words

    def _by_level(self, number: int, units: Fraction, scale: Scale, by: str) -> Worth:
        """What a level costs where its tier is that of each day, or of what is there at the end; flat fees are never prorated.

        Each day costs its part of what the period would cost at that day's level.
        """
        if self.said.get("count") != "level" or not scale.tiers:
            raise ValueError("level_tiers is for tiers of a level: say count = “level” and tiers")
        if self.included:
            raise ValueError("level_tiers and included units do not go together; begin with a tier whose price is 0")
        period = self.pieces[number].period
        there = levels(self.counted[number], period)
        if by == "at the end":
            if scale.model != "volume":
                raise ValueError("level_tiers = “at the end” is for volume tiers; of graduated ones each day has its own")
            return at_the_tier_of(there[-1][1], units, scale, self.money)
        plain = replace(scale, tiers=tuple(replace(tier, flat=Fraction(0)) for tier in scale.tiers))
        flats = replace(scale, tiers=tuple(replace(tier, price=Fraction(0)) for tier in scale.tiers))
        daily = [(days, each, worth(each, plain, self.money)) for days, each in there]
        exact_ = sum((one.exact * days for days, _, one in daily), Fraction(0)) / period.days
        fee = worth(max(each for _, each in there), flats, self.money).exact
        said = " + ".join(f"{days} of {period.days} days with {units_text(each)} ({one.words})" for days, each, one in daily)
        return Worth(exact_ + fee, said + (f" + {price_text(fee, self.money)} flat" if fee else ""))

    def _counted_before(self, units: Sequence[Fraction]) -> list[Fraction]:
        """The units that tiers have counted before each period: none, or those since the time began that they go on for."""
        over = self.said.get("tiers_over")
        if over is None:
            return [Fraction(0)] * len(units)
        given = replace(self.term, details={**self.said, "included_every": over})
        _, lasts = granted(given, self.agreement, self.pieces, Fraction(0))
        own = int(self.said.get("carry") or 0)
        found, running = [], Fraction(0)
        for number, each in enumerate(units):
            # A time begins anew where the one before had no further period to last for.
            running = Fraction(0) if number and lasts[number - 1] == own else running
            found.append(running)
            running += max(each, Fraction(0))
        return found

    def _amount(self, number: int, units: Fraction) -> tuple[int, str, str]:
        """What units come to in a period between its minimum and maximum, the arithmetic, and what else there is to say."""
        piece = self.pieces[number]
        value, why = self._priced(number, units)
        if self.paid.each and not self.paid.alone:
            count, each = max(0, len(self.amounts[number]) - self.paid.free), self.paid.each
            value = Worth(value.exact + count * each, f"{value.words} + {count} amounts × {price_text(each, self.money)}")
        share = share_of_piece(self.term, piece, str(self.said.get("short_period") or "whole"))
        low, high = minor_of(self.said.get("minimum")), minor_of(self.said.get("maximum"))
        if self.said.get("limits") == "after discounts":
            low = high = None
        low = low if low is None else in_minor(low * share, self.agreement)
        high = high if high is None else in_minor(high * share, self.agreement)
        plain = in_minor(value.exact, self.agreement)
        amount, bounded = least_and_most(plain, low, high, self.money)
        return amount, f"{value.words} = {show(plain, self.money)}", bounded + (f" ({why})" if why else "")

    def _given_back(self, number: int, units: Fraction) -> tuple[int, str]:
        """What units billed too many in earlier periods cost there, the latest first: an estimate that was too high."""
        total, words = 0, []
        for earlier in reversed(range(number)):
            taken = min(units, self.left[earlier][0])
            if taken > 0:
                used, over = self.left[earlier]
                less = max(Fraction(0), over - taken)
                then, now = self._amount(earlier, over)[0], self._amount(earlier, less)[0]
                self.left[earlier] = (used - taken, less)
                units -= taken
                total += now - then
                what = f"{units_text(taken)} fewer for {self.pieces[earlier].period}"
                words.append(f"{what}: {show(now, self.money)} − {show(then, self.money)} = {show(now - then, self.money)}")
        if units:
            value, _ = self._priced(number, -units)
            total += in_minor(value.exact, self.agreement)
            words.append(f"{value.words} = {show(in_minor(value.exact, self.agreement), self.money)}")
        return total, ", ".join(words)

    def _charge(self, number: int, piece: Piece, pool: Drawn) -> list[Charge]:
        """The charge of a period, or its shares by asset."""
        amount, words, more = self._amount(number, pool.over)
        reason = self.held_up[number] + self._counted_words(pool, number) + words + more
        if pool.used < 0:
            back, said = self._given_back(number, -pool.used)
            reason = said + (f"; {show(amount, self.money)} for this period{more}" if amount else "")
            amount += back
        reason += f" for {piece.period}"
        there = [channel for channel in self.channels if channel.uses[number] is not None]
        evidence = "; ".join(words for channel in there if (words := _evidence(channel, number, self.unit)))
        reason += f"; {evidence}" if evidence else ""
        reason += self.prepaid.words[number]
        if str(self.said.get("share_by") or "") == "asset":
            by = summed(
                (channel.name or "other", use.units)
                for channel in self.channels
                if (use := channel.uses[number]) is not None and use.units is not None
            )
            parts = shares(amount, by)
            if parts:
                return [
                    self._one(piece, part, f"{reason}; {name} used {units_text(by[name])}", by[name], name)
                    for name, part in parts.items()
                ]
        return [self._one(piece, amount, reason, pool.used, "")]

    def _one(self, piece: Piece, amount: int, reason: str, units: Fraction, share: str) -> Charge:
        name = f"{self.name}: " if self.name else ""
        part = ":".join(one for one in (self.name, share) if one)
        return charge_of(
            self.term, self.agreement, piece.period, amount, name + reason, part=part, quantity=units, payer=piece.payer
        )

    def _counted_words(self, pool: Drawn, number: int) -> str:
        """The units beyond what is included, in words: ``15 − (10 + 2) = 3; 2 block A drawn, 1 left; ``."""
        over, taken = self.beyond[number], self.prepaid.drawn_words[number]
        drawn_from = f"{taken} drawn, {units_text(pool.over)} left; " if taken else ""
        if not pool.own and not pool.carried:
            return drawn_from and f"{units_text(over)} used, {drawn_from}"
        if self.whose == "each":
            return f"{units_text(over)} of {units_text(pool.used)} above {units_text(self.included)} each; {drawn_from}"
        own = f"({units_text(pool.own)} + {units_text(pool.carried)} carried)" if pool.carried else units_text(pool.own)
        if over:
            return f"{units_text(pool.used)} − {own} = {units_text(over)}; {drawn_from}"
        return f"{units_text(pool.used)} of {own} included; "

    def _held(self, number: int, piece: Piece) -> list[Charge]:
        found = []
        for channel in self.channels:
            use = channel.uses[number]
            if use is None or use.units is not None:
                continue
            known = [one.units for one in channel.uses[:number] if one is not None and one.units is not None]
            mean = sum(known, Fraction(0)) / len(known) if known else Fraction(0)
            risk = in_minor(worth(mean, self.scale, self.money).exact, self.agreement) if known else 0
            part = ":".join(one for one in (self.name, "held", channel.name) if one)
            words = " ".join(one for one in (channel.name or self.name, use.words) if one)
            found.append(
                charge_of(self.term, self.agreement, piece.period, 0, words, part=part, held=True, quantity=0, notional=risk)
            )
        return found


def _covered(name: str, spans: Mapping[str, tuple[Period, ...]]) -> tuple[Period, ...] | None:
    """The days of the asset that a channel is of; None where it is of none."""
    return next((spans[each] for each in spans if name == each or name.startswith(each + " ")), None)


#: How many levels of a period are told one by one.
LEVELS = 6


def _how(how: str, inside: int, counted: Sequence[Amount], days: Period) -> str:
    """How amounts became the units of a period."""
    if how == "sum":
        return f"{inside} amounts" if inside != 1 else ""
    if how not in ("level", "peak"):
        return f"{inside} amounts, {how}"
    steps = levels(counted, days)
    told = ", ".join(f"{units_text(units)} for {count} days" for count, units in steps) if len(steps) <= LEVELS else ""
    return f"{told or f'{len(steps)} levels'}, {'their mean' if how == 'level' else 'the most'} of {days.days} days"


def _evidence(channel: Channel, number: int, unit: str) -> str:
    use = channel.uses[number]
    if use is None or use.units is None:
        return f"{channel.name} not read" if channel.name else ""
    said = unit if use.units == 1 else several(unit)
    return " ".join(one for one in (channel.name, units_text(use.units), said, f"({use.words})" if use.words else "") if one)


def _reading(row: Row, agreement: Agreement) -> Reading:
    if row.get("value") is None:
        raise ValueError(f"line {row.get('line', '?')}: value is missing: what the meter showed")
    new = row.get("new")
    return Reading(
        day_of(row, agreement, "on"),
        exact(row["value"]),
        bool(row.get("estimate")),
        None if new is None else exact(new),
        bool(row.get("rollover")),
    )

"""What the terms of a contract are worth, period by period, each charge with its reason in words.

It stands apart from rules/billable because terms need dates and assets only, and jobs need none of these.

Always: every day of a term is in one charge and in no other; a term that contradicts itself is unpriced and
stops no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from fsconsole.rules.bill_day import billed_on
from fsconsole.rules.billable import Priced, Unpriced, payer_of
from fsconsole.rules.discount import discounted
from fsconsole.rules.held import Held, counting_whole, priced_assets
from fsconsole.rules.life import Piece, added_words, slices
from fsconsole.rules.periods import DAYS, MONTHS, Slice, bounds, months_in, wholes
from fsconsole.rules.policy import Policies
from fsconsole.rules.prices import Step, price_steps, stretches
from fsconsole.rules.prorate import counting_of, rounded, share_of, worth_of
from fsconsole.rules.rates import number
from fsconsole.rules.tiers import units_text
from fsconsole.values.agreement import Agreement, charge_key
from fsconsole.values.bill import Charge
from fsconsole.values.conventions import COUNTED_AS, RULES
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Cover, Term, filled
from fsconsole.values.twin import twin_of
from fsconsole.values.work import Asset, Client, Id

#: How the parts of a charge are rounded.
ROUNDINGS = ("line", "unit", "period")


def contract_charges(
    contract: Contract,
    terms: Iterable[Term],
    assets: Mapping[Id, Asset] | Iterable[Asset],
    horizon: date,
    *,
    covers: Iterable[Cover] = (),
    client: Client | None = None,
    policies: Policies | None = None,
    currency: str = "GBP",
) -> list[Charge]:
    """The charges of a contract's terms; see ``price_contract``."""
    return price_contract(
        contract, terms, assets, horizon, covers=covers, client=client, policies=policies, currency=currency
    ).charges


def price_contract(
    contract: Contract,
    terms: Iterable[Term],
    assets: Mapping[Id, Asset] | Iterable[Asset],
    horizon: date,
    *,
    covers: Iterable[Cover] = (),
    client: Client | None = None,
    policies: Policies | None = None,
    currency: str = "GBP",
) -> Priced:
    """Every period of a contract's terms that may be billed or begins on or before ``horizon``.

    In advance a period is billable ``lead_days`` before its start (where the term has none, as the company's
    policy says, when ``policies`` are given), in arrears on the first day after it. ``client`` is the
    contract's; ``assets`` by the id that covers name, where some were merged into others. A term that contradicts
    itself is unpriced and stops no other. Before the difference, take ``rules.draft.reach`` as the horizon:
    a period issued ahead must be among the charges, or it would be credited.
    """
    known = assets if isinstance(assets, Mapping) else {asset.id: asset for asset in assets}
    agreement = Agreement(
        contract=contract,
        client=client,
        currency=currency,
        terms=tuple(terms),
        covers=tuple(covers),
        assets=known,
    )
    charges: list[Charge] = []
    unpriced: list[Unpriced] = []
    lead = policies.on(horizon).lead_days if policies else 0
    for term in sorted({t.id: t for t in agreement.terms}.values(), key=lambda t: t.id):
        if term.gone or contract.gone or term.contract not in (None, contract.id):
            continue
        try:
            charges += recurring(replace(filled(term), lead_days=term.lead_days or lead), agreement, horizon)
        except ValueError as wrong:
            reason = f"{term.name or term.kind + ' term'}: {wrong}"
            unpriced.append(Unpriced(f"{term.id.hex()}:{term.kind}", None, contract.id, term.kind, reason))
    return Priced(sorted(charges, key=lambda charge: charge.key), unpriced)


def recurring(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The charges of a fixed or per-asset term for every period that may be billed by ``horizon``.

    A period in which the price or the number of units changes is one charge, its stretches in its reason.
    Raises ValueError in words where the term contradicts itself.
    """
    _check(term, agreement.contract)
    ahead = timedelta(days=term.lead_days if term.timing == "advance" else 0)
    pieces = slices(term, agreement, horizon + ahead)
    if not pieces:
        return []
    last = pieces[-1].period.end
    pricing = _Pricing(term, agreement, price_steps(term, agreement, max(horizon + ahead, last)), _first_whole(pieces))
    charges = [charge for piece in pieces if (charge := pricing.charge(piece, ahead)) is not None]
    return discounted(charges, term, agreement)


def _first_whole(pieces: Sequence[Piece]) -> date:
    """From where the shares of a longer price are counted: the first full period, else the first there is."""
    return next((part.whole.start for piece in pieces for part in piece.parts if part.full), pieces[0].parts[0].whole.start)


def _check(term: Term, contract: Contract) -> None:
    """Raises ValueError in words where the term cannot be priced."""
    start, end = bounds(term, contract)
    if term.proration not in RULES:
        raise ValueError(f"“{term.proration}” is not a rule of proration; use {', '.join(RULES)}")
    if term.kind not in ("fixed", "per asset"):
        raise ValueError(f"“{term.kind}” is not a kind of term; use fixed or per asset")
    if term.timing not in ("advance", "arrears"):
        raise ValueError(f"“{term.timing}” is not a time of billing; use advance or arrears")
    if (term.rounding or "line") not in ROUNDINGS:
        raise ValueError(f"“{term.rounding}” is not a way to round; use {', '.join(ROUNDINGS)}")
    if term.per and term.per not in MONTHS and term.per not in DAYS:
        raise ValueError(f"“{term.per}” is not a period of a price; use day, week, month, quarter or year")
    if (counts := term.details.get("counted") or "by days") not in COUNTED_AS:
        raise ValueError(f"“{counts}” is not a way to count units; use {', '.join(COUNTED_AS)}")
    if start is None:
        raise ValueError("neither the term nor the contract says from when it is billed; give from = a day such as 2025-01-31")
    if end is not None and end < start:
        raise ValueError(f"it ends ({end}) before it starts ({start}); correct one of the days")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Units at one price over some days of one full period, in exact minor units."""

    each: Fraction  # for one unit over these days
    count: Fraction
    words: str
    note: str = ""  # after the sum


#: A charge while it is put together: most charges there are, are made here.
_Charge = twin_of(
    Charge,
    ["key", "contract", "term", "payer", "kind", "period", "quantity", "amount", "currency", "billable_from", "reason", "tax"],
)


class _Pricing:
    """What is worked out once for all periods of a term."""

    def __init__(self, term: Term, agreement: Agreement, steps: list[Step], first: date) -> None:
        self.term, self.agreement, self.steps, self.first = term, agreement, steps, first
        self.money = agreement.money
        self.months = months_in(term)
        self.rounds = agreement.contract.rounds or "half away"
        self.rounding = term.rounding or "line"
        self.counting = counting_of(term.details)
        plain = term.kind == "fixed" and len(steps) == 1 and term.quantity == 1000 and not term.per
        self.constant = plain and self.counting.full == "price"
        self.payer = payer_of(None, agreement.contract, agreement.client)
        self.counts = str(term.details.get("counted") or "by days")
        self.spans: Mapping[Id, Held] = {}
        if term.kind == "per asset":
            self.spans = priced_assets(term, agreement)
        self.added = added_words(term, agreement)
        self.year_days = Fraction(str(term.details.get("year_days") or 365))

    def charge(self, piece: Piece, ahead: timedelta) -> Charge | None:
        term, agreement, period = self.term, self.agreement, piece.period
        if piece.short == "free":
            return None
        why: list[str] = []
        if self.constant and len(piece.parts) == 1 and piece.parts[0].full:
            # One unit at one price for a full period: most charges there are, and nothing to work out.
            amount, worth, quantity = term.amount, show(term.amount, self.money), "1"
        else:
            counted: set[Id] = set()
            found = [one for part in piece.parts for one in self._part(part, piece.short, counted)]
            if not found:
                return None
            amount, worth = self._sum(found)
            quantity = str(len(counted)) if term.kind == "per asset" else number(Decimal(self._last_quantity(period)) / 1000)
            why = list(dict.fromkeys(step.words for _, step in stretches(period, self.steps) if step.words))
        reason = (
            (f"{term.name}: " if term.name else "")
            + f"{worth} for {period}, in {'arrears' if term.timing == 'arrears' else 'advance'}"
            + "".join(f"; {words}" for words in why)
            + (f"; {self.added[1]}" if self.added and period.end > self.added[0] else "")
        )
        day = billed_on(term, period.end if term.timing == "arrears" else period.start - ahead)
        found = _Charge(
            charge_key(term, period.start), agreement.contract.id, term.id, piece.payer or self.payer, "fixed", period, quantity,
            amount, self.money, day, reason, term.tax,
        )  # fmt: skip
        found.__class__ = Charge
        return found  # type: ignore[no-any-return]

    def _last_quantity(self, period: Period) -> int:
        return list(stretches(period, self.steps))[-1][1].quantity

    def _part(self, part: Slice, short: str, counted: set[Id]) -> Iterator[_Stretch]:
        """The stretches of one part of a piece, each with its share and words."""
        if short == "full":
            part = Slice(part.whole, part.whole)
        for days, step in stretches(part.period, self._counted_steps(part.period)):
            if self.term.kind == "fixed":
                if step.quantity:
                    yield self._stretch(part, days, step.amount, Fraction(step.quantity, 1000), "", short)
            else:
                yield from self._assets(part, days, step, short, counted)

    def _counted_steps(self, period: Period) -> list[Step]:
        """The steps of price, with the one quantity that counts for all of a period where not each day has its own."""
        if self.counts == "by days" or self.term.kind != "fixed":
            return self.steps
        held = [step.quantity for _, step in stretches(period, self.steps)]
        one = {"first day": held[0], "last day": held[-1]}.get(self.counts, max(held))
        return [replace(step, quantity=one) for step in self.steps]

    def _assets(self, part: Slice, days: Period, step: Step, short: str, counted: set[Id]) -> Iterator[_Stretch]:
        """Assets with the same days and price are one stretch, rounded once."""
        assets = self.agreement.assets
        pieces: dict[tuple[Period, int], list[str]] = {}
        there = self.spans if self.counts == "by days" else counting_whole(self.spans, part.period, self.counts)
        for asset, held in sorted(there.items()):
            for span, own in held:
                common = span.overlap(days)
                if common is not None:
                    counted.add(asset)
                    price = step.amount if own is None else rounded(own * step.own)
                    name = assets[asset].title if asset in assets else self.agreement.title(asset) or "asset"
                    pieces.setdefault((common, price), []).append(name)
        # The assets there for the whole period come first, then by day.
        for span, price in sorted(pieces, key=lambda key: (key[0] != days, key)):
            names = sorted(pieces[span, price])
            who = f"{len(names)} asset{'' if len(names) == 1 else 's'}"
            if span != part.period:
                more = f" and {len(names) - 3} more" if len(names) > 3 else ""
                who += f" ({', '.join(names[:3])}{more}, {span})"
            yield self._stretch(part, span, price, Fraction(len(names)), who, short)

    def _stretch(self, part: Slice, days: Period, price: int, count: Fraction, who: str, short: str) -> _Stretch:
        """One stretch: units times price times share, exact, with the words before its sum."""
        term = self.term
        whole_price, per = self._of_whole(price, part, days)
        if not term.per or term.stub_of != "price period" or days == part.whole:
            exact, how = worth_of(
                whole_price, days, part.whole, term.proration,
                months=self.months, currency=self.money, counting=self.counting,
            )  # fmt: skip
        else:
            share, how, whole_price, per = self._over_price_period(price, days)
            exact = whole_price * share
        if "{year}" in how:
            how = how.replace("{year}", show(rounded(whole_price * Fraction(12, self.months), self.rounds), self.money))
        if short == "full":
            how = "the short period in full"
        elif short == "half":
            exact, how = whole_price / 2 * Fraction(days.days, part.period.days), "half for the short period"
        shown = show(price, self.money) + per
        units = who or ("" if count == 1 else number(Decimal(count.numerator) / Decimal(count.denominator)))
        plain = how in ("", "not prorated", "the short period in full")
        if not units:
            words = shown if plain else f"{how} of {shown}"
            note = f" ({how})" if plain and how else ""
        else:
            words = f"{units} × {shown}" + ("" if plain else f" × {how}")
            note = f" ({how})" if plain and how and not who else ""
        return _Stretch(exact, count, words, note)

    def _of_whole(self, price: int, part: Slice, days: Period) -> tuple[Fraction, str]:
        """The price of a full billing period, where the price is agreed for another; and how that is said."""
        term, per = self.term, self.term.per
        if not per:
            return Fraction(price), ""
        if per in MONTHS and (several := len(term.details.get("anchors") or ())):
            count = several * MONTHS[per]
            return Fraction(price, count), f" a {per} / {count}"
        if per in MONTHS and self.months:
            size, own = MONTHS[per], self.months
            exact = Fraction(price * own, size)
            if size > own and size % own == 0 and term.split != "each" and days == part.whole:
                # The last of the periods that a price is cut into takes what rounding left over.
                count = size // own
                steps = ((part.whole.start.year - self.first.year) * 12 + part.whole.start.month - self.first.month) // own
                if steps % count == count - 1:
                    exact = Fraction(price - (count - 1) * rounded(exact, self.rounds))
                else:
                    exact = Fraction(rounded(exact, self.rounds))
            cut = f" / {size // own}" if size > own and size % own == 0 else ""
            return exact, f" a {per}{cut}" + (f" × {own // size}" if own > size and own % size == 0 else "")
        whole_days = part.whole.days
        length = Fraction(DAYS[per]) if per in DAYS else Fraction(self.year_days * MONTHS[per], 12)
        return price * whole_days / length, f" a {per} × {whole_days} days" + ("" if length == 1 else f" / {units_text(length)}")

    def _over_price_period(self, price: int, days: Period) -> tuple[Fraction, str, Fraction, str]:
        """A short period as a part of the price's own period instead of the billing period."""
        own = replace(self.term, every=1, unit=self.term.per)
        whole = next(wholes(own, self.first, days.start))
        if days.end > whole.end:
            raise ValueError(f"{days} is not within one {self.term.per} of its price; give stub_of = “billing period”")
        share, how = share_of(days, whole, self.term.proration, months=months_in(own), counting=self.counting)
        return share, how, Fraction(price), f" a {self.term.per}"

    def _sum(self, found: Sequence[_Stretch]) -> tuple[int, str]:
        """The amount of a charge, and the words: each stretch with its sum, and all together."""
        exact = Fraction(0)
        total, words = 0, []
        for one in found:
            if self.rounding == "unit":
                amount = rounded(rounded(one.each, self.rounds) * one.count, self.rounds)
            else:
                amount = rounded(one.each * one.count, self.rounds)
            exact += one.each * one.count
            total += amount
            said, shown = one.words, show(amount, self.money)
            if self.rounding == "unit" and one.count != 1 and "days" in said:
                said += f", each {show(rounded(one.each, self.rounds), self.money)}"
            words.append((said if said == shown else f"{said} = {shown}") + one.note)
        if self.rounding == "period":
            total = rounded(exact, self.rounds)
        return total, ", ".join(words) + (f", together {show(total, self.money)}" if len(words) > 1 else "")

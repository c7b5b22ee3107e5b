"""What one piece of equipment would bring on a contract: so that equipment on no contract has a price.

It stands apart because it is an estimate from what stands agreed, and no charge ever rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from fsconsole.rules.periods import months_in
from fsconsole.rules.prorate import rounded
from fsconsole.rules.words import count
from fsconsole.values.money import show
from fsconsole.values.terms import Contract, Cover, Term
from fsconsole.values.work import Asset, Id


def fee_of(
    asset: Asset,
    contracts: Sequence[Contract],
    terms: Iterable[Term],
    covers: Iterable[Cover],
    known: Mapping[Id, Asset],
    usual: Mapping[str, int],
    currency: str,
    names: Mapping[Id, str],
) -> tuple[int, str]:
    """(minor units a period, why) for equipment that would go on the first of ``contracts``; (0, why) where nothing says.

    In this order, contract after contract: what its equipment of that kind has agreed each; what a price for each is; the
    share of its fixed fee that falls on one of what it covers; else ``usual``, the company's own fee by kind.
    """
    priced = [one for one in terms if not one.gone and one.amount > 0 and one.kind in ("fixed", "per asset")]
    kept = [one for one in covers if not one.gone]
    for contract in contracts:
        mine = sorted((one for one in priced if one.contract == contract.id), key=lambda one: (one.place, one.id))
        money, ref = contract.currency or currency, names.get(contract.id, contract.ref)
        siblings = [one for one in kept if one.contract == contract.id and one.asset]
        alike = [
            one.amount for one in siblings
            if one.amount and one.asset and (other := known.get(one.asset)) and asset.kind and other.kind == asset.kind
        ]  # fmt: skip
        each = [one for one in mine if one.kind == "per asset" and one.asset is None]
        if alike and each:
            return min(alike), f"{ref} takes {show(min(alike), money)} {_per(each[0])} for {asset.kind} equipment like it"
        if each:
            cheapest = min(each, key=lambda one: (one.amount, one.id))
            return cheapest.amount, f"{ref} takes {show(cheapest.amount, money)} {_per(cheapest)} for each"
        fixed = [one for one in mine if one.kind == "fixed"]
        things = {one.asset for one in siblings}
        if fixed and things:
            share = rounded(Fraction(fixed[0].amount, len(things)))
            whole = f"{show(fixed[0].amount, money)} {_per(fixed[0])} for {count(len(things), 'asset')}"
            return share, f"{ref} takes {whole}: {show(share, money)} for one"
    found = usual.get(asset.kind.strip().lower(), 0) if asset.kind else 0
    if found:
        return found, f"policy asset_fees: {show(found, currency)} a period for {asset.kind} equipment"
    return 0, f"nothing says what it would bring; set it with: policy asset_fees {asset.kind or 'boiler'}=AMOUNT"


def _per(term: Term) -> str:
    months = months_in(term) if term.unit in ("month", "quarter", "year") else 0
    return {1: "a month", 3: "a quarter", 12: "a year"}.get(months, f"every {count(months, 'month')}" if months else "a period")

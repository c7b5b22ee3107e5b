"""What the terms of a contract are worth, period by period, each charge with its reason in words.

It stands apart from rules/billable because terms need dates and assets only, and jobs need none of these.

Always: every day of a term is in one charge and in no other; a term that contradicts itself is unpriced and
stops no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from fsconsole.rules.billable import Priced, Unpriced, payer_of
from fsconsole.rules.periods import Slice, bounds, months_in, periods
from fsconsole.rules.policy import Policies
from fsconsole.rules.prorate import RULES, prorate
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Cover, Term
from fsconsole.values.work import Asset, Client, Id


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
    charges: list[Charge] = []
    unpriced: list[Unpriced] = []
    known = assets if isinstance(assets, Mapping) else {asset.id: asset for asset in assets}
    held = [cover for cover in covers if not cover.gone and cover.contract in (None, contract.id)]
    for term in sorted({t.id: t for t in terms}.values(), key=lambda t: t.id):
        if term.gone or contract.gone or term.contract not in (None, contract.id):
            continue
        try:
            lead = term.lead_days or (policies.on(horizon).lead_days if policies else 0)
            ahead = timedelta(days=lead if term.timing == "advance" else 0)
            _check(term, contract)
            found = [
                _term_charge(term, contract, slice_, held, known, ahead, client, currency)
                for slice_ in periods(term, contract, horizon + ahead)
            ]
            # Only now, so that a term which fails in its last period leaves no half of itself behind.
            charges.extend(charge for charge in found if charge is not None)
        except ValueError as wrong:
            reason = f"{term.name or term.kind + ' term'}: {wrong}"
            unpriced.append(Unpriced(f"{term.id.hex()}:{term.kind}", None, contract.id, term.kind, reason))
    return Priced(sorted(charges, key=lambda charge: charge.key), unpriced)


def _check(term: Term, contract: Contract) -> None:
    """Raises ValueError in words where the term cannot be priced."""
    start, end = bounds(term, contract)
    if term.proration not in RULES:
        raise ValueError(f"“{term.proration}” is not a rule of proration; use {', '.join(RULES)}")
    if term.kind not in ("fixed", "per asset"):
        raise ValueError(f"“{term.kind}” is not a kind of term; use fixed or per asset")
    if term.timing not in ("advance", "arrears"):
        raise ValueError(f"“{term.timing}” is not a time of billing; use advance or arrears")
    if start is None:
        raise ValueError("neither the term nor the contract says from when it is billed; give a start")
    if end is not None and end < start:
        raise ValueError(f"it ends ({end}) before it starts ({start}); correct one of the days")


def _term_charge(
    term: Term,
    contract: Contract,
    slice_: Slice,
    covers: Sequence[Cover],
    assets: Mapping[Id, Asset],
    ahead: timedelta,
    client: Client | None,
    currency: str,
) -> Charge | None:
    money = contract.currency or (client and client.currency) or currency
    period, months = slice_.period, months_in(term)
    if term.kind == "fixed":
        share = prorate(term.amount, period, slice_.whole, term.proration, months=months, currency=money)
        amount, count = share.amount, 1
        worth = show(amount, money)
        if share.words:
            whole = show(term.amount, money)
            worth = f"{worth} ({share.words})" if amount == term.amount else f"{share.words} of {whole} = {worth}"
    else:
        amount, count, worth = _per_asset(term, slice_, assets_on(term, contract, covers, assets), assets, money)
        if not count:
            return None
    return Charge(
        key=f"{term.id.hex()}:{term.kind.replace(' ', '-')}:{period.start.isoformat()}",
        contract=contract.id,
        term=term.id,
        payer=payer_of(None, contract, client),
        kind="fixed",
        period=period,
        quantity=str(count),
        amount=amount,
        currency=money,
        billable_from=period.end if term.timing == "arrears" else period.start - ahead,
        reason=(f"{term.name}: " if term.name else "")
        + f"{worth} for {period}, in {'arrears' if term.timing == 'arrears' else 'advance'}",
    )


def _per_asset(
    term: Term,
    slice_: Slice,
    spans: Mapping[Id, tuple[Period, ...]],
    assets: Mapping[Id, Asset],
    money: str,
) -> tuple[int, int, str]:
    """Amount, number of assets and words. Assets with the same days are one piece, rounded once."""
    pieces: dict[Period, list[str]] = {}
    counted: set[Id] = set()
    for asset, held in sorted(spans.items()):
        for span in held:
            common = span.overlap(slice_.period)
            if common is not None:
                counted.add(asset)
                pieces.setdefault(common, []).append(assets[asset].title if asset in assets else "asset")
    total, words = 0, []
    # The assets there for the whole period come first, then by day.
    for span in sorted(pieces, key=lambda piece: (piece != slice_.period, piece)):
        names = sorted(pieces[span])
        share = prorate(
            term.amount * len(names),
            span,
            slice_.whole,
            term.proration,
            months=months_in(term),
            currency=money,
        )
        total += share.amount
        who = f"{len(names)} asset{'' if len(names) == 1 else 's'}"
        if span != slice_.period:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            who += f" ({', '.join(names[:3])}{more}, {span})"
        how = f" × {share.words}" if share.words and term.proration != "none" else ""
        words.append(f"{who} × {show(term.amount, money)}{how} = {show(share.amount, money)}")
    sum_up = f", together {show(total, money)}" if len(words) > 1 else ""
    return total, len(counted), ", ".join(words) + sum_up


def assets_on(
    term: Term, contract: Contract, covers: Iterable[Cover], assets: Mapping[Id, Asset]
) -> dict[Id, tuple[Period, ...]]:
    """The assets a per-asset term counts, each with its days as agreed; named by two covers it counts once.

    A cover counts its asset from its start to its end; that an asset was removed meanwhile does not end what
    was agreed (it is a case to decide on). A cover for a location counts the assets standing there, each from
    its installation to its removal. A term for one asset counts that one.
    """
    found: dict[Id, list[Period]] = {}

    def add(asset: Id, start: date | None, end: date | None) -> None:
        known = assets.get(asset)
        if known is not None:
            asset = known.merged_into or known.id
        first, last = start or date.min, end or date.max
        if first < last and not (known is not None and known.gone):
            found.setdefault(asset, []).append(Period(first, last))

    if term.asset is not None:
        add(term.asset, None, None)
        return {asset: tuple(spans) for asset, spans in found.items()}
    for cover in covers:
        if cover.gone or cover.contract not in (None, contract.id):
            continue
        if cover.asset is not None:
            add(cover.asset, cover.start, cover.end)
        elif cover.location is not None:
            for asset in assets.values():
                if asset.location == cover.location:
                    starts = [day for day in (cover.start, asset.installed) if day is not None]
                    ends = [day for day in (cover.end, asset.removed) if day is not None]
                    add(asset.id, max(starts, default=None), min(ends, default=None))
    return {asset: _joined(spans) for asset, spans in found.items()}


def _joined(spans: Iterable[Period]) -> tuple[Period, ...]:
    """Periods that overlap or touch, made one."""
    joined: list[Period] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Period(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)

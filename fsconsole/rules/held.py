"""On which days each asset counts for a term, and at which price of its own.

It stands apart because meters, visits and exports ask the same question as the charges of a per-asset term.

Always: an asset named by two covers counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from fsconsole.values.agreement import Agreement
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Cover, Term
from fsconsole.values.work import Asset, Id

#: Days of one asset, with its own price where one is agreed.
Held = tuple[tuple[Period, int | None], ...]


def priced_assets(term: Term, agreement: Agreement) -> dict[Id, Held]:
    """The days of each asset, with its own price where one is agreed.

    Covers with a price of their own are taken as they are; the others count an asset once, however many name it.
    """
    mine = [cover for cover in agreement.covers if cover.term in (None, term.id)]
    plain = assets_on(term, agreement.contract, [cover for cover in mine if cover.amount is None], agreement.assets)
    found: dict[Id, Held] = {asset: tuple((span, None) for span in spans) for asset, spans in plain.items()}
    for cover in sorted((one for one in mine if one.amount is not None and not one.gone), key=lambda one: one.id):
        spans = assets_on(replace(term, asset=None), agreement.contract, [cover], agreement.assets)
        for asset, held in spans.items():
            if term.asset in (None, asset):
                rest = tuple(one for one in found.get(asset, ()) if one[1] is not None)
                _check_apart(agreement, asset, rest, held, cover.amount)
                found[asset] = (*rest, *((span, cover.amount) for span in held))
    return found


def _check_apart(
    agreement: Agreement, asset: Id, known: Iterable[tuple[Period, int | None]], held: Iterable[Period], amount: int | None
) -> None:
    """Raises ValueError where an asset has two prices of its own on the same days: both would be billed."""
    for span, price in known:
        for other in held:
            if (common := span.overlap(other)) is not None:
                thing = agreement.assets.get(asset)
                name = (thing.title if thing else "") or agreement.title(asset) or "an asset"
                both = f"{show(price or 0, agreement.money)} and {show(amount or 0, agreement.money)}"
                when = "at once" if common.start == date.min or common.end == date.max else f"for {common}"
                raise ValueError(f"{name} has two prices, {both}, {when}; end one where the other begins")


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


def counting_whole(held: Mapping[Id, Held], period: Period, how: str) -> dict[Id, Held]:
    """The assets that count for all of ``period``, by one of COUNTED_AS other than “by days”; the others are left out.

    ``any day`` counts each that is there on any; ``first day`` and ``last day`` those there then; ``most`` those of the
    first day on which the most are there.
    """
    there = {asset: [one for one in spans if one[0].overlap(period)] for asset, spans in held.items()}
    day = period.start
    if how == "last day":
        day = date.fromordinal(period.end.toordinal() - 1)
    elif how == "most":
        edges = sorted({max(span.start, period.start) for spans in there.values() for span, _ in spans} | {period.start})
        counts = [(sum(any(day in span for span, _ in spans) for spans in there.values()), day) for day in edges]
        day = next(day for count, day in counts if count == max(counts)[0])
    found: dict[Id, Held] = {}
    for asset, spans in there.items():
        mine = spans if how == "any day" else [one for one in spans if day in one[0]]
        if mine:
            found[asset] = ((period, mine[-1][1]),)
    return found

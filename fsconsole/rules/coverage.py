"""Who bears the cost of work on a day: warranty, goodwill, a contract, or else the client.

It stands apart because a charge may be dispatched, drafted and disputed on this one answer, given in words.

Always: each line is covered by at most one of them, and the reason names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fsconsole.rules.policy import local_day
from fsconsole.values.terms import Contract, Cover
from fsconsole.values.work import Asset, Id, Job

#: Work that mends nothing: a warranty promises repairs, so it does not bear the cost of these.
PLANNED_WORK = frozenset({"maintenance", "install", "installation", "inspection", "survey", "service"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Who bears labour, parts and call-out: ``""`` (the client), ``contract``, ``warranty`` or ``goodwill``.

    ``contract`` is the one that covers, or under whose prices the work falls. ``among`` holds the contracts
    when several match and none is chosen on the job: nothing is covered until a person chooses.
    """

    labour: str = ""
    parts: str = ""
    call_out: str = ""
    contract: Id | None = None
    reason: str = ""
    among: tuple[Id, ...] = ()

    @property
    def ambiguous(self) -> bool:
        return len(self.among) > 1

    def of(self, kind: str) -> str:
        """Who bears a charge of this kind. Travel goes with labour; only goodwill bears a visit in vain."""
        by = {"labour": self.labour, "travel": self.labour, "part": self.parts, "call-out": self.call_out}
        return by.get(kind, self.call_out if self.call_out == "goodwill" else "")


def coverage(
    job: Job,
    at: datetime,
    *,
    client: Id | None = None,
    asset: Asset | None = None,
    contracts: Mapping[Id, Contract] | Iterable[Contract] = (),
    covers: Iterable[Cover] = (),
    timezone: str = "UTC",
    charged: str = "",
) -> Coverage:
    """Who bears work done on a job at an instant.

    ``charged`` is why a person decided that the client pays although something bears it: at that contract's prices.

    In this order: the asset's warranty (repairs only, by the day in the zone of the job's contract, or else
    the workspace's, ``timezone``); goodwill given on the job; a contract with a cover for the asset, the
    location or the whole client in force that day in the contract's zone; the client. A contract chosen on
    the job is the only one asked. A cover for the asset itself goes before one for its location, and that
    before one for everything.

    ``client`` and ``asset`` are what the job's own became when they were merged; covers may name either.
    """
    if charged:
        borne = coverage(job, at, client=client, asset=asset, contracts=contracts, covers=covers, timezone=timezone)
        return borne if borne.ambiguous else Coverage(contract=borne.contract, reason=f"the client pays: {charged}")
    known = contracts.values() if isinstance(contracts, Mapping) else contracts
    agreed = {contract.id: contract for contract in known if not contract.gone}
    chosen = agreed.get(job.contract) if job.contract is not None else None
    day = local_day(at, (chosen.timezone if chosen else "") or timezone)
    under = chosen.id if chosen else None
    until = asset.warranty_until if asset is not None and job.kind not in PLANNED_WORK else None
    if asset is not None and until is not None and day < until:
        says = f"{asset.title} is under warranty until {_last_day(until)}"
        return _all("warranty", under, says)
    if job.goodwill:
        return _all("goodwill", under, f"given as goodwill: {job.goodwill}")
    asked = [chosen] if chosen else sorted(agreed.values(), key=lambda contract: contract.id)
    kept = [cover for cover in covers if not cover.gone]
    things = {one for one in (job.asset, asset.id if asset else None) if one is not None}
    clients = {one for one in (job.client, client) if one is not None}
    matches: list[tuple[int, Contract, list[Cover]]] = []
    for each in asked:
        rank, near = _nearest(each, kept, job.location, things, clients, local_day(at, each.timezone or timezone))
        if near:
            matches.append((rank, each, near))
    if not matches:
        return Coverage(contract=under, reason=_uncovered(chosen, kept, job, day))
    best = max(rank for rank, _, _ in matches)
    found = [(contract, held) for rank, contract, held in matches if rank == best]
    if len(found) > 1:
        names = _listed([_name(contract) for contract, _ in found])
        among = tuple(contract.id for contract, _ in found)
        return Coverage(reason=f"{names} each cover it: choose the contract on the job", among=among)
    contract, held = found[0]
    inside = {
        "labour": any(cover.labour for cover in held),
        "parts": any(cover.parts for cover in held),
        "call-out": any(cover.call_out for cover in held),
    }
    listed = _listed([name for name, held_in in inside.items() if held_in]) or "nothing of it"
    return Coverage(
        labour="contract" if inside["labour"] else "",
        parts="contract" if inside["parts"] else "",
        call_out="contract" if inside["call-out"] else "",
        contract=contract.id,
        reason=f"{_name(contract)} covers {listed}",
    )


def _all(by: str, contract: Id | None, says: str) -> Coverage:
    return Coverage(labour=by, parts=by, call_out=by, contract=contract, reason=says)


def _nearest(
    contract: Contract,
    covers: Iterable[Cover],
    location: Id | None,
    assets: Collection[Id],
    clients: Collection[Id],
    day: date,
) -> tuple[int, list[Cover]]:
    """The covers of a contract that hold on a day for any of these, of the nearest kind alone, after its rank."""
    if not _within(day, contract.start, contract.end):
        return 0, []
    ranked: list[tuple[int, Cover]] = []
    for cover in covers:
        if cover.contract != contract.id or not _within(day, cover.start, cover.end):
            continue
        if cover.asset is not None:
            if cover.asset in assets:
                ranked.append((3, cover))
        elif cover.location is not None:
            if cover.location == location:
                ranked.append((2, cover))
        elif contract.client in clients:
            ranked.append((1, cover))
    best = max((rank for rank, _ in ranked), default=0)
    return best, [cover for rank, cover in ranked if rank == best]


def _within(day: date, start: date | None, end: date | None) -> bool:
    return (start is None or start <= day) and (end is None or day < end)


def _uncovered(chosen: Contract | None, covers: Iterable[Cover], job: Job, day: date) -> str:
    if chosen is None:
        return "no contract covers it"
    if chosen.end is not None and chosen.end <= day:
        return f"{_name(chosen)} ended on {_last_day(chosen.end)}"
    if chosen.start is not None and day < chosen.start:
        return f"{_name(chosen)} begins on {_long(chosen.start)}"
    if any(cover.contract == chosen.id for cover in covers):
        what = "this asset" if job.asset else "this location"
        return f"{_name(chosen)} does not cover {what} on {_long(day)}"
    return f"{_name(chosen)} covers no work"


def _name(contract: Contract) -> str:
    return f"contract {contract.ref or contract.name}".strip()


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


def _long(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _last_day(end: date) -> str:
    """The last day that belongs, in words, of a half-open end."""
    return _long(date.fromordinal(end.toordinal() - 1))

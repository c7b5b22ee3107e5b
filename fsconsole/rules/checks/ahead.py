"""What a contract is about to run into, and periods that do not look like the ones before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from fsconsole.rules.checks.reasons import case
from fsconsole.rules.facts import ClientFacts, ContractFacts
from fsconsole.rules.periods import months_in
from fsconsole.rules.policy import start_of
from fsconsole.rules.renewal import cancel_by
from fsconsole.rules.words import day, short
from fsconsole.values.bill import ExceptionCase, IssuedLine, Step
from fsconsole.values.money import show
from fsconsole.values.period import Period, add_months
from fsconsole.values.terms import Contract, Cover, Term
from fsconsole.values.work import NO_ID, Asset, Id

#: How many renewals of an old contract are looked at.
RENEWALS = 60


def _name(facts: ContractFacts) -> str:
    who = facts.client.name if facts.client else facts.contract.name
    return f"{short(facts.contract.ref, facts.series)} {who}".strip()


def yearly(facts: ContractFacts) -> int:
    """What a contract's recurring terms come to in twelve months, in minor units, as prices and covers stand."""
    covered = {cover.asset for cover in facts.covers if cover.asset and not cover.gone}
    total = 0
    for term in facts.terms:
        months = months_in(term) if term.unit in ("month", "quarter", "year") else 0
        if term.gone or not months or term.kind not in ("fixed", "per asset"):
            continue
        times = (1 if term.asset else len(covered)) if term.kind == "per asset" else 1
        total += term.amount * times * 12 // months
    return total


def notice_near(facts: ContractFacts) -> list[ExceptionCase]:
    """The last day to give notice, or the end of a contract that nothing follows, is near: a case for each such end."""
    contract, zone = facts.contract, facts.contract.timezone or facts.timezone
    if contract.end is None or facts.through is None:
        return []
    ref, worth, warn = short(contract.ref, facts.series), yearly(facts), facts.policies.latest.notice_warn_days
    money = show(worth, contract.currency or facts.currency)
    found = []
    for end in _ends(contract, facts.through):
        last = cancel_by(end, contract)
        ends = day(end - timedelta(days=1))
        if contract.renews == "itself" and end != _no_more(contract):
            says = f"{_name(facts)} renews itself after {ends} unless notice is given by {day(last)}"
            step = Step(verb=f"waive {ref} ", words="let it renew")
        elif contract.renews == "by notice":
            says = f"{_name(facts)} ends on {ends} unless it is renewed by {day(last)}"
            step = Step(verb=f"renew {ref}", words="renew it")
        else:
            last = end - timedelta(days=1)
            says = f"{_name(facts)} ends on {ends} and nothing follows"
            step = Step(verb=f"chase {ref} client", words="offer a new contract")
        found.append(
            case(
                "notice_near",
                contract.id,
                "contract",
                says,
                detail=end.isoformat(),
                value=worth,
                since=start_of(last - timedelta(days=warn), zone),
                until=start_of(last + timedelta(days=1), zone),
                waits_for="" if contract.renews == "itself" else "client",
                step=step,
                evidence=[f"{money} a year as prices stand", f"asked {warn} days before {day(last)}"],
                contract=contract.id,
                client=contract.client,
            )
        )
    return found


def _no_more(contract: Contract) -> date | None:
    """The end after which a contract that renews itself so many times does so no more."""
    most = contract.details.get("renewals")
    return add_months(contract.end, contract.renewal_months * int(most)) if most is not None and contract.end else None


def _ends(contract: Contract, through: date) -> Iterator[date]:
    """The ends of a contract from a year back to the day its charges were worked out to."""
    if contract.end is None:
        return
    if not contract.renewal_months or contract.renews != "itself":
        yield contract.end
        return
    most = contract.details.get("renewals")
    for time in range(RENEWALS if most is None else min(RENEWALS, int(most) + 1)):
        end = add_months(contract.end, contract.renewal_months * time)
        if end > through:
            return
        if end > through - timedelta(days=800):
            yield end


def amount_moved(facts: ContractFacts) -> list[ExceptionCase]:
    """A period comes to much more or less than the one before it that was billed: asked about until someone says why."""
    percent, contract = facts.policies.latest.moved_percent, facts.contract
    if not percent or not facts.issued:
        return []
    issued: dict[str, list[IssuedLine]] = {}
    for line in facts.issued:
        if line.key.count(":") >= 2 and line.start and line.end and not line.void and line.amount > 0:
            issued.setdefault(line.key.rsplit(":", 1)[0], []).append(line)
    touched = {line.key for line in facts.issued}
    found = []
    for charge in sorted(facts.charges, key=lambda each: each.key):
        if charge.key in touched or not charge.period or charge.amount <= 0 or charge.estimate or charge.covered_by:
            continue
        before = [
            each for each in issued.get(charge.key.rsplit(":", 1)[0], []) if each.start and each.start < charge.period.start
        ]
        last = max(before, key=lambda each: (each.start or date.min, each.id), default=None)
        if last is None or not last.start or not last.end or not _alike(charge.period, Period(last.start, last.end)):
            continue
        moved = charge.amount - last.amount
        if abs(moved) * 100 <= last.amount * percent:
            continue
        due = max(each for each in (charge.billable_from, charge.period.start) if each)
        way = "more" if moved > 0 else "less"
        money = charge.currency
        found.append(
            case(
                "amount_moved",
                contract.id,
                "contract",
                f"{_name(facts)}: {charge.period} is {show(charge.amount, money)}, {show(abs(moved), money)} {way} than "
                f"{Period(last.start, last.end)} ({abs(moved) * 100 // last.amount} %)",
                detail=charge.key,
                charges=[charge],
                value=abs(moved),
                since=start_of(due, contract.timezone or facts.timezone),
                step=Step(verb=f"waive {short(contract.ref, facts.series)} ", words="say why it is right"),
                evidence=[
                    f"now: {charge.reason}",
                    f"then: {last.text or show(last.amount, money)}",
                    f"asked from {percent} % on",
                ],
                contract=contract.id,
                client=contract.client,
            )
        )
    return found


def _alike(one: Period, two: Period) -> bool:
    """Whether two periods are as long, the length of months aside."""
    return abs((one.end - one.start).days - (two.end - two.start).days) <= 3


def client_double_charge(facts: ClientFacts) -> list[ExceptionCase]:
    """One asset is counted by per-asset terms of two contracts for the same days: what the cheaper one takes a period."""
    agreed = {each.id: each for each in facts.contracts if not each.gone}
    priced = {term.contract: term for term in facts.terms if term.kind == "per asset" and not term.gone and term.amount > 0}
    known = {asset.id: asset for asset in facts.assets}
    by_asset: dict[Id, list[Cover]] = {}
    for cover in facts.covers:
        if cover.asset and not cover.gone and cover.contract in agreed and cover.contract in priced:
            by_asset.setdefault(cover.asset, []).append(cover)
    found = []
    for asset, covers in sorted(by_asset.items()):
        ordered = sorted(covers, key=lambda each: (agreed[each.contract].ref, each.id))  # type: ignore[index]
        for at, one in enumerate(ordered):
            for two in ordered[at + 1 :]:
                both = _both(one, two, agreed) if one.contract != two.contract else None
                if both is None or one.contract is None or two.contract is None:
                    continue
                found.append(_twice(facts, asset, known, agreed[one.contract], agreed[two.contract], priced, both))
    return found


def _both(one: Cover, two: Cover, agreed: dict[Id, Contract]) -> Period | None:
    """The days on which both covers hold; an end far away where there is none."""
    starts, ends = [], []
    for cover in (one, two):
        contract = agreed[cover.contract or NO_ID]
        starts += [each for each in (cover.start, contract.start) if each]
        ends += [each for each in (cover.end, contract.end) if each]
    start, end = max(starts, default=date(1970, 1, 1)), min(ends, default=date(9000, 1, 1))
    return Period(start, end) if start < end else None


def _twice(
    facts: ClientFacts,
    asset: Id,
    known: dict[Id, Asset],
    one: Contract,
    two: Contract,
    priced: dict[Id | None, Term],
    both: Period,
) -> ExceptionCase:
    refs = [short(each.ref, facts.series) for each in (one, two)]
    fees = [priced[each.id].amount for each in (one, two)]
    thing = known.get(asset)
    title = thing.title if thing else "equipment"
    typed = (thing.serial or short(thing.ref, facts.series)) if thing else ""
    drop = 0 if fees[0] < fees[1] else 1
    return case(
        "double_charge",
        facts.client.id,
        "client",
        f"{title} is charged under {refs[0]} and {refs[1]} from {day(both.start)}: {facts.client.name}",
        detail=f"{asset.hex()}:{(one.id + two.id).hex()}",
        value=min(fees),
        since=start_of(both.start, facts.timezone),
        until=start_of(both.end, facts.timezone) if both.end.year < 9000 else None,
        step=Step(verb=f"drop {refs[drop]} {typed} {both.start.isoformat()}", words=f"take it off {refs[drop]}"),
        evidence=[f"{ref}: {show(fee, facts.currency)} a period" for ref, fee in zip(refs, fees, strict=True)],
        client=facts.client.id,
    )

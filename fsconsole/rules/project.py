"""Projects within a contract: milestones and progress, deposits and what they take off, a ceiling, retention.

It stands apart because these are charges once each, or rest on charges that others came to, and have no periods.

Always: milestones sum to the price they were cut from; what is deducted never exceeds what it is deducted from, nor
what was paid or held; what a ceiling takes off is a line of its own and never hidden in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.billable import payer_of
from fsconsole.rules.life import slices
from fsconsole.rules.prorate import rounded
from fsconsole.rules.rates import number
from fsconsole.values.agreement import Agreement, charge_key
from fsconsole.values.bill import Charge
from fsconsole.values.money import show, split
from fsconsole.values.period import Period
from fsconsole.values.terms import Term

#: Kinds of charges that are no work delivered: no ceiling, retention or deposit rests on them.
BESIDE = ("deposit", "retention", "write-down")


def milestones(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """One charge for each milestone reached by ``horizon``.

    ``details["milestones"]`` is a list of {name, on, amount | percent | weight}; one without ``on`` is not reached.
    Percentages and weights cut the term's amount, all of them by the same means, the last taking the remainder.
    """
    steps = term.details.get("milestones", [])
    if not steps:
        raise ValueError("it has no milestones; say milestones = [{ name = “installed”, on = 2025-03-01, percent = 100 }]")
    names = [str(step.get("name", "")) for step in steps]
    if len(set(names)) < len(names):
        raise ValueError("two milestones have one name; give each its own")
    found = []
    for step, (amount, words) in zip(steps, _shares(term, steps, agreement), strict=True):
        day = date.fromisoformat(step["on"]) if "on" in step else None
        if day is None or day > horizon:
            continue
        reason = f"{term.name}: {step.get('name', '')}, {words} reached on {_said(day)}"
        found.append(_once(term, agreement, day, amount, "milestone", reason, str(step.get("name", ""))))
    return found


def _shares(term: Term, steps: list[Mapping[str, Any]], agreement: Agreement) -> list[tuple[int, str]]:
    """The amount of each milestone and its words."""
    money = agreement.money
    given = {"amount", "percent", "weight"}
    means = {next(iter(sorted(given & set(step))), "weight") for step in steps}
    if len(means) > 1:
        raise ValueError(f"its milestones are cut by {' and '.join(sorted(means))}; use one of them for all")
    by = means.pop()
    if by == "amount":
        total = sum(int(step["amount"]) for step in steps)
        if term.amount and total != term.amount:
            raise ValueError(f"its milestones sum to {show(total, money)} and not to {show(term.amount, money)}")
        return [(int(step["amount"]), show(int(step["amount"]), money)) for step in steps]
    weights = [Decimal(str(step.get(by, 1))) for step in steps]
    if by == "percent" and sum(weights) != 100:
        parts = [rounded(term.amount * Fraction(weight) / 100) for weight in weights]
    else:
        parts = split(term.amount, weights)
    mark = "%" if by == "percent" else f" of {number(sum(weights, Decimal(0)))} parts"
    return [
        (part, f"{number(weight)}{mark} of {show(term.amount, money)} = {show(part, money)}")
        for part, weight in zip(parts, weights, strict=True)
    ]


def progress(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """What each report of progress adds: its percentage of the price, less what the reports before it came to.

    ``details["reports"]`` is a list of {on, percent}, the percentage of all that is done by then. Less than
    before is a credit.
    """
    money, before, found = agreement.money, 0, []
    for report in sorted(term.details.get("reports", []), key=lambda one: str(one["on"])):
        day, share = date.fromisoformat(report["on"]), Decimal(str(report["percent"]))
        if not 0 <= share <= 100:
            raise ValueError(f"its progress on {_said(day)} is {number(share)}%; it goes from 0 to 100")
        due = rounded(term.amount * Fraction(share) / 100)
        if day <= horizon and due != before:
            words = f"{number(share)}% of {show(term.amount, money)} = {show(due, money)}"
            words += f", less {show(before, money)} before = {show(due - before, money)}" if before else ""
            found.append(_once(term, agreement, day, due - before, "progress", f"{term.name}: {words} on {_said(day)}", at=day))
        before = due
    return found


def ceiling(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """A line that takes off whatever exceeds the price not to be exceeded: 85.00 used, 20.00 more, 5.00 off."""
    money, used, found = agreement.money, 0, []
    for charge in _resting(term, agreement, horizon):
        over = max(0, min(charge.amount, used + charge.amount - term.amount))
        used += charge.amount - over
        if over:
            words = (
                f"{term.name}: not to exceed {show(term.amount, money)}; {show(used - charge.amount + over, money)} used and "
                f"{show(charge.amount, money)} more, {show(-over, money)} written down"
            )
            found.append(_against(term, agreement, charge, -over, "write-down", words))
    return found


def retention(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """What is held back of each charge, and what of it is released when.

    ``details``: percent, steps [{from, percent}] of a ``sum``, limit (held at most), releases [{on, percent}] of what was
    held by then; the last release, or one of 100, takes all that is left. Raises ValueError for steps of no sum.
    """
    money, percent = agreement.money, Decimal(str(term.details.get("percent", "0")))
    limit, steps = term.details.get("limit"), _steps(term)
    held, earned, found = 0, 0, []
    for charge in _resting(term, agreement, horizon):
        if steps:
            before, earned = earned, earned + charge.amount
            part = rounded(_to_hold(term, steps, earned) - _to_hold(term, steps, before))
            done = f"{show(earned, money)} of {show(int(term.details['sum']), money)} done"
            words = f"{term.name}: {done}, {show(abs(part), money)} {'held back' if part >= 0 else 'released'}"
            if part:
                held += part
                found.append(_against(term, agreement, charge, -part, "retention", words))
            continue
        part = rounded(charge.amount * Fraction(percent) / 100)
        if limit is not None:
            part = min(part, max(0, int(limit) - held))
        if part:
            held += part
            words = f"{term.name}: {number(percent)}% of {show(charge.amount, money)} = {show(part, money)} held back"
            words += f", at most {show(int(limit), money)} in all" if limit is not None else ""
            found.append(_against(term, agreement, charge, -part, "retention", words))
    releases = sorted(term.details.get("releases", []), key=lambda one: str(one["on"]))
    left = {charge.key: -charge.amount for charge in found}
    order = {charge.key: charge.billable_from or date.max for charge in found}
    for index, release in enumerate(releases):
        day = date.fromisoformat(release["on"])
        by_then = sum(part for key, part in left.items() if order[key] <= day)
        share = Decimal(str(release.get("percent", "100")))
        last = index == len(releases) - 1
        amount = by_then if last else min(by_then, rounded(held_by(found, day) * Fraction(share) / 100))
        if day <= horizon and amount:
            words = f"{term.name}: {show(amount, money)} released of {show(held_by(found, day), money)} held by {_said(day)}"
            words += "" if last else f" ({number(share)}%)"
            found.append(_once(term, agreement, day, amount, "retention", words, "released", at=day))
        rest = amount
        for key in sorted(left, key=lambda one: (order[one], one)):
            if order[key] <= day:
                taken = min(rest, left[key])
                left[key] -= taken
                rest -= taken
    return found


def _steps(term: Term) -> list[tuple[Fraction, Fraction]]:
    """From which amount on which part is held back, by amount; none where it is the same throughout."""
    said = term.details.get("steps") or ()
    if not said:
        return []
    if not term.details.get("sum") or int(term.details["sum"]) <= 0:
        raise ValueError("sum is missing: steps are percentages of what all of it comes to")
    whole = Fraction(int(term.details["sum"]))
    steps = [(Fraction(0), Fraction(str(term.details.get("percent", "0"))) / 100)]
    steps += [(whole * Fraction(str(one["from"])) / 100, Fraction(str(one["percent"])) / 100) for one in said]
    return sorted(steps, key=lambda one: one[0])


def _to_hold(term: Term, steps: list[tuple[Fraction, Fraction]], earned: int) -> Fraction:
    """What is to be held when so much is done, exact."""
    if term.details.get("steps_apply") == "to all":
        return earned * next(part for first, part in reversed(steps) if first <= max(0, earned))
    ends = [first for first, _ in steps[1:]]
    total = Fraction(0)
    for number_, (first, part) in enumerate(steps):
        last = ends[number_] if number_ < len(ends) else Fraction(max(earned, 0))
        total += max(Fraction(0), min(Fraction(earned), last) - first) * part
    return total


def held_by(charges: Iterable[Charge], day: date) -> int:
    """What was held back by a day, whatever was released since."""
    return -sum(one.amount for one in charges if one.amount < 0 and one.billable_from and one.billable_from <= day)


@dataclass(slots=True)
class _Held:
    """A deposit, and what is left of it."""

    day: date
    left: int
    until: date | None
    rank: int
    place: int

    def order(self, draw: str) -> tuple[Any, ...]:
        first = {
            "oldest first": (self.day.toordinal(),),
            "newest first": (-self.day.toordinal(),),
            "first to end": ((self.until or date.max).toordinal(), self.day.toordinal()),
            "least left": (self.left,),
        }[draw]
        return self.rank, *first, self.place


def deposits(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """Deposits as they are asked for, and what they take off the charges they were paid for.

    ``details``: deposits [{on, amount, until, price, rank}], ``draw`` which is used first, ``final`` the name of the
    milestone that it waits for. What a charge cannot take stays a credit for the next, until it is lost.
    """
    money, found = agreement.money, []
    held: list[_Held] = []
    for place, one in enumerate(sorted(term.details.get("deposits", []), key=lambda one: str(one["on"])), 1):
        day, amount = date.fromisoformat(one["on"]), int(one["amount"])
        until = date.fromisoformat(one["until"]) if one.get("until") else None
        if until is not None and until <= day:
            raise ValueError(f"the deposit of {_said(day)} ends before it begins ({_said(until)}); correct one of its days")
        held.append(_Held(day, amount, until, int(one.get("rank") or 10**9), place))
        price = int(one["price"]) if one.get("price") is not None else amount
        if day <= horizon and price:
            worth = "" if price == amount else f", worth {show(amount, money)}"
            words = f"{term.name}: deposit of {show(price, money)}{worth} on {_said(day)}, taken off later"
            found.append(_once(term, agreement, day, price, "deposit", words, f"deposit {place}"))
    wanted, draw = str(term.details.get("final", "")), str(term.details.get("draw") or "oldest first")
    for charge in _resting(term, agreement, horizon):
        if (wanted and not charge.key.endswith(f":{wanted}")) or charge.amount <= 0:
            continue
        on, need, taken = charge.billable_from or date.max, charge.amount, []
        gone = [one for one in held if one.until is not None and one.until <= on and one.left]
        there = [one for one in held if one.day <= on and one.left and one not in gone]
        whole = sum(one.left for one in there)
        for one in sorted(there, key=lambda one: one.order(draw)):
            part = min(one.left, need)
            one.left, need = one.left - part, need - part
            if part:
                taken.append(f"{show(part, money)} of {_said(one.day)}")
        off = charge.amount - need
        if off > 0:
            words = f"{term.name}: {show(whole, money)} paid ahead, {show(off, money)} taken off {show(charge.amount, money)}"
            words += f" ({', '.join(taken)})" if any(one.until or one.rank < 10**9 for one in held) else ""
            words += f", {show(whole - off, money)} stays" if whole > off else ""
            words += "".join(f"; {show(one.left, money)} of {_said(one.day)} was lost" for one in gone)
            for one in gone:
                one.left = 0
            found.append(_against(term, agreement, charge, -off, "deposit", words))
    return found


def _resting(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The charges that a term rests on, in the order in which they are billed: of the terms it names, or of all."""
    named = term.details.get("of", [])
    terms = set()
    for name in named:
        one = agreement.term(name)
        if one is None:
            raise ValueError(f"there is no term “{name}”; there are {', '.join(each.name for each in agreement.terms)}")
        terms.add(one.id)
    known = [
        charge
        for charge in agreement.charges
        if charge.kind not in BESIDE and not charge.covered_by and (not named or charge.term in terms)
        and (charge.billable_from or date.min) <= horizon
        and (term.start is None or (charge.billable_from or date.max) >= term.start)
        and (term.end is None or (charge.billable_from or date.min) < term.end)
    ]  # fmt: skip
    if term.details.get("order") != "as named":
        return sorted(known, key=lambda charge: (charge.billable_from or date.min, charge.key))
    places = {one.id: named.index(one.name) if one.name in named else len(named) for one in agreement.terms}

    def place(charge: Charge) -> tuple[date, int, str]:
        return charge.billable_from or date.min, places.get(charge.term, 0) if charge.term else 0, charge.key

    return sorted(known, key=place)


def _once(
    term: Term, agreement: Agreement, day: date, amount: int, kind: str, reason: str, part: str = "", at: date | None = None
) -> Charge:
    """A charge of one day, known by the term's first day and its part, or by its own day."""
    start = at or term.start or agreement.contract.start or day
    return Charge(
        key=charge_key(term, start, part),
        contract=agreement.contract.id,
        term=term.id,
        payer=_payer(term, agreement, day),
        kind=kind,
        period=Period(day, day + timedelta(days=1)),
        amount=amount,
        currency=agreement.money,
        billable_from=day,
        reason=reason,
        tax=term.tax,
    )


def _against(term: Term, agreement: Agreement, charge: Charge, amount: int, kind: str, reason: str) -> Charge:
    """A line beside another charge: of its period, payer and tax, known by the other's key."""
    start = charge.period.start if charge.period else charge.billable_from or date.min
    return Charge(
        key=charge_key(term, start, charge.key),
        contract=agreement.contract.id,
        term=term.id,
        payer=charge.payer,
        kind=kind,
        period=charge.period,
        amount=amount,
        currency=agreement.money,
        billable_from=charge.billable_from,
        reason=reason,
        tax=term.tax or charge.tax,
    )


def _payer(term: Term, agreement: Agreement, day: date) -> Any:
    for piece in slices(term, agreement, day) if any(one.what == "transfer" for one in agreement.revisions) else ():
        if day in piece.period and piece.payer:
            return piece.payer
    return payer_of(None, agreement.contract, agreement.client)


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"

"""Why finished work cannot go out: no card, no sign-off, nothing recorded, no order, no price, no cover."""

from __future__ import annotations

from datetime import datetime

from fsconsole.rules.checks.about import (
    chase,
    done_at,
    finished,
    finishers,
    job_case,
    name_of,
    ref_of,
    then,
    worked,
)
from fsconsole.rules.checks.reasons import worth
from fsconsole.rules.facts import JobFacts
from fsconsole.rules.job import Fold
from fsconsole.rules.orders import in_scope
from fsconsole.rules.policy import days_after, local_day
from fsconsole.rules.rates import clock, labour_rate
from fsconsole.rules.words import called, day, listed, moment
from fsconsole.values.bill import ExceptionCase, Step
from fsconsole.values.money import show
from fsconsole.values.work import NO_ID, Column, Technician


def _without_card(facts: JobFacts) -> list[Fold]:
    cards = [card for card in facts.cards if not card.void]
    if any(card.visit is None for card in cards):
        return []
    held = {card.visit for card in cards}
    return [fold for fold in facts.visits if fold.completed and not fold.visit.gone and fold.visit.id not in held]


def complete_no_card(facts: JobFacts) -> list[ExceptionCase]:
    """The work is done and no job card came in, though the policy of that day wants one."""
    done = done_at(facts)
    if done is None or not then(facts, done).card_required:
        return []
    missing = _without_card(facts)
    if not missing and (facts.visits or any(not card.void for card in facts.cards)):
        return []
    who = [tech for tech in finishers(facts) if any(fold.visit.technician == tech.id for fold in missing)]
    first = who[0] if who else None
    evidence = [
        f"{finished(facts, facts.technicians.get(fold.visit.technician or NO_ID), fold.completed)}, no card"
        for fold in missing
        if fold.completed
    ]
    return [
        job_case(
            facts,
            "complete_no_card",
            f"complete, no card: {name_of(facts)}, {finished(facts, first, done)}",
            charges=facts.charges,
            since=done,
            waits_for=listed(called(tech) for tech in who),
            step=chase(facts, first),
            evidence=[*evidence, *worked(facts)],
        )
    ]


def card_no_sign_off(facts: JobFacts) -> list[ExceptionCase]:
    """The card is in, but no sign-off of a kind that may bill."""
    done = done_at(facts)
    if done is None:
        return []
    policy = then(facts, done)
    cards = [card for card in facts.cards if not card.void]
    if not policy.sign_off_required or not cards:
        return []
    allowed = (facts.contract.sign_off_kinds if facts.contract else ()) or policy.sign_off_kinds
    signs = [sign for sign in facts.sign_offs if not sign.void]
    if any(sign.how in allowed for sign in signs) or (not signs and facts.column is Column.SIGNED_OFF):
        return []
    if policy.sign_off_above and worth(facts.charges) <= policy.sign_off_above and not signs:
        return []
    since = max([card.at for card in cards if card.at] + [done])
    last = max(signs, key=lambda sign: (sign.at or done, sign.id), default=None)
    says = f"card without sign-off: {name_of(facts)}, card of {moment(since, facts.timezone)}"
    until = None
    if last is not None:
        by = f" by {last.name}" if last.name else ""
        reason = f": {last.reason}" if last.reason else ""
        says = f"sign-off {last.how}{by}{reason}: {name_of(facts)} (only {listed(allowed)} may bill)"
    if policy.deem_days and "deemed" in allowed and (last is None or last.how != "refused"):
        until = days_after(since, policy.deem_days, facts.timezone)
        says += f", deemed signed on {day(local_day(until, facts.timezone))}"
    return [
        job_case(
            facts,
            "card_no_sign_off",
            says,
            charges=facts.charges,
            since=since,
            until=until,
            waits_for="client",
            step=Step(verb=f"chase {ref_of(facts)} client", words="chase the client"),
            evidence=worked(facts),
        )
    ]


def no_labour_no_parts(facts: JobFacts) -> list[ExceptionCase]:
    """Complete, with the card in, and neither labour nor a part on it; worth what a job usually is."""
    done = done_at(facts)
    used = any(not each.void for each in facts.labour) or any(not each.void for each in facts.parts)
    if done is None or used:
        return []
    cards = [card for card in facts.cards if not card.void]
    policy = then(facts, done)
    if any(card.nothing_used for card in cards) or (policy.card_required and not cards):
        return []
    minutes = facts.job.planned_minutes or policy.labour_minutes
    who = next(iter(finishers(facts)), None)
    rate = _labour_price(facts, done, who) or policy.labour_rate
    guess = rate * minutes // 60
    return [
        job_case(
            facts,
            "no_labour_no_parts",
            f"no labour and no parts: {name_of(facts)}, {finished(facts, who, done)}",
            charges=facts.charges,
            value=max(guess, worth(facts.charges)),
            since=done,
            waits_for=called(who) if who else "",
            step=chase(facts, who, f"ask {called(who)} for the hours"),
            evidence=[f"about {clock(minutes)} × {show(rate, facts.currency)} an hour"],
        )
    ]


def _labour_price(facts: JobFacts, at: datetime, who: Technician | None) -> int | None:
    rate = labour_rate(
        local_day(at, facts.timezone),
        facts.rates,
        who,
        contract=facts.contract.id if facts.contract else None,
        client=facts.job.client,
        skill=facts.job.skill,
    )
    return rate.amount if rate else None


def order_missing(facts: JobFacts) -> list[ExceptionCase]:
    """The payer wants an order number and there is none, or the contract's has run out by the day of the work."""
    done = done_at(facts)
    wanted = any(each and each.order_required for each in (facts.client, facts.payer, facts.contract))
    if done is None or not wanted or not worth(facts.charges) or facts.job.order_number:
        return []
    contract = facts.contract
    held = [charge for charge in facts.charges if charge.amount > 0]
    says = f"no order number: {name_of(facts)}, {finished(facts, None, done)}"
    if contract and contract.order_number:
        if contract.order_until is None or local_day(done, facts.timezone) < contract.order_until:
            held = [charge for charge in held if not in_scope(contract, charge.kind)]
            if not held:
                return []
            says = f"order {contract.order_number} is for {listed(contract.order_scope)} alone: {name_of(facts)}"
        else:
            last = day(contract.order_until)
            says = f"order {contract.order_number} ran out before {last}: {name_of(facts)}, done later"
    return [
        job_case(
            facts,
            "order_missing",
            says,
            charges=held,
            since=done,
            waits_for="client",
            step=Step(verb=f"chase {ref_of(facts)} client", words="ask for the order number"),
        )
    ]


def no_rate(facts: JobFacts) -> list[ExceptionCase]:
    """Something that was done has no price on that day; hours are worth what an hour usually is."""
    done = done_at(facts)
    if done is None or not facts.unpriced:
        return []
    keys = {each.key for each in facts.unpriced}
    kinds = {each.kind for each in facts.unpriced}
    minutes = sum(entry.minutes for entry in facts.labour if not entry.void and entry.kind in kinds)
    hours = f"{clock(minutes)} of " if minutes else ""
    kind = facts.unpriced[0].kind
    step = Step(verb=f"rate {kind.replace(' ', '-')} ", words=f"set a rate for {kind}")
    if kind == "part":
        step = Step(verb=f"find {ref_of(facts)}", words="price the part")
    return [
        job_case(
            facts,
            "no_rate",
            f"no price for {hours}{listed(sorted(kinds))}: {name_of(facts)}",
            charges=[charge for charge in facts.charges if charge.key in keys],
            value=then(facts, done).labour_rate * minutes // 60,
            since=done,
            step=step,
            evidence=[each.reason for each in facts.unpriced],
        )
    ]

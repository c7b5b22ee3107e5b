"""Whether what is charged fits what was done: time written down, work off its standard, one thing charged twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from fsconsole.rules.checks.about import chase, done_at, finishers, job_case, name_of, ref_of, then
from fsconsole.rules.checks.reasons import worth
from fsconsole.rules.facts import JobFacts
from fsconsole.rules.job import EPOCH
from fsconsole.rules.rates import clock
from fsconsole.rules.words import called, day, hhmm, moment
from fsconsole.values.bill import Charge, ExceptionCase, Step
from fsconsole.values.money import round_half_away, show
from fsconsole.values.work import NO_ID, Labour


def _worked(facts: JobFacts, kind: str = "labour") -> list[Labour]:
    return [entry for entry in facts.labour if not entry.void and entry.kind == kind and entry.minutes > 0]


def time_written_down(facts: JobFacts) -> list[ExceptionCase]:
    """Hours on the lines are fewer than the hours worked, by a step that rounds down or a cap on the price."""
    done = done_at(facts)
    if done is None or any(not line.void for line in facts.issued):
        return []
    lines = [charge for charge in facts.charges if charge.kind == "labour" and not charge.estimate]
    if not lines or any(charge.covered_by or not charge.amount for charge in lines):
        return []
    minutes = sum(entry.minutes for entry in _worked(facts))
    billed = sum((Decimal(charge.quantity) * 60 for charge in lines), Decimal(0))
    # Hours are shown to two decimals: less than a minute of difference is that, and no loss.
    short = minutes - billed
    if short < 1:
        return []
    rate = Decimal(worth(lines)) * 60 / billed if billed else Decimal(then(facts, done).labour_rate)
    lost = round_half_away(rate * short / 60)
    shown = clock(round_half_away(short))
    return [
        job_case(
            facts,
            "time_written_down",
            f"worked {clock(minutes)}, billed {clock(round_half_away(billed))}: {shown} is given away: {name_of(facts)}",
            value=lost,
            since=done,
            step=Step(verb=f"waive {ref_of(facts)} ", words="accept it, and say why"),
            evidence=[
                f"{shown} × {show(round_half_away(rate), facts.currency)} an hour = {show(lost, facts.currency)}",
                *(charge.reason for charge in lines),
            ],
        )
    ]


def off_standard(facts: JobFacts) -> list[ExceptionCase]:
    """Labour or parts are further from what such a job usually takes than the policy lets pass."""
    done = done_at(facts)
    if done is None:
        return []
    policy, kind = then(facts, done), facts.job.kind.strip().lower()
    found = []
    usual = policy.standard_minutes.get(kind)
    minutes = sum(entry.minutes for entry in _worked(facts))
    if usual and minutes and abs(minutes - usual) * 100 > usual * policy.standard_percent:
        gap = minutes - usual
        value = policy.labour_rate * abs(gap) // 60
        found.append(("labour", f"took {clock(minutes)}, a {kind} usually takes {clock(usual)}", value))
    usually = policy.standard_parts.get(kind)
    parts = [charge for charge in facts.charges if charge.kind == "part"]
    spent = sum(charge.amount or charge.notional for charge in parts)
    if usually and abs(spent - usually) * 100 > usually * policy.standard_percent:
        money = facts.currency
        words = f"parts come to {show(spent, money)}, on a {kind} usually to {show(usually, money)}"
        found.append(("parts", words, abs(spent - usually)))
    if not found:
        return []
    who = next(iter(finishers(facts)), None)
    return [
        job_case(
            facts,
            "off_standard",
            f"{says}: {name_of(facts)}",
            detail=what,
            value=value,
            since=done,
            waits_for=called(who) if who else "",
            step=chase(facts, who, f"ask {called(who)} why") if who else Step(verb=f"waive {ref_of(facts)} ", words="say why"),
            evidence=[f"allowed: {policy.standard_percent} % either way", f"policy of {day(done.date())}"],
        )
        for what, says, value in found
    ]


def job_double_charge(facts: JobFacts) -> list[ExceptionCase]:
    """One technician's hours overlap on the card, or one serial number was used twice."""
    done = done_at(facts)
    if done is None:
        return []
    found = [*_overlapping(facts), *_same_serial(facts)]
    return [
        job_case(
            facts,
            "double_charge",
            f"{says}: {name_of(facts)}",
            detail=detail,
            charges=held,
            value=value,
            since=done,
            step=Step(verb=f"waive {ref_of(facts)} ", words="keep both, and say why"),
            evidence=evidence,
        )
        for detail, says, value, held, evidence in found
    ]


def _overlapping(facts: JobFacts) -> Iterator[tuple[str, str, int, list[Charge], list[str]]]:
    timed = sorted((entry for entry in _worked(facts) if entry.start), key=lambda entry: (entry.start or EPOCH, entry.id))
    for one, two in pairwise(timed):
        if one.technician != two.technician or one.start is None or two.start is None:
            continue
        end = one.start + timedelta(minutes=one.minutes)
        both = int((min(end, two.start + timedelta(minutes=two.minutes)) - two.start).total_seconds() // 60)
        if both <= 0:
            continue
        who = facts.technicians.get(one.technician or NO_ID)
        zone = facts.timezone
        spans = [f"{moment(e.start, zone)}, {clock(e.minutes)}" for e in (one, two) if e.start]
        held = [charge for charge in facts.charges if charge.kind == "labour" and charge.amount > 0]
        minutes = sum(entry.minutes for entry in _worked(facts))
        value = worth(held) * both // minutes if minutes else 0
        says = f"{called(who)} has {clock(both)} from {hhmm(two.start, zone)} on the card twice"
        yield two.id.hex(), says, value, held, spans


def _same_serial(facts: JobFacts) -> Iterator[tuple[str, str, int, list[Charge], list[str]]]:
    seen: set[str] = set()
    for used in sorted((each for each in facts.parts if not each.void and each.serial), key=lambda each: each.id):
        if used.serial in seen:
            key = f"{facts.job.id.hex()}:part:{used.id.hex()}"
            held = [charge for charge in facts.charges if charge.key == key]
            name = used.name or "a part"
            yield used.id.hex(), f"{name} s/n {used.serial} is on it twice", worth(held), held, [c.reason for c in held]
        seen.add(used.serial)

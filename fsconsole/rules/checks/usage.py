"""What a contract's own arithmetic brings to light: readings, visits, hours, rises and promises that wait for a person.

It stands apart because these are read from what the terms came to and from their facts; the other checks need neither.

Always: what the rules of price held or could not price is a case here, so that nothing waits without being said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from fsconsole.rules.billable import Unpriced
from fsconsole.rules.checks.reasons import case
from fsconsole.rules.facts import ContractFacts
from fsconsole.rules.policy import start_of
from fsconsole.rules.prorate import rounded
from fsconsole.rules.term_words import MONTHS
from fsconsole.rules.words import day, listed, short
from fsconsole.values.bill import Charge, ExceptionCase, Step
from fsconsole.values.money import show
from fsconsole.values.terms import Term
from fsconsole.values.work import Id


def _name(facts: ContractFacts) -> str:
    who = facts.client.name if facts.client else facts.contract.name
    return f"{short(facts.contract.ref, facts.series)} {who}".strip()


def _case(
    facts: ContractFacts,
    reason: str,
    says: str,
    detail: str,
    *,
    on: date | None,
    until: date | None = None,
    value: int = 0,
    credit: bool = False,
    charges: Iterable[Charge] = (),
    waits_for: str = "",
    step: Step | None = None,
    evidence: Iterable[str] = (),
) -> ExceptionCase:
    contract, zone = facts.contract, facts.contract.timezone or facts.timezone
    return case(
        reason,
        contract.id,
        "contract",
        f"{_name(facts)}: {says}",
        detail=detail,
        charges=charges,
        value=value,
        credit=credit,
        since=start_of(on, zone) if on else None,
        until=start_of(until, zone) if until else None,
        waits_for=waits_for,
        step=step,
        evidence=evidence,
        contract=contract.id,
        client=contract.client,
    )


def _terms(facts: ContractFacts, kind: str) -> dict[Id, Term]:
    return {term.id: term for term in facts.terms if term.kind == kind and not term.gone}


def _usual(facts: ContractFacts, term: Id | None) -> int:
    """What a term usually comes to: the mean of its charges that are known."""
    known = [
        charge.amount
        for charge in facts.priced
        if charge.term == term and charge.amount > 0 and not charge.estimate and charge.kind != "block"
    ]
    return rounded(Fraction(sum(known), len(known))) if known else 0


def meter_missing(facts: ContractFacts) -> list[ExceptionCase]:
    """A period of a meter is over, and it is held because no reading closes it."""
    terms, wait = _terms(facts, "meter"), facts.policies.latest.meter_days
    found = []
    for charge in facts.priced:
        if charge.term not in terms or not charge.estimate or charge.period is None or charge.kind == "block":
            continue
        usual, words = _usual(facts, charge.term), "such a period usually comes to"
        if not usual:
            # A meter that was never billed is taken to run as its siblings on the contract do.
            known = [some for row in terms if row != charge.term and (some := _usual(facts, row))]
            known = known or [each.amount for each in facts.parked if each.term in terms and each.amount > 0]
            usual = rounded(Fraction(sum(known), len(known))) if known else 0
            words = "a period of the contract's other meters usually comes to"
        typed, line = _unread(facts, charge, terms)
        found.append(
            _case(
                facts,
                "meter_missing",
                f"no reading closes {charge.period} of {terms[charge.term].name or 'the meter'}",
                charge.key,
                on=(charge.billable_from or charge.period.end) + timedelta(days=wait),
                value=usual,
                waits_for="client",
                step=Step(verb=f"reading {typed} ", words="give the reading, or an estimate"),
                evidence=[charge.reason, line, *([f"{words} {show(usual, charge.currency)}"] if usual else [])],
            )
        )
    return found


def _unread(facts: ContractFacts, charge: Charge, terms: dict[Id, Term]) -> tuple[str, str]:
    """How the equipment that a held charge waits for is typed, and the whole line that would give its reading."""
    # Its key ends in the meter's name where there are several, "held", and the name of the equipment.
    meter, _, name = ":".join(charge.key.split(":")[3:]).rpartition("held:")
    named = [one for one in facts.assets if facts.agreement and name and facts.agreement.title(one.id) == name]
    typed = named[0].serial or short(named[0].ref, facts.series) if named else _typed(facts, terms.get(charge.term or Id(b"")))
    words = " ".join(one for one in (typed, "VALUE", meter.strip(":")) if one)
    words += f" {charge.period.end.isoformat()}" if charge.period else ""
    return typed, f"type: reading {words}, with E behind it for an estimate"


def meter_odd(facts: ContractFacts) -> list[ExceptionCase]:
    """A meter's readings contradict each other, or a period used many times what it usually does."""
    terms, ref = _terms(facts, "meter"), short(facts.contract.ref, facts.series)
    found = [_contradicting(facts, each, terms) for each in facts.unpriced if each.kind == "meter"]
    times = facts.policies.latest.meter_times
    for term in terms.values():
        mine = [c for c in facts.priced if c.term == term.id and not c.estimate and c.amount > 0 and c.period]
        due = {charge.key for charge in facts.charges}
        for charge in mine:
            others = [each for each in mine if each.key != charge.key]
            if len(others) < 2 or charge.key not in due or not times:
                continue
            mean = rounded(Fraction(sum(each.amount for each in others), len(others)))
            if charge.amount <= mean * times:
                continue
            found.append(
                _case(
                    facts,
                    "meter_odd",
                    f"{term.name or 'the meter'} {charge.period} is {show(charge.amount, charge.currency)}, "
                    f"usually {show(mean, charge.currency)}",
                    charge.key,
                    on=charge.billable_from,
                    value=charge.amount - mean,
                    charges=[charge],
                    waits_for="client",
                    step=Step(verb=f"waive {ref}/meter_odd ", words="accept the reading"),
                    evidence=[charge.reason, f"asked about from {times} times the usual on"],
                )
            )
    return found


def _contradicting(facts: ContractFacts, unpriced: Unpriced, terms: dict[Id, Term]) -> ExceptionCase:
    """Readings that cannot be put in order: worth what the term came to without the one that contradicts, or its last bill."""
    term = next((one for row, one in terms.items() if unpriced.key.startswith(row.hex())), None)
    held = [charge for charge in facts.parked if term is not None and charge.term == term.id and charge.amount > 0]
    money = facts.contract.currency or facts.currency
    billed = [line for line in facts.issued if term is not None and line.key.startswith(term.id.hex()) and line.start]
    last = max(billed, key=lambda line: (line.start or date.min, line.id), default=None)
    usual = last.amount if last else max((_usual(facts, row) for row in terms), default=0)
    typed = _typed(facts, term)
    on = _DAY.search(unpriced.reason)
    day_ = f"{on[3]}-{MONTHS.index(on[2]) + 1:02}-{int(on[1]):02}" if on else "DAY"
    evidence = ["its term is parked until the readings agree; the rest of the contract goes on"]
    evidence += [f"{show(charge.amount, money)} as it was before: {charge.reason}" for charge in held[:6]]
    evidence += [f"{last.text or 'it'} was billed last: {show(last.amount, money)}"] if last and not held else []
    evidence += [
        f"read again: reading {typed} VALUE {day_}",
        f"read wrong: reading {typed} wrong {day_}",
        f"a new meter since then, which began at 0: reading {typed} WHAT-THE-OLD-ONE-SAID DAY-OF-THE-SWAP new 0",
    ]
    return _case(
        facts,
        "meter_odd",
        unpriced.reason,
        unpriced.key or "contradicts",
        on=None,
        value=sum(charge.amount for charge in held) or usual,
        charges=held,
        waits_for="client",
        step=Step(verb=f"reading {typed} ", words="give the right reading, or: wrong"),
        evidence=evidence,
    )


#: A day as reasons say it.
_DAY = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})")


def _typed(facts: ContractFacts, term: Term | None) -> str:
    """How the equipment of a meter is typed: its serial number or reference, behind the contract where it is not known."""
    ref = short(facts.contract.ref, facts.series)
    named = [one for one in facts.assets if (term is not None and one.id == term.asset) or len(facts.assets) == 1]
    return (named[0].serial or short(named[0].ref, facts.series) or ref) if named else ref


def visit_minimum(facts: ContractFacts) -> list[ExceptionCase]:
    """Fewer visits were made than promised: what we owe for them, or may charge."""
    terms, ref = _terms(facts, "visits"), short(facts.contract.ref, facts.series)
    return [
        _case(
            facts,
            "visit_minimum",
            f"visits promised and not made, {show(abs(charge.amount), charge.currency)} "
            f"{'to credit' if charge.amount < 0 else 'to charge'}: {charge.period}",
            charge.key,
            on=charge.billable_from,
            value=abs(charge.amount),
            credit=charge.amount < 0,
            charges=[charge],
            step=Step(verb=f"chase {ref} office", words="schedule them, or credit"),
            evidence=[charge.reason],
        )
        for charge in facts.charges
        if charge.term in terms and charge.amount and not charge.estimate and " credited" in charge.reason
    ]


def hours_gone(facts: ContractFacts) -> list[ExceptionCase]:
    """The hours included in a period are used up, or nearly."""
    terms, percent = _terms(facts, "hours"), facts.policies.latest.hours_percent
    if not terms or facts.agreement is None or not percent:
        return []
    from fsconsole.rules.hours import burnt

    found = []
    ref, through = short(facts.contract.ref, facts.series), facts.through or date.max
    for term in terms.values():
        for period, used, own in burnt(term, facts.agreement, through):
            if not own or used * 100 < own * percent or not used:
                continue
            over = [c for c in facts.charges if c.term == term.id and c.period == period and c.amount > 0]
            left = own - used
            says = f"{_h(used)} of {_h(own)} included hours used for {period}"
            says += f", {_h(-left)} beyond" if left < 0 else f", {_h(left)} left"
            found.append(
                _case(
                    facts,
                    "hours_gone",
                    says,
                    f"{term.id.hex()}:{period.start}",
                    on=period.start,
                    until=period.end if left >= 0 else None,
                    value=sum(each.amount for each in over),
                    waits_for="client",
                    step=Step(verb=f"chase {ref} client", words="tell the client" if left >= 0 else "tell what is beyond"),
                    evidence=[*(each.reason for each in over), f"asked about from {percent} % on"],
                )
            )
    return found


def _h(minutes: Fraction) -> str:
    whole = rounded(minutes)
    return f"{whole // 60} h {whole % 60:02d}" if whole % 60 else f"{whole // 60} h"


def escalator_due(facts: ContractFacts) -> list[ExceptionCase]:
    """A price was to rise by agreement, and did not: no notice was given, or the index is not known."""
    if facts.agreement is None or not facts.agreement.escalators:
        return []
    from fsconsole.rules.prices import kept

    found = []
    ref, money = short(facts.contract.ref, facts.series), facts.agreement.money
    for term in sorted((term for term in facts.terms if not term.gone), key=lambda each: each.id):
        for rise in kept(term, facts.agreement, facts.through or date.max):
            delta = f", {show(rise.delta, money)} a period" if rise.delta else ""
            step = Step(verb=f"notice {ref}", words="give notice of the rise")
            if rise.index:
                step = Step(verb=f"index {rise.index} {rise.month:%Y-%m} ", words=f"enter {rise.index} for {rise.month:%b %Y}")
            found.append(
                _case(
                    facts,
                    "escalator_due",
                    f"{term.name or term.kind} was to rise on {day(rise.due)}{delta}: {rise.why}",
                    f"{term.id.hex()}:{rise.due}",
                    on=rise.asked,
                    value=rise.delta * rise.times,
                    step=step,
                    evidence=[
                        rise.why,
                        f"{show(rise.delta, money)} × 12 months" if rise.delta else "the new price is not known yet",
                    ],
                )
            )
    return found


def sla_missed(facts: ContractFacts) -> list[ExceptionCase]:
    """A promise with a credit was missed, and nobody has decided on the credit; until it is too late for a claim."""
    terms, ref = _terms(facts, "sla") | _terms(facts, "availability"), short(facts.contract.ref, facts.series)
    return [
        _case(
            facts,
            "sla_missed",
            f"a promise was missed in {charge.period} and nobody decided: {show(abs(charge.notional), charge.currency)}",
            charge.key,
            on=charge.period.start if charge.period else charge.billable_from,
            until=charge.turns[-1] if len(charge.turns) == Fraction(charge.quantity) else None,
            value=abs(charge.notional),
            credit=True,
            waits_for="client" if charge.turns else "",
            step=Step(verb=f"decide {ref} ", words="credit, or waived and why"),
            evidence=[charge.reason],
        )
        for charge in facts.priced
        if charge.term in terms and charge.estimate
    ]


def release_due(facts: ContractFacts) -> list[ExceptionCase]:
    """What was held back may be billed now; a deposit is left when the contract is over."""
    held, deposits, ref = _terms(facts, "retention"), _terms(facts, "deposit"), short(facts.contract.ref, facts.series)
    found = [
        _case(
            facts,
            "release_due",
            f"{show(charge.amount, charge.currency)} held back may be billed since {day(charge.billable_from)}",
            charge.key,
            on=charge.billable_from,
            value=charge.amount,
            charges=[charge],
            step=Step(verb=f"bill {ref}", words="bill it"),
            evidence=[charge.reason],
        )
        for charge in facts.charges
        if charge.term in held and charge.amount > 0 and charge.billable_from
    ]
    for term in deposits.values():
        left = sum(charge.amount for charge in facts.priced if charge.term == term.id and not charge.estimate)
        end = facts.contract.end
        if left <= 0 or end is None:
            continue
        money = facts.contract.currency or facts.currency
        lines = [charge.reason for charge in facts.priced if charge.term == term.id]
        found.append(
            _case(
                facts,
                "release_due",
                f"{show(left, money)} of the deposit was not deducted, and the contract ended on {day(end - timedelta(days=1))}",
                term.id.hex(),
                on=end,
                value=left,
                credit=True,
                step=Step(verb=f"waive {ref}/release_due ", words="say what becomes of it"),
                evidence=[listed(lines[:3])],
            )
        )
    return found


def contract_time_written_down(facts: ContractFacts) -> list[ExceptionCase]:
    """Time under a contract is billed for less than was worked, or a cap wrote part of the price down."""
    terms, ref = _terms(facts, "time"), short(facts.contract.ref, facts.series)
    if not terms or facts.agreement is None:
        return []
    from fsconsole.rules.usage import mine
    from fsconsole.rules.worked import works

    found = []
    for charge in facts.charges:
        if charge.term not in terms or charge.estimate or charge.covered_by:
            continue
        lost, says, evidence = 0, "", [charge.reason]
        if charge.kind == "write-down" and charge.amount < 0:
            lost, says = -charge.amount, f"{show(-charge.amount, charge.currency)} written down to the cap"
        elif charge.amount > 0:
            rows = [
                row for row in mine(terms[charge.term], facts.agreement, "labour") if row.get("ref") and not row.get("covered")
            ]
            worked = [work for row in rows if charge.key.endswith(f":{row['ref']}") for work in works([row], [], facts.agreement)]
            minutes = sum((work.minutes for work in worked), Fraction(0))
            billed = Fraction(charge.quantity) * 60
            if not minutes or minutes - billed < 1 or not billed:
                continue
            lost = rounded(Fraction(charge.amount) * (minutes - billed) / billed)
            says = f"worked {_h(minutes)}, billed {_h(billed)}: {show(lost, charge.currency)} is given away"
        if not lost:
            continue
        found.append(
            _case(
                facts,
                "time_written_down",
                says,
                charge.key,
                on=charge.period.start if charge.period else charge.billable_from,
                value=lost,
                step=Step(verb=f"waive {ref}/time_written_down ", words="accept it, and say why"),
                evidence=evidence,
            )
        )
    return found

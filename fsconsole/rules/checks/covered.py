"""Whether finished work is covered: by nothing, by several, by a contract that is over, or in doubt."""

from __future__ import annotations

from datetime import date, timedelta

from fsconsole.rules.checks.about import done_at, job_case, name_of, ref_of, then, worked
from fsconsole.rules.checks.reasons import worth
from fsconsole.rules.coverage import PLANNED_WORK
from fsconsole.rules.facts import JobFacts
from fsconsole.rules.policy import local_day
from fsconsole.rules.words import day, listed, short
from fsconsole.values.bill import ExceptionCase, Step
from fsconsole.values.money import show
from fsconsole.values.terms import Contract


def nothing_covers(facts: JobFacts) -> list[ExceptionCase]:
    """The client has contracts, and none of them covers this work.

    An order number for the job says that the client pays for it, so it then needs no cover.
    """
    on, agreed = _asked(facts)
    if on is None or not (agreed or facts.job.contract) or _several(facts) or _ended(facts, on):
        return []
    cover, value, ref = facts.coverage, worth(facts.charges), ref_of(facts)
    why = cover.reason if cover and cover.reason else "no contract covers it"
    return [
        job_case(
            facts,
            "nothing_covers",
            f"{why}: {name_of(facts)}",
            charges=facts.charges,
            since=done_at(facts),
            waits_for="client",
            step=Step(verb=f"chase {ref} client", words=f"agree {show(value, facts.currency)} with the client"),
            evidence=[
                f"in force on {day(on)}: {_names(facts, agreed) or 'no contract'}",
                *worked(facts),
                f"agreed: order {ref} NUMBER, or waive it to bill it all the same; given away: goodwill {ref} WHY",
            ],
        )
    ]


def several_cover(facts: JobFacts) -> list[ExceptionCase]:
    """More than one contract covers this work and none is chosen: a list price would throw away what was agreed."""
    on, agreed = _asked(facts)
    if on is None or not _several(facts) or facts.coverage is None:
        return []
    among = [each for each in facts.contracts if each.id in facts.coverage.among]
    return [
        job_case(
            facts,
            "several_cover",
            f"{facts.coverage.reason}: {name_of(facts)}",
            charges=facts.charges,
            since=done_at(facts),
            step=Step(verb=f"under {ref_of(facts)} ", words="choose the contract"),
            evidence=[
                *(f"{short(each.ref, facts.series)} {each.name or each.kind}".strip() for each in among),
                f"in force on {day(on)}: {_names(facts, agreed)}",
                *worked(facts),
            ],
        )
    ]


def contract_over(facts: JobFacts) -> list[ExceptionCase]:
    """Work was done soon after the contract that covered the asset, the place or the job had ended."""
    on, _ = _asked(facts)
    if on is None or _several(facts):
        return []
    ended = _ended(facts, on)
    if ended is None or ended.end is None:
        return []
    ref, value = short(ended.ref, facts.series), show(worth(facts.charges), facts.currency)
    apart = (on - ended.end).days + 1
    return [
        job_case(
            facts,
            "contract_over",
            f"{ref} ended on {day(ended.end - timedelta(days=1))}, this was done {apart} d later: {name_of(facts)}",
            charges=facts.charges,
            since=done_at(facts),
            waits_for="client",
            step=Step(verb=f"chase {ref_of(facts)} client", words=f"renew {ref}, or agree {value}"),
            evidence=[f"done on {day(on)}, {ref} {ended.name or ended.kind} no longer covers it", *worked(facts)],
        )
    ]


def cover_doubtful(facts: JobFacts) -> list[ExceptionCase]:
    """Covered by a warranty or contract, though a card speaks of misuse or the cover ended between call and work."""
    done = done_at(facts)
    covered = [charge for charge in facts.charges if charge.covered_by in ("contract", "warranty")]
    if done is None or not covered or facts.job.goodwill:
        return []
    told = [f"{card.found} {card.done}".strip() for card in facts.cards if not card.void]
    words = then(facts, done).misuse_words
    said = next((text for text in told if any(word in text.lower() for word in words)), "")
    by, value = covered[0].covered_by, sum(charge.notional for charge in covered)
    on = local_day(done, facts.timezone)
    ended = _ended_within(facts, on)
    if said:
        says, evidence = f"{by} pays, and the card says “{said}”: {name_of(facts)}", [f"the card says “{said}”"]
    elif ended:
        says, evidence = f"{ended} while the job ran, and {by} pays: {name_of(facts)}", [ended]
    else:
        return []
    worth_ = show(value, facts.currency)
    return [
        job_case(
            facts,
            "cover_doubtful",
            says,
            value=value,
            since=done,
            step=Step(verb=f"covered {ref_of(facts)} ", words="say that it is covered, and why"),
            evidence=[
                *evidence,
                f"{worth_} stands as covered; where the client pays: uncover {ref_of(facts)} WHY",
                *(f"{charge.kind} {show(charge.notional, charge.currency)}: {charge.reason}" for charge in covered),
            ],
        )
    ]


def _asked(facts: JobFacts) -> tuple[date | None, list[Contract]]:
    """(the day of finished work that nothing bears and that is worth something, the contracts in force then)."""
    done = done_at(facts)
    if done is None or facts.job.goodwill or facts.job.order_number or facts.charged:
        return None, []
    on = local_day(done, facts.timezone)
    agreed = [
        each
        for each in facts.contracts
        if not each.gone and (not each.start or each.start <= on) and (not each.end or on < each.end)
    ]
    cover = facts.coverage
    covered = any(charge.covered_by for charge in facts.charges) or bool(
        cover and (cover.labour or cover.parts or cover.call_out)
    )
    return (None, []) if covered or not worth(facts.charges) else (on, agreed)


def _several(facts: JobFacts) -> bool:
    return facts.coverage is not None and facts.coverage.ambiguous


def _names(facts: JobFacts, agreed: list[Contract]) -> str:
    return listed(short(each.ref, facts.series) for each in agreed)


def _ended(facts: JobFacts, on: date) -> Contract | None:
    """The contract, lately over, that covered what was worked on: the one that ended last."""
    things = {one for one in (facts.job.asset, facts.asset.id if facts.asset else None, facts.job.location) if one}
    named = {cover.contract for cover in facts.covers if not cover.gone and (cover.asset in things or cover.location in things)}
    limit = facts.policies.on(on).over_days
    found = [
        each
        for each in facts.contracts
        if not each.gone
        and (each.id == facts.job.contract or (facts.job.contract is None and each.id in named))
        and each.end is not None
        and each.end <= on < each.end + timedelta(days=limit)
    ]
    return max(found, key=lambda each: (each.end or date.min, each.id), default=None)


def _ended_within(facts: JobFacts, on: date) -> str:
    """What ended between the call and the work, in words."""
    called = facts.job.reported_at
    if called is None:
        return ""
    first = local_day(called, facts.timezone)
    asset, contract = facts.asset, facts.contract
    until = asset.warranty_until if asset and facts.job.kind not in PLANNED_WORK else None
    if asset and until and first < until <= on:
        return f"the warranty of {asset.title} ended on {day(until - timedelta(days=1))}"
    named = facts.coverage.contract if facts.coverage else None
    contract = contract or next((each for each in facts.contracts if each.id == named), None)
    if contract and contract.end and first < contract.end <= on:
        return f"{short(contract.ref, facts.series)} ended on {day(contract.end - timedelta(days=1))}"
    return ""

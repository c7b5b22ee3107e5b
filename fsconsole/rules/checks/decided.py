"""What people decided, or must: held back, credited and not billed again, approved, disputed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from fsconsole.rules.checks.reasons import case, with_off, worth
from fsconsole.rules.facts import ClientFacts, ContractFacts, JobFacts
from fsconsole.rules.policy import start_of
from fsconsole.rules.words import count, day, short
from fsconsole.values.bill import Charge, ExceptionCase, IssuedLine, Step
from fsconsole.values.money import show
from fsconsole.values.work import NO_ID, Id

Dealt = JobFacts | ContractFacts


def _about(facts: Dealt) -> tuple[Id, str, str, str]:
    """(id, kind, short reference, name) of what the facts are about."""
    job = facts.job if isinstance(facts, JobFacts) else None
    contract = facts.contract
    who = facts.client.name if facts.client else ""
    if job is not None:
        return job.id, "job", short(job.ref, facts.series), " ".join(w for w in (who, job.title.lower() or job.kind) if w)
    if contract is None:
        return NO_ID, "contract", "", who
    return contract.id, "contract", short(contract.ref, facts.series), who or contract.name


def _since(charges: Iterable[Charge], timezone: str) -> tuple[date | None, object]:
    days = [charge.billable_from for charge in charges if charge.billable_from]
    first = min(days, default=None)
    return first, start_of(first, timezone) if first else None


def held_back(facts: Dealt) -> list[ExceptionCase]:
    """A person holds back what is billable of a job or contract, with the reason."""
    due = [charge for charge in facts.charges if charge.amount > 0 and not charge.covered_by and not charge.estimate]
    if not facts.held or not due:
        return []
    thing, kind, ref, name = _about(facts)
    days = [charge.billable_from for charge in due if charge.billable_from]
    return [
        case(
            "held_back",
            thing,
            kind,
            f"held back: {facts.held}: {ref} {name}",
            charges=due,
            since=start_of(min(days), facts.timezone) if days else None,
            step=Step(verb=f"free {ref}", words="let it go out"),
            evidence=[charge.reason for charge in due],
            job=facts.job.id if isinstance(facts, JobFacts) else None,
            contract=facts.contract.id if facts.contract else None,
            client=facts.client.id if facts.client else None,
        )
    ]


def credit_not_rebilled(facts: Dealt) -> list[ExceptionCase]:
    """What was issued and credited in full is due still: it was to be billed again, and was not."""
    if not facts.issued:
        return []
    lines: dict[str, list[IssuedLine]] = {}
    void = {invoice.id for invoice in facts.invoices if invoice.void}
    for line in facts.issued:
        if line.key:
            lines.setdefault(line.key, []).append(line)
    thing, kind, ref, name = _about(facts)
    due, numbers, last = [], [], None
    papers = {invoice.id: invoice for invoice in facts.invoices}
    for charge in facts.charges:
        some = lines.get(charge.key, [])
        standing = sum(line.amount for line in some if not line.void and line.invoice not in void)
        if not some or standing or charge.amount <= 0 or charge.estimate or charge.covered_by:
            continue
        due.append(charge)
        for line in some:
            paper = papers.get(line.invoice) if line.invoice else None
            if paper is not None:
                numbers.append(paper.number)
                if paper.issued_on and (paper.kind == "credit note" or paper.void):
                    last = max(last, paper.issued_on) if last else paper.issued_on
    if not due:
        return []
    total, names = show(worth(due), due[0].currency), " and ".join(dict.fromkeys(sorted(n for n in numbers if n)))
    return [
        case(
            "credit_not_rebilled",
            thing,
            kind,
            f"{total} was billed and credited ({names}), is due, and was not billed again: {ref} {name}",
            charges=due,
            since=start_of(last, facts.timezone) if last else None,
            step=Step(verb=f"bill {ref}", words="bill it again"),
            evidence=[charge.reason for charge in due],
            job=facts.job.id if isinstance(facts, JobFacts) else None,
            contract=facts.contract.id if facts.contract else None,
            client=facts.client.id if facts.client else None,
        )
    ]


def unapproved(facts: ClientFacts) -> list[ExceptionCase]:
    """A draft above a value, or a job below a margin, with lines that nobody approved as they are now.

    A draft is judged on the first day on which what is due by then exceeds the value: nothing here asks what day it is.
    """
    policy = facts.policies.latest
    if not policy.approve_above and not policy.approve_margin:
        return []
    due = [c for c in facts.charges if c.amount > 0 and not c.estimate and not c.covered_by]
    found: list[ExceptionCase] = []
    if policy.approve_above:
        drafts: dict[tuple[str, str], list[Charge]] = {}
        for charge in with_off(due, facts.charges):
            drafts.setdefault((facts.orders.get(charge.key, ""), charge.currency), []).append(charge)
        for (order, money), lines in sorted(drafts.items()):
            found += _draft(facts, order, money, lines, policy.approve_above)
    if policy.approve_margin:
        jobs: dict[Id, list[Charge]] = {}
        for charge in due:
            if charge.job:
                jobs.setdefault(charge.job, []).append(charge)
        for job, lines in sorted(jobs.items()):
            found += _margin(facts, job, lines, policy.approve_margin)
    return found


def _draft(facts: ClientFacts, order: str, money: str, lines: Sequence[Charge], limit: int) -> list[ExceptionCase]:
    total, since, waiting = 0, None, False
    for charge in sorted(lines, key=lambda each: (each.billable_from or date.min, each.key)):
        total += charge.amount
        waiting = waiting or (charge.amount > 0 and charge.key not in facts.approved)
        if total > limit and waiting:
            since = charge.billable_from
            break
    else:
        return []
    by_then = [c for c in lines if (c.billable_from or date.min) <= (since or date.min)]
    sum_, open_ = worth(by_then), with_off([c for c in lines if c.amount > 0 and c.key not in facts.approved], lines)
    now = with_off([c for c in by_then if c.amount > 0 and c.key not in facts.approved], by_then)
    ref = short(facts.client.ref, facts.series)
    on, by = f" on order {order}" if order else "", f" by {day(since)}" if since else ""
    return [
        case(
            "unapproved",
            facts.client.id,
            "client",
            f"a draft of {show(sum_, money)}{on}{by} is above {show(limit, money)} and not approved: {facts.client.name}",
            detail=f"{order}:{money}",
            charges=open_,
            value=worth(now),
            since=start_of(since, facts.timezone) if since else None,
            waits_for="approval",
            step=Step(verb=f"approve {ref}{'/' + order if order else ''}", words="approve its lines"),
            evidence=[
                f"{count(len(now), 'line')} of {len(by_then)} not approved as they are now",
                *(f"{show(c.amount, c.currency)} {facts.refs.get(c.job or c.contract or NO_ID, '')}: {c.reason}" for c in now),
            ],
            client=facts.client.id,
        )
    ]


def _margin(facts: ClientFacts, job: Id, lines: Sequence[Charge], percent: int) -> list[ExceptionCase]:
    amount, cost = worth(lines), sum(charge.cost for charge in lines)
    open_ = [charge for charge in lines if charge.key not in facts.approved]
    if not cost or not open_ or (amount - cost) * 100 >= amount * percent:
        return []
    first = [charge.billable_from for charge in lines if charge.billable_from]
    ref, money = facts.refs.get(job, ""), lines[0].currency
    margin = (amount - cost) * 100 // amount if amount else 0
    return [
        case(
            "unapproved",
            job,
            "job",
            f"margin {margin} % is below {percent} %: {ref} brings {show(amount, money)} and costs {show(cost, money)}",
            charges=open_,
            since=start_of(min(first), facts.timezone) if first else None,
            waits_for="approval",
            step=Step(verb=f"approve {ref}", words="approve the margin"),
            evidence=[f"{show(c.amount, money)} less {show(c.cost, money)}: {c.reason}" for c in lines],
            job=job,
            client=facts.client.id,
        )
    ]


def disputed(facts: ClientFacts) -> list[ExceptionCase]:
    """A document or a line of one that the client does not accept."""
    found = []
    for each in facts.disputes:
        number, money = each.invoice.number, each.invoice.currency or facts.currency
        what = f"“{each.line.text}” on {number}" if each.line else number
        found.append(
            case(
                "disputed",
                each.invoice.id,
                "invoice",
                f"{facts.client.name} disputes {what}: {each.words}",
                detail=each.line.id.hex() if each.line else "",
                value=abs(each.amount),
                since=start_of(each.invoice.issued_on, facts.timezone) if each.invoice.issued_on else None,
                waits_for="client",
                # What the old system issued is taken back there; here it can only be said that it stands, or let go.
                step=Step(verb=f"credit {number} ", words="credit it, or uphold it")
                if each.invoice.origin != "imported"
                else Step(verb=f"uphold {number} ", words="uphold it, or credit it where it was issued"),
                evidence=[
                    f"issued {day(each.invoice.issued_on)}" if each.invoice.issued_on else number,
                    f"{show(each.amount, money)} is not chased until it is settled; uphold {number} takes it up again",
                ],
                client=facts.client.id,
            )
        )
    return found

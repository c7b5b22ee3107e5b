"""What every check of a job asks: is it done, how is it called, who did it; and a case about it.

Always: a job that is closed, or whose work was done before the cut-over, counts as not done here: its papers
are nobody's business any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fsconsole.rules.checks.reasons import case
from fsconsole.rules.facts import JobFacts
from fsconsole.rules.job import EPOCH
from fsconsole.rules.policy import InForce, local_day, start_of
from fsconsole.rules.sla import completed
from fsconsole.rules.words import called, day, moment, short
from fsconsole.values.bill import Charge, ExceptionCase, Step
from fsconsole.values.money import show
from fsconsole.values.work import Column, Technician


def done_at(facts: JobFacts) -> datetime | None:
    """When the work was done, if the job is complete and still to be billed here; else None."""
    if "done" not in facts.asked:
        facts.asked["done"] = _done_at(facts)
    done: datetime | None = facts.asked["done"]
    return done


def _done_at(facts: JobFacts) -> datetime | None:
    job = facts.job
    if facts.column not in (Column.COMPLETE, Column.SIGNED_OFF):
        return None
    done = completed(facts.visits)
    if done is None and job.finished_on:
        done = start_of(job.finished_on, facts.timezone)
    if done is None:
        return None
    # The cut-over as it is set now, not as it stood then: it is set on the day of going live, for days before.
    fences = [job.elsewhere_until, facts.policies.latest.cut_over]
    on = local_day(done, facts.timezone)
    return None if any(fence and on < fence for fence in fences) else done


def then(facts: JobFacts, at: datetime) -> InForce:
    return facts.policies.on(local_day(at, facts.timezone))


def ref_of(facts: JobFacts) -> str:
    return short(facts.job.ref, facts.series)


def name_of(facts: JobFacts) -> str:
    who = facts.client.name if facts.client else ""
    return " ".join(word for word in (who, facts.job.title.lower() or facts.job.kind) if word)


def finishers(facts: JobFacts) -> list[Technician]:
    """The technicians who finished the job, the last one first."""
    visits = sorted(
        (fold for fold in facts.visits if fold.completed and not fold.visit.gone),
        key=lambda fold: (fold.completed or EPOCH, fold.visit.id),
        reverse=True,
    )
    ids = dict.fromkeys(fold.visit.technician for fold in visits if fold.visit.technician)
    return [facts.technicians[each] for each in ids if each in facts.technicians]


def chase(facts: JobFacts, who: Technician | None, words: str = "") -> Step:
    if who is None:
        return Step(verb=f"chase {ref_of(facts)} office", words=words or "chase the office")
    return Step(verb=f"chase {ref_of(facts)} {who.code}", words=words or f"chase {called(who)}")


def job_case(
    facts: JobFacts,
    reason: str,
    says: str,
    *,
    detail: str = "",
    charges: Iterable[Charge] = (),
    value: int | None = None,
    credit: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    waits_for: str = "",
    step: Step | None = None,
    evidence: Iterable[str] = (),
) -> ExceptionCase:
    return case(
        reason,
        facts.job.id,
        "job",
        says,
        detail=detail,
        charges=charges,
        value=value,
        credit=credit,
        since=since,
        until=until,
        waits_for=waits_for,
        step=step,
        evidence=evidence,
        job=facts.job.id,
        contract=facts.contract.id if facts.contract else None,
        client=facts.client.id if facts.client else facts.job.client,
    )


def finished(facts: JobFacts, who: Technician | None, done: datetime) -> str:
    by = f" by {called(who)}" if who else ""
    if completed(facts.visits) is None and facts.job.finished_on:
        # An imported job knows the day alone.
        return f"completed {day(facts.job.finished_on)}{by}"
    return f"completed {moment(done, facts.timezone)}{by}"


def worked(facts: JobFacts) -> list[str]:
    """What stands behind a job's value, a line for each charge."""
    return [f"{charge.kind}: {charge.reason or show(charge.amount, facts.currency)}" for charge in facts.charges]

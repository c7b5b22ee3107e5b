"""What needs a person's eye now: promises, silence, overruns, parts and parked jobs past their day.

It stands apart because it is the one rule that is given the time; everything else follows from facts alone.

Always: one stack, by priority and then by age; the clock is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fsconsole.rules.job import Fold
from fsconsole.rules.policy import InForce
from fsconsole.rules.rates import clock
from fsconsole.rules.words import called, hhmm, moment, short
from fsconsole.values.bill import Step
from fsconsole.values.work import Column, Id, Job, State, Technician

#: The kinds of alert in the order in which they stand when priority and age are equal.
KINDS = ("late", "soon", "silent", "overrun", "parts", "wake")
_PROMISE = {
    "respond": "somebody on site",
    "restore": "working again",
    "window": "somebody there within the agreed window",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A job with what is promised next (rules/sla.next_promise) and the client's name."""

    job: Job
    column: Column
    folds: tuple[Fold, ...] = ()
    due_at: datetime | None = None
    due_what: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to look at; ``since`` is when it began to need an eye (for soon: when it falls due)."""

    kind: str
    thing: Id
    job: Id | None
    priority: int
    since: datetime
    says: str
    step: Step | None = None
    due: datetime | None = field(default=None)


def alerts(
    now: datetime,
    jobs: Iterable[Watched],
    technicians: Mapping[Id, Technician],
    heard: Mapping[Id, datetime | None],
    policies: InForce,
    series: str = "",
) -> list[Alert]:
    """Everything that needs an eye at ``now``, by priority, then the oldest first.

    ``heard``: when each technician's trail last said something, for those who have one (None: never yet);
    who is not in it cannot be silent.
    """
    found: list[Alert] = []
    silent: set[Id] = set()
    for watched in jobs:
        ref = short(watched.job.ref, series)
        found += _promise(now, watched, ref, policies)
        for fold in watched.folds:
            if fold.visit.gone:
                continue
            found += _overrun(now, watched, fold, ref, technicians, policies)
            who = fold.visit.technician
            if who and who not in silent and (alert := _silent(now, watched, fold, ref, technicians, heard, policies)):
                silent.add(who)
                found.append(alert)
    return sorted(found, key=lambda a: (a.priority, a.since, KINDS.index(a.kind), a.thing))


def _promise(now: datetime, watched: Watched, ref: str, policies: InForce) -> list[Alert]:
    job, due = watched.job, watched.due_at
    if due is None:
        return []
    what, zone = watched.due_what, policies.timezone
    name = f"{ref} {watched.client}".strip()
    step = Step(verb=f"d {ref} ", words="dispatch it") if watched.column is Column.LOGGED else None
    if what == "parts" and due <= now:
        says = f"{name}: parts were expected on {moment(due, zone)[:-6]}"
        step = Step(verb=f"wp {ref} ", words="give a new date")
        return [Alert(kind="parts", thing=job.id, job=job.id, priority=job.priority, since=due, says=says, step=step)]
    if what == "wake" and due <= now:
        why = f" ({job.parked_why})" if job.parked_why else ""
        says = f"{name}: parked until {moment(due, zone)[:-6]}{why}"
        step = Step(verb=f"wake {ref}", words="take it up again")
        return [Alert(kind="wake", thing=job.id, job=job.id, priority=job.priority, since=due, says=says, step=step)]
    if what not in _PROMISE:
        return []
    words = f"{_PROMISE[what]} promised by {moment(due, zone)}"
    if due <= now:
        says, kind = f"{name}: {words}, {clock(_minutes(now - due))} late", "late"
    elif due - now <= timedelta(minutes=policies.soon_minutes):
        says, kind = f"{name}: {words}, {clock(_minutes(due - now))} left", "soon"
    else:
        return []
    return [
        Alert(
            kind=kind,
            thing=job.id,
            job=job.id,
            priority=job.priority,
            since=due,
            says=says,
            step=step,
            due=due,
        )
    ]


def _silent(
    now: datetime,
    watched: Watched,
    fold: Fold,
    ref: str,
    technicians: Mapping[Id, Technician],
    heard: Mapping[Id, datetime | None],
    policies: InForce,
) -> Alert | None:
    who = fold.visit.technician
    allowed = policies.silent_minutes.get(fold.state.value)
    if who is None or who not in heard or not allowed or fold.since is None:
        return None
    technician = technicians.get(who)
    if technician is not None and technician.subcontractor:
        return None
    # Whoever typed the last state heard from them then, with or without a position.
    last = max(fold.since, heard[who] or fold.since)
    if now - last <= timedelta(minutes=allowed):
        return None
    quiet, since = clock(_minutes(now - last)), hhmm(last, policies.timezone)
    says = f"{called(technician)} silent for {quiet}, since {since} ({fold.state.value}, {ref})"
    return Alert(kind="silent", thing=who, job=watched.job.id, priority=watched.job.priority, since=last, says=says)


def _overrun(
    now: datetime,
    watched: Watched,
    fold: Fold,
    ref: str,
    technicians: Mapping[Id, Technician],
    policies: InForce,
) -> list[Alert]:
    if fold.state is not State.ON_SITE or not fold.spans:
        return []
    planned = watched.job.planned_minutes or policies.labour_minutes
    came = fold.spans[-1].start
    should_end = came + timedelta(minutes=planned)
    if now <= should_end:
        return []
    who = called(technicians.get(fold.visit.technician or Id(b"")))
    says = f"{ref} {watched.client}: {who} on site {clock(_minutes(now - came))} of {clock(planned)} planned"
    thing = watched.job.id
    return [Alert(kind="overrun", thing=thing, job=thing, priority=watched.job.priority, since=should_end, says=says)]


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)

"""Work recorded on jobs as rows that the terms of their contract count, as a price file would say them.

It stands apart from rules/counted because rows need all that is known of a job, and the decision needs none of it.

Always: a row is called by the id of what was recorded, so that a new name of a technician or a part changes no key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from fsconsole.rules.billable import DONE, JobWork
from fsconsole.rules.counted import COUNTING, counted_by
from fsconsole.rules.coverage import PLANNED_WORK, Coverage, coverage
from fsconsole.rules.job import Fold, column
from fsconsole.rules.policy import InForce, local_day
from fsconsole.rules.sla import arrived, completed, pauses_of
from fsconsole.values.agreement import Row
from fsconsole.values.money import places
from fsconsole.values.terms import Contract, Term
from fsconsole.values.work import Id, Labour, Outcome

#: Visits in vain, as lines of a job: owed though the job goes on.
IN_VAIN = {Outcome.NO_ACCESS: "no access", Outcome.ABORTED: "abort"}


@dataclass(frozen=True, slots=True)
class Named:
    """What the things of a job are called in rows."""

    asset: str = ""
    location: str = ""
    technicians: Mapping[Id, str] = field(default_factory=dict)


def rows_of(
    work: JobWork, contract: Contract, terms: Sequence[Term], named: Named, policies: InForce
) -> Iterator[tuple[str, Row]]:
    """(section, row) of each piece of a job's work that falls under a contract and is counted by one of its terms."""
    yield from _Rows(work, contract, terms, named, policies).all()


class _Rows:
    """One pass over a job for one contract."""

    def __init__(self, work: JobWork, contract: Contract, terms: Sequence[Term], named: Named, policies: InForce) -> None:
        self.work, self.job, self.contract, self.named, self.policies = work, work.job, contract, named, policies
        self.terms = [term for term in terms if term.kind in COUNTING and not term.gone]
        self.zone = contract.timezone or work.timezone
        self.done = column(work.job, work.visits) in DONE
        kept = [fold for fold in work.visits if not fold.visit.gone and fold.outcome is not Outcome.TAKEN_OFF]
        self.folds = {fold.visit.id: fold for fold in kept}

    def all(self) -> Iterator[tuple[str, Row]]:
        for entry in sorted({one.id: one for one in self.work.labour}.values(), key=lambda one: one.id):
            if not entry.void and entry.minutes > 0:
                yield from self._labour(entry)
        yield from self._parts()
        for fold in sorted(self.folds.values(), key=lambda one: (one.visit.number, one.visit.id)):
            yield from self._visit(fold)
        yield from self._call()

    def _borne(self, at: datetime) -> Coverage | None:
        """Who bears work at an instant; None where it is not this contract's."""
        work = self.work
        borne = coverage(
            self.job,
            at,
            client=work.client.id if work.client else self.job.client,
            asset=work.asset,
            contracts=work.contracts,
            covers=work.covers,
            timezone=work.timezone,
        )
        return borne if borne.contract == self.contract.id else None

    def _term(self, kind: str, at: datetime | None, *, owed: bool = False) -> Term | None:
        borne = self._borne(at) if at else None
        if at is None or borne is None or self.work.charged:
            return None
        day = local_day(at, self.zone)
        return counted_by(kind, day, self.contract, self.terms, borne_by=borne.of(kind), settled=self.done or owed)

    def _about(self) -> dict[str, object]:
        about = {"job": self.job.ref, "asset": self.named.asset, "location": self.named.location}
        return {name: value for name, value in about.items() if value}

    def _labour(self, entry: Labour) -> Iterator[tuple[str, Row]]:
        fold = self.folds.get(entry.visit) if entry.visit else None
        at = entry.start or self._when(fold)
        term = self._term(entry.kind, at)
        if at is None or term is None:
            return
        if entry.kind == "travel":
            way = {"name": entry.id.hex(), "on": at, "travel": entry.minutes, "call_out": False, "term": term.name}
            yield "visit", {**self._about(), **way}
            return
        technician = self.work.technicians.get(entry.technician) if entry.technician else None
        skill = self.job.skill or next(iter(technician.skills if technician else ()), "")
        row = {**self._about(), "ref": entry.id.hex(), "term": term.name, "minutes": entry.minutes}
        row["from" if entry.start else "on"] = at
        if entry.technician and (name := self.named.technicians.get(entry.technician)):
            row["technician"] = name
        if skill:
            row["skill"] = skill
        if fold:
            row["visit"] = fold.visit.id.hex()
        yield "labour", row

    def _parts(self) -> Iterator[tuple[str, Row]]:
        money = self.contract.currency or self.work.currency
        for used in sorted({one.id: one for one in self.work.parts if not one.void}.values(), key=lambda one: one.id):
            at = used.at or self._when(self.folds.get(used.visit) if used.visit else None)
            term = self._term("part", at)
            if term is None or not used.quantity:
                continue
            part = self.work.catalogue.get(used.part) if used.part else None
            row = {**self._about(), "ref": used.id.hex(), "term": term.name, "on": at}
            row["name"] = used.name or (part.name or part.code if part else "") or "part"
            row["quantity"] = Decimal(used.quantity) / 1000
            if used.price is not None:
                row["price"] = _major(used.price, money)
            if part is not None and money == self.work.currency:
                # A part's own prices stand in the workspace's currency.
                row |= {"list": _major(part.price, money)} if part.price is not None else {}
                row |= {"cost": _major(part.cost, money)} if part.cost is not None else {}
            yield "part", row

    def _visit(self, fold: Fold) -> Iterator[tuple[str, Row]]:
        vain = IN_VAIN.get(fold.outcome) if fold.outcome else None
        at = fold.since or self._when(fold) if vain else fold.arrived
        borne = self._borne(at) if at else None
        if at is None or borne is None or borne.of(vain or "call-out") not in ("", "contract"):
            return
        term = self._term(vain or "call-out", at, owed=bool(vain))
        if term is None and not any(one.kind == "visits" for one in self.terms):
            return
        row = {**self._about(), "name": fold.visit.id.hex(), "on": at, "call_out": term is not None and term.kind == "time"}
        yield "visit", {**row, "outcome": str(fold.outcome) if fold.outcome else "done"}

    def _call(self) -> Iterator[tuple[str, Row]]:
        """The job as a call under an SLA, with its pauses."""
        job, at = self.job, self.job.reported_at
        if at is None or job.cancelled or job.kind in PLANNED_WORK or not any(term.kind == "sla" for term in self.terms):
            return
        if self._borne(at) is None:
            return
        folds = list(self.folds.values())
        row: dict[str, object] = {"name": job.ref, "reported": at, "priority": f"P{job.priority}"}
        came, finished = arrived(folds), completed(folds)
        row |= {"responded": max(came, at)} if came else {}
        row |= {"restored": max(finished, at)} if finished else {}
        yield "sla", row
        for each in pauses_of(folds, self.policies):
            pause: dict[str, object] = {"call": job.ref, "from": each.start, "reason": each.reason}
            yield "pause", pause | ({"until": each.end} if each.end else {})

    def _when(self, fold: Fold | None) -> datetime | None:
        at = (fold.arrived or fold.completed or fold.visit.booked_from) if fold else None
        return at or self.job.promised_from or self.job.reported_at


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-places(currency))

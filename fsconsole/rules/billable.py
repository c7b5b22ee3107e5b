"""What a job's work is worth, line by line, each with its reason in words.

It stands apart from rules/draft because worth follows from the facts alone; what was billed plays no part.

Always: the same facts in any order give the same charges under the same keys; what has no price is a charge
of nought that says so and stands in ``Priced.unpriced``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from fsconsole.rules.counted import counted_by
from fsconsole.rules.coverage import Coverage, coverage
from fsconsole.rules.job import Fold, column
from fsconsole.rules.policy import Policies, local_day
from fsconsole.rules.rates import Price, clock, labour_rate, number, price_minutes, rate_for
from fsconsole.rules.words import day as day_words
from fsconsole.values.bill import Charge
from fsconsole.values.money import show, times
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Cover, Rate, Term
from fsconsole.values.work import (
    Asset,
    Client,
    Column,
    Id,
    Job,
    Labour,
    Outcome,
    Part,
    PartUsed,
    Technician,
)

#: The columns from which a job's charges are no longer an estimate.
DONE = (Column.COMPLETE, Column.SIGNED_OFF, Column.CLOSED)
#: Work whose time nobody knows is priced at the newest rates.
_UNKNOWN = datetime(9000, 1, 1, tzinfo=UTC)


class Unpriced(NamedTuple):
    """Something billable that has no price: the key of its charge, and why."""

    key: str
    job: Id | None
    contract: Id | None
    kind: str
    reason: str


class Priced(NamedTuple):
    """All charges, and those among (or missing from) them that could not be priced."""

    charges: list[Charge]
    unpriced: list[Unpriced]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWork:
    """One job with all that decides what it is worth; the names are those of rules/facts.JobFacts.

    ``contracts`` and ``covers`` are the client's, ``catalogue`` the parts named by ``parts``, ``rates`` any
    that may apply, ``technicians`` whoever is named by a visit or a labour entry. ``currency`` is that of
    the workspace, in which rates and part prices stand.
    """

    job: Job
    client: Client | None = None
    asset: Asset | None = None
    contracts: Sequence[Contract] = ()
    covers: Sequence[Cover] = ()
    visits: Sequence[Fold] = ()
    labour: Sequence[Labour] = ()
    parts: Sequence[PartUsed] = ()
    catalogue: Mapping[Id, Part] = field(default_factory=dict)
    rates: Sequence[Rate] = ()
    technicians: Mapping[Id, Technician] = field(default_factory=dict)
    policies: Policies = field(default_factory=Policies)
    currency: str = "GBP"
    timezone: str = "Europe/London"
    counting: Mapping[Id, Sequence[Term]] = field(default_factory=dict)  # by contract, its terms that count work
    charged: str = ""  # why a person decided that the client pays for it, covered or not


def job_charges(work: JobWork) -> list[Charge]:
    """The charges of a job; see ``price_job``."""
    return price_job(work).charges


def price_job(work: JobWork) -> Priced:
    """What a job is worth: labour and travel per visit and technician, parts, call-outs, visit fees.

    Until the job is complete every line is an estimate, and what is planned beyond the recorded minutes
    (the company's standard where nothing is planned) is added. No access and abort are owed from their day.
    A call-out is charged where a rate for it applies; labour, travel, parts and visit fees without a price
    are unpriced. A rate of nought is a decision, not a gap.
    """
    return _JobPricing(work).priced() if not work.job.gone else Priced([], [])


class _JobPricing:
    """One pass over a job: what every line of it needs, worked out once."""

    def __init__(self, work: JobWork) -> None:
        self.work = work
        self.job = work.job
        self.prefix = work.job.id.hex()
        self.client = work.client.id if work.client else work.job.client
        self.rates = _rates_of(work)
        self.visits = sorted(
            (f for f in work.visits if not f.visit.gone and f.outcome is not Outcome.TAKEN_OFF),
            key=lambda f: (f.visit.number, f.visit.id),
        )
        self.folds = {f.visit.id: f for f in self.visits}
        self.contracts = {contract.id: contract for contract in work.contracts}
        self.done = column(work.job, work.visits) in DONE
        self.charges: list[Charge] = []
        self.unpriced: list[Unpriced] = []
        self.borne: dict[datetime, Coverage] = {}

    def priced(self) -> Priced:
        recorded = self._times()
        self._parts()
        attended = self._visits()
        if not self.done:
            self._planned(recorded, attended)
        order = sorted(self.charges, key=lambda charge: charge.key)
        return Priced(order, sorted(self.unpriced))

    def _times(self) -> int:
        """Lines for labour and travel; returns the minutes of labour recorded."""
        groups: dict[tuple[str, Id | None, Id | None, str], dict[Id, Labour]] = {}
        for entry in self.work.labour:
            if not entry.void and entry.minutes > 0:
                counted = self._counted(entry.kind, entry.start or self._when(entry.visit))
                groups.setdefault((entry.kind, entry.visit, entry.technician, counted), {})[entry.id] = entry
        recorded = 0
        for (kind, visit, who, counted), by_id in groups.items():
            entries = by_id.values()
            minutes = sum(entry.minutes for entry in entries)
            recorded += minutes if kind == "labour" else 0
            begun = [entry.start for entry in entries if entry.start is not None]
            at = min(begun, default=None) or self._when(visit)
            last = max(begun, default=at)
            technician = self.work.technicians.get(who) if who else None
            name = technician.name or technician.code if technician else "labour"
            key = f"{self.prefix}:{kind}:{visit.hex() if visit else '-'}:{who.hex() if who else '-'}"
            key += ":counted" if counted else ""
            rate, why = self._rate(kind, at, technician)
            price = price_minutes(minutes, rate, self._currency(at)) if rate else None
            cost = times(technician.cost_rate, Decimal(minutes) / 60) if technician and technician.cost_rate else 0
            head = f"{name}, {'travel ' if kind == 'travel' else ''}{self._words_of(at)}"
            missing = f"{clock(minutes)} of {kind} {why}"
            self._line(key, kind, at, price, head, missing, cost=cost, last=last, counted=counted)
        return recorded

    def _parts(self) -> None:
        for used in {entry.id: entry for entry in self.work.parts if not entry.void}.values():
            if used.quantity == 0:
                continue
            part = self.work.catalogue.get(used.part) if used.part else None
            quantity = Decimal(used.quantity) / 1000
            at = used.at or self._when(used.visit)
            name = used.name or (part.name or part.code if part else "") or "part"
            name += f" s/n {used.serial}" if used.serial else ""
            each, why = used.price, "has no price"
            if each is None and part is not None:
                each = part.price
                if each is not None and self._currency(at) != self.work.currency:
                    each, why = None, f"is priced in {self.work.currency}, not in {self._currency(at)}"
            price = None
            if each is not None:
                words = f"{number(quantity)} × {show(each, self._currency(at))}"
                price = Price(times(each, quantity), number(quantity), words)
            cost = times(part.cost, quantity) if part and part.cost is not None else 0
            self._line(f"{self.prefix}:part:{used.id.hex()}", "part", at, price, name, f"it {why}", cost=cost)

    def _visits(self) -> int:
        """Call-outs and visit fees; returns how many visits were attended."""
        attended = 0
        for fold in self.visits:
            if fold.outcome in (Outcome.NO_ACCESS, Outcome.ABORTED):
                self._fee(fold, "no access" if fold.outcome is Outcome.NO_ACCESS else "abort")
            elif fold.arrived is not None:
                attended += 1
                self._call_out(f"{self.prefix}:call-out:{fold.visit.id.hex()}", fold.arrived, fold)
        return attended

    def _call_out(self, key: str, at: datetime, fold: Fold | None = None) -> None:
        rate, _ = self._rate("call-out", at)
        if rate is not None:
            visit = f"visit {fold.visit.number}, " if fold else ""
            head = f"call-out, {visit}{self._words_of(at)}" if fold else "call-out, planned"
            price = Price(rate.amount, "1", show(rate.amount, self._currency(at)))
            self._line(key, "call-out", at, price, head, "")

    def _fee(self, fold: Fold, kind: str) -> None:
        at = fold.since or self._when(fold.visit.id)
        rate, why = self._rate(kind, at)
        as_call_out = rate is None
        if rate is None:
            rate, _ = self._rate("call-out", at)
        price = Price(rate.amount, "1", show(rate.amount, self._currency(at))) if rate else None
        head = f"{kind}, visit {fold.visit.number}, {self._words_of(at)}"
        head += ", at the price of a call-out" if as_call_out and rate else ""
        key = f"{self.prefix}:{kind.replace(' ', '-')}:{fold.visit.id.hex()}"
        self._line(key, kind, at, price, head, f"the visit {why}", owed=True)

    def _planned(self, recorded: int, attended: int) -> None:
        at = self._when(None)
        policies = self.work.policies.on(self._day(at))
        planned = self.job.planned_minutes
        rest = (planned if planned is not None else policies.labour_minutes) - recorded
        if rest > 0:
            rate, why = self._rate("labour", at)
            stand_in = Rate(id=self.job.id, amount=policies.labour_rate)
            price = price_minutes(rest, rate or stand_in, self._currency(at))
            head = "labour, planned" if planned is not None else "labour, as such a job usually takes"
            head += "" if rate else f" (it {why}; taken as an hour is usually worth)"
            self._line(f"{self.prefix}:labour:planned", "labour", at, price, head, "")
        if not attended:
            self._call_out(f"{self.prefix}:call-out:planned", at)

    def _line(
        self,
        key: str,
        kind: str,
        at: datetime,
        price: Price | None,
        head: str,
        missing: str,
        *,
        cost: int = 0,
        last: datetime | None = None,
        owed: bool = False,
        counted: str | None = None,
    ) -> None:
        """One charge: billable, covered or unpriced. ``owed`` holds before the job is complete too.

        ``counted``: which term counts it, where the caller knows.
        """
        borne = self._coverage(at)
        counted = self._counted(kind, at, owed) if counted is None else counted
        by = "contract" if counted else borne.of(kind)
        currency = self._currency(at)
        estimate = not self.done and not owed
        amount, notional = 0, 0
        if by:
            notional = price.amount if price else 0
            shown = show(notional, currency)
            worth = missing if price is None else price.words + ("" if price.words == shown else f" = {shown}")
            bearer = counted or f"nothing to pay, {borne.reason}"
            reason = f"{head}: {worth}; {bearer}"
        elif price is None:
            reason = f"{head}: {missing}, so it stands at nought until it has one"
            self.unpriced.append(Unpriced(key, self.job.id, borne.contract, kind, reason))
        else:
            amount = price.amount
            shown = show(amount, currency)
            reason = f"{head}: {price.words}" + ("" if price.words == shown else f" = {shown}")
            if borne.ambiguous or self.job.contract is not None or self.work.charged:
                reason += f"; {borne.reason}"
        first, end = self._day(at), self._day(last or at) + timedelta(days=1)
        self.charges.append(
            Charge(
                key=key,
                job=self.job.id,
                contract=borne.contract,
                payer=payer_of(self.job, self._contract(borne), self.work.client),
                kind=kind.replace(" ", "-"),
                period=None if at == _UNKNOWN else Period(first, end),
                quantity=price.quantity if price else "1",
                amount=amount,
                notional=notional,
                cost=cost,
                currency=currency,
                covered_by=by,
                billable_from=None if estimate else self._day(at) if owed else self._done_on(),
                estimate=estimate,
                reason=reason,
            )
        )

    def _counted(self, kind: str, at: datetime, owed: bool = False) -> str:
        """Which term of the contract counts a line, in words; empty where the job bills it."""
        if not self.work.counting or self.work.charged or at == _UNKNOWN:
            return ""
        borne = self._coverage(at)
        contract = self._contract(borne)
        terms = self.work.counting.get(contract.id, ()) if contract else ()
        if contract is None or not terms:
            return ""
        day = local_day(at, contract.timezone or self.work.timezone)
        term = counted_by(kind, day, contract, terms, borne_by=borne.of(kind), settled=self.done or owed)
        return f"counted by “{term.name or term.kind}” of contract {contract.ref or contract.name}" if term else ""

    def _rate(self, kind: str, at: datetime, technician: Technician | None = None) -> tuple[Rate | None, str]:
        """The rate that applies, or None and the words that finish “the work …”."""
        contract = self._coverage(at).contract
        rate = _applies(self.job, kind, self._day(at), self.rates, self.client, contract, technician)
        if rate is None:
            return None, "has no rate"
        currency = self._currency(at)
        if rate.contract is None and rate.client is None and currency != self.work.currency:
            return None, f"has a rate in {self.work.currency}, not in {currency}"
        return rate, ""

    def _coverage(self, at: datetime) -> Coverage:
        if at not in self.borne:
            self.borne[at] = coverage(
                self.job,
                at,
                client=self.client,
                asset=self.work.asset,
                contracts=self.work.contracts,
                covers=self.work.covers,
                timezone=self.work.timezone,
                charged=self.work.charged,
            )
        return self.borne[at]

    def _contract(self, borne: Coverage) -> Contract | None:
        return self.contracts.get(borne.contract) if borne.contract else None

    def _currency(self, at: datetime) -> str:
        contract = self._contract(self._coverage(at))
        client = self.work.client
        return (contract and contract.currency) or (client and client.currency) or self.work.currency

    def _day(self, at: datetime) -> date:
        chosen = self.contracts.get(self.job.contract) if self.job.contract else None
        return local_day(at, (chosen.timezone if chosen else "") or self.work.timezone)

    def _words_of(self, at: datetime) -> str:
        return "on a day not recorded" if at == _UNKNOWN else day_words(self._day(at))

    def _when(self, visit: Id | None) -> datetime:
        """When work on a visit (or the job) is taken to have been, where the entry itself does not say."""
        fold = self.folds.get(visit) if visit else None
        at = (fold.arrived or fold.completed or fold.visit.booked_from) if fold else None
        return at or self.job.promised_from or self.job.reported_at or _UNKNOWN

    def _done_on(self) -> date | None:
        """The day on which the job was done: its last visit's end, or the day given with imported history."""
        ends = [f.completed or f.signed or f.since for f in self.visits]
        days = [self._day(end) for end in ends if end is not None]
        return max(days, default=self.job.finished_on)


def rate_meant(work: JobWork, kind: str, day: date, contract: Id | None, technician: Technician | None = None) -> Rate | None:
    """The rate that prices a line of a job on a day, under the contract that its coverage names; None where none applies."""
    client = work.client.id if work.client else work.job.client
    return _applies(work.job, kind, day, _rates_of(work), client, contract, technician)


def _rates_of(work: JobWork) -> Sequence[Rate]:
    """The rates as the client is called now: what was agreed under the id it had before it was merged is still agreed."""
    client = work.client.id if work.client else work.job.client
    if client == work.job.client:
        return work.rates
    return [replace(rate, client=client) if rate.client and rate.client == work.job.client else rate for rate in work.rates]


def _applies(
    job: Job, kind: str, day: date, rates: Sequence[Rate], client: Id | None, contract: Id | None, technician: Technician | None
) -> Rate | None:
    if kind == "labour":
        return labour_rate(day, rates, technician, contract=contract, client=client, skill=job.skill)
    return rate_for(kind, day, rates, contract=contract, client=client, skill=job.skill)


def payer_of(job: Job | None, contract: Contract | None, client: Client | None) -> Id | None:
    """Who owes: whom the job names, else the contract, else its client, else the client's payer or the client."""
    if job is not None and job.payer is not None:
        return job.payer
    if contract is not None:
        if contract.payer is not None:
            return contract.payer
        # Without a job the client given is the contract's own, perhaps under the id it was merged into.
        own = client is not None and (job is None or contract.client in (client.id, job.client))
        if contract.client is not None and not own:
            return contract.client
    if client is not None:
        return client.payer or client.id
    return job.client if job is not None else None

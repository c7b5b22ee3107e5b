"""What is wrong with what was agreed: periods not billed, orders, prices, equipment gone or on no contract, contacts.

Contracts are judged one by one; a client's equipment and contacts once for all its contracts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from fsconsole.rules.asset_fees import fee_of
from fsconsole.rules.checks.reasons import by_day, case, with_off, worth
from fsconsole.rules.facts import ClientFacts, ContractFacts, JobFacts
from fsconsole.rules.held import assets_on
from fsconsole.rules.orders import in_scope
from fsconsole.rules.periods import months_in, periods
from fsconsole.rules.policy import start_of
from fsconsole.rules.prorate import prorate
from fsconsole.rules.words import count, day, listed, short
from fsconsole.values.bill import Charge, ExceptionCase, Step
from fsconsole.values.money import major, show
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Term
from fsconsole.values.work import NO_ID, Asset, Id

#: The roles of a contact to whom invoices go.
PAYS = ("accounts payable", "ap", "billing", "invoices", "accounts")

#: So many lines of what is held up are shown with a case.
EVIDENCE = 6

#: In the key of a charge: what is owed back for a document that was issued without the billing right.
WITHOUT = ":without right:"


def _zone(facts: ContractFacts) -> str:
    return facts.contract.timezone or facts.timezone


def _name(facts: ContractFacts) -> str:
    ref = short(facts.contract.ref, facts.series)
    who = facts.client.name if facts.client else facts.contract.name
    return f"{ref} {who}".strip()


def _due_on(charge: Charge) -> date | None:
    """The day a charge falls due: when it may be billed, but not before its period begins."""
    begins = charge.period.start if charge.period else None
    return max(charge.billable_from, begins) if charge.billable_from and begins else charge.billable_from or begins


def contract_period_unbilled(facts: ContractFacts) -> list[ExceptionCase]:
    """Periods that were due on a day and are not billed once that day is over: a case for each such day."""
    by_day: dict[date, list[Charge]] = {}
    billed: dict[str, int] = {}
    for line in facts.issued:
        billed[line.key] = billed.get(line.key, 0) + line.amount
    for charge in facts.charges:
        due = _due_on(charge)
        if billed.get(charge.key) == 0:
            continue  # billed once and credited: credit_not_rebilled says so
        if due and charge.amount > 0 and charge.period and not charge.estimate and not charge.covered_by:
            by_day.setdefault(due, []).append(charge)
    contract, found = facts.contract, []
    taken_off = [charge for charge in facts.charges if charge.amount < 0]
    name, step = _name(facts), Step(verb=f"bill {short(contract.ref, facts.series)}", words="bill it")
    for due, lines in sorted(by_day.items()):
        charges = with_off(lines, taken_off)
        spans = listed(dict.fromkeys(str(charge.period) for charge in charges))
        amount = show(worth(charges), charges[0].currency)
        found.append(
            case(
                "contract_period_unbilled",
                contract.id,
                "contract",
                f"{name}: {spans} not billed, {amount} was due on {day(due)}",
                detail=due.isoformat(),
                charges=charges,
                since=start_of(due + timedelta(days=1), _zone(facts)),
                step=step,
                evidence=[charge.reason for charge in charges],
                contract=contract.id,
                client=contract.client,
            )
        )
    return found


def contract_order_missing(facts: ContractFacts) -> list[ExceptionCase]:
    """An order number is wanted, and for what is due there is none, or it has run out, or it is too small."""
    contract = facts.contract
    wanted = contract.order_required or any(each and each.order_required for each in (facts.client, facts.payer))
    dated = [(due, charge) for charge in facts.charges if charge.amount > 0 and (due := _due_on(charge))]
    if not dated or not (wanted or contract.order_number):
        return []
    money, ref, number = dated[0][1].currency, short(contract.ref, facts.series), contract.order_number
    names = {term.id: term.name for term in facts.terms}
    ours = {one.key for _, one in dated if in_scope(contract, one.kind, names.get(one.term, "") if one.term else "")}
    beside = [each for each in dated if each[1].key not in ours] if number and wanted else []
    dated = [each for each in dated if each[1].key in ours] if number and not beside else dated
    outside = [each for each in dated if contract.order_until and each[0] >= contract.order_until]
    if not number:
        held, says = dated, f"{_name(facts)}: no order number for what is due from {day(min(due for due, _ in dated))}"
    elif beside:
        held = beside
        says = f"{_name(facts)}: order {number} is for {listed(contract.order_scope)} alone, and the rest has none"
    elif outside and contract.order_until:
        held = outside
        says = f"{_name(facts)}: order {number} ran out before {day(contract.order_until)}"
    elif contract.order_ceiling is not None and facts.on_order is not None:
        left = contract.order_ceiling - facts.on_order
        held, total = [], 0
        for due, charge in sorted(dated, key=lambda each: (each[0], each[1].key)):
            total += charge.amount
            if total > left:
                held.append((due, charge))
        says = f"{_name(facts)}: order {number} has {show(max(0, left), money)} left, {show(total, money)} is to be billed"
    else:
        return []
    if not held:
        return []
    lines = with_off([charge for _, charge in sorted(held, key=lambda each: (each[0], each[1].key))], facts.charges)
    return [
        case(
            "order_missing",
            contract.id,
            "contract",
            says,
            charges=lines,
            since=start_of(min(due for due, _ in held), _zone(facts)),
            waits_for="client",
            step=Step(verb=f"chase {ref} client", words="ask for an order"),
            evidence=[
                f"{show(charge.amount, money)} due {day(due)}: {charge.reason}" for charge in lines if (due := _due_on(charge))
            ],
            contract=contract.id,
            client=contract.client,
        )
    ]


def contract_contradiction(facts: ContractFacts) -> list[ExceptionCase]:
    """Terms that cannot be priced, because what they say contradicts itself: worth what they last came to."""
    unpriced = [each for each in facts.unpriced if each.kind != "meter"]  # those say meter_odd
    if not unpriced:
        return []
    contract = facts.contract
    held = [charge for charge in facts.parked if charge.amount > 0]
    days = [day_ for charge in held if (day_ := _due_on(charge))]
    return [
        case(
            "contradiction",
            contract.id,
            "contract",
            f"{_name(facts)}: {unpriced[0].reason}",
            charges=held,
            value=worth(held) + facts.worth_more,
            since=start_of(min(days), _zone(facts)) if days and not facts.worth_more else None,
            step=_mend(facts),
            evidence=[
                *(each.reason for each in unpriced),
                *(f"{show(each.amount, each.currency)} as it was before: {each.reason}" for each in held[:EVIDENCE]),
                *(["worth what a year of it came to"] if facts.worth_more else []),
            ],
            contract=contract.id,
            client=contract.client,
        )
    ]


def _mend(facts: ContractFacts) -> Step:
    """Where two prices stand from one day the later is offered again; else the contract is looked at."""
    ref, agreement = short(facts.contract.ref, facts.series), facts.agreement
    prices: dict[tuple[date | None, Id | None], set[int]] = {}
    for one in agreement.revisions if agreement else ():
        if one.what == "price" and one.amount is not None and not one.void:
            at = (one.start, one.term)
            prices.setdefault(at, set()).add(one.amount)
            if len(prices[at]) > 1 and one.start and agreement:
                line = f"revise {ref} {major(one.amount, agreement.money)} {one.start} {agreement.title(one.term)}".rstrip()
                return Step(verb=line, words="keep the later price")
    return Step(verb=f"find {ref}", words="mend the term")


def asset_gone_billed(facts: ContractFacts) -> list[ExceptionCase]:
    """Equipment that was removed and still stands on an issued line, or is about to: what we owe for it."""
    contract, found = facts.contract, []
    known = {asset.id: asset for asset in facts.assets}
    issued = {line.key for line in facts.issued if not line.void and line.amount > 0}
    due = {charge.key: charge for charge in facts.charges if charge.amount > 0}
    ends = [line.end for line in facts.issued if line.end] + [c.period.end for c in due.values() if c.period]
    for asset in sorted(facts.assets, key=lambda each: each.id):
        if asset.removed is None or asset.gone or asset.merged_into or not ends:
            continue
        owed, first, held, lines = 0, 0, [], []
        for term in facts.terms:
            for key, span, share in _after(facts, term, asset, known, max(ends)):
                if key not in issued and key not in due:
                    continue
                held += [due[key]] if key in due else []
                owed += share if key in issued else 0
                first = first or share
                how = "was billed" if key in issued else "is to be billed"
                lines.append(f"{show(share, facts.currency)} {how} for {span}")
        if not first:
            continue
        ref = short(contract.ref, facts.series)
        typed = asset.serial or short(asset.ref, facts.series)
        found.append(
            case(
                "asset_gone_billed",
                contract.id,
                "contract",
                f"{asset.title} is gone since {day(asset.removed)} and billed on under {_name(facts)}",
                detail=asset.id.hex(),
                charges=held,
                # What stands on no document yet is not owed; the first of it says what is at stake.
                value=owed or first,
                credit=True,
                since=start_of(asset.removed, _zone(facts)),
                step=Step(verb=f"drop {ref} {typed} {asset.removed}", words="take it off and credit"),
                evidence=lines,
                contract=contract.id,
                client=contract.client,
            )
        )
    return found


def _after(
    facts: ContractFacts, term: Term, asset: Asset, known: dict[Id, Asset], until: date
) -> Iterable[tuple[str, Period, int]]:
    """(key, days, share of the price) of each period in which a term bills an asset after it was removed."""
    if term.gone or asset.removed is None or term.contract not in (None, facts.contract.id):
        return
    if term.asset != asset.id and (term.asset is not None or term.kind != "per asset"):
        return
    spans = assets_on(term, facts.contract, facts.covers, known).get(asset.id, ())
    try:
        slices = periods(term, facts.contract, until)
    except ValueError:
        return  # said by contract_contradiction
    for each in slices:
        for span in spans:
            start, end = max(each.period.start, span.start, asset.removed), min(each.period.end, span.end)
            if start < end:
                gone = Period(start, end)
                share = prorate(term.amount, gone, each.whole, term.proration, months=months_in(term)).amount
                yield f"{term.id.hex()}:{term.kind.replace(' ', '-')}:{each.period.start}", gone, share


def asset_uncovered(facts: ClientFacts) -> list[ExceptionCase]:
    """Equipment at a client with contracts by equipment or location, which none of them covers.

    It counts from the later of its installation, the end of its warranty and the last cover it had; worth what one like
    it brings a period on the client's contracts, the one it would go on first (rules.asset_fees).
    """
    agreed = {each.id: each for each in facts.contracts if not each.gone}
    covers = [each for each in facts.covers if not each.gone and each.contract in agreed]
    if not covers or any(each.asset is None and each.location is None for each in covers):
        return []
    known = {each.id: each for each in facts.assets}
    names = {each.id: short(each.ref, facts.series) for each in agreed.values()}
    found: list[ExceptionCase] = []
    for asset in sorted(facts.assets, key=lambda each: each.id):
        if asset.gone or asset.merged_into or asset.removed:
            continue
        # A cover of the asset or its place; where there was none ever, from the first day of the first contract.
        own = [each for each in covers if each.asset == asset.id or (each.location and each.location == asset.location)]
        ends = [_ends(each.end, agreed[each.contract or NO_ID]) for each in own]
        if any(end is None for end in ends):
            continue
        begun = [agreed[each.contract or NO_ID].start for each in covers]
        first = min((each for each in begun if each), default=None)
        days = [each for each in (asset.installed, asset.warranty_until, first, *ends) if each]
        since = max(days, default=None)
        live = [each for each in agreed.values() if not (since and each.end and each.end <= since)]
        if not live:
            continue
        live.sort(key=lambda each: (each.ref, each.id))
        contract = live[0]
        value, why = fee_of(
            asset, live, facts.terms, facts.covers, known, facts.policies.latest.asset_fees, facts.currency, names
        )
        ref, typed = short(contract.ref, facts.series), asset.serial or short(asset.ref, facts.series)
        found.append(
            case(
                "asset_uncovered",
                asset.id,
                "asset",
                f"{asset.title} at {facts.client.name} is on no contract",
                value=value,
                since=start_of(since, facts.timezone) if since else None,
                step=Step(verb=f"cover {ref} {typed}", words=f"put it on {ref}"),
                evidence=[why, *(f"{names[each.id]} covers other equipment" for each in live)],
                client=facts.client.id,
            )
        )
    return found


def _ends(cover_end: date | None, contract: Contract) -> date | None:
    return min((each for each in (cover_end, contract.end) if each), default=None)


def no_ap_contact(facts: ClientFacts) -> list[ExceptionCase]:
    """There is something to bill, and neither a contact who pays nor an e-mail address of the client."""
    client = facts.client
    to_bill = [each for each in facts.charges if each.amount > 0 and not each.estimate and not each.covered_by]
    people = [each for each in facts.contacts if not each.gone and each.role.strip().lower() in PAYS]
    if not to_bill or client.email or any(each.email for each in people):
        return []
    ref = short(client.ref, facts.series)
    dues = [each.billable_from for each in to_bill]
    first = None if None in dues else min(each for each in dues if each)
    whom = listed(each.name for each in people)
    says = f"{whom} at {client.name} has no e-mail address" if people else f"{client.name} has nobody to send invoices to"
    return [
        case(
            "no_ap_contact",
            client.id,
            "client",
            f"{says}: {count(len(to_bill), 'line waits', 'lines wait')}",
            charges=to_bill,
            since=start_of(first, facts.timezone) if first else None,
            waits_for="client",
            step=Step(verb=f"contact {ref} ap ", words="add an accounts-payable contact"),
            evidence=[f"{show(each.amount, each.currency)}: {each.reason}" for each in by_day(to_bill)[:EVIDENCE]],
            client=client.id,
        )
    ]


def billed_without_right(facts: JobFacts | ContractFacts) -> list[ExceptionCase]:
    """A document that a site issued without holding the billing right, until it is credited."""
    ref, thing, kind = _billed_as(facts)
    owed = [each for each in (*facts.charges, *(one.charge for one in facts.fenced)) if WITHOUT in each.key and each.amount]
    if not owed:
        return []
    return [
        case(
            "billed_without_right",
            thing,
            kind,
            f"{ref}: {listed(each.reason for each in owed)}",
            charges=owed,
            value=sum(abs(each.amount) for each in owed),
            credit=True,
            step=Step(verb=f"bill {ref}", words="credit it, at the site that holds the right"),
            evidence=[each.reason for each in owed],
            job=facts.job.id if isinstance(facts, JobFacts) else None,
            contract=facts.contract.id if facts.contract else None,
            client=facts.client.id if facts.client else None,
        )
    ]


def right_offered(facts: JobFacts | ContractFacts) -> list[ExceptionCase]:
    """The billing right is on its way to another site: nobody bills until that site has answered."""
    if facts.offered is None:
        return []
    ref, thing, kind = _billed_as(facts)
    waiting = [each for each in facts.charges if not each.covered_by and WITHOUT not in each.key]
    return [
        case(
            "right_offered",
            thing,
            kind,
            f"{ref}: {facts.offered.by} offered to {facts.offered.to} to bill it, and {facts.offered.to} has not answered",
            charges=waiting,
            since=facts.offered.since,
            waits_for=facts.offered.to,
            step=Step(verb=f"accept {ref}", words=f"accept it, at {facts.offered.to}"),
            job=facts.job.id if isinstance(facts, JobFacts) else None,
            contract=facts.contract.id if facts.contract else None,
            client=facts.client.id if facts.client else None,
        )
    ]


def _billed_as(facts: JobFacts | ContractFacts) -> tuple[str, Id, str]:
    """(reference, id, kind) of the thing that is billed."""
    if isinstance(facts, JobFacts):
        return short(facts.job.ref, facts.series), facts.job.id, "job"
    return short(facts.contract.ref, facts.series), facts.contract.id, "contract"


def behind_fence(facts: JobFacts | ContractFacts) -> list[ExceptionCase]:
    """A difference for a time that was billed elsewhere or is locked: one case for each fence."""
    if not facts.fenced:
        return []
    found: list[ExceptionCase] = []
    job = facts.job if isinstance(facts, JobFacts) else None
    contract = facts.contract
    thing = job.id if job else contract.id if contract else NO_ID
    ref = short(job.ref if job else contract.ref if contract else "", facts.series)
    for fence, words in (("elsewhere", "billed elsewhere"), ("locked", "locked")):
        behind = [each for each in facts.fenced if each.fence == fence and each.charge.amount]
        total = sum(each.charge.amount for each in behind)
        if not total:
            continue
        until = max(each.until for each in behind)
        starts = [each.charge.billable_from for each in behind]
        first = None if None in starts else min(each for each in starts if each)
        owe, money = "we owe " if total < 0 else "", behind[0].charge.currency
        found.append(
            case(
                "behind_fence",
                thing,
                "job" if job else "contract",
                f"{ref}: {owe}{show(abs(total), money)} for a time {words} until {day(until)}",
                detail=fence,
                charges=[each.charge for each in behind],
                value=abs(total),
                credit=total < 0,
                since=start_of(first, facts.timezone) if first else None,
                step=(
                    Step(verb=f"bill {ref} !! ", words="bill it in the open month")
                    if fence == "locked"
                    else Step(verb=f"waive {ref} ", words="waive with a reason")
                ),
                evidence=[f"{each.charge.kind} {show(each.charge.amount, money)}: {each.charge.reason}" for each in behind],
                job=job.id if job else None,
                contract=contract.id if contract else None,
                client=facts.client.id if facts.client else None,
            )
        )
    return found

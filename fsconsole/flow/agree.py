"""What is agreed beside a contract's prices: what is taken off, how they rise, what was quoted, who pays from a day.

It stands apart from ``revise`` because each is a clause that runs on by itself, or a word given for work to come.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import guard, record
from fsconsole.flow.dispatch import short
from fsconsole.flow.revise import agreement_of, term_meant
from fsconsole.rules.words import day as on_day
from fsconsole.store.rows import fetch, fetch_all
from fsconsole.store.tables import put, void
from fsconsole.values.agreement import Agreement
from fsconsole.values.money import major, minor, plain, show
from fsconsole.values.terms import Clause, Contract, Entry, Term
from fsconsole.values.work import Client, Job


class Running(NamedTuple):
    """A clause that runs on by itself: its kind, a line that begins one and ends it, what is asked, what its end means."""

    kind: str
    like: str
    asks: str
    over: str


DISCOUNT = Running(
    "discount", "discount C204 10% 2026-04-01 until 2026-07-01, or discount C204 off 2026-07-01",
    "How much is taken off?", "nothing is taken off",
)  # fmt: skip
ESCALATE = Running(
    "escalator", "escalate C204 3% 2027-01-01, or escalate C204 off 2028-01-01",
    "By how much do prices rise?", "prices rise no more",
)  # fmt: skip


def discount(desk: Desk, contract: Contract, words: str) -> Done:
    """Takes something off a contract from a day: ``10% 2026-04-01 until 2026-07-01 loyal``; an amount is off each period.

    ``of`` and the name of a term mean that term, else all. ``off 2026-05-01`` ends those that run. Raises UsageError, Refused.
    """
    return _agreed(desk, contract, words, DISCOUNT)


def escalate(desk: Desk, contract: Contract, words: str) -> Done:
    """Prices rise from a day and each year after: ``3% 2027-01-01 as agreed``; an amount is added each time.

    ``of`` and the name of a term mean that term, else all. ``off 2028-01-01`` ends those that run. Raises UsageError, Refused.
    """
    return _agreed(desk, contract, words, ESCALATE)


def quote(desk: Desk, job: Job, amount: int, words: str = "") -> Done:
    """What the client agreed to pay for a job: up to so much in all; the contract's time beyond it waits for their word."""
    row = desk.store.one("SELECT contract FROM job_now WHERE job = ?", (job.id,))
    contract = job.contract or (row[0] if row else None)
    ref = short(desk, job.ref)
    if contract is None:
        way = f"Say what was agreed with the order number: order {ref} NUMBER; or put it under a contract: under {ref} CONTRACT"
        raise Refused(f"{job.ref} is under no contract that a quote could belong to.", way)
    if amount <= 0:
        raise Refused("A quote is above nought.", f"To give the work away: goodwill {ref} WHY")
    money = agreement_of(desk, fetch(desk.store, "contract", contract)).money
    known: list[Entry] = fetch_all(desk.store, "entry", contract=contract)
    before = [one for one in known if one.kind == "quote" and not one.void and one.details.get("job") == job.ref]
    details: dict[str, Any] = {"job": job.ref, "amount": amount} | ({"name": words} if words else {})
    puts = [void("entry", one.id) for one in before]
    values = {"kind": "quote", "job": job.id, "name": words, "day": desk.today, "details": details}
    puts.append(put("entry", desk.ids(), contract=contract, **values))
    instead = f" (instead of {show(int(before[-1].details.get('amount') or 0), money)})" if before else ""
    said = f"{job.ref}: quoted {show(amount, money)}{instead}{', ' + words if words else ''}"
    return record(desk, puts, said, ref=job.ref, row=job.id)


def transfer(desk: Desk, contract: Contract, client: Client, day: date, words: str = "") -> Done:
    """From a day another firm pays for a contract; what was billed before stays with whom it was billed to."""
    pays = contract.payer or contract.client
    if client.id == pays and not _handed_over(desk, contract):
        raise Refused(f"{client.name} pays for {contract.ref} already.", "There is nothing to do.")
    if contract.end and day >= contract.end:
        guard(desk, f"{contract.ref} ends on {on_day(contract.end)}, before that day.", "Renew it first.")
    details = {"what": "transfer", "on": day.isoformat()} | ({"reason": words} if words else {})
    values = {"kind": "revision", "name": "transfer", "day": day, "client": client.id, "details": details}
    puts = [put("entry", desk.ids(), contract=contract.id, **values)]
    said = f"{contract.ref}: {client.name} pays from {on_day(day)}{', ' + words if words else ''}"
    return record(desk, puts, said, ref=contract.ref, row=contract.id)


# --- what they share --------------------------------------------------------------------------------------------------


def _agreed(desk: Desk, contract: Contract, words: str, clause: Running) -> Done:
    """Begins such a clause, or ends those that run."""
    rest = finding.typed_words(words)
    if rest and rest[0].lower() == "off":
        return _ended(desk, contract, rest[1:], clause.kind, clause.over)
    if not rest:
        raise UsageError(clause.asks, f"Write it like: {clause.like}")
    agreement = agreement_of(desk, contract)
    details, much = _so_much(rest[0], agreement.money, clause.like)
    days, others = _days(desk, rest[1:], clause.like)
    term, why = _of(desk, agreement, contract, others)
    off = f"{much}{' a period' if 'amount' in details else ''} off"
    told = off if clause is DISCOUNT else f"rises by {much} a year"
    return _begun(desk, contract, clause.kind, details, days, term, why, told)


def _handed_over(desk: Desk, contract: Contract) -> bool:
    known: list[Entry] = fetch_all(desk.store, "entry", contract=contract.id)
    return any(one.details.get("what") == "transfer" and not one.void for one in known)


def _begun(
    desk: Desk, contract: Contract, kind: str, details: dict[str, Any], days: tuple[date, date | None], term: Term | None,
    why: str, told: str,
) -> Done:  # fmt: skip
    """Records a clause that runs from a day."""
    start, end = days
    details |= {"from": start.isoformat()} | ({"until": end.isoformat()} if end else {})
    details |= {"name": why} if why and kind == "discount" else {}
    place = len(fetch_all(desk.store, "clause", contract=contract.id)) + 1
    # The name of a rise is the index that it follows.
    name = why if kind == "discount" else ""
    values = {"kind": kind, "name": name, "start": start, "end": end, "details": details, "place": place}
    row = put("clause", desk.ids(), contract=contract.id, term=term.id if term else None, **values)
    until = f" until {on_day(end - timedelta(days=1))}" if end else ""
    said = f"{contract.ref}{': ' + term.name if term else ''}: {told} from {on_day(start)}{until}"
    return record(desk, [row], said + (f", {why}" if why else ""), ref=contract.ref, row=contract.id)


def _ended(desk: Desk, contract: Contract, rest: list[str], kind: str, told: str) -> Done:
    """Ends every clause of a kind that runs, from a day (today unless said)."""
    on = finding.day(desk, rest[0]) if rest and finding.is_day(desk, rest[0]) else desk.today
    known: list[Clause] = [one for one in fetch_all(desk.store, "clause", contract=contract.id) if one.kind == kind]
    runs = [one for one in known if one.end is None or one.end > on]
    if not runs:
        raise Refused(f"{contract.ref}: {told} on {on_day(on)}.", "There is nothing to end.")
    ended = [put("clause", one.id, end=on, details={**one.details, "until": on.isoformat()}) for one in runs]
    return record(desk, ended, f"{contract.ref}: {told} from {on_day(on)}", ref=contract.ref, row=contract.id)


def _days(desk: Desk, words: list[str], example: str) -> tuple[tuple[date, date | None], list[str]]:
    """((from, until), the words after them) of ``[DAY] [until DAY] WORDS``; a day among the words of a reason is a word."""
    rest, start, end = list(words), desk.today, None
    if rest and finding.is_day(desk, rest[0]):
        start = finding.day(desk, rest.pop(0))
    if len(rest) > 1 and rest[0].lower() == "until" and finding.is_day(desk, rest[1]):
        end = finding.day(desk, rest[1])
        rest = rest[2:]
    if end and end <= start:
        raise UsageError("It would end before it begins.", f"Write it like: {example}")
    return (start, end), rest


def _of(desk: Desk, agreement: Agreement, contract: Contract, words: list[str]) -> tuple[Term | None, str]:
    """(the term that is named, the reason): ``of`` and a name at the end name a term, ``of`` in a reason is a word.

    Straight after the days ``of`` names a term, whatever follows. Raises Refused when there is no such term.
    """
    if words and words[0].lower() == "of":
        return term_meant(agreement, contract, " ".join(words[1:]), desk), ""
    names = {term.name.casefold() for term in agreement.terms}
    for at, word in enumerate(words):
        name = " ".join(words[at + 1 :])
        if word.lower() == "of" and name.casefold() in names:
            return term_meant(agreement, contract, name, desk), " ".join(words[:at])
    return None, " ".join(words)


def _so_much(text: str, money: str, example: str) -> tuple[dict[str, Any], str]:
    """What ``10%`` or ``25.00`` is as a clause's details, and in words. Raises UsageError."""
    try:
        number = Decimal(plain(text.removesuffix("%"), money))
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or number <= 0 or (text.endswith("%") and number > 100):
        raise UsageError(f"“{text}” is no percentage and no amount.", f"Write it like: {example}")
    if text.endswith("%"):
        return {"percent": f"{number:f}"}, f"{number:f} %"
    amount = minor(str(number), money)
    if major(amount, money) != number:
        raise UsageError(f"“{text}” is finer than {money} is paid in.", f"Write it like: {example}")
    return {"amount": amount}, show(amount, money)

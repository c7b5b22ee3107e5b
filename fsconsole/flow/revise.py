"""What is agreed to change, from a day: a new price, a suspension and its end, a renewal, notice and end, a claim.

It stands apart because each is a fact with its day: what was billed before stays, and the difference is drafted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import settle
from fsconsole.flow.acting import guard, record
from fsconsole.flow.agreed import agreed
from fsconsole.flow.contradicting import STOPS, in_words
from fsconsole.flow.dispatch import short
from fsconsole.flow.gather import Known, contract_sheets
from fsconsole.rules.draft import reach
from fsconsole.rules.renewal import cancel_by, ending, notice_words, noticed_end
from fsconsole.rules.revised import in_force
from fsconsole.rules.words import day as on_day
from fsconsole.rules.words import listed
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.terms import Contract, Entry, Revision, Term
from fsconsole.values.work import NO_ID, Job

#: Kinds of term whose ``amount`` is a price that a revision replaces.
PRICED = ("fixed", "per asset", "meter", "hours", "block", "visits", "time", "commitment")

#: So many years ahead renewals are followed.
YEARS = 10


def price(desk: Desk, contract: Contract, amount: int, day: date, words: str = "") -> Done:
    """A term's new price from a day; of a contract with several terms ``words`` names the one, else they are the reason."""
    if amount < 0:
        raise Refused("A price is not below nought.", f"To take something off: discount {short(desk, contract.ref)} 10%")
    agreement = agreement_of(desk, contract)
    term, why = _term_or_reason(agreement, contract, words, desk)
    if contract.end and day >= contract.end:
        guard(desk, f"{contract.ref} ends on {on_day(contract.end)}, before that day.", "Renew it first.")
    before, same_day = _price_on(agreement, term, day)
    if before == amount and len(same_day) < 2:
        standing = f"{term.name} is {show(amount, agreement.money)} on {on_day(day)} already."
        raise Refused(standing, "There is nothing to do.")
    said = f"{contract.ref}: {term.name} is {show(amount, agreement.money)} from {on_day(day)}"
    instead = listed(show(each, agreement.money) for each in same_day if each != amount)
    said += f" (instead of {instead})" if instead else f" (until then {show(before, agreement.money)})"
    said += f": {why}" if why else ""
    return _record(desk, contract, "price", day, said, term=term, amount=amount, reason=why)


def suspend(desk: Desk, contract: Contract, day: date | None = None, words: str = "") -> Done:
    """Nothing of a contract is billed from a day (today unless given) until it is resumed."""
    on = day or desk.today
    if (since := _suspended(desk, contract, on)) is not None:
        way_on = f"To go on: resume {short(desk, contract.ref)}"
        raise Refused(f"{contract.ref} is suspended since {on_day(since)}.", way_on)
    why = f": {words}" if words else ""
    return _record(desk, contract, "suspend", on, f"{contract.ref} is suspended from {on_day(on)}{why}", reason=words)


def resume(desk: Desk, contract: Contract, day: date | None = None) -> Done:
    """A suspended contract is billed again from a day (today unless given)."""
    on = day or desk.today
    since = _suspended(desk, contract, on)
    if since is None:
        way_in = f"To suspend it: pause {short(desk, contract.ref)}"
        raise Refused(f"{contract.ref} is not suspended on {on_day(on)}.", way_in)
    said = f"{contract.ref} is billed again from {on_day(on)}; it was suspended since {on_day(since)}"
    return _record(desk, contract, "resume", on, said)


def renew(desk: Desk, contract: Contract) -> Done:
    """One more term for a contract that is renewed by notice."""
    if contract.end is None:
        raise Refused(f"{contract.ref} has no end.", "There is nothing to renew.")
    if contract.renews != "by notice" or not contract.renewal_months:
        missing = [
            *([] if contract.renews == "by notice" else ["renews = “by notice”"]),
            *([] if contract.renewal_months else ["renewal, for how long (renewal = “12 months”)"]),
        ]
        how = "renews itself" if contract.renews == "itself" and contract.renewal_months else "does not renew"
        if contract.renews == "by notice":
            how = "is renewed by notice, but nothing says for how long"
        raise Refused(f"{contract.ref} {how}.", f"Say {listed(missing)} in its price file, and import it again.")
    agreement = agreement_of(desk, contract)
    until = ending(agreement, contract.end).end or contract.end
    said = f"{contract.ref} is renewed beyond {on_day(until)}, for {contract.renewal_months} months"
    return _record(desk, contract, "renew", desk.today, said)


def end(desk: Desk, contract: Contract, day: date | None = None, words: str = "") -> Done:
    """Ends a contract from a day, the first no longer agreed; without a day it is notice, and ends its running term."""
    agreement = agreement_of(desk, contract)
    why = f": {words}" if words else ""
    if day is None:
        if contract.end is None and _earliest_end(agreement, desk.today) is None:
            line = f"end {short(desk, contract.ref)} 2026-04-01"
            raise Refused(f"{contract.ref} has no end of its own.", f"Say from which day: {line}")
        if contract.end is not None and (contract.renews != "itself" or not contract.renewal_months):
            raise Refused(f"{contract.ref} ends by itself on {on_day(contract.end)}.", "No notice is needed.")
        limit = _earliest_end(agreement, desk.today)
        until = f"; it ends on {on_day(limit)}" if limit else ""
        said = f"{contract.ref}: notice given {on_day(desk.today)}{until}{why}"
        return _record(desk, contract, "notice", desk.today, said, reason=words)
    if contract.start and day < contract.start:
        raise Refused(f"{contract.ref} begins on {on_day(contract.start)}.", "It cannot end before.")
    ended = [one.start for one in agreement.revisions if one.what == "end" and one.start and one.start <= day]
    if ended:
        raise Refused(f"{contract.ref} ends on {on_day(min(ended))} already.", "To take that back: undo")
    earliest = _earliest_end(agreement, desk.today)
    if earliest and day < earliest:
        notice = _notice_words(contract)
        why_not = f"{contract.ref} may end on {on_day(earliest)} at the earliest{notice}."
        then = f"To end it then: end {short(desk, contract.ref)} {earliest}."
        guard(desk, f"{why_not} {_early(desk, contract, day, earliest)}", then)
    said = f"{contract.ref} ends: {on_day(day)} is the first day no longer agreed{why}"
    return _record(desk, contract, "end", day, said, reason=words)


def _earliest_end(agreement: Agreement, today: date) -> date | None:
    """The first day on which a contract may end when notice is given today; None where nothing was agreed."""
    contract = agreement.contract
    if contract.end is None:
        agreed = ("notice_working_days", "notice_to", "not_before")
        if not (contract.notice_days or contract.notice_months or any(contract.details.get(name) for name in agreed)):
            return None
        return noticed_end(today, contract)
    ended = ending(agreement, date(today.year + YEARS, 1, 1))
    if ended.end is not None:
        return ended.end
    return next((at for at in ended.terms if cancel_by(at, contract) >= today), None)


def _notice_words(contract: Contract) -> str:
    agreed = contract.notice_months or contract.notice_days or contract.details.get("notice_working_days")
    return f": {notice_words(contract)} of notice" if agreed else ", as it was agreed"


def _early(desk: Desk, contract: Contract, day: date, earliest: date) -> str:
    """What an end before its time credits, gives up and costs, in a sentence."""
    from fsconsole.rules.priced import charges_of

    known = Known(desk.store)
    sheet = contract_sheets(desk.store, [contract.id], known)[0]
    horizon = max(earliest, desk.today)
    agreement, full = settle.price_sheet(sheet, known, horizon)
    cut = replace(agreement, revisions=(*agreement.revisions, Revision(id=NO_ID, what="end", start=day)))
    less = charges_of(cut, reach(horizon, sheet.issued), ())
    fee = sum(one.amount for one in less.charges if one.kind == "termination")
    was, now = (settle.contract_rest(sheet, known, agreement, each) for each in (full, less))
    closed = _owed_back(one.charge for one in now[1]) - _owed_back(one.charge for one in was[1])
    credited = _owed_back(now[0]) - _owed_back(was[0]) + closed
    before = [one for one in full.charges if one.period and one.period.start < earliest and one.kind != "termination"]
    lost = sum(one.amount for one in before) - sum(one.amount for one in less.charges if one.kind != "termination")
    words = [f"credits {show(credited, agreement.money)} of what was billed"] if credited > 0 else []
    if closed > 0:
        words[-1] += f" ({show(closed, agreement.money)} of it in a closed month, for somebody to decide)"
    words += [f"bills {show(fee, agreement.money)} for the early end"] if fee else []
    gives = f"An end on {on_day(day)} gives up {show(max(0, lost), agreement.money)} until {on_day(earliest)}"
    return f"{gives}{', ' if words else ''}{' and '.join(words)}."


def _owed_back(charges: Iterable[Charge]) -> int:
    return -sum(one.amount for one in charges if one.amount < 0)


def claim(desk: Desk, job: Job, day: date | None = None) -> Done:
    """The client claims the credit for a call that was late, today unless a day is said."""
    on = day or desk.today
    contract: bytes | None = job.contract
    if contract is None:
        row = desk.store.one("SELECT contract FROM job_now WHERE job = ?", (job.id,))
        covering = desk.store.one(
            "SELECT t.contract FROM term t JOIN contract c ON c.id = t.contract"
            " WHERE t.kind = 'sla' AND t.gone = 0 AND c.client = ? ORDER BY c.ref",
            (job.client,),
        )
        contract = (row[0] if row else None) or (covering[0] if covering else None)
    if contract is None or not [one for one in fetch_all(desk.store, "term", contract=contract) if one.kind == "sla"]:
        raise Refused(f"{job.ref} is under no SLA that credits anything.", "Put it under its contract: under JOB CONTRACT")
    details = {"claimed": on.isoformat()}
    puts = [put("entry", desk.ids(), contract=contract, kind="claim", job=job.id, name=job.ref, day=on, details=details)]
    return record(desk, puts, f"{job.ref}: a credit is claimed on {on_day(on)}", ref=job.ref, row=job.id)


# --- what stands ------------------------------------------------------------------------------------------------------


def agreement_of(desk: Desk, contract: Contract) -> Agreement:
    """A contract as the rules read it. Raises Refused while it contradicts itself."""
    known = Known(desk.store)
    try:
        return agreed(contract_sheets(desk.store, [contract.id], known)[0], known)[0]
    except STOPS as error:
        way = f"Its exception says what to mend: show {short(desk, contract.ref)}"
        raise Refused(f"{contract.ref} contradicts itself: {in_words(error)}.", way) from error


def term_meant(agreement: Agreement, contract: Contract, words: str, desk: Desk) -> Term:
    """The term that is meant: the only one with a price, or the one whose name begins with the words."""
    priced = [term for term in agreement.terms if term.kind in PRICED]
    low = words.casefold().strip()
    exact = [term for term in priced if term.name.casefold() == low]
    found = exact or [term for term in priced if term.name.casefold().startswith(low)]
    if not found:
        names = listed(term.name for term in priced) if priced else "none"
        raise Refused(f"{contract.ref} has no term “{words}” with a price.", f"Those with a price: {names}.")
    if len(found) > 1:
        line = f"revise {short(desk, contract.ref)} AMOUNT DAY {found[0].name}"
        raise Refused(f"Which one: {listed(term.name for term in found)}?", f"Name it at the end: {line}")
    if found[0].details.get("tiers") or found[0].details.get("meters"):
        raise Refused(f"{found[0].name} has several prices.", "End it and begin one with the new prices, in its price file.")
    return found[0]


def _term_or_reason(agreement: Agreement, contract: Contract, words: str, desk: Desk) -> tuple[Term, str]:
    """The term that words name, ``of`` in front or not; where a contract has one price, other words are the reason."""
    low = words.casefold().strip()
    priced = [term for term in agreement.terms if term.kind in PRICED]
    named = [term for term in priced if low and term.name.casefold().startswith(low.removeprefix("of "))]
    if named or len(priced) != 1:
        return term_meant(agreement, contract, words.removeprefix("of "), desk), ""
    return term_meant(agreement, contract, "", desk), words.strip()


def _price_on(agreement: Agreement, term: Term, day: date) -> tuple[int, list[int]]:
    """The price of a term on a day, rises left aside; and the prices that were said of that very day for it alone."""
    revised = [
        one for one in agreement.revisions
        if one.what == "price" and one.amount is not None and one.term in (None, term.id) and one.start and one.start <= day
    ]  # fmt: skip
    # A term's own price goes before one for all terms from the same day.
    last = max(revised, key=lambda one: (one.start or date.min, one.term is not None), default=None)
    own = [one for one in revised if one.start == day and one.term is not None]
    same_day = list(dict.fromkeys(one.amount for one in own if one.amount is not None))
    return (last.amount if last is not None and last.amount is not None else term.amount), same_day


def _suspended(desk: Desk, contract: Contract, day: date) -> date | None:
    """Since when a contract is suspended on a day; None when it is not."""
    since: date | None = None
    entries: list[Entry] = [one for one in fetch_all(desk.store, "entry", contract=contract.id) if one.kind == "revision"]
    for entry in sorted(in_force(entries), key=lambda one: (one.day or date.min, one.stamp)):
        what, until = entry.details.get("what"), entry.details.get("until")
        if entry.day is None or entry.day > day or entry.term is not None:
            continue
        if what == "suspend":
            since = None if until and date.fromisoformat(str(until)[:10]) <= day else entry.day
        elif what == "resume":
            since = None
    return since


def _record(
    desk: Desk, contract: Contract, what: str, day: date, said: str, *, term: Term | None = None, **more: Any
) -> Done:
    details = {"what": what, "on": day.isoformat()} | {name: value for name, value in more.items() if value not in (None, "")}
    of = term.id if term else None
    puts = [put("entry", desk.ids(), contract=contract.id, kind="revision", term=of, name=what, day=day, details=details)]
    return record(desk, puts, said, ref=contract.ref, row=contract.id)

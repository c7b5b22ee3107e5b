"""Everything a price file asks for: every kind of term priced, totals, dates, and the difference to what was issued.

It stands apart because this one function is all there is between an agreement and its money, with or without a
store: terms first, then those that rest on what the others came to, then the subtraction.

Always: a term that contradicts itself is a problem in words and stops no other; the order in which facts are
given changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from fsconsole.rules.availability import availability_credits
from fsconsole.rules.billable import Priced, Unpriced
from fsconsole.rules.commitment import committed, in_turn
from fsconsole.rules.corrected import in_two
from fsconsole.rules.discount import off_together
from fsconsole.rules.draft import difference, fence, reach
from fsconsole.rules.hours import included_hours, prepaid_blocks
from fsconsole.rules.labour import charged_rows, time_and_materials
from fsconsole.rules.life import added_words, runs
from fsconsole.rules.meters import metered
from fsconsole.rules.papers import ANSWERS
from fsconsole.rules.penalty import sla_credits
from fsconsole.rules.project import ceiling, deposits, milestones, progress, retention
from fsconsole.rules.recurring import recurring
from fsconsole.rules.renewal import ending, notice_words
from fsconsole.rules.termination import terminated
from fsconsole.rules.totals import Totals, due_on, plain_tax, together, totals
from fsconsole.rules.usage import uncounted
from fsconsole.rules.visits import visited
from fsconsole.rules.warranty import claims
from fsconsole.rules.words import day as on_day
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period, add_months
from fsconsole.values.terms import Term
from fsconsole.values.twin import changed
from fsconsole.values.work import Id

#: The charges of a term that may be billed by a horizon. Raises ValueError in words where it cannot be priced.
TermRule = Callable[[Term, Agreement, date], list[Charge]]
#: What came of one question that needs no contract; ``says`` is its sentence.
Answer = Mapping[str, Any]

#: Kinds of term that stand on their own.
FIRST: dict[str, TermRule] = {
    "fixed": recurring,
    "per asset": recurring,
    "meter": metered,
    "hours": included_hours,
    "block": prepaid_blocks,
    "visits": visited,
    "time": time_and_materials,
    "milestone": milestones,
    "progress": progress,
}
#: Kinds that rest on what the others came to (``agreement.charges``), in this order: each sees those before it.
THEN: dict[str, TermRule] = {
    "ceiling": ceiling,
    "termination": terminated,
    "commitment": committed,
    "sla": sla_credits,
    "availability": availability_credits,
    "retention": retention,
    "deposit": deposits,
}
#: Sections that ask something by themselves.
SECTIONS: dict[str, Callable[[tuple[Row, ...], Agreement], list[Answer]]] = {**ANSWERS}


@dataclass(frozen=True, slots=True)
class Document:
    """What would stand on one invoice: the charges of one day and payer."""

    on: date | None
    payer: Id | None
    charges: tuple[Charge, ...]
    totals: Totals
    due: date | None = None
    due_says: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be priced, or should not go out as it is. ``line`` of the file it was read from, 0 without one."""

    what: str
    reason: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day that matters to the contract."""

    what: str
    day: date
    says: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a price file comes to. ``difference`` is empty where everything is issued as it should be.

    ``to_issue`` is the difference as it would be billed: by day and payer, with its tax and due day.
    """

    agreement: Agreement
    through: date | None
    charges: tuple[Charge, ...]
    documents: tuple[Document, ...]
    totals: Totals
    difference: tuple[Charge, ...]
    days: tuple[Day, ...]
    problems: tuple[Problem, ...]
    answers: Mapping[str, tuple[Answer, ...]]
    to_issue: tuple[Document, ...] = ()


def price(agreement: Agreement, through: date | None = None) -> Result:
    """Prices an agreement: all that is to be billed by ``through``.

    Without ``through`` it is every period that begins before the contract's end, or within its first year where
    it has none.
    """
    limit = through or _natural(agreement)
    problems = [Problem(*one) for one in uncounted(agreement)]
    every = every_charge(agreement, reach(limit, agreement.issued), problems)
    charges = tuple(charge for charge in every if _asked(charge, limit, through is not None))
    differing = _differing(agreement, every, limit, through is not None)
    documents = _guarded(lambda: _documents(charges, agreement, limit), (), "totals", problems)
    whole = together([one.totals for one in documents], agreement.money)
    answers = {name: tuple(_asked_of(name, agreement, problems)) for name in SECTIONS if agreement.of(name)}
    if order := _order(agreement, differing):
        answers["order"] = (order, *answers.get("order", ()))
    if agreement.of("warranty"):
        rows = charged_rows(agreement, reach(limit, agreement.issued))
        answers["claim"] = _guarded(lambda: claims(agreement, rows), (), "warranty", problems)
    days = _guarded(lambda: _days(agreement, limit), (), "dates", problems)
    billed = bool(agreement.issued or _elsewhere(agreement))
    to_issue = _guarded(lambda: _documents(differing, agreement, limit), (), "difference", problems) if billed else documents
    return Result(agreement, limit, charges, documents, whole, differing, days, tuple(problems), answers, to_issue)


def charges_of(agreement: Agreement, horizon: date, wrong: Iterable[str] = ()) -> Priced:
    """All charges of a contract that may be billed by ``horizon``, and what of it cannot be priced.

    ``wrong``: what does not fit together, in words, found before. Where anything cannot be priced, what rests on the
    other terms (``THEN``) is left out: a commitment would be short of what the unpriced term comes to.
    """
    problems = [Problem("", one) for one in wrong] + [Problem(*one) for one in uncounted(agreement)]
    said: Row = next(iter(agreement.of("contract")), {})
    usual = plain_tax(said.get("tax", ""))
    charges = tuple(
        charge if charge.tax or not isinstance(usual, str) else replace(charge, tax=usual)
        for charge in every_charge(agreement, horizon, problems)
    )
    contract = agreement.contract.id
    if problems:
        resting = {term.id for term in agreement.terms if term.kind in THEN}
        charges = tuple(charge for charge in charges if charge.term not in resting)
    unpriced = []
    for number, one in enumerate(problems):
        term = agreement.term(one.what)
        key = f"{term.id.hex()}:{term.kind}" if term else f"{contract.hex()}:{number}"
        reason = f"{one.what}: {one.reason}" if one.what else one.reason
        unpriced.append(Unpriced(key, None, contract, term.kind if term else "", reason))
    return Priced(sorted(charges, key=lambda charge: charge.key), unpriced)


def _natural(agreement: Agreement) -> date:
    """How far to price where nobody says: to the end of the contract, or of its first year."""
    starts = [day for day in (agreement.contract.start, *(term.start for term in agreement.terms)) if day is not None]
    lasts = [_last_of(term, agreement) for term in agreement.terms]
    known = [day for day in lasts if day is not None]
    if lasts and len(known) == len(lasts):
        return max(known)
    first = min(starts, default=date(2000, 1, 1))
    return add_months(first, 12) - timedelta(days=1) if first.year < date.max.year else date.max


def _last_of(term: Term, agreement: Agreement) -> date | None:
    """The day on which a term ends (what its end costs included); of one that renews itself the day before its renewal."""
    agreed = term.end or agreement.contract.end
    try:
        found = runs(term, agreement, agreed or date(2000, 1, 1))
    except (ValueError, OverflowError):
        found = []
    if found and found[-1].end is not None:
        return found[-1].end
    return max(agreed, date(1, 1, 2)) - timedelta(days=1) if agreed else None


def _asked(charge: Charge, limit: date, by_billing: bool) -> bool:
    """Whether a charge is among those asked for: billed by the day, or begun by it where no day was given."""
    day = charge.billable_from if by_billing else (charge.period.start if charge.period else charge.billable_from)
    return day is None or day <= limit


def every_charge(agreement: Agreement, horizon: date, problems: list[Problem]) -> tuple[Charge, ...]:
    """The charges of every term, in the order in which they are shown."""
    found: list[Charge] = []
    terms = [term for term in agreement.terms if not term.gone]
    known = agreement
    for rules, kinds in ((FIRST, [set(FIRST)]), (THEN, [{kind} for kind in THEN])):
        for some in kinds:
            if not (here := [one for one in terms if one.kind in some]):
                continue
            for term in in_turn(here):
                try:
                    if term.start and term.end and term.end < term.start:
                        raise ValueError(f"it ends ({term.end}) before it starts ({term.start}); correct one of the days")
                    charges = rules[term.kind](term, known, horizon)
                except ValueError as wrong:
                    problems.append(Problem(term.name or term.kind, str(wrong)))
                except OverflowError:
                    problems.append(Problem(term.name or term.kind, "it runs beyond the year 9999; give it an end"))
                else:
                    found += charges
                    if term.kind == "commitment":  # those that name it come after it and count what it came to
                        known = changed(known, charges=(*known.charges, *charges))
            known = changed(agreement, charges=tuple(found))
        if rules is FIRST and (off := off_together(found, agreement)):
            found += off
            known = changed(agreement, charges=tuple(found))
    for term in terms:
        if term.kind not in FIRST and term.kind not in THEN:
            every = ", ".join((*FIRST, *THEN))
            problems.append(Problem(term.name or term.kind, f"“{term.kind}” is not a kind of term; use {every}"))
    return _in_order(found, agreement)


def _in_order(charges: Iterable[Charge], agreement: Agreement) -> tuple[Charge, ...]:
    """By the day their service begins, then by the day they are billed, then as the terms are listed, then by key."""
    listed = {term.id: number for number, term in enumerate(agreement.terms)}

    def place(charge: Charge) -> tuple[date, date, int, str]:
        day = charge.billable_from or date.max
        term = listed.get(charge.term, len(listed)) if charge.term else len(listed)
        return (charge.period.start if charge.period else day), day, term, charge.key

    return tuple(sorted(charges, key=place))


def _differing(agreement: Agreement, charges: tuple[Charge, ...], limit: date, by_billing: bool) -> tuple[Charge, ...]:
    """Billable less issued and less what was billed elsewhere, as far as asked for; credits are always asked for."""
    rest = difference(charges, agreement.issued, invoices=agreement.invoices, currency=agreement.money)
    rest, _ = fence(rest, _elsewhere(agreement), None, issued=agreement.issued)
    rest = [one for one in rest if one.amount < 0 or _asked(one, limit, by_billing)]
    rest = [_at_its_tax(one, agreement) for one in rest]
    if agreement.contract.correction == "credit and recharge":
        due, documents = {charge.key: charge for charge in charges}, {one.id: one for one in agreement.invoices}
        rest = [line for one in rest for line in in_two(one, due.get(one.key), agreement.issued, documents)]
    return _in_order(rest, agreement)


def _elsewhere(agreement: Agreement) -> dict[Id, date]:
    """By term or contract, before which day periods were billed in another system."""
    found = {term.id: term.elsewhere_until for term in agreement.terms if term.elsewhere_until}
    whole = agreement.contract
    return found | ({whole.id: whole.elsewhere_until} if whole.elsewhere_until else {})


def _at_its_tax(rest: Charge, agreement: Agreement) -> Charge:
    """A credit bears the tax at which it was billed, whatever the rate is now."""
    if rest.amount >= 0:
        return rest
    taxes = {line.tax for line in agreement.issued if line.key == rest.key and not line.void and line.tax}
    return replace(rest, tax=taxes.pop()) if len(taxes) == 1 else rest


def _documents(charges: tuple[Charge, ...], agreement: Agreement, limit: date) -> tuple[Document, ...]:
    """Charges grouped as they would be billed: by day and payer; what is below the least goes with what comes next."""
    groups: dict[Id, dict[date, list[Charge]]] = {}
    for charge in charges:
        if charge.amount and not charge.covered_by:
            days = groups.setdefault(charge.payer or Id(b""), {})
            days.setdefault(charge.billable_from or date.max, []).append(charge)
    said: Row = next(iter(agreement.of("contract")), {})
    least, end = said.get("minimum_bill", 0), agreement.contract.end
    ended = end is not None and limit >= end - timedelta(days=1)
    found = []
    for payer, days in groups.items():
        waiting: list[Charge] = []
        for place, (on, lines) in enumerate(sorted(days.items()), 1):
            lines, waiting = [*waiting, *lines], []
            last = place == len(days)
            if 0 < sum(one.amount for one in lines) < least and not (last and ended):
                waiting = lines
                if not last:
                    continue
                words = f"less than {show(least, agreement.money)}: it goes with what is billed next"
                found.append(Document(None, payer or None, tuple(lines), totals(lines, agreement), None, words))
                continue
            due, says = due_on(on, agreement) if on < date.max else (None, "")
            day = on if on < date.max else None
            found.append(Document(day, payer or None, tuple(lines), totals(lines, agreement), due, says))
    return tuple(sorted(found, key=lambda one: (one.on or date.max, one.payer or b"")))


def _guarded(work: Callable[[], Any], instead: Any, what: str, problems: list[Problem]) -> Any:
    try:
        return work()
    except (ValueError, OverflowError) as wrong:
        problems.append(Problem(what, str(wrong)))
        return instead


def _asked_of(name: str, agreement: Agreement, problems: list[Problem]) -> list[Answer]:
    """The answers of a section, each with the line that asks; each row by itself, so that one that makes no sense stops no other.

    Such a row has its place among the answers, with its ``problem``.
    """
    found: list[Answer] = []
    for row in agreement.of(name):
        asked = {"line": row["line"]} if "line" in row else {}
        try:
            found += [{**one, **asked} for one in SECTIONS[name]((row,), agreement)]
        except (ValueError, OverflowError) as wrong:
            problems.append(Problem(name, str(wrong), row.get("line", 0)))
            found.append({"name": row.get("name", ""), "problem": str(wrong), "says": f"not answered: {wrong}", **asked})
    return found


def _order(agreement: Agreement, rest: tuple[Charge, ...]) -> Answer | None:
    """What is left on the client's order: drafts use nothing up, credits give back, never below nothing."""
    contract = agreement.contract
    if contract.order_ceiling is None:
        return None
    void = {invoice.id for invoice in agreement.invoices if invoice.void}
    used = max(0, sum(line.amount for line in agreement.issued if not line.void and line.invoice not in void))
    coming = sum(charge.amount for charge in rest if not charge.estimate)
    over = max(0, used + coming - contract.order_ceiling)
    money = agreement.money
    words = f"{show(contract.order_ceiling, money)} ordered, {show(used, money)} billed, {show(coming, money)} to bill"
    words += f": {show(over, money)} over" if over else f": {show(contract.order_ceiling - used - coming, money)} left"
    number = f" {contract.order_number}" if contract.order_number else ""
    late = [one for one in rest if contract.order_until and one.billable_from and one.billable_from >= contract.order_until]
    if late and contract.order_until:
        words += f"; {len(late)} lines fall after it ended on {on_day(contract.order_until)}"
    return {
        "ceiling": contract.order_ceiling,
        "used": used,
        "to_bill": coming,
        "over": over,
        "late": len(late),
        "says": f"order{number}: {words}",
    }


def _running_on(agreement: Agreement, through: date) -> Iterator[Day]:
    """The terms that end later than agreed, because they were suspended."""
    for term in agreement.terms:
        try:
            added = added_words(term, agreement)
        except ValueError:
            continue  # told as what it cannot be priced for
        if added and (last := _last_of(term, agreement)) and last > added[0]:
            day = Period(last - timedelta(days=1), last)
            yield Day("runs on", last, f"{term.name or term.kind}, with {day} as its last day: {added[1]}")


def _days(agreement: Agreement, through: date) -> tuple[Day, ...]:
    """The days that matter: the end of each term of the contract, the last day to cancel."""
    contract = agreement.contract
    ended = ending(agreement, through)
    found = list(_running_on(agreement, through))
    if not ended.terms:
        return tuple(found)
    for number, day in enumerate(ended.terms):
        what = "end" if number == 0 else f"end of renewal {number}"
        last = Period(day - timedelta(days=1), day)
        found.append(Day(what, day, f"its last day is {last}"))
    if ended.last_cancel is not None:
        day = ended.last_cancel
        notice, until = notice_words(contract), ended.terms[-1]
        last = Period(until - timedelta(days=1), until)
        words = f"{notice} of notice, all of them before the term ends with {last}"
        found.append(Day("last day to cancel", day, words if notice else f"without notice, up to its last day, {last}"))
    if ended.end is not None:
        found.append(Day("ends", ended.end, "it is no longer agreed from this day on"))
    return tuple(found)

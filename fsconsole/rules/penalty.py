"""Promises missed, as money: respond and restore clocks to breaches, breaches to a credit of what was really billed.

It stands apart because a credit rests on two histories at once: what happened on the calls, and what was invoiced.

Always: nothing undecided is drafted and it says so; a credit has one key for its period, so that what was credited
once is not credited again after a repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.clock import Clock, clock_of, pause
from fsconsole.rules.life import Piece, slices
from fsconsole.rules.prorate import rounded, share_of
from fsconsole.rules.rates import clock as spoken
from fsconsole.rules.rates import number
from fsconsole.rules.shares import shared
from fsconsole.rules.usage import charge_of
from fsconsole.rules.words import day as on_day
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period, add_months
from fsconsole.values.terms import Term

#: Kinds of term whose charges are no fee that a credit could be a share of.
BESIDE = ("sla", "availability", "retention", "deposit")
PART = "undecided"


@dataclass(frozen=True, slots=True)
class Breach:
    """One clock that ran out. ``late`` is in working seconds, None while it still runs."""

    call: Row
    what: str
    at: datetime
    stopped: datetime | None
    late: int | None
    rates: Mapping[str, Any]  # percent, amount, hourly_percent, hourly_amount


@dataclass(frozen=True, slots=True)
class Ruled:
    """A breach with its credit (exact minor units) and whether it counts: counts, undecided, or why not."""

    breach: Breach
    credit: Fraction
    state: str
    words: str
    turns: date | None = None  # the first day on which what is undecided is lost


def sla_credits(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """One charge below nothing for each period with breaches, and one that is held for what is undecided.

    Rows: [[sla]] the calls, [[pause]] the time that does not count. Raises ValueError where the term names no rate,
    or times contradict each other.
    """
    said = term.details
    rates = [said, *said.get("priorities", ())]
    if not term.amount and not said.get("steps") and not any(
        one.get(name) for one in rates for name in ("percent", "amount", "hourly_percent", "hourly_amount")
    ):
        raise ValueError("it says no rate: give percent, amount, hourly_percent, hourly_amount or steps")
    clock = clock_of(said, agreement)
    breaches = list(_breaches(term, agreement, clock, horizon))
    found: list[Charge] = []
    for piece in slices(term, agreement, horizon):
        mine = [one for one in breaches if _day(one, term, agreement) in piece.period]
        if mine:
            found += _credited(term, agreement, piece, mine, horizon)
    return found


def undecided(term: Term, agreement: Agreement, horizon: date) -> list[str]:
    """The calls whose credit waits for a claim or a decision, by name in their order."""
    breaches = list(_breaches(term, agreement, clock_of(term.details, agreement), horizon))
    found: dict[str, None] = {}
    for piece in slices(term, agreement, horizon):
        for one in breaches:
            if _day(one, term, agreement) in piece.period and _state(term, agreement, piece, one, horizon)[0] == "undecided":
                found[str(one.call["name"])] = None
    return list(found)


# --- breaches ---------------------------------------------------------------------------------------------------------


def _breaches(term: Term, agreement: Agreement, clock: Clock, horizon: date) -> Iterator[Breach]:
    for call in sorted(agreement.of("sla"), key=lambda one: (one["reported"], one["name"])):
        if call.get("void") or call.get("term", term.name) != term.name:
            continue
        targets = _targets(term, call)
        came = [call[name] for name in ("responded", "safe", "restored") if name in call]
        worked = [call[name] for name in ("restored", *(("safe",) if term.details.get("safe_stops") else ())) if name in call]
        for what, stops in (("respond", came), ("restore", worked)):
            if targets.get(what) is None:
                continue
            if any(at < call["reported"] for at in stops):
                raise ValueError(f"{call['name']} was stopped before it was reported; look at its times")
            pauses = [
                pause(one)
                for one in agreement.of("pause")
                if one.get("call", call["name"]) == call["name"] and one.get("clock", "both") in ("both", what)
            ]
            at = clock.deadline(clock.counts_from(call["reported"]), int(targets[what]), pauses)
            stopped = min(stops, default=None)
            if at is None or (stopped is not None and stopped <= at):
                continue
            if stopped is None and agreement.local_day(at) > horizon:
                continue
            late = None if stopped is None else clock.seconds(at, stopped, pauses)
            yield Breach(call, what, at, stopped, late, targets)


def _targets(term: Term, call: Row) -> dict[str, Any]:
    """Minutes and rates of a call: those of its priority before those of the term."""
    said = term.details
    found = {name: said.get(name) for name in ("respond", "restore", "percent", "hourly_percent", "hourly_amount")}
    found["amount"] = term.amount
    priority = call.get("priority", "")
    for one in said.get("priorities", ()):
        if priority and one["priority"].lower() == priority.lower():
            found |= {name: one[name] for name in found if name in one}
    return found


def _day(breach: Breach, term: Term, agreement: Agreement) -> date:
    return agreement.local_day(breach.call["reported"] if term.details.get("belongs") == "reported" else breach.at)


# --- money ------------------------------------------------------------------------------------------------------------


def _credited(term: Term, agreement: Agreement, piece: Piece, breaches: Sequence[Breach], horizon: date) -> Iterator[Charge]:
    money, said = agreement.money, term.details
    bases = fees_billed(term, agreement, piece.period)
    base = max(Fraction(0), sum(bases.values(), Fraction(0)))
    ruled = [_ruled(term, agreement, piece, one, base, horizon) for one in breaches]
    if said.get("counts") == "call":
        ruled = list(_once(ruled))
    counted, waiting = [one for one in ruled if one.state == "counts"], [one for one in ruled if one.state == "undecided"]
    others = [one for one in ruled if one.state not in ("counts", "undecided")]
    full, step_words = _in_all(term, base, counted)
    capped, cap_words = capped_at(term, base, full, money)
    amount = rounded(capped, agreement.contract.rounds)
    based = based_on(term, agreement, base, piece.period)
    told = "; ".join(one.words for one in (*counted, *others))
    some = f"{len(counted)} breach" + ("" if len(counted) == 1 else "es")
    says = f"{some} on {based}: {told}{step_words} = {show(rounded(full), money)}{cap_words}"
    payer, period = piece.payer, piece.period
    if counted or others:
        for tax, part in by_tax(term, bases, amount):
            several = not term.tax and len([one for one in bases.values() if one > 0]) > 1
            part_words = says + (f"; {show(part, money)} of it at tax {tax}" if several else "")
            yield charge_of(
                term, agreement, period, -part, part_words, kind="sla", part=tax if several else "", tax=tax, payer=payer,
                quantity=len(counted),
            )  # fmt: skip
    if waiting:
        would = rounded(capped_at(term, base, _in_all(term, base, [*counted, *waiting])[0], money)[0]) - amount
        words = (
            f"undecided, so nothing is drafted: {'; '.join(one.words for one in waiting)}; it would be {show(would, money)} more"
        )
        yield charge_of(
            term,
            agreement,
            period,
            0,
            words,
            kind="sla",
            part=PART,
            notional=-would,
            payer=payer,
            held=True,
            quantity=len(waiting),
            turns=tuple(sorted(one.turns for one in waiting if one.turns)),
        )


def _in_all(term: Term, base: Fraction, counted: Sequence[Ruled]) -> tuple[Fraction, str]:
    """What breaches come to together, exact: each its own, or the step that so many of them reach."""
    if not (steps := term.details.get("steps")):
        return sum((one.credit for one in counted), Fraction(0)), ""
    reached = [one for one in steps if int(one["breaches"]) <= len(counted)]
    if not reached:
        return Fraction(0), f"; fewer than {min(int(one['breaches']) for one in steps)}"
    step = max(reached, key=lambda one: int(one["breaches"]))
    percent = Decimal(str(step["percent"]))
    return base * Fraction(percent) / 100, f"; from {step['breaches']} on {number(percent)}%"


def _ruled(term: Term, agreement: Agreement, piece: Piece, breach: Breach, base: Fraction, horizon: date) -> Ruled:
    money, call = agreement.money, breach.call
    credit, words = _priced(term, breach, base, money)
    late = "still open" if breach.late is None else f"{spoken(breach.late // 60)} late"
    told = f"{call['name']} {breach.what} {late}"
    state, why, turns = _state(term, agreement, piece, breach, horizon)
    if state == "counts":
        return Ruled(breach, credit, state, f"{told}, {words}" + (f" ({why})" if why else ""))
    return Ruled(breach, credit, state, f"{told}, {why}", turns)


def _state(term: Term, agreement: Agreement, piece: Piece, breach: Breach, horizon: date) -> tuple[str, str, date | None]:
    """Whether a breach counts, and why (not); and when that turns by itself."""
    said, call = term.details, breach.call
    agreed = said.get("exclusions")
    note = ""
    if reason := call.get("excluded"):
        if agreed is None or reason in agreed:
            return "excluded", f"excluded: {reason}", None
        note = f"“{reason}” is no agreed exclusion"
    if call.get("decided") == "waived":
        return "waived", "waived" + (f": {call['reason']}" if call.get("reason") else ""), None
    if breach.late is None and (breach.rates.get("hourly_percent") or breach.rates.get("hourly_amount")):
        return "undecided", "it is not known how late", None
    if call.get("decided") == "credit":
        return "counts", note, None
    by_breach = said.get("claim_from", "breach") == "breach"
    since = agreement.local_day(breach.at) if by_breach else piece.period.end - timedelta(days=1)
    state, why, turns = claim_of(said, call.get("claimed"), since, agreement.as_of or horizon)
    return state, note if state == "counts" and not why else why, turns


def claim_of(said: Mapping[str, Any], claimed: date | None, since: date, horizon: date) -> tuple[str, str, date | None]:
    """Whether what nobody decided is credited: counts, undecided, late claim or not claimed, and why; and the first day on
    which it is too late for a claim that is still open.

    By itself, on a claim within ``claim_days`` of ``since``, or never by itself, as the term's ``claim`` says.
    """
    claim = said.get("claim", "automatic")
    if claim == "automatic":
        return "counts", "", None
    if claim == "decided":
        return "undecided", "nobody has decided", None
    days = said.get("claim_days")
    last = since + timedelta(days=days) if days is not None else None
    if claimed:
        if last is None or claimed <= last:
            return "counts", f"claimed {on_day(claimed)}", None
        return "late claim", f"claimed {on_day(claimed)}, after {on_day(last)}", None
    if last is None:
        return "undecided", "not claimed yet", None
    if horizon > last:
        return "not claimed", f"not claimed by {on_day(last)}", None
    return "undecided", f"not claimed yet, open until {on_day(last)}", last + timedelta(days=1)


def _priced(term: Term, breach: Breach, base: Fraction, money: str) -> tuple[Fraction, str]:
    """What one breach comes to, exact, and its words."""
    rates, parts, words = breach.rates, Fraction(0), []
    if rates.get("percent") is not None:
        percent = Decimal(str(rates["percent"]))
        parts += base * Fraction(percent) / 100
        words.append(f"{number(percent)}%")
    if rates.get("amount"):
        parts += int(rates["amount"])
        words.append(show(int(rates["amount"]), money))
    late = breach.late or 0
    hours = {"exact": Fraction(late, 3600), "full": Fraction(late // 3600)}.get(
        term.details.get("hours_late", "begun"), Fraction(-(-late // 3600))
    )
    told = number(Decimal(rounded(hours * 100)) / 100)
    if rates.get("hourly_percent") is not None:
        percent = Decimal(str(rates["hourly_percent"]))
        parts += base * Fraction(percent) / 100 * hours
        words.append(f"{told} h × {number(percent)}%")
    if rates.get("hourly_amount"):
        parts += int(rates["hourly_amount"]) * hours
        words.append(f"{told} h × {show(int(rates['hourly_amount']), money)}")
    return parts, " + ".join(words) or ("counted" if term.details.get("steps") else "no rate for it")


def _once(ruled: Sequence[Ruled]) -> Iterator[Ruled]:
    """Of one call the breach that comes to most; the last clock where they are alike."""
    best: dict[str, Ruled] = {}
    for one in ruled:
        name = str(one.breach.call["name"])
        if name not in best or one.credit >= best[name].credit:
            best[name] = one
    yield from best.values()


def capped_at(term: Term, base: Fraction, full: Fraction, money: str) -> tuple[Fraction, str]:
    """What is credited at most in a period, and the words where that is less."""
    said, most, words = term.details, full, ""
    if said.get("cap") is not None:
        percent = Decimal(str(said["cap"]))
        limit = base * Fraction(percent) / 100
        if limit < most:
            most, words = limit, f", capped at {number(percent)}% = {show(rounded(limit), money)}"
    if said.get("cap_amount") is not None and said["cap_amount"] < most:
        most, words = Fraction(said["cap_amount"]), f", capped at {show(said['cap_amount'], money)}"
    return most, words


# --- what it is a share of --------------------------------------------------------------------------------------------


def basis_of(term: Term, agreement: Agreement) -> str:
    void = {invoice.id for invoice in agreement.invoices if invoice.void}
    billed = any(not line.void and line.invoice not in void for line in agreement.issued)
    return str(term.details.get("base") or ("billed" if billed else "charged"))


def based_on(term: Term, agreement: Agreement, base: Fraction, period: Period) -> str:
    """What a credit is a share of, in words."""
    billed = "billed" if basis_of(term, agreement) == "billed" else "to be billed"
    return f"{show(rounded(base), agreement.money)} {billed} for {period}"


def fees_billed(term: Term, agreement: Agreement, period: Period) -> dict[str, Fraction]:
    """The period's share of what was really billed (or is to be), by tax, exact minor units."""
    named = term.details.get("of")
    fees = [one for one in agreement.terms if one.kind not in BESIDE and (named is None or one.name in named)]
    if unknown := set(named or ()) - {one.name for one in fees}:
        raise ValueError(f"there is no fee “{min(unknown)}”; there are {', '.join(one.name for one in fees) or 'none'}")
    ids = {one.id: one for one in fees}
    spans = {charge.key: charge.period for charge in agreement.charges if charge.period is not None}
    found: dict[str, Fraction] = {}
    if basis_of(term, agreement) == "charged":
        lines: list[tuple[int, Period | None, str]] = [
            (one.amount, one.period, one.tax)
            for one in agreement.charges
            if one.term in ids and not one.covered_by and not one.estimate
        ]
    else:
        by_hex = {one.id.hex(): one for one in fees}
        void = {one.id for one in agreement.invoices if one.void}
        lines = []
        for line in agreement.issued:
            fee = by_hex.get(line.key.partition(":")[0])
            if fee is None or line.void or line.invoice in void or line.start is None:
                continue
            # A line that does not say until when is for the period of its charge, else for its first day.
            span: Period | None = (
                Period(line.start, line.end)
                if line.end
                else spans.get(line.key, Period(line.start, line.start + timedelta(days=1)))
            )
            lines.append((line.amount, span, line.tax or fee.tax))
    for amount, span, tax in lines:
        common = span.overlap(period) if span is not None else None
        if span is not None and common is not None:
            share, _ = share_of(common, span, term.proration, months=_months(span))
            found[tax] = found.get(tax, Fraction(0)) + amount * share
    return found


def _months(span: Period) -> int:
    """The whole months of a span, 0 where it has none."""
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month
    return months if months > 0 and add_months(span.start, months) == span.end else 0


def by_tax(term: Term, bases: Mapping[str, Fraction], amount: int) -> list[tuple[str, int]]:
    """The credit in parts by the tax of what it credits; its own tax goes before."""
    taxed = {tax: value for tax, value in sorted(bases.items()) if value > 0}
    if term.tax or len(taxed) < 2:
        return [(term.tax or next(iter(taxed), ""), amount)]
    return list(zip(taxed, shared(amount, list(taxed.values()), "largest remainder"), strict=True))

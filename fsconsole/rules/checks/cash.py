"""Money in, tax and numbers: cash that stands nowhere, tax that cannot be left out, gaps in a series; parts gone from vans."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from fsconsole.rules.checks.reasons import by_day, case, with_off
from fsconsole.rules.facts import ClientFacts, SiteFacts, TechnicianFacts
from fsconsole.rules.policy import start_of
from fsconsole.rules.rates import number
from fsconsole.rules.words import called, count, day, listed, short
from fsconsole.values.bill import ExceptionCase, Invoice, Payment, Step
from fsconsole.values.money import show, times

#: How a certificate's last day is called among a client's own fields.
CERTIFICATE = ("exempt until", "exemption until", "exemption_until", "exempt_until", "certificate until", "tax certificate until")


def cash_unapplied(facts: ClientFacts) -> list[ExceptionCase]:
    """A payment that stands on no document; a document that was paid over, or short by next to nothing."""
    paid: dict[bytes, int] = {}
    for payment in facts.payments:
        if payment.invoice and not payment.void:
            paid[payment.invoice] = paid.get(payment.invoice, 0) + payment.amount
    found = [_nowhere(facts, each, paid) for each in facts.payments if not each.invoice and not each.void and each.amount > 0]
    small = facts.policies.latest.small_difference
    credited = _credited(facts)
    for invoice in sorted(facts.documents, key=lambda each: each.number):
        got = paid.get(invoice.id, 0)
        if invoice.void or not got or invoice.open_amount is not None or invoice.kind == "credit note":
            continue
        left, money = invoice.gross - got, invoice.currency or facts.currency
        if not left or left > small or invoice.number in credited:
            continue
        how = f"over by {show(-left, money)}" if left < 0 else f"short by {show(left, money)}"
        words = "say where it belongs" if left < 0 else "let the rest go"
        found.append(
            case(
                "cash_unapplied",
                invoice.id,
                "invoice",
                f"{invoice.number} was paid {how}: {facts.client.name}",
                value=abs(left),
                credit=left < 0,
                since=start_of(invoice.issued_on, facts.timezone) if invoice.issued_on else None,
                step=Step(verb=f"waive {invoice.number} ", words=words),
                evidence=[f"{show(invoice.gross, money)} was asked, {show(got, money)} came"],
                client=facts.client.id,
            )
        )
    return found


def _nowhere(facts: ClientFacts, payment: Payment, paid: dict[bytes, int]) -> ExceptionCase:
    money = payment.currency or facts.currency
    credited = _credited(facts)
    open_ = [(invoice, left) for invoice in facts.documents if (left := _open(invoice, paid, credited)) > 0]
    open_.sort(key=lambda each: (each[1] != payment.amount, each[0].number not in payment.reference, each[0].due_on or date.max))
    fits = open_[0][0].number if open_ else ""
    on = f" of {day(payment.day)}" if payment.day else ""
    said = f" “{payment.reference}”" if payment.reference else ""
    return case(
        "cash_unapplied",
        payment.id,
        "payment",
        f"{show(payment.amount, money)}{on}{said} stands on no document: {facts.client.name}",
        value=payment.amount,
        credit=True,
        since=start_of(payment.day, facts.timezone) if payment.day else None,
        step=Step(verb=f"apply {payment.id.hex()[:12]} {fits}", words=f"put it on {fits}" if fits else "say for what it is"),
        evidence=[f"{invoice.number} has {show(left, money)} open" for invoice, left in open_[:6]]
        or ["nothing of theirs is open"],
        client=facts.client.id,
    )


def _credited(facts: ClientFacts) -> dict[str, int]:
    """By number, what credit notes that name a document give back of it."""
    found: dict[str, int] = {}
    for each in facts.documents:
        if each.kind == "credit note" and not each.void and (number_ := each.custom.get("credits")):
            found[number_] = found.get(number_, 0) - each.gross
    return found


def _open(invoice: Invoice, paid: dict[bytes, int], credited: dict[str, int]) -> int:
    if invoice.void or invoice.kind == "credit note":
        return 0
    back = credited.get(invoice.number, 0)
    return (invoice.open_amount if invoice.open_amount is not None else invoice.gross) - paid.get(invoice.id, 0) - back


def tax_missing(facts: ClientFacts) -> list[ExceptionCase]:
    """A reverse charge without a tax number that looks like one, or an exemption whose certificate has lapsed."""
    client = facts.client
    due = by_day(c for c in facts.charges if c.amount > 0 and not c.estimate and not c.covered_by)
    if not due:
        return []
    reverse = {term.id for term in facts.terms if "reverse" in term.tax.lower() and not term.gone}
    ref = short(client.ref, facts.series)
    held = [c for c in due if c.term in reverse or "reverse" in c.tax.lower()]
    shape = re.fullmatch(r"[A-Za-z]{2}[A-Za-z0-9]{6,13}", client.tax_id.replace(" ", ""))
    if held and not shape:
        what = f"the tax number “{client.tax_id}” is none" if client.tax_id else "there is no tax number"
        return [
            case(
                "tax_missing",
                client.id,
                "client",
                f"reverse charge, and {what}: {client.name}",
                charges=(lines := with_off(held, facts.charges)),
                since=start_of(first, facts.timezone) if (first := held[0].billable_from) else None,
                waits_for="client",
                step=Step(verb=f"chase {ref} client", words="ask for the tax number"),
                evidence=[
                    "a number begins with its country, such as GB123456789",
                    *(f"{show(c.amount, c.currency)}: {c.reason}" for c in lines[:5]),
                ],
                client=client.id,
            )
        ]
    until = next((on for name, text in client.custom.items() if name.strip().lower() in CERTIFICATE and (on := _day(text))), None)
    late = [c for c in due if until and (c.billable_from or date.min) > until]
    if until is None or not late:
        return []
    return [
        case(
            "tax_missing",
            client.id,
            "client",
            f"the exemption ran out on {day(until)}: {client.name}",
            charges=late,
            since=start_of(until + timedelta(days=1), facts.timezone),
            waits_for="client",
            step=Step(verb=f"chase {ref} client", words="ask for the new certificate"),
            evidence=[f"{show(c.amount, c.currency)}: {c.reason}" for c in late[:5]],
            client=client.id,
        )
    ]


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text).strip()[:10])
    except ValueError:
        return None


def parts_not_billed(facts: TechnicianFacts) -> list[ExceptionCase]:
    """By its counts a van lost more of a part than its technician put on jobs."""
    found = []
    for each in sorted(facts.taken, key=lambda taken: taken.part.code):
        gone = each.taken - each.used
        if gone <= 0:
            continue
        quantity = Decimal(gone) / 1000
        price = each.part.price if each.part.price is not None else each.part.cost or 0
        value, name = times(price, quantity), each.part.code or each.part.name
        ref = short(each.ref, facts.series)
        step = Step(verb=f"chase {facts.technician.code} {facts.technician.code}", words=f"ask {called(facts.technician)}")
        if ref:
            step = Step(verb=f"part {ref} {name} x{number(quantity)}", words=f"put it on {ref}")
        found.append(
            case(
                "parts_not_billed",
                facts.technician.id,
                "technician",
                f"{number(quantity)} × {name} left {called(facts.technician)}'s van and stands on no job",
                detail=each.part.id.hex(),
                value=value,
                since=each.since,
                waits_for=called(facts.technician),
                step=step,
                evidence=[
                    f"{number(Decimal(each.taken) / 1000)} gone by the counts, {number(Decimal(each.used) / 1000)} on jobs",
                    f"{number(quantity)} × {show(price, facts.currency)} = {show(value, facts.currency)}",
                    f"last job before the count: {ref}" if ref else "no job before the count",
                ],
            )
        )
    return found


def series_gap(facts: SiteFacts) -> list[ExceptionCase]:
    """A number of a site's gapless series is missing, or two documents bear one number."""
    found = []
    for prefix, missing in sorted(facts.missing.items()):
        names = listed([f"{prefix}{one:04d}" for one in missing[:5]] + (["more"] if len(missing) > 5 else []))
        verb = "is" if len(missing) == 1 else "are"
        found.append(
            case(
                "series_gap",
                facts.site,
                "site",
                f"{names} of {facts.code}'s series {verb} missing",
                detail=prefix,
                step=Step(verb=f"waive {facts.code}/series_gap ", words="say what became of it"),
                evidence=[f"{count(len(missing), 'number')} between the first and the last that are known here"],
            )
        )
    found += [
        case(
            "series_gap",
            facts.site,
            "site",
            f"two documents bear the number {number_}",
            detail=number_,
            step=Step(verb=f"waive {facts.code}/series_gap ", words="say which one counts"),
            evidence=["a number is given once; credit one of them"],
        )
        for number_ in facts.twice
    ]
    return found

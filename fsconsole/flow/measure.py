"""What contracts are measured by: meters read, an index published, notice of a rise given.

It stands apart because none of them says what anything costs: each is a fact that the terms rest on.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import guard, record
from fsconsole.flow.draft import month_of
from fsconsole.flow.import_published import published_id
from fsconsole.rules.words import day, listed
from fsconsole.rules.words import day as on_day
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put, void
from fsconsole.values.agreement import Agreement
from fsconsole.values.money import plain
from fsconsole.values.terms import Clause, Contract
from fsconsole.values.work import Asset, Reading


def reading(desk: Desk, words: str) -> Done:
    """``C118 C-1 14200 mono 28/2 E``: equipment (behind its contract or not), value; meter, day, E for an estimate.

    ``new 12``: the meter was swapped, and the one in its place began at 12; ``rollover``: it went round. What was read on
    that day before is taken back: it is put right. ``wrong`` in place of the value takes it back and puts nothing there.

    Raises UsageError, or Refused for a counter that goes backwards (``!!`` records it all the same).
    """
    rest = finding.typed_words(words)
    example = "reading C-1 14200, or reading C-1 14200 mono 2026-02-28 E"
    if rest and re.search(r"(^|-)C\d+$", rest[0].upper()) and finding.ids_of(desk, "contract", rest[0]):
        rest = rest[1:]
    if len(rest) < 2:
        raise UsageError("Which equipment, and what does it say?", f"Write it like: {example}")
    asset = finding.asset(desk, rest[0])
    if rest[1].lower() == "wrong":
        return _wrong(desk, asset, rest[2:])
    try:
        value = Decimal(plain(rest[1]))
        scaled = int(value * 1000)
    except (InvalidOperation, ValueError, OverflowError):
        raise UsageError(f"“{rest[1]}” is not a reading.", f"Write it like: {example}") from None
    if not value.is_finite() or value < 0:
        raise UsageError(f"{rest[1]} is no reading: a counter is never below nought.", f"Write it like: {example}")
    estimated, on, meter = False, desk.today, ""
    details, tail = _swapped(rest[2:], example)
    for word in tail:
        if word.lower() in ("e", "est", "estimate", "estimated"):
            estimated = True
        elif finding.is_day(desk, word):
            on = _past(desk, word)
        else:
            meter = f"{meter} {word}".strip()
    before: list[Reading] = [
        one for one in fetch_all(desk.store, "reading", asset=asset.id) if one.meter == meter and one.day and one.day < on
    ]
    last = max(before, key=lambda one: (one.day or date.min, one.id), default=None)
    if last and last.day and not estimated and not details and scaled < last.value:
        guard(
            desk,
            f"{asset.title} {meter} said {Decimal(last.value) / 1000:f} on {day(last.day)}; {rest[1]} is less.".replace(
                "  ", " "
            ),
            "Read it again. After a swap say new and what the new one began at, past its last digit rollover.",
        )
    same = [one for one in fetch_all(desk.store, "reading", asset=asset.id) if one.meter == meter and one.day == on]
    wrong = [one for one in same if one.estimated == estimated]
    if any(one.value == scaled and one.details == details for one in wrong):
        raise Refused(f"{asset.title} says so for {day(on)} already.", "There is nothing to do.")
    fresh = put("reading", desk.ids(), asset=asset.id, meter=meter, value=scaled, day=on, estimated=estimated, details=details)
    puts = [*(void("reading", one.id) for one in wrong), fresh]
    was = f" (it said {Decimal(wrong[0].value) / 1000:f})" if wrong else ""
    how = "estimated" if estimated else "read"
    said = f"{asset.title}{' ' + meter if meter else ''} {how} {rest[1]} on {day(on)}{was}"
    return record(desk, puts, said, ref=asset.ref, row=asset.id)


def _wrong(desk: Desk, asset: Asset, words: list[str]) -> Done:
    """Takes back what was read on a day (the last unless one is said) of a meter; what rests on it is priced anew."""
    on, meter = None, ""
    for word in words:
        if finding.is_day(desk, word):
            on = _past(desk, word)
        else:
            meter = f"{meter} {word}".strip()
    known: list[Reading] = [one for one in fetch_all(desk.store, "reading", asset=asset.id) if one.day and not one.void]
    ours = [one for one in known if not meter or one.meter == meter]
    if not ours:
        raise Refused(f"{asset.title}{' ' + meter if meter else ''} was never read.", "There is nothing to take back.")
    days = sorted({one.day for one in ours if one.day})
    on = on or days[-1]
    wrong = [one for one in ours if one.day == on]
    if not wrong:
        raise Refused(f"{asset.title} was not read on {day(on)}.", f"It was on {listed(day(one) for one in days[-5:])}.")
    if len({one.meter for one in wrong}) > 1:
        raise Refused(
            f"{asset.title} has several meters read on {day(on)}.", f"Name one: {listed(sorted(one.meter for one in wrong))}."
        )
    values = listed(f"{Decimal(one.value) / 1000:f}" for one in wrong)
    name = f"{asset.title} {wrong[0].meter}".strip()
    return record(
        desk, [void("reading", one.id) for one in wrong], f"{name}: {values} of {day(on)} was read wrong and counts for nothing",
        ref=asset.ref, row=asset.id,
    )  # fmt: skip


def _swapped(words: list[str], example: str) -> tuple[dict[str, Any], list[str]]:
    """What the words say of a swap or a roll-over, and the rest of them."""
    found: dict[str, Any] = {}
    rest: list[str] = []
    at = 0
    while at < len(words):
        if words[at].lower() == "new" and at + 1 < len(words):
            try:
                found["new"] = f"{Decimal(plain(words[at + 1])):f}"
            except InvalidOperation:
                raise UsageError(f"“{words[at + 1]}” is not a reading.", f"Write it like: {example} new 0") from None
            at += 1
        elif words[at].lower() in ("rollover", "roll-over"):
            found["rollover"] = True
        else:
            rest.append(words[at])
        at += 1
    return found, rest


def _past(desk: Desk, word: str) -> date:
    on = finding.day(desk, word)
    if on > desk.today:
        raise Refused(f"{day(on)} is still to come.", "A meter is read on a day that has been.")
    return on


def index(desk: Desk, name: str, month: str, value: str) -> Done:
    """Records what was published: ``index CPI 2026-01 134.8``. Every contract that follows it is priced again."""
    first, _ = month_of(month, desk.today)
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number <= 0:
        raise UsageError(f"“{value}” is not the value of an index.", "Write it like: index CPI 2026-01 134.8")
    known = [
        one for one in fetch_all(desk.store, "published", "kind = 'index' AND name = ?", [name]) if one.start == first
    ]  # fmt: skip
    if known and Decimal(known[0].value or 0) == number:
        raise Refused(f"{name} for {first:%b %Y} is {value} already.", "There is nothing to do.")
    row = known[0].id if known else published_id(desk.store.workspace, "index", name, first)
    was = f" (it was {known[0].value})" if known else ""
    puts = [put("published", row, kind="index", name=name, start=first, value=str(number))]
    return record(desk, puts, f"{name} for {first:%b %Y} is {number}{was}")


def notice(desk: Desk, contract: Contract, day: date | None = None) -> Done:
    """Notice of a contract's price rises was given, today unless a day is said: they take effect from there."""
    on = day or desk.today
    rises: list[Clause] = [one for one in fetch_all(desk.store, "clause", contract=contract.id) if one.kind == "escalator"]
    wanted = [one for one in rises if "notified" in one.details or one.details.get("notice")]
    if not wanted:
        raise Refused(f"No rise of {contract.ref} asks for notice.", "It takes effect by itself, or there is none.")
    puts = []
    for one in wanted:
        given = [str(each) for each in one.details.get("notified") or []]
        if on.isoformat() not in given:
            puts.append(put("clause", one.id, details={**one.details, "notified": sorted([*given, on.isoformat()])}))
    if not puts:
        raise Refused(f"Notice of it was given on {on_day(on)} already.", "There is nothing to do.")
    names = listed(one.name or "the rise" for one in wanted)
    return record(
        desk, puts, f"{contract.ref}: notice of {names} given {on_day(on)}", ref=contract.ref, row=contract.id
    )


def decide(desk: Desk, contract: Contract, words: str) -> Done:
    """Decides on promises that were missed: ``credit``, or ``waived`` with the reason; one call's name before it, or all that
    wait for it: what was claimed in time, or too late, is decided by its name alone.

    Raises UsageError, or Refused when nothing waits for a decision.
    """
    from fsconsole.flow.agreed import agreed
    from fsconsole.flow.gather import Known, contract_sheets

    rest = finding.typed_words(words)
    at = next((index for index, word in enumerate(rest) if word.lower() in ("credit", "waived", "waive")), -1)
    example = "decide C204 credit, or decide C204 1042 waived their gate was locked"
    if at < 0:
        raise UsageError("Credit it, or let it go?", f"Write it like: {example}")
    how = "credit" if rest[at].lower() == "credit" else "waived"
    why, call = " ".join(rest[at + 1 :]), " ".join(rest[:at])
    if how == "waived" and not why:
        raise UsageError("Waived, and why?", f"Write it like: {example}")
    known = Known(desk.store)
    agreement, _ = agreed(contract_sheets(desk.store, [contract.id], known)[0], known)
    agreement = replace(agreement, as_of=desk.today)
    missed = (*agreement.of("sla"), *agreement.of("outage"))
    names = [str(row["name"]) for row in missed if not row.get("decided") and not row.get("void")]
    wanted = [name for name in names if call.lower() in (name.lower(), name.lower().rpartition("-")[2])]
    if not call:
        waits = _undecided(agreement, desk.today)
        wanted = [name for name in dict.fromkeys(names) if name in waits]
    if not wanted:
        raise Refused(f"Nothing of {contract.ref} waits for that decision.", f"There is {listed(names)}." if names else "")
    details = {"decided": how, **({"reason": why} if why else {})}
    puts = [
        put("entry", desk.ids(), contract=contract.id, kind="claim", name=name, day=desk.today, at=desk.at, details=details)
        for name in wanted
    ]
    said = "credited" if how == "credit" else f"waived: {why}"
    return record(desk, puts, f"{contract.ref}: {listed(wanted)} {said}", ref=contract.ref, row=contract.id)


def _undecided(agreement: Agreement, today: date) -> set[str]:
    """The names of the calls and outages of a contract whose credit waits for a claim or a decision."""
    from fsconsole.rules import availability, penalty

    found: set[str] = set()
    for term in agreement.terms:
        with suppress(ValueError):  # a term that contradicts itself has a case of its own
            if term.kind == "sla":
                found.update(penalty.undecided(term, agreement, today))
            elif term.kind == "availability":
                found.update(availability.undecided(term, agreement, today))
    return found

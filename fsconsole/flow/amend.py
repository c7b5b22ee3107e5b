"""What a job turns out to be: notes, orders, priority, promises, cancelled, given away, written off.

It stands apart from intake because none of it is known while the caller waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import guard, record
from fsconsole.flow.dispatch import folds_of, happened, short
from fsconsole.flow.exception import decision_id
from fsconsole.flow.intake import urgency
from fsconsole.rules import job as jobs
from fsconsole.rules.words import day, listed
from fsconsole.store.queries.exceptions import cases_about
from fsconsole.store.rows import fetch_all, fetch_many
from fsconsole.store.tables import put
from fsconsole.values.money import show, typed
from fsconsole.values.terms import Contract
from fsconsole.values.work import Column, Happening, Job, State


def note(desk: Desk, job: Job, words: str) -> Done:
    """Adds a note to a job."""
    puts = [put("note", desk.ids(), about=job.id, text=words, at=desk.at, by=desk.by)]
    return record(desk, puts, f"{job.ref} noted: {words}", ref=job.ref, row=job.id)


def order(desk: Desk, thing: Job | Contract, words: str) -> Done:
    """Gives the client's order number; for a contract also ``max:1160.00``, ``until:2026-12-31`` and ``for:labour,parts``.

    ``for:`` names the kinds of line or terms that the order is for; ``for:all`` is everything again.
    """
    given, rest = finding.pairs(words, ("max", "until", "for"))
    number = " ".join(rest)
    if isinstance(thing, Job):
        if given:
            raise UsageError("A job's order has no ceiling here.", f"Write: order {short(desk, thing.ref)} NUMBER")
        same = number == thing.order_number
        if same:
            raise Refused(f"{thing.ref} has order {number} already.", "There is nothing to do.")
        return record(
            desk, [put("job", thing.id, order_number=number)], f"{thing.ref} order {number}", ref=thing.ref, row=thing.id
        )
    values: dict[str, Any] = {"order_number": number} if number else {}
    if "max" in given:
        try:
            values["order_ceiling"] = typed(given["max"], thing.currency or desk.store.currency)
        except ValueError as wrong:
            raise UsageError(f"{wrong}.", "Write it like max:1160.00") from None
    if "until" in given:
        values["order_until"] = finding.day(desk, given["until"]) + timedelta(days=1)
    if "for" in given:
        named = [word.strip() for word in given["for"].split(",") if word.strip()]
        known = [term.name for term in fetch_all(desk.store, "term", contract=thing.id) if term.name]
        kinds = {"labour", "travel", "part", "parts", "call-out", "fixed", "meter", "all", *(name.casefold() for name in known)}
        if wrong_ := [word for word in named if word.casefold() not in kinds] or ([given["for"]] if not named else []):
            raise UsageError(
                f"“{wrong_[0]}” is no kind of line and no term of {thing.ref}.",
                f"Write for:labour,parts or name terms: {listed(known) or 'it has none'}; for:all is everything.",
            )
        values["order_scope"] = [] if "all" in (word.casefold() for word in named) else named
    if not values:
        example = f"order {short(desk, thing.ref)} NUMBER max:1160.00 until:2026-12-31 for:labour,parts"
        raise UsageError("Which order?", f"Write: {example}")
    # A ceiling and an end were those of the order before: a new one has none unless it is said.
    gone = {"order_ceiling": "ceiling", "order_until": "end"} if number and number != thing.order_number else {}
    gone = {field: word for field, word in gone.items() if field not in values and getattr(thing, field)}
    values |= dict.fromkeys(gone)
    words = f"{thing.ref} order {number or thing.order_number}"
    words += (
        f", up to {show(values['order_ceiling'], thing.currency or desk.store.currency)}" if values.get("order_ceiling") else ""
    )
    words += f", until {day(values['order_until'] - timedelta(days=1))}" if values.get("order_until") else ""
    if gone:
        words += f" (the {' and the '.join(gone.values())} of {thing.order_number} {'goes' if len(gone) == 1 else 'go'} with it)"
    if "order_scope" in values:
        words += f", for {listed(values['order_scope']) or 'everything'}"
    return record(desk, [put("contract", thing.id, **values)], words, ref=thing.ref, row=thing.id)


def priority(desk: Desk, job: Job, number: int) -> Done:
    """Sets the priority, 1 is first."""
    value = urgency(str(number))
    if value == job.priority:
        raise Refused(f"{job.ref} has priority {value} already.", "There is nothing to do.")
    return record(desk, [put("job", job.id, priority=value)], f"{job.ref} priority {value}", ref=job.ref, row=job.id)


def promise(desk: Desk, job: Job, when: datetime, until: datetime | None = None) -> Done:
    """Promises a window, or with one time alone that someone is there by then."""
    _alive(job)
    if until is not None and until <= when:
        # The second time alone means the same day as the first: fri 14:00 16:00.
        end = until.astimezone(desk.zone).time()
        until = finding.local(desk, when.astimezone(desk.zone).date(), end)
        if until <= when:
            raise UsageError("The window ends before it begins.", f"Write: promise {short(desk, job.ref)} 14:00 16:00")
    if (until or when) <= desk.now:
        raise Refused("That time has passed.", "Promise one that is still to come.")
    begins, ends = (when, until) if until else (None, when)
    said = (
        f"{finding.at_words(desk, when)}–{until.astimezone(desk.zone):%H:%M}" if until else f"by {finding.at_words(desk, when)}"
    )
    puts = [put("job", job.id, promised_from=begins, promised_until=ends)]
    return record(desk, puts, f"{job.ref} promised {said}", ref=job.ref, row=job.id)


def rename(desk: Desk, job: Job, words: str) -> Done:
    """Says better what is wrong."""
    if words == job.title:
        raise Refused(f"{job.ref} says so already.", "There is nothing to do.")
    return record(desk, [put("job", job.id, title=words)], f"{job.ref} is now: {words}", ref=job.ref, row=job.id)


def cancel(desk: Desk, job: Job, words: str) -> Done:
    """Cancels a job; whoever was sent and has not set out is taken off in the same act."""
    _alive(job)
    folds = folds_of(desk, job.id)
    ref = short(desk, job.ref)
    technicians = fetch_many(desk.store, "technician", [f.visit.technician for f in folds if f.visit.technician])
    for fold in folds:
        who = technicians.get(fold.visit.technician or b"")
        name = who.name if who else "Someone"
        if fold.state in jobs.ACTIVE or fold.state is State.WAITING_PARTS:
            raise Refused(
                f"{name} is {fold.state.value} for {job.ref}.",
                f"Say first how that ended: ab {ref} (aborted) or na {ref} (no access).",
            )
        if fold.state in (State.COMPLETE, State.SIGNED_OFF):
            raise Refused(f"{job.ref} is {fold.state.value}.", f"If it is not to be billed, write it off: close {ref} WHY")
    taken = [fold for fold in folds if fold.state in (State.SCHEDULED, State.DISPATCHED)]
    puts = [happened(desk, fold.visit.id, Happening.TAKE_OFF, note="cancelled") for fold in taken]
    names = listed([who.name for fold in taken if (who := technicians.get(fold.visit.technician or b""))])
    words_ = f"{job.ref} cancelled: {words}" + (f"; {names} taken off, tell them" if names else "")
    return record(desk, [put("job", job.id, cancelled=words), *puts], words_, ref=job.ref, row=job.id)


def under(desk: Desk, job: Job, contract: Contract) -> Done:
    """Puts a job under a contract: its prices, its cover, its promises."""
    if job.client is not None and contract.client is not None and job.client != contract.client:
        names = fetch_many(desk.store, "client", [contract.client])
        owner = names[contract.client].name if contract.client in names else "another client"
        guard(desk, f"{contract.ref} is {owner}'s, {job.ref} is not.", "Choose a contract of the job's client.")
    if job.contract == contract.id:
        raise Refused(f"{job.ref} is under {contract.ref} already.", "There is nothing to do.")
    puts = [put("job", job.id, contract=contract.id)]
    return record(desk, puts, f"{job.ref} is under {contract.ref} {contract.name}".strip(), ref=job.ref, row=job.id)


def goodwill(desk: Desk, job: Job, words: str) -> Done:
    """Gives the work away, with the reason; its worth stays visible as notional."""
    _alive(job)
    return record(desk, [put("job", job.id, goodwill=words)], f"{job.ref} given as goodwill: {words}", ref=job.ref, row=job.id)


def uncover(desk: Desk, job: Job, words: str) -> Done:
    """Bills work that stands as covered, with the reason: misuse, or a cover that was over. Raises Refused where nothing is."""
    _alive(job)
    if _charged(desk, job):
        back = f"To take that back: covered {short(desk, job.ref)} WHY"
        raise Refused(f"The client pays for {job.ref} already: {_charged(desk, job)}.", back)
    row = desk.store.one(
        "SELECT count(*), coalesce(sum(notional), 0), max(currency) FROM charge_now"
        " WHERE job = ? AND covered_by IN ('contract', 'warranty')",
        (job.id,),
    )
    if not row or not row[0]:
        instead = "What is not covered is billed anyway; goodwill is taken back with undo."
        raise Refused(f"Nothing of {job.ref} stands as covered.", instead)
    key = f"uncovered:{job.ref}"
    puts = [put("decision", decision_id(key), key=key, held=words)]
    worth = show(row[1], row[2] or desk.store.currency)
    return record(desk, puts, f"{job.ref}: the client pays {worth} that stood as covered: {words}", ref=job.ref, row=job.id)


def covered(desk: Desk, job: Job, words: str) -> Done:
    """Confirms that work is covered, with the reason, and takes ``uncover`` back. Raises Refused where nobody asks."""
    cases = [one for one in cases_about(desk.store, desk.now, job.id) if one.reason == "cover_doubtful"]
    charged = _charged(desk, job)
    if not cases and not charged:
        raise Refused(f"Nobody doubts that {job.ref} is covered.", "There is nothing to do.")
    key = f"uncovered:{job.ref}"
    puts = [put("decision", decision_id(key), key=key, held="")] if charged else []
    name = f"cover_doubtful:{job.id.hex()}"
    worth = max((one.whole for one in cases), default=0)
    if charged:
        row = desk.store.one("SELECT coalesce(sum(max(amount, 0)), 0) FROM charge_now WHERE job = ?", (job.id,))
        worth = row[0] if row else 0
    puts.append(put("decision", decision_id(name), key=name, waived=words, waived_value=worth))
    return record(desk, puts, f"{job.ref} is covered: {words}", ref=job.ref, row=job.id)


def _charged(desk: Desk, job: Job) -> str:
    row = desk.store.one("SELECT held FROM decision WHERE key = ?", (f"uncovered:{job.ref}",))
    return str(row[0]) if row and row[0] else ""


def write_off(desk: Desk, job: Job, words: str) -> Done:
    """Writes off what is not to be billed, and closes the job."""
    _alive(job)
    folds = folds_of(desk, job.id)
    if jobs.column(job, folds) not in (Column.COMPLETE, Column.SIGNED_OFF):
        ref = short(desk, job.ref)
        raise Refused(f"{job.ref} is not done yet.", f"Complete it first: c {ref}, or cancel it: x {ref} WHY")
    left = desk.store.one(
        "SELECT coalesce(sum(amount), 0) FROM charge_now WHERE job = ? AND estimate = 0 AND covered_by = '' AND amount > 0",
        (job.id,),
    )
    worth = f", {show(left[0], desk.store.currency)} not billed" if left and left[0] else ""
    return record(
        desk, [put("job", job.id, written_off=words)], f"{job.ref} written off{worth}: {words}", ref=job.ref, row=job.id
    )


def _alive(job: Job) -> None:
    if job.cancelled:
        raise Refused(f"{job.ref} is cancelled ({job.cancelled}).", "Undo the cancellation first.")
    if job.written_off:
        raise Refused(f"{job.ref} is written off ({job.written_off}).", "Undo that first.")

"""What was done: the job card, time worked, parts used, and how the client accepted it.

It stands apart because these are the facts that a job is billed from; none of them moves a visit but the sign-off.

Always: each is a fact that is only ever added; undo voids it.
"""

from __future__ import annotations

from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import guard, record
from fsconsole.flow.dispatch import happen, short
from fsconsole.rules.job import Fold
from fsconsole.rules.rates import clock, number
from fsconsole.store.rows import fetch, fetch_all
from fsconsole.store.tables import Put, put
from fsconsole.values.money import show
from fsconsole.values.work import Happening, Job

#: How a client may have accepted, other than by signing; each wants a reason.
HOW = ("unattended", "remote", "refused")
#: Minutes of one entry that nobody works in one go.
LONG = 16 * 60


def sign_off(desk: Desk, visit: tuple[Job, Fold], words: str) -> Done:
    """The client accepted: a name signs; ``unattended``, ``remote`` and ``refused`` want a reason. Refused moves nothing."""
    job, fold = visit
    first, _, reason = words.strip().partition(" ")
    how = first.lower() if first.lower() in HOW else "signed"
    reason = reason.strip() if how != "signed" else ""
    if how != "signed" and not reason:
        raise UsageError(f"{how.capitalize()}: why?", f"Write it like: sg {short(desk, job.ref)} {how} nobody there to sign")
    name = words.strip() if how == "signed" else ""
    fact = put("sign_off", desk.ids(), job=job.id, visit=fold.visit.id, how=how, name=name, reason=reason, at=desk.at)
    if how == "refused":
        if fold.arrived is None:
            raise Refused(
                f"{job.ref}/{fold.visit.number} is {fold.state.value}: nobody was there to be refused.", "Say they arrived."
            )
        return record(desk, [fact], f"{job.ref} sign-off refused: {reason}", ref=job.ref, row=job.id)
    said = f"signed off by {name}" if how == "signed" else f"signed off {how}: {reason}"
    return happen(desk, visit, Happening.SIGN, said, note=name or reason, more=[fact])


def receive(desk: Desk, visit: tuple[Job, Fold], words: str = "") -> Done:
    """The job card is in: ``found:"lead cracked" replaced ignition lead``. Completes nothing by itself."""
    job, fold = visit
    _attended(desk, job, fold, "a job card")
    given, rest = finding.pairs(words, ("found", "done"))
    done = " ".join([given.get("done", ""), *rest]).strip()
    puts = [_card(desk, job, fold, found=given.get("found", ""), done=done)]
    again = _cards(desk, fold)
    said = f"{job.ref} job card in{f': {done}' if done else ''}" + (f" (number {len(again) + 1} of this visit)" if again else "")
    return record(desk, puts, said, ref=job.ref, row=job.id)


def nil(desk: Desk, visit: tuple[Job, Fold]) -> Done:
    """Nothing was used, and that is right: a card that says so."""
    job, fold = visit
    _attended(desk, job, fold, "a job card")
    minutes = sum(entry.minutes for entry in fetch_all(desk.store, "labour", job=job.id))
    parts = len(fetch_all(desk.store, "part_used", job=job.id))
    if minutes or parts:
        what = f"{clock(minutes)} of time" if minutes else f"{parts} parts"
        guard(desk, f"{job.ref} has {what} recorded.", "Take that back first with undo, if it is wrong.")
    puts = [_card(desk, job, fold, nothing_used=True)]
    return record(desk, puts, f"{job.ref} nothing was used, and that is right", ref=job.ref, row=job.id)


def labour(desk: Desk, visit: tuple[Job, Fold], minutes: int, kind: str = "labour", words: str = "") -> Done:
    """Records time worked (or travel) by the visit's technician, from their arrival."""
    job, fold = visit
    if minutes <= 0:
        raise Refused("No time is no labour.", f"If nothing was used: nil {short(desk, job.ref)}")
    if minutes > LONG:
        guard(desk, f"{clock(minutes)} is more than anybody works in one go.", "Give each day its own entry.")
    _attended(desk, job, fold, "time")
    start = desk.back_dated or (fold.departed if kind == "travel" else fold.arrived) or fold.arrived or fold.completed or desk.at
    puts = [
        put("labour", desk.ids(), job=job.id, visit=fold.visit.id, technician=fold.visit.technician, kind=kind, start=start,
            minutes=minutes, note=words)
    ]  # fmt: skip
    who = fetch(desk.store, "technician", fold.visit.technician)
    said = f"{job.ref} {clock(minutes)} of {kind}{f' by {who.name}' if who else ''}"
    return record(desk, puts, said, ref=job.ref, row=job.id)


def part_used(desk: Desk, visit: tuple[Job, Fold], part: str, quantity: int = 1000) -> Done:
    """Records a part used, by its code, or in free words when nobody listed it. ``quantity`` in thousandths."""
    from decimal import Decimal

    job, fold = visit
    if quantity <= 0:
        raise Refused("None of a part is no part.", "Take a part back with undo.")
    _attended(desk, job, fold, "a part")
    known = finding.part(desk, part)
    values: dict[str, Any] = {"part": known.id, "name": known.name} if known else {"name": part}
    puts = [put("part_used", desk.ids(), job=job.id, visit=fold.visit.id, quantity=quantity, at=desk.at, **values)]
    amount = number(Decimal(quantity) / 1000)
    said = f"{job.ref} {amount} × {known.name or known.code if known else part}"
    if known is None:
        said += ", not in the parts list: it has no price yet"
    elif known.price is None:
        said += ", it has no price yet"
    else:
        said += f" at {show(known.price, desk.store.currency)}"
    return record(desk, puts, said, ref=job.ref, row=job.id)


def _card(desk: Desk, job: Job, fold: Fold, **values: Any) -> Put:
    return put("card", desk.ids(), job=job.id, visit=fold.visit.id, technician=fold.visit.technician, at=desk.at, **values)


def _cards(desk: Desk, fold: Fold) -> list[object]:
    return fetch_all(desk.store, "card", visit=fold.visit.id) if fold.visit.job else []


def _attended(desk: Desk, job: Job, fold: Fold, what: str) -> None:
    """Facts of work want a visit that was there; ``!!`` overrides."""
    if fold.arrived is None and fold.completed is None:
        ref = short(desk, job.ref)
        guard(
            desk,
            f"{job.ref}/{fold.visit.number} is {fold.state.value}: nobody was there for {what}.",
            f"Say they arrived: a {ref}.",
        )

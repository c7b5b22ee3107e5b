"""What was agreed, said better: equipment on and off a contract, prices from a day.

It stands apart because each changes what work is worth from a day on, and never what was worth something before.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow.acting import guard, record
from fsconsole.flow.dispatch import short
from fsconsole.rules.words import day as on_day
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put
from fsconsole.values.money import show
from fsconsole.values.terms import Contract, Cover, Rate
from fsconsole.values.work import Asset, Client

#: Minutes to which time is rounded up where nothing else was agreed.
STEP = 15


def cover(desk: Desk, contract: Contract, asset: Asset) -> Done:
    """Puts equipment on a contract from today, with what the contract's other equipment has included."""
    if asset.removed and asset.removed <= desk.today:
        raise Refused(f"{asset.title} was taken away on {on_day(asset.removed)}.", "Cover what stands there now.")
    if asset.client and contract.client and asset.client != contract.client:
        guard(desk, f"{asset.title} is another client's.", "Check the serial number.")
    covers: list[Cover] = fetch_all(desk.store, "cover", contract=contract.id)
    standing = [one for one in covers if one.asset == asset.id and (one.end is None or one.end > desk.today)]
    if standing:
        raise Refused(f"{asset.title} is on {contract.ref} already.", "There is nothing to do.")
    like = max((one for one in covers if one.asset), key=lambda one: (one.start or date.min, one.id), default=Cover(id=asset.id))
    puts = [
        put("cover", desk.ids(), contract=contract.id, asset=asset.id, start=desk.today, labour=like.labour, parts=like.parts,
            call_out=like.call_out)
    ]  # fmt: skip
    inside = ", ".join(
        word for word, given in (("labour", like.labour), ("parts", like.parts), ("call-out", like.call_out)) if given
    )
    words = f"{asset.title} is on {contract.ref} from today: {inside or 'nothing'} included"
    return record(desk, puts, words, ref=contract.ref, row=contract.id)


def drop(desk: Desk, contract: Contract, asset: Asset, day: date | None = None) -> Done:
    """Takes equipment off a contract from a day (today unless given); what was billed beyond it becomes a credit."""
    end = day or desk.today
    covers: list[Cover] = fetch_all(desk.store, "cover", contract=contract.id, asset=asset.id)
    standing = [one for one in covers if one.end is None or one.end > end]
    if not standing:
        named = [
            one for one in fetch_all(desk.store, "cover", contract=contract.id) if one.location and one.location == asset.location
        ]
        if named:
            raise Refused(
                f"{contract.ref} covers the whole place of {asset.title}.", "Say when it was taken away: import its removal day."
            )
        raise Refused(f"{asset.title} is not on {contract.ref}.", f"What is: open {short(desk, contract.ref)}")
    puts = [put("cover", one.id, end=max(end, one.start) if one.start else end) for one in standing]
    words = f"{asset.title} is off {contract.ref} from {on_day(end)}"
    return record(desk, puts, words, ref=contract.ref, row=contract.id)


def rate(desk: Desk, rate_kind: str, amount: int, client: Client | None = None) -> Done:
    """Sets a price for work from today, for everybody or for one client; minor units an hour, or each time."""
    if amount <= 0:
        raise Refused("A price is above nought.", "To give work away: goodwill JOB WHY")
    store = desk.store
    standing: list[Rate] = [
        one for one in fetch_all(store, "rate", "kind = ?", [rate_kind])
        if one.contract is None and not one.skill and one.client == (client.id if client else None)
    ]  # fmt: skip
    last = max(standing, key=lambda one: (one.start or date.min, one.id), default=None)
    today = [one for one in standing if one.start == desk.today]
    hourly = rate_kind in ("labour", "travel")
    step = last.step_minutes if last else STEP if hourly else 0
    row = today[-1].id if today else desk.ids()
    start: date | None = desk.today if standing else None
    values: dict[str, Any] = {
        "kind": rate_kind, "amount": amount, "client": client.id if client else None, "step_minutes": step,
        "minimum_minutes": last.minimum_minutes if last else 0, "start": start,
    }  # fmt: skip
    whom = f" for {client.name}" if client else ""
    per = " an hour" if hourly else " each time"
    since = f" from today (until now {show(last.amount, store.currency)})" if last and not today else ""
    words = f"{rate_kind}{whom} is {show(amount, store.currency)}{per}{since}"
    return record(desk, [put("rate", row, **values)], words)

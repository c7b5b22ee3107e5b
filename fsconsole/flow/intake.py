"""The telephone rings: log a job, with whoever covers it, what it promises and what is worth saying at once.

It stands apart because everything a job is worth and everything it promises is decided in the minute of the call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import guard, record
from fsconsole.flow.dispatch import short
from fsconsole.flow.gather import Known, current, grouped
from fsconsole.rules import sla
from fsconsole.rules.coverage import Coverage, coverage
from fsconsole.rules.words import count, listed
from fsconsole.store.queries.jobs import jobs_of, recent
from fsconsole.store.record import take_refs
from fsconsole.store.rows import fetch
from fsconsole.store.tables import put
from fsconsole.values.terms import Contract
from fsconsole.values.work import Asset, Client, Id, Job, Location

#: What may follow ``log`` as ``key:value``, and the field of the job it fills.
KEYS = ("po", "kind", "skill", "for", "plan", "by", "job", "details", "contract", "payer", "priority")
URGENT, LAST = 1, 5


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller wants, resolved: the job's fields, and what is worth saying before it is logged."""

    client: Client
    location: Location | None
    asset: Asset | None
    contract: Contract | None
    borne: Coverage
    respond_by: datetime | None
    restore_by: datetime | None
    notices: tuple[str, ...] = ()


def log_job(desk: Desk, words: str) -> Done:
    """Logs a job from a line: ``acme boiler down @unit3 !1 #21-0093 po:4500118 for:14:00-16:00 by:"Mr Patel"``.

    Raises Refused when the client, the place or the equipment is not one thing, UsageError when a word cannot be read.
    """
    given, rest = finding.pairs(words, KEYS)
    marks = {"@": "", "!": "", "#": ""}
    plain: list[str] = []
    for word in rest:
        if word[:1] in marks and len(word) > 1 and not marks[word[0]]:
            marks[word[0]] = word[1:]
        else:
            plain.append(word)
    client, title = client_meant(desk, plain)
    asset = finding.asset(desk, marks["#"]) if marks["#"] else None
    location = finding.location(desk, client.id, marks["@"]) if marks["@"] else None
    fields: dict[str, Any] = {"title": title}
    pressing = marks["!"] or given.get("priority", "")
    if pressing:
        fields["priority"] = urgency(pressing)
    for key, name in (("po", "order_number"), ("kind", "kind"), ("skill", "skill"), ("by", "reported_by"), ("job", "client_job")):
        if given.get(key):
            fields[name] = given[key]
    if given.get("details"):
        fields["details"] = given["details"]
    if given.get("plan"):
        planned = finding.minutes(given["plan"])
        if not planned:
            raise UsageError(f"“{given['plan']}” is not a length of time.", "Write it like plan:90 or plan:1h30.")
        fields["planned_minutes"] = planned
    if given.get("for"):
        fields["promised_from"], fields["promised_until"] = _window(desk, given["for"])
    if given.get("contract"):
        fields["contract"] = finding.contract(desk, given["contract"])
    if given.get("payer"):
        fields["payer"] = finding.client(desk, given["payer"]).id
    return create_job(desk, client=client, location=location, asset=asset, **fields)


def client_meant(desk: Desk, words: list[str]) -> tuple[Client, str]:
    """The client that the longest possible start of the words means, and the rest, which says what is wrong."""
    if not words:
        raise UsageError("Who calls, and what is wrong?", "For example: log acme boiler down @unit3 !1")
    many: list[Client] = []
    for length in range(len(words), 0, -1):
        start = words[:length]
        try:
            found = [finding.client(desk, start[0])] if length == 1 else finding.clients_like(desk, start)
        except Refused as refused:
            near = finding.clients_like(desk, start)
            if len(near) > 1:
                raise
            raise Refused(f"There is no client “{words[0]}”.", f"Add it first: client {words[0].capitalize()}") from refused
        if len(found) == 1:
            title = " ".join(words[length:])
            if not title:
                raise UsageError(f"What is wrong at {found[0].name}?", "Say it after the client: log acme boiler down")
            return found[0], title[:1].upper() + title[1:]
        many = many or found
    raise Refused(f"There is no client “{words[0]}”.", f"Add it first: client {words[0].capitalize()}")


def create_job(
    desk: Desk,
    *,
    client: Client | bytes,
    title: str,
    location: Location | bytes | None = None,
    asset: Asset | bytes | None = None,
    contract: Contract | bytes | None = None,
    **given: Any,
) -> Done:
    """Logs a job from fields already resolved (rows or their ids); the rest are fields of ``Job`` by name.

    Done says who covers it, by when someone is promised, and whatever is worth saying: a repeat call, a missing
    order number, open jobs at the same place. Raises Refused when the place is not one, TypeError for a field
    that a job does not have.
    """
    unknown = set(given) - {field.name for field in fields(Job)}
    if unknown:
        raise TypeError(f"a job has no {listed(sorted(unknown))}")
    if not title.strip():
        raise UsageError("A job needs words for what is wrong.", "Say it in a few words, such as: boiler down")
    call = consider(desk, client, location, asset, contract, **given)
    chosen = call.contract
    values: dict[str, Any] = {
        "kind": "repair",
        "priority": 3,
        "reported_at": desk.at,
        **{name: value for name, value in given.items() if value not in (None, "")},
        "client": call.client.id,
        "location": call.location.id if call.location else None,
        "asset": call.asset.id if call.asset else None,
        "contract": chosen.id if chosen else None,
        "title": title.strip(),
    }
    ref = "a new job" if desk.dry else take_refs(desk.store, "job")[0]
    row = desk.ids()
    words = f"{ref} logged for {call.client.name}{f' at {call.location.name}' if call.location else ''}: {title.strip()}"
    words += f", priority {values['priority']}" if values["priority"] != 3 else ""
    said = [words, call.borne.reason if call.borne.reason and (call.borne.labour or call.borne.parts) else ""]
    said += [f"{what} by {finding.at_words(desk, at)}" for what, at in _promises(call, values) if at]
    text = ", ".join(one for one in said if one)
    if call.notices:
        text += ". " + ". ".join(f"{notice[:1].upper()}{notice[1:]}" for notice in call.notices) + "."
    return record(desk, [put("job", row, ref="" if desk.dry else ref, **values)], text, ref="" if desk.dry else ref, row=row)


def _promises(call: Call, values: dict[str, Any]) -> list[tuple[str, datetime | None]]:
    return [("respond", call.respond_by), ("working again", call.restore_by), ("promised", values.get("promised_until"))]


def consider(
    desk: Desk,
    client: Client | bytes,
    location: Location | bytes | None = None,
    asset: Asset | bytes | None = None,
    contract: Contract | bytes | None = None,
    **given: Any,
) -> Call:
    """Everything that follows from who calls about what: the place, who bears the work, promises, what to warn of.

    Nothing is recorded: the log form asks it as one types. Raises Refused when the place is not one.
    """
    who: Client = client if isinstance(client, Client) else _row(desk, "client", client)
    thing: Asset | None = asset if isinstance(asset, Asset) else _row(desk, "asset", asset) if asset else None
    place: Location | None = (
        location if isinstance(location, Location) else _row(desk, "location", location) if location else None
    )
    if thing is not None and thing.client not in (None, who.id):
        owner = fetch(desk.store, "client", thing.client)
        guard(desk, f"{thing.title} is {owner.name if owner else 'another client'}'s.", "Check the serial number.")
    if place is None and thing is not None and thing.location:
        place = fetch(desk.store, "location", thing.location)
    if place is None:
        place = _only_place(desk, who)
    known = Known(desk.store)
    chosen: Contract | None = (
        contract if isinstance(contract, Contract) else _row(desk, "contract", contract) if contract else None
    )
    job = Job(
        id=Id(b"\0" * 16), client=who.id, location=place.id if place else None, asset=thing.id if thing else None,
        contract=chosen.id if chosen else None, kind=given.get("kind") or "repair", reported_at=desk.at,
        order_number=given.get("order_number", ""),
    )  # fmt: skip
    contracts = list(grouped(desk.store, "contract", "client", [who.id]).get(who.id, []))
    if chosen and chosen not in contracts:
        contracts.append(chosen)
    covers = grouped(desk.store, "cover", "contract", [one.id for one in contracts])
    borne = coverage(
        job, desk.at, client=who.id, asset=thing, contracts=contracts, covers=[c for some in covers.values() for c in some],
        timezone=known.timezone,
    )  # fmt: skip
    by_contract = "contract" in (borne.labour, borne.parts, borne.call_out)
    agreed = chosen or next((one for one in contracts if by_contract and one.id == borne.contract), None)
    respond, restore = _targets(job, agreed, known, desk.at)
    notices = _notices(desk, who, place, thing, agreed, borne, job, known)
    return Call(who, place, thing, agreed, borne, respond, restore, tuple(notices))


def _row(desk: Desk, kind: str, row: bytes) -> Any:
    found = current(desk.store, kind, [row]).get(row) if kind in ("client", "location", "asset") else fetch(desk.store, kind, row)
    if found is None:
        raise Refused(f"That {kind} is not here any more.", "Choose another.")
    return found


def _only_place(desk: Desk, client: Client) -> Location | None:
    places = finding.locations_of(desk, client.id)
    if len(places) == 1:
        return places[0]
    if not places:
        ref = short(desk, client.ref)
        raise Refused(f"{client.name} has no location yet.", f"Add it first: location {ref} NAME postcode:…")
    names = ", ".join(place.name or place.postcode for place in places[:8])
    more = f" and {len(places) - 8} more" if len(places) > 8 else ""
    raise Refused(f"{client.name} has {len(places)} locations: {names}{more}.", "Say where with @, such as @" + _at(places[0]))


def _at(place: Location) -> str:
    return re.sub(r"[^a-z0-9]", "", (place.name or place.postcode).lower())


def _targets(job: Job, agreed: Contract | None, known: Known, at: datetime) -> tuple[datetime | None, datetime | None]:
    try:
        return sla.targets(job, agreed, known.calendar(agreed.calendar if agreed else "", at.year))
    except ValueError:  # a calendar that never opens: nothing can be promised by it
        return None, None


def _notices(
    desk: Desk,
    client: Client,
    place: Location | None,
    asset: Asset | None,
    agreed: Contract | None,
    borne: Coverage,
    job: Job,
    known: Known,
) -> list[str]:
    """What is worth saying before the job is logged, the most important first."""
    days = known.policies.on(desk.today).repeat_days
    found: list[str] = []
    since = desk.at - timedelta(days=days)
    earlier = recent(desk.store, since, asset=asset.id if asset else None, location=place.id if place else None)
    if earlier:
        what = asset.title if asset else place.name if place else client.name
        number = {1: "second", 2: "third", 3: "fourth"}.get(len(earlier), f"{len(earlier) + 1}th")
        found.append(f"{number} call on {what} in {days} days ({', '.join(short(desk, one.ref) for one in earlier[:4])})")
    if place is not None:
        seen = {one.job for one in earlier} if asset is None else set()
        here = [one for one in jobs_of(desk.store, location=place.id, open_only=True, limit=6) if one.job not in seen]
        if here:
            some = ", ".join(f"{short(desk, one.ref)} {one.title} ({one.column})" for one in here[:3])
            found.append(f"{count(len(here), 'open job')} at {place.name}: {some}")
    wanted = client.order_required or (agreed is not None and agreed.order_required)
    if wanted and not job.order_number and not (agreed and agreed.order_number):
        found.append(f"{client.name} wants an order number and there is none yet")
    if borne.ambiguous:
        found.append(borne.reason)
    if asset is not None and place is not None and asset.location not in (None, place.id):
        found.append(f"{asset.title} was last known elsewhere")
    if asset is not None and asset.removed:
        found.append(f"{asset.title} was taken away on {finding.day_words(asset.removed)}")
    return found


def urgency(text: str) -> int:
    """A priority as typed. Raises UsageError."""
    if not text.isdigit() or not URGENT <= int(text) <= LAST:
        raise UsageError(f"“{text}” is not a priority.", "Write !1 (first) to !5.")
    return int(text)


def _window(desk: Desk, text: str) -> tuple[datetime | None, datetime]:
    """``14:00-16:00``, ``fri 14:00-16:00``, ``fri`` (that day), ``14:00`` (by then) as instants."""
    *days, last = text.replace("–", "-").split() or [""]
    on = finding.day(desk, " ".join(days)) if days else desk.today
    first, dash, end = last.partition("-")
    begins, ends = finding.clock_time(first), finding.clock_time(end) if dash else None
    if begins is None and not days and finding.is_day(desk, last):
        on = finding.day(desk, last)
        return finding.local(desk, on, datetime.min.time().replace(hour=8)), finding.local(
            desk, on, datetime.min.time().replace(hour=17)
        )
    if begins is None or (dash and (ends is None or ends <= begins)):
        raise UsageError(f"“{text}” is not a window.", 'Write it like for:14:00-16:00 or for:"fri 9:00-12:00".')
    if ends is None:
        return None, finding.local(desk, on, begins)
    return finding.local(desk, on, begins), finding.local(desk, on, ends)

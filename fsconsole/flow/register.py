"""What is new: clients, locations, equipment, contacts; where a place is; who is absent.

It stands apart from intake because these outlive every call; each takes ``key:value`` words and the rest is the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import guard, record
from fsconsole.flow.dispatch import open_visits, short
from fsconsole.rules.words import count, listed
from fsconsole.store.record import take_refs
from fsconsole.store.rows import fetch_all, fetch_many
from fsconsole.store.tables import put
from fsconsole.values.work import Client, Location, Technician

#: Roles of a contact as they are typed.
ROLES = {"ap": "accounts payable", "accounts": "accounts payable", "site": "site", "orders": "orders", "manager": "manager"}


def add_client(desk: Desk, words: str) -> Done:
    """Adds a client: ``Harrow Dental phone:02079460155 email:… postcode:… order:yes terms:30``; behind the reference of one
    that is known (``K1 tax:GB123456789``) the same words change it.
    """
    keys = ("phone", "email", "postcode", "address", "tax", "terms", "order", "currency", "notes", "payer")
    given, rest = finding.pairs(words, keys)
    known = finding.ids_of(desk, "client", rest[0]) if len(rest) == 1 and given else []
    if known:
        return _change_client(desk, known[0], given)
    name = _named(rest, "client", "client Harrow Dental phone:02079460155")
    same = fetch_all(desk.store, "client", "merged_into IS NULL AND lower(name) = ?", [name.lower()])
    if same:
        ref = short(desk, same[0].ref)
        guard(desk, f"There is a client {same[0].name} already: {ref}.", f"Use that one; to change it: client {ref} phone:…")
    values = _client_values(desk, given)
    return _new(desk, "client", f"client {name}", name=name, **values)


def _change_client(desk: Desk, row: bytes, given: dict[str, str]) -> Done:
    """What stands about a client is put right: ``client K1 tax:GB123456789``. Raises Refused where it stands so already."""
    client: Client = fetch_many(desk.store, "client", [row])[row]
    if bare := [key for key in given if not given[key]]:
        raise UsageError(f"What is the {bare[0]} of {client.name}?", f"Write it like: client {client.ref} {bare[0]}:…")
    values = {name: value for name, value in _client_values(desk, given).items() if getattr(client, name) != value}
    if not values:
        raise Refused(f"{client.name}: that stands so already.", "There is nothing to do.")
    told = listed(f"{key} {given[key]}" for key in given)
    return record(desk, [put("client", client.id, **values)], f"{client.name}: {told}", ref=client.ref, row=client.id)


def _client_values(desk: Desk, given: dict[str, str]) -> dict[str, Any]:
    """The fields of a client as they were typed. Raises UsageError, Refused."""
    values = _texts(given, {"phone": "phone", "email": "email", "postcode": "postcode", "address": "address", "notes": "notes"})
    if given.get("tax"):
        values["tax_id"] = given["tax"]
    if given.get("terms"):
        values["terms_days"] = _whole(given["terms"], "terms:30")
    if given.get("order"):
        values["order_required"] = given["order"].lower() in ("yes", "y", "required", "1", "true")
    if given.get("currency"):
        values["currency"] = given["currency"].upper()
    if given.get("payer"):
        values["payer"] = finding.client(desk, given["payer"]).id
    return values


def add_location(desk: Desk, client: Client, words: str) -> Done:
    """Adds a client's location: ``Surgery postcode:HA12AB address:"12 High St" access:"key with the porter" pin:51.5,-0.1``."""
    keys = ("postcode", "address", "area", "phone", "access", "pin")
    given, rest = finding.pairs(words, keys)
    name = _named(rest, "location", "location harrow Surgery postcode:HA12AB")
    same = [one for one in finding.locations_of(desk, client.id) if one.name.lower() == name.lower()]
    if same:
        guard(desk, f"{client.name} has a location {same[0].name} already: {short(desk, same[0].ref)}.", "Use that one.")
    values = _texts(
        given, {"postcode": "postcode", "address": "address", "area": "area", "phone": "phone", "access": "access_notes"}
    )
    if "postcode" in values:
        values["postcode"] = postcode(values["postcode"])
    if given.get("pin"):
        values["lat"], values["lon"] = degrees(given["pin"])
        values["pin_from"] = "given"
    return _new(desk, "location", f"location {name} of {client.name}", name=name, client=client.id, **values)


def add_asset(desk: Desk, client: Client, words: str) -> Done:
    """Adds equipment: ``boiler serial:21-0093 maker:Vaillant model:"ecoTEC 838" installed:2024-05-01 @surgery``.

    ``warranty:2026-05-01`` is the first day no longer covered.
    """
    keys = ("serial", "maker", "model", "installed", "warranty", "kind")
    given, rest = finding.pairs(words, keys)
    where = next((word[1:] for word in rest if word.startswith("@") and len(word) > 1), "")
    kind = given.get("kind") or " ".join(word for word in rest if not word.startswith("@"))
    if not kind and not given.get("model"):
        raise UsageError("What kind of equipment?", "Write it like: asset harrow boiler serial:21-0093 @surgery")
    places = finding.locations_of(desk, client.id)
    place = finding.location(desk, client.id, where) if where else places[0] if len(places) == 1 else None
    if place is None and places:
        names = ", ".join(one.name for one in places[:8])
        raise Refused(f"{client.name} has {count(len(places), 'location')}: {names}.", "Say where with @.")
    serial = given.get("serial", "")
    if serial:
        same = fetch_all(desk.store, "asset", "merged_into IS NULL AND lower(serial) = ?", [serial.lower()])
        if same:
            guard(desk, f"{same[0].title} is there already: {short(desk, same[0].ref)}.", "Check the serial number.")
    values = _texts(given, {"serial": "serial", "maker": "maker", "model": "model"})
    if given.get("installed"):
        values["installed"] = finding.day(desk, given["installed"])
    if given.get("warranty"):
        values["warranty_until"] = finding.day(desk, given["warranty"])
    words = f"{kind} {serial and 's/n ' + serial}".strip()
    said = f"{words}{f' at {place.name}' if place else ''} of {client.name}"
    return _new(desk, "asset", said, kind=kind, client=client.id, location=place.id if place else None, **values)


def add_contact(desk: Desk, client: Client, words: str) -> Done:
    """Adds a contact: ``ap accounts@harrow.example``, ``Jo Bell 0118 496 0201 role:site @surgery``.

    An e-mail address is known by its @, a telephone number by its digits; ``ap`` is accounts payable.
    """
    given, rest = finding.pairs(words, ("role", "phone", "email"))
    values: dict[str, Any] = _texts(given, {"phone": "phone", "email": "email"})
    role = ROLES.get(given.get("role", "").lower(), given.get("role", ""))
    name: list[str] = []
    place: Location | None = None
    for word in rest:
        if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", word):
            values["email"] = word
        elif word.startswith("@") and len(word) > 1:
            place = finding.location(desk, client.id, word[1:])
        elif not name and not role and word.lower() in ROLES:
            role = ROLES[word.lower()]
        elif re.fullmatch(r"[+(]?[\d()./-]{3,}", word):
            values["phone"] = f"{values.get('phone', '')} {word}".strip()
        else:
            name.append(word)
    if not name and not values:
        raise UsageError("Who, or where do they read mail?", "Write it like: contact harrow ap accounts@harrow.example")
    called = " ".join(name) or role.capitalize() or str(values.get("email", ""))
    about = f", {role}" if role and called.lower() != role else ""
    how = f" ({values.get('email') or values.get('phone')})" if values else ""
    row = desk.ids()
    puts = [put("contact", row, client=client.id, location=place.id if place else None, name=called, role=role, **values)]
    return record(desk, puts, f"contact {called}{about} of {client.name}{how}", ref=client.ref, row=row)


def pin(desk: Desk, location: Location, words: str) -> Done:
    """Sets where a location is: ``51.5074,-0.1278`` in degrees."""
    lat, lon = degrees(words)
    puts = [put("location", location.id, lat=lat, lon=lon, pin_from="given")]
    return record(desk, puts, f"{location.ref} {location.name} pinned at {words}", ref=location.ref, row=location.id)


def absent(desk: Desk, technician: Technician, day: date | None = None, words: str = "") -> Done:
    """A technician is absent from now until a day begins (the next one unless given); says what they were to do."""
    until = day or finding.day(desk, "tomorrow")
    end = finding.local(desk, until, time(0))
    if end <= desk.at:
        raise Refused(f"{finding.day_words(until)} is not to come.", "Give the day they are back, such as tomorrow or mon.")
    booked = [fold for fold in open_visits(desk, technician.id) if (fold.visit.booked_from or desk.at) < end]
    jobs = fetch_many(desk.store, "job", [fold.visit.job for fold in booked if fold.visit.job])
    refs = ", ".join(short(desk, job.ref) for job in jobs.values())
    said = f"{technician.name} absent until {finding.day_words(until)}{f' ({words})' if words else ''}"
    said += f"; {count(len(jobs), 'job')} to give to someone else: {refs}" if jobs else ""
    row = desk.ids()
    puts = [put("duty", row, technician=technician.id, kind="absent", start=desk.at, end=end, reason=words)]
    return record(desk, puts, said, ref=technician.code, row=technician.id)


def join(desk: Desk, merge_kind: str, two: tuple[str, str]) -> Done:
    """Joins two spellings of one client, location or asset: the first stays. Undo takes them apart again."""
    from fsconsole.flow.merge import merge

    ways: dict[str, Callable[[Desk, str], Any]] = {"client": finding.client, "location": finding.place, "asset": finding.asset}
    keep, drop = (ways[merge_kind](desk, text) for text in two)
    return merge(desk, merge_kind, keep.id, drop.id)


def degrees(text: str) -> tuple[int, int]:
    """``51.5074,-0.1278`` as degrees x 10^7. Raises UsageError."""
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    try:
        lat, lon = (int((Decimal(part) * 10_000_000).to_integral_value()) for part in parts)
    except (InvalidOperation, ValueError):
        raise UsageError(f"“{text}” is not a place.", "Write latitude and longitude in degrees: 51.5074,-0.1278") from None
    if abs(lat) > 900_000_000 or abs(lon) > 1_800_000_000:
        raise UsageError(f"“{text}” lies outside the world.", "Latitude comes first: 51.5074,-0.1278")
    return lat, lon


def postcode(text: str) -> str:
    """A postcode as written: a British one gets its space and capitals, any other stays."""
    bare = re.sub(r"\s", "", text).upper()
    if re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}", bare):
        return f"{bare[:-3]} {bare[-3:]}"
    return text.strip()


def _new(desk: Desk, table: str, said: str, /, **values: Any) -> Done:
    ref = "" if desk.dry else take_refs(desk.store, table)[0]
    row = desk.ids()
    return record(desk, [put(table, row, ref=ref, **values)], f"{ref} added: {said}".strip(), ref=ref, row=row)


def _named(rest: list[str], kind: str, example: str) -> str:
    name = " ".join(rest).strip()
    if not name:
        raise UsageError(f"What is the {kind} called?", f"Write it like: {example}")
    return name


def _texts(given: dict[str, str], names: dict[str, str]) -> dict[str, Any]:
    return {field: given[key] for key, field in names.items() if given.get(key)}


def _whole(text: str, example: str) -> int:
    if not text.isdigit():
        raise UsageError(f"“{text}” is not a number of days.", f"Write it like {example}")
    return int(text)

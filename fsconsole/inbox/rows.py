"""What several cells of one row say together: an address from its parts, a pin from two numbers, a title from details.

It stands apart because a cell is converted without knowing its neighbours, and these cannot be.

Each function changes the row's values in place; it raises ValueError with a sentence when the cells contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fsconsole.inbox import fields, words


def join_address(values: dict[str, Any]) -> None:
    """One ``address`` of its parts, the postcode apart."""
    parts = ("address", "address_2", "address_3", "town", "county", "country")
    pieces = [values.pop(name) for name in parts if name in values]
    if pieces:
        values["address"] = ", ".join(dict.fromkeys(piece.strip(" ,") for piece in pieces))


def set_pin(values: dict[str, Any], doubts: list[str]) -> None:
    """``lat`` and ``lon`` together or not at all; half a pin, and 0/0, are left out with a doubt."""
    both = values.pop("pin", None)
    lat, lon = values.pop("lat", None), values.pop("lon", None)
    try:
        place = fields.pin(lat, lon) or both
    except ValueError as error:
        doubts.append(f"the pin was left out: {error}")
        place = both
    if place:
        values["lat"], values["lon"] = place


def _finish_job(values: dict[str, Any], doubts: list[str]) -> None:
    details = values.get("details", "")
    if details and not values.get("title"):
        title = details if len(details) <= 80 else details[:80].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
        values["title"] = title
        if title == details:
            del values["details"]
    _finish_elsewhere(values, doubts)


def _finish_elsewhere(values: dict[str, Any], doubts: list[str]) -> None:
    through = values.pop("billed_through", None)
    if through and "elsewhere_until" not in values:
        values["elsewhere_until"] = through


def _finish_location(values: dict[str, Any], doubts: list[str]) -> None:
    if "name" not in values:
        values["name"] = values.get("address", "").split(",")[0] or values.get("postcode", "")


def _finish_contact(values: dict[str, Any], doubts: list[str]) -> None:
    pieces = [values.pop(name) for name in ("first_name", "last_name") if name in values]
    if "name" not in values:
        values["name"] = " ".join(pieces) or values.get("email", "")


def _finish_technician(values: dict[str, Any], doubts: list[str]) -> None:
    values.setdefault("name", values.get("code", ""))
    values.setdefault("code", values["name"].lower().split()[0] if values["name"].split() else "")


def _finish_contract(values: dict[str, Any], doubts: list[str]) -> None:
    _finish_elsewhere(values, doubts)
    renewal = values.pop("renewal", None)
    if renewal and "end" not in values:
        values["end"] = renewal
    if "start" in values and "end" in values and values["end"] <= values["start"]:
        raise ValueError("the contract ends before it starts")
    unit = values.pop("unit", None)
    if "every" in values:
        count, of_ = values["every"]
        if unit:
            step, base = words.cadence(unit) or (1, of_)
            count, of_ = (count * step, base) if of_ == "month" else (count, of_)
        values["every"], values["unit"] = count, of_
    elif unit:
        values["every"], values["unit"] = words.cadence(unit) or (1, "month")
    if "proration" in values:
        values["proration"] = words.proration(values["proration"])


def _finish_invoice(values: dict[str, Any], doubts: list[str]) -> None:
    net, tax, gross = (values.get(name) for name in ("net", "tax", "gross"))
    if net is not None and tax is not None and gross is None:
        values["gross"] = net + tax
    elif gross is not None and tax is not None and net is None:
        values["net"] = gross - tax
    elif gross is not None and net is not None and tax is None:
        values["tax"] = gross - net
    elif net is not None and tax is not None and net + tax != gross:
        raise ValueError("net and tax do not add up to gross")
    if "start" in values and "end" in values and values["end"] <= values["start"]:
        raise ValueError("the period ends before it starts")


def _finish_vehicle(values: dict[str, Any], doubts: list[str]) -> None:
    if "start" in values and "end" in values and values["end"] <= values["start"]:
        raise ValueError("the assignment ends before it starts")


FINISH: dict[str, Callable[[dict[str, Any], list[str]], None]] = {
    "jobs": _finish_job,
    "locations": _finish_location,
    "contacts": _finish_contact,
    "technicians": _finish_technician,
    "contracts": _finish_contract,
    "invoices": _finish_invoice,
    "vehicles": _finish_vehicle,
}

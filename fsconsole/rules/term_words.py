"""A term of a contract as a person would say it, whatever its kind.

It stands apart because the screen, the offer and the story of a contract use the same sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from fsconsole.rules.rates import clock, number
from fsconsole.rules.words import count, day, listed
from fsconsole.values.money import places, show
from fsconsole.values.period import Period
from fsconsole.values.terms import Term, filled

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PRORATED = {
    "actual": "part periods by days",
    "thirty": "part periods by 30-day months",
    "actual30": "part periods by days of 30-day months",
    "year365": "part periods by a 365th of the year",
    "year360": "part periods by a 360th of the year",
    "month": "part periods by months",
    "isda": "part periods by days of each year",
    "none": "a period begun is paid",
}


def term_words(term: Term, currency: str) -> str:
    """A term in words: ``£290.00 a month, in advance, part periods by days``."""
    said = _KINDS.get(term.kind, _recurring)(filled(term), currency)
    if term.start or term.end:
        said += f", {span_words(term.start, term.end)}"
    if term.elsewhere_until:
        said += f", billed elsewhere until {day(term.elsewhere_until)}"
    return said


def span_words(start: date | None, end: date | None) -> str:
    """``1 Jan – 31 Mar 2026``, ``from 1 Jan 2026``, ``until 31 Mar 2026``."""
    if start and end and start < end:
        return str(Period(start, end))
    if start:
        return f"from {day(start)}"
    return f"until {day(end - timedelta(days=1))}" if end else ""


def _step(term: Term) -> str:
    if weeks := term.details.get("weeks"):
        return f"period of {'-'.join(str(one) for one in weeks)} weeks"
    if term.unit == "month" and term.every in (3, 12):
        return "quarter" if term.every == 3 else "year"
    return term.unit if term.every == 1 else f"{term.every} {term.unit}s"


def _recurring(term: Term, currency: str) -> str:
    each = "an asset and " if term.kind == "per asset" else "a "
    words = f"{show(term.amount, currency)} {each}{term.per or _step(term)}, in {term.timing}"
    words += f", {_PRORATED.get(term.proration, f'part periods by {term.proration}')}"
    if term.quantity not in (1000, 0):
        words += f", {number(Decimal(term.quantity) / 1000)} units"
    if term.lead_days and term.timing == "advance":
        words += f", billed {count(term.lead_days, 'day')} ahead"
    return words + _seldom(term)


def _seldom(term: Term) -> str:
    """What few terms say: a trial, a season, a day to bill on, units counted for all of a period."""
    said, words = term.details, ""
    if trial := said.get("trial"):
        words += f", the first {count(int(trial[0]), str(trial[1]))} free"
    if season := said.get("season"):
        words += f", only in {listed(MONTHS[int(month) - 1] for month in season)}"
    if said.get("bill_day"):
        words += f", billed on day {said['bill_day']} of the month"
    if (how := said.get("counted") or "by days") != "by days":
        there = {"most": "as many as at most at once", "any day": "those there on any day"}.get(how, f"those there on the {how}")
        words += f", of units {there} for a whole period"
    return words


def _money(value: Any, currency: str) -> str:
    """A price in major units, with as many decimals as it has."""
    amount = Decimal(str(value))
    minor = amount.scaleb(places(currency))
    if minor == minor.to_integral_value():
        return show(int(minor), currency)
    whole = show(0, currency)
    return f"{whole[0] if not whole[0].isdigit() else currency + ' '}{amount:f}"


def _priced(said: Mapping[str, Any], term: Term, currency: str, unit: str) -> str:
    if tiers := said.get("tiers"):
        return f"in {count(len(tiers), 'tier')} by {said.get('model') or 'graduated'} price"
    if said.get("package") is not None:
        return f"{_money(said.get('price') or 0, currency)} each {said['package']} {unit}"
    price = said.get("price")
    return f"{_money(price, currency)} a {unit}" if price is not None else f"{show(term.amount, currency)} a {unit}"


def _meter(term: Term, currency: str) -> str:
    meters: Iterable[Mapping[str, Any]] = [{**term.details, **one} for one in term.details.get("meters") or ()] or [term.details]
    words = []
    for said in meters:
        unit = str(said.get("unit") or "unit")
        name = str(said.get("name") or said.get("meter") or "")
        one = (f"{name} " if name else "") + _priced(said, term, currency, unit)
        if said.get("included") is not None:
            one += f" beyond {number(Decimal(str(said['included'])))} included"
        if said.get("minimum"):
            one += f", at least {show(int(said['minimum']), currency)}"
        words.append(one)
    missing = {"held": "a reading that is missing is waited for", "zero": "a reading that is missing counts as nothing"}
    how = missing.get(str(term.details.get("missing") or "held"), f"a reading that is missing by {term.details.get('missing')}")
    return f"{'; '.join(words)}, each {_step(term)}, {how}{_unused(term.details)}"


def _hours(term: Term, currency: str) -> str:
    said = term.details
    price = said.get("price")
    beyond = f"{_money(price, currency)} an hour" if price is not None else f"{show(term.amount, currency)} an hour"
    words = f"{clock(int(said.get('included') or 0))} included each {_step(term)}, {beyond} beyond"
    if said.get("carry"):
        words += f", carried over for {count(int(said['carry']), 'period')}"
    return words + _unused(said) + _bands(said)


def _block(term: Term, currency: str) -> str:
    said = term.details
    held = "what no block covers waits for a decision" if said.get("beyond") == "held" else None
    price = said.get("price")
    each = _money(price, currency) if price is not None else show(term.amount, currency)
    beyond = held or f"{each} an hour beyond"
    return f"prepaid hours, {beyond}" + _unused(said) + _bands(said)


def _unused(said: Mapping[str, Any]) -> str:
    """What becomes of what is left of a block, where that is more than that it is lost."""
    words = {
        "refunded": "what is left at a block’s end is given back",
        "next block": "what is left of a block goes on to the next",
        "next block once": "what is left of a block goes on to the next, once",
    }
    found = [words[how]] if (how := str(said.get("unused") or "lost")) in words else []
    if said.get("unused_at_end", "refunded" if how == "refunded" else "lost") != ("refunded" if how == "refunded" else "lost"):
        back = said["unused_at_end"] == "refunded"
        found.append(f"what is left when the contract ends is {'given back' if back else 'lost'}")
    return "".join(f", {one}" for one in found)


def _visits(term: Term, currency: str) -> str:
    said, words = term.details, []
    if said.get("included") is not None:
        words.append(f"{said['included']} visits included each {_step(term)}")
    if said.get("price") is not None or term.amount:
        words.append(f"{_priced(said, term, currency, 'further visit')}")
    if said.get("minimum") is not None:
        worth = said.get("shortfall")
        each = f", {show(int(worth), currency)} credited for each not made" if worth is not None else ""
        words.append(f"{said['minimum']} promised{each}")
    return ", ".join(words) or "visits"


def _time(term: Term, currency: str) -> str:
    said, words = term.details, []
    if said.get("price") is not None or term.amount:
        words.append(_priced(said, term, currency, "hour").replace(" a hour", " an hour"))
    words += [f"{one['skill']} {_money(one['price'], currency)}" for one in said.get("rates") or ()]
    if said.get("step"):
        how = {"down": " rounded down", "nearest": " rounded to the nearest"}.get(str(said.get("round") or "up"), "")
        words.append(f"in steps of {count(int(said['step']), 'minute')}{how}")
    if said.get("minimum_minutes"):
        words.append(f"at least {clock(int(said['minimum_minutes']))}")
    if said.get("call_out") is not None:
        words.append(f"call-out {show(int(said['call_out']), currency)}")
    if said.get("travel_price") is not None:
        words.append(f"travel {_money(said['travel_price'], currency)} an hour")
    if said.get("markup") is not None:
        margin = said.get("markup_is") == "margin"
        words.append(f"parts at a margin of {said['markup']}%" if margin else f"parts at cost + {said['markup']}%")
    if said.get("cap") is not None:
        words.append(f"not to exceed {show(int(said['cap']), currency)} a {said.get('over') or 'job'}")
    return (", ".join(words) or "time and materials") + _bands(said)


def _bands(said: Mapping[str, Any]) -> str:
    words = []
    if said.get("after_hours") is not None:
        words.append(f"outside {said.get('hours')} × {said['after_hours']}")
    if said.get("holiday") is not None:
        words.append(f"holidays × {said['holiday']}")
    for one in said.get("bands") or ():
        times = f" × {one['times']}" if one.get("times") is not None else ""
        least = f" at least {clock(int(one['minimum_minutes']))}" if one.get("minimum_minutes") else ""
        words += [f"{one.get('name')}{times}{least}"] if times or least else []
    return f", {listed(words)}" if words else ""


def _commitment(term: Term, currency: str) -> str:
    most = bool(term.details.get("maximum"))
    over = "the whole term" if term.details.get("over") == "term" else f"a {_step(term)}"
    return f"at {'most' if most else 'least'} {show(term.amount, currency)} {over}"


def _sla(term: Term, currency: str) -> str:
    said = term.details
    targets = (("respond", "there"), ("restore", "mended"))
    asked = [f"{word} within {clock(int(said[name]))}" for name, word in targets if said.get(name)]
    words = listed(asked) if asked else "promises by priority"
    rates = [f"{said['percent']}% of the fee"] if said.get("percent") is not None else []
    rates += [show(term.amount, currency)] if term.amount else []
    steps = [f"{one['percent']}% from {one['breaches']}" for one in said.get("steps") or ()]
    words += f", or of the fee credited by the number of breaches: {listed(steps)}" if steps else ""
    words += f", or {' + '.join(rates)} credited for each breach" if rates else ""
    words += f", at most {said['cap']}%" if said.get("cap") is not None else ""
    return f"{words}, {_given(said)}"


def _given(said: Mapping[str, Any]) -> str:
    """When a credit is given."""
    return {"claimed": "when it is claimed", "decided": "when it is decided"}.get(str(said.get("claim") or ""), "by itself")


def _each_time(said: Mapping[str, Any], currency: str) -> str:
    """What is credited each time, and for what."""
    rates = [f"{said['each_percent']}%"] if said.get("each_percent") is not None else []
    rates += [show(int(said["each_amount"]), currency)] if said.get("each_amount") is not None else []
    rates += [f"{said['each_days']} of the period's days"] if said.get("each_days") is not None else []
    if said.get("each_below") is not None:
        return f"{' and '.join(rates)} for each {said['each_below']}% below {said.get('target')}%"
    return f"{' and '.join(rates)} for each {clock(int(said.get('each_minutes') or 0))} down"


def _availability(term: Term, currency: str) -> str:
    said = term.details
    steps = [f"{one['percent']}% below {one['below']}%" for one in said.get("ladder") or ()]
    words = f"available, or of the fee credited {listed(steps) if steps else _each_time(said, currency)}"
    words += f", at most {said['cap']}%" if said.get("cap") is not None else ""
    words += f", at most {show(int(said['cap_amount']), currency)}" if said.get("cap_amount") is not None else ""
    return words + (f", {_given(said)}" if said.get("claim") else "")


def _once(term: Term, currency: str) -> str:
    said = term.details
    several = {"milestone": "milestones", "progress": "reports", "deposit": "deposits"}.get(term.kind, "")
    words = show(term.amount, currency) if term.amount else ""
    if several and said.get(several):
        steps = listed(_part_of(one, currency) for one in said[several])
        return f"{words} in {count(len(said[several]), several[:-1])}: {steps}".strip()
    if term.kind == "retention" and said.get("percent") is not None:
        of = f" of {listed(str(one) for one in said['of'])}" if said.get("of") else ""
        share = [f"{one['percent']}%" if one.get("percent") is not None else "the rest" for one in said.get("releases") or ()]
        back = [f"{part}{_on(one, ' on ')}" for part, one in zip(share, said.get("releases") or (), strict=True)]
        then = "".join(f", {one['percent']}% once {one['from']}% is done" for one in said.get("steps") or ())
        most = f", at most {show(int(said['limit']), currency)}" if said.get("limit") else ""
        return f"{said['percent']}%{of} held back{then}{most}" + (f"; released: {listed(back)}" if back else "")
    if said.get("percent") is not None:
        words = f"{words} {said['percent']}%".strip()
    return f"{term.kind} {words}".strip()


def _part_of(one: Mapping[str, Any], currency: str) -> str:
    """A milestone, a report or a deposit: ``commissioned £2,400.00 on 13 Apr 2026``."""
    worth = show(int(one["amount"]), currency) if one.get("amount") is not None else ""
    worth = worth or (f"{one['percent']}%" if one.get("percent") is not None else "")
    return " ".join(word for word in (str(one.get("name") or ""), worth) if word) + _on(one, " on ")


def _on(one: Mapping[str, Any], lead: str) -> str:
    on = one.get("on")
    found = date.fromisoformat(on[:10]) if isinstance(on, str) else on
    return f"{lead}{day(found)}" if isinstance(found, date) else ""


_KINDS: dict[str, Callable[[Term, str], str]] = {
    "fixed": _recurring, "per asset": _recurring, "meter": _meter, "hours": _hours, "block": _block, "visits": _visits,
    "time": _time, "commitment": _commitment, "sla": _sla, "availability": _availability,
    "milestone": _once, "progress": _once, "deposit": _once, "retention": _once,
    "ceiling": _once, "termination": _once,
}  # fmt: skip

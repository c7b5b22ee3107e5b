"""The vocabulary of other systems: states, priorities, kinds of work, how often, how long.

It stands apart so that a word people meet in their exports is added in one place.

Always: a word that is not known raises ValueError with the words that are; it is never taken for the nearest one.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from fsconsole.inbox.dates import is_empty
from fsconsole.values.conventions import RULES

#: Pieces of a status, asked in this order: the first that is in the text decides.
_STATUS = (
    ("cancelled", ("cancel", "void", "aborted", "abandon", "declined", "rejected", "withdrawn", "duplicate", "storno")),
    ("open", ("incomplete", "not complete", "part complete", "partially complete", "uncomplete", "not started",
              "not done", "unresolved", "re-open", "reopen", "awaiting completion", "to do", "todo", "unassigned")),
    ("complete", ("to invoice", "to be invoiced", "to bill", "to be billed", "ready for bill", "ready for inv",
                  "awaiting inv", "awaiting bill", "uninvoiced", "unbilled", "not invoiced", "not billed",
                  "pending inv", "pending bill")),
    ("closed", ("invoiced", "billed", "closed", "paid", "archiv", "geschlossen", "abgerechnet", "clos", "clôtur")),
    ("complete", ("complet", "done", "finish", "resolved", "signed", "fixed", "erledigt", "fertig", "terminé", "work ok")),
    ("open", ("open", "new", "log", "rais", "report", "pend", "await", "wait", "sched", "book", "assign", "alloc",
              "dispatch", "released", "accept", "acknowledg", "route", "travel", "site", "progress", "wip", "start",
              "active", "hold", "park", "part", "quot", "approv", "return", "plan", "request", "draft", "issued",
              "offen", "ouvert", "en cours", "in arbeit", "submitted", "created", "triage", "revisit")),
)  # fmt: skip
_STATUS_CODES = {"c": "complete", "comp": "complete", "cmp": "complete", "x": "cancelled", "o": "open", "can": "cancelled",
                 "wappr": "open", "appr": "open", "inprg": "open", "wmatl": "open"}  # fmt: skip

_PRIORITY = {
    1: "urgent emergency critical immediate immediately p1 highest asap top very-high veryhigh dringend safety",
    2: "high p2 major important hoch haute",
    3: "normal medium med moderate standard routine p3 average regular mittel default",
    4: "low p4 minor niedrig basse",
    5: "lowest p5 planned planning scheduled none very-low verylow trivial whenever",
}
_PRIORITIES = {word: number for number, words in _PRIORITY.items() for word in words.split()}

_KIND = (
    ("install", ("install", "commission", "fit out", "new supply")),
    ("inspection", ("inspect", "survey", "audit", "test and tag", "pat test", "statutory", "certif")),
    ("maintenance", ("maint", "ppm", "preventive", "preventative", "prevent", "planned", "service", "servicing", "wartung")),
    ("repair", ("repair", "breakdown", "break down", "reactive", "correct", "call out", "callout", "call-out", "fault",
                "emergency", "fix", "reparatur", "remedial")),
)  # fmt: skip
_KIND_CODES = {"pm": "maintenance", "cm": "repair", "rm": "repair", "em": "repair", "bd": "repair", "ins": "inspection"}

_EVERY = {
    (1, "week"): ("weekly", "week", "per week", "p.w.", "pw", "a week", "every week", "wöchentlich"),
    (2, "week"): ("fortnightly", "fortnight", "biweekly", "bi-weekly", "every other week"),
    (1, "month"): ("monthly", "month", "per month", "p.m.", "pm", "pcm", "a month", "every month", "monatlich", "mensuel"),
    (2, "month"): ("every other month", "two monthly", "two-monthly"),
    (3, "month"): ("quarterly", "quarter", "per quarter", "a quarter", "every quarter", "vierteljährlich", "trimestriel"),
    (4, "month"): ("termly", "every four months", "four monthly"),
    (6, "month"): ("half yearly", "half-yearly", "biannual", "bi-annual", "bi-annually", "biannually", "semi annual",
                   "semi-annual", "semi-annually", "semiannually", "six monthly", "six-monthly", "halbjährlich"),
    (1, "year"): ("yearly", "year", "annual", "annually", "per annum", "p.a.", "pa", "per year", "a year", "every year",
                  "anniversary", "jährlich", "annuel"),
    (2, "year"): ("biennial", "biennially", "every other year", "two yearly"),
}  # fmt: skip
_CADENCE = {word: every for every, words in _EVERY.items() for word in words}
_UNITS = {"w": "week", "m": "month", "q": "quarter", "y": "year", "a": "year"}

_SPAN = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(minutes?|mins?|m|hours?|hrs?|hr|h|working\s+hours?|days?|d|working\s+days?|weeks?|w)?\.?", re.I
)
_MINUTES = {"m": 1, "h": 60, "d": 480, "w": 2400}  # a day is a working day of eight hours, a week five of them


def _flat(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split()).strip(" .")


def status(text: str) -> str | None:
    """``open``, ``complete`` (done, not yet billed), ``closed`` (done and billed) or ``cancelled``."""
    if is_empty(text):
        return None
    word = _flat(text)
    if word in _STATUS_CODES:
        return _STATUS_CODES[word]
    for meaning, pieces in _STATUS:
        if any(piece in word for piece in pieces):
            return meaning
    raise ValueError(f"“{text}” is not a known status; write open, complete, closed (billed) or cancelled")


def priority(text: str) -> int | None:
    """1 (first) to 5, from a number, a code such as P2, or a word such as urgent, high, normal, low."""
    if is_empty(text):
        return None
    word = _flat(text)
    if found := re.fullmatch(r"(?:p|pri|prio|priority|level|cat|category)?[ \-]*([1-5])(?:\D.*)?", word):
        return int(found[1])
    for piece in re.split(r"[^\w\-]+", word.replace("very ", "very-")):
        if piece in _PRIORITIES:
            return _PRIORITIES[piece]
    raise ValueError(f"“{text}” is not a known priority; write 1 to 5, or urgent, high, normal,"
        " low or planned")


def job_kind(text: str) -> str:
    """repair, maintenance, install or inspection where the words say so, else the words in small letters."""
    word = _flat(text)
    if word in _KIND_CODES:
        return _KIND_CODES[word]
    if any(piece in word for piece in ("unplanned", "unscheduled", "non-planned")):
        return "repair"
    for kind, pieces in _KIND:
        if any(piece in word for piece in pieces):
            return kind
    return word


def cadence(text: str) -> tuple[int, str] | None:
    """How often as (every, unit): quarterly is (3, month), per annum (1, year),"
    " a bare 12 is twelve months."""
    if is_empty(text):
        return None
    word = _flat(text)
    for spelling in (word, word + ".", word.removesuffix("s")):
        if spelling in _CADENCE:
            return _CADENCE[spelling]
    if found := re.fullmatch(r"(?:every )?(\d{1,3})[ \-]*(week|month|quarter|year|annual|[wmqy])?[a-z()]*", word):
        count, unit = int(found[1]), _UNITS[(found[2] or "month")[0]]
        if count:
            return (3 * count, "month") if unit == "quarter" else (count, unit)
    raise ValueError(f"“{text}” does not say how often; write monthly, quarterly, yearly,"
        " or a number of months")


def timing(text: str) -> str | None:
    """``advance`` or ``arrears``."""
    if is_empty(text):
        return None
    word = _flat(text)
    if "advance" in word or "start" in word or "upfront" in word or "up front" in word or "begin" in word:
        return "advance"
    if "arrear" in word or "end" in word or "after" in word:
        return "arrears"
    raise ValueError(f"“{text}” is neither advance nor arrears")


def hours(text: str) -> int | None:
    """Minutes of a promised time: ``4``, ``4h``, ``4:30``, ``90 min``, ``1 day`` (a working day of 8 h)."""
    return _minutes(text, "h")


def minutes(text: str) -> int | None:
    """Minutes of a planned or worked time: ``90``, ``1.5h``, ``1:30``."""
    return _minutes(text, "m")


def _minutes(text: str, unit: str) -> int | None:
    if is_empty(text):
        return None
    word = _flat(text)
    if word in ("nbd", "next business day", "next working day", "next day"):
        return _MINUTES["d"]
    if found := re.fullmatch(r"(\d{1,4}):(\d{2})(?::\d{2})?", word):
        return int(found[1]) * 60 + int(found[2])
    total = Decimal(0)
    pieces = list(_SPAN.finditer(word))
    if not pieces or re.sub(r"[\s,+and]", "", _SPAN.sub("", word)):
        raise ValueError(f"“{text}” is not a length of time; write it like 4h, 90 min or 1 day")
    for found in pieces:
        name = (found[2] or unit).lower().removeprefix("working").strip()
        total += Decimal(found[1].replace(",", ".")) * _MINUTES[name[0]]
    if total > 5_000_000:
        raise ValueError(f"“{text}” is longer than nine years; write it like 4h, 90 min or 1 day")
    return int(total.to_integral_value(ROUND_HALF_UP))


def day_time(text: str) -> str | None:
    """A time of day as ``HH:MM``."""
    if is_empty(text):
        return None
    found = re.fullmatch(r"(\d{1,2})(?:[:.h]?(\d{2}))?(?:[:.]\d{2})?\s*([ap])?\.?m?\.?", text.strip().lower())
    if found:
        hour = int(found[1])
        if found[3] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if found[3] == "p" else 0)
        if hour < 24 and int(found[2] or 0) < 60:
            return f"{hour:02}:{found[2] or '00'}"
    raise ValueError(f"“{text}” is not a time of day; write it like 08:00")


def several(text: str) -> tuple[str, ...]:
    """The pieces of a list in one cell, parted by ``;`` or, where there is none, by ``,`` or ``|``."""
    mark = ";" if ";" in text else "|" if "|" in text else ","
    return tuple(dict.fromkeys(piece.strip() for piece in text.split(mark) if piece.strip()))


_GROUPINGS = {
    "payer": ("payer", "client", "customer", "account", "one", "all", "everything", "consolidated"),
    "order": ("order", "order number", "order no", "po", "po number", "purchase order"),
    "location": ("location", "site", "branch", "store", "premises"),
    "contract": ("contract", "agreement"),
    "job": ("job", "work order", "job number", "each job"),
}


def grouping(text: str) -> str | None:
    """What shares an invoice: payer, order, location, contract or job; ``per site`` is location."""
    if is_empty(text):
        return None
    word = re.sub(r"^(by|per|one per|one a|an invoice per|each) ", "", _flat(text))
    for ours, theirs in _GROUPINGS.items():
        if word in theirs or word.removesuffix("s") in theirs:
            return ours
    raise ValueError(f"“{text}” does not say what shares an invoice; write {', '.join(_GROUPINGS)}")


def document(text: str) -> str | None:
    """``invoice`` or ``credit note``."""
    if is_empty(text):
        return None
    word = _flat(text)
    if "credit" in word or word in ("cn", "crn", "cr", "scrn", "sc", "accreccredit", "gutschrift", "avoir", "refund"):
        return "credit note"
    if "inv" in word or word in ("si", "accrec", "rechnung", "facture", "debit", "sale"):
        return "invoice"
    raise ValueError(f"“{text}” is neither an invoice nor a credit note")


def term_kind(text: str) -> str | None:
    """``fixed`` or ``per asset``."""
    if is_empty(text):
        return None
    word = _flat(text)
    if any(piece in word for piece in ("asset", "unit", "machine", "device", "equipment", "each")):
        return "per asset"
    if any(piece in word for piece in ("fix", "flat", "retainer", "recurring", "lump")):
        return "fixed"
    raise ValueError(f"“{text}” is neither fixed nor per asset")


def rate_kind(text: str) -> str | None:
    """``labour``, ``travel``, ``call-out``, ``no access`` or ``abort``."""
    if is_empty(text):
        return None
    word = _flat(text).replace("-", " ")
    for kind, pieces in (
        ("no access", ("no access", "no show", "failed visit")),
        ("abort", ("abort", "wasted")),
        ("call-out", ("call out", "callout", "attendance", "first hour")),
        ("travel", ("travel", "mileage", "journey", "drive")),
        ("labour", ("labour", "labor", "hour", "work", "time", "engineer", "technician")),
    ):
        if any(piece in word for piece in pieces):
            return kind
    raise ValueError(f"“{text}” is not a kind of rate; write labour, travel, call-out, no access or abort")


def plain(text: str) -> object:
    """A policy's value: a whole number, yes or no,"
    " or the text as it stands (numbers with decimals stay text)."""
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text)
    return {"true": True, "yes": True, "false": False, "no": False}.get(text.lower(), text)


#: Other words for the rules of proration.
PRORATED = (
    ("30", "thirty"), ("30/360", "thirty"), ("thirty", "thirty"), ("actual/30", "actual30"), ("365", "year365"),
    ("actual/365", "year365"), ("360", "year360"), ("actual/360", "year360"), ("months", "month"),
    ("30e/360", "thirty"), ("actual/actual", "actual"), ("actual/actual isda", "isda"),
    ("days", "actual"), ("full", "none"), ("no", "none"), ("30/360 isda", "30/360 bond"),
    ("30u/360", "30/360 us"), ("30/360 eu", "thirty"), ("business days", "working days"), ("364", "actual/364"),
    ("no leap/365", "nl/365"), ("365.25", "actual/365.25"), ("366", "actual/366"),
)  # fmt: skip


def proration(text: str) -> str | None:
    """A rule of proration: ``actual`` (days of the period), ``thirty``, ``year365``, ``none`` ..., in its own or other words."""
    if is_empty(text):
        return None
    plain_word = " ".join(text.lower().split())
    plain_word = dict(PRORATED).get(plain_word, plain_word)
    if plain_word in RULES:
        return plain_word
    word = _flat(text)
    for meaning, pieces in (("thirty", ("30", "thirty")), ("year365", ("365", "year")), ("none", ("none", "full"))):
        if any(piece in word for piece in pieces):
            return meaning
    if word in ("no", "false"):
        return "none"
    if "actual" in word or "da" in word or word in ("yes", "true"):
        return "actual"
    raise ValueError(f"“{text}” is not a way to prorate; write actual, thirty, year365 or none")

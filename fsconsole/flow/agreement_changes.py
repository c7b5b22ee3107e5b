"""What changed about a contract and what its meters read, in words.

It stands apart so that flow/agreement tells of terms and periods alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from fsconsole.flow.agreed import asset_names
from fsconsole.flow.gather import ContractSheet
from fsconsole.rules.rates import number
from fsconsole.rules.words import count, day, listed
from fsconsole.values.money import show
from fsconsole.values.terms import Clause
from fsconsole.values.work import Id, Reading

#: How a clause begins in words.
_CLAUSES = {"escalator": "rises by", "discount": "less", "rate": "tax", "warranty": "warranty"}


def _begins(clause: Clause) -> str:
    follows = clause.kind == "escalator" and (clause.details.get("index") or clause.details.get("parts"))
    return "follows the index" if follows else _CLAUSES.get(clause.kind, clause.kind)


class MeterLine(NamedTuple):
    """One meter of a contract with its last reading; ``wants`` says for which periods nobody has read it."""

    name: str
    last: str
    day: date | None
    wants: str


def meters(sheet: ContractSheet, wants: Mapping[str, list[str]]) -> Iterator[MeterLine]:
    """Each meter that was read, with its last reading; then the terms that wait for one, by the periods in ``wants``."""
    names = asset_names(sheet.assets)
    last: dict[tuple[str, str], Reading] = {}
    for reading in sorted(sheet.readings, key=lambda one: (one.day or date.min, one.id)):
        last[names.get(reading.asset or Id(b""), ""), reading.meter] = reading
    for (asset, meter), reading in sorted(last.items()):
        said = f"{number(Decimal(reading.value) / 1000)}{' (estimated)' if reading.estimated else ''}"
        yield MeterLine(f"{asset} {meter}".strip() or "meter", said, reading.day, "")
    for term, periods in wants.items():
        yield MeterLine(term, "", None, f"no reading for {listed(periods)}: ask for it, then reading EQUIPMENT VALUE")


def changes(sheet: ContractSheet, currency: str) -> Iterator[tuple[str, str]]:
    """Revisions, rises and discounts in words, the latest first."""
    names = {term.id: term.name or term.kind for term in sheet.terms}
    revisions = [one for one in sheet.entries if one.kind == "revision"]
    for entry in sorted(revisions, key=lambda one: (one.day or date.min, one.id), reverse=True):
        said, what = entry.details, str(entry.details.get("what") or "")
        words = {"price": f"{show(int(said.get('amount') or 0), currency)}", "quantity": f"{said.get('quantity')} units",
                 "suspend": "suspended", "resume": "billed again", "transfer": "handed over", "end": "first day no longer agreed",
                 "notice": "notice given", "renew": "renewed"}.get(what, what)  # fmt: skip
        who = sheet.clients.get(entry.client) if entry.client else None
        words += f" to {who.name}" if who else ""
        words += f" until {_last(said['until'])}" if said.get("until") else ""
        of = f"{names.get(entry.term, '')}: " if entry.term else ""
        yield day(entry.day) if entry.day else "", f"{of}{words}" + (f" ({said['reason']})" if said.get("reason") else "")
    for clause in sheet.clauses:
        said = clause.details
        how = f"{said['percent']}%" if said.get("percent") is not None else str(said.get("index") or clause.name)
        if said.get("amount") is not None:
            how = show(int(said["amount"]), currency)
        limits = (("floor", "at least"), ("cap", "at most"))
        bounds = "".join(f", {word} {said[name]}%" for name, word in limits if said.get(name))
        bounds += f", against {base:%b %Y}" if (base := _day(said.get("base_month"))) else ""
        bounds += f", {count(int(said['lag_months']), 'month')} behind" if said.get("lag_months") else ""
        bounds += f", with {count(int(said['notice']), 'day')} of notice" if said.get("notice") else ""
        bounds += " that was not given" if said.get("notice") and said.get("notified") == [] else ""
        of = f"{names.get(clause.term, '')}: " if clause.term else ""
        begun = clause.start or _day(said.get("from"))
        yield day(begun) if begun else "", f"{of}{_begins(clause)} {how}{bounds}"


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def _last(value: object) -> str:
    """The last day before one at which something ends."""
    end = _day(value)
    return day(end - timedelta(days=1)) if end else ""

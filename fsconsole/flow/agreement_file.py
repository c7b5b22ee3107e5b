"""A contract of the store written as a price file, which prices to the same charges.

It stands apart because a clerk who is asked “why”, and a salesperson who asks “what if”, take a live contract along as one file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from fsconsole.errors import Refused
from fsconsole.flow.agreed import agreed_rows
from fsconsole.flow.gather import Known, contract_sheets
from fsconsole.inbox.terms_fields import Field
from fsconsole.inbox.terms_json import OF_FILE, as_toml, read_back
from fsconsole.inbox.terms_known import SECTIONS, TERM, TERM_KINDS
from fsconsole.rules.held import assets_on
from fsconsole.store.opening import Store
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import IssuedLine
from fsconsole.values.cadence import MONDAY, NEW_YEAR
from fsconsole.values.terms import Contract, Term

#: Sections written from rows, in the order of a price file.
ROWS = (
    "revision", "escalator", "index", "discount", "rate", "warranty", "quote", "reading", "usage", "block", "visit", "labour",
    "part", "sla", "pause", "outage",
)  # fmt: skip
#: What a term says of itself: the file's field, the value's, and what it is when nobody says it.
_TERM = (
    ("prorate", "proration", "actual"), ("month_end", "month_end", "anchor"), ("first", "first", "billed"),
    ("last", "last", "billed"), ("rounding", "rounding", "line"), ("per", "per", ""), ("split", "split", "remainder"),
    ("stub_of", "stub_of", "billing period"), ("change", "change", "at once"), ("credit", "credit", "immediate"),
    ("suspension", "suspension", "not billed"), ("lead_days", "lead_days", 0), ("tax", "tax", ""),
)  # fmt: skip


def price_file_of(store: Store, contract: bytes) -> str:
    """The text of a price file for a contract of the store. Raises Refused when there is none."""
    known = Known(store)
    sheets = contract_sheets(store, [contract], known)
    if not sheets:
        raise Refused("There is no such contract.", "List them with: fsconsole list contracts")
    agreement, rows = agreed_rows(sheets[0], known)
    until = agreement.contract.elsewhere_until or known.latest.cut_over
    agreement = replace(agreement, contract=replace(agreement.contract, elsewhere_until=until))
    return "\n\n".join(_sections(agreement, rows)) + "\n"


def _sections(agreement: Agreement, rows: Mapping[str, list[Row]]) -> Iterator[str]:
    money = agreement.money
    yield as_toml("contract", _contract(agreement, rows), SECTIONS["contract"].fields, money, many=False)
    for start, zone in agreement.contract.zones:
        yield as_toml("zone", {"from": start, "timezone": zone}, SECTIONS["zone"].fields, money)
    for term in agreement.terms:
        yield as_toml("term", _term(term, agreement), (*TERM, *_own(term)), money)
    for row in _assets(agreement):
        yield as_toml("asset", row, SECTIONS["asset"].fields, money)
    for section in ROWS:
        for said in rows.get(section, ()):
            yield as_toml(section, said, SECTIONS[section].fields, money)
    for line in agreement.issued:
        if (found := _issued(line, agreement)) is None:
            continue
        yield as_toml("issued", found, SECTIONS["issued"].fields, money)


def _own(term: Term) -> tuple[Field, ...]:
    """The fields that only this kind of term has; where one has the name of a common field it is the kind's."""
    names = {one.name for one in TERM}
    return tuple(one for one in TERM_KINDS.get(term.kind, ()) if one.name not in names)


def _contract(agreement: Agreement, rows: Mapping[str, list[Row]]) -> dict[str, Any]:
    contract = agreement.contract
    said: Row = next(iter(rows.get("contract", ())), {})
    row: dict[str, Any] = {name: value for name, value in said.items() if name not in OF_FILE}
    named = {"client": contract.client, "payer": contract.payer}
    row |= {name: agreement.title(one) for name, one in named.items() if one and agreement.title(one)}
    row |= {"from": contract.start, "until": contract.end, "currency": agreement.money}
    row["elsewhere_until"] = contract.elsewhere_until
    for name in ("ref", "name", "timezone", "order_number", "order_ceiling", "order_until", "renews"):
        row[name] = getattr(contract, name) if getattr(contract, name) != "" else None
    row |= _lengths(contract)
    if contract.terms_days is not None and "payment" not in row:
        row["payment"] = f"{contract.terms_days} days"
    for name, usual in (("renewal_anchor", "keep"), ("correction", "net"), ("rounds", "half away")):
        row[name] = getattr(contract, name) if getattr(contract, name) != usual else None
    return row


def _lengths(contract: Contract) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if contract.renewal_months:
        found["renewal"] = (contract.renewal_months, "month")
    if contract.notice_months:
        found["notice"] = (contract.notice_months, "month")
    elif contract.notice_days is not None:
        found["notice"] = (contract.notice_days, "day")
    return found


def _term(term: Term, agreement: Agreement) -> dict[str, Any]:
    every, unit = term.every, term.unit
    if unit in ("quarter", "half-year"):
        every, unit = every * {"quarter": 3, "half-year": 6}[unit], "month"
    if weeks := term.details.get("weeks"):
        every, unit = 1, "-".join(str(one) for one in weeks) + " week"
    row: dict[str, Any] = {"name": term.name, "kind": term.kind, "from": term.start, "until": term.end, "amount": term.amount}
    row["elsewhere_until"] = term.elsewhere_until
    row |= {"every": (every, unit), "in": term.timing, "anchor": _anchor(term)}
    row["quantity"] = Decimal(term.quantity) / 1000 if term.quantity != 1000 else None
    row["asset"] = agreement.title(term.asset) if term.asset else None
    row["delay_days"] = Decimal(term.delay_days) if term.delay_days else None
    row |= {name: getattr(term, field) for name, field, usual in _TERM if getattr(term, field) != usual}
    own = {name: value for name, value in term.details.items() if name not in ("anchors", "anchor_weekday", "weeks")}
    return row | read_back(own, (*TERM, *TERM_KINDS.get(term.kind, ())))


def _anchor(term: Term) -> Any:
    if nth := term.details.get("anchor_weekday"):
        return ("nth", *nth)
    if several := term.details.get("anchors"):
        return tuple(several)
    if term.anchor_on is not None:
        return "calendar" if term.anchor_on in (NEW_YEAR, MONDAY) else term.anchor_on
    return term.anchor_day or "start"


def _assets(agreement: Agreement) -> Iterator[dict[str, Any]]:
    """Each asset that is covered; of a location those that stand there."""
    for cover in agreement.covers:
        if cover.gone:
            continue
        term = next((one for one in agreement.terms if one.id == cover.term), None)
        whole = Term(id=agreement.contract.id, contract=agreement.contract.id)
        for asset, spans in assets_on(whole, agreement.contract, [cover], agreement.assets).items():
            for span in spans:
                known = agreement.assets.get(asset)
                yield {
                    "name": agreement.title(asset) or (known.title if known else asset.hex()),
                    "serial": known.serial or None if known else None,
                    "term": term.name if term else None,
                    "amount": cover.amount,
                    "from": span.start if span.start > date.min else None,
                    "until": span.end if span.end < date.max else None,
                }


def _in_names(part: str, agreement: Agreement) -> str:
    """A part that names the charge of another term, as a file's terms are called: by the bytes of their names."""
    names = {term.id.hex(): term.name.encode().hex() for term in agreement.terms}
    return ":".join(names.get(piece, piece) for piece in part.split(":"))


def _issued(line: IssuedLine, agreement: Agreement) -> dict[str, Any] | None:
    term_hex, _, rest = line.key.partition(":")
    _, _, rest = rest.partition(":")
    start, _, part = rest.partition(":")
    term = next((one for one in agreement.terms if one.id.hex() == term_hex), None)
    paper = next((one for one in agreement.invoices if one.id == line.invoice), None)
    if line.key and (term is None or not start):
        return None
    void = line.void or bool(paper and paper.void)
    return {
        "term": term.name if term else None,
        "from": date.fromisoformat(start) if start else line.start,
        "until": line.end,
        "part": _in_names(part, agreement) or None,
        "amount": line.amount,
        "invoice": paper.number if paper else None,
        "on": paper.issued_on if paper else None,
        "client": agreement.title(paper.client) or None if paper else None,
        "tax": line.tax or None,
        "text": line.text or None,
        "void": True if void else None,
    }

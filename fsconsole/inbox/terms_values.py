"""The rows of a price file as the values that the rules read: contract, terms, revisions, rises, assets.

It stands apart from the reading of fields because names become ids here, and what a name does not meet is said.

Always: ids are the bytes of names, so the same file gives the same keys on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fsconsole.inbox.terms_called import like
from fsconsole.inbox.terms_fields import Setting
from fsconsole.inbox.terms_json import as_json
from fsconsole.inbox.terms_known import CONVENTIONS, SELDOM, TERM_KINDS
from fsconsole.inbox.toml_lines import Place
from fsconsole.values.agreement import Agreement, Row, charge_key
from fsconsole.values.bill import Invoice, IssuedLine
from fsconsole.values.cadence import cadence_of
from fsconsole.values.conventions import AGREED, MOST_PLACES, WEEKDAYS
from fsconsole.values.terms import AGAINST, Contract, Cover, Discount, Escalator, IndexValue, Revision, Term
from fsconsole.values.twin import changed
from fsconsole.values.work import Asset, Id

Wrong = tuple[Place, Any, str]
#: Sections that become values of their own; all others reach the rules as rows.
OWN = ("contract", "term", "zone", "revision", "escalator", "index", "discount", "asset", "issued")


#: What some numbers of a term must be: the field, whether it fits, and what was expected.
_FITS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("bill_day", lambda one: 1 <= one <= 31, "a day of the month from 1 to 31"),
    ("season", lambda some: bool(some) and all(1 <= one <= 12 for one in some), "months from 1 to 12, such as [4, 5, 6]"),
    ("year_days", lambda one: 336 <= one <= 372, "days of a year, from 336 (months of 28) to 372"),
    ("month_days", lambda one: 1 <= one <= 31, "days of a month, from 1 to 31"),
    ("share_places", lambda one: one <= MOST_PLACES, f"at most {MOST_PLACES} decimals"),
    ("rate_places", lambda one: one <= MOST_PLACES, f"at most {MOST_PLACES} decimals"),
    ("weekend", lambda some: all(word.lower()[:3] in WEEKDAYS for word in some), "days of the week such as Sat"),
)


def name_id(name: str) -> Id | None:
    """The id of what is called so."""
    return Id(name.encode()) if name else None


def agreement_of(rows: Mapping[str, Sequence[Row]], setting: Setting) -> tuple[Agreement, list[Wrong]]:
    """The agreement of a file's rows, and what does not fit together."""
    return _Gathering(rows, setting).agreement()


def completed(base: Agreement, rows: Mapping[str, Sequence[Row]], ids: Mapping[str, Id]) -> tuple[Agreement, list[Wrong]]:
    """An agreement whose contract, terms and assets are known, with what its other rows say; and what does not fit.

    ``ids`` are those of clients by name; terms and assets are found among the agreement's.
    """
    return _Gathering(rows, Setting(base.money), ids).completed(base)


class _Gathering:
    """One pass over the rows, with the names it met."""

    def __init__(self, rows: Mapping[str, Sequence[Row]], setting: Setting, ids: Mapping[str, Id] | None = None) -> None:
        self.rows = rows
        self.ids = ids or {}
        self.currency = setting.currency
        self.wrong: list[Wrong] = []
        self.said: Row = rows["contract"][0] if rows.get("contract") else {}
        self.names: dict[Id, str] = {}
        self.id = self._name(self.said.get("ref") or self.said.get("name") or "contract") or Id(b"contract")

    def _id(self, name: str) -> Id | None:
        """The id of what is called so: its own in a store, else the bytes of its name."""
        return self.ids.get(name) or name_id(name)

    def _name(self, name: str) -> Id | None:
        known = self._id(name)
        if known is not None:
            self.names[known] = name
        return known

    def agreement(self) -> tuple[Agreement, list[Wrong]]:
        zones = tuple((row["from"], row["timezone"]) for row in self.rows.get("zone", ()) if "from" in row and "timezone" in row)
        contract = self._contract(zones)
        self.local = Agreement(contract=contract).local_day
        contract = self._dated(contract)
        terms = self._terms()
        self.terms = {term.name: term for term in terms}
        assets, covers = self._assets()
        revisions = tuple(self._revision(row, number) for number, row in enumerate(self.rows.get("revision", ())))
        rest = {name: tuple(rows) for name, rows in self.rows.items() if name not in OWN}
        agreement = Agreement(
            contract=contract,
            currency=self.currency,
            terms=terms,
            revisions=revisions,
            escalators=tuple(self._escalator(row, number) for number, row in enumerate(self.rows.get("escalator", ()))),
            indexes=self._indexes(),
            discounts=tuple(self._discount(row, number) for number, row in enumerate(self.rows.get("discount", ()))),
            assets=assets,
            covers=covers,
            issued=tuple(self._issued(row, number) for number, row in enumerate(self.rows.get("issued", ()))),
            invoices=self._invoices(),
            rows={**rest, "contract": (self.said,), "issued": tuple(self.rows.get("issued", ()))},
            names=self.names,
        )
        return agreement, self.wrong

    def completed(self, base: Agreement) -> tuple[Agreement, list[Wrong]]:
        self.id, self.local = base.contract.id, base.local_day
        self.names = dict(base.names)
        self.terms = {term.name: term for term in base.terms}
        agreement = changed(
            base,
            revisions=tuple(self._revision(row, number) for number, row in enumerate(self.rows.get("revision", ()))),
            escalators=tuple(self._escalator(row, number) for number, row in enumerate(self.rows.get("escalator", ()))),
            indexes=self._indexes(),
            discounts=tuple(self._discount(row, number) for number, row in enumerate(self.rows.get("discount", ()))),
            rows={name: tuple(rows) for name, rows in self.rows.items() if name == "contract" or name not in OWN},
            names=self.names,
        )
        return agreement, self.wrong

    def _contract(self, zones: tuple[tuple[date, str], ...]) -> Contract:
        said = self.said
        renewal, notice = said.get("renewal"), said.get("notice")
        if renewal and renewal[1] == "day":
            self.wrong.append(((*said["place"], "renewal"), renewal[0], "expected months or years"))
            renewal = None
        return Contract(
            id=self.id,
            ref=said.get("ref", ""),
            name=said.get("name", ""),
            client=self._name(said.get("client", "")),
            payer=self._name(said.get("payer", "")),
            timezone=said.get("timezone", ""),
            currency=self.currency,
            order_number=said.get("order_number", ""),
            order_ceiling=said.get("order_ceiling"),
            order_until=said.get("order_until"),
            renews=said.get("renews", "itself" if renewal else ""),
            renewal_months=renewal[0] if renewal else 0,
            renewal_anchor=said.get("renewal_anchor", "keep"),
            notice_days=notice[0] if notice and notice[1] == "day" else None,
            notice_months=notice[0] if notice and notice[1] == "month" else 0,
            zones=zones,
            correction=said.get("correction", "net"),
            rounds=said.get("rounds", "half away"),
            elsewhere_until=said.get("elsewhere_until"),
            details={name: as_json(said[name]) for name in AGREED if name in said},
        )

    def _dated(self, contract: Contract) -> Contract:
        return replace(contract, start=self._day(self.said.get("from")), end=self._day(self.said.get("until")))

    def _day(self, moment: date | datetime | None) -> date | None:
        """A day as written; an instant's day in the contract's zone."""
        return self.local(moment) if isinstance(moment, datetime) else moment

    def _terms(self) -> tuple[Term, ...]:
        defaults = {about.name: self.said[about.name] for about in CONVENTIONS if about.name in self.said}
        found: dict[str, Term] = {}
        for row in self.rows.get("term", ()):
            said = {**defaults, **row}
            if "holidays" in self.said and (said.get("prorate") == "working days" or "bill_roll" in said):
                row = {"holidays": self.said["holidays"], **row}
            self._checked({**defaults, **row, "own": row})
            beside = row.get("kind", "fixed") in AGAINST
            term = self._term({name: value for name, value in defaults.items() if not (beside and name == "tax")} | dict(row))
            if term.name in found:
                self.wrong.append(((*row["place"], "name"), term.name, "there is another term of this name; give each its own"))
            found.setdefault(term.name, term)
        return tuple(found.values())

    def _checked(self, row: Row) -> None:
        """Numbers of a term that are read but mean nothing, with their line and field."""
        for name, fits, expected in _FITS:
            if name in row and not fits(row[name]):
                # What [contract] says for all terms is wrong there.
                place = row["place"] if name in row["own"] else self.said.get("place", row["place"])
                value = None if isinstance(row[name], tuple) else row[name]
                self.wrong.append(((*place, name), value, f"expected {expected}"))
        if "odd_days" in row["own"] and row.get("prorate") != "months and days":
            self.wrong.append(((*row["place"], "odd_days"), row["odd_days"], "it is for prorate = “months and days”"))

    def _term(self, row: Row) -> Term:
        cadence = cadence_of(row.get("every", (1, "month")), row.get("anchor", "start"))
        kind = row.get("kind", "fixed")
        own = {about.name for about in TERM_KINDS.get(kind, ())}
        tax = row.get("tax", "")
        return Term(
            id=self._name(row.get("name", "")) or Id(b"term"),
            contract=self.id,
            name=row.get("name", ""),
            kind=kind,
            amount=row.get("amount", 0),
            every=cadence.every,
            unit=cadence.unit,
            timing=row.get("in", "advance"),
            anchor_day=cadence.day,
            anchor_on=cadence.on,
            month_end=row.get("month_end", "anchor"),
            proration=row.get("prorate", "actual"),
            lead_days=row.get("lead_days", 0),
            delay_days=int(row.get("delay_days", 0)),
            start=self._day(row.get("from")),
            end=self._day(row.get("until")),
            elsewhere_until=row.get("elsewhere_until"),
            asset=self._id(row.get("asset", "")),
            quantity=self._thousandths(row, 1000),
            per=row.get("per", ""),
            split=row.get("split", "remainder"),
            stub_of=row.get("stub_of", "billing period"),
            first=row.get("first", "billed"),
            last=row.get("last", "billed"),
            rounding=row.get("rounding", "line"),
            change=row.get("change", "at once"),
            credit=row.get("credit", "immediate"),
            suspension=row.get("suspension", "not billed"),
            tax=f"{tax:f}" if isinstance(tax, Decimal) else str(tax),
            details={name: as_json(row[name]) for name in row if name in own or name in SELDOM} | dict(cadence.details),
        )

    def _thousandths(self, row: Row, default: int | None) -> Any:
        if "quantity" not in row:
            return default
        scaled = row["quantity"] * 1000
        if scaled != scaled.to_integral_value():
            self.wrong.append(((*row["place"], "quantity"), row["quantity"], "expected at most three decimals"))
        return int(scaled)

    def _of(self, row: Row) -> Id | None:
        """The term that a row names, None for every term."""
        name = row.get("term", "")
        if name and name not in self.terms:
            known = ", ".join(self.terms) or "none"
            self.wrong.append(
                ((*row["place"], "term"), name, f"there is no such term{like(name, list(self.terms))}; there are {known}")
            )
        return self.terms[name].id if name in self.terms else self._id(name)

    def _revision(self, row: Row, number: int) -> Revision:
        what = row.get("what", "")
        needs = {"price": "amount", "quantity": "quantity", "transfer": "client"}.get(what)
        if needs and needs not in row:
            self.wrong.append((row["place"], None, f"{needs} is missing: what the {what} is from then on"))
        how = row.get("change") or row.get("credit") or row.get("suspension") or ""
        if what in ("suspend", "resume") and row.get("anchor") == "new":
            how = "new anchor"
        return Revision(
            id=Id(b"revision %05d" % number),
            contract=self.id,
            term=self._of(row),
            what=what,
            start=self._day(row.get("on")),
            end=self._day(row.get("until")),
            amount=row.get("amount"),
            quantity=self._thousandths(row, None),
            client=self._name(row.get("client", "")),
            how=how,
            reason=row.get("reason", ""),
        )

    def _escalator(self, row: Row, number: int) -> Escalator:
        every, unit = row.get("every", (1, "year"))
        months = {"month": 1, "year": 12}.get(unit, 0) * every
        if not months:
            self.wrong.append(((*row["place"], "every"), unit, "expected months or years"))
        if row.get("base", 1) <= 0:
            self.wrong.append(((*row["place"], "base"), row["base"], "expected a number above 0"))
        if row.get("step", 1) <= 0:
            self.wrong.append(((*row["place"], "step"), None, "expected an amount above 0"))
        if sum(name in row for name in ("percent", "amount", "index", "parts")) != 1:
            self.wrong.append((row["place"], None, "say percent, amount, index or parts, and not two of them"))
        if "cap_unused" in row and "cap" not in row:
            self.wrong.append(((*row["place"], "cap_unused"), row["cap_unused"], "there is no cap; say cap = 5, or leave it out"))
        if "cap_most" in row and row.get("cap_unused") != "carried":
            self.wrong.append(((*row["place"], "cap_most"), row["cap_most"], "it is for cap_unused = “carried”"))
        return Escalator(
            id=Id(b"escalator %05d" % number),
            contract=self.id,
            term=self._of(row),
            start=row.get("from"),
            end=row.get("until"),
            months=months or 12,
            percent=row.get("percent"),
            index=row.get("index", ""),
            base=row.get("base"),
            base_month=row.get("base_month"),
            lag_months=row.get("lag_months", 0),
            floor=row.get("floor"),
            cap=row.get("cap"),
            against=row.get("against", "base"),
            compound=row.get("compound", True),
            notice_days=row.get("notice", 0),
            notified=row.get("notified"),
            catch_up=row.get("catch_up", False),
            step=row.get("step", 1) or 1,
            amount=row.get("amount"),
            share=row.get("share"),
            plus=row.get("plus"),
            threshold=row.get("threshold"),
            index_places=row.get("index_places"),
            average_months=row.get("average_months", 1) or 1,
            parts=tuple((one.get("index", ""), one.get("percent", Decimal(0)), one.get("base")) for one in row.get("parts", ())),
            cap_unused=row.get("cap_unused", "lost"),
            rises_from=row.get("rises_from", "rounded price"),
            coefficient_places=row.get("coefficient_places"),
            index_rounds=row.get("index_rounds", "half away"),
            cap_most=row.get("cap_most"),
            first_rise=row.get("first_rise", "full"),
        )

    def _indexes(self) -> tuple[IndexValue, ...]:
        found: list[IndexValue] = []
        for row in self.rows.get("index", ()):
            values = row.get("values", {})
            pairs = list(values.items()) if isinstance(values, dict) else []
            if "month" in row and "value" in row:
                pairs.append((row["month"], row["value"]))
            if not pairs:
                self.wrong.append((row["place"], None, "say month and value, or values = { 2025-01 = 131.2 }"))
            for month, value in pairs:
                first = _month(month)
                value = value if not isinstance(value, Decimal) or value.is_finite() else -1
                if first is None or isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value < 10**15:
                    self.wrong.append(((*row["place"], "values"), month, "expected a month such as 2025-01 and a number above 0"))
                else:
                    found.append(IndexValue(name=row.get("name", ""), month=first, value=Decimal(value)))
        return tuple(found)

    def _discount(self, row: Row, number: int) -> Discount:
        if ("percent" in row) == ("amount" in row):
            self.wrong.append((row["place"], None, "say percent or amount, and not both"))
        if row.get("off") == "all together" and ("percent" in row or "term" in row):
            self.wrong.append(((*row["place"], "off"), None, "only an amount without a term is taken off all together"))
        return Discount(
            id=Id(b"discount %05d" % number),
            contract=self.id,
            term=self._of(row),
            name=row.get("name", ""),
            percent=row.get("percent"),
            amount=row.get("amount"),
            start=self._day(row.get("from")),
            end=self._day(row.get("until")),
            periods=row.get("periods"),
            short_period=row.get("short_period", "whole"),
            amount_from=row.get("amount_from"),
            quantity_from=row.get("quantity_from"),
            at_most=row.get("at_most"),
            in_all=row.get("in_all"),
            together=row.get("off") == "all together",
        )

    def _assets(self) -> tuple[dict[Id, Asset], tuple[Cover, ...]]:
        assets: dict[Id, Asset] = {}
        covers: list[Cover] = []
        for number, row in enumerate(self.rows.get("asset", ())):
            asset = self._name(row.get("name", "")) or Id(b"asset %05d" % number)
            start, end = self._day(row.get("from")), self._day(row.get("until"))
            if start and end and end < start:
                self.wrong.append(((*row["place"], "until"), end, f"it ends before it starts ({start})"))
                continue
            assets[asset] = Asset(id=asset, ref=row.get("name", ""), model=row.get("name", ""), serial=row.get("serial", ""))
            covers.append(
                Cover(
                    id=Id(b"cover %05d" % number),
                    contract=self.id,
                    asset=asset,
                    start=start,
                    end=end,
                    amount=row.get("amount"),
                    term=self._of(row),
                )
            )
        return assets, tuple(covers)

    def _issued(self, row: Row, number: int) -> IssuedLine:
        term, start = self.terms.get(row.get("term", "")), self._day(row.get("from"))
        if row.get("term"):
            self._of(row)
            if start is None:
                self.wrong.append((row["place"], None, "from is missing: the first day of the period that was billed"))
        tax = row.get("tax", "")
        return IssuedLine(
            id=Id(b"issued %05d" % number),
            invoice=self._id(row.get("invoice", "")),
            key=charge_key(term, start, row.get("part", "")) if term and start else "",
            contract=self.id,
            amount=row.get("amount", 0),
            text=row.get("text") or row.get("term", ""),
            start=start,
            end=self._day(row.get("until")),
            void=row.get("void", False),
            tax=f"{tax:f}" if isinstance(tax, Decimal) else str(tax),
        )

    def _invoices(self) -> tuple[Invoice, ...]:
        """The invoices that issued lines name, with who was billed."""
        found: dict[str, Invoice] = {}
        for row in self.rows.get("issued", ()):
            if (number := row.get("invoice", "")) and (known := self._name(number)):
                client = self._name(row.get("client", "")) or self._name(self.said.get("payer") or self.said.get("client", ""))
                found.setdefault(
                    number, Invoice(id=known, number=number, client=client, issued_on=row.get("on"), currency=self.currency)
                )
        return tuple(found.values())


def _month(written: Any) -> date | None:
    if isinstance(written, date):
        return written.replace(day=1)
    try:
        return date.fromisoformat(f"{written}-01") if len(str(written)) == 7 else date.fromisoformat(str(written)).replace(day=1)
    except ValueError:
        return None

"""Everything known about one contract, as plain facts: what the rules of each kind of term are given.

It stands apart so that a file read without a store and the live store hand the same shape to the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from fsconsole.values.bill import Charge, Invoice, IssuedLine
from fsconsole.values.terms import Contract, Cover, Discount, Escalator, IndexValue, Revision, Term
from fsconsole.values.work import Asset, Client, Id

#: One entry of a section of a price file: read values (days, instants in UTC, minor units, Decimals, words).
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One contract with all that decides what it is worth.

    ``rows`` holds, by section, what is not a value of its own (visits, readings, due dates to work out ...);
    ``charges`` what the other terms came to, for terms that rest on them; ``names`` how ids are called. ``as_of`` is the
    day by which time to claim may have passed, where prices reach further ahead; None: as far as they reach.
    """

    contract: Contract
    client: Client | None = None
    currency: str = "GBP"
    terms: tuple[Term, ...] = ()
    revisions: tuple[Revision, ...] = ()
    escalators: tuple[Escalator, ...] = ()
    indexes: tuple[IndexValue, ...] = ()
    discounts: tuple[Discount, ...] = ()
    assets: Mapping[Id, Asset] = field(default_factory=dict)
    covers: tuple[Cover, ...] = ()
    issued: tuple[IssuedLine, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    charges: tuple[Charge, ...] = ()
    names: Mapping[Id, str] = field(default_factory=dict)
    as_of: date | None = None

    @property
    def money(self) -> str:
        """The currency that the contract bills in."""
        return self.contract.currency or (self.client.currency if self.client else "") or self.currency

    def term(self, name: str) -> Term | None:
        """The term of that name."""
        return next((term for term in self.terms if term.name == name), None)

    def title(self, thing: Id | None) -> str:
        """What an id is called."""
        return self.names.get(thing, "") if thing is not None else ""

    def of(self, section: str) -> tuple[Row, ...]:
        """The rows of a section, none where the file has none."""
        return self.rows.get(section, ())

    def zone_on(self, at: datetime) -> ZoneInfo:
        """The contract's time zone at an instant."""
        name = self.contract.timezone or "UTC"
        for start, zone in sorted(self.contract.zones):
            if datetime.combine(start, time(0), ZoneInfo(zone)) <= at:
                name = zone
        return ZoneInfo(name)

    def local_day(self, at: datetime) -> date:
        """The local day of an instant, in the zone the contract then had."""
        return at.astimezone(self.zone_on(at)).date()

    def instant(self, local: datetime) -> datetime:
        """The instant (UTC) of a local time without a zone."""
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        return local.replace(tzinfo=self.zone_on(local.replace(tzinfo=UTC))).astimezone(UTC)


def charge_key(term: Term, start: date, part: str = "") -> str:
    """What a term's charge is about: the same at every site and in every run."""
    key = f"{term.id.hex()}:{term.kind.replace(' ', '-')}:{start.isoformat()}"
    return f"{key}:{part}" if part else key

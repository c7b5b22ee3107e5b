"""What the checks are given: the facts about one job, contract, client, technician or row, as frozen values.

It stands apart so that whoever fetches and whoever judges agree on one shape and on nothing else.

Always: what is about several jobs (a client without an accounts-payable contact, a technician in two places)
is judged once, from the facts of that thing, so that one cause is one open row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from fsconsole.rules.billable import Unpriced
from fsconsole.rules.coverage import Coverage
from fsconsole.rules.job import Fold
from fsconsole.rules.policy import Policies
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge, Invoice, IssuedLine, Payment
from fsconsole.values.period import Interval
from fsconsole.values.terms import Contract, Cover, Rate, Term
from fsconsole.values.work import (
    Asset,
    Card,
    Client,
    Column,
    Contact,
    Event,
    Id,
    Job,
    Labour,
    Location,
    Part,
    PartUsed,
    SignOff,
    Technician,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What the trail says about one visit.

    ``fixes``: how many fixes the technician's trail has in the claimed time; ``on_site``: the stays at the
    job's location that day; ``nearest``: metres from the location to the nearest fix in the claimed time.
    """

    visit: Id
    fixes: int = 0
    on_site: tuple[Interval, ...] = ()
    nearest: int | None = None

    @property
    def minutes(self) -> int:
        """Whole minutes on site by GPS."""
        return sum(stay.seconds for stay in self.on_site) // 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fenced:
    """A difference that may not be drafted: ``fence`` is elsewhere or locked, ``until`` its first open day.

    ``charge.amount`` is the difference (billable less billed), negative when we owe.
    """

    charge: Charge
    fence: str
    until: date


@dataclass(frozen=True, slots=True)
class Offered:
    """A billing right on its way from one site to another, by their codes; nobody bills meanwhile."""

    by: str
    to: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """One job with all that is about it.

    ``charges`` are the differences not yet billed (an estimate until the job is complete), ``unpriced`` what
    among its work has no price; ``contracts`` are the client's, ``coverage`` says who bears the work;
    ``technicians`` is whoever is named by a visit, card or labour entry; ``series`` this site's code, which
    is left out of references as they are typed here. ``covers`` are those of ``contracts``, ``issued`` the lines that
    were billed for the job, ``invoices`` the documents they stand on; ``held`` is why a person holds it back.
    """

    job: Job
    column: Column
    client: Client | None = None
    payer: Client | None = None
    location: Location | None = None
    asset: Asset | None = None
    contract: Contract | None = None
    contracts: tuple[Contract, ...] = ()
    coverage: Coverage | None = None
    visits: tuple[Fold, ...] = ()
    events: tuple[Event, ...] = ()
    cards: tuple[Card, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    labour: tuple[Labour, ...] = ()
    parts: tuple[PartUsed, ...] = ()
    charges: tuple[Charge, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    fenced: tuple[Fenced, ...] = ()
    contacts: tuple[Contact, ...] = ()
    presence: tuple[Presence, ...] = ()
    offered: Offered | None = None
    covers: tuple[Cover, ...] = ()
    issued: tuple[IssuedLine, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    held: str = ""
    charged: str = ""  # why a person decided that the client pays for covered work
    rates: tuple[Rate, ...] = ()
    technicians: Mapping[Id, Technician] = field(default_factory=dict)
    policies: Policies = field(default_factory=Policies)
    currency: str = "GBP"
    timezone: str = "Europe/London"
    series: str = ""
    asked: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # what every check asks, once


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """One contract: terms, covers, the assets they name, charges not yet billed, lines issued under it.

    ``on_order``: minor units already issued against the contract's order number, None when it is not known.
    ``invoices`` are the documents of ``issued``; ``held`` is why a person holds the contract back; ``through`` is how far
    ahead its charges were worked out; ``agreement`` the contract as the rules of price read it, and ``priced`` all that
    they came to, billed or not and held too. ``parked`` is what is not billed of terms that cannot be priced, as they last
    could be; ``worth_more`` what a year of those comes to that never could, in minor units.
    """

    contract: Contract
    client: Client | None = None
    payer: Client | None = None
    terms: tuple[Term, ...] = ()
    covers: tuple[Cover, ...] = ()
    assets: tuple[Asset, ...] = ()
    charges: tuple[Charge, ...] = ()
    issued: tuple[IssuedLine, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    on_order: int | None = None
    invoices: tuple[Invoice, ...] = ()
    held: str = ""
    through: date | None = None
    agreement: Agreement | None = None
    priced: tuple[Charge, ...] = ()
    fenced: tuple[Fenced, ...] = ()
    parked: tuple[Charge, ...] = ()
    worth_more: int = 0
    offered: Offered | None = None
    policies: Policies = field(default_factory=Policies)
    currency: str = "GBP"
    timezone: str = "Europe/London"
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """A document, or one line of it, that the client does not accept: the client's words, and what it comes to."""

    invoice: Invoice
    words: str
    amount: int
    line: IssuedLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFacts:
    """One client: contacts, assets, contracts with their terms and covers, and all charges it is to pay.

    ``approved`` are the keys of charges that were approved as they are; ``orders`` is the order number of each charge,
    and ``refs`` how its job or contract is called; ``documents`` what was issued to the client.
    """

    client: Client
    contacts: tuple[Contact, ...] = ()
    assets: tuple[Asset, ...] = ()
    contracts: tuple[Contract, ...] = ()
    terms: tuple[Term, ...] = ()
    covers: tuple[Cover, ...] = ()
    charges: tuple[Charge, ...] = ()
    approved: frozenset[str] = frozenset()
    orders: Mapping[str, str] = field(default_factory=dict)
    refs: Mapping[Id, str] = field(default_factory=dict)
    documents: tuple[Invoice, ...] = ()
    payments: tuple[Payment, ...] = ()
    disputes: tuple[Disputed, ...] = ()
    policies: Policies = field(default_factory=Policies)
    currency: str = "GBP"
    timezone: str = "Europe/London"
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A part that left a technician's van: how much by the counts, how much stands on jobs, in thousandths.

    ``since`` is the count that found it missing, ``ref`` the technician's last job before it.
    """

    part: Part
    taken: int
    used: int
    since: datetime | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianFacts:
    """One technician with their visits, the reference of each visit's job, and what left the van."""

    technician: Technician
    visits: tuple[Fold, ...] = ()
    refs: Mapping[Id, str] = field(default_factory=dict)  # by job
    taken: tuple[Taken, ...] = ()
    currency: str = "GBP"
    timezone: str = "Europe/London"
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """A field that two sites wrote without having read each other: what stands, and what it replaced."""

    field: str
    kept: str
    kept_by: str = ""  # the site's code
    lost: tuple[tuple[str, str], ...] = ()  # (site code, value in words)
    at: datetime | None = None
    told: tuple[str, ...] = ()  # who wrote what stands and each of the others, and when


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """One row of any kind whose fields were contested or whose reference two things bear.

    ``words`` is what people call it; ``namesakes`` are in words the other things with its reference;
    ``charges`` are those that depend on it.
    """

    thing: Id
    kind: str
    ref: str = ""
    words: str = ""
    contested: tuple[Contested, ...] = ()
    namesakes: tuple[str, ...] = ()
    job: Id | None = None
    contract: Id | None = None
    client: Id | None = None
    charges: tuple[Charge, ...] = ()
    currency: str = "GBP"
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """One site's numbers: the ``missing`` ones of each of its invoice series, by the series' prefix."""

    site: Id
    code: str
    missing: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    twice: tuple[str, ...] = ()  # numbers that two documents bear


#: Whatever can be judged.
Facts = JobFacts | ContractFacts | ClientFacts | TechnicianFacts | RowFacts | SiteFacts

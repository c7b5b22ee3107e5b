"""What the checks are given: the facts about one job, contract, client, technician or row, as frozen values.

It stands apart so that whoever fetches and whoever judges agree on one shape and on nothing else.

Always: what is about several jobs (a client without an accounts-payable contact, a technician in two places)
is judged once, from the facts of that thing, so that one cause is one open row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from fsconsole.rules.billable import Unpriced
from fsconsole.rules.coverage import Coverage
from fsconsole.rules.job import Fold
from fsconsole.rules.policy import Policies
from fsconsole.values.bill import Charge, IssuedLine
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
    is left out of references as they are typed here.
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
    rates: tuple[Rate, ...] = ()
    technicians: Mapping[Id, Technician] = field(default_factory=dict)
    policies: Policies = field(default_factory=Policies)
    currency: str = "GBP"
    timezone: str = "Europe/London"
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """One contract: terms, covers, the assets they name, charges not yet billed, lines issued under it.

    ``on_order``: minor units already issued against the contract's order number, None when it is not known.
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
    fenced: tuple[Fenced, ...] = ()
    offered: Offered | None = None
    policies: Policies = field(default_factory=Policies)
    currency: str = "GBP"
    timezone: str = "Europe/London"
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFacts:
    """One client: contacts, assets, contracts with their terms and covers, and all charges it is to pay."""

    client: Client
    contacts: tuple[Contact, ...] = ()
    assets: tuple[Asset, ...] = ()
    contracts: tuple[Contract, ...] = ()
    terms: tuple[Term, ...] = ()
    covers: tuple[Cover, ...] = ()
    charges: tuple[Charge, ...] = ()
    currency: str = "GBP"
    timezone: str = "Europe/London"
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianFacts:
    """One technician with their visits, and the reference of each visit's job."""

    technician: Technician
    visits: tuple[Fold, ...] = ()
    refs: Mapping[Id, str] = field(default_factory=dict)  # by job
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


#: Whatever can be judged.
Facts = JobFacts | ContractFacts | ClientFacts | TechnicianFacts | RowFacts

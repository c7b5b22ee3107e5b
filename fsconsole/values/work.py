"""The nouns of the work: who we work for, where, on what, who goes, and what happened there.

It stands apart so that a newcomer reads the shapes first and every other file gets shorter.

Ids are 16 bytes. Instants are aware datetimes in UTC, days are dates. Money is in minor units.
Every value that stands in the store has the same field names as its table (store/tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType

Id = NewType("Id", bytes)
NO_ID = Id(b"")
Custom = Mapping[str, Any]


class State(StrEnum):
    """Where a visit stands."""

    __hash__ = str.__hash__  # as what it is equal to; an enum's own is asked a million times in a month's run

    SCHEDULED = "scheduled"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en route"
    ON_SITE = "on site"
    WAITING_PARTS = "waiting parts"
    COMPLETE = "complete"
    SIGNED_OFF = "signed off"
    ENDED = "ended"  # left without completing: return needed, no access, aborted, taken off


class Column(StrEnum):
    """Where a job stands on the board, in the board's order."""

    LOGGED = "logged"
    SCHEDULED = "scheduled"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en route"
    ON_SITE = "on site"
    WAITING_PARTS = "waiting parts"
    COMPLETE = "complete"
    SIGNED_OFF = "signed off"
    CLOSED = "closed"
    PARKED = "parked"


class Outcome(StrEnum):
    """How a technician left a visit."""

    DONE = "done"
    RETURN_NEEDED = "return needed"
    NO_ACCESS = "no access"
    ABORTED = "aborted"
    TAKEN_OFF = "taken off"


class Happening(StrEnum):
    """What can happen to a visit: the events of rules/job.py's table."""

    __hash__ = str.__hash__  # as what it is equal to; an enum's own is asked a million times in a month's run

    BOOK = "book"
    RELEASE = "release"
    ACKNOWLEDGE = "acknowledge"
    TOLD = "told"
    DEPART = "depart"
    ARRIVE = "arrive"
    WAIT_PARTS = "wait parts"
    PARTS_IN = "parts in"
    COMPLETE = "complete"
    SIGN = "sign"
    RETURN_NEEDED = "return needed"
    NO_ACCESS = "no access"
    ABORT = "abort"
    TAKE_OFF = "take off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who we work for."""

    id: Id
    ref: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    tax_id: str = ""
    address: str = ""
    postcode: str = ""
    currency: str = ""
    terms_days: int | None = None
    order_required: bool = False  # no invoice without the client's order number
    payer: Id | None = None  # another client that pays, such as an agent or landlord
    notes: str = ""
    custom: Custom = field(default_factory=dict)
    merged_into: Id | None = None
    gone: bool = False
    grouping: str = ""  # what shares an invoice: payer, location, order, contract, job; empty: payer and order number


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A client's place."""

    id: Id
    ref: str = ""
    client: Id | None = None
    name: str = ""
    address: str = ""
    postcode: str = ""
    area: str = ""
    lat: int | None = None  # degrees x 10^7
    lon: int | None = None  # degrees x 10^7
    pin_from: str = ""  # given, postcode, stay
    access_notes: str = ""
    phone: str = ""
    custom: Custom = field(default_factory=dict)
    merged_into: Id | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at a client, with what they are there for."""

    id: Id
    client: Id | None = None
    location: Id | None = None
    name: str = ""
    role: str = ""  # accounts payable, site, orders ...
    phone: str = ""
    email: str = ""
    custom: Custom = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """The equipment serviced, by serial number."""

    id: Id
    ref: str = ""
    client: Id | None = None
    location: Id | None = None
    kind: str = ""
    maker: str = ""
    model: str = ""
    serial: str = ""
    installed: date | None = None
    warranty_until: date | None = None  # first day no longer covered
    removed: date | None = None  # first day no longer there
    custom: Custom = field(default_factory=dict)
    merged_into: Id | None = None
    gone: bool = False

    @property
    def title(self) -> str:
        words = " ".join(word for word in (self.maker, self.model or self.kind) if word) or self.ref or "asset"
        return f"{words} s/n {self.serial}" if self.serial else words


@dataclass(frozen=True, slots=True, kw_only=True)
class Technician:
    """Who goes."""

    id: Id
    code: str = ""  # what is typed: amy
    name: str = ""
    phone: str = ""
    skills: tuple[str, ...] = ()
    area: str = ""
    lat: int | None = None  # home base, degrees x 10^7
    lon: int | None = None
    shift_start: str = "08:00"  # local
    shift_end: str = "17:00"
    cost_rate: int | None = None  # minor units an hour
    sell_rate: int | None = None
    subcontractor: bool = False
    device: str = ""  # the tracking device or log file that is theirs
    custom: Custom = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleUse:
    """Which vehicle a technician drives, by date."""

    id: Id
    vehicle: str = ""
    technician: Id | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A technician's absence or on-call turn."""

    id: Id
    technician: Id | None = None
    kind: str = "absent"  # absent, on call
    start: datetime | None = None
    end: datetime | None = None
    reason: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part we sell."""

    id: Id
    code: str = ""
    name: str = ""
    cost: int | None = None
    price: int | None = None
    unit: str = "each"
    custom: Custom = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A promise of work at a location."""

    id: Id
    ref: str = ""
    client: Id | None = None
    location: Id | None = None
    asset: Id | None = None
    contract: Id | None = None
    kind: str = "repair"  # repair, maintenance, install, inspection ...
    title: str = ""
    details: str = ""
    priority: int = 3  # 1 is first
    reported_at: datetime | None = None
    reported_by: str = ""
    promised_from: datetime | None = None
    promised_until: datetime | None = None
    planned_minutes: int | None = None
    order_number: str = ""
    client_job: str = ""
    skill: str = ""
    payer: Id | None = None
    parked_until: date | None = None
    parked_why: str = ""
    cancelled: str = ""  # the reason, when cancelled
    goodwill: str = ""  # the reason, when given away
    written_off: str = ""  # the reason, when the rest is not to be billed
    elsewhere_until: date | None = None  # work done before this day was billed in the old system
    finished_on: date | None = None  # imported history: done on this day, without visits of ours
    custom: Custom = field(default_factory=dict)
    merged_into: Id | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One attendance by one technician for a job; its state is the fold of its events."""

    id: Id
    job: Id | None = None
    number: int = 1  # 1042/1
    technician: Id | None = None
    booked_from: datetime | None = None
    booked_until: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact: something happened to a visit, effective ``at``; ``stamp`` breaks ties and tells when it was recorded."""

    id: Id
    visit: Id | None = None
    what: Happening = Happening.BOOK
    at: datetime | None = None
    note: str = ""
    eta: date | None = None  # wait parts: when they are expected; return needed, no access: when to wake
    stamp: int = 0
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Labour:
    """A fact: minutes worked or travelled."""

    id: Id
    job: Id | None = None
    visit: Id | None = None
    technician: Id | None = None
    kind: str = "labour"  # labour, travel
    start: datetime | None = None
    minutes: int = 0
    note: str = ""
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartUsed:
    """A fact: a part taken for a job. ``quantity`` is in thousandths."""

    id: Id
    job: Id | None = None
    visit: Id | None = None
    part: Id | None = None
    name: str = ""
    quantity: int = 1000
    price: int | None = None  # minor units each, when agreed otherwise than the part's own
    serial: str = ""
    at: datetime | None = None
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A fact: the job card came in: what was found and done on site."""

    id: Id
    job: Id | None = None
    visit: Id | None = None
    technician: Id | None = None
    found: str = ""
    done: str = ""
    at: datetime | None = None
    nothing_used: bool = False  # no labour and no parts, and that is meant
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """A fact: how the client accepted the work."""

    id: Id
    job: Id | None = None
    visit: Id | None = None
    how: str = "signed"  # signed, unattended, remote, refused, deemed
    name: str = ""
    reason: str = ""
    at: datetime | None = None
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A fact: words about a thing."""

    id: Id
    about: Id | None = None
    text: str = ""
    at: datetime | None = None
    by: str = ""
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A fact: a meter read on a day. ``value`` is in thousandths of the meter's unit."""

    id: Id
    asset: Id | None = None
    meter: str = ""
    value: int = 0
    day: date | None = None
    estimated: bool = False
    void: bool = False
    contract: Id | None = None  # the only contract that counts it, where it says so
    term: Id | None = None
    at: datetime | None = None
    details: Custom = field(default_factory=dict)  # new, rollover, by; JSON values


@dataclass(frozen=True, slots=True)
class Fix:
    """One GPS point. Degrees x 10^7, metres; ``at`` in UTC."""

    at: datetime
    lat: int
    lon: int
    accuracy: int | None = None
    note: str = ""
    battery: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Fixes that dwell at one place; ``location`` is empty for a stop with no job."""

    start: datetime
    end: datetime
    lat: int
    lon: int
    location: Id = NO_ID
    fixes: int = 0

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Reject:
    """One line of input that was not taken, and why."""

    file: str
    line: int
    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        what = f" {self.field}" + (f" “{self.value}”" if self.value else "") if self.field else ""
        return f"{where}{what}: {self.reason}"

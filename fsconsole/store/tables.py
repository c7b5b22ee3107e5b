"""Every synced table, declared once: its kind number, how it merges, its numbered columns.

It stands apart because clocks, upserts, history and replay all follow from these declarations.

Always: a kind number or a column number is never changed and never used again; new columns go at the end.

A *description* is last-writer-wins per column: each column has a clock ``c_<column>``, the stamp of its last write.
A *fact* is only ever added; its one column that may change later is ``void``. ``stamp`` is when it was recorded.
"""

from __future__ import annotations

from fsconsole.store.declare import BY_NAME, KINDS, UNKNOWN_YET, Merge, Row, described, fact
from fsconsole.store.fields import Count, Day, Flag, Instant, Link, Listing, Mapped, Plain, Whole, Word
from fsconsole.store.puts import Put, column_names, put, void
from fsconsole.store.tables_owed import Chase, Decision, Handover, Invoice, InvoiceLine, Payment, Withdrawal

__all__ = [
    "BY_NAME",
    "KINDS",
    "UNKNOWN_YET",
    "Chase",
    "Decision",
    "Handover",
    "Invoice",
    "InvoiceLine",
    "Merge",
    "Payment",
    "Put",
    "Withdrawal",
    "column_names",
    "put",
    "void",
]

# --- who we are -------------------------------------------------------------------------------------------------------


@described(1)
class Site(Row):
    """One of our own offices, as shown; what it may do stands in the membership log."""

    code = Word(1)
    name = Word(2)
    number = Count(3)
    timezone = Word(4)
    role = Word(5)


@described(2)
class Person(Row):
    """Someone who uses a console."""

    name = Word(1)
    role = Word(2)  # viewer, field, dispatch, billing, owner
    full_name = Word(3)
    gone = Flag(4)


@described(3)
class Policy(Row):
    """A company-wide decision from a day on."""

    name = Word(1)
    start = Day(2)
    value = Plain(3)


# --- who we work for --------------------------------------------------------------------------------------------------


@described(10)
class Client(Row):
    """Who we work for."""

    ref = Word(1)
    name = Word(2)
    phone = Word(3)
    email = Word(4)
    tax_id = Word(5)
    address = Word(6)
    postcode = Word(7)
    currency = Word(8)
    terms_days = Whole(9)
    order_required = Flag(10)
    payer = Link(11)
    notes = Word(12)
    custom = Mapped(13)
    merged_into = Link(14)
    gone = Flag(15)
    grouping = Word(16)  # what shares an invoice: payer, location, order, contract, job


@described(11)
class Location(Row):
    """A client's place."""

    ref = Word(1)
    client = Link(2, index=True)
    name = Word(3)
    address = Word(4)
    postcode = Word(5)
    area = Word(6)
    lat = Whole(7)
    lon = Whole(8)
    pin_from = Word(9)
    access_notes = Word(10)
    phone = Word(11)
    custom = Mapped(12)
    merged_into = Link(13)
    gone = Flag(14)


@described(12)
class Contact(Row):
    """A person at a client."""

    client = Link(1, index=True)
    location = Link(2)
    name = Word(3)
    role = Word(4)
    phone = Word(5)
    email = Word(6)
    custom = Mapped(7)
    gone = Flag(8)


@described(13)
class Asset(Row):
    """The equipment serviced."""

    ref = Word(1)
    client = Link(2, index=True)
    location = Link(3, index=True)
    kind_ = Word(4, column_name="kind")
    maker = Word(5)
    model = Word(6)
    serial = Word(7, index=True)
    installed = Day(8)
    warranty_until = Day(9)
    removed = Day(10)
    custom = Mapped(11)
    merged_into = Link(12)
    gone = Flag(13)


# --- who goes ---------------------------------------------------------------------------------------------------------


@described(20)
class Technician(Row):
    """Who goes."""

    code = Word(1)
    name = Word(2)
    phone = Word(3)
    skills = Listing(4)
    area = Word(5)
    lat = Whole(6)
    lon = Whole(7)
    shift_start = Word(8)
    shift_end = Word(9)
    cost_rate = Whole(10)
    sell_rate = Whole(11)
    subcontractor = Flag(12)
    device = Word(13)
    custom = Mapped(14)
    gone = Flag(15)


@described(21)
class VehicleUse(Row):
    """Which vehicle a technician drives, by date."""

    vehicle = Word(1, index=True)
    technician = Link(2)
    start = Day(3)
    end = Day(4)
    gone = Flag(5)


@described(22)
class Duty(Row):
    """A technician's absence or on-call turn."""

    technician = Link(1, index=True)
    kind_ = Word(2, column_name="kind")
    start = Instant(3)
    end = Instant(4)
    reason = Word(5)
    gone = Flag(6)


@described(23)
class Part(Row):
    """A part we sell."""

    code = Word(1, index=True)
    name = Word(2)
    cost = Whole(3)
    price = Whole(4)
    unit = Word(5)
    custom = Mapped(6)
    gone = Flag(7)


# --- the work ---------------------------------------------------------------------------------------------------------


@described(30)
class Job(Row):
    """A promise of work at a location."""

    ref = Word(1, index=True)
    client = Link(2, index=True)
    location = Link(3, index=True)
    asset = Link(4, index=True)
    contract = Link(5, index=True)
    kind_ = Word(6, column_name="kind")
    title = Word(7)
    details = Word(8)
    priority = Count(9)
    reported_at = Instant(10)
    reported_by = Word(11)
    promised_from = Instant(12)
    promised_until = Instant(13)
    planned_minutes = Whole(14)
    order_number = Word(15)
    client_job = Word(16)
    skill = Word(17)
    payer = Link(18)
    parked_until = Day(19)
    parked_why = Word(20)
    cancelled = Word(21)
    goodwill = Word(22)
    written_off = Word(23)
    elsewhere_until = Day(24)
    finished_on = Day(25)
    custom = Mapped(26)
    merged_into = Link(27)
    gone = Flag(28)


@described(31)
class Visit(Row):
    """One attendance by one technician."""

    job = Link(1, index=True)
    number = Count(2)
    technician = Link(3, index=True)
    booked_from = Instant(4)
    booked_until = Instant(5)
    gone = Flag(6)


@fact(32)
class Event(Row):
    """Something happened to a visit."""

    visit = Link(1, index=True)
    what = Word(2)
    at = Instant(3)
    note = Word(4)
    eta = Day(5)


@fact(33)
class Labour(Row):
    """Minutes worked or travelled."""

    job = Link(1, index=True)
    visit = Link(2)
    technician = Link(3)
    kind_ = Word(4, column_name="kind")
    start = Instant(5)
    minutes = Count(6)
    note = Word(7)


@fact(34)
class PartUsed(Row):
    """A part taken for a job."""

    job = Link(1, index=True)
    visit = Link(2)
    part = Link(3)
    name = Word(4)
    quantity = Count(5)
    price = Whole(6)
    serial = Word(7)
    at = Instant(8)


@fact(35)
class Card(Row):
    """The job card came in."""

    job = Link(1, index=True)
    visit = Link(2)
    technician = Link(3)
    found = Word(4)
    done = Word(5)
    at = Instant(6)
    nothing_used = Flag(7)


@fact(36)
class SignOff(Row):
    """How the client accepted the work."""

    job = Link(1, index=True)
    visit = Link(2)
    how = Word(3)
    name = Word(4)
    reason = Word(5)
    at = Instant(6)


@fact(37)
class Note(Row):
    """Words about a thing."""

    about = Link(1, index=True)
    text = Word(2)
    at = Instant(3)
    by = Word(4)


@fact(38)
class Reading(Row):
    """A meter read on a day."""

    asset = Link(1, index=True)
    meter = Word(2)
    value = Count(3)
    day = Day(4)
    estimated = Flag(5)
    contract = Link(6)  # only this contract's, where it says so
    term = Link(7)
    at = Instant(8)
    details = Mapped(9)  # new, rollover, by; value where it is no whole number


@fact(39)
class Stock(Row):
    """Parts put into or taken from a van or a store; quantity in thousandths, negative when taken."""

    part = Link(1, index=True)
    place = Word(2)
    technician = Link(3)
    quantity = Count(4)
    at = Instant(5)
    note = Word(6)


@fact(40)
class TrailPiece(Row):
    """Fixes of one technician on one day, by the digest of their sealed bytes: the fixes themselves expire."""

    technician = Link(1, index=True)
    day = Day(2, index=True)
    start = Instant(3)
    end = Instant(4)
    fixes = Count(5)
    digest = Link(6)


@fact(41)
class Attachment(Row):
    """A photo or paper about a thing, by the digest of its bytes, which travel apart."""

    about = Link(1, index=True)
    digest = Link(2, index=True)
    name = Word(3)
    kind_ = Word(4, column_name="kind")
    size = Count(5)
    at = Instant(6)
    by = Word(7)


# --- what was agreed --------------------------------------------------------------------------------------------------


@described(50)
class Contract(Row):
    """The agreement."""

    ref = Word(1, index=True)
    client = Link(2, index=True)
    payer = Link(3)
    name = Word(4)
    kind_ = Word(5, column_name="kind")
    start = Day(6)
    end = Day(7)
    timezone = Word(8)
    currency = Word(9)
    order_number = Word(10)
    order_ceiling = Whole(11)
    order_until = Day(12)
    order_required = Flag(13)
    respond_minutes = Whole(14)
    restore_minutes = Whole(15)
    calendar = Word(16)
    renews = Word(17)
    notice_days = Whole(18)
    includes = Word(19)
    sign_off_kinds = Listing(20)
    terms_days = Whole(21)
    elsewhere_until = Day(22)
    custom = Mapped(23)
    merged_into = Link(24)
    gone = Flag(25)
    renewal_months = Count(26)
    notice_months = Count(27)
    renewal_anchor = Word(28)
    correction = Word(29)
    rounds = Word(30)
    zones = Listing(31)  # [[day, time zone]...]
    details = Mapped(32)  # payment, tax and what else inbox/terms_known says of a contract, in its read form
    order_scope = Listing(33)  # the terms and kinds of line that the order number is for; empty: all
    grouping = Word(34)


@described(51)
class Term(Row):
    """One priced promise."""

    contract = Link(1, index=True)
    kind_ = Word(2, column_name="kind")
    name = Word(3)
    amount = Count(4)
    every = Count(5)
    unit = Word(6)
    timing = Word(7)
    anchor_day = Count(8)
    month_end = Word(9)
    proration = Word(10)
    lead_days = Count(11)
    start = Day(12)
    end = Day(13)
    asset = Link(14)
    elsewhere_until = Day(15)
    tax_rate = Whole(16)
    gone = Flag(17)
    quantity = Whole(18)
    per = Word(19)
    split = Word(20)
    stub_of = Word(21)
    first = Word(22)
    last = Word(23)
    rounding = Word(24)
    anchor_on = Day(25)
    change = Word(26)
    credit = Word(27)
    suspension = Word(28)
    tax = Word(29)
    details = Mapped(30)
    delay_days = Count(31)
    place = Count(32)  # the order in which terms were agreed and are shown


@described(52)
class Cover(Row):
    """What is covered for which asset or location."""

    contract = Link(1, index=True)
    asset = Link(2, index=True)
    location = Link(3, index=True)
    start = Day(4)
    end = Day(5)
    labour = Flag(6)
    parts = Flag(7)
    call_out = Flag(8)
    gone = Flag(9)
    amount = Whole(10)
    term = Link(11)
    place = Count(12)


@described(53)
class Rate(Row):
    """A price for work from a day on."""

    contract = Link(1, index=True)
    client = Link(2, index=True)
    kind_ = Word(3, column_name="kind")
    skill = Word(4)
    amount = Count(5)
    minimum_minutes = Count(6)
    step_minutes = Count(7)
    start = Day(8)
    gone = Flag(9)


@described(54)
class Clause(Row):
    """What a contract says beside its terms: an escalator, a discount. Named and read as in a price file."""

    contract = Link(1, index=True)
    kind_ = Word(2, column_name="kind")
    term = Link(3)
    name = Word(4, index=True)
    start = Day(5)
    end = Day(6)
    details = Mapped(7)
    place = Count(8)
    gone = Flag(9)


@fact(55)
class Entry(Row):
    """What happened under a contract: a revision, use, a prepaid block, a visit, a call, a pause. As in a price file."""

    contract = Link(1, index=True)
    kind_ = Word(2, column_name="kind")
    term = Link(3)
    asset = Link(4)
    job = Link(5, index=True)
    client = Link(6)
    name = Word(7)
    day = Day(8)
    at = Instant(9)
    details = Mapped(10)
    place = Count(11)


@described(56)
class Published(Row):
    """What holds for every contract from a day on: an index's value, a tax rate, a holiday."""

    kind_ = Word(1, column_name="kind")
    name = Word(2, index=True)
    start = Day(3)
    value = Word(4)
    details = Mapped(5)
    gone = Flag(6)


@described(70)
class SourceLink(Row):
    """What a source calls a row of ours, and what it last said about it."""

    source = Word(1)
    kind_ = Word(2, column_name="kind")
    key = Word(3)
    row = Link(4, index=True)
    said = Word(5)

"""For each kind of import: the fields we know, the headers people give them, how each is read.

It stands apart as one readable table; what is matched and read with it is in kinds.

Field names are those of values/ (a link such as ``client`` holds the other thing's name or reference as text).
Headers are compared without case, spaces, punctuation, and with “number”, “num”, “nr” and “#” all the same as “no”.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One field of ours: its name, how its text is read, the headers it goes by, and one line of help."""

    name: str
    reads: str
    names: tuple[str, ...]
    help: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of import: its fields, and those it cannot do without (of each tuple at least one)."""

    name: str
    fields: tuple[Field, ...]
    required: tuple[tuple[str, ...], ...] = ()

    def field(self, name: str) -> Field | None:
        """Our field of this name, or of this name as a header would spell it; None when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        wanted = header_key(name)
        for field in self.fields:
            if wanted == header_key(field.name) or wanted in map(header_key, field.names):
                return field
        return None


def header_key(header: str) -> str:
    """A header as it is compared: ``WO #``, ``W.O. Number`` and ``wo_no`` are one."""
    key = header.casefold().replace("#", " no ").replace("№", " no ").replace("&", " and ")
    words = re.sub(r"[^\w]+|_", " ", key.replace("'s", "s")).split()
    return "".join("no" if word in ("number", "num", "nr", "nos", "numbers") else word for word in words)


def _f(name: str, reads: str, names: str, help: str = "") -> Field:
    return Field(name, reads, tuple(part.strip() for part in names.split(",") if part.strip()), help)


def _address(*whose: str) -> tuple[Field, ...]:
    """The parts of an address, each by its own names and by those with whose address it is before them."""

    def part(name: str, names: str, reads: str = "text", help: str = "") -> Field:
        plain = [each.strip() for each in names.split(",")]
        return Field(name, reads, tuple(f"{who} {each}" for who in whose for each in plain) + tuple(plain), help)

    return (
        part("address", "address, street address, full address, address line 1, address 1, address1,"
            " street, addr,"
             " line 1, postal address", help="the postal address; its parts are joined"),
        part("address_2", "address line 2, address 2, address2, line 2, street 2, addr 2"),
        part("address_3", "address line 3, address 3, address3, line 3, addr 3"),
        part("town", "town, city, town city, locality, post town, suburb"),
        part("county", "county, state, province"),
        part("country", "country"),
        part("postcode", "postcode, post code, postal code, zip, zip code, zipcode, postal, plz", "postcode"),
    )  # fmt: skip


_CLIENT = (
    "client, customer, client name, customer name, account, account name, company, company name,"
    " organisation, organization, client ref, customer ref, client no, customer no, account no,"
    " customer code, client code, customer id, client id, debtor, bill to, cust"
)
_SITE = (
    "location, site, site name, location name, premises, building, property, branch, store, site ref,"
    " location ref, site code, location code, site id, location id, facility, plant, ship to,"
    " service address name"
)
_ASSET = (
    "asset, asset serial, serial, serial no, asset no, asset id, asset name, asset tag, equipment,"
    " equipment no, equipment id, equipment name, machine, machine no, unit no, asset code,"
    " asset description, device, plant item, s/n, sn"
)
_TECH = (
    "technician, engineer, tech, assigned to, assignee, technician name, engineer name, operative,"
    " mechanic, worker, resource, assigned technician, assigned engineer, completed by, performed by,"
    " employee, field engineer, tech name, assigned, technician code, engineer code"
)
_PHONE = (
    "phone, telephone, tel, phone no, telephone no, tel no, mobile, mobile no, cell, contact no,"
    " main phone, office phone, work phone"
)
_EMAIL = "email, e-mail, email address, mail, contact email"
_LAT = "lat, latitude, gps lat, gps latitude, y, breitengrad, map lat"
_LON = "lon, lng, long, longitude, gps lon, gps lng, gps longitude, x, längengrad, map lng, map lon"
_ORDER = (
    "order no, purchase order, po, po no, purchase order no, customer order no, client order no,"
    " customer po, po ref, order ref, your order, cust order no, client po, order"
)
_NOTES = "notes, note, comments, comment, remarks, remark, memo"
_ELSEWHERE = (
    _f("elsewhere_until", "day", "elsewhere until, billed elsewhere until, cut-over, cutover,"
       " cutover date, go live, bill from",
       "the first day that is ours to bill: work or periods before it were billed in the old system"),
    _f("billed_through", "last day", "billed through, invoiced through, invoiced to, billed to date,"
       " invoiced to date, last billed,"
       " last invoiced to, billed up to, invoiced up to, paid to date, invoiced until, last bill date",
       "the last day billed in the old system; becomes elsewhere_until on the day after"),
)  # fmt: skip

_CLIENTS = Kind("clients", (
    _f("ref", "text", "ref, reference, client ref, customer ref, client no, customer no, account no, code,"
       " client code,"
       " customer code, account code, client id, customer id, account id, id, no, customer reference,"
       " account ref, key"),
    _f("name", "text", "name, client name, customer name, company name, company, client, customer,"
       " account name, organisation,"
       " organization, business name, account, trading name, contactname", "who we work for"),
    _f("phone", "phone", _PHONE + ", phone 1"),
    _f("email", "text", _EMAIL),
    _f("tax_id", "text", "tax id, vat no, vat, vat reg no, vat registration, tax no, gst no, abn, ein,"
       " vat id, taxnumber"),
    *_address(),
    _f("currency", "currency", "currency, currency code, ccy, cur"),
    _f("terms_days", "days", "terms days, terms, payment terms, credit days, payment days, credit terms,"
       " net days, due days",
       "days until an invoice is due"),
    _f("order_required", "yes", "order required, po required, order no required, purchase order required,"
       " requires po,"
       " po mandatory, needs po", "no invoice without the client's order number"),
    _f("payer", "text", "payer, paid by, pays, managing agent, agent, invoice to, bill to client, parent,"
       " head office, landlord",
       "another client that pays"),
    _f("grouping", "grouping", "grouping, invoice grouping, invoice by, invoices by, invoice per, invoices per, one invoice per,"
       " group by, group invoices by, consolidation",
       "what shares an invoice: payer, order, location, contract or job"),
    _f("notes", "text", _NOTES),
), (("name",),))  # fmt: skip

_LOCATIONS = Kind("locations", (
    _f("ref", "text", "ref, reference, location ref, site ref, site no, location no, site code,"
       " location code, site id,"
       " location id, code, id, no, store no, branch no, branch code, property ref, uprn"),
    _f("client", "text", _CLIENT, "the client's name or reference"),
    _f("name", "text", "name, location name, site name, location, site, premises, building, property,"
       " branch, store, branch name,"
       " building name, property name, store name, facility"),
    *_address("site", "location"),
    _f("area", "text", "area, region, zone, patch, territory, district, route"),
    _f("lat", "lat", _LAT, "degrees north"),
    _f("lon", "lon", _LON, "degrees east"),
    _f("pin", "pin", "pin, coordinates, coords, gps, lat lon, lat long, latlong, latlng, gps coordinates,"
       " geo, location gps,"
       " map reference", "both in one cell: 51.5074, -0.1278"),
    _f("access_notes", "text", "access notes, access, access information, access info,"
       " access instructions, site notes,"
       " entry notes, directions, gate code, key safe, site instructions, " + _NOTES),
    _f("phone", "phone", _PHONE + ", site phone, site telephone, site tel"),
), (("client",), ("name", "address", "postcode")))  # fmt: skip

_CONTACTS = Kind("contacts", (
    _f("client", "text", _CLIENT),
    _f("location", "text", _SITE),
    _f("name", "text", "name, contact, contact name, full name, person, contact person"),
    _f("first_name", "text", "first name, forename, given name, firstname, first"),
    _f("last_name", "text", "last name, surname, family name, lastname, last"),
    _f("role", "role", "role, job title, position, title, contact type, type, department, job role,"
       " function"),
    _f("phone", "phone", _PHONE),
    _f("email", "text", _EMAIL),
), (("client",), ("name", "first_name", "last_name", "email")))  # fmt: skip

_ASSETS = Kind("assets", (
    _f("ref", "text", "ref, reference, asset ref, asset no, asset id, asset code, asset tag, tag,"
       " equipment no, equipment id,"
       " machine no, id, no, code, unit no, plant no, barcode"),
    _f("client", "text", _CLIENT),
    _f("location", "text", _SITE),
    _f("kind", "text", "kind, type, asset type, equipment type, category, class, machine type,"
       " asset class, asset category,"
       " description, asset description, asset, equipment, asset name, equipment name, name, product"),
    _f("maker", "text", "maker, make, manufacturer, brand, oem, mfr, vendor, hersteller"),
    _f("model", "text", "model, model no, model name, make model, modell"),
    _f("serial", "text", "serial, serial no, s/n, sn, ser no, serial id, asset serial, serial code,"
       " seriennummer"),
    _f("installed", "day", "installed, install date, installation date, installed on, date installed,"
       " commissioned,"
       " commission date, commissioning date, in service, in service date, start date, purchase date"),
    _f("warranty_until", "last day", "warranty until, warranty, warranty end, warranty expiry,"
       " warranty end date, warranty expires,"
       " warranty expiry date, warranty date, guarantee until, guarantee expiry, warranty expiration,"
       " garantie bis",
       "the last day under warranty"),
    _f("removed", "day", "removed, removed on, removal date, decommissioned, date removed, disposed,"
       " disposal date, scrapped,"
       " retired, end of life", "the day it left"),
), (("serial", "ref", "kind", "model"), ("client", "location")))  # fmt: skip

_TECHNICIANS = Kind("technicians", (
    _f("code", "text", "code, technician code, tech code, engineer code, initials, short name,"
       " employee no, id, staff no,"
       " technician id, engineer id, payroll no, username, login, ref", "what is typed at the prompt: amy"),
    _f("name", "text", "name, technician, engineer, technician name, engineer name, full name, employee,"
       " employee name, operative"),
    _f("phone", "phone", _PHONE),
    _f("skills", "several", "skills, skill, trades, trade, qualifications, certifications, tickets,"
       " competencies, skill set"),
    _f("area", "text", "area, region, zone, patch, territory, district, team, depot"),
    _f("lat", "lat", _LAT + ", home lat, base lat", "home base, degrees north"),
    _f("lon", "lon", _LON + ", home lon, home lng, base lon, base lng", "home base, degrees east"),
    _f("shift_start", "time", "shift start, start time, starts, from, day start, start of shift"),
    _f("shift_end", "time", "shift end, end time, finish time, ends, to, day end, finishes, end of shift"),
    _f("cost_rate", "money", "cost rate, cost, hourly cost, cost per hour, cost hour, labour cost, wage,"
       " cost an hour"),
    _f("sell_rate", "money", "sell rate, rate, hourly rate, charge rate, charge out rate, charge out,"
       " sell, bill rate,"
       " billing rate, labour rate, rate per hour"),
    _f("subcontractor", "yes", "subcontractor, sub contractor, subbie, contractor, external,"
       " is subcontractor"),
    _f("device", "text", "device, tracker, tracker id, device id, phone id, imei, tracking device,"
       " gps device, log file"),
), (("code", "name"),))  # fmt: skip

_JOBS = Kind("jobs", (
    _f("ref", "text", "ref, work order no, work order, wo, wo no, job no, job, job ref, job id, reference,"
       " work order id,"
       " ticket, ticket no, ticket id, call no, call ref, service call, docket no, docket, job reference,"
       " case no, case id,"
       " sr no, service request, id, no, order id, work order ref, visit no, task id, record id,"
       " works order, workorder no,"
       " wonum, job code"),
    _f("client", "text", _CLIENT),
    _f("location", "text", _SITE),
    _f("asset", "text", _ASSET, "by serial number, reference or name"),
    _f("contract", "text", "contract, contract ref, contract no, agreement, agreement no, contract id,"
       " sla contract"),
    _f("title", "text", "title, summary, subject, short description, job title, fault, problem, issue,"
       " fault reported,"
       " reported fault, job description, work required, task, headline, symptom, complaint, request,"
       " work order title"),
    _f("details", "text", "details, description, long description, work description, fault description,"
       " problem description,"
       " notes, job notes, instructions, scope, scope of work, issue description, comments, remarks,"
       " work details,"
       " maintenance description, work performed, description of work, job details"),
    _f("kind", "job kind", "kind, job type, type, work type, order type, category, job category,"
       " work order type,"
       " maintenance type, job kind, call type, service type, wo type, activity, nature"),
    _f("priority", "priority", "priority, urgency, severity, prio, pri, importance, p, job priority,"
       " criticality"),
    _f("reported_at", "instant", "reported at, reported, date reported, reported date, reported on,"
       " logged, date logged,"
       " logged at, logged date, created, created at, created on, date created, created date,"
       " creation date, raised,"
       " date raised, raised on, raised date, opened, date opened, open date, opened at, request date,"
       " requested, date requested,"
       " received, date received, call date, job date, date, start date, order date, date of call,"
       " reported date time,"
       " call logged, service date, entry date, issue date, breakdown date, event date"),
    _f("reported_by", "text", "reported by, caller, raised by, requested by, requester, requestor,"
       " logged by, contact, caller name,"
       " contact name, originator"),
    _f("promised_from", "instant", "promised from, appointment, appointment start, window start,"
       " booked for, scheduled,"
       " scheduled date, scheduled start, planned date, planned start, appointment date, scheduled for"),
    _f("promised_until", "instant", "promised until, due, due date, due by, target, target date,"
       " complete by, window end, deadline,"
       " sla due, required by, appointment end, target completion, due at, sla date, respond by,"
       " scheduled end"),
    _f("planned_minutes", "minutes", "planned minutes, duration, estimated duration, est duration,"
       " planned duration, estimate,"
       " estimated minutes, estimated time, time allowed, expected duration"),
    _f("finished_on", "day", "finished on, completed, completed on, date completed, completion date,"
       " completed date, completed at,"
       " finished, finish date, date finished, end date, closed, closed on, closed date, date closed,"
       " close date, done,"
       " done on, resolved, resolved on, resolution date, resolved at, actual finish, work completed,"
       " complete date, repair date,"
       " date repaired, visit date, attended, attended on"),
    _f("status", "status", "status, state, job status, stage, work order status, wo status,"
       " current status, progress"),
    _f("technician", "text", _TECH),
    _f("labour_minutes", "minutes", "labour minutes, labor minutes, minutes worked, minutes on site",
       "of a finished job, with its technician"),
    _f("travel_minutes", "minutes", "travel minutes, minutes travelled, minutes traveled, drive minutes"),
    _f("parts", "several", "parts, parts used, materials used, part codes", "codes of parts used, parted by ;"),
    _f("cost", "money", "cost, total cost, job cost, actual cost, costs, maintenance cost, repair cost,"
       " cost total, our cost"),
    _f("price", "money", "price, total, value, job value, amount, sell, sell price, charge, total price,"
       " quoted, quote, invoice value,"
       " job price, net, net total, revenue, invoice amount, net value,"
       " sales value", "what the client pays for it, net"),
    _f("order_number", "text", _ORDER),
    _f("client_job", "text", "client job, client job no, customer job no, customer ref, client ref no,"
       " customer reference,"
       " their ref, your ref, external ref, external id, client reference, customer job, third party ref,"
       " helpdesk ref,"
       " customer job ref, client job ref", "the client's own job number"),
    _f("skill", "text", "skill, trade, skill required, discipline, required skill"),
    _f("payer", "text", "payer, bill to client, invoice to, paid by, billed to"),
    *_address("site", "location"),
    *_ELSEWHERE,
), (("client", "location", "asset"), ("ref", "title", "details")))  # fmt: skip

_PARTS = Kind("parts", (
    _f("code", "text", "code, part no, part code, sku, item no, item code, product code, stock code, part,"
       " part ref, ref, item id,"
       " part id, no, id, article no, material no, mpn"),
    _f("name", "text", "name, description, part name, part description, item, item name, product,"
       " product name, title,"
       " item description, stock description"),
    _f("cost", "money", "cost, cost price, unit cost, buy price, purchase price, buying price,"
       " average cost, last cost, cost each"),
    _f("price", "money", "price, sell price, sale price, unit price, selling price, list price, retail,"
       " retail price, rrp, sell,"
       " sales price, price each"),
    _f("unit", "text", "unit, uom, unit of measure, units, per, sold by"),
), (("code", "name"),))  # fmt: skip

_CONTRACTS = Kind("contracts", (
    _f("ref", "text", "ref, contract ref, contract no, contract, agreement no, agreement, contract id,"
       " reference, no, id,"
       " contract code, agreement ref, agreement id, code"),
    _f("client", "text", _CLIENT),
    _f("payer", "text", "payer, paid by, invoice to, billed to, bill to client, agent, managing agent,"
       " leasing company"),
    _f("name", "text", "name, contract name, title, description, contract title, agreement name,"
       " contract description"),
    _f("kind", "text", "kind, type, contract type, agreement type, plan, contract kind, service level,"
       " cover level, level"),
    _f("start", "day", "start, start date, starts, from, contract start, commencement, commencement date,"
       " effective from, begins,"
       " effective date, valid from, contract start date, start on"),
    _f("end", "last day", "end, end date, ends, to, contract end, expiry, expiry date, expires, until,"
       " valid to, valid until,"
       " contract end date, expiration, expiration date, expires on, termination date, last day",
       "the last day agreed; empty runs on"),
    _f("renewal", "day", "renewal, renewal date, renews on, next renewal,"
       " renewal due", "the first day no longer agreed, instead of end"),
    _f("term", "text", "term, term name, line, line description, charge, charge name, item, product,"
       " service, line item,"
       " charge description, what", "what one line is called on the invoice"),
    _f("term_kind", "term kind", "term kind, charge type, line type, charge basis, basis, pricing,"
       " price basis, term type",
       "fixed, or per asset"),
    _f("amount", "money", "amount, price, value, fee, charge amount, net amount, rate, net, period amount,"
       " contract value, cost,"
       " unit price, billing amount, monthly amount, annual amount, recurring amount, amount per period,"
       " each"),
    _f("every", "cadence", "every, frequency, billing frequency, invoice frequency, billing period,"
       " interval, billed every,"
       " billing cycle, invoice period, period, cycle, billing interval, payment frequency, months,"
       " recurrence, billed",
       "monthly, quarterly, per annum, or a number of months"),
    _f("unit", "text", "unit, period unit, interval unit, frequency unit, every unit", "week,"
       " month or year, beside a number in every"),
    _f("timing", "timing", "timing, billing timing, in advance, advance arrears, advance or arrears,"
       " billed in, invoiced in,"
       " billing type, invoice timing", "advance or arrears"),
    _f("proration", "text", "proration, prorate, pro rata", "actual, thirty, year365 or none"),
    _f("lead_days", "days", "lead days, lead, invoice lead days, bill ahead days, days in advance"),
    _f("respond_minutes", "hours", "respond, response, response time, respond within, response hours,"
       " sla response,"
       " respond minutes, response sla, call out time, response target, respond hours, sla", "4h, 4,"
       " 1 day; a bare number is hours"),
    _f("restore_minutes", "hours", "restore, restore within, fix time, fix within, resolution,"
       " resolution time, sla fix, restore minutes,"
       " restore hours, fix hours, resolve within, sla resolution, repair time"),
    _f("calendar", "text", "calendar, working hours, hours of cover, cover hours, service hours,"
       " support hours, service window"),
    _f("locations", "several", "locations, sites, location, site, sites covered, locations covered,"
       " site name, covered sites",
       "names or references, parted by ;"),
    _f("assets", "several", "assets, assets covered, serials, serial nos, serial no, equipment, asset,"
       " equipment covered, asset serials,"
       " serial, machines, covered assets", "serial numbers, parted by ;"),
    _f("labour", "yes", "labour, labour included, labour covered, labor, labor included,"
       " includes labour", "whether labour is included"),
    _f("parts", "yes", "parts, parts included, parts covered, includes parts, materials included"),
    _f("call_out", "yes", "call out, callouts included, call out included, callouts, call outs,"
       " call outs included"),
    _f("includes", "text", "includes, included, inclusions, what is included, cover, coverage, scope,"
       " scope of cover"),
    _f("currency", "currency", "currency, currency code, ccy"),
    _f("order_number", "text", _ORDER),
    _f("order_required", "yes", "order required, po required, order no required, purchase order required,"
       " requires po, needs po"),
    _f("order_ceiling", "money", "order ceiling, po limit, po value, order limit, po amount, order value,"
       " not to exceed"),
    _f("order_until", "last day", "order until, po expiry, po valid until, po end, order expiry,"
       " po expires, order valid until"),
    _f("renews", "text", "renews, auto renew, renewal type, renewal terms, auto renewal, rolling"),
    _f("notice_days", "days", "notice days, notice, notice period"),
    _f("terms_days", "days", "terms days, payment terms, terms, credit days, payment days"),
    _f("timezone", "text", "timezone, time zone"),
    *_ELSEWHERE,
), (("client",), ("ref", "name")))  # fmt: skip

_RATES = Kind("rates", (
    _f("contract", "text", "contract, contract ref, contract no, agreement, agreement no"),
    _f("client", "text", _CLIENT),
    _f("kind", "rate kind", "kind, type, rate, rate type, charge, rate name, work type, for, description",
       "labour, travel, call-out, no access, abort"),
    _f("skill", "text", "skill, trade, grade, discipline"),
    _f("amount", "money", "amount, price, rate amount, hourly rate, per hour, rate per hour, charge rate, sell rate, value"),
    _f("minimum_minutes", "minutes", "minimum minutes, minimum, min minutes, minimum charge minutes, minimum time"),
    _f("step_minutes", "minutes", "step minutes, step, rounding, round to, increment, billing increment, minutes step"),
    _f("start", "day", "start, from, start date, effective from, valid from, since"),
), (("kind",), ("amount",)))  # fmt: skip

_INVOICES = Kind("invoices", (
    _f("number", "text", "number, invoice no, invoice, inv no, invoice ref, document no, doc no,"
       " invoicenumber, invoice id, no,"
       " credit note no, document, ref, reference, transaction no"),
    _f("kind", "document", "kind, type, document type, doc type, invoice type, transaction type"),
    _f("client", "text", _CLIENT + ", contactname, contact name, contact"),
    _f("issued_on", "day", "issued on, invoice date, date, issued, issue date, document date, invoicedate,"
       " tax date, date issued,"
       " inv date, posted, raised"),
    _f("due_on", "day", "due on, due date, due, duedate, payment due, date due"),
    _f("currency", "currency", "currency, currency code, ccy"),
    _f("net", "money", "net, net amount, subtotal, sub total, net total, total net, goods, amount net,"
       " ex vat, total ex vat"),
    _f("tax", "money", "tax, vat, tax amount, vat amount, gst, total tax, taxtotal, sales tax, tax total"),
    _f("gross", "money", "gross, total, gross amount, invoice total, amount, total inc vat, gross total,"
       " invoice amount, total amount,"
       " inc vat, grand total, value, total gross"),
    _f("open_amount", "money", "open amount, outstanding, balance, amount due, open, unpaid, balance due,"
       " amount outstanding,"
       " remaining, invoiceamountdue, outstanding amount, os balance"),
    _f("order_number", "text", _ORDER),
    _f("job", "text", "job, job no, job ref, work order, work order no, wo no, job reference"),
    _f("contract", "text", "contract, contract no, contract ref, agreement no, agreement"),
    _f("term", "text", "term, term name, charge, line"),
    _f("line_amount", "money", "line amount, line total, line net, lineamount, unit amount, amount of the line",
       "where each line of an invoice is a row: the net of this one"),
    _f("text", "text", "text, description, details, narrative, line description, item description, notes"),
    _f("start", "day", "start, period start, from, service from, period from"),
    _f("end", "last day", "end, period end, to, service to, period to", "the last day the line is for"),
), (("number",), ("client",), ("net", "gross", "open_amount")))  # fmt: skip

_READINGS = Kind("readings", (
    _f("asset", "text", _ASSET + ", ref, id, code"),
    _f("meter", "text", "meter, counter, meter name, meter type, counter name, register, reading type,"
       " type, meter id"),
    _f("value", "quantity", "value, reading, meter reading, counter reading, count, hours, mileage,"
       " current reading, total, usage"),
    _f("day", "day", "day, date, reading date, read on, read date, date read, reading at, taken on,"
       " timestamp, meter date"),
    _f("estimated", "yes", "estimated, estimate, is estimate, est"),
), (("asset",), ("value",), ("day",)))  # fmt: skip

_STOCK = Kind("stock", (
    _f("part", "text", "part, part no, part code, sku, item, item no, item code, code, product code,"
       " stock code, part id, product"),
    _f("name", "text", "name, description, part name, item name, part description, item description,"
       " product name"),
    _f("place", "text", "place, location, store, warehouse, van, bin, depot, stock location, where,"
       " held at, bin location",
       "the store or van it is in"),
    _f("technician", "text", _TECH + ", van of, held by"),
    _f("quantity", "quantity", "quantity, qty, on hand, stock, in stock, stock level, count, qty on hand,"
       " balance, available, units"),
    _f("minimum", "quantity", "minimum, min, min qty, reorder level, reorder point, min stock,"
       " minimum stock, reorder"),
    _f("day", "day", "day, date, counted on, count date, as at, stock date, counted"),
), (("part", "name"), ("quantity",)))  # fmt: skip

_PAYMENTS = Kind("payments", (
    _f("client", "text", _CLIENT + ", payer, from, paid by, received from, contact, name"),
    _f("invoice", "text", "invoice, invoice no, inv no, invoice ref, document no, paid invoice,"
       " allocated to, invoices"),
    _f("amount", "money", "amount, paid, amount paid, value, payment amount, received, credit, payment,"
       " paid in, total"),
    _f("day", "day", "day, date, paid on, payment date, date paid, received on, value date, booking date,"
       " transaction date, posted"),
    _f("method", "text", "method, payment method, how, type, payment type, paid via"),
    _f("reference", "text", "reference, ref, payment ref, bank reference, transaction id, remittance, id,"
       " payment no, narrative,"
       " description, details"),
    _f("currency", "currency", "currency, currency code, ccy"),
), (("amount",), ("day",), ("client", "invoice", "reference")))  # fmt: skip

_VEHICLES = Kind("vehicles", (
    _f("vehicle", "text", "vehicle, registration, reg, reg no, registration no, van, vehicle reg, plate,"
       " number plate, vehicle id,"
       " licence plate, license plate, vrn, vrm, fleet no, device, tracker, unit, van reg, vehicle no"),
    _f("technician", "text", _TECH + ", driver, driver name, assigned driver, name, user"),
    _f("start", "day", "start, from, start date, assigned from, date from, since, assigned on, valid from,"
       " effective from"),
    _f("end", "last day", "end, to, until, end date, assigned to date, date to, returned, assigned until,"
       " valid to",
       "the last day with that technician"),
), (("vehicle",), ("technician",)))  # fmt: skip

_POLICIES = Kind("policies", (
    _f("name", "text", "name, policy, key, setting"),
    _f("start", "day", "start, from, start date, effective from, valid from, since, date"),
    _f("value", "plain", "value, setting value, is, to"),
), (("name",), ("value",)))  # fmt: skip

_INDEXES = Kind("indexes", (
    _f("name", "text", "name, index, index name, series, code"),
    _f("month", "text", "month, period, date, published for, time period"),
    _f("value", "text", "value, index value, level, figure, number"),
), (("name",), ("month",), ("value",)))  # fmt: skip

_HOLIDAYS = Kind("holidays", (
    _f("start", "day", "day, date, holiday date, on"),
    _f("value", "text", "holiday, title, what, description, reason, event"),
    _f("name", "text", "calendar, working calendar, region", "the working calendar it closes; empty: all"),
), (("start",),))  # fmt: skip

_TAXES = Kind("taxes", (
    _f("name", "text", "name, tax, tax name, code, tax code"),
    _f("value", "text", "percent, rate, tax rate, value, %"),
    _f("start", "day", "start, from, start date, effective from, valid from, since, date"),
), (("name",), ("value",)))  # fmt: skip

_POSTCODES = Kind("postcodes", (
    _f("postcode", "postcode", "postcode, pcd, pcds, pcd2, pcd7, pcd8, post code, postal code, zip,"
       " zip code, zipcode, plz"),
    _f("lat", "lat", _LAT),
    _f("lon", "lon", _LON),
), (("postcode",), ("lat",), ("lon",)))  # fmt: skip

#: Any vehicle tracker's table, and GPSLogger's: read by tracker, not as records.
TRACKS = Kind("tracks", (
    _f("time", "instant", "time, timestamp, date time, datetime, gps time, fix time, fixtime, device time, devicetime, utc time,"
       " utc, recorded at, event time, position time, timestamp utc, dt, gmt, local time, created at, logged at, tst"),
    _f("date", "text", "date, day, gps date, fix date, event date", "where day and time stand in two columns"),
    _f("lat", "lat", _LAT + ", position lat, latitude deg", "degrees north"),
    _f("lon", "lon", _LON + ", position lon, longitude deg", "degrees east"),
    _f("vehicle", "text", "vehicle, registration, reg, reg no, registration no, vehicle reg, device, device name,"
       " device id, unit,"
       " unit id, asset, tracker, tracker id, imei, driver, driver name, profile name, plate, vehicle name, vehicle id, van,"
       " vehicle registration, fleet no, tid, name", "whose trail the row belongs to"),
    _f("accuracy", "text", "accuracy, accuracy m, hacc, horizontal accuracy, precision, acc, gps accuracy"),
    _f("battery", "text", "battery, battery level, batt, battery percent"),
    _f("note", "text", "note, annotation, event, status, description, event type, comment, message"),
), (("time", "date"), ("lat",), ("lon",)))  # fmt: skip

KINDS = {
    kind.name: kind
    for kind in (
        _CLIENTS, _LOCATIONS, _CONTACTS, _ASSETS, _TECHNICIANS, _JOBS, _PARTS, _CONTRACTS, _RATES, _INVOICES, _READINGS, _STOCK,
        _PAYMENTS, _VEHICLES, _POLICIES, _INDEXES, _HOLIDAYS, _TAXES, _POSTCODES,
    )
}  # fmt: skip

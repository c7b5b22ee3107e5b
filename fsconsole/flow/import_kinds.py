"""Which importers take which kind of file: the one table of what can be imported.

It stands apart so that a new kind is one line here. A file's first importer is the one that is counted; the others make
what belongs to its rows.
"""

from __future__ import annotations

from fsconsole.flow.import_billed import InvoiceLines
from fsconsole.flow.import_clients import Assets, Clients, Contacts, Locations
from fsconsole.flow.import_jobs import Jobs
from fsconsole.flow.import_money import Invoices, Payments
from fsconsole.flow.import_published import Holidays, Indexes, TaxRates
from fsconsole.flow.import_rows import Importer
from fsconsole.flow.import_staff import Policies, Rates, Technicians, Vehicles
from fsconsole.flow.import_stock import Parts, Readings, Stock
from fsconsole.flow.import_terms import Contracts, Covers, Terms
from fsconsole.flow.import_worked import JobParts, JobTimes

IMPORTERS: dict[str, tuple[type[Importer], ...]] = {
    "clients": (Clients,),
    "locations": (Locations,),
    "contacts": (Contacts,),
    "assets": (Assets,),
    "technicians": (Technicians,),
    "vehicles": (Vehicles,),
    "parts": (Parts,),
    "contracts": (Contracts, Terms, Covers),
    "rates": (Rates,),
    "jobs": (Jobs, JobTimes, JobParts),
    "readings": (Readings,),
    "stock": (Stock,),
    "invoices": (Invoices, InvoiceLines),
    "payments": (Payments,),
    "policies": (Policies,),
    "indexes": (Indexes,),
    "holidays": (Holidays,),
    "taxes": (TaxRates,),
}

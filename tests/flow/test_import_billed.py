"""What was billed or worked before this program: not billed again, and not lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from fsconsole.changes.batch import Act
from fsconsole.clock import FixedClock, ids_from
from fsconsole.desk import Desk
from fsconsole.flow.imports import Report, import_file
from fsconsole.store.opening import open_store
from fsconsole.store.queries.exceptions import figures
from fsconsole.store.record import save
from fsconsole.store.tables import put

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)
COMPANY = {
    "policies": "Name,Start,Value\ncut_over,2026-01-01,2026-01-01\ncurrency,2025-01-01,GBP\n",
    "clients": "Ref,Name,Email\nK1,Harrow Dental,accounts@harrow.example\n",
    "locations": "Ref,Client,Name\nL1,Harrow Dental,Surgery\n",
    "technicians": "Code,Name\namy,Amy Redfern\n",
    "parts": "Code,Name,Price\nIGN-838,Ignition lead,42.00\n",
    "rates": "Kind,Amount,Minimum minutes,Step minutes,Start\nlabour,60.00,0,15,2025-01-01\ntravel,30.00,0,15,2025-01-01\n",
    "contracts": "Ref,Client,Name,Start,Term,Amount,Every,Unit,Timing\nC1,Harrow Dental,Care,2025-07-01,care fee,100.00,1,month,advance\n",
}
JOBS = (
    "Ref,Client,Location,Title,Reported at,Technician,Finished on,Labour minutes,Travel minutes,Parts\n"
    "900,Harrow Dental,Surgery,No hot water,02/02/2026 09:00,amy,03/02/2026,90,30,IGN-838\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    store = open_store(tmp_path / "site.db")
    clock = FixedClock(NOW)
    ids = ids_from(clock, Random(1))
    store.set_own(site=1, code="LDN", workspace=b"w" * 16, timezone="Europe/London", currency="GBP")
    save(store, Act(ids(), "jo", "init"), [put("site", ids(), code="LDN", name="London", number=1)], NOW)
    made = Desk(store, clock, ids, "jo")
    for kind, text in COMPANY.items():
        assert bring(made, tmp_path, kind, text).rejected == 0
    return made


def bring(desk: Desk, folder: Path, kind: str, text: str, name: str = "") -> Report:
    path = folder / f"{name or kind}.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(desk, kind, path)


def unbilled(desk: Desk) -> int:
    return figures(desk.store, desk.now).unbilled


def test_a_contract_period_that_an_imported_invoice_bills_is_not_billable_again(desk: Desk, tmp_path: Path) -> None:
    assert unbilled(desk) == 300_00  # January, February and March, in advance
    bring(
        desk, tmp_path, "invoices",
        "Number,Client,Issued on,Net,Tax,Gross,Contract,Term,Start,End,Line amount,Text\n"
        "N1,Harrow Dental,2026-01-02,100.00,20.00,120.00,C1,care fee,2026-01-01,2026-01-31,100.00,January\n"
        "N2,Harrow Dental,2026-02-02,100.00,20.00,120.00,C1,care fee,2026-02-01,2026-02-28,60.00,Part of February\n",
    )  # fmt: skip
    assert unbilled(desk) == 140_00


def test_a_period_before_the_fence_is_settled_by_the_fence_and_bears_no_line(desk: Desk, tmp_path: Path) -> None:
    head = "Number,Client,Issued on,Net,Tax,Gross,Contract,Term,Start,End,Line amount,Text\n"
    bring(
        desk, tmp_path, "invoices",
        head + "N1,Harrow Dental,2025-11-02,70.00,14.00,84.00,C1,care fee,2025-11-01,2025-11-30,70.00,November\n",
    )  # fmt: skip
    assert desk.store.sql("SELECT count(*) FROM invoice_line") == [(0,)]
    assert unbilled(desk) == 300_00


def test_a_corrected_invoice_takes_its_lines_with_it(desk: Desk, tmp_path: Path) -> None:
    head = "Number,Client,Issued on,Net,Tax,Gross,Open amount,Contract,Term,Start,End,Line amount,Text\n"
    row = "N1,Harrow Dental,2026-01-02,100.00,20.00,120.00,{},C1,care fee,2026-01-01,2026-01-31,100.00,January\n"
    bring(desk, tmp_path, "invoices", head + row.format("120.00"))
    report = bring(desk, tmp_path, "invoices", head + row.format("0.00"))
    assert (report.added, report.updated) == (0, 1)
    assert unbilled(desk) == 200_00


def test_finished_work_that_nobody_billed_has_the_worth_of_its_minutes_and_parts(desk: Desk, tmp_path: Path) -> None:
    bring(desk, tmp_path, "jobs", JOBS)
    assert unbilled(desk) == 300_00 + 90_00 + 15_00 + 42_00


def test_a_finished_job_on_an_imported_invoice_counts_as_billed(desk: Desk, tmp_path: Path) -> None:
    bring(desk, tmp_path, "jobs", JOBS)
    bring(
        desk, tmp_path, "invoices",
        "Number,Client,Issued on,Net,Tax,Gross,Job\nN3,Harrow Dental,2026-02-05,140.00,28.00,168.00,900\n",
    )  # fmt: skip
    assert unbilled(desk) == 300_00
    assert desk.store.sql("SELECT elsewhere_until FROM job") == [("2026-02-04",)]


def test_the_same_files_twice_write_nothing(desk: Desk, tmp_path: Path) -> None:
    invoices = (
        "Number,Client,Issued on,Net,Tax,Gross,Contract,Term,Start,Line amount,Job\n"
        "N1,Harrow Dental,2026-01-02,100.00,20.00,120.00,C1,care fee,2026-01-01,100.00,\n"
        "N3,Harrow Dental,2026-02-05,140.00,28.00,168.00,,,,140.00,900\n"
    )
    bring(desk, tmp_path, "jobs", JOBS)
    bring(desk, tmp_path, "invoices", invoices)
    before = desk.store.one("SELECT count(*) FROM log")
    for kind, text in (("jobs", JOBS), ("invoices", invoices)):
        report = bring(desk, tmp_path, kind, text)
        assert (report.added, report.updated, report.rejected) == (0, 0, 0)
    assert desk.store.one("SELECT count(*) FROM log") == before

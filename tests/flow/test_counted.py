"""Work on jobs is counted by the terms of their contract, once: never by the job too, and never lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole.flow.imports import import_file
from tests.company import Company, company

HEAD = """
[contract]
ref = "LDN-C300"
client = "Finch & Co"
from = 2026-03-01
timezone = "Europe/London"
"""
RETAINER = HEAD + """
[[term]]
name = "retainer"
kind = "hours"
included = 60
price = 90.00
in = "arrears"
"""
REPAIRS = HEAD + """
[[term]]
name = "repairs"
kind = "time"
price = 80.00
step = 30
call_out = 50.00
travel_price = 40.00
markup = 25
in = "arrears"
"""
PROMISE = HEAD + """
[[term]]
name = "care"
amount = 200.00
in = "arrears"

[[term]]
name = "promise"
kind = "sla"
respond = 60
percent = 5
claim = "claimed"
in = "arrears"
"""


@pytest.fixture
def finch(tmp_path: Path) -> Company:
    """Finch & Co with job 1008, reported two days ago; a part that costs 110.00; it is 3 March 2026, 9:00."""
    return company(tmp_path)


def agreed(there: Company, text: str, tmp_path: Path) -> None:
    path = tmp_path / "C300.toml"
    path.write_text(text, encoding="utf-8")
    report = import_file(there.desk, "agreements", path, elsewhere_until=date(1990, 1, 1))
    assert not report.rejects, report.in_words()


def charges(there: Company, ref: str = "LDN-C300") -> list[tuple[str, int, int]]:
    """(kind, amount, estimate) of the first month of a contract."""
    return there.store.sql(
        "SELECT h.kind, h.amount, h.estimate FROM charge_now h JOIN contract c ON c.id = h.contract WHERE c.ref = ? AND h.job IS NULL"
        " AND h.start < '2026-04-01' ORDER BY h.kind, h.key",
        (ref,),
    )


def of_job(there: Company) -> list[tuple[str, int, str]]:
    return there.store.sql(
        "SELECT kind, amount, covered_by FROM charge_now WHERE job = ? AND estimate = 0 ORDER BY kind", (there.ids["older"],)
    )


def work(there: Company) -> None:
    there.do("d 1008 ben", "en ben", "a ben", "labour 1008 1h40", "labour 1008 30m travel", "part 1008 PCB-77", "c 1008")


def test_included_hours_are_drawn_by_the_work_of_a_job_and_the_job_bills_the_rest(finch: Company, tmp_path: Path) -> None:
    agreed(finch, RETAINER, tmp_path)
    finch.do("under 1008 C300")
    work(finch)
    assert charges(finch) == [("hours", 6030, 0)]  # 100 minutes less 60 included are 0.67 h at 90.00
    assert of_job(finch) == [("call-out", 4500, ""), ("labour", 0, "contract"), ("part", 24900, "")]


def test_a_time_term_bills_call_out_travel_and_parts_and_the_job_none_of_them(finch: Company, tmp_path: Path) -> None:
    agreed(finch, REPAIRS, tmp_path)
    finch.do("under 1008 C300")
    finch.do("d 1008 ben", "en ben", "a ben", "labour 1008 1h40")
    assert charges(finch) == []  # the work goes on: it is an estimate of the job
    finch.do("labour 1008 30m travel", "part 1008 PCB-77", "c 1008")
    assert charges(finch) == [("call-out", 5000, 0), ("labour", 16000, 0), ("part", 13750, 0), ("travel", 2000, 0)]
    assert {(amount, by) for _, amount, by in of_job(finch)} == {(0, "contract")}
    says = [row[0] for row in finch.store.sql("SELECT reason FROM charge_now WHERE job = ? AND estimate = 0", (finch.ids["older"],))]
    assert all("counted by “repairs” of contract LDN-C300" in each for each in says)


def test_a_job_moved_to_another_contract_takes_its_work_along(finch: Company, tmp_path: Path) -> None:
    agreed(finch, REPAIRS, tmp_path)
    agreed(finch, REPAIRS.replace("C300", "C301"), tmp_path)
    finch.do("under 1008 C300")
    work(finch)
    billed = charges(finch)
    finch.do("under 1008 C301")
    assert charges(finch) == []
    assert charges(finch, "LDN-C301") == billed


def test_what_was_counted_and_billed_is_billed_once(finch: Company, tmp_path: Path) -> None:
    agreed(finch, REPAIRS, tmp_path)
    finch.do("under 1008 C300")
    work(finch)
    finch.wait(60 * 24 * 32)
    finch.do("order C300 PO-1", "bill C300 !! agreed")
    assert charges(finch) == []
    finch.do("title 1008 panel fault, mended")
    assert charges(finch) == []


def test_a_late_call_waits_for_a_claim_and_is_credited_once_it_comes(finch: Company, tmp_path: Path) -> None:
    agreed(finch, PROMISE, tmp_path)
    finch.do("under 1008 C300")
    work(finch)
    held = [row for row in charges(finch) if row[0] == "sla"]
    assert held == [("sla", 0, 1)]
    finch.do("claimed 1008")
    assert [row for row in charges(finch) if row[0] == "sla"] == [("sla", -1000, 0)]
    finch.do("u")
    assert [row for row in charges(finch) if row[0] == "sla"] == held


def test_a_tax_by_name_is_that_of_its_rate_on_the_day_of_issue(finch: Company, tmp_path: Path) -> None:
    rates = tmp_path / "taxes.csv"
    rates.write_text("Tax,Percent,From\nreduced,5,2020-01-01\nreduced,6,2026-03-01\n", encoding="utf-8")
    assert import_file(finch.desk, "taxes", rates).added == 2
    agreed(finch, REPAIRS.replace('kind = "time"', 'kind = "fixed"\namount = 100.00\ntax = "reduced"').split("price = 80")[0], tmp_path)
    finch.do("order C300 PO-1", "bill C300 !! agreed")
    assert finch.store.sql("SELECT net, tax FROM invoice WHERE origin = 'ours'") == [(10000, 600)]
    assert finch.store.sql("SELECT tax, quantity FROM invoice_line") == [("reduced", "1")]

"""The story of one job, from the telephone call to the numbered invoice, told in the lines that people type."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import Refused
from fsconsole.flow.settle import settle
from fsconsole.store.replay import verify
from fsconsole.values.money import show
from tests.company import Company, company


def open_reasons(office: Company, ref: str) -> set[str]:
    """Why this job cannot be billed now."""
    return {
        row[0]
        for row in office.store.sql(
            "SELECT e.reason FROM case_now e JOIN job j ON j.id = e.job LEFT JOIN decision d ON d.key = e.key"
            " WHERE j.ref = ? AND coalesce(d.waived, '') = ''",
            (ref,),
        )
    }


def billable(office: Company, ref: str) -> int:
    """What stands to be billed for this job, in minor units."""
    query = "SELECT coalesce(sum(c.amount), 0) FROM charge_now c JOIN job j ON j.id = c.job WHERE j.ref = ? AND c.estimate = 0"
    return int(office.store.sql(query, (ref,))[0][0])


def test_the_story_of_one_job(tmp_path: Path) -> None:
    office = company(tmp_path)
    settle(office.store, office.now)

    # Finch rings: the panel shows a fault. The client is found, the place too; the job gets a reference of ours.
    logged = office.do("log finch panel shows a fault !2 po:4500777")
    ref = logged.ref
    assert office.column(ref) == "logged"
    worth = office.store.sql("SELECT value, estimate FROM job_now WHERE ref = ?", (ref,))[0]
    assert worth[0] > 0
    assert worth[1] == 1  # an estimate until the work is done

    # Ben is booked, then sent; he has seen it, sets out, arrives.
    office.do(f"book {ref} ben 10:00")
    assert office.column(ref) == "scheduled"
    office.do(f"d {ref}", "ack ben", "en ben")
    assert office.column(ref) == "en route"
    office.wait(20)
    office.do("a ben")
    assert office.column(ref) == "on site"

    # He leaves after 95 minutes. Nothing may be billed yet, and the queue says what is missing.
    office.wait(95)
    office.do("c ben")
    assert office.column(ref) == "complete"
    assert "complete_no_card" in open_reasons(office, ref)

    # The card comes in with labour and a part; the client has signed.
    office.do(f"labour {ref} 1h35", f"part {ref} PCB-77", f"card {ref} board replaced, tested all zones", f'sg {ref} "M Finch"')
    assert open_reasons(office, ref) == set()
    assert office.column(ref) == "signed off"
    owed = billable(office, ref)
    reasons = [row[0] for row in office.store.sql("SELECT reason FROM charge_now c JOIN job j ON j.id = c.job WHERE j.ref = ?", (ref,))]
    assert any("1.75 h" in reason for reason in reasons), reasons  # 1 h 35 in steps of a quarter of an hour
    assert any("Printed circuit board" in reason for reason in reasons), reasons

    # Nobody is named to send invoices to: it is refused, with what would make it possible.
    with pytest.raises(Refused, match="accounts-payable contact"):
        office.do(f"bill {ref}")
    office.do("contact finch ap Dora Finch accounts@finch.example")

    # The clerk issues it: a number, a frozen line for each charge, and nothing left to bill.
    issued = office.do(f"bill {ref}")
    assert show(owed) in issued.words or "LDN-I" in issued.words
    number, net, order = office.store.sql("SELECT number, net, order_number FROM invoice WHERE origin != 'imported'")[0]
    assert number.startswith("LDN-I")
    assert net == owed
    assert order == "4500777"
    assert billable(office, ref) == 0
    assert office.column(ref) == "closed"

    # A late half hour is nothing but a new difference.
    office.do(f"labour {ref} 30")
    assert 0 < billable(office, ref) < owed
    office.do("u")
    assert billable(office, ref) == 0

    # All of it stands in the log, and the log alone gives all of it back.
    proof = verify(office.store)
    assert proof.difference == ""

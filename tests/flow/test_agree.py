"""A rise, a quote and another firm that pays are typed, told, and taken back; a reason is not read as a term."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import Refused, UsageError
from fsconsole.flow import report
from fsconsole.flow.acting import record
from fsconsole.flow.agreement import agreement
from fsconsole.store.tables import put
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    """Acme's contract C204: £290.00 a month in advance from 1 January 2026; it is 3 March."""
    there = company(tmp_path)
    there.do("policy lead_days 0")
    return there


def due(there: Company, column: str = "amount") -> dict[str, object]:
    """The free charges of C204 by the first day of their period."""
    return dict(
        there.store.sql(
            f"SELECT start, {column} FROM charge_now WHERE contract = ? AND job IS NULL AND estimate = 0 AND fenced = '' ORDER BY start",
            (there.ids["c204"],),
        )
    )


def test_prices_rise_from_a_day_until_it_is_said_that_they_rise_no_more(acme: Company) -> None:
    before = due(acme)
    done = acme.do("escalate C204 10% 2026-02-01 because of the new wages")
    assert done.words == "LDN-C204: rises by 10 % a year from 1 Feb 2026, because of the new wages"
    assert due(acme)["2026-01-01"] == 29000
    assert due(acme)["2026-02-01"] == due(acme)["2026-03-01"] == 31900
    acme.do("u")
    assert due(acme) == before
    acme.do("escalate C204 10% 2026-03-01 of care")
    assert (due(acme)["2026-02-01"], due(acme)["2026-03-01"]) == (29000, 31900)
    acme.do("escalate C204 off 2026-03-01")
    assert due(acme) == before
    for wrong in ("escalate C204 lots", "escalate C204 120%", "escalate C204 3% 2026-04-01 until 2026-03-01"):
        with pytest.raises(UsageError):
            acme.do(wrong)


def test_of_names_a_term_only_where_it_stands_for_one(acme: Company) -> None:
    assert "because of the flood on friday" in acme.do("discount C204 10% 2026-02-01 because of the flood on friday").words
    assert due(acme)["2026-02-01"] == 26100
    acme.do("u")
    with pytest.raises(Refused, match="no term"):
        acme.do("discount C204 10% of nonsense")


def test_from_a_day_another_firm_pays_and_undo_takes_it_back(acme: Company) -> None:
    payers = due(acme, "payer")
    acme.do("client Beta Works")
    beta = acme.store.one("SELECT id FROM client WHERE name = 'Beta Works'")[0]
    acme.do("transfer C204 beta 2026-03-01 sold to them")
    assert due(acme, "payer")["2026-03-01"] == beta
    assert due(acme, "payer")["2026-02-01"] == payers["2026-02-01"] != beta
    acme.do("u")
    assert due(acme, "payer") == payers
    with pytest.raises(Refused, match="already"):
        acme.do("transfer C204 acme 2026-03-01")


def test_a_quote_belongs_to_a_job_under_a_contract_and_a_new_one_stands_for_the_old(acme: Company) -> None:
    acme.do("under 1042 C204")
    acme.do("quote 1042 850.00 new pump")
    assert "instead of £850.00" in acme.do("quote 1042 900.00").words
    rows = "SELECT count(*) FROM entry WHERE kind = 'quote' AND void = 0"
    assert acme.store.one(rows)[0] == 1
    acme.do("u")
    assert "instead of £850.00" in acme.do("quote 1042 910.00").words


def test_a_month_lists_what_was_cancelled_or_written_off_with_the_reason(acme: Company) -> None:
    acme.do("d 1008 amy", "en amy", "a amy")
    acme.wait(60)
    acme.do("c 1008", "labour 1008 1h", "card 1008 replaced the lead")
    acme.do("close 1008 below minimum")
    told = report.month(acme.desk, "2026-03")
    waived = [row for row in told.rows if row["state"] == "waived"]
    assert {row["why"] for row in waived} == {"written off: below minimum"}
    assert sum(row["amount"] for row in waived) > 0
    assert "a period in arrears counts in the month in which it falls due" in told.words
    acme.do("u")
    assert not [row for row in report.month(acme.desk, "2026-03").rows if row["state"] == "waived"]


def test_what_was_held_as_its_month_was_closed_stays_held_behind_the_fence(acme: Company) -> None:
    acme.do("bill C204 !! the month is done", "d 1008 amy", "en amy", "a amy")
    acme.wait(60)
    acme.do("c 1008", "labour 1008 1h", "card 1008 replaced the lead", 'sg 1008 "A Finch"')
    acme.wait(60 * 24 * 31)
    found = report.month(acme.desk, "2026-03")
    held = [row for row in found.rows if row["state"] == "held" and row["ref"].endswith("1008")]
    assert held, found.words
    acme.do("lock 2026-03 !! agreed with the accountant")
    after = [row for row in report.month(acme.desk, "2026-03").rows if row["ref"].endswith("1008") and row["state"] == "held"]
    assert {row["key"] for row in held} <= {row["key"] for row in after}
    acme.do("unlock 2026-03 !! agreed with the accountant")
    assert {row["key"] for row in held} <= {row["key"] for row in report.month(acme.desk, "2026-03").rows if row["state"] == "held"}


def test_a_contract_that_contradicts_itself_is_shown_and_refuses_changes_in_words(acme: Company) -> None:
    wrong = {"every": "1 year", "from": "2026-04-01", "percent": "3"}
    record(acme.desk, [put("clause", acme.desk.ids(), contract=acme.ids["c204"], kind="escalator", details=wrong)], "written by hand")
    told = agreement(acme.store, acme.ids["c204"], acme.now)
    assert told is not None
    assert not told.periods
    assert [case.reason for case in told.cases] == ["contradiction"]
    with pytest.raises(Refused, match="contradicts itself"):
        acme.do("revise C204 300.00 2026-04-01")

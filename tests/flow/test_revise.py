"""What is agreed to change is a fact with its day; the difference to what was billed is drafted."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import Refused
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    """Acme's contract C204: £290.00 a month in advance from 1 January 2026; it is 3 March."""
    there = company(tmp_path)
    there.do("policy lead_days 0")
    return there


def due(there: Company, through: str = "2026-03-31") -> dict[str, int]:
    """What is free to be drafted of C204 by a day, by the first day of its period."""
    rows = there.store.sql(
        "SELECT coalesce(start, ''), sum(amount) FROM charge_now WHERE contract = ? AND job IS NULL AND estimate = 0 AND fenced = ''"
        " AND covered_by = '' AND billable_from <= ? GROUP BY 1 ORDER BY 1",
        (there.ids["c204"], through),
    )
    return {start: amount for start, amount in rows if amount}


def test_a_new_price_counts_from_its_day_and_undo_takes_it_back(acme: Company) -> None:
    before = due(acme)
    done = acme.do("revise C204 310.00 2026-02-01")
    assert "until then £290.00" in done.words
    assert due(acme) == {"2026-01-01": 29000, "2026-02-01": 31000, "2026-03-01": 31000}
    with pytest.raises(Refused, match="already"):
        acme.do("revise C204 310.00 2026-03-01")
    acme.do("u")
    assert due(acme) == before


def test_a_new_price_on_what_was_billed_drafts_the_difference_alone(acme: Company) -> None:
    acme.do("bill C204 !! the month is done")
    assert due(acme) == {}
    acme.do("revise C204 300.00 2026-03-01")
    assert due(acme) == {"2026-03-01": 1000}
    acme.do("bill C204 !! the difference")
    assert due(acme) == {}


def test_a_suspended_contract_bills_nothing_until_it_is_resumed(acme: Company) -> None:
    acme.do("pause C204 2026-02-01 works closed")
    assert due(acme, "2026-06-30") == {"2026-01-01": 29000}
    with pytest.raises(Refused, match="is suspended since"):
        acme.do("pause C204")
    acme.do("resume C204 2026-03-01")
    assert due(acme) == {"2026-01-01": 29000, "2026-03-01": 29000}
    with pytest.raises(Refused, match="is not suspended"):
        acme.do("resume C204 2026-03-02")


def test_a_contract_that_ended_credits_the_days_that_were_billed(acme: Company) -> None:
    acme.do("bill C204 !! the month is done", "end C204 2026-03-11 moved away")
    assert due(acme) == {"2026-03-01": -19645}  # 21 of 31 days of 290.00 are 196.45
    with pytest.raises(Refused, match="already"):
        acme.do("end C204 2026-04-01")


def test_a_dry_run_says_what_it_would_be_and_records_nothing(acme: Company) -> None:
    before = due(acme)
    done = acme.do("?revise C204 310.00 2026-02-01")
    assert done.dry
    assert "£310.00" in done.words
    assert due(acme) == before
    assert acme.store.sql("SELECT count(*) FROM entry") == [(0,)]


def test_a_price_mended_today_does_not_reopen_a_closed_year(acme: Company) -> None:
    acme.do("bill C204 !! all of it", "policy locked_until 2026-03-01")
    acme.do("revise C204 400.00 2026-01-01")
    assert due(acme) == {"2026-03-01": 11000}
    fenced = acme.store.sql("SELECT start, amount FROM charge_now WHERE fenced = 'locked' ORDER BY start")
    assert fenced == [("2026-01-01", 11000), ("2026-02-01", 11000)]

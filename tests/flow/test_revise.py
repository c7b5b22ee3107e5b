"""What is agreed to change is a fact with its day; the difference to what was billed is drafted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole.errors import Refused, UsageError
from fsconsole.flow import report
from fsconsole.flow.acting import record
from fsconsole.flow.agreement import agreement
from fsconsole.flow.settle import rebuild, settle
from fsconsole.store.queries import exceptions
from fsconsole.store.record import save
from fsconsole.store.tables import put
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


def test_a_discount_is_typed_told_ended_and_taken_back(acme: Company) -> None:
    done = acme.do("discount C204 10% 2026-02-01 until 2026-03-01 for the snow")
    assert done.words == "LDN-C204: 10 % off from 1 Feb 2026 until 28 Feb 2026, for the snow"
    assert due(acme) == {"2026-01-01": 29000, "2026-02-01": 26100, "2026-03-01": 29000}
    told = agreement(acme.store, acme.ids["c204"], acme.now)
    assert told is not None
    assert any("10" in words for _, words in told.changes), told.changes
    acme.do("u")
    assert due(acme)["2026-02-01"] == 29000
    acme.do("discount C204 15.00 2026-01-01 of care")
    assert due(acme) == {"2026-01-01": 27500, "2026-02-01": 27500, "2026-03-01": 27500}
    acme.do("discount C204 off 2026-03-01")
    assert due(acme) == {"2026-01-01": 27500, "2026-02-01": 27500, "2026-03-01": 29000}
    for wrong in ("discount C204 lots", "discount C204 120%", "discount C204 1.005", "discount C204 10% 2026-04-01 until 2026-03-01"):
        with pytest.raises(UsageError):
            acme.do(wrong)


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


def test_a_price_typed_again_for_the_same_day_puts_the_first_right(acme: Company) -> None:
    acme.do("revise C204 310.00 2026-03-01")
    done = acme.do("revise C204 320.00 2026-03-01")
    assert "instead of £310.00" in done.words
    assert due(acme) == {"2026-01-01": 29000, "2026-02-01": 29000, "2026-03-01": 32000}
    acme.do("u")
    assert due(acme)["2026-03-01"] == 31000


def test_paused_and_resumed_on_one_day_is_not_paused(acme: Company) -> None:
    before = due(acme, "2026-06-30")
    acme.do("pause C204 2026-02-10", "resume C204 2026-02-10")
    assert due(acme, "2026-06-30") == before
    acme.do("pause C204 2026-02-10")
    assert due(acme)["2026-02-01"] < 29000
    assert "2026-03-01" not in due(acme)
    # Resumed from the first, and suspended anew that very day: it stays suspended.
    acme.do("resume C204 2026-03-01", "pause C204 2026-03-01")
    assert "2026-03-01" not in due(acme)


def test_a_pause_said_from_an_earlier_day_contains_the_later_one(acme: Company) -> None:
    acme.do("pause C204 2026-03-01", "pause C204 2026-02-01")
    assert due(acme, "2026-06-30") == {"2026-01-01": 29000}


def two_prices(acme: Company) -> None:
    """One act that says two prices of one day."""
    puts = [
        put("entry", acme.desk.ids(), contract=acme.ids["c204"], kind="revision", term=term_of(acme), name="price", day=date(2026, 3, 1),
            details={"what": "price", "on": "2026-03-01", "amount": amount})
        for amount in (31000, 32000)
    ]  # fmt: skip
    record(acme.desk, puts, "two prices", ref="LDN-C204", row=acme.ids["c204"])
    settle(acme.store, acme.now)


def term_of(acme: Company) -> bytes:
    (row,) = acme.store.sql("SELECT id FROM term WHERE contract = ?", (acme.ids["c204"],))
    return bytes(row[0])


def test_a_contract_that_cannot_be_priced_keeps_its_worth_until_it_is_mended(acme: Company) -> None:
    acme.do("bill C204 !! the months are done", "credit LDN-I0001 wrong")
    at_risk = exceptions.figures(acme.store, acme.now).at_risk
    before = due(acme)
    two_prices(acme)
    assert due(acme) == {}
    (case,) = [one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "contradiction"]
    assert case.value >= 3 * 29000
    assert exceptions.figures(acme.store, acme.now).at_risk >= max(at_risk, 3 * 29000)
    found = report.month(acme.desk, "2026-02")
    assert not found.good
    (row,) = [one for one in found.rows if one["ref"].endswith("C204")]
    assert (row["state"], row["amount"], row["reason"]) == ("open", 29000, "contradiction")
    assert {row["cause"]: row["amount"] for row in report.leakage(acme.desk).rows}["contradicts itself"] in (89000, 90000)
    assert report.leakage(acme.desk).data["total"] >= 3 * 29000
    # The step offers the later price again, and that mends it.
    acme.do(case.step_verb)
    assert due(acme)["2026-03-01"] in (31000, 32000)
    assert {**due(acme), "2026-03-01": 0} == {**before, "2026-03-01": 0}
    assert not [one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "contradiction"]


def test_a_contract_that_nothing_can_price_is_worth_a_year(acme: Company) -> None:
    acme.store.raw.execute("UPDATE term SET credit = 'somehow' WHERE contract = ?", (acme.ids["c204"],))
    rebuild(acme.store, acme.now)
    (case,) = [one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "contradiction"]
    assert case.value == 12 * 29000
    assert "open" in {row["state"] for row in report.month(acme.desk, "2026-02").rows if row["reason"] == "contradiction"}


def test_renew_says_what_is_missing_to_a_contract_that_is_renewed_by_notice(acme: Company) -> None:
    acme.store.raw.execute(
        "UPDATE contract SET \"end\" = '2026-12-31', renews = 'by notice', renewal_months = 0 WHERE id = ?", (acme.ids["c204"],)
    )
    with pytest.raises(Refused) as refused:
        acme.do("renew C204")
    assert "for how long" in str(refused.value)
    assert "renews =" not in str(refused.value)


def test_a_reading_for_a_meter_contract_is_no_concern_of_the_equipment_s_other_contract(acme: Company) -> None:
    before, ids = due(acme), acme.desk.ids
    (asset,), (client,) = (
        acme.store.sql(f"SELECT {column} FROM {table} WHERE contract = ? AND asset IS NOT NULL", (acme.ids["c204"],))[0]
        if table == "cover" else acme.store.sql("SELECT client FROM contract WHERE id = ?", (acme.ids["c204"],))[0]
        for column, table in (("asset", "cover"), ("client", "contract"))
    )  # fmt: skip
    metered = ids()
    day = date(2026, 1, 1)
    puts = [
        put("contract", metered, ref="LDN-C900", client=client, start=day, currency="GBP"),
        put("term", ids(), contract=metered, kind="meter", name="prints", amount=1, start=day, asset=asset),
        put("cover", ids(), contract=metered, asset=asset, start=day),
        *(put("reading", ids(), asset=asset, meter="", value=value, day=on) for value, on in ((1000, day), (9000, date(2026, 2, 1)))),
    ]
    record(acme.desk, puts, "a meter", ref="LDN-C900", row=metered)
    settle(acme.store, acme.now)
    rebuild(acme.store, acme.now)
    found = [one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "contradiction"]
    assert [(one.ref, one.says) for one in found if one.ref == "LDN-C204"] == []
    assert due(acme) == before


def test_an_end_before_notice_is_guarded_with_the_earliest_day_and_its_sums(acme: Company) -> None:
    fee = put("term", acme.desk.ids(), contract=acme.ids["c204"], kind="termination", name="Early end", amount=10000)
    agreed = put("contract", acme.ids["c204"], end=date(2027, 1, 1), renews="itself", renewal_months=12, notice_days=90)
    save(acme.store, acme.desk.act("agreed"), [agreed, fee], acme.now)
    settle(acme.store, acme.now)
    acme.do("bill C204")
    with pytest.raises(Refused, match="may end on 1 Jan 2027 at the earliest: 90 days of notice") as told:
        acme.do("end C204 2026-03-01 moved")
    assert told.value.guard
    # Ten months at £290.00; March was billed; £100.00 were agreed for an early end.
    assert "gives up £2,900.00" in told.value.why
    assert "credits £290.00 of what was billed and bills £100.00 for the early end" in told.value.why
    acme.do("end C204 2026-03-01 moved !! agreed with the board")
    assert due(acme) == {"2026-03-01": -19000}  # £290.00 back, less the fee of £100.00


def test_the_guard_of_an_early_end_counts_credits_behind_a_closed_month_too(acme: Company) -> None:
    agreed = put("contract", acme.ids["c204"], end=date(2027, 1, 1), renews="itself", renewal_months=12, notice_days=90)
    save(acme.store, acme.desk.act("agreed"), [agreed], acme.now)
    settle(acme.store, acme.now)
    acme.do("bill C204", "policy locked_until 2026-03-01")
    with pytest.raises(Refused) as told:
        acme.do("end C204 2026-02-01 moved")
    # February and March were billed at £290.00; the books of February are closed.
    assert "credits £580.00 of what was billed (£290.00 of it in a closed month, for somebody to decide)" in told.value.why


def test_an_open_contract_with_notice_ends_after_it_and_one_without_ends_when_said(acme: Company) -> None:
    save(acme.store, acme.desk.act("agreed"), [put("contract", acme.ids["c204"], notice_days=30)], acme.now)
    # Thirty days beside the day on which notice is given, as for a contract with an end.
    with pytest.raises(Refused, match="may end on 3 Apr 2026 at the earliest"):
        acme.do("end C204 2026-04-01")
    acme.do("end C204 2026-04-03")


def test_notice_of_an_open_contract_ends_it_as_it_was_agreed(acme: Company) -> None:
    agreed = put("contract", acme.ids["c204"], notice_months=3, details={"notice_to": "quarter"})
    save(acme.store, acme.desk.act("agreed"), [agreed], acme.now)
    assert "it ends on 1 Jul 2026" in acme.do("end C204").words

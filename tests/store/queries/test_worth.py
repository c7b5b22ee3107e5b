"""What a case is worth on a day, and in its own currency: money of the future is not at risk, dollars are no pounds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole.console.top import top_figures
from fsconsole.errors import Refused
from fsconsole.flow import report
from fsconsole.flow.acting import record
from fsconsole.flow.settle import settle
from fsconsole.flow.telling import list_rows
from fsconsole.store.queries import ageing, exceptions, money, reports
from fsconsole.store.queries.contracts import contracts
from fsconsole.store.queries.things import clients
from fsconsole.store.record import save
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    """Contract C204 at £290.00 a month in advance since January; it is 3 March: three months may be billed."""
    return company(tmp_path)


def the(one: Company, reason: str) -> exceptions.CaseRow:
    (found,) = [each for each in exceptions.open_cases(one.store, one.now) if each.reason == reason]
    return found


def dollars(one: Company, amount: int = 100000) -> bytes:
    """A second contract of Finch, C900, in dollars: one price a month since January."""
    row = one.desk.ids()
    puts = [
        put("contract", row, ref="LDN-C900", client=one.ids["finch"], name="Care", start=date(2026, 1, 1), currency="USD"),
        put("term", one.desk.ids(), contract=row, kind="fixed", name="care", amount=amount, every=1, unit="month",
            timing="advance", proration="actual", start=date(2026, 1, 1)),
    ]  # fmt: skip
    record(one.desk, puts, "agreed in dollars")
    return row


def test_a_case_counts_what_may_be_billed_by_now_and_more_as_it_comes_due(acme: Company) -> None:
    acme.do("hold C204 asked to wait")
    held = the(acme, "held_back")
    assert held.value == 3 * 29000
    assert held.whole > held.value
    assert [row["value"] for row in list_rows(acme.store, "exceptions", {"reason": "held_back"}, 0, acme.now)] == [3 * 29000]
    acme.wait(40 * 24 * 60)
    assert the(acme, "held_back").value == 4 * 29000


def test_the_queue_and_its_causes_sort_by_what_counts_now(acme: Company) -> None:
    acme.do("hold C204 asked to wait")
    values = [one.value for one in exceptions.open_cases(acme.store, acme.now)]
    assert values == sorted(values, reverse=True)
    shown = [one.key for one in exceptions.open_cases(acme.store, acme.now, limit=1, offset=1)]
    assert shown
    assert exceptions.place(acme.store, acme.now, shown[0]) == 1
    (cause,) = [one for one in exceptions.causes(acme.store, acme.now) if one.reason == "held_back"]
    assert cause.value == 3 * 29000
    assert exceptions.figures(acme.store, acme.now).at_risk == 3 * 29000


def test_what_is_waived_before_it_is_due_does_not_come_back_when_it_is(acme: Company) -> None:
    acme.do("hold C204 asked to wait", "waive C204/held_back agreed")
    acme.wait(40 * 24 * 60)
    assert "held_back" not in {one.reason for one in exceptions.open_cases(acme.store, acme.now)}


def test_two_currencies_are_never_added(acme: Company) -> None:
    before = exceptions.figures(acme.store, acme.now)
    dollars(acme)
    after = exceptions.figures(acme.store, acme.now)
    assert (after.at_risk, after.unbilled, after.credits) == (before.at_risk, before.unbilled, before.credits)
    (usd,) = after.others
    assert (usd.currency, usd.unbilled) == ("USD", 300000)
    assert usd.at_risk == 300000
    top = top_figures(acme.store, acme.now, False)
    assert top.unbilled.endswith(" + $3,000")
    assert top.risk.endswith(" + $3,000")


def test_screens_and_the_lock_say_each_currency_apart(acme: Company) -> None:
    row = dollars(acme)
    (contract,) = [one for one in contracts(acme.store, acme.now) if one.contract == row]
    assert (contract.currency, contract.unbilled) == ("USD", 300000)
    (client,) = [one for one in clients(acme.store, acme.now) if one.others]
    assert client.others == ((300000, "USD"),)
    owed = money.balance(acme.store, client.client, acme.now)
    assert [(one.currency, one.unbilled) for one in (owed, *owed.others)] == [("GBP", client.unbilled), ("USD", 300000)]
    ages = ageing.unbilled_by_age(acme.store, acme.now)
    assert sum(one.amount for one in ages if one.currency == "USD") == 300000
    assert sum(one.amount for one in ages if one.currency == "GBP") == exceptions.figures(acme.store, acme.now).unbilled
    dollar_age = next(one for one in ages if one.currency == "USD")
    payers = ageing.payers_of_age(acme.store, acme.now, dollar_age.step, currency="USD")
    assert [one.amount for one in payers] == [dollar_age.amount]
    acme.do("order C900 77", "contact K2 ap a@finch.example")
    with pytest.raises(Refused, match=r"is not complete: \d obligations open, £290.00 \+ \$1,000.00"):
        acme.do("lock 2026-02")


def test_what_a_client_is_asked_about_in_two_currencies_is_two_cases(acme: Company) -> None:
    dollars(acme)
    acme.do("order 1008 77", "d 1008 ben", "en ben", "a ben", "labour 1008 1h", "card 1008 mended", "c ben", 'sg 1008 "A Finch"')
    (client,) = [one for one in clients(acme.store, acme.now) if one.others]
    gone = [put("contact", one.id, gone=True) for one in fetch_all(acme.store, "contact", client=client.client)]
    save(acme.store, acme.desk.act("import"), [put("client", client.client, email=""), *gone], acme.now)
    settle(acme.store, acme.now)
    found = [one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "no_ap_contact"]
    assert sorted((one.currency, one.value) for one in found) == [("GBP", 11700), ("USD", 300000)]


def test_arrears_belong_to_the_month_they_fall_due_in_billed_or_not(acme: Company) -> None:
    row = put(
        "term", acme.desk.ids(), contract=acme.ids["c204"], kind="fixed", name="after", amount=5000, every=1, unit="month",
        timing="arrears", proration="actual", start=date(2026, 1, 1), end=date(2026, 2, 1),
    )  # fmt: skip
    record(acme.desk, [put("term", acme.ids["term"], gone=True), row], "agreed in arrears")
    settle(acme.store, acme.now)

    def of(first: date, end: date) -> tuple[int, int]:
        found = reports.month(acme.store, acme.now, first, end)
        return found.billed, sum(one.amount for one in found.rows if one.state == "open")

    january, february = (date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 2, 1), date(2026, 3, 1))
    assert (of(*january), of(*february)) == ((0, 0), (0, 5000))
    acme.do("bill C204")
    assert (of(*january), of(*february)) == ((0, 0), (5000, 0))


def test_a_case_and_the_leak_say_their_own_currency(acme: Company) -> None:
    row = dollars(acme)
    currencies = {one.currency for one in exceptions.cases_about(acme.store, acme.now, row)}
    assert currencies == {"USD"}
    listed = list_rows(acme.store, "exceptions", {"currency": "USD"}, 0, acme.now)
    assert "LDN-C900" in {one["contract"] for one in listed}
    assert {one.currency for one in exceptions.causes(acme.store, acme.now)} == {"GBP", "USD"}
    rows = reports.leakage(acme.store, acme.now, "contract")
    assert [(one.name, one.amount, one.share) for one in rows if one.currency == "USD"] == [("LDN-C900", 300000, 100)]
    told = report.leakage(acme.desk, "cause")
    assert told.data["total"] == exceptions.figures(acme.store, acme.now).unbilled
    assert told.data["others"] == {"USD": 300000}
    assert "$3,000.00" in told.words
    month = report.month(acme.desk, "2026-02")
    assert "$1,000.00" in month.words
    assert sum(month.data["others"]["USD"].values()) == 100000

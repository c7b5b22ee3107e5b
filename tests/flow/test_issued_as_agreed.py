"""What a contract says of its tax and of corrections holds on the document that is issued."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from fsconsole.changes.batch import Act
from fsconsole.clock import FixedClock, ids_from
from fsconsole.desk import Desk
from fsconsole.errors import Refused
from fsconsole.flow import invoice, measure
from fsconsole.flow.imports import import_file
from fsconsole.flow.settle import settle
from fsconsole.store.opening import open_store
from fsconsole.store.queries.exceptions import open_cases
from fsconsole.store.record import save
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put
from fsconsole.values.bill import Invoice
from fsconsole.values.terms import Contract

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)
CARE = """
[contract]
ref = "C7"
client = "Harrow Dental"
from = 2026-02-01
until = 2026-03-01
{said}
[[term]]
name = "care"
amount = 100.00
[[term]]
name = "filters"
amount = 9.99
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    store = open_store(tmp_path / "site.db")
    clock = FixedClock(NOW)
    ids = ids_from(clock, Random(1))
    store.set_own(site=1, code="LDN", workspace=b"w" * 16, timezone="Europe/London", currency="GBP")
    save(store, Act(ids(), "jo", "init"), [put("site", ids(), code="LDN", name="London", number=1)], NOW)
    return Desk(store, clock, ids, "jo", override="nobody to send it to yet")


def agreed(desk: Desk, folder: Path, text: str) -> Contract:
    path = folder / "c7.toml"
    path.write_text(text, encoding="utf-8")
    report = import_file(desk, "agreements", path, elsewhere_until=date(1990, 1, 1))
    assert not report.rejects, report.in_words()
    (found,) = fetch_all(desk.store, "contract")
    return found  # type: ignore[no-any-return]


def papers(desk: Desk) -> list[tuple[int, int, int]]:
    found: list[Invoice] = fetch_all(desk.store, "invoice", order="number")
    return [(one.net, one.tax, one.gross) for one in found]


def amounts(desk: Desk) -> list[int]:
    return sorted(line.amount for line in fetch_all(desk.store, "invoice_line"))


@pytest.mark.parametrize(
    ("said", "net", "tax", "gross"),
    [
        ("tax = 20", 109_99, 22_00, 131_99),
        ('tax = 20\nprices = "inclusive"', 91_66, 18_33, 109_99),  # 109.99 × 20 / 120 = 18.33
        ('tax = 20\ntax_rounding = "line"\ntax_rounds = "down"', 109_99, 21_99, 131_98),  # 20.00 + 1.99
        ('tax = 17.5\ntax_rounding = "line tenth"\ntax_rounds = "down"', 109_99, 19_24, 129_23),  # 17.500 + 1.748; 19.25 by total
        ('tax = "exempt: dental care"', 109_99, 0, 109_99),
    ],
)  # fmt: skip
def test_a_document_bears_tax_as_its_contract_says(desk: Desk, tmp_path: Path, said: str, net: int, tax: int, gross: int) -> None:
    contract = agreed(desk, tmp_path, CARE.format(said=said))
    invoice.issue(desk, contract)
    assert papers(desk) == [(net, tax, gross)]
    (paper,) = fetch_all(desk.store, "invoice")
    invoice.credit(desk, paper.number, "not wanted")
    assert papers(desk)[1] == (-net, -tax, -gross), "a credit gives the same back"


def test_a_correction_stands_as_a_credit_and_a_new_charge_where_that_is_agreed(desk: Desk, tmp_path: Path) -> None:
    contract = agreed(desk, tmp_path, CARE.format(said='correction = "credit and recharge"'))
    invoice.issue(desk, contract)
    assert amounts(desk) == [9_99, 100_00]
    rise = '[[revision]]\non = 2026-02-15\nwhat = "price"\nterm = "care"\namount = 140.00\n'
    agreed(desk, tmp_path, CARE.format(said='correction = "credit and recharge"') + rise)
    invoice.issue(desk, contract)
    # Half of February at each price: 50.00 + 70.00.
    assert amounts(desk) == [-100_00, 9_99, 100_00, 120_00]
    assert papers(desk)[1] == (20_00, 4_00, 24_00)
    with pytest.raises(Refused, match="Nothing of C7 is billable"):
        invoice.issue(desk, contract)


def test_what_comes_to_less_than_the_least_bill_waits_for_the_next(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("Ref,Name,Email\nK1,Harrow Dental,accounts@harrow.example\n", encoding="utf-8")
    import_file(desk, "clients", tmp_path / "clients.csv")
    text = CARE.format(said="minimum_bill = 150.00").replace("until = 2026-03-01", "until = 2026-06-01")
    contract = agreed(desk, tmp_path, text)
    desk.override = ""
    assert not invoice.bill_all(desk, date(2026, 2, 10), issue=True), "February alone is too little"
    with pytest.raises(Refused, match=r"£109.99 is less than the £150.00 agreed"):
        invoice.issue(desk, contract, date(2026, 2, 10))
    invoice.issue(desk, contract, date(2026, 3, 3))
    assert papers(desk) == [(219_98, 44_00, 263_98)], "with March it goes out"


CHANGING = """
[contract]
ref = "C7"
client = "Harrow Dental"
from = 2026-01-01
until = 2026-03-01
tax = "VAT"
{said}
[[rate]]
name = "VAT"
percent = 19
until = 2026-02-01
[[rate]]
name = "VAT"
percent = 16
from = 2026-02-01
[[term]]
name = "care"
amount = 100.00
in = "arrears"
[[term]]
name = "two months"
amount = 10.00
every = "2 months"
"""


@pytest.mark.parametrize(
    ("said", "tax"),
    [
        ("", 19_00 + 16_00 + 1_60),
        ('tax_point = "first day"', 19_00 + 16_00 + 1_90),
        ('tax_point = "billed"', 16_00 + 16_00 + 1_60),
    ],
)
def test_where_a_rate_changes_a_document_bears_the_one_of_its_tax_point(desk: Desk, tmp_path: Path, said: str, tax: int) -> None:
    contract = agreed(desk, tmp_path, CHANGING.format(said=said))
    invoice.issue(desk, contract)
    assert sum(paper[1] for paper in papers(desk)) == tax


OWN_RATE = """
[contract]
ref = "{ref}"
client = "{client}"
from = 2026-02-01
until = 2026-03-01
tax = "local"
[[rate]]
name = "local"
percent = {percent}
[[term]]
name = "care"
amount = 100.00
"""


def test_a_rate_of_the_same_name_in_two_contracts_is_each_ones_own(desk: Desk, tmp_path: Path) -> None:
    for ref, client, percent in (("C7", "Harrow Dental", 5), ("C8", "Leeds Bakery", 7), ("C9", "Acme", 6)):
        path = tmp_path / f"{ref}.toml"
        path.write_text(OWN_RATE.format(ref=ref, client=client, percent=percent), encoding="utf-8")
        report = import_file(desk, "agreements", path, elsewhere_until=date(1990, 1, 1))
        assert not report.rejects, report.in_words()
    for row in fetch_all(desk.store, "client"):
        save(desk.store, desk.act("client"), [put("client", row.id, email="accounts@example.org")], NOW)
    assert len(invoice.bill_all(desk, date(2026, 3, 3), issue=True)) == 3
    assert sorted(tax for _, tax, _ in papers(desk)) == [5_00, 6_00, 7_00], "they are issued in one transaction, and not mixed up"


MISSED = """
[contract]
ref = "C7"
client = "Harrow Dental"
from = 2026-02-01
until = 2026-03-01
timezone = "Europe/London"
[[term]]
name = "care"
amount = 1200.00
[[term]]
name = "service"
kind = "{kind}"
claim = "claimed"
claim_days = 30
"""
DOWN = """ladder = [{ below = 99.9, percent = 10 }]
[[outage]]
name = "O-1"
from = 2026-02-10T00:00:00
until = 2026-02-11T00:00:00
"""
LATE = """respond = 60
percent = 10
[[sla]]
name = "O-1"
reported = 2026-02-10T09:00:00
responded = 2026-02-10T12:00:00
"""


@pytest.mark.parametrize(("kind", "rest"), [("availability", DOWN), ("sla", LATE)])
def test_a_credit_that_may_still_be_claimed_waits_for_a_decision_and_is_billed_once_it_is_given(
    desk: Desk, tmp_path: Path, kind: str, rest: str
) -> None:
    contract = agreed(desk, tmp_path, MISSED.format(kind=kind) + rest)
    waiting = "SELECT count(*) FROM case_now WHERE reason = 'sla_missed'"
    assert desk.store.one(waiting)[0] == 1, "thirty days from February have not passed on 3 March"
    measure.decide(desk, contract, "O-1 credit")
    invoice.issue(desk, contract)
    assert amounts(desk) == [-120_00, 1200_00]
    assert desk.store.one(waiting)[0] == 0


@pytest.mark.parametrize(("kind", "rest", "last"), [("availability", DOWN, date(2026, 3, 30)), ("sla", LATE, date(2026, 3, 12))])
def test_a_credit_that_nobody_claims_in_time_leaves_the_queue_by_the_clock_alone(
    desk: Desk, tmp_path: Path, kind: str, rest: str, last: date
) -> None:
    agreed(desk, tmp_path, MISSED.format(kind=kind) + rest)

    def asked(at: datetime) -> list[str]:
        return [one.waits_for for one in open_cases(desk.store, at) if one.reason == "sla_missed"]

    midnight = datetime(last.year, last.month, last.day, tzinfo=ZoneInfo("Europe/London")) + timedelta(days=1)
    assert asked(midnight - timedelta(minutes=1)) == ["client"]
    assert asked(midnight) == [], "nothing was derived since"
    later = midnight + timedelta(hours=9)
    settle(desk.store, later)
    held = "SELECT reason, estimate FROM charge_now WHERE kind = ? ORDER BY key"
    assert [row[1] for row in desk.store.sql(held, (kind,))] in ([], [0])
    assert not desk.store.sql("SELECT 1 FROM case_now WHERE reason = 'sla_missed'")


def test_of_two_credits_that_may_be_claimed_the_one_that_lapses_first_is_asked_about_no_more(desk: Desk, tmp_path: Path) -> None:
    second = '[[sla]]\nname = "O-2"\nreported = 2026-02-20T09:00:00\nresponded = 2026-02-20T12:00:00\n'
    agreed(desk, tmp_path, MISSED.format(kind="sla") + LATE + second)

    def asked(at: datetime) -> list[int]:
        settle(desk.store, at)
        return [one.value for one in open_cases(desk.store, at) if one.reason == "sla_missed"]

    assert asked(datetime(2026, 3, 12, 9, tzinfo=UTC)) == [240_00]
    assert asked(datetime(2026, 3, 13, 9, tzinfo=UTC)) == [120_00], "O-1 lapsed, O-2 may be claimed until 22 March"
    assert asked(datetime(2026, 3, 22, 9, tzinfo=UTC)) == [120_00]
    assert asked(datetime(2026, 3, 23, 9, tzinfo=UTC)) == []


def test_a_decision_without_a_name_leaves_what_was_claimed_in_time_as_it_is(desk: Desk, tmp_path: Path) -> None:
    claimed = LATE + "claimed = 2026-02-16\n"
    second = '[[sla]]\nname = "O-2"\nreported = 2026-02-20T09:00:00\nresponded = 2026-02-20T12:00:00\n'
    contract = agreed(desk, tmp_path, MISSED.format(kind="sla") + claimed + second)
    assert measure.decide(desk, contract, "waived their gate was locked").words == "C7: O-2 waived: their gate was locked"
    with pytest.raises(Refused, match="Nothing of C7 waits"):
        measure.decide(desk, contract, "credit")
    assert measure.decide(desk, contract, "O-1 waived agreed after all").words == "C7: O-1 waived: agreed after all"

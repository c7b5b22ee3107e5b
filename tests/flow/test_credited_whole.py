"""A credit note that credits a whole document is set off against what is open of it: nobody is chased for what was taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fsconsole.flow.settle import settle
from fsconsole.flow.telling import list_rows
from fsconsole.store.queries import money
from fsconsole.store.queries.exceptions import open_cases
from fsconsole.store.record import save
from fsconsole.store.tables import put
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    one = company(tmp_path)
    one.do("bill C204")
    return one


def papers(one: Company) -> dict[str, tuple[int, int, str]]:
    """(gross, what is open, what a screen says where nothing is) of each document by number."""
    return {row.number: (row.gross, row.open, row.done) for row in money.invoices(one.store)}


def pay(one: Company, amount: int) -> None:
    (row,) = one.store.sql("SELECT id FROM invoice WHERE number = 'LDN-I0001'")
    said = put("payment", one.desk.ids(), client=one.ids["acme"], invoice=row[0], amount=amount, currency="GBP", day=one.desk.today)
    save(one.store, one.desk.act("import"), [said], one.now)
    settle(one.store, one.now)


def test_a_document_that_is_credited_whole_is_open_no_more_and_neither_is_its_credit(acme: Company) -> None:
    (gross, open_, _) = papers(acme)["LDN-I0001"]
    assert open_ == gross > 0
    acme.do("credit I0001 wrong client")
    assert papers(acme) == {"LDN-I0001": (gross, 0, "credited"), "LDN-I0002": (-gross, 0, "set off")}
    assert money.count_invoices(acme.store, open_only=True) == 0
    later = acme.now + timedelta(days=200)
    assert (money.balance(acme.store, acme.ids["acme"], later).open, money.balance(acme.store, acme.ids["acme"], later).overdue) == (0, 0)
    assert {row["number"]: row["open_amount"] for row in list_rows(acme.store, "invoices", {}, 10, acme.now)} == {"LDN-I0001": 0, "LDN-I0002": 0}


def test_what_was_paid_of_it_before_is_owed_to_the_client(acme: Company) -> None:
    pay(acme, 10000)
    acme.do("credit I0001 wrong client")
    assert (papers(acme)["LDN-I0001"][1], papers(acme)["LDN-I0002"][1]) == (0, -10000)
    assert money.balance(acme.store, acme.ids["acme"], acme.now).open == -10000


def test_a_document_that_was_paid_leaves_its_whole_credit_open(acme: Company) -> None:
    (gross, _, _) = papers(acme)["LDN-I0001"]
    pay(acme, gross)
    acme.do("credit I0001 wrong client")
    assert papers(acme)["LDN-I0001"][1:] == (0, "credited")
    assert papers(acme)["LDN-I0002"][1] == -gross


def test_a_payment_without_a_document_is_not_suggested_for_one_that_was_credited(acme: Company) -> None:
    acme.do("credit I0001 wrong client", "bill C204")
    said = put("payment", acme.desk.ids(), client=acme.ids["acme"], amount=5000, currency="GBP", day=acme.desk.today, reference="BACS")
    save(acme.store, acme.desk.act("import"), [said], acme.now)
    settle(acme.store, acme.now)
    (case,) = [one for one in open_cases(acme.store, acme.now) if one.reason == "cash_unapplied"]
    assert case.step_verb.endswith("LDN-I0003")
    assert not [line for line in case.evidence if "LDN-I0001" in line]


def test_a_credit_for_a_line_that_knows_no_document_stands_open_as_it_did(acme: Company) -> None:
    acme.do("revise C204 250.00 2026-03-01", "bill C204")
    (gross, open_, _) = papers(acme)["LDN-I0002"]
    assert open_ == gross < 0

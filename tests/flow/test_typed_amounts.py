"""An amount is what was typed: in the company's currency, never rounded, never nothing by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import BadInput, FsError, Refused, UsageError
from fsconsole.flow.price import price_bytes
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def test_a_policy_about_money_is_typed_and_told_in_the_companys_currency(acme: Company) -> None:
    done = acme.do("policy approve_above 1000")
    assert done.words == "approve_above is £1,000.00 from today (it was £0.00)"
    # Stored as ever, in minor units: what other sites and older versions wrote keeps its meaning.
    assert acme.store.sql("SELECT value FROM policy WHERE name = 'approve_above'") == [("100000",)]
    with pytest.raises(Refused, match="£1,000.00 already"):
        acme.do("policy approve_above £1,000.00")
    for wrong in ("1000.005", "-5", "much"):
        with pytest.raises(UsageError):
            acme.do(f"policy approve_above {wrong}")


def test_a_price_with_more_decimals_than_the_currency_has_is_refused_not_rounded(acme: Company) -> None:
    before = acme.store.sql("SELECT count(*) FROM entry")
    with pytest.raises(FsError, match="980.005"):
        acme.do("revise C204 980.005 2026-04-01")
    assert acme.store.sql("SELECT count(*) FROM entry") == before


def test_a_rate_of_nothing_is_refused(acme: Company) -> None:
    with pytest.raises(Refused, match="above nought"):
        acme.do("rate labour 0")


@pytest.mark.parametrize("text", ["", "# only words\n"])
def test_a_price_file_with_nothing_in_it_is_an_error(text: str) -> None:
    with pytest.raises(BadInput, match="nothing in it to price"):
        price_bytes(text.encode())


@pytest.mark.parametrize("percent", ["150", "-10", "0"])
def test_a_discount_of_less_than_nothing_or_more_than_all_names_its_line(percent: str) -> None:
    text = f'[contract]\nfrom = 2026-01-01\n[[term]]\nname = "care"\namount = 10.00\n[[discount]]\npercent = {percent}\n'
    with pytest.raises(BadInput, match=r"7.*discount.percent.*above 0 and up to 100"):
        price_bytes(text.encode())

"""An amount is what was typed: in the company's currency, never rounded, never nothing by accident."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole.errors import BadInput, FsError, Refused, UsageError
from fsconsole.flow.imports import import_file
from fsconsole.flow.policies import KINDS, in_words, written
from fsconsole.flow.price import price_bytes
from fsconsole.rules.policy import Policies, read
from fsconsole.store.rows import fetch_all
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


def test_amounts_by_name_are_typed_told_and_read_from_files_alike(acme: Company) -> None:
    done = acme.do("policy standard_parts repair=1,090.00, inspection=45")
    assert done.words == "standard_parts is repair=£1090.00, inspection=£45.00 from today (it was nothing)"
    assert acme.store.sql("SELECT value FROM policy WHERE name = 'standard_parts'") == [('{"inspection":4500,"repair":109000}',)]
    done = acme.do("policy least order number missing=50.00")
    assert done.words == "least is order_missing=£50.00 from today (it was nothing)"
    with pytest.raises(UsageError, match="did you mean order_missing"):
        acme.do("policy least ordermissing=50.00")
    with pytest.raises(UsageError, match="repair: “cheap” is not right; expected an amount such as £1,000.00"):
        acme.do("policy standard_parts repair=cheap")


def test_what_the_screen_shows_of_a_policy_may_be_typed_again(acme: Company) -> None:
    acme.do("policy standard_parts repair=1090.00, inspection=45", "policy approve_above 1234.50", "policy tax_rate 17.5%")
    force = Policies(fetch_all(acme.store, "policy")).on(acme.desk.today)
    for name in ("standard_parts", "approve_above", "tax_rate", "least", "row_minutes"):
        kind, value = KINDS[name], getattr(force, name)
        words = in_words(kind, value, "GBP")
        if value:
            assert read(name, written(kind, words, "GBP")) == value, (name, words)
    assert force.tax_rate == 1750


def test_a_file_of_policies_is_in_the_notation_of_the_prompt_and_errors_name_line_and_policy(acme: Company) -> None:
    path = acme.store.path.with_name("policies.toml")
    path.write_text(
        'approve_above = 1000.10\nlabour_rate = 65\nleast = { order_missing = 50.00 }\ntax_rate = "20%"\n'
        '["2026-04-01"]\nstandard_parts = { repair = 90.50 }\nsmall_difference = "cheap"\n'
    )
    report = import_file(acme.desk, "policies", path)
    (reject,) = report.rejects
    assert (reject.line, reject.value) == (7, "cheap")
    assert "policy small_difference: “cheap” is not right; expected an amount such as £1,000.00" in reject.reason
    force = Policies(fetch_all(acme.store, "policy")).on(date(2026, 4, 1))
    assert (force.approve_above, force.labour_rate, force.tax_rate) == (100010, 6500, 2000)
    assert (dict(force.least), dict(force.standard_parts)) == ({"order_missing": 5000}, {"repair": 9050})


def test_a_price_with_more_decimals_than_the_currency_has_is_refused_not_rounded(acme: Company) -> None:
    before = acme.store.sql("SELECT count(*) FROM entry")
    with pytest.raises(FsError, match="980.005"):
        acme.do("revise C204 980.005 2026-04-01")
    assert acme.store.sql("SELECT count(*) FROM entry") == before


@pytest.mark.parametrize("price", ["980,50", "$980", "€980", "9,80"])
def test_another_countrys_way_to_write_a_price_is_refused_not_read_as_ours(acme: Company, price: str) -> None:
    before = acme.store.sql("SELECT count(*) FROM entry")
    with pytest.raises(FsError):
        acme.do(f"revise C204 {price} 2026-04-01")
    assert acme.store.sql("SELECT count(*) FROM entry") == before


def test_a_ceiling_finer_than_pence_is_refused(acme: Company) -> None:
    with pytest.raises(UsageError, match=r"10.005.*finer"):
        acme.do("order C204 PO-1 max:10.005")


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

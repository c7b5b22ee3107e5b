"""Tax: what lines bear together, named conventions, and EN 16931's sums for any document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.credited import credit_rows
from fsconsole.rules.prorate import rounded
from fsconsole.rules.tax import Taxed, sums, taxes_of
from fsconsole.rules.taxed import tax_rows
from fsconsole.rules.totals import totals
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.terms import Contract
from fsconsole.values.work import Id

RATES = (
    {"name": "standard", "percent": Decimal(20), "from": date(2011, 1, 4)},
    {"name": "standard", "percent": Decimal("17.5"), "from": date(2010, 1, 1), "until": date(2011, 1, 4)},
    {"name": "gst", "percent": Decimal(5)},
    {"name": "pst", "percent": Decimal(10), "compound": True},
    {"name": "both", "of": ("gst", "pst")},
    {"name": "kept back", "percent": Decimal(15), "withheld": True},
    {"name": "bag", "unit": Decimal("0.05")},
    {"name": "care", "category": "E", "reason": "Medical care"},
)


def agreement(**said: Any) -> Agreement:
    return Agreement(contract=Contract(id=Id(b"c"), currency="GBP"), rows={"rate": RATES, "contract": (said,)})


def document(lines: list[dict[str, Any]], **row: Any) -> dict[str, Any]:
    (answer,) = tax_rows(({"lines": lines, **row},), agreement())
    return answer


def test_a_rate_by_name_is_that_of_the_tax_point() -> None:
    assert document([{"amount": 10000, "tax": "standard"}], on=date(2010, 12, 31))["tax"] == 1750
    assert document([{"amount": 10000, "tax": "standard"}], on=date(2011, 1, 4))["tax"] == 2000


def test_a_compound_tax_is_on_the_net_and_the_taxes_before_it() -> None:
    answer = document([{"amount": 10000, "tax": "both"}])
    assert answer["tax"] == 500 + 1050
    assert {one["name"]: one["base"] for one in answer["rates"]} == {"gst": 10000, "pst": 10500}


def test_what_the_client_withholds_lowers_what_is_to_pay_and_not_the_total() -> None:
    answer = document([{"amount": 10000, "tax": ["standard", "kept back"]}], on=date(2025, 1, 1))
    assert (answer["gross"], answer["withheld"], answer["payable"]) == (12000, 1500, 10500)


def test_a_tax_by_quantity_counts_units() -> None:
    assert document([{"price": Decimal("2.00"), "quantity": Decimal(3), "tax": "bag"}])["tax"] == 15


@pytest.mark.parametrize(
    ("tax", "category", "reason"),
    [
        ("exempt: insurance", "E", "insurance"),
        ("exempt (insurance)", "E", "insurance"),
        ("care", "E", "Medical care"),
        ("reverse charge", "AE", "Reverse charge"),
        ("reverse charge: construction services", "AE", "construction services"),
        ("zero", "Z", ""),
        (0, "Z", ""),
        ("outside", "O", "Not subject to tax"),
        ("export", "G", "Export outside the EU"),
    ],
)
def test_what_bears_no_tax_says_why(tax: Any, category: str, reason: str) -> None:
    (rate,) = document([{"amount": 5000, "tax": tax}])["rates"]
    assert (rate["category"], rate["reason"], rate["amount"], rate["base"]) == (category, reason, 0, 5000)


@pytest.mark.parametrize("tax", ["exempt", "luxury", -5, True])
def test_a_tax_that_says_too_little_is_refused_in_words(tax: Any) -> None:
    with pytest.raises(ValueError, match="reason|there is no tax|below nothing|not a tax"):
        document([{"amount": 5000, "tax": tax}])


def test_an_allowance_without_a_tax_of_its_own_is_spread_over_the_rates_of_the_lines() -> None:
    lines = [{"amount": 30000, "tax": 20}, {"amount": 10000, "tax": 5}]
    answer = document(lines, allowances=[{"reason": "loyalty", "amount": 4000}])
    assert {one["percent"]: one["base"] for one in answer["rates"]} == {"20": 27000, "5": 9000}
    assert (answer["net"], answer["tax"]) == (36000, 5400 + 450)


def test_an_allowance_with_its_tax_in_it_lowers_the_total_by_what_it_says() -> None:
    answer = document([{"amount": 10000, "tax": 20}], allowances=[{"reason": "voucher", "amount": 1200, "on": "gross"}])
    assert (answer["net"], answer["tax"], answer["gross"]) == (9000, 1800, 10800)


def test_a_discount_is_off_the_line_or_off_the_rounded_price_of_one() -> None:
    line = {"price": Decimal("0.99"), "quantity": Decimal(100), "discount_percent": Decimal("12.5")}
    assert document([line])["net"] == 8663
    assert document([line], discount_each="unit")["net"] == 8700


def test_a_line_is_rounded_or_only_the_total() -> None:
    lines = [{"price": Decimal("0.333"), "tax": 20}] * 3
    assert document(lines)["net"] == 99
    assert document(lines, line_rounding="none")["net"] == 100


def test_inclusive_prices_of_a_rounded_net_show_what_is_left_over_as_rounding() -> None:
    answer = document([{"amount": 3, "tax": 20}], prices="inclusive", inclusive="net")
    assert (answer["net"], answer["tax"], answer["rounding"], answer["payable"]) == (3, 1, -1, 3)


def test_a_price_is_never_below_nothing_but_a_quantity_may_be() -> None:
    assert document([{"price": Decimal(5), "quantity": Decimal(-2), "tax": 20}])["gross"] == -1200
    with pytest.raises(ValueError, match="BR-27"):
        document([{"price": Decimal(-5), "tax": 20}])


def test_a_contract_s_charges_are_totalled_by_its_own_rules() -> None:
    charges = [Charge(key=str(n), amount=5000, tax="19") for n in range(2)]
    assert totals(charges, agreement()).tax == 1900
    inclusive = totals(charges, agreement(prices="inclusive"))
    assert (inclusive.net, inclusive.tax, inclusive.gross) == (8403, 1597, 10000)
    assert totals(charges, agreement(prices="inclusive", tax_rounding="line")).tax == 1596


def test_a_charge_without_a_tax_of_its_own_takes_the_contract_s() -> None:
    assert totals([Charge(key="a", amount=1000)], agreement(tax=Decimal(20))).tax == 200
    assert totals([Charge(key="a", amount=1000)], agreement()).says == ()


amounts = st.integers(-10_000_000, 10_000_000)
taxes = st.sampled_from([20, Decimal("5.5"), Decimal("8.875"), "zero", "exempt: it is", "reverse charge", Decimal("0.01")])
lines_of = st.lists(st.fixed_dictionaries({"amount": amounts, "tax": taxes}), min_size=1, max_size=8)
levels_of = st.lists(
    st.fixed_dictionaries({"amount": st.integers(0, 1_000_000), "tax": taxes, "reason": st.just("agreed")}), max_size=3
)


@given(lines_of, levels_of, levels_of, st.integers(0, 100_000))
def test_the_sums_of_the_standard_hold_for_any_document(
    lines: list[dict[str, Any]], allowances: list[dict[str, Any]], charges: list[dict[str, Any]], prepaid: int
) -> None:
    got = document(lines, allowances=allowances, charges=charges, prepaid=prepaid)
    by = {what: [one["net"] for one in got["lines"] if one["what"] == what] for what in ("line", "allowance", "charge")}
    assert got["lines_net"] == sum(by["line"]) == sum(one["amount"] for one in lines)  # BR-CO-10
    assert got["allowances"] == -sum(by["allowance"]) == sum(one["amount"] for one in allowances)  # BR-CO-11
    assert got["charges"] == sum(by["charge"])  # BR-CO-12
    assert got["net"] == got["lines_net"] - got["allowances"] + got["charges"]  # BR-CO-13
    assert got["tax"] == sum(one["amount"] for one in got["rates"])  # BR-CO-14
    assert got["gross"] == got["net"] + got["tax"]  # BR-CO-15
    assert got["payable"] == got["gross"] - got["prepaid"] + got["rounding"]  # BR-CO-16
    for one in got["rates"]:
        assert one["amount"] == rounded(Fraction(one["base"]) * Fraction(Decimal(one["percent"])) / 100)  # BR-CO-17
    assert sum(one["base"] for one in got["rates"]) == got["net"]


@given(lines_of, st.sampled_from(["gross", "net"]))
def test_inclusive_documents_add_up_to_their_prices(lines: list[dict[str, Any]], stands: str) -> None:
    got = document(lines, prices="inclusive", inclusive=stands)
    assert got["net"] + got["tax"] + got["rounding"] == sum(one["amount"] for one in lines) == got["payable"]
    assert got["tax"] == sum(one["amount"] for one in got["rates"])
    assert got["lines_net"] == got["net"]
    for one in got["rates"]:
        by_rate = rounded(Fraction(one["base"]) * Fraction(Decimal(one["percent"])) / 100)
        assert abs(one["amount"] - by_rate) <= (0 if stands == "net" else 1)


@given(st.lists(st.integers(1, 1_000_000), min_size=1, max_size=6), st.sampled_from([20, 5, Decimal("8.1"), 25]))
def test_exclusive_and_inclusive_totals_of_the_same_document_agree(nets: list[int], rate: Any) -> None:
    out = document([{"amount": net, "tax": rate} for net in nets])
    back = document([{"amount": out["gross"], "tax": rate}], prices="inclusive")
    assert (back["net"], back["tax"], back["gross"]) == (out["net"], out["tax"], out["gross"])


@given(
    st.lists(st.integers(1, 1_000_000), min_size=1, max_size=8),
    st.sampled_from(["last", "floor last", "largest remainder", "first"]),
)
def test_shares_of_tax_sum_to_it(nets: list[int], rule: str) -> None:
    got = document([{"amount": net, "tax": Decimal("8.875")} for net in nets], share=rule)
    assert sum(one["tax"] for one in got["lines"]) == got["tax"]
    assert all(one["tax"] >= 0 for one in got["lines"])


@given(
    st.lists(st.integers(1, 100_000), min_size=1, max_size=8),
    st.sampled_from([20, 25, Decimal("8.875")]),
    st.sampled_from(["rest", "running"]),
)
def test_partial_credits_close_an_invoice_exactly(parts: list[int], rate: Any, close: str) -> None:
    (got,) = credit_rows(({"net": sum(parts), "tax": rate, "credits": parts, "close": close},), agreement())
    assert (got["left_net"], got["left_tax"]) == (0, 0)
    assert sum(one["gross"] for one in got["credits"]) == got["gross"]
    assert all(one["tax"] >= 0 for one in got["credits"])


@given(st.lists(amounts, min_size=1, max_size=6))
def test_the_order_of_lines_changes_no_total(values: list[int]) -> None:
    lines = [Taxed(Fraction(value), taxes_of(20 if place % 2 else 5)) for place, value in enumerate(values)]
    one, other = sums(lines), sums(lines[::-1])
    assert (one.net, one.tax, one.rates) == (other.net, other.tax, other.rates)

"""Amounts: rounding, splitting, showing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.values.money import major, minor, places, round_half_away, show, split, times, typed


def test_a_half_goes_away_from_zero_on_both_sides() -> None:
    assert times(725, Decimal("0.02")) == 15  # 0.145 -> 0.15, where a float gives 0.14
    assert times(-649134, Decimal("0.25")) == -162284  # -1,622.835 -> -1,622.84
    assert [round_half_away(Decimal(text)) for text in ("0.5", "-0.5", "1.5", "2.4")] == [1, -1, 2, 2]


def test_the_last_piece_takes_the_remainder() -> None:
    assert split(10000, [1, 1, 1]) == [3333, 3333, 3334]
    assert split(10001, [1, 1, 1]) == [3334, 3334, 3333]
    assert split(30250, [480, 240]) == [20167, 10083]


def test_a_credit_splits_as_its_invoice_did() -> None:
    assert split(-10001, [1, 1, 1]) == [-3334, -3334, -3333]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_a_split_without_weight_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)


weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any)


@given(st.integers(-(10**12), 10**12), weights)
def test_a_split_loses_nothing_and_no_piece_changes_sign(total: int, shares: list[int]) -> None:
    pieces = split(total, shares)
    assert sum(pieces) == total
    assert len(pieces) == len(shares)
    assert all(piece * total >= 0 for piece in pieces)
    assert split(-total, shares) == [-piece for piece in pieces]


@given(st.integers(-(10**12), 10**12), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_minor_and_major_units_are_each_other_s_inverse(amount: int, currency: str) -> None:
    assert minor(major(amount, currency), currency) == amount


def test_a_currency_without_pence_has_none() -> None:
    assert (places("JPY"), minor("1234", "JPY"), show(1234, "JPY")) == (0, 1234, "¥1,234")


@pytest.mark.parametrize("text", ["twelve", "", "NaN", "Infinity", "1,234.50"])
def test_what_is_no_amount_is_refused_with_the_form_to_use(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it like 1234\.50"):
        minor(text)


def test_amounts_are_shown_as_people_write_them() -> None:
    assert show(116000) == "£1,160.00"
    assert show(-1933) == "−£19.33"
    assert show(116049, whole=True) == "£1,160"
    assert show(-20, whole=True) == "£0"
    assert show(500, "CHF") == "CHF 5.00"


@pytest.mark.parametrize(("text", "pence"), [("1160", 116_000), ("£1,160.50", 116_050), ("£ 12", 1_200), ("1,234,567.8", 123_456_780)])
def test_an_amount_is_read_as_people_type_it(text: str, pence: int) -> None:
    assert typed(text, "GBP") == pence


@pytest.mark.parametrize("text", ["25,50", "$20", "€20", "1,16", "12.505", "1,2345", "ten", ""])
def test_what_another_country_would_read_otherwise_is_no_amount_here(text: str) -> None:
    with pytest.raises(ValueError, match="is"):
        typed(text, "GBP")

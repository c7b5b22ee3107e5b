"""Prices of quantities: graduated and volume tiers, packages, flat fees, on continuous bounds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.tiers import Scale, Tier, checked, price_text, units_text, worth

F = Fraction
GRADUATED = Scale(model="graduated", tiers=(Tier(F(100), F(100)), Tier(None, F(50))))
QUANTITIES = st.fractions(min_value=0, max_value=10_000, max_denominator=1000)
PRICES = st.fractions(min_value=0, max_value=1000, max_denominator=10_000)


@st.composite
def tiers(draw: st.DrawFn, *, flat: bool = False) -> tuple[Tier, ...]:
    bounds = sorted(draw(st.sets(st.fractions(min_value=F(1, 100), max_value=9000, max_denominator=100), max_size=5)))
    fees = PRICES if flat else st.just(F(0))
    return tuple(Tier(bound, draw(PRICES), draw(fees)) for bound in [*bounds, None])


@pytest.mark.parametrize(
    ("units", "scale", "amount"),
    [
        (100, Scale(model="volume", tiers=(Tier(F(100), F(200), F(1000)), Tier(None, F(100)))), 21_000),
        (101, Scale(model="volume", tiers=(Tier(F(100), F(200), F(1000)), Tier(None, F(100)))), 10_100),
        (150, GRADUATED, 12_500),
        (150, Scale(model="volume", tiers=GRADUATED.tiers), 7_500),
        (45, Scale(model="package", price=F(500), package=F(20)), 1_500),
        (40, Scale(model="package", price=F(500), package=F(20)), 1_000),
        (45, Scale(model="package", price=F(500), package=F(20), packages="full"), 1_000),
        (0, Scale(model="package", price=F(500), package=F(20)), 0),
        (F("10.5"), Scale(model="graduated", tiers=(Tier(F(10), F(100)), Tier(None, F(50)))), 1_025),
    ],
)
def test_a_quantity_costs_what_its_price_list_says(units: Fraction | int, scale: Scale, amount: int) -> None:
    assert worth(F(units), scale).exact == amount


def test_each_tier_that_is_entered_adds_its_flat_fee_once() -> None:
    scale = Scale(model="graduated", tiers=(Tier(F(10), F(5), F(200)), Tier(F(20), F(1), F(50)), Tier(None, F(0), F(30))))
    assert worth(F(10), scale).exact == 50 + 200
    assert worth(F("10.5"), scale).exact == 50 + 200 + F(1, 2) + 50
    assert worth(F(25), scale).exact == 50 + 200 + 10 + 50 + 30


def test_nothing_used_costs_nothing_unless_the_first_fee_is_due_at_zero() -> None:
    tiers_ = (Tier(F(10), F(5), F(200)), Tier(None, F(1)))
    for model in ("graduated", "volume"):
        assert worth(F(0), Scale(model=model, tiers=tiers_)).exact == 0
        assert worth(F(0), Scale(model=model, tiers=tiers_, flat_at_zero=True)).exact == 200


def test_a_bound_belongs_to_its_tier_or_to_the_next_as_agreed() -> None:
    tiers_ = (Tier(F(100), F(200), F(1000)), Tier(None, F(100), F(7)))
    assert worth(F(100), Scale(model="volume", tiers=tiers_, bound="excluded")).exact == 10_007
    assert worth(F(100), Scale(model="graduated", tiers=tiers_, bound="excluded")).exact == 20_000 + 1000 + 7
    assert worth(F(100), Scale(model="graduated", tiers=tiers_)).exact == 20_000 + 1000


def test_a_tier_may_be_priced_by_started_blocks() -> None:
    scale = Scale(model="graduated", tiers=(Tier(F(1000), F(100), size=F(100)), Tier(None, F(500), size=F(1000))))
    assert worth(F(1), scale).exact == 100
    assert worth(F(1000), scale).exact == 1000
    assert worth(F(1001), scale).exact == 1500


def test_the_words_hold_the_arithmetic() -> None:
    assert worth(F(150), GRADUATED).words == "100 × £1.00 + 50 × £0.50"
    assert price_text(F(42, 100), "GBP") == "£0.0042"
    assert units_text(F(12345, 10)) == "1,234.5"


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (Scale(model="graduated"), "needs tiers"),
        (Scale(model="graduated", tiers=(Tier(None, F(1)), Tier(None, F(1)))), "only the last tier has no upto"),
        (Scale(model="volume", tiers=(Tier(F(5), F(1)), Tier(F(5), F(1)))), "does not go beyond"),
        (Scale(model="package", package=F(0)), "more than nothing"),
        (Scale(model="stairs"), "not a way to price"),
        (Scale(tiers=(Tier(None, F(1)),)), "say model"),
    ],
)
def test_a_price_list_that_contradicts_itself_says_how(scale: Scale, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        checked(scale)


def test_units_beyond_the_last_bound_are_no_guess() -> None:
    with pytest.raises(ValueError, match="the tiers end at 10 and 11 were used"):
        worth(F(11), Scale(model="graduated", tiers=(Tier(F(10), F(1)),)))


@given(tiers(), QUANTITIES)
def test_graduating_a_quantity_is_the_integral_of_its_prices(steps: tuple[Tier, ...], units: Fraction) -> None:
    low, integral = F(0), F(0)
    for tier in steps:
        high = units if tier.upto is None else min(units, tier.upto)
        integral += max(F(0), high - low) * tier.price
        low = tier.upto or low
    assert worth(units, Scale(model="graduated", tiers=steps)).exact == integral


@given(tiers(), QUANTITIES, QUANTITIES)
def test_a_quantity_graduated_in_two_steps_costs_the_same(steps: tuple[Tier, ...], first: Fraction, more: Fraction) -> None:
    """Cut anywhere, what comes after is priced on what is left of each tier, so nothing is charged twice or skipped."""
    left = []
    for tier in steps:
        if tier.upto is None or tier.upto > first:
            left.append(Tier(None if tier.upto is None else tier.upto - first, tier.price))
    scale = Scale(model="graduated", tiers=steps)
    rest = Scale(model="graduated", tiers=tuple(left))
    assert worth(first, scale).exact + worth(more, rest).exact == worth(first + more, scale).exact


@given(tiers(flat=True), QUANTITIES, st.sampled_from(["graduated", "volume"]))
def test_fewer_than_none_give_back_what_as_many_cost(steps: tuple[Tier, ...], units: Fraction, model: str) -> None:
    scale = Scale(model=model, tiers=steps)
    assert worth(-units, scale).exact == -worth(units, scale).exact or units == 0

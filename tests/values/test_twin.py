"""A value made by way of its twin is the value that its own constructor makes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from fsconsole.values.bill import Charge
from fsconsole.values.twin import changed, twin_of


def test_a_value_filled_as_a_twin_is_the_frozen_one_with_its_defaults() -> None:
    one = twin_of(Charge, ["amount", "key"])(12_00, "k")
    one.reason = "an hour"
    one.__class__ = Charge
    assert one == Charge(key="k", amount=12_00, reason="an hour")
    assert hash(one) == hash(Charge(key="k", amount=12_00, reason="an hour"))
    with pytest.raises(FrozenInstanceError):
        one.amount = 13_00


def test_a_changed_value_is_a_frozen_copy_and_leaves_the_first_alone() -> None:
    charge = Charge(key="k", amount=12_00)
    found = changed(charge, amount=13_00, reason="more")
    assert found == replace(charge, amount=13_00, reason="more")
    assert charge.amount == 12_00
    with pytest.raises(FrozenInstanceError):
        found.amount = 0  # type: ignore[misc]


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(AttributeError):
        changed(Charge(key="k"), amuont=1)

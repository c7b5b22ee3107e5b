"""What is derived is written where it differs, and need not wait for the disk; what is saved always does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.store.bulk import roomy
from fsconsole.store.derive import put_cases, put_charges
from fsconsole.store.opening import Store, open_store
from fsconsole.values.bill import Charge, ExceptionCase
from fsconsole.values.work import Id

FULL, NORMAL = 2, 1
JOB, OTHER = Id(b"j" * 16), Id(b"o" * 16)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store.db")


def waits(store: Store) -> int:
    return int(store.sql("PRAGMA synchronous")[0][0])


def test_only_what_is_derived_does_not_wait_for_the_disk(store: Store) -> None:
    with roomy(store):
        assert waits(store) == FULL
    with roomy(store, derived=True):
        assert waits(store) == NORMAL
    assert waits(store) == FULL
    with pytest.raises(ZeroDivisionError), roomy(store, derived=True):
        raise ZeroDivisionError
    assert waits(store) == FULL
    with store.writing(), roomy(store, derived=True):
        assert waits(store) == FULL, "part of a save, it waits with it"
    assert waits(store) == FULL


def derive(store: Store, amounts: dict[str, int], cases: dict[str, tuple[str, ...]]) -> int:
    """Puts a job's charges and cases; returns how many rows were written for it."""
    before = store.raw.total_changes
    charges = [Charge(key=key, job=JOB, amount=amount) for key, amount in amounts.items()]
    found = [ExceptionCase(key=key, reason="no_rate", thing=JOB, thing_kind="job", charges=held) for key, held in cases.items()]
    put_charges(store, "job", [JOB], [(one, None, None, "", "") for one in charges])
    put_cases(store, [JOB], [(JOB, one) for one in found])
    return store.raw.total_changes - before


def test_of_what_is_derived_again_the_difference_alone_is_written(store: Store) -> None:
    put_charges(store, "job", [OTHER], [(Charge(key="theirs", job=OTHER, amount=5), None, None, "", "")])
    assert derive(store, {"a": 1, "b": 2}, {"x": ("a",), "y": ("a", "b")})
    assert not derive(store, {"a": 1, "b": 2}, {"x": ("a",), "y": ("a", "b")})
    assert derive(store, {"a": 1, "b": 3}, {"x": ("a",), "y": ("a", "b")}) == 1
    assert derive(store, {"a": 1, "b": 3}, {"x": ("b",), "y": ("a", "b")}) == 2, "one line instead of another behind a case"
    derive(store, {"a": 1}, {"y": ("a",)})
    assert store.sql("SELECT key, amount FROM charge_now ORDER BY key") == [("a", 1), ("theirs", 5)]
    assert store.sql("SELECT case_key, charge_key FROM case_charge") == [("y", "a")]
    assert [key for (key,) in store.sql("SELECT key FROM case_now")] == ["y"]
    assert store.sql("SELECT sum(cases) FROM case_sum") == [(1,)]

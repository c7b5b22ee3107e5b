"""What nobody changed is derived again once the program has other rules or other words, a chunk at a time, beside ordinary work."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.flow import again, settle
from fsconsole.store.opening import open_store
from fsconsole.store.queries import money
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    one = company(tmp_path)
    one.do(*(f"log acme fault {number} @unit3" for number in range(60)), "d 1042 amy", "en amy", "a amy", "labour 1042 1h", "c amy")
    return one


def words_of(one: Company) -> dict[str, str]:
    """The sentence of each charge and each case, as it is stored."""
    found = one.store.sql("SELECT key, reason FROM charge_now") + one.store.sql("SELECT key, says FROM case_now")
    return dict(found)


def as_of_another_version(one: Company) -> None:
    """The store as a program left it that said everything in other words."""
    one.store.raw.execute("UPDATE charge_now SET reason = 'in old words'")
    one.store.raw.execute("UPDATE case_now SET says = 'in old words'")
    one.store.set_own(derived_by="another", derived_to="")


def test_a_new_store_is_behind_nothing_and_is_never_walked_through(acme: Company) -> None:
    assert not again.behind(acme.store)
    assert not again.due(acme.store, acme.now)
    assert again.reached(acme.store) is None


def test_what_another_version_derived_is_derived_again_chunk_by_chunk_to_what_a_rebuild_gives(acme: Company) -> None:
    right = words_of(acme)
    assert len(right) > 2
    as_of_another_version(acme)
    assert set(words_of(acme).values()) == {"in old words"}
    told: list[again.Reached] = []
    assert again.walk(acme.store, lambda: acme.now, tell=told.append)
    assert words_of(acme) == right
    assert not again.behind(acme.store)
    assert [one.done for one in told] == sorted(one.done for one in told), "it goes forward"
    assert told[-1].done == told[-1].rows
    settle.rebuild(acme.store, acme.now)
    assert words_of(acme) == right


def test_a_walk_that_is_broken_off_goes_on_where_it_was_in_another_console(acme: Company) -> None:
    right = words_of(acme)
    as_of_another_version(acme)
    assert not again.walk(acme.store, lambda: acme.now, wait=lambda: False)
    first = again.reached(acme.store)
    assert first is not None
    assert 0 < first.done < first.rows
    other = open_store(acme.store.path)
    told: list[again.Reached] = []
    assert again.walk(other, lambda: acme.now, tell=told.append)
    assert told[0].done > first.done
    other.close()
    assert words_of(acme) == right


def test_an_act_in_the_midst_of_it_is_settled_at_once_and_stands(acme: Company) -> None:
    as_of_another_version(acme)
    assert not again.walk(acme.store, lambda: acme.now, wait=lambda: False)
    acme.do("revise C204 310.00 2026-03-01")
    lines = money.charges_of(acme.store, acme.now, contract=acme.ids["c204"])
    assert {line.amount for line in lines if line.start == "2026-03-01"} == {31000}
    assert again.walk(acme.store, lambda: acme.now)
    assert {line.amount for line in money.charges_of(acme.store, acme.now, contract=acme.ids["c204"]) if line.start == "2026-03-01"} == {31000}
    assert "in old words" not in words_of(acme).values()
    assert acme.store.sql("SELECT count(*) FROM dirty") == [(0,)]


def test_a_price_that_changes_between_two_chunks_counts_in_the_next(acme: Company) -> None:
    as_of_another_version(acme)
    changed: list[bool] = []

    def wait() -> bool:
        if not changed:
            changed.append(True)
            acme.do("rate labour 90.00")
        return True

    assert again.walk(acme.store, lambda: acme.now, wait=wait)
    kept = acme.store.sql("SELECT key, amount, reason FROM charge_now ORDER BY key")
    settle.rebuild(acme.store, acme.now)
    assert kept == acme.store.sql("SELECT key, amount, reason FROM charge_now ORDER BY key")


def test_a_store_that_may_only_be_read_is_left_as_it_is(acme: Company) -> None:
    as_of_another_version(acme)
    looked = open_store(acme.store.path, readonly=True)
    assert not again.behind(looked)
    assert again.walk(looked, lambda: acme.now)
    assert set(words_of(acme).values()) == {"in old words"}
    looked.close()


def test_a_rebuild_is_by_this_version_and_leaves_nothing_to_walk(acme: Company) -> None:
    as_of_another_version(acme)
    settle.rebuild(acme.store, acme.now)
    assert not again.behind(acme.store)

"""What a store keeps of an answer is given again until something is written, by itself or by another, and never out of an
undone transaction."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from fsconsole.store.opening import Store, open_store


def asked(store: Store, counter: itertools.count[int]) -> int:
    return store.kept("answer", lambda: next(counter))


def test_an_answer_is_kept_until_this_or_another_connection_writes(tmp_path: Path) -> None:
    store, other, counter = open_store(tmp_path / "site.db"), open_store(tmp_path / "site.db"), itertools.count()
    assert [asked(store, counter) for _ in range(3)] == [0, 0, 0]
    store.set_own(here="1")
    assert [asked(store, counter) for _ in range(2)] == [1, 1]
    other.set_own(there="1")
    assert [asked(store, counter) for _ in range(2)] == [2, 2]
    other.close()
    store.close()


def test_what_was_seen_inside_a_transaction_that_failed_is_not_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path / "site.db")
    store.kept("own", lambda: store.own("word", "none"))

    def fails() -> None:
        with store.writing() as conn:
            conn.execute("INSERT INTO own (key, value) VALUES ('word', 'written')")
            assert store.kept("own", lambda: store.own("word", "none")) == "written"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert store.kept("own", lambda: store.own("word", "none")) == "none"
    store.close()

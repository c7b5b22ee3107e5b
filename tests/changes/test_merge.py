"""Every site decides the same from the same writes, in whatever order they came."""

from __future__ import annotations

import itertools
import sqlite3
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.changes import stamp
from fsconsole.changes.batch import Value
from fsconsole.changes.merge import Standing, Write, arrive, contest, had_read, value_order, wins

VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8) | st.binary(max_size=8)
WRITES = st.builds(Write, st.integers(1, 4), VALUES)


def test_the_greater_stamp_wins_whatever_the_values() -> None:
    assert wins(Write(5, "a"), Write(4, "z"))
    assert not wins(Write(4, "z"), Write(5, "a"))


def test_equal_stamps_of_two_copies_of_a_site_go_to_the_greater_value() -> None:
    assert wins(Write(5, "b"), Write(5, "a"))
    assert wins(Write(5, 0), Write(5, None))
    assert not wins(Write(5, "a"), Write(5, "a"))


@given(st.lists(WRITES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_any_order_of_writes_leaves_the_same_value(writes: list[Write], random: Random) -> None:
    ends = set()
    for _ in range(4):
        random.shuffle(writes)
        standing = writes[0]
        for write in writes[1:]:
            standing = write if wins(write, standing) else standing
        ends.add(standing)
    assert len(ends) == 1


@given(st.lists(VALUES, min_size=2, max_size=12))
def test_values_are_ordered_as_sqlite_orders_them(values: list[Value]) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("create table v (v)")
    db.executemany("insert into v values (?)", [(value,) for value in values])

    assert [v for (v,) in db.execute("select v from v order by v")] == sorted(values, key=value_order)


def test_a_write_that_was_read_before_it_was_overwritten_is_not_contested() -> None:
    assert contest(20, [10], lambda later, earlier: True) == ()


def test_a_write_overwritten_unseen_is_contested() -> None:
    assert contest(20, [10], lambda later, earlier: False) == (10,)


def test_of_several_unseen_writes_only_the_last_of_each_line_is_contested() -> None:
    read = {(12, 10), (13, 10)}

    assert contest(20, [10, 12, 13], lambda later, earlier: (later, earlier) in read) == (12, 13)


def test_what_was_knowingly_overwritten_by_one_the_winner_had_read_is_settled() -> None:
    read = {(12, 10), (20, 12)}

    assert contest(20, [10, 12], lambda later, earlier: (later, earlier) in read) == ()


def test_a_site_has_always_read_its_own_earlier_writes() -> None:
    one, two, other = stamp.make(1, 0, 7), stamp.make(2, 0, 7), stamp.make(1, 5, 8)

    assert had_read(two, one, {})
    assert not had_read(two, other, {})
    assert had_read(two, other, {8: other})


def _history(random: Random, sites: int, steps: int) -> dict[int, dict[int, int]]:
    """Writes to one field by sites that read each other now and then, as {stamp: {site: stamp read}}."""
    streams: dict[int, list[int]] = {site: [] for site in range(1, sites + 1)}
    read: dict[int, dict[int, int]] = {site: {} for site in streams}
    vectors: dict[int, dict[int, int]] = {}
    last = dict.fromkeys(streams, 0)
    for now in range(1, steps + 1):
        site = random.randint(1, sites)
        if random.random() < 0.5:
            seen = itertools.chain(streams[site], *(_upto(streams[s], r) for s, r in read[site].items()))
            over = max(seen, default=0)
            last[site] = stamp.tick(last[site], now - random.randint(0, 5), site, over)
            streams[site].append(last[site])
            vectors[last[site]] = dict(read[site])
        else:
            other = random.randint(1, sites)
            if other != site and streams[other]:
                got = read[site].get(other, 0)
                rest = [s for s in streams[other] if s > got]
                if rest:
                    read[site][other] = rest[random.randrange(len(rest))]
    return vectors


def _upto(stream: list[int], limit: int) -> list[int]:
    return [s for s in stream if s <= limit]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 4), st.integers(2, 24))
def test_writes_arriving_in_any_order_end_in_the_same_standing(seed: int, sites: int, steps: int) -> None:
    random = Random(seed)
    vectors = _history(random, sites, steps)
    if not vectors:
        return

    def knew(later: int, earlier: int) -> bool:
        return had_read(later, earlier, vectors[later])

    top = max(vectors)
    expected = Standing(top, contest(top, set(vectors) - {top}, knew))
    order = list(vectors)
    for _ in range(5):
        random.shuffle(order)
        standing, seen = Standing(), set[int]()
        for write in order:
            standing = arrive(standing, write, knew, lambda seen=seen: list(seen))  # type: ignore[misc]
            seen.add(write)
            assert arrive(standing, write, knew, lambda seen=seen: list(seen)) == standing  # type: ignore[misc]
        assert standing == expected

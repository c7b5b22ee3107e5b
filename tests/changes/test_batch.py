"""A batch survives its bytes; anything else is refused with a sentence."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.changes.batch import MAX_ROWS, Act, Batch, Rows, decode, encode
from fsconsole.changes.verdict import DamagedError

ACT = Act(b"a" * 16, "amy", "log acme boiler down")
IDS = st.binary(min_size=16, max_size=16)
VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=30) | st.binary(max_size=30)


@st.composite
def groups(draw: Any) -> Rows:
    fields = tuple(sorted(draw(st.sets(st.integers(1, 65535), max_size=5))))
    row = st.tuples(IDS, *[VALUES for _ in fields])
    return Rows(draw(st.integers(1, 65535)), fields, draw(st.lists(row, max_size=8)))


BATCHES = st.builds(
    Batch,
    st.integers(1, 2**63 - 1),
    st.builds(Act, IDS, st.text(max_size=20), st.text(max_size=40)),
    st.lists(groups(), max_size=4),
)


def _whole_or_sentence(data: bytes) -> bool:
    try:
        return bool(encode(decode(data)))
    except DamagedError as error:
        return str(error).endswith(".")


@given(BATCHES)
def test_a_batch_comes_back_from_its_bytes_and_gives_the_same_bytes_again(batch: Batch) -> None:
    data = encode(batch)

    assert decode(data) == batch
    assert encode(decode(data)) == data


@settings(max_examples=400)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_batch_or_a_sentence(data: bytes) -> None:
    assert _whole_or_sentence(data)


@given(BATCHES, st.randoms(use_true_random=False))
def test_a_mangled_batch_is_a_batch_or_a_sentence(batch: Batch, random: Random) -> None:
    data = bytearray(encode(batch))
    for _ in range(random.randrange(1, 4)):
        data[random.randrange(len(data))] = random.randrange(256)
    assert _whole_or_sentence(bytes(data))


@pytest.mark.parametrize("depth", [10, 5_000, 200_000])
def test_bytes_nested_without_end_are_refused(depth: int) -> None:
    with pytest.raises(DamagedError):
        decode(b"\x91" * depth)


def test_a_length_of_four_thousand_million_costs_no_memory() -> None:
    with pytest.raises(DamagedError):
        decode(b"\x93\x01\x93" + b"\xdd\xff\xff\xff\xff" * 3)


@pytest.mark.parametrize("value", [1.5, True, ["x"], 2**63, -(2**63) - 1, object])
def test_a_value_the_wire_cannot_say_is_refused_before_it_is_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"field 3 of kind 2"):
        encode(Batch(1, ACT, [Rows(2, (3,), [(b"r" * 16, value)])]))


@pytest.mark.parametrize("value", [1.5, True, ["x"], {"a": 1}, 2**63])
def test_a_value_that_no_site_may_write_is_refused_when_read(value: object) -> None:
    data = msgspec.msgpack.encode((1, ("a" * 16).encode(), "", ""))  # wrong shape
    with pytest.raises(DamagedError):
        decode(data)
    data = msgspec.msgpack.encode((1, (b"a" * 16, "", ""), [(2, (3,), b"r" * 16, [[value]])]))
    with pytest.raises(DamagedError, match="field 3 of kind 2"):
        decode(data)


@pytest.mark.parametrize(
    "group",
    [
        (2, (3,), b"r" * 15, [["x"]]),
        (2, (3,), b"r" * 32, [["x"]]),
        (2, (3, 3), b"r" * 16, [["x"], ["y"]]),
        (2, (4, 3), b"r" * 16, [["x"], ["y"]]),
        (2, (3,), b"r" * 16, []),
        (0, (3,), b"r" * 16, [["x"]]),
        (2, (65536,), b"r" * 16, [["x"]]),
        (2, (1,), b"r" * 16 * (MAX_ROWS + 1), [[None] * (MAX_ROWS + 1)]),
    ],
)
def test_groups_whose_sizes_disagree_are_refused(group: tuple[object, ...]) -> None:
    with pytest.raises(DamagedError):
        decode(msgspec.msgpack.encode((1, (b"a" * 16, "", ""), [group])))


@pytest.mark.parametrize(
    "rows",
    [
        Rows(2, (3,), [(b"short", "x")]),
        Rows(2, (3,), [(b"r" * 16,)]),
        Rows(2, (3,), [("r" * 16, "x")]),
        Rows(2, (4, 3), [(b"r" * 16, "x", "y")]),
        Rows(0, (3,), [(b"r" * 16, "x")]),
    ],
)
def test_rows_that_do_not_fit_their_fields_are_refused_before_they_are_written(rows: Rows) -> None:
    with pytest.raises(ValueError, match="kind"):
        encode(Batch(1, ACT, [rows]))


def test_a_batch_needs_a_stamp_and_an_act() -> None:
    with pytest.raises(ValueError, match="stamp"):
        encode(Batch(0, ACT, []))
    with pytest.raises(ValueError, match="act"):
        encode(Batch(1, Act(b"short", "amy", "x"), []))

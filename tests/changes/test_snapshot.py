"""A snapshot comes back part by part, or is refused whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.changes import snapshot
from fsconsole.changes.batch import Rows
from fsconsole.changes.head import Applied
from fsconsole.changes.snapshot import Checked, Cover, Part
from fsconsole.changes.verdict import Problem, Verdict

from .made import EPOCH, KEY, LDN, LDS, NOW, RING, WORKSPACE, flipped, key_of

COVER = Cover((Applied(2, EPOCH, 5, b"g" * 32),), {2: 77}, 4, NOW, "0.1.0")
PARTS = [
    Part(Rows(1, (1, 2), [(bytes([n]) * 16, f"name {n}", n) for n in range(5)]), [(n, 0) for n in range(5)]),
    Part(Rows(2, (3,), [(b"f" * 16, None)]), []),
    Part(Rows(3, (3,), []), []),
]


def write(parts: list[Part] = PARTS, secret: bytes = LDN.sign, certificate: bytes = b"cert-LDN") -> bytes:
    pieces = snapshot.write(
        COVER, parts, workspace=WORKSPACE, site=1, certificate=certificate, key=KEY, salt=b"s" * 32, secret=secret
    )
    return b"".join(pieces)


WHOLE = write()


def check(data: bytes) -> Checked | Problem:
    return snapshot.check(io.BytesIO(data), WORKSPACE, key_of)


def parts(data: bytes) -> Iterator[object]:
    return snapshot.parts(io.BytesIO(data), RING)


def verdict(result: object) -> Verdict | None:
    return result.verdict if isinstance(result, Problem) else None


def test_a_snapshot_comes_back_part_by_part() -> None:
    checked = check(WHOLE)

    assert isinstance(checked, Checked)
    assert (checked.site, checked.key_id, checked.hash) == (1, next(iter(RING)), WHOLE[-96:-64])
    assert list(parts(WHOLE)) == [COVER, *PARTS]


def test_a_file_larger_than_one_reading_is_checked_whole() -> None:
    random = Random(3)
    rows = [(random.randbytes(16), random.randbytes(1000)) for _ in range(2500)]
    large = write([Part(Rows(1, (1,), rows), [])])

    assert len(large) > 2 << 20
    assert isinstance(check(large), Checked)
    for bit in (0, len(large) * 4, len(large) * 8 - 1):
        assert verdict(check(flipped(large, bit))) is not None


def test_every_single_flipped_bit_and_every_cut_is_refused() -> None:
    for bit in range(len(WHOLE) * 8):
        assert verdict(check(flipped(WHOLE, bit))) is not None, f"bit {bit} went through"
    for length in range(len(WHOLE)):
        assert verdict(check(WHOLE[:length])) in (Verdict.SHORT, Verdict.DAMAGED)


def test_a_snapshot_of_a_stranger_is_refused() -> None:
    assert verdict(check(write(secret=LDS.sign))) is Verdict.FORGED
    assert verdict(check(write(certificate=b"cert-???"))) is Verdict.UNCERTIFIED
    assert verdict(snapshot.check(io.BytesIO(WHOLE), b"another workspac", key_of)) is Verdict.FOREIGN
    assert verdict(next(snapshot.parts(io.BytesIO(WHOLE), {}))) is Verdict.LOCKED


def test_parts_of_an_unchecked_file_still_come_whole_in_order_or_not_at_all() -> None:
    random = Random(5)
    good = [COVER, *PARTS]
    for _ in range(300):
        found = list(parts(flipped(WHOLE, random.randrange(len(WHOLE) * 8))))
        whole = [part for part in found if not isinstance(part, Problem)]
        assert whole == good[: len(whole)]


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_end_in_a_verdict(data: bytes, like: bool) -> None:
    data = WHOLE[:67] + data if like else data

    assert verdict(check(data)) is not None
    assert all(isinstance(part, Problem) for part in parts(data))


def test_clocks_that_do_not_fit_their_rows_are_refused_before_they_are_written() -> None:
    rows = Rows(1, (1, 2), [(b"r" * 16, 1, 2)])

    wrong: list[list[tuple[int, ...]]] = [[(1,)], [(1, 2), (3, 4)]]
    for clocks in wrong:
        with pytest.raises(ValueError, match="clocks"):
            write([Part(rows, clocks)])

"""Only names that are ours to the letter are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.changes import names

READERS = (names.read_segment, names.read_head, names.read_site, names.read_epoch, names.read_hashed, names.read_invite)


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1), st.integers(0, 2**63 - 1), st.integers(1, 2047))
def test_a_name_reads_back(one: int, other: int, epoch: int, site: int) -> None:
    first, last = sorted((one, other))

    assert names.read_segment(names.segment(first, last)) == (first, last)
    assert names.read_head(names.head(one)) == one
    assert names.read_epoch(names.epoch(epoch)) == epoch
    assert names.read_site(names.site(site)) == site


def test_hashed_names_read_back_to_the_leading_half_of_the_hash() -> None:
    digest = bytes(range(32))

    assert names.read_hashed(names.member(digest)) == (digest[:16], "fsm")
    assert names.read_hashed(names.snapshot(digest)) == (digest[:16], "fss")
    assert names.read_invite(names.invite(digest[:8])) == digest[:8]


SEGMENT = names.segment(1, 9)
STEM = SEGMENT.removesuffix(".fsl")


@pytest.mark.fault(5, 6)
@pytest.mark.parametrize(
    "name",
    [
        f"{STEM}.sync-conflict-20261121-235203-RWQL5JO.fsl",
        f"{STEM} (1).fsl",
        f"{STEM} 2.fsl",
        f"{STEM} (ANN's conflicted copy 2026-11-21).fsl",
        f"{STEM}-DESKTOP.fsl",
        f"{STEM}_conflict-123.fsl",
        f".{SEGMENT}",
        f".syncthing.{SEGMENT}.tmp",
        f"~syncthing~{SEGMENT}.tmp",
        f"~${SEGMENT}",
        f"{SEGMENT}.part",
        f"{SEGMENT}.icloud",
        f"{SEGMENT}\n",
        SEGMENT.upper(),
        names.segment(9, 1),
        names.segment(0, 1),
        "f" * 16 + "-" + "f" * 16 + ".fsl",
        "",
        "00001-c0ffee00",
        "0000",
        "0800",
        names.temporary(SEGMENT, 7),
    ],
)
def test_copies_stubs_and_temporary_names_are_not_read(name: str) -> None:
    assert [reader(name) for reader in READERS] == [None] * len(READERS)


@given(st.text(max_size=50))
def test_any_text_is_a_name_of_ours_or_none(name: str) -> None:
    for reader in READERS:
        reader(name)


@pytest.mark.fault(6)
def test_a_temporary_name_is_one_that_sync_tools_leave_alone() -> None:
    assert names.temporary(SEGMENT, 7) == f"~syncthing~{SEGMENT}.00000007.tmp"

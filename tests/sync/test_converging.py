"""Any interleaving of saves and exchanges at three sites converges; own stamps are unique and rise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from fsconsole.changes.batch import Act
from fsconsole.store.record import save
from fsconsole.store.replay import verify
from fsconsole.store.tables import put
from fsconsole.sync.proof import prove
from tests.sync.made import Workspace, digest, files

FIELDS = ("title", "details", "order_number")


@contextmanager
def three() -> Iterator[Workspace]:
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        workspace.joined("LDS")
        workspace.joined("MAN")
        workspace.settle(2)
        try:
            yield workspace
        finally:
            workspace.close()


step = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)),
    st.tuples(st.just("sync"), st.integers(0, 2)),
    st.tuples(st.just("wait"), st.integers(-90, 400)),
    st.tuples(st.just("lose"), st.integers(0, 1_000)),
    st.tuples(st.just("fact"), st.integers(0, 2)),
)


def play(workspace: Workspace, steps: list[tuple[object, ...]]) -> None:
    rows = [bytes([9]) * 15 + bytes([number]) for number in range(3)]
    for what, *rest in steps:
        if what == "edit":
            site, row, field, value = rest
            office = workspace.offices[site]  # type: ignore[index]
            values = {FIELDS[field]: f"{value}"}  # type: ignore[index]
            office.saved.append(
                save(office.store, Act(office.ids(), "x", "edit"), [put("job", rows[row], **values)], workspace.clock.now())  # type: ignore[index]
            )
        elif what == "fact":
            workspace.offices[rest[0]].put("labour", None, job=rows[0], minutes=5)  # type: ignore[index]
        elif what == "sync":
            workspace.offices[rest[0]].sync()  # type: ignore[index]
        elif what == "wait":
            workspace.later(seconds=rest[0])  # type: ignore[arg-type]
        else:
            there = files(workspace.shared / "s")
            if there:
                there[rest[0] % len(there)].unlink()  # type: ignore[operator]


@settings(max_examples=6, deadline=None)
@given(steps=st.lists(step, max_size=30))
def test_any_interleaving_converges_whatever_is_deleted_meanwhile(steps: list[tuple[object, ...]]) -> None:
    with three() as workspace:
        play(workspace, steps)
        workspace.settle(4)
        assert len({digest(office.store) for office in workspace.offices}) == 1
        for office in workspace.offices:
            assert office.saved == sorted(set(office.saved))
            assert verify(office.store).difference == ""
            assert office.sync().says == ()


@pytest.mark.long
@pytest.mark.parametrize("part", range(8))
def test_two_thousand_interleavings_converge(part: int) -> None:
    @seed(part)
    @settings(max_examples=250, deadline=None, database=None)
    @given(steps=st.lists(step, max_size=60))
    def any_interleaving(steps: list[tuple[object, ...]]) -> None:
        with three() as workspace:
            play(workspace, steps)
            workspace.settle(4)
            assert len({digest(office.store) for office in workspace.offices}) == 1

    any_interleaving()


def test_a_long_random_day_converges_and_is_proved() -> None:
    random = Random(11)
    with three() as workspace:
        for _ in range(160):
            office = random.choice(workspace.offices)
            job = bytes([8]) * 15 + bytes([random.randrange(12)])
            if random.random() < 0.6:
                office.job(f"Title {random.randrange(50)}", job)
            else:
                office.sync()
            workspace.later(seconds=random.randrange(60))
        workspace.settle(4)
        assert len({digest(office.store) for office in workspace.offices}) == 1
        for office in workspace.offices:
            proof = prove(office.store, office.home)
            assert proof.good, proof.in_words()
            assert proof.frames > 10

"""Who may write the folder and has no key: what such a one lays down under our names stops nobody and is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fsconsole.changes import names
from fsconsole.doctor import examine
from fsconsole.store import exchange as books
from fsconsole.sync.folder import LARGE, RealDisk
from fsconsole.sync.status import summary
from tests.sync.made import Office, Workspace, digest, files

Pair = tuple[Workspace, Office, Office]


def directories(workspace: Workspace) -> list[Path]:
    """Where the two sites' frames lie."""
    return [path for path in sorted(workspace.shared.glob("s/000[12]/*")) if path.is_dir()]


def at_peace(pair: Pair) -> None:
    """Both have read everything of each other, and say so."""
    workspace, ldn, lds = pair
    workspace.settle(4)
    assert digest(ldn.store) == digest(lds.store)
    for office in (ldn, lds):
        assert summary(office.store, workspace.clock.now()).text == "in sync"


@pytest.mark.fault(19, 28)
@pytest.mark.parametrize("what", ["a pipe", "a folder", "a link to itself", "a link to a device"])
def test_what_is_no_file_under_any_name_hangs_nobody_and_work_goes_on(pair: Pair, what: str) -> None:
    workspace, ldn, lds = pair
    ldn.job("One")
    lds.job("Two")
    at_peace(pair)

    def lay(path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        {
            "a pipe": os.mkfifo,
            "a folder": os.mkdir,
            "a link to itself": lambda one: os.symlink(one, one),
            "a link to a device": lambda one: os.symlink("/dev/zero", one),
        }[what](path)

    for path in files(workspace.shared / "s", ".fsl") + files(workspace.shared / "s", ".fsh"):
        path.unlink()
        lay(path)
    for folder in directories(workspace):
        lay(folder / names.segment(40, 41))
        lay(folder / names.head(900))
    lay(workspace.shared / "m" / f"{'0' * 32}.fsm")
    lay(workspace.shared / "snap" / f"{'0' * 32}.fss")
    ldn.job("Three")
    workspace.settle(3)
    assert lds.titles() == ["One", "Three", "Two"]
    marker = workspace.shared / names.MARKER
    marker.rename(workspace.root / "kept")
    lay(marker)
    assert not ldn.sync().online


@pytest.mark.fault(19)
def test_a_file_without_end_is_read_as_far_as_one_of_its_kind_can_reach(pair: Pair) -> None:
    workspace, ldn, lds = pair
    at_peace(pair)
    for path in (
        workspace.shared / "m" / f"{'0' * 32}.fsm",
        directories(workspace)[1] / names.head(900),
        directories(workspace)[1] / names.segment(2, 2),
    ):
        with path.open("wb") as file:
            file.truncate(1 << 40)
    assert len(RealDisk().read(workspace.shared / "m" / f"{'0' * 32}.fsm")) == LARGE
    lds.job("Two")
    workspace.settle(2)
    assert ldn.titles() == ["Two"]


@pytest.mark.fault(3, 19)
def test_names_alone_make_no_gap_no_stop_and_no_second_copy(pair: Pair) -> None:
    workspace, ldn, lds = pair
    at_peace(pair)
    epochs = [office.store.own("epoch") for office in (ldn, lds)]
    for folder in directories(workspace):
        (folder / names.segment(20, 30)).write_bytes(b"junk")
    made_up = workspace.shared / "s" / "0001" / names.epoch(7 << 32 | 5)
    made_up.mkdir()
    (made_up / names.segment(1, 1)).write_bytes(b"junk")
    (workspace.shared / "s" / "0001" / names.epoch((1 << 31) - 1 << 32)).mkdir()
    says = [*ldn.sync().says, *lds.sync().says]
    assert all("If it stays, remove the file" in one for one in says), says
    assert any(names.segment(20, 30) in one for one in says)
    at_peace(pair)
    found = [one for one in examine(lds.home, workspace.clock.now()) if one.what in ("other site", "held back")]
    assert [(one.what, one.good) for one in found] == [("other site", True), *[("held back", False)] * 3]
    assert [office.store.own("epoch") for office in (ldn, lds)] == epochs
    for path in workspace.shared.glob(f"s/*/*/{names.segment(20, 30)}"):
        path.unlink()
    (made_up / names.segment(1, 1)).unlink()
    assert (ldn.sync().says, lds.sync().says) == ((), ())
    assert books.held(ldn.store.raw) == books.held(lds.store.raw) == []


@pytest.mark.fault(19)
def test_made_up_heads_neither_silence_a_site_nor_stay(pair: Pair) -> None:
    workspace, ldn, _ = pair
    at_peace(pair)
    (counter, _, _) = books.heads(ldn.store.raw)[1]
    ours = directories(workspace)[0]
    (ours / names.head((1 << 63) - 1)).write_bytes(b"junk")
    (ours / names.head(counter + 1)).write_bytes(b"junk")
    ldn.job("One")
    at_peace(pair)
    assert (ours / names.head((1 << 63) - 1)).exists() is False
    (ours / names.head(books.heads(ldn.store.raw)[1][0])).write_bytes(b"junk")
    ldn.sync()
    assert (ours / names.head(books.heads(ldn.store.raw)[1][0])).read_bytes() == books.heads(ldn.store.raw)[1][1]


@pytest.mark.fault(12, 19)
def test_an_epoch_number_made_up_by_a_stranger_does_not_stop_a_restored_site(pair: Pair) -> None:
    workspace, ldn, _ = pair
    ldn.job("One")
    at_peace(pair)
    far = workspace.shared / "s" / "0001" / names.epoch((1 << 31) - 1 << 32)
    far.mkdir()
    (far / names.segment(1, 1)).write_bytes(b"junk")
    ldn.store.set_own(restoring=1)
    ldn.sync()
    assert ldn.store.own("epoch") >> 32 == 2
    at_peace(pair)

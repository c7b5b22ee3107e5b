"""Small files become few, whatever order they lie in, and no frame is ever without a file."""

from __future__ import annotations

from random import Random

from fsconsole.sync.folder import Folder, Segment
from fsconsole.sync.rollup import LARGEST, merged_runs
from tests.sync.made import Office, Workspace, digest, files

Pair = tuple[Workspace, Office, Office]


def joined(run: list[Segment]) -> Segment:
    return Segment(1, 1, run[0].first, run[-1].last, sum(file.size for file in run))


def test_thousands_of_small_files_become_a_few_larger_ones_that_hold_every_frame() -> None:
    random = Random(3)
    here: list[Segment] = []
    for seq in range(1, 4001):
        here.append(Segment(1, 1, seq, seq, random.choice([300, 340, 900, 5_000])))
        for run in merged_runs(here):
            one = joined(run)
            assert [a.last + 1 for a in run[:-1]] == [b.first for b in run[1:]]
            assert one.size <= LARGEST
            here = [*(file for file in here if file not in run), one]
    assert len(here) < 150
    assert sorted(seq for file in here for seq in range(file.first, file.last + 1)) == list(range(1, 4001))


def test_files_that_a_larger_one_holds_are_not_merged_again() -> None:
    small = [Segment(1, 1, seq, seq, 300) for seq in range(1, 25)]
    assert merged_runs(small) == [small]
    assert merged_runs([*small, joined(small)]) == []


def test_files_that_together_are_as_large_as_a_file_may_be_are_merged_though_few() -> None:
    large = [Segment(1, 1, seq, seq, LARGEST // 5) for seq in range(1, 8)]
    assert merged_runs(large) == [large[:5]]


def test_small_files_go_once_everybody_has_read_them_and_nothing_is_lost(pair: Pair) -> None:
    workspace, ldn, lds = pair
    for number in range(30):
        ldn.job(f"Job {number}")
        ldn.sync()
    many = len(files(workspace.shared / "s" / "0001", ".fsl"))
    workspace.settle(3)
    assert len(files(workspace.shared / "s" / "0001", ".fsl")) < many - 20
    third = workspace.joined("MAN")
    workspace.settle(2)
    assert digest(third.store) == digest(ldn.store) == digest(lds.store)


def test_a_look_at_the_folder_asks_no_size_of_what_was_read_and_an_emptied_file_is_not_taken_for_whole(pair: Pair) -> None:
    workspace, ldn, _ = pair
    workspace.settle()
    ldn.job("One")
    ldn.sync()
    folder = Folder(workspace.shared)
    key = next(key for key in folder.listing().segments if key[0] == 1)
    last = folder.listing().segments[key][-1]
    read = folder.listing({key: last.last}).segments[key][-1]
    assert (read.last, read.size) == (last.last, 0)
    assert last.size > 0
    assert folder.holds(read)
    (workspace.shared / last.path).write_bytes(b"")
    assert not folder.holds(read)
    assert last.path not in [one.path for one in folder.listing().segments[key]]

"""What a newer version wrote waits and is merged after the upgrade; forks, folding names and folders that roll back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from fsconsole.changes.batch import Act, Batch, Rows
from fsconsole.store import migrations
from fsconsole.store.apply import apply
from fsconsole.store.fields import Word
from fsconsole.store.record import log, next_stamp
from fsconsole.store.tables import BY_NAME
from fsconsole.sync.proof import prove
from tests.sync.made import Office, Workspace, digest, files
from tests.sync.simulator import Disk, Simulation, Step, World

NEW_FIELD = 900


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def write_newer(office: Office, row: bytes, value: str) -> None:
    """Saves a column that this version has no name for."""
    rows = [Rows(kind=BY_NAME["job"].kind, fields=(NEW_FIELD,), rows=[(row, value)])]
    with office.store.writing() as conn:
        batch = Batch(next_stamp(conn, office.store.site, office.clock.now()), Act(office.ids(), "amy", "newer"), rows)
        apply(conn, batch)
        log(conn, batch)


@pytest.mark.fault(24)
def test_a_field_of_a_newer_version_waits_and_its_last_write_stands_after_the_upgrade(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ldn, lds = workspace.first, workspace.joined("LDS")
    job = ldn.job("Boiler down")
    workspace.settle()
    # Written in one order, read in another: the later write must stand.
    write_newer(lds, job, "first")
    workspace.later(minutes=1)
    write_newer(ldn, job, "second")
    workspace.settle()
    for office in (ldn, lds):
        assert office.store.sql("SELECT value FROM parked ORDER BY stamp") == [("first",), ("second",)]
        assert office.titles() == ["Boiler down"]
        assert prove(office.store, office.home).good
    # The upgrade: the column has a name now.
    import fsconsole.store.apply as applying

    known = dict(BY_NAME["job"].columns)
    column = Word(NEW_FIELD)
    column.column_name = column.name = "newer"
    monkeypatch.setattr(BY_NAME["job"], "columns", {**known, "newer": column})
    applying._statement.cache_clear()

    def wider(db: object, conn: sqlite3.Connection) -> None:
        conn.execute("ALTER TABLE job ADD COLUMN newer TEXT NOT NULL DEFAULT ''")
        conn.execute("ALTER TABLE job ADD COLUMN c_newer BIGINT NOT NULL DEFAULT 0")

    monkeypatch.setattr(migrations, "STEPS", [*migrations.STEPS, wider])
    monkeypatch.setattr(migrations, "VERSION", migrations.VERSION + 1)
    for office in (ldn, lds):
        migrations.migrate(office.store.raw)
        assert office.store.sql("SELECT newer FROM job WHERE id = ?", (job,)) == [("second",)]
        assert office.store.sql("SELECT * FROM parked") == []
    applying._statement.cache_clear()


@pytest.mark.fault(17)
@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_fork_is_cut_alike_whichever_branch_a_site_saw_first(world: World, order: tuple[int, ...]) -> None:
    simulation = world.simulation(5)
    ldn, lds, man = simulation.sites
    simulation.play([Step("edit", 1, 0, 0), Step("sync", 1, 0, 0), Step("everything", 0, 0, 0)])
    simulation.play([Step("sync", 0, 0, 0), Step("sync", 2, 0, 0), Step("keep", 1, 0, 0)])
    before = dict(lds.disk.files)
    branches = []
    for number in range(2):
        # The whole machine, its copy of the folder included, goes back and writes the same number again.
        assert lds.kept is not None
        lds.kept.backup(lds.office.store.raw)
        lds.office.store.set_own()
        lds.disk.files = dict(before)
        simulation.do_edit(lds, Step("edit", 1, 1 + number, 3 + number))
        simulation.do_sync(lds, Step("sync", 1, 0, 0))
        branches.append({name: data for name, data in lds.disk.files.items() if name not in before and name.endswith(".fsl")})
    assert set(branches[0]) == set(branches[1])
    lds.went_back = True
    for site, first in ((ldn, order[0]), (man, order[1])):
        site.disk.files |= branches[first]
        site.office.sync()
        site.disk.files |= branches[1 - first]
        site.office.sync()
    # Two files of one name: each side has read only one branch. Relayed, wanted or put back, both must reach everyone.
    simulation.finish()
    for site in simulation.sites:
        titles = site.office.store.sql("SELECT count(*) FROM log WHERE site = 2")
        assert titles == ldn.office.store.sql("SELECT count(*) FROM log WHERE site = 2")


@pytest.mark.fault(8)
def test_a_folder_that_does_not_tell_case_apart_serves_all_the_same(world: World) -> None:
    simulation = world.simulation(3)
    for site in simulation.sites:
        site.disk.folding = True
    for number in range(4):
        simulation.play([Step("edit", site, number, site) for site in range(3)])
        simulation.play(
            [Step("conflict", 1, number, 2), Step("sync", 0, 0, 0), Step("sync", 1, 0, 0), Step("everything", 0, 0, 0)]
        )
    names = [name for site in simulation.sites for name in site.disk.files if "/" in name and name == name.lower()]
    assert len({name.lower() for name in names}) == len(set(names))
    simulation.finish()


@pytest.mark.fault(21)
def test_a_site_whose_folder_rolls_back_publishes_again_and_loses_nothing(world: World) -> None:
    simulation: Simulation = world.simulation(4)
    ldn = simulation.sites[0]
    before = dict(ldn.disk.files)
    for number in range(3):
        simulation.play([Step("edit", 0, number, number), Step("sync", 0, 0, 0)])
    simulation.play([Step("everything", 0, 0, 0), Step("sync", 1, 0, 0), Step("edit", 1, 1, 1), Step("sync", 1, 0, 0)])
    simulation.play([Step("everything", 0, 0, 0), Step("sync", 0, 0, 0)])
    logged = ldn.office.store.sql("SELECT count(*) FROM log")
    for site in simulation.sites:
        site.disk.files = dict(before)
    report = ldn.office.sync()
    assert report.sent >= 3
    assert ldn.office.store.sql("SELECT count(*) FROM log") == logged
    assert ldn.office.store.own("series_epoch") is None, "nothing was restored here"
    simulation.finish()


@pytest.mark.fault(13)
def test_a_disk_of_the_simulator_loses_what_was_not_fsynced() -> None:
    disk = Disk(Path("/f"), {})
    disk.write(Path("/f/a"), b"whole")
    disk.rename(Path("/f/a"), Path("/f/b"))
    disk.pull_the_plug()
    assert disk.files in ({"a": b"w"}, {"b": b"whole"[:1]}, {"a": b"whole"})
    disk.files.clear()
    disk.write(Path("/f/c"), b"whole")
    disk.sync(Path("/f/c"))
    disk.rename(Path("/f/c"), Path("/f/d"))
    disk.sync_folder(Path("/f"))
    disk.pull_the_plug()
    assert disk.files == {"d": b"whole"}


@pytest.mark.fault(8)
def test_no_file_of_a_workspace_differs_from_another_by_case_only(workspace: Workspace) -> None:
    workspace.joined("LDS")
    workspace.settle()
    there = [str(path) for path in files(workspace.shared)]
    assert len({name.lower() for name in there}) == len(there)
    assert digest(workspace.first.store)

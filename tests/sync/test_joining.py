"""Starting a workspace, inviting and joining: in two minutes, once, and each wrong invitation refused with its own words."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from fsconsole.changes import names
from fsconsole.errors import SyncError
from fsconsole.store.opening import Store
from fsconsole.sync.folder import RealDisk
from fsconsole.sync.founding import attach, found, invite, join
from fsconsole.sync.identity import identify, key_path, read_keys
from fsconsole.sync.members import remove
from fsconsole.sync.status import summary
from tests.sync.made import NOON, Office, Workspace, digest, files


def enter(workspace: Workspace, code: str, home: str = "NEW", **more: Any) -> Store:
    return join(
        workspace.home(home), shared=workspace.shared, code=code, now=workspace.clock.now(), ids=workspace.ids, by="bob",
        **{"draw": workspace.random.randbytes, **more},
    )  # fmt: skip


def test_a_founder_has_its_site_its_policies_and_private_keys(workspace: Workspace) -> None:
    ldn = workspace.first
    assert ldn.store.sql("SELECT code, name, number, role FROM site") == [("LDN", "Acme", 1, "owner")]
    assert ldn.store.sql("SELECT name, value FROM policy ORDER BY name") == [
        ("currency", '"GBP"'),
        ("timezone", '"Europe/London"'),
    ]
    assert (ldn.store.code, ldn.store.currency, str(ldn.store.zone)) == ("LDN", "GBP", "Europe/London")
    path = key_path(ldn.home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [one for one in files(workspace.shared) if read_keys(ldn.home).keys.sign in one.read_bytes()]
    assert read_keys(ldn.home).keys.sign not in ldn.home.store.read_bytes()


def test_a_second_workspace_is_refused_in_the_same_home_or_folder(workspace: Workspace) -> None:
    with pytest.raises(SyncError, match="stands in"):
        _found(workspace, "LDN", None)
    with pytest.raises(SyncError, match="Another workspace stands"):
        _found(workspace, "XYZ", workspace.shared)


def _found(workspace: Workspace, home: str, shared: Path | None) -> Store:
    return found(
        workspace.home(home), code="LDN", name="Acme", shared=shared, currency="GBP", timezone="Europe/London", now=NOON,
        ids=workspace.ids, by="amy",
    )  # fmt: skip


@pytest.mark.parametrize("code", ["", "1LD", "LD N", "TOOLONGCODE", "LÖN"])
def test_a_code_that_cannot_be_a_sites_is_refused(workspace: Workspace, code: str) -> None:
    with pytest.raises(SyncError, match="cannot be a site's code"):
        invite(workspace.first.store, workspace.first.home, code=code, role="billing", now=NOON, days=7)


def test_the_folder_can_be_added_later(workspace: Workspace, tmp_path: Path) -> None:
    store = _found(workspace, "solo", None)
    with pytest.raises(SyncError, match="Without a shared folder nobody can join"):
        invite(store, workspace.home("solo"), code="LDS", role="billing", now=NOON, days=7)
    attach(store, workspace.home("solo"), tmp_path / "later", NOON)
    made = invite(store, workspace.home("solo"), code="LDS", role="billing", now=NOON, days=7)
    assert (made.site, made.role, len(made.code)) == ("LDS", "billing", 19)
    store.close()


@pytest.mark.fault(15)
@pytest.mark.parametrize("harm", ["deleted", "damaged", "cut"])
def test_a_marker_that_went_away_is_written_again_by_the_first_office_alone(workspace: Workspace, harm: str) -> None:
    ldn, lds = workspace.first, workspace.joined("LDS")
    marker = workspace.shared / names.MARKER
    whole = marker.read_bytes()
    marker.write_bytes({"damaged": whole[:60] + bytes([whole[60] ^ 4]) + whole[61:], "cut": whole[:50]}.get(harm, b""))
    if harm == "deleted":
        marker.unlink()
    lds.job("Meanwhile")
    assert "Nothing is written there. Work goes on" in lds.sync().in_words()
    with pytest.raises(SyncError, match="only its first office can write one.*at LDN: fsconsole share DIR"):
        attach(lds.store, lds.home, workspace.shared, NOON)
    assert "marker was written there" in attach(ldn.store, ldn.home, workspace.shared, NOON)
    assert marker.read_bytes() == whole
    workspace.settle()
    assert ldn.titles() == ["Meanwhile"]


def test_a_workspace_moves_to_another_folder_and_to_no_other_workspaces(workspace: Workspace, tmp_path: Path) -> None:
    ldn, lds = workspace.first, workspace.joined("LDS")
    workspace.settle()
    other = _found(workspace, "other", tmp_path / "others")
    before = [(path, path.read_bytes()) for path in files(tmp_path / "others")]
    with pytest.raises(SyncError, match="is not this workspace's folder.* Nothing is written there"):
        attach(ldn.store, ldn.home, tmp_path / "others", NOON)
    assert [(path, path.read_bytes()) for path in files(tmp_path / "others")] == before
    attach(ldn.store, ldn.home, tmp_path / "new", NOON)
    assert attach(lds.store, lds.home, tmp_path / "new", NOON).startswith("LDS exchanges through")
    lds.job("Through the new folder")
    workspace.settle()
    assert ldn.titles() == ["Through the new folder"]
    other.close()


def test_a_joined_site_is_at_work_at_once_and_certified_at_the_owners_next_sync(workspace: Workspace) -> None:
    workspace.first.job("Boiler down")
    office = workspace.joined("LDS")
    assert office.titles() == ["Boiler down"]
    assert (office.store.code, office.store.currency, str(office.store.zone), office.store.site) == (
        "LDS",
        "GBP",
        "Europe/London",
        2,
    )
    office.job("First of ours")
    office.sync()
    workspace.first.sync()
    assert workspace.first.titles() == ["Boiler down", "First of ours"]
    workspace.settle()
    member = identify(office.store.raw, read_keys(office.home)).members.current[2]
    assert (member.lasting, member.role) == (True, "billing")
    office.job("Under the lasting certificate")
    workspace.settle()
    assert digest(office.store) == digest(workspace.first.store)


def test_a_code_typed_in_small_letters_without_dashes_is_understood(workspace: Workspace) -> None:
    code = workspace.invited("LDS")
    store = enter(workspace, code.lower().replace("-", " "))
    assert store.code == "LDS"
    store.close()


@pytest.mark.fault(19)
def test_each_wrong_invitation_ends_in_its_own_words(workspace: Workspace) -> None:
    code = workspace.invited("LDS")
    path = files(workspace.shared / "inv")[0]
    good = path.read_bytes()
    with pytest.raises(SyncError, match="16 letters and digits"):
        enter(workspace, "7K3M")
    with pytest.raises(SyncError, match="opens no invitation"):
        enter(workspace, "0000-0000-0000-0000")
    path.write_bytes(good[:-40] + b"\1" + good[-39:])
    with pytest.raises(SyncError, match="altered"):
        enter(workspace, code)
    path.write_bytes(good[:60])
    with pytest.raises(SyncError, match="Not all of this invitation"):
        enter(workspace, code)
    path.write_bytes(good)
    workspace.later(days=8)
    with pytest.raises(SyncError, match="has expired"):
        enter(workspace, code)
    workspace.clock.move(NOON)
    enter(workspace, code).close()
    with pytest.raises(SyncError, match="was used or withdrawn"):
        enter(workspace, code, "OTHER")
    with pytest.raises(SyncError, match="stands in"):
        enter(workspace, code)


def test_an_invitation_that_was_lost_is_given_anew_and_the_lost_code_opens_nothing(workspace: Workspace) -> None:
    lost = workspace.invited("LDS")
    code = workspace.invited("LDS")
    assert len(files(workspace.shared / "inv")) == 1
    with pytest.raises(SyncError, match="The invitation for LDS was used or withdrawn"):
        enter(workspace, lost)
    store = enter(workspace, code)
    workspace.settle()
    assert (store.code, store.site) == ("LDS", 3)
    # Letters of invoice numbers are never given twice, not even after an invitation that nobody used.
    members = identify(workspace.first.store.raw, read_keys(workspace.first.home)).members
    assert (members.current[3].series, members.troubles) == ("LDSA", ())
    with pytest.raises(SyncError, match="LDS is a site already"):
        workspace.invited("LDS")
    store.close()


def test_an_invitation_that_nobody_used_is_withdrawn_by_removing_its_site(workspace: Workspace) -> None:
    ldn, code = workspace.first, workspace.invited("LDS")
    assert "was withdrawn" in remove(ldn.store, ldn.home, "lds", workspace.clock.now())
    assert files(workspace.shared / "inv") == []
    with pytest.raises(SyncError, match="was used or withdrawn"):
        enter(workspace, code)
    with pytest.raises(SyncError, match="There is no site LDS"):
        remove(ldn.store, ldn.home, "LDS", workspace.clock.now())
    assert ldn.store.one("SELECT role FROM site WHERE code = 'LDS'") == ("withdrawn",)


def test_the_code_of_a_site_that_was_removed_opens_nothing_any_more(workspace: Workspace) -> None:
    code = workspace.invited("LDS")
    enter(workspace, code).close()
    workspace.settle()
    ldn = workspace.first
    remove(ldn.store, ldn.home, "LDS", workspace.clock.now())
    with pytest.raises(SyncError, match="The invitation for LDS was used or withdrawn"):
        enter(workspace, code, "AGAIN")
    # Its own home is a site still, which may not join a second time either.
    with pytest.raises(SyncError, match="stands in"):
        enter(workspace, code)


@pytest.mark.fault(16)
def test_who_invites_puts_back_what_was_deleted_of_other_sites_so_that_nobody_waits_for_them(workspace: Workspace) -> None:
    lds = workspace.joined("LDS")
    lds.job("From Leeds")
    workspace.settle()
    # Leeds is on holiday, and somebody has tidied up.
    workspace.offices.remove(lds)
    shutil.rmtree(workspace.shared / "s" / "0002")
    code = workspace.invited("MAN")
    store = enter(workspace, code)
    assert store.sql("SELECT title FROM job") == [("From Leeds",)]
    shutil.rmtree(workspace.shared / "s" / "0002")
    workspace.first.sync()
    assert not (workspace.shared / "s" / "0002").exists()  # nobody is invited any more, and nobody misses it
    store.close()
    lds.store.close()


def test_no_workspace_no_join(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="has no workspace's marker"):
        join(workspace.home("NEW"), shared=_folder(tmp_path / "none"), code="0" * 16, now=NOON, ids=workspace.ids, by="bob")


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.fault(21)
def test_a_folder_older_than_the_invitation_is_refused_until_it_is_whole(workspace: Workspace) -> None:
    workspace.first.job("One")
    code = workspace.invited("LDS")
    path = files(workspace.shared / "s" / "0001", ".fsl")[0]
    data = path.read_bytes()
    path.unlink()
    with pytest.raises(SyncError, match="older than the invitation"):
        enter(workspace, code)
    path.write_bytes(data)
    store = enter(workspace, code)
    assert store.code == "LDS"
    store.close()


def carried(source: Path, target: Path) -> None:
    """The folder copied onto a stick, or from it, over what lies there."""
    shutil.copytree(source, target, dirs_exist_ok=True)


def test_an_office_joins_over_a_usb_stick_carried_to_and_fro(workspace: Workspace, tmp_path: Path) -> None:
    ldn = workspace.first
    ldn.job("One")
    code = workspace.invited("LDS")
    stick, there = tmp_path / "stick", tmp_path / "leeds"
    carried(workspace.shared, stick)
    carried(stick, there)
    home = workspace.home("LDS")
    store = join(
        home, shared=there, code=code, now=workspace.clock.now(), ids=workspace.ids, by="bob", draw=workspace.random.randbytes
    )
    lds = Office(home, store, workspace.clock, workspace.ids, workspace.random.randbytes)
    workspace.offices.append(lds)
    assert lds.titles() == ["One"]
    lds.job("Two")
    lds.sync()
    carried(there, stick)
    ldn.job("Three")
    carried(stick, workspace.shared)
    ldn.sync()
    assert ldn.titles() == ["One", "Three", "Two"]
    assert summary(ldn.store, workspace.clock.now()).level != "synced"  # LDS cannot have told that it has Three
    carried(workspace.shared, stick)
    carried(stick, there)
    lds.sync()
    assert lds.titles() == ["One", "Three", "Two"]
    carried(there, stick)
    carried(stick, workspace.shared)
    ldn.sync()
    assert summary(ldn.store, workspace.clock.now()).text == "in sync"
    assert digest(ldn.store) == digest(lds.store)


class Dying(RealDisk):
    """A disk whose program dies at the n-th call that changes something."""

    def __init__(self, left: int) -> None:
        self.left = left

    def _tick(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def make_folder(self, path: Path) -> None:
        self._tick()
        super().make_folder(path)

    def write(self, path: Path, data: bytes) -> None:
        if self.left == 0:
            super().write(path, data[: len(data) // 3])
        self._tick()
        super().write(path, data)

    def sync(self, path: Path) -> None:
        self._tick()
        super().sync(path)

    def rename(self, path: Path, to: Path) -> None:
        self._tick()
        super().rename(path, to)

    def sync_folder(self, path: Path) -> None:
        self._tick()
        super().sync_folder(path)


def test_a_join_that_was_broken_off_anywhere_is_taken_up_with_the_same_code(workspace: Workspace) -> None:
    for steps in range(40):
        code = workspace.invited(f"S{steps}")
        try:
            enter(workspace, code, f"S{steps}", disk=Dying(steps)).close()
        except KeyboardInterrupt:
            pass
        else:
            break
        try:
            store = enter(workspace, code, f"S{steps}")
        except SyncError as error:
            # It had come as far as a store of its own: then it is at work.
            if "stands in" not in str(error):
                raise
            continue
        assert store.code == f"S{steps}"
        store.close()
    else:
        raise AssertionError("the join never came to its end")
    assert steps > 5


def test_two_who_answer_one_invitation_are_neither_believed_until_an_owner_decides(workspace: Workspace) -> None:
    code = workspace.invited("LDS")
    before = {path: path.read_bytes() for path in files(workspace.shared)}
    enter(workspace, code, "ONE").close()
    answer = {path: path.read_bytes() for path in files(workspace.shared / "m") if path not in before}
    for path in answer:
        path.unlink()
    enter(workspace, code, "TWO").close()
    for path, data in answer.items():
        path.write_bytes(data)
    report = workspace.first.sync()
    assert any("answered 2 times" in says for says in report.says)
    assert 2 not in identify(workspace.first.store.raw, read_keys(workspace.first.home)).members.current


def test_names_in_the_folder_are_only_ours(workspace: Workspace) -> None:
    workspace.joined("LDS").job()
    workspace.settle()
    for path in files(workspace.shared):
        name = path.name
        known = [names.read_segment(name), names.read_head(name), names.read_hashed(name), names.read_invite(name)]
        assert name == names.MARKER or any(one is not None for one in known), name


@pytest.mark.fault(19)
def test_an_invitation_leaves_the_folder_once_it_was_used_or_has_expired_and_its_words_stay(workspace: Workspace) -> None:
    used, late = workspace.invited("LDS"), workspace.invited("MAN")
    assert len(files(workspace.shared / "inv")) == 2
    enter(workspace, used).close()
    workspace.first.sync()
    assert len(files(workspace.shared / "inv")) == 1
    with pytest.raises(SyncError, match="for LDS was used or withdrawn"):
        enter(workspace, used, "OTHER")
    workspace.later(days=8)
    workspace.first.sync()
    assert files(workspace.shared / "inv") == []
    with pytest.raises(SyncError, match="for MAN has expired"):
        enter(workspace, late, "OTHER")

"""Removing a site: at a position, for ever, alike at every site whatever arrived first."""

from __future__ import annotations

import pytest

from fsconsole.errors import SyncError
from fsconsole.sync.identity import identify, read_keys
from fsconsole.sync.members import remove
from fsconsole.sync.proof import prove
from fsconsole.sync.status import own_trouble, summary
from tests.sync.made import Office, Workspace, digest

Three = tuple[Workspace, Office, Office, Office]


@pytest.fixture
def three(workspace: Workspace) -> Three:
    lds, man = workspace.joined("LDS"), workspace.joined("MAN")
    workspace.settle()
    return workspace, workspace.first, lds, man


@pytest.mark.fault(31)
def test_what_a_removed_site_writes_later_counts_nowhere(three: Three) -> None:
    workspace, ldn, lds, man = three
    man.job("Before")
    workspace.settle()
    words = remove(ldn.store, ldn.home, "MAN", workspace.clock.now())
    assert words.startswith("MAN was removed after its frame")
    man.job("After")
    # Its software does not look at the membership log any more.
    man.sync()
    workspace.settle()
    assert ldn.titles() == lds.titles() == ["Before"]
    assert digest(ldn.store) == digest(lds.store)
    assert "removed from the workspace" in man.sync().in_words()
    assert "what is written here from now on reaches nobody" in own_trouble(man.store, workspace.clock.now())[0]
    assert summary(man.store, workspace.clock.now()).text == "removed"
    assert own_trouble(lds.store, workspace.clock.now()) == ("", "")


@pytest.mark.fault(31)
def test_a_removal_that_arrives_after_later_frames_takes_them_back(three: Three) -> None:
    workspace, ldn, lds, man = three
    job = man.job("Before")
    workspace.settle()
    # LDS reads what MAN wrote at the end; LDN, which removes it, had not.
    man.job("At the end", job)
    man.job("More")
    man.sync()
    lds.sync()
    assert lds.titles() == ["At the end", "More"]
    aside = {path: path.read_bytes() for path in (workspace.shared / "s" / "0003").rglob("*.fsl")}
    newest = max(aside)
    newest.unlink()
    remove(ldn.store, ldn.home, "MAN", workspace.clock.now())
    newest.write_bytes(aside[newest])
    workspace.offices.remove(man)
    workspace.settle()
    assert ldn.titles() == lds.titles() == ["Before"]
    assert digest(ldn.store) == digest(lds.store)
    assert prove(lds.store, lds.home).good
    man.store.close()


def test_a_removed_site_is_given_no_new_key_and_the_others_are(three: Three) -> None:
    workspace, ldn, lds, man = three
    remove(ldn.store, ldn.home, "MAN", workspace.clock.now())
    workspace.settle()
    ldn.job("Secret")
    workspace.settle()
    assert lds.titles() == ["Secret"]
    assert len(read_keys(lds.home).ring) == len(read_keys(ldn.home).ring) == 2
    assert len(read_keys(man.home).ring) == 1


def test_only_an_owner_removes_and_only_who_is_there(three: Three) -> None:
    workspace, ldn, lds, _ = three
    with pytest.raises(SyncError, match="There is no site XXX"):
        remove(ldn.store, ldn.home, "XXX", workspace.clock.now())
    with pytest.raises(SyncError, match="may not remove"):
        remove(lds.store, lds.home, "MAN", workspace.clock.now())
    with pytest.raises(SyncError, match="may not remove"):
        remove(ldn.store, ldn.home, "LDN", workspace.clock.now())


def test_a_removed_number_and_code_can_be_invited_again(three: Three) -> None:
    workspace, ldn, _, man = three
    remove(ldn.store, ldn.home, "MAN", workspace.clock.now())
    man.store.close()
    workspace.offices.remove(man)
    code = workspace.invited("MAN")
    assert len(code) == 19
    assert 4 in {one.site for one in identify(ldn.store.raw, read_keys(ldn.home)).members.invites.values()}


def test_the_command_line_removes_a_site_and_says_why_it_cannot(three: Three, capsys: pytest.CaptureFixture[str]) -> None:
    from fsconsole.cli import run

    workspace, ldn, lds, man = three
    assert run(["--home", str(ldn.home.data), "site", "remove", "man"]) == 0
    assert "Whatever it writes from now on counts nowhere." in capsys.readouterr().out
    man.job("After")
    workspace.settle()
    assert ldn.titles() == lds.titles() == []
    assert run(["--home", str(lds.home.data), "site", "remove", "LDN"]) != 0
    assert "may not remove" in capsys.readouterr().err

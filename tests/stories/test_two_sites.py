"""The story of two sites: an office is added, both work while apart, one is wiped out and comes back, nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fsconsole.flow.settle import settle
from fsconsole.store.opening import open_store
from fsconsole.sync.backup import back_up, put_back
from fsconsole.sync.proof import prove
from fsconsole.sync.status import summary
from tests.sync.made import Office, Workspace, digest


def cards(office: Office) -> list[tuple[object, ...]]:
    """The board as each site derives it for itself."""
    settle(office.store, office.clock.now())
    return office.store.sql("SELECT job, ref, title, client_name, column_, priority, value, words FROM job_now ORDER BY job")


def test_the_story_of_two_sites(tmp_path: Path) -> None:
    # London starts the workspace and logs a job; Leeds joins with the code and sees it at once.
    workspace = Workspace(tmp_path)
    ldn = workspace.first
    acme = ldn.put("client", None, ref="LDN-K1", name="Acme Foods")
    boiler = ldn.job("Boiler down", ref="LDN-1001", client=acme, priority=2, reported_at=workspace.clock.now())
    lds = workspace.joined("LDS")
    workspace.settle()
    assert lds.titles() == ["Boiler down"]
    assert cards(ldn) == cards(lds)
    assert summary(ldn.store, workspace.clock.now()).text == "in sync"

    # The line between them is cut. Both go on.
    away = tmp_path / "away"
    workspace.shared.rename(away)
    ldn.job("Boiler leaks", boiler)
    workspace.later(minutes=5)
    lds.job("Boiler bangs", boiler)
    lift = lds.job("Lift stuck", ref="LDS-1001", client=acme, reported_at=workspace.clock.now())
    lds.put("labour", None, job=lift, minutes=45)
    assert "Offline" in lds.sync().in_words()
    ldn.sync()
    assert summary(ldn.store, workspace.clock.now() + timedelta(minutes=2)).text == "offline 2m"

    # It is back: both show the same, and that both wrote the title unseen is one case at both.
    away.rename(workspace.shared)
    workspace.settle()
    assert digest(ldn.store) == digest(lds.store)
    assert cards(ldn) == cards(lds)
    said = [
        office.store.sql("SELECT key, reason, thing, waits_for FROM case_now WHERE says LIKE '%“Boiler leaks”%'")
        for office in (ldn, lds)
    ]
    assert said[0] == said[1] != []

    # London decides; the question is closed everywhere.
    ldn.job("Boiler leaks and bangs", boiler)
    workspace.settle()
    assert cards(ldn) == cards(lds)
    for office in (ldn, lds):
        assert office.store.sql("SELECT * FROM contested") == []

    # Leeds' machine dies after a backup. Restored, it takes back what it had published, and goes on in a new series.
    back_up(lds.store, lds.home, tmp_path / "lds.backup")
    lds.job("Between backup and crash", ref="LDS-1002")
    workspace.settle()
    lds.store.close()
    lds.home.store.unlink()
    put_back(lds.home, tmp_path / "lds.backup", workspace.clock.now())
    lds.store = open_store(lds.home.store)
    lds.job("After the crash", ref="LDS-1003")
    workspace.settle()
    assert digest(ldn.store) == digest(lds.store)
    assert "Between backup and crash" in lds.titles()
    assert cards(ldn) == cards(lds)
    assert prove(ldn.store, ldn.home).good
    assert prove(lds.store, lds.home).good
    workspace.close()

"""Two real Syncthing daemons on loopback between two sites: edits on both sides, a kill, a time offline, a conflict copy,
a file deleted by the peer. In the end both are equal, and each proves its store.

Needs Debian's package ``syncthing``; it is skipped, saying so, where that is absent. ``pytest -m syncthing`` runs it alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
import xml.etree.ElementTree as xml
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsconsole.places import Home
from fsconsole.settings import read_settings, write_settings
from fsconsole.store.opening import open_store
from fsconsole.sync.founding import join
from fsconsole.sync.proof import prove
from tests.sync.made import Office, Workspace, digest, files
from tests.sync.test_killing import run_and_kill

pytestmark = [
    pytest.mark.syncthing,
    pytest.mark.skipif(shutil.which("syncthing") is None, reason="needs Debian's package syncthing (apt-get install syncthing)"),
]
PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Daemon:
    """One Syncthing that knows one peer and shares one folder; loopback only, no discovery, no relays."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder = home, folder
        self.port, self.gui = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        subprocess.run(["syncthing", "generate", "--home", str(home)], check=True, capture_output=True, env=self._env())
        self.id = subprocess.run(
            ["syncthing", "--home", str(home), "--device-id"], check=True, capture_output=True, text=True, env=self._env()
        ).stdout.strip()

    def _env(self) -> dict[str, str]:
        # Without its monitor it is one process, which can be killed.
        return {**os.environ, "HOME": str(self.home), "STMONITORED": "yes", "STNODEFAULTFOLDER": "1", "STNOUPGRADE": "1"}

    def configure(self, peer: Daemon) -> None:
        path = self.home / "config.xml"
        tree = xml.parse(path)
        root = tree.getroot()
        for old in [*root.findall("folder"), *root.findall("device")]:
            root.remove(old)
        shared = xml.SubElement(
            root, "folder", id="ws", path=str(self.folder), type="sendreceive", rescanIntervalS="2", fsWatcherEnabled="true",
            fsWatcherDelayS="1", ignorePerms="true",
        )  # fmt: skip
        for device, port in ((self.id, self.port), (peer.id, peer.port)):
            xml.SubElement(shared, "device", id=device)
            known = xml.SubElement(root, "device", id=device, compression="never")
            xml.SubElement(known, "address").text = f"tcp://127.0.0.1:{port}"
        xml.SubElement(shared, "minDiskFree", unit="%").text = "0"
        xml.SubElement(shared, "maxConflicts").text = "10"
        options = root.find("options")
        gui = root.find("gui")
        assert options is not None
        assert gui is not None
        for name, value in {
            "listenAddress": f"tcp://127.0.0.1:{self.port}", "globalAnnounceEnabled": "false", "localAnnounceEnabled": "false",
            "relaysEnabled": "false", "natEnabled": "false", "urAccepted": "-1", "crashReportingEnabled": "false",
            "reconnectionIntervalS": "1", "startBrowser": "false", "autoUpgradeIntervalH": "0",
        }.items():  # fmt: skip
            for old in options.findall(name):
                options.remove(old)
            xml.SubElement(options, name).text = value
        for name, value in {"address": f"127.0.0.1:{self.gui}", "apikey": "loopback"}.items():
            found = gui.find(name)
            (found if found is not None else xml.SubElement(gui, name)).text = value
        tree.write(path)

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["syncthing", "serve", "--home", str(self.home), "--no-browser", "--no-restart"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self._env(),
        )  # fmt: skip

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None

    def scan(self) -> None:
        """Asks it to look at its folder now."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.gui}/rest/db/scan?folder=ws", method="POST", headers={"X-API-Key": "loopback"}
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError:
            return  # it looks by itself every two seconds


@pytest.fixture
def daemons(tmp_path: Path) -> Iterator[tuple[Daemon, Daemon]]:
    for name in ("here", "there"):
        (tmp_path / name / "shared").mkdir(parents=True)
    one = Daemon(tmp_path / "st-here", tmp_path / "here" / "shared")
    other = Daemon(tmp_path / "st-there", tmp_path / "there" / "shared")
    one.configure(other)
    other.configure(one)
    one.start()
    other.start()
    yield one, other
    one.stop(signal.SIGKILL)
    other.stop(signal.SIGKILL)


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what} did not happen within {PATIENCE:.0f} s"
        time.sleep(0.25)


def test_two_sites_over_real_syncthing_end_equal_and_proved(tmp_path: Path, daemons: tuple[Daemon, Daemon]) -> None:
    here, there = daemons
    (tmp_path / "work").mkdir()
    workspace = Workspace(tmp_path / "work")
    ldn = workspace.first
    # The first office's folder is the one that the daemon carries.
    shutil.copytree(workspace.shared, here.folder, dirs_exist_ok=True)
    settings, _ = read_settings(ldn.home.settings)
    settings.shared = str(here.folder)
    write_settings(ldn.home.settings, settings)
    code = workspace.invited("LDS")
    until(lambda: bool(files(there.folder, ".fsi")) and (there.folder / "fsconsole.ws").exists(), "the invitation's arrival")
    until(lambda: len(files(there.folder / "m")) == len(files(here.folder / "m")), "the arrival of the membership log")
    home = Home(tmp_path / "LDS", tmp_path / "LDS")
    store = join(
        home,
        shared=there.folder,
        code=code,
        now=workspace.clock.now(),
        ids=workspace.ids,
        by="bob",
        draw=workspace.random.randbytes,
    )
    lds = Office(home, store, workspace.clock, workspace.ids, workspace.random.randbytes)
    workspace.offices.append(lds)

    def both_equal() -> bool:
        for office in (ldn, lds):
            office.sync()
        for daemon in daemons:
            daemon.scan()
        return digest(ldn.store) == digest(lds.store)

    # Edits on both sides at once, one field of one job among them.
    job = ldn.job("Boiler down")
    until(both_equal, "the first exchange")
    for number in range(10):
        ldn.job(f"Here {number}", job if number == 5 else None)
        lds.job(f"There {number}", job if number == 5 else None)
        (ldn, lds)[number % 2].sync()
    until(both_equal, "equality after edits on both sides")

    # One daemon is offline meanwhile, one site is killed while it saves and publishes.
    there.stop()
    lds.store.close()
    confirmed = run_and_kill(home.data, 3, 0.4)
    lds.store = open_store(home.store)
    ldn.job("While the other is offline")
    ldn.sync()
    there.start()
    from fsconsole.clock import Clock

    ldn.clock = lds.clock = Clock()  # type: ignore[assignment]
    until(both_equal, "equality after a kill and a time offline")
    assert confirmed
    assert confirmed <= {row[0].hex() for row in ldn.store.sql("SELECT id FROM job")}

    # A conflict copy: one name, written differently on both sides while they do not see each other.
    there.stop(signal.SIGKILL)
    victim = files(here.folder / "s" / "0001", ".fsl")[-1]
    copy = there.folder / victim.relative_to(here.folder)
    victim.write_bytes(victim.read_bytes()[:-20])
    copy.write_bytes(b"written otherwise")
    ldn.job("After the conflict")
    here.scan()
    there.start()
    until(
        lambda: bool([path for path in files(here.folder) + files(there.folder) if "sync-conflict" in path.name]),
        "a conflict copy",
    )
    until(both_equal, "equality beside a conflict copy")

    # The peer deletes what is ours; Syncthing carries that on, and it is put back.
    mine = files(there.folder / "s" / "0001", ".fsl")
    assert mine
    for path in mine:
        path.unlink()
    there.scan()
    until(
        lambda: not [path for path in mine if (here.folder / path.relative_to(there.folder)).exists()], "the deletion's way here"
    )
    ldn.job("After the deletion")
    ldn.sync()
    until(both_equal, "equality after a deletion by the peer")
    until(lambda: bool(files(there.folder / "s" / "0001", ".fsl")), "the return of what was deleted")

    assert "After the deletion" in lds.titles()
    assert {*ldn.titles()} >= {"After the conflict", "While the other is offline"}
    for office in (ldn, lds):
        proof = prove(office.store, office.home)
        assert proof.good, proof.in_words()
    workspace.close()
